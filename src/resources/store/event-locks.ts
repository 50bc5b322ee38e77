/** The lock that every transaction over the event family takes first. */
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'

/**
 * Locks events in the order of their ids, as every transaction over the event family begins. Row by row from the list: then
 * each look-up goes to the one partition of its day.
 */
export async function lockEvents(tx: Queryable, eventIds: readonly Uuid[]): Promise<void> {
  await tx.query(
    `select e.id from unnest($1::uuid[]) as i (id) join events e on e.id = i.id order by e.id for update of e`,
    [eventIds],
  )
}
