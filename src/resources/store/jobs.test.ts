import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { aDeliverJob, anEvent, anIntegration, eventRow, jobRows } from '../../../test/support/flow.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { MANAGEMENT_CHAIN } from './audit.ts'
import { claimJobs, releaseJobs, releaseUnheld, renewLeases, requeueJobs, sweepLeases } from './jobs.ts'
import { parkPoison } from './poison.ts'

let db: TestDatabase
let integration: Uuid
beforeAll(async () => {
  db = await freshDatabase()
  integration = await anIntegration(db)
})
beforeEach(async () => {
  await db.query('delete from jobs')
})
afterAll(() => db[Symbol.asyncDispose]())

const claim = (fields: Partial<Parameters<typeof claimJobs>[1]> = {}) =>
  claimJobs(db, {
    kind: 'process',
    worker: newId(),
    now: new Date(),
    leaseMs: 60_000,
    limit: 100,
    exceptShares: [],
    ...fields,
  })

test('many workers claiming at once share the jobs, and nobody gets the same one', async () => {
  const events = await Promise.all(Array.from({ length: 40 }, () => anEvent(db, integration)))

  const claims = (await Promise.all(Array.from({ length: 8 }, () => claim({ limit: 7 })))).flat()
  const rest = await claim()

  const ids = [...claims, ...rest].map((job) => job.eventId)
  expect(new Set(ids)).toEqual(new Set(events))
  expect(ids).toHaveLength(events.length)
})

test('what is not due yet, of another kind or in an excepted lane stays where it is', async () => {
  const event = await anEvent(db, integration)
  const [slow, busy, due] = [newId(), newId(), newId()]
  await aDeliverJob(db, event, slow, { runAt: new Date(Date.now() + 60_000) })
  await aDeliverJob(db, event, busy)
  await aDeliverJob(db, event, due)

  const claimed = await claim({ kind: 'deliver', exceptShares: [busy] })

  expect(claimed.map((job) => job.lane)).toEqual([due])
})

test('many at once find what is due beside a full share, each of it once and none of the others', async () => {
  const event = await anEvent(db, integration)
  const [full, later, ...others] = Array.from({ length: 22 }, () => newId())
  await aDeliverJob(db, event, later!, { runAt: new Date(Date.now() + 60_000) })
  const front = new Date(Date.now() - 60_000)
  for (let n = 0; n < 30; n++) await aDeliverJob(db, await anEvent(db, integration), full!, { runAt: front })
  // Three of each of twenty, and each of another event: none keeps another from running.
  for (let n = 0; n < 3; n++) for (const other of others) await aDeliverJob(db, await anEvent(db, integration), other)

  const request = { kind: 'deliver', exceptShares: [full!] } as const
  const claims = (await Promise.all(Array.from({ length: 8 }, () => claim({ ...request, limit: 10 })))).flat()
  for (let last = 1; last > 0; ) {
    const more = await claim(request)
    last = more.length
    claims.push(...more)
  }

  expect(new Set(claims.map((job) => job.id)).size).toBe(claims.length)
  expect(claims.map((job) => job.lane).sort()).toEqual([...others, ...others, ...others].sort())
})

test('beside a full share the others take turns: one with much does not crowd out one with little', async () => {
  const event = await anEvent(db, integration)
  const [full, much, little] = [newId(), newId(), newId()]
  const front = new Date(Date.now() - 60_000)
  await aDeliverJob(db, event, full)
  for (let n = 0; n < 20; n++) await aDeliverJob(db, await anEvent(db, integration), much, { runAt: front })
  await aDeliverJob(db, event, little)

  const claimed = await claim({ kind: 'deliver', limit: 10, exceptShares: [full] })

  expect(claimed.map((job) => job.lane)).toContain(little)
  expect(claimed.length).toBeLessThanOrEqual(10)
})

test('a long-delayed retry at the head does not block a shorter one (B17)', async () => {
  const event = await anEvent(db, integration)
  const [long, short] = [newId(), newId()]
  const now = Date.now()
  await aDeliverJob(db, event, long, { runAt: new Date(now + 3_600_000) })
  await aDeliverJob(db, event, short, { runAt: new Date(now + 10) })

  const claimed = await claim({ kind: 'deliver', now: new Date(now + 10) })

  expect(claimed.map((job) => job.lane)).toEqual([short])
})

test('two jobs of one event in one lane never run together; the rest of the batch is not held up', async () => {
  const [event, other] = [await anEvent(db, integration), await anEvent(db, integration)]
  const lane = newId()
  await aDeliverJob(db, event, lane)
  await aDeliverJob(db, event, lane)
  await aDeliverJob(db, other, lane)

  const first = await claim({ kind: 'deliver' })
  expect(first.map((job) => job.eventId).sort()).toEqual([event, other].sort())
  const again = await claim({ kind: 'deliver', now: new Date(Date.now() + 5_000) })
  expect(again).toEqual([])

  await db.query("update jobs set status = 'succeeded' where event_id = $1 and id = $2", [
    event,
    first.find((job) => job.eventId === event)!.id,
  ])
  expect(await claim({ kind: 'deliver', now: new Date(Date.now() + 10_000) })).toHaveLength(1)
})

