/** What a destination may ask of its deliveries: to wait, to go slowly, one by one, in order; and what it costs the others: nothing. */
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { evaluateRules } from '../../src/alerts/evaluate.ts'
import { DEFAULT_TENANT, newId, type Uuid } from '../../src/base/model/ids.ts'
import { requestReplay } from '../../src/flow/replay/request-replay.ts'
import { dismissDeadLetters, listDeadLetters } from '../../src/resources/store/dead-letters.ts'
import { claimGoverned, findHeldShares } from '../../src/resources/store/lane-claims.ts'
import { describeWithBroker, startRedisServer } from '../support/brokers.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { type HttpFarSide, httpFarSide } from '../support/far-side.ts'
import {
  aDeliverJob,
  aDestination,
  anEvent,
  anIntegration,
  attemptRows,
  type DestinationFields,
  eventRow,
  jobRows,
  ROOT,
  silent,
  until,
} from '../support/flow.ts'
import { aRunningWorker } from '../support/running-worker.ts'

let db: TestDatabase
let integration: Uuid
beforeEach(async () => {
  db = await freshDatabase()
  integration = await anIntegration(db)
})
afterEach(() => db[Symbol.asyncDispose]())

const bodyOf = (n: number, customer = 'c1') =>
  Buffer.from(JSON.stringify({ eventId: `e${n}`, eventType: 'order.paid', data: { id: `o${n}` }, customer }))
const numbers = (sink: HttpFarSide) =>
  sink.requests.map(({ body }) => Number(JSON.parse(body.toString()).eventId.slice(1)))
const set = (destination: Uuid, columns: string) =>
  db.query(`update destinations set ${columns} where id = $1`, [destination])
const reaches = (event: Uuid, status: string) => until(async () => (await eventRow(db, event)).status === status)
const destinationTo = (url: string, fields: Partial<DestinationFields> = {}) =>
  aDestination(db, integration, { url, ...fields })
const claim = (destination: Uuid, limit = 100) =>
  claimGoverned(db, { worker: newId(), now: new Date(), leaseMs: 60_000 }, destination, limit)

/** What the rules find so much later. */
async function alertsIn(ms: number) {
  await evaluateRules({ db, log: silent, now: () => Date.now() + ms, onChange: () => undefined })
  return (await db.query('select kind, destination_id from alerts')).rows
}

describe('a paused destination', () => {
  test('gets nothing and loses nothing: events wait, and are delivered when it is resumed', async () => {
    await using sink = await httpFarSide()
    await using other = await httpFarSide()
    const paused = await destinationTo(sink.url, { status: 'paused' })
    await destinationTo(other.url)
    const events = await Promise.all([1, 2, 3].map((n) => anEvent(db, integration, { body: bodyOf(n) })))
    await using worker = aRunningWorker(db)
    await until(() => other.requests.length === 3)
    expect(sink.requests).toHaveLength(0)
    expect((await findHeldShares(db, { kind: 'deliver', now: new Date(), limit: 10 })).length).toBe(0)
    await set(paused, "status = 'active'")
    worker.wake()
    for (const event of events) await reaches(event, 'processed')
    expect(numbers(sink).sort()).toEqual([1, 2, 3])
  })

  test('that is paused while deliveries wait for their retry keeps those as well', async () => {
    let healthy = false
    await using sink = await httpFarSide((response) => response.writeHead(healthy ? 200 : 500).end())
    const destination = await destinationTo(sink.url, { columns: { breaker_failures: 0 } })
    const event = await anEvent(db, integration)
    await using _ = aRunningWorker(db)
    await until(() => sink.requests.length > 0)
    await set(destination, "status = 'paused'")
    await until(async () => (await jobRows(db, event)).some((job) => job.held || job.status === 'failed'))
    const seen = (await jobRows(db, event))[0]!
    healthy = true
    await set(destination, "status = 'active'")
    await reaches(event, seen.status === 'failed' ? 'failed' : 'processed')
  })
})

