/**
 * How long what was received is kept, counted in whole days (UTC): an event goes once its day has been over for so long.
 */
import type { FieldError } from './errors.ts'
import { firstIdOf, type Uuid } from './ids.ts'

/** Days; `null` is for ever. */
export interface RetentionPolicy {
  /** Events with their jobs and delivery attempts. */
  readonly metadataDays: number | null
  /** Bytes and headers as received, what destinations answered, and refused requests; no longer than `metadataDays`. */
  readonly payloadDays: number | null
  /** Dead letters and parked events nobody has dealt with, payload and all; no shorter than `metadataDays`. */
  readonly undeliveredDays: number | null
}

export const MAX_RETENTION_DAYS = 36_500

/**
 * What is removed apart from the rest, in this order within a day: what came in with events, what was refused, and the events
 * with everything that belongs to them.
 */
export const PRUNED_PARTS = ['payloads', 'quarantine', 'events'] as const
export type PrunedPart = (typeof PRUNED_PARTS)[number]

/** What is wrong with a policy as a whole; each number for itself is checked where it comes in. */
export function retentionFaults({ metadataDays, payloadDays, undeliveredDays }: RetentionPolicy): FieldError[] {
  const faults: FieldError[] = []
  if (ever(payloadDays) > ever(metadataDays))
    faults.push({ path: 'payloadDays', message: 'must not be longer than metadataDays: a payload goes with its event' })
  if (ever(undeliveredDays) < ever(metadataDays))
    faults.push({ path: 'undeliveredDays', message: 'must not be shorter than metadataDays' })
  return faults
}

/** Ids below these are due; the smallest uuid where nothing is. */
export interface Cutoffs {
  readonly events: Uuid
  readonly payloads: Uuid
  readonly undelivered: Uuid
}

/** @param now Milliseconds since the epoch. */
export function cutoffsOf(policy: RetentionPolicy, now: number): Cutoffs {
  const today = Math.floor(now / DAY_MS)
  const before = (days: number | null) => firstIdOf(days === null ? 0 : (today - days) * DAY_MS)
  return {
    events: before(policy.metadataDays),
    payloads: before(policy.payloadDays),
    undelivered: before(policy.undeliveredDays),
  }
}

/** `2026-11-30` and the ids of that day: from `first` on and below `end`. */
export interface DayRange {
  readonly day: string
  readonly first: Uuid
  readonly end: Uuid
}

export function dayRange(day: string): DayRange {
  const start = Date.parse(`${day}T00:00:00Z`)
  return { day, first: firstIdOf(start), end: firstIdOf(start + DAY_MS) }
}

const DAY_MS = 86_400_000

function ever(days: number | null): number {
  return days ?? Number.POSITIVE_INFINITY
}
