import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT_KEY, type TestApi, testApi } from '../../../test/support/api.ts'
import { anEvent as aReceivedEvent } from '../../../test/support/builders.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { aDeliverJob, aDestination, anEvent, anIntegration } from '../../../test/support/flow.ts'
import { newId, publicId, type Uuid } from '../../base/model/ids.ts'
import { openChain } from '../../resources/store/audit.ts'
import { insertEvents } from '../../resources/store/ingest.ts'

let db: TestDatabase
let t: TestApi
let integration: Uuid

beforeAll(async () => {
  db = await freshDatabase()
  t = await testApi(db)
  integration = await anIntegration(db)
})
afterAll(async () => {
  await t.api.close()
  await db[Symbol.asyncDispose]()
})

const evt = (id: Uuid) => publicId('event', id)
const idsOf = (answer: { json: { data: { id: string }[] } }) => answer.json.data.map(({ id }) => id)

describe('one event', () => {
  test('has the fixed shape, without headers and without its body', async () => {
    const id = await anEvent(db, integration, { type: 'order.created' })
    const destination = await aDestination(db, integration, { url: 'https://example.com/' })
    const job = await aDeliverJob(db, id, destination)
    await anAttempt(id, job, destination, 1)
    const answer = await t.request('GET', `/api/v1/events/${evt(id)}`)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.json).toMatchObject({
      id: evt(id),
      provider: 'acme',
      integrationId: publicId('integration', integration),
      type: 'order.created',
      status: 'processing',
      externalEventId: null,
      receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      verification: { scheme: 'hmac', keyId: expect.stringMatching(/^key_/), coverage: 'body', signedAt: null },
      deliveries: [
        {
          attemptNo: 1,
          status: 'failed',
          outcome: 'http_error',
          httpStatus: 500,
          destinationId: publicId('destination', destination),
        },
      ],
    })
    expect(answer.json.jobs.map(({ kind }: { kind: string }) => kind)).toEqual(['deliver', 'process'])
    // B4: headers of the request, and what the far side answered, are not part of it.
    expect(answer.text).not.toMatch(/inbound-signature|must not go out|what the far side said/)
  })

  test('its status has both addresses', async () => {
    const id = await anEvent(db, integration)
    const [one, other] = await Promise.all(
      ['events/X/status', 'processing-status/X'].map((path) =>
        t.request('GET', `/api/v1/${path.replace('X', evt(id))}`),
      ),
    )
    expect(one!.json).toMatchObject({
      id: evt(id),
      status: 'pending',
      lastError: null,
      jobs: [{ kind: 'process', status: 'queued' }],
    })
    expect(other!.json).toEqual(one!.json)
  })

  test.each([
    'evt_1',
    'nonsense',
    `evt_${'0'.repeat(32)}`,
    `int_${'0'.repeat(32)}`,
    `evt_${'G'.repeat(32)}`,
    "evt_' or 1=1 --",
  ])('%s is nowhere', async (id) => {
    for (const rest of ['', '/status', '/raw']) {
      expect((await t.request('GET', `/api/v1/events/${encodeURIComponent(id)}${rest}`)).status).toBe(404)
    }
  })
})

describe('the raw body', () => {
  test.each([
    ['application/json', Buffer.from('{"a": 1,\r\n "b":"\u00fc"}')],
    ['application/json; charset=utf-8', Buffer.from('{}')],
    ['text/html', Buffer.from('<script>alert(1)</script>')],
    ['application/octet-stream', Buffer.from([0, 255, 254, 13, 10, 0xef, 0xbb, 0xbf])],
    ['application/x-www-form-urlencoded', Buffer.from('a=1&a=2')],
    ['application/xml', Buffer.alloc(0)],
  ])('%s comes back byte for byte, cannot run, and the read is on record', async (contentType, body) => {
    const id = await anEvent(db, integration, { contentType, body })
    const answer = await t.request('GET', `/api/v1/events/${evt(id)}/raw`)
    expect(answer.status).toBe(200)
    expect(answer.bytes.equals(body)).toBe(true)
    expect(answer.headers).toMatchObject({
      'content-type': contentType,
      'x-content-type-options': 'nosniff',
      'content-disposition': `attachment; filename="${evt(id)}"`,
    })
    expect(answer.headers['content-security-policy']).toMatch(/sandbox/)
    const audit = await t.request('GET', `/api/v1/audit-entries?entityId=${evt(id)}&action=event.raw_read`)
    expect(audit.json.data).toMatchObject([
      { actor: 'root', entityType: 'event', entityId: evt(id), details: { bytes: body.length } },
    ])
  })

  test('a content type that is missing, or that no header can hold, becomes octet-stream', async () => {
    for (const contentType of [null, 'text/plain\r\nset-cookie: a=b', 'text/plän']) {
      const id = await anEvent(db, integration, { contentType })
      const answer = await t.request('GET', `/api/v1/events/${evt(id)}/raw`)
      expect([answer.status, answer.headers['content-type'], answer.headers['set-cookie']]).toEqual([
        200,
        'application/octet-stream',
        undefined,
      ])
    }
  })
})

