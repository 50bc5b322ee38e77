/**
 * Replays: an operator's order to bring an event to its destinations again.
 */
import type { EventStatus } from '../../base/model/event.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import { PROCESSING_LANE } from './jobs.ts'
import { PURGED_AT } from './purged-payload.ts'

export interface NewReplay {
  readonly id: Uuid
  readonly jobId: Uuid
  readonly tenantId: Uuid
  readonly eventId: Uuid
  /** Only there; `null` is wherever the event is routed by then. */
  readonly destinationId: Uuid | null
  /** The principal of the credential. */
  readonly requestedBy: Uuid
  /** What the request said about who asks; a note, not a fact. */
  readonly note: string | null
  readonly reason: string
  readonly requestKey: string | null
  readonly requestDigest: Buffer | null
  readonly now: Date
}

export interface ReplayableEvent {
  readonly status: EventStatus
  /** Work that has not ended, of whichever trigger; of a replay to one destination, only what would meet it. */
  readonly openJobs: number
  /** There is nothing to deliver any more. */
  readonly payloadPurgedAt: Date | null
}

/** Locks the event until the transaction ends, so that nothing begins or ends in between. */
export async function lockEventForReplay(
  tx: Queryable,
  eventId: Uuid,
  tenantId: Uuid,
  destinationId: Uuid | null,
): Promise<ReplayableEvent | undefined> {
  const locked = await tx.query<{ status: EventStatus }>(
    'select status from events where id = $1 and tenant_id = $2 for update',
    [eventId, tenantId],
  )
  const event = locked.rows[0]
  if (event === undefined) return undefined
  // After the lock, in its own statement: a snapshot taken before waiting would miss what was committed meanwhile.
  const open = await tx.query<{ count: number; purged: Date | null }>(
    `select (select count(*) from jobs where event_id = $1 and status in ('queued', 'running') and not shadow
         and ($2::uuid is null or kind = 'process' or lane = $2)) as count, ${PURGED_AT} as purged
     from events e where e.id = $1`,
    [eventId, destinationId],
  )
  return { status: event.status, openJobs: open.rows[0]?.count ?? 0, payloadPurgedAt: open.rows[0]?.purged ?? null }
}

/**
 * Stores the replay, its processing job, and the event as pending again. The event must be locked.
 *
 * @throws The unique violation of `replays_one_at_a_time` when another replay of the event is under way.
 */
export async function insertReplay(tx: Queryable, replay: NewReplay): Promise<void> {
  await tx.query(
    `insert into replays (id, tenant_id, event_id, requested_by, note, reason, status, created_at, destination_id, request_key, request_digest)
     values ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $9, $10)`,
    [
      replay.id,
      replay.tenantId,
      replay.eventId,
      replay.requestedBy,
      replay.note,
      replay.reason,
      replay.now,
      replay.destinationId,
      replay.requestKey,
      replay.requestDigest,
    ],
  )
  await tx.query(
    `insert into jobs (event_id, id, tenant_id, kind, lane, triggered_by, replay_id, status, run_at, created_at)
     values ($1, $2, $3, 'process', $4, 'replay', $5, 'queued', $6, $6)`,
    [replay.eventId, replay.jobId, replay.tenantId, PROCESSING_LANE, replay.id, replay.now],
  )
  await tx.query("update events set status = 'pending', status_reason = null, last_error = null where id = $1", [
    replay.eventId,
  ])
}

/** What was asked for under this key. */
export async function findReplayByKey(
  db: Queryable,
  tenantId: Uuid,
  requestKey: string,
): Promise<{ readonly id: Uuid; readonly digest: Buffer | null } | undefined> {
  const { rows } = await db.query<{ id: Uuid; digest: Buffer | null }>(
    'select id, request_digest as digest from replays where tenant_id = $1 and request_key = $2',
    [tenantId, requestKey],
  )
  return rows[0]
}

/** When the event was last replayed. */
export async function lastReplayAt(db: Queryable, eventId: Uuid): Promise<Date | undefined> {
  const { rows } = await db.query<{ at: Date | null }>(
    'select max(created_at) as at from replays where event_id = $1',
    [eventId],
  )
  return rows[0]?.at ?? undefined
}