describe('a circuit', () => {
  const broken = { breaker_failures: 3, breaker_open_ms: 600_000 }
  const patient = { maxAttempts: 50, baseDelayMs: 1, maxDelayMs: 5 }

  test('opens after failures in a row, keeps the events, and says so in an alert', async () => {
    await using sink = await httpFarSide((response) => response.writeHead(500).end())
    const destination = await destinationTo(sink.url, { retry: patient, columns: broken })
    const event = await anEvent(db, integration)
    await using _ = aRunningWorker(db)
    await until(async () => (await jobRows(db, event)).some((job) => job.held))
    expect(sink.requests).toHaveLength(3)
    expect(await alertsIn(11 * 60_000)).toContainEqual({ kind: 'circuit_open', destination_id: destination })
    const later = await anEvent(db, integration)
    await until(async () => (await jobRows(db, later)).some((job) => job.held))
    expect(sink.requests).toHaveLength(3)
    expect((await eventRow(db, event)).status).toBe('retrying')
  })

  test('half-open lets one delivery through over all workers, and closes for all when it succeeds', async () => {
    await using sink = await httpFarSide()
    const destination = await destinationTo(sink.url, { columns: broken })
    const events = await Promise.all(Array.from({ length: 20 }, () => anEvent(db, integration)))
    for (const event of events) await aDeliverJob(db, event, destination)
    await db.query('update jobs set held = true')
    await db.query("delete from jobs where kind = 'process'")
    await db.query(
      `insert into destination_health (destination_id, failures, failing_since, open_until, trips)
       values ($1, 3, now(), now() - interval '1 second', 1)`,
      [destination],
    )
    const probes = (await Promise.all(Array.from({ length: 10 }, () => claim(destination)))).flat()
    expect(probes).toHaveLength(1)
    expect(await claim(destination)).toEqual([])
    // The prober dies; when its time is over somebody else finds out.
    await db.query("update jobs set status = 'queued' where status = 'running'")
    await db.query("update destination_health set probe_until = now() - interval '1 second'")
    await using _ = aRunningWorker(db)
    await using __ = aRunningWorker(db)
    for (const event of events) await reaches(event, 'processed')
    expect(sink.requests).toHaveLength(20)
    expect((await db.query('select failures, open_until from destination_health')).rows).toEqual([
      { failures: 0, open_until: null },
    ])
  })

  test('that has not closed for so long ends in a disabled destination, with an alert', async () => {
    await using sink = await httpFarSide((response) => response.writeHead(500).end())
    const destination = await destinationTo(sink.url, { columns: { disable_after_hours: 1 } })
    await db.query(
      `insert into destination_health (destination_id, failures, failing_since) values ($1, 1, now() - interval '2 hours')`,
      [destination],
    )
    const event = await anEvent(db, integration)
    await using _ = aRunningWorker(db)
    await reaches(event, 'failed')
    const { rows } = await db.query('select status, disabled_reason from destinations')
    expect(rows).toEqual([{ status: 'disabled', disabled_reason: 'failing' }])
    expect(await alertsIn(0)).toContainEqual({ kind: 'destination_disabled', destination_id: destination })
  })
})

describe('limits', () => {
  test('never more deliveries under way than allowed, over all workers', async () => {
    let now = 0
    let most = 0
    await using sink = await httpFarSide((response) => {
      most = Math.max(most, ++now)
      setTimeout(() => {
        now--
        response.end()
      }, 5)
    })
    await destinationTo(sink.url, { columns: { max_concurrency: 2 } })
    const events = await Promise.all(Array.from({ length: 30 }, () => anEvent(db, integration)))
    await using _ = aRunningWorker(db)
    await using __ = aRunningWorker(db)
    for (const event of events) await reaches(event, 'processed')
    expect(sink.requests).toHaveLength(30)
    expect(most).toBeLessThanOrEqual(2)
  })

  test('twenty claims at one moment take no more places than there are', async () => {
    const destination = await destinationTo('http://127.0.0.1:1/', { columns: { max_concurrency: 3 } })
    await held(destination, 30)
    const claimed = await Promise.all(Array.from({ length: 20 }, () => claim(destination)))
    expect(claimed.flat()).toHaveLength(3)
    expect(await claim(destination)).toEqual([])
  })

  test('a rate gives one second’s worth at once and the next when its time has come', async () => {
    const destination = await destinationTo('http://127.0.0.1:1/', { columns: { rate_per_minute: 1 } })
    await held(destination, 5)
    const claimed = await Promise.all(Array.from({ length: 10 }, () => claim(destination)))
    expect(claimed.flat()).toHaveLength(1)
    await db.query("update destination_health set next_at = next_at - interval '1 minute'")
    expect(await claim(destination)).toHaveLength(1)
    expect(await claim(destination)).toEqual([])
    await set(destination, 'rate_per_minute = 600000')
    await db.query("update destination_health set next_at = now() - interval '1 hour'")
    // However long nothing was sent, no more than a second's worth is saved up; here there is less.
    expect(await claim(destination)).toHaveLength(3)
  })
})

