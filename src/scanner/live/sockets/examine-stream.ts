/** One event stream: the owner listens first, then every probe, then it is seen whether the target is still there. */
import type { ProbeExchange } from '../../../catalogue/evidence.ts'
import { openEventStreamDoor } from '../../../resources/outbound/event-stream.ts'
import { RunEnded } from '../budget.ts'
import { reachOf } from '../consent.ts'
import { type ExaminedTarget, type LiveContext, openWorkplace } from '../context.ts'
import type { Lab } from '../lab.ts'
import { runProbes } from '../run.ts'
import type { StreamTarget } from './channel-plan.ts'
import { type Control, examinedChannel } from './examined-channel.ts'
import { readPeople } from './identities.ts'
import { STREAM_PROBES } from './registry.ts'
import { listenTo, type StreamSubject } from './stream-subject.ts'

/** The first event of a stream that is quiet by nature. */
const FIRST_QUIET_MS = 5_000
const LEAST_QUIET_MS = 500
const QUIET_FACTOR = 5
const SIDE_BY_SIDE = 4

export async function examineStream(
  target: StreamTarget,
  context: LiveContext,
  consent: string,
): Promise<ExaminedTarget> {
  const { secrets, ...people } = await readPeople(target, context)
  const workplace = await openWorkplace(target.url, undefined, secrets, context)
  try {
    const { url } = target
    const open = openEventStreamDoor({ ...reachOf(new URL(url), context.claim), lookup: context.lookup })
    const subject: StreamSubject = {
      ...people,
      target,
      open,
      timeoutMs: context.limits.timeout_ms,
      quiet: { ms: FIRST_QUIET_MS },
    }
    const control = await establish(subject, context, (kept) => workplace.lab(kept))
    const { bench } = workplace
    const { budget, onProgress } = context
    const results =
      control.problem === undefined
        ? await runProbes(context.chosen(STREAM_PROBES), subject, {
            bench,
            budget,
            sideBySide: SIDE_BY_SIDE,
            onProgress,
          })
        : []
    const route = `GET ${decodeURI(new URL(url).pathname)}`
    const { owner, other, page } = subject
    return examinedChannel({
      url,
      consent,
      surface: {
        id: `sse ${route}`,
        style: 'sse',
        route,
        traits: {
          readOnly: true,
          publicDeclared: false,
          ...(page === undefined ? {} : { cookieAuth: true, browserClients: true }),
          ...(other !== undefined && other.tenant !== owner.tenant ? { multiTenant: true } : {}),
        },
      },
      control,
      results,
      gone: control.problem === undefined ? await goneBy(subject, workplace.lab()) : undefined,
      ended: budget.ended !== undefined,
    })
  } finally {
    await workplace.close()
  }
}

async function establish(
  subject: StreamSubject,
  { clock }: Pick<LiveContext, 'clock'>,
  labOf: (kept: ProbeExchange[]) => Lab,
): Promise<Control> {
  const exchanges: ProbeExchange[] = []
  const { owner, quiet } = subject
  try {
    const startedAt = clock()
    const { reception, detail } = await listenTo(subject, labOf(exchanges), { credential: owner })
    if (reception !== 'streaming') {
      const reason = `${owner.name} does not hear its own events: ${detail}.`
      return { exchanges, problem: { reason, next: NEXT[reception] } }
    }
    quiet.ms = Math.min(FIRST_QUIET_MS, LEAST_QUIET_MS + QUIET_FACTOR * (clock() - startedAt))
    return { exchanges }
  } catch (error) {
    if (error instanceof RunEnded) return { exchanges, problem: { reason: error.message, next: 'Run it again.' } }
    throw error
  }
}

const NEXT = {
  failed: 'Start the target, or correct its address.',
  refused: 'Check the credential of this identity, and the address.',
  open: 'Check shows: and the values of this identity; a stream that says nothing by itself cannot be probed.',
} as const

async function goneBy(subject: StreamSubject, lab: Lab): Promise<string | undefined> {
  try {
    const { reception, detail } = await listenTo(subject, lab, { credential: subject.owner })
    return reception === 'failed' ? detail : undefined
  } catch (error) {
    if (error instanceof RunEnded) return undefined
    throw error
  }
}
