/**
 * What is to be told to whom: queued with the change it tells of, claimed by one sender at a time, and written back only by
 * who still holds it.
 *
 * A claim is a lease: `run_at` lies a while ahead, and when the sender died somebody else takes it up then. The number of
 * attempts is the fence.
 */
import type { AlertKind, Transition } from '../../base/model/alert.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { type AlertChannel, CHANNEL_COLUMNS } from './alert-channels.ts'
import { type AlertRecord, type ChangedAlert, COLUMNS, NAMES } from './alerts.ts'
import type { Queryable } from './database.ts'

/** For every active channel of their tenants that wants to hear of this rule. @returns How many. */
export async function queueOpened(
  tx: Queryable,
  kind: AlertKind,
  alerts: readonly ChangedAlert[],
  now: Date,
): Promise<number> {
  if (alerts.length === 0) return 0
  const { rows: channels } = await tx.query<{ id: Uuid; tenantId: Uuid }>(
    `select id, tenant_id as "tenantId" from alert_channels
     where tenant_id = any ($1::uuid[]) and status = 'active' and (rules is null or $2 = any (rules)) order by id`,
    [[...new Set(alerts.map(({ tenantId }) => tenantId))], kind],
  )
  const wanted = alerts.flatMap((alert) =>
    channels.filter(({ tenantId }) => tenantId === alert.tenantId).map(({ id }) => ({ ...alert, channelId: id })),
  )
  return insert(tx, 'opened', wanted, now)
}

/** For those who were told, or are to be told, that it was opened. */
export async function queueResolved(tx: Queryable, alerts: readonly ChangedAlert[], now: Date): Promise<number> {
  if (alerts.length === 0) return 0
  const { rows: told } = await tx.query<ChangedAlert & { channelId: Uuid }>(
    `select n.alert_id as id, n.tenant_id as "tenantId", n.channel_id as "channelId"
     from alert_notifications n join alert_channels c on c.id = n.channel_id and c.status = 'active'
     where n.alert_id = any ($1::uuid[]) and n.transition = 'opened' and n.status in ('queued', 'sent') order by n.id`,
    [alerts.map(({ id }) => id)],
  )
  return insert(tx, 'resolved', told, now)
}

async function insert(
  tx: Queryable,
  transition: Transition,
  wanted: readonly (ChangedAlert & { readonly channelId: Uuid })[],
  now: Date,
): Promise<number> {
  const { rowCount } = await tx.query(
    `insert into alert_notifications (id, tenant_id, alert_id, channel_id, transition, run_at, created_at)
     select id, tenant_id, alert_id, channel_id, $5, $6, $6
     from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) as t (id, tenant_id, alert_id, channel_id)
     on conflict do nothing`,
    [
      wanted.map(() => newId()),
      wanted.map((each) => each.tenantId),
      wanted.map((each) => each.id),
      wanted.map((each) => each.channelId),
      transition,
      now,
    ],
  )
  return rowCount ?? 0
}

export interface ClaimedNotification {
  readonly id: Uuid
  readonly transition: Transition
  /** This one included. */
  readonly attempts: number
  readonly channel: AlertChannel
  readonly alert: AlertRecord
}

export interface ClaimOptions {
  readonly now: Date
  readonly leaseMs: number
  /** Channels whose last notification did not get through, or the others. */
  readonly failing: boolean
  readonly maxChannels: number
}

/** One notification of each of some channels; those over their rate are dropped instead. */
export async function claimNotifications(
  tx: Queryable,
  options: ClaimOptions,
): Promise<readonly ClaimedNotification[]> {
  const { rows: channels } = await tx.query<AlertChannel>(
    `select ${CHANNEL_COLUMNS} from alert_channels c
     where c.status = 'active' and (c.failures > 0) = $2 and exists (
       select from alert_notifications n where n.channel_id = c.id and n.status = 'queued' and n.run_at <= $1)
     order by c.last_sent_at nulls first, c.id limit $3 for no key update skip locked`,
    [options.now, options.failing, options.maxChannels],
  )
  const claimed: ClaimedNotification[] = []
  for (const channel of channels) {
    // What was begun goes on; what was not would only make the flood longer.
    if (await isOverRate(tx, channel, options.now))
      await dropQueued(tx, channel.id, { now: options.now, reason: 'rate_limited' })
    const one = await claimOne(tx, channel, options)
    if (one !== undefined) claimed.push(one)
  }
  return claimed
}

