/** Requests that are not what they seem, or hardly requests at all: each is a 4xx of one kind, and the next one is served. */
import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { aGateway, type TestGateway } from '../support/gateway.ts'
import { exchange, open, rawRequest } from './raw-http.ts'

const SECRET = 'acme-secret-of-the-shapes'
let gateway: TestGateway
let target: string
let count = 0
beforeAll(async () => {
  gateway = await aGateway({ config: { POSTERN_HEADER_TIMEOUT_MS: '700', POSTERN_BODY_TIMEOUT_MS: '700' } })
  target = (await gateway.integrate({ provider: 'acme', secret: SECRET, rateLimitPerMinute: 1_000_000 })).receivePath
})
afterAll(() => gateway[Symbol.asyncDispose]())

const sign = (body: string | Buffer) => createHmac('sha256', SECRET).update(body).digest('hex')
const genuine = () => {
  const body = JSON.stringify({ eventId: `shape-${++count}`, eventType: 'a' })
  return {
    body,
    headers: [
      ['Content-Type', 'application/json'],
      ['X-Acme-Signature', sign(body)],
    ] as [string, string][],
  }
}
const statusOf = async (bytes: string | Buffer | (string | Buffer)[]) =>
  (await exchange(gateway.address, bytes)).answers[0]?.status

// The positive twin of every test here.
afterEach(async () => {
  expect(await statusOf(rawRequest({ target, ...genuine() }))).toBe(202)
})

describe('framing', () => {
  const { body, headers } = genuine()
  const head = (lines: string) =>
    `POST ${'{target}'} HTTP/1.1\r\nHost: a\r\n${headers.map(([n, v]) => `${n}: ${v}\r\n`).join('')}${lines}\r\n`
  const second = 'GET /api/v1/integrations HTTP/1.1\r\nHost: a\r\n\r\n'
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  test.each([
    [
      'Content-Length beside Transfer-Encoding',
      head(`Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n`) + chunked,
    ],
    ['Transfer-Encoding before Content-Length', head(`Transfer-Encoding: chunked\r\nContent-Length: 6\r\n`) + chunked],
    ['two different lengths', head(`Content-Length: ${body.length}\r\nContent-Length: 1\r\n`) + body],
    ['two equal lengths', head(`Content-Length: ${body.length}\r\nContent-Length: ${body.length}\r\n`) + body],
    ['a list of lengths', head(`Content-Length: ${body.length}, ${body.length}\r\n`) + body],
    ['a signed length', head(`Content-Length: +${body.length}\r\n`) + body],
    ['a negative length', head('Content-Length: -1\r\n') + body],
    ['a length in hex', head(`Content-Length: 0x${body.length.toString(16)}\r\n`) + body],
    ['a length beyond counting', head('Content-Length: 99999999999999999999999\r\n') + body],
    ['an unknown transfer coding', head('Transfer-Encoding: xchunked\r\n') + chunked],
    ['chunked that is not last', head('Transfer-Encoding: chunked, identity\r\n') + chunked],
    ['a transfer coding after a tab', head('Transfer-Encoding:\u000bchunked\r\n') + chunked],
    ['a chunk size that is no number', `${head('Transfer-Encoding: chunked\r\n')}zz\r\n`],
    ['a chunk longer than its size', `${head('Transfer-Encoding: chunked\r\n')}2\r\n${body}\r\n0\r\n\r\n`],
    ['a chunk size beyond counting', `${head('Transfer-Encoding: chunked\r\n')}ffffffffffffffffff\r\n${body}`],
    ['a space before the colon', head(`Content-Length : ${body.length}\r\n`) + body],
    ['a folded header', head(`X-Folded: a\r\n b\r\nContent-Length: ${body.length}\r\n`) + body],
    ['a bare line feed between headers', head(`X-A: b\nContent-Length: ${body.length}\r\n`) + body],
    ['NUL in a header', head(`X-A: a\u0000b\r\nContent-Length: ${body.length}\r\n`) + body],
  ])('S-35 %s is 400, and what follows on the connection is not served', async (_name, bytes) => {
    const { answers, closed } = await exchange(gateway.address, bytes.replace('{target}', target) + second, {
      until: 'close',
      waitMs: 8_000,
    })
    expect(answers.map(({ status }) => status)).toEqual([400])
    expect(closed).toBe(true)
  })

  test('S-35 what is sent behind an answered request is another request, with no more rights than any', async () => {
    const request = rawRequest({ target, headers: [...genuine().headers, ['Connection', 'keep-alive']], body: '{}' })
    const { answers } = await exchange(
      gateway.address,
      [request, second, rawRequest({ method: 'GET', target: '/livez' })],
      { until: 'close' },
    )
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 200])
  })
})

