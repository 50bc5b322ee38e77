/**
 * Events on their way from "committed" to "routed": read with their bytes, written with their deliveries.
 */
import type { Coverage, FilterFailure, JobTrigger } from '../../base/model/event.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import type { Database, Queryable } from './database.ts'
import { type FamilyTables, onTables, tablesOf } from './day-tables.ts'
import { eventLock } from './event-locks.ts'
import type { Claim, ClaimedJob } from './jobs.ts'

/** What normalising needs to know of one event. */
export interface EventToProcess extends Claim {
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  readonly provider: string
  /** As ingress stored it, when its provider's scheme names it. */
  readonly type: string | null
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
  readonly routes: readonly Matched[]
  /** Why nothing matched: there was no route, or none that let it through. Absent when something did. */
  readonly unrouted: 'no_destination' | 'no_match' | null
  /** A filter failed on this event: it is kept aside, and goes nowhere until somebody has looked. */
  readonly parked: { readonly reason: FilterFailure; readonly error: string } | null
}

/** A route that lets the event through. */
export interface Matched {
  readonly routeId: Uuid
  readonly version: number
  /** The delivery's job, if there comes to be one. */
  readonly jobId: Uuid
  /** Deliveries of one key to one destination are made one after the other. */
  readonly orderKey: Uuid | null
}

export interface Routed {
  readonly eventId: Uuid
  readonly triggeredBy: JobTrigger
  /** Without those to shadow destinations. */
  readonly deliveries: number
}

