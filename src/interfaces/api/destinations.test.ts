import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApi, testApi } from '../../../test/support/api.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { anIntegration } from '../../../test/support/flow.ts'
import { publicId } from '../../base/model/ids.ts'

let db: TestDatabase
let t: TestApi
beforeAll(async () => {
  db = await freshDatabase()
  t = await testApi(db)
})
afterAll(async () => {
  await t.api.close()
  await db[Symbol.asyncDispose]()
})

const D = '/api/v1/destinations'
const R = '/api/v1/routes'
const NOBODY = 'f'.repeat(32)

async function aDestination(fields: Readonly<Record<string, unknown>> = {}) {
  const answer = await t.request('POST', D, { body: { url: 'https://example.com/hook', ...fields } })
  expect(answer.status, answer.text).toBe(201)
  return answer.json
}
const integrationId = async () => publicId('integration', await anIntegration(db))

describe('destinations', () => {
  test('are made, shown, listed and changed without any secret, and each change is on record', async () => {
    const signingSecret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
    const made = await aDestination({ name: 'orders', signingSecret, timeoutMs: 5_000, retry: { maxAttempts: 3 } })
    expect(made).toMatchObject({
      name: 'orders',
      status: 'active',
      shadow: false,
      timeoutMs: 5_000,
      retry: { maxAttempts: 3, baseDelayMs: 5_000 },
      signingKeys: [{ scheme: 'v1', notAfter: null }],
    })
    expect(JSON.stringify(made)).not.toContain(signingSecret)
    const changed = await t.request('PATCH', `${D}/${made.id}`, {
      body: { url: 'https://example.org/hook', retry: { baseDelayMs: 1_000 }, status: 'disabled' },
    })
    expect(changed.json).toMatchObject({
      name: 'orders',
      url: 'https://example.org/hook',
      status: 'disabled',
      retry: { maxAttempts: 3, baseDelayMs: 1_000 },
    })
    expect((await t.request('GET', `${D}/${made.id}`)).json).toEqual(changed.json)
    expect((await t.request('GET', `${D}?status=disabled`)).json.data).toMatchObject([{ id: made.id }])
    const audit = await t.request('GET', `/api/v1/audit-entries?entityId=${made.id}`)
    expect(audit.json.data).toMatchObject([
      {
        action: 'destination.changed',
        details: { status: 'disabled', before: 'active', origin: 'https://example.org' },
      },
      { action: 'destination.created', details: { name: 'orders' } },
    ])
  })

  test('say how they want to be delivered to, and each of it can be lifted again', async () => {
    const wishes = {
      retry: { strategy: 'schedule', scheduleMs: [1_000, 60_000], retryOn: ['5xx', '429'] },
      maxConcurrency: 4,
      ratePerMinute: 120,
      ordering: { by: 'body:$.customer.id', policy: 'skip', after: 5 },
      breaker: { failures: 0, openMs: 1_000 },
      disableAfterHours: null,
    }
    const { id, ...made } = await aDestination(wishes)
    expect(made).toMatchObject({ ...wishes, held: 0, health: { circuit: 'closed', failures: 0 } })
    const body = { maxConcurrency: null, ratePerMinute: null, ordering: null, disableAfterHours: 24 }
    expect((await t.request('PATCH', `${D}/${id}`, { body })).json).toMatchObject({ ...body, retry: wishes.retry })
  })

  test('hold credentials of which nothing secret is ever shown, stored in clear or audited', async () => {
    const key = readFileSync(new URL('../../resources/outbound/fixtures/server-key.pem', import.meta.url), 'utf8')
    const certificate = readFileSync(new URL('../../resources/outbound/fixtures/server.pem', import.meta.url), 'utf8')
    const kinds = [
      [
        { kind: 'headers', headers: { 'X-Api-Key': 'hush-1' } },
        { kind: 'headers', names: ['X-Api-Key'] },
      ],
      [
        { kind: 'basic', username: 'me', password: 'hush-1' },
        { kind: 'basic', username: 'me' },
      ],
      [{ kind: 'bearer', token: 'hush-1' }, { kind: 'bearer' }],
      [
        { kind: 'oauth2', tokenUrl: 'https://example.com/token', clientId: 'c', clientSecret: 'hush-1' },
        { kind: 'oauth2', tokenUrl: 'https://example.com/token', clientId: 'c', scope: null, clientAuth: 'basic' },
      ],
      [
        { kind: 'mtls', certificate, privateKey: key },
        { kind: 'mtls', certificate },
      ],
    ]
    for (const [auth, shown] of kinds) {
      const made = await aDestination({ auth, tlsVerify: false })
      expect(made.auth).toMatchObject(shown!)
      const changed = await t.request('PATCH', `${D}/${made.id}`, { body: { auth } })
      expect(changed.json.auth).toMatchObject(shown!)
      const audit = await t.request('GET', `/api/v1/audit-entries?entityId=${made.id}`)
      expect(audit.json.data[1].details).toMatchObject({ auth: shown!['kind'], tlsVerify: false })
      const { rows } = await db.query('select * from destinations order by id desc limit 1')
      for (const text of [JSON.stringify(made), changed.text, audit.text, JSON.stringify(rows)])
        expect(text).not.toMatch(/hush-1|PRIVATE KEY/)
      expect((await t.request('PATCH', `${D}/${made.id}`, { body: { auth: null } })).json.auth).toBeNull()
    }
    expect(t.logged()).not.toMatch(/hush-1|PRIVATE KEY/)
  })

  test.each([
    ['rabbitmq', 'amqps://mq.example.com', { exchange: 'hooks', routingKey: 'orders' }],
    ['nats', 'tls://nats.example.com:443', { subject: 'hooks.orders' }],
    ['redis', 'rediss://cache.example.com', { stream: 'hooks', maxLength: 1_000 }],
    ['postgres', 'postgress://db.example.com/app', { table: 'hooks.deliveries' }],
  ])('may be %s', async (kind, url, settings) => {
    const auth = { kind: 'basic', username: 'me', password: 'hush-1' }
    const made = await aDestination({ kind, url, settings, auth, allowCidrs: ['10.0.0.0/8'] })
    expect(made).toMatchObject({ kind, url, settings, auth: { kind: 'basic', username: 'me' } })
    const refused = [
      [{ settings: {} }, 'settings.'],
      [{ settings: { ...settings, nonsense: 'x' } }, 'settings'],
      [{ url: 'https://example.com/' }, 'url'],
      [{ url: url.replace('://', '://me:hush@') }, 'url'],
      [{ url: `${url}?sslmode=disable` }, 'url'],
      [{ auth: { kind: 'headers', headers: { a: 'b' } } }, 'auth.kind'],
    ] as const
    for (const [fields, path] of refused) {
      const answer = await t.request('PATCH', `${D}/${made.id}`, { body: fields })
      expect(answer.status, JSON.stringify(fields)).toBe(400)
      expect(answer.json.errors[0].path).toContain(path)
    }
    const other = await t.request('POST', D, {
      body: { kind, url: url.replace(/:\/\/[^/:]+/, '://169.254.169.254'), settings },
    })
    expect(other.json).toMatchObject({ status: 400, code: 'ADDRESS_BLOCKED' })
  })

  test('forget their failures when somebody sets them to work again, and not before', async () => {
    const { id } = await aDestination()
    await db.query(
      `insert into destination_health (destination_id, failures, failing_since, open_until, trips)
       select id, 12, now(), now() + interval '1 hour', 3 from destinations order by id desc limit 1`,
    )
    expect((await t.request('GET', `${D}/${id}`)).json.health).toMatchObject({ circuit: 'open', failures: 12 })
    const paused = await t.request('PATCH', `${D}/${id}`, { body: { status: 'paused' } })
    expect(paused.json).toMatchObject({ status: 'paused', health: { circuit: 'open' } })
    const resumed = await t.request('PATCH', `${D}/${id}`, { body: { status: 'active' } })
    expect(resumed.json.health).toMatchObject({ circuit: 'closed', failures: 0, openUntil: null })
  })

  test('without a name are called after their host', async () => {
    expect((await aDestination()).name).toBe('example.com')
  })

  test.each([
    [{ url: 'http://169.254.169.254/' }, 'url', 'ADDRESS_BLOCKED'],
    [{ url: 'https://example.com:22/' }, 'url', 'ADDRESS_BLOCKED'],
    [{ url: 'nonsense' }, 'url', 'VALIDATION_ERROR'],
    [{ url: 'https://u:p@example.com/' }, 'url', 'VALIDATION_ERROR'],
    [{ allowCidrs: ['10.0.0.0/99'] }, 'allowCidrs.0', 'VALIDATION_ERROR'],
    [{ retry: { baseDelayMs: 2_000, maxDelayMs: 1_000 } }, 'retry.maxDelayMs', 'VALIDATION_ERROR'],
    [{ name: 'a\u0000b' }, 'name', 'VALIDATION_ERROR'],
    [{ timeoutMs: 1 }, 'timeoutMs', 'VALIDATION_ERROR'],
    [{ shadow: 'yes' }, 'shadow', 'VALIDATION_ERROR'],
    [{ retry: { strategy: 'schedule' } }, 'retry.scheduleMs', 'VALIDATION_ERROR'],
    [{ retry: { scheduleMs: [] } }, 'retry.scheduleMs', 'VALIDATION_ERROR'],
    [{ retry: { retryOn: ['2xx'] } }, 'retry.retryOn.0', 'VALIDATION_ERROR'],
    [{ maxConcurrency: 0 }, 'maxConcurrency', 'VALIDATION_ERROR'],
    [{ ratePerMinute: 1.5 }, 'ratePerMinute', 'VALIDATION_ERROR'],
    [{ ordering: { by: 'nowhere:x' } }, 'ordering.by', 'VALIDATION_ERROR'],
    [{ ordering: { by: 'body:$.a[' } }, 'ordering.by', 'VALIDATION_ERROR'],
    [{ ordering: { by: 'type', policy: 'drop' } }, 'ordering.policy', 'VALIDATION_ERROR'],
    [{ breaker: { failures: -1 } }, 'breaker.failures', 'VALIDATION_ERROR'],
    [{ disableAfterHours: 0 }, 'disableAfterHours', 'VALIDATION_ERROR'],
    [{ auth: { kind: 'nonsense' } }, 'auth', 'VALIDATION_ERROR'],
    [{ auth: { kind: 'headers', headers: {} } }, 'auth.headers', 'VALIDATION_ERROR'],
    [{ auth: { kind: 'headers', headers: { Host: 'elsewhere' } } }, 'auth.headers', 'VALIDATION_ERROR'],
    [{ auth: { kind: 'headers', headers: { 'a\r\nb': 'c' } } }, 'auth.headers', 'VALIDATION_ERROR'],
    [{ auth: { kind: 'headers', headers: { a: 'b\r\nc: d' } } }, 'auth.headers', 'VALIDATION_ERROR'],
    [{ auth: { kind: 'headers', headers: { 'Webhook-Signature': 'v1,mine' } } }, 'auth.headers', 'VALIDATION_ERROR'],
    [{ auth: { kind: 'basic', username: 'a:b', password: 'c' } }, 'auth.username', 'VALIDATION_ERROR'],
    [{ auth: { kind: 'bearer', token: 'a b' } }, 'auth.token', 'VALIDATION_ERROR'],
    [{ auth: { kind: 'mtls', certificate: 'none', privateKey: 'none' } }, 'auth.certificate', 'VALIDATION_ERROR'],
    [
      { auth: { kind: 'oauth2', tokenUrl: 'http://169.254.169.254/', clientId: 'c', clientSecret: 's' } },
      'auth.tokenUrl',
      'ADDRESS_BLOCKED',
    ],
    [{ signingSecret: 'whsec_AAAA' }, 'signingSecret', 'VALIDATION_ERROR'],
  ])('%j is refused, when it is made and when it is changed', async (fields, path, code) => {
    const made = await t.request('POST', D, { body: { url: 'https://example.com/', ...fields } })
    expect(made.json).toMatchObject({ status: 400, code })
    expect(made.json.errors[0].path).toContain(path)
    if ('signingSecret' in fields) return
    const { id } = await aDestination()
    const changed = await t.request('PATCH', `${D}/${id}`, { body: fields })
    expect(changed.json).toMatchObject({ status: 400, code })
  })

  test('an empty or a malformed change changes nothing', async () => {
    const { id } = await aDestination()
    for (const body of [{}, [], 'null', '{', '"text"', { id: 'dst_1' }]) {
      const answer = await t.request('PATCH', `${D}/${id}`, {
        body,
        ...(typeof body === 'string'
          ? {
              headers: { 'content-type': 'application/json', 'x-internal-api-key': 'root-management-key-of-the-tests' },
            }
          : {}),
      })
      expect(answer.status, JSON.stringify(body)).toBe(400)
    }
  })
})

