/** What is prepared once: which keys count, what a match will prove, and that no number becomes an open window. */
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import { compileScheme, coverageOfScheme } from './compile.ts'
import type { HmacScheme, JwtScheme, Requirement, Scheme, Template } from './definition.ts'

const KEY = 'key-material-1'
function anHmac(change: Partial<HmacScheme> = {}): HmacScheme {
  return {
    family: 'hmac',
    name: 'test',
    algorithm: 'sha256',
    key: { decode: 'utf8' },
    signature: { header: 'X-Sig', parse: { kind: 'raw' }, encoding: 'hex' },
    signed: [{ templates: ['{body}'] }],
    ...change,
  }
}
function signedVerifier(scheme: HmacScheme, options = {}) {
  const verifier = compileScheme(scheme, [], options)
  if (verifier.kind !== 'signed') throw new Error('unreachable')
  return verifier
}

describe('what a match proves', () => {
  const hash: Requirement = { kind: 'query-body-hash', query: 'h', algorithm: 'sha256', encoding: 'hex' }
  const caseOf = (template: Template, ...require: Requirement[]) =>
    signedVerifier(anHmac({ signed: [{ templates: [template], require }] })).cases[0]!
  test.each([
    ['{body}', 'body', true],
    ['v0:{ts}:{id}:{config:a}:{key}:{body}', 'body', true],
    ['{method}{body}', 'body', false],
    ['{header:X-A}{body}', 'body', false],
    ['{form:sorted}', 'body', false],
    ['{form:php}', 'body', false],
    ['{url}{body}', 'request', false],
    ['{url:unescaped}{body}', 'request', false],
    ['{path:encoded}{body}', 'body', false],
    ['{url}', 'parts', false],
    ['{crc32:body}', 'parts', false],
    ['{body:$.a}', 'parts', false],
    ['{form:a}', 'parts', false],
    ['{ts}', 'parts', false],
    ['', 'parts', false],
  ])('%s covers: %s', (template, coverage, bodyOnly) => expect(caseOf(template)).toMatchObject({ coverage, bodyOnly }))

  test('nothing is put together where the body alone is signed, once', () => {
    const plain = (change: Partial<HmacScheme>) => signedVerifier(anHmac(change)).cases[0]!.plain
    expect(plain({})).toBe(true)
    for (const templates of [['{ts}'], ['{body}{body}'], ['{ts}.{body}'], ['{body}', '{body}\n']])
      expect(plain({ signed: [{ templates: templates as never }] }), templates.join()).toBe(false)
    expect(plain({ each: '$.a[*]' })).toBe(false)
  })

  test('a URL that holds the digest of the body covers it, and so does one that allows none', () => {
    for (const require of [hash, { kind: 'empty-body' } as const]) {
      expect(caseOf('{url}', require).coverage).toBe('request')
      expect(caseOf('{form:a}', require).coverage).toBe('parts')
    }
    expect(caseOf('{url}', { kind: 'header-equals', header: 'A', value: '1' }).coverage).toBe('parts')
    expect(signedVerifier(anHmac({ signed: [{ templates: ['{url}'] }] })).cases[0]!.coverage).toBe('parts')
  })

  test('only a template with the key has other bytes for each key', () => {
    expect([caseOf('{key}{body}').usesKey, caseOf('{body}').usesKey]).toEqual([true, false])
  })

  test('by name, which headers, members and fields', () => {
    expect(caseOf('{header:X-A}{header:x-b}{body:$.a[0]}{lines:A,B?}{form:ü}{query:q}').covers).toEqual({
      body: false,
      url: false,
      headers: ['x-a', 'x-b'],
      members: [['a', 0], ['A'], ['B']],
      fields: ['\u00c3\u00bc'],
    })
    // Of items, only those of one body are: a member of the first says nothing of the second.
    const items = anHmac({ each: '$.a[*]', signed: [{ templates: ['{body:$.b}{item:$.c}'] }] })
    expect(signedVerifier(items).cases[0]!.covers.members).toEqual([])
  })

  test('a scheme with several cases is as good as the weakest of them', () => {
    const of = (...templates: Template[]) =>
      coverageOfScheme(
        anHmac({ signed: templates.map((template) => ({ templates: [template] })) as never as HmacScheme['signed'] }),
      )
    expect([of('{url}{body}'), of('{url}{body}', '{body}'), of('{body}', '{url}{body}')]).toEqual([
      'request',
      'body',
      'body',
    ])
    expect([of('{url}{body}', '{form:a}', '{body}'), of('{form:a}')]).toEqual(['parts', 'parts'])
    const token: Scheme = { family: 'token', name: 't', token: { in: 'header', name: 'A' }, weakness: '' }
    expect(coverageOfScheme(token)).toBe('none')
  })

  test('a token covers what its digests are of', () => {
    const of = (claims: JwtScheme['claims']) =>
      coverageOfScheme({
        family: 'jwt',
        name: 'jwt',
        token: { in: 'header', name: 'A' },
        algorithms: ['HS256'],
        key: { decode: 'utf8' },
        claims,
      })
    const digest = { claim: 'h', encoding: 'hex' } as const
    expect([
      of({}),
      of({ urlHash: digest }),
      of({ bodyHash: digest }),
      of({ bodyHash: digest, urlHash: digest }),
      of({ bodyHash: digest, subjectIsUrl: true }),
      of({ bodyHash: digest, subjectIsUrl: false as never }),
    ]).toEqual(['none', 'none', 'body', 'request', 'request', 'body'])
  })
})

