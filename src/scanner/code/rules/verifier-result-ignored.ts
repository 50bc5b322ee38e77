import type { Check, Effect, Place, Reach } from '../flow/facts.ts'
import { bad, good } from './examples/verifier-result-ignored.ts'
import { effectsOf, isAuthenticated, oncePerPlace, provesSender } from './questions.ts'
import type { Suspicion } from './rule.ts'
import { defineRule } from './rule.ts'

export const verifierResultIgnored = defineRule({
  id: 'verifier-result-ignored',
  control: 'sender-authentication',
  title: 'The signature is checked and the answer does not decide',
  severity: 'critical',
  confidence: 'high',
  cwe: [252, 347],
  owasp: ['API2', 'API10'],
  styles: ['webhook'],
  why: 'A verifier runs, so tests and reviewers see that verification is there. But its answer is dropped, only logged, swallowed in an `except` or never awaited, and every forged request gets through.',
  looksAt:
    'What happens when the check says no: whether an effect can still be reached, whether an exception ends the request, whether a promise is awaited, whether a computed signature is compared with anything.',
  fix: {
    any: 'Return or raise when the check fails, before any effect. Await a verifier that is a promise.',
    express: '`return res.sendStatus(401)`: without the `return` the handler goes on.',
    fastify: '`return reply.code(401).send()` in the hook or handler.',
    koa: '`ctx.throw(401)`, and call `next()` only after the check has passed.',
    nestjs: 'Return `false` from `canActivate`, or throw `UnauthorizedException`.',
    flask: '`abort(401)`, or return a response from the `before_request` hook.',
    fastapi: '`raise HTTPException(401)`; a dependency that returns `False` stops nobody.',
    django: '`return HttpResponse(status=401)`.',
    go: '`http.Error(w, …, http.StatusUnauthorized)` and then `return`.',
    rails: '`head :unauthorized` in a `before_action` ends the chain; `return` after it in the action.',
  },
  limits: 'A helper that cannot be followed and is called as a statement is believed to raise.',
  when: ({ facts }) => {
    const suspicions: Suspicion[] = []
    const effects = effectsOf(facts)
    const isAnswered = effects.some(({ reaches }) => reaches.some(isAuthenticated))
    for (const effect of effects) {
      if (isAnswered && isReaction(effect, effects)) continue
      for (const reach of effect.reaches) {
        if (isAuthenticated(reach) || (isElsewhere(reach) && (isAnswered || !isAsked(reach)))) continue
        const failed = reach.failed.find(provesSender)
        if (failed !== undefined) suspicions.push(goesOn(failed, reach, effect))
        const dropped = failed === undefined ? reach.untested.find(mustBeAsked) : undefined
        if (dropped !== undefined)
          suspicions.push({
            at: dropped.droppedAt ?? answeredAt(dropped, effect),
            message: `The result of ${dropped.name} is not used, so ${effect.name} runs either way.`,
          })
      }
    }
    const compared = facts.checks.some(provesSender)
    const digest = facts.digests.find((one) => one.keyed && one.input.some(({ kind }) => BODY.has(kind)))
    if (
      suspicions.length === 0 &&
      !compared &&
      digest !== undefined &&
      effectsOf(facts).length > 0 &&
      facts.incomplete.length === 0
    )
      suspicions.push({ at: digest.at, message: 'The expected signature is computed here and compared with nothing.' })
    return oncePerPlace(suspicions)
  },
  bad,
  good,
})

/** A check was made on this way, whatever became of what it said. */
function isAsked({ failed, untested }: Reach): boolean {
  return failed.length > 0 || untested.some(mustBeAsked)
}

/** In another environment the answer does not count: that is a fault of its own. */
function isElsewhere({ assumptions }: Reach): boolean {
  return assumptions.some(({ kind }) => kind === 'environment')
}

/** What happens only to requests that were refused, such as an alert; that they were refused is not ignored there. */
function isReaction({ reaches }: Effect, effects: readonly Effect[]): boolean {
  if (reaches.length === 0) return false
  if (reaches.every(({ failed, passed }) => failed.some(provesSender) && !passed.some(provesSender))) return true
  // Of several checks the last says no here, and what is done otherwise stands behind its yes.
  const decisive = reaches.flatMap(({ failed }) => failed.filter(provesSender))
  return decisive.some(
    (check) =>
      reaches.every(({ passed }) => !passed.includes(check)) &&
      effects.some((other) => other.reaches.some(({ passed }) => passed.includes(check))),
  )
}

const BODY: ReadonlySet<string> = new Set(['raw-body', 'parsed-body', 'reserialised'])

function goesOn(check: Check, reach: Reach, effect: Effect): Suspicion {
  const swallowed = reach.assumptions.find((one) => one.kind === 'exception-swallowed')
  return swallowed === undefined
    ? { at: answeredAt(check, effect), message: `When ${check.name} says no, the code goes on to ${effect.name}.` }
    : {
        at: check.at,
        message: `The refusal of ${check.name} is caught and the code goes on to ${effect.name}.`,
        trace: [{ ...swallowed.at, message: 'The exception ends here.' }],
      }
}

/** Where the code that has the effect is told the answer: at the check, or where it calls what checks. */
function answeredAt(check: Check, effect: Effect): Place {
  const called = check.via.find((call, index) => {
    const same = effect.via[index]
    return call.answers && !(same?.file === call.file && same.line === call.line && same.column === call.column)
  })
  return called === undefined ? check.at : { file: called.file, line: called.line, column: called.column }
}

/** Checks that answer; of code that cannot be followed nobody knows whether it raises. */
function mustBeAsked(check: Check): boolean {
  return (check.kind === 'signature' || check.kind === 'token' || check.kind === 'verifier') && !check.throws
}
