/** Settings and further keys of integrations: what a provider needs is asked for, and nothing else is taken. */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApi, testApi } from '../../../test/support/api.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { parseId } from '../../base/model/ids.ts'
import { needsOf } from '../../providers/needs.ts'
import { providers } from '../../providers/registry.ts'
import { generateSigningKey } from '../../providers/sign.ts'
import { loadIntegrations } from '../../resources/store/integrations.ts'

const SECRET = 'Kj3-dk2_lW9xPq7zVb4nMc8r'
const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:orders'
const PUBLIC_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ format: 'pem', type: 'spki' })
  .toString()

let db: TestDatabase
let t: TestApi
let counter = 0
beforeAll(async () => {
  db = await freshDatabase()
  t = await testApi(db)
})
afterAll(async () => {
  await t.api.close()
  await db[Symbol.asyncDispose]()
})

const create = (fields: object) =>
  t.request('POST', '/api/v1/integrations', { body: { name: `integration ${++counter}`, ...fields } })
const errorsOf = (answer: { json: { errors: { path: string; message: string }[] } }) =>
  answer.json.errors.map(({ path }) => path).sort()

describe('settings', () => {
  test('every required one that is missing is named in one answer', async () => {
    const answer = await create({ provider: 'ebay', secret: 'client:a-secret-of-enough-length' })
    expect(answer.status).toBe(400)
    expect(answer.json.code).toBe('VALIDATION_ERROR')
    expect(errorsOf(answer)).toEqual(['settings.endpointUrl', 'settings.verificationToken'])
    expect(answer.text).toContain('The verification token entered beside the endpoint')
  })

  test('they are required while the integration is pending, too: the greeting reads them', async () => {
    expect(errorsOf(await create({ provider: 'meta' }))).toEqual(['settings.verifyToken'])
    const answer = await create({ provider: 'meta', settings: { verifyToken: 'meatyhamhock' } })
    expect(answer.json).toMatchObject({ status: 'pending', settings: { verifyToken: 'meatyhamhock' } })
  })

  test('a key and settings that are both wrong are both named', async () => {
    expect(errorsOf(await create({ provider: 'meta', secret: 'short' }))).toEqual(['secret', 'settings.verifyToken'])
  })

  test.each([
    [{ provider: 'github', secret: SECRET }, { verifyToken: 'x' }, /this scheme has no settings/],
    [{ provider: 'meta', secret: SECRET }, { verifyToken: 'x', verify_token: 'x' }, /known are verifyToken/],
    [{ provider: 'adyen', secret: '4f3c2b1a'.repeat(8) }, { username: 'x' }, /belongs to the scheme basic/],
    [{ provider: 'meta', secret: SECRET }, { verifyToken: ' ' }, /must not be empty/],
    [{ provider: 'adyen', scheme: 'basic', secret: SECRET }, { username: 'a:b' }, /colon/],
    [{ provider: 'plaid', secret: `id:${SECRET}` }, { environment: 'staging' }, /one of production, sandbox/],
    [{ provider: 'datadog', secret: SECRET }, { headerName: 'X Token' }, /name of a header/],
    [{ provider: 'aws-sns', secret: PUBLIC_KEY }, { topicArn: 'orders' }, /must look like arn:aws:sns/],
    [
      { provider: 'azure-event-grid', secret: '11111111-2222-4333-8444-555555555555' },
      { tenant: '../../evil' },
      /letters, digits, dots, dashes/,
    ],
  ])('%j with %j is refused', async (fields, settings, message) => {
    const answer = await create({ ...fields, settings })
    expect(answer.status, answer.text).toBe(400)
    expect(errorsOf(answer).every((path) => path.startsWith('settings.'))).toBe(true)
    expect(answer.text).toMatch(message)
  })

  test('a public key in place of a name needs the name as a setting, which then stays', async () => {
    expect(errorsOf(await create({ provider: 'aws-sns', secret: PUBLIC_KEY }))).toEqual(['settings.topicArn'])
    const { json } = await create({ provider: 'aws-sns', secret: PUBLIC_KEY, settings: { topicArn: TOPIC } })
    expect(json).toMatchObject({ status: 'active', settings: { topicArn: TOPIC } })
    const patch = (settings: object) => t.request('PATCH', `/api/v1/integrations/${json.id}`, { body: { settings } })
    expect(errorsOf(await patch({}))).toEqual(['settings.topicArn'])
    expect((await patch({ topicArn: `${TOPIC}-2` })).json.settings).toEqual({ topicArn: `${TOPIC}-2` })
  })

  test('a public key that is added later needs the name as well', async () => {
    const { json } = await create({ provider: 'aws-sns', secret: TOPIC })
    const add = () => t.request('POST', `/api/v1/integrations/${json.id}/keys`, { body: { secret: PUBLIC_KEY } })
    expect(errorsOf(await add())).toEqual(['settings.topicArn'])
    await t.request('PATCH', `/api/v1/integrations/${json.id}`, { body: { settings: { topicArn: TOPIC } } })
    expect((await add()).status).toBe(201)
  })

  test('changing them is held to the same rules, and a refusal changes nothing', async () => {
    const { json } = await create({ provider: 'meta', secret: SECRET, settings: { verifyToken: 'one' } })
    const patch = (settings: object) =>
      t.request('PATCH', `/api/v1/integrations/${json.id}`, { body: { settings, rateLimitPerMinute: 7 } })
    expect(errorsOf(await patch({}))).toEqual(['settings.verifyToken'])
    expect(errorsOf(await patch({ verifyToken: 'two', other: 'x' }))).toEqual(['settings.other'])
    const unchanged = await t.request('GET', `/api/v1/integrations/${json.id}`)
    expect(unchanged.json).toMatchObject({
      settings: { verifyToken: 'one' },
      rateLimitPerMinute: json.rateLimitPerMinute,
    })
    expect((await patch({ verifyToken: 'two' })).json).toMatchObject({
      settings: { verifyToken: 'two' },
      rateLimitPerMinute: 7,
    })
  })
})

