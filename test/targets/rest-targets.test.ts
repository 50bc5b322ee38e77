/** Orders, jobs and streams of the targets: each fault is there when it is switched on, and none otherwise. */
import { describe, expect, test } from 'vitest'
import { ask, firstChunk, login } from './plain-requests.ts'
import { HASTY_SETTINGS, REST_ATTACKS } from './rest-attacks.ts'
import { REST_SHARES } from './shares.ts'
import { describeTarget, type TargetName } from './start-target.ts'
import { started } from './started.ts'

type Fault = keyof typeof REST_ATTACKS

const SERVICES: readonly TargetName[] = ['flask', 'django', 'fastapi', 'express', 'fastify']
const ALL_FAULTS = Object.keys(REST_ATTACKS) as Fault[]

test('every fault has its share', () => {
  expect(REST_SHARES.flat().toSorted()).toEqual(ALL_FAULTS.toSorted())
})

for (const name of SERVICES) {
  describeTarget(name, () => {
    describe('sound', () => {
      const target = started(name, { settings: HASTY_SETTINGS })

      test('whoever may sees an order, orders an export and downloads it', async () => {
        const { headers } = await login(target(), 'alice')
        const order = await ask(target(), { path: '/orders/1', headers })
        const job = await ask(target(), { method: 'POST', path: '/jobs', headers, body: '{}' })
        const { id } = JSON.parse(job.body) as { id: string }
        const result = await ask(target(), { path: `/jobs/${id}/result`, headers })
        const download = await ask(target(), { path: (JSON.parse(result.body) as { url: string }).url, headers })

        expect([order, job, result, download].map(({ status }) => status)).toEqual([200, 202, 200, 200])
        expect(JSON.parse(download.body)).toEqual({ rows: [{ account: 'acct_a', total: 1200 }] })
      })

      test('whoever may listens to the stream', async () => {
        const { headers } = await login(target(), 'alice')
        const { status, text, response } = await firstChunk(target(), '/stream', headers)
        response.destroy()
        expect({ status, text }).toEqual({ status: 200, text: expect.stringContaining('acct_a') })
      })

      test.each(ALL_FAULTS)('%s is not there', async (fault) => {
        expect(await REST_ATTACKS[fault](target())).toBe(false)
      })
    })

    for (const faults of REST_SHARES) {
      describe(`with ${faults[0]} and others`, () => {
        const target = started(name, { faults, settings: HASTY_SETTINGS })

        test.each(faults)('%s is there', async (fault) => {
          expect(await REST_ATTACKS[fault](target())).toBe(true)
        })
      })
    }
  })
}
