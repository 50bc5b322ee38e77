/** Genuine events sent again: the same bytes, under another unsigned id, or the same id over other bytes. */
import type { Answer, Lab, ProbeRequest } from '../lab.ts'
import { faulty, notApplicable, sound, unclear, type Verdict } from '../probe.ts'
import { is2xx, observe } from '../webhook/baseline.ts'
import { jsonObject, withJson } from '../webhook/kit.ts'
import { bodyShape, isAlike } from '../webhook/shape.ts'
import { NEEDS_ORACLE, type WebhookProbe, type WebhookSubject } from '../webhook/subject.ts'

export const exactReplay: WebhookProbe = {
  id: 'exact-replay',
  title: 'A genuine event sent twice',
  controls: ['replay-cache', 'idempotent-effects'],
  proves: 'Whether the second copy of an event acts again: captured by an attacker, or repeated by an honest provider.',
  sends: 'One validly signed event, and the same bytes again after it was accepted.',
  reads:
    'One effect for two copies, or a refusal of the second: sound. Two effects: faulty. Without an oracle only an answer that calls the second a duplicate counts, and counts little.',
  limits: 'Without an oracle two equal answers say nothing, and the probe says so.',
  examples: {
    faulty: '1st: HTTP/1.1 200 · 2nd: HTTP/1.1 200 · 2 effects',
    sound: '1st: 202 · 2nd: 200 duplicate · 1 effect',
  },
  async run(subject, lab) {
    const event = subject.kit.event()
    const request = subject.kit.sign(event)
    return await twice(subject, lab, event.id, [request, request], {
      what: 'The same signed event, sent twice,',
      controls: ['replay-cache', 'idempotent-effects'],
    })
  },
}

export const replayUnderNewId: WebhookProbe = {
  id: 'replay-new-id',
  follows: ['exact-replay'],
  title: 'A genuine event sent again under a new id',
  controls: ['replay-cache'],
  proves: 'Whether the receiver recognises a copy by an id that nobody signed, and that a replayer can change.',
  sends:
    'One validly signed event, and the same signed bytes again with a fresh value in the unsigned id header; where the sender has none, in each of the usual ones.',
  reads: 'One effect: the copy is recognised by what was signed. Two: the unsigned header decides.',
  limits: 'A receiver may look at a header of another name.',
  examples: { faulty: 'X-GitHub-Delivery: other · HTTP/1.1 200 · 2 effects', sound: 'HTTP/1.1 200 · 1 effect' },
  async run(subject, lab) {
    const { kit } = subject
    const event = kit.event()
    const request = kit.sign(event)
    const name = kit.unsignedIdHeader
    const copies = [renamed(request, name, lab), renamed(request, name, lab)] as const
    return await twice(subject, lab, event.id, copies, {
      what: `The same signed bytes, sent again with ${name === undefined ? 'other ids in unsigned headers' : `another ${name}`},`,
      controls: ['replay-cache'],
    })
  },
}

/** Headers that receivers take for the id where the sender has none of its own. */
const USUAL_ID_HEADERS = ['Idempotency-Key', 'X-Event-Id', 'X-Request-Id', 'X-Delivery-Id', 'X-Message-Id'] as const

/** With fresh ids wherever nobody signed them. */
function renamed(request: ProbeRequest, name: string | undefined, lab: Lab): ProbeRequest {
  const names: readonly string[] = name === undefined ? USUAL_ID_HEADERS : [name]
  const lower = names.map((each) => each.toLowerCase())
  const others = request.headers.filter(([given]) => !lower.includes(given.toLowerCase()))
  return { ...request, headers: [...others, ...names.map((each) => [each, lab.unique()] as const)] }
}

export const sameIdOtherBody: WebhookProbe = {
  id: 'same-id-other-body',
  follows: ['exact-replay'],
  title: 'The id of an accepted event over another body',
  controls: ['idempotent-effects'],
  proves: 'Whether an id that was seen before acts again when something else comes with it.',
  sends: 'One validly signed event, and another one with the same id and a changed body, validly signed too.',
  reads: 'One effect, or a refusal of the second (a conflict is best): sound. Two effects: faulty.',
  limits:
    'Where the sender’s id names an object and not an event, two effects can be right: see the sender’s documentation.',
  examples: { faulty: '2nd: HTTP/1.1 200 · 2 effects', sound: '2nd: HTTP/1.1 409' },
  async run(subject, lab) {
    const { kit } = subject
    const event = kit.event()
    const json = jsonObject(event)
    if (!kit.signsId) return notApplicable('This sender gives its events no id that is signed.')
    if (json === undefined) return notApplicable('The body is no JSON object.')
    const other = withJson(event, { ...json, postern: 'another body' })
    return await twice(subject, lab, event.id, [kit.sign(event), kit.sign(other)], {
      what: 'A second event under the id of an accepted one',
      controls: ['idempotent-effects'],
      confidence: 'medium',
    })
  },
}

