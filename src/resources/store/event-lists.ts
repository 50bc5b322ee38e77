/**
 * Events as they are read back: lists, one event with its work, and the bytes it arrived with.
 *
 * Lists run along the primary key (ids are time-ordered), so a page reads what it shows and what its filters
 * skip, and a time window touches only the days it names. Every statement names the tenant.
 */
import {
  type Coverage,
  type EventStatus,
  type JobKind,
  type JobStatus,
  type JobTrigger,
  UNROUTED_REASONS,
} from '../../base/model/event.ts'
import { firstIdOf, type Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'
import { PURGED_AT } from './purged-payload.ts'

export interface EventSummary {
  readonly id: Uuid
  readonly integrationId: Uuid
  readonly provider: string
  readonly type: string | null
  readonly externalId: string | null
  readonly status: EventStatus
  readonly statusReason: string | null
  readonly subject: string | null
  readonly receivedAt: Date
  readonly occurredAt: Date | null
  readonly processedAt: Date | null
  readonly correlationId: Uuid
  readonly bodyBytes: number
}

export interface EventRecord extends EventSummary {
  readonly sourceIp: string
  readonly scheme: string
  readonly keyId: Uuid
  readonly coverage: Coverage
  readonly signedAt: Date | null
  readonly bodySha256: Buffer
  readonly conflictOf: Uuid | null
  readonly lastError: string | null
  /** Its bytes were removed by age. */
  readonly payloadPurgedAt: Date | null
}

export interface EventFilter {
  readonly provider?: string | undefined
  readonly integrationId?: Uuid | undefined
  readonly status?: EventStatus | undefined
  readonly eventType?: string | undefined
  /** `none`: led nowhere. */
  readonly routing?: 'none' | undefined
  /** Part of the subject, in any case. */
  readonly subject?: string | undefined
  /** Received at or after. */
  readonly from?: Date | undefined
  /** Received before. */
  readonly to?: Date | undefined
}

/** An id is made when a request arrives and its time of receipt is read about then; an hour covers any delay between. */
const ID_SLACK_MS = 3_600_000

/** As the index `events_unrouted` has it. */
const UNROUTED = `and status_reason in (${UNROUTED_REASONS.map((reason) => `'${reason}'`).join(', ')})`

/** The largest uuid: beyond every id. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** Sorted by the time of receipt, the id breaking ties. */
export async function listEvents(
  db: Queryable,
  tenantId: Uuid,
  filter: EventFilter,
  page: ListPage,
  order: 'asc' | 'desc',
): Promise<readonly EventSummary[]> {
  const { rows } = await db.query<SummaryRow>(
    `select ${SUMMARY_COLUMNS} from events
     where tenant_id = $1
       and id >= $2 and id < $3
       and ($4::uuid is null or id ${order === 'desc' ? '<' : '>'} $4)
       and ($5::timestamptz is null or received_at >= $5) and ($6::timestamptz is null or received_at < $6)
       and ($7::text is null or provider = $7) and ($8::uuid is null or integration_id = $8)
       and ($9::text is null or status = $9) and ($10::text is null or type = $10)
       and ($11::text is null or position(lower($11) in lower(subject)) > 0)
       ${filter.routing === 'none' ? UNROUTED : ''}
     order by id ${order === 'desc' ? 'desc' : 'asc'} offset $12 limit $13`,
    [
      tenantId,
      firstIdOf(filter.from === undefined ? 0 : filter.from.getTime() - ID_SLACK_MS),
      filter.to === undefined ? LAST_ID : firstIdOf(filter.to.getTime() + ID_SLACK_MS),
      page.after?.[0] ?? null,
      filter.from ?? null,
      filter.to ?? null,
      filter.provider ?? null,
      filter.integrationId ?? null,
      filter.status ?? null,
      filter.eventType ?? null,
      filter.subject ?? null,
      page.offset,
      page.limit,
    ],
  )
  return rows.map(summaryOf)
}

export async function findEvent(db: Queryable, tenantId: Uuid, id: Uuid): Promise<EventRecord | undefined> {
  const { rows } = await db.query<RecordRow>(
    `select ${SUMMARY_COLUMNS}, host(source_ip) as source_ip, scheme, key_id, coverage, signed_at, body_sha256, conflict_of, last_error,
       ${PURGED_AT} as payload_purged_at
     from events e where tenant_id = $1 and id = $2`,
    [tenantId, id],
  )
  const row = rows[0]
  if (row === undefined) return undefined
  return {
    ...summaryOf(row),
    sourceIp: row.source_ip,
    scheme: row.scheme,
    keyId: row.key_id,
    coverage: row.coverage,
    signedAt: row.signed_at,
    bodySha256: row.body_sha256,
    conflictOf: row.conflict_of,
    lastError: row.last_error,
    payloadPurgedAt: row.payload_purged_at,
  }
}

export interface RawPayload {
  readonly contentType: string | null
  readonly body: Buffer
}

/** The bytes exactly as they came off the wire. */
export async function findRawPayload(db: Queryable, tenantId: Uuid, id: Uuid): Promise<RawPayload | undefined> {
  const { rows } = await db.query<{ content_type: string | null; body: Buffer }>(
    `select p.content_type, p.body from events e join event_payloads p on p.event_id = e.id
     where e.tenant_id = $1 and e.id = $2 and p.event_id = $2`,
    [tenantId, id],
  )
  return rows[0] === undefined ? undefined : { contentType: rows[0].content_type, body: rows[0].body }
}

/** What reading an event as a document needs. */
export interface ReceivedRequest {
  readonly eventId: Uuid
  readonly integrationId: Uuid
  readonly provider: string
  /** As ingress or processing found it. */
  readonly type: string | null
  readonly receivedAt: Date
  readonly scheme: string
  readonly keyId: Uuid
  readonly coverage: Coverage
  readonly method: string
  readonly target: string
  readonly contentType: string | null
  readonly headers: string
  readonly body: Buffer
}

export async function findReceivedRequest(
  db: Queryable,
  tenantId: Uuid,
  id: Uuid,
): Promise<ReceivedRequest | undefined> {
  const { rows } = await db.query<ReceivedRequest>(
    `select e.id as "eventId", e.integration_id as "integrationId", e.provider, e.type, e.received_at as "receivedAt", e.scheme,
       e.key_id as "keyId", e.coverage, p.method, p.target, p.content_type as "contentType", p.headers, p.body
     from events e join event_payloads p on p.event_id = e.id
     where e.tenant_id = $1 and e.id = $2 and p.event_id = $2`,
    [tenantId, id],
  )
  return rows[0]
}

export interface JobSummary {
  readonly id: Uuid
  readonly kind: JobKind
  readonly trigger: JobTrigger
  readonly status: JobStatus
  readonly attempts: number
  readonly runAt: Date
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  readonly lastError: string | null
}

/** The latest jobs of an event, newest first. */
export async function listJobsOf(
  db: Queryable,
  tenantId: Uuid,
  eventId: Uuid,
  limit: number,
): Promise<readonly JobSummary[]> {
  const { rows } = await db.query<{
    id: Uuid
    kind: JobKind
    triggered_by: JobTrigger
    status: JobStatus
    attempts: number
    run_at: Date
    created_at: Date
    started_at: Date | null
    finished_at: Date | null
    last_error: string | null
  }>(
    `select id, kind, triggered_by, status, attempts, run_at, created_at, started_at, finished_at, last_error
     from jobs where tenant_id = $1 and event_id = $2 order by id desc limit $3`,
    [tenantId, eventId, limit],
  )
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    trigger: row.triggered_by,
    status: row.status,
    attempts: row.attempts,
    runAt: row.run_at,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    lastError: row.last_error,
  }))
}

