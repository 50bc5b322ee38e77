/**
 * Whether Redis is asked at all. After one failure nobody asks it, and so nobody waits for it, until a probe of our
 * own has been answered. One line in the log when an outage begins and one when it ends, however many requests meet it.
 */
import type { Logger } from '../../../observability/log.ts'

/** Long enough that a hanging Redis costs one waiting probe a second; short against the minute that limits count. */
const PROBE_EVERY_MS = 1_000

export interface Circuit {
  /** True when Redis answered last time. False at the start: nothing waits for the first connection. */
  readonly closed: boolean
  fail(error: unknown): void
  /** Probes now, because there is reason to hope: the connection is ready. */
  probe(): void
  stop(): void
}

export function createCircuit(log: Logger, probeRedis: () => Promise<unknown>): Circuit {
  let closed = false
  let warned = false
  let stopped = false
  let probing = false
  let timer: NodeJS.Timeout | undefined

  function fail(error: unknown): void {
    if (stopped) return
    closed = false
    if (!warned)
      log.warn({ err: error }, 'Redis does not answer; until it does, this gateway keeps the rate limits for itself')
    warned = true
    timer ??= setTimeout(probe, PROBE_EVERY_MS).unref()
  }

  function probe(): void {
    clearTimeout(timer)
    timer = undefined
    if (stopped || probing) return
    probing = true
    probeRedis().then(
      () => {
        probing = false
        succeed()
      },
      (error: unknown) => {
        probing = false
        fail(error)
      },
    )
  }

  function succeed(): void {
    if (stopped) return
    closed = true
    clearTimeout(timer)
    timer = undefined
    if (warned) log.info('Redis answers again; rate limits are shared between gateways')
    warned = false
  }

  return {
    get closed() {
      return closed
    },
    fail,
    probe,
    stop() {
      stopped = true
      closed = false
      clearTimeout(timer)
    },
  }
}
