import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
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

test('a batch is all or nothing, its error is the first one, and the session goes on', async () => {
  const insert = 'insert into dedupe_keys values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid())'
  const failing = session.batch([
    { text: insert, values: [] },
    { text: 'select 1 / $1::integer', values: [0] },
    { text: insert, values: [] },
  ])
  // Sent behind it before it has failed, and none of its business.
  const behind = session.batch([{ text: insert, values: [] }])
  await expect(failing).rejects.toMatchObject({ code: '22012' })
  await behind
  expect((await session.query<{ count: number }>('select count(*) as count from dedupe_keys')).rows[0]!.count).toBe(1)
})

test('batches at one moment run one after the other, each answered with its own rows', async () => {
  const next = { text: "select nextval('batches')::integer as value", values: [] }
  await session.query('create temporary sequence batches')
  const answers = await Promise.all(Array.from({ length: 20 }, () => session.batch([next, next])))
  expect(answers.flat().map((answer) => answer.rows[0].value)).toEqual(Array.from({ length: 40 }, (_, at) => at + 1))
})

test('a batch whose connection dies is an error, not a wait, and the next one has another', async () => {
  const pid = await backend()
  const slow = session.batch([{ text: 'select pg_sleep(20)', values: [] }])
  const waiting = session.query('select 1')
  await expect
    .poll(
      async () => (await db.query("select from pg_stat_activity where pid = $1 and state = 'active'", [pid])).rowCount,
    )
    .toBe(1)
  await db.query('select pg_terminate_backend($1)', [pid])
  await expect(slow).rejects.toThrow()
  await expect(waiting).rejects.toThrow()
  expect(await backend()).not.toBe(pid)
})

test('commits are waited for on the disk unless the session says that they may be lost', async () => {
  const setting = async (of: Session) =>
    (await of.query<{ synchronous_commit: string }>('show synchronous_commit')).rows[0]!.synchronous_commit
  const careless = openSession(db, 'careless', { durable: false })
  expect([await setting(session), await setting(careless)]).toEqual(['on', 'off'])
  await careless.close()
})

test('statements that are no longer used are forgotten, and can be used again', async () => {
  const own = openSession(db, 'many')
  const texts = Array.from({ length: 250 }, (_, index) => `select $1::integer + ${index} as sum`)
  await Promise.all(texts.map((text) => own.query(text, [1])))
  expect((await own.query<{ sum: number }>(texts[0]!, [1])).rows).toEqual([{ sum: 1 }])
  const { rows } = await own.query<{ count: number }>('select count(*) as count from pg_prepared_statements')
  expect(rows[0]!.count).toBeLessThan(texts.length / 2)
  await db.query('select pg_terminate_backend($1)', [
    (await own.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid,
  ])
  await own.query('select 1').catch(() => undefined)
  for (const text of texts.slice(0, 120)) await own.query(text, [1])
  await own.close()
})

test('answers are not kept once they are given', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const given = await Promise.all(
    [
      () => session.query('select 1'),
      () => session.batch([{ text: 'select 2', values: [] }]),
      () => session.transaction((tx) => tx.query('select 3')),
    ].map(async (ask) => new WeakRef(await ask())),
  )
  // The last answer may be held until the next.
  await session.query('select 4')
  await session.query('select 5')
  await new Promise(setImmediate)
  collect()
  expect(given.map((answer) => answer.deref())).toEqual([undefined, undefined, undefined])
})