export const parallelCopies: WebhookProbe = {
  id: 'parallel-copies',
  follows: ['exact-replay'],
  title: 'Many copies of a genuine event at one moment',
  controls: ['replay-cache', 'idempotent-effects'],
  proves: 'Whether recognising a copy is atomic: a look-up followed by a write lets several through.',
  sends: 'One validly signed event, fifty times (`limits.parallel_copies`), on connections that are let go together.',
  reads: 'One effect: sound. More: a race. Needs an oracle.',
  limits: 'A race may not show itself in one attempt; one effect is strong evidence and no proof.',
  examples: { faulty: '50 copies · 7 effects', sound: '50 copies · 1 effect' },
  alone: true,
  async run({ kit, limits }, lab) {
    if (lab.effects === undefined && !lab.dry)
      return unclear('Whether copies that arrive at once act once was not counted.', NEEDS_ORACLE)
    const event = kit.event()
    const request = kit.sign(event)
    const copies = Array.from({ length: limits.parallel_copies }, () => request)
    const { result, effects } = await observe(lab.effects, event.id, async () => await lab.sendTogether(copies))
    const answered = result.filter(({ ok }) => ok).length
    if (effects === undefined) return []
    if (effects > 1)
      return BOTH.map((control) =>
        faulty('Copies of one event that arrive together have more than one effect.', { control }),
      )
    if (effects === 0)
      return unclear('None of the copies that arrived together had an effect.', 'Look at the target’s log.', {
        severity: 'medium',
      })
    if (answered < copies.length)
      return BOTH.map((control) =>
        sound('Copies of one event that arrived together had one effect, though not all were answered.', {
          control,
          confidence: 'medium',
        }),
      )
    return BOTH.map((control) => sound('Copies of one event that arrived together had one effect.', { control }))
  },
}

const BOTH = ['replay-cache', 'idempotent-effects'] as const

interface Twice {
  /** As the beginning of a sentence. */
  readonly what: string
  readonly controls: readonly (typeof BOTH)[number][]
  readonly confidence?: Verdict['confidence']
}

async function twice(
  { baseline }: WebhookSubject,
  lab: Lab,
  eventId: string,
  [first, second]: readonly [ProbeRequest, ProbeRequest],
  { what, controls, confidence = 'high' }: Twice,
): Promise<readonly Verdict[]> {
  const { result, effects } = await observe(lab.effects, eventId, async () => {
    const one = await lab.send(first)
    return { one, two: await lab.send(second) }
  })
  const { one, two } = result
  const each = (verdict: Verdict) => controls.map((control) => ({ ...verdict, control, seen: two }))
  if (!one.ok || !is2xx(one.status))
    return each(unclear('A genuine event was refused here.', 'Run the probe again; the target may limit requests.'))
  if (effects !== undefined && effects > 1) return each(faulty(`${what} had two effects.`, { confidence }))
  if (effects === 1) return each(sound(`${what} had one effect.`))
  if (two.ok && two.status >= 500)
    return each(unclear(`${what} made the target answer ${two.status}.`, 'Look at the target’s log.'))
  if (two.ok && !is2xx(two.status)) return each(sound(`${what} was refused with ${two.status}.`))
  if (effects === 0) return each(unclear(`${what} had no effect at all.`, 'Check the oracle.'))
  if (saysDuplicate(one, two))
    return each(sound(`${what} was called a duplicate in the answer; nobody counted.`, { confidence: 'low' }))
  if (two.ok && !isAlike(bodyShape(two), baseline.accepted))
    return each(sound(`${what} was answered in another way the second time; nobody counted.`, { confidence: 'low' }))
  return each(unclear(`${what} was answered alike both times.`, NEEDS_ORACLE))
}

function saysDuplicate(one: Answer, two: Answer): boolean {
  const says = (answer: Answer) =>
    answer.ok &&
    /"?(?:duplicate|already[ _-]?(?:processed|seen|received)|replay(?:ed)?)"?(?!"?\s*:\s*(?:false|0|null))/i.test(
      answer.body.toString('utf8'),
    )
  return says(two) && !says(one)
}
