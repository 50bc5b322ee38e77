import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { httpFarSide, tcpFarSide } from '../../../test/support/far-side.ts'
import {
  aDeliverJob,
  aDestination,
  anEvent,
  anIntegration,
  attemptRows,
  eventRow,
  jobRows,
  openUnsealed,
  SIGNING_SECRET,
  silent,
  until,
} from '../../../test/support/flow.ts'
import { DEFAULT_TENANT, newId, publicId, type Uuid } from '../../base/model/ids.ts'
import { openBrokers } from '../../resources/outbound/brokers/open.ts'
import { openOutbound } from '../../resources/outbound/request.ts'
import { type AttemptResult, recordAttempts } from '../../resources/store/attempts.ts'
import { MANAGEMENT_CHAIN } from '../../resources/store/audit.ts'
import { openDatabase } from '../../resources/store/database.ts'
import { claimJobs } from '../../resources/store/jobs.ts'
import type { EventToProcess } from '../../resources/store/processing.ts'
import { startWorker } from '../../worker/worker.ts'
import { type DeliveryOptions, deliveryQueue } from './deliver.ts'

let db: TestDatabase
let integration: Uuid
beforeAll(async () => {
  db = await freshDatabase()
  integration = await anIntegration(db)
})
afterAll(() => db[Symbol.asyncDispose]())

const brokers = openBrokers({ ports: [443], allowHttp: false })
afterAll(() => brokers.close())
const outbound = openOutbound({ ports: [443], allowHttp: false })
afterAll(() => outbound.close())

const PAST_ALL_RETRIES = 60_000
const patient = { maxAttempts: 3, baseDelayMs: PAST_ALL_RETRIES, maxDelayMs: PAST_ALL_RETRIES }

/** Runs deliveries until the scope ends. */
function delivering(fields: Partial<DeliveryOptions> = {}): AsyncDisposable {
  const options = {
    db,
    outbound,
    brokers,
    openSecret: openUnsealed,
    openAuth: openUnsealed,
    transform: async () => ({ ok: true, body: '{}' }) as const,
    attributes: (event: EventToProcess) => ({
      ...{ id: event.eventId, source: '/acme', type: 'order.paid', time: event.receivedAt, provider: event.provider },
    }),
    chain: MANAGEMENT_CHAIN,
    concurrency: 16,
    leaseMs: 60_000,
    log: silent,
    now: Date.now,
    random: () => 0.5,
    ...fields,
  }
  const worker = startWorker({ ...options, worker: newId(), queues: { deliver: deliveryQueue(options) }, tasks: [] })
  return { [Symbol.asyncDispose]: async () => void (await worker.stop(5_000)) }
}

const ended = (event: Uuid) => until(async () => ['processed', 'failed'].includes((await eventRow(db, event)).status))
const attempted = (event: Uuid, count: number) => until(async () => (await attemptRows(db, event)).length >= count)

function header(request: { headers: string[] } | undefined, name: string): string | undefined {
  const at = request?.headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name) ?? -1
  return at < 0 ? undefined : request?.headers[at + 1]
}

test('the receiver gets the exact bytes, a signature it can check and nothing of the inbound request', async () => {
  await using sink = await httpFarSide()
  const body = Buffer.concat([Buffer.from('{"a": 1.0, "b":"\\u00fc"}\r\n'), Buffer.from([0x20])])
  const event = await anEvent(db, integration, { body, contentType: 'application/json; charset=utf-8' })
  await aDeliverJob(db, event, await aDestination(db, integration, { url: `${sink.url}/hook?x=1` }))
  await using _ = delivering()
  await ended(event)

  const [request] = sink.requests
  const id = publicId('event', event)
  expect(request).toMatchObject({ method: 'POST', url: '/hook?x=1', body })
  expect(header(request, 'content-type')).toBe('application/json; charset=utf-8')
  expect(header(request, 'webhook-id')).toBe(id)
  expect(header(request, 'x-event-id')).toBe(id)
  expect(header(request, 'x-correlation-id')).toMatch(/^cor_[0-9a-f]{32}$/)
  expect(header(request, 'x-integration-provider')).toBe('acme')
  expect(header(request, 'x-postern-attempt')).toBe('1')
  expect(header(request, 'x-inbound')).toBeUndefined()
  expect(header(request, 'x-acme-signature')).toBeUndefined()
  const signed = Object.fromEntries(
    ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, header(request, name) ?? '']),
  )
  expect(() => new Webhook(SIGNING_SECRET).verify(body, signed)).not.toThrow()

  expect(await eventRow(db, event)).toMatchObject({
    status: 'processed',
    last_error: null,
    processed_at: expect.any(Date),
  })
  expect(await attemptRows(db, event)).toMatchObject([
    { attempt_no: 1, status: 'success', outcome: 'delivered', http_status: 200 },
  ])
  expect(await jobRows(db, event)).toMatchObject([{ status: 'succeeded', attempts: 1 }])
})

