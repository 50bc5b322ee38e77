/**
 * Keeps what failed verification, without letting forgers decide how much work that is: a small buffer, one
 * insert a second, and everything beyond the bounds is counted and dropped.
 */
import type { Uuid } from '../../base/model/ids.ts'
import type { Logger } from '../../observability/log.ts'
import type { Database } from '../../resources/store/database.ts'
import { insertRefused, type RefusedRequest, trimQuarantine } from '../../resources/store/quarantine.ts'

const MAX_BUFFERED_ROWS = 256
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024
const FLUSH_MS = 1000

export interface Quarantine {
  /** Never waits and never fails. */
  keep(request: RefusedRequest): void
  close(): Promise<void>
}

export interface QuarantineOptions {
  readonly db: Database
  readonly log: Logger
  readonly maxRows: number
  readonly maxBytes: number
}

export function openQuarantine({ db, log, maxRows, maxBytes }: QuarantineOptions): Quarantine {
  let buffered: RefusedRequest[] = []
  let bufferedBytes = 0
  let dropped = 0
  let reasons = new Map<string, number>()
  let flushing = Promise.resolve()

  const timer = setInterval(() => {
    flushing = flushing.then(flush)
  }, FLUSH_MS)
  timer.unref()

  async function flush(): Promise<void> {
    if (reasons.size > 0) log.warn({ refused: Object.fromEntries(reasons), notKept: dropped }, 'webhooks were refused')
    const batch = buffered
    buffered = []
    bufferedBytes = 0
    dropped = 0
    reasons = new Map()
    if (batch.length === 0) return
    try {
      await insertRefused(db, batch)
      await trimQuarantine(db, [...new Set<Uuid>(batch.map((request) => request.integrationId))], { maxRows, maxBytes })
    } catch (err) {
      log.warn({ err, rows: batch.length }, 'refused requests could not be kept')
    }
  }

  return {
    keep(request) {
      const reason = `${request.integrationId} ${request.reason}`
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      if (
        maxRows === 0 ||
        request.body.length > maxBytes ||
        buffered.length >= MAX_BUFFERED_ROWS ||
        bufferedBytes + request.body.length > MAX_BUFFERED_BYTES
      ) {
        dropped++
        return
      }
      buffered.push(request)
      bufferedBytes += request.body.length
    },
    async close() {
      clearInterval(timer)
      await flushing
      await flush()
    },
  }
}
