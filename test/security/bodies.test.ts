/** Bodies that are too much, compressed, or no JSON: bounded before they are read, kept as bytes, parsed within limits. */
import { createHmac } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { aGateway, type TestGateway } from '../support/gateway.ts'
import { exchange, open, rawRequest } from './raw-http.ts'

const SECRET = 'acme-secret-of-the-bodies'
const MAX = 10_000
let gateway: TestGateway
let target: string
let count = 0
beforeAll(async () => {
  gateway = await aGateway({ config: { POSTERN_MAX_INFLIGHT_BYTES: '40000', POSTERN_BODY_TIMEOUT_MS: '5000' } })
  target = (await gateway.integrate({ provider: 'acme', secret: SECRET, maxBodyBytes: MAX })).receivePath
})
afterAll(() => gateway[Symbol.asyncDispose]())

type Headers = readonly (readonly [string, string])[]
const signed = (body: Buffer | string): Headers => [
  ['Content-Type', 'application/json'],
  ['X-Acme-Signature', createHmac('sha256', SECRET).update(body).digest('hex')],
]
const post = async (body: Buffer | string, headers: Headers = signed(body)) => {
  const { answers } = await exchange(gateway.address, rawRequest({ target, body, headers }))
  return { status: answers[0]?.status, json: JSON.parse(answers[0]?.body || '{}') }
}
const sized = (length: number) =>
  `{"eventId":"b-${++count}","pad":"${'x'.repeat(length)}`.slice(0, length - 2).concat('"}')

afterEach(async () => {
  expect((await post(sized(200))).status).toBe(202)
})

describe('size', () => {
  test('S-30 a Content-Length over the limit is 413 before a byte of the body is sent', async () => {
    for (const length of [MAX + 1, 300_000_000]) {
      const head = rawRequest({ target, headers: [...signed(''), ['Content-Length', String(length)]] })
      const { answers, closed } = await exchange(gateway.address, head, { until: 'close' })
      expect(answers.map(({ status }) => status)).toEqual([413])
      expect(answers[0]!.head).toContain('connection: close')
      expect(closed).toBe(true)
    }
    expect((await post(sized(MAX))).status).toBe(202)
  })

  test('S-30 S-31 a chunked body is refused at the byte over the limit, and one of exactly the limit is accepted', async () => {
    const chunked = (body: string, size: number) =>
      rawRequest({ target, headers: [...signed(body), ['Transfer-Encoding', 'chunked']] }).toString('latin1') +
      [...Array(Math.ceil(body.length / size)).keys()]
        .map((n) => body.slice(n * size, (n + 1) * size))
        .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
        .join('') +
      '0\r\n\r\n'
    for (const size of [1_000, MAX + 1]) {
      const { answers } = await exchange(gateway.address, chunked(sized(MAX + 1), size), { until: 'close' })
      expect(answers.map(({ status }) => status)).toEqual([413])
    }
    expect((await exchange(gateway.address, chunked(sized(MAX), 777))).answers[0]?.status).toBe(202)
  })

  test('S-31 the limit is that of the integration, whatever proves the sender', async () => {
    for (const provider of ['globex', 'stripe', 'twilio', 'discord']) {
      const { receivePath } = await gateway.integrate({ provider, maxBodyBytes: 500 })
      const { answers } = await exchange(gateway.address, rawRequest({ target: receivePath, body: 'x'.repeat(501) }), {
        until: 'close',
      })
      expect(answers[0]?.status, provider).toBe(413)
    }
  })

  test('S-30 a path that names nobody reads no more than any other', async () => {
    const head = rawRequest({ target: '/api/v1/webhooks/nobody', headers: [['Content-Length', '300000000']] })
    expect((await exchange(gateway.address, head, { until: 'close' })).answers.map(({ status }) => status)).toEqual([
      413,
    ])
  })

  test('S-30 a sender that goes on after the 413 is cut off', async () => {
    const flood = Array.from({ length: 2_000 }, () => Buffer.alloc(16_384, 'x'))
    const head = rawRequest({ target, headers: [...signed(''), ['Content-Length', '300000000']] })
    const { answers, closed } = await exchange(gateway.address, [head, ...flood], { until: 'close' })
    expect(answers.every(({ status }) => status === 413)).toBe(true)
    expect(closed).toBe(true)
  })

  test('S-30 bodies held at one time are bounded over all requests: beyond it 503 with Retry-After, and it is given back', async () => {
    const half = rawRequest({ target, headers: [...signed(''), ['Content-Length', '9000']] })
    const holders = await Promise.all(Array.from({ length: 4 }, () => open(gateway.address)))
    for (const socket of holders) socket.write(Buffer.concat([half, Buffer.alloc(8_990, 'x')]))
    const busy = async () =>
      (await exchange(gateway.address, rawRequest({ target, body: sized(9_000), headers: signed('') }))).answers[0]
    await expect.poll(async () => (await busy())?.status).toBe(503)
    expect((await busy())?.head).toMatch(/retry-after: \d/)
    for (const socket of holders) socket.destroy()
    await expect.poll(async () => (await post(sized(9_000))).status).toBe(202)
  })
})

