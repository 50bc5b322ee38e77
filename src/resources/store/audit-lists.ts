/**
 * The audit trail as a tenant reads it.
 *
 * Receipts vouch for a whole commit batch and belong to no tenant; one is shown to whoever asks for an event
 * of theirs that it vouches for.
 */
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'

export interface AuditRecord {
  readonly id: Uuid
  readonly chainId: Uuid
  readonly seq: number
  readonly at: Date
  readonly actor: string
  readonly action: string
  readonly entityType: string
  readonly entityId: Uuid | null
  /** JSON, as hashed. */
  readonly details: string
  readonly hash: Buffer
}

export interface AuditFilter {
  readonly entityType?: string | undefined
  readonly entityId?: Uuid | undefined
  readonly action?: string | undefined
}

/** Newest first. */
export async function listAuditEntries(
  db: Queryable,
  tenantId: Uuid,
  filter: AuditFilter,
  page: ListPage,
): Promise<readonly AuditRecord[]> {
  const { rows } = await db.query<AuditRow>(filter.entityId === undefined ? LIST : LIST_OF_ENTITY, [
    tenantId,
    filter.entityType ?? null,
    filter.action ?? null,
    page.after?.[0] ?? null,
    page.offset,
    page.limit,
    ...(filter.entityId === undefined ? [] : [filter.entityId]),
  ])
  return rows.map((row) => ({
    id: row.id,
    chainId: row.chain_id,
    seq: row.seq,
    at: row.at,
    actor: row.actor,
    action: row.action,
    entityType: row.entity_type,
    entityId: row.entity_id,
    details: row.details,
    hash: row.hash,
  }))
}

const COLUMNS = 'id, chain_id, seq, at, actor, action, entity_type, entity_id, details, hash'

const FILTERS = `($2::text is null or entity_type = $2) and ($3::text is null or action = $3) and ($4::uuid is null or id < $4)`

const LIST = `select ${COLUMNS} from audit_entries where tenant_id = $1 and ${FILTERS} order by id desc offset $5 limit $6`

const LIST_OF_ENTITY = `
select ${COLUMNS} from (
  select ${COLUMNS} from audit_entries where tenant_id = $1 and entity_id = $7
  union all
  select ${COLUMNS} from audit_entries
  where entity_id is null and id = (select receipt_id from events where tenant_id = $1 and id = $7)
) as entries where ${FILTERS} order by id desc offset $5 limit $6`

interface AuditRow {
  readonly id: Uuid
  readonly chain_id: Uuid
  readonly seq: number
  readonly at: Date
  readonly actor: string
  readonly action: string
  readonly entity_type: string
  readonly entity_id: Uuid | null
  readonly details: string
  readonly hash: Buffer
}
