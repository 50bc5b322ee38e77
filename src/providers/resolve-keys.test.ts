/** Where the key that verifies comes from, and what happens when it does not come. */
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import { compileScheme } from './compile.ts'
import type { AsymmetricScheme, JwtScheme } from './definition.ts'
import { readCertificate } from './public-keys.ts'
import { Reading } from './reading.ts'
import { findProvider } from './registry.ts'
import { NOTHING_REMOTE, type Remote, type RemoteNeed } from './remote.ts'
import { type ResolveInput, resolveKeys } from './resolve-keys.ts'

const published: JwtScheme = {
  family: 'jwt',
  name: 'jwt',
  token: { in: 'header', name: 'Authorization' },
  algorithms: ['ES256'],
  key: { format: 'jwks-url', url: 'https://keys.a.example/jwks', pin: 'app', pattern: 'app-[0-9]+', example: 'app-1' },
  claims: {},
}
const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const [first, second] = [pair(), pair()]
const jwk = (of: typeof first, kid?: string) => ({
  ...of.publicKey.export({ format: 'jwk' }),
  ...(kid === undefined ? {} : { kid }),
})
const setOf = (...keys: readonly object[]) => ({ ok: true, text: JSON.stringify({ keys }) }) as const

function resolve(
  scheme: JwtScheme | AsymmetricScheme,
  materials: readonly string[],
  change: Partial<ResolveInput> & { headers?: [string, string][] } = {},
) {
  const { headers = [], ...more } = change
  const { keys } = compileScheme(
    scheme,
    materials.map((material) => ({ id: newId(), material })),
  )
  const algorithms = scheme.family === 'jwt' ? scheme.algorithms : [scheme.algorithm]
  if (!('format' in scheme.key)) throw new Error('unreachable')
  return resolveKeys(scheme.key, algorithms, {
    keys,
    reading: new Reading({ method: 'POST', url: 'https://h.example/', headers, body: Buffer.alloc(0) }),
    settings: {},
    now: 1_767_225_600_000,
    remote: NOTHING_REMOTE,
    kid: undefined,
    accepts: () => true,
    ...more,
  })
}
/** Answers in order, and remembers what it was asked. */
function asked(...answers: readonly ReturnType<Remote>[]): { readonly remote: Remote; readonly needs: RemoteNeed[] } {
  const needs: RemoteNeed[] = []
  return { needs, remote: (need) => answers[Math.min(needs.push(need), answers.length) - 1] }
}

describe('a published set', () => {
  test('is asked for once and kept an hour', () => {
    const { remote, needs } = asked(setOf(jwk(first, 'a'), jwk(second, 'b')))
    expect(resolve(published, ['app-1'], { remote, kid: 'b' })).toMatchObject({ keys: [{ pin: 'app-1' }] })
    expect(needs).toEqual([{ method: 'GET', url: 'https://keys.a.example/jwks', headers: {}, cacheSeconds: 3600 }])
  })

  test('a key that is not in it is asked for once more, and then refused', () => {
    const found = asked(setOf(jwk(first, 'a')), setOf(jwk(first, 'a'), jwk(second, 'b')))
    expect(resolve(published, ['app-1'], { remote: found.remote, kid: 'b' })).toMatchObject({ keys: [{}] })
    expect(found.needs.map(({ cacheSeconds }) => cacheSeconds)).toEqual([3600, 60])
    const none = asked(setOf(jwk(first, 'a')))
    expect(resolve(published, ['app-1'], { remote: none.remote, kid: 'b' })).toEqual({ refused: 'key_unknown' })
    expect(none.needs).toHaveLength(2)
  })

  test('what was not asked yet is a need; failed and refused are told apart', () => {
    expect(resolve(published, ['app-1'])).toMatchObject({ need: { url: 'https://keys.a.example/jwks' } })
    for (const [why, refused] of [
      ['failed', 'key_unavailable'],
      ['refused', 'key_unknown'],
    ] as const)
      expect(resolve(published, ['app-1'], { remote: () => ({ ok: false, why }) })).toEqual({ refused })
    for (const text of ['', 'x', '{}', '{"keys":[]}', JSON.stringify({ keys: [{ kty: 'oct', k: 'AA' }] })])
      expect(resolve(published, ['app-1'], { remote: () => ({ ok: true, text }) }), text).toEqual({
        refused: 'key_unknown',
      })
  })

  test('without a key id all of them are tried; a key without one answers to any', () => {
    const { remote } = asked(setOf(jwk(first, 'a'), jwk(second)))
    const count = (kid: string | undefined) => {
      const found = resolve(published, ['app-1'], { remote, kid })
      return 'keys' in found ? found.keys.length : found
    }
    expect([count(undefined), count('a'), count('zzz')]).toEqual([2, 2, 1])
  })
})

