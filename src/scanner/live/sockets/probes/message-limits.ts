/** What a message may be: none at all, too large, or one of too many. */
import { faulty, sound, unclear, type Verdict } from '../../probe.ts'
import { fill, matches } from '../fill.ts'
import { isRefusal, lost, openAs, type SocketProbe, type SocketSubject } from '../socket-subject.ts'
import type { Talk } from '../talk.ts'

export const malformedMessage: SocketProbe = {
  id: 'socket-malformed-message',
  title: 'Messages that are none',
  controls: ['message-schema-validation'],
  proves: 'Whether messages are checked before anything is done with them.',
  sends:
    'As the owner, each over a connection of its own: text that is no JSON, an unknown type, a wrong shape, twenty thousand brackets.',
  reads:
    'An error, a close, or nothing: sound. Thanked for: faulty. The connection breaks without a closing frame, or closes with 1011: faulty.',
  limits:
    'An answer that is neither the plan’s refusal nor sounds like one counts as thanks. Silence may be indifference.',
  examples: {
    faulty: 'this is no JSON → {"type":"ok"}',
    sound: 'this is no JSON → {"type":"error"}, or closed with 1007',
  },
  // Nothing of ours may be said in rooms meanwhile.
  alone: true,
  async run(subject, lab) {
    const verdicts: Verdict[] = []
    for (const [what, text] of subject.wire.dialect.nonsense) {
      const talk = await openAs(subject, lab, subject.owner)
      if (talk === undefined) return [...verdicts, lost('The owner')]
      // What arrives without being asked for is no answer.
      await talk.listen()
      const unasked = new Set(talk.heard.map(kindOf))
      const before = talk.heard.length
      await talk.sayText(text)
      await talk.listen()
      const answers = talk.heard.slice(before).filter((each) => !unasked.has(kindOf(each)))
      verdicts.push(malformedVerdict(subject, talk, answers, what))
      talk.close()
    }
    return verdicts
  },
}

/** Messages of one kind have the same fields, and say so in the same words. */
function kindOf(message: unknown): string {
  if (typeof message !== 'object' || message === null) return typeof message
  const { type, event } = message as Record<string, unknown>
  return JSON.stringify([Object.keys(message).sort(), String(type), String(event)])
}

const BROKEN_CODES = [1006, 1011]

function malformedVerdict(
  { target }: SocketSubject,
  { ended }: Talk,
  answers: readonly unknown[],
  what: string,
): Verdict {
  if (ended !== undefined && BROKEN_CODES.includes(ended.code))
    return faulty(`A message ${what} breaks the connection (${ended.code}) instead of being refused.`, {
      confidence: 'medium',
    })
  if (ended !== undefined) return sound(`A message ${what} closed the connection (${ended.code}).`)
  if (answers.length === 0) return sound(`A message ${what} was ignored.`, { confidence: 'low' })
  if (answers.every((each) => isRefusal(target, each))) return sound(`A message ${what} was answered with an error.`)
  return faulty(`A message ${what} was answered like one that is understood.`, {
    confidence: target.refusal === undefined ? 'medium' : 'high',
  })
}

export const oversizedMessage: SocketProbe = {
  id: 'socket-oversized-message',
  title: 'A message that is too large',
  controls: ['message-size-limit'],
  proves: 'Whether one client can make the server hold messages of any size.',
  sends: 'As the owner: the question of the plan with blanks behind it, as many bytes as max_message_bytes says.',
  reads: 'Closed (1009), an error, or nothing: sound. Answered: faulty.',
  limits: 'Says nothing about the exact limit.',
  examples: { faulty: '1 MiB → {"type":"order"}', sound: '1 MiB → closed with 1009' },
  alone: true,
  async run(subject, lab) {
    const { owner, target } = subject
    const { send, expect } = target.messages.ask
    const talk = await openAs(subject, lab, owner)
    if (talk === undefined) return lost('The owner')
    const expected = fill(expect, owner.values)
    const isGrant = (heard: readonly unknown[]): boolean => heard.some((each) => matches(expected, each))
    await talk.say(fill(send, owner.values), { padding: target.max_message_bytes })
    await talk.listen(isGrant)
    const { ended } = talk
    talk.close()
    const size = sizeText(target.max_message_bytes)
    if (isGrant(talk.heard)) return faulty(`A message of ${size} was read and answered.`)
    if (ended !== undefined) return sound(`A message of ${size} closed the connection (${ended.code}).`)
    return sound(`A message of ${size} was not answered.`, { confidence: 'medium' })
  },
}

function sizeText(bytes: number): string {
  return bytes % 1_048_576 === 0 ? `${bytes / 1_048_576} MiB` : `${bytes} bytes`
}

/** A server that is busy with hundreds of messages may pause. */
const FLOOD_PATIENCE_MS = 3_000

export const messageFlood: SocketProbe = {
  id: 'socket-message-flood',
  title: 'Too many messages at once',
  controls: ['message-rate-limit'],
  proves: 'Whether one client may have any number of messages answered.',
  sends: 'As the owner: the question of the plan, as many times at once as flood says.',
  reads: 'Closed, or errors after some: sound. All answered: faulty.',
  limits: 'A limit above the number is not seen; raise flood for it.',
  examples: { faulty: '200 questions → 200 answers', sound: 'after 100: closed with 1008' },
  alone: true,
  async run(subject, lab) {
    const { owner, target } = subject
    const { send, expect } = target.messages.ask
    const talk = await openAs(subject, lab, owner)
    if (talk === undefined) return lost('The owner')
    const expected = fill(expect, owner.values)
    const granted = (): number => talk.heard.filter((each) => matches(expected, each)).length
    for (let sent = 0; sent < target.flood && talk.ended === undefined; sent += 1)
      await talk.say(fill(send, owner.values))
    await talk.listen(() => granted() >= target.flood, FLOOD_PATIENCE_MS)
    const { ended } = talk
    talk.close()
    if (granted() >= target.flood) return faulty(`All of ${target.flood} messages sent at once were answered.`)
    if (ended !== undefined)
      return sound(`Some of ${target.flood} messages were answered, then it closed (${ended.code}).`)
    if (talk.heard.some((each) => isRefusal(target, each)))
      return sound(`Some of ${target.flood} messages were answered, the others refused.`)
    return unclear(
      `Not all of ${target.flood} messages were answered.`,
      'Look whether a limit or the load was the reason.',
    )
  },
}
