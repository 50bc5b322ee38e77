import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type FarSide, httpFarSide, tcpFarSide } from '../../../test/support/far-side.ts'
import { type Outbound, type OutboundPolicy, type OutboundRequest, openOutbound } from './request.ts'

const loopback = ['127.0.0.1/32']
const opened: Outbound[] = []

afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  await Promise.all(opened.splice(0).map((outbound) => outbound.close()))
})

function anOutbound(policy: Partial<OutboundPolicy> = {}): Outbound {
  const outbound = openOutbound({ ports: [443], allowHttp: false, ...policy })
  opened.push(outbound)
  return outbound
}

function aRequest(request: Partial<OutboundRequest> & { url: string }): OutboundRequest {
  const defaults = { method: 'POST', headers: {}, body: Buffer.from('{}'), timeoutMs: 10_000, allowCidrs: loopback }
  return { ...defaults, ...request }
}

describe('an answer', () => {
  test('comes back with status, headers in order and body; the request arrives as given', async () => {
    await using far = await httpFarSide((response) => {
      response.writeHead(
        202,
        [
          ['X-One', '1'],
          ['x-two', 'ü'],
          ['X-One', '3'],
        ].flat(),
      )
      response.end('accepted')
    })
    const headers = [
      ['Webhook-Id', 'msg_1'],
      ['webhook-signature', 'v1,abc'],
      ['X-Twice', 'a'],
      ['X-Twice', 'b'],
    ] as const

    const result = await anOutbound().send(
      aRequest({ url: `${far.url}/hooks?a=b%20c`, headers, body: Buffer.from([0, 255, 10]) }),
    )

    expect(result).toMatchObject({ ok: true, status: 202, body: Buffer.from('accepted'), truncated: false })
    expect(result.ok && result.headers.slice(0, 3)).toEqual([
      ['X-One', '1'],
      ['x-two', 'ü'],
      ['X-One', '3'],
    ])
    expect(far.requests).toMatchObject([{ method: 'POST', url: '/hooks?a=b%20c', body: Buffer.from([0, 255, 10]) }])
    const host = ['host', `127.0.0.1:${far.port}`]
    expect(far.requests[0]!.headers).toEqual(expect.arrayContaining([...host, ...headers.flat()]))
  })

  test('10 MB arrive byte for byte, and 10 MB of answer are read up to the cap', async () => {
    const body = Buffer.alloc(10 * 1024 * 1024, 'postern')
    await using far = await httpFarSide((response) => response.end(body))
    const result = await anOutbound().send(aRequest({ url: far.url, body }))
    const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
    expect(far.requests.map((request) => digest(request.body))).toEqual([digest(body)])
    expect(result).toMatchObject({ ok: true, status: 200, truncated: true })
    expect(result.ok && result.body.equals(body.subarray(0, 64 * 1024))).toBe(true)
  })

  test.each([0, 1, 99])('is cut at %i bytes when it has 100', async (maxResponseBytes) => {
    await using far = await httpFarSide((response) => response.end('x'.repeat(100)))
    const result = await anOutbound().send(aRequest({ url: far.url, maxResponseBytes }))
    expect(result).toMatchObject({ ok: true, truncated: true, body: Buffer.from('x'.repeat(maxResponseBytes)) })
  })

  test.each([100, 101])('is whole when it has 100 bytes and %i are allowed', async (maxResponseBytes) => {
    await using far = await httpFarSide((response) => response.end('x'.repeat(100)))
    const result = await anOutbound().send(aRequest({ url: far.url, maxResponseBytes }))
    expect(result).toMatchObject({ ok: true, truncated: false, body: Buffer.from('x'.repeat(100)) })
  })

  test('without end is read up to the cap, then its connection is destroyed', async () => {
    await using far = await httpFarSide((response) => {
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      }
      response.on('drain', pour)
      pour()
    })
    const result = await anOutbound().send(aRequest({ url: far.url }))
    expect(result).toMatchObject({ ok: true, status: 200, truncated: true })
    expect(result.ok && result.body.length).toBe(64 * 1024)
    await allClosed(far, 1)
  })

  test('of 103 Early Hints is not the answer', async () => {
    await using far = await tcpFarSide((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 103 Early Hints\r\nx: 1\r\n\r\nHTTP/1.1 200 OK\r\nx: 2\r\ncontent-length: 0\r\n\r\n'),
      )
    })
    const result = await anOutbound().send(aRequest({ url: far.url }))
    expect(result).toMatchObject({
      ok: true,
      status: 200,
      headers: [
        ['x', '2'],
        ['content-length', '0'],
      ],
    })
  })

  test.each([301, 302, 303, 307, 308])('of %i is a status: nothing is fetched from where it points', async (status) => {
    await using inside = await httpFarSide()
    await using far = await httpFarSide((response) =>
      response.writeHead(status, { location: `${inside.url}/admin` }).end(),
    )
    const result = await anOutbound().send(aRequest({ url: far.url }))
    expect(result).toMatchObject({ ok: true, status })
    expect([inside.sockets.length, far.requests.length]).toEqual([0, 1])
  })
})

