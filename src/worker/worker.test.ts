import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/database.ts'
import { aDeliverJob, anEvent, anIntegration, eventRow, jobRows, silent, until } from '../../test/support/flow.ts'
import { newId, type Uuid } from '../base/model/ids.ts'
import { MANAGEMENT_CHAIN } from '../resources/store/audit.ts'
import type { Database } from '../resources/store/database.ts'
import { type ClaimedJob, claimJobs, requeueJobs } from '../resources/store/jobs.ts'
import { defineQueue, type QueueDefinition } from './queue.ts'
import { startWorker, type Worker, type WorkerOptions } from './worker.ts'

let db: TestDatabase
let integration: Uuid
let workers: Worker[] = []

beforeEach(async () => {
  db = await freshDatabase({ poolSize: 6 })
  integration = await anIntegration(db)
})
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(2_000)))
  workers = []
  await db[Symbol.asyncDispose]()
})

function start(
  handle: (jobs: readonly ClaimedJob[]) => Promise<void>,
  fields: Partial<QueueDefinition<ClaimedJob>> & Partial<WorkerOptions> = {},
): Worker {
  const { kind = 'process', concurrency = 4, perShare = Number.POSITIVE_INFINITY, sharesTime = false } = fields
  const queue = defineQueue<ClaimedJob>({
    kind,
    batchSize: 1,
    concurrency,
    perShare,
    sharesTime,
    load: async (_, jobs) => jobs,
    handle,
    repeatable: false,
    weight: () => 0,
  })
  const worker = startWorker({
    db,
    worker: newId(),
    tasks: [],
    chain: MANAGEMENT_CHAIN,
    log: silent,
    now: Date.now,
    random: Math.random,
    ...fields,
    queues: { [kind]: queue },
  })
  workers.push(worker)
  return worker
}

/** Ends a job as a handler would, if the claim still holds. @returns Whether it did. */
async function finish(job: ClaimedJob, on: Database = db): Promise<boolean> {
  const { rowCount } = await on.query(
    `update jobs set status = 'succeeded', worker = null, lease_until = null
     where event_id = $1 and id = $2 and worker = $3 and fence = $4 and status = 'running'`,
    [job.eventId, job.id, job.worker, job.fence],
  )
  return rowCount === 1
}

const allDone = (kind = 'process') =>
  until(async () => {
    const { rows } = await db.query<{ open: number }>(
      "select count(*) as open from jobs where kind = $1 and status in ('queued', 'running')",
      [kind],
    )
    return rows[0]!.open === 0
  })

test('64 events and two workers: each is handled once', async () => {
  const events = await Promise.all(Array.from({ length: 64 }, () => anEvent(db, integration)))
  const handled: Uuid[] = []
  const handle = async ([job]: readonly ClaimedJob[]) => {
    handled.push(job!.eventId)
    await finish(job!)
  }
  start(handle)
  start(handle)
  await allDone()
  expect(handled.sort()).toEqual(events.sort())
})

test('wake brings new work to an idle worker', async () => {
  const worker = start(async ([job]) => void (await finish(job!)))
  await new Promise((resolve) => setTimeout(resolve, 200))
  await anEvent(db, integration)
  worker.wake()
  await allDone()
})

test('a worker that sleeps past its lease loses the job to another, and its own commit is refused (S-95)', async () => {
  await anEvent(db, integration)
  // Stopped: nothing it sends arrives until it is continued, its renewals neither.
  let continued: () => void = () => undefined
  let stopped: Promise<void> | undefined
  const frozen: Database = {
    ...db,
    async query(text, values) {
      await stopped
      return db.query(text, values)
    },
    async connect(options) {
      const connection = await db.connect(options)
      return {
        ...connection,
        broken: false,
        async execute(name, text, values) {
          await stopped
          return connection.execute(name, text, values)
        },
      }
    },
  }
  const outcomes: string[] = []
  start(
    async ([job]) => {
      stopped = new Promise((resolve) => {
        continued = resolve
      })
      outcomes.push(`first: ${await finish(job!, frozen)}`)
    },
    { db: frozen, leaseMs: 300 },
  )
  await until(() => stopped !== undefined)
  start(async ([job]) => void outcomes.push(`second: ${await finish(job!)}`), { leaseMs: 300 })
  await allDone()
  continued()
  await until(() => outcomes.length === 2)
  expect(outcomes).toEqual(['second: true', 'first: false'])
})

