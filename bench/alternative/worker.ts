/**
 * The other half of what people build: a worker of its own process that takes jobs off the Redis queue, reads the
 * event, posts it signed and records what came of it.
 *
 * As good as a competent team makes it: one query for event and destination, undici with kept connections, prepared
 * statements, one transaction for the record. It has no address policy, no circuit, no fairness and no fence.
 */
import { createHmac, randomUUID } from 'node:crypto'
import { Worker } from 'bullmq'
import pg from 'pg'
import { Agent, request } from 'undici'
import { z } from 'zod'
import { type DeliveryJob, QUEUE_NAME } from './queue.ts'

const environment = z
  .object({
    DATABASE_URL: z.string(),
    REDIS_URL: z.string(),
    POOL_SIZE: z.coerce.number().int().positive(),
    CONCURRENCY: z.coerce.number().int().positive(),
  })
  .parse(process.env)

interface ToDeliver {
  readonly payload: string
  readonly destination_id: string
  readonly url: string
  readonly secret: string
}

const LOAD = `select w.raw_payload::text as payload, d.id as destination_id, d.url, d.secret
  from normalized_events n
    join webhook_events w on w.id = n.webhook_event_id
    join destinations d on d.integration_id = n.integration_id and d.is_active
  where n.id = $1`
const ATTEMPT = `insert into delivery_attempts (id, normalized_event_id, destination_id, attempt_no, status, http_status, response_body, duration_ms)
  values ($1, $2, $3, $4, $5, $6, $7, $8)`
const EVENT = 'update normalized_events set status = $2, processing_attempts = $3 where id = $1'
const JOB = 'update processing_jobs set status = $2, attempt_no = $3 where id = $1'
const AUDIT = `insert into audit_entries (entity_type, entity_id, action, actor, details)
  values ('normalized_event', $1, 'event.delivered', 'worker', $2)`

const MAX_RESPONSE = 64 * 1024

const pool = new pg.Pool({ connectionString: environment.DATABASE_URL, max: environment.POOL_SIZE })
pool.on('error', () => undefined)
const agent = new Agent({ connections: environment.CONCURRENCY, headersTimeout: 10_000, bodyTimeout: 10_000 })

const worker = new Worker<DeliveryJob>(QUEUE_NAME, (job) => deliver(job.data, job.attemptsMade + 1), {
  connection: { url: environment.REDIS_URL },
  concurrency: environment.CONCURRENCY,
})
worker.on('error', () => undefined)

async function deliver(job: DeliveryJob, attempt: number): Promise<void> {
  const { rows } = await pool.query<ToDeliver>({ name: 'load', text: LOAD, values: [job.normalizedEventId] })
  for (const event of rows) {
    const answer = await post(job.normalizedEventId, event)
    await record(job, attempt, event, answer)
    if (answer.status < 200 || answer.status > 299) throw new Error(`HTTP ${answer.status}`)
  }
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly durationMs: number
}

async function post(eventId: string, { url, secret, payload }: ToDeliver): Promise<Answer> {
  const seconds = Math.floor(Date.now() / 1000)
  const began = performance.now()
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${eventId}.${seconds}.${payload}`).digest('base64')
  const { statusCode, body } = await request(url, {
    dispatcher: agent,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': eventId,
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,${signature}`,
    },
    body: payload,
  })
  const text = (await body.text()).slice(0, MAX_RESPONSE)
  return { status: statusCode, body: text, durationMs: Math.round(performance.now() - began) }
}

async function record(job: DeliveryJob, attempt: number, event: ToDeliver, answer: Answer): Promise<void> {
  const delivered = answer.status >= 200 && answer.status < 300
  const status = delivered ? 'processed' : 'retrying'
  const details = JSON.stringify({ correlationId: job.correlationId, httpStatus: answer.status })
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query({
      name: 'attempt',
      text: ATTEMPT,
      values: [
        randomUUID(),
        job.normalizedEventId,
        event.destination_id,
        attempt,
        delivered ? 'success' : 'failed',
        answer.status,
        answer.body,
        answer.durationMs,
      ],
    })
    await client.query({ name: 'event', text: EVENT, values: [job.normalizedEventId, status, attempt] })
    await client.query({ name: 'job', text: JOB, values: [job.jobId, delivered ? 'succeeded' : 'queued', attempt] })
    await client.query({ name: 'audit', text: AUDIT, values: [job.normalizedEventId, details] })
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

await worker.waitUntilReady()
process.send?.({ port: 0 })
process.on('disconnect', () => process.exit(0))