test('a failure is retried with the same id and a new number, and then delivered', async () => {
  let calls = 0
  await using sink = await httpFarSide((response) => {
    response.statusCode = ++calls < 3 ? 500 : 204
    response.end()
  })
  const event = await anEvent(db, integration)
  await aDeliverJob(db, event, await aDestination(db, integration, { url: sink.url }))
  await using _ = delivering()
  await ended(event)

  expect((await eventRow(db, event)).status).toBe('processed')
  expect((await attemptRows(db, event)).map((row) => [row.attempt_no, row.outcome, row.http_status])).toEqual([
    [1, 'http_error', 500],
    [2, 'http_error', 500],
    [3, 'delivered', 204],
  ])
  expect(sink.requests.map((request) => header(request, 'x-postern-attempt'))).toEqual(['1', '2', '3'])
  expect(new Set(sink.requests.map((request) => header(request, 'webhook-id'))).size).toBe(1)
})

test('the retry is due exactly when the policy says, by the clock and the random source it was given', async () => {
  await using sink = await httpFarSide((response) => response.writeHead(500).end())
  const event = await anEvent(db, integration)
  const retry = { maxAttempts: 4, baseDelayMs: 40_000, maxDelayMs: 100_000 }
  await aDeliverJob(db, event, await aDestination(db, integration, { url: sink.url, retry }))
  let time = Date.now() + 1_000
  await using _ = delivering({ now: () => time, random: () => 0.25 })
  const waits: number[] = []
  for (let attempt = 1; attempt <= 3; attempt++) {
    await attempted(event, attempt)
    const [job] = await jobRows(db, event)
    expect((await eventRow(db, event)).status).toBe('retrying')
    waits.push(job!.run_at.getTime() - time)
    time = job!.run_at.getTime()
  }
  await ended(event)
  expect(waits).toEqual([10_000, 20_000, 25_000])
  expect((await eventRow(db, event)).status).toBe('failed')
})

test('Retry-After of a 429 is kept to', async () => {
  await using sink = await httpFarSide((response) => response.writeHead(429, { 'retry-after': '7' }).end())
  const event = await anEvent(db, integration)
  await aDeliverJob(
    db,
    event,
    await aDestination(db, integration, {
      url: sink.url,
      retry: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 60_000 },
    }),
  )
  const time = Date.now() + 1_000
  await using _ = delivering({ now: () => time })
  await attempted(event, 1)
  expect((await jobRows(db, event))[0]!.run_at.getTime() - time).toBe(7_000)
})

test('410 disables the destination, fails the event and stops what else is queued for it', async () => {
  await using sink = await httpFarSide((response) => response.writeHead(410).end())
  const destination = await aDestination(db, integration, { url: sink.url })
  const event = await anEvent(db, integration)
  await aDeliverJob(db, event, destination)
  {
    await using _ = delivering()
    await ended(event)
  }
  const later = await anEvent(db, integration)
  await aDeliverJob(db, later, destination)
  await using _ = delivering()
  await ended(later)

  expect(sink.requests).toHaveLength(1)
  const { rows } = await db.query('select status, disabled_reason from destinations where id = $1', [destination])
  expect(rows).toEqual([{ status: 'disabled', disabled_reason: 'gone' }])
  expect(await attemptRows(db, event)).toMatchObject([{ outcome: 'gone', http_status: 410 }])
  expect(await attemptRows(db, later)).toMatchObject([{ outcome: 'destination_disabled', http_status: null }])
  const audit = await db.query('select action from audit_entries where entity_id = $1', [destination])
  expect(audit.rows).toEqual([{ action: 'destination.disabled' }])
})

