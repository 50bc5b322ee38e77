import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  fromPem,
  looksPublic,
  parseCertificateFingerprint,
  parseKeySet,
  parsePublic,
  readCertificate,
} from './public-keys.ts'
import { findProvider } from './registry.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const smallRsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
const ed = generateKeyPairSync('ed25519')
type Pair = typeof rsa

const pem = ({ publicKey }: Pair) => publicKey.export({ format: 'pem', type: 'spki' }).toString()
const jwk = ({ publicKey }: Pair, more: object = {}) => ({ ...publicKey.export({ format: 'jwk' }), ...more })
const set = (...keys: readonly object[]) => JSON.stringify({ keys })
/** A certificate out of a definition's own examples. */
const CERTIFICATE = Object.values(findProvider('aws-sns')!.vectors.accepted.find(({ remote }) => remote)!.remote!)[0]!

test('PEM with or without its line breaks, JWK and JWKS are the same key', () => {
  const wanted = rsa.publicKey.export({ format: 'der', type: 'spki' })
  for (const text of [
    pem(rsa),
    `  ${pem(rsa)}\n\n`,
    pem(rsa).replaceAll('\n', ''),
    pem(rsa).replaceAll('\n', '\r\n'),
    JSON.stringify(jwk(rsa)),
    set(jwk(rsa)),
    set(jwk(p256), { kty: 'unknown' }, null as never, jwk(rsa)),
  ]) {
    const parsed = parsePublic(text, ['rsa-sha256'])
    if (!parsed.ok || parsed.kind !== 'public') throw new Error(text)
    expect(parsed.keys[0].key.export({ format: 'der', type: 'spki' })).toEqual(wanted)
  }
})

test('a certificate gives its key, its end and its fingerprint', () => {
  expect(parsePublic(CERTIFICATE, ['rsa-sha256'])).toMatchObject({ ok: true, kind: 'public' })
  expect(readCertificate(CERTIFICATE)?.until).toBeGreaterThan(0)
  const fingerprint = parseCertificateFingerprint(CERTIFICATE)
  expect(fingerprint).toHaveLength(32)
  const hex = fingerprint!.toString('hex')
  for (const text of [hex, hex.toUpperCase(), hex.replace(/(..)(?!$)/g, '$1:'), ` ${hex}\n`])
    expect(parseCertificateFingerprint(text)).toEqual(fingerprint)
  for (const text of ['', hex.slice(2), `${hex}00`, hex.replace(/^../, 'zz'), hex.replace(/^../, '$&:')])
    expect(parseCertificateFingerprint(text)).toBeUndefined()
  for (const text of ['', 'x', pem(rsa)]) expect(readCertificate(text)).toBeUndefined()
})

test('private keys are refused by name, in every form', () => {
  for (const text of [
    rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    rsa.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString(),
    p256.privateKey.export({ format: 'pem', type: 'sec1' }).toString(),
    JSON.stringify(rsa.privateKey.export({ format: 'jwk' })),
    set(jwk(rsa), p256.privateKey.export({ format: 'jwk' })),
    JSON.stringify({ kty: 'oct', k: 'c2VjcmV0' }),
    set(jwk(rsa), { kty: 'oct', k: 'c2VjcmV0' }),
  ])
    expect(parsePublic(text, ['rsa-sha256', 'ES256'])).toMatchObject({
      ok: false,
      message: expect.stringContaining('private key'),
    })
})

test('keys that do not fit the algorithm are refused, with the form that is expected', () => {
  for (const [algorithm, pairs, form] of [
    ['rsa-sha256', [smallRsa, p256, ed], /an RSA \(2048 bits or more\)/],
    ['RS256', [smallRsa, p384], /RSA/],
    ['ES256', [p384, rsa, ed], /a P-256/],
    ['ecdsa-p256-sha1', [p384, ed], /P-256/],
    ['ed25519', [rsa, p256], /an Ed25519/],
    ['HS256', [rsa, p256, ed], /./],
  ] as const) {
    for (const pair of pairs) {
      for (const text of [pem(pair as Pair), JSON.stringify(jwk(pair as Pair)), set(jwk(pair as Pair))])
        expect(parsePublic(text, [algorithm]), algorithm).toMatchObject({
          ok: false,
          message: expect.stringMatching(form),
        })
    }
  }
})

