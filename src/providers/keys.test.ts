import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Scheme } from './definition.ts'
import { checkKey, parseKey } from './keys.ts'
import { findProvider } from './registry.ts'

const schemeOf = (id: string): Scheme => findProvider(id)!.schemes[0]

test('empty keys, and keys that are only a prefix, are no keys', () => {
  for (const id of [
    'stripe',
    'standard-webhooks',
    'svix',
    'gitlab',
    'github',
    'shopify',
    'globex',
    'discord',
    'sendgrid',
  ]) {
    for (const text of ['', ' ', '\t\n']) expect(parseKey(schemeOf(id), text).ok).toBe(false)
  }
  expect(parseKey(schemeOf('stripe'), 'whsec_').ok).toBe(false)
  expect(parseKey(schemeOf('standard-webhooks'), 'whsec_').ok).toBe(false)
  expect(parseKey(schemeOf('shopify'), 'shpss_').ok).toBe(false)
})

test('a base64 secret is read with or without prefix and padding, and strictly otherwise', () => {
  const scheme = schemeOf('standard-webhooks')
  const bytes = (text: string) => {
    const parsed = parseKey(scheme, text)
    if (!parsed.ok) return parsed.message
    return parsed.kind === 'secret' ? parsed.key.export().toString('hex') : parsed.kind
  }
  const whole = bytes('whsec_Z2l0bGFiLXNpZ25pbmctdG9rZW4tMzItYnl0ZXMtb2s=')
  expect(bytes('Z2l0bGFiLXNpZ25pbmctdG9rZW4tMzItYnl0ZXMtb2s')).toBe(whole)
  for (const text of [
    'whsec_not base64',
    'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
    'whsec_Z2l0',
    'whsec_Z2l0bGFi-_aa',
    'whsec_whsec_Z2l0',
  ]) {
    const problem = checkKey(scheme, text)
    expect(problem).toBeDefined()
    expect(problem).not.toContain(text)
  }
})

test('new integrations refuse short, placeholder and padded keys; vectors may still use them', () => {
  for (const text of [
    'short',
    'changeme',
    'CHANGE_ME',
    'change-me-now',
    'secret',
    'your-secret',
    'your_webhook_secret',
    'my-secret-key',
    'test',
    'testing',
    'test1234',
    'supersecret',
    'placeholder1',
    'xxxxxxxxxxxx',
    '00000000000',
    'your-secret-here',
    ' spaced-out-key ',
    'trailing-newline\n',
  ]) {
    expect(checkKey(schemeOf('github'), text), text).toBeDefined()
  }
  expect(checkKey(schemeOf('standard-webhooks'), `whsec_${Buffer.from('fifteen bytes!!').toString('base64')}`)).toMatch(
    /16 bytes/,
  )
  expect(checkKey(schemeOf('stripe'), 'whsec_secret')).toMatch(/placeholder/)
  for (const [id, text] of [
    ['acme', 'acme-demo-secret'],
    ['globex', 'globex-demo-secret'],
    ['github', "It's a Secret to Everybody"],
    ['slack', '8f742231b10e8888abcd99yyyzzz85a5'],
    ['gitlab', 'whsec_Z2l0bGFiLXNpZ25pbmctdG9rZW4tMzItYnl0ZXMtb2s='],
  ] as const) {
    expect(checkKey(schemeOf(id), text), id).toBeUndefined()
  }
  expect(parseKey(schemeOf('twilio'), '12345').ok).toBe(true)
})

test('public keys of another kind, private keys and degenerate points are refused by name', () => {
  const pem = (
    kind: 'public' | 'private',
    pair: { publicKey: { export(o: object): string | Buffer }; privateKey: { export(o: object): string | Buffer } },
  ) =>
    kind === 'public'
      ? String(pair.publicKey.export({ format: 'pem', type: 'spki' }))
      : String(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
  const ed = generateKeyPairSync('ed25519')
  const ecdsa = schemeOf('sendgrid')
  expect(parseKey(ecdsa, pem('public', p256)).ok).toBe(true)
  for (const text of [
    pem('private', p256),
    pem('public', p384),
    pem('public', ed),
    'AAAA',
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE',
  ]) {
    expect(parseKey(ecdsa, text)).toMatchObject({ ok: false, message: expect.stringMatching(/P-256|private key/) })
  }
  const hex = schemeOf('discord')
  for (const text of ['00'.repeat(32), 'ab'.repeat(31), 'zz'.repeat(32), `${'ab'.repeat(31)}a`, 'ea4a6c63 e29c520a']) {
    expect(parseKey(hex, text)).toMatchObject({ ok: false, message: expect.stringContaining('64 hex digits') })
  }
  expect(parseKey(schemeOf('standard-webhooks-asymmetric'), 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw').ok).toBe(false)
})
