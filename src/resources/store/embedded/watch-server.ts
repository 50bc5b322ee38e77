/** Sees that the server has died, ours or adopted, and brings it back. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../../../observability/log.ts'
import { isAlive } from './processes.ts'
import type { RunningServer } from './server.ts'

interface WatchOptions {
  readonly server: RunningServer
  readonly log: Logger
  /** Given up when the signal says so. */
  readonly restart: (signal: AbortSignal) => Promise<RunningServer>
  readonly everyMinute: () => Promise<void>
}

/** An adopted server is nobody's child here: only asking tells that it is gone. */
const POLL_MS = 250
const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 30_000
/** A server that ran this long has not failed in starting: the next fall begins with the shortest delay again. */
const SETTLED_MS = 60_000

/** @returns `end`: no restart begins after it, and one under way has finished. */
export function watchServer({ server, log, restart, everyMinute }: WatchOptions): { end(): Promise<void> } {
  const stopping = new AbortController()
  // Neither the watch nor a delay keeps the process alive.
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined)

  async function watch(): Promise<void> {
    let { pid } = server
    let upSince = Date.now()
    let tidied = upSince
    let delay = FIRST_DELAY_MS
    for (;;) {
      await pause(POLL_MS)
      if (stopping.signal.aborted) return
      if (await isAlive(pid)) {
        if (Date.now() - upSince > SETTLED_MS) delay = FIRST_DELAY_MS
        if (Date.now() - tidied > 60_000) {
          tidied = Date.now()
          await everyMinute().catch((err: unknown) => log.warn({ err }, 'the embedded database’s log could not be cut'))
        }
        continue
      }
      log.error({ pid, delayMs: delay }, 'embedded database has died; starting it again')
      await pause(delay)
      if (stopping.signal.aborted) return
      delay = Math.min(delay * 2, MAX_DELAY_MS)
      try {
        pid = (await restart(stopping.signal)).pid
        upSince = Date.now()
        log.info({ pid }, 'embedded database is up again')
      } catch (err) {
        if (stopping.signal.aborted) return
        log.error({ err }, 'embedded database could not be started')
      }
    }
  }

  const ended = watch()
  return {
    async end() {
      stopping.abort()
      await ended
    },
  }
}
