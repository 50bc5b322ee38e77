/** Keys as people paste them, form by form: what is read, and what the refusal names. It never quotes the key. */
import { createHash, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { BasicScheme, ConfirmedScheme, HmacScheme, JwtScheme, Scheme, SecretKeyForm } from './definition.ts'
import { checkKey, parseKey, stripPrefix } from './keys.ts'

function hmac(key: SecretKeyForm): HmacScheme {
  return {
    family: 'hmac',
    name: 'test',
    algorithm: 'sha256',
    key,
    signature: { header: 'X-Sig', parse: { kind: 'raw' }, encoding: 'hex' },
    signed: [{ templates: ['{body}'] }],
  }
}
const TEXT = hmac({ decode: 'utf8' })
const TOKEN: Scheme = { family: 'token', name: 't', token: { in: 'header', name: 'A' }, weakness: '' }
const BASIC: BasicScheme = { family: 'basic', name: 'b', usernameSetting: 'user', weakness: '' }
const MTLS: Scheme = { family: 'mtls', name: 'm', weakness: '' }
const call = { method: 'GET', origins: [{ environment: 'a', origin: 'https://a.example' }], path: '/{id}' } as const
const ASK: ConfirmedScheme = {
  family: 'fetch-back',
  name: 'f',
  id: { source: 'form:id', pattern: '.+' },
  call,
  confirms: { path: '$.id', equals: 'id' },
  weakness: '',
}
const JWT: JwtScheme = {
  family: 'jwt',
  name: 'j',
  token: { in: 'header', name: 'A' },
  algorithms: ['ES256'],
  key: { format: 'jwks-url', url: 'https://a.example/', pin: 'app', pattern: 'app-\\d|x', example: 'app-1' },
  claims: {},
}
const API: JwtScheme = { ...JWT, key: { format: 'key-api', call, read: '$.key' } }
const CERTIFICATE: Scheme = {
  family: 'asymmetric',
  name: 'c',
  algorithm: 'rsa-sha256',
  key: {
    format: 'certificate-url',
    url: 'header:A',
    hosts: ['a.example'],
    pin: 'topic',
    pattern: 't-\\d',
    example: 't-1',
  },
  signature: { header: 'X-Sig', parse: { kind: 'raw' }, encoding: 'base64' },
  signed: [{ templates: ['{body}'] }],
}
const HASH: Scheme = { ...hmac({ decode: 'base64' }), family: 'hash', weakness: '' }
const EC: Scheme = { ...CERTIFICATE, algorithm: 'ecdsa-p256-sha256' }
const EC_API: Scheme = { ...EC, key: { format: 'key-api', call, read: '$.key' } }
const pem = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  .publicKey.export({ format: 'pem', type: 'spki' })
  .toString()

/** Kind and bytes, or the message. */
function read(scheme: Scheme, text: string): string {
  const parsed = parseKey(scheme, text)
  if (!parsed.ok) return parsed.message
  if (parsed.kind === 'key-set-url') return `address ${parsed.url}`
  return parsed.kind === 'public' ? 'public' : `${parsed.kind} ${parsed.key.export().toString('utf8')}`
}

const LONG = 'k'.repeat(65_536)
test.each([
  ['text', TEXT, ' a b ', 'secret  a b '],
  ['the longest text', TEXT, LONG, `secret ${LONG}`],
  ['a longer one', TEXT, `${LONG}k`, 'The key is longer than any key of this kind.'],
  ['nothing', TEXT, '', 'The key is empty.'],
  ['white space', TEXT, ' \n', 'The key is empty.'],
  ['a public key', TEXT, pem, 'This is a public key; the shared secret is expected.'],
  ['base64 as text', TEXT, 'AAAA', 'secret AAAA'],
  ['text after a prefix', hmac({ decode: 'utf8', stripPrefix: ['a_', 'b_'] }), 'b_a_x', 'secret a_x'],
  ['a prefix alone', hmac({ decode: 'utf8', stripPrefix: ['a_'] }), 'a_', 'The key ends after its prefix.'],
  ['a label alone', hmac({ decode: 'utf8', label: 'a_' }), 'a_', 'The key ends after “a_”.'],
  ['a label and more', hmac({ decode: 'utf8', label: 'a_' }), 'a_x', 'secret a_x'],
  ['base64', hmac({ decode: 'base64' }), 'a2V5', 'secret key'],
  ['base64 without its padding', hmac({ decode: 'base64' }), 'a2V5MQ', 'secret key1'],
  ['base64 after its prefix', hmac({ decode: 'base64', stripPrefix: ['w_'] }), 'w_a2V5', 'secret key'],
  ['no base64', hmac({ decode: 'base64' }), 'a2V5!', 'The key must be base64.'],
  [
    'no base64 after a prefix',
    hmac({ decode: 'base64', stripPrefix: ['w_', 'v_'] }),
    'w_',
    'The key must be base64, with or without “w_” before it.',
  ],
  ['hex', hmac({ decode: 'hex' }), '6b6579', 'secret key'],
  ['no hex', hmac({ decode: 'hex' }), '6b657', 'The key must be hex.'],
  ['the key of a digest', HASH, 'a2V5', 'secret key'],
  ['a token', TOKEN, 'a:b', 'secret a:b'],
  ['user and password', BASIC, 'a:b', 'secret a:b'],
  ['credentials', ASK, 'a:b', 'secret a:b'],
  ['the text of a JWT’s secret', { ...JWT, key: { decode: 'utf8' } }, 'x', 'secret x'],
  ['a name', JWT, 'app-1', 'pin app-1'],
  ['a name of another form', JWT, 'app-12', 'The key must be the app, or the public key itself (PEM, JWK or JWKS).'],
  ['part of a name', JWT, 'an x', 'The key must be the app, or the public key itself (PEM, JWK or JWKS).'],
  ['a public key in its place', JWT, pem, 'public'],
  ['the address of a set', JWT, 'https://a.example/k', 'address https://a.example/k'],
  ['credentials of an API', API, 'a:b', 'secret a:b'],
  ...['ab', ':b', 'a:'].map(
    (text) =>
      [
        `half of such credentials, ${text}`,
        API,
        text,
        'The key must be “client_id:client_secret” for the provider’s API, or the public key itself (PEM or JWK).',
      ] as const,
  ),
  ['a public key of an API', API, pem, 'public'],
  ['credentials of an API that signs bodies', EC_API, 'a:b', 'secret a:b'],
  ['a public key of such an API', EC_API, pem, 'public'],
  ['a public key in place of a certificate', EC, pem, 'public'],
  ['the topic of a certificate', CERTIFICATE, 't-1', 'pin t-1'],
  [
    'something else beside a certificate',
    CERTIFICATE,
    'x',
    'The key must be the topic, or the public key itself (PEM, JWK or JWKS).',
  ],
  [
    'no fingerprint',
    MTLS,
    'x',
    'The key must be the SHA-256 fingerprint of the client certificate (64 hex digits), or the certificate as PEM.',
  ],
] as [string, Scheme, string, string][])('%s', (_, scheme, text, wanted) => expect(read(scheme, text)).toBe(wanted))

test('a secret that is the digest of its text', () => {
  const parsed = parseKey(hmac({ decode: 'utf8', derive: 'sha1' }), 'x')
  expect(parsed.ok && parsed.kind === 'secret' && parsed.key.export()).toEqual(createHash('sha1').update('x').digest())
})

test('a fingerprint is a name: whoever knows it shows nothing', () => {
  const parsed = parseKey(MTLS, 'ab'.repeat(32))
  expect(parsed).toMatchObject({ ok: true, kind: 'pin' })
})

test('one prefix goes, the first that fits, and only in front', () => {
  expect([stripPrefix('a_b_x', ['b_', 'a_']), stripPrefix('x_a_', ['a_']), stripPrefix('a_', undefined)]).toEqual([
    'b_x',
    'x_a_',
    'a_',
  ])
})

describe('for a new integration', () => {
  const least = (count: number) => `The key has fewer than ${count} bytes.`
  const PLACEHOLDER = 'The key is a placeholder. Use the one the provider shows.'
  const base64 = (bytes: Buffer) => bytes.toString('base64')
  test.each([
    ['eight bytes', TEXT, 'k3y-abcd', undefined],
    ['seven bytes', TEXT, 'k3y-abc', least(8)],
    ['seven letters of eight bytes', TEXT, 'k3y-abü', undefined],
    ['16 bytes in base64', hmac({ decode: 'base64' }), base64(Buffer.from('0123456789abcdef')), undefined],
    ['15 bytes in base64', hmac({ decode: 'base64' }), base64(Buffer.from('0123456789abcde')), least(16)],
    ['15 bytes for a digest', HASH, base64(Buffer.from('0123456789abcde')), least(16)],
    ['eight bytes of text for a digest', { ...HASH, key: { decode: 'utf8' } }, 'k3y-abcd', undefined],
    ['eight bytes of a token', TOKEN, 'k3y-abcd', undefined],
    ['a brace in the middle, and a space', TEXT, 'key{material ', 'The key begins or ends with white space.'],
    [
      'a byte repeated',
      hmac({ decode: 'base64' }),
      base64(Buffer.alloc(16, 1)),
      'The key repeats one byte. Use the one the provider shows.',
    ],
    ['a letter repeated', TEXT, 'kkkkkkkk', 'The key repeats one byte. Use the one the provider shows.'],
    ['a space before it', TEXT, ' key-material-1', 'The key begins or ends with white space.'],
    ['a line break after it', TEXT, 'key-material-1\n', 'The key begins or ends with white space.'],
    ['a line break after a PEM', JWT, `${pem}\n`, undefined],
    ['white space around a JWK', JWT, ' {}', expect.stringMatching(/^The public key must be/)],
    ['a public key as a token', TOKEN, pem, 'This is a public key or an address; a secret is expected.'],
    [
      'an address as a password',
      BASIC,
      'https://a.example/',
      'This is a public key or an address; a secret is expected.',
    ],
    [
      'an address as credentials',
      ASK,
      'https://a.example/',
      'This is a public key or an address; a secret is expected.',
    ],
    ['a key where no user is asked for', ASK, 'key-material-1', undefined],
    ['a name however short', JWT, 'x', undefined],
    ['what cannot be read', hmac({ decode: 'hex' }), 'x', 'The key must be hex.'],
    ...[
      'changeme',
      'please-change-me',
      'Replace_Me',
      'fillme',
      'todo',
      'xxxxxxxx',
      'example1',
      'whsec_your_webhook_secret',
      'sk_test1',
      'test-testing',
      'the signing key',
      'insert-token-here',
      'password123',
    ].map((text) => [`the placeholder ${text}`, TEXT, text, PLACEHOLDER] as const),
    ...[
      'changeme-not',
      'my-sekret-1',
      'a-test-of-it',
      'xenophobe',
      '1testing1',
      'no-todo-list',
      'whsec-mine',
      'changewhsec_me',
      'still-a-todo',
      'correct-horse-secret',
      'secretary-desk',
    ].map((text) => [`no placeholder ${text}`, TEXT, text, undefined] as const),
  ] as [string, Scheme, string, string | undefined][])('%s', (_, scheme, text, wanted) =>
    wanted === undefined
      ? expect(checkKey(scheme, text)).toBeUndefined()
      : expect(checkKey(scheme, text)).toEqual(wanted))

  test('credentials have a user and a password where the call shows both', () => {
    const wanted = 'The key must be “client_id:client_secret” for the provider’s API.'
    for (const token of ['{user}', '{password}', '{basic}']) {
      const asking = [
        { ...ASK, call: { ...call, headers: { A: token } } },
        { ...ASK, authorize: { ...call, body: `x=${token}` } },
      ]
      for (const scheme of asking) {
        for (const text of ['key-material-1', ':key-material-1', ':key:material-1', 'key-material:'])
          expect(checkKey(scheme, text), text).toBe(wanted)
        expect(checkKey(scheme, 'me:key-material-1')).toBeUndefined()
      }
    }
  })
})
