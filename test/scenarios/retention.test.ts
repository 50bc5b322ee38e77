/** Days go by: what is made ahead, what goes, and what is still known of it. */
import { expect, test } from 'vitest'
import { openChain } from '../../src/resources/store/audit.ts'
import { findKnown, insertEvents } from '../../src/resources/store/ingest.ts'
import { maintenanceTasks } from '../../src/worker/maintenance.ts'
import { anEvent, aUuid } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { daysAgo, oldEvents, prune, pruneOnce, withDays } from '../support/old-days.ts'

async function chores(db: TestDatabase, now: number, dedupeDays: number): Promise<void> {
  for (const task of maintenanceTasks({ db, now: () => now, dedupeDays })) await task.run()
}

test('S-39 over forty simulated days nothing grows: each day is made ahead, purged, dropped, and no partition collects what belongs nowhere', async () => {
  await using db = await freshDatabase()
  await db.query("update retention_rules set since = '-infinity'")
  const sizes: { events: number; payloads: number; jobs: number; keys: number; days: number }[] = []
  for (let age = 45; age >= 6; age--) {
    const now = daysAgo(age)
    // Before the events of the day, as the worker of the day before did: a week ahead.
    await chores(db, now - 86_400_000, 7)
    await oldEvents(db, [{ daysAgo: age }, { daysAgo: age }])
    await chores(db, now, 7)
    while (await pruneOnce(db, { now, defaults: { metadataDays: 5, payloadDays: 2, undeliveredDays: 5 } }));
    const { rows } = await db.query<(typeof sizes)[number]>(
      `select (select count(*) from events) as events, (select count(*) from event_payloads) as payloads,
         (select count(*) from jobs) as jobs, (select count(*) from dedupe_keys) as keys,
         (select count(*) from pg_inherits where inhparent = 'events'::regclass) as days`,
    )
    sizes.push(...rows)
  }
  // Two events a day. Kept are the day itself and those before it that are not yet over for long enough.
  for (const size of sizes.slice(10)) expect(size).toMatchObject({ events: 12, payloads: 6, jobs: 12, keys: 16 })
  // The database was made today, with the days around today: they are there all along.
  const days = new Set(sizes.slice(10, 25).map((size) => size.days))
  expect(days.size).toBe(1)
  const { rows } = await db.query(
    "select count(*) as n from pg_class c join pg_inherits i on i.inhrelid = c.oid where pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'",
  )
  expect(rows[0]).toEqual({ n: 0 })
  const runs = await db.query('select count(*) as n from prune_runs')
  expect(runs.rows[0]).toEqual({ n: 40 })
}, 240_000)

test('a copy is recognised after the payload and the event of the first one are gone', async () => {
  await using db = await freshDatabase()
  await withDays(db, 29)
  const dedupeKey = aUuid()
  const [first] = await oldEvents(db, [{ daysAgo: 29, dedupeKey }])
  await prune(db)
  await chores(db, Date.now(), 30)
  const left = await db.query('select count(*) as n from events')
  expect(left.rows[0]).toEqual({ n: 0 })

  const connection = await db.connect({ name: 'ingest', onLost: () => undefined })
  const chain = await openChain((work) => db.transaction(work), 'ingress/1')
  const copy = anEvent({ dedupeKey })
  expect(await insertEvents(connection, chain, [copy])).toEqual(new Set([copy.id]))
  await connection.close()
  expect((await findKnown(db, [dedupeKey])).get(dedupeKey)).toMatchObject({ eventId: first })
})