describe('routes', () => {
  test('join many integrations with many destinations, once each pair', async () => {
    const [first, second] = [await integrationId(), await integrationId()]
    const [orders, audit] = [await aDestination(), await aDestination()]
    for (const from of [first, second])
      for (const { id } of [orders, audit]) {
        const answer = await t.request('POST', R, { body: { integrationId: from, destinationId: id } })
        expect(answer.status, answer.text).toBe(201)
      }
    const again = await t.request('POST', R, { body: { integrationId: first, destinationId: orders.id } })
    expect(again.json).toMatchObject({ status: 409, code: 'CONFLICT' })
    expect((await t.request('GET', `${R}?integrationId=${first}`)).json.data).toHaveLength(2)
    expect((await t.request('GET', `${R}?integrationId=${first}&destinationId=${audit.id}`)).json.data).toHaveLength(1)
    expect((await t.request('GET', `/api/v1/integrations/${first}`)).json.destinations).toHaveLength(2)
  })

  test('twenty asked for at once are one', async () => {
    const body = { integrationId: await integrationId(), destinationId: (await aDestination()).id }
    const answers = await Promise.all(Array.from({ length: 20 }, () => t.request('POST', R, { body })))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)])
  })

  test('keep every version with who made it', async () => {
    const ends = { integrationId: await integrationId(), destinationId: (await aDestination()).id }
    const { json } = await t.request('POST', R, { body: { ...ends, eventTypes: ['order.*'] } })
    for (const eventTypes of [['order.paid'], null])
      expect((await t.request('PATCH', `${R}/${json.id}`, { body: { eventTypes } })).status).toBe(200)
    const shown = await t.request('GET', `${R}/${json.id}`)
    expect(shown.json).toMatchObject({
      version: 3,
      eventTypes: null,
      versions: [
        { version: 3, eventTypes: null, changedBy: 'root' },
        { version: 2, eventTypes: ['order.paid'] },
        { version: 1, eventTypes: ['order.*'] },
      ],
    })
    const changes = Array.from({ length: 10 }, (_, n) =>
      t.request('PATCH', `${R}/${json.id}`, { body: { eventTypes: [`type.${n}`] } }),
    )
    const versions = (await Promise.all(changes)).map((answer) => answer.json.version)
    expect(versions.sort((a, b) => a - b)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
  })

  test('carry a filter and a transform, each change of which is a version, and say where one is wrong', async () => {
    const ends = { integrationId: await integrationId(), destinationId: (await aDestination()).id }
    const rules = { filter: 'body.total > 10', transform: '{"total": total}' }
    const made = await t.request('POST', R, { body: { ...ends, ...rules } })
    expect(made.status, made.text).toBe(201)
    expect(made.json).toMatchObject({ ...rules, version: 1 })
    const path = `${R}/${made.json.id}`
    const wrong = await t.request('PATCH', path, { body: { filter: 'body.total >\n  && true' } })
    expect(wrong.json.errors).toEqual([{ path: 'filter', message: expect.stringMatching(/\(line \d+, column \d+\)$/) }])
    expect((await t.request('PATCH', path, { body: { transform: null } })).json).toMatchObject({
      version: 2,
      filter: rules.filter,
      transform: null,
    })
    expect((await t.request('GET', path)).json.versions).toMatchObject([{ transform: null }, rules])
  })

  test('are removed, and their versions stay for the deliveries that name them', async () => {
    const ends = { integrationId: await integrationId(), destinationId: (await aDestination()).id }
    const { json } = await t.request('POST', R, { body: ends })
    expect((await t.request('DELETE', `${R}/${json.id}`)).status).toBe(204)
    expect((await t.request('GET', `${R}/${json.id}`)).status).toBe(404)
    expect((await t.request('DELETE', `${R}/${json.id}`)).status).toBe(404)
    const { rows } = await db.query('select from route_versions where route_id::text = $1', [
      json.id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    ])
    expect(rows).toHaveLength(1)
  })

  test.each([
    [{}, 'integrationId'],
    [{ integrationId: 'int_1' }, 'integrationId'],
    [{ integrationId: `int_${NOBODY}` }, 'integrationId'],
    [{ destinationId: `int_${NOBODY}` }, 'destinationId'],
    [{ destinationId: `dst_${NOBODY}` }, 'destinationId'],
    [{ eventTypes: [] }, 'eventTypes'],
    [{ eventTypes: ['a\u0000'] }, 'eventTypes.0'],
    [{ eventTypes: Array(101).fill('a') }, 'eventTypes'],
    [{ eventTypes: 'order.paid' }, 'eventTypes'],
    [{ filter: '' }, 'filter'],
    [{ filter: 'body.total >' }, 'filter'],
    [{ filter: '1 + 1' }, 'filter'],
    [{ filter: 'a'.repeat(5_000) }, 'filter'],
    [{ transform: '{"a": ' }, 'transform'],
    [{ transform: 7 }, 'transform'],
  ])('%j makes none', async (fields, path) => {
    const good =
      Object.keys(fields).length === 0
        ? {}
        : { integrationId: await integrationId(), destinationId: (await aDestination()).id }
    const answer = await t.request('POST', R, { body: { ...good, ...fields } })
    expect(answer.json).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' })
    expect(answer.json.errors[0].path).toBe(path)
  })
})
