import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApi, testApi } from '../../../test/support/api.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { parseId } from '../../base/model/ids.ts'
import { inboundKeyContext, openSecret } from '../../resources/secrets/stored-secret.ts'
import { loadIntegrations } from '../../resources/store/integrations.ts'

const STRIPE_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER_SECRET = 'whsec_C2FVsBQIhrscChlQIMV-b5sSYspob7oD'

let db: TestDatabase
let t: TestApi
let counter = 0
const aName = () => `integration ${++counter}`

beforeAll(async () => {
  db = await freshDatabase()
  t = await testApi(db)
})
afterAll(async () => {
  await t.api.close()
  await db[Symbol.asyncDispose]()
})

const create = (fields: object = {}) =>
  t.request('POST', '/api/v1/integrations', {
    body: { provider: 'stripe', name: aName(), secret: STRIPE_SECRET, ...fields },
  })

describe('creating an integration', () => {
  test('answers the fixed shape, and its secret opens again to what was given', async () => {
    const before = t.changes()
    const answer = await create({
      name: 'billing',
      destination: { url: 'http://127.0.0.1:9000/hook', allowCidrs: ['127.0.0.1/32'] },
    })
    expect(answer.status, answer.text).toBe(201)
    const { id } = answer.json
    expect(id).toMatch(/^int_[0-9a-f]{32}$/)
    expect(answer.json).toMatchObject({
      provider: 'stripe',
      name: 'billing',
      receivePath: `/api/v1/webhooks/stripe/${id}`,
      status: 'active',
      isDefault: true,
      eventTypes: null,
      maxBodyBytes: 1024 * 1024,
      rateLimitPerMinute: 3000,
      unlistedPolicy: 'park',
      keys: [{ id: expect.stringMatching(/^key_/), form: 'sealed', notBefore: null, notAfter: null }],
      destinations: [
        {
          id: expect.stringMatching(/^dst_/),
          url: 'http://127.0.0.1:9000/hook',
          status: 'active',
          allowCidrs: ['127.0.0.1/32'],
        },
      ],
    })
    expect(answer.json.coverage).toBe('body')
    expect(answer.headers['location']).toBe(`/api/v1/integrations/${id}`)
    expect(answer.text).not.toContain(STRIPE_SECRET)
    expect(t.changes()).toBe(before + 1)

    const loaded = (await loadIntegrations(db)).find(({ integration }) => integration.id === parseId('integration', id))
    const key = loaded!.keys[0]!
    expect(await openSecret(t.deps.secrets, inboundKeyContext(key), key)).toBe(STRIPE_SECRET)
    expect((await t.request('GET', `/api/v1/integrations/${id}`)).json).toEqual(answer.json)
  })

  test('twenty at once make exactly one default', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => create({ provider: 'github', secret: 'a-github-secret-of-enough-length' })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201))
    expect(answers.filter(({ json }) => json.isDefault)).toHaveLength(1)
  })

  test('twenty of one name at once leave one and nineteen conflicts', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => create({ name: 'same name' })))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    const refused = answers.filter(({ status }) => status === 409)
    expect(refused).toHaveLength(19)
    expect(refused[0]!.json).toMatchObject({ code: 'CONFLICT', errors: [{ path: 'name' }] })
  })

  test('without a secret it is pending, and its first key makes it active', async () => {
    const { json } = await create({ secret: undefined })
    expect(json).toMatchObject({ status: 'pending', keys: [] })
    expect((await t.request('PATCH', `/api/v1/integrations/${json.id}`, { body: { status: 'active' } })).status).toBe(
      409,
    )
    expect(
      (await t.request('POST', `/api/v1/integrations/${json.id}/keys`, { body: { secret: STRIPE_SECRET } })).status,
    ).toBe(201)
    expect((await t.request('GET', `/api/v1/integrations/${json.id}`)).json.status).toBe('active')
  })

  test.each([
    ['empty', ''],
    ['blank', '   '],
    ['only its prefix', 'whsec_'],
    ['too short', 'whsec_YQ=='],
    ['white space around it', ` ${STRIPE_SECRET} `],
    ['the same byte again and again', `whsec_${'A'.repeat(32)}`],
  ])('S-02: a secret that is %s is refused', async (_why, secret) => {
    const provider = 'standard-webhooks'
    const answer = await create({ provider, secret })
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ code: 'VALIDATION_ERROR', errors: [{ path: 'secret' }] })
  })

  test.each([
    [{ provider: 'nobody' }, 'provider', 'VALIDATION_ERROR'],
    [{ provider: '__proto__' }, 'provider', 'VALIDATION_ERROR'],
    [{ scheme: 'none' }, 'scheme', 'VALIDATION_ERROR'],
    [{ name: '' }, 'name', 'VALIDATION_ERROR'],
    [{ name: 'a\u202eb' }, 'name', 'VALIDATION_ERROR'],
    [{ eventTypes: [] }, 'eventTypes', 'VALIDATION_ERROR'],
    [{ maxBodyBytes: 0 }, 'maxBodyBytes', 'VALIDATION_ERROR'],
    [{ toleranceSeconds: -1 }, 'toleranceSeconds', 'VALIDATION_ERROR'],
    [{ publicUrl: 'javascript:alert(1)' }, 'publicUrl', 'VALIDATION_ERROR'],
    [{ status: 'active' }, 'status', 'VALIDATION_ERROR'],
    [{ tenantId: 'ten_0' }, 'tenantId', 'VALIDATION_ERROR'],
    [{ secret: 'env:NO_SUCH_VARIABLE_HERE' }, 'secret', 'VALIDATION_ERROR'],
    [{ secret: 'env:MANAGEMENT_API_KEY' }, 'secret', 'VALIDATION_ERROR'],
    [{ secret: 'file:/no/such/file' }, 'secret', 'VALIDATION_ERROR'],
    [{ destination: {} }, 'destination.url', 'VALIDATION_ERROR'],
    [{ destination: { url: 'nonsense' } }, 'destination.url', 'VALIDATION_ERROR'],
    [{ destination: { url: 'https://u:p@example.com/' } }, 'destination.url', 'VALIDATION_ERROR'],
    [
      { destination: { url: 'https://example.com/', allowCidrs: ['10.0.0.0/99'] } },
      'destination.allowCidrs.0',
      'VALIDATION_ERROR',
    ],
    [
      { destination: { url: 'https://example.com/', signingSecret: 'whsec_AAAA' } },
      'destination.signingSecret',
      'VALIDATION_ERROR',
    ],
  ])('%j is refused and names the field', async (fields, path, code) => {
    const answer = await create(fields)
    expect(answer.status, answer.text).toBe(400)
    expect(answer.json.code).toBe(code)
    expect(answer.json.errors.map((error: { path: string }) => error.path)).toContain(path)
  })

  test.each([
    'http://127.0.0.1:9000/hook',
    'http://localhost:9000/hook',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'http://example.com/',
    'https://example.com:22/',
    'ftp://example.com/',
  ])('B18: a destination at %s is refused before anything is stored', async (url) => {
    const name = aName()
    const answer = await create({ name, destination: { url } })
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ code: 'ADDRESS_BLOCKED', errors: [{ path: 'destination.url' }] })
    const { rows } = await db.query('select from integrations where name = $1', [name])
    expect(rows).toHaveLength(0)
  })

  test('B18: listing a private range never reaches a metadata address', async () => {
    const answer = await create({
      destination: { url: 'http://169.254.169.254/', allowCidrs: ['169.254.0.0/16', '0.0.0.0/0'] },
    })
    expect(answer.json).toMatchObject({ status: 400, code: 'ADDRESS_BLOCKED' })
  })
})

