/**
 * A clock for time budgets that stands still while a thread waits for its turn.
 *
 * By the wall a machine that does ten things at once takes five times as long for the same work: budgets ran out on it
 * that never do elsewhere, the report said less, and the next scan had to examine again what was cut short.
 */
import { existsSync, readFileSync } from 'node:fs'

/** Nanoseconds on a processor, nanoseconds waiting for one, turns: https://docs.kernel.org/scheduler/sched-stats.html */
const TURNS = '/proc/thread-self/schedstat'

/** Asking takes 10 to 40 µs, and budgets are asked about thousands of times a second. */
const ASK_EVERY_MS = 20

/** @returns Milliseconds that the calling thread, and no other, has had; of the wall where the system does not say (Linux does). */
export function processorClock(): () => number {
  // Kernels that do not count say 0 for ever.
  if (!(hadSoFar() > 0)) return () => performance.now()
  let askedAt = Number.NEGATIVE_INFINITY
  let had = 0
  return () => {
    const now = performance.now()
    if (now - askedAt >= ASK_EVERY_MS) {
      askedAt = now
      had = hadSoFar()
    }
    return had
  }
}

function hadSoFar(): number {
  return existsSync(TURNS) ? Number.parseInt(readFileSync(TURNS, 'latin1'), 10) / 1e6 : Number.NaN
}
