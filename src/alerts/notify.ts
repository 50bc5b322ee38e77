/**
 * Sends what is queued: of each channel one notification at a time, tried a bounded number of times, at the channel’s rate.
 *
 * Channels whose last notification did not get through have a loop of their own, so that one which never answers holds up
 * nobody but others like it. A sender that dies leaves its claim to the next one: a notification may then come twice, with
 * the same id.
 */
import type { ChannelKind } from '../base/model/alert.ts'
import { publicId } from '../base/model/ids.ts'
import type { Logger } from '../observability/log.ts'
import {
  type ClaimedNotification,
  claimNotifications,
  endNotification,
  type NotificationEnd,
} from '../resources/store/alert-notifications.ts'
import type { Database } from '../resources/store/database.ts'
import type { PeriodicTask } from '../worker/periodic.ts'
import { messageOf } from './message.ts'
import { idsOf, type Said, type SendTools, sayOn } from './send.ts'

export interface NotifyOptions extends SendTools {
  readonly db: Database
  readonly log: Logger
  /** An attempt has ended, for metrics. */
  readonly onSent: (channel: ChannelKind, outcome: 'sent' | 'retried' | 'failed') => void
}

const EVERY_MS = 2_000
/** Longer than any attempt and its record. */
const LEASE_MS = 60_000
const MAX_CHANNELS = 20
/** Of one loop in one turn: what is left comes in the next. */
const MAX_ROUNDS = 10

/** After the first failure and those that follow; then it is given up. About a quarter of an hour in all. */
const WAITS_MS = [5_000, 30_000, 120_000, 600_000] as const

export function notificationTasks(options: NotifyOptions): readonly PeriodicTask[] {
  return [
    { name: 'send alerts', everyMs: EVERY_MS, run: () => sendQueued(options, false) },
    { name: 'send alerts to channels that fail', everyMs: EVERY_MS, run: () => sendQueued(options, true) },
  ]
}

/** @param failing Channels whose last notification did not get through, or the others. */
export async function sendQueued(options: NotifyOptions, failing: boolean): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const claimed = await options.db.transaction((tx) =>
      claimNotifications(tx, {
        now: new Date(options.now()),
        leaseMs: LEASE_MS,
        failing,
        maxChannels: MAX_CHANNELS,
      }),
    )
    if (claimed.length === 0) return
    await Promise.all(claimed.map((notification) => send(options, notification)))
  }
}

async function send(options: NotifyOptions, notification: ClaimedNotification): Promise<void> {
  const { channel, alert, transition, attempts } = notification
  const said = await sayOn(options, channel, {
    id: publicId('notification', notification.id),
    message: messageOf(alert, transition, channel.heldBack),
    data: idsOf(alert),
  })
  const at = options.now()
  const end = endOf(said, attempts, at)
  await options.db.transaction((tx) => endNotification(tx, notification, end, new Date(at)))
  options.onSent(channel.kind, end.status === 'queued' ? 'retried' : end.status)
  if (end.status !== 'sent')
    options.log.warn(
      { channelId: channel.id, alertId: alert.id, attempts, error: end.error, givenUp: end.status === 'failed' },
      'an alert could not be told',
    )
}

function endOf(said: Said, attempts: number, now: number): NotificationEnd {
  if (said.ok) return { status: 'sent' }
  const wait = said.final ? undefined : WAITS_MS[attempts - 1]
  return wait === undefined
    ? { status: 'failed', error: said.error }
    : { status: 'queued', error: said.error, runAt: new Date(now + wait) }
}