test('a handler that takes longer than the lease keeps it', async () => {
  await anEvent(db, integration)
  const outcomes: boolean[] = []
  const handle = async ([job]: readonly ClaimedJob[]) => {
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    outcomes.push(await finish(job!))
  }
  start(handle, { leaseMs: 600 })
  start(handle, { leaseMs: 600 })
  await allDone()
  expect(outcomes).toEqual([true])
})

test('the work of a worker that died is swept up and done; nobody has to do anything (S-90)', async () => {
  const event = await anEvent(db, integration)
  await claimJobs(db, { kind: 'process', worker: newId(), now: new Date(), leaseMs: 200, limit: 10, exceptShares: [] })
  start(async ([job]) => void (await finish(job!)), { leaseMs: 200 })
  await allDone()
  expect((await jobRows(db, event, 'process'))[0]).toMatchObject({ status: 'succeeded', fence: 2 })
})

test('poison is parked after its limit while others flow (S-99)', async () => {
  const poison = await anEvent(db, integration)
  const others = await Promise.all(Array.from({ length: 20 }, () => anEvent(db, integration)))
  let tries = 0
  start(
    async ([job]) => {
      if (job!.eventId === poison) {
        tries += 1
        throw new Error('cannot be handled')
      }
      await finish(job!)
    },
    { random: () => 0 },
  )
  await allDone()
  expect(tries).toBe(8)
  expect(await eventRow(db, poison)).toMatchObject({ status: 'parked', status_reason: 'poison' })
  for (const event of others) expect((await jobRows(db, event, 'process'))[0]!.status).toBe('succeeded')
})

test('a handler that throws loses nothing: the job is put back and handled again (B12)', async () => {
  const event = await anEvent(db, integration)
  let tries = 0
  start(
    async ([job]) => {
      tries += 1
      if (tries === 1) throw new Error('the first time')
      await finish(job!)
    },
    { random: () => 0 },
  )
  await allDone()
  expect((await jobRows(db, event, 'process'))[0]).toMatchObject({ status: 'succeeded', last_error: 'handler_failed' })
})

test('a job whose lane is taken is not lost: it is done when the lane is free (B11)', async () => {
  const event = await anEvent(db, integration)
  const lane = newId()
  await aDeliverJob(db, event, lane)
  await aDeliverJob(db, event, lane)
  let together = 0
  let most = 0
  start(
    async ([job]) => {
      most = Math.max(most, ++together)
      await new Promise((resolve) => setTimeout(resolve, 100))
      together -= 1
      await finish(job!)
    },
    { kind: 'deliver' },
  )
  await allDone('deliver')
  expect(most).toBe(1)
})

test('a lane that hangs takes only its share of the places', async () => {
  const event = await anEvent(db, integration)
  const events = await Promise.all(Array.from({ length: 12 }, () => anEvent(db, integration)))
  const [slow, quick] = [newId(), newId()]
  for (const each of events) await aDeliverJob(db, each, slow, { runAt: new Date(Date.now() - 60_000) })
  await aDeliverJob(db, event, quick)
  let release: () => void = () => undefined
  const hang = new Promise<void>((resolve) => {
    release = resolve
  })
  const lanes: Uuid[] = []
  start(
    async ([job]) => {
      lanes.push(job!.lane)
      if (job!.lane === slow) await hang
      await finish(job!)
    },
    { kind: 'deliver', concurrency: 4, perShare: 2 },
  )
  await until(() => lanes.includes(quick))
  expect(lanes.filter((lane) => lane === slow)).toHaveLength(2)
  release()
  await allDone('deliver')
})

test('stopping finishes what runs and gives back what has not begun', async () => {
  const events = await Promise.all(Array.from({ length: 10 }, () => anEvent(db, integration)))
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  let begun = 0
  const worker = start(
    async ([job]) => {
      begun += 1
      await gate
      await finish(job!)
    },
    { concurrency: 5 },
  )
  await until(() => begun === 5)
  const stopping = worker.stop(10_000)
  setTimeout(release, 100)

  expect(await stopping).toBe(true)
  const rows = (await Promise.all(events.map((event) => jobRows(db, event, 'process')))).flat()
  expect(rows.filter((row) => row.status === 'succeeded' && row.fence === 1)).toHaveLength(5)
  expect(rows.filter((row) => row.status === 'queued' && row.fence === 0)).toHaveLength(5)
})

