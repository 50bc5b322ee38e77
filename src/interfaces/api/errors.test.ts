import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT_KEY, type TestApi, testApi } from '../../../test/support/api.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { openDatabase } from '../../resources/store/database.ts'

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

const KEY = { 'x-internal-api-key': ROOT_KEY }
const JSON_TYPE = { ...KEY, 'content-type': 'application/json' }
const post = (body: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
  t.request('POST', '/api/v1/integrations', { body, headers })

describe('B5: what a client did wrong stays a 4xx', () => {
  test.each([
    ['malformed JSON', '{"provider":', JSON_TYPE, 400, 'VALIDATION_ERROR'],
    ['an empty body', '', JSON_TYPE, 400, 'VALIDATION_ERROR'],
    ['a body that is no object', '[]', JSON_TYPE, 400, 'VALIDATION_ERROR'],
    ['a number', '1', JSON_TYPE, 400, 'VALIDATION_ERROR'],
    ['null', 'null', JSON_TYPE, 400, 'VALIDATION_ERROR'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), JSON_TYPE, 400, 'VALIDATION_ERROR'],
    ['nesting without end', '['.repeat(30_000), JSON_TYPE, 400, 'VALIDATION_ERROR'],
    ['a prototype', '{"__proto__":{"provider":"acme"},"name":"x"}', JSON_TYPE, 400, 'VALIDATION_ERROR'],
    ['no content type', '{}', KEY, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['text', '{}', { ...KEY, 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a form', 'a=b', { ...KEY, 'content-type': 'application/x-www-form-urlencoded' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a content type that is none', '{}', { ...KEY, 'content-type': ',;,' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['an oversized body', JSON.stringify({ name: 'x'.repeat(70_000) }), JSON_TYPE, 413, 'PAYLOAD_TOO_LARGE'],
  ])('%s', async (_what, body, headers, status, code) => {
    const answer = await post(body, headers)
    expect(answer.status, answer.text).toBe(status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.json).toMatchObject({ status, code, type: `/docs/errors#${code.toLowerCase()}` })
    expect(answer.json.correlationId).toMatch(/^cor_[0-9a-f]{32}$/)
    expect(answer.headers['x-correlation-id']).toBe(answer.json.correlationId)
  })

  test('a path that is not validly encoded', async () => {
    for (const path of ['/api/v1/events/%zz', '/api/v1/%', '/%c0%ae%c0%ae/']) {
      const answer = await t.request('GET', path)
      expect(answer.status, path).toBe(400)
      expect(answer.headers['content-type']).toBe('application/problem+json')
      expect(answer.headers['x-correlation-id']).toBe(answer.json.correlationId)
    }
  })

  test('every field that is wrong is named, and what was sent is not repeated', async () => {
    const answer = await post(
      JSON.stringify({ provider: 7, name: 'n', secret: 'hunter2hunter2', extra: 'hunter2', destination: { uri: 'x' } }),
    )
    expect(answer.json.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      'destination.uri',
      'destination.url',
      'extra',
      'provider',
    ])
    expect(answer.text).not.toContain('hunter2')
  })

  test('ten thousand mistakes get a bounded answer', async () => {
    const body = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`field${index}`, 0]))
    const answer = await post(JSON.stringify(body))
    expect(answer.status).toBe(400)
    expect(answer.json.errors).toHaveLength(32)
  })
})