test('when the attempts are used up the event is a dead letter, and the trail names it', async () => {
  await using sink = await httpFarSide((response) => response.writeHead(503).end())
  const event = await anEvent(db, integration)
  await aDeliverJob(
    db,
    event,
    await aDestination(db, integration, { url: sink.url, retry: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 1 } }),
  )
  await using _ = delivering()
  await ended(event)

  expect(await eventRow(db, event)).toMatchObject({ status: 'failed', last_error: 'http_error' })
  expect(await jobRows(db, event)).toMatchObject([{ status: 'failed', attempts: 3 }])
  expect(sink.requests).toHaveLength(3)
  const { rows } = await db.query('select action from audit_entries where entity_id = $1 and action = $2', [
    event,
    'event.failed',
  ])
  expect(rows).toHaveLength(1)
})

test('a redirect is a failed attempt and is not followed (B18)', async () => {
  await using target = await httpFarSide()
  await using sink = await httpFarSide((response) => response.writeHead(307, { location: target.url }).end())
  const event = await anEvent(db, integration)
  await aDeliverJob(db, event, await aDestination(db, integration, { url: sink.url, retry: patient }))
  await using _ = delivering()
  await attempted(event, 1)
  expect(await attemptRows(db, event)).toMatchObject([{ status: 'failed', outcome: 'redirect', http_status: 307 }])
  expect(target.requests).toHaveLength(0)
})

test('a destination in a forbidden range is not called (B18)', async () => {
  await using sink = await httpFarSide()
  const destination = await aDestination(db, integration, { url: sink.url, retry: patient })
  await db.query("update destinations set allow_cidrs = '{}' where id = $1", [destination])
  const event = await anEvent(db, integration)
  await aDeliverJob(db, event, destination)
  await using _ = delivering()
  await attempted(event, 1)
  expect(await attemptRows(db, event)).toMatchObject([{ outcome: 'address_blocked' }])
  expect(sink.sockets).toHaveLength(0)
})

test('an answer without end is cut at 64 KiB, and what it echoes of secrets is removed (S-42)', async () => {
  await using sink = await httpFarSide((response) => {
    response.writeHead(500)
    response.write(`${SIGNING_SECRET} Bearer abcdefghijkl `)
    const page = Buffer.alloc(16 * 1024, 'x')
    const more = () => {
      while (!response.destroyed && response.write(page));
    }
    response.on('drain', more)
    response.on('error', () => undefined)
    more()
  })
  const event = await anEvent(db, integration)
  await aDeliverJob(db, event, await aDestination(db, integration, { url: sink.url, retry: patient }))
  await using _ = delivering()
  await attempted(event, 1)
  const [attempt] = await attemptRows(db, event)
  expect(attempt!.http_status).toBe(500)
  expect(attempt!.response_body!.length).toBeLessThanOrEqual(64 * 1024)
  expect(attempt!.response_body!.toString()).toMatch(/^\[redacted\] \[redacted\] x+/)
})

test('a receiver that never answers, refuses or hangs up leaves a failed attempt that says so', async () => {
  await using silentSide = await tcpFarSide(() => undefined)
  await using rude = await tcpFarSide((socket) => socket.resetAndDestroy())
  const closed = await tcpFarSide(() => undefined)
  await closed[Symbol.asyncDispose]()
  const outcomes: (string | undefined)[] = []
  await using _ = delivering()
  for (const url of [silentSide.url, rude.url, closed.url]) {
    const event = await anEvent(db, integration)
    await aDeliverJob(
      db,
      event,
      await aDestination(db, integration, { url: url.replace('tcp:', 'http:'), timeoutMs: 200, retry: patient }),
    )
    await attempted(event, 1)
    outcomes.push((await attemptRows(db, event))[0]!.outcome)
  }
  expect(outcomes).toEqual(['timeout', 'connection_reset', 'connection_refused'])
})

