/**
 * Starts the gateway as its users do, as one process with an embedded database, everything on but the worker.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Child, startProgram } from './child.ts'
import { embeddedDatabaseUrl } from './database.ts'
import { freePort } from './free-port.ts'
import { SECRET, type Side } from './side.ts'

const ENTRY = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))

/** Each event once in `events`, with its payload, its dedupe key and its job. */
const STORED = `
  select e.external_id, e.id as event_id, p.event_id is not null and k.count = 1 and j.count = 1 as complete
  from postern.events e
    left join postern.event_payloads p on p.event_id = e.id
    left join (select event_id, count(*) from postern.dedupe_keys group by event_id) k on k.event_id = e.id
    left join (select event_id, count(*) from postern.jobs where kind = 'process' group by event_id) j on j.event_id = e.id`

/** @param databaseUrl An empty database to use instead of the embedded server. */
export async function startPostern(databaseUrl: string | undefined): Promise<Side> {
  if (!existsSync(ENTRY)) throw new Error('dist/bin.js is missing: run `npm run build`')
  const dataDir = mkdtempSync(join(tmpdir(), 'postern-bench-'))
  // Started as root, the database runs as another account, which must be able to pass through.
  chmodSync(dataDir, 0o711)
  const port = await freePort()
  const apiKey = randomBytes(24).toString('hex')
  const gateway = startProgram(process.execPath, [ENTRY, 'serve', '--role', 'ingress,api'], {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    POSTERN_DATA_DIR: dataDir,
    POSTERN_HOST: '127.0.0.1',
    POSTERN_PORT: String(port),
    POSTERN_LOG_LEVEL: 'warn',
    MANAGEMENT_API_KEY: apiKey,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  })
  const dispose = async () => {
    await gateway[Symbol.asyncDispose]()
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    const origin = `http://127.0.0.1:${port}`
    await ready(gateway, `${origin}/readyz`)
    const path = await createIntegration(origin, apiKey)
    return {
      name: 'postern',
      target: { port, path, secret: SECRET, signatureHeader: 'Stripe-Signature' },
      pid: gateway.pid,
      redisPid: undefined,
      databaseUrl: databaseUrl ?? (await embeddedDatabaseUrl(dataDir)),
      stored: STORED,
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

async function ready(gateway: Child, url: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (gateway.process.exitCode !== null) break
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok === true) return
    await sleep(100)
  }
  throw new Error(`the gateway did not become ready: ${gateway.complaints()}`)
}

/** Limits stay on; this one is set above what a single source of the benchmark can send. */
async function createIntegration(origin: string, apiKey: string): Promise<string> {
  const answer = await fetch(`${origin}/api/v1/integrations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-internal-api-key': apiKey },
    body: JSON.stringify({ provider: 'stripe', name: 'bench', secret: SECRET, rateLimitPerMinute: 10_000_000 }),
  })
  const body: unknown = await answer.json()
  if (
    answer.status === 201 &&
    typeof body === 'object' &&
    body !== null &&
    'receivePath' in body &&
    typeof body.receivePath === 'string'
  ) {
    return body.receivePath
  }
  throw new Error(`the integration was not created: ${answer.status} ${JSON.stringify(body)}`)
}
