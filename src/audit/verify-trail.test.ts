import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { anEvent } from '../../test/support/builders.ts'
import { freshDatabase, type TestDatabase } from '../../test/support/database.ts'
import { DEFAULT_TENANT, newId } from '../base/model/ids.ts'
import { appendAudit, MANAGEMENT_CHAIN, openChain } from '../resources/store/audit.ts'
import { openDatabase } from '../resources/store/database.ts'
import { insertEvents } from '../resources/store/ingest.ts'
import { generateSigningKey, readSigningKey, writeCheckpoint } from './checkpoint.ts'
import { type TrailFaultKind, verifyTrail } from './verify-trail.ts'

async function aTrail(): Promise<TestDatabase> {
  const db = await freshDatabase()
  for (let index = 1; index <= 5; index++) await anEntry(db, `thing.done-${index}`)
  const chain = await openChain((work) => db.transaction(work), 'ingress/1')
  const connection = await db.connect({ name: 'writer', onLost: () => undefined })
  for (let batch = 0; batch < 3; batch++) await insertEvents(connection, chain, [anEvent(), anEvent()])
  await connection.close()
  return db
}

function anEntry(db: TestDatabase, action: string) {
  return appendAudit(db, {
    tenantId: DEFAULT_TENANT,
    actor: 'ünïcode root',
    action,
    entityType: 'thing',
    entityId: newId(),
    details: { note: 'ä "quoted"' },
  })
}

/** As somebody with the rights of a superuser on the server would do it: the triggers are off. */
async function tamper(db: TestDatabase, sql: string): Promise<void> {
  const owner = openDatabase({ url: db.ownerUrl, onError: () => undefined })
  await owner.query('alter table audit_entries disable trigger all').catch(() => undefined)
  await owner.query('alter table audit_entries disable trigger user')
  await owner.query('alter table audit_checkpoints disable trigger user')
  await owner.query(sql)
  await owner.close()
}

const inSnapshot = (db: TestDatabase, trustedKey?: Buffer) =>
  db.snapshot((tx) => verifyTrail(tx, trustedKey === undefined ? {} : { trustedKey }))

test('an untouched trail is intact', async () => {
  await using db = await aTrail()
  const report = await inSnapshot(db)
  expect(report.faults).toEqual([])
  // Five of ours, one chain opening, three receipts.
  expect(report).toMatchObject({ intact: true, chains: 2, entries: 9, receipts: 3 })
})

const EDITS: [what: string, sql: string, kind: TrailFaultKind, seq?: number][] = [
  [
    'a changed detail',
    `update audit_entries set details = replace(details, 'quoted', 'forged') where action = 'thing.done-3'`,
    'entry_changed',
    3,
  ],
  ['a changed actor', `update audit_entries set actor = 'somebody' where action = 'thing.done-1'`, 'entry_changed', 1],
  [
    'a changed time',
    `update audit_entries set at = at + interval '1 ms' where action = 'thing.done-2'`,
    'entry_changed',
    2,
  ],
  ['a removed tenant', `update audit_entries set tenant_id = null where action = 'thing.done-2'`, 'entry_changed', 2],
  ['a removed entry', `delete from audit_entries where action = 'thing.done-2'`, 'entry_missing', 2],
  [
    'two entries exchanged',
    `update audit_entries set seq = 7 - seq + 100 where action in ('thing.done-3', 'thing.done-4'); update audit_entries set seq = seq - 100 where seq > 100`,
    'entry_changed',
    3,
  ],
  [
    'the last entry cut off',
    `delete from audit_entries where seq = 6 and chain_id = '${MANAGEMENT_CHAIN}'`,
    'head_changed',
  ],
  [
    'a whole chain removed',
    `update events set receipt_id = receipt_id; delete from audit_entries where chain_id <> '${MANAGEMENT_CHAIN}'; delete from audit_chains where id <> '${MANAGEMENT_CHAIN}'`,
    'chain_missing',
  ],
  [
    'a chain nobody opened',
    `insert into audit_chains (id, writer) values (gen_random_uuid(), 'intruder')`,
    'chain_unopened',
  ],
  [
    'a changed body',
    `update event_payloads set body = 'x' where event_id = (select min(id::text)::uuid from events)`,
    'events_changed',
    1,
  ],
  [
    'a changed body with its digest',
    `update event_payloads set body = 'x' where event_id = (select min(id::text)::uuid from events); update events set body_sha256 = sha256('x') where id = (select min(id::text)::uuid from events)`,
    'events_changed',
    1,
  ],
  ['a removed event', `delete from events where id = (select max(id::text)::uuid from events)`, 'events_changed', 3],
]

test.each(EDITS)('%s is found, with its place', async (_what, sql, kind, seq) => {
  await using db = await aTrail()
  await tamper(db, sql)
  const report = await inSnapshot(db)
  expect(report.intact).toBe(false)
  expect(report.faults[0]).toMatchObject(seq === undefined ? { kind } : { kind, seq })
})

test('an end cut off together with its head is missed by a signed checkpoint', async () => {
  await using db = await aTrail()
  const key = readSigningKey(generateSigningKey())
  expect(await writeCheckpoint(db, key, new Date())).toBe(true)
  expect(await writeCheckpoint(db, key, new Date())).toBe(false)
  expect((await inSnapshot(db, key.publicKey)).intact).toBe(true)

  await tamper(
    db,
    `delete from audit_entries where action = 'chain.opened'; delete from audit_entries where action = 'thing.done-5';
     update audit_chains set seq = 4, head = (select hash from audit_entries where action = 'thing.done-4') where id = '${MANAGEMENT_CHAIN}'`,
  )

  const { faults } = await inSnapshot(db, key.publicKey)
  expect(faults).toContainEqual(expect.objectContaining({ kind: 'entry_missing', chain: MANAGEMENT_CHAIN, seq: 5 }))
})

test('a checkpoint of another key is a forgery, and a changed one is too', async () => {
  await using db = await aTrail()
  const key = readSigningKey(generateSigningKey())
  await writeCheckpoint(db, key, new Date())
  const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' })
  expect((await inSnapshot(db, other)).faults).toContainEqual(expect.objectContaining({ kind: 'checkpoint_forged' }))
  await tamper(db, `update audit_checkpoints set heads = replace(heads, '"seq":3', '"seq":2')`)
  expect((await inSnapshot(db)).faults).toContainEqual(expect.objectContaining({ kind: 'checkpoint_forged' }))
})

test.each([
  ['update', `update audit_entries set actor = 'x'`],
  ['delete', 'delete from audit_entries'],
  ['truncate', 'truncate audit_entries'],
  ['head', `update audit_chains set seq = 0`],
])('the role of the gateway may not %s', async (_what, sql) => {
  await using db = await aTrail()
  await expect(db.query(sql)).rejects.toMatchObject({ code: '42501' })
})
