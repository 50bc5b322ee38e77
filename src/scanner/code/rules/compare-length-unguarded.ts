import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const compareLengthUnguarded = defineRule({
  id: 'compare-length-unguarded',
  control: 'constant-time-compare',
  title: 'The constant-time comparison fails on input the sender chooses',
  severity: 'low',
  confidence: 'high',
  cwe: [703, 754],
  owasp: ['API8'],
  styles: ['webhook'],
  why: 'A signature of another length, or none at all, makes the function raise: the request ends in a 500 that fills the error log and, with some providers, disables the endpoint.',
  fix: {
    any: 'Compare lengths first and refuse; treat a missing header as a refusal.',
  },
  limits:
    'Inside a try that refuses it is fine. That compare_digest also raises on text outside ASCII fails closed and is not reported.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.checks
        .filter(({ raisesOnOddInput }) => raisesOnOddInput !== undefined)
        .map(({ at, name, raisesOnOddInput }) => ({
          at,
          message:
            raisesOnOddInput === 'length'
              ? `${name} raises when the sent signature has another length.`
              : `${name} raises when no signature was sent.`,
        })),
    ),
})
