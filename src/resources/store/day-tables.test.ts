import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { aDestination, anEvent, anIntegration, eventRow, jobRows } from '../../../test/support/flow.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { type AttemptResult, recordAttempts } from './attempts.ts'
import { MANAGEMENT_CHAIN } from './audit.ts'
import { ALL_DAYS, onTables, tablesOf, tablesOfDay } from './day-tables.ts'
import { loadDeliveries } from './deliveries.ts'
import { type ClaimedJob, claimJobs } from './jobs.ts'
import { completeProcessing, loadEventsToProcess, type ProcessedEvent } from './processing.ts'
import { loadRoutes, loadRoutesOfEvents } from './routes.ts'

const DAY_MS = 86_400_000
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS

let db: TestDatabase
let integration: Uuid
let destination: Uuid
beforeAll(async () => {
  db = await freshDatabase()
  integration = await anIntegration(db)
  destination = await aDestination(db, integration, { url: 'http://127.0.0.1:1/' })
})
afterAll(() => db[Symbol.asyncDispose]())

const options = { now: new Date(), chain: MANAGEMENT_CHAIN }

test('what is of one day is looked up in its tables, to the millisecond; anything else in those of all days', () => {
  const at = Date.UTC(2026, 2, 1)
  const [first, last, next] = [newId(at), newId(at + DAY_MS - 1), newId(at + DAY_MS)]
  expect(tablesOf([first, last])).toEqual({
    events: 'events_20260301',
    payloads: 'event_payloads_20260301',
    jobs: 'jobs_20260301',
    attempts: 'delivery_attempts_20260301',
  })
  expect(tablesOf([next])).toEqual(tablesOfDay(at + DAY_MS))
  expect(tablesOf([first, next])).toBe(ALL_DAYS)
  expect(tablesOf([next, first])).toBe(ALL_DAYS)
  expect(tablesOf([])).toBe(ALL_DAYS)
})

test('only a day that is not there sends to all days: any other fault is told', async () => {
  const asked: string[] = []
  const fail = (code: string) =>
    onTables(tablesOfDay(0), async (tables) => {
      asked.push(tables.events)
      throw Object.assign(new Error('refused'), { code })
    })
  await expect(fail('23505')).rejects.toThrow('refused')
  expect(asked).toEqual(['events_19700101'])
  await expect(fail('42P01')).rejects.toThrow('refused')
  expect(asked).toEqual(['events_19700101', 'events_19700101', 'events'])
})

async function claim(kind: 'process' | 'deliver', events: readonly Uuid[]): Promise<readonly ClaimedJob[]> {
  const request = { kind, worker: newId(), now: new Date(), leaseMs: 60_000, limit: 100, exceptShares: [] }
  const jobs = await claimJobs(db, request)
  expect(new Set(jobs.map((job) => job.eventId))).toEqual(new Set(events))
  return jobs
}

async function processed(job: ClaimedJob): Promise<ProcessedEvent> {
  const [route] = await loadRoutes(db, [integration])
  const routes = [{ routeId: route!.id, version: route!.version, jobId: newId(), orderKey: null }]
  return { ...job, type: 't', subject: null, occurredAt: null, odd: false, unrouted: null, parked: null, routes }
}

const delivered = (job: ClaimedJob): AttemptResult => ({
  ...{ eventId: job.eventId, id: job.id, worker: job.worker, fence: job.fence, destinationId: job.lane },
  ...{ attemptId: newId(), shadow: false, says: 'well', wasWell: true, outcome: 'delivered', httpStatus: 200 },
  ...{ responseBody: null, error: null, startedAt: new Date(), durationMs: 1, verdict: 'done', runAt: null },
  disableDestination: false,
})

// The gateway makes days ahead; a worker may be given any mixture of them.
test.each([
  ['one day that is not today', [TODAY + DAY_MS, TODAY + DAY_MS + 1]],
  ['several days', [TODAY - 1, TODAY, TODAY + DAY_MS]],
])('events of %s are routed, delivered and recorded, once', async (_, times) => {
  const events = await Promise.all(times.map((at) => anEvent(db, integration, { at })))

  const jobs = await claim('process', events)
  expect((await loadEventsToProcess(db, jobs)).map((event) => event.body?.length)).toEqual(times.map(() => 99))
  expect(await loadRoutesOfEvents(db, events)).toHaveLength(1)
  expect(await completeProcessing(db, await Promise.all(jobs.map(processed)), options)).toHaveLength(events.length)

  const deliveries = await loadDeliveries(db, await claim('deliver', events))
  expect(deliveries.map((delivery) => [delivery.body?.length, delivery.attemptNo])).toEqual(times.map(() => [99, 1]))
  const results = deliveries.map(delivered)
  expect(await recordAttempts(db, results, options)).toEqual(new Set(deliveries.map((delivery) => delivery.id)))
  expect(await recordAttempts(db, results, options)).toEqual(new Set())
  for (const event of events) {
    expect(await eventRow(db, event)).toMatchObject({ status: 'processed', last_error: null })
    expect((await jobRows(db, event)).map((job) => [job.lane, job.status])).toEqual([[destination, 'succeeded']])
  }
})

test('what is left of a day that was dropped in the middle of its work ends as nothing, and fails nobody', async () => {
  const gone = newId(TODAY - 400 * DAY_MS)
  const job: ClaimedJob = {
    ...{ eventId: gone, id: newId(), worker: newId(), fence: 1, tenantId: newId(), kind: 'deliver', lane: destination },
    ...{
      triggeredBy: 'webhook',
      replayId: null,
      attempts: 0,
      routeId: null,
      routeVersion: null,
      shadow: false,
      held: false,
    },
  }
  expect(await loadEventsToProcess(db, [job])).toEqual([])
  expect(await loadRoutesOfEvents(db, [gone])).toEqual([])
  expect(await completeProcessing(db, [await processed(job)], options)).toEqual([])
  expect(await loadDeliveries(db, [job])).toMatchObject([{ body: null, destination: undefined }])
  expect(await recordAttempts(db, [delivered(job)], options)).toEqual(new Set())
})
