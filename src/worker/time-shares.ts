/**
 * How long a share with more waiting leaves the machine to the others after each of its batches.
 *
 * Where handling takes the machine's own time, one share's backlog would keep it busy to the last, and everybody else's jobs
 * would wait for their turn on a processor. So a share that is behind leaves time to those that keep up: after a batch it rests for what the
 * batch has cost, times the others that are at work and keep up. Alone, or among others that are behind as well, it never rests: then taking turns
 * is all that fairness asks.
 */
import type { Uuid } from '../base/model/ids.ts'

export interface TimeShares {
  /** A batch begins with jobs of these. */
  began(shares: readonly Uuid[]): void
  /** @param tookMs How long the batch ran. @param isBehind Whether a share has a backlog as well. */
  restMs(tookMs: number, isBehind: (share: Uuid) => boolean): number
}

/** Who began something within this time is at work. */
const AT_WORK_MS = 1_000
/** A batch costs about as much again before it begins: it is claimed and read while the one before it is handled. */
const COST = 2
/** Whoever has a backlog gets a part of the time however many others there are. */
const MOST_OTHERS = 3
/** A batch may have stood still for other reasons than the machine's. */
const MOST_REST_MS = 250

export function createTimeShares(now: () => number): TimeShares {
  /** In the order of their last beginning. */
  const begunAt = new Map<Uuid, number>()

  return {
    began(shares) {
      for (const share of shares) {
        begunAt.delete(share)
        begunAt.set(share, now())
      }
    },

    restMs(tookMs, isBehind) {
      for (const [share, at] of begunAt) {
        if (at > now() - AT_WORK_MS) break
        begunAt.delete(share)
      }
      const others = Math.min(MOST_OTHERS, [...begunAt.keys()].filter((share) => !isBehind(share)).length)
      return Math.min(MOST_REST_MS, Math.max(0, tookMs) * COST * others)
    },
  }
}
