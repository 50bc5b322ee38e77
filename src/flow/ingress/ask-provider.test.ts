import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import pino from 'pino'
import { expect, test } from 'vitest'
import { newId } from '../../base/model/ids.ts'
import { compileScheme } from '../../providers/compile.ts'
import type { Scheme } from '../../providers/definition.ts'
import { findProvider } from '../../providers/registry.ts'
import type { InboundRequest } from '../../providers/request.ts'
import type { OutboundResult } from '../../resources/outbound/exchange.ts'
import type { Outbound, OutboundRequest } from '../../resources/outbound/request.ts'
import { createAskProvider } from './ask-provider.ts'

const NOW = 1_767_225_600_000

/** The far side: answers by address, counts what was asked. */
function farSide(answer: (request: OutboundRequest) => OutboundResult | Promise<OutboundResult>) {
  const asked: OutboundRequest[] = []
  let at = NOW
  const outbound: Outbound = {
    async send(request) {
      asked.push(request)
      return await answer(request)
    },
    close: async () => undefined,
  }
  const ask = createAskProvider({ outbound, log: pino({ level: 'silent' }), now: () => at })
  return { asked, ask, pass: (seconds: number) => (at += seconds * 1000), now: () => at }
}

const answered = (status: number, body: unknown): OutboundResult => ({
  ok: true,
  status,
  headers: [],
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  truncated: false,
  durationMs: 1,
})
const UNREACHABLE: OutboundResult = { ok: false, outcome: 'dns_failed', detail: 'ENOTFOUND', durationMs: 1 }

const pair = (kid: string) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' } }
}
const [FIRST, SECOND] = [pair('first'), pair('second')]
const EMAIL = 'push@acme.iam.gserviceaccount.com'

function schemeOf(id: string, name?: string): Scheme {
  const definition = findProvider(id)
  const scheme = definition?.schemes.find((each) => name === undefined || each.name === name)
  if (scheme === undefined) throw new Error(`no scheme ${name} of ${id}`)
  return scheme
}

const pubsub = compileScheme(schemeOf('google-pubsub'), [{ id: newId(), material: EMAIL }], {
  settings: { audience: 'https://hooks.example.com/in' },
})

function pushed(key: typeof FIRST, at: number): InboundRequest {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    iss: 'https://accounts.google.com',
    aud: 'https://hooks.example.com/in',
    email: EMAIL,
    email_verified: true,
    iat: at / 1000,
    exp: at / 1000 + 3600,
  }
  const signed = `${part({ alg: 'RS256', kid: key.kid })}.${part(claims)}`
  const token = `${signed}.${sign('sha256', Buffer.from(signed), key.privateKey).toString('base64url')}`
  return {
    method: 'POST',
    url: 'https://hooks.example.com/in',
    headers: [['Authorization', `Bearer ${token}`]],
    body: Buffer.from('{"message":{"messageId":"1"}}'),
  }
}

test('a key set is asked for once, by a hundred requests at a time, and then kept', async () => {
  const { ask, asked, now } = farSide(() => answered(200, { keys: [FIRST.jwk] }))
  const results = await Promise.all(Array.from({ length: 100 }, () => ask.verify(pubsub, pushed(FIRST, now()), now())))
  expect(results.every((result) => result.ok)).toBe(true)
  expect(asked.map(({ url }) => url)).toEqual(['https://www.googleapis.com/oauth2/v3/certs'])
  // At hand: no promise, nobody waits.
  expect(ask.verify(pubsub, pushed(FIRST, now()), now())).toMatchObject({ ok: true })
})

test('a new key is found by asking once more; invented ones do not make the gateway ask again within a minute', async () => {
  const sets = [{ keys: [FIRST.jwk] }, { keys: [FIRST.jwk, SECOND.jwk] }]
  const { ask, asked, pass, now } = farSide(() => answered(200, sets[Math.min(asked.length, 2) - 1]))
  expect(await ask.verify(pubsub, pushed(FIRST, now()), now())).toMatchObject({ ok: true })
  pass(61)
  expect(await ask.verify(pubsub, pushed(SECOND, now()), now())).toMatchObject({ ok: true })
  expect(asked).toHaveLength(2)
  for (let index = 0; index < 50; index++) {
    const invented = { ...FIRST, kid: `invented-${index}` }
    expect(await ask.verify(pubsub, pushed(invented, now()), now())).toEqual({ ok: false, reason: 'key_unknown' })
  }
  expect(asked).toHaveLength(2)
})

