/**
 * Health for everybody to ask: however many ask at once, one check runs, and nobody waits long for it.
 */
import type { Health } from './deps.ts'

/** Longer than a healthy database takes; shorter than the five seconds balancers commonly give. */
const DEADLINE_MS = 3_000

/** Never rejects: a check that fails or hangs is an answer. */
export function shareHealth(health: Health): Health {
  let running: ReturnType<Health> | undefined

  async function check(): ReturnType<Health> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'degraded'>((resolve) => {
      timer = setTimeout(() => resolve('degraded'), DEADLINE_MS)
    })
    try {
      return await Promise.race([health(), late])
    } catch {
      return 'degraded'
    } finally {
      clearTimeout(timer)
    }
  }

  return () => {
    running ??= check().finally(() => {
      running = undefined
    })
    return running
  }
}
