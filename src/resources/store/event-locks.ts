/** The lock that every transaction over the event family takes first. */
import type { Uuid } from '../../base/model/ids.ts'
import type { Queryable, Statement } from './database.ts'
import { ALL_DAYS, type FamilyTables } from './day-tables.ts'

/**
 * Locks events in the order of their ids, so that no two transactions wait for each other. Row by row from the list: then
 * each look-up goes to the one partition of its day.
 */
export function eventLock(eventIds: readonly Uuid[], { events }: Pick<FamilyTables, 'events'> = ALL_DAYS): Statement {
  return {
    text: `select e.id from unnest($1::uuid[]) as i (id) join ${events} e on e.id = i.id order by e.id for update of e`,
    values: [eventIds],
  }
}

export async function lockEvents(tx: Queryable, eventIds: readonly Uuid[]): Promise<void> {
  const { text, values } = eventLock(eventIds)
  await tx.query(text, values)
}