test('while the provider is away its last answer serves, for a day', async () => {
  let away = false
  const { ask, pass, now } = farSide(() => (away ? UNREACHABLE : answered(200, { keys: [FIRST.jwk] })))
  expect(await ask.verify(pubsub, pushed(FIRST, now()), now())).toMatchObject({ ok: true })
  away = true
  pass(2 * 3600)
  expect(await ask.verify(pubsub, pushed(FIRST, now()), now())).toMatchObject({ ok: true })
  pass(25 * 3600)
  expect(await ask.verify(pubsub, pushed(FIRST, now()), now())).toEqual({ ok: false, reason: 'key_unavailable' })
})

test('an answer that is cut off at the limit, or no key set, is none', async () => {
  const cut = farSide(() => ({ ...answered(200, { keys: [FIRST.jwk] }), truncated: true }) as OutboundResult)
  expect(await cut.ask.verify(pubsub, pushed(FIRST, NOW), NOW)).toEqual({ ok: false, reason: 'key_unavailable' })
  const odd = farSide(() => answered(200, '<html>'))
  expect(await odd.ask.verify(pubsub, pushed(FIRST, NOW), NOW)).toEqual({ ok: false, reason: 'key_unknown' })
})

test('a certificate is fetched from the provider’s hosts and from nowhere else', async () => {
  const definition = findProvider('paypal')
  const [accepted] = definition?.vectors.accepted ?? []
  const [url, pem] = Object.entries(accepted?.remote ?? {})[0] ?? []
  if (accepted === undefined || url === undefined || pem === undefined) throw new Error('paypal has no such vector')
  const verifier = compileScheme(schemeOf('paypal', 'certificate'), [{ id: newId(), material: accepted.key }])
  const request = {
    method: 'POST',
    url: 'https://a.example/',
    headers: accepted.headers,
    body: Buffer.from(accepted.body ?? ''),
  }
  const { ask, asked } = farSide(() => answered(200, pem))
  expect(await ask.verify(verifier, request, NOW)).toMatchObject({ ok: true })
  expect(asked.map((each) => [each.method, each.url, each.allowCidrs])).toEqual([['GET', url, []]])
  for (const elsewhere of ['http://api.paypal.com/x', 'https://api.paypal.com.evil.example/x', 'https://127.0.0.1/x']) {
    const headers = request.headers.map(([name, value]) => [name, value === url ? elsewhere : value] as const)
    expect(ask.verify(verifier, { ...request, headers }, NOW)).toEqual({ ok: false, reason: 'key_source_refused' })
  }
  expect(asked).toHaveLength(1)
})

test('a certificate that does not exist is refused and not asked for again at once', async () => {
  const definition = findProvider('paypal')
  const accepted = definition?.vectors.accepted[0]
  if (accepted === undefined) throw new Error('paypal has no vector')
  const verifier = compileScheme(schemeOf('paypal', 'certificate'), [{ id: newId(), material: accepted.key }])
  const request = {
    method: 'POST',
    url: 'https://a.example/',
    headers: accepted.headers,
    body: Buffer.from(accepted.body ?? ''),
  }
  const { ask, asked, pass } = farSide(() => answered(404, ''))
  for (let round = 0; round < 3; round++)
    expect(await ask.verify(verifier, request, NOW)).toEqual({ ok: false, reason: 'key_unknown' })
  expect(asked).toHaveLength(1)
  pass(61)
  await ask.verify(verifier, request, NOW)
  expect(asked).toHaveLength(2)
})

const mollie = compileScheme(schemeOf('mollie', 'classic'), [
  { id: newId(), material: 'test_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM' },
])
const paid = (id: string): InboundRequest => ({
  method: 'POST',
  url: 'https://hooks.example.com/in',
  headers: [['Content-Type', 'application/x-www-form-urlencoded']],
  body: Buffer.from(`id=${id}`),
})

