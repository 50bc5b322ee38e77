/** What an open socket may do: somebody else's objects, rooms and messages, and the same change twice. */
import { randomUUID } from 'node:crypto'
import type { ControlId } from '../../../../catalogue/catalogue.ts'
import type { Lab } from '../../lab.ts'
import { faulty, sound, unclear, type Verdict } from '../../probe.ts'
import type { Json } from '../channel-plan.ts'
import { fill, matches, names } from '../fill.ts'
import type { Identity } from '../identities.ts'
import {
  isStillAnswering,
  lost,
  NEEDS_OTHER,
  openAs,
  type Received,
  request,
  type SocketProbe,
  type SocketSubject,
} from '../socket-subject.ts'
import type { Talk } from '../talk.ts'

export const objectSwap: SocketProbe = {
  id: 'socket-object-swap',
  title: 'A user who names somebody else’s object',
  controls: ['message-authorization', 'object-owner-check', 'tenant-binding'],
  proves: 'Whether each message is authorised, or only the connection was.',
  sends:
    'As the second identity: its own question first, then the same question about the owner’s object, and the change, if the plan has one.',
  reads: 'Refused or unanswered: sound. Answered as the owner is: faulty.',
  limits: 'Shows the operations of the plan and no others.',
  examples: {
    faulty: 'as bob: {"type":"read","order":"1"} → {"type":"order","owner":"alice"}',
    sound: '{"type":"error"}',
  },
  async run(subject, lab) {
    const { owner, other, target } = subject
    if (other === undefined) return unclear('Only one identity was at hand.', NEEDS_OTHER)
    if (isSame(owner, other, target.messages.ask.send))
      return unclear('Both identities have the same values.', NEEDS_OTHER)
    const talk = await openAs(subject, lab, other)
    if (talk === undefined) return lost(`The identity ${other.name}`)
    try {
      if (!(await isStillAnswering(subject, talk, other)))
        return unclear(`${other.name} gets no answer about its own object.`, 'Correct the values of this identity.')
      const verdicts = swapVerdicts(await request(subject, talk, target.messages.ask, owner.values), subject, 'read')
      const { change } = target.messages
      if (change === undefined || talk.ended !== undefined) return verdicts
      const changed = await request(subject, talk, change, { ...owner.values, nonce: lab.unique() })
      return [...verdicts, ...swapVerdicts(changed, subject, 'changed')]
    } finally {
      talk.close()
    }
  },
}

function isSame(owner: Identity, other: Identity, send: Json): boolean {
  return [...names(send)].every((name) => owner.values[name] === other.values[name])
}

function swapVerdicts(received: Received, { owner, other }: SocketSubject, verb: string): readonly Verdict[] {
  const isForeign = owner.tenant !== other?.tenant
  const controls: readonly ControlId[] = [
    'message-authorization',
    'object-owner-check',
    ...(isForeign ? (['tenant-binding'] as const) : []),
  ]
  const who = isForeign ? 'another tenant' : 'another user'
  return controls.map((control) =>
    received.reception === 'granted'
      ? faulty(`An object of ${who} was ${verb}: its id in a message was taken as the right to it.`, { control })
      : sound(`An object of ${who} was not ${verb} (${received.detail}).`, {
          control,
          confidence: received.reception === 'refused' ? 'high' : 'medium',
        }),
  )
}

export const roomJoin: SocketProbe = {
  id: 'socket-room-join',
  title: 'A user who enters somebody else’s room',
  controls: ['subscription-binding'],
  proves: 'Whether entering a room is authorised, or a name is enough.',
  sends: 'As the second identity: the join of the plan with the owner’s room; then the owner says something there.',
  reads: 'What the owner said arrives: faulty. It does not, while the owner’s own room hears it: sound.',
  limits: 'Needs join and post in the plan.',
  examples: { faulty: 'as bob: join acct_a → joined, and alice’s messages arrive', sound: '{"type":"error"}' },
  run: (subject, lab) => overhear(subject, lab, 'owner'),
}

export const broadcastLeak: SocketProbe = {
  id: 'socket-broadcast-leak',
  title: 'What is said in one tenant’s room, heard in another’s',
  controls: ['broadcast-isolation'],
  proves: 'Whether a broadcast stays in its room and tenant.',
  sends: 'The second identity enters its own room; then the owner says something in the owner’s.',
  reads: 'It arrives at the second identity: faulty. It does not, while the owner’s room hears it: sound.',
  limits: 'Needs join and post in the plan. Other nodes of a cluster are not told apart.',
  examples: { faulty: 'alice’s message arrives at bob', sound: 'only alice’s room hears it' },
  run: (subject, lab) => overhear(subject, lab, 'own'),
}

