import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { anEvent, anIntegration, silent } from '../../../test/support/flow.ts'
import { DEFAULT_TENANT, type Uuid } from '../../base/model/ids.ts'
import {
  findEventSchema,
  listEventSchemas,
  listSchemaDrifts,
  setEventSchema,
} from '../../resources/store/event-schemas.ts'
import { createDocument } from './describe.ts'
import { schemaWatch } from './watch-schemas.ts'

let db: TestDatabase
let integration: Uuid
beforeAll(async () => {
  db = await freshDatabase()
})
beforeEach(async () => {
  integration = await anIntegration(db)
})
afterAll(() => db[Symbol.asyncDispose]())

const documentOf = createDocument((id) =>
  id === 'acme'
    ? { id, payload: [{ kind: 'json-object' }], event: { id: 'body:$.eventId', type: 'body:$.eventType' } }
    : undefined,
)
const watch = () => schemaWatch({ db, documentOf, log: silent, now: Date.now, learnFrom: 3 }).run()

async function arrive(bodies: readonly unknown[], type = 'order.created'): Promise<readonly Uuid[]> {
  const ids: Uuid[] = []
  for (const body of bodies)
    ids.push(
      await anEvent(db, integration, { body: Buffer.from(JSON.stringify({ eventType: type, ...(body as object) })) }),
    )
  return ids
}

const PAGE = { offset: 0, limit: 300 }
const schemas = () => listEventSchemas(db, DEFAULT_TENANT, { integrationId: integration }, PAGE)
const schemaOf = async (type = 'order.created') => (await schemas()).find(({ eventType }) => eventType === type)!
const driftsOf = async (type?: string) => listSchemaDrifts(db, DEFAULT_TENANT, (await schemaOf(type)).id, PAGE)

async function learnt(type?: string): Promise<void> {
  await arrive([{ total: 1 }, { total: 2, note: null }, { total: 3, note: 'x' }], type)
  await watch()
}

test('what arrives is learnt, place by place, and nothing is told of meanwhile', async () => {
  await learnt()
  const { id, samples, learntAt } = await schemaOf()
  expect(samples).toBe(3)
  expect(learntAt).not.toBeNull()
  const schema = await findEventSchema(db, DEFAULT_TENANT, id)
  expect(schema?.shape).toMatchObject({ '/total': ['number'], '/note': ['null', 'string'] })
  expect(await driftsOf()).toEqual([])
})

test('a new field and another type are told of once, with the event in which they were found', async () => {
  await learnt()
  const [event] = await arrive([
    { total: '4', refund: { amount: 1 } },
    { total: '5', refund: { amount: 2 } },
  ])
  await watch()
  await arrive([{ total: '6', refund: { amount: 1 } }])
  await watch()
  const drifts = (await driftsOf()).map(({ kind, place, before, after, eventId }) => ({
    kind,
    place,
    before,
    after,
    eventId,
  }))
  expect(drifts).toHaveLength(2)
  expect(drifts).toEqual(
    expect.arrayContaining([
      { kind: 'type_change', place: '/total', before: ['number'], after: ['string'], eventId: event },
      { kind: 'new_field', place: '/refund', before: [], after: ['object'], eventId: event },
    ]),
  )
})

test('a type that was never seen beside types that are known is told of', async () => {
  await learnt()
  await arrive([{ total: 1 }], 'order.exploded')
  await watch()
  expect(await driftsOf('order.exploded')).toMatchObject([{ kind: 'new_type' }])
  await arrive([{ total: 1 }], 'order.exploded')
  await watch()
  expect(await driftsOf('order.exploded')).toHaveLength(1)
})

test('the first types of an integration are no news', async () => {
  await arrive([{ a: 1 }], 'one')
  await arrive([{ a: 1 }], 'two')
  await watch()
  expect(await driftsOf('one')).toEqual([])
  expect(await driftsOf('two')).toEqual([])
})

test('an event is looked at once, also by ten who look at the same time', async () => {
  await arrive([{ a: 1 }, { a: 2 }])
  await Promise.all(Array.from({ length: 10 }, watch))
  await watch()
  expect((await schemaOf()).samples).toBe(2)
})

test('of a burst no more than a sample is looked at', async () => {
  await arrive(Array.from({ length: 60 }, (_, index) => ({ index })))
  await watch()
  expect((await schemaOf()).samples).toBe(20)
})

test('what is not as a schema asks is noted, whatever the policy', async () => {
  const jsonSchema = { type: 'object', properties: { total: { type: 'integer' } } }
  await setEventSchema(db, {
    tenantId: DEFAULT_TENANT,
    integrationId: integration,
    eventType: 'order.created',
    jsonSchema,
    policy: 'accept',
  })
  const [event] = await arrive([{ total: 1.5 }, { total: 1 }])
  await watch()
  expect(await driftsOf()).toMatchObject([
    { kind: 'mismatch', place: '/total', detail: 'must be integer', eventId: event },
  ])
})

describe('bad input', () => {
  test.each([
    ['no JSON', Buffer.from('{"eventType":')],
    ['nothing', Buffer.alloc(0)],
    ['NUL and halves of characters', Buffer.from('{"eventType":"a","a\\u0000b\\ud800":"\\u0000"}')],
    ['names of prototypes', Buffer.from('{"eventType":"a","__proto__":{"constructor":1}}')],
    ['brackets without end', Buffer.from('['.repeat(100_000))],
    [
      'fifty thousand names',
      Buffer.from(JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 1])))),
    ],
  ])('%s is a sample like any other', async (_, body) => {
    await anEvent(db, integration, { body })
    await watch()
    expect((await schemas()).reduce((sum, { samples }) => sum + samples, 0)).toBe(1)
  })

  test('an integration that invents types without end is not watched without end', async () => {
    for (let round = 0; round < 11; round++) {
      for (let each = 0; each < 20; each++) await arrive([{}], `type-${round}-${each}`)
      await watch()
    }
    expect((await schemas()).length).toBe(200)
  })
})
