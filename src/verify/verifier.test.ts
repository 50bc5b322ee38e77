import { describe, expect, test, vi } from 'vitest'
import { asana } from '../providers/definitions/asana.ts'
import { awsSns } from '../providers/definitions/aws-sns.ts'
import { discord } from '../providers/definitions/discord.ts'
import { github } from '../providers/definitions/github.ts'
import { meta } from '../providers/definitions/meta.ts'
import { paypal } from '../providers/definitions/paypal.ts'
import { shopify } from '../providers/definitions/shopify.ts'
import { square } from '../providers/definitions/square.ts'
import { stripe } from '../providers/definitions/stripe.ts'
import { providers } from '../providers/registry.ts'
import { sampleEvent } from '../providers/sample.ts'
import { generateSigningKey, signAs } from '../providers/sign.ts'
import { memoryReplayStore } from './memory-replay-store.ts'
import type { VerifierOptions } from './options.ts'
import type { FetchRemote } from './remote-answers.ts'
import { createVerifier } from './verifier.ts'

const NOW = 1_767_225_600_000
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const url = 'https://app.example.com/hooks'
const now = () => NOW

function signed(provider = stripe, { key = SECRET, at = NOW, id = 'a1' } = {}) {
  const sample = sampleEvent(provider, { id, now: at })
  return signAs(provider, { ...sample, key, now: at, url })
}

describe('what cannot be verified is not created', () => {
  const refused: readonly [string, Omit<VerifierOptions, 'now'>, RegExp][] = [
    ['no secret', { provider: stripe }, /key-1 is missing/],
    ['an undefined secret', { provider: stripe, secret: undefined }, /key-1 is missing/],
    ['one of two undefined', { provider: stripe, secret: [SECRET, undefined] }, /key-2 is missing/],
    ['an empty list', { provider: stripe, secret: [] }, /the key is missing/],
    ['an empty secret', { provider: stripe, secret: '' }, /The key is empty/],
    ['blanks', { provider: stripe, secret: '   ' }, /white space|empty/],
    ['a secret with a line break from a file', { provider: stripe, secret: `${SECRET}\n` }, /white space/],
    ['a placeholder', { provider: stripe, secret: 'your_webhook_secret' }, /placeholder/],
    ['a prefix without its secret', { provider: stripe, secret: 'whsec_' }, /ends after/],
    ['hex where a public key is due', { provider: discord, secret: 'zz' }, /Discord/],
    ['both kinds of keys', { provider: stripe, secret: SECRET, keys: [{ id: 'a', secret: SECRET }] }, /either/],
    ['an unknown scheme', { provider: stripe, secret: SECRET, scheme: 'v0' }, /no scheme “v0”; there are v1/],
    ['an unknown slot', { provider: stripe, keys: [{ id: 'a', secret: SECRET, slot: 'x' }] }, /no slot/],
    [
      'a window that is no number',
      { provider: stripe, secret: SECRET, toleranceSeconds: Number.NaN },
      /toleranceSeconds/,
    ],
    ['a negative window', { provider: stripe, secret: SECRET, toleranceSeconds: -1 }, /toleranceSeconds/],
    ['a missing setting', { provider: meta, secret: SECRET }, /settings\.verifyToken is missing/],
    ['a signed address that is not known', { provider: square, secret: SECRET }, /give publicUrl/],
    ['a public address with a query', { provider: square, secret: SECRET, publicUrl: `${url}?a=1` }, /without query/],
    ['a relative public address', { provider: square, secret: SECRET, publicUrl: '/hooks' }, /absolute/],
    [
      'an invalid date',
      { provider: stripe, keys: [{ id: 'a', secret: SECRET, notAfter: new Date('x') }] },
      /not valid/,
    ],
    [
      'a memory shorter than the window',
      { provider: stripe, secret: SECRET, replay: memoryReplayStore({ ttlSeconds: 599 }) },
      /forgets after 599 s what can be fresh for 600 s/,
    ],
  ]
  test.each(refused)('%s', (_, options, message) => {
    expect(() => createVerifier(options)).toThrow(message)
  })

  test('no message holds the secret', () => {
    try {
      createVerifier({ provider: stripe, secret: 'short!7' })
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toContain('short!7')
    }
  })
})

