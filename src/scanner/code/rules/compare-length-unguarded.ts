import { bad, good } from './examples/compare-length-unguarded.ts'
import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const compareLengthUnguarded = defineRule({
  id: 'compare-length-unguarded',
  control: 'constant-time-compare',
  title: 'The constant-time comparison raises on input the sender chooses',
  severity: 'low',
  confidence: 'high',
  cwe: [703, 754],
  owasp: ['API8'],
  styles: ['webhook'],
  why: 'A signature of another length, or none at all, makes the function raise. The request ends in a 500 that fills the error log, and some providers switch off an endpoint that answers so.',
  looksAt:
    'What is given to `timingSafeEqual` without a comparison of lengths before it, and to `compare_digest` when the header may be absent; outside of a `try` that refuses.',
  fix: {
    any: 'Compare the lengths first and refuse; treat a missing header as a refusal.',
    express: '`sent.length === expected.length && timingSafeEqual(sent, expected)`.',
    flask: "`request.headers.get('X-Signature', '')`.",
    fastapi: 'Declare the header without a default, or refuse `None`.',
  },
  limits: 'That `compare_digest` also raises on text outside ASCII fails closed and is not reported.',
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
  bad,
  good,
})