describe('lists', () => {
  test('a cursor walks all events once, also while new ones arrive', async () => {
    const here = await anIntegration(db)
    const made: string[] = []
    for (let index = 0; index < 7; index++) made.push(evt(await anEvent(db, here)))
    const path = `/api/v1/events?integrationId=${publicId('integration', here)}&pageSize=3`
    const first = await t.request('GET', path)
    expect(first.json.meta).toEqual({ pageSize: 3, nextCursor: expect.stringMatching(/^[\w-]{22}$/) })
    await anEvent(db, here)
    const second = await t.request('GET', `${path}&cursor=${first.json.meta.nextCursor}`)
    const third = await t.request('GET', `${path}&cursor=${second.json.meta.nextCursor}`)
    expect([...idsOf(first), ...idsOf(second), ...idsOf(third)]).toEqual([...made].reverse())
    expect(third.json.meta.nextCursor).toBeNull()
    const upwards = await t.request('GET', `${path}&sortBy=receivedAt&sortOrder=asc`)
    expect(idsOf(upwards)).toEqual(made.slice(0, 3))
    const on = await t.request('GET', `${path}&sortOrder=asc&cursor=${upwards.json.meta.nextCursor}`)
    expect(idsOf(on)).toEqual(made.slice(3, 6))
  })

  test('pages are counted from one, and a page size above the most is lowered', async () => {
    const here = await anIntegration(db)
    const made: string[] = []
    for (let index = 0; index < 5; index++) made.push(evt(await anEvent(db, here)))
    const path = `/api/v1/events?integrationId=${publicId('integration', here)}`
    const second = await t.request('GET', `${path}&page=2&pageSize=2`)
    expect(idsOf(second)).toEqual([made[2], made[1]])
    expect(second.json.meta).toMatchObject({ page: 2, pageSize: 2 })
    expect((await t.request('GET', path)).json.meta).toEqual({ pageSize: 20, nextCursor: null })
    expect((await t.request('GET', `${path}&pageSize=5000`)).json.meta.pageSize).toBe(100)
    expect((await t.request('GET', `${path}&page=9`)).json.data).toEqual([])
  })

  test('filters select what they name', async () => {
    const here = await anIntegration(db)
    const yesterday = Date.now() - 86_400_000
    const chain = await openChain((work) => db.transaction(work), 'test/filters')
    const connection = await db.connect({ name: 'filters', onLost: () => undefined })
    const old = aReceivedEvent({
      id: newId(yesterday),
      receivedAt: yesterday,
      integrationId: here,
      type: 'a',
      provider: 'github',
    })
    const fresh = aReceivedEvent({ integrationId: here, type: 'b', provider: 'stripe', parkedReason: 'unlisted_type' })
    await insertEvents(connection, chain, [old, fresh])
    await db.query('update events set subject = $2 where id = $1', [fresh.id, 'Order 100%_A'])
    const of = async (query: string) =>
      idsOf(await t.request('GET', `/api/v1/events?integrationId=${publicId('integration', here)}&${query}`))
    const hourAgo = encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString())
    expect(await of(`from=${hourAgo}`)).toEqual([evt(fresh.id)])
    expect(await of(`to=${hourAgo}`)).toEqual([evt(old.id)])
    expect(await of(`from=${new Date(yesterday).toISOString().slice(0, 10)}&to=${hourAgo}`)).toEqual([evt(old.id)])
    expect(await of('provider=github')).toEqual([evt(old.id)])
    expect(await of('eventType=b')).toEqual([evt(fresh.id)])
    expect(await of('status=parked')).toEqual([evt(fresh.id)])
    expect(await of('subject=order%20100%25_')).toEqual([evt(fresh.id)])
    expect(await of('subject=order%20100x')).toEqual([])
    await connection.close()

    const receipt = await t.request('GET', `/api/v1/audit-entries?entityId=${evt(old.id)}`)
    expect(receipt.json.data).toMatchObject([{ action: 'events.received', actor: 'ingress', details: { count: 2 } }])
  })

  test.each([
    ['events', 'page=0'],
    ['events', 'page=-1'],
    ['events', 'page=1.5'],
    ['events', 'page=abc'],
    ['events', 'page=1e1'],
    ['events', 'page=101'],
    ['events', 'page='],
    ['events', 'pageSize=0'],
    ['events', 'pageSize=many'],
    ['events', 'pageSize=1&pageSize=2'],
    ['events', 'cursor=abc'],
    ['events', 'cursor=AAAAAAAAAAAAAAAAAAAAAB'],
    ['events', 'cursor=%27%20or%201=1'],
    ['events', 'cursor=AAAAAAAAAAAAAAAAAAAAAA&page=2'],
    ['deliveries', 'cursor=AAAAAAAAAAAAAAAAAAAAAA'],
    ['events', 'sortBy=status'],
    ['events', 'sortOrder=up'],
    ['events', 'status=unknown'],
    ['events', 'integrationId=evt_00000000000000000000000000000000'],
    ['events', 'unknown=1'],
    ['events', '__proto__=1'],
    ['deliveries', 'status=processed'],
    ['deliveries', 'eventId=1'],
    ['replays', 'status=success'],
    ['quarantine', 'reason=x'],
    ['audit-entries', 'entityId=1'],
    ['audit-entries', 'action=DROP%20TABLE'],
    ['integrations', 'activeOnly=1'],
  ])('GET /%s?%s is refused', async (noun, query) => {
    const answer = await t.request('GET', `/api/v1/${noun}?${query}`)
    expect(answer.status, answer.text).toBe(400)
    expect(answer.json.code).toBe('VALIDATION_ERROR')
  })

  test.each([
    'yesterday',
    '2026-13-01',
    '2026-02-30',
    '2026-01-01T00:00:00',
    "2026-01-01' or '1'='1",
    '99999999999999',
    '',
    '9999-12-31',
  ])('B22: from=%s and to=%s never reach a statement', async (text) => {
    for (const name of ['from', 'to']) {
      const answer = await t.request('GET', `/api/v1/events?${name}=${encodeURIComponent(text)}`)
      expect(answer.json).toMatchObject({ status: 400, code: 'VALIDATION_ERROR', errors: [{ path: name }] })
    }
  })

  test('deliveries page by event and attempt, and filter', async () => {
    const here = await anIntegration(db)
    const id = await anEvent(db, here)
    const destination = await aDestination(db, here, { url: 'https://example.com/' })
    const job = await aDeliverJob(db, id, destination)
    for (let attempt = 1; attempt <= 5; attempt++) await anAttempt(id, job, destination, attempt)
    const path = `/api/v1/deliveries?eventId=${evt(id)}&pageSize=2`
    const first = await t.request('GET', path)
    expect(first.status, first.text).toBe(200)
    const second = await t.request('GET', `${path}&cursor=${first.json.meta.nextCursor}`)
    const numbers = [...first.json.data, ...second.json.data].map(({ attemptNo }: { attemptNo: number }) => attemptNo)
    expect(numbers).toEqual([5, 4, 3, 2])
    expect((await t.request('GET', `/api/v1/deliveries?eventId=${evt(id)}&status=success`)).json.data).toEqual([])
    expect(first.text).not.toContain('what the far side said')
  })

  test('quarantine tells that, when and why, and nothing of what came', async () => {
    const here = await anIntegration(db)
    const id = newId()
    await db.query(
      `insert into quarantine (id, tenant_id, integration_id, reason, received_at, source_ip, method, target, headers, body, body_bytes)
       select $1, tenant_id, $2, 'signature_mismatch', now(), '2001:db8::7', 'POST', '/api/v1/webhooks/x?token=hunter2', '[["a","hunter2"]]', 'hunter2', 7
       from integrations where id = $2`,
      [id, here],
    )
    const answer = await t.request('GET', `/api/v1/quarantine?integrationId=${publicId('integration', here)}`)
    expect(answer.json.data).toEqual([
      {
        id: publicId('quarantine', id),
        integrationId: publicId('integration', here),
        reason: 'signature_mismatch',
        receivedAt: expect.any(String),
        sourceIp: '2001:db8::7',
        method: 'POST',
        bodyBytes: 7,
      },
    ])
  })
})

