import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aTenant, keysFor, type TestApi, testApi } from '../../../test/support/api.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { anEvent, anIntegration } from '../../../test/support/flow.ts'
import { newId, publicId, type Uuid } from '../../base/model/ids.ts'

let db: TestDatabase
let t: TestApi
let event: string

const FOREIGN_KEY = 'a-key-of-another-tenant'

beforeAll(async () => {
  db = await freshDatabase()
  t = await testApi(db, { authenticate: keysFor({ [FOREIGN_KEY]: await aTenant(db, 'foreign') }) })
  event = publicId('event', await anEvent(db, await anIntegration(db)))
})
afterAll(async () => {
  await t.api.close()
  await db[Symbol.asyncDispose]()
})

const tryFilter = (body: unknown) => t.request('POST', '/api/v1/filters/test', { body })
const tryTransform = (body: unknown) => t.request('POST', '/api/v1/transforms/test', { body })

async function rawReads(): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    "select count(*)::int as count from audit_entries where action = 'event.raw_read'",
  )
  return rows[0]!.count
}

describe('trying a filter', () => {
  test('on a received event says whether it takes it, and is a read of its bytes in the audit trail', async () => {
    const before = await rawReads()
    const taken = await tryFilter({
      filter: 'attributes.type == "order.created" && body.data.id == "o1"',
      eventId: event,
    })
    expect(taken.json, taken.text).toEqual({ matches: true, failure: null })
    expect((await tryFilter({ filter: 'method == "GET"', eventId: event })).json).toEqual({
      matches: false,
      failure: null,
    })
    expect(await rawReads()).toBe(before + 2)
  })

  test('on an event made up', async () => {
    const made = {
      method: 'PUT',
      target: '/in?mode=test',
      headers: { 'X-Topic': 'a' },
      body: { amount: 5 },
      attributes: { type: 'order.paid', time: '2026-01-01T00:00:00Z' },
    }
    const filter =
      'method == "PUT" && path == "/in" && query.mode == "test" && headers["x-topic"] == "a" && body.amount == 5 && attributes.type == "order.paid" && attributes.time == timestamp("2026-01-01T00:00:00Z")'
    expect((await tryFilter({ filter, event: made })).json).toEqual({ matches: true, failure: null })
  })

  test('that cannot be said has the reason with which an event would be parked', async () => {
    expect((await tryFilter({ filter: 'method == "POST" &&\nbody.refund.amount > 1', eventId: event })).json).toEqual({
      matches: null,
      failure: {
        reason: 'filter_failed',
        message: expect.stringContaining('body.refund'),
        line: 2,
        column: expect.any(Number),
      },
    })
  })

  test('that is none is refused with its place', async () => {
    const answer = await tryFilter({ filter: 'method ==\n  1', event: {} })
    expect(answer.status).toBe(400)
    expect(answer.json.errors).toEqual([
      { path: 'filter', message: expect.stringMatching(/^line 1, column \d+: .*never equal/) },
    ])
  })
})

describe('trying a transform', () => {
  test('on a received event shows the body that would be delivered', async () => {
    const before = await rawReads()
    const answer = await tryTransform({ transform: '{"order": data.id, "kind": $attributes.type}', eventId: event })
    expect(answer.json, answer.text).toEqual({ body: { order: 'o1', kind: 'order.created' }, failure: null })
    expect(await rawReads()).toBe(before + 1)
  })

  test('that gives nothing has the reason', async () => {
    expect((await tryTransform({ transform: 'absent', event: { body: {} } })).json).toMatchObject({
      body: null,
      failure: { reason: 'transform_empty' },
    })
  })

  test('that is none is refused with its place', async () => {
    const answer = await tryTransform({ transform: '{"a": $random()}', event: {} })
    expect(answer.status).toBe(400)
    expect(answer.json.errors[0].message).toMatch(/^line 1, column 13: .*\$random/)
  })
})

describe('bad input', () => {
  test.each<[string, unknown]>([
    ['neither an event nor an id', {}],
    ['both', { event: {}, eventId: `evt_${'0'.repeat(32)}` }],
    ['an event that is a list', { event: [] }],
    ['unknown parts', { event: { bodi: {} } }],
    ['a header that is no text', { event: { headers: { a: 1 } } }],
    ['a target that is no path', { event: { target: 'http://example.com' } }],
    ['a time that is none', { event: { attributes: { time: 'yesterday' } } }],
  ])('%s is 400 for both', async (_, rest) => {
    expect((await tryFilter({ filter: 'true', ...(rest as object) })).status).toBe(400)
    expect((await tryTransform({ transform: '1', ...(rest as object) })).status).toBe(400)
  })

  test.each([
    '',
    '('.repeat(4000),
    '\u0000',
    '\ud800',
    'a'.repeat(5000),
    5,
    null,
    ['true'],
  ])('expression %j is 400 for filters, and no 5xx for transforms', async (expression) => {
    expect((await tryFilter({ filter: expression, event: {} })).status).toBe(400)
    expect((await tryTransform({ transform: expression, event: {} })).status).toBeLessThan(500)
  })

  test('an event that is not there is 404, and so is that of another tenant', async () => {
    const nothing = publicId('event', newId() as Uuid)
    expect((await tryFilter({ filter: 'true', eventId: nothing })).status).toBe(404)
    expect((await tryFilter({ filter: 'true', eventId: 'nonsense' })).status).toBe(404)
    const foreign = await t.request('POST', '/api/v1/transforms/test', {
      body: { transform: '$', eventId: event },
      headers: { 'x-internal-api-key': FOREIGN_KEY },
    })
    expect(foreign.status).toBe(404)
  })
})