export async function loadEventsToProcess(
  db: Queryable,
  jobs: readonly (Claim & Pick<ClaimedJob, 'tenantId'>)[],
): Promise<readonly EventToProcess[]> {
  const ids = jobs.map((job) => job.eventId)
  const { rows } = await onTables(tablesOf(ids), (tables) =>
    db.query<Omit<EventToProcess, keyof Claim | 'tenantId'> & { eventId: Uuid }>(
      `select e.id as "eventId", e.integration_id as "integrationId", e.provider, e.type, e.received_at as "receivedAt", e.scheme, e.key_id as "keyId", e.coverage,
       p.method, p.target, p.content_type as "contentType", p.headers, p.body
     from unnest($1::uuid[]) as c (event_id)
     join ${tables.events} e on e.id = c.event_id
     left join ${tables.payloads} p on p.event_id = c.event_id`,
      [ids],
    ),
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
 * Ends processing jobs and starts one delivery for each matched route that still leads somewhere, all or nothing.
 *
 * A job that has been claimed by somebody else meanwhile is left alone. Events are locked first, by id, as in every
 * transaction over the event family.
 */
export async function completeProcessing(
  db: Pick<Database, 'batch'>,
  events: readonly ProcessedEvent[],
  options: { readonly now: Date; readonly chain: Uuid },
): Promise<readonly Routed[]> {
  const ids = events.map((event) => event.eventId)
  const values = [
    ids,
    events.map((event) => event.id),
    events.map((event) => event.worker),
    events.map((event) => event.fence),
    events.map((event) => event.type),
    events.map((event) => event.subject),
    events.map((event) => event.occurredAt),
    events.map((event) => event.odd),
    options.now,
    events.map((event) => event.unrouted),
    events.map((event) => event.parked?.reason ?? null),
    events.map((event) => event.parked?.error ?? null),
    ...routeColumns(events),
    options.chain,
    newId(),
  ]
  const [, routed] = await onTables(tablesOf(ids), (tables) =>
    db.batch([eventLock(ids, tables), { text: route(tables), values }]),
  )
  return (routed?.rows ?? []) as readonly Routed[] // as `route` names its columns
}

function routeColumns(events: readonly ProcessedEvent[]): readonly unknown[] {
  const matched = events.flatMap((event) => event.routes.map((route) => ({ ...route, eventId: event.eventId })))
  return [
    matched.map((each) => each.eventId),
    matched.map((each) => each.routeId),
    matched.map((each) => each.version),
    matched.map((each) => each.jobId),
    matched.map((each) => each.orderKey),
  ]
}

// Tenants are compared once more: a route that leads across them leads nowhere.
const route = (tables: FamilyTables) => `
with input as materialized (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[], $6::text[], $7::timestamptz[], $8::boolean[],
    $10::text[], $11::text[], $12::text[])
  as t (event_id, job_id, worker, fence, type, subject, occurred_at, odd, unrouted, parked, parked_error)
), matched as materialized (
  select * from unnest($13::uuid[], $14::uuid[], $15::integer[], $16::uuid[], $17::uuid[])
  as t (event_id, route_id, version, job_id, order_key)
), done as (
  update ${tables.jobs} j set status = 'succeeded', attempts = j.attempts + 1, worker = null, lease_until = null, finished_at = $9::timestamptz, last_error = null
  from input i
  where j.event_id = i.event_id and j.id = i.job_id and j.worker = i.worker and j.fence = i.fence and j.status = 'running'
  returning j.event_id, j.tenant_id, j.triggered_by, j.replay_id, i.type, i.subject, i.occurred_at, i.odd, i.unrouted, i.parked, i.parked_error
), asked as (
  -- A replay may be meant for one destination only.
  select d.*, p.destination_id from done d left join replays p on p.id = d.replay_id
), routed as (
  insert into ${tables.jobs} (event_id, id, tenant_id, kind, lane, triggered_by, replay_id, status, run_at, created_at, route_id, route_version, shadow, order_key, held)
  select d.event_id, m.job_id, d.tenant_id, 'deliver', t.id, d.triggered_by, d.replay_id, 'queued', $9::timestamptz, $9::timestamptz,
    r.id, m.version, t.shadow, case when t.order_by is not null then m.order_key end,
    t.status = 'paused' or t.governed or coalesce(h.open_until > clock_timestamp(), false)
  from asked d
  join matched m on m.event_id = d.event_id
  join ${tables.events} e on e.id = d.event_id
  join routes r on r.id = m.route_id and r.integration_id = e.integration_id and r.tenant_id = e.tenant_id
  join destinations t on t.id = r.destination_id and t.tenant_id = e.tenant_id and t.status <> 'disabled'
    and (d.destination_id is null or t.id = d.destination_id)
  left join destination_health h on h.destination_id = t.id
  returning event_id, shadow
), counted as (
  select d.*, coalesce(r.deliveries, 0) as deliveries, coalesce(r.shadows, 0) as shadows
  from asked d left join (
    select event_id, count(*) filter (where not shadow)::integer as deliveries, count(*) filter (where shadow) as shadows
    from routed group by event_id
  ) r on r.event_id = d.event_id
), closed as (
  -- What failed before is what the replay is there to mend.
  update ${tables.jobs} f set closed_by = c.replay_id
  from counted c
  where c.replay_id is not null and c.deliveries > 0 and f.event_id = c.event_id and f.kind = 'deliver' and f.status = 'failed'
    and f.closed_by is null and (c.destination_id is null or f.lane = c.destination_id)
), rest as (
  select c.event_id, count(*) filter (where o.status in ('queued', 'running')) as open, count(*) filter (where o.status = 'failed') as failed
  from counted c
  join ${tables.jobs} o on o.event_id = c.event_id and o.kind = 'deliver' and not o.shadow and o.closed_by is null
  where c.replay_id is not null and c.deliveries = 0
  group by c.event_id
), judged as (
  select c.event_id, c.replay_id, c.deliveries, c.shadows, c.odd, c.type, c.subject, c.occurred_at, c.parked, c.parked_error,
    coalesce(o.open, 0) as open, coalesce(o.failed, 0) as failed,
    case when c.deliveries > 0 then null when c.shadows > 0 then 'shadow_only' else coalesce(c.unrouted, 'no_destination') end as unrouted
  from counted c left join rest o on o.event_id = c.event_id
), replayed as (
  update replays r set status = case when j.deliveries > 0 then 'dispatched' when j.shadows > 0 and j.parked is null then 'completed' else 'failed' end,
    finished_at = case when j.deliveries > 0 then null else $9::timestamptz end,
    last_error = coalesce(j.parked, j.unrouted)
  from judged j where r.id = j.replay_id and r.status = 'queued'
), moved as (
  update ${tables.events} e set
    status = case when j.parked is not null then 'parked' when j.deliveries + j.open > 0 then 'processing' when j.failed > 0 then 'failed' else 'processed' end,
    status_reason = coalesce(j.parked, j.unrouted, case when j.odd then 'odd_shape' end),
    processed_at = case when j.parked is not null or j.deliveries + j.open + j.failed > 0 then null else $9::timestamptz end,
    last_error = j.parked_error,
    type = coalesce(e.type, j.type), subject = coalesce(e.subject, j.subject), occurred_at = coalesce(e.occurred_at, j.occurred_at)
  from judged j where e.id = j.event_id
), vouched as materialized (
  select audit_append($18, $19, null, 'worker', 'events.routed', 'event', case when total.events = 1 then total.first end,
    json_build_object('events', total.events, 'deliveries', total.deliveries)::text, null)
  from (select count(*) as events, sum(deliveries) as deliveries, (array_agg(event_id))[1] as first from counted) total
  where total.events > 0
)
select event_id as "eventId", triggered_by as "triggeredBy", deliveries from counted cross join vouched`
