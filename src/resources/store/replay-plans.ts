/**
 * Replay plans: stored as what they select, confirmed, run in steps under a lock, cancelled.
 */

import type { Uuid } from '../../base/model/ids.ts'
import type { ReplayPlan, ReplayPlanStatus, ReplaySelection } from '../../base/model/replay-plan.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'
import { PURGED_AT } from './purged-payload.ts'

export interface NewReplayPlan
  extends Pick<
    ReplayPlan,
    | 'id'
    | 'tenantId'
    | 'requestedBy'
    | 'note'
    | 'reason'
    | 'selection'
    | 'destinationId'
    | 'ratePerMinute'
    | 'planned'
    | 'createdAt'
    | 'expiresAt'
  > {
  readonly requestKey: string | null
  readonly requestDigest: Buffer | null
  readonly firstId: Uuid
  readonly lastId: Uuid
}

/** @throws The unique violation of `replay_plans_once` when the key was used before. */
export async function insertReplayPlan(tx: Queryable, plan: NewReplayPlan): Promise<ReplayPlan> {
  const { rows } = await tx.query<ReplayPlan>(
    `insert into replay_plans (id, tenant_id, requested_by, note, reason, request_key, request_digest, selection, destination_id,
       rate_per_minute, status, planned, first_id, last_id, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'planned', $11, $12, $13, $14, $15) returning ${COLUMNS}`,
    [
      plan.id,
      plan.tenantId,
      plan.requestedBy,
      plan.note,
      plan.reason,
      plan.requestKey,
      plan.requestDigest,
      plan.selection,
      plan.destinationId,
      plan.ratePerMinute,
      plan.planned,
      plan.firstId,
      plan.lastId,
      plan.createdAt,
      plan.expiresAt,
    ],
  )
  return one(rows)
}

/** The plan that was asked for under this key, with the digest of that request. */
export async function findPlanByKey(
  db: Queryable,
  tenantId: Uuid,
  requestKey: string,
): Promise<(ReplayPlan & { readonly digest: Buffer | null }) | undefined> {
  const { rows } = await db.query<ReplayPlan & { readonly digest: Buffer | null }>(
    `select ${COLUMNS}, request_digest as digest from replay_plans where tenant_id = $1 and request_key = $2`,
    [tenantId, requestKey],
  )
  return rows[0]
}

export async function findReplayPlan(db: Queryable, tenantId: Uuid, id: Uuid): Promise<ReplayPlan | undefined> {
  const { rows } = await db.query<ReplayPlan>(`select ${COLUMNS} from replay_plans where tenant_id = $1 and id = $2`, [
    tenantId,
    id,
  ])
  return rows[0]
}

/** Newest first. */
export async function listReplayPlans(
  db: Queryable,
  tenantId: Uuid,
  filter: { readonly status?: ReplayPlanStatus | undefined },
  page: ListPage,
): Promise<readonly ReplayPlan[]> {
  const { rows } = await db.query<ReplayPlan>(
    `select ${COLUMNS} from replay_plans
     where tenant_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or id < $3)
     order by id desc offset $4 limit $5`,
    [tenantId, filter.status ?? null, page.after?.[0] ?? null, page.offset, page.limit],
  )
  return rows
}

/** Moves it on from where it must be; `undefined` when it is somewhere else, or was planned too long ago to be confirmed. */
export async function movePlan(
  tx: Queryable,
  tenantId: Uuid,
  id: Uuid,
  move: {
    readonly from: readonly ReplayPlanStatus[]
    readonly to: 'running' | 'cancelled'
    readonly by: string
    readonly now: Date
  },
): Promise<ReplayPlan | undefined> {
  const { rows } = await tx.query<ReplayPlan>(
    `update replay_plans set status = $4,
       confirmed_at = case when $4 = 'running' then $6::timestamptz else confirmed_at end,
       confirmed_by = case when $4 = 'running' then $5 else confirmed_by end,
       finished_at = case when $4 = 'cancelled' then $6::timestamptz end
     where tenant_id = $1 and id = $2 and status = any ($3::text[]) and ($4 <> 'running' or expires_at > $6::timestamptz)
     returning ${COLUMNS}`,
    [tenantId, id, move.from, move.to, move.by, move.now],
  )
  return rows[0]
}

