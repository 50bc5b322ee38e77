/** What happens to removing while others receive, read, replay, set holds, remove as well, or die. */
import { expect, test } from 'vitest'
import { verifyTrail } from '../../src/audit/verify-trail.ts'
import { DEFAULT_TENANT, newId, type Uuid } from '../../src/base/model/ids.ts'
import { dayRange } from '../../src/base/model/retention.ts'
import { requestReplay } from '../../src/flow/replay/request-replay.ts'
import { appendAudit, openChain } from '../../src/resources/store/audit.ts'
import { openDatabase } from '../../src/resources/store/database.ts'
import { insertEvents } from '../../src/resources/store/ingest.ts'
import { insertLegalHold, type NewLegalHold } from '../../src/resources/store/legal-holds.ts'
import { lockVictims } from '../../src/resources/store/prune.ts'
import { claimRun, requestRun, scheduleRun } from '../../src/resources/store/prune-runs.ts'
import { changeRules, holdRules, readRules, saveRetention } from '../../src/resources/store/retention-rules.ts'
import { aTenant } from '../support/api.ts'
import { anEvent } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { ROOT } from '../support/flow.ts'
import { dayOf, daysAgo, oldEvents, POLICY, partitionsOf, prune, pruneOnce, withDays } from '../support/old-days.ts'

async function aPastOf(days: number): Promise<TestDatabase> {
  const db = await freshDatabase({ poolSize: 20 })
  await withDays(db, days)
  return db
}

/** A tenant whose rows keep the days of the others from being dropped whole. */
async function aPatientTenant(db: TestDatabase): Promise<Uuid> {
  const { tenantId } = await aTenant(db, 'patient')
  await db.transaction(async (tx) => {
    await changeRules(tx)
    const forEver = { metadataDays: null, payloadDays: null, undeliveredDays: null }
    await saveRetention(tx, tenantId, { ...forEver, updatedAt: new Date(), updatedBy: 'test' })
  })
  return tenantId
}

const asked = (db: TestDatabase) =>
  requestRun(db, { tenantId: DEFAULT_TENANT, requestedBy: 'root', reason: 'a test', now: new Date() })
const aHoldOnEverything = (): NewLegalHold => ({
  ...{ id: newId(), tenantId: DEFAULT_TENANT, integrationId: null, receivedFrom: null, receivedBefore: null },
  ...{ eventIds: null, reason: 'a lawsuit', createdAt: new Date(), createdBy: 'test' },
})
const count = async (db: TestDatabase, table: string) =>
  (await db.query<{ n: number }>(`select count(*) as n from ${table}`)).rows[0]!.n

test('many workers make one run of a day, remove each row once, and the counts add up', async () => {
  await using db = await aPastOf(30)
  const tenantId = await aPatientTenant(db)
  await oldEvents(db, [{ daysAgo: 30, tenantId }, ...Array.from({ length: 60 }, () => ({ daysAgo: 30 }))])
  // The schedule begins a day after the installation.
  await db.query("update retention_rules set since = now() - interval '2 days'")
  const workers = Array.from({ length: 6 }, async () => {
    for (let turn = 0; turn < 4; turn++) await pruneOnce(db, { batchRows: 7 })
  })
  await Promise.all(workers)

  const runs = await db.query('select status, scheduled_for::text as day from prune_runs')
  expect(runs.rows).toEqual([{ status: 'completed', day: dayOf(Date.now()) }])
  const totals = await db.query('select kind, rows from prune_run_totals order by kind')
  expect(totals.rows).toEqual([
    { kind: 'events', rows: 60 },
    { kind: 'payloads', rows: 60 },
  ])
  expect(await count(db, 'events')).toBe(1)
  expect(await count(db, 'pruned_events')).toBe(60)
})

