/** The doors for sockets and streams: guarded like the other, and bounded against whatever the far side does. */
import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { httpFarSide, tcpFarSide } from '../../../test/support/far-side.ts'
import { type EventStreamOpening, openEventStreamDoor } from './event-stream.ts'
import { openWebSocketDoor, type SocketLine, type WebSocketOpening } from './websocket.ts'

const LOOPBACK = { ports: [], allowHttp: false, allowCidrs: ['127.0.0.0/8'] }
const PATIENT = { headers: [], subprotocols: [], timeoutMs: 10_000 }
const HASTY = { ...PATIENT, timeoutMs: 300 }

const openSocket = openWebSocketDoor(LOOPBACK)
const openStream = openEventStreamDoor(LOOPBACK)

function lineOf(opening: WebSocketOpening): SocketLine {
  if (!opening.ok) throw new Error(`refused: ${opening.detail}`)
  return opening.line
}

function streamOf(opening: EventStreamOpening) {
  if (!opening.ok) throw new Error(`refused: ${opening.detail}`)
  return opening.stream
}

/** A server by the library, on a port of its own. */
async function socketServer(onOpen: (socket: import('ws').WebSocket) => void) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    onOpen(socket)
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What is written after the request's head was read; `{accept}` becomes the right key. */
function answering(text: string) {
  return tcpFarSide((socket: Socket) => {
    socket.once('data', (head) => {
      const key = /sec-websocket-key: (\S+)/i.exec(String(head))?.[1] ?? ''
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      socket.write(text.replace('{accept}', accept))
    })
  })
}

const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n'

describe('a socket', () => {
  test('hears what was said, in order, and how it ended', async () => {
    await using server = await socketServer((socket) => {
      socket.on('message', (data) => {
        socket.send(`one ${data}`)
        socket.send(Buffer.from('two'), { binary: true })
        socket.close(4401, 'signed out')
      })
    })
    const line = lineOf(await openSocket({ ...PATIENT, url: server.url }))
    line.send('hello')
    await line.heardMoreThan(2, 10_000)
    expect(line.received).toEqual(['one hello', 'two'])
    expect(line.ended).toEqual({ code: 4401, reason: 'signed out', by: 'them' })
    line.send('nobody hears this')
  })

  test('sends the headers and subprotocols as it is told', async () => {
    const heard: unknown[] = []
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'two' })
    server.on('connection', (_, { headers }) =>
      heard.push(headers['origin'], headers['cookie'], headers['sec-websocket-protocol']),
    )
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const line = lineOf(
      await openSocket({
        ...PATIENT,
        url: `http://127.0.0.1:${port}/`,
        headers: [
          ['Origin', 'null'],
          ['Cookie', 'a=b'],
        ],
        subprotocols: ['one', 'two'],
      }),
    )
    expect([heard, line.subprotocol]).toEqual([['null', 'a=b', 'one,two'], 'two'])
    line.close()
    await line.heardMoreThan(0, 10_000)
    expect(line.ended?.by).toBe('us')
    server.close()
  })

  test.each([
    ['answers 401', 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n', { status: 401 }],
    [
      'redirects to a metadata service',
      'HTTP/1.1 302 Found\r\nLocation: ws://169.254.169.254/\r\nContent-Length: 0\r\n\r\n',
      { status: 302 },
    ],
    [
      'answers with a wrong key',
      SWITCHED.replace('{accept}', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='),
      { outcome: 'connection_reset' },
    ],
    ['is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', { outcome: expect.any(String) }],
    [
      'sends endless headers',
      `HTTP/1.1 101 X\r\n${`x: ${'y'.repeat(1000)}\r\n`.repeat(1000)}`,
      { outcome: expect.any(String) },
    ],
  ])('is refused by a far side that %s', async (_, text, expected) => {
    await using server = await answering(text)
    expect(await openSocket({ ...PATIENT, url: server.url })).toEqual({
      ok: false,
      detail: expect.any(String),
      ...expected,
    })
  })

  test('is given up when the handshake does not end', async () => {
    await using server = await tcpFarSide(() => undefined)
    expect(await openSocket({ ...HASTY, url: server.url })).toMatchObject({ ok: false })
  })

  test('is told when the far side resets', async () => {
    await using server = await tcpFarSide((socket) => socket.once('data', () => socket.resetAndDestroy()))
    expect(await openSocket({ ...PATIENT, url: server.url })).toMatchObject({ ok: false, outcome: 'connection_reset' })
  })

  test('ends when a message is too large, or there are too many', async () => {
    await using large = await socketServer((socket) => socket.send('x'.repeat(2 * 1024 * 1024)))
    await using many = await socketServer((socket) => {
      for (let sent = 0; sent < 30_000; sent += 1) socket.send('x')
    })
    for (const { url } of [large, many]) {
      const line = lineOf(await openSocket({ ...PATIENT, url }))
      while (line.ended === undefined) await line.heardMoreThan(line.received.length, 10_000)
      expect(line.ended.by).toBe('overflow')
      expect(line.received.length).toBeLessThanOrEqual(20_000)
    }
  })

  test('ends when the far side breaks the protocol', async () => {
    await using server = await answering(`${SWITCHED}\x83\x05junk!`)
    const line = lineOf(await openSocket({ ...PATIENT, url: server.url }))
    await line.heardMoreThan(0, 10_000)
    expect(line.ended).toMatchObject({ by: 'them' })
  })

  test('ends when the run is interrupted', async () => {
    const interrupt = new AbortController()
    await using server = await socketServer(() => undefined)
    const line = lineOf(await openSocket({ ...PATIENT, url: server.url, signal: interrupt.signal }))
    interrupt.abort()
    await line.heardMoreThan(0, 10_000)
    expect(line.ended?.by).toBe('us')
    expect(await openSocket({ ...PATIENT, url: server.url, signal: interrupt.signal })).toMatchObject({
      outcome: 'interrupted',
    })
  })
})

