import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aTenant, keysFor, type TestApi, testApi } from '../../../test/support/api.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { anIntegration } from '../../../test/support/flow.ts'
import { dayOf, daysAgo, oldEvents, pruneOnce, withDays } from '../../../test/support/old-days.ts'
import { newId, publicId, type Uuid } from '../../base/model/ids.ts'

let db: TestDatabase
let t: TestApi
let integration: Uuid
let foreignTenant: Uuid

const FOREIGN = { 'x-internal-api-key': 'a-key-of-another-tenant' }
const evt = (id: Uuid | undefined) => publicId('event', id!)

beforeAll(async () => {
  db = await freshDatabase()
  await withDays(db, 100)
  const foreign = await aTenant(db, 'foreign')
  foreignTenant = foreign.tenantId
  t = await testApi(db, { authenticate: keysFor({ [FOREIGN['x-internal-api-key']]: foreign }) })
  integration = await anIntegration(db)
})
afterAll(async () => {
  await t.api.close()
  await db[Symbol.asyncDispose]()
})

const audited = async (action: string) =>
  (
    await db.query<{ details: string; actor: string }>('select actor, details from audit_entries where action = $1', [
      action,
    ])
  ).rows.map(({ actor, details }) => ({ actor, ...JSON.parse(details) }))

describe('how long things are kept', () => {
  test('is the default of the installation until somebody says otherwise, who and why stays on record, and can be taken back', async () => {
    const defaults = { metadataDays: 90, payloadDays: 30, undeliveredDays: 180, dedupeDays: 30, source: 'default' }
    expect((await t.request('GET', '/api/v1/retention')).json).toMatchObject({ ...defaults, updatedBy: null })

    const body = { payloadDays: 7, undeliveredDays: null, reason: 'data protection' }
    const changed = await t.request('PATCH', '/api/v1/retention', { body })
    expect(changed.status, changed.text).toBe(200)
    const after = { metadataDays: 90, payloadDays: 7, undeliveredDays: null }
    expect(changed.json).toMatchObject({ ...after, source: 'tenant', updatedBy: 'root' })
    expect((await t.request('GET', '/api/v1/retention', { headers: FOREIGN })).json).toMatchObject(defaults)
    const before = { metadataDays: 90, payloadDays: 30, undeliveredDays: 180 }
    expect(await audited('retention.changed')).toEqual([{ actor: 'root', before, after, reason: 'data protection' }])

    expect((await t.request('DELETE', '/api/v1/retention')).json).toMatchObject(defaults)
    expect((await t.request('DELETE', '/api/v1/retention')).json).toMatchObject(defaults)
    expect(await audited('retention.reset')).toHaveLength(1)
  })

  test.each([
    ['nothing but a reason is no change', { reason: 'no reason' }, 200],
    ['without a reason', { payloadDays: 7 }, 400],
    ['a payload that outlives its event', { payloadDays: 91, reason: 'because' }, 400],
    ['events for ever, dead letters not', { metadataDays: null, reason: 'because' }, 400],
    ['zero days', { payloadDays: 0, reason: 'because' }, 400],
    ['half a day', { payloadDays: 0.5, reason: 'because' }, 400],
    ['days as text', { payloadDays: '7', reason: 'because' }, 400],
    ['more days than there are', { undeliveredDays: 1e9, reason: 'because' }, 400],
    ['the dedupe window, which is not the tenant’s', { dedupeDays: 1, reason: 'because' }, 400],
    ['another tenant', { tenantId: 'ten_1', payloadDays: 7, reason: 'because' }, 400],
    ['a list', [], 400],
    ['no JSON', '{', 415],
  ])('%s', async (_what, body, status) => {
    const answer = await t.request('PATCH', '/api/v1/retention', { body })
    expect(answer.status, answer.text).toBe(status)
    if (status === 400) expect(answer.json.code).toBe('VALIDATION_ERROR')
    await t.request('DELETE', '/api/v1/retention')
  })

  test('changes at one time do not undo one another', async () => {
    const fields = [{ metadataDays: 100 }, { payloadDays: 20 }, { undeliveredDays: 200 }]
    await Promise.all(
      fields.map((body) => t.request('PATCH', '/api/v1/retention', { body: { ...body, reason: 'at once' } })),
    )
    expect((await t.request('GET', '/api/v1/retention')).json).toMatchObject(Object.assign({}, ...fields))
    await t.request('DELETE', '/api/v1/retention')
  })
})

