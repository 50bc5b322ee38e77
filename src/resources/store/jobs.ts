/**
 * Jobs: claimed, renewed, given back, swept.
 *
 * A claim is a fencing token: every later write names the worker and the fence number of its claim, and writes
 * nothing once the job has been claimed again. Leases run on the database's clock, the one clock all workers share.
 */
import type { JobKind, JobTrigger } from '../../base/model/event.ts'
import type { Uuid } from '../../base/model/ids.ts'
import { isUniqueViolation, type Queryable } from './database.ts'
import { ALL_DAYS, type FamilyTables, onTables } from './day-tables.ts'

/** The lane of processing jobs; deliveries have their destination's id. */
export const PROCESSING_LANE = '00000000-0000-0000-0000-000000000000' as Uuid

/** What proves that a worker may still write about a job. */
export interface Claim {
  readonly eventId: Uuid
  readonly id: Uuid
  readonly worker: Uuid
  readonly fence: number
}

export interface ClaimedJob extends Claim {
  readonly tenantId: Uuid
  readonly kind: JobKind
  readonly lane: Uuid
  readonly triggeredBy: JobTrigger
  readonly replayId: Uuid | null
  /** Tries that ended and were recorded; claims that ended in nothing are `fence - attempts`. */
  readonly attempts: number
  /** The route that made a delivery, as it was then. */
  readonly routeId: Uuid | null
  readonly routeVersion: number | null
  /** To a shadow destination: one try, which nothing depends on. */
  readonly shadow: boolean
  /** Claimed lane by lane and not in the order of the queue. */
  readonly held: boolean
}

/** What is shared out: processing between tenants, deliveries between destinations. */
export function shareOf(job: Pick<ClaimedJob, 'kind' | 'tenantId' | 'lane'>): Uuid {
  return job.kind === 'process' ? job.tenantId : job.lane
}

/** The same in SQL, as the index `jobs_held` has it. */
export const SHARE = "(case when kind = 'process' then tenant_id else lane end)"

export interface ClaimRequest {
  readonly kind: JobKind
  readonly worker: Uuid
  readonly now: Date
  readonly leaseMs: number
  readonly limit: number
  /** Shares that have enough work under way already. */
  readonly exceptShares: readonly Uuid[]
  /** Where to look; everywhere unless said. */
  readonly tables?: FamilyTables
}

export const CLAIMED = `j.event_id as "eventId", j.id, j.worker, j.fence, j.tenant_id as "tenantId", j.kind, j.lane,
  j.triggered_by as "triggeredBy", j.replay_id as "replayId", j.attempts, j.route_id as "routeId",
  j.route_version as "routeVersion", j.shadow, j.held`

/** How long a job waits when another job of its event and lane is still running. */
const LANE_TAKEN_DELAY = `interval '1 second'`

/**
 * Takes due jobs that are not held, oldest first; no two callers get the same one. With `exceptShares`, from each of the
 * others in turn: what those shares have waiting may be any number, and is not read past.
 *
 * Two jobs of one event in one lane cannot both run (`jobs_one_at_a_time`). A batch that meets such a pair is
 * refused as a whole, so it is then claimed one by one, and the later of the pair waits.
 */
export function claimJobs(db: Queryable, request: ClaimRequest): Promise<readonly ClaimedJob[]> {
  const { kind, now, exceptShares, limit, tables = ALL_DAYS } = request
  return onTables(tables, ({ jobs }) =>
    exceptShares.length > 0
      ? claimDue(db, request, { text: dueOfOthers(jobs), values: [kind, now, exceptShares, limit] }, jobs)
      : claimDue(db, request, { text: due(jobs), values: [kind, now, limit] }, jobs),
  )
}

const due = (jobs: string) => `select event_id, id from ${jobs}
  where status = 'queued' and not held and kind = $1 and run_at <= $2 order by run_at limit $3`

