/**
 * Tasks on a timer: the sweeper, lease renewal, maintenance. A run never overlaps the one before, and a failed run
 * is logged and tried again at the next turn.
 */
import type { Logger } from '../observability/log.ts'
import { createPause } from './pause.ts'

export interface PeriodicTask {
  readonly name: string
  readonly everyMs: number
  run(): Promise<void>
}

/** Runs the task now and then every `everyMs`. `stop` waits for the run under way. */
export function repeat(task: PeriodicTask, log: Logger): { stop(): Promise<void> } {
  const pause = createPause()
  let stopped = false

  async function loop(): Promise<void> {
    while (!stopped) {
      await task.run().catch((error: unknown) => log.warn({ err: error, task: task.name }, 'a periodic task failed'))
      if (!stopped) await pause.wait(task.everyMs)
    }
  }

  const done = loop()
  return {
    stop() {
      stopped = true
      pause.wake()
      return done
    },
  }
}
