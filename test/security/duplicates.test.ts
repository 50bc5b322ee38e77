/** Copies, contradictions and our own failures: an event is acknowledged when it is committed, and is one event. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/resources/store/database.ts'
import { fromAcme } from '../e2e/senders.ts'
import { freshDatabase } from '../support/database.ts'
import { aGateway, type TestGateway } from '../support/gateway.ts'

const SECRET = 'acme-secret-of-the-duplicates'
let gateway: TestGateway
let path: string
let id: string
beforeAll(async () => {
  gateway = await aGateway()
  const made = await gateway.integrate({ provider: 'acme', secret: SECRET })
  path = made.receivePath
  id = made.id
})
afterAll(() => gateway[Symbol.asyncDispose]())

const event = (eventId: string, more: object = {}) =>
  fromAcme(SECRET, JSON.stringify({ eventId, eventType: 'a', ...more }))
const events = async (eventId: string) =>
  (
    await gateway.db.query<{ id: string; status: string }>('select id, status from events where external_id = $1', [
      eventId,
    ])
  ).rows

test('S-92 64 identical deliveries at once, over two gateways, are one event and 64 times 2xx', async () => {
  await using second = await aGateway({ config: { DATABASE_URL: gateway.databaseUrl }, dataDir: gateway.dataDir })
  const answers = await Promise.all(
    Array.from({ length: 64 }, (_, n) => (n % 2 === 0 ? gateway : second).send(path, event('race'))),
  )
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(63)
  expect(new Set(answers.map(({ json }) => json.eventId)).size).toBe(1)
  expect(await events('race')).toHaveLength(1)
})

test('S-94 of 32 contradictions at once each is kept once, one of them as the event', async () => {
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, n) => gateway.send(path, event('contradiction', { amount: n % 8 }))),
  )
  expect(answers.every(({ status }) => status === 200 || status === 202)).toBe(true)
  const rows = await events('contradiction')
  expect(rows).toHaveLength(8)
  expect(rows.filter(({ status }) => status === 'parked')).toHaveLength(7)
  expect(new Set(answers.map(({ json }) => json.eventId)).size).toBe(8)
})

test('S-91 S-98 when the job cannot be stored nothing is, the answer is 503, and the retry is a new event that is processed', async () => {
  const owner = openDatabase({ url: gateway.databaseUrl, onError: () => undefined })
  await owner.query(
    `create function refuse_job() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '53100'; end $$`,
  )
  await owner.query('create trigger refuse_job before insert on jobs for each row execute function refuse_job()')
  try {
    const failed = await gateway.send(path, event('half-done'))
    expect(failed.status).toBe(503)
    expect(Number(failed.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(failed.json.code).toBe('DEPENDENCY_UNAVAILABLE')
    expect(await events('half-done')).toEqual([])
  } finally {
    await owner.query('drop function refuse_job cascade')
    await owner.close()
  }
  const retried = await gateway.send(path, event('half-done'))
  expect(retried.status).toBe(202)
  expect(retried.json.duplicate).toBe(false)
  await expect.poll(async () => (await events('half-done'))[0]?.status).toBe('processed')
})

test('S-90 B10 whatever was answered 2xx has its job in the same commit', async () => {
  await using quiet = await freshDatabase()
  await using front = await aGateway({ database: quiet, roles: ['ingress', 'api'] })
  const { receivePath } = await front.integrate({ provider: 'acme', secret: SECRET })
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => front.send(receivePath, event(`job-${n}`))))
  expect(answers.every(({ status }) => status === 202)).toBe(true)
  const { rows } = await quiet.query<{ n: number }>(
    `select count(*) as n from events e join event_payloads p on p.event_id = e.id
     join jobs j on j.event_id = e.id and j.kind = 'process' and j.status = 'queued'
     join audit_entries a on a.entity_id = e.receipt_id or a.id = e.receipt_id`,
  )
  expect(rows[0]?.n).toBe(50)
})

test('S-93 parts of an identity do not run together: ids, integrations, numbers and texts', async () => {
  const other = await gateway.integrate({ provider: 'acme', secret: SECRET })
  const ids = new Set<string>()
  for (const eventId of ['ab', 'a', 'b', 'ab:', 'ab\u001f', 'AB', ' ab', 'ab\n'])
    ids.add((await gateway.send(path, event(eventId))).json.eventId)
  ids.add((await gateway.send(other.receivePath, event('ab'))).json.eventId)
  expect(ids.size).toBe(9)
})

test('S-93 without an id the signed bytes are the identity, never the empty text', async () => {
  const bodies = [
    '{"a":1}',
    '{"a":2}',
    '{"eventId":"","a":1}',
    '{"eventId":"","a":2}',
    '{"eventId":null}',
    '{"eventId":{}}',
  ]
  const answers = []
  for (const body of bodies) answers.push(await gateway.send(path, fromAcme(SECRET, body)))
  expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 202))
  expect(new Set(answers.map(({ json }) => json.eventId)).size).toBe(bodies.length)
  expect((await gateway.send(path, fromAcme(SECRET, bodies[0]!))).json.duplicate).toBe(true)
})

test('S-13 what is not signed decides nothing: a copy under other headers is a copy', async () => {
  const signed = event('copy')
  const first = await gateway.send(path, signed)
  const copy = await gateway.send(path, {
    ...signed,
    headers: { ...signed.headers, 'idempotency-key': 'other', 'x-request-id': 'other', 'webhook-id': 'other' },
  })
  expect(copy.json).toMatchObject({ eventId: first.json.eventId, duplicate: true })
  expect((await gateway.api('GET', `/api/v1/events?integrationId=${id}&pageSize=1`)).status).toBe(200)
})