describe('what is ours to answer for', () => {
  test('B6: an unknown fault is a 500 without its cause, which is in the log under the same correlation id', async () => {
    await using broken = await apiThat({ requestReplay: () => Promise.reject(new Error('boom at 10.0.0.7:5432')) })
    const answer = await broken.request('POST', `/api/v1/events/evt_${'0'.repeat(32)}/replay`, {
      body: { reason: 'for a test' },
    })
    expect(answer.status).toBe(500)
    expect(answer.json).toMatchObject({ code: 'INTERNAL_ERROR', errors: [] })
    expect(answer.text).not.toContain('boom')
    const line = broken
      .logged()
      .split('\n')
      .find((each) => each.includes('boom'))
    expect(line).toContain(answer.json.correlationId)
  })

  test('an error of a library that carries a status is not taken for one of the client’s', async () => {
    const error = Object.assign(new Error('from elsewhere'), { statusCode: 404, code: 'ELSEWHERE' })
    await using broken = await apiThat({ requestReplay: () => Promise.reject(error) })
    const answer = await broken.request('POST', `/api/v1/events/evt_${'0'.repeat(32)}/replay`, {
      body: { reason: 'for a test' },
    })
    expect(answer.status).toBe(500)
  })

  test('a database that is away is 503 with Retry-After, and its address stays inside', async () => {
    const away = openDatabase({ url: 'postgres://nobody:hunter2@127.0.0.1:1/none', onError: () => undefined })
    await using broken = await apiThat({ db: away })
    const answer = await broken.request('GET', '/api/v1/events')
    expect(answer.status, answer.text).toBe(503)
    expect(answer.json.code).toBe('DEPENDENCY_UNAVAILABLE')
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(answer.text).not.toMatch(/127\.0\.0\.1|hunter2|ECONNREFUSED/)
    await away.close()
  })
})

test('a committed change is answered as done, also when this process could not take notice of it yet', async () => {
  await using deaf = await apiThat({ integrationsChanged: () => Promise.reject(new Error('not now')) })
  const answer = await deaf.request('POST', '/api/v1/integrations', { body: { provider: 'acme', name: 'deaf' } })
  expect(answer.status).toBe(201)
  expect(deaf.logged()).toContain('not now')
})

describe('health', () => {
  test('B6: says ok or degraded and nothing else, whatever failed', async () => {
    const cases = [
      [async () => 'ok' as const, 200, 'ok'],
      [async () => 'degraded' as const, 503, 'degraded'],
      [() => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7')), 503, 'degraded'],
    ] as const
    for (const [health, status, word] of cases) {
      await using asked = await apiThat({ health })
      for (const path of ['/api/v1/health', '/readyz']) {
        const answer = await asked.request('GET', path, { headers: {} })
        expect([answer.status, answer.json]).toEqual([status, { status: word }])
      }
      expect((await asked.request('GET', '/livez', { headers: {} })).json).toEqual({ status: 'ok' })
    }
  })
})

describe('the delivery sink', () => {
  const sink = '/api/v1/internal/delivery-sink/acme'

  test.each([
    ['{"simulateFailure":true}', 'application/json', 500],
    ['{"data":{"simulateFailure":true}}', 'text/plain', 500],
    ['{"simulateFailure":"true"}', 'application/json', 202],
    ['{"simulateFailure":false}', 'application/json', 202],
    ['{not json', 'application/json', 202],
    ['<a/>', 'application/xml', 202],
    ['x'.repeat(1024 * 1024), 'application/octet-stream', 202],
    ['x'.repeat(1024 * 1024 + 1), 'application/octet-stream', 413],
    ['['.repeat(100_000), 'application/json', 202],
  ])('%.40s as %s', async (body, type, status) => {
    expect((await t.request('POST', sink, { body, headers: { 'content-type': type } })).status).toBe(status)
  })

  test('takes a body without a content type, and none at all', async () => {
    expect((await t.request('POST', sink, { body: 'x', headers: {} })).status).toBe(202)
    expect((await t.request('POST', sink, { headers: {} })).status).toBe(202)
  })

  test('is not there in production', async () => {
    await using live = await apiThat({ config: { ...t.deps.config, NODE_ENV: 'production' } })
    const answer = await live.request('POST', sink, { body: {}, headers: {} })
    const nowhere = await live.request('POST', '/api/v1/nowhere', { body: {}, headers: {} })
    expect(answer.status).toBe(404)
    expect({ ...answer.json, correlationId: '' }).toEqual({ ...nowhere.json, correlationId: '' })
  })
})

test('every answer forbids caching, guessing, framing and running', async () => {
  for (const path of ['/api/v1/health', '/api/v1/events', '/openapi.json', '/nowhere']) {
    const { headers } = await t.request('GET', path)
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(headers['content-security-policy']).toContain("default-src 'none'")
  }
})

async function apiThat(overrides: Partial<TestApi['deps']>): Promise<TestApi & AsyncDisposable> {
  const made = await testApi(db, overrides)
  return { ...made, [Symbol.asyncDispose]: () => made.api.close() }
}
