import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/database.ts'
import { aDeliverJob, aDestination, anEvent, anIntegration, silent } from '../../test/support/flow.ts'
import type { AlertKind, Transition } from '../base/model/alert.ts'
import { DEFAULT_TENANT, newId, type Uuid } from '../base/model/ids.ts'
import { insertAlertChannel } from '../resources/store/alert-channels.ts'
import { addAttemptCounts, addRefusalCounts } from '../resources/store/alert-counts.ts'
import { lockAlertRule, storeAlertRule } from '../resources/store/alert-rules.ts'
import { listAlerts, openAlerts } from '../resources/store/alerts.ts'
import { type Database, openDatabase } from '../resources/store/database.ts'
import { addTotals } from '../resources/store/prune-runs.ts'
import { createAttemptCounter } from './count-attempts.ts'
import { evaluateRules, evaluationTasks } from './evaluate.ts'
import { messageOf } from './message.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const URL = 'https://example.com/hook'

let db: TestDatabase
let integration: Uuid
let destination: Uuid
let clock: number
let changes: [AlertKind, Transition][]
beforeAll(async () => {
  db = await freshDatabase()
})
beforeEach(async () => {
  // A database for each test would take longer than the tests.
  await db.query(`delete from alerts; delete from alert_channels; delete from alert_rules; delete from alert_turns;
    delete from schema_drifts; delete from prune_runs; delete from jobs; delete from events; delete from destinations; delete from integrations`)
  integration = await anIntegration(db)
  destination = await aDestination(db, integration, { url: URL })
  clock = Date.now()
  changes = []
})
afterAll(() => db[Symbol.asyncDispose]())

const evaluate = (on: Database = db) =>
  evaluateRules({ db: on, log: silent, now: () => clock, onChange: (...change) => changes.push(change) })

interface Row {
  readonly kind: AlertKind
  readonly subject: Uuid
  readonly details: Record<string, unknown>
  readonly resolved: boolean
}
const alerts = async () =>
  (
    await db.query<Row & Record<string, unknown>>(
      'select kind, subject, details, resolved_at is not null as resolved from alerts order by id',
    )
  ).rows
