/** Alerts: what a machine did or saw that somebody should know. */
import { newId, type Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'

export const ALERT_KINDS = ['circuit_opened', 'destination_disabled', 'undelivered_pruned'] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

export interface NewAlert {
  readonly tenantId: Uuid
  readonly kind: AlertKind
  readonly destinationId: Uuid | null
  /** No secrets. */
  readonly details: Readonly<Record<string, unknown>>
}

export async function insertAlert(tx: Queryable, alert: NewAlert): Promise<void> {
  await tx.query('insert into alerts (id, tenant_id, kind, destination_id, details) values ($1, $2, $3, $4, $5)', [
    newId(),
    alert.tenantId,
    alert.kind,
    alert.destinationId,
    alert.details,
  ])
}

/** Events that were never delivered have gone with their day: one alert a day of theirs, which grows until somebody has seen it. */
export async function alertOfUndeliveredPruned(
  tx: Queryable,
  tenantId: Uuid,
  { day, events }: { readonly day: string; readonly events: number },
): Promise<void> {
  const kind = 'undelivered_pruned'
  const { rowCount } = await tx.query(
    `update alerts set details = jsonb_set(details, '{events}', to_jsonb((details->>'events')::bigint + $4))
     where tenant_id = $1 and kind = $2 and details->>'day' = $3 and acknowledged_at is null`,
    [tenantId, kind, day, events],
  )
  if (rowCount === 0) await insertAlert(tx, { tenantId, kind, destinationId: null, details: { day, events } })
}

export interface AlertRecord extends NewAlert {
  readonly id: Uuid
  readonly createdAt: Date
  readonly acknowledgedAt: Date | null
  readonly acknowledgedBy: string | null
}

/** Newest first. */
export async function listAlerts(
  db: Queryable,
  tenantId: Uuid,
  filter: { readonly kind?: AlertKind | undefined; readonly openOnly: boolean },
  page: ListPage,
): Promise<readonly AlertRecord[]> {
  const { rows } = await db.query<AlertRecord>(
    `select ${COLUMNS} from alerts
     where tenant_id = $1 and ($2::text is null or kind = $2) and (not $3 or acknowledged_at is null)
       and ($4::uuid is null or id < $4)
     order by id desc offset $5 limit $6`,
    [tenantId, filter.kind ?? null, filter.openOnly, page.after?.[0] ?? null, page.offset, page.limit],
  )
  return rows
}

/** The first who says so stays on record. @returns `undefined` when the tenant has no such alert. */
export async function acknowledgeAlert(
  tx: Queryable,
  tenantId: Uuid,
  id: Uuid,
  actor: string,
): Promise<AlertRecord | undefined> {
  const { rows } = await tx.query<AlertRecord>(
    `update alerts set acknowledged_at = coalesce(acknowledged_at, now()), acknowledged_by = coalesce(acknowledged_by, $3)
     where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
    [tenantId, id, actor],
  )
  return rows[0]
}

const COLUMNS = `id, tenant_id as "tenantId", kind, destination_id as "destinationId", details, created_at as "createdAt",
  acknowledged_at as "acknowledgedAt", acknowledged_by as "acknowledgedBy"`