describe.each(
  [...providers.values()].filter(({ schemes: [scheme] }) => scheme.family === 'hmac'),
)('$id', (provider) => {
  test('its sample is verified, and refused with one byte changed', async () => {
    const { signing, verifying } = generateSigningKey(provider.schemes[0])
    const settings = Object.fromEntries((provider.settings ?? []).map(({ name, example }) => [name, example]))
    const verifier = createVerifier({ provider, secret: verifying, publicUrl: url, settings, now })
    const request = signAs(provider, {
      ...sampleEvent(provider, { id: 'a1', now: NOW }),
      key: signing,
      now: NOW,
      url,
      settings,
    })
    const result = await verifier.verify(request)
    expect(result).toMatchObject({ ok: true })
    // Mailgun signs a token beside the event; the result says so.
    if (result.kind === 'event' && result.coverage === 'parts') return
    const body = Buffer.from(request.body)
    body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1
    expect(await verifier.verify({ ...request, body })).toMatchObject({ ok: false, status: expect.any(Number) })
  })
})

test('the event says who, what, when and what of it is signed', async () => {
  const result = await createVerifier({ provider: stripe, secret: SECRET, now }).verify(signed())
  expect(result).toMatchObject({
    kind: 'event',
    ok: true,
    duplicate: false,
    event: { provider: 'stripe', id: 'evt_a1', type: 'invoice.paid', covered: ['id', 'type', 'subject', 'occurredAt'] },
    keyId: 'key-1',
    scheme: 'v1',
    coverage: 'body',
    signedAt: new Date(NOW),
  })
})

test('an unsigned header is in the event, and not among what is covered', async () => {
  const result = await createVerifier({ provider: github, secret: SECRET, now }).verify(signed(github))
  expect(result.kind === 'event' && result.event.type).toBe(github.sample.type)
  expect(result.kind === 'event' && result.event.covered).not.toContain('type')
})

test('the window has two sides, to the second', async () => {
  const verifier = createVerifier({ provider: stripe, secret: SECRET, now })
  const reason = async (at: number) => {
    const result = await verifier.verify(signed(stripe, { at }))
    return result.ok ? 'ok' : result.reason
  }
  expect(await reason(NOW - 300_000)).toBe('ok')
  expect(await reason(NOW - 301_000)).toBe('signature_stale')
  expect(await reason(NOW + 300_000)).toBe('ok')
  expect(await reason(NOW + 301_000)).toBe('signature_future')
})

test('of two keys either may match, and the one that did is named', async () => {
  const keys = [
    { id: 'old', secret: 'whsec_b2xkIHNlY3JldCBvZiB0aGlzIG9uZQ==' },
    { id: 'new', secret: SECRET },
  ]
  expect(await createVerifier({ provider: stripe, keys, now }).verify(signed())).toMatchObject({ keyId: 'new' })
  const expired = keys.map((key) => ({ ...key, notAfter: new Date(NOW) }))
  expect(await createVerifier({ provider: stripe, keys: expired, now }).verify(signed())).toMatchObject({
    reason: 'no_active_key',
  })
})

test('headers are taken as a list, flat, as a record and as Headers', () => {
  const verifier = createVerifier({ provider: stripe, secret: SECRET, now })
  const { headers, body } = signed()
  const record = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))
  for (const form of [headers, headers.flat(), record, new Headers(record), new Map(Object.entries(record))])
    expect(verifier.verifySync({ headers: form, body })).toMatchObject({ ok: true })
  // A record that Node made of a header sent twice.
  const twice = { ...record, 'stripe-signature': [record['stripe-signature'] ?? '', 't=1,v1=00'] }
  expect(verifier.verifySync({ headers: twice, body })).toMatchObject({ reason: 'header_duplicated' })
})

test('the body is taken as bytes of any kind, and bytes that are no text are not repaired', () => {
  const verifier = createVerifier({ provider: stripe, secret: SECRET, now })
  const { headers, body } = signed()
  for (const form of [body, new Uint8Array(body), body.toString()])
    expect(verifier.verifySync({ headers, body: form })).toMatchObject({ ok: true })
  const broken = Buffer.concat([body, Buffer.from([0xff])])
  expect(verifier.verifySync({ headers, body: broken })).toMatchObject({ reason: 'signature_mismatch' })
})

