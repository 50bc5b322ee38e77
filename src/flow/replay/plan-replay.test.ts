import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { aDeliverJob, anEvent, anIntegration, eventRow, jobRows, ROOT } from '../../../test/support/flow.ts'
import { DEFAULT_TENANT, newId, type Uuid } from '../../base/model/ids.ts'
import type { ReplaySelection } from '../../base/model/replay-plan.ts'
import { findReplayPlan } from '../../resources/store/replay-plans.ts'
import { cancelReplay, confirmReplay, type PlanRequest, planReplay, type RoutingPreview } from './plan-replay.ts'
import { requestReplay } from './request-replay.ts'
import { runPlans } from './run-plans.ts'

let db: TestDatabase
let integration: Uuid
beforeEach(async () => {
  db = await freshDatabase()
  integration = await anIntegration(db)
})
afterEach(() => db[Symbol.asyncDispose]())

const nothing: RoutingPreview = { events: 0, destinations: [], unrouted: 0, parked: 0 }
/** Later than whatever a test makes. */
const START = Date.now() + 60_000

async function ended(count: number, status = 'failed'): Promise<readonly Uuid[]> {
  const events: Uuid[] = []
  for (let n = 0; n < count; n++) events.push(await anEvent(db, integration))
  await db.query("update jobs set status = 'succeeded' where event_id = any ($1::uuid[])", [events])
  await db.query('update events set status = $2 where id = any ($1::uuid[])', [events, status])
  return events
}
const plan = (selection: ReplaySelection, fields: Partial<PlanRequest> = {}) =>
  planReplay(db, async () => nothing, {
    ...{ tenantId: DEFAULT_TENANT, requestedBy: ROOT, actor: 'root', note: null, reason: 'receiver was down' },
    ...{ selection, destinationId: null, ratePerMinute: 60, requestKey: null, now: START },
    ...fields,
  })
const change = (planId: Uuid, now = START) => ({ tenantId: DEFAULT_TENANT, planId, actor: 'root', now })
const run = (now: number, cooldownMs = 0) => runPlans({ db, now: () => now, cooldownMs, onReplayed: () => undefined })
const state = async (id: Uuid) => (await findReplayPlan(db, DEFAULT_TENANT, id))!
const replayed = async () =>
  (await db.query<{ event_id: Uuid }>('select event_id from replays order by event_id')).rows.map((row) => row.event_id)

test('a plan counts and does nothing; confirmed, it replays at its rate and ends', async () => {
  const events = await ended(5)
  const { plan: made } = await plan({ status: 'failed' })
  expect(made).toMatchObject({ status: 'planned', planned: 5, replayed: 0 })
  await run(START + 60_000)
  expect(await replayed()).toEqual([])

  await confirmReplay(db, change(made.id))
  await run(START)
  expect(await replayed()).toEqual(events.slice(0, 1))
  await run(START + 999)
  expect(await replayed()).toHaveLength(1)
  await run(START + 1_000)
  expect(await replayed()).toEqual(events.slice(0, 2))
  await run(START + 20_000)
  expect(await replayed()).toEqual(events)
  expect(await state(made.id)).toMatchObject({ status: 'completed', replayed: 5, skipped: 0 })
  expect(await eventRow(db, events[0]!)).toMatchObject({ status: 'pending' })
  expect((await jobRows(db, events[0]!, 'process'))[1]).toMatchObject({ status: 'queued', triggered_by: 'replay' })
  const { rows } = await db.query("select action from audit_entries where action like 'replay_plan.%' order by seq")
  expect(new Set(rows.map((row) => row['action']))).toEqual(
    new Set(['replay_plan.made', 'replay_plan.confirmed', 'replay_plan.replayed', 'replay_plan.completed']),
  )
})

test('cancelled, it stops where it is', async () => {
  await ended(5)
  const { plan: made } = await plan({ status: 'failed' })
  await confirmReplay(db, change(made.id))
  await run(START)
  await cancelReplay(db, change(made.id))
  await run(START + 60_000)
  expect(await replayed()).toHaveLength(1)
  expect(await state(made.id)).toMatchObject({ status: 'cancelled', replayed: 1 })
  await expect(confirmReplay(db, change(made.id))).rejects.toMatchObject({ code: 'CONFLICT' })
})

test('not confirmed in time, it expires', async () => {
  await ended(1)
  const { plan: made } = await plan({ status: 'failed' })
  await expect(confirmReplay(db, change(made.id, START + 15 * 60_000))).rejects.toMatchObject({ code: 'CONFLICT' })
  await run(START + 15 * 60_000)
  expect((await state(made.id)).status).toBe('expired')
})

test('ten confirmations at one moment are one, and ten runners replay nothing twice', async () => {
  const events = await ended(30)
  const { plan: made } = await plan({ status: 'failed' }, { ratePerMinute: 60_000 })
  const confirmed = await Promise.all(Array.from({ length: 10 }, () => confirmReplay(db, change(made.id))))
  expect(new Set(confirmed.map((each) => each.status))).toEqual(new Set(['running']))
  await Promise.all(Array.from({ length: 10 }, () => run(START + 500)))
  await run(START + 1_000)
  expect(await replayed()).toEqual(events)
  expect(await state(made.id)).toMatchObject({ status: 'completed', replayed: 30 })
})

