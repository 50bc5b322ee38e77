/** From a committed event to the receiver, through every room behind the commit. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_TENANT, newId, publicId, type Uuid } from '../../src/base/model/ids.ts'
import { requestReplay } from '../../src/flow/replay/request-replay.ts'
import { openDatabase } from '../../src/resources/store/database.ts'
import { claimJobs } from '../../src/resources/store/jobs.ts'
import { migrate } from '../../src/resources/store/migrate.ts'
import { aDatabaseCluster } from '../support/cluster.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { httpFarSide } from '../support/far-side.ts'
import {
  aDestination,
  anEvent,
  anIntegration,
  aRoute,
  attemptRows,
  eventRow,
  jobRows,
  ROOT,
  until,
} from '../support/flow.ts'
import { aRunningWorker } from '../support/running-worker.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await freshDatabase({ poolSize: 16 })
})
afterAll(() => db[Symbol.asyncDispose]())

const replay = (eventId: Uuid) =>
  requestReplay(db, {
    eventId,
    tenantId: DEFAULT_TENANT,
    requestedBy: ROOT,
    actor: 'root',
    reason: 'the receiver is well again',
    now: Date.now(),
  })
const replayRow = async (id: Uuid) =>
  (
    await db.query<{ status: string; finished_at: Date | null; last_error: string | null }>(
      'select * from replays where id = $1',
      [id],
    )
  ).rows[0]!
const reaches = (event: Uuid, ...statuses: string[]) =>
  until(async () => statuses.includes((await eventRow(db, event)).status))

function idsOf(requests: readonly { headers: string[] }[]): string[] {
  return requests.map(({ headers }) => headers[headers.indexOf('webhook-id') + 1] ?? '')
}

test('64 events and two workers: each is delivered exactly once when nothing dies', async () => {
  await using sink = await httpFarSide()
  const integration = await anIntegration(db)
  await aDestination(db, integration, { url: sink.url })
  const events = await Promise.all(Array.from({ length: 64 }, () => anEvent(db, integration)))
  await using _one = aRunningWorker(db)
  await using _two = aRunningWorker(db)
  for (const event of events) await reaches(event, 'processed')
  expect(idsOf(sink.requests).sort()).toEqual(events.map((event) => publicId('event', event)).sort())
})

test('one failing destination does not keep the event from the other, and decides how it ends', async () => {
  await using good = await httpFarSide()
  await using bad = await httpFarSide((response) => response.writeHead(500).end())
  const integration = await anIntegration(db)
  await aDestination(db, integration, { url: good.url })
  await aDestination(db, integration, { url: bad.url, retry: { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 1 } })
  const event = await anEvent(db, integration)
  await using _ = aRunningWorker(db)
  await reaches(event, 'failed')
  expect(good.requests).toHaveLength(1)
  expect(bad.requests).toHaveLength(2)
})

test('a destination that fails every other time gets each event, and keeps its place: its circuit does not open', async () => {
  let asked = 0
  await using sink = await httpFarSide((response) => response.writeHead(asked++ % 2 === 0 ? 500 : 200).end())
  const integration = await anIntegration(db)
  const destination = await aDestination(db, integration, {
    url: sink.url,
    retry: { maxAttempts: 50, baseDelayMs: 1, maxDelayMs: 1 },
  })
  const events = await Promise.all(Array.from({ length: 12 }, () => anEvent(db, integration)))
  await using _ = aRunningWorker(db, { concurrency: 4 })
  for (const event of events) await reaches(event, 'processed')
  const attempts = (await Promise.all(events.map((event) => attemptRows(db, event)))).flat()
  expect(attempts.filter(({ status }) => status === 'success')).toHaveLength(events.length)
  expect(attempts).toHaveLength(sink.requests.length)
  const { rows } = await db.query('select trips, open_until from destination_health where destination_id = $1', [
    destination,
  ])
  expect(rows).toEqual([{ trips: 0, open_until: null }])
})

test('a worker that dies between steps leaves nothing behind: the event is delivered without anybody’s help (S-90, B12)', async () => {
  await using sink = await httpFarSide()
  const integration = await anIntegration(db)
  await aDestination(db, integration, { url: sink.url })
  const event = await anEvent(db, integration)
  const dead = { worker: newId(), now: new Date(), leaseMs: 300, limit: 100, exceptShares: [] }
  expect(await claimJobs(db, { ...dead, kind: 'process' })).toHaveLength(1)
  {
    await using _ = aRunningWorker(db, { leaseMs: 300 })
    await reaches(event, 'processed')
  }
  await replay(event)
  await using _ = aRunningWorker(db, { leaseMs: 300 })
  await reaches(event, 'processed')
  expect(sink.requests).toHaveLength(2)
})

test('a replay after exhausted retries has its full budget, and attempt numbers go on (B14, B15)', async () => {
  let healthyAfter = Number.POSITIVE_INFINITY
  await using sink = await httpFarSide((response) =>
    response.writeHead(sink.requests.length > healthyAfter ? 200 : 500).end(),
  )
  const integration = await anIntegration(db)
  await aDestination(db, integration, { url: sink.url, retry: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 1 } })
  const event = await anEvent(db, integration)
  await using worker = aRunningWorker(db)
  await reaches(event, 'failed')
  expect(sink.requests).toHaveLength(3)

  healthyAfter = 5
  const { replayId } = await replay(event)
  worker.wake()
  await reaches(event, 'processed')

  expect((await attemptRows(db, event)).map((row) => [row.attempt_no, row.status])).toEqual([
    [1, 'failed'],
    [2, 'failed'],
    [3, 'failed'],
    [4, 'failed'],
    [5, 'failed'],
    [6, 'success'],
  ])
  expect(new Set(idsOf(sink.requests)).size).toBe(1)
  expect(await replayRow(replayId)).toMatchObject({
    status: 'completed',
    finished_at: expect.any(Date),
    last_error: null,
  })
  expect((await jobRows(db, event)).map((job) => [job.triggered_by, job.status, job.attempts])).toEqual([
    ['webhook', 'failed', 3],
    ['replay', 'succeeded', 3],
  ])
})

test('a replay that fails says so, and the event can be replayed again', async () => {
  await using sink = await httpFarSide((response) => response.writeHead(500).end())
  const integration = await anIntegration(db)
  await aDestination(db, integration, { url: sink.url, retry: { maxAttempts: 1, baseDelayMs: 1, maxDelayMs: 1 } })
  const event = await anEvent(db, integration)
  await using worker = aRunningWorker(db)
  await reaches(event, 'failed')
  for (let round = 0; round < 2; round++) {
    const { replayId } = await replay(event)
    worker.wake()
    await until(async () => (await replayRow(replayId)).status === 'failed')
    expect(await eventRow(db, event)).toMatchObject({ status: 'failed' })
  }
  expect(sink.requests).toHaveLength(3)
})

test('an event that was routed nowhere is delivered by a replay once there is a route', async () => {
  await using sink = await httpFarSide()
  const integration = await anIntegration(db)
  const event = await anEvent(db, integration)
  await using worker = aRunningWorker(db)
  await reaches(event, 'processed')
  expect(await eventRow(db, event)).toMatchObject({ status_reason: 'no_destination' })

  const { replayId: early } = await replay(event)
  worker.wake()
  await until(async () => (await replayRow(early)).status === 'failed')
  expect(await replayRow(early)).toMatchObject({ last_error: 'no_destination' })

  await aDestination(db, integration, { url: sink.url })
  const { replayId } = await replay(event)
  worker.wake()
  await until(async () => (await replayRow(replayId)).status === 'completed')
  expect(idsOf(sink.requests)).toEqual([publicId('event', event)])
  expect(await eventRow(db, event)).toMatchObject({ status: 'processed', status_reason: null })
})

test('a parked conflict is delivered when it is replayed', async () => {
  await using sink = await httpFarSide()
  const integration = await anIntegration(db)
  await aDestination(db, integration, { url: sink.url })
  const event = await anEvent(db, integration, { parked: 'conflict' })
  await using worker = aRunningWorker(db)
  await replay(event)
  worker.wake()
  await reaches(event, 'processed')
  expect(sink.requests).toHaveLength(1)
})

test('a destination shared by two integrations, failing for minutes, delays nobody else (B17)', async () => {
  await using slow = await httpFarSide((response) => response.writeHead(503, { 'retry-after': '600' }).end())
  await using quick = await httpFarSide((response) => response.writeHead(quick.requests.length === 1 ? 500 : 200).end())
  const [first, second] = [await anIntegration(db), await anIntegration(db)]
  const far = { maxAttempts: 5, baseDelayMs: 1, maxDelayMs: 600_000 }
  const shared = await aDestination(db, first, { url: slow.url, retry: far })
  await aRoute(db, second, shared)
  await aDestination(db, second, { url: quick.url, retry: far })
  const [delayed, both] = [await anEvent(db, first), await anEvent(db, second)]
  await using _ = aRunningWorker(db)
  await reaches(delayed, 'retrying')
  await until(async () => (await jobRows(db, both)).some((job) => job.status === 'succeeded'))
  expect(quick.requests).toHaveLength(2)
  expect((await eventRow(db, both)).status).toBe('retrying')
})

test('a database that keeps dying for three seconds loses nothing, and the worker goes on by itself (S-97)', async () => {
  await using cluster = await aDatabaseCluster()
  await migrate({ ownerUrl: cluster.ownerUrl, appRole: 'postern_app' })
  const database = openDatabase({ url: cluster.url, onError: () => undefined })
  try {
    await using sink = await httpFarSide((response) => setTimeout(() => response.end('ok'), 20))
    const integration = await anIntegration(database)
    await aDestination(database, integration, { url: sink.url })
    const events: Uuid[] = []
    for (let i = 0; i < 200; i++) events.push(await anEvent(database, integration))
    await using _ = aRunningWorker(database, { concurrency: 8, leaseMs: 20_000 })
    await until(() => sink.requests.length > 0)
    for (const end = Date.now() + 3_000; Date.now() < end; ) {
      const pid = await cluster.pid().catch(() => undefined)
      if (pid !== undefined) process.kill(pid, 'SIGQUIT')
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    await until(async () => {
      const counted = await database
        .query<{ open: number }>("select count(*) as open from events where status <> 'processed'")
        .catch(() => undefined)
      return counted?.rows[0]?.open === 0
    })
    expect(new Set(idsOf(sink.requests))).toEqual(new Set(events.map((event) => publicId('event', event))))
  } finally {
    await database.close()
  }
}, 90_000)
