/**
 * Runs confirmed plans: as many events at each turn as their rate allows, one runner a plan.
 *
 * It promises that a plan goes on where it stood when its runner died, that it stops at the turn after it was cancelled,
 * and that it takes no event that is under way or was replayed a moment ago. It ends where processing jobs are queued.
 */
import { newId, type Uuid } from '../../base/model/ids.ts'
import { appendAudit } from '../../resources/store/audit.ts'
import type { Database, Queryable } from '../../resources/store/database.ts'
import {
  expirePlans,
  insertPlannedReplays,
  lockRunningPlan,
  notePlanStep,
  type RunningPlan,
  selectEvents,
} from '../../resources/store/replay-plans.ts'

export interface RunPlansOptions {
  readonly db: Database
  readonly now: () => number
  /** Events replayed since then are passed over. */
  readonly cooldownMs?: number
  /** There is something to process. */
  readonly onReplayed: () => void
}

/** One transaction takes no more, however long nobody ran. */
const MAX_STEP = 500
const MAX_PLANS_A_TURN = 20
const COOLDOWN_MS = 60_000

/** One turn over all plans. */
export async function runPlans(options: RunPlansOptions): Promise<void> {
  const { db, now, onReplayed } = options
  await expirePlans(db, new Date(now()))
  let after: Uuid | null = null
  for (let turn = 0; turn < MAX_PLANS_A_TURN; turn++) {
    const ran: { readonly id: Uuid; readonly replayed: number } | undefined = await db.transaction(async (tx) => {
      const plan = await lockRunningPlan(tx, after)
      return plan === undefined ? undefined : { id: plan.id, replayed: await step(tx, plan, options) }
    })
    if (ran === undefined) return
    if (ran.replayed > 0) onReplayed()
    after = ran.id
  }
}

async function step(
  tx: Queryable,
  plan: RunningPlan,
  { now, cooldownMs = COOLDOWN_MS }: RunPlansOptions,
): Promise<number> {
  const at = now()
  const everyMs = 60_000 / plan.ratePerMinute
  // The first one goes at once.
  const since = plan.ranUntil?.getTime() ?? (plan.confirmedAt?.getTime() ?? at) - everyMs
  const due = Math.min(MAX_STEP, Math.floor((at - since) / everyMs))
  if (due <= 0) return 0
  const events = await selectEvents(tx, plan.tenantId, plan, due)
  const wanted = events.map((eventId) => ({ eventId, replayId: newId(at), jobId: newId(at) }))
  const notSince = new Date(at - cooldownMs)
  const taken = wanted.length === 0 ? [] : await insertPlannedReplays(tx, plan, wanted, { now: new Date(at), notSince })
  const finished = events.length < due
  await notePlanStep(tx, plan.id, {
    afterId: events.at(-1) ?? null,
    replayed: taken.length,
    skipped: events.length - taken.length,
    // What a runner that was away missed is not made up for in one rush.
    ranUntil: new Date(Math.max(since + due * everyMs, at - 1_000)),
    finishedAt: finished ? new Date(at) : null,
  })
  await audit(tx, plan, taken.length, finished)
  return taken.length
}

async function audit(tx: Queryable, plan: RunningPlan, taken: number, finished: boolean): Promise<void> {
  const entry = { tenantId: plan.tenantId, actor: 'worker', entityType: 'replay_plan', entityId: plan.id }
  if (taken > 0) await appendAudit(tx, { ...entry, action: 'replay_plan.replayed', details: { events: taken } })
  if (finished) {
    const replayed = plan.replayed + taken
    await appendAudit(tx, { ...entry, action: 'replay_plan.completed', details: { planned: plan.planned, replayed } })
  }
}