describe('an order', () => {
  const byCustomer = { order_by: 'body:$.customer', order_policy: 'block', order_after: 2, breaker_failures: 0 }
  const quick = { maxAttempts: 4, baseDelayMs: 1, maxDelayMs: 2 }
  const many = async (count: number, customer = 'c1') => {
    const events: Uuid[] = []
    for (let n = 0; n < count; n++) events.push(await anEvent(db, integration, { body: bodyOf(n, customer) }))
    return events
  }

  test('is kept for each key, though one fails at first and two workers deliver', async () => {
    const failedOnce = new Set<string>()
    await using sink = await httpFarSide((response) => {
      const { body } = sink.requests.at(-1)!
      const again = failedOnce.has(body.toString())
      failedOnce.add(body.toString())
      response.writeHead(again ? 200 : 500).end()
    })
    await destinationTo(sink.url, { retry: quick, columns: byCustomer })
    const events = [...(await many(8, 'a')), ...(await many(8, 'b'))]
    await using _ = aRunningWorker(db)
    await using __ = aRunningWorker(db)
    for (const event of events) await reaches(event, 'processed')
    for (const customer of ['a', 'b']) {
      const own = sink.requests
        .map(({ body }) => JSON.parse(body.toString()))
        .filter((each) => each.customer === customer)
      expect(own.map((each) => each.eventId)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].flatMap((n) => [`e${n}`, `e${n}`]))
    }
  })

  test('block: nothing of the key passes one that was given up, until it is dismissed; other keys go on', async () => {
    await using sink = await httpFarSide((response) => {
      const { eventId, customer } = JSON.parse(sink.requests.at(-1)!.body.toString())
      response.writeHead(eventId === 'e0' && customer === 'c1' ? 500 : 200).end()
    })
    const destination = await destinationTo(sink.url, { retry: quick, columns: byCustomer })
    const [first, second] = await many(2)
    const others = await many(2, 'c2')
    await using worker = aRunningWorker(db)
    await reaches(first!, 'failed')
    for (const event of others) await reaches(event, 'processed')
    expect(await jobRows(db, second!)).toMatchObject([{ status: 'queued', attempts: 0, held: true }])
    expect(await listDeadLetters(db, DEFAULT_TENANT, {}, { offset: 0, limit: 10 })).toMatchObject([
      { eventId: first, destinationId: destination, reason: 'http_error', attempts: 4, provider: 'acme' },
    ])
    await db.transaction((tx) =>
      dismissDeadLetters(tx, DEFAULT_TENANT, { eventId: first!, destinationId: null, by: ROOT }),
    )
    worker.wake()
    await reaches(second!, 'processed')
    expect(await eventRow(db, first!)).toMatchObject({ status: 'processed', status_reason: 'dismissed' })
    expect(await listDeadLetters(db, DEFAULT_TENANT, {}, { offset: 0, limit: 10 })).toEqual([])
  })

  test('skip: after so many tries the next one passes, and the one that fails goes on being tried', async () => {
    let healthy = false
    await using sink = await httpFarSide((response) => {
      const { eventId } = JSON.parse(sink.requests.at(-1)!.body.toString())
      response.writeHead(eventId === 'e0' && !healthy ? 500 : 200).end()
    })
    const retry = { ...quick, maxAttempts: 100, maxDelayMs: 50, baseDelayMs: 20 }
    await destinationTo(sink.url, { retry, columns: { ...byCustomer, order_policy: 'skip' } })
    const [first, second] = await many(2)
    await using _ = aRunningWorker(db)
    await reaches(second!, 'processed')
    const tries = numbers(sink)
    expect(tries.slice(0, tries.indexOf(1)).length).toBeGreaterThanOrEqual(2)
    healthy = true
    await reaches(first!, 'processed')
  })

  test('park: after so many tries it is given up, and the next one goes', async () => {
    await using sink = await httpFarSide((response) => {
      const { eventId } = JSON.parse(sink.requests.at(-1)!.body.toString())
      response.writeHead(eventId === 'e0' ? 500 : 200).end()
    })
    await destinationTo(sink.url, { retry: quick, columns: { ...byCustomer, order_policy: 'park' } })
    const [first, second] = await many(2)
    await using _ = aRunningWorker(db)
    await reaches(second!, 'processed')
    await reaches(first!, 'failed')
    expect(numbers(sink)).toEqual([0, 0, 1])
  })

  test('an event without the value waits for nobody', async () => {
    await using sink = await httpFarSide((response) => {
      response.writeHead(sink.requests.at(-1)!.body.includes('"customer"') ? 500 : 200).end()
    })
    await destinationTo(sink.url, { retry: quick, columns: byCustomer })
    const [first] = await many(1)
    const plain = await anEvent(db, integration)
    await using _ = aRunningWorker(db)
    await reaches(plain, 'processed')
    await reaches(first!, 'failed')
  })
})

