/**
 * How long each tenant's things are kept. Whoever removes anything holds the row of `retention_rules` from reading the
 * rules to the commit; whoever changes them, or sets a hold, waits for it.
 */
import type { Uuid } from '../../base/model/ids.ts'
import { type Cutoffs, cutoffsOf, type RetentionPolicy } from '../../base/model/retention.ts'
import type { Queryable } from './database.ts'

export interface TenantRetention extends RetentionPolicy {
  readonly updatedAt: Date
  readonly updatedBy: string
}

/** @returns `undefined` where the defaults hold. */
export async function findRetention(db: Queryable, tenantId: Uuid): Promise<TenantRetention | undefined> {
  const { rows } = await db.query<TenantRetention>(
    `select metadata_days as "metadataDays", payload_days as "payloadDays", undelivered_days as "undeliveredDays",
       updated_at as "updatedAt", updated_by as "updatedBy"
     from retention_settings where tenant_id = $1`,
    [tenantId],
  )
  return rows[0]
}

/** After `changeRules`. */
export async function saveRetention(
  tx: Queryable,
  tenantId: Uuid,
  { metadataDays, payloadDays, undeliveredDays, updatedAt, updatedBy }: TenantRetention,
): Promise<void> {
  await tx.query(
    `insert into retention_settings (tenant_id, metadata_days, payload_days, undelivered_days, updated_at, updated_by)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id) do update set metadata_days = excluded.metadata_days, payload_days = excluded.payload_days,
       undelivered_days = excluded.undelivered_days, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
    [tenantId, metadataDays, payloadDays, undeliveredDays, updatedAt, updatedBy],
  )
}

/** After `changeRules`. The tenant's own policy goes; from then on the defaults hold. */
export async function removeRetention(tx: Queryable, tenantId: Uuid): Promise<void> {
  await tx.query('delete from retention_settings where tenant_id = $1', [tenantId])
}

/** To be called before reading what is to be changed: changes come one after the other, and nobody removes by old rules. */
export async function changeRules(tx: Queryable): Promise<void> {
  await tx.query('update retention_rules set version = version + 1')
}

/** Holds the rules until the transaction ends. @returns Their version. */
export async function holdRules(tx: Queryable): Promise<number> {
  const { rows } = await tx.query<{ version: number }>('select version from retention_rules for update')
  return rows[0]?.version ?? 0
}

/** What is due, of every tenant. */
export interface Rules {
  readonly version: number
  readonly tenants: readonly (Cutoffs & { readonly tenantId: Uuid })[]
}

/** @param now Milliseconds since the epoch. @param tenantId Only of this one. */
export async function readRules(
  db: Queryable,
  defaults: RetentionPolicy,
  now: number,
  tenantId: Uuid | null = null,
): Promise<Rules> {
  const { rows } = await db.query<RetentionPolicy & { tenantId: Uuid; own: boolean; version: number }>(
    `select t.id as "tenantId", s.tenant_id is not null as own, s.metadata_days as "metadataDays", s.payload_days as "payloadDays",
       s.undelivered_days as "undeliveredDays", r.version
     from tenants t left join retention_settings s on s.tenant_id = t.id cross join retention_rules r
     where $1::uuid is null or t.id = $1`,
    [tenantId],
  )
  return {
    version: rows[0]?.version ?? 0,
    tenants: rows.map((row) => ({ tenantId: row.tenantId, ...cutoffsOf(row.own ? row : defaults, now) })),
  }
}
