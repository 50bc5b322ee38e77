/**
 * Integrations and their inbound keys. Every statement but the gateway's own read names the tenant.
 */

import { PosternError } from '../../base/model/errors.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Integration, IntegrationStatus, UnlistedPolicy } from '../../base/model/integration.ts'
import { isUniqueViolation, type Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'

/** An inbound key at rest: a reference to a secret kept elsewhere, or an envelope; exactly one of them. */
export interface StoredKey {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  readonly reference: string | null
  readonly sealed: Buffer | null
  /** Which of the scheme's further keys it is; `null` for the ordinary one. */
  readonly slot: string | null
  readonly notBefore: Date | null
  readonly notAfter: Date | null
}

/** Everything the gateway answers for, over all tenants: not disabled, each with the keys that may still match. */
export async function loadIntegrations(
  db: Queryable,
): Promise<readonly { readonly integration: Integration; readonly keys: readonly StoredKey[] }[]> {
  const { rows: integrations } = await db.query<IntegrationRow>(
    `select ${COLUMNS} from integrations where status <> 'disabled' order by id`,
  )
  // A day's grace for clocks that disagree; the gateway itself judges the window of each key.
  const { rows: keys } = await db.query<KeyRow>(
    `select ${KEY_COLUMNS} from integration_keys
     where revoked_at is null and (not_after is null or not_after > now() - interval '1 day') order by id desc`,
  )
  const byIntegration = new Map<Uuid, StoredKey[]>()
  for (const key of keys.map(storedKeyOf)) {
    const siblings = byIntegration.get(key.integrationId)
    if (siblings === undefined) byIntegration.set(key.integrationId, [key])
    else siblings.push(key)
  }
  return integrations.map((row) => ({ integration: integrationOf(row), keys: byIntegration.get(row.id) ?? [] }))
}

export type NewIntegration = Omit<Integration, 'isDefault' | 'createdAt' | 'updatedAt'>

/**
 * Stores an integration; the first of its provider becomes the default one.
 *
 * @throws PosternError `CONFLICT` when the tenant already has one of this provider and name.
 */
export async function insertIntegration(tx: Queryable, integration: NewIntegration): Promise<Integration> {
  await lockTenant(tx, integration.tenantId)
  const { rows } = await tx
    .query<IntegrationRow>(
      `insert into integrations (id, tenant_id, provider, name, status, scheme, public_url, settings, tolerance_seconds,
         max_body_bytes, rate_limit_per_minute, event_types, unlisted_policy, is_default)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
         not exists (select from integrations where tenant_id = $2 and provider = $3 and is_default))
       returning ${COLUMNS}`,
      [
        integration.id,
        integration.tenantId,
        integration.provider,
        integration.name,
        integration.status,
        integration.scheme ?? null,
        integration.publicUrl ?? null,
        integration.settings,
        integration.toleranceSeconds ?? null,
        integration.maxBodyBytes,
        integration.rateLimitPerMinute,
        integration.eventTypes ?? null,
        integration.unlistedPolicy,
      ],
    )
    .catch(nameTaken)
  return integrationOf(one(rows))
}

export interface IntegrationFilter {
  readonly provider?: string
  /** Only those that accept events. */
  readonly activeOnly?: boolean
}

/** Newest first. */
export async function listIntegrations(
  db: Queryable,
  tenantId: Uuid,
  filter: IntegrationFilter,
  page: ListPage,
): Promise<readonly Integration[]> {
  const { rows } = await db.query<IntegrationRow>(
    `select ${COLUMNS} from integrations
     where tenant_id = $1 and ($2::text is null or provider = $2) and (not $3 or status = 'active')
       and ($4::uuid is null or id < $4)
     order by id desc offset $5 limit $6`,
    [tenantId, filter.provider ?? null, filter.activeOnly ?? false, page.after?.[0] ?? null, page.offset, page.limit],
  )
  return rows.map(integrationOf)
}

export async function findIntegration(db: Queryable, tenantId: Uuid, id: Uuid): Promise<Integration | undefined> {
  const { rows } = await db.query<IntegrationRow>(
    `select ${COLUMNS} from integrations where tenant_id = $1 and id = $2`,
    [tenantId, id],
  )
  return rows[0] === undefined ? undefined : integrationOf(rows[0])
}

/** Reads it and holds it until the transaction ends, so that what is decided from it stays true. */
export async function lockIntegration(tx: Queryable, tenantId: Uuid, id: Uuid): Promise<Integration | undefined> {
  await lockTenant(tx, tenantId)
  const { rows } = await tx.query<IntegrationRow>(
    `select ${COLUMNS} from integrations where tenant_id = $1 and id = $2 for no key update`,
    [tenantId, id],
  )
  return rows[0] === undefined ? undefined : integrationOf(rows[0])
}

/** `undefined` leaves a field as it is, `null` clears it. */
export interface IntegrationChanges {
  readonly name?: string | undefined
  readonly status?: IntegrationStatus | undefined
  readonly publicUrl?: string | null | undefined
  readonly settings?: Readonly<Record<string, string>> | undefined
  readonly toleranceSeconds?: number | null | undefined
  readonly maxBodyBytes?: number | undefined
  readonly rateLimitPerMinute?: number | undefined
  readonly eventTypes?: readonly string[] | null | undefined
  readonly unlistedPolicy?: UnlistedPolicy | undefined
  readonly isDefault?: true | undefined
}

const COLUMN_OF = {
  name: 'name',
  status: 'status',
  publicUrl: 'public_url',
  settings: 'settings',
  toleranceSeconds: 'tolerance_seconds',
  maxBodyBytes: 'max_body_bytes',
  rateLimitPerMinute: 'rate_limit_per_minute',
  eventTypes: 'event_types',
  unlistedPolicy: 'unlisted_policy',
  isDefault: 'is_default',
} as const satisfies Record<keyof IntegrationChanges, string>

/** Changes an integration that `lockIntegration` holds. @throws PosternError `CONFLICT` when the name is taken. */
export async function updateIntegration(
  tx: Queryable,
  integration: Integration,
  changes: IntegrationChanges,
): Promise<Integration> {
  if (changes.isDefault === true) {
    await tx.query(
      'update integrations set is_default = false, updated_at = now() where tenant_id = $1 and provider = $2 and is_default and id <> $3',
      [integration.tenantId, integration.provider, integration.id],
    )
  }
  const sets = Object.entries(COLUMN_OF)
    .map(([field, column]) => ({ column, value: changes[field as keyof IntegrationChanges] }))
    .filter(({ value }) => value !== undefined)
  const assignments = sets.map(({ column }, index) => `${column} = $${index + 3}, `).join('')
  const { rows } = await tx
    .query<IntegrationRow>(
      `update integrations set ${assignments}updated_at = now() where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
      [integration.tenantId, integration.id, ...sets.map(({ value }) => value)],
    )
    .catch(nameTaken)
  return integrationOf(one(rows))
}

/** Wakes every gateway that keeps the integrations in memory; they hear it when the transaction commits. */
export async function notifyIntegrationsChanged(tx: Queryable): Promise<void> {
  await tx.query("select pg_notify('postern_integrations', '')")
}

/** One writer of integrations per tenant at a time: "the first one" and "the default one" need a common view. */
async function lockTenant(tx: Queryable, tenantId: Uuid): Promise<void> {
  await tx.query('select from tenants where id = $1 for no key update', [tenantId])
}

const COLUMNS = `id, tenant_id, provider, name, status, is_default, scheme, public_url, settings, tolerance_seconds,
  max_body_bytes, rate_limit_per_minute, event_types, unlisted_policy, created_at, updated_at`

const KEY_COLUMNS = 'id, tenant_id, integration_id, reference, sealed, slot, not_before, not_after'

interface IntegrationRow {
  readonly id: Uuid
  readonly tenant_id: Uuid
  readonly provider: string
  readonly name: string
  readonly status: IntegrationStatus
  readonly is_default: boolean
  readonly scheme: string | null
  readonly public_url: string | null
  readonly settings: Record<string, string>
  readonly tolerance_seconds: number | null
  readonly max_body_bytes: number
  readonly rate_limit_per_minute: number
  readonly event_types: string[] | null
  readonly unlisted_policy: UnlistedPolicy
  readonly created_at: Date
  readonly updated_at: Date
}

interface KeyRow {
  readonly id: Uuid
  readonly tenant_id: Uuid
  readonly integration_id: Uuid
  readonly reference: string | null
  readonly sealed: Buffer | null
  readonly slot: string | null
  readonly not_before: Date | null
  readonly not_after: Date | null
}

function integrationOf(row: IntegrationRow): Integration {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    provider: row.provider,
    name: row.name,
    status: row.status,
    isDefault: row.is_default,
    settings: row.settings,
    maxBodyBytes: row.max_body_bytes,
    rateLimitPerMinute: row.rate_limit_per_minute,
    unlistedPolicy: row.unlisted_policy,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.scheme === null ? {} : { scheme: row.scheme }),
    ...(row.public_url === null ? {} : { publicUrl: row.public_url }),
    ...(row.tolerance_seconds === null ? {} : { toleranceSeconds: row.tolerance_seconds }),
    ...(row.event_types === null ? {} : { eventTypes: row.event_types }),
  }
}

function storedKeyOf(row: KeyRow): StoredKey {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    integrationId: row.integration_id,
    reference: row.reference,
    sealed: row.sealed,
    slot: row.slot,
    notBefore: row.not_before,
    notAfter: row.not_after,
  }
}

function one<T>(rows: readonly T[]): T {
  const row = rows[0]
  if (row === undefined) throw new Error('a statement that writes one row wrote none')
  return row
}

function nameTaken(error: unknown): never {
  if (isUniqueViolation(error, 'integrations_tenant_id_provider_name_key')) {
    throw new PosternError('CONFLICT', 'There is already an integration of this provider with this name.', {
      errors: [{ path: 'name', message: 'is taken' }],
      cause: error,
    })
  }
  throw error
}
