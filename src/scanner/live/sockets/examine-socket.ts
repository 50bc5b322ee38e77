/** What is particular to a socket: its protocol, how its owner is let in, and what it is. */
import { openWebSocketDoor } from '../../../resources/outbound/websocket.ts'
import { reachOf } from '../consent.ts'
import type { ExaminedTarget, LiveContext } from '../context.ts'
import type { Problem } from '../examined-target.ts'
import type { Lab } from '../lab.ts'
import type { SocketTarget } from './channel-plan.ts'
import { DIALECTS } from './dialect.ts'
import { examineChannel } from './examine-channel.ts'
import { SOCKET_PROBES } from './registry.ts'
import { withScript } from './script.ts'
import { askAs, type SocketSubject } from './socket-subject.ts'
import { openTalk } from './talk.ts'

/** A genuine answer is waited for this long before anything is known. */
const FIRST_QUIET_MS = 2_000
const LEAST_QUIET_MS = 250
const QUIET_FACTOR = 5

export async function examineSocket(
  given: SocketTarget,
  context: LiveContext,
  consent: string,
): Promise<ExaminedTarget> {
  const target = await withScript(given, context)
  return await examineChannel(target, context, consent, (people) => {
    const { url, protocol } = target
    const open = openWebSocketDoor({ ...reachOf(new URL(url), context.claim), lookup: context.lookup })
    const dialect = DIALECTS[protocol]
    const wire = { url, dialect, open, timeoutMs: context.limits.timeout_ms, quiet: { ms: FIRST_QUIET_MS } }
    const subject: SocketSubject = { ...people, wire, target }
    const style = protocol.startsWith('graphql') ? ('graphql-subscription' as const) : ('websocket' as const)
    const { pathname: route } = new URL(url)
    return {
      subject,
      probes: SOCKET_PROBES,
      surface: { id: `${style} ${route}`, style, route, traits: traitsOf(subject) },
      establish: (labOf) => establish(subject, context, labOf),
      goneBy: (lab) => goneBy(subject, lab),
    }
  })
}

/** Twice, as the first may have had to wake something; the slower of the two says how long an answer takes. */
async function establish(
  subject: SocketSubject,
  { clock, dry }: Pick<LiveContext, 'clock' | 'dry'>,
  labOf: () => Lab,
): Promise<Problem | undefined> {
  const { wire, owner } = subject
  let slowest = 0
  for (let asked = 0; asked < 2; asked += 1) {
    const startedAt = clock()
    const { reception, detail } = await askAs(subject, labOf(), owner)
    if (reception !== 'granted' && !dry)
      return { reason: `${owner.name} was not let in and answered: ${detail}.`, next: NEXT[reception] }
    slowest = Math.max(slowest, clock() - startedAt)
  }
  wire.quiet.ms = Math.min(FIRST_QUIET_MS, LEAST_QUIET_MS + QUIET_FACTOR * slowest)
  return undefined
}

const NEXT = {
  failed: 'Start the target, or correct its address.',
  refused: 'Check the credential of this identity, the address and the protocol.',
  silent: 'Check messages.ask: what is sent, and what is expected.',
} as const

async function goneBy({ wire, owner }: SocketSubject, lab: Lab): Promise<string | undefined> {
  const opening = await openTalk(wire, lab, owner)
  if (opening.ok) opening.talk.close()
  // After a flood it may refuse us for a while; that is an answer.
  return opening.ok || opening.how === 'refused' ? undefined : opening.detail
}

function traitsOf({ target, owner, other, page }: SocketSubject) {
  return {
    publicDeclared: false,
    ...(page === undefined ? {} : { cookieAuth: true, browserClients: true }),
    ...(target.messages.join === undefined ? {} : { hasRooms: true }),
    ...(other !== undefined && other.tenant !== owner.tenant ? { multiTenant: true } : {}),
    ...(target.messages.change === undefined ? {} : { readOnly: false }),
  }
}
