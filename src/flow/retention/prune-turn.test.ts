import { expect, test } from 'vitest'
import { aTenant } from '../../../test/support/api.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { anIntegration } from '../../../test/support/flow.ts'
import { dayOf, daysAgo, oldEvents, partitionsOf, prune, withDays } from '../../../test/support/old-days.ts'
import { verifyTrail } from '../../audit/verify-trail.ts'
import { DEFAULT_TENANT, newId, type Uuid } from '../../base/model/ids.ts'
import { MANAGEMENT_CHAIN } from '../../resources/store/audit.ts'
import { openDatabase } from '../../resources/store/database.ts'
import { insertLegalHold, liftLegalHold } from '../../resources/store/legal-holds.ts'
import { changeRules, saveRetention } from '../../resources/store/retention-rules.ts'

async function aPastOf(days: number): Promise<TestDatabase> {
  const db = await freshDatabase()
  await withDays(db, days)
  return db
}

const idsOf = async (db: TestDatabase, table: 'events' | 'event_payloads' = 'events') =>
  (
    await db.query<{ id: Uuid }>(`select ${table === 'events' ? 'id' : 'event_id as id'} from ${table} order by 1`)
  ).rows.map(({ id }) => id)

const keep = (db: TestDatabase, tenantId: Uuid, metadataDays: number | null, payloadDays = metadataDays) =>
  db.transaction(async (tx) => {
    await changeRules(tx)
    await saveRetention(tx, tenantId, {
      ...{ metadataDays, payloadDays, undeliveredDays: null },
      updatedAt: new Date(),
      updatedBy: 'test',
    })
  })

const hold = async (db: TestDatabase, fields: Partial<Parameters<typeof insertLegalHold>[1]> = {}) => {
  const id = newId()
  await db.transaction((tx) =>
    insertLegalHold(tx, {
      ...{
        id,
        tenantId: DEFAULT_TENANT,
        integrationId: null,
        receivedFrom: null,
        receivedBefore: null,
        eventIds: null,
      },
      ...{ reason: 'a lawsuit', createdAt: new Date(), createdBy: 'test' },
      ...fields,
    }),
  )
  return id
}

const FAMILY = ['delivery_attempts', 'event_payloads', 'events', 'jobs', 'quarantine']

test('a day in which everything is due is dropped whole: first its payloads, then the rest of the family', async () => {
  await using db = await aPastOf(22)
  const [old, middle, young] = await oldEvents(db, [{ daysAgo: 22 }, { daysAgo: 12 }, { daysAgo: 9 }])
  await prune(db)

  expect(await partitionsOf(db, 22)).toEqual([])
  expect(await partitionsOf(db, 12)).toEqual(['delivery_attempts', 'events', 'jobs'])
  expect(await partitionsOf(db, 9)).toEqual(FAMILY)
  expect(await idsOf(db)).toEqual([middle, young])
  expect(await idsOf(db, 'event_payloads')).toEqual([young])
  const { rows } = await db.query('select count(*) as n from jobs where event_id = $1', [old])
  expect(rows[0]).toEqual({ n: 0 })
  const days = await db.query(
    'select day::text as day, part from pruned_days where day = any ($1::date[]) order by day, part',
    [[dayOf(daysAgo(22)), dayOf(daysAgo(12))]],
  )
  expect(days.rows).toEqual([
    ...['events', 'payloads', 'quarantine'].map((part) => ({ day: dayOf(daysAgo(22)), part })),
    ...['payloads', 'quarantine'].map((part) => ({ day: dayOf(daysAgo(12)), part })),
  ])
})

test('a day is due once it has been over for as many days as it is kept, and not before', async () => {
  await using db = await aPastOf(22)
  const events = await oldEvents(db, [{ daysAgo: 21 }, { daysAgo: 20 }])
  await prune(db)
  expect(await idsOf(db)).toEqual([events[1]])
})

test('where a tenant keeps its rows for longer, those of the others go in batches, and the day goes with the last', async () => {
  await using db = await aPastOf(25)
  const { tenantId } = await aTenant(db, 'patient')
  await keep(db, tenantId, null)
  const theirs = await oldEvents(db, [{ daysAgo: 25, tenantId }])
  await oldEvents(
    db,
    Array.from({ length: 25 }, () => ({ daysAgo: 25 })),
  )
  await prune(db, { batchRows: 4 })
  expect(await idsOf(db)).toEqual(theirs)
  expect(await idsOf(db, 'event_payloads')).toEqual(theirs)
  expect(await partitionsOf(db, 25)).toContain('events')

  await keep(db, tenantId, 1)
  await prune(db, { batchRows: 4 })
  expect(await idsOf(db)).toEqual([])
  expect(await partitionsOf(db, 25)).toEqual([])
})