const SUMMARY_COLUMNS = `id, integration_id, provider, type, external_id, status, status_reason, subject, received_at, occurred_at,
  processed_at, correlation_id, body_bytes`

interface SummaryRow {
  readonly id: Uuid
  readonly integration_id: Uuid
  readonly provider: string
  readonly type: string | null
  readonly external_id: string | null
  readonly status: EventStatus
  readonly status_reason: string | null
  readonly subject: string | null
  readonly received_at: Date
  readonly occurred_at: Date | null
  readonly processed_at: Date | null
  readonly correlation_id: Uuid
  readonly body_bytes: number
}

interface RecordRow extends SummaryRow {
  readonly source_ip: string
  readonly scheme: string
  readonly key_id: Uuid
  readonly coverage: Coverage
  readonly signed_at: Date | null
  readonly body_sha256: Buffer
  readonly conflict_of: Uuid | null
  readonly last_error: string | null
  readonly payload_purged_at: Date | null
}

function summaryOf(row: SummaryRow): EventSummary {
  return {
    id: row.id,
    integrationId: row.integration_id,
    provider: row.provider,
    type: row.type,
    externalId: row.external_id,
    status: row.status,
    statusReason: row.status_reason,
    subject: row.subject,
    receivedAt: row.received_at,
    occurredAt: row.occurred_at,
    processedAt: row.processed_at,
    correlationId: row.correlation_id,
    bodyBytes: row.body_bytes,
  }
}
