/** Identities seen before: forgotten once no provider would send that event again. */
import { firstIdOf } from '../../base/model/ids.ts'
import type { Queryable } from './database.ts'

/**
 * Forgets the identities of events received before `before`. A copy that arrives after that is taken for a new event.
 *
 * @param limit Rows of one call: a statement short enough that nobody waits for its locks.
 * @returns Rows removed.
 */
export async function pruneDedupeKeys(db: Queryable, before: Date, limit: number): Promise<number> {
  const { rowCount } = await db.query(
    `delete from dedupe_keys where key in (
       select key from dedupe_keys where event_id < $1 limit $2 for update skip locked)`,
    [firstIdOf(before.getTime()), limit],
  )
  return rowCount ?? 0
}
