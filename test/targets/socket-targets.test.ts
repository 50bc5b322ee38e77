/** The sockets of the targets: each fault is there when it is switched on, and none otherwise. */
import { describe, expect, test } from 'vitest'
import { login } from './plain-requests.ts'
import { SOCKET_SHARES } from './shares.ts'
import { join, OWN_ORIGIN, openedOrThrow, SOCKET_ATTACKS, talkAs } from './socket-attacks.ts'
import { describeTarget, type TargetName } from './start-target.ts'
import { started } from './started.ts'
import type { Protocol } from './talk.ts'

type Fault = keyof typeof SOCKET_ATTACKS

const SOCKETS: readonly (readonly [TargetName, Protocol])[] = [
  ['fastapi', 'json'],
  ['express', 'json'],
  ['fastify', 'json'],
  ['ws', 'json'],
  ['socket.io', 'socket.io'],
  ['graphql-ws', 'graphql-transport-ws'],
  ['graphql-ws', 'graphql-ws'],
]
const ALL_FAULTS = Object.keys(SOCKET_ATTACKS) as Fault[]

test('every fault has its share', () => {
  expect(SOCKET_SHARES.flat().toSorted()).toEqual(ALL_FAULTS.toSorted())
})

for (const [name, protocol] of SOCKETS) {
  describeTarget(name, () => {
    describe(`sound, in ${protocol}`, () => {
      const target = started(name, {})

      test('whoever may reads an order, pays it once, and hears the own room', async () => {
        await using alice = await talkAs(target(), protocol, 'alice')
        await join(alice, 'acct_a')
        const order = await alice.say('read', { order: '1' })
        const paid = await alice.say('pay', { order: '1', nonce: 'the first' })
        await alice.tell('post', { room: 'acct_a', text: 'hello' })

        expect([order, paid]).toEqual([
          expect.objectContaining({ type: 'order', account: 'acct_a', total: 1200 }),
          expect.objectContaining({ type: 'paid', payments: 1 }),
        ])
        expect(alice.heard).toContainEqual({ type: 'message', room: 'acct_a', from: 'alice', text: 'hello' })
      })

      test('a page of ours may connect with the cookie and its token', async () => {
        const { cookie, csrf } = await login(target(), 'alice')
        await using talk = await openedOrThrow(target(), protocol, { cookie, csrf, origin: OWN_ORIGIN })
        expect((await talk.say('read', { order: '1' })).type).toBe('order')
      })

      test.each(ALL_FAULTS)('%s is not there', async (fault) => {
        expect(await SOCKET_ATTACKS[fault](target(), protocol)).toBe(false)
      })
    })

    for (const faults of SOCKET_SHARES) {
      describe(`with ${faults[0]} and others, in ${protocol}`, () => {
        const target = started(name, { faults })

        test.each(faults)('%s is there', async (fault) => {
          expect(await SOCKET_ATTACKS[fault](target(), protocol)).toBe(true)
        })
      })
    }
  })
}