describe('what it selects', () => {
  const selected = async (selection: ReplaySelection, fields: Partial<PlanRequest> = {}) =>
    (await plan(selection, fields)).plan.planned

  test('ids, filters, windows, events that led nowhere, dead letters of a destination and of a reason', async () => {
    const [first, second, third] = await ended(3)
    await db.query("update events set status = 'processed', status_reason = 'no_match' where id = $1", [second])
    await db.query("update events set type = 'order.paid', received_at = now() - interval '2 days' where id = $1", [
      third,
    ])
    const [here, there] = [newId(), newId()]
    for (const [lane, reason] of [
      [here, 'timeout'],
      [there, 'http_error'],
    ] as const) {
      const job = await aDeliverJob(db, first!, lane)
      await db.query("update jobs set status = 'failed', last_error = $2 where id = $1", [job, reason])
    }
    await db.query("update events set status = 'failed' where id = $1", [first])

    expect(await selected({ eventIds: [first!, second!] })).toBe(2)
    expect(await selected({ integrationId: integration })).toBe(3)
    expect(await selected({ status: 'failed' })).toBe(2)
    expect(await selected({ routing: 'none' })).toBe(1)
    expect(await selected({ eventType: 'order.paid' })).toBe(1)
    expect(await selected({ provider: 'acme', from: Date.now() - 86_400_000 })).toBe(2)
    expect(await selected({ deadLetters: true })).toBe(1)
    expect(await selected({ deadLetters: { reason: 'timeout' } }, { destinationId: here })).toBe(1)
    await expect(plan({ deadLetters: { reason: 'timeout' } }, { destinationId: there })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    })
    await expect(plan({ eventIds: [newId()] })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    await expect(plan({ status: 'failed' }, { tenantId: newId() })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  })

  test('nothing that arrives after it was made', async () => {
    await ended(2)
    const { plan: made } = await plan({ integrationId: integration }, { now: Date.now() })
    await new Promise((resolve) => setTimeout(resolve, 5))
    await ended(2)
    await confirmReplay(db, change(made.id, Date.now()))
    await run(Date.now() + 60_000)
    expect(await state(made.id)).toMatchObject({ status: 'completed', replayed: 2 })
  })

  test('passes over what is under way and what was replayed a moment ago', async () => {
    const [busy, recent, free] = await ended(3)
    const { plan: made } = await plan({ status: 'failed' }, { ratePerMinute: 6_000 })
    await db.query("update jobs set status = 'running' where event_id = $1", [busy])
    await requestReplay(db, {
      ...{ eventId: recent!, tenantId: DEFAULT_TENANT, requestedBy: ROOT, actor: 'root' },
      ...{ reason: 'by hand before', now: START },
    })
    await db.query("update jobs set status = 'succeeded' where event_id = $1", [recent])
    await db.query("update replays set status = 'completed'")
    await db.query("update events set status = 'failed' where id = $1", [recent])
    await confirmReplay(db, change(made.id))
    await run(START + 1_000, 60_000)
    expect(await state(made.id)).toMatchObject({ status: 'completed', replayed: 1, skipped: 2 })
    expect(await eventRow(db, free!)).toMatchObject({ status: 'pending' })
  })
})

describe('one request key', () => {
  test('makes one plan of ten requests at one moment, and refuses another request', async () => {
    await ended(2)
    const made = await Promise.all(Array.from({ length: 10 }, () => plan({ status: 'failed' }, { requestKey: 'k1' })))
    expect(new Set(made.map((each) => each.plan.id)).size).toBe(1)
    await expect(plan({ provider: 'acme' }, { requestKey: 'k1' })).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('makes one replay of ten requests at one moment, also after it has ended', async () => {
    const [event] = await ended(1)
    const ask = (requestKey: string, reason = 'receiver was down') =>
      requestReplay(db, {
        ...{ eventId: event!, tenantId: DEFAULT_TENANT, requestedBy: ROOT, actor: 'root' },
        ...{ reason, requestKey, now: Date.now() },
      })
    const made = await Promise.all(Array.from({ length: 10 }, () => ask('k2')))
    expect(new Set(made.map((each) => each.replayId)).size).toBe(1)
    await db.query("update jobs set status = 'succeeded'")
    await db.query("update replays set status = 'completed'")
    await db.query("update events set status = 'processed'")
    expect(await ask('k2')).toEqual(made[0])
    await expect(ask('k2', 'another reason')).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await ask('k3')).replayId).not.toBe(made[0]!.replayId)
  })
})

test('an event that was replayed a moment ago is left alone when that is wanted', async () => {
  const [event] = await ended(1)
  const ask = (now: number) =>
    requestReplay(db, {
      ...{ eventId: event!, tenantId: DEFAULT_TENANT, requestedBy: ROOT, actor: 'root', reason: 'receiver was down' },
      ...{ cooldownMs: 30_000, now },
    })
  await ask(START)
  await db.query("update jobs set status = 'succeeded'")
  await db.query("update replays set status = 'completed'")
  await db.query("update events set status = 'failed'")
  await expect(ask(START + 20_500)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 10 })
  await expect(ask(START + 30_000)).resolves.toBeDefined()
})
