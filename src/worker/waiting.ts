/**
 * Claimed jobs waiting for a place, kept so that no lane (a destination, or a tenant's processing) takes more than its
 * share of places.
 */
import type { Uuid } from '../base/model/ids.ts'
import { type ClaimedJob, shareOf } from '../resources/store/jobs.ts'

export interface Waiting<Job> {
  add(jobs: readonly Job[]): void
  /** The oldest jobs whose lanes have a place free; `keep` answers whether a job may still begin. */
  take(count: number, keep: (job: Job) => boolean): readonly Job[]
  /** The taken jobs have ended and free their places. */
  ended(jobs: readonly Job[]): void
  /** Whether half of a round more of this share waits here: it does not keep up. */
  isBehind(share: Uuid): boolean
  /** How many could be taken now. */
  ready(): number
  /** Shares that have a second round waiting already: claim no more of them. */
  fullShares(): readonly Uuid[]
  size(): number
  bytes(): number
  /** Removes and returns everything. */
  drain(): readonly Job[]
}

interface Lane<Job> {
  readonly jobs: Job[]
  running: number
}

export function createWaiting<Job extends ClaimedJob>(options: {
  readonly perLane: number
  readonly weight: (job: Job) => number
}): Waiting<Job> {
  const { perLane, weight } = options
  /** In the order of their turn: a lane that was served goes to the end. */
  const lanes = new Map<Uuid, Lane<Job>>()
  let size = 0
  let bytes = 0

  function takeFrom(lane: Lane<Job>, keep: (job: Job) => boolean): Job | undefined {
    while (lane.running < perLane) {
      const job = lane.jobs.shift()
      if (job === undefined) return undefined
      size -= 1
      bytes -= weight(job)
      if (!keep(job)) continue
      lane.running += 1
      return job
    }
    return undefined
  }

  function forgetIfIdle(id: Uuid, lane: Lane<Job>): void {
    if (lane.jobs.length === 0 && lane.running === 0) lanes.delete(id)
  }

  return {
    add(jobs) {
      for (const job of jobs) {
        const lane = lanes.get(shareOf(job)) ?? { jobs: [], running: 0 }
        lanes.set(shareOf(job), lane)
        lane.jobs.push(job)
        size += 1
        bytes += weight(job)
      }
    },

    take(count, keep) {
      const taken: Job[] = []
      // A served lane is put back at the end and comes round again in this same loop; the others do not.
      for (const [id, lane] of lanes) {
        if (taken.length === count) break
        const job = takeFrom(lane, keep)
        if (job === undefined) {
          forgetIfIdle(id, lane)
          continue
        }
        taken.push(job)
        lanes.delete(id)
        lanes.set(id, lane)
      }
      return taken
    },

    ended(jobs) {
      for (const job of jobs) {
        const lane = lanes.get(shareOf(job))
        if (lane === undefined) continue
        lane.running -= 1
        forgetIfIdle(shareOf(job), lane)
      }
    },

    isBehind: (share) => (lanes.get(share)?.jobs.length ?? 0) * 2 >= perLane,

    ready: () =>
      [...lanes.values()].reduce(
        (sum, lane) => sum + Math.min(lane.jobs.length, Math.max(0, perLane - lane.running)),
        0,
      ),
    fullShares: () => [...lanes].filter(([, lane]) => lane.jobs.length + lane.running >= 2 * perLane).map(([id]) => id),
    size: () => size,
    bytes: () => bytes,

    drain() {
      const all = [...lanes.values()].flatMap((lane) => lane.jobs.splice(0))
      size = 0
      bytes = 0
      return all
    },
  }
}