test('without its secret, its bytes or its destination an event is not sent unsigned or empty', async () => {
  await using sink = await httpFarSide()
  const [unsealed, bytes, orphan] = [
    await anEvent(db, integration),
    await anEvent(db, integration),
    await anEvent(db, integration),
  ]
  await aDeliverJob(
    db,
    unsealed,
    await aDestination(db, integration, { url: sink.url, secret: 'not a secret', retry: patient }),
  )
  await aDeliverJob(db, bytes, await aDestination(db, integration, { url: sink.url }))
  await db.query('delete from event_payloads where event_id = $1', [bytes])
  await aDeliverJob(db, orphan, newId())
  await using _ = delivering()
  for (const event of [unsealed, bytes, orphan]) await attempted(event, 1)

  expect(await attemptRows(db, unsealed)).toMatchObject([{ outcome: 'secret_unavailable' }])
  expect((await eventRow(db, unsealed)).status).toBe('retrying')
  expect(await attemptRows(db, bytes)).toMatchObject([{ outcome: 'payload_missing' }])
  expect(await attemptRows(db, orphan)).toMatchObject([{ outcome: 'destination_disabled' }])
  expect((await eventRow(db, orphan)).status).toBe('failed')
  expect(sink.requests).toHaveLength(0)
})

test('a rotated signing secret is used from the next attempt on', async () => {
  await using sink = await httpFarSide()
  const destination = await aDestination(db, integration, { url: sink.url })
  const rotated = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
  await using _ = delivering()
  const verify = (secret: string, request: { headers: string[]; body: Buffer } | undefined) => {
    const signed = Object.fromEntries(
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, header(request, name) ?? '']),
    )
    new Webhook(secret).verify(request!.body, signed)
  }
  for (const secret of [SIGNING_SECRET, rotated]) {
    await db.query('update destination_signing_keys set sealed = $2 where destination_id = $1', [
      destination,
      Buffer.from(secret),
    ])
    const event = await anEvent(db, integration)
    await aDeliverJob(db, event, destination)
    await ended(event)
    expect(() => verify(secret, sink.requests.at(-1))).not.toThrow()
  }
})