describe('windows', () => {
  const timed = anHmac({
    timestamp: { in: { header: 'X-T' }, unit: 's', toleranceSeconds: 300, toleranceDocumented: true },
  })
  test.each([
    [undefined, 300],
    [0, 0],
    [10, 10],
    [-1, 300],
    [Number.NaN, 300],
    [Number.POSITIVE_INFINITY, 300],
  ])('%s asked for makes %s', (toleranceSeconds, wanted) => {
    const options = toleranceSeconds === undefined ? {} : { toleranceSeconds }
    expect(signedVerifier(timed, options).toleranceSeconds).toBe(wanted)
    const verifier = compileScheme(
      {
        family: 'jwt',
        name: 'jwt',
        token: { in: 'header', name: 'A' },
        algorithms: ['HS256'],
        key: { decode: 'utf8' },
        claims: { maxAgeSeconds: 300 },
      },
      [],
      options,
    )
    expect(verifier).toMatchObject({ maxAgeSeconds: wanted })
  })

  test('a token of any age stays one, whatever is asked for', () => {
    const any: JwtScheme = {
      family: 'jwt',
      name: 'jwt',
      token: { in: 'header', name: 'A' },
      algorithms: ['HS256'],
      key: { decode: 'utf8' },
      claims: {},
    }
    expect(compileScheme(any, [], { toleranceSeconds: 10 })).toMatchObject({ kind: 'jwt', maxAgeSeconds: undefined })
  })

  test('a scheme without a time has none', () => expect(signedVerifier(anHmac()).toleranceSeconds).toBe(0))
})

describe('keys', () => {
  const prepare = (scheme: Scheme, material: string, more = {}) =>
    compileScheme(scheme, [{ id: newId(), material, ...more }])
  const published: JwtScheme = {
    family: 'jwt',
    name: 'jwt',
    token: { in: 'header', name: 'A' },
    algorithms: ['ES256'],
    key: { format: 'jwks-url', url: 'https://a.example/', pin: 'app', pattern: 'app', example: 'app' },
    claims: {},
  }
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })

  test('one that cannot be one is left out and said so, by its id', () => {
    const [good, bad] = [newId(), newId()]
    const { keys, unusable } = compileScheme(anHmac(), [
      { id: bad, material: '' },
      { id: good, material: KEY },
    ])
    expect(keys).toMatchObject([{ id: good, pinned: false, from: -Infinity, until: Infinity }])
    expect(unusable).toEqual([{ id: bad, message: 'The key is empty.' }])
  })

  test('its window and its slot are kept', () => {
    const window = { notBefore: new Date(1), notAfter: new Date(2) }
    expect(prepare(anHmac(), KEY, { ...window, slot: 'second' }).keys).toMatchObject([
      { from: 1, until: 2, slot: 'second' },
    ])
    expect(prepare(anHmac(), KEY).keys[0]).not.toHaveProperty('slot')
  })

  test('a name or credentials are no key: they stand for one', () => {
    expect(prepare(published, 'app').keys).toMatchObject([{ pinned: true }])
    const asked: JwtScheme = {
      ...published,
      key: {
        format: 'key-api',
        call: { method: 'GET', origins: [{ environment: 'a', origin: 'https://a.example' }], path: '/{id}' },
        read: '$.key',
      },
    }
    expect(prepare(asked, 'client:secret').keys).toMatchObject([{ pinned: true }])
    expect(prepare({ ...published, algorithms: ['HS256'], key: { decode: 'utf8' } }, KEY).keys).toMatchObject([
      { pinned: false },
    ])
    const token: Scheme = { family: 'token', name: 't', token: { in: 'header', name: 'A' }, weakness: '' }
    expect(prepare(token, KEY).keys).toMatchObject([{ pinned: false }])
    const signing = { ...anHmac(), family: 'asymmetric', algorithm: 'rsa-sha256', key: asked.key } as never as Scheme
    expect(prepare(signing, 'client:secret').keys).toMatchObject([{ pinned: true }])
    const certificate: Scheme = { family: 'mtls', name: 'm', weakness: '' }
    expect(prepare(certificate, 'ab'.repeat(32)).keys).toMatchObject([{ pinned: true }])
  })

  test('each key of a pasted set, under its own name, and an address for later', () => {
    const jwk = pair.publicKey.export({ format: 'jwk' })
    const set = JSON.stringify({ keys: [{ ...jwk, kid: 'a' }, jwk] })
    const { keys } = prepare(published, set)
    expect(keys).toMatchObject([{ kid: 'a', pinned: false }, { pinned: false }])
    expect(keys[1]).not.toHaveProperty('kid')
    expect(prepare(published, 'https://keys.a.example/').keys).toMatchObject([
      { keySetUrl: 'https://keys.a.example/', pinned: false },
    ])
  })
})