describe('replay', () => {
  test('B20: who asked is the credential; what the request calls itself is a note', async () => {
    const id = await anEvent(db, integration, { parked: 'unlisted_type' })
    const answer = await t.request('POST', `/api/v1/events/${evt(id)}/replay`, {
      body: { requestedBy: 'the CEO', reason: 'customer asked for it' },
    })
    expect(answer.status, answer.text).toBe(202)
    expect(answer.json).toEqual({ replayId: expect.stringMatching(/^rpl_/), eventId: evt(id) })
    const replay = await t.request('GET', `/api/v1/replays/${answer.json.replayId}`)
    expect(replay.json).toMatchObject({
      actor: 'root',
      requestedBy: 'the CEO',
      reason: 'customer asked for it',
      status: 'queued',
      eventId: evt(id),
    })
    expect(idsOf(await t.request('GET', `/api/v1/replays?eventId=${evt(id)}&status=queued`))).toEqual([
      answer.json.replayId,
    ])
    const audit = await t.request('GET', `/api/v1/audit-entries?entityId=${answer.json.replayId}`)
    expect(audit.json.data).toMatchObject([{ actor: 'root', action: 'replay.requested' }])
    expect(
      (await t.request('POST', `/api/v1/events/${evt(id)}/replay`, { body: { reason: 'once more, please' } })).status,
    ).toBe(409)
  })

  test.each([
    {},
    { reason: 'no' },
    { reason: 'x'.repeat(501) },
    { reason: 'good enough', requestedBy: 'x' },
    { reason: '     a     ' },
    { reason: 'good enough', extra: 1 },
  ])('%j is refused', async (body) => {
    const id = await anEvent(db, integration, { parked: 'unlisted_type' })
    expect((await t.request('POST', `/api/v1/events/${evt(id)}/replay`, { body })).status).toBe(400)
  })
})

