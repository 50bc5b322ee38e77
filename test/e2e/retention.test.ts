/** Retention from the command line, on a running gateway: said, looked at, held, removed by its worker, and still verifiable. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { publicId } from '../../src/base/model/ids.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { aGateway, runPostern, type TestGateway } from '../support/gateway.ts'
import { dayOf, daysAgo, oldEvents, partitionsOf, withDays } from '../support/old-days.ts'

let db: TestDatabase
let gateway: TestGateway
let purged: string
beforeAll(async () => {
  db = await freshDatabase()
  gateway = await aGateway({ database: db, config: { DATABASE_URL: db.ownerUrl } })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await db[Symbol.asyncDispose]()
})

async function postern(...args: readonly string[]) {
  const { code, stdout, stderr } = await runPostern(args, {
    env: {
      POSTERN_URL: gateway.address,
      MANAGEMENT_API_KEY: gateway.managementKey,
      DATABASE_URL: db.ownerUrl,
      POSTERN_DATA_DIR: gateway.dataDir,
    },
  })
  return { code, text: stdout.toString(), stderr }
}

async function json(...args: readonly string[]) {
  const { code, text, stderr } = await postern(...args, '--json')
  expect(code, stderr).toBe(0)
  return JSON.parse(text)
}

test('nothing due and nothing held are said in words, and as one JSON value', async () => {
  expect((await postern('prune', '--dry-run')).text).toContain('Nothing is due')
  expect((await postern('legal-holds', 'list')).text).toContain('Nothing is held')
  expect(await json('prune', '--dry-run')).toEqual({ lines: [], more: false })
  expect(await json('legal-holds', 'list')).toMatchObject({ data: [] })
  expect((await postern('retention', 'show')).text).toMatch(/events +90 days/)
}, 60_000)

test('what is due goes when it is asked for, what is held stays, and the trail is intact', async () => {
  await withDays(db, 40)
  const [held, , , event] = await oldEvents(db, [{ daysAgo: 40 }, { daysAgo: 40 }, { daysAgo: 39 }, { daysAgo: 33 }])
  purged = publicId('event', event!)
  expect(await json('retention', 'set', '--metadata-days', '35', '--reason', 'less is more')).toMatchObject({
    ...{ metadataDays: 35, payloadDays: 30, undeliveredDays: 180, source: 'tenant' },
  })
  const hold = await json('legal-holds', 'add', '--event', publicId('event', held!), '--reason', 'case 4711')
  const day = dayOf(daysAgo(40))
  const plan = await json('prune', '--dry-run')
  expect(plan.lines).toContainEqual(expect.objectContaining({ day, kind: 'events', rows: 1, held: 1 }))
  expect(await json('prune', '--dry-run', '--all-tenants')).toEqual(plan)
  expect((await postern('prune', '--dry-run')).text).toMatch(new RegExp(`${day} +events +1 `))

  const run = await json('prune', '--reason', 'tidying up')
  expect(run).toMatchObject({
    status: 'completed',
    removed: [
      { kind: 'events', rows: 2 },
      { kind: 'payloads', rows: 3 },
    ],
  })
  expect(await partitionsOf(db, 39)).toEqual([])
  const left = await db.query(
    'select e.id, p.body is not null as payload from events e left join event_payloads p on p.event_id = e.id order by e.id',
  )
  expect(left.rows).toEqual([
    { id: held, payload: true },
    { id: event, payload: false },
  ])

  expect((await postern('legal-holds', 'lift', hold.id, '--reason', 'settled')).text).toContain('is lifted')
  expect((await postern('legal-holds', 'lift', hold.id, '--reason', 'settled')).code).toBe(1)
  const again = await postern('prune', '--reason', 'the rest')
  expect({ code: again.code, text: again.text }, again.stderr).toMatchObject({
    code: 0,
    text: expect.stringContaining('events: 1 removed'),
  })
  expect(await partitionsOf(db, 40)).toEqual([])

  const { text } = await gateway.api('GET', '/metrics')
  expect(text).toContain('postern_pruned_rows_total{kind="events"} 3')
  expect(text).toMatch(/^postern_pruned_days_total [1-9]/m)
  expect(text).toMatch(/^postern_prune_completed_timestamp_seconds [1-9]/m)
}, 120_000)

test('an event whose payload was purged says so where it is shown, and why it cannot be replayed', async () => {
  const id = purged
  expect((await postern('events', 'show', id)).text).toMatch(/payload +purged on 20/)
  const replay = await postern('events', 'replay', id, '--reason', 'once more')
  expect(replay.code).toBe(1)
  expect(replay.stderr).toContain('PAYLOAD_PURGED')
  expect((await postern('events', 'show', id, '--raw')).code).toBe(1)
}, 60_000)