describe('a far side that fails is a value, not an exception', () => {
  test('nobody listening: connection_refused', async () => {
    const far = await httpFarSide()
    await far[Symbol.asyncDispose]()
    expect(await anOutbound().send(aRequest({ url: far.url }))).toMatchObject({
      ok: false,
      outcome: 'connection_refused',
      detail: 'ECONNREFUSED',
    })
  })

  test('never an answer: timeout, and the connection is destroyed', async () => {
    await using far = await tcpFarSide((socket) => void socket.resume())
    expect(await anOutbound().send(aRequest({ url: far.url, timeoutMs: 200 }))).toMatchObject({
      ok: false,
      outcome: 'timeout',
      detail: 'deadline',
    })
    await allClosed(far, 1)
  })

  test('a header that trickles: timeout', async () => {
    await using far = await tcpFarSide((socket) => trickle(socket, 'HTTP/1.1 200 OK\r\nx: '))
    expect(await anOutbound().send(aRequest({ url: far.url, timeoutMs: 300 }))).toMatchObject({
      ok: false,
      outcome: 'timeout',
    })
  })

  test('a body that trickles: timeout, although there is always one more byte', async () => {
    await using far = await tcpFarSide((socket) => trickle(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n'))
    expect(await anOutbound().send(aRequest({ url: far.url, timeoutMs: 300 }))).toMatchObject({
      ok: false,
      outcome: 'timeout',
    })
  })

  test('a body that is not read: timeout', async () => {
    await using far = await tcpFarSide((socket) => void socket.pause())
    const body = Buffer.alloc(32 * 1024 * 1024)
    expect(await anOutbound().send(aRequest({ url: far.url, body, timeoutMs: 300 }))).toMatchObject({
      ok: false,
      outcome: 'timeout',
    })
  })

  test('a resolver that never answers: timeout', async () => {
    const outbound = anOutbound({ lookup: () => new Promise(() => {}) })
    expect(await outbound.send(aRequest({ url: 'http://slow.test/', timeoutMs: 200 }))).toMatchObject({
      ok: false,
      outcome: 'timeout',
    })
  })

  test('a connection that comes after the deadline carries nothing: a timeout stays a request that was not sent', async () => {
    await using far = await httpFarSide()
    const resolvers: ((addresses: string[]) => void)[] = []
    const outbound = anOutbound({ lookup: () => new Promise((resolve) => resolvers.push(resolve)) })
    const url = `http://slow.test:${far.port}`
    expect(await outbound.send(aRequest({ url: `${url}/late`, timeoutMs: 100 }))).toMatchObject({ outcome: 'timeout' })
    resolvers[0]!(['127.0.0.1'])
    await vi.waitFor(() => expect(far.sockets).toHaveLength(1))
    const next = outbound.send(aRequest({ url: `${url}/next` }))
    await vi.waitFor(() => resolvers[1]!(['127.0.0.1']))
    expect(await next).toMatchObject({ ok: true })
    expect(far.requests.map((request) => request.url)).toEqual(['/next'])
  })

  test.each([
    ['a reset', (socket: Socket) => socket.resetAndDestroy()],
    ['a close without an answer', (socket: Socket) => socket.end()],
    [
      'a body shorter than announced',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort'),
    ],
    ['something that is not HTTP', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
    ['headers without end', (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`)],
    [
      'a protocol switch',
      (socket: Socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    ],
    [
      'two lengths',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'),
    ],
  ])('%s: connection_reset', async (_, misbehave) => {
    await using far = await tcpFarSide((socket) => void socket.once('data', () => misbehave(socket)))
    expect(await anOutbound().send(aRequest({ url: far.url }))).toMatchObject({
      ok: false,
      outcome: 'connection_reset',
    })
  })

  test('is forgotten: the next request to the same origin succeeds', async () => {
    let first = true
    await using far = await tcpFarSide((socket) => {
      const fail = first
      first = false
      socket.on('data', () => (fail ? socket.resetAndDestroy() : socket.write('HTTP/1.1 204 No Content\r\n\r\n')))
    })
    const outbound = anOutbound()
    expect(await outbound.send(aRequest({ url: far.url }))).toMatchObject({ outcome: 'connection_reset' })
    expect(await outbound.send(aRequest({ url: far.url }))).toMatchObject({ ok: true, status: 204 })
  })
})

describe('a request that is not fit to send', () => {
  test.each([
    [{ 'x-a': 'b\r\nx-injected: 1' }, 'header_value'],
    [{ 'x-a\r\nx-injected': '1' }, 'header_name'],
    [{ 'x-a': 'b\u0000' }, 'header_value'],
    [{ Host: 'internal.example' }, 'header_reserved'],
    [{ 'Transfer-Encoding': 'chunked' }, 'header_reserved'],
  ])('with %j never opens a connection', async (headers, detail) => {
    await using far = await httpFarSide()
    expect(await anOutbound().send(aRequest({ url: far.url, headers }))).toEqual({
      ok: false,
      outcome: 'internal',
      detail,
      durationMs: 0,
    })
    expect(await anOutbound().send(aRequest({ url: far.url, method: 'GET / HTTP/1.1\r\nx: ' }))).toMatchObject({
      detail: 'method',
    })
    expect(far.sockets).toHaveLength(0)
  })
})

describe('connections', () => {
  test('a hundred requests in turn share one, and one look-up', async () => {
    await using far = await httpFarSide()
    const lookup = vi.fn(async () => ['127.0.0.1'])
    const outbound = anOutbound({ lookup })
    for (let i = 0; i < 100; i++) {
      expect(await outbound.send(aRequest({ url: `http://far.test:${far.port}/` }))).toMatchObject({ ok: true })
    }
    expect([far.requests.length, far.sockets.length, lookup.mock.calls.length]).toEqual([100, 1, 1])
  })

  test('are replaced after five minutes even when always busy, so that a name that moved is followed', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
    await using far = await httpFarSide()
    const lookup = vi.fn(async () => ['127.0.0.1'])
    const outbound = anOutbound({ lookup })
    const send = () => outbound.send(aRequest({ url: `http://far.test:${far.port}/` }))
    await send()
    vi.advanceTimersByTime(4 * 60_000)
    await send()
    expect(lookup).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(61_000)
    expect(await send()).toMatchObject({ ok: true })
    expect(lookup).toHaveBeenCalledTimes(2)
    vi.useRealTimers()
    await vi.waitFor(() => expect(far.sockets[0]!.destroyed).toBe(true))
  })

  test('a thousand at once are all answered over a bounded number', async () => {
    await using far = await httpFarSide((response) => setTimeout(() => response.end('ok'), 5))
    const outbound = anOutbound()
    const results = await Promise.all(
      Array.from({ length: 1_000 }, () => outbound.send(aRequest({ url: far.url, timeoutMs: 60_000 }))),
    )
    expect(results.every((result) => result.ok)).toBe(true)
    expect(far.sockets.length).toBeLessThanOrEqual(128)
  })

  test('waiting for one counts against the deadline, and who gave up is never sent', async () => {
    const answers: (() => void)[] = []
    await using far = await httpFarSide((response, { url }) => {
      if (url === '/slow') answers.push(() => response.end('ok'))
      else response.end('ok')
    })
    const outbound = anOutbound()
    const slow = Array.from({ length: 128 }, () =>
      outbound.send(aRequest({ url: `${far.url}/slow`, timeoutMs: 60_000 })),
    )
    await vi.waitFor(() => expect(answers).toHaveLength(128))
    expect(await outbound.send(aRequest({ url: `${far.url}/late`, timeoutMs: 100 }))).toMatchObject({
      outcome: 'timeout',
    })
    for (const answer of answers) answer()
    expect((await Promise.all(slow)).every((result) => result.ok)).toBe(true)
    expect(await outbound.send(aRequest({ url: `${far.url}/next` }))).toMatchObject({ ok: true })
    expect(far.requests.map((request) => request.url)).not.toContain('/late')
    expect(far.sockets.filter((socket) => socket.destroyed)).toEqual([])
  })

  test('of an origin beyond the number kept are closed, after what is under way has ended', async () => {
    const answers: (() => void)[] = []
    await using first = await httpFarSide((response) => answers.push(() => response.end('late')))
    await using others = await httpFarSide()
    const outbound = anOutbound({ lookup: async () => ['127.0.0.1'] })
    const underWay = outbound.send(aRequest({ url: first.url }))
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    for (let i = 0; i < 256; i++) await outbound.send(aRequest({ url: `http://n${i}.test:${others.port}/` }))
    answers[0]!()
    expect(await underWay).toMatchObject({ ok: true, body: Buffer.from('late') })
    await allClosed(first, 1)
  })
})

describe('ending early', () => {
  test('an aborted signal settles the request as interrupted and destroys its connection', async () => {
    await using far = await httpFarSide(() => {})
    const controller = new AbortController()
    const result = anOutbound().send(aRequest({ url: far.url, signal: controller.signal }))
    await vi.waitFor(() => expect(far.requests).toHaveLength(1))
    controller.abort()
    expect(await result).toMatchObject({ ok: false, outcome: 'interrupted', detail: 'aborted' })
    await vi.waitFor(() => expect(far.sockets[0]!.destroyed).toBe(true))
    expect(await anOutbound().send(aRequest({ url: far.url, signal: controller.signal }))).toMatchObject({
      outcome: 'interrupted',
    })
    expect(far.requests).toHaveLength(1)
  })

  test('closing settles what is under way, what waits, and what comes later', async () => {
    await using far = await tcpFarSide((socket) => void socket.resume())
    const outbound = anOutbound()
    const results = Array.from({ length: 200 }, () => outbound.send(aRequest({ url: far.url })))
    await vi.waitFor(() => expect(far.sockets.length).toBe(128))
    await outbound.close()
    const outcomes = (await Promise.all(results)).map((result) => !result.ok && result.outcome)
    expect(new Set(outcomes)).toEqual(new Set(['interrupted']))
    expect(await outbound.send(aRequest({ url: far.url }))).toMatchObject({ outcome: 'interrupted', detail: 'closed' })
    await allClosed(far, 128)
  })
})

test('proxy variables of the environment are not looked at', async () => {
  await using proxy = await httpFarSide()
  await using far = await httpFarSide()
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'all_proxy']) vi.stubEnv(name, proxy.url)
  vi.stubEnv('NODE_USE_ENV_PROXY', '1')
  vi.stubEnv('NO_PROXY', '')
  expect(await anOutbound().send(aRequest({ url: far.url }))).toMatchObject({ ok: true })
  expect([proxy.sockets.length, far.requests.length]).toEqual([0, 1])
})

function trickle(socket: Socket, head: string): void {
  socket.write(head)
  const timer = setInterval(() => socket.write('x'), 20)
  socket.on('close', () => clearInterval(timer))
}

async function allClosed(far: FarSide, count: number): Promise<void> {
  await vi.waitFor(() => expect(far.sockets.filter((socket) => socket.destroyed)).toHaveLength(count))
}
