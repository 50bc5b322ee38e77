/**
 * Starts the alternative: its server, a Redis of its own, and its database in the PostgreSQL that the gateway uses too.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, portOf, startModule, startProgram } from './child.ts'
import { createDatabase, dropDatabase, withClient, withDatabase } from './database.ts'
import { freePort } from './free-port.ts'
import { SECRET, type Side } from './side.ts'

const DATABASE = 'postern_bench_alternative'
const SCHEMA = new URL('../alternative/schema.sql', import.meta.url)
const SERVER = new URL('../alternative/server.ts', import.meta.url)
const WORKER = new URL('../alternative/worker.ts', import.meta.url)

/** Each event once in `webhook_events`, with its normalised event, its job and its two audit rows. */
const STORED = `
  select w.external_event_id as external_id, n.id as event_id, j.count = 1 and aw.count = 1 and an.count = 1 as complete
  from webhook_events w
    join normalized_events n on n.webhook_event_id = w.id
    left join (select normalized_event_id, count(*) from processing_jobs group by normalized_event_id) j
      on j.normalized_event_id = n.id
    left join (select entity_id, count(*) from audit_entries group by entity_id) aw on aw.entity_id = w.id
    left join (select entity_id, count(*) from audit_entries group by entity_id) an on an.entity_id = n.id`

export interface AlternativeDelivery {
  /** Where events go. */
  readonly url: string
  readonly secret: string
  /** Deliveries under way at one time. */
  readonly concurrency: number
}

export interface Alternative extends Side {
  /** Only with `delivery`. */
  readonly workerPid: number | undefined
}

/**
 * @param serverUrl Any database of the PostgreSQL to use.
 * @param delivery With it a worker delivers what was received; without, jobs stay in their list.
 */
export async function startAlternative(
  serverUrl: string,
  poolSize: number,
  delivery?: AlternativeDelivery,
): Promise<Alternative> {
  await createDatabase(serverUrl, DATABASE)
  const databaseUrl = withDatabase(serverUrl, DATABASE)
  const integrationId = randomUUID()
  await withClient(databaseUrl, async (client) => {
    await client.query(readFileSync(SCHEMA, 'utf8'))
    await client.query(
      `insert into integrations (id, provider, name, webhook_secret) values ($1, 'stripe', 'bench', $2)`,
      [integrationId, SECRET],
    )
    if (delivery !== undefined)
      await client.query('insert into destinations (id, integration_id, url, secret) values ($1, $2, $3, $4)', [
        randomUUID(),
        integrationId,
        delivery.url,
        delivery.secret,
      ])
  })
  const started: Child[] = []
  const dispose = async () => {
    for (const child of started.reverse()) await child[Symbol.asyncDispose]()
    await dropDatabase(serverUrl, DATABASE)
  }
  try {
    const redis = await startRedis(started)
    const environment = {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      POOL_SIZE: String(poolSize),
    }
    const server = startModule(SERVER, {
      ...environment,
      WEBHOOK_SECRET: SECRET,
      INTEGRATION_ID: integrationId,
      QUEUE: delivery === undefined ? 'list' : 'bullmq',
    })
    started.push(server)
    const worker =
      delivery === undefined
        ? undefined
        : startModule(WORKER, { ...environment, CONCURRENCY: String(delivery.concurrency) })
    if (worker !== undefined) {
      started.push(worker)
      await portOf(worker)
    }
    return {
      name: 'alternative',
      target: {
        port: await portOf(server),
        path: '/api/v1/webhooks/stripe',
        secret: SECRET,
        signatureHeader: 'Stripe-Signature',
      },
      pid: server.pid,
      workerPid: worker?.pid,
      redisPid: redis.pid,
      databaseUrl,
      stored: STORED,
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** Without persistence, which is the fastest it can be and less than most people run. */
async function startRedis(started: Child[]): Promise<{ pid: number; port: number }> {
  const port = await freePort()
  const redis = startRedisServer(port)
  started.push(redis)
  for (let tries = 0; tries < 100 && redis.process.exitCode === null; tries++) {
    if (await accepts(port)) return { pid: redis.pid, port }
    await sleep(50)
  }
  throw new Error(`redis-server does not start: ${redis.complaints()}`)
}

function startRedisServer(port: number): Child {
  try {
    return startProgram(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--loglevel', 'warning'],
      { PATH: process.env['PATH'] },
    )
  } catch (cause) {
    throw new Error(
      'The alternative needs redis-server on the PATH: `apt-get install redis-server` on Debian, `dnf install redis` on Fedora, ' +
        '`brew install redis` on macOS; or measure Postern alone with --only postern.',
      { cause },
    )
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
