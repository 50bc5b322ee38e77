/**
 * Replay: an operator's order to bring an event to its destinations again, with a reason that stays on record.
 *
 * It promises that at most one replay of an event is under way, that it runs through routing as it is now with a
 * retry budget of its own, and that who asked for it is the credential, not what the request says. It ends where
 * the processing job is queued: from there a replay is an event like any other.
 */
import { type FieldError, PosternError, payloadPurged } from '../../base/model/errors.ts'
import type { EventStatus } from '../../base/model/event.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { appendAudit } from '../../resources/store/audit.ts'
import { type Database, isUniqueViolation, type Queryable } from '../../resources/store/database.ts'
import { findReplayByKey, insertReplay, lastReplayAt, lockEventForReplay } from '../../resources/store/replays.ts'
import { requestDigest, requireSameRequest } from './request-key.ts'

export interface ReplayRequest {
  readonly eventId: Uuid
  readonly tenantId: Uuid
  /** Only there, whatever else the event is routed to. */
  readonly destinationId?: Uuid
  /** The principal of the credential. */
  readonly requestedBy: Uuid
  /** That principal's name, for the audit trail. */
  readonly actor: string
  /** What the request says about who asks, 2 to 120 characters. */
  readonly note?: string
  /** 5 to 500 characters. */
  readonly reason: string
  /** The same key asks for the same replay. */
  readonly requestKey?: string
  /** How soon after a replay the event may be replayed again. */
  readonly cooldownMs?: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * @throws PosternError `VALIDATION_ERROR` for reason and note · `NOT_FOUND` for an unknown or foreign event · `PAYLOAD_PURGED` ·
 *   `CONFLICT` while the event, or another replay of it, is under way, and for a request key of another request ·
 *   `RATE_LIMITED` when it was replayed a moment ago.
 */
export async function requestReplay(db: Database, request: ReplayRequest): Promise<{ readonly replayId: Uuid }> {
  const { reason, note } = validated(request)
  const requestKey = request.requestKey ?? null
  const { now: _, cooldownMs: __, ...asked } = request
  const digest = requestKey === null ? null : requestDigest(asked)
  const before = await replayOf(db, request.tenantId, requestKey, digest)
  if (before !== undefined) return before
  const replayId = newId(request.now)
  const destinationId = request.destinationId ?? null
  try {
    await db.transaction(async (tx) => {
      const event = await lockEventForReplay(tx, request.eventId, request.tenantId, destinationId)
      if (event === undefined) throw new PosternError('NOT_FOUND', 'There is no event with this id.')
      if (event.openJobs > 0 || (destinationId === null && UNDER_WAY.has(event.status))) throw underWay()
      if (event.payloadPurgedAt !== null) throw payloadPurged(event.payloadPurgedAt)
      await requireRested(tx, request)
      await insertReplay(tx, {
        id: replayId,
        jobId: newId(request.now),
        tenantId: request.tenantId,
        eventId: request.eventId,
        destinationId,
        requestedBy: request.requestedBy,
        note,
        reason,
        requestKey,
        requestDigest: digest,
        now: new Date(request.now),
      })
      await appendAudit(tx, {
        tenantId: request.tenantId,
        actor: request.actor,
        action: 'replay.requested',
        entityType: 'replay',
        entityId: replayId,
        details: { eventId: request.eventId, destinationId, reason, note, eventStatus: event.status },
      })
    })
  } catch (error) {
    // The same request, sent twice at one moment, is one request.
    const first = await replayOf(db, request.tenantId, requestKey, digest)
    if (first !== undefined) return first
    if (isUniqueViolation(error)) throw underWay(error)
    throw error
  }
  return { replayId }
}

/** What the key stands for already. @throws PosternError `CONFLICT` when that is another request. */
async function replayOf(
  db: Queryable,
  tenantId: Uuid,
  requestKey: string | null,
  digest: Buffer | null,
): Promise<{ readonly replayId: Uuid } | undefined> {
  if (requestKey === null || digest === null) return undefined
  const replay = await findReplayByKey(db, tenantId, requestKey)
  if (replay === undefined) return undefined
  requireSameRequest(digest, replay.digest)
  return { replayId: replay.id }
}

async function requireRested(tx: Queryable, { eventId, cooldownMs = 0, now }: ReplayRequest): Promise<void> {
  const last = cooldownMs === 0 ? undefined : await lastReplayAt(tx, eventId)
  const waitMs = last === undefined ? 0 : last.getTime() + cooldownMs - now
  if (waitMs <= 0) return
  throw new PosternError('RATE_LIMITED', 'The event was replayed a moment ago.', {
    retryAfterSeconds: Math.ceil(waitMs / 1000),
  })
}

const UNDER_WAY: ReadonlySet<EventStatus> = new Set(['pending', 'processing', 'retrying'])

function underWay(cause?: unknown): PosternError {
  return new PosternError(
    'CONFLICT',
    'The event is still being processed or replayed.',
    cause === undefined ? {} : { cause },
  )
}

function validated(request: ReplayRequest): { readonly reason: string; readonly note: string | null } {
  const reason = request.reason.trim()
  const note = request.note?.trim() ?? null
  const errors: FieldError[] = []
  if (!isText(reason, 5, 500)) errors.push({ path: 'reason', message: 'must have 5 to 500 characters' })
  if (note !== null && !isText(note, 2, 120))
    errors.push({ path: 'requestedBy', message: 'must have 2 to 120 characters' })
  if (errors.length > 0) throw new PosternError('VALIDATION_ERROR', 'The replay request is not valid.', { errors })
  return { reason, note }
}

/** PostgreSQL text holds no NUL. */
function isText(text: string, least: number, most: number): boolean {
  return text.length >= least && text.length <= most && !text.includes('\u0000')
}