test('names in lower case, each set complete, and only of what the scheme has', () => {
  const scheme = anHmac({
    timestamp: { in: { header: 'X-T' }, unit: 's', toleranceSeconds: 300, toleranceDocumented: true },
    id: { header: 'X-I' },
    aliases: [{ 'X-Sig': 'Y-Sig', 'X-I': 'Y-I' }, JSON.parse('{"__proto__":{"X-Sig":"Z"}}')],
  })
  expect(signedVerifier(scheme).sets).toEqual([
    { signature: 'x-sig', timestamp: 'x-t', id: 'x-i' },
    { signature: 'y-sig', timestamp: 'x-t', id: 'y-i' },
    { signature: 'x-sig', timestamp: 'x-t', id: 'x-i' },
  ])
  expect(signedVerifier(anHmac()).sets).toStrictEqual([{ signature: 'x-sig' }])
  const elsewhere = anHmac({
    signature: { body: '$.s', parse: { kind: 'raw' }, encoding: 'hex' },
    timestamp: { in: { body: '$.t' }, unit: 's', toleranceSeconds: 300, toleranceDocumented: true },
  })
  expect(signedVerifier(elsewhere).sets).toStrictEqual([{ signature: '' }])
  const inside = anHmac({ timestamp: { in: 'signature', unit: 's', toleranceSeconds: 300, toleranceDocumented: true } })
  expect(signedVerifier(inside).sets).toStrictEqual([{ signature: 'x-sig' }])
})

test.each([
  ['hmac', 'sha1', [20, 20]],
  ['hmac', 'sha256', [32, 32]],
  ['hash', 'sha512', [64, 64]],
  ['asymmetric', 'ed25519', [64, 64]],
  ['asymmetric', 'ecdsa-p256-sha256', [8, 72]],
  ['asymmetric', 'ecdsa-p256-sha1', [8, 72]],
  ['asymmetric', 'rsa-sha256', [256, 1024]],
  ['asymmetric', 'rsa-sha1', [256, 1024]],
])('lengths of a signature by %s %s', (family, algorithm, lengths) => {
  const scheme = { ...anHmac(), family, algorithm, key: { decode: 'utf8', format: 'spki' } } as never as HmacScheme
  expect(signedVerifier(scheme).lengths).toEqual(lengths)
})

test('the settings are kept, and where there are none there are none', () => {
  const shared = [
    { family: 'token', name: 't', token: { in: 'header', name: 'A' }, weakness: '' },
    { family: 'basic', name: 'b', usernameSetting: 'user', weakness: '' },
    { family: 'mtls', name: 'm', weakness: '' },
    { family: 'fetch-back', name: 'f', weakness: '' },
  ] as never as readonly Scheme[]
  for (const scheme of shared) {
    expect(compileScheme(scheme, [], { settings: { a: 'x' } }), scheme.family).toStrictEqual({
      kind: 'shared',
      scheme,
      keys: [],
      unusable: [],
      settings: { a: 'x' },
    })
  }
  expect(compileScheme(anHmac(), []).settings).toStrictEqual({})
})
