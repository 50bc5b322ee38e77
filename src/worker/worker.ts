/**
 * The worker: everything after the commit that loops, polls, renews a lease or drains.
 *
 * It promises that a job is handled at least once whatever dies, by one worker at a time, and that a worker which
 * lost its lease can no longer write. It lives through any outage of the database and goes on by itself.
 * What a job means is not known here: rooms on the flow define queues, and the composition passes them in.
 */
import type { JobKind } from '../base/model/event.ts'
import type { Uuid } from '../base/model/ids.ts'
import type { Logger } from '../observability/log.ts'
import type { Database } from '../resources/store/database.ts'
import { sweepLeases } from '../resources/store/jobs.ts'
import { createLeases } from './leases.ts'
import { type PeriodicTask, repeat } from './periodic.ts'
import type { RunningQueue, StartQueue } from './queue.ts'

export interface WorkerOptions {
  readonly db: Database
  /** New for every start: with the fence number it tells this worker's claims from all others. */
  readonly worker: Uuid
  readonly queues: Readonly<Partial<Record<JobKind, StartQueue>>>
  /** Maintenance, beside what the worker does for its own queues. */
  readonly tasks: readonly PeriodicTask[]
  /** The audit chain that only this worker writes. */
  readonly chain: Uuid
  readonly log: Logger
  readonly now: () => number
  readonly random: () => number
  /** Longer than any step; renewed while a job waits or runs. */
  readonly leaseMs?: number
  /** Claims that end in nothing before a job counts as poison. */
  readonly maxClaims?: number
}

export interface Worker {
  /** There is new work: do not wait for the next poll. @param kind Of which kind; absent: perhaps of any. */
  wake(kind?: JobKind): void
  /**
   * Claims no more, gives back what has not begun and waits for what runs, at most `deadlineMs`. What still runs
   * then is left to its lease: another worker takes it up when that ends.
   *
   * @returns Whether everything ended in time.
   */
  stop(deadlineMs: number): Promise<boolean>
}

/** The longest time-out of a delivery (60 s), and time to record it. */
export const DEFAULT_LEASE_MS = 90_000
export const DEFAULT_MAX_CLAIMS = 8

const SWEEP_LIMIT = 500

export function startWorker(options: WorkerOptions): Worker {
  const { db, worker, chain, log, now, random, leaseMs = DEFAULT_LEASE_MS, maxClaims = DEFAULT_MAX_CLAIMS } = options
  const leases = createLeases({ db, leaseMs, now })
  const running = new Map<JobKind, RunningQueue>()

  function wake(kind?: JobKind): void {
    if (kind !== undefined) running.get(kind)?.wake()
    else for (const queue of running.values()) queue.wake()
  }

  async function sweep(): Promise<void> {
    const swept = await sweepLeases(db, new Date(now()), SWEEP_LIMIT)
    if (swept === 0) return
    log.warn({ swept }, 'jobs of dead workers were put back')
    wake()
  }

  for (const [kind, start] of entries(options.queues)) {
    running.set(kind, start({ db, worker, leases, leaseMs, maxClaims, chain, log, now, random, wake }))
  }
  const renewal = repeat({ name: 'renew leases', everyMs: leaseMs / 3, run: () => leases.renew() }, log)
  const tasks = [{ name: 'sweep leases', everyMs: Math.min(leaseMs / 3, 10_000), run: sweep }, ...options.tasks].map(
    (task) => repeat(task, log),
  )

  return {
    wake,

    async stop(deadlineMs) {
      const drained = Promise.all([...running.values()].map((queue) => queue.stop())).then(() => true)
      const stopped = Promise.all(tasks.map((task) => task.stop()))
      const inTime = await Promise.race([drained, after(deadlineMs)])
      if (!inTime) log.warn({ deadlineMs }, 'jobs still run after the deadline; their leases will end')
      // Last: until here a job that takes long must keep its lease.
      await Promise.race([Promise.all([stopped, renewal.stop()]), after(1_000)])
      return inTime
    },
  }
}

function entries(queues: WorkerOptions['queues']): readonly (readonly [JobKind, StartQueue])[] {
  const kinds: readonly JobKind[] = ['process', 'deliver']
  return kinds.flatMap((kind) => {
    const start = queues[kind]
    return start === undefined ? [] : [[kind, start] as const]
  })
}

function after(ms: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), ms).unref()
  })
}