// The walk costs one step of an index for each share that has jobs. Who comes first is left to chance: any fixed order
// would starve those at its end when there are more shares than places.
const dueOfOthers = (jobs: string) => `with recursive walk as (
    (select ${SHARE} as share, run_at from ${jobs} where status = 'queued' and not held and kind = $1 order by 1, 2 limit 1)
    union all
    select n.share, n.run_at from walk w cross join lateral (
      select ${SHARE} as share, run_at from ${jobs}
      where status = 'queued' and not held and kind = $1 and ${SHARE} > w.share order by 1, 2 limit 1
    ) n
  ), others as materialized (
    select share from walk where run_at <= $2 and share <> all ($3::uuid[]) order by random() limit $4
  )
  select j.event_id, j.id from others o cross join lateral (
    select event_id, id from ${jobs}
    where status = 'queued' and not held and kind = $1 and ${SHARE} = o.share and run_at <= $2
    order by run_at limit (select greatest(1, $4::bigint / count(*)) from others)
  ) j`

/** Which jobs to claim: a selection of event_id and id, without its locks. */
export interface Due {
  readonly text: string
  readonly values: readonly unknown[]
}

/** The write that every claim is. @param jobs The table that `due` reads. */
export async function claimDue(
  db: Queryable,
  { worker, now, leaseMs }: Pick<ClaimRequest, 'worker' | 'now' | 'leaseMs'>,
  due: Due,
  jobs = ALL_DAYS.jobs,
): Promise<readonly ClaimedJob[]> {
  const at = due.values.length + 1
  const claimed = { worker, now, leaseMs }
  try {
    const { rows } = await db.query<ClaimedJob>(
      `with due as (${due.text} for update skip locked)
       update ${jobs} j set status = 'running', fence = j.fence + 1, worker = $${at}, started_at = $${at + 1},
         lease_until = clock_timestamp() + $${at + 2} * interval '1 millisecond'
       from due where j.event_id = due.event_id and j.id = due.id
       returning ${CLAIMED}`,
      [...due.values, worker, now, leaseMs],
    )
    return rows
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    return claimOneByOne(db, claimed, due)
  }
}

async function claimOneByOne(
  db: Queryable,
  { worker, now, leaseMs }: Pick<ClaimRequest, 'worker' | 'now' | 'leaseMs'>,
  due: Due,
): Promise<readonly ClaimedJob[]> {
  const { rows: found } = await db.query<{ event_id: Uuid; id: Uuid }>(due.text, due.values)
  const claimed: ClaimedJob[] = []
  for (const { event_id, id } of found) {
    try {
      const { rows } = await db.query<ClaimedJob>(
        `update jobs j set status = 'running', fence = j.fence + 1, worker = $3, started_at = $4,
           lease_until = clock_timestamp() + $5 * interval '1 millisecond'
         where event_id = $1 and id = $2 and status = 'queued' returning ${CLAIMED}`,
        [event_id, id, worker, now, leaseMs],
      )
      claimed.push(...rows)
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      await db.query(
        `update jobs set run_at = $3::timestamptz + ${LANE_TAKEN_DELAY} where event_id = $1 and id = $2 and status = 'queued'`,
        [event_id, id, now],
      )
    }
  }
  return claimed
}

/**
 * Extends the leases that are still held and answers which those are.
 *
 * Rows that are being written at this moment are skipped: waiting for them, in another order than their writer
 * takes them, could deadlock. Their lease has two thirds of its time left.
 */
export async function renewLeases(
  db: Queryable,
  claims: readonly Claim[],
  leaseMs: number,
): Promise<ReadonlySet<Uuid>> {
  const { rows } = await db.query<{ id: Uuid }>(
    `with held as (
       select j.event_id, j.id from jobs j
       join unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[]) as c (event_id, id, worker, fence)
         on j.event_id = c.event_id and j.id = c.id and j.worker = c.worker and j.fence = c.fence
       where j.status = 'running'
       for update of j skip locked
     )
     update jobs j set lease_until = clock_timestamp() + $5 * interval '1 millisecond'
     from held where j.event_id = held.event_id and j.id = held.id
     returning j.id`,
    [...columns(claims), leaseMs],
  )
  return new Set(rows.map((row) => row.id))
}

