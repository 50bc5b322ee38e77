/** Tokens made here, one rule of RFC 7515 or 7519 broken at a time, on schemes that ask for one thing each. */
import { createHash, createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import type { InboundKey } from '../base/model/integration.ts'
import { requestHash } from './canonical-query.ts'
import { compileScheme } from './compile.ts'
import type { JwtClaims, JwtScheme } from './definition.ts'
import type { Remote } from './remote.ts'
import { verifyRequest } from './verify.ts'
import type { Clock } from './verify-input.ts'

const NOW = 1_767_225_600_000
const SECONDS = NOW / 1000
const KEY = 'key-material-1'
const URL_GIVEN = 'https://a.example/in?b=1'

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const hash = (text: string) => createHash('sha256').update(text).digest()

function mac(text: string, key = KEY, bits = 256): string {
  return createHmac(`sha${bits}`, key).update(text).digest('base64url')
}
function token(claims: unknown = {}, head: unknown = { alg: 'HS256' }, key = KEY): string {
  const text = `${part(head)}.${part(claims)}`
  return `${text}.${mac(text, key)}`
}
/** Whatever it says of itself, signed as JOSE does. */
function publicToken(key: KeyObject, head: object, claims: object = {}): string {
  const text = `${part(head)}.${part(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function aScheme(claims: JwtClaims = {}, change: Partial<JwtScheme> = {}): JwtScheme {
  return {
    family: 'jwt',
    name: 'jwt',
    token: { in: 'header', name: 'X-Token' },
    algorithms: ['HS256'],
    key: { decode: 'utf8' },
    claims,
    ...change,
  }
}

interface Given {
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
  readonly url?: string
  readonly keys?: readonly (string | Partial<InboundKey>)[]
  readonly settings?: Readonly<Record<string, string>>
  readonly now?: Clock
  readonly remote?: Remote
  readonly toleranceSeconds?: number
}
function judge(scheme: JwtScheme, text: string | undefined, given: Given = {}) {
  const { headers = text === undefined ? [] : [['x-token', text]], body = '{}', url = URL_GIVEN, settings = {} } = given
  const keys = (given.keys ?? [KEY]).map((key) => ({
    id: newId(),
    material: KEY,
    ...(typeof key === 'string' ? { material: key } : key),
  }))
  const { toleranceSeconds } = given
  const options = { settings, ...(toleranceSeconds === undefined ? {} : { toleranceSeconds }) }
  const request = { method: 'POST', url, headers, body: Buffer.from(body) }
  const result = verifyRequest(compileScheme(scheme, keys, options), request, given.now ?? NOW, given.remote)
  return result.ok ? { ...result, key: keys.findIndex(({ id }) => id === result.keyId) } : result.reason
}
const outcome = (...input: Parameters<typeof judge>) => {
  const result = judge(...input)
  return typeof result === 'string' ? result : result.key
}

describe('where it stands', () => {
  const bearer = aScheme({}, { token: { in: 'header', name: 'X-Token', prefix: 'Bearer ' } })
  const optional = aScheme({}, { token: { ...bearer.token, prefixOptional: true } as JwtScheme['token'] })
  const right = token()
  test.each([
    ['a header', aScheme(), right, 0],
    ['no header', aScheme(), undefined, 'signature_missing'],
    ['an empty header', aScheme(), '', 'signature_missing'],
    ['behind its prefix', bearer, `Bearer ${right}`, 0],
    ['behind its prefix in any case', bearer, `bEARER ${right}`, 0],
    ['behind no prefix', bearer, right, 'signature_malformed'],
    ['behind another prefix', bearer, `Basic  ${right}`, 'signature_malformed'],
    ['behind none where it may be left out', optional, right, 0],
    ['behind it where it may be left out', optional, `Bearer ${right}`, 0],
  ])('%s', (_, scheme, text, wanted) => expect(outcome(scheme, text)).toBe(wanted))

  test('two headers are one too many', () => {
    const headers = [
      ['X-Token', right],
      ['x-token', right],
    ] as const
    expect(outcome(aScheme(), '', { headers })).toBe('header_duplicated')
  })

  const inBody = aScheme({}, { token: { in: 'body', path: '$.tokens[*]' } })
  const other = token({}, undefined, 'key-material-2')
  test.each([
    ['one', [right], 0],
    ['several', [right, token({ a: 1 }), right], 0],
    ['32', Array.from({ length: 32 }, () => right), 0],
    ['33', Array.from({ length: 33 }, () => right), 'too_many_signatures'],
    ['none', [], 'signature_missing'],
    ['no list', right, 'signature_missing'],
    ['one that is no text', [right, 1], 'signature_malformed'],
    ['one by another key', [right, other], 'signature_mismatch'],
    ['the first by another key', [other, right], 'signature_mismatch'],
  ])('in the body, %s', (_, tokens, wanted) =>
    expect(outcome(inBody, undefined, { body: JSON.stringify({ tokens }) })).toBe(wanted))

  test('in the body, none is none before a key is looked at', () => {
    expect(outcome(inBody, undefined, { body: '{"tokens":[]}', keys: [] })).toBe('signature_missing')
  })

  test('in the body, the first of them speaks', () => {
    const body = JSON.stringify({ tokens: [token({ a: 1 }), token({ a: 2 })] })
    expect(judge(inBody, undefined, { body })).toMatchObject({ claims: { a: 1 }, coverage: 'none', content: 'body' })
  })
})

describe('its form', () => {
  const [head = '', payload = '', tail = ''] = token({ a: 1 }).split('.')
  const signed = (first: string, second: string) => `${first}.${second}.${mac(`${first}.${second}`)}`
  test.each([
    ['as it is', `${head}.${payload}.${tail}`, 0],
    ['a part more', `${head}.${payload}.${tail}.${tail}`, 'signature_malformed'],
    ['a part more that is empty', `${head}.${payload}.${tail}.`, 'signature_malformed'],
    ['two parts', `${head}.${payload}`, 'signature_malformed'],
    ['no signature', `${head}.${payload}.`, 'signature_malformed'],
    ['a signature that is no base64url', `${head}.${payload}.${tail}=`, 'signature_malformed'],
    ['half a signature', `${head}.${payload}.${tail.slice(0, 20)}`, 'signature_mismatch'],
    ['the signature of another', `${head}.${part({ a: 2 })}.${tail}`, 'signature_mismatch'],
    ['a head that is a list', signed(part([]), payload), 'signature_malformed'],
    ['a head that is null', signed(part('null'), payload), 'signature_malformed'],
    ['a head that is a text', signed(part('"HS256"'), payload), 'signature_malformed'],
    ['a head that is no JSON', signed(part('x'), payload), 'signature_malformed'],
    ['a head that is no base64url', signed('+', payload), 'signature_malformed'],
    ['claims that are a list', signed(head, part([])), 'signature_malformed'],
    ['claims that are none', signed(head, ''), 'signature_malformed'],
    ['8192 characters', `${signed(head, part({ a: 'a'.repeat(6087) }))}`, 0],
    ['8193 characters', `${signed(head, part({ a: 'a'.repeat(6088) }))}`, 'signature_malformed'],
  ])('%s', (_, text, wanted) => expect(outcome(aScheme(), text)).toBe(wanted))

  test('the longest that is read has 8192 characters', () => {
    expect(signed(head, part({ a: 'a'.repeat(6087) }))).toHaveLength(8192)
  })

  test.each([
    ['no algorithm', {}, 'algorithm_refused'],
    ['none', { alg: 'none' }, 'algorithm_refused'],
    ['one that is not the scheme’s', { alg: 'HS512' }, 'algorithm_refused'],
    ['one that is not the scheme’s, as a list', { alg: ['HS256'] }, 'algorithm_refused'],
    ['an extension that must be understood', { alg: 'HS256', crit: [] }, 'algorithm_refused'],
    ['a type', { alg: 'HS256', typ: 'JWT' }, 0],
    ['a key id', { alg: 'HS256', kid: 'a-1' }, 0],
    ['a key id that is a number', { alg: 'HS256', kid: 1 }, 'signature_malformed'],
    ['an empty key id', { alg: 'HS256', kid: '' }, 'signature_malformed'],
    ['a key id with a space', { alg: 'HS256', kid: 'a b' }, 'signature_malformed'],
    ['a key id of 257 characters', { alg: 'HS256', kid: 'a'.repeat(257) }, 'signature_malformed'],
  ])('a head with %s', (_, head, wanted) => expect(outcome(aScheme(), token({}, head))).toBe(wanted))

  test('each algorithm by its own hash, and no key of another kind', () => {
    const all = aScheme({}, { algorithms: ['HS256', 'HS384', 'HS512', 'ES256'] })
    for (const bits of [256, 384, 512]) {
      const text = `${part({ alg: `HS${bits}` })}.${part({})}`
      for (const by of [256, 384, 512])
        expect(outcome(all, `${text}.${mac(text, KEY, by)}`)).toBe(by === bits ? 0 : 'signature_mismatch')
    }
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    expect(outcome(all, publicToken(privateKey, { alg: 'ES256' }))).toBe('signature_mismatch')
  })
})

describe('public keys', () => {
  const [own, other] = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }))
  const pem = own!.publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const jwk = (pair: typeof own, kid: string) => ({ ...pair!.publicKey.export({ format: 'jwk' }), kid })
  const scheme = aScheme(
    { equals: { app: 'pin' } },
    {
      algorithms: ['ES256', 'HS256'],
      key: { format: 'jwks-url', url: 'https://keys.a.example/', pin: 'app', pattern: 'app-\\d', example: 'app-1' },
    },
  )
  const remote: Remote = () => ({ ok: true, text: JSON.stringify({ keys: [jwk(own, 'a'), jwk(other, 'b')] }) })
  const by = (pair: typeof own, kid?: string, app = 'app-1') =>
    publicToken(pair!.privateKey, { alg: 'ES256', ...(kid === undefined ? {} : { kid }) }, { app })
  test.each([
    ['the key it names', by(own, 'a'), { remote }, 0],
    ['another key than it names', by(own, 'b'), { remote }, 'signature_mismatch'],
    ['one of the set, none named', by(other), { remote }, 0],
    ['a set that was not asked for yet', by(own, 'a'), {}, 'remote_pending'],
    ['a set that cannot be had', by(own, 'a'), { remote: () => ({ ok: false, why: 'failed' }) }, 'key_unavailable'],
    ['another app', by(own, 'a', 'app-2'), { remote }, 'claim_mismatch'],
    ['the second of two apps', by(own, 'a', 'app-2'), { remote, keys: ['app-1', 'app-2'] }, 1],
    ['none of two apps', by(own, 'a', 'app-3'), { remote, keys: ['app-1', 'app-2'] }, 'claim_mismatch'],
    ['a pasted key with its app', by(own), { keys: [pem], settings: { app: 'app-1' } }, 0],
    ['a pasted key without an app', by(own), { keys: [pem] }, 'claim_mismatch'],
    [
      'an HMAC keyed with the public key',
      token({ app: 'app-1' }, undefined, pem),
      { keys: [pem] },
      'signature_mismatch',
    ],
    ['bytes that are no signature', `${by(own).slice(0, -2)}`, { keys: [pem] }, 'signature_mismatch'],
  ] as [string, string, Given, number | string][])('%s', (_, text, given, wanted) =>
    expect(outcome(scheme, text, { keys: ['app-1'], ...given })).toBe(wanted))

  test('in DER the same signature is none: there is one spelling', () => {
    const text = `${part({ alg: 'ES256' })}.${part({ app: 'app-1' })}`
    const der = sign('sha256', Buffer.from(text), own!.privateKey).toString('base64url')
    expect(outcome(scheme, `${text}.${der}`, { keys: [pem], settings: { app: 'app-1' } })).toBe('signature_mismatch')
    expect(createPublicKey(pem).asymmetricKeyType).toBe('ec')
  })

  test('the address of a set holds no secret for an HMAC', () => {
    expect(outcome(aScheme(), token(), { keys: [] })).toBe('no_active_key')
    expect(outcome(aScheme(), token(), { keys: ['key-material-2', KEY] })).toBe(1)
  })
})

describe('claims', () => {
  const settings = { account: 'acc-1' }
  const equals: JwtClaims = { equals: { 'a | b': { value: 'x' }, on: { value: true } } }
  test.each([
    ['a required one', { required: ['a'] }, { a: 1 }, 0],
    ['a required one that is false', { required: ['a'] }, { a: false }, 0],
    ['a required one missing', { required: ['a', 'b'] }, { a: 1 }, 'claim_missing'],
    ['one that every object has', { required: ['constructor'] }, {}, 'claim_missing'],
    ['one of the issuers', { issuers: ['i', 'j'] }, { iss: 'j' }, 0],
    ['another issuer', { issuers: ['i', 'j'] }, { iss: 'k' }, 'claim_mismatch'],
    ['no issuer', { issuers: ['i'] }, {}, 'claim_mismatch'],
    ['the issuer that is set', { issuerSetting: 'account' }, { iss: 'acc-1' }, 0],
    ['another than is set', { issuerSetting: 'account' }, { iss: 'acc-2' }, 'claim_mismatch'],
    ['an issuer where none is set', { issuerSetting: 'other' }, { iss: 'acc-1' }, 'claim_mismatch'],
    ['no issuer where none is set', { issuerSetting: 'other' }, {}, 'claim_mismatch'],
    ['a setting of every object', { issuerSetting: 'constructor' }, { iss: 'x' }, 'claim_mismatch'],
    ['the audience that is set', { audienceSetting: 'account' }, { aud: 'acc-1' }, 0],
    ['among several', { audienceSetting: 'account' }, { aud: ['a', 'acc-1'] }, 0],
    ['not among several', { audienceSetting: 'account' }, { aud: ['a', 'b'] }, 'claim_mismatch'],
    ['as part of a text', { audienceSetting: 'account' }, { aud: 'acc-12' }, 'claim_mismatch'],
    ['no audience', { audienceSetting: 'account' }, {}, 'claim_mismatch'],
    ['the URL as subject', { subjectIsUrl: true }, { sub: URL_GIVEN }, 0],
    ['another URL as subject', { subjectIsUrl: true }, { sub: 'https://a.example/in' }, 'claim_mismatch'],
    ['no subject', { subjectIsUrl: true }, {}, 'claim_mismatch'],
    ['no subject where none is asked for', { subjectIsUrl: false as never }, {}, 0],
    ['values under the first name', equals, { a: 'x', on: true }, 0],
    ['values under the second name', equals, { b: 'x', on: true }, 0],
    ['another value', equals, { a: 'y', on: true }, 'claim_mismatch'],
    ['another value of the second', equals, { a: 'x', on: 'true' }, 'claim_mismatch'],
    ['a value that is set', { equals: { a: { setting: 'account' } } }, { a: 'acc-1' }, 0],
    ['a value that is not set', { equals: { a: { setting: 'other' } } }, { a: 'acc-1' }, 'claim_mismatch'],
    ['an empty expectation', { equals: { a: { value: '' } } }, { a: '' }, 'claim_mismatch'],
    ['a list of one is the value', { equals: { a: { value: 'x' } } }, { a: ['x'] }, 0],
    ['the pin of a secret', { equals: { a: 'pin' } }, { a: undefined }, 'claim_mismatch'],
  ] as [string, JwtClaims, object, number | string][])('%s', (_, rules, claims, wanted) =>
    expect(outcome(aScheme(rules), token(claims), { settings })).toBe(wanted))

  const hex: JwtClaims = { bodyHash: { claim: 'h', encoding: 'hex' } }
  const url: JwtClaims = { bodyHash: { claim: 'h', encoding: 'base64url' } }
  const absent: JwtClaims = { bodyHash: { claim: 'h', encoding: 'base64', absentWhenEmpty: true } }
  const encoded = (encoding: 'hex' | 'base64' | 'base64url', text = '{}') => hash(text).toString(encoding)
  test.each([
    ['hex', hex, { h: encoded('hex') }, '{}', 0],
    ['of another body', hex, { h: encoded('hex') }, '{} ', 'claim_mismatch'],
    ['missing', hex, {}, '{}', 'claim_mismatch'],
    ['in another encoding', hex, { h: encoded('base64') }, '{}', 'claim_mismatch'],
    ['cut short', hex, { h: encoded('hex').slice(2) }, '{}', 'claim_mismatch'],
    ['as a list', hex, { h: [encoded('hex')] }, '{}', 'claim_mismatch'],
    ['of an empty body', hex, { h: encoded('hex', '') }, '', 0],
    ['missing of an empty body', hex, {}, '', 'claim_mismatch'],
    ['base64url, missing', url, {}, '{}', 'claim_mismatch'],
    ['base64url', url, { h: encoded('base64url') }, '{}', 0],
    ['base64url, padded', url, { h: `${encoded('base64url')}=` }, '{}', 0],
    ['base64url, padded by two', url, { h: `${encoded('base64url')}==` }, '{}', 0],
    ['base64url, padded by three', url, { h: `${encoded('base64url')}===` }, '{}', 'claim_mismatch'],
    ['base64url, padded in front', url, { h: `=${encoded('base64url')}` }, '{}', 'claim_mismatch'],
    ['base64, padded by one more', absent, { h: `${encoded('base64')}=` }, '{}', 'claim_mismatch'],
    ['base64', absent, { h: encoded('base64') }, '{}', 0],
    ['absent with an empty body', absent, {}, '', 0],
    ['there with an empty body', absent, { h: encoded('base64', '') }, '', 'claim_mismatch'],
    ['absent with a body', absent, {}, '{}', 'claim_mismatch'],
  ] as [
    string,
    JwtClaims,
    object,
    string,
    number | string,
  ][])('digest of the body, %s', (_, rules, claims, body, wanted) =>
    expect(outcome(aScheme(rules), token(claims), { body })).toBe(wanted))

  test('digests of the URL and of the canonical query', () => {
    const both: JwtClaims = {
      urlHash: { claim: 'u', encoding: 'hex' },
      queryHash: { claim: 'q', encoding: 'hex' },
    }
    const request = { method: 'POST', url: URL_GIVEN, headers: [], body: Buffer.alloc(0) }
    const [u, q] = [encoded('hex', URL_GIVEN), requestHash(request).toString('hex')]
    expect(outcome(aScheme(both), token({ u, q }))).toBe(0)
    for (const claims of [{ u }, { q }, { u: q, q: u }])
      expect(outcome(aScheme(both), token(claims)), JSON.stringify(claims)).toBe('claim_mismatch')
  })

  test('what they cover is said, and where the URL is covered it tells one event from the next', () => {
    const covering: JwtClaims = { bodyHash: { claim: 'h', encoding: 'hex' }, subjectIsUrl: true }
    const result = judge(aScheme(covering), token({ h: encoded('hex'), sub: URL_GIVEN }))
    expect(result).toMatchObject({ coverage: 'request', covers: { body: true, url: true } })
    expect(result).toMatchObject({ content: hash(`{}\n${URL_GIVEN}`) })
    expect(judge(aScheme(hex), token({ h: encoded('hex') }))).toMatchObject({ coverage: 'body', content: 'body' })
    expect(judge(aScheme({ subjectIsUrl: true }), token({ sub: URL_GIVEN }))).toMatchObject({ coverage: 'none' })
  })
})

describe('times', () => {
  const aged: JwtClaims = { maxAgeSeconds: 60 }
  const slack: JwtClaims = { clockToleranceSeconds: 10 }
  test.each([
    ['none of them', {}, {}, 0],
    ['an end to come', {}, { exp: SECONDS + 1 }, 0],
    ['an end that is now', {}, { exp: SECONDS }, 'signature_stale'],
    ['an end within the slack', slack, { exp: SECONDS - 9 }, 0],
    ['an end at the slack', slack, { exp: SECONDS - 10 }, 'signature_stale'],
    ['a beginning that is now', {}, { nbf: SECONDS }, 0],
    ['a beginning to come', {}, { nbf: SECONDS + 1 }, 'signature_future'],
    ['a beginning at the slack', slack, { nbf: SECONDS + 10 }, 0],
    ['a beginning beyond the slack', slack, { nbf: SECONDS + 11 }, 'signature_future'],
    ['an old one of any age', {}, { iat: 1 }, 0],
    ['one to come of any age', {}, { iat: SECONDS + 1e6 }, 0],
    ['as old as it may be', aged, { iat: SECONDS - 60 }, 0],
    ['a second older', aged, { iat: SECONDS - 61 }, 'signature_stale'],
    ['as far ahead as it may be', aged, { iat: SECONDS + 60 }, 0],
    ['a second further', aged, { iat: SECONDS + 61 }, 'signature_future'],
    ['no age', aged, {}, 'timestamp_missing'],
    ['the first moment there was', {}, { nbf: 0 }, 0],
    ['a moment before', {}, { nbf: -1 }, 'timestamp_malformed'],
    ['a time in milliseconds', {}, { iat: 1e12 }, 'timestamp_malformed'],
    ['the largest in seconds', {}, { exp: 1e12 - 1 }, 0],
    ['an end as text', {}, { exp: String(SECONDS + 1) }, 'timestamp_malformed'],
    ['a beginning as text', {}, { nbf: String(SECONDS) }, 'timestamp_malformed'],
    ['an age as text', {}, { iat: String(SECONDS) }, 'timestamp_malformed'],
    ['an end that is null', {}, { exp: null }, 'timestamp_malformed'],
  ] as [string, JwtClaims, object, number | string][])('%s', (_, rules, claims, wanted) =>
    expect(outcome(aScheme(rules), token(claims))).toBe(wanted))

  test('an end beyond all numbers is none', () => {
    const head = part({ alg: 'HS256' })
    const text = `${head}.${part('{"exp":1e999}')}`
    expect(outcome(aScheme(), `${text}.${mac(text)}`)).toBe('timestamp_malformed')
  })

  test('without a clock they must be times and count for nothing', () => {
    const now = 'no-clock'
    expect(outcome(aScheme(aged), token({ exp: 1, nbf: SECONDS * 2, iat: 1 }), { now })).toBe(0)
    expect(outcome(aScheme(aged), token({}), { now })).toBe('timestamp_missing')
    expect(outcome(aScheme(), token({ exp: 'x' }), { now })).toBe('timestamp_malformed')
  })

  test('when it was issued is reported; the integration’s own window counts', () => {
    expect(judge(aScheme(), token({ iat: SECONDS }))).toMatchObject({ signedAt: NOW })
    expect(judge(aScheme(), token({}))).not.toHaveProperty('signedAt')
    expect(outcome(aScheme(aged), token({ iat: SECONDS - 61 }), { toleranceSeconds: 61 })).toBe(0)
    expect(outcome(aScheme(aged), token({ iat: SECONDS - 1 }), { toleranceSeconds: 0 })).toBe('signature_stale')
    expect(outcome(aScheme(), token({ iat: 1 }), { toleranceSeconds: 0 })).toBe(0)
  })
})
