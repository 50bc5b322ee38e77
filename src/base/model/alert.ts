/**
 * What is worth an alert, who can be told, and what becomes of both: the words, and the defaults.
 *
 * A rule is data here and a statement in `resources/store/alert-conditions.ts`. Every setting is a whole number within
 * bounds: it becomes a parameter of that statement.
 */

export const ALERT_KINDS = [
  'delivery_failures',
  'dead_letters',
  'queue_age',
  'parked_events',
  'signature_failures',
  'clock_skew',
  'secret_expiring',
  'schema_drift',
  'circuit_open',
  'destination_disabled',
  'undelivered_pruned',
] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

export interface RuleSetting {
  readonly default: number
  readonly min: number
  readonly max: number
  /** With its unit. */
  readonly says: string
}

export interface AlertRule {
  /** When it opens an alert, and for what. */
  readonly says: string
  readonly settings: Readonly<Record<string, RuleSetting>>
  /** How often it is looked at, over all workers. */
  readonly everySeconds: number
  /** How long its condition must be gone before the alert is: what wavers about a threshold is told of once. */
  readonly quietSeconds: number
}

/** What passes by is counted for so long. */
export const COUNTED_MINUTES = 24 * 60

const counted = (minutes: number): RuleSetting => ({
  ...{ default: minutes, min: 1, max: COUNTED_MINUTES },
  says: 'Minutes that are looked at.',
})

export const ALERT_RULES: Readonly<Record<AlertKind, AlertRule>> = {
  delivery_failures: {
    says: 'So many in a hundred attempts at a destination fail.',
    settings: {
      percent: { default: 25, min: 1, max: 100, says: 'Failed attempts in a hundred.' },
      minAttempts: { default: 20, min: 1, max: 1_000_000, says: 'With fewer attempts nothing is concluded.' },
      windowMinutes: counted(15),
    },
    everySeconds: 15,
    quietSeconds: 300,
  },
  dead_letters: {
    says: 'Deliveries to a destination were given up, and nobody has replayed or dismissed them.',
    settings: {
      count: { default: 1, min: 1, max: 1_000, says: 'Dead letters.' },
      windowMinutes: { default: 1_440, min: 1, max: 10_080, says: 'Minutes within which they were given up.' },
    },
    everySeconds: 15,
    quietSeconds: 0,
  },
  queue_age: {
    says: 'An event waits to be processed, or a delivery to be made, that is long due. What waits for a paused or open destination does not count.',
    settings: { seconds: { default: 300, min: 5, max: 604_800, says: 'Seconds that the oldest is due.' } },
    everySeconds: 15,
    quietSeconds: 120,
  },
  parked_events: {
    says: 'Events of an integration are kept aside and go nowhere until somebody decides: a known id with another body, a filter or transform that failed, a shape that is not as asked, poison. Types that the integration does not list are parked by choice and do not count.',
    settings: {
      count: { default: 1, min: 1, max: 10_000, says: 'Parked events.' },
      windowMinutes: { default: 60, min: 1, max: 10_080, says: 'Minutes within which they were received.' },
    },
    everySeconds: 15,
    quietSeconds: 0,
  },
  signature_failures: {
    says: 'An integration refuses many requests because nothing proves who sent them: a forger, or a secret that was changed on one side.',
    settings: {
      count: { default: 50, min: 1, max: 1_000_000, says: 'Refused requests.' },
      windowMinutes: counted(10),
    },
    everySeconds: 15,
    quietSeconds: 300,
  },
  clock_skew: {
    says: 'Signed times of an integration are off as a rule, though within the window, or requests are refused as too old or from the future.',
    settings: {
      seconds: { default: 60, min: 1, max: 3_600, says: 'Seconds by which the median is off, either way.' },
      minSamples: { default: 20, min: 1, max: 5_000, says: 'With fewer signed times nothing is concluded.' },
      refused: { default: 20, min: 1, max: 1_000_000, says: 'Requests refused for their time.' },
      windowMinutes: counted(15),
    },
    everySeconds: 60,
    quietSeconds: 300,
  },
  secret_expiring: {
    says: 'A secret ends soon that is still in use: an inbound key that matches requests or has no successor, a signing secret that deliveries still carry.',
    settings: {
      hours: { default: 72, min: 1, max: 8_760, says: 'Hours before an inbound key ends.' },
      signingHours: { default: 4, min: 1, max: 8_760, says: 'Hours before a signing secret ends.' },
    },
    everySeconds: 60,
    quietSeconds: 0,
  },
  schema_drift: {
    says: 'Events of an integration have changed their shape (docs/schema-watch.md).',
    settings: {
      count: { default: 1, min: 1, max: 10_000, says: 'Changes.' },
      windowMinutes: counted(60),
    },
    everySeconds: 15,
    quietSeconds: 0,
  },
  circuit_open: {
    says: 'A destination has failed for so long, and nothing is sent to it.',
    settings: { minutes: { default: 10, min: 0, max: 10_080, says: 'Minutes since its last success.' } },
    everySeconds: 15,
    quietSeconds: 0,
  },
  destination_disabled: {
    says: 'A destination was disabled by the gateway: it failed for too long, or said that it is gone.',
    settings: {},
    everySeconds: 15,
    quietSeconds: 0,
  },
  undelivered_pruned: {
    says: 'Dead letters and parked events that nobody dealt with were removed: their time was over (docs/retention.md).',
    settings: {
      count: { default: 1, min: 1, max: 1_000_000, says: 'Removed events.' },
      windowMinutes: {
        default: 1_440,
        min: 1,
        max: 10_080,
        says: 'Minutes since the end of the run that removed them.',
      },
    },
    everySeconds: 60,
    quietSeconds: 0,
  },
}

/** `open`: its condition holds · `acknowledged`: the same, and somebody knows · `resolved`: it holds no more. */
export const ALERT_STATUSES = ['open', 'acknowledged', 'resolved'] as const
export type AlertStatus = (typeof ALERT_STATUSES)[number]

export const CHANNEL_KINDS = ['slack', 'teams', 'email', 'webhook'] as const
export type ChannelKind = (typeof CHANNEL_KINDS)[number]

export const CHANNEL_STATUSES = ['active', 'disabled'] as const
export type ChannelStatus = (typeof CHANNEL_STATUSES)[number]

export const TRANSITIONS = ['opened', 'resolved'] as const
export type Transition = (typeof TRANSITIONS)[number]

/** `dropped`: over the channel’s rate, or the channel was disabled or the rule switched off first. */
export const NOTIFICATION_STATUSES = ['queued', 'sent', 'failed', 'dropped'] as const
export type NotificationStatus = (typeof NOTIFICATION_STATUSES)[number]

/** What is given replaces the default; what no rule of this kind has is left out. */
export function settingsOf(
  kind: AlertKind,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(ALERT_RULES[kind].settings).map(([name, setting]) => {
      const value = given[name]
      return [name, typeof value === 'number' ? value : setting.default]
    }),
  )
}
