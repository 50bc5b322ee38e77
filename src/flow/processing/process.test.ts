import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import {
  aDestination,
  anEvent,
  anIntegration,
  aRoute,
  eventRow,
  jobRows,
  silent,
  until,
} from '../../../test/support/flow.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { MANAGEMENT_CHAIN } from '../../resources/store/audit.ts'
import { claimJobs, sweepLeases } from '../../resources/store/jobs.ts'
import { completeProcessing } from '../../resources/store/processing.ts'
import { loadRoutes } from '../../resources/store/routes.ts'
import { startWorker, type Worker } from '../../worker/worker.ts'
import { createDescribe, createDocument } from './describe.ts'
import { createFilters } from './filter.ts'
import { processingQueue } from './process.ts'

let db: TestDatabase
let integration: Uuid
let worker: Worker | undefined
const running = new Set<Worker>()

const describeEvent = createDescribe(() => ({
  id: 'acme',
  payload: [{ kind: 'json-object' }],
  event: { id: 'body:$.eventId', type: 'body:$.eventType', subject: 'body:$.data.id', occurredAt: 'body:$.occurredAt' },
}))

const rules = { orderKey: () => null, filters: createFilters(), document: createDocument(() => undefined) }

function startProcessing(): Worker {
  const options = { db, chain: MANAGEMENT_CHAIN, log: silent, now: Date.now }
  worker = startWorker({
    ...options,
    worker: newId(),
    queues: { process: processingQueue({ ...options, describe: describeEvent, ...rules }) },
    tasks: [],
    random: Math.random,
  })
  running.add(worker)
  return worker
}

beforeAll(async () => {
  db = await freshDatabase()
  integration = await anIntegration(db)
})
afterAll(async () => {
  await Promise.all([...running].map((each) => each.stop(5_000)))
  await db[Symbol.asyncDispose]()
})

const settled = (ids: readonly Uuid[]) =>
  until(async () => {
    const { rows } = await db.query<{ open: number }>(
      "select count(*) as open from events where id = any($1::uuid[]) and status = 'pending'",
      [ids],
    )
    return rows[0]!.open === 0
  })

test('an event gets one delivery for each active destination of its integration, and its description', async () => {
  const routed = await anIntegration(db)
  const active = [
    await aDestination(db, routed, { url: 'http://127.0.0.1:1/' }),
    await aDestination(db, routed, { url: 'http://127.0.0.1:2/' }),
  ]
  await aDestination(db, routed, { url: 'http://127.0.0.1:3/', status: 'disabled' })
  const event = await anEvent(db, routed)
  startProcessing()
  await settled([event])

  expect(await eventRow(db, event)).toMatchObject({
    status: 'processing',
    status_reason: null,
    type: 'order.created',
    subject: 'o1',
    occurred_at: new Date('2026-01-02T03:04:05Z'),
  })
  const jobs = await jobRows(db, event)
  expect(jobs.map((job) => job.lane).sort()).toEqual(active.sort())
  expect(new Set(jobs.map((job) => job.status))).toEqual(new Set(['queued']))
})

test('the job that brought the event here ends; none is left queued for ever (B23)', async () => {
  const event = await anEvent(db, integration)
  startProcessing().wake()
  await settled([event])
  expect((await jobRows(db, event, 'process')).map((job) => job.status)).toEqual(['succeeded'])
})

test('what nobody is routed to is processed, and says why', async () => {
  const event = await anEvent(db, integration)
  startProcessing().wake()
  await settled([event])
  expect(await eventRow(db, event)).toMatchObject({ status: 'processed', status_reason: 'no_destination' })
})

test('a type that ingress stored is kept', async () => {
  const event = await anEvent(db, integration, { type: 'from.ingress' })
  startProcessing().wake()
  await settled([event])
  expect(await eventRow(db, event)).toMatchObject({ type: 'from.ingress', subject: 'o1' })
})

test('an event of an odd shape is stored, flagged and routed like any other (S-36)', async () => {
  const routed = await anIntegration(db)
  await aDestination(db, routed, { url: 'http://127.0.0.1:1/' })
  const events = await Promise.all(
    ['[[[', '', 'null', '{"eventType":{"a":1}}'].map((body) => anEvent(db, routed, { body: Buffer.from(body) })),
  )
  startProcessing().wake()
  await settled(events)
  const rows = await Promise.all(events.map((event) => eventRow(db, event)))
  expect(rows.map((row) => [row.status, row.status_reason])).toEqual([
    ['processing', 'odd_shape'],
    ['processing', 'odd_shape'],
    ['processing', 'odd_shape'],
    ['processing', null],
  ])
})

test('an event the database refuses fails alone; its batch is routed, and it is parked as poison in the end (S-99)', async () => {
  await Promise.all([...running].map((each) => each.stop(5_000)))
  const poisoned = await anEvent(db, integration)
  const others = await Promise.all(Array.from({ length: 10 }, () => anEvent(db, integration)))
  const options = { db, chain: MANAGEMENT_CHAIN, log: silent, now: Date.now }
  const nul = { type: 'a\u0000b', subject: null, occurredAt: null, odd: false }
  const queue = processingQueue({
    ...options,
    ...rules,
    describe: (event) => (event.eventId === poisoned ? nul : describeEvent(event)),
  })
  const picky = startWorker({
    ...options,
    worker: newId(),
    queues: { process: queue },
    tasks: [],
    random: () => 0,
    maxClaims: 3,
  })
  running.add(picky)
  await settled([poisoned, ...others])

  expect(await eventRow(db, poisoned)).toMatchObject({ status: 'parked', status_reason: 'poison' })
  for (const event of others) expect((await eventRow(db, event)).status).toBe('processed')
})

