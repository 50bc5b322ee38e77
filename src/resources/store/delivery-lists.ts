/**
 * Delivery attempts as they are read back, without the answers of the destinations.
 */
import type { AttemptOutcome, AttemptStatus } from '../../base/model/event.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'

export interface AttemptSummary {
  readonly id: Uuid
  readonly eventId: Uuid
  readonly jobId: Uuid
  readonly destinationId: Uuid
  /** The route it was made under, as it was then; absent for deliveries from before there were versions. */
  readonly routeId: Uuid | null
  readonly routeVersion: number | null
  readonly shadow: boolean
  readonly attemptNo: number
  readonly status: AttemptStatus
  readonly outcome: AttemptOutcome
  readonly httpStatus: number | null
  readonly error: string | null
  readonly startedAt: Date
  readonly durationMs: number
}

export interface AttemptFilter {
  readonly eventId?: Uuid | undefined
  readonly status?: AttemptStatus | undefined
  readonly destinationId?: Uuid | undefined
}

/** Latest event first, and of one event the latest attempt first: the order of the primary key, so that a page reads only itself. */
export async function listAttempts(
  db: Queryable,
  tenantId: Uuid,
  filter: AttemptFilter,
  page: ListPage,
): Promise<readonly AttemptSummary[]> {
  const { rows } = await db.query<AttemptRow>(
    `select a.event_id, a.id, a.job_id, a.destination_id, j.route_id, j.route_version, j.shadow, a.attempt_no, a.status, a.outcome,
       a.http_status, a.error, a.started_at, a.duration_ms
     from delivery_attempts a join jobs j on j.event_id = a.event_id and j.id = a.job_id
     where a.tenant_id = $1 and ($2::uuid is null or a.event_id = $2) and ($3::text is null or a.status = $3)
       and ($8::uuid is null or a.destination_id = $8)
       and ($4::uuid is null or (a.event_id, a.id) < ($4, $5::uuid))
     order by a.event_id desc, a.id desc offset $6 limit $7`,
    [
      tenantId,
      filter.eventId ?? null,
      filter.status ?? null,
      page.after?.[0] ?? null,
      page.after?.[1] ?? null,
      page.offset,
      page.limit,
      filter.destinationId ?? null,
    ],
  )
  return rows.map((row) => ({
    id: row.id,
    eventId: row.event_id,
    jobId: row.job_id,
    destinationId: row.destination_id,
    routeId: row.route_id,
    routeVersion: row.route_version,
    shadow: row.shadow,
    attemptNo: row.attempt_no,
    status: row.status,
    outcome: row.outcome,
    httpStatus: row.http_status,
    error: row.error,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
  }))
}

interface AttemptRow {
  readonly event_id: Uuid
  readonly id: Uuid
  readonly job_id: Uuid
  readonly destination_id: Uuid
  readonly route_id: Uuid | null
  readonly route_version: number | null
  readonly shadow: boolean
  readonly attempt_no: number
  readonly status: AttemptStatus
  readonly outcome: AttemptOutcome
  readonly http_status: number | null
  readonly error: string | null
  readonly started_at: Date
  readonly duration_ms: number
}
