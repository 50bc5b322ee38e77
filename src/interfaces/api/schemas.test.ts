import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aTenant, keysFor, type TestApi, testApi } from '../../../test/support/api.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { anIntegration } from '../../../test/support/flow.ts'
import { newId, publicId } from '../../base/model/ids.ts'

let db: TestDatabase
let t: TestApi
let integrationId: string

const FOREIGN = { 'x-internal-api-key': 'a-key-of-another-tenant' }

beforeAll(async () => {
  db = await freshDatabase()
  t = await testApi(db, { authenticate: keysFor({ [FOREIGN['x-internal-api-key']]: await aTenant(db, 'foreign') }) })
  integrationId = publicId('integration', await anIntegration(db))
})
afterAll(async () => {
  await t.api.close()
  await db[Symbol.asyncDispose]()
})

const jsonSchema = { type: 'object', required: ['id'] }
const set = (fields: Record<string, unknown> = {}, headers?: Record<string, string>) =>
  t.request('PUT', '/api/v1/schemas', {
    body: { integrationId, eventType: 'order.created', jsonSchema, policy: 'park', ...fields },
    ...(headers === undefined ? {} : { headers }),
  })

test('a schema is set, changed and taken back; each is audited, and the gateway told', async () => {
  const before = t.changes()
  const first = await set()
  expect(first.status, first.text).toBe(200)
  expect(first.json).toMatchObject({
    id: expect.stringMatching(/^sch_/),
    integrationId,
    eventType: 'order.created',
    samples: 0,
    learntAt: null,
    policy: 'park',
    jsonSchema,
    shape: {},
  })
  expect((await set({ policy: 'refuse' })).json).toMatchObject({ id: first.json.id, policy: 'refuse' })
  expect((await set({ jsonSchema: null, policy: 'accept' })).json).toMatchObject({
    jsonSchema: null,
    hasJsonSchema: false,
  })
  expect(t.changes()).toBe(before + 3)
  const { rows } = await db.query("select 1 from audit_entries where action = 'schema.set'")
  expect(rows).toHaveLength(3)

  const shown = await t.request('GET', `/api/v1/schemas/${first.json.id}`)
  expect(shown.json).toMatchObject({ id: first.json.id, drifts: 0 })
  const list = await t.request('GET', `/api/v1/schemas?integrationId=${integrationId}`)
  expect(list.json.data.map(({ id }: { id: string }) => id)).toEqual([first.json.id])
  expect((await t.request('GET', `/api/v1/schemas/${first.json.id}/drifts`)).json.data).toEqual([])
})

describe('bad input', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a schema that leads elsewhere', { jsonSchema: { $ref: 'https://example.com/a.json' } }, 'jsonSchema'],
    ['a schema with a hostile pattern', { jsonSchema: { type: 'string', pattern: '(?=a)' } }, 'jsonSchema'],
    ['a schema that is a text', { jsonSchema: '{}' }, 'jsonSchema'],
    ['no schema', { jsonSchema: undefined }, 'jsonSchema'],
    ['an unknown policy', { policy: 'drop' }, 'policy'],
    ['a type with control characters', { eventType: 'a\u0000b' }, 'eventType'],
    ['half a character', { eventType: '\ud800' }, 'eventType'],
    ['no type', { eventType: '' }, 'eventType'],
  ])('%s is 400', async (_, fields, path) => {
    const answer = await set(fields)
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.json.errors)).toContain(path)
  })

  test('an integration that is not there, or another tenant’s, is 404, and so is its schema', async () => {
    expect((await set({ integrationId: publicId('integration', newId()) })).status).toBe(404)
    expect((await set({}, FOREIGN)).status).toBe(404)
    const { id } = (await set()).json
    for (const path of [`/api/v1/schemas/${id}`, `/api/v1/schemas/${id}/drifts`])
      expect((await t.request('GET', path, { headers: FOREIGN })).status).toBe(404)
    expect((await t.request('GET', '/api/v1/schemas', { headers: FOREIGN })).json.data).toEqual([])
    expect((await t.request('GET', '/api/v1/schemas/nonsense')).status).toBe(404)
  })
})