test('what is under way stays, whatever its age, payload and all', async () => {
  await using db = await aPastOf(60)
  const events = await oldEvents(db, [{ daysAgo: 60, status: 'pending' }, { daysAgo: 60 }])
  await prune(db)
  expect(await idsOf(db)).toEqual([events[0]])
  expect(await idsOf(db, 'event_payloads')).toEqual([events[0]])
})

test('a shadow delivery that is still to be made keeps its event', async () => {
  await using db = await aPastOf(60)
  const [event] = await oldEvents(db, [{ daysAgo: 60 }])
  await db.query("update jobs set status = 'queued', kind = 'deliver', shadow = true where event_id = $1", [event])
  await prune(db)
  expect(await idsOf(db)).toEqual([event])
})

test('dead letters and parked events stay for longer, with their payloads, and their number is kept for an alert when they go', async () => {
  await using db = await aPastOf(41)
  const gone = await oldEvents(db, [
    { daysAgo: 41, status: 'failed' },
    { daysAgo: 41, status: 'parked' },
    { daysAgo: 41 },
  ])
  const kept = await oldEvents(db, [
    { daysAgo: 39, status: 'failed' },
    { daysAgo: 39, status: 'parked' },
  ])
  await prune(db, { batchRows: 1 })
  expect(gone).toHaveLength(3)
  expect(await idsOf(db)).toEqual(kept.toSorted())
  expect(await idsOf(db, 'event_payloads')).toEqual(kept.toSorted())
  expect(await partitionsOf(db, 41)).toEqual([])
  const { rows } = await db.query(
    'select kind, sum(never_delivered)::integer as events from prune_run_totals group by kind having sum(never_delivered) > 0',
  )
  expect(rows).toEqual([{ kind: 'events', events: 2 }])
})

test.each([
  ['everything of a tenant', () => ({})],
  ['an integration', (integrationId: Uuid) => ({ integrationId })],
  ['a window', () => ({ receivedFrom: new Date(daysAgo(30)), receivedBefore: new Date(daysAgo(29)) })],
  ['single events', (_: Uuid, event: Uuid) => ({ eventIds: [event] })],
])('nothing under a hold on %s goes until it is lifted', async (_what, scope) => {
  await using db = await aPastOf(30)
  const integrationId = await anIntegration(db)
  const other = await aTenant(db, 'other')
  const [held] = await oldEvents(db, [{ daysAgo: 30, integrationId }])
  await oldEvents(db, [{ daysAgo: 30, tenantId: other.tenantId }])
  const id = await hold(db, scope(integrationId, held!))
  await prune(db)
  expect(await idsOf(db)).toEqual([held])
  expect(await idsOf(db, 'event_payloads')).toEqual([held])

  await db.transaction((tx) => liftLegalHold(tx, DEFAULT_TENANT, id, { at: new Date(), by: 'test', reason: 'settled' }))
  await prune(db)
  expect(await idsOf(db)).toEqual([])
  expect(await partitionsOf(db, 30)).toEqual([])
})

test('a hold covers no more than it says', async () => {
  await using db = await aPastOf(30)
  const [integrationId, another] = [await anIntegration(db), await anIntegration(db)]
  const [held] = await oldEvents(db, [
    { daysAgo: 30, integrationId },
    { daysAgo: 30, integrationId: another },
    { daysAgo: 28, integrationId },
  ])
  await hold(db, { integrationId, receivedBefore: new Date(daysAgo(29)) })
  await hold(db, { integrationId: another, receivedFrom: new Date(daysAgo(29)) })
  await prune(db)
  expect(await idsOf(db)).toEqual([held])
})

test('refused requests go as payloads do, and a hold on their integration keeps them', async () => {
  await using db = await aPastOf(30)
  const [integrationId, another] = [await anIntegration(db), await anIntegration(db)]
  for (const integration of [integrationId, another])
    await db.query(
      `insert into quarantine (id, tenant_id, integration_id, reason, received_at, source_ip, method, target, headers, body, body_bytes)
       values ($1, $2, $3, 'signature_mismatch', $4, '127.0.0.1', 'POST', '/', '[]', 'x', 1)`,
      [newId(daysAgo(15)), DEFAULT_TENANT, integration, new Date(daysAgo(15))],
    )
  await hold(db, { integrationId })
  await prune(db)
  const { rows } = await db.query('select integration_id as id from quarantine')
  expect(rows).toEqual([{ id: integrationId }])
})

