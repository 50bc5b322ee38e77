/** What the loops behind the commit read while a day's tables grow under plans that were made when they were empty. */
import { beforeAll, expect, test } from 'vitest'
import type { Uuid } from '../../src/base/model/ids.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { httpFarSide } from '../support/far-side.ts'
import { aDestination, anEvent, anIntegration, eventRow, until } from '../support/flow.ts'
import { aRunningWorker } from '../support/running-worker.ts'

const GROWN = 30_000

let integration: Uuid

/** Rows of the event family read so far, whichever way. */
async function rowsRead(db: TestDatabase): Promise<number> {
  // Sessions that have ended have told all they did.
  await until(async () => {
    const { rowCount } = await db.query(
      "select from pg_stat_activity where datname = current_database() and application_name like 'postern %'",
    )
    return rowCount === 0
  })
  const { rows } = await db.query<{ read: number }>(
    `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 as read from pg_stat_user_tables
     where relname ~ '^(events|event_payloads|jobs|delivery_attempts)'`,
  )
  return rows[0]!.read
}

let db: TestDatabase
beforeAll(async () => {
  db = await freshDatabase()
  integration = await anIntegration(db)
  return () => db[Symbol.asyncDispose]()
})

test('an event costs no more when its day has thirty thousand others', async () => {
  await using sink = await httpFarSide()
  await aDestination(db, integration, { url: sink.url })
  const events: Uuid[] = []
  const deliver = async (count: number, worker: { wake(): void }) => {
    const some = await Promise.all(Array.from({ length: count }, () => anEvent(db, integration)))
    events.push(...some)
    worker.wake()
    for (const event of some) await until(async () => (await eventRow(db, event)).status === 'processed')
  }
  {
    await using worker = aRunningWorker(db)
    // One at a time, until every statement has a plan that is kept.
    for (let n = 0; n < 10; n++) await deliver(1, worker)
    await grow(events[0]!)
    await deliver(20, worker)
  }
  expect(await rowsRead(db)).toBeLessThan(GROWN / 3)
})

/** Copies of one event, all done. */
async function grow(event: Uuid): Promise<void> {
  for (const [table, id, columns] of [
    [
      'events',
      'id',
      'tenant_id, integration_id, provider, status, received_at, correlation_id, source_ip, scheme, key_id, coverage, body_sha256, body_bytes, receipt_id',
    ],
    ['event_payloads', 'event_id', 'method, target, content_type, headers, body'],
    ['jobs', 'event_id', 'id, tenant_id, kind, lane, triggered_by, status, run_at, created_at'],
  ])
    await db.query(
      `insert into ${table} (${id}, ${columns})
       select (left($1::uuid::text, 24) || lpad(to_hex(n), 12, '0'))::uuid, ${columns} from ${table}, generate_series(1, $2::integer) n
       where ${id} = $1::uuid`,
      [event, GROWN],
    )
}
