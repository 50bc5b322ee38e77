/** The management surface on a database of the test's own, and what the tests ask of it. */
import { PassThrough } from 'node:stream'
import { type Authenticate, rootKeyAuthenticator } from '../../src/access/authenticate.ts'
import type { Principal } from '../../src/access/principal.ts'
import { ALL_SCOPES } from '../../src/access/scopes.ts'
import { newId } from '../../src/base/model/ids.ts'
import { createDescribe, createDocument } from '../../src/flow/processing/describe.ts'
import { createFilters } from '../../src/flow/processing/filter.ts'
import { previewRouting } from '../../src/flow/processing/preview.ts'
import { openTransforms } from '../../src/flow/processing/transform.ts'
import { requestReplay } from '../../src/flow/replay/request-replay.ts'
import { createApi } from '../../src/interfaces/api/api.ts'
import type { Api, ApiDeps } from '../../src/interfaces/api/deps.ts'
import { createLogger } from '../../src/observability/log.ts'
import { createMetrics } from '../../src/observability/metrics.ts'
import { findProvider, providers } from '../../src/providers/registry.ts'
import { createKeyring } from '../../src/resources/secrets/keyring.ts'
import { createReferences } from '../../src/resources/secrets/references.ts'
import type { Database, Queryable } from '../../src/resources/store/database.ts'

export const ROOT_KEY = 'root-management-key-of-the-tests'
export const MASTER_KEY = Buffer.alloc(32, 9)

export interface TestApi {
  readonly api: Api
  readonly deps: ApiDeps
  /** Everything that was logged. */
  readonly logged: () => string
  /** How often the gateway was told that integrations changed. */
  readonly changes: () => number
  /** As the root principal unless `headers` say otherwise. */
  request(method: Method, url: string, options?: RequestOptions): Promise<Answer>
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

interface RequestOptions {
  /** Text and bytes go as they are and without a content type; anything else as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the answer holds
  readonly json: any
  readonly text: string
  readonly bytes: Buffer
}

export async function testApi(db: Database, overrides: Partial<ApiDeps> = {}): Promise<TestApi> {
  const lines: string[] = []
  const destination = new PassThrough().on('data', (chunk: Buffer) => lines.push(chunk.toString()))
  let changes = 0
  const rules = { orderKey: () => null, filters: createFilters(), document: createDocument(findProvider) }
  const deps: ApiDeps = {
    config: {
      NODE_ENV: 'test',
      POSTERN_MAX_BODY_BYTES: 1024 * 1024,
      POSTERN_RATE_LIMIT_PER_MINUTE: 3000,
      POSTERN_EGRESS_PORTS: [443],
      POSTERN_EGRESS_HTTP: 'deny',
      POSTERN_REPLAY_COOLDOWN_SECONDS: 0,
      POSTERN_RETENTION_DAYS: 90,
      POSTERN_PAYLOAD_RETENTION_DAYS: 30,
      POSTERN_UNDELIVERED_RETENTION_DAYS: 180,
      POSTERN_DEDUPE_DAYS: 30,
    },
    db,
    log: createLogger({ level: 'trace', destination }),
    authenticate: rootKeyAuthenticator(ROOT_KEY),
    secrets: {
      keyring: createKeyring(MASTER_KEY),
      references: createReferences({ environment: process.env, dataDir: '/nonexistent/postern' }),
    },
    providers,
    requestReplay: (request) => requestReplay(db, request),
    testDestination: async () => undefined,
    testAlertChannel: async () => undefined,
    previewRouting: (...asked) => previewRouting({ ...rules, db, describe: createDescribe(findProvider) }, ...asked),
    filters: rules.filters,
    // Its threads start with the first transform and keep no process.
    transforms: openTransforms(),
    documentOf: createDocument(findProvider),
    integrationsChanged: async () => {
      changes++
    },
    health: async () => 'ok',
    metrics: createMetrics(),
    ...overrides,
  }
  const api = await createApi(deps)
  return {
    api,
    deps,
    logged: () => lines.join(''),
    changes: () => changes,
    async request(method, url, { body, headers = { 'x-internal-api-key': ROOT_KEY } } = {}) {
      const asIs = typeof body === 'string' || Buffer.isBuffer(body)
      const response = await api.inject({
        method,
        url,
        headers: { ...(body === undefined || asIs ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { payload: asIs ? body : JSON.stringify(body) }),
      })
      const isJson = /json/.test(String(response.headers['content-type'])) && response.payload !== ''
      return {
        status: response.statusCode,
        headers: response.headers,
        json: isJson ? JSON.parse(response.payload) : undefined,
        text: response.payload,
        bytes: response.rawPayload,
      }
    },
  }
}

/** Another tenant with everybody's scopes, known by its own key. */
export async function aTenant(db: Queryable, name: string): Promise<Principal> {
  const tenantId = newId()
  const id = newId()
  await db.query('insert into tenants (id, name) values ($1, $2)', [tenantId, name])
  await db.query("insert into principals (id, tenant_id, kind, name) values ($1, $2, 'key', $3)", [id, tenantId, name])
  return { id, tenantId, name, scopes: ALL_SCOPES }
}

/** The root key, and each of these principals behind a key of its own. */
export function keysFor(principals: Readonly<Record<string, Principal>>): Authenticate {
  const root = rootKeyAuthenticator(ROOT_KEY)
  return (rawHeaders) => {
    const index = rawHeaders.findIndex((name) => name.toLowerCase() === 'x-internal-api-key')
    return principals[rawHeaders[index + 1] ?? ''] ?? root(rawHeaders)
  }
}
