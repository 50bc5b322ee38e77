import fastify from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aTenant, keysFor, type Method, ROOT_KEY, type TestApi, testApi } from '../../../test/support/api.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { anEvent, anIntegration } from '../../../test/support/flow.ts'
import type { Principal } from '../../access/principal.ts'
import { ALL_SCOPES } from '../../access/scopes.ts'
import { DEFAULT_TENANT, newId, publicId } from '../../base/model/ids.ts'
import { openAlerts } from '../../resources/store/alerts.ts'
import { checkAccess } from './access-check.ts'

let db: TestDatabase
let t: TestApi
let stranger: Principal

beforeAll(async () => {
  db = await freshDatabase()
  stranger = await aTenant(db, 'stranger')
  const reader: Principal = { ...stranger, name: 'reader', scopes: new Set() }
  t = await testApi(db, { authenticate: keysFor({ 'stranger-key': stranger, 'reader-key': reader }) })
})
afterAll(async () => {
  await t.api.close()
  await db[Symbol.asyncDispose]()
})

const SOME_ID = 'f'.repeat(32)
const pathOf = (url: string) =>
  url.replace(':provider', 'acme').replace(/:(\w+)Id/g, (_, kind: string) => `${PREFIXES[kind] ?? 'int'}_${SOME_ID}`)
const PREFIXES: Record<string, string> = {
  event: 'evt',
  integration: 'int',
  key: 'key',
  destination: 'dst',
  replay: 'rpl',
  route: 'rte',
  alert: 'alr',
  alertChannel: 'alc',
  replayPlan: 'rpp',
  legalHold: 'lgh',
  pruneRun: 'pru',
}

/** Ways to write a path that some router somewhere takes for the same one. */
function variantsOf(path: string): string[] {
  const segments = path.split('/')
  const last = segments.at(-1)!
  const encode = (text: string) => [...text].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('')
  return [
    path,
    path.replace(last, `%${last.charCodeAt(0).toString(16)}${last.slice(1)}`),
    segments.map((segment) => encode(segment)).join('/'),
    path.replace('/api', '/%61pi'),
    path.replaceAll('/', '//'),
    `/${path}`,
    path.replace('/api/', '/api/./'),
    path.replace('/api/', '/x/../api/'),
    path.replace('/api/', '/api/v1/webhooks/../../../api/'),
    path.replace('/v1/', '/v1/%2e%2e/v1/'),
    path.replaceAll('/', '%2f').replace('%2f', '/'),
    path.replaceAll('/', '\\').replace('\\', '/'),
    path.toUpperCase(),
    path.replace('/api', '/Api'),
    `${path}/`,
    `${path}//`,
    `${path}%00`,
    `${path};a=b`,
    `${path}?x-internal-api-key=${ROOT_KEY}`,
    `${path}#fragment`,
    `${path}.json`,
    `${path}%20`,
    `http://elsewhere.example${path}`,
  ]
}

const WRONG_KEYS: Record<string, string>[] = [
  {},
  { 'x-internal-api-key': '' },
  { 'x-internal-api-key': `${ROOT_KEY}x` },
  { 'x-internal-api-key': `${ROOT_KEY}, ${ROOT_KEY}` },
  { authorization: `Bearer ${ROOT_KEY}` },
  { 'x-original-url': '/livez', 'x-rewrite-url': '/livez', 'x-http-method-override': 'GET' },
]