test('sixteen claimers of one lane with sixteen jobs get one of them', async () => {
  const event = await anEvent(db, integration)
  const lane = newId()
  for (let i = 0; i < 16; i++) await aDeliverJob(db, event, lane)

  const claims = await Promise.all(Array.from({ length: 16 }, () => claim({ kind: 'deliver', limit: 1 })))

  expect(claims.flat()).toHaveLength(1)
})

test('a swept job can be claimed again, and its first holder can neither renew, requeue nor release it (B13)', async () => {
  const event = await anEvent(db, integration)
  const [first] = await claim({ leaseMs: 1 })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await sweepLeases(db, new Date(), 10)).toBe(1)
  const [second] = await claim()
  expect(second!.fence).toBe(first!.fence + 1)

  expect(await renewLeases(db, [first!], 60_000)).toEqual(new Set())
  await requeueJobs(db, [first!], { runAt: new Date(), error: 'late', counts: true })
  await releaseJobs(db, [first!])

  const [job] = await jobRows(db, event, 'process')
  expect(job).toMatchObject({ status: 'running', worker: second!.worker, fence: second!.fence })
})

test('a renewed lease is not swept', async () => {
  await anEvent(db, integration)
  const claimed = await claim({ leaseMs: 1 })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await renewLeases(db, claimed, 60_000)).toEqual(new Set(claimed.map((job) => job.id)))
  expect(await sweepLeases(db, new Date(), 10)).toBe(0)
})

test('renewing does not wait for a job that is being written', async () => {
  await anEvent(db, integration)
  const claimed = await claim()
  await db.transaction(async (tx) => {
    await tx.query('select 1 from jobs where id = $1 for update', [claimed[0]!.id])
    expect(await renewLeases(db, claimed, 60_000)).toEqual(new Set())
  })
})

test('a released job counts as never claimed; a requeued one does not', async () => {
  const event = await anEvent(db, integration)
  await releaseJobs(db, await claim())
  expect((await jobRows(db, event, 'process'))[0]).toMatchObject({ status: 'queued', fence: 0, worker: null })
  await requeueJobs(db, await claim(), { runAt: new Date(), error: 'handler_failed', counts: true })
  expect((await jobRows(db, event, 'process'))[0]).toMatchObject({
    status: 'queued',
    fence: 1,
    last_error: 'handler_failed',
  })
})

test('an outage of the database does not bring a healthy event nearer to the poison limit', async () => {
  const event = await anEvent(db, integration)
  for (let outage = 0; outage < 20; outage++) {
    await requeueJobs(db, await claim(), { runAt: new Date(), error: 'database_away', counts: false })
  }
  expect((await jobRows(db, event, 'process'))[0]).toMatchObject({ status: 'queued', fence: 0 })
})

test('claims granted unheard are given back; those one knows of, of others or newer ones are not', async () => {
  await Promise.all(Array.from({ length: 4 }, () => anEvent(db, integration)))
  const [worker, other] = [newId(), newId()]
  const at = (ms: number) => new Date(Date.now() + ms)
  const [known] = await claim({ worker, limit: 1 })
  const [unheard] = await claim({ worker, limit: 1 })
  const [foreign] = await claim({ worker: other, limit: 1 })
  const [newer] = await claim({ worker, limit: 1, now: at(60_000) })

  expect(await releaseUnheld(db, { kind: 'process', worker, held: [known!.id], before: at(1_000) })).toBe(1)

  const status = async (job: typeof known) => (await jobRows(db, job!.eventId, 'process'))[0]!.status
  expect([await status(known), await status(unheard), await status(foreign), await status(newer)]).toEqual([
    'running',
    'queued',
    'running',
    'running',
  ])
})

test('parking poison fails the job, parks the event with its reason and says so in the audit trail', async () => {
  const event = await anEvent(db, integration)
  const jobs = await claim()
  await parkPoison(db, jobs, { now: new Date(), chain: MANAGEMENT_CHAIN })

  expect(await eventRow(db, event)).toMatchObject({ status: 'parked', status_reason: 'poison' })
  expect((await jobRows(db, event, 'process'))[0]).toMatchObject({ status: 'failed', last_error: 'poison' })
  const { rows } = await db.query('select action from audit_entries where entity_id = $1', [event])
  expect(rows).toEqual([{ action: 'event.parked' }])
})

test('a holder that lost its lease parks nothing', async () => {
  const event = await anEvent(db, integration)
  const [job] = await claim()
  await parkPoison(db, [{ ...job!, fence: job!.fence - 1 }], { now: new Date(), chain: MANAGEMENT_CHAIN })
  expect((await eventRow(db, event)).status).toBe('pending')
})
