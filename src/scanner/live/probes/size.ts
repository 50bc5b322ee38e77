/** Bodies that are too large, in either framing. */
import type { Lab, ProbeRequest } from '../lab.ts'
import { faulty, sound, unclear, type Verdict } from '../probe.ts'
import { attempt, type Judged } from '../webhook/baseline.ts'
import { jsonObject, type Kit, type WebhookEvent } from '../webhook/kit.ts'
import type { WebhookProbe, WebhookSubject } from '../webhook/subject.ts'

const CHUNK = 64 * 1_024

export const oversizedLength: WebhookProbe = {
  id: 'oversized-length',
  title: 'A genuine event that is far too large, with its length',
  controls: ['body-size-limit'],
  proves: 'Whether bodies are capped: without that a few senders fill the memory.',
  sends: 'A validly signed event of 12 MB (`limits.oversized_bytes`), its Content-Length saying so.',
  reads: 'Refused, best with 413 before it was all sent: sound. Accepted or a 5xx: faulty.',
  limits: 'A cap above the size that is sent is not seen.',
  examples: { faulty: 'HTTP/1.1 200', sound: 'HTTP/1.1 413' },
  alone: true,
  run: async (subject, lab) => await oversized(subject, lab, false),
}

export const oversizedChunked: WebhookProbe = {
  id: 'oversized-chunked',
  follows: ['oversized-length'],
  title: 'A genuine event that is far too large, in chunks',
  controls: ['body-size-limit'],
  proves: 'Whether the cap holds when nobody announces the length.',
  sends: 'The same with Transfer-Encoding: chunked.',
  reads: 'Refused, best with 413 before it was all sent: sound. Accepted or a 5xx: faulty.',
  limits: 'A cap above the size that is sent is not seen. Servers that do not speak chunked refuse everything so sent.',
  examples: { faulty: 'HTTP/1.1 200', sound: 'HTTP/1.1 413' },
  alone: true,
  run: async (subject, lab) => await oversized(subject, lab, true),
}

interface Oversized {
  readonly id: string
  readonly request: ProbeRequest
}

/** To fill and sign this much takes a while; what was refused and did nothing is as new in the other framing. */
const refused = new WeakMap<Kit, Oversized>()

async function oversized({ kit, baseline, limits }: WebhookSubject, lab: Lab, chunked: boolean): Promise<Verdict> {
  const what = `An event of ${Math.round(limits.oversized_bytes / 1e6)} MB ${chunked ? 'in chunks' : 'with its length'}`
  const large = refused.get(kit) ?? signedLarge(kit, limits.oversized_bytes)
  refused.delete(kit)
  const judged = await attempt(baseline, lab, { ...large.request, chunked }, large.id)
  if (!chunked && judged.outcome === 'refused') refused.set(kit, large)
  return { ...sizeVerdict(judged, what), seen: judged.answer }
}

function signedLarge(kit: Kit, bytes: number): Oversized {
  const event = padded(kit.event(), bytes)
  const request = kit.sign(event)
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const parts = Array.from({ length: Math.ceil(body.length / CHUNK) }, (_, index) => ({
    bytes: body.subarray(index * CHUNK, (index + 1) * CHUNK),
  }))
  return { id: event.id, request: { ...request, body: parts } }
}

function sizeVerdict({ outcome, answer, status }: Judged, what: string): Verdict {
  if (outcome === 'accepted') return faulty(`${what} was accepted.`)
  if (outcome === 'failed') return faulty(`${what} makes the target answer ${status}.`, { confidence: 'medium' })
  if (!answer.ok) {
    if (answer.outcome === 'connection_reset') return sound(`${what} made the target close the connection.`)
    return unclear(`${what} got no answer (${answer.outcome}).`, 'Look at what the target did with it.')
  }
  if (status === 413) return sound(`${what} was refused with 413.`)
  if (outcome === 'refused')
    return sound(`${what} was refused with ${status}.`, { confidence: answer.early ? 'medium' : 'low' })
  return unclear(
    `${what} was answered ${status}, which does not say whether it was read.`,
    'Watch the memory of the target, or answer 413.',
  )
}

/** Signed like any other; the filling is in a member of its own where there are members. Never a text: it is large. */
function padded(event: WebhookEvent, bytes: number): WebhookEvent {
  const json = jsonObject(event)
  const [before, after] =
    json === undefined
      ? [Buffer.concat([event.body, Buffer.from('&postern=')]), Buffer.alloc(0)]
      : [Buffer.from(JSON.stringify({ ...json, postern: '' }).slice(0, -2)), Buffer.from('"}')]
  const body = Buffer.allocUnsafe(before.length + bytes + after.length)
  before.copy(body)
  body.fill('a', before.length, before.length + bytes)
  after.copy(body, before.length + bytes)
  return { ...event, body }
}
