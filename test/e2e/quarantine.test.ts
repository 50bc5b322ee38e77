/** What is refused is kept for the operator, within bounds that forgers do not decide. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aGateway, type TestGateway } from '../support/gateway.ts'
import { fromAcme } from './senders.ts'

const MAX_ROWS = 20
let gateway: TestGateway
beforeAll(async () => {
  gateway = await aGateway({
    config: { POSTERN_QUARANTINE_MAX_ROWS: String(MAX_ROWS), POSTERN_QUARANTINE_MAX_BYTES: '10000' },
  })
})
afterAll(() => gateway[Symbol.asyncDispose]())

const SECRET = 'acme-secret-of-the-quarantine'
const kept = async (integrationId: string) =>
  (await gateway.api('GET', `/api/v1/quarantine?integrationId=${integrationId}&pageSize=100`)).json.data

test('a forged request is kept with its reason, and the sender is not told which it was', async () => {
  const { id, receivePath } = await gateway.integrate({ provider: 'acme', secret: SECRET })
  const forged = fromAcme('another-secret-entirely', '{"eventId":"q-1"}')
  const answers = [await gateway.send(receivePath, forged), await gateway.send(receivePath, { ...forged, headers: {} })]
  expect(answers.map((answer) => answer.status)).toEqual([401, 401])
  expect(new Set(answers.map((answer) => answer.text.replace(/cor_[0-9a-f]+/, ''))).size).toBe(1)
  await expect.poll(() => kept(id)).toHaveLength(2)
  expect(
    (await kept(id)).map(({ reason, bodyBytes, method }: Record<string, unknown>) => ({ reason, bodyBytes, method })),
  ).toEqual([
    { reason: 'signature_missing', bodyBytes: 17, method: 'POST' },
    { reason: 'signature_mismatch', bodyBytes: 17, method: 'POST' },
  ])
  expect((await gateway.api('GET', `/api/v1/events?integrationId=${id}`)).json.data).toEqual([])
})

test('a flood of forgeries keeps no more rows and no more bytes than configured, and genuine requests still pass', async () => {
  const { id, receivePath } = await gateway.integrate({ provider: 'acme', secret: SECRET })
  for (let round = 0; round < 3; round++) {
    const forged = Array.from({ length: 100 }, (_, n) =>
      fromAcme('another-secret-entirely', `{"n":${round * 100 + n}}`),
    )
    const answers = await Promise.all(forged.map((request) => gateway.send(receivePath, request)))
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([401]))
  }
  expect((await gateway.send(receivePath, fromAcme(SECRET, '{"eventId":"q-2","eventType":"a"}'))).status).toBe(202)
  await expect.poll(async () => (await kept(id)).length, { timeout: 10_000 }).toBe(MAX_ROWS)

  // Three of four thousand bytes do not fit in ten thousand; one of twenty thousand is not kept at all.
  for (const size of [4000, 4000, 4000, 20_000]) {
    await gateway.send(receivePath, { body: Buffer.alloc(size, 'x'), headers: { 'content-type': 'application/json' } })
  }
  const bytes = async () => (await kept(id)).map((row: { bodyBytes: number }) => row.bodyBytes)
  await expect.poll(bytes, { timeout: 10_000 }).toContain(4000)
  await expect
    .poll(async () => (await bytes()).reduce((sum: number, each: number) => sum + each, 0))
    .toBeLessThanOrEqual(10_000)
  expect(await bytes()).not.toContain(20_000)
})