/** A fan-out may go by way of a broker, and reach some later than others. */
const FAN_OUT_MS = 1_500

async function overhear(subject: SocketSubject, lab: Lab, room: 'own' | 'owner'): Promise<Verdict> {
  const { owner, other, target } = subject
  const { join, post } = target.messages
  if (join === undefined || post === undefined)
    return unclear('The plan has no rooms.', 'Give it messages.join and messages.post, if there are any.')
  if (other === undefined || isSame(owner, other, join.send))
    return unclear('Only one identity with a room was at hand.', NEEDS_OTHER)
  const listener = await openAs(subject, lab, other)
  const speaker = await openAs(subject, lab, owner)
  try {
    if (listener === undefined || speaker === undefined) return lost('An identity')
    await listener.say(fill(join.send, room === 'own' ? other.values : owner.values))
    await speaker.say(fill(join.send, owner.values))
    // Both rooms are entered, or refused, before anything is said.
    await Promise.all([listener.listen(), speaker.listen()])
    const text = `postern ${randomUUID()}`
    await speaker.say(fill(post.send, { ...owner.values, text }))
    const isHeard = (heard: readonly unknown[]): boolean => holds(heard, text)
    await Promise.all([speaker.listen(isHeard, FAN_OUT_MS), listener.listen(isHeard, FAN_OUT_MS)])
    if (holds(listener.heard, text)) return heardVerdict(room)
    if (!holds(speaker.heard, text))
      return unclear('What was said in a room did not arrive there either.', 'Correct messages.join and messages.post.')
    return sound(
      room === 'own'
        ? 'What was said in another tenant’s room did not arrive.'
        : 'The other’s room was not entered: what was said there did not arrive.',
    )
  } finally {
    listener?.close()
    speaker?.close()
  }
}

function heardVerdict(room: 'own' | 'owner'): Verdict {
  return room === 'own'
    ? faulty('What was said in a room arrived at somebody of another one.')
    : faulty('A room of somebody else was entered by its name, and what was said there arrived.')
}

function holds(heard: readonly unknown[], text: string): boolean {
  return heard.some((each) => JSON.stringify(each)?.includes(text))
}

export const replayedMessage: SocketProbe = {
  id: 'socket-replayed-message',
  title: 'The same change twice',
  controls: ['message-replay-nonce'],
  proves: 'Whether a message that changes something can be sent again, by whoever captured it or by a retrying client.',
  sends:
    'As the owner: the change of the plan, then exactly the same message again, over the same connection and over a new one.',
  reads:
    'The repeat is refused or unanswered: sound. It is granted with another result: faulty. With the same result only an oracle could tell.',
  limits: 'Needs messages.change in the plan; it does change something, on purpose.',
  examples: { faulty: 'pay, nonce 7 → payments: 1; pay, nonce 7 → payments: 2', sound: '{"type":"error"}' },
  alone: true,
  async run(subject, lab) {
    const { owner, target } = subject
    const { change } = target.messages
    if (change === undefined)
      return unclear('The plan has no message that changes something.', 'Give it messages.change, if there is one.')
    const values = { ...owner.values, nonce: lab.unique() }
    const answers: unknown[] = []
    for (const talkOf of ['first', 'second'] as const) {
      const talk = await openAs(subject, lab, owner)
      if (talk === undefined) return lost('The owner')
      try {
        for (let copy = talkOf === 'first' ? 0 : 1; copy < 2; copy += 1)
          answers.push(await grantedBy(subject, talk, values))
      } finally {
        talk.close()
      }
    }
    return replayVerdict(answers)
  },
}

async function grantedBy(
  subject: SocketSubject,
  talk: Talk,
  values: Readonly<Record<string, string>>,
): Promise<unknown> {
  const { change } = subject.target.messages
  if (change === undefined) return undefined
  const before = talk.heard.length
  if ((await request(subject, talk, change, values)).reception !== 'granted') return undefined
  const expected = fill(change.expect, values)
  return talk.heard.slice(before).find((each) => matches(expected, each))
}

function replayVerdict([first, ...repeats]: readonly unknown[]): Verdict {
  if (first === undefined)
    return unclear('The change was not granted the first time.', 'Correct messages.change in the plan.')
  const granted = repeats.filter((each) => each !== undefined)
  if (granted.length === 0) return sound('The same message again was refused.')
  if (granted.some((each) => JSON.stringify(each) !== JSON.stringify(first)))
    return faulty('The same message again was granted, with a result that shows a second effect.')
  return unclear(
    'The same message again got the same answer as the first.',
    'Look whether it had a second effect; answering a repeat with the first result is right.',
  )
}