describe('changing an integration', () => {
  test('changes what is given, clears what is null, and says so in the audit trail', async () => {
    const { json } = await create({ eventTypes: ['a'], toleranceSeconds: 60 })
    const answer = await t.request('PATCH', `/api/v1/integrations/${json.id}`, {
      body: { status: 'disabled', eventTypes: null, rateLimitPerMinute: 5 },
    })
    expect(answer.status, answer.text).toBe(200)
    expect(answer.json).toMatchObject({
      status: 'disabled',
      eventTypes: null,
      toleranceSeconds: 60,
      rateLimitPerMinute: 5,
      name: json.name,
    })
    expect(
      (await loadIntegrations(db)).some(({ integration }) => integration.id === parseId('integration', json.id)),
    ).toBe(false)
    const audit = await t.request('GET', `/api/v1/audit-entries?entityId=${json.id}`)
    expect(audit.json.data[0]).toMatchObject({
      actor: 'root',
      action: 'integration.changed',
      entityId: json.id,
      details: { fields: ['eventTypes', 'rateLimitPerMinute', 'status'], status: 'disabled', before: 'active' },
    })
  })

  test('the default moves, and there is never more than one', async () => {
    const first = await create({ provider: 'shopify', secret: 'shpss_0b7c1f5e9a3d4c8e' })
    const second = await create({ provider: 'shopify', secret: 'shpss_0b7c1f5e9a3d4c8e' })
    expect([first.json.isDefault, second.json.isDefault]).toEqual([true, false])
    const moved = await t.request('PATCH', `/api/v1/integrations/${second.json.id}`, { body: { isDefault: true } })
    expect(moved.json.isDefault).toBe(true)
    expect((await t.request('GET', `/api/v1/integrations/${first.json.id}`)).json.isDefault).toBe(false)
  })

  test('a taken name, an empty change, an unknown field and an unknown id are refused', async () => {
    const a = await create()
    const b = await create()
    const path = `/api/v1/integrations/${a.json.id}`
    expect((await t.request('PATCH', path, { body: { name: b.json.name } })).status).toBe(409)
    expect((await t.request('PATCH', path, { body: {} })).status).toBe(400)
    expect((await t.request('PATCH', path, { body: { provider: 'acme' } })).status).toBe(400)
    for (const id of ['int_00000000000000000000000000000000', 'int_1', '1', `evt_${a.json.id.slice(4)}`]) {
      expect((await t.request('PATCH', `/api/v1/integrations/${id}`, { body: { name: 'x' } })).status).toBe(404)
    }
  })
})

