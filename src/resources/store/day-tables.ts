/**
 * The event family as a statement names it: all days, or the tables of the one day that its events are of.
 *
 * A statement over all days opens every day's tables and their indexes before it reads a row, and with a quarter of a year kept that
 * is nearly all it does. What is claimed together is nearly always of one day, and then only that day's tables are named.
 * The answer is the same either way.
 */
import { firstIdOf, idTime, type Uuid } from '../../base/model/ids.ts'

export interface FamilyTables {
  readonly events: string
  readonly payloads: string
  readonly jobs: string
  readonly attempts: string
}

export const ALL_DAYS: FamilyTables = {
  events: 'events',
  payloads: 'event_payloads',
  jobs: 'jobs',
  attempts: 'delivery_attempts',
}

const DAY_MS = 86_400_000

/** The tables of the day in which an event was received at this time. They may not exist: see `onTables`. */
export function tablesOfDay(milliseconds: number): FamilyTables {
  const day = new Date(milliseconds).toISOString().slice(0, 10).replaceAll('-', '')
  return {
    events: `events_${day}`,
    payloads: `event_payloads_${day}`,
    jobs: `jobs_${day}`,
    attempts: `delivery_attempts_${day}`,
  }
}

/** @param ids Of events. */
export function tablesOf(ids: readonly Uuid[]): FamilyTables {
  const [first] = ids
  if (first === undefined) return ALL_DAYS
  const day = Math.floor(idTime(first) / DAY_MS) * DAY_MS
  const [from, to] = [firstIdOf(day), firstIdOf(day + DAY_MS)]
  return ids.every((id) => id >= from && id < to) ? tablesOfDay(day) : ALL_DAYS
}

/**
 * Works on these tables, and on those of all days when the day is not there: nobody made it, or it was dropped meanwhile.
 *
 * @param work Writes nothing where it fails.
 */
export async function onTables<T>(tables: FamilyTables, work: (tables: FamilyTables) => Promise<T>): Promise<T> {
  try {
    return await work(tables)
  } catch (error) {
    if (tables === ALL_DAYS || !isUndefinedTable(error)) throw error
    return work(ALL_DAYS)
  }
}

function isUndefinedTable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '42P01'
}