describe('a dead letter', () => {
  test('is delivered again to its destination alone, and the event is well when all of them are', async () => {
    let healthy = false
    const flaky = () => httpFarSide((response) => response.writeHead(healthy ? 200 : 500).end())
    await using one = await flaky()
    await using two = await flaky()
    await using good = await httpFarSide()
    const retry = { maxAttempts: 1 }
    const [first, second] = [await destinationTo(one.url, { retry }), await destinationTo(two.url, { retry })]
    await destinationTo(good.url)
    const event = await anEvent(db, integration)
    await using worker = aRunningWorker(db)
    await reaches(event, 'failed')
    healthy = true
    const again = (destinationId: Uuid) =>
      requestReplay(db, {
        eventId: event,
        tenantId: DEFAULT_TENANT,
        destinationId,
        requestedBy: ROOT,
        actor: 'root',
        reason: 'the receiver is mended',
        now: Date.now(),
      })
    await again(first)
    worker.wake()
    await until(() => one.requests.length === 2)
    await reaches(event, 'failed')
    await until(async () => (await listDeadLetters(db, DEFAULT_TENANT, {}, { offset: 0, limit: 9 })).length === 1)
    await again(second)
    worker.wake()
    await reaches(event, 'processed')
    expect([one.requests.length, two.requests.length, good.requests.length]).toEqual([2, 2, 1])
    expect(await listDeadLetters(db, DEFAULT_TENANT, {}, { offset: 0, limit: 9 })).toEqual([])
    expect((await attemptRows(db, event)).map((row) => row.attempt_no).sort()).toEqual([1, 1, 1, 2, 2])
  })

  test('that is asked for where its route no longer leads stays what it is', async () => {
    await using bad = await httpFarSide((response) => response.writeHead(500).end())
    const destination = await destinationTo(bad.url, { retry: { maxAttempts: 1 } })
    const event = await anEvent(db, integration)
    await using worker = aRunningWorker(db)
    await reaches(event, 'failed')
    await db.query('delete from routes')
    await requestReplay(db, {
      ...{ eventId: event, tenantId: DEFAULT_TENANT, destinationId: destination, requestedBy: ROOT, actor: 'root' },
      ...{ reason: 'the receiver is mended', now: Date.now() },
    })
    worker.wake()
    await until(async () => (await db.query("select from replays where status = 'failed'")).rowCount === 1)
    expect((await eventRow(db, event)).status).toBe('failed')
    expect(await listDeadLetters(db, DEFAULT_TENANT, {}, { offset: 0, limit: 9 })).toHaveLength(1)
  })
})

