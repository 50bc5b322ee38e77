/** Day partitions of the event family: made ahead of time, since there is no default one to catch what has no place. */
import type { Queryable } from './database.ts'

/** Yesterday, for an event that was received before midnight and is committed after it; a week ahead, for a worker that is away. */
const DAYS_BEHIND = 1
const DAYS_AHEAD = 7

/**
 * Makes what is missing between yesterday and a week from now. Called at every start and once in a while.
 *
 * @param now Milliseconds since the epoch; days are those of UTC.
 * @returns How many partitions were made.
 */
export async function ensurePartitions(db: Queryable, now = Date.now()): Promise<number> {
  const day = (offset: number) => new Date(now + offset * 86_400_000).toISOString().slice(0, 10)
  const { rows } = await db.query<{ made: number }>('select ensure_partitions($1, $2) as made', [
    day(-DAYS_BEHIND),
    day(DAYS_AHEAD),
  ])
  return rows[0]?.made ?? 0
}