test('the signed address is the configured one with the query as received, whatever Host says', async () => {
  const verifier = createVerifier({ provider: square, secret: SECRET, publicUrl: url, now })
  const request = signAs(square, {
    ...sampleEvent(square, { id: 'a', now: NOW }),
    key: SECRET,
    now: NOW,
    url: `${url}?a=%2F`,
  })
  expect(await verifier.verify({ ...request, url: '/hooks?a=%2F' })).toMatchObject({ ok: true, coverage: 'request' })
  expect(await verifier.verify({ ...request, url: 'https://evil.example/hooks?a=%2F' })).toMatchObject({ ok: true })
  expect(await verifier.verify({ ...request, url: '/hooks?a=/' })).toMatchObject({ ok: false })
})

describe('copies', () => {
  const verifier = () => createVerifier({ provider: stripe, secret: SECRET, now, replay: memoryReplayStore({ now }) })

  test('a copy of a handled webhook is a duplicate, also when it was signed anew', async () => {
    const it = verifier()
    const first = await it.verify(signed())
    if (first.kind !== 'event') throw new Error('not taken')
    await first.confirm()
    expect(await it.verify(signed())).toMatchObject({
      ok: true,
      kind: 'duplicate',
      duplicate: true,
      event: { id: 'evt_a1' },
    })
    expect(await it.verify(signed(stripe, { at: NOW - 1000 }))).toMatchObject({ kind: 'duplicate' })
    expect(await it.verify(signed(stripe, { id: 'a2' }))).toMatchObject({ kind: 'event' })
  })

  test('while the first is being handled a copy is told to come again; after a failure it is let through', async () => {
    const it = verifier()
    const first = await it.verify(signed())
    if (first.kind !== 'event') throw new Error('not taken')
    const busy = { ok: false, reason: 'replay_in_progress', status: 503, headers: { 'retry-after': '5' } }
    expect(await it.verify(signed())).toMatchObject(busy)
    await first.release()
    expect(await it.verify(signed())).toMatchObject({ kind: 'event' })
  })

  test('what is refused claims nothing', async () => {
    const it = verifier()
    const request = signed()
    expect(await it.verify({ ...request, body: Buffer.from('{"id":"evt_a1"}') })).toMatchObject({ ok: false })
    expect(await it.verify(request)).toMatchObject({ kind: 'event' })
  })

  test('an unsigned id that was changed does not make a new event; another topic of the same body is one', async () => {
    const it = createVerifier({ provider: shopify, secret: SECRET, now, replay: memoryReplayStore({ now }) })
    const request = signed(shopify)
    const change = (header: RegExp, value: string) => ({
      ...request,
      headers: request.headers.map(([name, old]) => [name, header.test(name) ? value : old] as const),
    })
    const first = await it.verify(request)
    if (first.kind !== 'event') throw new Error('not taken')
    await first.confirm()
    expect(await it.verify(change(/webhook-id/i, 'another'))).toMatchObject({ kind: 'duplicate' })
    expect(await it.verify(change(/topic/i, 'orders/paid'))).toMatchObject({ kind: 'event' })
  })

  test('endpoints with names of their own share a store without sharing markers', async () => {
    const replay = memoryReplayStore({ now })
    const [a, b] = ['a', 'b'].map((name) => createVerifier({ provider: stripe, secret: SECRET, now, replay, name }))
    expect(await a?.verify(signed())).toMatchObject({ kind: 'event' })
    expect(await b?.verify(signed())).toMatchObject({ kind: 'event' })
  })

  test('a store that cannot be asked lets nothing through', async () => {
    const cause = new Error('connection refused')
    const replay = { ttlSeconds: 1000, claim: () => Promise.reject(cause), confirm: () => {}, release: () => {} }
    const it = createVerifier({ provider: stripe, secret: SECRET, now, replay })
    expect(await it.verify(signed())).toMatchObject({ ok: false, reason: 'replay_unavailable', status: 503, cause })
  })
})

