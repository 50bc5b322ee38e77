/**
 * Keeps what failed verification, without letting forgers decide how much work that is: a small buffer, one
 * insert a second, and everything beyond the bounds is counted and dropped.
 */
import type { Uuid } from '../../base/model/ids.ts'
import type { Logger } from '../../observability/log.ts'
import type { Refusal } from '../../providers/outcome.ts'
import { addRefusalCounts, type RefusalCount } from '../../resources/store/alert-counts.ts'
import type { Database } from '../../resources/store/database.ts'
import { insertRefused, type RefusedRequest, trimQuarantine } from '../../resources/store/quarantine.ts'

const MAX_BUFFERED_ROWS = 256
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024
const FLUSH_MS = 1000
/** Refused for the time they were signed at, and for nothing else. */
const UNTIMELY: ReadonlySet<string> = new Set(['signature_stale', 'signature_future'] satisfies readonly Refusal[])

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
  let refusals = new Map<Uuid, { refused: number; untimely: number }>()
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
    await count()
    if (batch.length === 0) return
    try {
      await insertRefused(db, batch)
      await trimQuarantine(db, [...new Set<Uuid>(batch.map((request) => request.integrationId))], { maxRows, maxBytes })
    } catch (err) {
      log.warn({ err, rows: batch.length }, 'refused requests could not be kept')
    }
  }

  /** All of them, kept or not, for the rules that alert: a row an integration and minute, whatever a forger does. */
  async function count(): Promise<void> {
    const counts: readonly RefusalCount[] = [...refusals].map(([integrationId, each]) => ({ integrationId, ...each }))
    refusals = new Map()
    if (counts.length === 0) return
    await addRefusalCounts(db, counts, new Date()).catch((err: unknown) =>
      log.warn({ err }, 'refused requests could not be counted'),
    )
  }

  return {
    keep(request) {
      const counted = refusals.get(request.integrationId) ?? { refused: 0, untimely: 0 }
      counted.refused++
      if (UNTIMELY.has(request.reason)) counted.untimely++
      refusals.set(request.integrationId, counted)
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
