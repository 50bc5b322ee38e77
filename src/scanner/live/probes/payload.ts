/** Validly signed events with contents that nobody writes: another type, no JSON, too deep, wrong kinds. */
import { faulty, notApplicable, sound, unclear, type Verdict } from '../probe.ts'
import { attempt, type Judged } from '../webhook/baseline.ts'
import { jsonObject, type WebhookEvent, withJson } from '../webhook/kit.ts'
import type { WebhookProbe } from '../webhook/subject.ts'

const DEPTH = 20_000
const MEMBERS = 20_000

interface Odd {
  readonly what: string
  readonly change: (event: WebhookEvent) => WebhookEvent
}

const ODD_BODIES: readonly Odd[] = [
  {
    what: 'A signed body that breaks off',
    change: (event) => ({ ...event, body: event.body.subarray(0, event.body.length >> 1) }),
  },
  { what: 'A signed body that is no JSON', change: (event) => ({ ...event, body: Buffer.from('<not json>') }) },
  { what: 'A signed empty body', change: (event) => ({ ...event, body: Buffer.alloc(0) }) },
  { what: 'A signed body that is only null', change: (event) => ({ ...event, body: Buffer.from('null') }) },
  { what: 'A signed body that is a list', change: (event) => ({ ...event, body: Buffer.from('[]') }) },
  {
    what: 'A signed body with other kinds of values',
    change: (event) => withJson(event, mistyped(jsonObject(event) ?? {})),
  },
  {
    what: 'A signed body with the character NUL',
    change: (event) => withJson(event, { ...jsonObject(event), postern: 'a\u0000b' }),
  },
  {
    what: 'A signed body with half a character',
    change: (event) => withJson(event, { ...jsonObject(event), postern: '\ud800' }),
  },
  {
    what: 'A signed body with a number beyond all bounds',
    change: (event) => spliced(event, '"postern":1e400'),
  },
  { what: 'A signed body with __proto__', change: (event) => spliced(event, '"__proto__":{"admin":true}') },
]

export const oddPayload: WebhookProbe = {
  id: 'odd-payload',
  title: 'Signed bodies that are no events',
  controls: ['payload-validation'],
  proves:
    'Whether contents are checked before they are used: a signature says who wrote them, not that they are right.',
  sends: `Validly signed: ${ODD_BODIES.map(({ what }) => what.replace(/^A signed /, '')).join('; ')}.`,
  reads: 'Answered, with whatever status below 500: sound. A 5xx, or no answer: faulty.',
  limits: 'A body that is accepted and stored without being read is as sound as one that is refused.',
  examples: { faulty: 'HTTP/1.1 500\n\nTypeError: …', sound: 'HTTP/1.1 400' },
  async run(subject, lab) {
    const { kit, baseline } = subject
    if (jsonObject(kit.event()) === undefined) return notApplicable('The body is no JSON object.')
    const verdicts: Verdict[] = []
    for (const { what, change } of ODD_BODIES) {
      const event = kit.event()
      const request = kit.signOdd(change(event))
      if (request !== undefined) verdicts.push(handled(await attempt(baseline, lab, request, event.id), what))
    }
    return verdicts.length > 0 ? verdicts : notApplicable('This scheme signs nothing but its own events.')
  },
}

export const deepJson: WebhookProbe = {
  id: 'deep-json',
  title: 'Signed JSON that is very deep or very wide',
  controls: ['payload-validation'],
  proves: 'Whether a small body can exhaust the parser or what walks its result.',
  sends: `Validly signed: a list nested ${DEPTH} deep, and an object of ${MEMBERS} members.`,
  reads: 'Answered below 500: sound. A 5xx, or no answer: faulty.',
  limits: 'Bodies stay below 300 kB, so that a size limit does not answer instead.',
  examples: { faulty: 'HTTP/1.1 500\n\nRecursionError', sound: 'HTTP/1.1 400' },
  alone: true,
  async run({ kit, baseline }, lab) {
    if (jsonObject(kit.event()) === undefined) return notApplicable('The body is no JSON object.')
    const members = Array.from({ length: MEMBERS }, (_, index) => `"k${index}":0`).join(',')
    const bodies = [
      ['A signed body that is nested very deep', `"postern":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`],
      ['A signed body with very many members', members],
    ] as const
    const verdicts: Verdict[] = []
    for (const [what, member] of bodies) {
      const event = kit.event()
      const request = kit.signOdd(spliced(event, member))
      if (request !== undefined) verdicts.push(handled(await attempt(baseline, lab, request, event.id), what))
    }
    return verdicts.length > 0 ? verdicts : notApplicable('This scheme writes into the body that it signs.')
  },
}

const TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=postern',
  'application/json; charset=utf-16',
  'text/html',
] as const

export const wrongContentType: WebhookProbe = {
  id: 'wrong-content-type',
  title: 'A genuine event under another content type',
  controls: ['payload-validation'],
  proves: 'Whether the request chooses how its body is parsed, and what then breaks.',
  sends: `A validly signed event with each of: ${TYPES.join(', ')}.`,
  reads: 'Answered below 500: sound. A 5xx, or no answer: faulty.',
  limits: 'Whether another parser read the body cannot be seen from outside unless something breaks.',
  examples: { faulty: 'HTTP/1.1 500', sound: 'HTTP/1.1 415' },
  async run({ kit, baseline }, lab) {
    const verdicts: Verdict[] = []
    for (const contentType of TYPES) {
      const event = { ...kit.event(), contentType }
      const [type = ''] = contentType.split(';')
      verdicts.push(handled(await attempt(baseline, lab, kit.sign(event), event.id), `A genuine event as ${type}`))
    }
    return verdicts
  },
}

/** What matters is that it was dealt with, not how. */
function handled(judged: Judged, what: string): Verdict {
  return { ...handledVerdict(judged, what), seen: judged.answer }
}

function handledVerdict({ outcome, status, answer }: Judged, what: string): Verdict {
  if (outcome === 'failed') return faulty(`${what} makes the target answer ${status}.`, { severity: 'medium' })
  if (outcome === 'unanswered' && !answer.ok)
    return answer.outcome === 'timeout' || answer.outcome === 'connection_reset'
      ? faulty(`${what} gets no answer (${answer.outcome.replace('_', ' ')}).`, {
          severity: 'medium',
          confidence: 'medium',
        })
      : unclear(`${what} got no answer (${answer.outcome}).`, 'Run the probe again.')
  return sound(`${what} was dealt with (status ${status}).`, { confidence: 'medium' })
}

function mistyped(json: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [
      name,
      // The id stays, so that the event is still this event.
      name === 'id' ? value : typeof value === 'string' ? 7 : typeof value === 'number' ? ['x'] : 'text',
    ]),
  )
}

/** A member written as text, for what JSON.stringify cannot write. */
function spliced(event: WebhookEvent, member: string): WebhookEvent {
  const text = event.body.toString('utf8').trimEnd()
  const json = jsonObject(event)
  const comma = json !== undefined && Object.keys(json).length > 0 ? ',' : ''
  return { ...event, body: Buffer.from(`${text.slice(0, -1)}${comma}${member}}`) }
}
