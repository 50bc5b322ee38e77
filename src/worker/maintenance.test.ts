import { expect, test } from 'vitest'
import { aUuid } from '../../test/support/builders.ts'
import { freshDatabase, type TestDatabase } from '../../test/support/database.ts'
import { newId } from '../base/model/ids.ts'
import { maintenanceTasks } from './maintenance.ts'

const DAY_MS = 86_400_000

async function run(db: TestDatabase, name: string, now: number): Promise<void> {
  const task = maintenanceTasks({ db, now: () => now, dedupeDays: 30 }).find((each) => each.name === name)
  if (task === undefined) throw new Error(`no task ${name}`)
  await task.run()
}

test('thirty days of identities stay bounded: each is forgotten when its event is thirty days old, and not before', async () => {
  await using db = await freshDatabase()
  const start = Date.now()
  for (let day = 0; day < 40; day++) {
    await db.query(
      'insert into dedupe_keys (key, event_id, fingerprint) select * from unnest($1::uuid[], $2::uuid[], $1::uuid[])',
      [Array.from({ length: 20 }, aUuid), Array.from({ length: 20 }, () => newId(start + day * DAY_MS))],
    )
    await run(db, 'prune dedupe keys', start + day * DAY_MS + 1000)
  }
  const { rows } = await db.query('select count(*) as n from dedupe_keys')
  // Of the forty days the last thirty, and the one that is thirty days old to the second.
  expect(rows[0]).toEqual({ n: 30 * 20 })
})

test('tomorrow has its partition before it begins', async () => {
  await using db = await freshDatabase()
  const later = Date.now() + 20 * DAY_MS
  await run(db, 'make partitions', later)
  const name = `events_${new Date(later + DAY_MS).toISOString().slice(0, 10).replaceAll('-', '')}`
  const { rows } = await db.query('select to_regclass($1) is not null as there', [`postern.${name}`])
  expect(rows[0]).toEqual({ there: true })
})
