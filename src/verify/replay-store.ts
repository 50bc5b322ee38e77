/**
 * "Seen before?" for webhooks, in a way that a failure cannot turn into a loss.
 *
 * A marker that is set before the work and found again after a crash swallows the provider's retry: the event is gone.
 * So a marker has two lives. `claim` takes the key for one handling and only for `leaseSeconds`; `confirm`, after the work
 * is done, keeps it for `ttlSeconds`; `release`, after the work failed, gives it back at once. Who dies in between has
 * released it when the lease ends, and a copy that arrives meanwhile is told to come again.
 */

/** `new`: yours to handle · `busy`: another copy is being handled right now · `seen`: handled. */
export type Claim = 'new' | 'busy' | 'seen'

type Awaitable<T> = T | Promise<T>

/** Of any number of simultaneous claims of one key exactly one is `new`. A store that cannot be reached rejects. */
export interface ReplayStore {
  /** How long a handled webhook is remembered. */
  readonly ttlSeconds: number
  /** @param owner Of this handling; nobody else has it. */
  claim(key: string, owner: string): Awaitable<Claim>
  /** The work is done, whoever holds the key by now. */
  confirm(key: string): Awaitable<void>
  /** The work failed. Does nothing when the key is no longer this owner's, or confirmed. */
  release(key: string, owner: string): Awaitable<void>
}

export interface ReplayTimes {
  /** Longer than the provider retries; 3 days when absent. */
  readonly ttlSeconds?: number
  /** Longer than any handling takes; 60 seconds when absent. */
  readonly leaseSeconds?: number
}

const THREE_DAYS = 3 * 24 * 3600
const ONE_MINUTE = 60

/** @throws RangeError for what is no length of time: NaN as a lifetime would remember nothing. */
export function replayTimes({
  ttlSeconds = THREE_DAYS,
  leaseSeconds = ONE_MINUTE,
}: ReplayTimes): Required<ReplayTimes> {
  for (const [name, value] of Object.entries({ ttlSeconds, leaseSeconds })) {
    if (!Number.isFinite(value) || value <= 0) throw new RangeError(`${name} must be a number above 0`)
  }
  return { ttlSeconds, leaseSeconds }
}
