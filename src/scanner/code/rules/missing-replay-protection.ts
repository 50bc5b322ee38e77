import type { Effect, Reach } from '../flow/facts.ts'
import { effectsOf, isAuthenticated } from './questions.ts'
import { defineRule } from './rule.ts'

export const missingReplayProtection = defineRule({
  id: 'missing-replay-protection',
  control: 'replay-cache',
  title: 'A repeated delivery has its effect again',
  severity: 'medium',
  confidence: 'medium',
  cwe: [294, 837],
  owasp: ['API6', 'API10'],
  styles: ['webhook'],
  why: 'Providers deliver at least once, and attackers as often as they like within the window. Money is credited twice, mail sent twice.',
  fix: {
    any: 'Claim the event’s signed id atomically (unique key, SET NX) in the transaction of its effect.',
  },
  limits:
    'Setting a state by key, upserts, inserts that ignore conflicts and jobs that carry the event’s id are idempotent. Ids kept in one process’s memory are not protection.',
  when: ({ facts }) => {
    const again = effectsOf(facts).find(
      (effect) =>
        !effect.repeatable &&
        effect.kind !== 'opaque' &&
        effect.reaches.some((reach) => isAuthenticated(reach) && !isClaimed(reach)),
    )
    const opaque = effectsOf(facts).find(
      (effect) =>
        effect.kind === 'opaque' &&
        isCostly(effect) &&
        effect.reaches.some((reach) => isAuthenticated(reach) && !isClaimed(reach)),
    )
    const effect = again ?? opaque
    return effect === undefined
      ? []
      : [
          {
            at: effect.at,
            message: `The same delivery sent twice runs ${effect.name} twice: nothing remembers the event’s id.`,
          },
        ]
  },
})

function isClaimed({ claims }: Reach): boolean {
  return claims.some(({ kind }) => kind !== 'memory')
}

function isCostly({ repeatable }: Effect): boolean {
  return !repeatable
}
