/** Bodies that are too much: too large in either framing, or too slow. */
import type { Lab, ProbeRequest } from '../lab.ts'
import { faulty, sound, unclear, type Verdict } from '../probe.ts'
import { attempt, is2xx, type Judged } from '../webhook/baseline.ts'
import { jsonObject, type WebhookEvent } from '../webhook/kit.ts'
import type { WebhookProbe, WebhookSubject } from '../webhook/subject.ts'

const CHUNK = 64 * 1_024
const SLOW_CONNECTIONS = 20
const SLOW_PATIENCE_MS = 3_000

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

async function oversized({ kit, baseline, limits }: WebhookSubject, lab: Lab, chunked: boolean): Promise<Verdict> {
  const what = `An event of ${Math.round(limits.oversized_bytes / 1e6)} MB ${chunked ? 'in chunks' : 'with its length'}`
  const event = padded(kit.event(), limits.oversized_bytes)
  const request = kit.sign(event)
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const parts = Array.from({ length: Math.ceil(body.length / CHUNK) }, (_, index) => ({
    bytes: body.subarray(index * CHUNK, (index + 1) * CHUNK),
  }))
  const judged = await attempt(baseline, lab, { ...request, body: parts, chunked }, event.id)
  return { ...sizeVerdict(judged, what), seen: judged.answer }
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

/** Signed like any other; the filling is in a member of its own where there are members. */
function padded(event: WebhookEvent, bytes: number): WebhookEvent {
  const json = jsonObject(event)
  if (json === undefined)
    return { ...event, body: Buffer.concat([event.body, Buffer.from('&postern='), Buffer.alloc(bytes, 'a')]) }
  return { ...event, body: Buffer.from(JSON.stringify({ ...json, postern: 'a'.repeat(bytes) })) }
}

export const slowBody: WebhookProbe = {
  id: 'slow-body',
  title: 'Senders that stop in the middle of a body',
  controls: ['request-rate-limit'],
  proves: 'Whether a handful of slow senders keeps everybody else out.',
  sends: `${SLOW_CONNECTIONS} requests that stop after half of their body, and a genuine event while they wait.`,
  reads: 'The genuine event is accepted meanwhile: sound. It is not: faulty.',
  limits:
    'A few connections show a server that serves one at a time. How long a stopped body is waited for is not measured: set a time-out all the same.',
  examples: { faulty: 'the genuine event: no answer', sound: 'the genuine event: HTTP/1.1 200' },
  alone: true,
  async run({ kit }, lab) {
    const half = (request: ProbeRequest): ProbeRequest => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      return {
        ...request,
        headers: [...request.headers, ['Content-Length', String(body.length)]],
        body: body.subarray(0, body.length >> 1),
        ending: 'hold',
        timeoutMs: SLOW_PATIENCE_MS + 500,
      }
    }
    const slow = Array.from({ length: SLOW_CONNECTIONS }, () => half(kit.sign(kit.event())))
    const waiting = lab.sendTogether(slow)
    // They have connected and stopped when this is over.
    await lab.wait(200)
    const answer = await lab.send({ ...kit.sign(kit.event()), timeoutMs: SLOW_PATIENCE_MS })
    const settled = await waiting
    if (answer.ok && is2xx(answer.status)) {
      const ended = settled.filter((one) => one.ok || one.outcome !== 'timeout').length
      return sound(
        ended === settled.length
          ? 'Senders that stop in the middle are sent away, and a genuine event is accepted meanwhile.'
          : 'A genuine event is accepted while others stop in the middle of theirs.',
        { confidence: 'medium' },
      )
    }
    return faulty(`While ${SLOW_CONNECTIONS} senders stop in the middle, a genuine event is not answered.`, {
      confidence: 'medium',
      seen: answer,
    })
  },
}