test('a worker that was stopped past its lease routes nothing: the second one has (S-95)', async () => {
  await Promise.all([...running].map((each) => each.stop(5_000)))
  const routed = await anIntegration(db)
  await aDestination(db, routed, { url: 'http://127.0.0.1:1/' })
  const [route] = await loadRoutes(db, [routed])
  const event = await anEvent(db, routed)
  const claim = (leaseMs: number) =>
    claimJobs(db, { kind: 'process', worker: newId(), now: new Date(), leaseMs, limit: 100, exceptShares: [] })
  const result = () => ({
    ...{ type: 't', subject: null, occurredAt: null, odd: false, unrouted: null, parked: null },
    routes: [{ routeId: route!.id, version: route!.version, jobId: newId(), orderKey: null }],
  })
  const stopped = await claim(1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  await sweepLeases(db, new Date(), 100)
  const second = await claim(60_000)

  const options = { now: new Date(), chain: MANAGEMENT_CHAIN }
  expect(
    await completeProcessing(
      db,
      second.map((job) => ({ ...job, ...result() })),
      options,
    ),
  ).toHaveLength(1)
  expect(
    await completeProcessing(
      db,
      stopped.map((job) => ({ ...job, ...result() })),
      options,
    ),
  ).toEqual([])
  expect(await jobRows(db, event)).toHaveLength(1)
})

test('nothing of another tenant is routed to, whatever a route says', async () => {
  const foreign = newId()
  await db.query('insert into tenants (id, name) values ($1, $2)', [foreign, 'foreign'])
  const theirs = await anIntegration(db, { tenantId: foreign })
  await aDestination(db, theirs, { url: 'http://127.0.0.1:1/' }) // the default tenant's destination and route
  const event = await anEvent(db, theirs, { tenantId: foreign })
  startProcessing().wake()
  await settled([event])
  expect(await jobRows(db, event)).toEqual([])
})

describe('routes', () => {
  const bodyOf = (eventType: string) => Buffer.from(JSON.stringify({ eventType, data: { id: 'o1' } }))

  test('fan out from one integration, join from several, and let through what fits their patterns', async () => {
    const [first, second] = [await anIntegration(db), await anIntegration(db)]
    const everything = await aDestination(db, first, { url: 'http://127.0.0.1:1/' })
    await aRoute(db, second, everything)
    const orders = await aDestination(db, second, { url: 'http://127.0.0.1:2/' })
    await aRoute(db, first, orders, ['order.*', 'refund'])
    const events = [
      await anEvent(db, first, { body: bodyOf('order.paid') }),
      await anEvent(db, first, { body: bodyOf('customer.made') }),
      await anEvent(db, first, { body: bodyOf('refund') }),
      await anEvent(db, second, { body: bodyOf('customer.made') }),
    ]
    startProcessing().wake()
    await settled(events)
    const lanes = await Promise.all(
      events.map(async (event) => (await jobRows(db, event)).map(({ lane }) => lane).sort()),
    )
    const both = [everything, orders].sort()
    expect(lanes).toEqual([both, [everything], both, both])
  })

  test('name themselves and their version on the delivery', async () => {
    const routed = await anIntegration(db)
    await aDestination(db, routed, { url: 'http://127.0.0.1:1/' })
    await db.query('update routes set version = 7 where integration_id = $1', [routed])
    const [route] = await loadRoutes(db, [routed])
    const event = await anEvent(db, routed)
    startProcessing().wake()
    await settled([event])
    const { rows } = await db.query(
      "select route_id, route_version from jobs where event_id = $1 and kind = 'deliver'",
      [event],
    )
    expect(rows).toEqual([{ route_id: route!.id, route_version: 7 }])
  })

  test('that let nothing through leave the event processed, with a reason of its own', async () => {
    const routed = await anIntegration(db)
    const destination = await aDestination(db, await anIntegration(db), { url: 'http://127.0.0.1:1/' })
    await aRoute(db, routed, destination, ['order.paid'])
    const events = [
      await anEvent(db, routed, { body: bodyOf('order.created') }),
      await anEvent(db, routed, { body: Buffer.from('no type in here') }),
    ]
    startProcessing().wake()
    await settled(events)
    for (const event of events)
      expect(await eventRow(db, event)).toMatchObject({ status: 'processed', status_reason: 'no_match' })
  })

  test('to shadow destinations only make a delivery and decide nothing', async () => {
    const routed = await anIntegration(db)
    await aDestination(db, routed, { url: 'http://127.0.0.1:1/', shadow: true })
    const event = await anEvent(db, routed)
    startProcessing().wake()
    await settled([event])
    expect(await eventRow(db, event)).toMatchObject({ status: 'processed', status_reason: 'shadow_only' })
    expect(await jobRows(db, event)).toMatchObject([{ status: 'queued', shadow: true }])
  })
})
