/**
 * What people build to receive webhooks, written as well as a competent team writes it: Fastify, a schema check, the
 * signature over the raw bytes, a Redis marker against duplicates, one transaction of single inserts, a Redis queue.
 *
 * Nothing here is slow on purpose: prepared statements, a sized pool, pipelined Redis, keep-alive, a serialiser for
 * the answer, no log. It does less than Postern (no rate limit, no byte-exact copy, no hash chain), which is in its favour.
 */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { Redis } from 'ioredis'
import pg from 'pg'
import { z } from 'zod'
import { type Ingested, insertWebhook } from './insert-webhook.ts'
import { type DeliveryJob, JOB_OPTIONS, openQueue } from './queue.ts'

const Environment = z.object({
  DATABASE_URL: z.string(),
  REDIS_URL: z.string(),
  WEBHOOK_SECRET: z.string(),
  INTEGRATION_ID: z.string(),
  POOL_SIZE: z.coerce.number().int().positive(),
  /** A list that nobody reads, or the queue that `worker.ts` works on. */
  QUEUE: z.enum(['list', 'bullmq']),
})

const StripeEvent = z.object({
  id: z.string().min(1).max(255),
  object: z.literal('event'),
  type: z.string().min(1).max(255),
  created: z.number().int(),
  livemode: z.boolean(),
  data: z.object({ object: z.looseObject({ id: z.string() }) }),
})

const TOLERANCE_SECONDS = 300
const IDEMPOTENCY_TTL_SECONDS = 86_400

const environment = Environment.parse(process.env)
const pool = new pg.Pool({ connectionString: environment.DATABASE_URL, max: environment.POOL_SIZE })
pool.on('error', () => undefined)
const redis = new Redis(environment.REDIS_URL, { enableAutoPipelining: true })
const enqueue = environment.QUEUE === 'bullmq' ? addToBullmq(environment.REDIS_URL) : pushToList
const app = fastify({ logger: false, bodyLimit: 1_048_576 })

// The raw bytes are what the signature covers; they are parsed after it was checked.
app.removeAllContentTypeParsers()
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

const Answer = {
  type: 'object',
  properties: {
    eventId: { type: 'string' },
    status: { type: 'string' },
    duplicate: { type: 'boolean' },
    correlationId: { type: 'string' },
  },
}
app.post('/api/v1/webhooks/stripe', { schema: { response: { 200: Answer, 202: Answer } } }, receive)

async function receive(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const body = request.body
  const signature = request.headers['stripe-signature']
  if (!Buffer.isBuffer(body) || typeof signature !== 'string' || !isSigned(body, signature)) {
    return reply.code(401).send({ error: { code: 'UNAUTHORIZED' } })
  }
  const event = StripeEvent.safeParse(parseJson(body))
  if (!event.success) return reply.code(400).send({ error: { code: 'VALIDATION_ERROR' } })

  const idempotencyKey = `stripe:${event.data.id}`
  const marker = `idempotency:${idempotencyKey}`
  const fresh = await redis.set(marker, '1', 'EX', IDEMPOTENCY_TTL_SECONDS, 'NX')
  if (fresh === null) {
    const known = await findWebhook(idempotencyKey)
    if (known !== undefined)
      return reply.code(200).send({ eventId: known, status: 'duplicate', duplicate: true, correlationId: request.id })
  }

  const ingested: Ingested = {
    webhookEventId: randomUUID(),
    normalizedEventId: randomUUID(),
    jobId: randomUUID(),
    integrationId: environment.INTEGRATION_ID,
    correlationId: randomUUID(),
    externalId: event.data.id,
    idempotencyKey,
    type: event.data.type,
    subject: event.data.data.object.id,
    occurredAt: new Date(event.data.created * 1000),
    headers: JSON.stringify(request.headers),
    rawPayload: body.toString('utf8'),
    normalizedPayload: JSON.stringify({
      provider: 'stripe',
      eventType: event.data.type,
      externalEventId: event.data.id,
      data: event.data.data.object,
    }),
    sourceIp: request.ip,
  }
  try {
    await insertWebhook(pool, ingested)
  } catch (error) {
    await redis.del(marker)
    throw error
  }
  const { normalizedEventId: eventId, correlationId } = ingested
  await enqueue({ normalizedEventId: eventId, jobId: ingested.jobId, correlationId })
  return reply.code(202).send({ eventId, status: 'queued', duplicate: false, correlationId })
}

async function pushToList(job: DeliveryJob): Promise<void> {
  await redis.lpush('queue:events.process', JSON.stringify({ ...job, attemptNo: 1, triggeredBy: 'webhook' }))
}

function addToBullmq(url: string): (job: DeliveryJob) => Promise<void> {
  const queue = openQueue(url)
  return async (job) => void (await queue.add('deliver', job, JOB_OPTIONS))
}

function isSigned(body: Buffer, header: string): boolean {
  const match = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header)
  const [, seconds, claimed] = match ?? []
  if (seconds === undefined || claimed === undefined) return false
  if (Math.abs(Date.now() / 1000 - Number(seconds)) > TOLERANCE_SECONDS) return false
  const expected = createHmac('sha256', environment.WEBHOOK_SECRET).update(`${seconds}.`).update(body).digest()
  return timingSafeEqual(expected, Buffer.from(claimed, 'hex'))
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

async function findWebhook(idempotencyKey: string): Promise<string | undefined> {
  const found = await pool.query<{ id: string }>(
    'select n.id from normalized_events n join webhook_events w on w.id = n.webhook_event_id where w.idempotency_key = $1',
    [idempotencyKey],
  )
  return found.rows[0]?.id
}

await app.listen({ port: 0, host: '127.0.0.1' })
const address = app.server.address()
if (typeof address === 'object' && address !== null) process.send?.({ port: address.port })
process.on('disconnect', () => process.exit(0))