describe('legal holds', () => {
  const add = (body: unknown, headers?: Record<string, string>) =>
    t.request('POST', '/api/v1/legal-holds', { body, ...(headers === undefined ? {} : { headers }) })

  test('are set, listed and lifted, and who did it and why stays on record', async () => {
    const [event] = await oldEvents(db, [{ daysAgo: 3 }])
    const scope = {
      integrationId: publicId('integration', integration),
      receivedFrom: '2026-01-01',
      eventIds: [evt(event)],
    }
    const made = await add({ ...scope, reason: 'case 4711' })
    expect(made.status, made.text).toBe(201)
    expect(made.json).toMatchObject({
      status: 'in_force',
      events: 1,
      createdBy: 'root',
      receivedFrom: '2026-01-01T00:00:00.000Z',
    })
    const { id } = made.json
    const inForce = () => t.request('GET', '/api/v1/legal-holds?inForceOnly=true')
    expect((await inForce()).json.data).toMatchObject([{ id }])
    expect((await t.request('GET', '/api/v1/legal-holds', { headers: FOREIGN })).json.data).toEqual([])

    const path = `/api/v1/legal-holds/${id}/lift`
    expect((await t.request('POST', path, { body: { reason: 'settled' }, headers: FOREIGN })).status).toBe(404)
    expect((await t.request('POST', path, { body: {} })).status).toBe(400)
    const lifts = await Promise.all([1, 2, 3].map(() => t.request('POST', path, { body: { reason: 'settled' } })))
    expect(lifts.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    expect((await inForce()).json.data).toEqual([])
    expect((await t.request('GET', '/api/v1/legal-holds')).json.data).toMatchObject([
      { id, status: 'lifted', liftReason: 'settled' },
    ])
    expect(await audited('legal_hold.set')).toMatchObject([
      { actor: 'root', reason: 'case 4711', eventIds: [evt(event)] },
    ])
    expect(await audited('legal_hold.lifted')).toMatchObject([
      { actor: 'root', reason: 'settled', setBecause: 'case 4711' },
    ])
  })

  test.each([
    ['nothing', {}],
    ['a reason and no scope', { reason: 'case 4711' }],
    ['everything and something', { everything: true, receivedFrom: '2026-01-01', reason: 'case 4711' }],
    ['everything, but not really', { everything: false, reason: 'case 4711' }],
    ['no reason', { everything: true }],
    ['a short reason', { everything: true, reason: '  x  ' }],
    ['no events', { eventIds: [], reason: 'case 4711' }],
    ['too many events', { eventIds: Array.from({ length: 1001 }, () => evt(newId())), reason: 'case 4711' }],
    ['what is no event', { eventIds: ['evt_1; drop table events'], reason: 'case 4711' }],
    ['an event that is not there', { eventIds: [evt(newId())], reason: 'case 4711' }],
    ['an integration that is not there', { integrationId: publicId('integration', newId()), reason: 'case 4711' }],
    [
      'a window that ends before it begins',
      { receivedFrom: '2026-02-01', receivedBefore: '2026-01-01', reason: 'case 4711' },
    ],
    ['what is no time', { receivedFrom: 'yesterday', reason: 'case 4711' }],
  ])('%s is refused, and nothing is held', async (_what, body) => {
    const answer = await add(body)
    expect(answer.status, answer.text).toBe(400)
    expect(answer.json.code).toBe('VALIDATION_ERROR')
    expect((await t.request('GET', '/api/v1/legal-holds?inForceOnly=true')).json.data).toEqual([])
  })

  test('nobody holds what is another tenant’s', async () => {
    const [event] = await oldEvents(db, [{ daysAgo: 3 }])
    const scopes = [{ eventIds: [evt(event)] }, { integrationId: publicId('integration', integration) }]
    for (const scope of scopes) expect((await add({ ...scope, reason: 'case 4711' }, FOREIGN)).status).toBe(400)
  })
})

describe('removing', () => {
  test('is told of before, done once, and told of after, each tenant of its own', async () => {
    const [old, dead] = await oldEvents(db, [
      { daysAgo: 95 },
      { daysAgo: 95, status: 'failed' },
      { daysAgo: 95, tenantId: foreignTenant },
    ])
    const plan = await t.request('GET', '/api/v1/prune-plan')
    expect(plan.status, plan.text).toBe(200)
    const day = dayOf(daysAgo(95))
    const line = {
      tenantId: publicId('tenant', '00000000-0000-7000-8000-000000000001' as Uuid),
      day,
      rows: 1,
      undelivered: 1,
      held: 0,
    }
    expect(plan.json).toMatchObject({
      more: false,
      lines: [
        { ...line, kind: 'payloads' },
        { ...line, kind: 'events' },
      ],
    })

    const asked = await t.request('POST', '/api/v1/prune-runs', { body: { reason: 'the disk is full' } })
    expect(asked.status, asked.text).toBe(202)
    expect(asked.json).toMatchObject({ status: 'queued', requestedBy: 'root', removed: [] })
    expect((await t.request('POST', '/api/v1/prune-runs', { body: { reason: 'the disk is full' } })).json.code).toBe(
      'CONFLICT',
    )
    while (await pruneOnce(db, { defaults: { metadataDays: 90, payloadDays: 30, undeliveredDays: 180 } }));

    const path = `/api/v1/prune-runs/${asked.json.id}`
    expect((await t.request('GET', path)).json).toMatchObject({
      status: 'completed',
      removed: [
        { kind: 'events', rows: 1 },
        { kind: 'payloads', rows: 1 },
      ],
    })
    expect((await t.request('GET', path, { headers: FOREIGN })).status).toBe(404)
    expect((await t.request('GET', '/api/v1/prune-runs', { headers: FOREIGN })).json.data).toEqual([])
    expect((await t.request('GET', `/api/v1/events/${evt(old)}`)).status).toBe(404)
    expect((await t.request('GET', `/api/v1/events/${evt(dead)}`)).status).toBe(200)
    expect((await t.request('GET', '/api/v1/prune-plan')).json.lines).toMatchObject([
      { kind: 'payloads', rows: 0, undelivered: 1 },
      { kind: 'events', rows: 0, undelivered: 1 },
    ])
    expect(await audited('prune.requested')).toMatchObject([{ actor: 'root', reason: 'the disk is full' }])
  })

  test.each([
    ['POST', '/api/v1/prune-runs', {}, 400],
    ['POST', '/api/v1/prune-runs', { reason: 'because', before: '2030-01-01' }, 400],
    ['GET', '/api/v1/prune-runs?pageSize=-1', undefined, 400],
    ['GET', '/api/v1/prune-runs/pru_1', undefined, 404],
    ['GET', `/api/v1/prune-runs/${publicId('pruneRun', newId())}`, undefined, 404],
    ['DELETE', '/api/v1/prune-runs', undefined, 405],
  ] as const)('%s %s %j is %i', async (method, url, body, status) => {
    expect((await t.request(method, url, body === undefined ? {} : { body })).status).toBe(status)
  })

  test('an event whose payload was purged stays, says when, and can be neither shown nor replayed', async () => {
    await using db = await freshDatabase()
    await withDays(db, 41)
    const patient = await aTenant(db, 'patient')
    const t = await testApi(db, { authenticate: keysFor({ [FOREIGN['x-internal-api-key']]: patient }) })
    const [one, two] = await oldEvents(db, [
      { daysAgo: 40 },
      { daysAgo: 41 },
      { daysAgo: 41, tenantId: patient.tenantId },
    ])
    const body = { payloadDays: null, metadataDays: null, undeliveredDays: null, reason: 'keep all' }
    await t.request('PATCH', '/api/v1/retention', { body, headers: FOREIGN })
    await t.request('POST', '/api/v1/prune-runs', { body: { reason: 'a test of it' } })
    while (await pruneOnce(db, { defaults: { metadataDays: 90, payloadDays: 30, undeliveredDays: 180 } }));
    // One went with its day, the other by itself.
    for (const id of [one, two]) {
      const shown = await t.request('GET', `/api/v1/events/${evt(id)}`)
      expect(shown.json).toMatchObject({
        bodySha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        payloadPurgedAt: expect.any(String),
      })
      const answers = [
        await t.request('GET', `/api/v1/events/${evt(id)}/raw`),
        await t.request('POST', `/api/v1/events/${evt(id)}/replay`, { body: { reason: 'once more' } }),
        await t.request('POST', '/api/v1/filters/test', { body: { filter: 'true', eventId: evt(id) } }),
      ]
      for (const answer of answers) {
        expect(answer.status, answer.text).toBe(410)
        expect(answer.json).toMatchObject({
          code: 'PAYLOAD_PURGED',
          detail: expect.stringContaining(shown.json.payloadPurgedAt),
        })
      }
    }
    const plan = { selection: { eventIds: [evt(one), evt(two)] }, reason: 'once more' }
    expect((await t.request('POST', '/api/v1/replay-plans', { body: plan })).json.errors).toMatchObject([
      { message: 'selects no event whose payload is still kept' },
    ])
    await t.api.close()
  })
})
