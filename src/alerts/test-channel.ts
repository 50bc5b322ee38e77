/** One message for whoever sets up a channel: nothing is stored, and nothing is tried again. A disabled one is tried too. */
import { newId, publicId, type Uuid } from '../base/model/ids.ts'
import { findAlertChannel } from '../resources/store/alert-channels.ts'
import type { Queryable } from '../resources/store/database.ts'
import { TEST_MESSAGE } from './message.ts'
import { type Said, type SendTools, sayOn } from './send.ts'

/** @returns `undefined` when the tenant has no such channel. */
export async function testChannel(
  tools: SendTools & { readonly db: Queryable },
  tenantId: Uuid,
  id: Uuid,
): Promise<Said | undefined> {
  const channel = await findAlertChannel(tools.db, tenantId, id)
  return channel === undefined
    ? undefined
    : sayOn(tools, channel, { id: publicId('notification', newId()), message: TEST_MESSAGE, data: {} })
}
