/**
 * Starts the gateway as its users do: its own process on a free port, with an embedded database in a folder of its own.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Child, startProgram } from './ingest/child.ts'
import { embeddedDatabaseUrl } from './ingest/database.ts'
import { freePort } from './ingest/free-port.ts'
import { SECRET } from './ingest/side.ts'

const ENTRY = fileURLToPath(new URL('../dist/bin.js', import.meta.url))

export interface GatewayOptions {
  /** As `--role` takes them. */
  readonly roles: string
  /** An empty database to use instead of the embedded server. */
  readonly databaseUrl: string | undefined
  /** Done to the database's settings before the run; the embedded server is started once more afterwards. */
  readonly prepare?: (databaseUrl: string) => Promise<void>
}

export interface Gateway extends AsyncDisposable {
  readonly pid: number
  readonly port: number
  readonly databaseUrl: string
  readonly dataDir: string
  /** @param fields Beside provider and secret. @returns Where it receives. */
  createIntegration(fields: Readonly<Record<string, unknown>>): Promise<string>
}

export async function startGateway({ roles, databaseUrl, prepare }: GatewayOptions): Promise<Gateway> {
  if (!existsSync(ENTRY)) throw new Error('dist/bin.js is missing: run `npm run build`')
  const dataDir = mkdtempSync(join(tmpdir(), 'postern-bench-'))
  // Started as root, the database runs as another account, which must be able to pass through.
  chmodSync(dataDir, 0o711)
  const port = await freePort()
  const apiKey = randomBytes(24).toString('hex')
  const origin = `http://127.0.0.1:${port}`
  const start = async () => {
    const started = startProgram(
      process.execPath,
      [...(process.env['GATEWAY_NODE_FLAGS']?.split(' ') ?? []), ENTRY, 'serve', '--role', roles],
      {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        POSTERN_DATA_DIR: dataDir,
        POSTERN_HOST: '127.0.0.1',
        POSTERN_PORT: String(port),
        POSTERN_LOG_LEVEL: 'warn',
        MANAGEMENT_API_KEY: apiKey,
        ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      },
    )
    await ready(started, `${origin}/readyz`).catch(async (error) => {
      await started[Symbol.asyncDispose]()
      throw error
    })
    return started
  }
  let gateway: Child | undefined
  const dispose = async () => {
    await gateway?.[Symbol.asyncDispose]()
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    gateway = await start()
    const url = databaseUrl ?? (await embeddedDatabaseUrl(dataDir))
    if (prepare !== undefined) {
      await prepare(url)
      await gateway[Symbol.asyncDispose]()
      gateway = await start()
    }
    return {
      pid: gateway.pid,
      port,
      dataDir,
      databaseUrl: url,
      createIntegration: (fields) => createIntegration(origin, apiKey, fields),
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
async function createIntegration(
  origin: string,
  apiKey: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<string> {
  const answer = await fetch(`${origin}/api/v1/integrations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-internal-api-key': apiKey },
    body: JSON.stringify({ provider: 'stripe', secret: SECRET, rateLimitPerMinute: 10_000_000, ...fields }),
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
