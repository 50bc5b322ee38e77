/**
 * What a delivery needs, read for a whole batch of claimed jobs at once.
 */
import type {
  DestinationAuth,
  DestinationKind,
  DestinationSettings,
  DestinationStatus,
  Envelope,
  Ordering,
  OrderPolicy,
  RetryPolicy,
  SigningScheme,
} from '../../base/model/destination.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import { onTables, tablesOf } from './day-tables.ts'
import type { ClaimedJob } from './jobs.ts'
import { readRetryPolicy } from './retry-policy.ts'

/** A key that signs, still sealed. */
export interface SealedSigningKey {
  readonly id: Uuid
  readonly scheme: SigningScheme
  readonly sealed: Buffer
}

export interface DestinationHealth {
  /** Something failed since the last success. */
  readonly failing: boolean
  /** Nothing may be sent now but by whoever probes. */
  readonly circuit: 'closed' | 'half_open' | 'open'
}

/** A destination as a delivery sees it; its signing keys are still sealed. */
export interface DeliveryTarget {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly kind: DestinationKind
  readonly url: string
  readonly settings: DestinationSettings
  readonly status: DestinationStatus
  readonly allowCidrs: readonly string[]
  readonly timeoutMs: number
  readonly retry: RetryPolicy
  readonly envelope: Envelope
  readonly tlsVerify: boolean
  readonly auth: DestinationAuth | null
  /** What is secret of it, still sealed. */
  readonly authSealed: Buffer | null
  readonly ordering: Ordering | null
  /** Its jobs are claimed lane by lane, see `lane-claims.ts`. */
  readonly governed: boolean
  readonly health: DestinationHealth
  /** Newest first; several while one replaces another. */
  readonly signingKeys: readonly SealedSigningKey[]
}