/** What lasts, by rule. */
async function found(): Promise<readonly AlertKind[]> {
  await evaluate()
  // What a statement finds is what the words ask for: `?` stands for what is missing.
  for (const alert of await listAlerts(db, DEFAULT_TENANT, {}, { offset: 0, limit: 100 })) {
    const { title, facts } = messageOf(alert, 'opened', 0)
    expect(title).toMatch(/^[^?{}]{10,}$/)
    expect(facts.length).toBeGreaterThan(2)
    for (const { value } of facts) expect(value).not.toMatch(/(?:^|\s)\?|[{}]|undefined|\[object/)
  }
  return (await alerts()).filter(({ resolved }) => !resolved).map(({ kind }) => kind)
}
const later = (ms: number) => {
  clock += ms
}
async function setRule(
  kind: AlertKind,
  change: { settings?: Record<string, number>; enabled?: boolean; mutedUntil?: Date },
) {
  await db.transaction(async (tx) => {
    const present = await lockAlertRule(tx, DEFAULT_TENANT, kind)
    await storeAlertRule(tx, DEFAULT_TENANT, kind, {
      ...present,
      ...change,
      settings: { ...present.settings, ...change.settings },
    })
  })
}
async function aChannel(fields: { rules?: readonly AlertKind[] } = {}): Promise<Uuid> {
  const id = newId()
  await insertAlertChannel(db, {
    id,
    tenantId: DEFAULT_TENANT,
    kind: 'webhook',
    name: 'ops',
    status: 'active',
    settings: { origin: 'https://example.com' },
    sealed: Buffer.from('{}'),
    allowCidrs: [],
    rules: fields.rules ?? null,
    ratePerHour: 60,
  })
  return id
}
const notifications = async () =>
  (await db.query('select transition, channel_id from alert_notifications order by id')).rows

function anotherPool() {
  const pool = openDatabase({ url: db.url, onError: () => undefined })
  return { ...pool, [Symbol.asyncDispose]: () => pool.close() }
}

test('nothing is found where nothing is wrong', async () => {
  await anEvent(db, integration)
  expect(await found()).toEqual([])
})

describe('delivery_failures', () => {
  const attempts = (count: number, failures: number) =>
    addAttemptCounts(db, [{ destinationId: destination, attempts: count, failures }], new Date(clock))

  test('so many of enough attempts, added up over minutes and processes', async () => {
    await attempts(10, 1)
    later(MINUTE)
    await Promise.all([attempts(5, 2), attempts(5, 2)])
    expect(await found()).toEqual(['delivery_failures'])
    expect((await alerts())[0]).toMatchObject({
      subject: destination,
      details: { attempts: 20, failures: 5, windowMinutes: 15 },
    })
  })

  test.each([
    ['too few to conclude anything', 19, 19],
    ['a smaller share', 100, 24],
  ])('not: %s', async (_, count, failures) => {
    await attempts(count, failures)
    expect(await found()).toEqual([])
  })

  test('not: what was long ago, or is of a destination that somebody paused', async () => {
    await attempts(20, 20)
    later(20 * MINUTE)
    expect(await found()).toEqual([])
    await attempts(20, 20)
    await db.query("update destinations set status = 'paused'")
    expect(await found()).toEqual([])
  })

  test('a worker counts what it recorded, and nothing of shadows', async () => {
    const shadow = await aDestination(db, integration, { url: URL, shadow: true })
    const counter = createAttemptCounter({ db, now: () => clock })
    for (let n = 0; n < 20; n++) {
      counter.note({ destinationId: destination, shadow: false, says: n % 2 === 0 ? 'ill' : 'well' })
      counter.note({ destinationId: shadow, shadow: true, says: 'ill' })
    }
    await counter.task.run()
    await counter.task.run()
    const { rows } = await db.query('select destination_id, attempts, failures from attempt_counts')
    expect(rows).toEqual([{ destination_id: destination, attempts: 20, failures: 10 }])
  })

  test('what could not be written is written with the next', async () => {
    let away = true
    const counter = createAttemptCounter({
      db: { query: (...asked) => (away ? Promise.reject(new Error('away')) : db.query(...asked)) },
      now: () => clock,
    })
    counter.note({ destinationId: destination, shadow: false, says: 'ill' })
    await expect(counter.task.run()).rejects.toThrow('away')
    away = false
    counter.note({ destinationId: destination, shadow: false, says: 'well' })
    await counter.task.run()
    expect((await db.query('select attempts, failures from attempt_counts')).rows).toEqual([
      { attempts: 2, failures: 1 },
    ])
  })
})

describe('dead_letters', () => {
  async function given(fields = "status = 'failed', finished_at = now()"): Promise<void> {
    const event = await anEvent(db, integration)
    const job = await aDeliverJob(db, event, destination)
    await db.query(`update jobs set ${fields} where id = $1`, [job])
  }

  test('one that nobody has dealt with', async () => {
    await given()
    expect(await found()).toEqual(['dead_letters'])
    expect((await alerts())[0]).toMatchObject({ subject: destination, details: { deadLetters: 1 } })
    await db.query("update jobs set closed_by = id where status = 'failed'")
    later(MINUTE)
    expect(await found()).toEqual([])
  })

  test.each([
    ['a day old', "status = 'failed', finished_at = now() - interval '25 hours'"],
    ['dealt with', "status = 'failed', finished_at = now(), closed_by = id"],
    ['of a shadow', "status = 'failed', finished_at = now(), shadow = true"],
    ['delivered', "status = 'succeeded', finished_at = now()"],
  ])('not: %s', async (_, fields) => {
    await given(fields)
    expect(await found()).toEqual([])
  })

  test('fewer than asked for are none', async () => {
    await setRule('dead_letters', { settings: { count: 3 } })
    await given()
    await given()
    expect(await found()).toEqual([])
    await given()
    later(MINUTE)
    expect(await found()).toEqual(['dead_letters'])
  })
})

describe('queue_age', () => {
  test('an event that is not processed, of its tenant; told with its age', async () => {
    await anEvent(db, integration)
    later(299_000)
    expect(await found()).toEqual([])
    later(20_000)
    expect(await found()).toEqual(['queue_age'])
    const [alert] = await alerts()
    expect(alert?.subject).toBe(DEFAULT_TENANT)
    expect(alert?.details['oldestSeconds']).toBeGreaterThanOrEqual(300)
  })

  test('a delivery, of its destination, also one that is set aside', async () => {
    const other = await aDestination(db, integration, { url: URL })
    const event = await anEvent(db, integration)
    await aDeliverJob(db, event, destination)
    await aDeliverJob(db, event, other)
    await db.query('update jobs set held = true where lane = $1', [other])
    await db.query("delete from jobs where kind = 'process'")
    later(6 * MINUTE)
    expect(await found()).toEqual(['queue_age', 'queue_age'])
    expect(new Set((await alerts()).map(({ subject }) => subject))).toEqual(new Set([destination, other]))
  })

  test('not: what waits for a paused destination or an open circuit, or for its next try', async () => {
    const open = await aDestination(db, integration, { url: URL })
    const event = await anEvent(db, integration)
    await aDeliverJob(db, event, destination)
    await aDeliverJob(db, event, open)
    await aDeliverJob(db, event, destination, { runAt: new Date(clock + HOUR) })
    await db.query("delete from jobs where kind = 'process'")
    await db.query("update jobs set held = true where run_at < now() + interval '1 minute'")
    await db.query("update destinations set status = 'paused' where id = $1", [destination])
    await db.query('insert into destination_health (destination_id, open_until) values ($1, now())', [open])
    later(10 * MINUTE)
    expect(await found()).toEqual([])
  })
})

describe('parked_events', () => {
  test('what is kept aside of late, by integration, with the reasons', async () => {
    await anEvent(db, integration, { parked: 'conflict' })
    await anEvent(db, integration, { parked: 'poison' })
    await anEvent(db, integration, { parked: 'poison' })
    expect(await found()).toEqual(['parked_events'])
    expect((await alerts())[0]).toMatchObject({
      subject: integration,
      details: { parked: 3, reasons: 'conflict, poison', windowMinutes: 60 },
    })
    await db.query("update events set status = 'processed'")
    later(MINUTE)
    expect(await found()).toEqual([])
  })

  test('not: types that the integration does not list, or long ago', async () => {
    await anEvent(db, integration, { parked: 'unlisted_type' })
    expect(await found()).toEqual([])
    await anEvent(db, integration, { parked: 'conflict' })
    later(2 * HOUR)
    expect(await found()).toEqual([])
  })
})

describe('what an integration refuses', () => {
  const refuse = (refused: number, untimely: number) =>
    addRefusalCounts(db, [{ integrationId: integration, refused, untimely }], new Date(clock))

  test('signature_failures: a burst; what is refused for its time is not of it', async () => {
    await refuse(40, 0)
    await refuse(19, 10)
    expect(await found()).toEqual([])
    await refuse(1, 0)
    later(MINUTE)
    expect(await found()).toEqual(['signature_failures'])
    expect((await alerts())[0]).toMatchObject({ subject: integration, details: { refused: 50, windowMinutes: 10 } })
  })

  test('clock_skew: refused for its time in numbers', async () => {
    await refuse(19, 19)
    expect(await found()).toEqual([])
    await refuse(1, 1)
    later(MINUTE)
    expect(await found()).toEqual(['clock_skew'])
    expect((await alerts())[0]?.details).toMatchObject({ refused: 20 })
  })

  test('not: long ago, or of an integration that is disabled', async () => {
    await refuse(500, 100)
    await db.query("update integrations set status = 'disabled'")
    expect(await found()).toEqual([])
    await db.query("update integrations set status = 'active'")
    later(HOUR)
    expect(await found()).toEqual([])
  })
})

describe('clock_skew', () => {
  /** @param offsets Seconds from signing to receipt. */
  async function signed(offsets: readonly number[]): Promise<void> {
    for (const offset of offsets) {
      const event = await anEvent(db, integration, { parked: 'unlisted_type' })
      await db.query('update events set signed_at = received_at - make_interval(secs => $2) where id = $1', [
        event,
        offset,
      ])
    }
  }
  beforeEach(() => setRule('clock_skew', { settings: { minSamples: 5 } }))

  test.each([
    ['behind', 75],
    ['ahead', -75],
  ])('signed times that are %s as a rule', async (_, offset) => {
    await signed([offset, offset, offset, offset, 0])
    expect(await found()).toEqual(['clock_skew'])
    expect((await alerts())[0]).toMatchObject({ subject: integration, details: { medianSeconds: offset, samples: 5 } })
  })

  test('not: a few of them, which are retries', async () => {
    await signed([1, 1, 2, 290, 290])
    expect(await found()).toEqual([])
  })

  test('not: from fewer than enough, or where no time is signed', async () => {
    await signed([75, 75, 75, 75])
    for (let n = 0; n < 5; n++) await anEvent(db, integration, { parked: 'unlisted_type' })
    expect(await found()).toEqual([])
  })
})

describe('secret_expiring', () => {
  async function key(of: { endsIn?: number; slot?: string } = {}): Promise<Uuid> {
    const id = newId()
    await db.query(
      `insert into integration_keys (id, tenant_id, integration_id, reference, slot, not_after) values ($1, $2, $3, 'env:X', $4, $5)`,
      [id, DEFAULT_TENANT, integration, of.slot ?? null, of.endsIn === undefined ? null : new Date(clock + of.endsIn)],
    )
    return id
  }

  test('an inbound key that nothing follows', async () => {
    const ends = await key({ endsIn: 71 * HOUR })
    // For another purpose, and so no successor.
    await key({ slot: 'secondary' })
    expect(await found()).toEqual(['secret_expiring'])
    expect((await alerts())[0]).toMatchObject({ subject: ends, details: { secret: 'inbound', successor: false } })
    await key()
    later(MINUTE)
    expect(await found()).toEqual([])
  })

  test('an inbound key that still verifies, though another one follows', async () => {
    const ends = await key({ endsIn: HOUR })
    await key()
    expect(await found()).toEqual([])
    const event = await anEvent(db, integration, { parked: 'unlisted_type' })
    await db.query('update events set key_id = $2 where id = $1', [event, ends])
    later(MINUTE)
    expect(await found()).toEqual(['secret_expiring'])
  })

  test('not: one that ends later, is revoked, or is of an integration that is disabled', async () => {
    await key({ endsIn: 73 * HOUR })
    const revoked = await key({ endsIn: HOUR })
    await db.query('update integration_keys set revoked_at = now() where id = $1', [revoked])
    expect(await found()).toEqual([])
    await key({ endsIn: HOUR })
    await db.query("update integrations set status = 'disabled'")
    later(MINUTE)
    expect(await found()).toEqual([])
  })

  test('a signing secret that deliveries still carry', async () => {
    await db.query('update destination_signing_keys set not_after = $1', [new Date(clock + 3 * HOUR)])
    expect(await found()).toEqual([])
    await addAttemptCounts(db, [{ destinationId: destination, attempts: 1, failures: 0 }], new Date(clock))
    later(MINUTE)
    expect(await found()).toEqual(['secret_expiring'])
    expect((await alerts())[0]?.details).toMatchObject({ secret: 'signing' })
    await db.query('update destination_signing_keys set known = false')
    later(MINUTE)
    expect(await found()).toEqual([])
  })
})

test('schema_drift: changes within the window, by integration', async () => {
  const schema = newId()
  await db.query(
    "insert into event_schemas (id, tenant_id, integration_id, event_type) values ($1, $2, $3, 'order.paid')",
    [schema, DEFAULT_TENANT, integration],
  )
  const drift = (place: string) =>
    db.query(
      `insert into schema_drifts (id, tenant_id, schema_id, kind, place, before, after, event_id, found_at)
       values ($1, $2, $3, 'new_field', $4, '{}', '{}', $1, $5)`,
      [newId(), DEFAULT_TENANT, schema, place, new Date(clock)],
    )
  await drift('/secret-name-of-a-field')
  await drift('/b')
  expect(await found()).toEqual(['schema_drift'])
  const [alert] = await alerts()
  expect(alert).toMatchObject({ subject: integration, details: { changes: 2, eventTypes: 1 } })
  // What a sender calls its fields is the sender's.
  expect(JSON.stringify(alert)).not.toContain('secret-name')
  later(2 * HOUR)
  expect(await found()).toEqual([])
})

describe('a destination', () => {
  const failing = (minutes: number, openUntil = "now() + interval '1 hour'") =>
    db.query(
      `insert into destination_health (destination_id, failures, failing_since, open_until)
       values ($1, 12, now() - make_interval(mins => $2), ${openUntil})`,
      [destination, minutes],
    )

  test('circuit_open: for long, until a delivery succeeds', async () => {
    await failing(9)
    expect(await found()).toEqual([])
    later(2 * MINUTE)
    expect(await found()).toEqual(['circuit_open'])
    await db.query('update destination_health set open_until = null, failing_since = null')
    later(MINUTE)
    expect(await found()).toEqual([])
  })

  test('not: one that fails with its circuit closed', async () => {
    await failing(60, 'null')
    expect(await found()).toEqual([])
  })

  test('destination_disabled: by the gateway, and not by somebody', async () => {
    await db.query("update destinations set status = 'disabled'")
    expect(await found()).toEqual([])
    await db.query("update destinations set disabled_reason = 'gone'")
    later(MINUTE)
    expect(await found()).toEqual(['destination_disabled'])
    expect((await alerts())[0]).toMatchObject({ subject: destination, details: { reason: 'gone' } })
  })
})

describe('undelivered_pruned', () => {
  const removed = async (neverDelivered: number) => {
    const run = newId()
    await db.query(
      `insert into prune_runs (id, requested_by, status, created_at, finished_at)
       values ($1, 'retention', 'completed', $2, $2)`,
      [run, new Date(clock)],
    )
    await addTotals(db, run, [
      { tenantId: DEFAULT_TENANT, kind: 'events', rows: neverDelivered + 5, bytes: 100, neverDelivered },
    ])
  }

  test('what nobody dealt with has gone; nothing of what was delivered', async () => {
    await removed(0)
    expect(await found()).toEqual([])
    await removed(2)
    await removed(1)
    later(MINUTE)
    expect(await found()).toEqual(['undelivered_pruned'])
    expect((await alerts())[0]).toMatchObject({ subject: DEFAULT_TENANT, details: { events: 3 } })
    later(25 * HOUR)
    expect(await found()).toEqual([])
  })
})

describe('an alert', () => {
  const breakIt = () => db.query("update destinations set status = 'disabled', disabled_reason = 'failing'")
  const mendIt = () => db.query("update destinations set status = 'active', disabled_reason = null")

  test('twenty workers that look at once open one, and queue one notification a channel', async () => {
    await using more = anotherPool()
    const channels = [await aChannel(), await aChannel()]
    await breakIt()
    await Promise.all(Array.from({ length: 20 }, (_, n) => evaluate(n % 2 === 0 ? db : more)))
    expect(await alerts()).toHaveLength(1)
    expect(changes).toEqual([['destination_disabled', 'opened']])
    expect(await notifications()).toEqual(channels.map((channel_id) => ({ transition: 'opened', channel_id })))
    await mendIt()
    later(MINUTE)
    await Promise.all(Array.from({ length: 20 }, (_, n) => evaluate(n % 2 === 0 ? db : more)))
    expect((await alerts())[0]?.resolved).toBe(true)
    expect((await notifications()).map(({ transition }) => transition)).toEqual([
      'opened',
      'opened',
      'resolved',
      'resolved',
    ])
  })

  test('is one, whoever looks, without anybody keeping turns', async () => {
    await using more = anotherPool()
    const cause = { tenantId: DEFAULT_TENANT, subject: destination, destinationId: destination, integrationId: null }
    const opened = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        openAlerts(n % 2 === 0 ? db : more, 'circuit_open', [{ ...cause, details: { n } }], new Date(clock)),
      ),
    )
    expect(opened.flat()).toHaveLength(1)
    expect(await alerts()).toHaveLength(1)
  })

  test('is one while its cause lasts, and another when it comes back', async () => {
    await breakIt()
    for (let n = 0; n < 5; n++) {
      await evaluate()
      later(MINUTE)
    }
    expect(await alerts()).toHaveLength(1)
    await mendIt()
    await evaluate()
    await breakIt()
    later(MINUTE)
    await evaluate()
    expect((await alerts()).map(({ resolved }) => resolved)).toEqual([true, false])
  })

  test('that wavers about its threshold is told of once', async () => {
    const refuse = () =>
      addRefusalCounts(db, [{ integrationId: integration, refused: 60, untimely: 0 }], new Date(clock))
    await refuse()
    await evaluate()
    later(11 * MINUTE)
    await db.query('delete from refusal_counts')
    // Seen a moment ago: gone for a minute is not gone.
    await db.query('update alerts set last_seen_at = $1', [new Date(clock - MINUTE)])
    await evaluate()
    await refuse()
    later(MINUTE)
    await evaluate()
    expect(changes).toEqual([['signature_failures', 'opened']])
    later(20 * MINUTE)
    await evaluate()
    expect(changes).toHaveLength(2)
  })

  test('of a muted rule is opened and told nobody, also not that it is over', async () => {
    await aChannel()
    await setRule('destination_disabled', { mutedUntil: new Date(clock + HOUR) })
    await breakIt()
    await evaluate()
    await mendIt()
    later(2 * HOUR)
    await evaluate()
    expect(changes).toHaveLength(2)
    expect(await notifications()).toEqual([])
  })

  test('goes only to channels that want its rule', async () => {
    await aChannel({ rules: ['queue_age'] })
    const wants = await aChannel({ rules: ['queue_age', 'destination_disabled'] })
    await breakIt()
    await evaluate()
    expect(await notifications()).toEqual([{ transition: 'opened', channel_id: wants }])
  })

  test('is not opened by a rule that is switched off, for this tenant alone', async () => {
    await setRule('destination_disabled', { enabled: false })
    await breakIt()
    expect(await found()).toEqual([])
  })

  test('is opened by every other rule when one cannot be looked at', async () => {
    await breakIt()
    const broken: Database = {
      ...db,
      transaction: (work) =>
        db.transaction((tx) =>
          work({
            query: (text, values) =>
              /delivery_attempts|attempt_counts/.test(text)
                ? tx.query('select no_such_function()')
                : tx.query(text, values),
          }),
        ),
    }
    await evaluate(broken)
    expect((await alerts()).map(({ kind }) => kind)).toEqual(['destination_disabled'])
  })

  test('goes with its notifications when it has been over for long, and counts with it', async () => {
    await aChannel()
    await addRefusalCounts(db, [{ integrationId: integration, refused: 1, untimely: 0 }], new Date(clock))
    await breakIt()
    await evaluate()
    await mendIt()
    later(MINUTE)
    await evaluate()
    later(91 * 24 * HOUR)
    const prune = evaluationTasks({ db, log: silent, now: () => clock, onChange: () => undefined })[1]!
    await prune.run()
    expect(await alerts()).toEqual([])
    expect(await notifications()).toEqual([])
    expect((await db.query('select from refusal_counts')).rows).toEqual([])
  })
})
