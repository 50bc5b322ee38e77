/**
 * How a destination is doing, and the circuit that follows from it: pure transitions.
 */
import type { BreakerPolicy } from './destination.ts'

export interface Health {
  /** In a row, up to now. */
  readonly failures: number
  readonly failingSince: Date | null
  /** `null`: closed · later than now: open · past: half-open, one delivery finds out. */
  readonly openUntil: Date | null
  /** How often in a row it opened. */
  readonly trips: number
}

export const HEALTHY: Health = { failures: 0, failingSince: null, openUntil: null, trips: 0 }

export interface HealthPolicy {
  readonly breaker: BreakerPolicy
  readonly disableAfterHours: number | null
}

export interface Judged {
  readonly health: Health
  /** It has failed for so long that nothing more should be tried. */
  readonly disable: boolean
}

const HOUR_MS = 3_600_000
/** Somebody mends the receiver and waits for the next probe. */
const MAX_OPEN_MS = 15 * 60_000

/** @param seen How many deliveries ended which way since; one success outweighs every failure beside it. */
export function healthAfter(
  before: Health,
  policy: HealthPolicy,
  seen: { readonly successes: number; readonly failures: number },
  now: Date,
): Judged {
  if (seen.successes > 0) return { health: HEALTHY, disable: false }
  if (seen.failures === 0) return { health: before, disable: false }
  const failingSince = before.failingSince ?? now
  const failures = before.failures + seen.failures
  const circuit = circuitAfter(before, policy.breaker, failures, now)
  return {
    health: { failures, failingSince, ...circuit },
    disable:
      policy.disableAfterHours !== null && now.getTime() - failingSince.getTime() >= policy.disableAfterHours * HOUR_MS,
  }
}

function circuitAfter(
  { openUntil, trips }: Health,
  breaker: BreakerPolicy,
  failures: number,
  now: Date,
): Pick<Health, 'openUntil' | 'trips'> {
  const tripped = breaker.failures > 0 && failures >= breaker.failures
  // Open already: what ends now was under way before.
  if (!tripped || (openUntil !== null && openUntil > now)) return { openUntil, trips }
  const openMs = Math.min(MAX_OPEN_MS, breaker.openMs * 2 ** Math.min(trips, 20))
  return { openUntil: new Date(now.getTime() + openMs), trips: trips + 1 }
}
