/**
 * From a verified event to an answer: stored now, stored before, or contradicting what was stored before.
 */
import type { Uuid } from '../../base/model/ids.ts'
import type { Coordination } from '../../resources/coordination/coordination.ts'
import type { KnownEvent, ReceivedEvent } from '../../resources/store/ingest.ts'
import type { Accepted } from './answer.ts'
import type { Committer } from './commit.ts'
import { conflictKey } from './dedupe.ts'

export interface AcceptOptions {
  readonly coordination: Coordination
  readonly committer: Committer
  /** Called after each commit; wakes the worker when it lives in this process. */
  readonly onCommitted: () => void
  /** Records that the same id came with another body. */
  readonly onConflict: (event: ReceivedEvent, original: Uuid) => Promise<void>
}

/** Commits, or finds what is already committed; a contradiction is committed beside it, parked. */
export async function accept(options: AcceptOptions, event: ReceivedEvent): Promise<Accepted> {
  const correlationId = event.id
  const marker = options.coordination.seen(event.dedupeKey)
  const seen = marker instanceof Promise ? await marker : marker
  if (seen?.fingerprint === event.fingerprint) return { eventId: seen.eventId, status: 'duplicate', correlationId }

  const { known } = await options.committer.commit(event)
  if (known === undefined) {
    void options.coordination.remember([{ key: event.dedupeKey, eventId: event.id, fingerprint: event.fingerprint }])
    options.onCommitted()
    return { eventId: event.id, status: event.parkedReason === null ? 'accepted' : 'parked', correlationId }
  }
  if (known.fingerprint === event.fingerprint) {
    void options.coordination.remember([known])
    return { eventId: known.eventId, status: 'duplicate', correlationId }
  }
  return await acceptConflict(options, event, known)
}

async function acceptConflict(options: AcceptOptions, event: ReceivedEvent, original: KnownEvent): Promise<Accepted> {
  const conflict: ReceivedEvent = {
    ...event,
    dedupeKey: conflictKey(event.integrationId, event.dedupeKey, event.fingerprint),
    parkedReason: 'conflict',
    conflictOf: original.eventId,
  }
  const { known } = await options.committer.commit(conflict)
  if (known !== undefined) return { eventId: known.eventId, status: 'duplicate', correlationId: event.id }
  await options.onConflict(conflict, original.eventId)
  return { eventId: conflict.id, status: 'parked', correlationId: event.id }
}