/** @returns How many. */
export async function expirePlans(db: Queryable, now: Date): Promise<number> {
  const { rowCount } = await db.query(
    "update replay_plans set status = 'expired', finished_at = $1 where status = 'planned' and expires_at <= $1",
    [now],
  )
  return rowCount ?? 0
}

/** How the replays of a plan have gone so far. */
export async function countOutcomes(
  db: Queryable,
  planId: Uuid,
): Promise<{ readonly underWay: number; readonly completed: number; readonly failed: number }> {
  const { rows } = await db.query<{ underWay: number; completed: number; failed: number }>(
    `select count(*) filter (where status in ('queued', 'dispatched')) as "underWay",
       count(*) filter (where status = 'completed') as completed, count(*) filter (where status = 'failed') as failed
     from replays where plan_id = $1`,
    [planId],
  )
  return rows[0] ?? { underWay: 0, completed: 0, failed: 0 }
}

/** A running plan as its runner sees it. */
export interface RunningPlan extends ReplayPlan {
  readonly firstId: Uuid
  readonly lastId: Uuid
  readonly afterId: Uuid | null
  readonly ranUntil: Date | null
}

/** Locks the running plan behind `after` until the transaction ends; those that another runner holds are passed over. */
export async function lockRunningPlan(tx: Queryable, after: Uuid | null): Promise<RunningPlan | undefined> {
  const { rows } = await tx.query<RunningPlan>(
    `select ${COLUMNS}, first_id as "firstId", last_id as "lastId", after_id as "afterId", ran_until as "ranUntil"
     from replay_plans where status = 'running' and ($1::uuid is null or id > $1) order by id limit 1 for update skip locked`,
    [after],
  )
  return rows[0]
}

/** One step of a plan is done. */
export async function notePlanStep(
  tx: Queryable,
  id: Uuid,
  step: {
    readonly afterId: Uuid | null
    readonly replayed: number
    readonly skipped: number
    readonly ranUntil: Date
    readonly finishedAt: Date | null
  },
): Promise<void> {
  await tx.query(
    `update replay_plans set after_id = coalesce($2, after_id), replayed = replayed + $3, skipped = skipped + $4, ran_until = $5,
       status = case when $6::timestamptz is null then status else 'completed' end, finished_at = $6
     where id = $1`,
    [id, step.afterId, step.replayed, step.skipped, step.ranUntil, step.finishedAt],
  )
}

export interface SelectedRange {
  readonly selection: ReplaySelection
  readonly destinationId: Uuid | null
  readonly firstId: Uuid
  readonly lastId: Uuid
  readonly afterId: Uuid | null
}

/** The next events of a selection, oldest first; those whose payload was removed cannot be delivered again. */
export async function selectEvents(
  db: Queryable,
  tenantId: Uuid,
  { selection, destinationId, firstId, lastId, afterId }: SelectedRange,
  limit: number,
): Promise<readonly Uuid[]> {
  const { deadLetters } = selection
  const { rows } = await db.query<{ id: Uuid }>(
    `select e.id from events e
     where e.tenant_id = $1 and e.id >= $2 and e.id <= $3 and ($4::uuid is null or e.id > $4)
       and ($5::uuid[] is null or e.id = any ($5::uuid[]))
       and ($6::uuid is null or e.integration_id = $6) and ($7::text is null or e.provider = $7)
       and ($8::text is null or e.status = $8) and ($9::text is null or e.type = $9)
       and (not $10 or e.status_reason in ('no_destination', 'no_match'))
       and e.payload_purged_at is null and not exists (select from pruned_days d where d.part = 'payloads' and d.day = id_day(e.id))
       and ($11::timestamptz is null or e.received_at >= $11) and ($12::timestamptz is null or e.received_at < $12)
       and (not $13 or exists (
         select from jobs j where j.event_id = e.id and j.kind = 'deliver' and j.status = 'failed' and j.closed_by is null and not j.shadow
           and ($14::uuid is null or j.lane = $14) and ($15::text is null or j.last_error = $15)))
     order by e.id limit $16`,
    [
      tenantId,
      firstId,
      lastId,
      afterId,
      selection.eventIds ?? null,
      selection.integrationId ?? null,
      selection.provider ?? null,
      selection.status ?? null,
      selection.eventType ?? null,
      selection.routing === 'none',
      timeOf(selection.from),
      timeOf(selection.to),
      deadLetters !== undefined,
      destinationId,
      typeof deadLetters === 'object' ? deadLetters.reason : null,
      limit,
    ],
  )
  return rows.map((row) => row.id)
}

