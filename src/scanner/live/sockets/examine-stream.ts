/** What is particular to an event stream: how its owner hears its own events, and what it is. */
import { openEventStreamDoor } from '../../../resources/outbound/event-stream.ts'
import { reachOf } from '../consent.ts'
import type { ExaminedTarget, LiveContext } from '../context.ts'
import type { Problem } from '../examined-target.ts'
import type { Lab } from '../lab.ts'
import type { StreamTarget } from './channel-plan.ts'
import { examineChannel } from './examine-channel.ts'
import { STREAM_PROBES } from './registry.ts'
import { listenTo, type StreamSubject } from './stream-subject.ts'

/** The first event of a stream that is quiet by nature. */
const FIRST_QUIET_MS = 5_000
const LEAST_QUIET_MS = 500
const QUIET_FACTOR = 5

export async function examineStream(
  target: StreamTarget,
  context: LiveContext,
  consent: string,
): Promise<ExaminedTarget> {
  return await examineChannel(target, context, consent, (people) => {
    const url = new URL(target.url)
    const open = openEventStreamDoor({ ...reachOf(url, context.claim), lookup: context.lookup })
    const quiet = { ms: FIRST_QUIET_MS }
    const subject: StreamSubject = { ...people, target, open, timeoutMs: context.limits.timeout_ms, quiet }
    const route = `GET ${decodeURI(url.pathname)}`
    return {
      subject,
      probes: STREAM_PROBES,
      surface: { id: `sse ${route}`, style: 'sse', route, traits: traitsOf(subject) },
      establish: (labOf) => establish(subject, context, labOf),
      goneBy: (lab) => goneBy(subject, lab),
    }
  })
}

async function establish(
  subject: StreamSubject,
  { clock }: Pick<LiveContext, 'clock'>,
  labOf: () => Lab,
): Promise<Problem | undefined> {
  const { owner, quiet } = subject
  const startedAt = clock()
  const { reception, detail } = await listenTo(subject, labOf(), { credential: owner })
  if (reception !== 'streaming')
    return { reason: `${owner.name} does not hear its own events: ${detail}.`, next: NEXT[reception] }
  quiet.ms = Math.min(FIRST_QUIET_MS, LEAST_QUIET_MS + QUIET_FACTOR * (clock() - startedAt))
  return undefined
}

const NEXT = {
  failed: 'Start the target, or correct its address.',
  refused: 'Check the credential of this identity, and the address.',
  open: 'Check shows: and the values of this identity; a stream that says nothing by itself cannot be probed.',
} as const

async function goneBy(subject: StreamSubject, lab: Lab): Promise<string | undefined> {
  const { reception, detail } = await listenTo(subject, lab, { credential: subject.owner })
  return reception === 'failed' ? detail : undefined
}

function traitsOf({ owner, other, page }: StreamSubject) {
  return {
    readOnly: true,
    publicDeclared: false,
    ...(page === undefined ? {} : { cookieAuth: true, browserClients: true }),
    ...(other !== undefined && other.tenant !== owner.tenant ? { multiTenant: true } : {}),
  }
}
