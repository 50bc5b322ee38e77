/** What passes by, counted by minute: a rule reads a few rows however much that was. */
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'

export interface AttemptCount {
  readonly destinationId: Uuid
  readonly attempts: number
  readonly failures: number
}

/** Added to what others have counted in this minute. In one order, so that two who write do not lock each other out. */
export async function addAttemptCounts(db: Queryable, counts: readonly AttemptCount[], now: Date): Promise<void> {
  const sorted = [...counts].sort((a, b) => (a.destinationId < b.destinationId ? -1 : 1))
  await db.query(
    `insert into attempt_counts as c (destination_id, minute, attempts, failures)
     select t.id, date_trunc('minute', $4::timestamptz), t.attempts, t.failures
     from unnest($1::uuid[], $2::integer[], $3::integer[]) with ordinality as t (id, attempts, failures, place)
     join destinations d on d.id = t.id order by t.place
     on conflict (destination_id, minute) do update set attempts = c.attempts + excluded.attempts, failures = c.failures + excluded.failures`,
    [
      sorted.map((each) => each.destinationId),
      sorted.map((each) => each.attempts),
      sorted.map((each) => each.failures),
      now,
    ],
  )
}

export interface RefusalCount {
  readonly integrationId: Uuid
  readonly refused: number
  readonly untimely: number
}

export async function addRefusalCounts(db: Queryable, counts: readonly RefusalCount[], now: Date): Promise<void> {
  const sorted = [...counts].sort((a, b) => (a.integrationId < b.integrationId ? -1 : 1))
  await db.query(
    `insert into refusal_counts as c (integration_id, minute, refused, untimely)
     select t.id, date_trunc('minute', $4::timestamptz), t.refused, t.untimely
     from unnest($1::uuid[], $2::integer[], $3::integer[]) with ordinality as t (id, refused, untimely, place)
     join integrations i on i.id = t.id order by t.place
     on conflict (integration_id, minute) do update set refused = c.refused + excluded.refused, untimely = c.untimely + excluded.untimely`,
    [
      sorted.map((each) => each.integrationId),
      sorted.map((each) => each.refused),
      sorted.map((each) => each.untimely),
      now,
    ],
  )
}

export async function pruneCounts(db: Queryable, before: Date): Promise<void> {
  await db.query('delete from attempt_counts where minute < $1', [before])
  await db.query('delete from refusal_counts where minute < $1', [before])
}