test('the payload goes before the event, which says when; what destinations answered goes with it', async () => {
  await using db = await aPastOf(12)
  const other = await aTenant(db, 'patient')
  await keep(db, other.tenantId, null)
  const [mine] = await oldEvents(db, [{ daysAgo: 12 }, { daysAgo: 12, tenantId: other.tenantId }, { daysAgo: 11 }])
  await db.query(
    `insert into delivery_attempts (event_id, id, tenant_id, job_id, destination_id, attempt_no, status, outcome, response_body, started_at, duration_ms)
     select id, id, tenant_id, id, id, 1, 'success', 'success', 'thank you', now(), 1 from events`,
  )
  const now = Date.now()
  await prune(db, { now })
  const { rows } = await db.query(
    `select e.id = $1 as mine, e.payload_purged_at as purged, p.event_id is not null as there, a.response_body is not null as answer
     from events e left join event_payloads p on p.event_id = e.id join delivery_attempts a on a.event_id = e.id order by e.id, 1`,
    [mine],
  )
  // Mine stands beside one that stays: a row of its own says when. The payloads of the later day were dropped whole.
  expect(rows.filter((row) => row['there'])).toMatchObject([{ mine: false, purged: null, answer: true }])
  expect(rows.filter((row) => row['mine'])).toEqual([
    { mine: true, purged: new Date(now), there: false, answer: false },
  ])
  expect(rows.filter((row) => !row['there'] && !row['mine'])).toMatchObject([{ purged: null, answer: false }])
})

test('the trail can be verified after every way of removing, and is not intact when somebody removes by hand', async () => {
  await using db = await aPastOf(30)
  const other = await aTenant(db, 'patient')
  await keep(db, other.tenantId, null)
  // One receipt over events of both tenants, one over a day that goes whole, one that loses its payloads.
  const events = await oldEvents(db, [
    ...Array.from({ length: 5 }, () => ({ daysAgo: 30 })),
    ...Array.from({ length: 5 }, () => ({ daysAgo: 30, tenantId: other.tenantId })),
  ])
  await oldEvents(db, [{ daysAgo: 28 }])
  await oldEvents(db, [{ daysAgo: 15 }, { daysAgo: 15 }])
  await backdate(db)
  const verify = () => db.snapshot((tx) => verifyTrail(tx))
  expect(await verify()).toMatchObject({ intact: true, receipts: 3 })
  await prune(db, { batchRows: 2 })
  expect(await idsOf(db)).toHaveLength(7)
  // The receipt of the dropped day has nothing to be compared with.
  expect(await verify()).toMatchObject({ intact: true, faults: [], receipts: 2 })

  // Whoever removes an event, and writes that it was removed by age, is told on by the entry that knows better.
  const [stays] = (await db.query<{ id: Uuid }>('select id from events where id = any ($1::uuid[]) limit 1', [events]))
    .rows
  await db.query(
    `insert into pruned_events (event_id, receipt_id, body_sha256, pruned_by)
     select id, receipt_id, body_sha256, (select pruned_by from pruned_events limit 1) from events where id = $1`,
    [stays!.id],
  )
  await db.query('delete from events where id = $1', [stays!.id])
  expect((await verify()).faults).toMatchObject([{ kind: 'events_changed', chain: MANAGEMENT_CHAIN }])
  await db.query('delete from pruned_events where event_id = $1', [stays!.id])
  expect((await verify()).faults).toMatchObject([{ kind: 'events_changed' }])
})

test('a day that is gone without an entry that says so is found', async () => {
  await using db = await aPastOf(30)
  await oldEvents(db, [{ daysAgo: 30 }])
  await backdate(db)
  await db.query("select drop_day($1, 'events')", [dayOf(daysAgo(30))])
  const { faults } = await db.snapshot((tx) => verifyTrail(tx))
  expect(faults).toMatchObject([{ kind: 'events_changed' }])
})

/** Receipts as they would be had their events been received on their day: each is the first of its chain. */
async function backdate(db: TestDatabase): Promise<void> {
  const owner = openDatabase({ url: db.ownerUrl, onError: () => undefined })
  await owner.query('alter table audit_entries disable trigger user')
  await owner.query(
    `update audit_entries a set at = e.at, hash = audit_hash(decode(repeat('00', 32), 'hex'), a.seq, a.id, e.at, a.tenant_id, a.actor,
       a.action, a.entity_type, a.entity_id, a.details, a.digest)
     from (select receipt_id, max(received_at) as at from events group by receipt_id) as e where e.receipt_id = a.id`,
  )
  await owner.query(
    'update audit_chains c set head = a.hash from audit_entries a where a.chain_id = c.id and a.digest is not null',
  )
  await owner.query('alter table audit_entries enable trigger user')
  await owner.close()
}
