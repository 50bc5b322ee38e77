import type { DedupeClaim, Reach } from '../flow/facts.ts'
import { effectsOf } from './questions.ts'
import { defineRule } from './rule.ts'

export const dedupeBeforeEffect = defineRule({
  id: 'dedupe-before-effect',
  control: 'retry-not-poisoned',
  title: 'The event is marked as seen before it was handled',
  severity: 'medium',
  confidence: 'medium',
  cwe: [696, 837],
  owasp: ['API6'],
  styles: ['webhook'],
  why: 'When the effect then fails, the provider’s retry is taken for a copy and dropped: the event is lost.',
  fix: {
    any: 'Claim in the transaction of the effect, or release the claim when it fails.',
  },
  limits:
    'A claim that is deleted in the error path, expires within minutes, or stands in the effect’s transaction is fine.',
  when: ({ facts }) => {
    if (facts.guards.includes('claim-released')) return []
    for (const effect of effectsOf(facts)) {
      if (effect.kind === 'enqueue') continue
      const claim = effect.reaches
        .flatMap((reach) => reach.claims.filter((one) => isMarked(one, reach)))
        .find(({ at }) => at.line !== effect.at.line)
      if (claim !== undefined)
        return [
          {
            at: claim.at,
            message: `${claim.name} marks the event before ${effect.name} has run; when that fails, the retry is taken for a copy.`,
            trace: [{ ...effect.at, message: 'This may fail.' }],
          },
        ]
    }
    return []
  },
})

/** Outside of the effect's transaction: in a cache, or committed. */
function isMarked({ kind }: DedupeClaim, { guards }: Reach): boolean {
  return (
    kind === 'atomic' || kind === 'store' || ((kind === 'insert' || kind === 'upsert') && guards.includes('committed'))
  )
}
