/**
 * Replays as they are read back, with the name of who asked for them.
 */
import type { ReplayStatus } from '../../base/model/event.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'

export interface ReplaySummary {
  readonly id: Uuid
  readonly eventId: Uuid
  /** Only there; `null` is wherever the event was routed. */
  readonly destinationId: Uuid | null
  /** The principal's name, taken from the credential. */
  readonly actor: string
  /** What the request called itself: a note, proof of nothing. */
  readonly note: string | null
  readonly reason: string
  readonly status: ReplayStatus
  readonly createdAt: Date
  readonly finishedAt: Date | null
  readonly lastError: string | null
}

export interface ReplayFilter {
  readonly eventId?: Uuid | undefined
  readonly status?: ReplayStatus | undefined
}

/** Newest first. */
export async function listReplays(
  db: Queryable,
  tenantId: Uuid,
  filter: ReplayFilter,
  page: ListPage,
): Promise<readonly ReplaySummary[]> {
  const { rows } = await db.query<ReplayRow>(
    `${SELECT} where r.tenant_id = $1 and ($2::uuid is null or r.event_id = $2) and ($3::text is null or r.status = $3)
       and ($4::uuid is null or r.id < $4)
     order by r.id desc offset $5 limit $6`,
    [tenantId, filter.eventId ?? null, filter.status ?? null, page.after?.[0] ?? null, page.offset, page.limit],
  )
  return rows.map(summaryOf)
}

export async function findReplay(db: Queryable, tenantId: Uuid, id: Uuid): Promise<ReplaySummary | undefined> {
  const { rows } = await db.query<ReplayRow>(`${SELECT} where r.tenant_id = $1 and r.id = $2`, [tenantId, id])
  return rows[0] === undefined ? undefined : summaryOf(rows[0])
}

const SELECT = `select r.id, r.event_id, r.destination_id, p.name as actor, r.note, r.reason, r.status, r.created_at, r.finished_at, r.last_error
  from replays r join principals p on p.id = r.requested_by`

interface ReplayRow {
  readonly id: Uuid
  readonly event_id: Uuid
  readonly destination_id: Uuid | null
  readonly actor: string
  readonly note: string | null
  readonly reason: string
  readonly status: ReplayStatus
  readonly created_at: Date
  readonly finished_at: Date | null
  readonly last_error: string | null
}

function summaryOf(row: ReplayRow): ReplaySummary {
  return {
    id: row.id,
    eventId: row.event_id,
    destinationId: row.destination_id,
    actor: row.actor,
    note: row.note,
    reason: row.reason,
    status: row.status,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    lastError: row.last_error,
  }
}
