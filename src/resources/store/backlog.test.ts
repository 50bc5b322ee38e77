import { expect, test } from 'vitest'
import { freshDatabase } from '../../../test/support/database.ts'
import { anEvent, anIntegration } from '../../../test/support/flow.ts'
import { readBacklog } from './backlog.ts'

test('what is due is counted by kind, with the age of the oldest; what waits for its time is not', async () => {
  await using db = await freshDatabase()
  const now = new Date()
  expect(await readBacklog(db, now)).toEqual([
    { kind: 'process', waiting: 0, oldestSeconds: 0 },
    { kind: 'deliver', waiting: 0, oldestSeconds: 0 },
  ])
  const integration = await anIntegration(db)
  await Promise.all(Array.from({ length: 5 }, () => anEvent(db, integration)))
  await db.query(`update jobs set run_at = $1::timestamptz - interval '90 seconds'`, [now])
  await db.query(
    `update jobs set run_at = $1::timestamptz + interval '1 hour' where event_id = (select event_id from jobs limit 1)`,
    [now],
  )
  const [process] = await readBacklog(db, now)
  expect(process?.waiting).toBe(4)
  expect(process?.oldestSeconds).toBeCloseTo(90, 3)
})