test('the schedule leaves the first day of an installation alone', async () => {
  await using db = await aPastOf(1)
  await scheduleRun(db, dayOf(Date.now()), new Date())
  expect(await count(db, 'prune_runs')).toBe(0)
  const later = new Date(Date.now() + 25 * 3_600_000)
  await scheduleRun(db, dayOf(later.getTime()), later)
  expect(await count(db, 'prune_runs')).toBe(1)
})

test('a second run is refused while one is under way', async () => {
  await using db = await aPastOf(1)
  const ids = await Promise.all(Array.from({ length: 8 }, () => asked(db)))
  expect(ids.filter((id) => id !== undefined)).toHaveLength(1)
})

test('receiving goes on while days are dropped: every event is stored, and none waits for a reader that holds the drop up', async () => {
  await using db = await aPastOf(30)
  for (const age of [30, 29, 28, 27, 26]) await oldEvents(db, [{ daysAgo: age }, { daysAgo: age }])
  const connection = await db.connect({ name: 'ingest', onLost: () => undefined })
  // What waits for longer than this would fail: a drop waits for its locks a twentieth of a second each, everybody else as long.
  await connection.query("set lock_timeout = '2s'")
  const chain = await openChain((work) => db.transaction(work), 'ingress/1')
  let done = false
  let stored = 0
  const receiving = (async () => {
    while (!done) {
      await insertEvents(connection, chain, [anEvent(), anEvent()])
      stored += 2
    }
  })()
  // A backup or a check of the trail: it has read the family, and goes on for as long as it likes.
  const reader = await db.connect({ name: 'reader', onLost: () => undefined })
  await reader.query('begin')
  await reader.query('select count(*) from events')
  await prune(db)
  const before = stored
  expect(await partitionsOf(db, 30)).toContain('events')
  const { rows } = await db.query<{ postponed: number }>('select postponed from prune_runs')
  expect(rows[0]!.postponed).toBeGreaterThan(0)
  await reader.query('commit')
  await reader.close()
  await prune(db)
  done = true
  await receiving
  await connection.close()

  for (const age of [30, 29, 28, 27, 26]) expect(await partitionsOf(db, age)).toEqual([])
  expect(stored).toBeGreaterThan(before)
  expect(await count(db, 'events')).toBe(stored)
  expect((await db.snapshot((tx) => verifyTrail(tx))).faults.filter(({ chain: at }) => at === chain)).toEqual([])
})

test('once a hold is set nothing under it goes, even in the middle of a run', async () => {
  await using db = await aPastOf(30)
  const tenantId = await aPatientTenant(db)
  await oldEvents(db, [{ daysAgo: 30, tenantId }, ...Array.from({ length: 80 }, () => ({ daysAgo: 30 }))])
  await asked(db)
  const running = (async () => {
    while (await pruneOnce(db, { batchRows: 2 }));
  })()
  // Somewhere between the first batch and the last.
  while ((await count(db, 'prune_run_totals')) === 0) await new Promise((resolve) => setTimeout(resolve, 2))
  await db.transaction((tx) => insertLegalHold(tx, aHoldOnEverything()))
  const left = [await count(db, 'events'), await count(db, 'event_payloads')]
  await running
  expect([await count(db, 'events'), await count(db, 'event_payloads')]).toEqual(left)
})

