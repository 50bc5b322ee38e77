/**
 * Replaying many events: plan, confirm, cancel.
 *
 * A plan tells how many events it selects and what today's routes would do with a sample of them, and does nothing until
 * somebody confirms it. It selects among the events there are when it is made: nothing that arrives later is drawn in.
 */
import { type FieldError, PosternError } from '../../base/model/errors.ts'
import { firstIdOf, newId, type Uuid } from '../../base/model/ids.ts'
import type { ReplayPlan, ReplaySelection } from '../../base/model/replay-plan.ts'
import { appendAudit } from '../../resources/store/audit.ts'
import { type Database, isUniqueViolation } from '../../resources/store/database.ts'
import {
  findPlanByKey,
  findReplayPlan,
  insertReplayPlan,
  movePlan,
  selectEvents,
} from '../../resources/store/replay-plans.ts'
import { requestDigest, requireSameRequest } from './request-key.ts'

export interface PlanRequest {
  readonly tenantId: Uuid
  /** The principal of the credential, and its name. */
  readonly requestedBy: Uuid
  readonly actor: string
  readonly note: string | null
  readonly reason: string
  readonly selection: ReplaySelection
  readonly destinationId: Uuid | null
  readonly ratePerMinute: number
  /** The same key asks for the same plan. */
  readonly requestKey: string | null
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** What today's routes would do with these events. */
export interface RoutingPreview {
  readonly events: number
  readonly destinations: readonly { readonly destinationId: Uuid; readonly events: number }[]
  readonly unrouted: number
  readonly parked: number
}

export type Preview = (tenantId: Uuid, eventIds: readonly Uuid[], destinationId: Uuid | null) => Promise<RoutingPreview>

export interface PlannedReplays {
  readonly plan: ReplayPlan
  /** Of a sample, the oldest of them. */
  readonly preview: RoutingPreview
}

/** A selection of more is to be cut into windows. */
export const MAX_PLANNED = 100_000
const SAMPLE = 200
const EXPIRES_MS = 15 * 60_000

/** @throws PosternError `VALIDATION_ERROR` when it selects nothing or too much · `CONFLICT` for a key of another request. */
export async function planReplay(db: Database, preview: Preview, request: PlanRequest): Promise<PlannedReplays> {
  const { tenantId, selection, destinationId, requestKey, now } = request
  const { now: _, ...asked } = request
  const digest = requestKey === null ? null : requestDigest(asked)
  const before = requestKey === null ? undefined : await findPlanByKey(db, tenantId, requestKey)
  if (before !== undefined && digest !== null) return known(db, preview, before, digest)
  const range = { selection, destinationId, ...rangeOf(selection, now), afterId: null }
  const events = await selectEvents(db, tenantId, range, MAX_PLANNED + 1)
  if (events.length === 0)
    throw invalid('selects no event whose payload is still kept', 'The plan would replay nothing.')
  if (events.length > MAX_PLANNED)
    throw invalid(`selects more than ${MAX_PLANNED} events; narrow the window`, 'The plan is too large.')
  try {
    const plan = await db.transaction(async (tx) => {
      const made = await insertReplayPlan(tx, {
        ...asked,
        id: newId(now),
        firstId: range.firstId,
        lastId: range.lastId,
        planned: events.length,
        requestDigest: digest,
        createdAt: new Date(now),
        expiresAt: new Date(now + EXPIRES_MS),
      })
      await appendAudit(tx, {
        tenantId,
        actor: request.actor,
        action: 'replay_plan.made',
        entityType: 'replay_plan',
        entityId: made.id,
        details: { planned: made.planned, reason: made.reason, note: made.note, selection, destinationId },
      })
      return made
    })
    return { plan, preview: await preview(tenantId, events.slice(0, SAMPLE), destinationId) }
  } catch (error) {
    // The same request, sent twice at one moment.
    const first =
      requestKey !== null && isUniqueViolation(error) ? await findPlanByKey(db, tenantId, requestKey) : undefined
    if (first === undefined || digest === null) throw error
    return known(db, preview, first, digest)
  }
}

async function known(
  db: Database,
  preview: Preview,
  plan: ReplayPlan & { readonly digest: Buffer | null },
  digest: Buffer,
): Promise<PlannedReplays> {
  requireSameRequest(digest, plan.digest)
  const { tenantId, selection, destinationId } = plan
  const range = { selection, destinationId, ...rangeOf(selection, plan.createdAt.getTime()), afterId: null }
  const sample = await selectEvents(db, tenantId, range, SAMPLE)
  return { plan, preview: await preview(tenantId, sample, destinationId) }
}

interface Change {
  readonly tenantId: Uuid
  readonly planId: Uuid
  readonly actor: string
  readonly now: number
}

/** Lets it run. Confirming what runs or has run changes nothing. @throws PosternError `NOT_FOUND`, `CONFLICT` */
export function confirmReplay(db: Database, change: Change): Promise<ReplayPlan> {
  return move(db, change, { from: ['planned'], to: 'running', settled: ['running', 'completed'] })
}

/** Stops it: what has been replayed is, and the rest is not. @throws PosternError `NOT_FOUND`, `CONFLICT` */
export function cancelReplay(db: Database, change: Change): Promise<ReplayPlan> {
  return move(db, change, { from: ['planned', 'running'], to: 'cancelled', settled: ['cancelled'] })
}

async function move(
  db: Database,
  { tenantId, planId, actor, now }: Change,
  {
    from,
    to,
    settled,
  }: { from: readonly ReplayPlan['status'][]; to: 'running' | 'cancelled'; settled: readonly string[] },
): Promise<ReplayPlan> {
  return db.transaction(async (tx) => {
    const moved = await movePlan(tx, tenantId, planId, { from, to, by: actor, now: new Date(now) })
    if (moved === undefined) {
      const plan = await findReplayPlan(tx, tenantId, planId)
      if (plan === undefined) throw new PosternError('NOT_FOUND', 'There is no replayPlan with this id.')
      if (settled.includes(plan.status)) return plan
      const why = plan.status === 'planned' ? 'was made too long ago; make it again' : `is ${plan.status}`
      throw new PosternError('CONFLICT', `The plan ${why}.`)
    }
    await appendAudit(tx, {
      tenantId,
      actor,
      action: to === 'running' ? 'replay_plan.confirmed' : 'replay_plan.cancelled',
      entityType: 'replay_plan',
      entityId: planId,
      details: { planned: moved.planned, replayed: moved.replayed, skipped: moved.skipped },
    })
    return moved
  })
}

/** Ids are made when requests arrive and times of receipt are read about then; an hour covers any delay between. */
const ID_SLACK_MS = 3_600_000

function rangeOf({ from, to }: ReplaySelection, now: number): { readonly firstId: Uuid; readonly lastId: Uuid } {
  return {
    firstId: firstIdOf((from ?? 0) - (from === undefined ? 0 : ID_SLACK_MS)),
    lastId: firstIdOf(Math.min(now + 1, (to ?? now) + ID_SLACK_MS)),
  }
}

function invalid(message: string, detail: string): PosternError {
  const errors: readonly FieldError[] = [{ path: 'selection', message }]
  return new PosternError('VALIDATION_ERROR', detail, { errors })
}