/** What is sent. */
export interface Message {
  readonly eventId: Uuid
  /** The same for each try of one delivery; another for a replay. */
  readonly deliveryId: Uuid
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

export interface Delivery extends ClaimedJob, Message {
  /** JSONata that makes the body, as the route had it when it made this delivery; `null`: the bytes as received. */
  readonly transform: string | null
}

interface TargetRow {
  readonly destinationTenant: Uuid
  readonly kind: DestinationKind
  readonly url: string
  readonly settings: DestinationSettings
  readonly status: DestinationStatus
  readonly allowCidrs: string[]
  readonly timeoutMs: number
  readonly retry: unknown
  readonly envelope: Envelope
  readonly tlsVerify: boolean
  readonly auth: DestinationAuth | null
  readonly authSealed: Buffer | null
  readonly orderBy: string | null
  readonly orderPolicy: OrderPolicy
  readonly orderAfter: number
  readonly governed: boolean
  readonly failures: number | null
  readonly circuit: DestinationHealth['circuit']
  readonly keyIds: Uuid[] | null
  readonly keySchemes: SigningScheme[] | null
  readonly keysSealed: Buffer[] | null
}

interface Row extends TargetRow {
  readonly jobId: Uuid
  readonly provider: string | null
  readonly correlationId: Uuid
  readonly contentType: string | null
  readonly body: Buffer | null
  readonly transform: string | null
  readonly destinationId: Uuid | null
  readonly attemptNo: number
}

const TARGET_COLUMNS = `d.id as "destinationId", d.tenant_id as "destinationTenant", d.kind, d.url, d.settings, d.status, d.allow_cidrs as "allowCidrs",
  d.timeout_ms as "timeoutMs", d.retry, d.envelope, d.tls_verify as "tlsVerify", d.auth, d.auth_sealed as "authSealed", d.order_by as "orderBy", d.order_policy as "orderPolicy", d.order_after as "orderAfter",
  d.governed, h.failures,
  case when h.open_until is null then 'closed' when h.open_until <= clock_timestamp() then 'half_open' else 'open' end as circuit, k.ids as "keyIds", k.schemes as "keySchemes", k.sealed as "keysSealed"`

/** Beside `destinations d`. */
const HEALTH_AND_KEYS = `left join destination_health h on h.destination_id = d.id
  left join lateral (
    select array_agg(s.id order by s.id desc) as ids, array_agg(s.scheme order by s.id desc) as schemes,
      array_agg(s.sealed order by s.id desc) as sealed
    from destination_signing_keys s where s.destination_id = d.id and (s.not_after is null or s.not_after > now())
  ) k on true`

/** A destination of another tenant than the event's counts as deleted: nothing crosses that line. */
export async function loadDeliveries(db: Queryable, jobs: readonly ClaimedJob[]): Promise<readonly Delivery[]> {
  const ids = jobs.map((job) => job.eventId)
  const { rows } = await onTables(tablesOf(ids), (tables) =>
    db.query<Row>(
      `select c.job_id as "jobId", e.provider, e.correlation_id as "correlationId",
       p.content_type as "contentType", p.body, v.transform,
       ${TARGET_COLUMNS},
       1 + coalesce((select max(a.attempt_no) from ${tables.attempts} a
         where a.event_id = c.event_id and a.destination_id = c.lane), 0) as "attemptNo"
     from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::integer[]) as c (event_id, job_id, lane, route_id, route_version)
     join ${tables.events} e on e.id = c.event_id
     left join ${tables.payloads} p on p.event_id = c.event_id
     left join route_versions v on v.route_id = c.route_id and v.version = c.route_version
     left join destinations d on d.id = c.lane and d.tenant_id = e.tenant_id
     ${HEALTH_AND_KEYS}`,
      [
        ids,
        jobs.map((job) => job.id),
        jobs.map((job) => job.lane),
        jobs.map((job) => job.routeId),
        jobs.map((job) => job.routeVersion),
      ],
    ),
  )
  const found = new Map(rows.map((row) => [row.jobId, row]))
  return jobs.map((job) => delivery(job, found.get(job.id)))
}

/** One destination as a delivery would see it; `undefined` when the tenant has none with this id. */
export async function findTarget(db: Queryable, tenantId: Uuid, id: Uuid): Promise<DeliveryTarget | undefined> {
  const { rows } = await db.query<TargetRow>(
    `select ${TARGET_COLUMNS} from destinations d ${HEALTH_AND_KEYS} where d.tenant_id = $1 and d.id = $2`,
    [tenantId, id],
  )
  return rows[0] === undefined ? undefined : target(rows[0], id)
}

function delivery(job: ClaimedJob, row: Row | undefined): Delivery {
  return {
    ...job,
    deliveryId: job.id,
    provider: row?.provider ?? '',
    correlationId: row?.correlationId ?? job.eventId,
    contentType: row?.contentType ?? null,
    body: row?.body ?? null,
    transform: row?.transform ?? null,
    attemptNo: row?.attemptNo ?? 1,
    destination: row === undefined || row.destinationId === null ? undefined : target(row, row.destinationId),
  }
}

function target(row: TargetRow, id: Uuid): DeliveryTarget {
  return {
    id,
    tenantId: row.destinationTenant,
    kind: row.kind,
    url: row.url,
    settings: row.settings,
    status: row.status,
    allowCidrs: row.allowCidrs,
    timeoutMs: row.timeoutMs,
    retry: readRetryPolicy(row.retry),
    envelope: row.envelope,
    tlsVerify: row.tlsVerify,
    auth: row.auth,
    authSealed: row.authSealed,
    ordering: row.orderBy === null ? null : { by: row.orderBy, policy: row.orderPolicy, after: row.orderAfter },
    governed: row.governed,
    health: { failing: (row.failures ?? 0) > 0, circuit: row.circuit },
    signingKeys: (row.keyIds ?? []).flatMap((keyId, index) => {
      const scheme = row.keySchemes?.[index]
      const sealed = row.keysSealed?.[index]
      return scheme === undefined || sealed === undefined ? [] : [{ id: keyId, scheme, sealed }]
    }),
  }
}
