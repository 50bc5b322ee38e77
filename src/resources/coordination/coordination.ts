/**
 * Coordination: "may I proceed?" and "seen before?", asked across requests and across gateways.
 *
 * Promises: an answer always comes, quickly; it is never an error and never "unlimited". With Redis all gateways
 * share one answer; while Redis is away each keeps the limit for itself. Markers are shortcuts, never the truth:
 * losing them costs a look-up in the database and nothing else.
 *
 * Boundary: knows keys and counts; knows nothing of integrations, HTTP or SQL. Nothing durable lives here.
 */
import type { Uuid } from '../../base/model/ids.ts'

export interface Coordination {
  /**
   * Counts one request against `key`, unless the limit is reached. Refused requests are not counted, so a sender who
   * keeps knocking is let in again as soon as his earlier requests have aged.
   *
   * The bound is hard: no span of 60 seconds lets more than `limitPerMinute` through. The error is on the strict side
   * only: a request counts for 60 to 64 seconds, so a sender at an even pace gets at least 15/16 of the limit.
   *
   * @param key Build it with `joinKey`.
   * @param now Milliseconds since the epoch. Leave it out, except in tests: Redis then uses its own clock, the one
   *   clock that all gateways share.
   */
  allow(key: string, limitPerMinute: number, now?: number): Decision | Promise<Decision>

  /** The event a dedupe key already led to, if that is still remembered. `undefined` means "ask the database". */
  seen(key: string): Seen | undefined | Promise<Seen | undefined>

  /**
   * Remembers committed events. Call it only after the commit: a marker set earlier turns the provider's retry of a
   * failed commit into a duplicate of nothing. Need not be awaited; never rejects.
   */
  remember(markers: readonly Marker[]): void | Promise<void>

  /** Whether answers come from this process alone although they should be shared. For readiness and metrics. */
  readonly degraded: boolean

  close(): Promise<void>
}

export interface Decision {
  readonly allowed: boolean
  readonly limit: number
  /** Requests that would still be let through now, after this one. */
  readonly remaining: number
  /** Whole seconds, at least 1, until a request can be let through again; 0 when this one was. */
  readonly retryAfterSeconds: number
  /** Whole seconds until the full limit is free again, if nothing more comes. */
  readonly resetSeconds: number
}

export interface Seen {
  readonly eventId: Uuid
  /** As in `dedupe_keys`: the same key with another one is a conflict, not a duplicate. */
  readonly fingerprint: Uuid
}

export interface Marker extends Seen {
  readonly key: string
}

/** How long a marker is kept: the retries of nearly every provider come within a day. */
export const REMEMBER_FOR_MS = 24 * 60 * 60 * 1000
