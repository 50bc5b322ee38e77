/**
 * Destinations as the management surface sees them.
 */
import type { Destination, DestinationStatus, RetryPolicy } from '../../base/model/destination.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'

export type NewDestination = Omit<Destination, 'status' | 'disabledReason' | 'createdAt' | 'updatedAt'>

export async function insertDestination(tx: Queryable, destination: NewDestination): Promise<Destination> {
  const { rows } = await tx.query<DestinationRow>(
    `insert into destinations as d (id, tenant_id, name, url, allow_cidrs, timeout_ms, retry, shadow)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${COLUMNS}`,
    [
      destination.id,
      destination.tenantId,
      destination.name,
      destination.url,
      destination.allowCidrs,
      destination.timeoutMs,
      destination.retry,
      destination.shadow,
    ],
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
  const { rows } = await tx.query<DestinationRow>(
    `update destinations d set name = $3, url = $4, status = $5, disabled_reason = $6, allow_cidrs = $7, timeout_ms = $8,
       retry = $9, shadow = $10, updated_at = now()
     where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
    [
      destination.tenantId,
      destination.id,
      destination.name,
      destination.url,
      destination.status,
      destination.disabledReason,
      destination.allowCidrs,
      destination.timeoutMs,
      destination.retry,
      destination.shadow,
    ],
  )
  return one(rows)
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

const COLUMNS = `d.id, d.tenant_id, d.name, d.url, d.status, d.disabled_reason, d.allow_cidrs, d.timeout_ms, d.retry, d.shadow,
  d.created_at, d.updated_at`

interface DestinationRow {
  readonly id: Uuid
  readonly tenant_id: Uuid
  readonly name: string
  readonly url: string
  readonly status: DestinationStatus
  readonly disabled_reason: string | null
  readonly allow_cidrs: string[]
  readonly timeout_ms: number
  readonly retry: RetryPolicy
  readonly shadow: boolean
  readonly created_at: Date
  readonly updated_at: Date
}

function destinationOf(row: DestinationRow): Destination {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    url: row.url,
    status: row.status,
    disabledReason: row.disabled_reason,
    allowCidrs: row.allow_cidrs,
    timeoutMs: row.timeout_ms,
    retry: row.retry,
    shadow: row.shadow,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function one(rows: readonly DestinationRow[]): Destination {
  const row = rows[0]
  if (row === undefined) throw new Error('a statement that writes one row wrote none')
  return destinationOf(row)
}