describe('encoding and type', () => {
  test('S-34 a compressed body is 415, also under a signature over the compressed bytes', async () => {
    const body = gzipSync('{"eventId":"gz"}')
    for (const coding of ['gzip', 'deflate', 'br', 'zstd', 'x-gzip', 'identity, gzip', 'GZIP']) {
      expect((await post(body, [...signed(body), ['Content-Encoding', coding]])).status, coding).toBe(415)
    }
    const plain = sized(100)
    expect((await post(plain, [...signed(plain), ['Content-Encoding', 'identity']])).status).toBe(202)
  })

  test('S-20 a content type the provider does not send is 415, and no header makes JSON anything else', async () => {
    const body = '{"eventId":"type"}'
    const [, signature] = signed(body)
    for (const type of [
      'text/plain',
      'text/html',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      'junk',
      'application/json-patch',
    ]) {
      expect((await post(body, [['Content-Type', type], signature!])).status, type).toBe(415)
    }
    for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/cloudevents+json']) {
      const fine = sized(120)
      expect((await post(fine, [['Content-Type', type], signed(fine)[1]!])).status, type).toBe(202)
    }
  })
})

describe('JSON', () => {
  test.each([
    ['malformed', '{"eventId":'],
    ['empty', ''],
    ['white space', '  \n'],
    ['two values', '{} {}'],
    ['a list', '[]'],
    ['a string', '"x"'],
    ['null', 'null'],
    ['single quotes', "{'a':1}"],
    ['NaN', '{"a":NaN}'],
    ['a comment', '{/* */}'],
    ['a raw NUL', '{"a":"\u0000"}'],
    ['a byte order mark', '\ufeff{}'],
  ])('S-37 S-35 that is %s is 400 from a provider of JSON objects', async (_name, body) => {
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect(answer.json.code).toBe('VALIDATION_ERROR')
  })

  test('S-37 that is invalid UTF-8 is 400', async () => {
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
      expect((await post(Buffer.from([0x7b, 0x22, ...bytes, 0x22, 0x3a, 0x31, 0x7d]))).status).toBe(400)
    }
  })

  test('S-37 of depth 100,000 and of very many keys is 400 or a bounded event, and the process is well', async () => {
    const wide = await gateway.integrate({ provider: 'acme', secret: SECRET, maxBodyBytes: 30_000 })
    const bodies = [
      `{"a":${'['.repeat(14_000)}${']'.repeat(14_000)}}`,
      `${'{"a":'.repeat(4_000)}1${'}'.repeat(4_000)}`,
      '['.repeat(29_000),
    ]
    for (const body of bodies) {
      const { answers } = await exchange(
        gateway.address,
        rawRequest({ target: wide.receivePath, body, headers: signed(body) }),
      )
      expect(answers[0]?.status).toBe(400)
    }
    const own = await aGateway()
    try {
      const { receivePath } = await own.integrate({ provider: 'acme', secret: SECRET })
      const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
      const many = `{${Array.from({ length: 60_000 }, (_, n) => `"k${n}":1`).join()}}`
      for (const body of [deep, `{"a":${deep}}`, many]) {
        const { answers } = await exchange(
          own.address,
          rawRequest({ target: receivePath, body, headers: signed(body) }),
        )
        expect(answers[0]?.status).toBe(400)
      }
      const body = sized(1000)
      expect(
        (await exchange(own.address, rawRequest({ target: receivePath, body, headers: signed(body) }))).answers[0]
          ?.status,
      ).toBe(202)
    } finally {
      await own[Symbol.asyncDispose]()
    }
  })

  test.each([
    [
      '__proto__ and constructor',
      '{"eventId":"j1","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    ],
    ['duplicate names', '{"eventId":"j2","eventId":"j2b","a":1,"a":2}'],
    ['a number beyond all bounds', '{"eventId":"j3","n":1e400,"m":-1e400,"k":123456789012345678901234567890}'],
    ['an escaped NUL', '{"eventId":"j4","eventType":"a\\u0000b","s":"\\u0000"}'],
    ['a lone surrogate', '{"eventId":"j5","eventType":"\\ud800","s":"\\udfff"}'],
    ['an id that is NUL', '{"eventId":"\\u0000"}'],
    ['ids and types of the wrong kind', '{"eventId":{"a":[1]},"eventType":[null],"occurredAt":{}}'],
    ['a very long type', `{"eventId":"j8","eventType":"${'t'.repeat(5000)}"}`],
    ['markup and escapes', '{"eventId":"<script>","eventType":"\\u001b[31m\\u202e"}'],
  ])('S-36 S-37 with %s is stored byte for byte, processed, and changes nothing else', async (_name, body) => {
    const answer = await post(body)
    expect(answer.status, JSON.stringify(answer.json)).toBe(202)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    const path = `/api/v1/events/${answer.json.eventId}`
    await expect.poll(async () => (await gateway.api('GET', path)).json.status, { timeout: 10_000 }).toBe('processed')
    expect((await gateway.api('GET', `${path}/raw`)).text).toBe(body)
  })
})
