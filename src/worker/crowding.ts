/**
 * Notices shares whose backlog stands in front of everybody else's in the queue, and sets it aside.
 *
 * Only what lasts counts: a share that flows is full for a moment again and again, and to set its jobs aside would
 * write each of them once more for nothing.
 */
import type { JobKind } from '../base/model/event.ts'
import type { Uuid } from '../base/model/ids.ts'
import type { Queryable } from '../resources/store/database.ts'
import { othersExist, setAside } from '../resources/store/lane-claims.ts'

const PATIENCE_MS = 200
const A_TURN = 5_000

/** To be told before each claim which shares are full. @returns Whether anything was set aside. */
export function createCrowding({ db, kind, now }: { db: Queryable; kind: JobKind; now: () => number }) {
  let fullSince = new Map<Uuid, number>()

  return async (full: readonly Uuid[]): Promise<boolean> => {
    fullSince = new Map(full.map((share) => [share, fullSince.get(share) ?? now()]))
    const stuck = full.filter((share) => now() - (fullSince.get(share) ?? now()) >= PATIENCE_MS)
    if (stuck.length === 0) return false
    const set = (await othersExist(db, kind, stuck))
      ? await setAside(db, { kind, now: new Date(now()) }, stuck, A_TURN)
      : 0
    // All of it was moved, or nobody minds: no need to look again at once.
    if (set < A_TURN) for (const share of stuck) fullSince.set(share, now())
    return set > 0
  }
}
