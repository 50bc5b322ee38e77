/**
 * A replay of many events: planned, confirmed, run at a rate, cancelled if need be.
 */
import type { AttemptOutcome, EventStatus } from './event.ts'
import type { Uuid } from './ids.ts'

/** `planned` waits to be confirmed and expires if it is not. */
export const REPLAY_PLAN_STATUSES = ['planned', 'running', 'completed', 'cancelled', 'expired'] as const
export type ReplayPlanStatus = (typeof REPLAY_PLAN_STATUSES)[number]

/** Which events; what is absent does not matter, and what is there holds together. */
export interface ReplaySelection {
  readonly eventIds?: readonly Uuid[]
  readonly integrationId?: Uuid
  readonly provider?: string
  readonly status?: EventStatus
  readonly eventType?: string
  /** Events that led nowhere. */
  readonly routing?: 'none'
  /** Events with a delivery that was given up and not dealt with; of the plan's destination, where it has one. */
  readonly deadLetters?: true | { readonly reason: AttemptOutcome | 'poison' }
  /** Received at or after, in milliseconds since the epoch. */
  readonly from?: number
  /** Received before. */
  readonly to?: number
}

export interface ReplayPlan {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly requestedBy: Uuid
  readonly note: string | null
  readonly reason: string
  readonly selection: ReplaySelection
  /** Only there, whatever else the events are routed to. */
  readonly destinationId: Uuid | null
  readonly ratePerMinute: number
  readonly status: ReplayPlanStatus
  /** As counted when it was planned. */
  readonly planned: number
  readonly replayed: number
  readonly skipped: number
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly confirmedAt: Date | null
  readonly confirmedBy: string | null
  readonly finishedAt: Date | null
}