test('secrets in force sign together, one that has ended does not, and the echo of each is removed', async () => {
  await using sink = await httpFarSide((response, request) => response.end(request.headers['webhook-signature']))
  const destination = await aDestination(db, integration, { url: sink.url })
  const more = [
    { secret: `whsec_${Buffer.alloc(32, 8).toString('base64')}`, ended: false },
    { secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}`, ended: true },
  ]
  for (const { secret, ended } of more)
    await db.query(
      `insert into destination_signing_keys (id, tenant_id, destination_id, scheme, sealed, not_after)
       values ($1, $2, $3, 'v1', $4, now() + $5 * interval '1 hour')`,
      [newId(), DEFAULT_TENANT, destination, Buffer.from(secret), ended ? -1 : 1],
    )
  const event = await anEvent(db, integration)
  await aDeliverJob(db, event, destination)
  await using _ = delivering()
  await ended(event)
  const [request] = sink.requests
  const signatures = header(request, 'webhook-signature')!
  expect(signatures.split(' ')).toHaveLength(2)
  const verify = (secret: string) =>
    new Webhook(secret).verify(request!.body, {
      'webhook-id': header(request, 'webhook-id')!,
      'webhook-timestamp': header(request, 'webhook-timestamp')!,
      'webhook-signature': signatures,
    })
  expect(() => verify(SIGNING_SECRET)).not.toThrow()
  expect(() => verify(more[0]!.secret)).not.toThrow()
  expect(() => verify(more[1]!.secret)).toThrow()
  expect((await attemptRows(db, event))[0]!.response_body?.toString()).toBe('[redacted] [redacted]')
})

test('a shadow destination gets one try, and nothing becomes of the event by it', async () => {
  await using sink = await httpFarSide((response) => response.writeHead(500).end())
  await using good = await httpFarSide()
  const shadow = await aDestination(db, integration, { url: sink.url, shadow: true })
  const event = await anEvent(db, integration)
  const job = await aDeliverJob(db, event, shadow)
  await db.query('update jobs set shadow = true where event_id = $1 and id = $2', [event, job])
  await aDeliverJob(db, event, await aDestination(db, integration, { url: good.url }))
  await using _ = delivering()
  await attempted(event, 2)
  expect((await eventRow(db, event)).status).toBe('processed')
  expect(sink.requests).toHaveLength(1)
  expect((await jobRows(db, event)).find((each) => each.id === job)).toMatchObject({ status: 'failed', attempts: 1 })
})

test('recording that fails for a while does not send the request again (S-96)', async () => {
  await using sink = await httpFarSide()
  const events = await Promise.all(Array.from({ length: 5 }, () => anEvent(db, integration)))
  const destination = await aDestination(db, integration, { url: sink.url })
  const owner = openDatabase({ url: db.ownerUrl, poolSize: 1, onError: () => undefined })
  await owner.query(
    "create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$",
  )
  await owner.query('create trigger refuse before insert on delivery_attempts for each row execute function refuse()')
  for (const event of events) await aDeliverJob(db, event, destination)
  await using _ = delivering()
  await until(() => sink.requests.length === events.length)
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect((await jobRows(db, events[0]!))[0]!.status).toBe('running')
  await owner.query('drop trigger refuse on delivery_attempts')
  await owner.close()
  for (const event of events) await ended(event)

  expect(sink.requests).toHaveLength(events.length)
  expect((await Promise.all(events.map((event) => attemptRows(db, event)))).flat()).toHaveLength(events.length)
})

const aResult = (
  job: { eventId: Uuid; id: Uuid; worker: Uuid; fence: number; lane: Uuid },
  fields: Partial<AttemptResult> = {},
): AttemptResult => ({
  eventId: job.eventId,
  id: job.id,
  worker: job.worker,
  fence: job.fence,
  attemptId: newId(),
  destinationId: job.lane,
  shadow: false,
  says: 'nothing',
  wasWell: true,
  outcome: 'delivered',
  httpStatus: 200,
  responseBody: null,
  error: null,
  startedAt: new Date(),
  durationMs: 1,
  verdict: 'done',
  runAt: null,
  disableDestination: false,
  ...fields,
})

const claimAll = () =>
  claimJobs(db, { kind: 'deliver', worker: newId(), now: new Date(), leaseMs: 60_000, limit: 100, exceptShares: [] })

test('an event is processed when its last destination is done, though all end at one moment', async () => {
  const destinations = await Promise.all(
    Array.from({ length: 8 }, () => aDestination(db, integration, { url: 'http://127.0.0.1:1/' })),
  )
  for (let round = 0; round < 5; round++) {
    const event = await anEvent(db, integration)
    for (const destination of destinations) await aDeliverJob(db, event, destination)
    const jobs = (await claimAll()).filter((job) => job.eventId === event)
    const failing = round % 2 === 1
    await Promise.all(
      jobs.map((job, index) =>
        recordAttempts(
          db,
          [aResult(job, failing && index === 3 ? { outcome: 'http_error', httpStatus: 500, verdict: 'give_up' } : {})],
          { now: new Date(), chain: MANAGEMENT_CHAIN },
        ),
      ),
    )
    expect((await eventRow(db, event)).status).toBe(failing ? 'failed' : 'processed')
  }
})

test('a result is recorded once: sent a second time, or by a holder that lost the job, it changes nothing (S-95)', async () => {
  const event = await anEvent(db, integration)
  await aDeliverJob(db, event, await aDestination(db, integration, { url: 'http://127.0.0.1:1/' }))
  const job = (await claimAll()).find((each) => each.eventId === event)!
  const record = (result: AttemptResult) => recordAttempts(db, [result], { now: new Date(), chain: MANAGEMENT_CHAIN })

  expect(await record(aResult({ ...job, fence: job.fence - 1 }))).toEqual(new Set())
  expect(await record(aResult({ ...job, worker: newId() }))).toEqual(new Set())
  expect(await record(aResult(job))).toEqual(new Set([job.id]))
  expect(await record(aResult(job))).toEqual(new Set())
  expect(await attemptRows(db, event)).toHaveLength(1)
})
