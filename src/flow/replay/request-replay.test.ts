import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { anEvent, anIntegration, eventRow, jobRows, ROOT } from '../../../test/support/flow.ts'
import { DEFAULT_TENANT, newId, type Uuid } from '../../base/model/ids.ts'
import { type ReplayRequest, requestReplay } from './request-replay.ts'

let db: TestDatabase
let integration: Uuid
beforeAll(async () => {
  db = await freshDatabase()
  integration = await anIntegration(db)
})
afterAll(() => db[Symbol.asyncDispose]())

const replay = (eventId: Uuid, fields: Partial<ReplayRequest> = {}) =>
  requestReplay(db, {
    eventId,
    tenantId: DEFAULT_TENANT,
    requestedBy: ROOT,
    actor: 'root',
    reason: 'receiver was down',
    now: Date.now(),
    ...fields,
  })

/** An event whose first processing has ended. */
async function anEndedEvent(status: string): Promise<Uuid> {
  const event = await anEvent(db, integration)
  await db.query("update jobs set status = 'succeeded' where event_id = $1", [event])
  await db.query('update events set status = $2 where id = $1', [event, status])
  return event
}

test('a replay, its job and its audit entry are stored together, under the name of the credential (B20)', async () => {
  const event = await anEndedEvent('failed')
  const { replayId } = await replay(event, { note: 'somebody else' })

  expect((await eventRow(db, event)).status).toBe('pending')
  const [, job] = await jobRows(db, event, 'process')
  expect(job).toMatchObject({ status: 'queued', triggered_by: 'replay', replay_id: replayId })
  const { rows: replays } = await db.query('select requested_by, note, reason, status from replays where id = $1', [
    replayId,
  ])
  expect(replays).toEqual([
    { requested_by: ROOT, note: 'somebody else', reason: 'receiver was down', status: 'queued' },
  ])
  const { rows: entries } = await db.query('select actor, action from audit_entries where entity_id = $1', [replayId])
  expect(entries).toEqual([{ actor: 'root', action: 'replay.requested' }])
})

test.each(['pending', 'processing', 'retrying'])('an event that is %s cannot be replayed (B16)', async (status) => {
  const event = await anEndedEvent(status)
  await expect(replay(event)).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(await jobRows(db, event, 'process')).toHaveLength(1)
})

test.each(['processed', 'failed'])('an event that is %s can', async (status) => {
  await expect(replay(await anEndedEvent(status))).resolves.toBeDefined()
})

test('a parked conflict is released by a replay', async () => {
  const event = await anEvent(db, integration, { parked: 'conflict' })
  await replay(event)
  expect(await eventRow(db, event)).toMatchObject({ status: 'pending', status_reason: null })
})

test('an event that still has work under way cannot, whatever its status says', async () => {
  const event = await anEvent(db, integration)
  await db.query("update events set status = 'parked' where id = $1", [event])
  await expect(replay(event)).rejects.toMatchObject({ code: 'CONFLICT' })
})

test('of sixteen replays asked for at once one is accepted and fifteen conflict (B15)', async () => {
  const event = await anEndedEvent('processed')
  const results = await Promise.allSettled(Array.from({ length: 16 }, () => replay(event)))
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
  expect(refused).toEqual(Array(15).fill('CONFLICT'))
  expect(await jobRows(db, event, 'process')).toHaveLength(2)
})

test('the constraint has the last word when a replay is under way but the event looks free', async () => {
  const event = await anEndedEvent('processed')
  await replay(event)
  await db.query("update jobs set status = 'succeeded' where event_id = $1", [event])
  await db.query("update events set status = 'processed' where id = $1", [event])
  await expect(replay(event)).rejects.toMatchObject({ code: 'CONFLICT' })
})

test('an unknown event and one of another tenant are the same: not found', async () => {
  const event = await anEndedEvent('processed')
  await expect(replay(newId())).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(replay(event, { tenantId: newId() })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test.each([
  [{ reason: 'four' }, 'reason'],
  [{ reason: '     a     ' }, 'reason'],
  [{ reason: 'x'.repeat(501) }, 'reason'],
  [{ reason: 'with\u0000nul' }, 'reason'],
  [{ note: 'x' }, 'requestedBy'],
  [{ note: 'x'.repeat(121) }, 'requestedBy'],
])('%j is refused and names the field', async (fields, path) => {
  const event = await anEndedEvent('processed')
  await expect(replay(event, fields)).rejects.toMatchObject({ code: 'VALIDATION_ERROR', errors: [{ path }] })
  expect((await eventRow(db, event)).status).toBe('processed')
})

test('reason and note of the longest allowed length are stored', async () => {
  await expect(
    replay(await anEndedEvent('processed'), { reason: 'x'.repeat(500), note: 'y'.repeat(120) }),
  ).resolves.toBeDefined()
})
