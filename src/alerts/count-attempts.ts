/**
 * Counts the attempts of this process and adds them to everybody's now and then: no statement more for a delivery. What
 * was counted since the last time dies with the process, which an alert rule can live with.
 */
import type { Uuid } from '../base/model/ids.ts'
import { type AttemptCount, addAttemptCounts } from '../resources/store/alert-counts.ts'
import type { Queryable } from '../resources/store/database.ts'
import type { PeriodicTask } from '../worker/periodic.ts'

export interface AttemptCounter {
  /** Of shadow destinations nothing is counted. */
  note(attempt: { readonly destinationId: Uuid; readonly shadow: boolean; readonly says: string }): void
  readonly task: PeriodicTask
}

const EVERY_MS = 5_000

export function createAttemptCounter({ db, now }: { db: Queryable; now: () => number }): AttemptCounter {
  let counts = new Map<Uuid, { attempts: number; failures: number }>()

  async function flush(): Promise<void> {
    const batch: readonly AttemptCount[] = [...counts].map(([destinationId, count]) => ({ destinationId, ...count }))
    if (batch.length === 0) return
    counts = new Map()
    try {
      await addAttemptCounts(db, batch, new Date(now()))
    } catch (error) {
      // Kept for the next time; as many as there are destinations.
      for (const { destinationId, ...count } of batch) add(destinationId, count)
      throw error
    }
  }

  function add(destinationId: Uuid, { attempts, failures }: Omit<AttemptCount, 'destinationId'>): void {
    const count = counts.get(destinationId) ?? { attempts: 0, failures: 0 }
    count.attempts += attempts
    count.failures += failures
    counts.set(destinationId, count)
  }

  return {
    note({ destinationId, shadow, says }) {
      if (!shadow) add(destinationId, { attempts: 1, failures: says === 'ill' ? 1 : 0 })
    },
    task: { name: 'count attempts', everyMs: EVERY_MS, run: flush },
  }
}
