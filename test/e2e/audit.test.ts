/** The trail of a gateway that has worked, checked from outside, before and after somebody edited one row by hand. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/resources/store/database.ts'
import { aGateway, runPostern, type TestGateway } from '../support/gateway.ts'
import { fromAcme } from './senders.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await aGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const SECRET = 'acme-secret-of-the-audit'

const verify = (...args: string[]) =>
  runPostern(['audit', 'verify', ...args], {
    env: { DATABASE_URL: gateway.databaseUrl, POSTERN_DATA_DIR: gateway.dataDir },
  })

/** As the owner of the schema, with the fence taken down and put up again. */
async function byHand(table: string, sql: string): Promise<void> {
  const owner = openDatabase({ url: gateway.databaseUrl, onError: () => undefined })
  await owner.query(`grant all on ${table} to current_user`)
  await owner.query(`alter table ${table} disable trigger user`)
  await owner.query(sql)
  await owner.query(`alter table ${table} enable trigger user`)
  await owner.close()
}

test('is intact after work, says where it was edited, and is intact again when the edit is undone', async () => {
  const { receivePath, id } = await gateway.integrate({ provider: 'acme', secret: SECRET })
  for (const n of [1, 2, 3]) await gateway.send(receivePath, fromAcme(SECRET, `{"eventId":"a-${n}","eventType":"a"}`))
  await gateway.api('PATCH', `/api/v1/integrations/${id}`, { name: 'renamed' })

  const intact = await verify('--json')
  expect(intact.code, intact.stderr).toBe(0)
  expect(JSON.parse(intact.stdout.toString())).toMatchObject({ intact: true, faults: [] })

  const entry = "(select id from audit_entries where action = 'integration.changed')"
  await byHand('audit_entries', `update audit_entries set actor = 'nobody' where id in ${entry}`)
  const edited = await verify('--json')
  expect(edited.code).toBe(1)
  const [row] = (
    await gateway.db.query<{ id: string; seq: number }>(`select id, seq from audit_entries where id in ${entry}`)
  ).rows
  expect(JSON.parse(edited.stdout.toString()).faults).toMatchObject([
    { kind: 'entry_changed', entryId: row!.id, seq: row!.seq },
  ])

  await byHand('audit_entries', `update audit_entries set actor = 'root' where id in ${entry}`)
  const again = await verify()
  expect(again.code).toBe(0)
  expect(again.stdout.toString()).toContain('intact')
})

test('vouches for the events: a body digest edited by hand is found', async () => {
  await byHand('events', "update events set body_sha256 = sha256('another') where external_id = 'a-2'")
  const edited = await verify('--json')
  expect(edited.code).toBe(1)
  expect(JSON.parse(edited.stdout.toString()).faults).toMatchObject([{ kind: 'events_changed' }])
})

test('the gateway itself can neither change nor remove an entry', async () => {
  for (const sql of ["update audit_entries set actor = 'x'", 'delete from audit_entries', 'truncate audit_entries']) {
    await expect(gateway.db.query(sql)).rejects.toMatchObject({ code: '42501' })
  }
})
