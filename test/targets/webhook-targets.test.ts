/** The receivers are what they are said to be: each fault is there when it is switched on, and none otherwise. */
import { describe, expect, test } from 'vitest'
import { httpFarSide } from '../support/far-side.ts'
import type { WEBHOOK_FAULTS } from './faults.ts'
import { anEvent, deliver, effectsOf, signature } from './plain-requests.ts'
import { WEBHOOK_SHARES } from './shares.ts'
import { describeTarget, startTarget, type TargetName } from './start-target.ts'
import { started } from './started.ts'
import { ATTACKED_SETTINGS, WEBHOOK_ATTACKS } from './webhook-attacks.ts'

type WebhookFault = keyof typeof WEBHOOK_FAULTS

const RECEIVERS: readonly TargetName[] = ['flask', 'django', 'fastapi', 'express', 'fastify']
const ALL_FAULTS = Object.keys(WEBHOOK_ATTACKS) as WebhookFault[]

test('every fault has its share', () => {
  expect(WEBHOOK_SHARES.flat().toSorted()).toEqual(ALL_FAULTS.toSorted())
})

for (const name of RECEIVERS) {
  describeTarget(name, () => {
    describe('sound', () => {
      const target = started(name, { settings: ATTACKED_SETTINGS })

      test('a genuine event has its effect once, and copies are thanked for', async () => {
        const { id, body } = anEvent()
        const given = signature(target(), body)

        const replies = await Promise.all(Array.from({ length: 20 }, () => deliver(target(), body, given)))

        expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(200))
        expect(replies.filter((reply) => reply.body.includes('false'))).toHaveLength(1)
        expect(await effectsOf(target(), id)).toBe(1)
      })

      test.each(ALL_FAULTS)('%s is not there', async (fault) => {
        expect(await WEBHOOK_ATTACKS[fault](target())).toBe(false)
      })
    })

    for (const faults of WEBHOOK_SHARES) {
      describe(`with ${faults[0]} and others`, () => {
        const target = started(name, { faults, settings: ATTACKED_SETTINGS })

        test.each(faults)('%s is there', async (fault) => {
          expect(await WEBHOOK_ATTACKS[fault](target())).toBe(true)
        })

        test('a genuine event has its effect nevertheless', async () => {
          const { id, body } = anEvent()
          const { status } = await deliver(target(), body, signature(target(), body))
          expect({ status, effects: await effectsOf(target(), id) }).toEqual({ status: 200, effects: 1 })
        })
      })
    }

    test('each effect is delivered to the sink', async () => {
      const { promise: arrived, resolve } = withResolvers()
      await using sink = await httpFarSide((response) => {
        response.end()
        resolve()
      })
      await using target = await startTarget(name, { sinkUrl: `${sink.url}/effects` })
      const { id, body } = anEvent()

      await deliver(target, body, signature(target, body))
      await arrived

      expect(sink.requests.map((request) => request.body.toString())).toEqual([body])
      expect(sink.requests[0]?.headers).toContain(id)
    })
  })
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
