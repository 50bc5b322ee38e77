/**
 * Replay: an operator's order to bring an event to its destinations again, with a reason that stays on record.
 *
 * It promises that at most one replay of an event is under way, that it runs through routing as it is now with a
 * retry budget of its own, and that who asked for it is the credential, not what the request says. It ends where
 * the processing job is queued: from there a replay is an event like any other.
 */
import { type FieldError, PosternError } from '../../base/model/errors.ts'
import type { EventStatus } from '../../base/model/event.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { appendAudit } from '../../resources/store/audit.ts'
import { type Database, isUniqueViolation } from '../../resources/store/database.ts'
import { insertReplay, lockEventForReplay } from '../../resources/store/replays.ts'

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
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * @throws PosternError `VALIDATION_ERROR` for reason and note · `NOT_FOUND` for an unknown or foreign event ·
 *   `CONFLICT` while the event, or another replay of it, is under way.
 */
export async function requestReplay(db: Database, request: ReplayRequest): Promise<{ readonly replayId: Uuid }> {
  const { reason, note } = validated(request)
  const replayId = newId(request.now)
  const destinationId = request.destinationId ?? null
  try {
    await db.transaction(async (tx) => {
      const event = await lockEventForReplay(tx, request.eventId, request.tenantId, destinationId)
      if (event === undefined) throw new PosternError('NOT_FOUND', 'There is no event with this id.')
      if (event.openJobs > 0 || (destinationId === null && UNDER_WAY.has(event.status))) throw underWay()
      await insertReplay(tx, {
        id: replayId,
        jobId: newId(request.now),
        tenantId: request.tenantId,
        eventId: request.eventId,
        destinationId,
        requestedBy: request.requestedBy,
        note,
        reason,
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
    if (isUniqueViolation(error)) throw underWay(error)
    throw error
  }
  return { replayId }
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
