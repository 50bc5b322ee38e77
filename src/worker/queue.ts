/**
 * One kind of job in one worker: claim batches, run a bounded number at once, end each claim.
 *
 * A handler that resolves has recorded the end of its jobs. One that throws has not: its jobs are put back with a
 * growing delay, and the poison limit ends that. Nothing that happens here ends the loop: while the database is
 * away it asks again, with a bounded delay, and goes on when it is back.
 */
import { jitteredBackoff } from '../base/lib/backoff.ts'
import type { JobKind } from '../base/model/event.ts'
import type { Uuid } from '../base/model/ids.ts'
import type { Logger } from '../observability/log.ts'
import { type Database, isTimeout, isUnavailable, type Queryable } from '../resources/store/database.ts'
import { type ClaimedJob, holdJobs, releaseJobs, releaseUnheld, requeueJobs, shareOf } from '../resources/store/jobs.ts'
import { parkPoison } from '../resources/store/poison.ts'
import { openSession } from '../resources/store/session.ts'
import { createHeldClaims } from './held-claims.ts'
import type { Leases } from './leases.ts'
import { createPause } from './pause.ts'
import { createReadyClaims } from './ready-claims.ts'
import { createTimeShares } from './time-shares.ts'
import { createWaiting } from './waiting.ts'

/** What a room on the flow gives to the worker. */
export interface QueueDefinition<Job extends ClaimedJob> {
  readonly kind: JobKind
  /** Jobs handed to `handle` together. */
  readonly batchSize: number
  /** Calls of `handle` under way at one time. */
  readonly concurrency: number
  /** Of those, how many jobs of one share, so that one slow destination or one busy tenant does not take every place. */
  readonly perShare: number
  /**
   * Nothing outside the database comes of handling a job, so that a claim may be lost with the database: the job is then
   * simply claimed again. Where it is not so, a claim is on the disk before its job begins.
   */
  readonly repeatable: boolean
  /** Handling takes the machine's time: a share that is behind leaves some to those that keep up (see `time-shares.ts`). */
  readonly sharesTime?: boolean
  /** Reads what handling needs, for a whole claim at once; answers with the same jobs. */
  load(db: Queryable, jobs: readonly ClaimedJob[]): Promise<readonly Job[]>
  /**
   * Resolves when the end of the jobs is recorded. @param free Gives the place to the next ones before that: what
   * remains is the record, and waiting for it would leave the place empty for the length of a commit.
   */
  handle(jobs: readonly Job[], free: () => void): Promise<void>
  /** What may not run yet: it is held until its share may go. */
  mustWait?(job: Job): boolean
  /** Bytes a loaded job keeps in memory until it ends. */
  weight(job: Job): number
  /** The kind of job that handling makes. */
  readonly makes?: JobKind
  /** After the last job has ended. */
  close?(): Promise<void>
}

/** What the worker gives to its queues. */
export interface QueueContext {
  readonly db: Database
  readonly worker: Uuid
  readonly leases: Leases
  readonly leaseMs: number
  readonly maxClaims: number
  /** The audit chain of this worker. */
  readonly chain: Uuid
  readonly log: Logger
  readonly now: () => number
  readonly random: () => number
  /** There may be jobs of this kind now. */
  wake(kind: JobKind): void
}

export interface RunningQueue {
  wake(): void
  /** Claims no more, gives back what has not begun, waits for what runs. */
  stop(): Promise<void>
}

/** A definition whose type of job is its own business. */
export type StartQueue = (context: QueueContext) => RunningQueue

const CLAIM_LIMIT = 100
const IDLE_MS = { least: 50, most: 1_000 }
const RETRY_CLAIM = { baseMs: 100, capMs: 2_000 }
const REQUEUE = { baseMs: 1_000, capMs: 60_000 }
/** Handled but not yet recorded, for each place: what may pile up while the database is away. */
const UNRECORDED_PER_PLACE = 4
/** Above either, nothing is claimed until something ends. */
const MAX_WAITING = { jobs: 2_000, bytes: 64 * 1024 * 1024 }

