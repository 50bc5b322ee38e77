import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { openSession, type Session } from './session.ts'

let db: TestDatabase
let session: Session
beforeAll(async () => {
  db = await freshDatabase()
  session = openSession(db, 'test')
})
afterAll(async () => {
  await session.close()
  await db[Symbol.asyncDispose]()
})

const backend = async () => (await session.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid

test('calls at one moment take turns, and a transaction is not broken into', async () => {
  const order: string[] = []
  const transaction = session.transaction(async (tx) => {
    order.push('begun')
    await tx.query('select pg_sleep(0.05)')
    order.push('ended')
  })
  const query = session.query('select 1').then(() => order.push('other'))
  await Promise.all([transaction, query])
  expect(order).toEqual(['begun', 'ended', 'other'])
})

test('a failed transaction leaves nothing behind and the session usable', async () => {
  const failing = session.transaction(async (tx) => {
    await tx.query('insert into dedupe_keys values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid())')
    await tx.query('select 1 / $1::integer', [0])
  })
  await expect(failing).rejects.toMatchObject({ code: '22012' })
  expect((await session.query<{ count: number }>('select count(*) as count from dedupe_keys')).rows[0]!.count).toBe(0)
})

test('after its connection was killed the next call has another one', async () => {
  const pid = await backend()
  await db.query('select pg_terminate_backend($1)', [pid])
  const during = await session.transaction((tx) => tx.query('select 1')).catch((error: unknown) => error)
  expect(during).toBeDefined()
  expect(await backend()).not.toBe(pid)
})

test('a statement is prepared once, whatever its values', async () => {
  for (let i = 0; i < 3; i++) await session.query('select $1::integer as value', [i])
  const { rows } = await session.query(
    "select statement from pg_prepared_statements where statement = 'select $1::integer as value'",
  )
  expect(rows).toHaveLength(1)
})
