/**
 * The keys that deliveries are signed with: several of one destination sign together while one replaces another.
 */
import type { SigningScheme } from '../../base/model/destination.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'

export interface NewSigningKey {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly destinationId: Uuid
  readonly scheme: SigningScheme
  readonly sealed: Buffer
  /** Whether anybody outside is given it. */
  readonly known: boolean
}

/** The destination must be the tenant's own; the caller has just made or locked it. */
export async function insertSigningKey(tx: Queryable, key: NewSigningKey): Promise<void> {
  await tx.query(
    'insert into destination_signing_keys (id, tenant_id, destination_id, scheme, sealed, known) values ($1, $2, $3, $4, $5, $6)',
    [key.id, key.tenantId, key.destinationId, key.scheme, key.sealed, key.known],
  )
}

/** Ends the keys there are: at `until`, or when they would have ended anyway. Deletes those that have ended, and those that nobody knows. */
export async function retireSigningKeys(tx: Queryable, destinationId: Uuid, until: Date): Promise<void> {
  await tx.query(
    'delete from destination_signing_keys where destination_id = $1 and (not_after <= now() or not known)',
    [destinationId],
  )
  await tx.query(
    'update destination_signing_keys set not_after = least(not_after, $2::timestamptz) where destination_id = $1',
    [destinationId, until],
  )
}

export interface SigningKeySummary {
  readonly id: Uuid
  readonly scheme: SigningScheme
  readonly createdAt: Date
  readonly notAfter: Date | null
}

/** Those that sign at `now`, newest first. */
export async function listSigningKeys(
  db: Queryable,
  tenantId: Uuid,
  destinationId: Uuid,
  now: Date,
): Promise<readonly SigningKeySummary[]> {
  const { rows } = await db.query<{ id: Uuid; scheme: SigningScheme; created_at: Date; not_after: Date | null }>(
    `select id, scheme, created_at, not_after from destination_signing_keys
     where tenant_id = $1 and destination_id = $2 and (not_after is null or not_after > $3)
     order by created_at desc, id desc`,
    [tenantId, destinationId, now],
  )
  return rows.map((row) => ({ id: row.id, scheme: row.scheme, createdAt: row.created_at, notAfter: row.not_after }))
}