test('an unsigned ping counts once the provider confirms it, each time anew, and each state is an event of its own', async () => {
  let status = 'open'
  const { ask, asked } = farSide(({ url }) =>
    url.endsWith('/tr_known1234') ? answered(200, { id: 'tr_known1234', status }) : answered(404, {}),
  )
  const open = await ask.verify(mollie, paid('tr_known1234'), NOW)
  const again = await ask.verify(mollie, paid('tr_known1234'), NOW)
  status = 'paid'
  const done = await ask.verify(mollie, paid('tr_known1234'), NOW)
  expect(asked).toHaveLength(3)
  expect(asked[0]?.headers).toEqual({ Authorization: 'Bearer test_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM' })
  expect(open).toMatchObject({ ok: true, coverage: 'none' })
  expect(again).toEqual(open)
  expect(done).not.toEqual(open)
  expect(await ask.verify(mollie, paid('tr_unknown99'), NOW)).toEqual({ ok: false, reason: 'confirmation_refused' })
  expect(ask.verify(mollie, paid('tr_x/../../customers'), NOW)).toEqual({ ok: false, reason: 'id_malformed' })
})

test('credentials the provider does not take are our trouble, not the sender’s', async () => {
  const { ask } = farSide(() => answered(401, {}))
  expect(await ask.verify(mollie, paid('tr_known1234'), NOW)).toEqual({ ok: false, reason: 'key_unavailable' })
})

test('client credentials are exchanged for a token once, which is renewed before it ends', async () => {
  const scheme = schemeOf('ebay')
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const body = Buffer.from(
    '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"1"}}',
  )
  const header = (kid: string) =>
    Buffer.from(
      JSON.stringify({
        alg: 'ecdsa',
        kid,
        signature: sign('sha1', body, privateKey).toString('base64'),
        digest: 'SHA1',
      }),
    ).toString('base64')
  const request = (kid: string): InboundRequest => ({
    method: 'POST',
    url: 'https://a.example/',
    headers: [['X-EBAY-SIGNATURE', header(kid)]],
    body,
  })
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString().replaceAll('\n', '')
  const { ask, asked, pass } = farSide(({ url }) =>
    url.includes('/oauth2/')
      ? answered(200, { access_token: 'v^1.1#token', expires_in: 7200 })
      : answered(200, { key: pem }),
  )
  const verifier = compileScheme(scheme, [{ id: newId(), material: 'client-id:client-secret' }])
  expect(await ask.verify(verifier, request('one'), NOW)).toMatchObject({ ok: true })
  expect(await ask.verify(verifier, request('two'), NOW)).toMatchObject({ ok: true })
  expect(asked.map(({ url }) => new URL(url).pathname)).toEqual([
    '/identity/v1/oauth2/token',
    '/commerce/notification/v1/public_key/one',
    '/commerce/notification/v1/public_key/two',
  ])
  expect(asked[1]?.headers).toMatchObject({ Authorization: 'Bearer v^1.1#token' })
  expect(asked[0]?.headers).toMatchObject({
    Authorization: `Basic ${Buffer.from('client-id:client-secret').toString('base64')}`,
  })
  pass(3600)
  await ask.verify(verifier, request('three'), NOW)
  expect(asked).toHaveLength(5)
})

test('a thousand different needs at once ask no more than a few at a time', async () => {
  let open = 0
  let most = 0
  const { ask } = farSide(async () => {
    most = Math.max(most, ++open)
    await new Promise((resolve) => setTimeout(resolve, 5))
    open--
    return answered(404, '')
  })
  const ids = Array.from(
    { length: 1000 },
    (_, index) => `tr_${createHash('sha256').update(`${index}`).digest('hex').slice(0, 12)}`,
  )
  const results = await Promise.all(ids.map((id) => ask.verify(mollie, paid(id), NOW)))
  expect(most).toBeLessThanOrEqual(32)
  expect(results.every((result) => !result.ok)).toBe(true)
})