/**
 * Gives back what was claimed but not begun, as if it had never been claimed. Only for a worker that claims no more.
 *
 * The fence number goes back too, so that orderly restarts do not add up to "poison". No write can carry it: the
 * holder began nothing, and the next claim of the same number has another worker's id.
 */
export async function releaseJobs(db: Queryable, claims: readonly Claim[]): Promise<void> {
  await db.query(
    `update jobs j set status = 'queued', fence = j.fence - 1, worker = null, lease_until = null
     from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[]) as c (event_id, id, worker, fence)
     where j.event_id = c.event_id and j.id = c.id and j.worker = c.worker and j.fence = c.fence and j.status = 'running'`,
    columns(claims),
  )
}

/**
 * Gives back what a worker claimed without hearing of it, because the connection broke before the answer.
 *
 * @param options.held The jobs it does know of. @param options.before Claims sent later are not looked at.
 * @returns How many.
 */
export async function releaseUnheld(
  db: Queryable,
  options: { readonly kind: JobKind; readonly worker: Uuid; readonly held: readonly Uuid[]; readonly before: Date },
): Promise<number> {
  const { rowCount } = await db.query(
    `update jobs set status = 'queued', fence = fence - 1, worker = null, lease_until = null
     where status = 'running' and kind = $1 and worker = $2 and id <> all ($3::uuid[]) and started_at <= $4`,
    [options.kind, options.worker, options.held, options.before],
  )
  return rowCount ?? 0
}

export interface Requeue {
  readonly runAt: Date
  /** Why, without secrets. */
  readonly error: string
  /** Whether the claim counts towards the poison limit: not when the database was away, which says nothing of the event. */
  readonly counts: boolean
}

/** Puts jobs back whose handler failed. It has ended: nothing of it will write under this claim again. */
export async function requeueJobs(
  db: Queryable,
  claims: readonly Claim[],
  { runAt, error, counts }: Requeue,
): Promise<void> {
  await db.query(
    `update jobs j set status = 'queued', run_at = $5, worker = null, lease_until = null, last_error = $6, fence = j.fence - $7
     from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[]) as c (event_id, id, worker, fence)
     where j.event_id = c.event_id and j.id = c.id and j.worker = c.worker and j.fence = c.fence and j.status = 'running'`,
    [...columns(claims), runAt, error, counts ? 0 : 1],
  )
}

/**
 * Gives claims back that must wait for their lane: its destination is paused, or its circuit is open. As if they had
 * never been claimed, and from now on claimed lane by lane.
 */
export async function holdJobs(db: Queryable, claims: readonly Claim[]): Promise<void> {
  await db.query(
    `update jobs j set status = 'queued', fence = j.fence - 1, worker = null, lease_until = null, held = true
     from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[]) as c (event_id, id, worker, fence)
     where j.event_id = c.event_id and j.id = c.id and j.worker = c.worker and j.fence = c.fence and j.status = 'running'`,
    columns(claims),
  )
}

/** Puts back the jobs of workers that died or lost the database for longer than a lease. @returns How many. */
export async function sweepLeases(db: Queryable, now: Date, limit: number): Promise<number> {
  const { rowCount } = await db.query(
    `with dead as (
       select event_id, id from jobs where status = 'running' and lease_until < clock_timestamp()
       order by lease_until limit $2
       for update skip locked
     )
     update jobs j set status = 'queued', run_at = $1, worker = null, lease_until = null, last_error = 'lease_expired'
     from dead where j.event_id = dead.event_id and j.id = dead.id`,
    [now, limit],
  )
  return rowCount ?? 0
}

/** Claims as parallel arrays for `unnest`: event, job, worker, fence. */
export function columns(claims: readonly Claim[]): readonly [Uuid[], Uuid[], Uuid[], number[]] {
  return [
    claims.map((claim) => claim.eventId),
    claims.map((claim) => claim.id),
    claims.map((claim) => claim.worker),
    claims.map((claim) => claim.fence),
  ]
}