test('keys of a set for other uses, and those marked as expired, are passed over', () => {
  const kids = (...keys: readonly object[]) => {
    const parsed = parseKeySet(set(...keys), ['RS256'])
    return parsed.ok && parsed.kind === 'public' ? parsed.keys.map(({ kid }) => kid) : parsed
  }
  expect(
    kids(jwk(rsa, { kid: 'a' }), jwk(rsa, { kid: 'b', use: 'enc' }), jwk(rsa, { kid: 'c', use: 'sig' }), jwk(rsa)),
  ).toEqual(['a', 'c', undefined])
  expect(kids(jwk(rsa, { kid: 'a', expired_at: 1 }), jwk(rsa, { kid: 'b', expired_at: null }))).toEqual(['b'])
  expect(kids()).toMatchObject({ ok: false })
  expect(kids(...Array.from({ length: 70 }, () => jwk(rsa)))).toHaveLength(64)
  for (const text of ['', '[]', 'null', '{', '"x"']) expect(parseKeySet(text, ['RS256'])).toMatchObject({ ok: false })
})

test('addresses of key sets: https, without a user or a fragment trick', () => {
  expect(parsePublic('https://keys.a.example/jwks.json?v=1', ['RS256'])).toEqual({
    ok: true,
    kind: 'key-set-url',
    url: 'https://keys.a.example/jwks.json?v=1',
  })
  for (const text of [
    'https://keys.a.example',
    'https://u:p@keys.a.example/x',
    'https://keys.a.example/a b',
    'https:///x',
    'https://[::1]/x',
    'https://keys.a.example:/x',
    'https://keys.a.example:port/x',
    'https://keys.a.example:123456/x',
    'https://u:p@x/https://keys.a.example/x',
  ])
    expect(parsePublic(text, ['RS256']), text).toMatchObject({ ok: false })
  expect(['http://a.example/', 'key', 'MFkw', ''].map(looksPublic)).toEqual([false, false, false, false])
  expect([pem(rsa), ' {', 'https://a'].map(looksPublic)).toEqual([true, true, true])
  expect(['x {', `x${pem(rsa)}`].map(looksPublic)).toEqual([false, false])
  expect(parsePublic('https://keys.a.example:8443/x', ['RS256'])).toMatchObject({ kind: 'key-set-url' })
})

test('each algorithm takes keys of its own kind, PEM or the base64 of DER in lines', () => {
  for (const [pair, algorithms] of [
    [rsa, ['rsa-sha256', 'rsa-sha1', 'RS256']],
    [p256, ['ecdsa-p256-sha256', 'ecdsa-p256-sha1', 'ES256']],
    [ed, ['ed25519']],
  ] as const) {
    const der = (pair as Pair).publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
    const lines = der.replace(/.{40}/g, '$&\r\n')
    for (const algorithm of algorithms) {
      for (const text of [pem(pair as Pair), der, lines])
        expect(parsePublic(text, [algorithm]), algorithm).toMatchObject({ ok: true, kind: 'public' })
    }
  }
  // The same numbers under a padding of its own: what it signs is no PKCS #1 signature.
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
  expect(parsePublic(pss.publicKey.export({ format: 'pem', type: 'spki' }).toString(), ['RS256']).ok).toBe(false)
})

test('a PEM is one from its first to its last line', () => {
  expect(fromPem(` ${pem(p256)}\n`)?.asymmetricKeyType).toBe('ec')
  for (const text of [
    '',
    'x',
    `x${pem(p256)}`,
    pem(p256).replace('END PUBLIC', 'END PRIVATE'),
    pem(p256).replace('M', '!'),
  ])
    expect(fromPem(text), text).toBeUndefined()
})

test('a refusal names the form that is expected', () => {
  const of = (...input: Parameters<typeof parsePublic>) => {
    const parsed = parsePublic(...input)
    return parsed.ok ? parsed : parsed.message
  }
  const asRsa =
    'The public key must be an RSA (2048 bits or more) key, as PEM, the base64 of its DER (SPKI), JWK or JWKS.'
  expect(of('x', ['RS256'])).toBe(asRsa)
  expect(of('x', ['rsa-sha1', 'RS256'], { format: 'spki' })).toBe(asRsa)
  expect(of('{', ['RS256'])).toBe(`This is not JSON. ${asRsa}`)
  expect(of('https://a', ['RS256'])).toBe(`This address cannot be that of a key set. ${asRsa}`)
  expect(of('x', ['ES256', 'RS256'])).toBe(
    'The public key must be a P-256 or RSA (2048 bits or more) key, as PEM, the base64 of its DER (SPKI), JWK or JWKS.',
  )
  expect(of('x', ['ed25519'], { format: 'raw-hex' })).toBe(
    'The public key must be an Ed25519 key, as 64 hex digits, PEM, JWK or JWKS.',
  )
  expect(of('x', ['ed25519'], { format: 'raw-base64', stripPrefix: ['whpk_'] })).toBe(
    'The public key must be an Ed25519 key, as the base64 of 32 bytes (with or without “whpk_” before it), PEM, JWK or JWKS.',
  )
})
