/**
 * Runs of removing: one at a time over all workers, each with a lease, so that another worker goes on where one died.
 */
import { newId, type Uuid } from '../../base/model/ids.ts'
import type { PrunedPart } from '../../base/model/retention.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'

export const PRUNE_RUN_STATUSES = ['queued', 'running', 'completed'] as const
export type PruneRunStatus = (typeof PRUNE_RUN_STATUSES)[number]

export interface PruneRun {
  readonly id: Uuid
  readonly requestedBy: string
  readonly reason: string | null
  readonly status: PruneRunStatus
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /** Days that were due and stay for the next run, because somebody was reading them. */
  readonly postponed: number
  /** What went of the tenant's that asks. */
  readonly removed: readonly { readonly kind: PrunedPart; readonly rows: number; readonly bytes: number }[]
}

/**
 * Queues the run of a day, once. Not while another one is under way: the next turn tries again. And not in the first day
 * of an installation, or after an upgrade to a release that removes: there is time to say what is to be kept.
 */
export async function scheduleRun(db: Queryable, day: string, now: Date): Promise<void> {
  await db.query(
    `insert into prune_runs (id, requested_by, scheduled_for, status, created_at) 
     select $1, 'schedule', $2, 'queued', $3 from retention_rules where $3::timestamptz >= since + interval '1 day'
     on conflict do nothing`,
    [newId(now.getTime()), day, now],
  )
}

/** @returns `undefined` while another run is under way. */
export async function requestRun(
  tx: Queryable,
  run: { readonly tenantId: Uuid; readonly requestedBy: string; readonly reason: string; readonly now: Date },
): Promise<Uuid | undefined> {
  const { rows } = await tx.query<{ id: Uuid }>(
    `insert into prune_runs (id, tenant_id, requested_by, reason, status, created_at) values ($1, $2, $3, $4, 'queued', $5)
     on conflict do nothing returning id`,
    [newId(run.now.getTime()), run.tenantId, run.requestedBy, run.reason, run.now],
  )
  return rows[0]?.id
}

export interface ClaimedRun {
  readonly id: Uuid
  readonly worker: Uuid
  /** The last step that was done. */
  readonly doneDay: string | null
  readonly donePart: PrunedPart | null
  /** The step that is known to go in batches. */
  readonly batchDay: string | null
  readonly batchPart: PrunedPart | null
}

/** The run that waits, or whose worker is gone. Leases run on the database's clock. */
export async function claimRun(
  db: Queryable,
  { worker, leaseMs, now }: { readonly worker: Uuid; readonly leaseMs: number; readonly now: Date },
): Promise<ClaimedRun | undefined> {
  const { rows } = await db.query<ClaimedRun>(
    `update prune_runs set status = 'running', worker = $1, lease_until = clock_timestamp() + $2 * interval '1 millisecond',
       started_at = coalesce(started_at, $3)
     where id = (select id from prune_runs where status <> 'completed' and (lease_until is null or lease_until < clock_timestamp())
       limit 1 for update skip locked)
     returning id, worker, to_char(done_day, 'YYYY-MM-DD') as "doneDay", done_part as "donePart",
       to_char(batch_day, 'YYYY-MM-DD') as "batchDay", batch_part as "batchPart"`,
    [worker, leaseMs, now],
  )
  return rows[0]
}

/**
 * Makes the claim last. In the transaction of every batch: who lost it removes nothing.
 *
 * @returns Whether it is still held.
 */
export async function renewRun(tx: Queryable, run: ClaimedRun, leaseMs: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update prune_runs set lease_until = clock_timestamp() + $3 * interval '1 millisecond'
     where id = $1 and worker = $2 and status = 'running'`,
    [run.id, run.worker, leaseMs],
  )
  return rowCount === 1
}

export async function noteStep(
  db: Queryable,
  run: ClaimedRun,
  step: { readonly day: string; readonly part: PrunedPart; readonly postponed: boolean },
): Promise<void> {
  await db.query(
    `update prune_runs set done_day = $3, done_part = $4, postponed = postponed + $5::integer
     where id = $1 and worker = $2 and status = 'running'`,
    [run.id, run.worker, step.day, step.part, step.postponed ? 1 : 0],
  )
}

export async function noteBatches(
  db: Queryable,
  run: ClaimedRun,
  { day, part }: { readonly day: string; readonly part: PrunedPart },
): Promise<void> {
  await db.query(
    "update prune_runs set batch_day = $3, batch_part = $4 where id = $1 and worker = $2 and status = 'running'",
    [run.id, run.worker, day, part],
  )
}

/** Lets go of a run that has not ended: whoever comes next goes on with it. */
export async function releaseRun(db: Queryable, run: ClaimedRun): Promise<void> {
  await db.query("update prune_runs set lease_until = null where id = $1 and worker = $2 and status = 'running'", [
    run.id,
    run.worker,
  ])
}

export async function finishRun(tx: Queryable, run: ClaimedRun, now: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update prune_runs set status = 'completed', finished_at = $3, lease_until = null
     where id = $1 and worker = $2 and status = 'running'`,
    [run.id, run.worker, now],
  )
  return rowCount === 1
}

export interface Removed {
  readonly tenantId: Uuid
  readonly kind: PrunedPart
  readonly rows: number
  readonly bytes: number
  /** Of events: dead letters and parked ones. */
  readonly neverDelivered: number
}

export async function addTotals(tx: Queryable, runId: Uuid, removed: readonly Removed[]): Promise<void> {
  await tx.query(
    `insert into prune_run_totals as t (run_id, tenant_id, kind, rows, bytes, never_delivered)
     select $1, tenant, kind, sum(rows), sum(bytes), sum(never_delivered)
     from unnest($2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) as r (tenant, kind, rows, bytes, never_delivered) group by tenant, kind
     on conflict (run_id, tenant_id, kind) do update set rows = t.rows + excluded.rows, bytes = t.bytes + excluded.bytes,
       never_delivered = t.never_delivered + excluded.never_delivered`,
    [
      runId,
      removed.map((each) => each.tenantId),
      removed.map((each) => each.kind),
      removed.map((each) => each.rows),
      removed.map((each) => each.bytes),
      removed.map((each) => each.neverDelivered),
    ],
  )
}

/** Newest first: those of the schedule and the tenant's own. */
export async function listRuns(db: Queryable, tenantId: Uuid, page: ListPage): Promise<readonly PruneRun[]> {
  const { rows } = await db.query<PruneRun>(
    `${SELECT} and ($2::uuid is null or r.id < $2) order by r.id desc offset $3 limit $4`,
    [tenantId, page.after?.[0] ?? null, page.offset, page.limit],
  )
  return rows
}

export async function findRun(db: Queryable, tenantId: Uuid, id: Uuid): Promise<PruneRun | undefined> {
  const { rows } = await db.query<PruneRun>(`${SELECT} and r.id = $2`, [tenantId, id])
  return rows[0]
}

const SELECT = `select r.id, r.requested_by as "requestedBy", r.reason, r.status, r.created_at as "createdAt",
    r.started_at as "startedAt", r.finished_at as "finishedAt", r.postponed,
    coalesce((select json_agg(json_build_object('kind', t.kind, 'rows', t.rows, 'bytes', t.bytes) order by t.kind)
      from prune_run_totals t where t.run_id = r.id and t.tenant_id = $1), '[]') as removed
  from prune_runs r where (r.tenant_id is null or r.tenant_id = $1)`
