import type { Effect, Reach } from '../flow/facts.ts'
import { isCostlyJob } from '../knowledge/effects.ts'
import { bad, good } from './examples/missing-replay-protection.ts'
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
  why: 'Providers deliver at least once, and an attacker as often as he likes within the window. Money is credited twice, mail is sent twice.',
  looksAt:
    'Effects that add up (increments, plain inserts, charges, mail) and whether, on the way to them, the event’s id was claimed where other processes see it.',
  fix: {
    any: 'Claim the event’s signed id in one atomic step, in the transaction of its effect; or make the effect one that sets a state.',
    express: 'A unique key on the event’s id and `insert … on conflict do nothing`, in the transaction of the effect.',
    flask: 'A unique constraint and the `IntegrityError` as the answer “seen already”.',
    django: '`get_or_create` on a unique field, inside `transaction.atomic`.',
    rails: 'A unique index and `insert_all` or `create_or_find_by`.',
    laravel: '`insertOrIgnore` on a unique column.',
    fastapi: '`insert(Event).on_conflict_do_nothing()` and look at `rowcount`.',
    go: '`insert … on conflict do nothing` and look at `RowsAffected`.',
    spring:
      'A unique constraint and `DataIntegrityViolationException` as the answer “seen already”, inside `@Transactional`.',
  },
  limits:
    'Setting a state by key, upserts, inserts that ignore conflicts and jobs that carry the event’s id are idempotent. Ids kept in one process’s memory are no protection. What cannot be followed, such as a queued job, is judged by its name; an insert with the sender’s own id is believed to have a unique key.',
  when: ({ facts }) => {
    const again = effectsOf(facts).find(
      (effect) =>
        !effect.repeatable &&
        effect.kind !== 'opaque' &&
        (effect.kind !== 'enqueue' || isCostlyJob(effect.name)) &&
        !isInbox(effect) &&
        isUnclaimed(effect),
    )
    const opaque = effectsOf(facts).find(
      (effect) => effect.kind === 'opaque' && isCostly(effect) && isUnclaimed(effect),
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
  bad,
  good,
})

/** Where one way has claimed the event, the other is that of an event without an id. */
function isUnclaimed({ reaches }: Effect): boolean {
  const verified = reaches.filter(isAuthenticated)
  return verified.length > 0 && !verified.some(isClaimed)
}

/** To look something up is to have asked only where the answer decides something. */
function isClaimed({ claims, guards }: Reach): boolean {
  if (guards.includes('state-tested')) return true
  return claims.some(({ kind }) => kind !== 'memory' && (kind !== 'lookup' || guards.includes('stored-tested')))
}

/** The whole delivery is kept for whoever works on it. */
function isInbox({ kind, name, uses }: Effect): boolean {
  return (
    kind === 'insert' &&
    /event|web_?hook|request|deliver|message|inbox|payload|notification/i.test(name) &&
    uses.some((origin) => origin.kind === 'raw-body' || (origin.kind === 'parsed-body' && origin.path === ''))
  )
}

function isCostly({ repeatable }: Effect): boolean {
  return !repeatable
}
