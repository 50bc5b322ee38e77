/**
 * Alerts: a condition that holds is one row until it is gone. Of any number of workers that see it, the unique index lets
 * one open it.
 */
import type { AlertKind, AlertStatus, NotificationStatus, Transition } from '../../base/model/alert.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'

/** What a rule found. */
export interface Condition {
  readonly tenantId: Uuid
  /** What it is about: with tenant and kind, the cause. */
  readonly subject: Uuid
  readonly destinationId: Uuid | null
  readonly integrationId: Uuid | null
  /** Numbers, times and closed words; nothing a sender wrote, no secrets. */
  readonly details: Readonly<Record<string, unknown>>
}

export interface ChangedAlert {
  readonly id: Uuid
  readonly tenantId: Uuid
}

/** Opens an alert for each condition that has none, and notes that the others last. @returns Those that were opened. */
export async function openAlerts(
  tx: Queryable,
  kind: AlertKind,
  conditions: readonly Condition[],
  now: Date,
): Promise<readonly ChangedAlert[]> {
  if (conditions.length === 0) return []
  // In one order, as every evaluator writes them.
  const sorted = [...conditions].sort((a, b) => (a.subject < b.subject ? -1 : 1))
  const { rows } = await tx.query<ChangedAlert & { opened: boolean }>(
    `insert into alerts (id, tenant_id, kind, subject, destination_id, integration_id, details, created_at, last_seen_at)
     select id, tenant_id, $1, subject, destination_id, integration_id, details, $8, $8
     from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::jsonb[])
       as t (id, tenant_id, subject, destination_id, integration_id, details)
     on conflict (tenant_id, kind, subject) where resolved_at is null
     do update set last_seen_at = greatest(alerts.last_seen_at, excluded.last_seen_at), details = excluded.details
     returning id, tenant_id as "tenantId", xmax = 0 as opened`,
    [
      kind,
      sorted.map(() => newId()),
      sorted.map((each) => each.tenantId),
      sorted.map((each) => each.subject),
      sorted.map((each) => each.destinationId),
      sorted.map((each) => each.integrationId),
      sorted.map((each) => JSON.stringify(each.details)),
      now,
    ],
  )
  return rows.filter(({ opened }) => opened)
}

/**
 * Resolves those whose condition did not hold at `now` and has not since `goneSince`.
 *
 * @param tenantIds Of whom the rule was looked at.
 */
export async function resolveAlerts(
  tx: Queryable,
  kind: AlertKind,
  tenantIds: readonly Uuid[],
  { now, goneSince }: { readonly now: Date; readonly goneSince: Date },
): Promise<readonly ChangedAlert[]> {
  const { rows } = await tx.query<ChangedAlert>(
    `update alerts set resolved_at = $3
     where kind = $1 and resolved_at is null and last_seen_at < $3 and last_seen_at <= $4 and tenant_id = any ($2::uuid[])
     returning id, tenant_id as "tenantId"`,
    [kind, tenantIds, now, goneSince],
  )
  return rows
}

/** Without telling anybody, also not what is still to be told: nobody looks any more. */
export async function closeAlerts(tx: Queryable, tenantId: Uuid, kind: AlertKind): Promise<void> {
  await tx.query(
    `with closed as (
       update alerts set resolved_at = clock_timestamp()
       where tenant_id = $1 and kind = $2 and resolved_at is null returning id
     )
     update alert_notifications set status = 'dropped', last_error = 'rule_off', finished_at = clock_timestamp()
     where alert_id in (select id from closed) and status = 'queued' and attempts = 0`,
    [tenantId, kind],
  )
}

export interface AlertRecord extends Condition {
  readonly id: Uuid
  readonly kind: AlertKind
  readonly destinationName: string | null
  readonly integrationName: string | null
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly resolvedAt: Date | null
  readonly acknowledgedAt: Date | null
  readonly acknowledgedBy: string | null
}

export interface AlertFilter {
  readonly kind?: AlertKind | undefined
  readonly status?: AlertStatus | undefined
}

/** Newest first. */
export async function listAlerts(
  db: Queryable,
  tenantId: Uuid,
  filter: AlertFilter,
  page: ListPage,
): Promise<readonly AlertRecord[]> {
  const { rows } = await db.query<AlertRecord>(
    `select ${COLUMNS} from alerts a ${NAMES}
     where a.tenant_id = $1 and ($2::text is null or a.kind = $2)
       and case $3 when 'open' then a.resolved_at is null and a.acknowledged_at is null
         when 'acknowledged' then a.resolved_at is null and a.acknowledged_at is not null
         when 'resolved' then a.resolved_at is not null else true end
       and ($4::uuid is null or a.id < $4)
     order by a.id desc offset $5 limit $6`,
    [tenantId, filter.kind ?? null, filter.status ?? null, page.after?.[0] ?? null, page.offset, page.limit],
  )
  return rows
}

export async function findAlert(db: Queryable, tenantId: Uuid, id: Uuid): Promise<AlertRecord | undefined> {
  const { rows } = await db.query<AlertRecord>(
    `select ${COLUMNS} from alerts a ${NAMES} where a.tenant_id = $1 and a.id = $2`,
    [tenantId, id],
  )
  return rows[0]
}

/** The first who says so stays on record. @returns Whether the tenant has such an alert. */
export async function acknowledgeAlert(tx: Queryable, tenantId: Uuid, id: Uuid, actor: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update alerts set acknowledged_at = coalesce(acknowledged_at, now()), acknowledged_by = coalesce(acknowledged_by, $3)
     where tenant_id = $1 and id = $2`,
    [tenantId, id, actor],
  )
  return rowCount === 1
}

export interface NotificationRecord {
  readonly id: Uuid
  readonly channelId: Uuid
  readonly channelName: string
  readonly transition: Transition
  readonly status: NotificationStatus
  readonly attempts: number
  readonly lastError: string | null
  readonly createdAt: Date
  readonly finishedAt: Date | null
}

/** Oldest first. */
export async function listNotifications(
  db: Queryable,
  tenantId: Uuid,
  alertId: Uuid,
): Promise<readonly NotificationRecord[]> {
  const { rows } = await db.query<NotificationRecord>(
    `select n.id, n.channel_id as "channelId", c.name as "channelName", n.transition, n.status, n.attempts,
       n.last_error as "lastError", n.created_at as "createdAt", n.finished_at as "finishedAt"
     from alert_notifications n join alert_channels c on c.id = n.channel_id
     where n.tenant_id = $1 and n.alert_id = $2 order by n.id limit 200`,
    [tenantId, alertId],
  )
  return rows
}

/** What is over for so long, with who was told of it. @returns How many. */
export async function pruneAlerts(db: Queryable, before: Date, limit: number): Promise<number> {
  const { rowCount } = await db.query(
    'delete from alerts where id in (select id from alerts where resolved_at < $1 order by resolved_at limit $2)',
    [before, limit],
  )
  return rowCount ?? 0
}

export const COLUMNS = `a.id, a.tenant_id as "tenantId", a.kind, a.subject, a.destination_id as "destinationId",
  a.integration_id as "integrationId", d.name as "destinationName", i.name as "integrationName", a.details,
  a.created_at as "createdAt", a.last_seen_at as "lastSeenAt", a.resolved_at as "resolvedAt",
  a.acknowledged_at as "acknowledgedAt", a.acknowledged_by as "acknowledgedBy"`

/** Beside `alerts a`. */
export const NAMES = `left join destinations d on d.id = a.destination_id left join integrations i on i.id = a.integration_id`
