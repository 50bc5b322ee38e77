/**
 * How long to wait before trying again.
 *
 * Full jitter (a delay drawn evenly from zero to the exponential ceiling) spreads a crowd of retries that began
 * together over the whole interval; it needs the fewest calls of the known variants.
 *
 * @see AWS Architecture Blog, "Exponential Backoff And Jitter"
 */

export interface Backoff {
  readonly baseMs: number
  readonly capMs: number
}

/** `base × 2^(attempt − 1)`, never above the cap. @param attempt How many tries have failed, from 1. */
export function backoffCeiling(attempt: number, { baseMs, capMs }: Backoff): number {
  // 2^53 would leave the safe integers long after every sensible cap.
  const doublings = Math.min(Math.max(0, Math.floor(attempt) - 1), 52)
  return Math.min(capMs, baseMs * 2 ** doublings)
}

/** @param random Evenly from 0 (inclusive) to 1 (exclusive), such as `Math.random`. */
export function jitteredBackoff(attempt: number, backoff: Backoff, random: () => number): number {
  return Math.floor(random() * backoffCeiling(attempt, backoff))
}
