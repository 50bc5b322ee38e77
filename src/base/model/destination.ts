/**
 * A destination: where accepted events are delivered.
 */
import type { Uuid } from './ids.ts'

export const DESTINATION_STATUSES = ['active', 'disabled'] as const
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
  readonly url: string
  readonly status: DestinationStatus
  /** Private ranges this destination may lie in; empty means public addresses only. */
  readonly allowCidrs: readonly string[]
  readonly timeoutMs: number
  readonly retry: RetryPolicy
  readonly createdAt: Date
  readonly updatedAt: Date
}
