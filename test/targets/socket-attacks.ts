/** For each fault of a socket the conversation that shows it: true when the attack succeeds. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SOCKET_FAULTS } from './faults.ts'
import { ask, login } from './plain-requests.ts'
import type { Target } from './start-target.ts'
import { type Heard, type Opening, openTalk, type Protocol, type Talk } from './talk.ts'

type Attack = (target: Target, protocol: Protocol) => Promise<boolean>

const FOREIGN = 'https://elsewhere.example.net'
const MANY = 150
const LARGE_BYTES = 200_000
const STEPS = 20

export const SOCKET_ATTACKS: Readonly<Record<keyof typeof SOCKET_FAULTS, Attack>> = {
  'ws-no-auth': (target, protocol) => isOpened(target, protocol, {}),
  async 'ws-expired-accepted'(target, protocol) {
    const alice = await login(target, 'alice', { seconds: -60 })
    return isOpened(target, protocol, { bearer: alice.token })
  },
  async 'ws-any-origin'(target, protocol) {
    const { cookie, csrf } = await login(target, 'alice')
    return isOpened(target, protocol, { cookie, csrf, origin: FOREIGN })
  },
  async 'ws-null-origin'(target, protocol) {
    const { cookie, csrf } = await login(target, 'alice')
    return isOpened(target, protocol, { cookie, csrf, origin: 'null' })
  },
  async 'ws-no-csrf'(target, protocol) {
    const { cookie } = await login(target, 'alice')
    return isOpened(target, protocol, { cookie, origin: OWN_ORIGIN })
  },
  async 'ws-query-token'(target, protocol) {
    const alice = await login(target, 'alice')
    return isOpened(target, protocol, { queryToken: alice.token })
  },
  async 'ws-object-swap'(target, protocol) {
    await using bob = await talkAs(target, protocol, 'bob')
    return (await bob.say('read', { order: '1' })).type === 'order'
  },
  async 'ws-room-join'(target, protocol) {
    await using bob = await talkAs(target, protocol, 'bob')
    await join(bob, 'acct_a')
    return await isOverheard(target, protocol, bob)
  },
  async 'ws-broadcast-leak'(target, protocol) {
    await using bob = await talkAs(target, protocol, 'bob')
    await join(bob, 'acct_b')
    return await isOverheard(target, protocol, bob)
  },
  async 'ws-no-validation'(target, protocol) {
    await using alice = await talkAs(target, protocol, 'alice')
    return (await alice.babble()).type === 'ok'
  },
  async 'ws-no-size-limit'(target, protocol) {
    await using alice = await talkAs(target, protocol, 'alice')
    return (await alice.sayAtLength(LARGE_BYTES)).type === 'order'
  },
  async 'ws-no-rate-limit'(target, protocol) {
    await using alice = await talkAs(target, protocol, 'alice')
    for (let said = 0; said < MANY; said += 1)
      if ((await alice.say('read', { order: '1' })).type !== 'order') return false
    return true
  },
  async 'ws-nonce-replay'(target, protocol) {
    await using alice = await talkAs(target, protocol, 'alice')
    const paid = { order: '1', nonce: 'a nonce of today' }
    await alice.say('pay', paid)
    return (await alice.say('pay', paid)).type === 'paid'
  },
  async 'ws-outlives-session'(target, protocol) {
    const { token, headers } = await login(target, 'alice')
    await using alice = await openedOrThrow(target, protocol, { bearer: token })
    await ask(target, { method: 'POST', path: '/logout', headers })
    for (let step = 0; step < STEPS; step += 1) {
      if ((await alice.say('read', { order: '1' })).type !== 'order') return false
      await sleep(100)
    }
    return true
  },
}

async function isOpened(target: Target, protocol: Protocol, opening: Opening): Promise<boolean> {
  await using talk = await openTalk(target, protocol, opening)
  return (await talk?.say('read', { order: '1' }))?.type === 'order'
}

async function isOverheard(target: Target, protocol: Protocol, bob: Talk): Promise<boolean> {
  await using alice = await talkAs(target, protocol, 'alice')
  await alice.tell('post', { room: 'acct_a', text: 'only for us' })
  await bob.say('read', { order: '2' })
  return bob.heard.some((each) => each.type === 'message' && each['text'] === 'only for us')
}

export async function join(talk: Talk, room: string): Promise<Heard> {
  return talk.tell('join', { room })
}

export async function talkAs(target: Target, protocol: Protocol, user: 'alice' | 'bob'): Promise<Talk> {
  return openedOrThrow(target, protocol, { bearer: (await login(target, user)).token })
}

export async function openedOrThrow(target: Target, protocol: Protocol, opening: Opening): Promise<Talk> {
  const talk = await openTalk(target, protocol, opening)
  if (talk === undefined) throw new Error('the target refuses whom it should not')
  return talk
}

export const OWN_ORIGIN = 'https://app.example.com'
