import pino from 'pino'
import { afterEach, expect, test } from 'vitest'
import { anEvent, aUuid } from '../../../test/support/builders.ts'
import { aDatabaseCluster } from '../../../test/support/cluster.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { openDatabase } from '../../resources/store/database.ts'
import { migrate } from '../../resources/store/migrate.ts'
import { type Committer, openCommitter } from './commit.ts'

const log = pino({ level: 'silent' })
let committer: Committer | undefined
const metrics = createMetrics()
afterEach(async () => {
  await committer?.close()
  committer = undefined
})

function aCommitter(db: TestDatabase, timeoutMs = 10_000): Committer {
  committer = openCommitter({ db, writer: 'test', timeoutMs, log, metrics })
  return committer
}

test('every event of a burst is committed when its promise resolves', async () => {
  await using db = await freshDatabase()
  const gate = aCommitter(db)
  const events = Array.from({ length: 1000 }, () => anEvent())

  const results = await Promise.all(events.map((event) => gate.commit(event)))

  expect(results.every((result) => result.known === undefined)).toBe(true)
  const { rows } = await db.query<{ id: string }>('select id from events')
  expect(new Set(rows.map((row) => row.id))).toEqual(new Set(events.map((event) => event.id)))
  await gate.close()
})

test('of 64 simultaneous copies one is new and all know its id', async () => {
  await using db = await freshDatabase()
  const gate = aCommitter(db)
  const copy = { dedupeKey: aUuid(), fingerprint: aUuid() }
  const results = await Promise.all(Array.from({ length: 64 }, () => gate.commit(anEvent(copy))))
  const { rows } = await db.query<{ id: string }>('select id from events')
  expect(rows).toHaveLength(1)
  expect(results.filter((result) => result.known === undefined)).toHaveLength(1)
  expect(new Set(results.flatMap((result) => result.known ?? []).map((known) => known.eventId))).toEqual(
    new Set([rows[0]?.id]),
  )
  await gate.close()
})

test.each([
  { together: 40, batches: [20, 20], why: 'one half is stored while the senders of the other go on' },
  { together: 10, batches: [10], why: 'two commits would cost more than they gain' },
])('$together events at once are stored in $batches: $why', async ({ together, batches }) => {
  await using db = await freshDatabase()
  const gate = aCommitter(db)
  await Promise.all(Array.from({ length: together }, () => gate.commit(anEvent())))
  const { rows } = await db.query<{ n: number }>('select count(*)::int as n from events group by receipt_id')
  expect(rows.map((row) => row.n)).toEqual(batches)
  await gate.close()
})

test('a poisonous row fails alone', async () => {
  await using db = await freshDatabase()
  const gate = aCommitter(db)
  const good = Array.from({ length: 20 }, () => anEvent())
  const results = await Promise.allSettled(
    [...good, anEvent({ type: 'nul \u0000' })].map((event) => gate.commit(event)),
  )
  expect(results.map((result) => result.status)).toEqual([...good.map(() => 'fulfilled'), 'rejected'])
  expect(results.at(-1)).toMatchObject({ reason: { code: 'DEPENDENCY_UNAVAILABLE' } })
  await gate.close()
})

test('a day without its partition is made when it is needed', async () => {
  await using db = await freshDatabase()
  const gate = aCommitter(db)
  const today = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  const owner = openDatabase({ url: db.ownerUrl, onError: () => undefined })
  await owner.query(
    `drop table events_${today}, event_payloads_${today}, jobs_${today}, delivery_attempts_${today}, quarantine_${today}`,
  )
  await owner.close()
  expect(await gate.commit(anEvent())).toEqual({})
  await gate.close()
})

test('connections that are cut under load lose no event and make none twice', async () => {
  await using db = await freshDatabase()
  const gate = aCommitter(db)
  const events = Array.from({ length: 400 }, () => anEvent())
  const waiting = events.map(async (event, index) => {
    await new Promise((resolve) => setTimeout(resolve, index))
    return gate.commit(event)
  })
  for (let cut = 0; cut < 5; cut++) {
    await new Promise((resolve) => setTimeout(resolve, 60))
    await db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'postern test/%' and datname = current_database()",
    )
  }
  const results = await Promise.all(waiting)
  expect(results.every((result) => result.known === undefined)).toBe(true)
  const { rows } = await db.query('select count(*) as n, count(distinct id) as ids from events')
  expect(rows[0]).toEqual({ n: 400, ids: 400 })
  await gate.close()
})

test('a stopped database answers unavailable after the bound and accepts again when it is back', async () => {
  await using cluster = await aDatabaseCluster()
  await migrate({ ownerUrl: cluster.ownerUrl, appRole: 'postern_app' })
  const db = openDatabase({ url: cluster.url, onError: () => undefined })
  const gate = openCommitter({ db, writer: 'test', timeoutMs: 500, log, metrics })
  await gate.commit(anEvent())

  const pid = await cluster.pid()
  process.kill(pid, 'SIGSTOP')
  for (const child of await childrenOf(pid)) process.kill(child, 'SIGSTOP')
  const late = anEvent()
  await expect(gate.commit(late)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' })
  for (const child of await childrenOf(pid)) process.kill(child, 'SIGCONT')
  process.kill(pid, 'SIGCONT')

  await expect
    .poll(
      () =>
        gate.commit(anEvent()).then(
          () => 'stored',
          () => 'refused',
        ),
      { timeout: 20_000 },
    )
    .toBe('stored')
  // The provider's retry of what was answered 503 is one event, whether or not the first try was committed after all.
  await gate.commit(anEvent({ dedupeKey: late.dedupeKey }))
  const { rows } = await db.query('select count(*) as n from dedupe_keys where key = $1', [late.dedupeKey])
  expect(rows[0]).toEqual({ n: 1 })
  await gate.close()
  await db.close()
})

async function childrenOf(pid: number): Promise<readonly number[]> {
  const { readFile } = await import('node:fs/promises')
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.trim().split(' ').filter(Boolean).map(Number)
}