test('stopping ends at its deadline even if a handler does not, and the job goes to the next worker', async () => {
  const event = await anEvent(db, integration)
  let begun = false
  const worker = start(
    () => {
      begun = true
      return new Promise(() => undefined)
    },
    { leaseMs: 300 },
  )
  await until(() => begun)
  expect(await worker.stop(100)).toBe(false)
  workers = []
  start(async ([job]) => void (await finish(job!)), { leaseMs: 300 })
  await allDone()
  expect((await jobRows(db, event, 'process'))[0]!.status).toBe('succeeded')
})

test('what was claimed before a long stop is not begun after it', async () => {
  const events = [await anEvent(db, integration), await anEvent(db, integration)]
  let time = Date.now()
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const begun: Uuid[] = []
  start(
    async ([job]) => {
      begun.push(job!.eventId)
      await gate
      await finish(job!)
    },
    { concurrency: 1, leaseMs: 60_000, now: () => time },
  )
  await until(async () => begun.length === 1 && (await jobRows(db, events[1]!, 'process'))[0]!.status === 'running')
  time += 120_000
  release()
  await until(async () => (await jobRows(db, begun[0]!, 'process'))[0]!.status === 'succeeded')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(begun).toHaveLength(1)
})

test('a share with a backlog rests after a batch while another is at work, and is then served to its end', async () => {
  const tenant = newId()
  await db.query('insert into tenants (id, name) values ($1, $2)', [tenant, 'with a backlog'])
  const theirs = await anIntegration(db, { tenantId: tenant })
  const backlog = await Promise.all(Array.from({ length: 5 }, () => anEvent(db, theirs, { tenantId: tenant })))
  await anEvent(db, integration)
  let time = Date.now()
  const begun: { readonly tenant: Uuid; readonly at: number }[] = []
  let endedAt = 0
  start(
    async ([job]) => {
      begun.push({ tenant: job!.tenantId, at: performance.now() })
      await until(() => begun.length > 1)
      await finish(job!)
      if (job!.tenantId !== tenant || endedAt > 0) return
      // What the batch took, as the worker's clock has it.
      time += 200
      endedAt = performance.now()
    },
    { concurrency: 2, perShare: 1, sharesTime: true, now: () => time },
  )
  await allDone()

  const at = begun.filter((each) => each.tenant === tenant).map((each) => each.at)
  expect(at).toHaveLength(backlog.length)
  expect(at[1]! - endedAt).toBeGreaterThan(190)
})

test('a failing task and an unreadable queue end nothing', async () => {
  let runs = 0
  let broken = true
  const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
  const flaky: Database = {
    ...db,
    query: (text, values) => (broken ? Promise.reject(away) : db.query(text, values)),
    connect: (options) => (broken ? Promise.reject(away) : db.connect(options)),
  }
  const task = {
    name: 'fails',
    everyMs: 10,
    async run() {
      runs += 1
      throw new Error('no')
    },
  }
  start(async ([job]) => void (await finish(job!)), { db: flaky, tasks: [task] })
  await anEvent(db, integration)
  await until(() => runs > 3)
  broken = false
  await allDone()
})

test('requeued jobs wait for their time', async () => {
  const event = await anEvent(db, integration)
  const jobs = await claimJobs(db, {
    kind: 'process',
    worker: newId(),
    now: new Date(),
    leaseMs: 60_000,
    limit: 1,
    exceptShares: [],
  })
  const runAt = new Date(Date.now() + 400)
  await requeueJobs(db, jobs, { runAt, error: 'later', counts: true })
  let at = 0
  start(async ([job]) => {
    at = Date.now()
    await finish(job!)
  })
  await allDone()
  expect(at).toBeGreaterThanOrEqual(runAt.getTime())
  expect((await jobRows(db, event, 'process'))[0]!.fence).toBe(2)
})
