/**
 * Group commit: requests that arrive while a commit is under way share the next one.
 *
 * Two lanes, each with a connection, an audit chain and at most one batch in flight; no timer delays anybody.
 * Senders that wait for their answer before they send again would fall into step with the commits: all of them in
 * one batch, and this process idle while it is stored. So a batch leaves room for a second one of the same size.
 * A batch that PostgreSQL refuses is tried again row by row, so that one poisonous row fails alone. A batch
 * whose connection dies is tried again whole: rows that had been committed are recognised by their own id.
 * Waiting is bounded by age, not by length: past it the caller gets DEPENDENCY_UNAVAILABLE and the provider
 * retries. The batch may still commit after that; the retry is then a duplicate, never a second event.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { PosternError } from '../../base/model/errors.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Logger } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { openChain } from '../../resources/store/audit.ts'
import { type Connection, type Database, isUnavailable } from '../../resources/store/database.ts'
import { findKnown, insertEvents, type KnownEvent, type ReceivedEvent } from '../../resources/store/ingest.ts'
import { ensurePartitions } from '../../resources/store/partitions.ts'

/** Enough to spread the price of a commit; more only makes the first of a batch wait for the last. */
const MAX_BATCH_ROWS = 256
const MAX_BATCH_BYTES = 4 * 1024 * 1024
/** Below this, what a commit costs by itself weighs more than what two that overlap would gain. */
const SHARED_BATCH_ROWS = 16
const LANES = 2
/**
 * The second lane is for what would not fit well into the next batch of the first. Used for less, it halves the
 * batches and pays for twice as many commits (measured: a fifth more processor time in the database).
 */
const SECOND_LANE_ROWS = 64
const RECONNECT_MS = [50, 200, 1000] as const

/** `known` is the event that already holds the dedupe key; absent when this one was stored. */
export interface CommitResult {
  readonly known?: KnownEvent
}

export interface Committer {
  /** Resolves after the commit. @throws PosternError `DEPENDENCY_UNAVAILABLE` */
  commit(event: ReceivedEvent): Promise<CommitResult>
  /** Waits for what is under way, then closes the connections. */
  close(): Promise<void>
}

export interface CommitterOptions {
  readonly db: Database
  readonly writer: string
  readonly timeoutMs: number
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'committed'>
}

interface Waiting {
  readonly event: ReceivedEvent
  readonly since: number
  settle: ((result: CommitResult | PosternError) => void) | undefined
}

interface Lane {
  readonly name: string
  connection: Connection | undefined
  chain: Uuid | undefined
  batch: readonly Waiting[]
  /** Of the batch before: its senders have just been answered and are about to send again. */
  lastRows: number
}