/** The channel’s row is locked: nobody else begins one meanwhile. */
async function isOverRate(tx: Queryable, channel: AlertChannel, now: Date): Promise<boolean> {
  const { rows } = await tx.query<{ sent: number }>(
    `select count(*)::integer as sent from (
       select from alert_notifications where channel_id = $1 and attempted_at > $2::timestamptz - interval '1 hour' limit $3
     ) as counted`,
    [channel.id, now, channel.ratePerHour],
  )
  return (rows[0]?.sent ?? 0) >= channel.ratePerHour
}

/** `opened` before `resolved`: that an alert is over is told after that it was. */
async function claimOne(
  tx: Queryable,
  channel: AlertChannel,
  { now, leaseMs }: ClaimOptions,
): Promise<ClaimedNotification | undefined> {
  const { rows } = await tx.query<{ id: Uuid; alertId: Uuid; transition: Transition; attempts: number }>(
    `update alert_notifications set attempts = attempts + 1, attempted_at = $2, run_at = $3
     where id = (
       select n.id from alert_notifications n
       where n.channel_id = $1 and n.status = 'queued' and n.run_at <= $2 and not exists (
         select from alert_notifications o where o.alert_id = n.alert_id and o.channel_id = n.channel_id
           and n.transition = 'resolved' and o.transition = 'opened' and o.status = 'queued')
       order by n.id limit 1 for update skip locked)
     returning id, alert_id as "alertId", transition, attempts`,
    [channel.id, now, new Date(now.getTime() + leaseMs)],
  )
  const [row] = rows
  if (row === undefined) return undefined
  const { rows: alerts } = await tx.query<AlertRecord>(`select ${COLUMNS} from alerts a ${NAMES} where a.id = $1`, [
    row.alertId,
  ])
  const [alert] = alerts
  return alert === undefined ? undefined : { ...row, channel, alert }
}

/** Says of everything that waits for a channel that it will not be sent there. */
export async function dropQueued(
  tx: Queryable,
  channelId: Uuid,
  { now, reason }: { readonly now: Date; readonly reason: 'rate_limited' | 'channel_disabled' },
): Promise<void> {
  await tx.query(
    `with dropped as (
       update alert_notifications set status = 'dropped', last_error = $3, finished_at = $2
       where channel_id = $1 and status = 'queued' and (attempts = 0 or $3 <> 'rate_limited') returning id
     )
     update alert_channels set held_back = held_back + (select count(*) from dropped) where id = $1`,
    [channelId, now, reason],
  )
}

export type NotificationEnd =
  | { readonly status: 'sent' }
  | { readonly status: 'failed'; readonly error: string }
  | { readonly status: 'queued'; readonly error: string; readonly runAt: Date }

/** @returns Whether it was still the sender’s; if not, somebody else writes what becomes of it. */
export async function endNotification(
  tx: Queryable,
  { id, attempts, channel }: Pick<ClaimedNotification, 'id' | 'attempts' | 'channel'>,
  end: NotificationEnd,
  now: Date,
): Promise<boolean> {
  const error = end.status === 'sent' ? null : end.error
  const { rowCount } = await tx.query(
    `update alert_notifications set status = $3, last_error = $4, run_at = coalesce($5, run_at),
       finished_at = case when $3 = 'queued' then null else $6::timestamptz end
     where id = $1 and attempts = $2 and status = 'queued'`,
    [id, attempts, end.status, error, end.status === 'queued' ? end.runAt : null, now],
  )
  if (rowCount !== 1) return false
  if (end.status === 'sent') {
    await tx.query(
      'update alert_channels set failures = 0, last_error = null, last_sent_at = $2, held_back = greatest(0, held_back - $3) where id = $1',
      [channel.id, now, channel.heldBack],
    )
  } else {
    await tx.query('update alert_channels set failures = failures + 1, last_error = $2 where id = $1', [
      channel.id,
      error,
    ])
  }
  return true
}
