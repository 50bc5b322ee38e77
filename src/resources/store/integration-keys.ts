/**
 * The inbound keys of integrations, as the management surface sees and changes them: never their content.
 */
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'

export interface KeySummary {
  readonly id: Uuid
  readonly integrationId: Uuid
  /** Where the secret is kept. */
  readonly form: 'env' | 'file' | 'sealed'
  /** Which of the scheme's further keys it is; `null` for the ordinary one. */
  readonly slot: string | null
  readonly notBefore: Date | null
  readonly notAfter: Date | null
  readonly createdAt: Date
}

export interface NewKey {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  /** Exactly one of the two. */
  readonly reference: string | null
  readonly sealed: Buffer | null
  readonly slot: string | null
  readonly notBefore: Date | null
  readonly notAfter: Date | null
}

export async function insertKey(tx: Queryable, key: NewKey): Promise<void> {
  await tx.query(
    `insert into integration_keys (id, tenant_id, integration_id, reference, sealed, slot, not_before, not_after)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [key.id, key.tenantId, key.integrationId, key.reference, key.sealed, key.slot, key.notBefore, key.notAfter],
  )
}

/** The keys that are not revoked, newest first; expired ones included, so that a lapsed rotation can be seen. */
export async function listKeys(
  db: Queryable,
  tenantId: Uuid,
  integrationIds: readonly Uuid[],
): Promise<readonly KeySummary[]> {
  const { rows } = await db.query<{
    id: Uuid
    integration_id: Uuid
    form: KeySummary['form']
    slot: string | null
    not_before: Date | null
    not_after: Date | null
    created_at: Date
  }>(
    `select id, integration_id, coalesce(split_part(reference, ':', 1), 'sealed') as form, slot, not_before, not_after, created_at
     from integration_keys
     where tenant_id = $1 and integration_id = any($2::uuid[]) and revoked_at is null order by id desc`,
    [tenantId, integrationIds],
  )
  return rows.map((row) => ({
    id: row.id,
    integrationId: row.integration_id,
    form: row.form,
    slot: row.slot,
    notBefore: row.not_before,
    notAfter: row.not_after,
    createdAt: row.created_at,
  }))
}

/** @returns Whether there was such a key to revoke. */
export async function revokeKey(tx: Queryable, tenantId: Uuid, integrationId: Uuid, id: Uuid): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update integration_keys set revoked_at = now()
     where tenant_id = $1 and integration_id = $2 and id = $3 and revoked_at is null`,
    [tenantId, integrationId, id],
  )
  return rowCount === 1
}