export function openCommitter({ db, writer, timeoutMs, log, metrics }: CommitterOptions): Committer {
  const waiting: Waiting[] = []
  const lanes: Lane[] = Array.from({ length: LANES }, (_, index) => ({
    name: `${writer}/${index + 1}`,
    connection: undefined,
    chain: undefined,
    batch: [],
    lastRows: 0,
  }))
  let scheduled = false
  let closed = false

  // What has waited too long is answered, wherever it is: in the queue or in a statement that does not return.
  const sweep = setInterval(() => {
    const limit = performance.now() - timeoutMs
    for (const item of [...waiting, ...lanes.flatMap((lane) => lane.batch)]) {
      if (item.since <= limit) settle(item, tooLate())
    }
    while (waiting[0] !== undefined && waiting[0].settle === undefined) waiting.shift()
  }, 100)
  sweep.unref()

  function flush(): void {
    scheduled = false
    for (const [index, lane] of lanes.entries()) {
      if (waiting.length === 0) return
      if (lane.batch.length === 0) void run(lane, index === 0 ? 1 : SECOND_LANE_ROWS)
    }
  }

  /** @param least Fewer than these are left to the other lane. */
  async function run(lane: Lane, least: number): Promise<void> {
    while (waiting.length >= least) {
      lane.batch = takeBatch(waiting, lane.lastRows)
      lane.lastRows = lane.batch.length
      await commitBatch(lane, lane.batch)
      lane.batch = []
    }
  }

  async function commitBatch(lane: Lane, batch: readonly Waiting[]): Promise<void> {
    for (let failures = 0; ; failures++) {
      const open = batch.filter((item) => item.settle !== undefined)
      if (open.length === 0) return
      try {
        const { connection, chain } = await connect(lane)
        const began = performance.now()
        await store(connection, chain, open)
        return metrics.committed(open.length, (performance.now() - began) / 1000)
      } catch (error) {
        if (!isUnavailable(error)) return await storeOneByOne(lane, open, error)
        await lane.connection?.close()
        lane.connection = undefined
        if (failures === 0) log.warn({ err: error, lane: lane.name }, 'commit failed; trying again')
        await sleep(RECONNECT_MS[Math.min(failures, RECONNECT_MS.length - 1)])
      }
    }
  }

  async function connect(lane: Lane): Promise<{ connection: Connection; chain: Uuid }> {
    lane.chain ??= await openChain((work) => db.transaction(work), lane.name)
    if (lane.connection === undefined || lane.connection.broken) {
      lane.connection = await db.connect({
        name: lane.name,
        onLost: (error) => log.warn({ err: error, lane: lane.name }, 'database connection lost'),
      })
      // The planner would plan the statement anew each time, over every partition, for a millisecond a batch; it joins
      // nothing, so that one plan is right for any number of rows.
      await lane.connection.query('set plan_cache_mode = force_generic_plan')
    }
    return { connection: lane.connection, chain: lane.chain }
  }

  async function storeOneByOne(lane: Lane, batch: readonly Waiting[], cause: unknown): Promise<void> {
    log.error({ err: cause, rows: batch.length }, 'a batch was refused; storing its rows one by one')
    // The usual cause that is nobody's fault: a day without its partition, after the clock was set.
    if (isMissingPartition(cause)) await ensurePartitions(db).catch((err) => log.error({ err }, 'no partition'))
    for (const item of batch) {
      try {
        const { connection, chain } = await connect(lane)
        await store(connection, chain, [item])
      } catch (error) {
        log.error({ err: error, eventId: item.event.id }, 'an event could not be stored')
        settle(
          item,
          new PosternError('DEPENDENCY_UNAVAILABLE', 'The event could not be stored.', {
            cause: error,
            retryAfterSeconds: 30,
          }),
        )
      }
    }
  }

  return {
    commit(event) {
      if (closed) return Promise.reject(tooLate())
      return new Promise((resolve, reject) => {
        waiting.push({
          event,
          since: performance.now(),
          settle: (result) => (result instanceof PosternError ? reject(result) : resolve(result)),
        })
        if (scheduled) return
        scheduled = true
        // After the requests that this turn of the loop has read, so that they share the batch.
        setImmediate(flush)
      })
    },
    async close() {
      closed = true
      while (waiting.length > 0 || lanes.some((lane) => lane.batch.length > 0)) await sleep(10)
      clearInterval(sweep)
      await Promise.all(lanes.map((lane) => lane.connection?.close()))
    },
  }
}

/** Half of those that are about, so that one half is stored while the other is verified. */
function takeBatch(waiting: Waiting[], lastRows: number): readonly Waiting[] {
  const half = Math.ceil((waiting.length + lastRows) / 2)
  const most = Math.min(Math.max(half, SHARED_BATCH_ROWS), MAX_BATCH_ROWS)
  let rows = 0
  let bytes = 0
  for (const item of waiting) {
    bytes += item.event.body.length
    if (rows === most || (rows > 0 && bytes > MAX_BATCH_BYTES)) break
    rows++
  }
  return waiting.splice(0, rows)
}

async function store(connection: Connection, chain: Uuid, batch: readonly Waiting[]): Promise<void> {
  const copyIds = await insertEvents(
    connection,
    chain,
    batch.map((item) => item.event),
  )
  const copies = batch.filter((item) => copyIds.has(item.event.id))
  for (const item of batch) if (!copyIds.has(item.event.id)) settle(item, {})
  if (copies.length === 0) return
  const known = await findKnown(
    connection,
    copies.map((item) => item.event.dedupeKey),
  )
  for (const item of copies) {
    const holder = known.get(item.event.dedupeKey)
    // The key was pruned between the two statements: the provider's retry will be stored.
    if (holder === undefined) settle(item, tooLate())
    // Our own commit, made before the connection died.
    else settle(item, holder.eventId === item.event.id ? {} : { known: holder })
  }
}

function settle(item: Waiting, result: CommitResult | PosternError): void {
  item.settle?.(result)
  item.settle = undefined
}

function tooLate(): PosternError {
  return new PosternError('DEPENDENCY_UNAVAILABLE', 'The event could not be stored in time.', { retryAfterSeconds: 5 })
}

function isMissingPartition(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23514'
}
