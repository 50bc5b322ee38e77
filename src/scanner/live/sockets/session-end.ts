/** How a session ends under an open channel, as the plan says: by signing out, or by itself. */
import type { Lab } from '../lab.ts'
import { unclear, type Verdict } from '../probe.ts'
import type { SocketTarget, StreamTarget } from './channel-plan.ts'
import type { Identity, People } from './identities.ts'
import { signOut } from './sign-out.ts'

export interface SessionEnd {
  readonly identity: Identity
  readonly withinSeconds: number
  /** Ends the session, where it does not end by itself. @returns A problem with that, in words. */
  readonly end: () => Promise<string | undefined>
}

interface Subject extends Pick<People, 'identities' | 'signOutHeaders'> {
  readonly target: Pick<SocketTarget | StreamTarget, 'logout' | 'expiring'>
}

const GRACE_SECONDS = 2

/** @returns A verdict where the plan does not say how. */
export function bySigningOut(
  { target: { logout }, identities, signOutHeaders }: Subject,
  lab: Lab,
): SessionEnd | Verdict {
  const identity = identities.find(({ name }) => name === logout?.identity)
  if (logout === undefined || identity === undefined)
    return unclear('How somebody signs out was not said.', 'Give the plan logout: {identity, url}.')
  const end = async () => await signOut(lab, logout, signOutHeaders ?? identity.headers)
  return { identity, withinSeconds: logout.within_seconds, end }
}

/** @returns A verdict where the plan names no such session. */
export function byItself({ target: { expiring }, identities }: Subject): SessionEnd | Verdict {
  const identity = identities.find(({ name }) => name === expiring?.identity)
  if (expiring === undefined || identity === undefined)
    return unclear('No session that ends soon was at hand.', 'Give the plan expiring: {identity, seconds}.')
  return { identity, withinSeconds: expiring.seconds + GRACE_SECONDS, end: async () => undefined }
}