describe('greetings', () => {
  test('a secret is captured only by a verifier that waits for it, and stored before the answer', async () => {
    const greeting = { headers: [['X-Hook-Secret', 'the-secret-of-asana-0123456789']] as const, body: '' }
    const onCapture = vi.fn()
    const waiting = createVerifier({ provider: asana, onCapture, now })
    expect(await waiting.verify(greeting)).toMatchObject({
      kind: 'greeting',
      status: 200,
      headers: { 'X-Hook-Secret': 'the-secret-of-asana-0123456789' },
    })
    expect(onCapture).toHaveBeenCalledWith({ name: 'secret', value: 'the-secret-of-asana-0123456789' })
    const active = createVerifier({ provider: asana, secret: SECRET, now })
    expect(await active.verify(greeting)).toMatchObject({ ok: false, status: 401 })
    onCapture.mockRejectedValueOnce(new Error('disk full'))
    expect(await waiting.verify(greeting)).toMatchObject({ ok: false, reason: 'capture_failed', status: 503 })
  })

  test('a verifier that waits takes no events', async () => {
    const waiting = createVerifier({ provider: asana, secret: SECRET, onCapture: () => {}, now })
    expect(await waiting.verify(signed(asana))).toMatchObject({ ok: false, reason: 'pending', status: 404 })
  })
})

describe('what must be asked of the provider', () => {
  const accepted = awsSns.vectors.accepted.find((each) => each.remote !== undefined)
  if (accepted === undefined) throw new Error('no vector with a certificate')
  const { headers, body = '', key, remote = {}, at = 0, scheme } = accepted
  const options = { provider: awsSns, secret: key, now: () => at * 1000, ...(scheme === undefined ? {} : { scheme }) }

  test('without fetchRemote it is refused, and says so', async () => {
    const it = createVerifier(options)
    const refused = { ok: false, reason: 'remote_unavailable', status: 503 }
    expect(await it.verify({ headers, body })).toMatchObject(refused)
    expect(it.verifySync({ headers, body })).toMatchObject(refused)
  })

  test('it is asked once, of the named host, and kept', async () => {
    const fetchRemote = vi.fn<FetchRemote>(async ({ url: asked }) => ({ status: 200, text: remote[asked] ?? '' }))
    const it = createVerifier({ ...options, fetchRemote })
    const results = await Promise.all([1, 2, 3].map(() => it.verify({ headers, body })))
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true])
    expect(await it.verify({ headers, body: `${body} ` })).toBeDefined()
    expect(fetchRemote.mock.calls.map(([request]) => request.url)).toEqual([Object.keys(remote)[0]])
  })

  test('another host is never asked', async () => {
    const fetchRemote = vi.fn<FetchRemote>(async () => ({ status: 200, text: '' }))
    const it = createVerifier({ ...options, fetchRemote })
    const forged = body.replace(/https:\/\/sns\.[a-z0-9.-]+\//, 'https://sns.evil.example/')
    expect(forged).not.toBe(body)
    expect(await it.verify({ headers, body: forged })).toMatchObject({
      ok: false,
      reason: 'key_source_refused',
      status: 401,
    })
    expect(fetchRemote).not.toHaveBeenCalled()
  })

  test('a provider that cannot be asked is not asked again at once, and nothing is held against the sender', async () => {
    const fetchRemote = vi.fn<FetchRemote>(async () => Promise.reject(new Error('timeout')))
    let time = at * 1000
    const it = createVerifier({ ...options, fetchRemote, now: () => time })
    for (let turn = 0; turn < 3; turn++)
      expect(await it.verify({ headers, body })).toMatchObject({ ok: false, reason: 'key_unavailable', status: 503 })
    expect(fetchRemote).toHaveBeenCalledTimes(1)
    time += 61_000
    await it.verify({ headers, body })
    expect(fetchRemote).toHaveBeenCalledTimes(2)
  })

  test('PayPal, whose certificate is named in a header', async () => {
    const vector = paypal.vectors.accepted.find((each) => each.remote !== undefined)
    if (vector?.remote === undefined) throw new Error('no vector with a certificate')
    const answers = vector.remote
    const it = createVerifier({
      provider: paypal,
      secret: vector.key,
      ...(vector.settings === undefined ? {} : { settings: vector.settings }),
      now: () => (vector.at ?? 0) * 1000,
      fetchRemote: async ({ url: asked }) => ({ status: 200, text: answers[asked] ?? '' }),
    })
    expect(await it.verify({ headers: vector.headers, body: vector.body ?? '' })).toMatchObject({ ok: true })
  })
})