describe('rotating keys', () => {
  test('both keys are active in between, and the old one can then go', async () => {
    const { json } = await create()
    const added = await t.request('POST', `/api/v1/integrations/${json.id}/keys`, { body: { secret: OTHER_SECRET } })
    expect(added.status, added.text).toBe(201)
    const id = parseId('integration', json.id)
    const loaded = async () => (await loadIntegrations(db)).find(({ integration }) => integration.id === id)!.keys
    expect(await loaded()).toHaveLength(2)
    const path = `/api/v1/integrations/${json.id}/keys/${json.keys[0].id}`
    expect((await t.request('DELETE', path)).status).toBe(204)
    expect((await loaded()).map((key) => key.id)).toEqual([parseId('key', added.json.id)])
    expect((await t.request('DELETE', path)).status).toBe(404)
  })

  test('the last active key of an active integration stays, whether asked once or twice at once', async () => {
    const { json } = await create()
    const keys = `/api/v1/integrations/${json.id}/keys`
    expect((await t.request('DELETE', `${keys}/${json.keys[0].id}`)).json).toMatchObject({
      status: 409,
      code: 'CONFLICT',
    })
    const added = await t.request('POST', keys, { body: { secret: OTHER_SECRET } })
    const both = await Promise.all([
      t.request('DELETE', `${keys}/${json.keys[0].id}`),
      t.request('DELETE', `${keys}/${added.json.id}`),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual([204, 409])
  })

  test('a key that is not active yet does not count as the last one', async () => {
    const { json } = await create()
    const keys = `/api/v1/integrations/${json.id}/keys`
    const later = await t.request('POST', keys, { body: { secret: OTHER_SECRET, notBefore: '2190-01-01T00:00:00Z' } })
    expect(later.status).toBe(201)
    expect((await t.request('DELETE', `${keys}/${json.keys[0].id}`)).status).toBe(409)
    expect((await t.request('DELETE', `${keys}/${later.json.id}`)).status).toBe(204)
  })

  test('a window that has passed or is turned around is refused', async () => {
    const { json } = await create()
    for (const window of [
      { notAfter: '2020-01-01' },
      { notBefore: '2190-02-01', notAfter: '2190-01-01' },
      { notBefore: 'tomorrow' },
    ]) {
      const answer = await t.request('POST', `/api/v1/integrations/${json.id}/keys`, {
        body: { secret: OTHER_SECRET, ...window },
      })
      expect(answer.status).toBe(400)
    }
  })

  test('a key of another integration is not found under this one', async () => {
    const a = await create()
    const b = await create()
    await t.request('POST', `/api/v1/integrations/${b.json.id}/keys`, { body: { secret: OTHER_SECRET } })
    expect((await t.request('DELETE', `/api/v1/integrations/${a.json.id}/keys/${b.json.keys[0].id}`)).status).toBe(404)
  })

  test('the number of keys is bounded', async () => {
    const { json } = await create()
    const statuses: number[] = []
    for (let index = 0; index < 9; index++) {
      statuses.push(
        (await t.request('POST', `/api/v1/integrations/${json.id}/keys`, { body: { secret: OTHER_SECRET } })).status,
      )
    }
    expect(statuses).toEqual([...Array(7).fill(201), 409, 409])
  })
})

describe('a destination’s signing secret', () => {
  test('is shown once, signs from then on beside the one before, and is audited without it', async () => {
    const signingSecret = `whsec_${Buffer.alloc(32, 4).toString('base64')}`
    const { json } = await create({ destination: { url: 'https://example.com/hook', signingSecret } })
    const [{ id }] = json.destinations
    const answer = await t.request('POST', `/api/v1/destinations/${id}/signing-secret`)
    expect(answer.status, answer.text).toBe(201)
    expect(answer.json.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(answer.headers['cache-control']).toBe('no-store')
    const shown = await t.request('GET', `/api/v1/destinations/${id}`)
    expect(shown.json.signingKeys).toMatchObject([
      { id: answer.json.keyId, notAfter: null },
      { notAfter: answer.json.previousUntil },
    ])
    expect(shown.text).not.toContain(answer.json.secret)
    const audit = await t.request('GET', `/api/v1/audit-entries?entityId=${id}`)
    expect(audit.json.data).toMatchObject([{ action: 'destination.signing_secret_rotated', actor: 'root' }])
    expect(audit.text).not.toContain(answer.json.secret)
    expect((await t.request('POST', `/api/v1/destinations/dst_${'0'.repeat(32)}/signing-secret`)).status).toBe(404)
  })

  test('has no one before it to sign beside when that one was never shown to anybody', async () => {
    const { json } = await create({ destination: { url: 'https://example.com/hook' } })
    const [{ id }] = json.destinations
    const answer = await t.request('POST', `/api/v1/destinations/${id}/signing-secret`)
    const keys = (await t.request('GET', `/api/v1/destinations/${id}`)).json.signingKeys
    expect(keys).toMatchObject([{ id: answer.json.keyId }])
    await t.request('POST', `/api/v1/destinations/${id}/signing-secret`)
    expect((await t.request('GET', `/api/v1/destinations/${id}`)).json.signingKeys).toHaveLength(2)
  })

  test('ends the ones before at once when asked to', async () => {
    const { json } = await create({ destination: { url: 'https://example.com/hook' } })
    const [{ id }] = json.destinations
    await t.request('POST', `/api/v1/destinations/${id}/signing-secret`)
    const body = { overlapSeconds: 0 }
    const answer = await t.request('POST', `/api/v1/destinations/${id}/signing-secret`, { body })
    expect(answer.status, answer.text).toBe(201)
    expect((await t.request('GET', `/api/v1/destinations/${id}`)).json.signingKeys).toMatchObject([
      { id: answer.json.keyId },
    ])
  })

  test('may be a key pair, of which only the public half is ever shown', async () => {
    const { json } = await create({ destination: { url: 'https://example.com/hook' } })
    const [{ id }] = json.destinations
    const body = { scheme: 'v1a' }
    const answer = await t.request('POST', `/api/v1/destinations/${id}/signing-secret`, { body })
    expect(answer.json).toMatchObject({ scheme: 'v1a', publicKey: expect.stringMatching(/^whpk_[A-Za-z0-9+/]{43}=$/) })
    expect(answer.text).not.toMatch(/whsk_|whsec_/)
  })
})

describe('listing integrations', () => {
  test('filters by provider and by activity, and pages through all of them without repeating one', async () => {
    await create({ provider: 'slack', secret: 'e9f2a6c4b1d8e7f3a5c2b4d6e8f1a3c5' })
    const off = await create({ provider: 'slack', secret: 'e9f2a6c4b1d8e7f3a5c2b4d6e8f1a3c5' })
    await t.request('PATCH', `/api/v1/integrations/${off.json.id}`, { body: { status: 'disabled' } })
    expect((await t.request('GET', '/api/v1/integrations?provider=slack')).json.data).toHaveLength(2)
    expect((await t.request('GET', '/api/v1/integrations?provider=slack&activeOnly=true')).json.data).toHaveLength(1)
    expect((await t.request('GET', '/api/v1/integrations?activeOnly=yes')).status).toBe(400)

    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page = await t.request('GET', `/api/v1/integrations?pageSize=7${cursor === '' ? '' : `&cursor=${cursor}`}`)
      seen.push(...page.json.data.map((each: { id: string }) => each.id))
      cursor = page.json.meta.nextCursor
    }
    const { rows } = await db.query('select from integrations')
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toHaveLength(rows.length)
  })
})
