/**
 * Records results in batches: what ends while one batch is being written makes up the next. No timer.
 *
 * A request that was sent must not be sent again only because its record failed. So a result is written until the
 * database has answered for it, however long the database is away; the job stays claimed meanwhile. A result that
 * the database refuses, on its own, for as long as a lease lasts is handed back as an error.
 */
import { jitteredBackoff } from '../../base/lib/backoff.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Logger } from '../../observability/log.ts'
import type { AttemptResult } from '../../resources/store/attempts.ts'
import { isUnavailable } from '../../resources/store/database.ts'

export interface RecorderOptions {
  /** Writes all or nothing; answers with the jobs that were still ours. */
  readonly write: (results: readonly AttemptResult[]) => Promise<ReadonlySet<Uuid>>
  /** How long a result that is refused on its own is tried. */
  readonly refusedForMs: number
  readonly log: Logger
  readonly now: () => number
  readonly random: () => number
}

export interface Recorder {
  /** @returns Whether the job was still ours; if not, whoever has it now writes what becomes of it. */
  record(result: AttemptResult): Promise<boolean>
}

interface Entry {
  readonly result: AttemptResult
  readonly since: number
  refusals: number
  readonly resolve: (ours: boolean) => void
  readonly reject: (error: unknown) => void
}

const MAX_BATCH = 200
const AGAIN = { baseMs: 50, capMs: 1_000 }

export function createRecorder({ write, refusedForMs, log, now, random }: RecorderOptions): Recorder {
  let pending: Entry[] = []
  let writing = false

  async function flush(): Promise<void> {
    // A tick, so that what ends in this turn of the loop goes together.
    await new Promise(setImmediate)
    for (let outages = 0; pending.length > 0; ) {
      const batch = pending.slice(0, MAX_BATCH)
      pending = pending.slice(MAX_BATCH)
      const outage = await writeBatch(batch)
      if (outage === undefined) {
        outages = 0
        continue
      }
      outages += 1
      if (outages === 1) log.warn({ err: outage, results: batch.length }, 'results cannot be recorded; trying again')
      pending = [...batch, ...pending]
      await sleep(jitteredBackoff(outages, AGAIN, random) + 10)
    }
    writing = false
  }

  /** @returns The error when the database is away and the batch must wait; nothing when each entry is dealt with. */
  async function writeBatch(batch: readonly Entry[]): Promise<unknown> {
    try {
      const ours = await write(batch.map((entry) => entry.result))
      for (const entry of batch) entry.resolve(ours.has(entry.result.id))
      return undefined
    } catch (error) {
      if (isUnavailable(error)) return error
      if (batch.length === 1) for (const entry of batch) refused(entry, error)
      else for (const entry of batch) await writeAlone(entry)
      return undefined
    }
  }

  /** One result the database does not take must not hold up the others. */
  async function writeAlone(entry: Entry): Promise<void> {
    try {
      const ours = await write([entry.result])
      entry.resolve(ours.has(entry.result.id))
    } catch (error) {
      if (isUnavailable(error)) enqueue(entry)
      else refused(entry, error)
    }
  }

  function refused(entry: Entry, error: unknown): void {
    entry.refusals += 1
    if (entry.refusals === 1)
      log.error({ err: error, eventId: entry.result.eventId }, 'a result was refused by the database')
    if (now() - entry.since >= refusedForMs) entry.reject(error)
    else setTimeout(() => enqueue(entry), jitteredBackoff(entry.refusals, AGAIN, random) + 10)
  }

  function enqueue(entry: Entry): void {
    pending.push(entry)
    if (writing) return
    writing = true
    void flush()
  }

  return {
    record: (result) =>
      new Promise((resolve, reject) => {
        enqueue({ result, since: now(), refusals: 0, resolve, reject })
      }),
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