function timeOf(ms: number | undefined): Date | null {
  return ms === undefined ? null : new Date(ms)
}

export interface PlannedReplay {
  readonly eventId: Uuid
  readonly replayId: Uuid
  readonly jobId: Uuid
}

/**
 * Replays those of these events that are not under way and were not replayed a moment ago.
 *
 * @returns The events that were taken.
 */
export async function insertPlannedReplays(
  tx: Queryable,
  plan: RunningPlan,
  replays: readonly PlannedReplay[],
  { now, notSince }: { readonly now: Date; readonly notSince: Date },
): Promise<readonly Uuid[]> {
  // By id, as every transaction over the event family; what follows sees what was committed until now.
  await tx.query('select from events where id = any ($1::uuid[]) order by id for update', [
    replays.map((each) => each.eventId),
  ])
  const { rows } = await tx.query<{ eventId: Uuid }>(
    `with asked as materialized (
       select t.* from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as t (event_id, replay_id, job_id)
       where exists (select from events e where e.id = t.event_id and ${PURGED_AT} is null)
         and not exists (
           select from jobs j where j.event_id = t.event_id and j.status in ('queued', 'running') and not j.shadow
             and ($4::uuid is null or j.kind = 'process' or j.lane = $4))
         and not exists (
           select from replays r where r.event_id = t.event_id
             and (r.status in ('queued', 'dispatched') or (r.created_at > $5 and r.destination_id is not distinct from $4)))
     ), made as (
       insert into replays (id, tenant_id, event_id, requested_by, note, reason, status, created_at, destination_id, plan_id)
       select a.replay_id, $6, a.event_id, $7, $8, $9, 'queued', $10, $4, $11 from asked a
       returning event_id
     ), queued as (
       insert into jobs (event_id, id, tenant_id, kind, lane, triggered_by, replay_id, status, run_at, created_at)
       select a.event_id, a.job_id, $6, 'process', '00000000-0000-0000-0000-000000000000', 'replay', a.replay_id, 'queued', $10, $10 from asked a
     ), moved as (
       update events e set status = 'pending', status_reason = null, last_error = null from asked a where e.id = a.event_id
     )
     select event_id as "eventId" from made`,
    [
      replays.map((each) => each.eventId),
      replays.map((each) => each.replayId),
      replays.map((each) => each.jobId),
      plan.destinationId,
      notSince,
      plan.tenantId,
      plan.requestedBy,
      plan.note,
      plan.reason,
      now,
      plan.id,
    ],
  )
  return rows.map((row) => row.eventId)
}

const COLUMNS = `id, tenant_id as "tenantId", requested_by as "requestedBy", note, reason, selection, destination_id as "destinationId",
  rate_per_minute as "ratePerMinute", status, planned, replayed, skipped, created_at as "createdAt", expires_at as "expiresAt",
  confirmed_at as "confirmedAt", confirmed_by as "confirmedBy", finished_at as "finishedAt"`

function one<T>(rows: readonly T[]): T {
  const row = rows[0]
  if (row === undefined) throw new Error('a statement that writes one row wrote none')
  return row
}