test('a hold waits for the batch that is under way, and no other comes after it', async () => {
  await using db = await aPastOf(30)
  const tenantId = await aPatientTenant(db)
  await oldEvents(db, [{ daysAgo: 30, tenantId }, ...Array.from({ length: 9 }, () => ({ daysAgo: 30 }))])
  await asked(db)
  // The batch has removed its rows, and waits to say so in the trail.
  const trail = await db.connect({ name: 'trail', onLost: () => undefined })
  await trail.query('begin')
  const entry = {
    tenantId: null,
    actor: 'root',
    action: 'thing.done',
    entityType: 'thing',
    entityId: null,
    details: {},
  }
  await appendAudit(trail, entry)
  const running = (async () => {
    while (await pruneOnce(db, { batchRows: 3 }));
  })()
  while ((await waitingFor(db, 'audit_append')) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  let isSet = false
  const setting = db
    .transaction((tx) => insertLegalHold(tx, aHoldOnEverything()))
    .then(async () => {
      isSet = true
      return count(db, 'event_payloads')
    })
  while ((await waitingFor(db, 'update retention_rules')) === 0 && !isSet)
    await new Promise((resolve) => setTimeout(resolve, 5))
  expect(isSet).toBe(false)
  await trail.query('commit')
  await trail.close()
  const left = await setting
  await running
  expect(left).toBeLessThan(10)
  expect(await count(db, 'event_payloads')).toBe(left)
})

test('a hold that is set between the look at a day and its drop keeps the day', async () => {
  await using db = await aPastOf(30)
  const events = await oldEvents(db, [{ daysAgo: 30 }, { daysAgo: 30 }])
  await asked(db)
  // Holds the rules, so that the drop has looked at the day and waits.
  const holder = await db.connect({ name: 'holder', onLost: () => undefined })
  await holder.query('begin')
  await holdRules(holder)
  const running = pruneOnce(db)
  while ((await waitingFor(db, 'retention_rules')) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  await insertLegalHold(holder, { ...aHoldOnEverything(), eventIds: [events[0]!] })
  await holder.query('commit')
  await holder.close()
  await running
  expect(await partitionsOf(db, 30)).toContain('event_payloads')
  const { rows } = await db.query('select event_id as id from event_payloads')
  expect(rows).toContainEqual({ id: events[0] })
})

async function waitingFor(db: TestDatabase, table: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    "select count(*) as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database() and query like '%' || $1 || '%'",
    [table],
  )
  return rows[0]!.n
}

const replay = (db: TestDatabase, eventId: Uuid) =>
  requestReplay(db, {
    ...{ tenantId: DEFAULT_TENANT, requestedBy: ROOT, actor: 'root', reason: 'receiver was down', now: Date.now() },
    eventId,
  })

test('a replay of an old event and its removal never leave the one without what it needs', async () => {
  await using db = await aPastOf(30)
  const tenantId = await aPatientTenant(db)
  for (let round = 0; round < 3; round++) {
    const events = await oldEvents(db, [
      { daysAgo: 30, tenantId },
      ...Array.from({ length: 30 }, () => ({ daysAgo: 30 })),
    ])
    const mine = events.slice(1)
    const [results] = await Promise.all([
      Promise.allSettled(mine.map((id) => replay(db, id))),
      prune(db, { batchRows: 3 }),
    ])
    const replayed = mine.filter((_, index) => results[index]!.status === 'fulfilled')
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: /^(NOT_FOUND|PAYLOAD_PURGED)$/ })
    const { rows } = await db.query<{ id: Uuid; payload: boolean; work: boolean }>(
      `select e.id, p.event_id is not null as payload, exists (select from jobs j where j.event_id = e.id and j.status = 'queued') as work
       from events e left join event_payloads p on p.event_id = e.id where e.id = any ($1::uuid[])`,
      [mine],
    )
    expect(
      rows
        .filter(({ work }) => work)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...replayed].sort())
    expect(rows.filter(({ work, payload }) => work && !payload)).toEqual([])
    await db.query(
      "update jobs set status = 'succeeded'; update replays set status = 'completed'; update events set status = 'processed'",
    )
  }
})

