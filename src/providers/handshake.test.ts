import { createHash, createHmac, createSecretKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import { readPayload } from './body.ts'
import { allowedMethods, type Handshake, type HandshakeJson, type HandshakeValue } from './definition.ts'
import { answerHandshake, type HandshakeContext } from './handshake.ts'
import type { Verified } from './outcome.ts'
import { findProvider } from './registry.ts'

const VERIFIED: Verified = {
  ok: true,
  scheme: 's',
  keyId: newId(),
  coverage: 'body',
  covers: { body: true, url: false, headers: [], members: [], fields: [] },
  content: 'body',
}
const ACTIVE: HandshakeContext = { status: 'active', settings: {} }

interface Greeting {
  readonly method?: string
  readonly query?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
}

function answer(
  handshakes: readonly Handshake[],
  greeting: Greeting,
  context: HandshakeContext,
  verified: Verified | undefined,
) {
  const body = Buffer.from(greeting.body ?? '')
  const payload = readPayload({ payload: [{ kind: 'json' }, { kind: 'empty' }] }, undefined, body)
  const { method = 'POST', query = '', headers = [] } = greeting
  const request = { method, url: `https://a.example/in?${query}`, headers, body }
  return answerHandshake({ handshakes }, request, payload.ok ? payload : undefined, context, verified)
}
const greet = (handshakes: readonly Handshake[], greeting: Greeting, context = ACTIVE) =>
  answer(handshakes, greeting, context, VERIFIED)
const unsigned = (handshakes: readonly Handshake[], greeting: Greeting, context = ACTIVE) =>
  answer(handshakes, greeting, context, undefined)
const of = (id: string) => findProvider(id)!.handshakes ?? []

describe('built-in providers', () => {
  const challenge = {
    body: '{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}',
  }

  test('slack: the challenge comes back as plain text, after verification only', () => {
    expect(greet(of('slack'), challenge)).toMatchObject({
      status: 200,
      body: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
      headers: [
        ['Content-Type', 'text/plain; charset=utf-8'],
        ['X-Content-Type-Options', 'nosniff'],
      ],
    })
    expect(unsigned(of('slack'), challenge)).toBeUndefined()
    expect(greet(of('slack'), { body: '{"type":"event_callback"}' })).toBeUndefined()
  })

  test('slack: no challenge, or one too long, is a bad request and reflects nothing', () => {
    for (const text of ['', 'x'.repeat(513)]) {
      expect(greet(of('slack'), { body: JSON.stringify({ type: 'url_verification', challenge: text }) })).toMatchObject(
        { status: 400, body: '' },
      )
    }
  })

  test('discord: pings are answered, and a webhook event, which is of type 1 too, is an event', () => {
    expect(greet(of('discord'), { body: '{"version":1,"type":0}' })).toMatchObject({ status: 204, body: '' })
    expect(greet(of('discord'), { body: '{"id":"1","type":1,"token":"t"}' })).toMatchObject({
      status: 200,
      body: '{"type":1}',
    })
    expect(
      greet(of('discord'), { body: '{"version":1,"type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}' }),
    ).toBeUndefined()
    expect(greet(of('discord'), { body: '{"type":2}' })).toBeUndefined()
    expect(unsigned(of('discord'), { body: '{"type":0}' })).toBeUndefined()
  })

  test('github: a ping is answered; an event relabelled as ping in the unsigned header stays an event', () => {
    const headers = [['x-github-event', 'ping']] as const
    expect(greet(of('github'), { headers, body: '{"zen":"Keep it logically awesome."}' })).toMatchObject({
      status: 200,
      body: '',
    })
    expect(greet(of('github'), { headers, body: '{"action":"deleted"}' })).toBeUndefined()
    expect(unsigned(of('github'), { headers, body: '{"zen":"x"}' })).toBeUndefined()
  })
})

describe('what other providers need can be said', () => {
  const subscribe: Handshake = {
    name: 'subscribe',
    when: { methods: ['GET'], match: { 'query:hub.mode': 'subscribe' } },
    signed: false,
    check: [{ value: { from: 'query:hub.verify_token' }, equals: { setting: 'verifyToken' } }],
    respond: { status: 200, text: { from: 'query:hub.challenge' } },
  }
  const context: HandshakeContext = {
    status: 'active',
    settings: { verifyToken: 'meatyhamhock', allowedOrigins: 'a.example, b.example' },
    key: createSecretKey(Buffer.from('consumer-secret')),
  }

  test('a GET challenge with a verify token; markup in it comes back as text', () => {
    const query = (token: string) => `hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=${token}`
    expect(unsigned([subscribe], { method: 'GET', query: query('meatyhamhock') }, context)).toMatchObject({
      status: 200,
      body: '<script>',
    })
    expect(unsigned([subscribe], { method: 'GET', query: query('wrong') }, context)).toMatchObject({
      status: 403,
      body: '',
    })
    expect(unsigned([subscribe], { method: 'GET', query: query('') }, context)).toMatchObject({ status: 403 })
    expect(unsigned([subscribe], { method: 'GET', query: query('meatyhamhock') })).toMatchObject({ status: 403 })
    expect(unsigned([subscribe], { method: 'POST', query: query('meatyhamhock') }, context)).toBeUndefined()
  })

  test('a signed response token, nested JSON, and nothing without a key', () => {
    const crc: Handshake = {
      name: 'crc',
      when: { methods: ['GET'], match: { 'query:crc_token': true } },
      signed: false,
      respond: {
        status: 200,
        json: {
          object: {
            response_token: {
              join: [{ text: 'sha256=' }, { hmac: 'sha256', encoding: 'base64', of: [{ from: 'query:crc_token' }] }],
            },
          },
        },
      },
    }
    const token = '9b4507b3-9040-4669-9ca3-6b94edb50553'
    const expected = createHmac('sha256', 'consumer-secret').update(token).digest('base64')
    expect(unsigned([crc], { method: 'GET', query: `crc_token=${token}` }, context)?.body).toBe(
      `{"response_token":"sha256=${expected}"}`,
    )
    expect(unsigned([crc], { method: 'GET', query: `crc_token=${token}` })).toMatchObject({ status: 400, body: '' })
  })

  test('OPTIONS with an allowed origin, echoed into a header and never beyond it', () => {
    const abuse: Handshake = {
      name: 'abuse-protection',
      when: { methods: ['OPTIONS'] },
      signed: false,
      check: [{ value: { from: 'header:WebHook-Request-Origin' }, inSetting: 'allowedOrigins' }],
      respond: {
        status: 200,
        headers: { 'WebHook-Allowed-Origin': { from: 'header:WebHook-Request-Origin' }, Allow: { text: 'POST' } },
      },
    }
    const from = (origin: string) =>
      unsigned([abuse], { method: 'OPTIONS', headers: [['webhook-request-origin', origin]] }, context)
    expect(from('b.example')).toMatchObject({
      status: 200,
      headers: [
        ['WebHook-Allowed-Origin', 'b.example'],
        ['Allow', 'POST'],
      ],
    })
    expect(from('c.example')).toMatchObject({ status: 403 })
    expect(from('')).toMatchObject({ status: 403 })
    const open: Handshake = { ...abuse, check: [] }
    const split = unsigned(
      [open],
      { method: 'OPTIONS', headers: [['WebHook-Request-Origin', 'a\r\nSet-Cookie: x']] },
      context,
    )
    expect(split).toEqual({ name: 'abuse-protection', status: 400, headers: [], body: '' })
    expect(allowedMethods({ ...findProvider('acme')!, handshakes: [abuse, subscribe] })).toEqual([
      'POST',
      'OPTIONS',
      'GET',
    ])
  })

  test('a secret is captured while the integration is pending and never over a stored one', () => {
    const capture: Handshake = {
      name: 'x-hook-secret',
      when: { methods: ['POST'], match: { 'header:X-Hook-Secret': true } },
      signed: false,
      capture: { name: 'secret', value: { from: 'header:X-Hook-Secret' } },
      respond: { status: 200, headers: { 'X-Hook-Secret': { from: 'header:X-Hook-Secret' } } },
    }
    const greeting = { headers: [['X-Hook-Secret', 'b537']] as const, body: '{}' }
    expect(unsigned([capture], greeting, { ...context, status: 'pending' })).toMatchObject({
      status: 200,
      capture: { name: 'secret', value: 'b537' },
    })
    expect(unsigned([capture], greeting, context)).toBeUndefined()
    expect(greet([capture], greeting, { ...context, status: 'disabled' })).toBeUndefined()
  })
})

const HELLO: Handshake = { name: 'hello', when: { methods: ['GET'] }, signed: false, respond: { status: 200 } }
const GET = { method: 'GET' }
const NOT_ANSWERABLE = { name: 'hello', status: 400, headers: [], body: '' }

test('a definition without exchanges answers none', () => {
  const request = { method: 'GET', url: '', headers: [], body: Buffer.alloc(0) }
  expect(answerHandshake({}, request, undefined, ACTIVE, VERIFIED)).toBeUndefined()
})

test('an answer of which nothing is said has no headers and no body', () => {
  expect(unsigned([HELLO], GET)).toStrictEqual({ name: 'hello', status: 200, headers: [], body: '' })
  expect(unsigned([HELLO], { method: 'get' })).toBeDefined()
})

describe('what makes a request an exchange', () => {
  test.each<[string, Partial<Handshake['when']>, Greeting, boolean]>([
    ['an empty body where one is asked for', { emptyBody: true }, GET, true],
    ['a body where none may be', { emptyBody: true }, { ...GET, body: '{}' }, false],
    ['a body where none is asked for', { emptyBody: false }, { ...GET, body: '{}' }, true],
    ['a value that is there', { match: { 'query:a': true } }, { ...GET, query: 'a=1' }, true],
    ['a value that is not', { match: { 'query:a': true } }, GET, false],
    ['one that is to be absent', { match: { 'query:a': false } }, GET, true],
    ['one that is there all the same', { match: { 'query:a': false } }, { ...GET, query: 'a=1' }, false],
    ['the text', { match: { 'query:a': 'x' } }, { ...GET, query: 'a=x' }, true],
    ['another text', { match: { 'query:a': 'x' } }, { ...GET, query: 'a=y' }, false],
    ['the number', { match: { 'query:a': 1 } }, { ...GET, query: 'a=1' }, true],
    ['one of two', { match: { 'query:a': 1, 'query:b': 2 } }, { ...GET, query: 'a=1' }, false],
    ['the second of its methods', { methods: ['POST', 'GET'] }, GET, true],
  ])('%s', (_, when, greeting, wanted) => {
    expect(unsigned([{ ...HELLO, when: { ...HELLO.when, ...when } }], greeting) !== undefined).toBe(wanted)
  })

  test('only while pending, where it says so', () => {
    const pending = { ...ACTIVE, status: 'pending' } as const
    for (const [pendingOnly, context, wanted] of [
      [true, ACTIVE, false],
      [true, pending, true],
      [false, ACTIVE, true],
    ] as const)
      expect(unsigned([{ ...HELLO, pendingOnly }], GET, context) !== undefined).toBe(wanted)
  })
})

test('an address is asked only on a verified word, and only of the hosts that are named', () => {
  const fetching: Handshake = { ...HELLO, fetch: { url: 'query:u', hosts: ['a.example'] } }
  const good = { ...GET, query: 'u=https://a.example/x' }
  expect(greet([fetching], good)).toStrictEqual({
    name: 'hello',
    status: 200,
    headers: [],
    body: '',
    fetch: 'https://a.example/x',
  })
  expect(unsigned([fetching], good)).toBeUndefined()
  for (const query of ['', 'u=https://b.example/x', 'u=http://a.example/x'])
    expect(greet([fetching], { ...GET, query }), query).toEqual(NOT_ANSWERABLE)
})

test('what is to be captured or shown in a header and is not there: a bad request', () => {
  const pending = { ...ACTIVE, status: 'pending' } as const
  const from = { from: 'query:a' }
  expect(unsigned([{ ...HELLO, capture: { name: 's', value: from } }], GET, pending)).toEqual(NOT_ANSWERABLE)
  expect(unsigned([{ ...HELLO, respond: { status: 200, headers: { A: from } } }], GET)).toEqual(NOT_ANSWERABLE)
})

describe('what is answered', () => {
  const context: HandshakeContext = { status: 'active', settings: { a: 'x' }, key: createSecretKey(Buffer.from('k')) }
  const a: HandshakeValue = { from: 'query:a' }
  const of = [{ text: 'ü' }, a]
  const hmac = (encoding: 'hex' | 'base64') => createHmac('sha256', 'k').update('ü1').digest(encoding)
  const hash = (encoding: 'hex' | 'base64') => createHash('sha256').update('ü1').digest(encoding)
  test.each<[string, HandshakeValue, string | undefined]>([
    ['a word', { text: 'w' }, 'w'],
    ['a value', a, '1'],
    ['a setting', { setting: 'a', default: 'y' }, 'x'],
    ['its default', { setting: 'b', default: 'y' }, 'y'],
    ['no setting', { setting: 'b' }, undefined],
    ['what every object has', { setting: 'constructor' }, undefined],
    ['values in a row', { join: of }, 'ü1'],
    ['a row with a gap', { join: [a, { from: 'query:b' }, a] }, undefined],
    ['a digest in hex', { hash: 'sha256', encoding: 'hex', of }, hash('hex')],
    ['a digest in base64', { hash: 'sha256', encoding: 'base64', of }, hash('base64')],
    ['the digest of a gap', { hash: 'sha256', encoding: 'hex', of: [{ from: 'query:b' }] }, undefined],
    ['a signature in hex', { hmac: 'sha256', encoding: 'hex', of }, hmac('hex')],
    ['a signature in base64', { hmac: 'sha256', encoding: 'base64', of }, hmac('base64')],
  ])('%s', (_, text, wanted) => {
    const found = unsigned([{ ...HELLO, respond: { status: 201, text } }], { ...GET, query: 'a=1' }, context)
    const headers = [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['X-Content-Type-Options', 'nosniff'],
    ]
    expect(found).toStrictEqual(
      wanted === undefined ? NOT_ANSWERABLE : { name: 'hello', status: 201, headers, body: wanted },
    )
  })

  test.each<[string, HandshakeJson, string | undefined]>([
    ['a number', { number: 1 }, '1'],
    ['a value', a, '"1"'],
    ['members', { object: { n: { number: 1 }, o: { object: { a } } } }, '{"n":1,"o":{"a":"1"}}'],
    ['a member that is missing', { object: { n: { number: 1 }, b: { from: 'query:b' } } }, undefined],
  ])('JSON: %s', (_, json, wanted) => {
    const respond = { status: 200, headers: { A: { text: 'b' } }, json }
    const found = unsigned([{ ...HELLO, respond }], { ...GET, query: 'a=1' }, context)
    const headers = [
      ['A', 'b'],
      ['Content-Type', 'application/json'],
      ['X-Content-Type-Options', 'nosniff'],
    ]
    expect(found).toStrictEqual(
      wanted === undefined ? NOT_ANSWERABLE : { name: 'hello', status: 200, headers, body: wanted },
    )
  })
})

describe('what has to hold before it is answered', () => {
  const settings = { list: 'x, y ,z', one: 'x' }
  const a: HandshakeValue = { from: 'query:a' }
  type Checks = NonNullable<Handshake['check']>
  test.each<[string, Checks, string, boolean]>([
    ['equal', [{ value: a, equals: { setting: 'one' } }], 'x', true],
    ['part of it', [{ value: a, equals: { setting: 'one' } }], 'xx', false],
    ['missing on both sides', [{ value: a, equals: { setting: 'none' } }], '', false],
    ['missing in the settings', [{ value: a, equals: { setting: 'none' } }], 'x', false],
    ['of the form', [{ value: a, matches: 'x|y' }], 'x', true],
    ['the form before it', [{ value: a, matches: 'x|y' }], 'ax', false],
    ['the form and more', [{ value: a, matches: 'x|y' }], 'xa', false],
    ['the first of a list', [{ value: a, inSetting: 'list' }], 'x', true],
    ['the second of a list', [{ value: a, inSetting: 'list' }], 'y', true],
    ['not in the list', [{ value: a, inSetting: 'list' }], 'x, y', false],
    ['no list', [{ value: a, inSetting: 'none' }], 'x', false],
    [
      'the first of two only',
      [
        { value: a, matches: 'x' },
        { value: a, matches: 'y' },
      ],
      'x',
      false,
    ],
  ])('%s', (_, check, text, wanted) => {
    const found = unsigned([{ ...HELLO, check }], { ...GET, query: `a=${text}` }, { ...ACTIVE, settings })
    expect(found).toStrictEqual({ name: 'hello', status: wanted ? 200 : 403, headers: [], body: '' })
  })

  test('refused as the provider prescribes', () => {
    const handshake: Handshake = { ...HELLO, check: [{ value: a, matches: 'x' }], otherwise: { status: 401 } }
    expect(unsigned([handshake], GET)).toStrictEqual({ name: 'hello', status: 401, headers: [], body: '' })
  })
})
