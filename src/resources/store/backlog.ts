/** How much work waits in the order of the queue, at a price that does not grow with it. Held jobs wait for their destination. */
import type { JobKind } from '../../base/model/event.ts'
import type { Queryable } from './database.ts'

export interface JobBacklog {
  readonly kind: JobKind
  /** Due and not begun, counted up to 10,000. */
  readonly waiting: number
  readonly oldestSeconds: number
}

const COUNTED = 10_000

export async function readBacklog(db: Queryable, now: Date): Promise<readonly JobBacklog[]> {
  const { rows } = await db.query<JobBacklog>(
    `select k.kind, due.waiting::integer as waiting,
       coalesce(greatest(extract(epoch from $1::timestamptz - due.oldest), 0), 0)::float8 as "oldestSeconds"
     from unnest(array['process', 'deliver']) as k (kind)
     cross join lateral (
       select count(*) as waiting, min(run_at) as oldest from (
         select run_at from jobs where kind = k.kind and status = 'queued' and not held and run_at <= $1 order by run_at limit $2
       ) as counted
     ) as due`,
    [now, COUNTED],
  )
  return rows
}
