/**
 * Events on their way from "committed" to "routed": read with their bytes, written with their deliveries.
 */
import type { Coverage, JobTrigger } from '../../base/model/event.ts'
import type { Uuid } from '../../base/model/ids.ts'
import { appendAudit } from './audit.ts'
import type { Database, Queryable } from './database.ts'
import type { Claim, ClaimedJob } from './jobs.ts'

/** What normalising needs to know of one event. */
export interface EventToProcess extends Claim {
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  readonly provider: string
  readonly receivedAt: Date
  readonly scheme: string
  readonly keyId: Uuid
  readonly coverage: Coverage
  /** These five are absent when the payload is gone. */
  readonly method: string | null
  readonly target: string | null
  readonly contentType: string | null
  /** JSON list of [name, value], as received. */
  readonly headers: string | null
  readonly body: Buffer | null
}

/** What normalising found; absent values leave what ingress stored. */
export interface ProcessedEvent extends Claim {
  readonly type: string | null
  readonly subject: string | null
  readonly occurredAt: Date | null
  /** The bytes do not have the shape their provider documents; delivered all the same, and flagged. */
  readonly odd: boolean
}

export interface Routed {
  readonly eventId: Uuid
  readonly triggeredBy: JobTrigger
  readonly deliveries: number
}

export async function loadEventsToProcess(
  db: Queryable,
  jobs: readonly ClaimedJob[],
): Promise<readonly EventToProcess[]> {
  const { rows } = await db.query<Omit<EventToProcess, keyof Claim | 'tenantId'> & { eventId: Uuid }>(
    `select e.id as "eventId", e.integration_id as "integrationId", e.provider, e.received_at as "receivedAt", e.scheme, e.key_id as "keyId", e.coverage,
       p.method, p.target, p.content_type as "contentType", p.headers, p.body
     from unnest($1::uuid[]) as c (event_id)
     join events e on e.id = c.event_id
     left join event_payloads p on p.event_id = c.event_id`,
    [jobs.map((job) => job.eventId)],
  )
  const events = new Map(rows.map((row) => [row.eventId, row]))
  return jobs.flatMap((job) => {
    const event = events.get(job.eventId)
    return event === undefined
      ? []
      : [{ ...event, id: job.id, worker: job.worker, fence: job.fence, tenantId: job.tenantId }]
  })
}

/**
 * Ends processing jobs and starts one delivery for each destination routed at this moment, all or nothing.
 *
 * A job that has been claimed by somebody else meanwhile is left alone. Events are locked first, by id, as in every
 * transaction over the event family.
 */
export async function completeProcessing(
  db: Pick<Database, 'transaction'>,
  events: readonly ProcessedEvent[],
  options: { readonly now: Date; readonly chain: Uuid },
): Promise<readonly Routed[]> {
  return db.transaction(async (tx) => {
    await tx.query('select id from events where id = any ($1::uuid[]) order by id for update', [
      events.map((event) => event.eventId),
    ])
    const { rows } = await tx.query<{ eventId: Uuid; triggeredBy: JobTrigger; deliveries: number }>(ROUTE, [
      events.map((event) => event.eventId),
      events.map((event) => event.id),
      events.map((event) => event.worker),
      events.map((event) => event.fence),
      events.map((event) => event.type),
      events.map((event) => event.subject),
      events.map((event) => event.occurredAt),
      events.map((event) => event.odd),
      options.now,
    ])
    if (rows.length > 0) {
      await appendAudit(tx, {
        chain: options.chain,
        tenantId: null,
        actor: 'worker',
        action: 'events.routed',
        entityType: 'event',
        entityId: rows.length === 1 ? (rows[0]?.eventId ?? null) : null,
        details: { events: rows.length, deliveries: rows.reduce((sum, row) => sum + row.deliveries, 0) },
      })
    }
    return rows
  })
}

// The new job ids are UUIDv7: the time of `now`, version 7, and the random part of a v4.
const ROUTE = `
with input as materialized (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[], $6::text[], $7::timestamptz[], $8::boolean[])
  as t (event_id, job_id, worker, fence, type, subject, occurred_at, odd)
), done as (
  update jobs j set status = 'succeeded', attempts = j.attempts + 1, worker = null, lease_until = null, finished_at = $9::timestamptz, last_error = null
  from input i
  where j.event_id = i.event_id and j.id = i.job_id and j.worker = i.worker and j.fence = i.fence and j.status = 'running'
  returning j.event_id, j.tenant_id, j.triggered_by, j.replay_id
), routed as (
  insert into jobs (event_id, id, tenant_id, kind, lane, triggered_by, replay_id, status, run_at, created_at)
  select d.event_id, (left(id_floor($9::timestamptz)::text, 14) || '7' || substr(gen_random_uuid()::text, 16))::uuid, d.tenant_id, 'deliver',
    t.id, d.triggered_by, d.replay_id, 'queued', $9::timestamptz, $9::timestamptz
  from done d
  join events e on e.id = d.event_id
  join routes r on r.integration_id = e.integration_id and r.tenant_id = e.tenant_id
  join destinations t on t.id = r.destination_id and t.tenant_id = e.tenant_id and t.status = 'active'
  returning event_id
), counted as (
  select d.event_id, d.triggered_by, d.replay_id, count(r.event_id)::integer as deliveries
  from done d left join routed r on r.event_id = d.event_id group by d.event_id, d.triggered_by, d.replay_id
), replayed as (
  update replays r set status = case when c.deliveries > 0 then 'dispatched' else 'failed' end,
    finished_at = case when c.deliveries > 0 then null else $9::timestamptz end,
    last_error = case when c.deliveries > 0 then null else 'no_destination' end
  from counted c where r.id = c.replay_id and r.status = 'queued'
), moved as (
  update events e set
    status = case when c.deliveries > 0 then 'processing' else 'processed' end,
    status_reason = case when c.deliveries = 0 then 'no_destination' when i.odd then 'odd_shape' end,
    processed_at = case when c.deliveries > 0 then null else $9::timestamptz end,
    last_error = null,
    type = coalesce(e.type, i.type), subject = coalesce(e.subject, i.subject), occurred_at = coalesce(e.occurred_at, i.occurred_at)
  from counted c join input i on i.event_id = c.event_id
  where e.id = c.event_id
)
select event_id as "eventId", triggered_by as "triggeredBy", deliveries from counted`
