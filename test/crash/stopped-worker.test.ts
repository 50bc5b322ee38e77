/** A worker process that stands still past its leases: stopped by the system, by a debugger, by a machine that swaps. */
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { expect, onTestFailed, test } from 'vitest'
import { verifyTrail } from '../../src/audit/verify-trail.ts'
import type { Uuid } from '../../src/base/model/ids.ts'
import type { Database } from '../../src/resources/store/database.ts'
import { aDataDirectory } from '../support/cluster.ts'
import { logged, superviseGateway } from './gateway-process.ts'
import { integrate } from './integrate.ts'
import { openEmbedded, reckon } from './ledger.ts'
import { startLoad } from './provider-load.ts'
import { seededRandom } from './random.ts'
import { aCountingSink } from './sink.ts'
import { until } from './until.ts'

test('a worker stopped past its leases: another one delivers what it held, and its own late results change nothing', async () => {
  await using directory = await aDataDirectory('database')
  const dataDir = dirname(directory.path)
  // Slow enough that the worker is stopped with deliveries under way.
  await using sink = await aCountingSink((response) => setTimeout(() => response.end(), 1_000))
  const managementKey = randomBytes(24).toString('hex')
  const start = (roles: string) => superviseGateway({ dataDir, managementKey, command: ['serve', '--role', roles] })
  await using front = await start('ingress,api')
  await using first = await start('worker')
  onTestFailed(() => console.error([...front.logLines, ...first.logLines].join('\n')))
  await Promise.all([front.ready(), first.ready()])
  const secret = `whsec_${randomBytes(24).toString('hex')}`
  const path = await integrate(front, secret, sink.url)
  await using database = await openEmbedded(dataDir)
  const load = startLoad({ port: front.port, path, secret, random: seededRandom(1), connections: 8 })

  await until('the first deliveries', () => sink.arrivals.size >= 8)
  first.signal('SIGSTOP')
  const held = await heldJobs(database)
  expect(held.length).toBeGreaterThan(0)
  const arrivedBefore = new Set(sink.arrivals.keys())

  await using second = await start('worker')
  await second.ready()
  await load.finish()
  await until(
    'the end of what was held',
    async () => (await heldBy(database, held)).length === 0 && (await unfinished(database)) === 0,
  )
  const settled = await deliveries(database)

  first.signal('SIGCONT')
  await logged(first, 'a delivery outlived its lease')
  expect(await deliveries(database)).toEqual(settled)
  // It was not lost either: what comes now, both take.
  const after = startLoad({ port: front.port, path, secret, random: seededRandom(2), connections: 8 })
  await until('events for both workers', () => after.acknowledged.size >= 100)
  await after.finish()
  await until('the end of all processing', async () => (await unfinished(database)) === 0)

  const both = {
    acknowledged: new Map([...load.acknowledged, ...after.acknowledged]),
    sent: new Set([...load.sent, ...after.sent]),
  }
  expect(await reckon(database, both, sink)).toEqual([])
  expect([...load.wrongAnswers, ...after.wrongAnswers]).toEqual([])
  expect(first.lives).toHaveLength(1)
  expect(await successesPerEvent(database)).toEqual([{ successes: 1 }])
  const again = [...sink.arrivals].filter(([id, { count }]) => arrivedBefore.has(id) && count > 1)
  expect(again.length).toBeGreaterThan(0)
  expect(await database.snapshot((tx) => verifyTrail(tx))).toMatchObject({ intact: true })
})

interface HeldJob {
  readonly id: Uuid
  readonly fence: number
}

async function heldJobs(db: Database): Promise<readonly HeldJob[]> {
  return (
    await db.query<HeldJob & { worker: Uuid }>(
      "select id, fence from jobs where status = 'running' and kind = 'deliver'",
    )
  ).rows
}

/** Those of the jobs whose claim still stands. */
async function heldBy(db: Database, held: readonly HeldJob[]): Promise<readonly HeldJob[]> {
  const now = await heldJobs(db)
  return held.filter((job) => now.some((each) => each.id === job.id && each.fence === job.fence))
}

async function unfinished(db: Database): Promise<number> {
  const { rows } = await db.query<{ open: number }>(
    "select count(*) as open from events where status in ('pending', 'processing', 'retrying')",
  )
  return rows[0]!.open
}

/** What became of each delivery, in the order of events. */
async function deliveries(db: Database): Promise<readonly object[]> {
  const { rows } = await db.query(
    `select j.event_id, j.status, j.fence, j.attempts, e.status as event_status,
       (select count(*) from delivery_attempts a where a.job_id = j.id) as recorded
     from jobs j join events e on e.id = j.event_id where j.kind = 'deliver' order by j.event_id`,
  )
  return rows
}

async function successesPerEvent(db: Database): Promise<readonly object[]> {
  const { rows } = await db.query(
    `select distinct count(a.id) as successes from events e left join delivery_attempts a on a.event_id = e.id and a.status = 'success'
     group by e.id`,
  )
  return rows
}
