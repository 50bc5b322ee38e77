/**
 * A destination: where accepted events are delivered. A route: which events of an integration go there, and as what.
 */
import type { Uuid } from './ids.ts'

/** `paused` keeps its events until it is resumed; `disabled` gets none. */
export const DESTINATION_STATUSES = ['active', 'paused', 'disabled'] as const
export type DestinationStatus = (typeof DESTINATION_STATUSES)[number]

/** How often and for how long a failed delivery is tried again. */
export interface RetryPolicy {
  /** All tries together, the first included. */
  readonly maxAttempts: number
  readonly baseDelayMs: number
  readonly maxDelayMs: number
}

/** Twelve tries over about a day: longer than a night's outage, short enough that somebody notices. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = { maxAttempts: 12, baseDelayMs: 5_000, maxDelayMs: 4 * 3_600_000 }

export const DEFAULT_DELIVERY_TIMEOUT_MS = 15_000

export interface Destination {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly name: string
  readonly url: string
  readonly status: DestinationStatus
  /** Why it is disabled, when a machine did that. */
  readonly disabledReason: string | null
  /** Private ranges this destination may lie in; empty means public addresses only. */
  readonly allowCidrs: readonly string[]
  readonly timeoutMs: number
  readonly retry: RetryPolicy
  /** Delivered to, never tried again, never counted in what becomes of an event. */
  readonly shadow: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
}

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