describe('further keys', () => {
  test('stand in their slot, are shown with it, and reach verification with it', async () => {
    const answer = await create({
      provider: 'box',
      secret: SECRET,
      keys: [{ slot: 'secondaryKey', secret: `${SECRET}-2` }],
    })
    expect(answer.status, answer.text).toBe(201)
    const { json } = answer
    expect(json.keys.map(({ slot }: { slot: string | null }) => slot).sort()).toEqual([null, 'secondaryKey'].sort())
    expect(answer.text).not.toContain(SECRET)
    const loaded = (await loadIntegrations(db)).find(
      ({ integration }) => integration.id === parseId('integration', json.id),
    )
    expect(loaded!.keys.map(({ slot }) => slot).sort()).toEqual([null, 'secondaryKey'].sort())
    const audit = await t.request('GET', `/api/v1/audit-entries?entityId=${json.id}`)
    const ids = json.keys.map(({ id }: { id: string }) => id)
    const { keyId, furtherKeyIds } = audit.json.data[0].details
    expect([keyId, ...furtherKeyIds].sort()).toEqual(ids.sort())
  })

  test('are added later under a slot of the scheme and under no other', async () => {
    const { json } = await create({ provider: 'upstash-qstash', secret: `sig_${SECRET}` })
    const add = (slot: string) =>
      t.request('POST', `/api/v1/integrations/${json.id}/keys`, { body: { secret: `sig_${SECRET}`, slot } })
    expect((await add('nextSigningKey')).json).toMatchObject({ slot: 'nextSigningKey', form: 'sealed' })
    const refused = await add('previousSigningKey')
    expect(refused.json).toMatchObject({
      code: 'VALIDATION_ERROR',
      errors: [{ path: 'slot', message: 'must be nextSigningKey' }],
    })
    const audit = await t.request('GET', `/api/v1/audit-entries?action=key.added`)
    expect(audit.json.data[0].details).toMatchObject({ slot: 'nextSigningKey' })
  })

  test('are refused where the scheme has none, and where one is no key', async () => {
    expect(
      errorsOf(await create({ provider: 'github', secret: SECRET, keys: [{ slot: 'a', secret: SECRET }] })),
    ).toEqual(['keys.0.slot'])
    const keys = [
      { slot: 'secondaryKey', secret: `${SECRET}-2` },
      { slot: 'secondaryKey', secret: 'short' },
    ]
    expect(errorsOf(await create({ provider: 'box', secret: SECRET, keys }))).toEqual(['keys.1.secret'])
  })
})

test('an integration says how much its scheme covers and what a match does not prove', async () => {
  const weak = await create({ provider: 'gitlab', scheme: 'token', secret: SECRET })
  expect(weak.json).toMatchObject({ coverage: 'none', weakness: expect.stringMatching(/does not cover the body/) })
  const strong = await create({ provider: 'github', secret: SECRET })
  expect(strong.json).toMatchObject({ coverage: 'body', weakness: null })
})

test('every scheme of every provider can be set up with its key and the examples of its required settings', async () => {
  for (const definition of providers.values()) {
    for (const scheme of definition.schemes) {
      const { settings, pin } = needsOf(definition, scheme)
      const wanted = settings.filter(
        ({ required, name }) => required === true || ('usernameSetting' in scheme && name === scheme.usernameSetting),
      )
      const answer = await create({
        provider: definition.id,
        scheme: scheme.name,
        secret: generateSigningKey(scheme).verifying,
        settings: {
          ...Object.fromEntries(wanted.map(({ name, example }) => [name, example])),
          ...(pin === undefined ? {} : { [pin.pin]: pin.example }),
        },
      })
      expect(answer.status, `${definition.id} ${scheme.name}: ${answer.text}`).toBe(201)
      expect(answer.json.weakness, `${definition.id} ${scheme.name}`).toBe(scheme.weakness ?? null)
      if (answer.json.coverage === 'none') expect(answer.json.weakness, definition.id).not.toBeNull()
    }
  }
})
