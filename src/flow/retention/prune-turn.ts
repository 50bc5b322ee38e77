/**
 * Retention: removes what has been kept long enough, once a day over all workers and whenever somebody asks.
 *
 * It promises that nothing under a legal hold goes, nothing that is under way, and no dead letter without a word; that a
 * day goes as a whole where everything in it is due, without receiving having to wait; and that a run that was cut off goes on
 * where it stood, with whichever worker comes next. It ends where rows are gone: what they were is kept in the audit trail
 * as digests, so that the trail can still be verified.
 */
import { PRUNED_PARTS } from '../../base/model/retention.ts'
import { isUnavailable } from '../../resources/store/database.ts'
import { forgetDroppedDays, listPresentDays, type PresentDay } from '../../resources/store/prune.ts'
import {
  type ClaimedRun,
  claimRun,
  finishRun,
  noteStep,
  releaseRun,
  scheduleRun,
} from '../../resources/store/prune-runs.ts'
import { LEASE_MS, type PruneOptions, prunePart } from './prune-part.ts'

/** A worker that is told to stop waits for no more than a turn. */
const TURN_MS = 5_000
const FORGET_ROWS = 5_000
/** What spoke of a dropped day is looked for as long: over any number of runs that were cut off. */
const FORGET_MS = 30 * 86_400_000

/** Goes on with the run there is, for a while. @returns Whether there is more to do. */
export async function pruneTurn(options: PruneOptions): Promise<boolean> {
  const { db, now, worker } = options
  const at = new Date(now())
  await scheduleRun(db, at.toISOString().slice(0, 10), at)
  const run = await claimRun(db, { worker, leaseMs: LEASE_MS, now: at })
  if (run === undefined) return false
  const until = performance.now() + TURN_MS
  try {
    const ended = await walk(run, options, () => performance.now() < until)
    if (!ended) return true
    if (await finishRun(db, run, new Date(now()))) options.onCompleted()
    return false
  } finally {
    await releaseRun(db, run)
  }
}

/** @returns Whether it came to the end. */
async function walk(run: ClaimedRun, options: PruneOptions, hasTime: () => boolean): Promise<boolean> {
  const { db, now, log } = options
  for (const step of stepsAfter(await listPresentDays(db), run)) {
    if (!hasTime()) return false
    const result = await prunePart(run, step, options, hasTime).catch((err: unknown) => {
      if (isUnavailable(err)) throw err
      // Something about this day alone: the others must not wait until somebody has looked.
      log.error({ err, ...step }, 'a part of a day could not be removed')
      return 'postponed' as const
    })
    if (result === 'unfinished') return false
    await noteStep(db, run, { ...step, postponed: result === 'postponed' })
  }
  while (await forgetDroppedDays(db, new Date(now() - FORGET_MS), FORGET_ROWS)) if (!hasTime()) return false
  return true
}

function stepsAfter(days: readonly PresentDay[], { doneDay, donePart }: ClaimedRun): readonly PresentDay[] {
  if (doneDay === null) return days
  // Parts that have been dropped are not in the list any more; those of the same day have an order.
  const done = PRUNED_PARTS.indexOf(donePart ?? 'payloads')
  return days.filter(({ day, part }) => day > doneDay || (day === doneDay && PRUNED_PARTS.indexOf(part) > done))
}
