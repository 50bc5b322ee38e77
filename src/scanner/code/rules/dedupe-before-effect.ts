import type { DedupeClaim, Reach, SurfaceFacts } from '../flow/facts.ts'
import { bad, good } from './examples/dedupe-before-effect.ts'
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
  why: 'When the effect then fails, the provider’s retry is taken for a copy and dropped. The event is lost, and nobody notices.',
  looksAt: 'A claim of the event’s id that outlives a failure of the effect after it: in a cache, or committed before.',
  fix: {
    any: 'Claim in the transaction of the effect, or release the claim when the effect fails.',
    express: '`catch (error) { await redis.del(key); throw error }`.',
    flask: 'One `with db.begin():` around the claim and the effect.',
    django: '`transaction.atomic` around both.',
  },
  limits:
    'A claim that is deleted in the error path, expires within minutes or stands in the effect’s transaction is fine.',
  when: ({ facts }) => {
    if (facts.guards.includes('claim-released')) return []
    for (const effect of effectsOf(facts)) {
      if (effect.kind === 'enqueue') continue
      const claim = effect.reaches
        .flatMap((reach) => reach.claims.filter((one) => isMarked(one, reach)))
        .find((one) => one.at.line !== effect.at.line && !sharesTransaction(one, facts))
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
  bad,
  good,
})

/** What the event is about was done before the commit; what follows, such as a receipt, comes after it on purpose. */
function sharesTransaction(claim: DedupeClaim, facts: SurfaceFacts): boolean {
  if (claim.kind !== 'insert' && claim.kind !== 'upsert') return false
  return effectsOf(facts).some(
    ({ at, reaches }) =>
      at.line !== claim.at.line &&
      reaches.some(({ claims, guards }) => claims.includes(claim) && !guards.includes('committed')),
  )
}

/** Outside of the effect's transaction: in a cache, or committed. */
function isMarked({ kind }: DedupeClaim, { guards }: Reach): boolean {
  return (
    kind === 'atomic' || kind === 'store' || ((kind === 'insert' || kind === 'upsert') && guards.includes('committed'))
  )
}
