/**
 * What no built-in provider uses yet, proved on definitions made here: the engine is for the next hundred.
 */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import { type CompileOptions, compileScheme } from './compile.ts'
import type { AsymmetricScheme, BasicScheme, HmacScheme, TimestampRule, TokenScheme } from './definition.ts'
import { generateSigningKey } from './sign.ts'
import { verifyRequest } from './verify.ts'
import type { Clock } from './verify-input.ts'

const NOW = 1_767_225_600_000
type Headers = readonly (readonly [string, string])[]

function verdict(
  scheme: HmacScheme | AsymmetricScheme | TokenScheme | BasicScheme,
  key: string,
  headers: Headers,
  more: { body?: Buffer; url?: string; method?: string; now?: Clock; options?: CompileOptions } = {},
) {
  const verifier = compileScheme(scheme, [{ id: newId(), material: key }], more.options)
  const request = {
    method: more.method ?? 'POST',
    url: more.url ?? 'https://a.example/',
    headers,
    body: more.body ?? Buffer.from('{}'),
  }
  const result = verifyRequest(verifier, request, more.now ?? NOW)
  return result.ok ? result.coverage : result.reason
}

function anHmac(change: Partial<HmacScheme>): HmacScheme {
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
const mac = (content: string, key = 'key-material-1', algorithm = 'sha256') =>
  createHmac(algorithm, key).update(content).digest('hex')

test('basic: the user from the settings or in the key, the password with colons and UTF-8', () => {
  const scheme: BasicScheme = { family: 'basic', name: 'basic', usernameSetting: 'username', weakness: 'none covered' }
  const of = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  const options = { settings: { username: 'hook-user' } }
  const right = of('hook-user:p@ss:word-ü')
  expect(verdict(scheme, 'p@ss:word-ü', [['Authorization', right]], { options })).toBe('none')
  expect(verdict(scheme, 'hook-user:p@ss:word-ü', [['authorization', right.replace('Basic', 'basic')]])).toBe('none')
  for (const [value, reason] of [
    [of('hook-user:wrong'), 'signature_mismatch'],
    [of('wrong:p@ss:word-ü'), 'signature_mismatch'],
    [of('hook-user'), 'signature_malformed'],
    [`${right} `, 'signature_malformed'],
    [right.replace('Basic ', ''), 'signature_malformed'],
    [right.replace('Basic', 'Bearer'), 'signature_malformed'],
    [right.replace(/=+$/, '').slice(0, -1), 'signature_malformed'],
    ['', 'signature_missing'],
  ] as const) {
    expect(verdict(scheme, 'p@ss:word-ü', [['Authorization', value]], { options })).toBe(reason)
  }
  expect(
    verdict(
      scheme,
      'p@ss:word-ü',
      [
        ['Authorization', right],
        ['authorization', right],
      ],
      { options },
    ),
  ).toBe('header_duplicated')
  expect(
    verdict(scheme, 'p@ss:word-ü', [['Authorization', right]], {
      options: { settings: JSON.parse('{"__proto__":{"username":"x"}}') },
    }),
  ).toBe('signature_mismatch')
})

test('token: behind a prefix, in the query, with bytes beyond ASCII', () => {
  const bearer: TokenScheme = {
    family: 'token',
    name: 't',
    token: { in: 'header', name: 'Authorization', prefix: 'Bearer ' },
    weakness: '',
  }
  expect(verdict(bearer, 'token-1', [['Authorization', 'Bearer token-1']])).toBe('none')
  expect(verdict(bearer, 'token-1', [['Authorization', 'token-1']])).toBe('signature_malformed')
  expect(verdict(bearer, 'token-1', [['Authorization', 'Bearer ']])).toBe('signature_malformed')
  expect(verdict(bearer, 'tökén', [['Authorization', `Bearer ${Buffer.from('tökén').toString('latin1')}`]])).toBe(
    'none',
  )
  const query: TokenScheme = { family: 'token', name: 't', token: { in: 'query', name: 'code' }, weakness: '' }
  expect(verdict(query, 'a b+c', [], { url: 'https://a.example/?code=a%20b%2Bc' })).toBe('none')
  expect(verdict(query, 'abc', [], { url: 'https://a.example/?code=abc&code=abc' })).toBe('header_duplicated')
  expect(verdict(query, 'abc', [], { url: 'https://a.example/#?code=abc' })).not.toBe('none')
  expect(verdict(query, 'abc', [], { url: 'https://a.example/' })).toBe('signature_missing')
})

test('rsa-sha256 with PEM or DER, and keys below 2048 bits refused', () => {
  const scheme: AsymmetricScheme = {
    family: 'asymmetric',
    name: 'rsa',
    algorithm: 'rsa-sha256',
    key: { format: 'spki' },
    signature: { header: 'X-Sig', parse: { kind: 'raw' }, encoding: 'base64' },
    signed: [{ templates: ['{body}'] }],
  }
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signature = sign('sha256', Buffer.from('{}'), privateKey).toString('base64')
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const der = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  for (const key of [pem, der]) expect(verdict(scheme, key, [['X-Sig', signature]])).toBe('body')
  expect(verdict(scheme, pem, [['X-Sig', signature]], { body: Buffer.from('{} ') })).toBe('signature_mismatch')
  expect(verdict(scheme, pem, [['X-Sig', sign('sha1', Buffer.from('{}'), privateKey).toString('base64')]])).toBe(
    'signature_mismatch',
  )
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
    .publicKey.export({ format: 'pem', type: 'spki' })
    .toString()
  expect(verdict(scheme, small, [['X-Sig', signature]])).toBe('no_active_key')
  expect(verdict(scheme, generateSigningKey(scheme).verifying, [['X-Sig', signature]])).toBe('signature_mismatch')
})

test('ed25519 with a raw base64 key and the timestamp before a separator', () => {
  const scheme: AsymmetricScheme = {
    family: 'asymmetric',
    name: 'ed',
    algorithm: 'ed25519',
    key: { format: 'raw-base64' },
    signature: { header: 'X-Sig', parse: { kind: 'raw' }, encoding: 'base64' },
    signed: [{ templates: ['{ts}|{body}'] }],
    timestamp: { in: { header: 'X-Time' }, unit: 's', toleranceSeconds: 300, toleranceDocumented: true },
  }
  const key = generateSigningKey(scheme)
  const signature = sign(null, Buffer.from('1767225600|{}'), key.signing).toString('base64')
  expect(
    verdict(scheme, key.verifying, [
      ['X-Time', '1767225600'],
      ['X-Sig', signature],
    ]),
  ).toBe('body')
  expect(
    verdict(scheme, key.verifying, [
      ['X-Time', '1767225601'],
      ['X-Sig', signature],
    ]),
  ).toBe('signature_mismatch')
})

test('milliseconds and ISO 8601 are windows of their own, signed as they were written', () => {
  const at = (unit: TimestampRule['unit'], text: string, now: number) => {
    const scheme = anHmac({
      signed: [{ templates: ['{ts}.{body}'] }],
      timestamp: { in: { header: 'X-Time' }, unit, toleranceSeconds: 300, toleranceDocumented: true },
    })
    return verdict(
      scheme,
      'key-material-1',
      [
        ['X-Time', text],
        ['X-Sig', mac(`${text}.{}`)],
      ],
      { now },
    )
  }
  expect(at('ms', '1767225600000', NOW + 300_000)).toBe('body')
  expect(at('ms', '1767225600000', NOW + 300_001)).toBe('signature_stale')
  // A time in seconds is none in milliseconds, whatever the window.
  expect(at('ms', '1767225600', NOW)).toBe('timestamp_malformed')
  for (const text of ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123456789Z', '2026-01-01T02:00:00+02:00'])
    expect(at('iso8601', text, NOW)).toBe('body')
  for (const text of [
    '2026-01-01',
    '2026-01-01 00:00:00Z',
    '2026-13-01T00:00:00Z',
    'Thu, 01 Jan 2026 00:00:00 GMT',
    '1767225600',
    '2026-01-01T00:00:00',
  ]) {
    expect(at('iso8601', text, NOW)).toBe('timestamp_malformed')
  }
})

test('templates take headers, query, settings, method and form fields; a hole refuses', () => {
  const scheme = anHmac({
    signed: [{ templates: ['{method}|{url}|{header:X-Id}|{query:q}|{config:account}|{form:payload}|{body}'] }],
  })
  const body = Buffer.from('payload=a%26b&x=1')
  const url = 'https://a.example/in?q=%C3%BC'
  const options = { settings: { account: 'acc-1' } }
  const content = `POST|${url}|id-1|ü|acc-1|a&b|${body}`
  const headers = [
    ['X-Sig', mac(content)],
    ['x-id', 'id-1'],
  ] as const
  expect(verdict(scheme, 'key-material-1', headers, { body, url, options })).toBe('request')
  expect(verdict(scheme, 'key-material-1', headers, { body, url })).toBe('content_incomplete')
  expect(verdict(scheme, 'key-material-1', headers.slice(0, 1), { body, url, options })).toBe('content_incomplete')
  expect(verdict(scheme, 'key-material-1', [...headers, ['X-ID', 'id-2']], { body, url, options })).toBe(
    'header_duplicated',
  )
  expect(verdict(scheme, 'key-material-1', headers, { body, url: `${url}&q=2`, options })).toBe('content_incomplete')
  expect(() => compileScheme(anHmac({ signed: [{ templates: ['{boddy}'] }] }), [])).toThrow(/unknown template token/)
})

test('several accepted templates, SHA-512, hex keys and header requirements', () => {
  const either = anHmac({ signed: [{ templates: ['{form:p}', '{form:p}\n'] }] })
  for (const content of ['a', 'a\n'])
    expect(verdict(either, 'key-material-1', [['X-Sig', mac(content)]], { body: Buffer.from('p=a') })).toBe('parts')
  const wide = anHmac({ algorithm: 'sha512', key: { decode: 'hex' } })
  const digest = createHmac('sha512', Buffer.from('00ff'.repeat(8), 'hex'))
    .update('{}')
    .digest('hex')
  expect(verdict(wide, '00FF'.repeat(8), [['X-Sig', digest]])).toBe('body')
  expect(verdict(wide, '00FF'.repeat(8), [['X-Sig', digest.slice(0, 64)]])).toBe('signature_malformed')
  const versioned = anHmac({
    signed: [{ templates: ['{body}'], require: [{ kind: 'header-equals', header: 'X-Version', value: '1' }] }],
  })
  expect(
    verdict(versioned, 'key-material-1', [
      ['X-Sig', mac('{}')],
      ['x-version', '1'],
    ]),
  ).toBe('body')
  for (const extra of [
    [],
    [['X-Version', '2']],
    [
      ['X-Version', '1'],
      ['X-Version', '1'],
    ],
  ] as const) {
    expect(verdict(versioned, 'key-material-1', [['X-Sig', mac('{}')], ...extra])).toBe('requirement_failed')
  }
  const optional = anHmac({
    signature: { header: 'X-Sig', parse: { kind: 'prefix', prefix: 'sha256=', optional: true }, encoding: 'hex' },
  })
  for (const value of [mac('{}'), `sha256=${mac('{}')}`])
    expect(verdict(optional, 'key-material-1', [['X-Sig', value]])).toBe('body')
  expect(verdict(optional, 'key-material-1', [['X-Sig', `sha1=${mac('{}')}`]])).toBe('signature_malformed')
})

test('a form of a thousand fields is signed and one more is refused', () => {
  const scheme = anHmac({ signed: [{ templates: ['{form:sorted}'] }] })
  const fields = (count: number) => Array.from({ length: count }, (_, at) => `k${at}=v`).join('&')
  const sorted = Array.from({ length: 1000 }, (_, at) => `k${at}`)
    .sort()
    .map((name) => `${name}v`)
    .join('')
  expect(verdict(scheme, 'key-material-1', [['X-Sig', mac(sorted)]], { body: Buffer.from(fields(1000)) })).toBe('body')
  expect(verdict(scheme, 'key-material-1', [['X-Sig', mac(sorted)]], { body: Buffer.from(fields(1001)) })).toBe(
    'content_incomplete',
  )
})
