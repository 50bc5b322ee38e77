/**
 * Claims what is due, oldest first: in today's table, and now and then in those of all days.
 *
 * Nearly everything is of today, and looking through every day costs many times as much. What is of another day (a retry,
 * a backlog, the minute around midnight) is found a quarter of a second later, and from then on all days are looked through until
 * nothing older is due.
 */
import type { JobKind } from '../base/model/event.ts'
import type { Uuid } from '../base/model/ids.ts'
import type { Queryable } from '../resources/store/database.ts'
import { ALL_DAYS, tablesOf, tablesOfDay } from '../resources/store/day-tables.ts'
import { type ClaimedJob, claimJobs } from '../resources/store/jobs.ts'

export interface ReadyClaims {
  /** @param except Shares that have enough. */
  claim(limit: number, except: readonly Uuid[]): Promise<readonly ClaimedJob[]>
  /** How long until days may be looked through that the last claim left out. */
  waitMs(): number
}

const ALL_DAYS_EVERY_MS = 250

export function createReadyClaims(options: {
  readonly db: Queryable
  readonly kind: JobKind
  readonly worker: Uuid
  readonly leaseMs: number
  readonly now: () => number
}): ReadyClaims {
  const { db, kind, worker, leaseMs, now } = options
  let lookedAt = Number.NEGATIVE_INFINITY
  let otherDays = true
  let leftOut = false

  return {
    async claim(limit, exceptShares) {
      const at = now()
      const today = tablesOfDay(at)
      leftOut = !otherDays && at - lookedAt < ALL_DAYS_EVERY_MS
      const request = { kind, worker, now: new Date(at), leaseMs, limit, exceptShares }
      if (leftOut) return claimJobs(db, { ...request, tables: today })
      const jobs = await claimJobs(db, { ...request, tables: ALL_DAYS })
      lookedAt = at
      const found = jobs.length > 0 && tablesOf(jobs.map((job) => job.eventId)).jobs !== today.jobs
      // With shares left out, nothing found does not say that nothing is there.
      if (found || exceptShares.length === 0) otherDays = found
      return jobs
    },

    waitMs: () => (leftOut ? ALL_DAYS_EVERY_MS : Number.POSITIVE_INFINITY),
  }
}
