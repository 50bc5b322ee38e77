import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { httpFarSide, tcpFarSide } from '../../../test/support/far-side.ts'
import { openRawDoor, type RawRequest } from './raw-request.ts'

const LOOPBACK = { ports: [], allowHttp: false, allowCidrs: ['127.0.0.0/8'] }
const closing: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of closing.splice(0)) await one[Symbol.asyncDispose]()
})

function ask(url: string, more: Partial<RawRequest> = {}, policy = LOOPBACK) {
  return openRawDoor(policy).send({
    method: 'GET',
    url,
    headers: [['Host', 'far.example']],
    body: [],
    timeoutMs: 10_000,
    maxResponseBytes: 1_024,
    ...more,
  })
}

async function tcp(answer: string | Buffer, onEnd: 'close' | 'keep' = 'close') {
  const far = await tcpFarSide((socket) => {
    socket.once('data', () => {
      socket.write(answer)
      if (onEnd === 'close') socket.end()
    })
  })
  closing.push(far)
  return far
}

describe('what is written goes out as it is', () => {
  test('headers repeated and in order, a length that lies, and a body in parts', async () => {
    const received: Buffer[] = []
    const far = await tcpFarSide((socket) => {
      socket.on('data', (chunk) => {
        received.push(chunk)
        if (Buffer.concat(received).toString().endsWith('ab'))
          socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      })
    })
    closing.push(far)
    const result = await ask(far.url, {
      method: 'POST',
      target: '//a/%2e%2e/b?x',
      headers: [
        ['Host', 'far.example'],
        ['X-Sig', 'one'],
        ['x-sig', 'two'],
        ['Content-Length', '7'],
        ['Connection', 'close'],
      ],
      body: [{ bytes: Buffer.from('a') }, { bytes: Buffer.from('b') }],
    })
    expect(result).toMatchObject({ ok: true, status: 200 })
    expect(Buffer.concat(received).toString()).toBe(
      'POST //a/%2e%2e/b?x HTTP/1.1\r\nHost: far.example\r\nX-Sig: one\r\nx-sig: two\r\nContent-Length: 7\r\nConnection: close\r\n\r\nab',
    )
  })

  test('chunked, each part a chunk', async () => {
    const far = await httpFarSide()
    closing.push(far)
    await ask(far.url, {
      method: 'POST',
      headers: [
        ['Host', 'far.example'],
        ['Transfer-Encoding', 'chunked'],
      ],
      body: [{ bytes: Buffer.from('ab') }, { bytes: Buffer.from('cd') }],
    })
    expect(far.requests[0]?.body.toString()).toBe('abcd')
    expect(far.requests[0]?.headers).toContain('Transfer-Encoding')
  })

  test('requests wait at the gate and are complete only behind it', async () => {
    const far = await httpFarSide()
    closing.push(far)
    let open: () => void = () => undefined
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    let arrived = 0
    const all = Array.from({ length: 3 }, () =>
      ask(far.url, {
        method: 'POST',
        headers: [
          ['Host', 'far.example'],
          ['Content-Length', '2'],
        ],
        body: [{ bytes: Buffer.from('a') }, { bytes: Buffer.from('b') }],
        gate: async () => {
          arrived++
          await opened
        },
      }),
    )
    while (arrived < 3) await new Promise(setImmediate)
    expect(far.requests).toHaveLength(0)
    open()
    expect(await Promise.all(all)).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }])
  })

  test('an answer before the body is through ends the writing, and says that it was early', async () => {
    const far = await tcp('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n', 'keep')
    const result = await ask(far.url, {
      method: 'POST',
      headers: [
        ['Host', 'far.example'],
        ['Content-Length', '100000000'],
      ],
      body: Array.from({ length: 1_000 }, () => ({ bytes: Buffer.alloc(100_000) })),
    })
    expect(result).toMatchObject({ ok: true, status: 413, early: true })
  })
})

