/** Why an event has no bytes to show. */
import { payloadPurged } from '../../base/model/errors.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from '../../resources/store/database.ts'
import { findEvent } from '../../resources/store/event-lists.ts'
import { found } from './fields.ts'

/** @throws PosternError `NOT_FOUND` · `PAYLOAD_PURGED` with the time. */
export async function missingPayload(db: Queryable, tenantId: Uuid, id: Uuid): Promise<never> {
  const { payloadPurgedAt } = found(await findEvent(db, tenantId, id), 'event')
  throw payloadPurgedAt === null ? new Error('an event has lost its payload') : payloadPurged(payloadPurgedAt)
}
