/**
 * One socket: the owner asks first, then every probe, then it is seen whether the target is still there.
 *
 * Without the owner being answered nothing is concluded: a socket that answers nobody looks sound to every probe.
 */
import type { ProbeExchange } from '../../../catalogue/evidence.ts'
import { openWebSocketDoor } from '../../../resources/outbound/websocket.ts'
import { RunEnded } from '../budget.ts'
import { reachOf } from '../consent.ts'
import { type ExaminedTarget, type LiveContext, openWorkplace } from '../context.ts'
import type { Lab } from '../lab.ts'
import { runProbes } from '../run.ts'
import type { SocketTarget } from './channel-plan.ts'
import { DIALECTS } from './dialect.ts'
import { type Control, examinedChannel } from './examined-channel.ts'
import { readPeople } from './identities.ts'
import { SOCKET_PROBES } from './registry.ts'
import { askAs, type SocketSubject } from './socket-subject.ts'
import { openTalk } from './talk.ts'

/** A genuine answer is waited for this long before anything is known. */
const FIRST_QUIET_MS = 2_000
const LEAST_QUIET_MS = 250
const QUIET_FACTOR = 5
/** Sockets are cheap to open, but some services count them. */
const SIDE_BY_SIDE = 4

export async function examineSocket(
  target: SocketTarget,
  context: LiveContext,
  consent: string,
): Promise<ExaminedTarget> {
  const { secrets, ...people } = await readPeople(target, context)
  const workplace = await openWorkplace(target.url, undefined, secrets, context)
  try {
    const { url, protocol } = target
    const open = openWebSocketDoor({ ...reachOf(new URL(url), context.claim), lookup: context.lookup })
    const dialect = DIALECTS[protocol]
    const wire = { url, dialect, open, timeoutMs: context.limits.timeout_ms, quiet: { ms: FIRST_QUIET_MS } }
    const subject: SocketSubject = { ...people, wire, target }
    const control = await establish(subject, context, (kept) => workplace.lab(kept))
    const { bench } = workplace
    const { budget, onProgress } = context
    const results =
      control.problem === undefined
        ? await runProbes(context.chosen(SOCKET_PROBES), subject, {
            bench,
            budget,
            sideBySide: SIDE_BY_SIDE,
            onProgress,
          })
        : []
    const { pathname } = new URL(url)
    const style = protocol.startsWith('graphql') ? 'graphql-subscription' : 'websocket'
    const route = pathname
    return examinedChannel({
      url,
      consent,
      surface: { id: `${style} ${route}`, style, route, traits: traitsOf(subject) },
      control,
      results,
      gone: control.problem === undefined ? await goneBy(subject, workplace.lab()) : undefined,
      ended: budget.ended !== undefined,
    })
  } finally {
    await workplace.close()
  }
}

/** Twice, as the first may have had to wake something; the slower of the two says how long an answer takes. */
async function establish(
  subject: SocketSubject,
  { clock, dry }: Pick<LiveContext, 'clock' | 'dry'>,
  labOf: (kept: ProbeExchange[]) => Lab,
): Promise<Control> {
  const exchanges: ProbeExchange[] = []
  const { wire, owner } = subject
  try {
    let slowest = 0
    for (let asked = 0; asked < 2; asked += 1) {
      const startedAt = clock()
      const { reception, detail } = await askAs(subject, labOf(exchanges), owner)
      if (reception !== 'granted' && !dry) {
        const reason = `${owner.name} was not let in and answered: ${detail}.`
        return { exchanges, problem: { reason, next: NEXT[reception] } }
      }
      slowest = Math.max(slowest, clock() - startedAt)
    }
    wire.quiet.ms = Math.min(FIRST_QUIET_MS, LEAST_QUIET_MS + QUIET_FACTOR * slowest)
    return { exchanges }
  } catch (error) {
    if (error instanceof RunEnded) return { exchanges, problem: { reason: error.message, next: 'Run it again.' } }
    throw error
  }
}

const NEXT = {
  failed: 'Start the target, or correct its address.',
  refused: 'Check the credential of this identity, the address and the protocol.',
  silent: 'Check messages.ask: what is sent, and what is expected.',
} as const

async function goneBy({ wire, owner }: SocketSubject, lab: Lab): Promise<string | undefined> {
  try {
    const opening = await openTalk(wire, lab, owner)
    if (opening.ok) opening.talk.close()
    // After a flood it may refuse us for a while; that is an answer.
    return opening.ok || opening.how === 'refused' ? undefined : opening.detail
  } catch (error) {
    if (error instanceof RunEnded) return undefined
    throw error
  }
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