export function defineQueue<Job extends ClaimedJob>(definition: QueueDefinition<Job>): StartQueue {
  return (context) => startQueue(definition, context)
}

function startQueue<Job extends ClaimedJob>(definition: QueueDefinition<Job>, context: QueueContext): RunningQueue {
  const { worker, leases, leaseMs, maxClaims, chain, log, now, random } = context
  const { kind, batchSize, concurrency, perShare } = definition
  const db = openSession(context.db, kind, { durable: !definition.repeatable })
  const waiting = createWaiting<Job>({ perLane: perShare, weight: definition.weight })
  const due = createReadyClaims({ db, kind, worker, leaseMs, now })
  const held = createHeldClaims({ db, kind, worker, leaseMs, now })
  const timeShares = createTimeShares(now)
  const running = new Set<Promise<void>>()
  const pause = createPause()
  let places = concurrency
  let stopped = false
  /** The last claim may have left due jobs behind. */
  let more = false
  /** Shares the last claim left out because they were full. */
  let excepted = 0

  async function loop(): Promise<void> {
    let idleMs = IDLE_MS.least
    let failures = 0
    let failedAt = 0
    while (!stopped) {
      const limit = room()
      if (limit === 0) {
        more = true
        await pause.wait(IDLE_MS.most)
        continue
      }
      try {
        if (failures > 0) await recover(failedAt)
        const claimed = await claim(limit)
        if (failures > 0) log.info({ kind, failures }, 'the queue is read again')
        failures = 0
        idleMs = claimed > 0 ? IDLE_MS.least : Math.min(IDLE_MS.most, idleMs * 2)
        if (!more) await pause.wait(Math.min(idleMs, due.waitMs(), held.waitMs()))
      } catch (error) {
        failures += 1
        failedAt = now()
        if (failures === 1) log.warn({ err: error, kind }, 'the queue cannot be read; trying again')
        await pause.wait(jitteredBackoff(failures, RETRY_CLAIM, random) + RETRY_CLAIM.baseMs)
      }
    }
  }

  /** A claim whose answer was lost may have been granted: without this it would wait for its lease to end. */
  async function recover(before: number): Promise<void> {
    const released = await releaseUnheld(db, { kind, worker, held: leases.ids(), before: new Date(before) })
    if (released > 0) log.info({ kind, released }, 'claims that were granted unheard are given back')
  }

  /** How many to claim: a second round for every place, fetched when less than half of it is left. */
  function room(): number {
    const round = concurrency * batchSize
    const ready = waiting.ready()
    if (ready * 2 > round || waiting.size() >= MAX_WAITING.jobs || waiting.bytes() >= MAX_WAITING.bytes) return 0
    return Math.min(CLAIM_LIMIT, 2 * round - ready)
  }

  async function claim(limit: number): Promise<number> {
    const exceptShares = waiting.fullShares()
    const sentAt = now()
    const ready = await due.claim(limit, exceptShares)
    leases.hold(ready, sentAt)
    await take(ready)
    // What is held comes second but has a part of its own: those in front must not keep it waiting for ever.
    const heldSentAt = now()
    const released = await held.claim(Math.max(limit - ready.length, Math.ceil(limit / 2)), waiting.fullShares())
    leases.hold(released, heldSentAt)
    await take(released)
    const claimed = ready.length + released.length
    // Of several shares each gives its part, and may have more.
    more = claimed >= limit || (exceptShares.length > 0 && ready.length > 0)
    excepted = exceptShares.length
    return claimed
  }

  async function take(jobs: readonly ClaimedJob[]): Promise<void> {
    const poisoned = jobs.filter((job) => job.fence - job.attempts > maxClaims)
    const sound = jobs.filter((job) => job.fence - job.attempts <= maxClaims)
    if (poisoned.length > 0) await park(poisoned)
    if (sound.length > 0) await load(sound)
  }

  async function park(jobs: readonly ClaimedJob[]): Promise<void> {
    log.error({ kind, events: jobs.map((job) => job.eventId), maxClaims }, 'events parked as poison')
    await settle(jobs, () => parkPoison(db, jobs, { now: new Date(now()), chain }))
  }

  async function load(jobs: readonly ClaimedJob[]): Promise<void> {
    try {
      const loaded = await definition.load(db, jobs)
      const early = loaded.filter((job) => definition.mustWait?.(job) === true)
      if (early.length > 0) await settle(early, () => holdJobs(db, early))
      waiting.add(early.length === 0 ? loaded : loaded.filter((job) => !early.includes(job)))
      begin()
    } catch (error) {
      await putBack(jobs, error)
    }
  }

  function begin(): void {
    while (!stopped && places > 0 && running.size < concurrency * (1 + UNRECORDED_PER_PLACE)) {
      const batch = waiting.take(batchSize, (job) => leases.isCurrent(job) || forget(job))
      if (batch.length === 0) return
      places -= 1
      const begunAt = now()
      timeShares.began(batch.map(shareOf))
      const free = once(() => {
        places += 1
        ended(batch, now() - begunAt)
        next()
      })
      const run = handle(batch, free)
      running.add(run)
      void run.then(() => {
        running.delete(run)
        free()
        next()
      })
    }
  }

  /** The place is free at once; a share that rests keeps what it may have under way until it may go on. */
  function ended(batch: readonly Job[], tookMs: number): void {
    const restMs = definition.sharesTime === true ? timeShares.restMs(tookMs, waiting.isBehind) : 0
    const resting = restMs === 0 ? [] : batch.filter((job) => waiting.isBehind(shareOf(job)))
    waiting.ended(resting.length === 0 ? batch : batch.filter((job) => !resting.includes(job)))
    if (resting.length === 0) return
    setTimeout(() => {
      waiting.ended(resting)
      next()
    }, restMs).unref()
  }

  function next(): void {
    begin()
    if (!stopped && (more || waiting.fullShares().length < excepted) && room() > 0) pause.wake()
  }

  function forget(job: ClaimedJob): false {
    log.warn({ kind, eventId: job.eventId }, 'a lease ended before its job began; left to whoever claims it next')
    leases.drop(job)
    return false
  }

  async function handle(batch: readonly Job[], free: () => void): Promise<void> {
    try {
      await definition.handle(batch, free)
      for (const job of batch) leases.drop(job)
    } catch (error) {
      await putBack(batch, error)
    }
    if (definition.makes !== undefined) context.wake(definition.makes)
  }

  async function putBack(jobs: readonly ClaimedJob[], error: unknown): Promise<void> {
    // A statement that ran out of time may have done so because of what it was given: that counts.
    const away = isUnavailable(error) && !isTimeout(error)
    log.error(
      { err: error, kind, jobs: jobs.length, firstEvent: jobs[0]?.eventId, away },
      'a handler failed; its jobs are put back',
    )
    const claims = Math.max(...jobs.map((job) => job.fence - job.attempts))
    const runAt = new Date(now() + jitteredBackoff(claims, REQUEUE, random))
    await settle(jobs, () =>
      requeueJobs(db, jobs, { runAt, error: away ? 'database_away' : 'handler_failed', counts: !away }),
    )
  }

  /** Ends claims in the database, however often that takes; after the lease the sweeper does it. */
  async function settle(jobs: readonly ClaimedJob[], write: () => Promise<void>): Promise<void> {
    for (let failures = 1; jobs.some((job) => leases.isCurrent(job)); failures += 1) {
      try {
        await write()
        break
      } catch (error) {
        if (failures === 1) log.warn({ err: error, kind }, 'claims could not be ended; trying again')
        await new Promise((resolve) => setTimeout(resolve, jitteredBackoff(failures, RETRY_CLAIM, random) + 10))
      }
    }
    for (const job of jobs) leases.drop(job)
  }

  const looping = loop()
  return {
    wake: () => pause.wake(),
    async stop() {
      stopped = true
      pause.wake()
      await looping
      const unstarted = waiting.drain()
      if (unstarted.length > 0) await settle(unstarted, () => releaseJobs(db, unstarted))
      await Promise.all(running)
      await Promise.all([definition.close?.(), db.close()])
    },
  }
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    action()
  }
}
