import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/database.ts'
import { anEvent, anIntegration } from '../../test/support/flow.ts'
import { newId, type Uuid } from '../base/model/ids.ts'
import { createReadyClaims } from './ready-claims.ts'

const DAY_MS = 86_400_000

let db: TestDatabase
let integration: Uuid
beforeAll(async () => {
  db = await freshDatabase()
  integration = await anIntegration(db)
})
afterAll(() => db[Symbol.asyncDispose]())

/** A clock that stands still, late today: what is made during the test is due. */
const LATE = (Math.floor(Date.now() / DAY_MS) + 1) * DAY_MS - 10_000

function claims() {
  let at = LATE
  const ready = createReadyClaims({
    db,
    kind: 'process',
    worker: newId(),
    leaseMs: 60_000,
    now: () => at,
  })
  return {
    pass: (ms: number) => {
      at += ms
    },
    wait: () => ready.waitMs(),
    claim: async (limit = 100, except: readonly Uuid[] = []) =>
      (await ready.claim(limit, except)).map((job) => job.eventId),
  }
}

const yesterday = () => anEvent(db, integration, { at: Date.now() - DAY_MS })
const today = () => anEvent(db, integration)

test('what is of another day is found at once at the beginning, and later within the time that is asked for', async () => {
  const before = await yesterday()
  const { claim, pass, wait } = claims()
  expect(await claim()).toEqual([before])
  expect(await claim()).toEqual([])

  const [old, fresh] = [await yesterday(), await today()]
  expect(await claim()).toEqual([fresh])
  pass(wait())
  expect(await claim()).toEqual([old])
})

test('while something older is due all days are looked through, the oldest first', async () => {
  const old = [await yesterday(), await yesterday(), await yesterday()]
  const fresh = await today()
  const { claim } = claims()
  expect(await claim(1)).toEqual([old[0]])
  expect(await claim(1)).toEqual([old[1]])
  expect(await claim(1)).toEqual([old[2]])
  expect(await claim(1)).toEqual([fresh])
})

test('a backlog of another day is not forgotten while its share is full', async () => {
  const { claim } = claims()
  const old = [await yesterday(), await yesterday()]
  expect(await claim(1)).toEqual([old[0]])
  const { rows } = await db.query<{ tenant_id: Uuid }>('select tenant_id from jobs limit 1')
  expect(await claim(1, [rows[0]!.tenant_id])).toEqual([])
  expect(await claim(1)).toEqual([old[1]])
})

test('with a clock whose day nobody made, everything is still found', async () => {
  const ready = createReadyClaims({
    ...{ db, kind: 'process', worker: newId(), leaseMs: 60_000 },
    now: () => LATE + 1_000 * DAY_MS,
  })
  expect(await ready.claim(100, [])).toEqual([])
  const event = await today()
  expect((await ready.claim(100, [])).map((job) => job.eventId)).toEqual([event])
})
