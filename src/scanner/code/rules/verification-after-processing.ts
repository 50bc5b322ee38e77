import type { OriginKind } from '../flow/facts.ts'
import { bad, good } from './examples/verification-after-processing.ts'
import { effectsOf, isAuthenticated, isUnasked, provesSender } from './questions.ts'
import { defineRule } from './rule.ts'

export const verificationAfterProcessing = defineRule({
  id: 'verification-after-processing',
  control: 'verify-before-effect',
  title: 'Something happens before the sender is verified',
  severity: 'high',
  confidence: 'high',
  cwe: [696, 345],
  owasp: ['API2', 'API10'],
  styles: ['webhook'],
  why: 'What runs before the check runs for everybody. A forged request is answered with 401, after it has had its effect.',
  looksAt:
    'The order on each way through the handler, its hooks and middleware: an effect that is reached while the sender has not been asked, with a check that comes only later.',
  fix: {
    any: 'Verify first. Nothing but reading the body and the headers stands before it.',
    flask: 'Use `before_request`, not `after_request`, and verify above the first write.',
    fastapi: 'Verify in a dependency; add background tasks only after it.',
    express: 'Put the verifying middleware in front of the handler.',
    fastify: 'Verify in `preHandler` or earlier; `onResponse` and `onSend` come too late.',
    nestjs: 'A guard runs before the handler; the part of an interceptor after `next.handle()` runs after it.',
    django: 'Verify at the top of the view or in a decorator, not in `process_response`.',
    rails: '`before_action`, not `after_action`.',
  },
  limits: 'Logging, metrics and keeping a copy of the raw event are no effects.',
  when: ({ facts }) => {
    const early = effectsOf(facts).filter(
      ({ kind, uses, reaches, checkedAfter, asks }) =>
        // Whatever it is asked for, such as the client that then verifies.
        asks !== true &&
        // Of a call out of sight that is given nothing of the request nobody knows that it acts on it.
        (kind !== 'opaque' || uses.some(({ kind: from }) => OF_REQUEST.has(from))) &&
        checkedAfter.some(provesSender) &&
        reaches.some((reach) => isUnasked(reach) && !isAuthenticated(reach)),
    )
    return early.slice(0, 1).map(({ at, name, checkedAfter }) => ({
      at,
      message: `${name} runs before ${checkedAfter[0]?.name ?? 'the verification'} has said who sent this.`,
      trace: checkedAfter.slice(0, 1).map((check) => ({ ...check.at, message: 'The sender is verified only here.' })),
    }))
  },
  bad,
  good,
})

const OF_REQUEST: ReadonlySet<OriginKind> = new Set([
  'parsed-body',
  'raw-body',
  'reserialised',
  'query',
  'path',
  'stored',
])
