import type { Check, Reach } from '../flow/facts.ts'
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
  why: 'A verifier that runs but whose result is dropped, logged or swallowed lets every forged request through, while tests and reviewers see that verification is there.',
  fix: {
    any: 'Return or raise on the failing branch, before any effect; await a verifier that is a promise.',
  },
  limits: 'A helper of unknown behaviour that is called as a statement is believed to raise.',
  when: ({ facts }) => {
    const suspicions: Suspicion[] = []
    for (const effect of effectsOf(facts)) {
      for (const reach of effect.reaches) {
        if (isAuthenticated(reach)) continue
        const failed = reach.failed.find(provesSender)
        if (failed !== undefined) suspicions.push(goesOn(failed, reach, effect.name))
        const dropped = failed === undefined ? reach.untested.find(mustBeAsked) : undefined
        if (dropped !== undefined)
          suspicions.push({
            at: dropped.droppedAt ?? dropped.at,
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
})

const BODY: ReadonlySet<string> = new Set(['raw-body', 'parsed-body', 'reserialised'])

function goesOn(check: Check, reach: Reach, effect: string): Suspicion {
  const swallowed = reach.assumptions.find((one) => one.kind === 'exception-swallowed')
  return swallowed === undefined
    ? { at: check.at, message: `When ${check.name} says no, the code goes on to ${effect}.` }
    : {
        at: check.at,
        message: `The refusal of ${check.name} is caught and the code goes on to ${effect}.`,
        trace: [{ ...swallowed.at, message: 'The exception ends here.' }],
      }
}

/** Checks that answer; of code that cannot be followed nobody knows whether it raises. */
function mustBeAsked(check: Check): boolean {
  return (check.kind === 'signature' || check.kind === 'token' || check.kind === 'verifier') && !check.throws
}
