/**
 * Destinations and the routes that lead to them, as the management surface sees them.
 */
import type { Destination, DestinationStatus, RetryPolicy } from '../../base/model/destination.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'

export interface NewDestination extends Omit<Destination, 'status' | 'createdAt' | 'updatedAt'> {
  readonly signingKeySealed: Buffer
}

export async function insertDestination(tx: Queryable, destination: NewDestination): Promise<void> {
  await tx.query(
    `insert into destinations (id, tenant_id, url, allow_cidrs, timeout_ms, retry, signing_key_sealed)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      destination.id,
      destination.tenantId,
      destination.url,
      destination.allowCidrs,
      destination.timeoutMs,
      destination.retry,
      destination.signingKeySealed,
    ],
  )
}

/** Both must be the tenant's own; the caller has just made or locked them. */
export async function insertRoute(
  tx: Queryable,
  route: { readonly id: Uuid; readonly tenantId: Uuid; readonly integrationId: Uuid; readonly destinationId: Uuid },
): Promise<void> {
  await tx.query('insert into routes (id, tenant_id, integration_id, destination_id) values ($1, $2, $3, $4)', [
    route.id,
    route.tenantId,
    route.integrationId,
    route.destinationId,
  ])
}

/** A destination without its signing key, and why it was disabled if it was. */
export interface RoutedDestination extends Destination {
  readonly integrationId: Uuid
  readonly disabledReason: string | null
}

export async function listDestinationsOf(
  db: Queryable,
  tenantId: Uuid,
  integrationIds: readonly Uuid[],
): Promise<readonly RoutedDestination[]> {
  const { rows } = await db.query<DestinationRow>(
    `select d.id, d.tenant_id, r.integration_id, d.url, d.status, d.disabled_reason, d.allow_cidrs, d.timeout_ms, d.retry,
       d.created_at, d.updated_at
     from routes r join destinations d on d.id = r.destination_id and d.tenant_id = r.tenant_id
     where r.tenant_id = $1 and r.integration_id = any($2::uuid[]) order by d.id`,
    [tenantId, integrationIds],
  )
  return rows.map((row) => ({
    id: row.id,
    tenantId: row.tenant_id,
    integrationId: row.integration_id,
    url: row.url,
    status: row.status,
    disabledReason: row.disabled_reason,
    allowCidrs: row.allow_cidrs,
    timeoutMs: row.timeout_ms,
    retry: row.retry,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }))
}

/** @returns Whether the tenant has this destination. */
export async function replaceSigningKey(tx: Queryable, tenantId: Uuid, id: Uuid, sealed: Buffer): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update destinations set signing_key_sealed = $3, updated_at = now() where tenant_id = $1 and id = $2',
    [tenantId, id, sealed],
  )
  return rowCount === 1
}

interface DestinationRow {
  readonly id: Uuid
  readonly tenant_id: Uuid
  readonly integration_id: Uuid
  readonly url: string
  readonly status: DestinationStatus
  readonly disabled_reason: string | null
  readonly allow_cidrs: string[]
  readonly timeout_ms: number
  readonly retry: RetryPolicy
  readonly created_at: Date
  readonly updated_at: Date
}
