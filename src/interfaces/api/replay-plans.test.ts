import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApi, testApi } from '../../../test/support/api.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { aDestination, anEvent, anIntegration, aRoute } from '../../../test/support/flow.ts'
import { publicId, type Uuid } from '../../base/model/ids.ts'

let db: TestDatabase
let t: TestApi
let integration: Uuid
beforeAll(async () => {
  db = await freshDatabase()
  t = await testApi(db)
  integration = await anIntegration(db)
})
afterAll(async () => {
  await t.api.close()
  await db[Symbol.asyncDispose]()
})

const P = '/api/v1/replay-plans'
const reason = 'the receiver was down'
const KEY = { 'x-internal-api-key': 'root-management-key-of-the-tests' }

async function ended(count: number): Promise<readonly Uuid[]> {
  const events: Uuid[] = []
  for (let n = 0; n < count; n++) events.push(await anEvent(db, integration))
  await db.query("update jobs set status = 'succeeded'")
  await db.query("update events set status = 'processed'")
  return events
}

test('a plan says what today’s routes would do, is confirmed, shown and cancelled', async () => {
  const events = await ended(3)
  const all = await aDestination(db, integration, { url: 'https://example.com/' })
  const orders = await aDestination(db, await anIntegration(db), { url: 'https://example.com/' })
  await aRoute(db, integration, orders, ['refund.*'])
  const body = { selection: { integrationId: publicId('integration', integration) }, reason, ratePerMinute: 60 }
  const made = await t.request('POST', P, { body })
  expect(made.status, made.text).toBe(201)
  expect(made.json).toMatchObject({
    status: 'planned',
    planned: events.length,
    preview: {
      events: 3,
      destinations: [{ destinationId: publicId('destination', all), events: 3 }],
      unrouted: 0,
      parked: 0,
    },
  })
  const only = await t.request('POST', P, { body: { ...body, destinationId: publicId('destination', orders) } })
  expect(only.json.preview).toEqual({ events: 3, destinations: [], unrouted: 3, parked: 0 })

  const path = `${P}/${made.json.id}`
  expect((await t.request('POST', `${path}/confirm`)).json).toMatchObject({ status: 'running', confirmedBy: 'root' })
  expect((await t.request('GET', path)).json).toMatchObject({
    status: 'running',
    outcomes: { underWay: 0, completed: 0, failed: 0 },
  })
  expect((await t.request('POST', `${path}/cancel`)).json).toMatchObject({ status: 'cancelled' })
  expect((await t.request('POST', `${path}/cancel`)).status).toBe(200)
  expect((await t.request('POST', `${path}/confirm`)).json).toMatchObject({ status: 409, code: 'CONFLICT' })
  expect((await t.request('GET', `${P}?status=cancelled`)).json.data).toMatchObject([{ id: made.json.id }])
  for (const verb of ['confirm', 'cancel'])
    expect((await t.request('POST', `${P}/rpp_${'f'.repeat(32)}/${verb}`)).status).toBe(404)
})

test('the same idempotency key makes one plan and one replay', async () => {
  const [event] = await ended(1)
  const headers = { ...KEY, 'idempotency-key': 'one' }
  const body = { selection: { eventIds: [publicId('event', event!)] }, reason }
  const first = await t.request('POST', P, { body, headers })
  expect((await t.request('POST', P, { body, headers })).json.id).toBe(first.json.id)
  expect((await t.request('POST', P, { body: { ...body, ratePerMinute: 1 }, headers })).status).toBe(409)

  const path = `/api/v1/events/${publicId('event', event!)}/replay`
  const replay = await t.request('POST', path, { body: { reason }, headers })
  expect(replay.status).toBe(202)
  expect((await t.request('POST', path, { body: { reason }, headers })).json).toEqual(replay.json)
  expect((await t.request('POST', path, { body: { reason } })).status).toBe(409)
  const bad = await t.request('POST', path, { body: { reason }, headers: { ...KEY, 'idempotency-key': 'a b' } })
  expect(bad.json.errors[0].path).toBe('Idempotency-Key')
})

test.each([
  [{}, 'selection'],
  [{ selection: {} }, 'selection'],
  [{ selection: { eventIds: [] } }, 'selection.eventIds'],
  [{ selection: { eventIds: ['evt_1'] } }, 'selection.eventIds.0'],
  [{ selection: { eventIds: Array(1_001).fill(`evt_${'f'.repeat(32)}`) } }, 'selection.eventIds'],
  [{ selection: { eventIds: [`evt_${'f'.repeat(32)}`] } }, 'selection'],
  [{ selection: { status: 'nonsense' } }, 'selection.status'],
  [{ selection: { from: 'yesterday' } }, 'selection.from'],
  [{ selection: { sql: "'; drop table events" } }, 'selection.sql'],
  [{ selection: { provider: 'acme' }, ratePerMinute: 0 }, 'ratePerMinute'],
  [{ selection: { provider: 'acme' }, reason: 'no' }, 'reason'],
  [{ selection: { provider: 'acme' }, destinationId: 'int_1' }, 'destinationId'],
])('%j is no plan', async (fields, path) => {
  const answer = await t.request('POST', P, { body: { reason, ...fields } })
  expect(answer.json).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' })
  expect(answer.json.errors[0].path).toBe(path)
})
