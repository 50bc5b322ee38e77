/** Says on a terminal what a long run is doing. Pipes, logs and short runs see nothing of it. */
import type { CliIo } from './context.ts'

export interface Progress {
  /** Replaces what was shown before. */
  show(text: string): void
  /** Before anything else is written. */
  clear(): void
}

/** Below this a line would only flicker. */
const QUIET_MS = 500
/** Often enough to look alive, seldom enough to cost nothing. */
const EVERY_MS = 100

/** @param now Milliseconds from any fixed point. */
export function createProgress(stderr: CliIo['stderr'], quiet: boolean, now: () => number): Progress {
  const startedAt = now()
  let shownAt: number | undefined
  if (quiet || stderr.isTTY !== true) return { show: () => undefined, clear: () => undefined }
  return {
    show(text) {
      const at = now()
      if (at - startedAt < QUIET_MS || (shownAt !== undefined && at - shownAt < EVERY_MS)) return
      shownAt = at
      stderr.write(`\r\u001b[K${text}`)
    },
    clear() {
      if (shownAt !== undefined) stderr.write('\r\u001b[K')
      shownAt = undefined
    },
  }
}
