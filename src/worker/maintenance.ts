/**
 * The chores of the database: days made ahead, identities forgotten in time.
 */
import type { Database } from '../resources/store/database.ts'
import { pruneDedupeKeys } from '../resources/store/dedupe-keys.ts'
import { ensurePartitions } from '../resources/store/partitions.ts'
import type { PeriodicTask } from './periodic.ts'

export interface MaintenanceOptions {
  readonly db: Database
  readonly now: () => number
  /** How long a copy of an event is recognised. Longer than any provider goes on retrying. */
  readonly dedupeDays: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const PRUNE_BATCH = 5_000

export function maintenanceTasks({ db, now, dedupeDays }: MaintenanceOptions): readonly PeriodicTask[] {
  return [
    {
      name: 'make partitions',
      everyMs: HOUR_MS,
      async run() {
        await ensurePartitions(db, now())
      },
    },
    {
      name: 'prune dedupe keys',
      everyMs: HOUR_MS,
      async run() {
        const before = new Date(now() - dedupeDays * DAY_MS)
        while ((await pruneDedupeKeys(db, before, PRUNE_BATCH)) === PRUNE_BATCH);
      },
    },
  ]
}