describe('the request line', () => {
  test.each([
    ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n'],
    ['no version', 'POST /\r\n\r\n'],
    ['a version of the future', 'POST / HTTP/9.9\r\nHost: a\r\n\r\n'],
    ['an unknown method', 'BREW /api/v1/webhooks/acme HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a method in lower case', 'post /api/v1/webhooks/acme HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['no Host', 'GET /livez HTTP/1.1\r\n\r\n'],
    ['two Hosts', 'GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['a space in the target', 'GET /api/v1/ webhooks HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('S-35 with %s is 400', async (_name, bytes) => {
    expect(await statusOf(bytes)).toBe(400)
  })

  const absurd = [
    '/api/v1/webhooks/',
    '/api/v1/webhooks//',
    '/api/v1/webhooks/acme/../../integrations',
    '/api/v1/webhooks/..%2f..%2fintegrations',
    '/api/v1/webhooks/%00',
    '/api/v1/webhooks/%ff%fe',
    '/api/v1/webhooks/%',
    '/api/v1/webhooks/%zz',
    "/api/v1/webhooks/acme'--",
    '/api/v1/webhooks/constructor',
    '/api/v1/webhooks/__proto__/int_00000000000000000000000000000000',
    `/api/v1/webhooks/${'a'.repeat(4000)}`,
    `/${'../'.repeat(500)}etc/passwd`,
    '/api/v1/events/%F0%9F%92%A9',
    '/%',
    '*',
    'gateway.example:443',
    'http://elsewhere.example/api/v1/webhooks/acme',
    '//elsewhere.example/api/v1/webhooks/acme',
    '/\\..\\..\\',
    '/?__proto__[x]=1',
  ]
  test('S-35 with an absurd target is a 4xx for every method', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND']) {
      for (const each of absurd) {
        const answers = await statusOf(rawRequest({ method, target: each, ...genuine() }))
        expect(answers, `${method} ${each.slice(0, 60)}`).toBeGreaterThanOrEqual(400)
        expect(answers, `${method} ${each.slice(0, 60)}`).toBeLessThan(500)
      }
    }
  })

  test('S-35 a tunnel or an upgrade is not opened', async () => {
    const tunnel = await exchange(gateway.address, 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n', {
      until: 'close',
      waitMs: 3_000,
    })
    expect(tunnel.answers.every(({ status }) => status >= 400 && status < 500)).toBe(true)
    expect(tunnel.closed).toBe(true)
    const { body, headers } = genuine()
    const upgraded = rawRequest({
      target,
      body,
      headers: [...headers, ['Connection', 'Upgrade, close'], ['Upgrade', 'h2c']],
    })
    // RFC 9110 section 7.8: an upgrade that is not understood is ignored.
    expect(await statusOf(upgraded)).toBe(202)
  })

  test('S-35 a method the provider does not use is 405 and says which it does', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH']) {
      const { answers } = await exchange(gateway.address, rawRequest({ method, target }), { until: 'close' })
      expect(answers[0]?.status ?? 405, method).toBe(405)
      if (method !== 'HEAD') expect(answers[0]!.head).toContain('allow: post')
    }
  })
})

