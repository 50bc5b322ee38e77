/**
 * Destinations as the management surface sees them.
 */
import type {
  Destination,
  DestinationAuth,
  DestinationKind,
  DestinationSettings,
  DestinationStatus,
  Envelope,
  OrderPolicy,
} from '../../base/model/destination.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'
import { readRetryPolicy } from './retry-policy.ts'

export type NewDestination = Omit<Destination, 'status' | 'disabledReason' | 'createdAt' | 'updatedAt'>

export async function insertDestination(tx: Queryable, destination: NewDestination): Promise<Destination> {
  const { rows } = await tx.query<DestinationRow>(
    `insert into destinations as d (id, tenant_id, ${SETTABLE.join(', ')})
     values ($1, $2, ${SETTABLE.map((_, index) => `$${index + 3}`).join(', ')}) returning ${COLUMNS}`,
    [destination.id, destination.tenantId, ...valuesOf(destination)],
  )
  return one(rows)
}

export interface DestinationFilter {
  readonly status?: DestinationStatus | undefined
}

/** Newest first. */
export async function listDestinations(
  db: Queryable,
  tenantId: Uuid,
  filter: DestinationFilter,
  page: ListPage,
): Promise<readonly Destination[]> {
  const { rows } = await db.query<DestinationRow>(
    `select ${COLUMNS} from destinations d
     where tenant_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or id < $3)
     order by id desc offset $4 limit $5`,
    [tenantId, filter.status ?? null, page.after?.[0] ?? null, page.offset, page.limit],
  )
  return rows.map(destinationOf)
}

export async function findDestination(db: Queryable, tenantId: Uuid, id: Uuid): Promise<Destination | undefined> {
  const { rows } = await db.query<DestinationRow>(
    `select ${COLUMNS} from destinations d where tenant_id = $1 and id = $2`,
    [tenantId, id],
  )
  return rows[0] === undefined ? undefined : destinationOf(rows[0])
}

/** Locks it until the transaction ends, so that a change is made to what was read. */
export async function lockDestination(tx: Queryable, tenantId: Uuid, id: Uuid): Promise<Destination | undefined> {
  const { rows } = await tx.query<DestinationRow>(
    `select ${COLUMNS} from destinations d where tenant_id = $1 and id = $2 for no key update`,
    [tenantId, id],
  )
  return rows[0] === undefined ? undefined : destinationOf(rows[0])
}

/** Everything about a destination that may change. The destination must be locked. */
export async function updateDestination(tx: Queryable, destination: Destination): Promise<Destination> {
  const at = SETTABLE.length + 3
  const { rows } = await tx.query<DestinationRow>(
    `update destinations d set ${SETTABLE.map((column, index) => `${column} = $${index + 3}`).join(', ')},
       status = $${at}, disabled_reason = $${at + 1}, updated_at = now()
     where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
    [destination.tenantId, destination.id, ...valuesOf(destination), destination.status, destination.disabledReason],
  )
  return one(rows)
}

/** The columns that people set, in the order of `valuesOf`. */
const SETTABLE = [
  'name',
  'kind',
  'url',
  'settings',
  'allow_cidrs',
  'timeout_ms',
  'retry',
  'shadow',
  'envelope',
  'tls_verify',
  'max_concurrency',
  'rate_per_minute',
  'order_by',
  'order_policy',
  'order_after',
  'breaker_failures',
  'breaker_open_ms',
  'disable_after_hours',
  'auth',
] as const

function valuesOf(destination: NewDestination): readonly unknown[] {
  const { ordering, breaker } = destination
  return [
    destination.name,
    destination.kind,
    destination.url,
    destination.settings,
    destination.allowCidrs,
    destination.timeoutMs,
    destination.retry,
    destination.shadow,
    destination.envelope,
    destination.tlsVerify,
    destination.maxConcurrency,
    destination.ratePerMinute,
    ordering?.by ?? null,
    ordering?.policy ?? 'block',
    ordering?.after ?? 1,
    breaker.failures,
    breaker.openMs,
    destination.disableAfterHours,
    destination.auth,
  ]
}

/** What is secret of its credentials, or that there is nothing. The destination must be the caller's. */
export async function storeDestinationAuth(tx: Queryable, id: Uuid, sealed: Buffer | null): Promise<void> {
  await tx.query('update destinations set auth_sealed = $2 where id = $1', [id, sealed])
}

export interface RoutedDestination extends Destination {
  readonly integrationId: Uuid
}

export async function listDestinationsOf(
  db: Queryable,
  tenantId: Uuid,
  integrationIds: readonly Uuid[],
): Promise<readonly RoutedDestination[]> {
  const { rows } = await db.query<DestinationRow & { readonly integration_id: Uuid }>(
    `select ${COLUMNS}, r.integration_id
     from routes r join destinations d on d.id = r.destination_id and d.tenant_id = r.tenant_id
     where r.tenant_id = $1 and r.integration_id = any($2::uuid[]) order by d.id`,
    [tenantId, integrationIds],
  )
  return rows.map((row) => ({ ...destinationOf(row), integrationId: row.integration_id }))
}

const COLUMNS = `d.id, d.tenant_id, d.status, d.disabled_reason, ${SETTABLE.map((column) => `d.${column}`).join(', ')},
  d.created_at, d.updated_at`

interface DestinationRow {
  readonly id: Uuid
  readonly tenant_id: Uuid
  readonly name: string
  readonly kind: DestinationKind
  readonly url: string
  readonly settings: DestinationSettings
  readonly status: DestinationStatus
  readonly disabled_reason: string | null
  readonly allow_cidrs: string[]
  readonly timeout_ms: number
  readonly retry: unknown
  readonly shadow: boolean
  readonly envelope: Envelope
  readonly tls_verify: boolean
  readonly max_concurrency: number | null
  readonly rate_per_minute: number | null
  readonly order_by: string | null
  readonly order_policy: OrderPolicy
  readonly order_after: number
  readonly breaker_failures: number
  readonly breaker_open_ms: number
  readonly disable_after_hours: number | null
  readonly auth: DestinationAuth | null
  readonly created_at: Date
  readonly updated_at: Date
}

function destinationOf(row: DestinationRow): Destination {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    kind: row.kind,
    url: row.url,
    settings: row.settings,
    status: row.status,
    disabledReason: row.disabled_reason,
    allowCidrs: row.allow_cidrs,
    timeoutMs: row.timeout_ms,
    retry: readRetryPolicy(row.retry),
    shadow: row.shadow,
    envelope: row.envelope,
    tlsVerify: row.tls_verify,
    maxConcurrency: row.max_concurrency,
    ratePerMinute: row.rate_per_minute,
    ordering: row.order_by === null ? null : { by: row.order_by, policy: row.order_policy, after: row.order_after },
    breaker: { failures: row.breaker_failures, openMs: row.breaker_open_ms },
    disableAfterHours: row.disable_after_hours,
    auth: row.auth,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function one(rows: readonly DestinationRow[]): Destination {
  const row = rows[0]
  if (row === undefined) throw new Error('a statement that writes one row wrote none')
  return destinationOf(row)
}
