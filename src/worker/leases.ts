/**
 * The claims this process holds, and until when it may rely on them.
 *
 * The end of a lease is counted from before the statement that granted it was sent, so it never lies later than the
 * database's own. A process that was stopped past that end must not begin what it had claimed.
 */
import type { Uuid } from '../base/model/ids.ts'
import type { Queryable } from '../resources/store/database.ts'
import { type Claim, renewLeases } from '../resources/store/jobs.ts'

export interface Leases {
  /** @param sentAt When the claim was sent, in milliseconds since the epoch. */
  hold(claims: readonly Claim[], sentAt: number): void
  drop(claim: Claim): void
  /** The jobs of all claims. */
  ids(): readonly Uuid[]
  /** Whether the lease of this very claim still runs. */
  isCurrent(claim: Claim): boolean
  renew(): Promise<void>
}

interface Held {
  readonly claim: Claim
  endsAt: number
}

export function createLeases(options: {
  readonly db: Queryable
  readonly leaseMs: number
  readonly now: () => number
}): Leases {
  const { db, leaseMs, now } = options
  const held = new Map<Uuid, Held>()

  return {
    hold(claims, sentAt) {
      for (const claim of claims) held.set(claim.id, { claim, endsAt: sentAt + leaseMs })
    },

    drop(claim) {
      // The job may have been claimed again by this process: the newer claim stays.
      if (held.get(claim.id)?.claim.fence === claim.fence) held.delete(claim.id)
    },

    ids: () => [...held.keys()],

    isCurrent(claim) {
      const entry = held.get(claim.id)
      return entry !== undefined && entry.claim.fence === claim.fence && now() < entry.endsAt
    },

    async renew() {
      const claims = [...held.values()].map((entry) => entry.claim)
      if (claims.length === 0) return
      const sentAt = now()
      const renewed = await renewLeases(db, claims, leaseMs)
      for (const claim of claims) {
        const entry = held.get(claim.id)
        if (entry?.claim === claim && renewed.has(claim.id)) entry.endsAt = sentAt + leaseMs
      }
    },
  }
}
