/**
 * A destination: where accepted events are delivered. A route: which events of an integration go there, and as what.
 */
import type { Uuid } from './ids.ts'

/** Where events go: to an HTTP receiver, into a broker, or into a table. */
export const DESTINATION_KINDS = ['http', 'rabbitmq', 'nats', 'redis', 'postgres'] as const
export type DestinationKind = (typeof DESTINATION_KINDS)[number]
export type BrokerKind = Exclude<DestinationKind, 'http'>

/** Where in a broker; an HTTP destination has none. */
export interface DestinationSettings {
  /** RabbitMQ: the empty exchange leads to the queue that the routing key names. */
  readonly exchange?: string
  readonly routingKey?: string
  /** NATS: of a JetStream stream. */
  readonly subject?: string
  /** Redis: the key of the stream, and about how many entries it keeps. */
  readonly stream?: string
  readonly maxLength?: number
  /** PostgreSQL: `table` or `schema.table`. */
  readonly table?: string
}

/** `none`: the body as received, or as a transform makes it; `cloudevents`: the event with its attributes around that. */
export const ENVELOPES = ['none', 'cloudevents'] as const
export type Envelope = (typeof ENVELOPES)[number]

/** `paused` keeps its events until it is resumed; `disabled` gets none. */
export const DESTINATION_STATUSES = ['active', 'paused', 'disabled'] as const
export type DestinationStatus = (typeof DESTINATION_STATUSES)[number]

export const RETRY_STRATEGIES = ['exponential', 'linear', 'schedule'] as const
export type RetryStrategy = (typeof RETRY_STRATEGIES)[number]

/** How often and for how long a failed delivery is tried again. */
export interface RetryPolicy {
  /**
   * The wait after failure n: `exponential` draws it from zero to base × 2^(n − 1), `linear` is base × n, `schedule` the
   * nth of `scheduleMs`, whose last goes on to the end.
   */
  readonly strategy: RetryStrategy
  /** All tries together, the first included. */
  readonly maxAttempts: number
  readonly baseDelayMs: number
  /** No wait is longer, whatever `Retry-After` asks. */
  readonly maxDelayMs: number
  readonly scheduleMs: readonly number[]
  /** Which answers are worth another try: classes (`5xx`) and statuses (`429`). What failed without an answer always is. */
  readonly retryOn: readonly string[]
}

/** Twelve tries over about a day: longer than a night's outage, short enough that somebody notices. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  strategy: 'exponential',
  maxAttempts: 12,
  baseDelayMs: 5_000,
  maxDelayMs: 4 * 3_600_000,
  scheduleMs: [],
  retryOn: ['3xx', '4xx', '5xx'],
}

export const DEFAULT_DELIVERY_TIMEOUT_MS = 15_000

/** Opens after so many failures in a row (zero: never), first for `openMs`, then for longer each time a probe fails. */
export interface BreakerPolicy {
  readonly failures: number
  readonly openMs: number
}

export const DEFAULT_BREAKER: BreakerPolicy = { failures: 10, openMs: 30_000 }

export const DEFAULT_DISABLE_AFTER_HOURS = 120

/**
 * What happens behind a delivery that fails: `block` holds the others of its key back until it is delivered or
 * dismissed, `skip` lets them pass after `after` tries while it goes on being tried, `park` gives it up after `after`
 * tries and goes on.
 */
export const ORDER_POLICIES = ['block', 'skip', 'park'] as const
export type OrderPolicy = (typeof ORDER_POLICIES)[number]

/** Events of one key are delivered one after the other, in the order they were received. */
export interface Ordering {
  /** `subject`, `type`, `integration`, or a value of the event such as `body:$.customer.id` or `header:x-account`. */
  readonly by: string
  readonly policy: OrderPolicy
  readonly after: number
}

export interface Destination {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly name: string
  readonly kind: DestinationKind
  readonly url: string
  readonly settings: DestinationSettings
  readonly status: DestinationStatus
  /** Why it is disabled, when a machine did that. */
  readonly disabledReason: string | null
  /** Private ranges this destination may lie in; empty means public addresses only. */
  readonly allowCidrs: readonly string[]
  readonly timeoutMs: number
  readonly retry: RetryPolicy
  /** Delivered to, never tried again, never counted in what becomes of an event. */
  readonly shadow: boolean
  readonly envelope: Envelope
  readonly tlsVerify: boolean
  /** Over all workers; `null` is without limit. */
  readonly maxConcurrency: number | null
  readonly ratePerMinute: number | null
  readonly ordering: Ordering | null
  readonly breaker: BreakerPolicy
  /** Of failing without one success; `null` is never. */
  readonly disableAfterHours: number | null
  /** How we prove who we are, without what is secret; `null`: by our signature alone. */
  readonly auth: DestinationAuth | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The public part of each kind of credential. */
export type DestinationAuth =
  | { readonly kind: 'headers'; readonly names: readonly string[] }
  | { readonly kind: 'basic'; readonly username: string }
  | { readonly kind: 'bearer' }
  | {
      readonly kind: 'oauth2'
      readonly tokenUrl: string
      readonly clientId: string
      readonly scope: string | null
      readonly audience: string | null
      /** How the client proves itself: in the `Authorization` header, or in the body (RFC 6749 section 2.3.1). */
      readonly clientAuth: 'basic' | 'body'
    }
  | { readonly kind: 'mtls'; readonly certificate: string }

/** Standard Webhooks: HMAC-SHA256, or Ed25519. */
export const SIGNING_SCHEMES = ['v1', 'v1a'] as const
export type SigningScheme = (typeof SIGNING_SCHEMES)[number]

/** What a route lets through; each change of it is a version. */
export interface RouteRules {
  /** Patterns in which `*` stands for any run of characters; `null` lets every type through. */
  readonly eventTypes: readonly string[] | null
  /** CEL; `null` lets everything through. */
  readonly filter: string | null
  /** JSONata; `null` delivers the bytes as received. */
  readonly transform: string | null
}

export interface Route extends RouteRules {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly integrationId: Uuid
  readonly destinationId: Uuid
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}
