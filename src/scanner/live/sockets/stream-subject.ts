/** What the probes of event streams are run against: opening one as somebody, and what comes. */
import type { EventStream, EventStreamOpening, EventStreamRequest } from '../../../resources/outbound/event-stream.ts'
import type { Lab } from '../lab.ts'
import { faulty, type Probe, sound, unclear, type Verdict } from '../probe.ts'
import type { StreamTarget } from './channel-plan.ts'
import { fillText } from './fill.ts'
import type { Identity, People } from './identities.ts'
import type { Credential } from './talk.ts'

export interface StreamSubject extends Omit<People, 'secrets'> {
  readonly target: StreamTarget
  readonly open: (request: EventStreamRequest) => Promise<EventStreamOpening>
  readonly timeoutMs: number
  /** How long the first event is waited for; shorter once it is known. */
  readonly quiet: { ms: number }
}

export type StreamProbe = Probe<StreamSubject>

/** `streaming`: events that show what is the owner's. `open`: it stands, and nothing of the owner came. */
export type StreamReception = 'streaming' | 'open' | 'refused' | 'failed'

export interface Streamed {
  readonly reception: StreamReception
  readonly detail: string
  readonly stream: EventStream | undefined
}

export interface StreamRequest {
  readonly credential: Credential
  /** Whose values fill the address and the filter; the owner's unless it says otherwise. */
  readonly named?: Identity
  /** Whose events count. */
  readonly shown?: Identity
  /** Leaves the stream open for whoever asked. */
  readonly stay?: boolean
}

export async function listenTo(subject: StreamSubject, lab: Lab, request: StreamRequest): Promise<Streamed> {
  const { target, timeoutMs, quiet } = subject
  const { credential, named = subject.owner, shown = named, stay = false } = request
  const url = addressOf(target, named, credential)
  await lab.budget.take(1)
  const told = `GET ${url.pathname}${url.search}\n${shownHeaders(credential)}`
  if (lab.dry) {
    lab.keep(told, '')
    return { reception: 'streaming', detail: '', stream: undefined }
  }
  const opening = await subject.open({
    url: url.href,
    headers: credential.headers,
    timeoutMs,
    signal: lab.budget.signal,
  })
  lab.budget.check()
  if (!opening.ok) {
    lab.keep(told, `no answer: ${opening.detail}`)
    return { reception: 'failed', detail: opening.detail, stream: undefined }
  }
  const { stream } = opening
  const isShown = marker(target, shown)
  if (stream.status === 200) await stream.heard(isShown, quiet.ms)
  lab.budget.check()
  lab.keep(told, shownStream(stream))
  const isStreaming = stream.status === 200 && isShown(stream.text)
  if (!isStreaming || !stay) stream.close()
  if (isStreaming) return { reception: 'streaming', detail: 'events arrived', stream }
  if (stream.status !== 200) return { reception: 'refused', detail: `status ${stream.status}`, stream }
  return { reception: 'open', detail: stream.ended ? 'it ended at once' : 'no event of that kind arrived', stream }
}

/** Without `shows` any event will do. */
function marker({ shows }: StreamTarget, { values }: Identity): (text: string) => boolean {
  const mark = shows === undefined ? undefined : fillText(shows, values)
  return (text) => (mark === undefined ? /^data:/m.test(text) : text.includes(mark))
}

function addressOf({ url, filter = {} }: StreamTarget, { values }: Identity, { query }: Credential): URL {
  const address = new URL(fillText(decodeTemplate(url), values))
  for (const [name, value] of Object.entries(filter)) address.searchParams.set(name, fillText(value, values))
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
  return address
}

/** A URL parser has written the braces as percent signs. */
function decodeTemplate(url: string): string {
  return url.replaceAll('%7B%7B', '{{').replaceAll('%7D%7D', '}}')
}

export function streamVerdict({ reception, detail }: Streamed, what: string, so: string): Verdict {
  switch (reception) {
    case 'streaming':
      return faulty(`${what} was let in and got events: ${so}.`)
    case 'open':
      return sound(`${what} was let in and got nothing of the owner (${detail}).`, { confidence: 'medium' })
    case 'refused':
      return sound(`${what} was refused (${detail}).`)
    case 'failed':
      return unclear(`${what} could not be tried: ${detail}.`, 'Run the probe again.')
  }
}

function shownHeaders({ headers }: Credential): string {
  return headers
    .map(([name, value]) => `${name}: ${/^origin$/i.test(name) ? value : `[${value.length} characters]`}`)
    .join('\n')
}

function shownStream({ status, headers, text }: EventStream): string {
  const shown = headers
    .slice(0, 30)
    .map(([name, value]) => `${name}: ${/cookie/i.test(name) ? '[redacted]' : value.slice(0, 200)}`)
  return [`HTTP/1.1 ${status}`, ...shown, '', text.slice(0, 500)].join('\n')
}
