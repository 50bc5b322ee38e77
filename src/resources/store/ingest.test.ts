import { expect, test } from 'vitest'
import { anEvent, aUuid } from '../../../test/support/builders.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { openChain } from './audit.ts'
import { findKnown, insertEvents } from './ingest.ts'

async function aWriter(db: TestDatabase, name = 'test') {
  const chain = await openChain((work) => db.transaction(work), name)
  const connection = await db.connect({ name, onLost: () => undefined })
  return { chain, connection }
}

test('an event, its bytes, its key, its job and its receipt are there together', async () => {
  await using db = await freshDatabase()
  const { chain, connection } = await aWriter(db)
  const event = anEvent({ body: Buffer.from([0x7b, 0xff, 0x00, 0x7d]), externalId: 'x-1', signedAt: 1_795_305_600_000 })

  expect(await insertEvents(connection, chain, [event])).toEqual(new Set())

  const { rows } = await db.query(
    `select e.status, e.external_id, e.signed_at, p.body, j.status as job, d.event_id, a.action, a.details
     from events e join event_payloads p on p.event_id = e.id join jobs j on j.event_id = e.id
       join dedupe_keys d on d.event_id = e.id join audit_entries a on a.id = e.receipt_id`,
  )
  expect(rows).toEqual([
    {
      status: 'pending',
      external_id: 'x-1',
      signed_at: new Date(1_795_305_600_000),
      body: event.body,
      job: 'queued',
      event_id: event.id,
      action: 'events.received',
      details: '{"count":1}',
    },
  ])
  await connection.close()
})

test('64 simultaneous copies over several gateways leave one row and one id', async () => {
  await using db = await freshDatabase({ poolSize: 4 })
  const writers = await Promise.all(Array.from({ length: 8 }, (_, index) => aWriter(db, `gateway-${index}`)))
  const dedupeKey = aUuid()
  const fingerprint = aUuid()
  const copies = () => Array.from({ length: 8 }, () => anEvent({ dedupeKey, fingerprint }))

  const refused = await Promise.all(writers.map(({ connection, chain }) => insertEvents(connection, chain, copies())))

  expect(refused.reduce((sum, ids) => sum + ids.size, 0)).toBe(63)
  const known = await findKnown(db, [dedupeKey])
  const { rows } = await db.query('select id from events')
  expect(rows).toEqual([{ id: known.get(dedupeKey)?.eventId }])
  await Promise.all(writers.map(({ connection }) => connection.close()))
})

test('gateways that hold the same copies in opposite order do not deadlock', async () => {
  await using db = await freshDatabase()
  const [left, right] = await Promise.all([aWriter(db, 'left'), aWriter(db, 'right')])
  for (let round = 0; round < 20; round++) {
    const keys = Array.from({ length: 50 }, aUuid)
    const batch = (order: readonly (typeof keys)[number][]) => order.map((dedupeKey) => anEvent({ dedupeKey }))
    const results = await Promise.all([
      insertEvents(left.connection, left.chain, batch(keys)),
      insertEvents(right.connection, right.chain, batch([...keys].reverse())),
    ])
    // Each key is refused once: by whichever gateway came second.
    expect(results[0].size + results[1].size).toBe(50)
  }
  await Promise.all([left.connection.close(), right.connection.close()])
})

test('a parked event has no job', async () => {
  await using db = await freshDatabase()
  const { chain, connection } = await aWriter(db)
  await insertEvents(connection, chain, [anEvent({ parkedReason: 'unlisted_type' })])
  const { rows } = await db.query('select e.status, e.status_reason, (select count(*) from jobs) as jobs from events e')
  expect(rows).toEqual([{ status: 'parked', status_reason: 'unlisted_type', jobs: 0 }])
  await connection.close()
})

test('one row that PostgreSQL refuses leaves nothing of its batch', async () => {
  await using db = await freshDatabase()
  const { chain, connection } = await aWriter(db)
  const batch = [anEvent(), anEvent({ type: 'nul \u0000 byte' })]
  await expect(insertEvents(connection, chain, batch)).rejects.toMatchObject({ code: '22021' })
  const { rows } = await db.query(
    'select (select count(*) from events) as events, (select count(*) from dedupe_keys) as keys, (select seq from audit_chains where id = $1) as seq',
    [chain],
  )
  expect(rows[0]).toEqual({ events: 0, keys: 0, seq: 0 })
  await connection.close()
})

test('every event of a mixed batch keeps what it came with', async () => {
  await using db = await freshDatabase()
  const { chain, connection } = await aWriter(db)
  const batch = Array.from({ length: 60 }, (_, index) =>
    anEvent({
      sourceIp: `192.0.2.${index % 25}`,
      type: index % 3 === 0 ? null : `type-${index % 4}`,
      target: `/hook?n=${index % 5}`,
      contentType: index % 2 === 0 ? null : 'application/json',
      parkedReason: index % 7 === 0 ? 'conflict' : null,
      conflictOf: index % 7 === 0 ? aUuid() : null,
      externalId: index % 11 === 0 ? null : `x-${index}`,
      headers: JSON.stringify([['n', String(index)]]),
    }),
  )

  await insertEvents(connection, chain, batch)

  const { rows } = await db.query<{ id: string }>(
    `select e.id, host(source_ip) as ip, type, target, content_type, status_reason, conflict_of, external_id, headers,
       integration_id, key_id, correlation_id, body_bytes, body, exists (select from jobs j where j.event_id = e.id) as job
     from events e join event_payloads p on p.event_id = e.id`,
  )
  const stored = new Map(rows.map((row) => [row.id, row]))
  for (const event of batch) {
    expect(stored.get(event.id)).toEqual({
      id: event.id,
      ip: event.sourceIp,
      type: event.type,
      target: event.target,
      content_type: event.contentType,
      status_reason: event.parkedReason,
      conflict_of: event.conflictOf,
      external_id: event.externalId,
      headers: event.headers,
      integration_id: event.integrationId,
      key_id: event.keyId,
      correlation_id: event.id,
      body_bytes: event.body.length,
      body: event.body,
      job: event.parkedReason === null,
    })
  }
  await connection.close()
})

test('of a batch with copies in it only what is new is stored, and the receipt counts no more', async () => {
  await using db = await freshDatabase()
  const { chain, connection } = await aWriter(db)
  const known = Array.from({ length: 5 }, () => anEvent())
  await insertEvents(connection, chain, known)
  const copies = known.map(({ dedupeKey }) => anEvent({ dedupeKey }))
  const fresh = [anEvent(), anEvent({ parkedReason: 'unlisted_type' })]

  const refused = await insertEvents(connection, chain, [...copies, ...fresh])

  expect(refused).toEqual(new Set(copies.map(({ id }) => id)))
  const { rows } = await db.query(
    `select (select count(*) from events) as events, (select count(*) from event_payloads) as payloads,
       (select count(*) from jobs) as jobs, (select count(*) from dedupe_keys) as keys,
       (select array_agg(details order by seq) from audit_entries where chain_id = $1) as receipts`,
    [chain],
  )
  expect(rows[0]).toEqual({ events: 7, payloads: 7, jobs: 6, keys: 7, receipts: ['{"count":5}', '{"count":2}'] })
  await connection.close()
})
