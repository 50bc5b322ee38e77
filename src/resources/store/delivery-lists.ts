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
}

/** Latest event first, and of one event the latest attempt first: the order of the primary key, so that a page reads only itself. */
export async function listAttempts(
  db: Queryable,
  tenantId: Uuid,
  filter: AttemptFilter,
  page: ListPage,
): Promise<readonly AttemptSummary[]> {
  const { rows } = await db.query<AttemptRow>(
    `select event_id, id, job_id, destination_id, attempt_no, status, outcome, http_status, error, started_at, duration_ms
     from delivery_attempts
     where tenant_id = $1 and ($2::uuid is null or event_id = $2) and ($3::text is null or status = $3)
       and ($4::uuid is null or (event_id, id) < ($4, $5::uuid))
     order by event_id desc, id desc offset $6 limit $7`,
    [
      tenantId,
      filter.eventId ?? null,
      filter.status ?? null,
      page.after?.[0] ?? null,
      page.after?.[1] ?? null,
      page.offset,
      page.limit,
    ],
  )
  return rows.map((row) => ({
    id: row.id,
    eventId: row.event_id,
    jobId: row.job_id,
    destinationId: row.destination_id,
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
  readonly attempt_no: number
  readonly status: AttemptStatus
  readonly outcome: AttemptOutcome
  readonly http_status: number | null
  readonly error: string | null
  readonly started_at: Date
  readonly duration_ms: number
}
