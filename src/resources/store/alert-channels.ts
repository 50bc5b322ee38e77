/** Whom alerts are told to: channels as the management surface sees them, their address and secrets sealed. */
import type { AlertKind, ChannelKind, ChannelStatus } from '../../base/model/alert.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'
import type { ListPage } from './list-page.ts'

export interface AlertChannelFields {
  readonly name: string
  readonly status: ChannelStatus
  /** What may be shown of where it leads. */
  readonly settings: ChannelSettings
  readonly allowCidrs: readonly string[]
  /** Only of these rules; `null`: of all. */
  readonly rules: readonly AlertKind[] | null
  readonly ratePerHour: number
}

export interface ChannelSettings {
  /** Scheme, host and port. */
  readonly origin: string
  /** Of e-mail. */
  readonly from?: string
  readonly to?: readonly string[]
  /** Of e-mail: without TLS, to an address in `allowCidrs`. */
  readonly plaintext?: boolean
}

export interface NewAlertChannel extends AlertChannelFields {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly kind: ChannelKind
  readonly sealed: Buffer
}

export interface AlertChannel extends NewAlertChannel {
  /** Notifications in a row that did not get through. */
  readonly failures: number
  readonly lastError: string | null
  readonly lastSentAt: Date | null
  readonly heldBack: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export async function insertAlertChannel(tx: Queryable, channel: NewAlertChannel): Promise<AlertChannel> {
  const { rows } = await tx.query<AlertChannel>(
    `insert into alert_channels as c (id, tenant_id, kind, sealed, name, status, settings, allow_cidrs, rules, rate_per_hour)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${CHANNEL_COLUMNS}`,
    [channel.id, channel.tenantId, channel.kind, channel.sealed, ...valuesOf(channel)],
  )
  return one(rows)
}

/** Newest first. */
export async function listAlertChannels(
  db: Queryable,
  tenantId: Uuid,
  page: ListPage,
): Promise<readonly AlertChannel[]> {
  const { rows } = await db.query<AlertChannel>(
    `select ${CHANNEL_COLUMNS} from alert_channels c where tenant_id = $1 and ($2::uuid is null or id < $2)
     order by id desc offset $3 limit $4`,
    [tenantId, page.after?.[0] ?? null, page.offset, page.limit],
  )
  return rows
}

export async function findAlertChannel(db: Queryable, tenantId: Uuid, id: Uuid): Promise<AlertChannel | undefined> {
  const { rows } = await db.query<AlertChannel>(
    `select ${CHANNEL_COLUMNS} from alert_channels c where tenant_id = $1 and id = $2`,
    [tenantId, id],
  )
  return rows[0]
}

/** Locked until the transaction ends, so that a change is made to what was read. */
export async function lockAlertChannel(tx: Queryable, tenantId: Uuid, id: Uuid): Promise<AlertChannel | undefined> {
  const { rows } = await tx.query<AlertChannel>(
    `select ${CHANNEL_COLUMNS} from alert_channels c where tenant_id = $1 and id = $2 for no key update`,
    [tenantId, id],
  )
  return rows[0]
}

/** The channel must be locked. What has failed is forgotten: somebody has mended it. */
export async function updateAlertChannel(tx: Queryable, channel: NewAlertChannel): Promise<AlertChannel> {
  const { rows } = await tx.query<AlertChannel>(
    `update alert_channels c set sealed = $3, name = $4, status = $5, settings = $6, allow_cidrs = $7, rules = $8,
       rate_per_hour = $9, failures = 0, last_error = null, updated_at = now()
     where tenant_id = $1 and id = $2 returning ${CHANNEL_COLUMNS}`,
    [channel.tenantId, channel.id, channel.sealed, ...valuesOf(channel)],
  )
  return one(rows)
}

/** With what was to be told there. @returns Whether there was one. */
export async function deleteAlertChannel(tx: Queryable, tenantId: Uuid, id: Uuid): Promise<boolean> {
  const { rowCount } = await tx.query('delete from alert_channels where tenant_id = $1 and id = $2', [tenantId, id])
  return rowCount === 1
}

function valuesOf(channel: AlertChannelFields): readonly unknown[] {
  const { name, status, settings, allowCidrs, rules, ratePerHour } = channel
  return [name, status, settings, allowCidrs, rules, ratePerHour]
}

/** Of `alert_channels c`. */
export const CHANNEL_COLUMNS = `c.id, c.tenant_id as "tenantId", c.kind, c.name, c.status, c.settings, c.sealed, c.allow_cidrs as "allowCidrs",
  c.rules, c.rate_per_hour as "ratePerHour", c.failures, c.last_error as "lastError", c.last_sent_at as "lastSentAt",
  c.held_back as "heldBack", c.created_at as "createdAt", c.updated_at as "updatedAt"`

function one<T>(rows: readonly T[]): T {
  const [row] = rows
  if (row === undefined) throw new Error('a statement that must return a row returned none')
  return row
}