describe('nobody pays for somebody else’s backlog', () => {
  test('thousands of deliveries for a destination that hangs do not keep the others from theirs (S-40)', async () => {
    const open: (() => void)[] = []
    await using slow = await httpFarSide((response) => open.push(() => response.end()))
    await using quick = await httpFarSide()
    const hanging = await destinationTo(slow.url, { timeoutMs: 60_000 })
    const free = await anIntegration(db)
    await aDestination(db, free, { url: quick.url })
    await held(hanging, 3_000, false)
    await using worker = aRunningWorker(db, { concurrency: 8 })
    await until(async () => slow.requests.length > 0)
    const events: Uuid[] = []
    for (let n = 0; n < 20; n++) events.push(await anEvent(db, free, { body: bodyOf(n) }))
    worker.wake()
    for (const event of events) await reaches(event, 'processed')
    expect(slow.requests.length).toBeLessThanOrEqual(8)
    for (const answer of open) answer()
  })

  test('a tenant with thousands of events to process does not keep another’s waiting', async () => {
    const tenant = newId()
    await db.query('insert into tenants (id, name) values ($1, $2)', [tenant, 'busy'])
    const theirs = await anIntegration(db, { tenantId: tenant })
    const one = await anEvent(db, theirs, { tenantId: tenant })
    await db.query(
      `insert into jobs (event_id, id, tenant_id, kind, lane, triggered_by, status, run_at, created_at)
       select $1, gen_random_uuid(), $2, 'process', gen_random_uuid(), 'webhook', 'queued', now() - interval '1 hour', now()
       from generate_series(1, 20000)`,
      [one, tenant],
    )
    const own = await anEvent(db, integration)
    await using _ = aRunningWorker(db)
    await reaches(own, 'processed')
    const { rows } = await db.query<{ left: number }>(
      "select count(*) as left from jobs where kind = 'process' and tenant_id = $1 and status = 'queued'",
      [tenant],
    )
    expect(rows[0]!.left).toBeGreaterThan(5_000)
  })
})

/** So many deliveries waiting for one destination. */
async function held(destination: Uuid, count: number, isHeld = true): Promise<void> {
  const event = await anEvent(db, integration)
  await db.query('delete from jobs where event_id = $1', [event])
  // Of events of their own, in all but their rows: what is claimed here is not delivered.
  await db.query(
    `insert into jobs (event_id, id, tenant_id, kind, lane, triggered_by, status, run_at, created_at, held)
     select (left($1::text, 24) || lpad(to_hex(n), 12, '0'))::uuid, gen_random_uuid(), $2, 'deliver', $3, 'webhook', 'queued',
       now() - interval '1 minute', now(), $5
     from generate_series(1, $4) n`,
    [event, DEFAULT_TENANT, destination, count, isHeld],
  )
  if (isHeld) return
  await db.query(
    `insert into events (id, tenant_id, integration_id, provider, status, received_at, correlation_id, source_ip, scheme, key_id,
       coverage, body_sha256, body_bytes, receipt_id)
     select j.event_id, e.tenant_id, e.integration_id, e.provider, 'processing', now(), e.correlation_id, e.source_ip, e.scheme, e.key_id,
       e.coverage, e.body_sha256, e.body_bytes, e.receipt_id
     from jobs j, events e where j.lane = $1 and e.id = $2`,
    [destination, event],
  )
  await db.query(
    `insert into event_payloads (event_id, method, target, headers, body)
     select j.event_id, 'POST', '/', '[]', '{}' from jobs j where j.lane = $1`,
    [destination],
  )
}

describeWithBroker('redis', () => {
  test('a destination may be a stream: signed, retried, recorded as every other', async () => {
    await using server = await startRedisServer(['--requirepass', 'hush'])
    const destination = await destinationTo(`redis://127.0.0.1:${server.port}`, {
      retry: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 5 },
      columns: {
        kind: 'redis',
        settings: JSON.stringify({ stream: 'hooks' }),
        auth: JSON.stringify({ kind: 'basic', username: 'default' }),
        auth_sealed: Buffer.from(JSON.stringify({ password: 'hush' })),
      },
    })
    const event = await anEvent(db, integration)
    await using worker = aRunningWorker(db)
    await reaches(event, 'processed')
    expect(await attemptRows(db, event)).toMatchObject([
      { destination_id: destination, status: 'success', outcome: 'delivered', http_status: null },
    ])
    await set(destination, `settings = '{"stream":"text"}'`)
    const redis = new Redis({ port: server.port, password: 'hush' })
    await redis.set('text', 'no stream')
    redis.disconnect()
    const refused = await anEvent(db, integration)
    worker.wake()
    await reaches(refused, 'failed')
    expect((await attemptRows(db, refused)).map((row) => row.outcome)).toEqual(Array(3).fill('broker_refused'))
  })
})
