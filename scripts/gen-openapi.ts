/**
 * The content of openapi.json: the description that a gateway with all its routes would serve.
 *
 * Nothing is opened for it: whatever a route would need at a request fails loudly here.
 */
import { createApi } from '../src/interfaces/api/api.ts'
import type { ApiDeps } from '../src/interfaces/api/deps.ts'
import { renderDescription } from '../src/interfaces/api/openapi.ts'
import { createLogger } from '../src/observability/log.ts'
import { providers } from '../src/providers/registry.ts'

export async function renderOpenApi(): Promise<string> {
  const api = await createApi(INERT)
  try {
    return renderDescription(api, providers)
  } finally {
    await api.close()
  }
}

function unused(): never {
  throw new Error('describing the interface needs no resources')
}

const INERT: ApiDeps = {
  config: {
    NODE_ENV: 'development',
    POSTERN_MAX_BODY_BYTES: 1,
    POSTERN_RATE_LIMIT_PER_MINUTE: 1,
    POSTERN_EGRESS_PORTS: [],
    POSTERN_EGRESS_HTTP: 'deny',
    POSTERN_REPLAY_COOLDOWN_SECONDS: 0,
    POSTERN_RETENTION_DAYS: 90,
    POSTERN_PAYLOAD_RETENTION_DAYS: 30,
    POSTERN_UNDELIVERED_RETENTION_DAYS: 180,
    POSTERN_DEDUPE_DAYS: 30,
  },
  db: {
    query: unused,
    transaction: unused,
    batch: unused,
    snapshot: unused,
    connect: unused,
    listen: unused,
    close: unused,
  },
  log: createLogger({ level: 'silent' }),
  authenticate: unused,
  secrets: { keyring: { seal: unused, open: unused }, references: { resolve: unused } },
  providers,
  requestReplay: unused,
  testDestination: unused,
  testAlertChannel: unused,
  previewRouting: unused,
  filters: { compile: unused },
  transforms: { compile: unused, run: unused },
  documentOf: unused,
  integrationsChanged: unused,
  health: unused,
  metrics: { text: unused, contentType: 'text/plain' },
}
