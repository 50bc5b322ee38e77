/**
 * Claims held jobs: looks now and then which shares have some that may go, and takes from each in turn.
 *
 * A look costs the same however many jobs are held, and nothing is asked of the database while nothing is held but
 * that look. A governed share that had nothing to give is asked again after a growing while.
 */
import type { JobKind } from '../base/model/event.ts'
import type { Uuid } from '../base/model/ids.ts'
import type { Database } from '../resources/store/database.ts'
import type { ClaimedJob } from '../resources/store/jobs.ts'
import { claimGoverned, claimHeld, findHeldShares } from '../resources/store/lane-claims.ts'

export interface HeldClaims {
  /** @param except Shares that have enough. */
  claim(limit: number, except: readonly Uuid[]): Promise<readonly ClaimedJob[]>
  /** How long until there may be something to claim that nobody wakes us for. */
  waitMs(): number
}

interface Known {
  readonly governed: boolean
  notBefore: number
  empty: number
}

const LOOK_MS = 100
const MAX_SHARES = 500
/** Governed shares asked in one turn: each costs a transaction. */
const GOVERNED_A_TURN = 8
const ASK_AGAIN = { baseMs: 20, mostMs: 1_000 }

export function createHeldClaims(options: {
  readonly db: Pick<Database, 'query' | 'transaction'>
  readonly kind: JobKind
  readonly worker: Uuid
  readonly leaseMs: number
  readonly now: () => number
}): HeldClaims {
  const { db, kind, worker, leaseMs, now } = options
  let known = new Map<Uuid, Known>()
  let lookedAt = Number.NEGATIVE_INFINITY
  let skipped = false

  async function look(): Promise<void> {
    skipped = now() - lookedAt < LOOK_MS
    if (skipped) return
    lookedAt = now()
    const found = await findHeldShares(db, { kind, now: new Date(lookedAt), limit: MAX_SHARES })
    known = new Map(
      found.map(({ share, governed }) => {
        const before = known.get(share)
        return [share, { governed, notBefore: before?.notBefore ?? 0, empty: before?.empty ?? 0 }]
      }),
    )
  }

  async function claimPlain(shares: readonly Uuid[], limit: number): Promise<readonly ClaimedJob[]> {
    const some = shares.slice(0, limit)
    if (some.length === 0) return []
    const request = { kind, worker, leaseMs, now: new Date(now()) }
    const jobs = await claimHeld(db, request, some, Math.max(1, Math.floor(limit / some.length)))
    const given = new Set(jobs.map((job) => (kind === 'process' ? job.tenantId : job.lane)))
    for (const share of some) if (!given.has(share)) known.delete(share)
    return jobs
  }

  async function claimFrom(share: Uuid, entry: Known, limit: number): Promise<readonly ClaimedJob[]> {
    const jobs = await claimGoverned(db, { worker, leaseMs, now: new Date(now()) }, share, limit)
    entry.empty = jobs.length > 0 ? 0 : entry.empty + 1
    entry.notBefore =
      jobs.length > 0 ? 0 : now() + Math.min(ASK_AGAIN.mostMs, ASK_AGAIN.baseMs * 2 ** Math.min(entry.empty, 10))
    // The next in line comes first the next time.
    known.delete(share)
    known.set(share, entry)
    return jobs
  }

  return {
    async claim(limit, except) {
      await look()
      if (known.size === 0) return []
      const full = new Set(except)
      const open = [...known].filter(([share, entry]) => !full.has(share) && entry.notBefore <= now())
      const claimed = [
        ...(await claimPlain(
          open.filter(([, entry]) => !entry.governed).map(([share]) => share),
          limit,
        )),
      ]
      for (const [share, entry] of open.filter(([, { governed }]) => governed).slice(0, GOVERNED_A_TURN)) {
        if (claimed.length >= limit) break
        claimed.push(...(await claimFrom(share, entry, limit - claimed.length)))
      }
      return claimed
    },

    waitMs() {
      const again = Math.min(...[...known.values()].map((entry) => Math.max(10, entry.notBefore - now())))
      return Math.min(again, skipped ? LOOK_MS : Number.POSITIVE_INFINITY)
    },
  }
}