describe('a stream', () => {
  test('is read until it was enough, and told when it ends', async () => {
    await using server = await httpFarSide((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      response.write('data: one\n\n')
      response.end('data: two\n\n')
    })
    const stream = streamOf(
      await openStream({ url: server.url, headers: [['Authorization', 'Bearer x']], timeoutMs: 10_000 }),
    )
    await stream.heard((text) => text.includes('two'), 10_000)
    await stream.heard(() => false, 10_000)
    expect({ status: stream.status, text: stream.text, ended: stream.ended }).toEqual({
      status: 200,
      text: 'data: one\n\ndata: two\n\n',
      ended: true,
    })
    expect(stream.headers).toContainEqual(['cache-control', 'no-store'])
    expect(server.requests[0]?.headers.join(' ')).toContain('Authorization Bearer x')
  })

  test('that never ends is bounded, and ends when we leave', async () => {
    await using server = await tcpFarSide((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n')
      const pour = () => {
        while (socket.writable && socket.write('data: x\n\n'.repeat(4096)));
      }
      socket.on('drain', pour)
      pour()
    })
    const stream = streamOf(await openStream({ url: server.url, headers: [], timeoutMs: 10_000 }))
    await stream.heard((text) => text.length >= 256 * 1024, 10_000)
    expect(stream.text.length).toBeLessThan(512 * 1024)
    stream.close()
    await stream.heard(() => false, 10_000)
    expect(stream.ended).toBe(true)
  })

  test.each([
    ['answers nothing', '', { outcome: 'timeout' }],
    ['is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', { outcome: expect.any(String) }],
  ])('is given up when the far side %s', async (_, text, expected) => {
    await using server = await answering(text)
    expect(await openStream({ url: server.url, headers: [], timeoutMs: 300 })).toMatchObject({ ok: false, ...expected })
  })
})

describe('forbidden addresses', () => {
  test.each([
    'http://169.254.169.254/',
    'http://10.0.0.1/',
    'http://[::ffff:169.254.169.254]/',
    'http://2852039166/',
    'ftp://127.0.0.1/',
    'http://user@127.0.0.1/',
    'x',
  ])('%s is refused before a socket is opened', async (url) => {
    expect(await openSocket({ ...PATIENT, url })).toMatchObject({ ok: false, outcome: 'address_blocked' })
    expect(await openStream({ url, headers: [], timeoutMs: 1000 })).toMatchObject({
      ok: false,
      outcome: 'address_blocked',
    })
  })

  test('a name that leads to one is refused, and nobody is called', async () => {
    await using server = await httpFarSide()
    const policy = { ports: [80], allowHttp: true, allowCidrs: [], lookup: async () => ['127.0.0.1'] }
    const url = `http://public.example:${server.port}/`
    expect(await openWebSocketDoor({ ...policy, ports: [server.port] })({ ...PATIENT, url })).toMatchObject({
      outcome: 'address_blocked',
    })
    expect(
      await openEventStreamDoor({ ...policy, ports: [server.port] })({ url, headers: [], timeoutMs: 1000 }),
    ).toMatchObject({
      outcome: 'address_blocked',
    })
    expect(server.sockets).toEqual([])
  })
})
