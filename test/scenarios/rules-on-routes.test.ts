/** Filters and transforms on routes, from the committed event to what the destination gets. */
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_TENANT, type Uuid } from '../../src/base/model/ids.ts'
import { requestReplay } from '../../src/flow/replay/request-replay.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { httpFarSide } from '../support/far-side.ts'
import {
  aDestination,
  anEvent,
  anIntegration,
  attemptRows,
  eventRow,
  jobRows,
  ROOT,
  SIGNING_SECRET,
  until,
} from '../support/flow.ts'
import { aRunningWorker } from '../support/running-worker.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await freshDatabase()
})
afterAll(() => db[Symbol.asyncDispose]())

const reaches = (event: Uuid, status: string) => until(async () => (await eventRow(db, event)).status === status)
const anOrder = (integration: Uuid, total: unknown) =>
  anEvent(db, integration, { body: Buffer.from(JSON.stringify({ eventId: 'e', eventType: 'order.paid', total })) })

/** As the API does it: a new version. */
async function setRules(integration: Uuid, rules: { filter?: string; transform?: string }) {
  await db.query(
    `with changed as (
       update routes set version = version + 1, filter = $2, transform = $3 where integration_id = $1
       returning id, version, tenant_id, filter, transform
     )
     insert into route_versions (route_id, version, tenant_id, filter, transform, changed_by)
     select id, version, tenant_id, filter, transform, 'test' from changed`,
    [integration, rules.filter ?? null, rules.transform ?? null],
  )
}
const replay = (eventId: Uuid) =>
  requestReplay(db, {
    ...{ eventId, tenantId: DEFAULT_TENANT, requestedBy: ROOT, actor: 'root' },
    ...{ reason: 'the rule is mended', now: Date.now() },
  })

test('a filter decides for each route by itself', async () => {
  await using all = await httpFarSide()
  await using large = await httpFarSide()
  const integration = await anIntegration(db)
  await aDestination(db, integration, { url: large.url })
  await setRules(integration, { filter: 'body.total > 10' })
  await aDestination(db, integration, { url: all.url })
  const [small, big] = [await anOrder(integration, 1), await anOrder(integration, 100)]
  await using _ = aRunningWorker(db)
  await reaches(small, 'processed')
  await reaches(big, 'processed')
  expect(all.requests).toHaveLength(2)
  expect(large.requests.map(({ body }) => JSON.parse(body.toString()).total)).toEqual([100])
})

test('an event on which a filter fails goes nowhere, says why, and goes where it should once the filter is mended', async () => {
  await using sink = await httpFarSide()
  const integration = await anIntegration(db)
  await aDestination(db, integration, { url: sink.url })
  await setRules(integration, { filter: 'body.total > 10' })
  const event = await anOrder(integration, 'many')
  await using worker = aRunningWorker(db)
  await reaches(event, 'parked')
  expect(await eventRow(db, event)).toMatchObject({ status_reason: 'filter_failed', last_error: expect.any(String) })
  expect(await jobRows(db, event)).toEqual([])
  await setRules(integration, { filter: 'has(body.total)' })
  await replay(event)
  worker.wake()
  await reaches(event, 'processed')
  expect(sink.requests).toHaveLength(1)
})

test('a transform makes the body, under the version the delivery was made with', async () => {
  await using sink = await httpFarSide((response) => response.writeHead(sink.requests.length === 1 ? 500 : 200).end())
  const integration = await anIntegration(db)
  await aDestination(db, integration, {
    url: sink.url,
    retry: { maxAttempts: 3, baseDelayMs: 1_000, maxDelayMs: 1_000 },
  })
  await setRules(integration, { transform: '{"cents": total * 100}' })
  const event = await anOrder(integration, 5)
  await using _ = aRunningWorker(db)
  await until(() => sink.requests.length === 1)
  // The retry is of the same delivery: what it says does not change on the way.
  await setRules(integration, { transform: '{"other": true}' })
  await reaches(event, 'processed')
  const [first, second] = sink.requests
  expect(JSON.parse(first!.body.toString())).toMatchObject({ cents: 500 })
  expect(second!.body.equals(first!.body)).toBe(true)
  expect(first!.headers.join(' ')).toContain('application/json')
}, 60_000)

test('an event that a transform makes no body of is parked, its other deliveries are made, and a replay of it ends well', async () => {
  await using sink = await httpFarSide()
  await using other = await httpFarSide()
  const integration = await anIntegration(db)
  const made = await aDestination(db, integration, { url: sink.url })
  await setRules(integration, { transform: '$error("not like this")' })
  await aDestination(db, integration, { url: other.url })
  const event = await anOrder(integration, 5)
  await using worker = aRunningWorker(db)
  await reaches(event, 'parked')
  await until(() => other.requests.length === 1)
  expect(await eventRow(db, event)).toMatchObject({ status: 'parked', status_reason: 'transform_failed' })
  expect(sink.requests).toHaveLength(0)
  expect((await attemptRows(db, event)).find((row) => row.destination_id === made)).toMatchObject({
    outcome: 'transform_failed',
    status: 'failed',
  })
  await setRules(integration, { transform: '$' })
  await until(async () => (await jobRows(db, event)).every((job) => !['queued', 'running'].includes(job.status)))
  await replay(event)
  worker.wake()
  await until(() => sink.requests.length === 1)
  await reaches(event, 'processed')
  expect((await eventRow(db, event)).status_reason).toBeNull()
}, 60_000)

test('a destination that wants CloudEvents gets them, of what a transform made as of bytes as received, signed as sent', async () => {
  await using sink = await httpFarSide()
  const integration = await anIntegration(db)
  const columns = { envelope: 'cloudevents' }
  await aDestination(db, integration, { url: sink.url, columns })
  const plain = await anOrder(integration, 5)
  await using _ = aRunningWorker(db)
  await reaches(plain, 'processed')
  await setRules(integration, { transform: '{ "sum": total }' })
  const changed = await anOrder(integration, 6)
  await reaches(changed, 'processed')
  const [first, second] = sink.requests.map(({ body }) => JSON.parse(body.toString()))
  expect(first).toMatchObject({
    ...{ specversion: '1.0', id: 'e', type: 'order.paid', datacontenttype: 'application/json' },
    data: { eventId: 'e', eventType: 'order.paid', total: 5 },
  })
  expect(first.source).toMatch(/^\/.*acme/)
  expect(second).toMatchObject({ type: 'order.paid', datacontenttype: 'application/json', data: { sum: 6 } })
  for (const { headers, body } of sink.requests) {
    const given = Object.fromEntries(
      headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? '']] : [])),
    )
    expect(given['content-type']).toBe('application/cloudevents+json; charset=utf-8')
    expect(() => new Webhook(SIGNING_SECRET).verify(body.toString(), given)).not.toThrow()
  }
})
