/**
 * What a delivery needs, read for a whole batch of claimed jobs at once.
 */
import type { RetryPolicy } from '../../base/model/destination.ts'
import { DEFAULT_RETRY_POLICY } from '../../base/model/destination.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ClaimedJob } from './jobs.ts'

/** A destination as a delivery sees it; its signing key is still sealed. */
export interface DeliveryTarget {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly url: string
  readonly status: string
  readonly allowCidrs: readonly string[]
  readonly timeoutMs: number
  readonly retry: RetryPolicy
  readonly signingKeySealed: Buffer
  readonly updatedAt: Date
}

export interface Delivery extends ClaimedJob {
  readonly provider: string
  readonly correlationId: Uuid
  readonly contentType: string | null
  /** Absent when the bytes are no longer kept. */
  readonly body: Buffer | null
  /** Absent when the destination was deleted. */
  readonly destination: DeliveryTarget | undefined
  /** The number this attempt will have among all attempts of the event at this destination, replays included. */
  readonly attemptNo: number
}

interface Row {
  readonly jobId: Uuid
  readonly provider: string | null
  readonly correlationId: Uuid
  readonly contentType: string | null
  readonly body: Buffer | null
  readonly destinationId: Uuid | null
  readonly destinationTenant: Uuid
  readonly url: string
  readonly status: string
  readonly allowCidrs: string[]
  readonly timeoutMs: number
  readonly retry: unknown
  readonly signingKeySealed: Buffer
  readonly updatedAt: Date
  readonly attemptNo: number
}

/** A destination of another tenant than the event's counts as deleted: nothing crosses that line. */
export async function loadDeliveries(db: Queryable, jobs: readonly ClaimedJob[]): Promise<readonly Delivery[]> {
  const { rows } = await db.query<Row>(
    `select c.job_id as "jobId", e.provider, e.correlation_id as "correlationId", p.content_type as "contentType", p.body,
       d.id as "destinationId", d.tenant_id as "destinationTenant", d.url, d.status, d.allow_cidrs as "allowCidrs",
       d.timeout_ms as "timeoutMs", d.retry, d.signing_key_sealed as "signingKeySealed", d.updated_at as "updatedAt",
       1 + coalesce((select max(a.attempt_no) from delivery_attempts a
         where a.event_id = c.event_id and a.destination_id = c.lane), 0) as "attemptNo"
     from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as c (event_id, job_id, lane)
     join events e on e.id = c.event_id
     left join event_payloads p on p.event_id = c.event_id
     left join destinations d on d.id = c.lane and d.tenant_id = e.tenant_id`,
    [jobs.map((job) => job.eventId), jobs.map((job) => job.id), jobs.map((job) => job.lane)],
  )
  const found = new Map(rows.map((row) => [row.jobId, row]))
  return jobs.map((job) => delivery(job, found.get(job.id)))
}

function delivery(job: ClaimedJob, row: Row | undefined): Delivery {
  return {
    ...job,
    provider: row?.provider ?? '',
    correlationId: row?.correlationId ?? job.eventId,
    contentType: row?.contentType ?? null,
    body: row?.body ?? null,
    attemptNo: row?.attemptNo ?? 1,
    destination: row === undefined || row.destinationId === null ? undefined : target(row, row.destinationId),
  }
}

function target(row: Row, id: Uuid): DeliveryTarget {
  return {
    id,
    tenantId: row.destinationTenant,
    url: row.url,
    status: row.status,
    allowCidrs: row.allowCidrs,
    timeoutMs: row.timeoutMs,
    retry: readRetryPolicy(row.retry),
    signingKeySealed: row.signingKeySealed,
    updatedAt: row.updatedAt,
  }
}

/** The column is JSON that older versions or hands may have written: what is not a sensible number is the default. */
function readRetryPolicy(value: unknown): RetryPolicy {
  const fields =
    typeof value === 'object' && value !== null ? new Map<string, unknown>(Object.entries(value)) : new Map()
  const whole = (name: keyof RetryPolicy, least: number) => {
    const given = fields.get(name)
    return typeof given === 'number' && Number.isSafeInteger(given) && given >= least
      ? given
      : DEFAULT_RETRY_POLICY[name]
  }
  return {
    maxAttempts: whole('maxAttempts', 1),
    baseDelayMs: whole('baseDelayMs', 0),
    maxDelayMs: whole('maxDelayMs', 0),
  }
}