describe('a pasted key', () => {
  test('asks nobody, and speaks for the name in the settings', () => {
    const { remote, needs } = asked(undefined)
    const pem = first.publicKey.export({ format: 'pem', type: 'spki' }).toString()
    expect(resolve(published, [pem], { remote, settings: { app: 'app-7' } })).toMatchObject({
      keys: [{ pin: 'app-7' }],
    })
    expect(resolve(published, [pem], { remote })).toMatchObject({ keys: [{}] })
    expect(needs).toEqual([])
  })

  test('of another id is none', () => {
    expect(resolve(published, [JSON.stringify(jwk(first, 'a'))], { kid: 'b' })).toEqual({ refused: 'key_unknown' })
    expect(resolve(published, [JSON.stringify(jwk(first, 'a'))], { kid: 'a' })).toMatchObject({ keys: [{}] })
  })

  test('of no id, or asked for by none, is the key', () => {
    expect(resolve(published, [JSON.stringify(jwk(first))], { kid: 'b' })).toMatchObject({ keys: [{}] })
    expect(resolve(published, [JSON.stringify(jwk(first, 'a'))])).toMatchObject({ keys: [{}] })
  })

  test('the address of a set is asked at that address', () => {
    expect(resolve(published, ['https://mine.example/jwks'])).toMatchObject({
      need: { url: 'https://mine.example/jwks' },
    })
  })
})

test('a request that speaks for none of the names is refused before anything is asked', () => {
  const { remote, needs } = asked(undefined)
  expect(resolve(published, ['app-1', 'app-2'], { remote, accepts: (pin) => pin === 'app-3' })).toEqual({
    refused: 'requirement_failed',
  })
  expect(needs).toEqual([])
  expect(resolve(published, ['app-1', 'app-2'], { accepts: (pin) => pin === 'app-2' })).toMatchObject({ need: {} })
})

test('one key that cannot be had does not keep another from verifying', () => {
  const pem = second.publicKey.export({ format: 'pem', type: 'spki' }).toString()
  expect(resolve(published, ['app-1', pem], { remote: () => ({ ok: false, why: 'failed' }) })).toMatchObject({
    keys: [{}],
  })
})

describe('a certificate', () => {
  const definition = findProvider('aws-sns')!
  const [url, certificate] = Object.entries(definition.vectors.accepted.find(({ remote }) => remote)!.remote!)[0]!
  const scheme: AsymmetricScheme = {
    family: 'asymmetric',
    name: 'certificate',
    algorithm: 'rsa-sha256',
    key: {
      format: 'certificate-url',
      url: 'header:X-Cert',
      hosts: [new URL(url).host],
      pin: 'topic',
      pattern: '[a-z-]+',
      example: 'topic',
    },
    signature: { header: 'X-Sig', parse: { kind: 'raw' }, encoding: 'base64' },
    signed: [{ templates: ['{body}'] }],
  }
  const from = (headers: [string, string][], change: Partial<ResolveInput> = {}) =>
    resolve(scheme, ['topic'], { headers, remote: () => ({ ok: true, text: certificate }), ...change })

  test('comes from the definition’s hosts only, also when a key was pasted', () => {
    expect(from([['X-Cert', url]], { now: 'no-clock' })).toMatchObject({ keys: [{ pin: 'topic' }] })
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
      .publicKey.export({ format: 'pem', type: 'spki' })
      .toString()
    for (const headers of [
      [],
      [['X-Cert', '']],
      [['X-Cert', 'https://evil.example/c.pem']],
      [['X-Cert', `${url}#`]],
    ] as [string, string][][]) {
      expect(from(headers)).toEqual({ refused: 'key_source_refused' })
      expect(resolve(scheme, [rsa], { headers })).toEqual({ refused: 'key_source_refused' })
    }
  })

  test('that the provider does not know is unknown', () => {
    expect(from([['X-Cert', url]], { remote: () => ({ ok: false, why: 'refused' }) })).toEqual({
      refused: 'key_unknown',
    })
  })

  test('is good at its last moment', () => {
    const until = readCertificate(certificate)!.until
    expect(from([['X-Cert', url]], { now: until })).toMatchObject({ keys: [{}] })
    expect(from([['X-Cert', url]], { now: until + 1 })).toEqual({ refused: 'certificate_expired' })
  })

  test('is good until its end', () => {
    expect(from([['X-Cert', url]], { now: 8.64e15 })).toEqual({ refused: 'certificate_expired' })
    expect(from([['X-Cert', url]], { now: 0 })).toMatchObject({ keys: [{}] })
  })

  test('that is none, or was not given, is no key', () => {
    expect(from([['X-Cert', url]], { remote: () => ({ ok: true, text: 'x' }) })).toEqual({ refused: 'key_unknown' })
    expect(from([['X-Cert', url]], { remote: () => ({ ok: false, why: 'failed' }) })).toEqual({
      refused: 'key_unavailable',
    })
    expect(from([['X-Cert', url]], { remote: NOTHING_REMOTE })).toMatchObject({ need: { url } })
  })
})