test('S-78: what stands in a path or a query is not logged', async () => {
  await t.request('GET', '/api/v1/events?subject=hunter2&access_token=hunter2')
  await t.request('GET', '/api/v1/hunter2/hunter2', {
    headers: { 'x-internal-api-key': ROOT_KEY, authorization: 'hunter2', cookie: 'a=hunter2' },
  })
  await t.request('GET', '/api/v1/events/hunter2')
  expect(t.logged()).toContain('"route":"/api/v1/events/:eventId"')
  expect(t.logged()).not.toContain('hunter2')
  expect(t.logged()).not.toContain(ROOT_KEY)
})

async function anAttempt(eventId: Uuid, jobId: Uuid, destinationId: Uuid, attemptNo: number): Promise<void> {
  await db.query(
    `insert into delivery_attempts (event_id, id, tenant_id, job_id, destination_id, attempt_no, status, outcome, http_status, response_body, started_at, duration_ms)
     select id, $2, tenant_id, $3, $4, $5, 'failed', 'http_error', 500, $6, now(), 3 from events where id = $1`,
    [eventId, newId(), jobId, destinationId, attemptNo, Buffer.from('what the far side said')],
  )
}

test('the digest shown is that of the stored bytes', async () => {
  const body = Buffer.from('{"eventId":"e9"}')
  const id = await anEvent(db, integration, { body })
  const answer = await t.request('GET', `/api/v1/events/${evt(id)}`)
  expect(answer.json.bodySha256).toBe(createHash('sha256').update(body).digest('hex'))
})
