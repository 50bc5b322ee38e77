/** The access matrix over real sockets, derived from the table of routes: a route that is added is tested. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DeclaredRoute } from '../../src/interfaces/api/access-check.ts'
import { testApi } from '../support/api.ts'
import { aGateway, type TestGateway } from '../support/gateway.ts'
import { exchange, rawRequest } from './raw-http.ts'

let gateway: TestGateway
let closed: readonly DeclaredRoute[]
beforeAll(async () => {
  gateway = await aGateway()
  const table = await testApi(gateway.db)
  closed = table.api.accessTable.filter(({ access }) => access !== 'public')
  await table.api.close()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const PREFIXES: Readonly<Record<string, string>> = {
  event: 'evt',
  integration: 'int',
  key: 'key',
  destination: 'dst',
  replay: 'rpl',
  schema: 'sch',
  route: 'rte',
  alert: 'alr',
  alertChannel: 'alc',
  replayPlan: 'rpp',
  legalHold: 'lgh',
  pruneRun: 'pru',
}
const pathOf = (url: string) =>
  url.replace(/:(\w+)Id/g, (_, kind: string) => `${PREFIXES[kind] ?? 'int'}_${'f'.repeat(32)}`).replace(/:\w+/g, 'acme')

async function statusOf(method: string, target: string, headers: readonly (readonly [string, string])[] = []) {
  const body = method === 'GET' || method === 'HEAD' ? '' : '{}'
  const typed = body === '' ? headers : [['Content-Type', 'application/json'] as const, ...headers]
  const { answers } = await exchange(gateway.address, rawRequest({ method, target, headers: typed, body }), {
    until: 'close',
  })
  return answers[0]?.status
}

test('S-75 B1 every management route without a key is 401', async () => {
  expect(closed.length).toBeGreaterThan(15)
  for (const { method, url } of closed) expect(await statusOf(method, pathOf(url)), `${method} ${url}`).toBe(401)
})

test('S-75 B1 no other spelling of its path is ever 2xx without a key', async () => {
  const encode = (text: string) => [...text].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('')
  const spellings = (path: string) => {
    const last = path.split('/').at(-1)!
    return [
      path.replace('/v1/', '/%761/'),
      path.replace(last, encode(last)),
      path.replace(last, encode(encode(last))),
      path.split('/').map(encode).join('/'),
      `/${path}`,
      `${path}/`,
      path.replace('/api/', '/api/./'),
      path.replace('/api/', '/api/v1/webhooks/../../'),
      path.replace('/api/', '/api/v1/webhooks/..%2f..%2f'),
      path.replaceAll('/', '\\'),
      path.toUpperCase(),
      `${path};v=1`,
      `${path}%00`,
      `${path}?x-internal-api-key=${gateway.managementKey}`,
      `http://gateway.example${path}`,
    ]
  }
  for (const { method, url } of closed) {
    for (const target of spellings(pathOf(url))) {
      const status = await statusOf(method, target)
      expect([400, 401, 404, 405], `${method} ${target}: ${status}`).toContain(status)
    }
  }
})

test('S-75 no wrong, repeated or misplaced key opens any route, and the right one does', async () => {
  const key = gateway.managementKey
  const wrong: (readonly (readonly [string, string])[])[] = [
    [['X-Internal-Api-Key', '']],
    [['X-Internal-Api-Key', key.slice(0, -1)]],
    [['X-Internal-Api-Key', `${key}0`]],
    [
      ['X-Internal-Api-Key', key],
      ['X-Internal-Api-Key', key],
    ],
    [
      ['X-Internal-Api-Key', 'x'],
      ['X-Internal-Api-Key', key],
    ],
    [['Authorization', `Bearer ${key}`]],
    [['Cookie', `x-internal-api-key=${key}`]],
    [
      ['X-Original-URL', '/livez'],
      ['X-Forwarded-For', '127.0.0.1'],
      ['X-HTTP-Method-Override', 'GET'],
    ],
  ]
  for (const { method, url } of closed) {
    for (const headers of wrong)
      expect(await statusOf(method, pathOf(url), headers), `${method} ${url} ${JSON.stringify(headers)}`).toBe(401)
    const right = await statusOf(method, pathOf(url), [['X-Internal-Api-Key', key]])
    expect([200, 400, 404], `${method} ${url}: ${right}`).toContain(right)
  }
})