describe('headers', () => {
  test('S-35 more of them than 16 KiB are 431, the same number of short ones is read', async () => {
    const { body, headers } = genuine()
    const many = (value: string) => Array.from({ length: 300 }, (_, n): [string, string] => [`X-${n}`, value])
    expect(await statusOf(rawRequest({ target, body, headers: [...headers, ...many('v'.repeat(100))] }))).toBe(431)
    expect(await statusOf(rawRequest({ target, body, headers: [...headers, ...many('v')] }))).toBe(202)
  })

  test('S-23 a signature given twice is refused, in whatever case and also when both are right; joined ones, too', async () => {
    const { body, headers } = genuine()
    const [type = ['', ''] as [string, string], [, signature] = ['', '']] = headers
    const shapes: [string, string][][] = [
      [
        ['X-Acme-Signature', signature],
        ['X-Acme-Signature', signature],
      ],
      [
        ['X-Acme-Signature', signature],
        ['x-acme-signature', 'f'.repeat(64)],
      ],
      [
        ['X-ACME-SIGNATURE', 'f'.repeat(64)],
        ['X-Acme-Signature', signature],
      ],
      [['X-Acme-Signature', `${signature}, ${signature}`]],
      [['X-Acme-Signature', `${signature},`]],
      [['X-Acme-Signature', '']],
    ]
    for (const shape of shapes) {
      expect(await statusOf(rawRequest({ target, body, headers: [type, ...shape] })), JSON.stringify(shape)).toBe(401)
    }
    expect(await statusOf(rawRequest({ target, body, headers: [type, ['X-Acme-Signature', signature]] }))).toBe(202)
  })

  test('S-12 ten thousand signatures in one header are refused', async () => {
    const list = Array.from({ length: 10_000 }, () => 'v1,AA').join(' ')
    const gate = await gateway.integrate({
      provider: 'standard-webhooks',
      secret: `whsec_${Buffer.alloc(32, 5).toString('base64').replace('B', 'C')}`,
    })
    const within = list.slice(0, 12_000)
    const headers: [string, string][] = [
      ['webhook-id', 'm'],
      ['webhook-timestamp', String(Math.floor(Date.now() / 1000))],
    ]
    expect(
      await statusOf(rawRequest({ target: gate.receivePath, headers: [...headers, ['webhook-signature', list]] })),
    ).toBe(431)
    expect(
      await statusOf(rawRequest({ target: gate.receivePath, headers: [...headers, ['webhook-signature', within]] })),
    ).toBe(401)
  })
})

describe('slowness', () => {
  test('S-33 headers that trickle are ended with 408', async () => {
    const line = `POST ${target} HTTP/1.1\r\nHost: a\r\n`
    const { answers, closed } = await exchange(
      gateway.address,
      [line, ...Array.from({ length: 200 }, (_, n) => `X-${n}: a\r\n`)],
      {
        until: 'close',
        pauseMs: 100,
        waitMs: 15_000,
      },
    )
    expect(answers.map(({ status }) => status)).toEqual([408])
    expect(closed).toBe(true)
  })

  test('S-33 a body that trickles, or never comes, is ended with 408', async () => {
    const { body, headers } = genuine()
    const head = rawRequest({ target, headers: [...headers, ['Content-Length', String(body.length)]] })
    for (const parts of [[head, ...body], [head]]) {
      const { answers, closed } = await exchange(gateway.address, parts, {
        until: 'close',
        pauseMs: 200,
        waitMs: 15_000,
      })
      expect(answers.map(({ status }) => status)).toEqual([408])
      expect(closed).toBe(true)
    }
  })

  test('S-33 a hundred idle connections keep nobody out', async () => {
    const idle = await Promise.all(Array.from({ length: 100 }, () => open(gateway.address)))
    expect(await statusOf(rawRequest({ target, ...genuine() }))).toBe(202)
    for (const socket of idle) socket.destroy()
  })

  test('S-35 a sender that hangs up in the middle leaves nothing behind, and is no error of ours', async () => {
    const { body, headers } = genuine()
    const stored = async () => (await gateway.db.query('select id from events')).rows.length
    const before = await stored()
    for (const path of [target, '/api/v1/integrations', '/api/v1/nowhere']) {
      for (const cut of [10, 60, 120, 1]) {
        const bytes = rawRequest({
          target: path,
          body,
          headers: [...headers, ['X-Internal-Api-Key', gateway.managementKey]],
        })
        const socket = await open(gateway.address)
        socket.write(bytes.subarray(0, bytes.length - cut))
        await sleep(20)
        socket.destroy()
      }
    }
    await sleep(100)
    expect(await stored()).toBe(before)
    expect(gateway.logLines().filter((line) => line.includes('"level":"error"'))).toEqual([])
  })
})