describe('whatever the far side does is a bounded value', () => {
  test.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n', { ok: false, outcome: 'connection_reset', detail: 'not_http' }],
    ['nothing, and a closed connection', '', { ok: false, outcome: 'connection_reset' }],
    ['a status line that breaks off', 'HTTP/1.1 20', { ok: false, outcome: 'connection_reset' }],
    [
      'headers of 10 MB',
      `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(10_000_000)}\r\n\r\n`,
      { ok: false, outcome: 'connection_reset', detail: 'header_overflow' },
    ],
    [
      'a body shorter than its length',
      'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort',
      { status: 200, end: 'cut' },
    ],
    [
      'chunks that are none',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      { status: 200, end: 'cut' },
    ],
    [
      'more than is wanted',
      `HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n${'a'.repeat(5_000)}`,
      { status: 200, end: 'capped', body: Buffer.alloc(1_024, 'a') },
    ],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na',
      { ok: false, detail: 'not_http' },
    ],
    [
      'a redirect, which is not followed',
      'HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n',
      { status: 302 },
    ],
    [
      'another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
      { status: 101 },
    ],
    [
      'a compressed answer, which stays compressed',
      Buffer.from('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x8b\x08', 'latin1'),
      { status: 200, body: Buffer.from('\x1f\x8b\x08', 'latin1') },
    ],
  ])('%s', async (_, answer: string | Buffer, expected) => {
    const far = await tcp(answer)
    expect(await ask(far.url)).toMatchObject(expected)
  })

  test('silence ends at the deadline, a stream that never ends with what came until then', async () => {
    const silent = await tcpFarSide(() => undefined)
    const endless = await tcpFarSide((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nstart'))
    })
    closing.push(silent, endless)
    expect(await ask(silent.url, { timeoutMs: 50 })).toMatchObject({ ok: false, outcome: 'timeout' })
    expect(await ask(endless.url, { timeoutMs: 50 })).toMatchObject({ ok: true, status: 200, end: 'cut' })
  })

  test('an abort ends it, and the connection with it', async () => {
    const far = await tcpFarSide((socket) => socket.resume())
    closing.push(far)
    const controller = new AbortController()
    const asked = ask(far.url, { signal: controller.signal })
    while (far.sockets.length === 0) await new Promise(setImmediate)
    controller.abort()
    expect(await asked).toMatchObject({ ok: false, outcome: 'interrupted' })
    const [socket] = far.sockets
    if (socket !== undefined && !socket.closed) await once(socket, 'close')
  })
})

describe('the guard', () => {
  test.each([
    ['http://169.254.169.254/latest/meta-data/', 'metadata'],
    ['http://[::ffff:169.254.169.254]/', 'metadata'],
    ['http://10.0.0.1/', 'private'],
    ['http://user@127.0.0.1/', 'userinfo'],
    ['http://0x7f.1/', 'address_spelling'],
    ['http://93.184.216.34/', 'plain_http'],
    ['https://93.184.216.34/', 'port'],
    ['file:///etc/passwd', 'scheme'],
  ])('%s is refused as %s, whoever wants it', async (url, detail) => {
    expect(await ask(url)).toMatchObject({ ok: false, outcome: 'address_blocked', detail })
  })

  test('a name that leads to a metadata service is refused even where all ranges are open', async () => {
    const door = openRawDoor({
      ports: [80],
      allowHttp: true,
      allowCidrs: ['0.0.0.0/0'],
      lookup: async () => ['169.254.169.254'],
    })
    const result = await door.send({
      method: 'GET',
      url: 'http://innocent.example/',
      headers: [],
      body: [],
      timeoutMs: 5_000,
      maxResponseBytes: 10,
    })
    expect(result).toMatchObject({ ok: false, outcome: 'address_blocked', detail: 'metadata' })
  })

  test('a header or method that would end its line is refused, and nothing is sent', async () => {
    const far = await httpFarSide()
    closing.push(far)
    expect(await ask(far.url, { headers: [['X', 'a\r\nY: b']] })).toMatchObject({ ok: false, outcome: 'internal' })
    expect(await ask(far.url, { method: 'GET / HTTP/1.1\r\n' })).toMatchObject({ ok: false, outcome: 'internal' })
    expect(await ask(far.url, { target: '/a b' })).toMatchObject({ ok: false, outcome: 'internal' })
    expect(far.requests).toHaveLength(0)
  })
})