describe('every route', () => {
  test('S-73: declares who may enter, and only these are public', () => {
    const open = t.api.accessTable.filter(({ access }) => access === 'public')
    expect(new Set(open.map(({ url }) => url))).toEqual(
      new Set(['/api/v1/health', '/readyz', '/livez', '/openapi.json', '/api/v1/internal/delivery-sink/:provider']),
    )
  })

  test('S-75, B1: percent-encoded and other spellings never get past the key', async () => {
    const closed = t.api.accessTable.filter(({ access }) => access !== 'public')
    expect(closed.length).toBeGreaterThan(15)
    for (const { method, url } of closed) {
      for (const path of variantsOf(pathOf(url))) {
        for (const headers of WRONG_KEYS) {
          const answer = await t.request(method as Method, path, { headers })
          expect([400, 401, 404, 405], `${method} ${path} ${JSON.stringify(headers)}`).toContain(answer.status)
        }
      }
    }
  })

  test('is 401 without the right key, by its plain path and by an encoded one', async () => {
    for (const { method, url } of t.api.accessTable.filter(({ access }) => access !== 'public')) {
      const plain = pathOf(url)
      for (const path of [plain, plain.replace('/v1/', '/%761/')]) {
        const answer = await t.request(method as Method, path, { headers: {} })
        expect(answer.status, `${method} ${path}`).toBe(401)
        expect(answer.headers['www-authenticate']).toContain('x-internal-api-key')
        if (method !== 'HEAD') expect(answer.json).toMatchObject({ code: 'UNAUTHORIZED', status: 401 })
      }
    }
  })

  test('is 403 for a credential without its scope', async () => {
    for (const { method, url } of t.api.accessTable.filter(({ access }) => access !== 'public')) {
      const answer = await t.request(method as Method, pathOf(url), { headers: { 'x-internal-api-key': 'reader-key' } })
      expect(answer.status, `${method} ${url}`).toBe(403)
    }
  })

  test('S-70: answers 404 for what belongs to another tenant', async () => {
    const created = await t.request('POST', '/api/v1/integrations', {
      body: {
        provider: 'acme',
        name: 'ours',
        secret: 'acme-demo-secret',
        destination: { url: 'https://example.com/' },
      },
    })
    const integrationId = await anIntegration(db)
    const eventId = publicId('event', await anEvent(db, integrationId, { parked: 'unlisted_type' }))
    const replay = await t.request('POST', `/api/v1/events/${eventId}/replay`, {
      body: { reason: 'because I said so' },
    })
    expect(replay.status, replay.text).toBe(202)
    const routes = await t.request('GET', '/api/v1/routes')
    const plan = await t.request('POST', '/api/v1/replay-plans', {
      body: { selection: { eventIds: [eventId] }, reason: 'because I said so' },
    })
    expect(plan.status, plan.text).toBe(201)
    const cause = { tenantId: DEFAULT_TENANT, subject: DEFAULT_TENANT, destinationId: null, integrationId: null }
    await openAlerts(db, 'queue_age', [{ ...cause, details: {} }], new Date())
    const channel = await t.request('POST', '/api/v1/alert-channels', {
      body: { kind: 'slack', url: 'https://hooks.example.com/services/x' },
    })
    expect(channel.status, channel.text).toBe(201)
    const alerts = await t.request('GET', '/api/v1/alerts')
    const because = { body: { reason: 'because I said so' } }
    const run = await t.request('POST', '/api/v1/prune-runs', because)
    const hold = await t.request('POST', '/api/v1/legal-holds', { body: { ...because.body, everything: true } })
    expect([run.status, hold.status]).toEqual([202, 201])
    const ids: Record<string, string> = {
      pruneRunId: run.json.id,
      legalHoldId: hold.json.id,
      integrationId: created.json.id,
      keyId: created.json.keys[0].id,
      destinationId: created.json.destinations[0].id,
      routeId: routes.json.data[0].id,
      alertId: alerts.json.data[0].id,
      alertChannelId: channel.json.id,
      replayPlanId: plan.json.id,
      eventId,
      replayId: replay.json.replayId,
    }
    const bodies: Record<string, object> = {
      'PATCH /api/v1/integrations/:integrationId': { name: 'theirs' },
      'POST /api/v1/integrations/:integrationId/keys': { secret: 'another-acme-secret' },
      'PATCH /api/v1/destinations/:destinationId': { name: 'theirs' },
      'PATCH /api/v1/routes/:routeId': { eventTypes: ['theirs'] },
      'PATCH /api/v1/alert-channels/:alertChannelId': { name: 'theirs' },
      // A rule is nobody’s: each tenant has all of them.
      'PATCH /api/v1/alert-rules/:kind': { enabled: false },
      'POST /api/v1/events/:eventId/dead-letters/dismiss': { reason: 'because I said so' },
      'POST /api/v1/legal-holds/:legalHoldId/lift': { reason: 'because I said so' },
      'POST /api/v1/events/:eventId/replay': { reason: 'because I said so' },
    }
    const withIds = t.api.accessTable.filter(({ access, url }) => access !== 'public' && url.includes(':'))
    expect(withIds.length).toBeGreaterThan(8)
    for (const { method, url } of withIds) {
      const path = url.replace(/:(\w+)/g, (_, name: string) => ids[name]!)
      const body = bodies[`${method} ${url}`]
      const options = body === undefined ? {} : { body }
      const foreign = await t.request(method as Method, path, {
        ...options,
        headers: { 'x-internal-api-key': 'stranger-key' },
      })
      const unknown = await t.request(method as Method, pathOf(url), options)
      expect([foreign.status, unknown.status], `${method} ${url}`).toEqual([404, 404])
      // Not even its words tell "not yours" from "not there".
      expect({ ...foreign.json, correlationId: '' }).toEqual({ ...unknown.json, correlationId: '' })
    }
    const notOfTenants = ['/metrics', '/api/v1/alert-rules']
    for (const { url } of t.api.accessTable.filter(
      ({ method, access, url }) =>
        method === 'GET' && access !== 'public' && !url.includes(':') && !notOfTenants.includes(url),
    )) {
      const list = await t.request('GET', url, { headers: { 'x-internal-api-key': 'stranger-key' } })
      // Of the first everybody has one of their own; the manifest's management routes are everybody's.
      if (url === '/api/v1/retention') {
        expect(list.json.source).toBe('default')
        continue
      }
      const receivers = list.json.surfaces?.filter(({ style }: { style: string }) => style === 'webhook')
      expect(list.json.data ?? list.json.lines ?? receivers, url).toEqual([])
    }
    const counters = await t.request('GET', '/metrics', { headers: { 'x-internal-api-key': 'stranger-key' } })
    expect(counters.status).toBe(404)
  })
})