describe('a key behind an API', () => {
  const scheme: JwtScheme = {
    ...published,
    key: {
      format: 'key-api',
      call: {
        method: 'POST',
        origins: [{ environment: 'production', origin: 'https://api.a.example' }],
        path: '/keys/{id}',
      },
      read: '$.key',
      expired: '$.key.expired_at',
    },
  }
  const answer = (key: unknown) => () => ({ ok: true, text: JSON.stringify({ key }) }) as const
  const get = (key: unknown, kid: string | undefined = 'k1') =>
    resolve(scheme, ['client:secret'], { remote: answer(key), kid })

  test('as JWK or PEM, by its id', () => {
    expect(get(jwk(first))).toMatchObject({ keys: [{}] })
    expect(get(first.publicKey.export({ format: 'pem', type: 'spki' }).toString())).toMatchObject({ keys: [{}] })
    expect(resolve(scheme, ['client:secret'], { kid: 'a/b' })).toMatchObject({
      need: { url: 'https://api.a.example/keys/a%2Fb' },
    })
    expect(resolve(scheme, ['client:secret'])).toEqual({ refused: 'key_unknown' })
  })

  test('that cannot be had, or asked for, says so', () => {
    for (const [why, refused] of [
      ['failed', 'key_unavailable'],
      ['refused', 'key_unknown'],
    ] as const)
      expect(resolve(scheme, ['client:secret'], { remote: () => ({ ok: false, why }), kid: 'k1' })).toEqual({ refused })
    const { remote, needs } = asked(undefined)
    expect(resolve(scheme, ['client:secret'], { remote, kid: '..' })).toEqual({ refused: 'key_source_refused' })
    const tenant: JwtScheme = { ...published, key: { ...published.key, url: 'https://a.example/{config:t}' } as never }
    expect(resolve(tenant, ['app-1'], { remote })).toEqual({ refused: 'key_source_refused' })
    expect(needs).toEqual([])
  })

  test('has no name: the credentials that asked for it are none', () => {
    const found = get(jwk(first))
    expect('keys' in found && found.keys).toHaveLength(1)
    expect('keys' in found && found.keys[0]).not.toHaveProperty('pin')
  })

  test('is never one behind another address', () => {
    expect(get('https://evil.example/jwks')).toEqual({ refused: 'key_unknown' })
  })

  test('expired, missing or of another kind it is none', () => {
    expect(get({ ...jwk(first), expired_at: 1 })).toEqual({ refused: 'certificate_expired' })
    expect(get({ ...jwk(first), expired_at: null })).toMatchObject({ keys: [{}] })
    for (const key of [
      undefined,
      null,
      '',
      'x',
      1,
      jwk(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }) as typeof first),
    ])
      expect(get(key), JSON.stringify(key)).toEqual({ refused: 'key_unknown' })
  })
})
