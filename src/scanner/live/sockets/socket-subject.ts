/** What the socket probes are run against, and the few questions most of them ask. */
import type { ControlId } from '../../../catalogue/catalogue.ts'
import type { Severity } from '../../../catalogue/severity.ts'
import type { Lab } from '../lab.ts'
import { faulty, type Probe, sound, unclear, type Verdict } from '../probe.ts'
import type { Json, SocketTarget } from './channel-plan.ts'
import { fill, matches } from './fill.ts'
import type { Identity, People } from './identities.ts'
import type { ScriptedSocket } from './script.ts'
import { type Credential, openTalk, type Talk, type Wire } from './talk.ts'

export interface SocketSubject extends Omit<People, 'secrets'> {
  readonly wire: Wire
  readonly target: ScriptedSocket
}

export type SocketProbe = Probe<SocketSubject>

export const NEEDS_OTHER = 'Give the plan a second identity with values of its own, best of another tenant.'

/**
 * `granted`: the answer that a right question gets. `refused`: at the handshake, by an answer or by hanging up.
 * `silent`: the connection stands and nothing answers. `failed`: there was no connection to say anything on.
 */
export type Reception = 'granted' | 'refused' | 'silent' | 'failed'

export interface Received {
  readonly reception: Reception
  /** How it was refused, or why it failed, in words. */
  readonly detail: string
}

/** Connects with this credential and asks for what is the owner's. */
export async function askAs(
  subject: SocketSubject,
  lab: Lab,
  credential: Credential,
  values = subject.owner.values,
): Promise<Received> {
  const opening = await openTalk(subject.wire, lab, credential)
  if (!opening.ok) return { reception: opening.how, detail: opening.detail }
  const { talk } = opening
  try {
    return await request(subject, talk, subject.target.messages.ask, values)
  } finally {
    talk.close()
  }
}

/** Says one message of the script on an open line, and how it was received. */
export async function request(
  { target }: SocketSubject,
  talk: Talk,
  message: { readonly send: Json; readonly expect?: Json | undefined },
  values: Readonly<Record<string, string>>,
): Promise<Received> {
  const before = talk.heard.length
  const expected = fill(message.expect ?? {}, values)
  const isGrant = (heard: readonly unknown[]): boolean => heard.slice(before).some((each) => matches(expected, each))
  await talk.say(fill(message.send, values))
  await talk.listen(isGrant)
  if (isGrant(talk.heard)) return { reception: 'granted', detail: 'answered as it was asked' }
  return refusalOf(target, talk, before)
}

/** What has been heard since `before`, when it was not what a granted request gets. */
export function refusalOf(target: SocketTarget, talk: Talk, before: number): Received {
  if (talk.ended !== undefined) return { reception: 'refused', detail: `closed with ${talk.ended.code}` }
  const since = talk.heard.slice(before)
  if (since.some((each) => isRefusal(target, each))) return { reception: 'refused', detail: 'answered with an error' }
  return { reception: 'silent', detail: since.length === 0 ? 'not answered' : 'answered with something else' }
}

const WORDS_OF_REFUSAL = /error|denied|forbidden|unauthori|invalid|refus|not.?found|exception|bad.?request/i

/** By the plan's own word for it, or by what most services call it. */
export function isRefusal({ refusal }: Pick<SocketTarget, 'refusal'>, value: unknown): boolean {
  if (refusal !== undefined) return matches(refusal, value)
  if (typeof value === 'string') return WORDS_OF_REFUSAL.test(value.slice(0, 500))
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => {
    if (/^errors?$/i.test(key)) return inner !== null && inner !== false
    const isTelling = /^(?:type|event|status|code|kind|op|action|result|data|payload)$/i.test(key)
    if (isTelling && typeof inner === 'string') return WORDS_OF_REFUSAL.test(inner.slice(0, 200))
    return isTelling && isRefusal({ refusal }, inner)
  })
}

export interface Refusal {
  readonly what: string
  readonly control?: ControlId
  readonly severity?: Severity
  /** What follows when it is granted. */
  readonly so: string
}

export function refusalVerdict({ reception, detail }: Received, { what, control, severity, so }: Refusal): Verdict {
  const more = control === undefined ? {} : { control }
  switch (reception) {
    case 'granted':
      return faulty(`${what} was let in and answered: ${so}.`, {
        ...more,
        ...(severity === undefined ? {} : { severity }),
      })
    case 'refused':
      return sound(`${what} was refused (${detail}).`, more)
    case 'silent':
      return sound(`${what} was let in and got nothing (${detail}).`, { ...more, confidence: 'medium' })
    case 'failed':
      return unclear(`${what} could not be tried: ${detail}.`, 'Run the probe again.', more)
  }
}

/** Opens as somebody who may. Undefined when that no longer works: then nothing can be said. */
export async function openAs({ wire }: SocketSubject, lab: Lab, credential: Credential): Promise<Talk | undefined> {
  const opening = await openTalk(wire, lab, credential)
  return opening.ok ? opening.talk : undefined
}

export function lost(who: string): Verdict {
  return unclear(`${who} could no longer connect.`, 'Look at the target’s log, and run the probe again.')
}

/** Whether both are answered on a line that is asked something right afterwards: the second answer proves the order. */
export async function isStillAnswering(subject: SocketSubject, talk: Talk, identity: Identity): Promise<boolean> {
  return (await request(subject, talk, subject.target.messages.ask, identity.values)).reception === 'granted'
}

export function withHeader(credential: Credential, name: string, value: string): Credential {
  const others = credential.headers.filter(([given]) => given.toLowerCase() !== name.toLowerCase())
  return { ...credential, headers: [...others, [name, value]] }
}
