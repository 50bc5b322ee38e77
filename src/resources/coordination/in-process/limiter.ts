/**
 * The rate limiter of one process: constant time, no promise, bounded memory.
 */
import { LRUCache } from 'lru-cache'
import type { Decision } from '../coordination.ts'
import { boundedKey } from '../key.ts'
import { SLOTS, slotEndsIn, slotOf, wholeSeconds } from '../sliding-window.ts'

/**
 * About 50 MB when full. The least recently used key goes first, and forgetting a key hands its sender a fresh limit.
 * To push out his own key an attacker must send from 100,000 other source addresses (IPv6: from as many /64 networks)
 * within a minute, and each of them has a fresh limit anyway: forgetting gains him one part in 100,000.
 */
const MAX_KEYS = 100_000

export interface Limiter {
  /** Lets a request through and counts it, or refuses it. */
  take(key: string, limit: number, now: number): Decision
  /** Gives back what `take` counted at `now`, because somebody else refused the request. */
  release(key: string, now: number): void
  /** Keys held at present. */
  readonly size: number
}

/** 16 four-byte counters are 64 bytes, the most that V8 keeps inside a typed array without a separate allocation. */
interface Window {
  readonly counts: Uint32Array
  newest: number
  total: number
}

export function createLimiter(maxKeys = MAX_KEYS): Limiter {
  const windows = new LRUCache<string, Window>({ max: maxKeys })

  function windowOf(key: string, now: number): Window {
    const bounded = boundedKey(key)
    const known = windows.get(bounded)
    if (known !== undefined) return advance(known, slotOf(now))
    const fresh = { counts: new Uint32Array(SLOTS), newest: slotOf(now), total: 0 }
    windows.set(bounded, fresh)
    return fresh
  }

  return {
    take(key, limit, now) {
      const window = windowOf(key, now)
      if (!(window.total < limit)) return refused(window, limit, now)
      count(window)
      return allowed(window, limit, now)
    },

    release(key, now) {
      const window = windows.get(boundedKey(key))
      const slot = slotOf(now)
      if (window !== undefined && slot <= window.newest && slot > window.newest - SLOTS) uncount(window, slot)
    },

    get size() {
      return windows.size
    },
  }
}

/** A clock that steps back a little counts on in the newest slot; one that steps back over a minute starts afresh. */
function advance(window: Window, slot: number): Window {
  const steps = slot - window.newest
  if (steps <= 0 && steps > -SLOTS) return window
  if (steps < 0 || steps >= SLOTS) {
    window.counts.fill(0)
    window.total = 0
  } else {
    for (let passed = window.newest + 1; passed <= slot; passed++) {
      window.total -= window.counts[passed % SLOTS] ?? 0
      window.counts[passed % SLOTS] = 0
    }
  }
  window.newest = slot
  return window
}

function count(window: Window): void {
  window.counts[window.newest % SLOTS] = (window.counts[window.newest % SLOTS] ?? 0) + 1
  window.total++
}

/** Where nothing is counted (the clock stepped back in between) nothing is given back: the strict side. */
function uncount(window: Window, slot: number): void {
  const counted = window.counts[slot % SLOTS] ?? 0
  if (counted === 0) return
  window.counts[slot % SLOTS] = counted - 1
  window.total--
}

function allowed(window: Window, limit: number, now: number): Decision {
  return {
    allowed: true,
    limit,
    remaining: limit - window.total,
    retryAfterSeconds: 0,
    resetSeconds: wholeSeconds(slotEndsIn(window.newest, now)),
  }
}

function refused(window: Window, limit: number, now: number): Decision {
  return {
    allowed: false,
    limit,
    remaining: 0,
    retryAfterSeconds: wholeSeconds(retryMs(window, limit, now)),
    resetSeconds: wholeSeconds(resetMs(window, now)),
  }
}

/** Until enough slots have aged; more than one, when the limit was lowered in the meantime. */
function retryMs(window: Window, limit: number, now: number): number {
  let left = window.total
  for (let slot = window.newest - SLOTS + 1; slot <= window.newest; slot++) {
    left -= window.counts[slot % SLOTS] ?? 0
    if (left < limit) return slotEndsIn(slot, now)
  }
  // Nothing is ever let through at a limit of 0.
  return slotEndsIn(window.newest, now)
}

function resetMs(window: Window, now: number): number {
  for (let slot = window.newest; slot > window.newest - SLOTS; slot--) {
    if ((window.counts[slot % SLOTS] ?? 0) > 0) return slotEndsIn(slot, now)
  }
  return slotEndsIn(window.newest, now)
}