describe('what is not there', () => {
  test('is one 404, with and without a key, whatever is asked', async () => {
    const seen = new Set<string>()
    for (const path of [
      '/api/v1/nothing',
      '/',
      '/api',
      '/api/v1/webhooks/stripe',
      '/api/v1/%77ebhooks/stripe',
      '/api/v1/Integrations',
      '/admin',
    ]) {
      for (const headers of [{}, { 'x-internal-api-key': ROOT_KEY }]) {
        const answer = await t.request('GET', path, { headers })
        expect(answer.status).toBe(404)
        seen.add(JSON.stringify({ ...answer.json, correlationId: '' }))
      }
    }
    expect(seen.size).toBe(1)
  })

  test('a method that a path does not have is 405 with Allow, before any body is read', async () => {
    const answer = await t.request('PUT', '/api/v1/integrations', { body: '{not json', headers: {} })
    expect([answer.status, answer.headers['allow'], answer.json.code]).toEqual([
      405,
      'GET, HEAD, POST',
      'METHOD_NOT_ALLOWED',
    ])
  })
})

describe('the check itself', () => {
  test('S-73: a route that declares no access, or one that does not exist, stops the start', () => {
    for (const config of [undefined, {}, { access: 'everybody' }, { access: 'toString' }]) {
      const app = fastify().withTypeProvider<ZodTypeProvider>()
      checkAccess(app, () => undefined)
      const options = (config === undefined ? {} : { config }) as object
      expect(() => app.get('/open', options, async () => 'secret')).toThrow(/declares no access/)
    }
  })

  test('an authenticator that fails lets nobody in', async () => {
    const app = fastify().withTypeProvider<ZodTypeProvider>()
    checkAccess(app, () => Promise.reject(new Error('down')))
    app.get('/closed', { config: { access: 'audit:read' } }, async () => 'secret')
    const answer = await app.inject('/closed')
    expect([answer.statusCode, answer.payload.includes('secret')]).toEqual([500, false])
  })

  test('a scope is granted by name only', async () => {
    const principal: Principal = { id: newId(), name: 'some', tenantId: newId(), scopes: new Set(['audit:read']) }
    const app = fastify().withTypeProvider<ZodTypeProvider>()
    checkAccess(app, () => principal)
    const scopes = [...ALL_SCOPES]
    for (const [index, access] of scopes.entries()) app.get(`/${index}`, { config: { access } }, async () => 'in')
    const statuses = await Promise.all(
      scopes.map(async (access, index) => [access, (await app.inject(`/${index}`)).statusCode]),
    )
    expect(statuses.filter(([, status]) => status === 200)).toEqual([['audit:read', 200]])
  })
})
