import type { Effect, SurfaceFacts } from '../flow/facts.ts'
import { bad, good } from './examples/missing-signature.ts'
import {
  couldBeElsewhere,
  effectsOf,
  handlerAt,
  isAuthenticated,
  isHandedOn,
  isUnasked,
  oncePerPlace,
  provesSender,
  senderChecks,
} from './questions.ts'
import { defineRule } from './rule.ts'

export const missingSignature = defineRule({
  id: 'missing-signature',
  control: 'sender-authentication',
  title: 'Nothing proves who sent the request',
  severity: 'critical',
  confidence: 'high',
  cwe: [306, 345],
  owasp: ['API2', 'API10'],
  styles: ['webhook'],
  why: 'The address of a receiver is no secret: it stands in dashboards, logs and repositories. Whoever learns it posts a made-up event, and the payment, deployment or status in it is taken as the provider’s word.',
  looksAt:
    'Every way from the route to an effect. On each of them a signature, a shared token, a provider’s verifier, a login, an unguessable part of the address or a second look at the provider must have said yes. A header that is only there, and an address allowlist, prove nothing.',
  fix: {
    any: 'Verify the provider’s signature over the raw body before anything is read from it, and answer 401 when it is wrong. `postern/verify` does it in one call.',
    express: 'Mount `webhook(verifier, handle)` of `postern/verify/express` on the route, before `express.json()`.',
    fastify: 'Verify in a `preHandler` of the route, in a scope whose content-type parser keeps the bytes.',
    koa: 'Put the verifying middleware before the body parser and the router.',
    hono: 'Verify in a middleware of the route, on `await c.req.raw.clone().arrayBuffer()`.',
    nestjs: 'Put a guard on the controller that verifies `request.rawBody`.',
    'next.js': 'Read `await request.text()` in the route handler and verify that before `JSON.parse`.',
    flask: 'Verify `request.get_data()` in a decorator or a `before_request` hook of the blueprint.',
    fastapi: 'Verify in a dependency of the router that reads `await request.body()`.',
    django: 'Verify `request.body` first in the view; `csrf_exempt` is right only with it.',
    go: 'Wrap the handler in one that reads the body, verifies it and passes it on.',
    rails: 'Verify `request.raw_post` in a `before_action`; skipping the authenticity token is right only with it.',
    laravel: 'Verify `$request->getContent()` in a middleware of the route.',
    spring: 'Take `@RequestBody byte[]` and verify it, or verify in a filter that caches the body.',
  },
  limits:
    'Silent where a guard or a handler could not be followed, and where bytes and headers are handed on unread: whoever receives them may verify. Endpoints that manage outbound subscriptions, start a checkout or show a job are no receivers.',
  when: ({ facts }) => {
    const effects = effectsOf(facts).filter((effect) => !isHandedOn(effect) && !mayCarrySignature(effect, facts))
    if (effects.length === 0) return []
    if (senderChecks(facts).length === 0) {
      if (couldBeElsewhere(facts) || facts.surface.tooLate !== undefined) return []
      return [
        {
          at: handlerAt(facts),
          message: `Nothing checks who sent this before ${nameOf(effects[0])} runs.`,
          trace: effects.slice(0, 3).map(({ at, name }) => ({ ...at, message: `${name} acts on the request.` })),
        },
      ]
    }
    return oncePerPlace(
      effects
        .filter((effect) => effect.checkedAfter.length === 0)
        .filter(({ reaches }) => reaches.some((reach) => isUnasked(reach) && reach.assumptions.length === 0))
        // Where a check that said no does not stop the code, the way without it is the same fault.
        .filter(({ reaches }) => !reaches.some((reach) => !isAuthenticated(reach) && reach.failed.some(provesSender)))
        .map((effect) => ({
          at: effect.at,
          message: `A way leads to ${nameOf(effect)} on which the sender is never checked.`,
        })),
    ).slice(0, 1)
  },
  bad,
  good,
})

/** Of providers that sign within the body; who is handed it and is not in sight may verify. */
function mayCarrySignature({ kind, opaque, name, uses }: Effect, { surface }: SurfaceFacts): boolean {
  return (
    kind === 'opaque' &&
    (opaque === 'imported' || opaque === 'member') &&
    uses.some((origin) => origin.kind === 'parsed-body') &&
    SIGNS_IN_BODY.test(`${surface.path ?? ''} ${surface.name} ${name}`)
  )
}
const SIGNS_IN_BODY =
  /adyen|midtrans|payfast|redsys|liqpay|wayforpay|alipay|wechat_?pay|robokassa|payu(?![a-z])|momo|vnpay|zalopay|mailgun|(?:^|[^a-z])sns(?:[^a-z]|$)/i

function nameOf(effect: Effect | undefined): string {
  return effect?.name === undefined || effect.name === '' ? 'the effect' : effect.name
}