test('a replay that begins between the look at a day and its drop keeps the payloads of the day', async () => {
  await using db = await aPastOf(15)
  const [event] = await oldEvents(db, [{ daysAgo: 15 }])
  await asked(db)
  const holder = await db.connect({ name: 'holder', onLost: () => undefined })
  await holder.query('begin')
  await holdRules(holder)
  const running = pruneOnce(db)
  while ((await waitingFor(db, 'retention_rules')) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  await replay(db, event!)
  await holder.query('commit')
  await holder.close()
  await running
  expect(await count(db, 'event_payloads')).toBe(1)
})

test('what somebody works on is passed over, and is not due once they have begun something', async () => {
  await using db = await aPastOf(30)
  const [event] = await oldEvents(db, [{ daysAgo: 30 }])
  const rules = await readRules(db, POLICY, Date.now())
  const other = await db.connect({ name: 'replay', onLost: () => undefined })
  await other.query('begin')
  await other.query("update events set status = 'pending' where id = $1", [event])
  // Passed over while somebody has it, and not due once they are done.
  const take = () =>
    db.transaction((tx) => lockVictims(tx, rules, 'events', dayRange(dayOf(daysAgo(30))), { after: null, limit: 10 }))
  expect(await take()).toEqual([])
  await other.query('commit')
  await other.close()
  expect(await take()).toEqual([])
})

test('a run whose worker died goes on where it stood with the next one, and the dead one removes nothing more', async () => {
  await using db = await aPastOf(30)
  const tenantId = await aPatientTenant(db)
  await oldEvents(db, [{ daysAgo: 30, tenantId }, { daysAgo: 30 }, { daysAgo: 28 }])
  await asked(db)
  const dead = newId()
  const run = await claimRun(db, { worker: dead, leaseMs: 60_000, now: new Date() })
  expect(await pruneOnce(db)).toBe(false)
  expect(await count(db, 'events')).toBe(3)
  await db.query("update prune_runs set lease_until = clock_timestamp() - interval '1 second'")
  while (await pruneOnce(db));
  expect(await count(db, 'events')).toBe(1)
  const { rows } = await db.query('select id, status, worker <> $1 as taken from prune_runs', [dead])
  expect(rows).toEqual([{ id: run!.id, status: 'completed', taken: true }])
})

test('a day that cannot be removed keeps no other from going, and is counted', async () => {
  await using db = await aPastOf(30)
  await oldEvents(db, [{ daysAgo: 30 }, { daysAgo: 30, status: 'pending' }, { daysAgo: 28 }])
  const owner = openDatabase({ url: db.ownerUrl, onError: () => undefined })
  await owner.query(
    `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'damaged' using errcode = 'XX001'; end $$;
     create trigger refuse before delete on event_payloads_${dayOf(daysAgo(30)).replaceAll('-', '')} for each row execute function refuse()`,
  )
  await owner.close()
  await prune(db)
  expect(await partitionsOf(db, 28)).toEqual([])
  expect(await count(db, 'events')).toBe(2)
  const { rows } = await db.query('select status, postponed from prune_runs')
  expect(rows).toEqual([{ status: 'completed', postponed: 2 }])
})

test('a connection that dies in the middle leaves every event whole or gone', async () => {
  await using db = await aPastOf(30)
  const tenantId = await aPatientTenant(db)
  await oldEvents(db, [{ daysAgo: 30, tenantId }, ...Array.from({ length: 120 }, () => ({ daysAgo: 30 }))])
  await asked(db)
  let kills = 0
  for (let more = true; more; ) {
    const turn = pruneOnce(db, { batchRows: 3 }).catch(() => true)
    if (kills < 6) {
      await new Promise((resolve) => setTimeout(resolve, 40))
      kills++
      await db.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'postern' and pid <> pg_backend_pid() and datname = current_database() and xact_start is not null",
      )
    }
    more = await turn
    await db.query("update prune_runs set lease_until = null where status = 'running'")
    const { rows } = await db.query<{ n: number }>(
      `select count(*) as n from events e full join event_payloads p on p.event_id = e.id
       where e.id is null or (p.event_id is null and e.payload_purged_at is null)`,
    )
    expect(rows[0]).toEqual({ n: 0 })
  }
  expect(await count(db, 'events')).toBe(1)
  const { rows } = await db.query(
    "select (select count(*) from pruned_events) as kept, (select sum(rows)::int from prune_run_totals where kind = 'events') as told",
  )
  expect(rows).toEqual([{ kept: 120, told: 120 }])
})
