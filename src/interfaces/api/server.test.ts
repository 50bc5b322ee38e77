import { createConnection, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { ROOT_KEY, testApi } from '../../../test/support/api.ts'
import { silent } from '../../../test/support/flow.ts'
import { rootKeyAuthenticator } from '../../access/authenticate.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { createServer, type RunningServer, type ServerOptions } from './server.ts'

const authenticate = rootKeyAuthenticator(ROOT_KEY)
const metrics = createMetrics()
const running: RunningServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close(0)))
})

async function start(
  options: Partial<Omit<ServerOptions, 'config'>> & { config?: Partial<ServerOptions['config']> } = {},
) {
  const server = createServer({
    health: async () => 'ok',
    authenticate,
    metrics,
    log: silent,
    ...options,
    config: {
      POSTERN_HOST: '127.0.0.1',
      POSTERN_PORT: 0,
      POSTERN_HEADER_TIMEOUT_MS: 10_000,
      POSTERN_BODY_TIMEOUT_MS: 10_000,
      POSTERN_MAX_CONNECTIONS_PER_ADDRESS: 100,
      POSTERN_TRUSTED_PROXIES: [],
      ...options.config,
    },
  })
  running.push(server)
  const { port } = await server.listen()
  return { server, port }
}

/** The surface without a database: what needs none is what is asked here. */
const anApi = async () => (await testApi({} as never)).api

const answersIngress: NonNullable<ServerOptions['ingress']> = (request, response) => {
  response.end(`ingress ${request.url}`)
}

/** Sends bytes as they are and reads until the other side ends. */
function exchange(port: number, bytes: string, { end = false } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
    socket.on('error', (error: Error & { code?: string }) =>
      error.code === 'ECONNRESET' ? resolve(text) : reject(error),
    )
    socket.write(bytes)
    if (end) socket.end()
  })
}

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${headers}\r\n`
const statusOf = (answer: string) => Number(answer.split(' ')[1])
const bodyOf = (answer: string) => JSON.parse(answer.split('\r\n\r\n')[1]!)

describe('which door', () => {
  test('exactly /api/v1/webhooks/… is the receivers’, every other spelling is not', async () => {
    const { port } = await start({ api: await anApi(), ingress: answersIngress })
    for (const path of [
      '/api/v1/webhooks/stripe',
      '/api/v1/webhooks/stripe/int_1?a=b',
      '/api/v1/webhooks/../integrations',
      '/api/v1/webhooks/',
    ]) {
      expect(await exchange(port, get(path))).toContain(`ingress ${path}`)
    }
    for (const path of [
      '/api/v1/%77ebhooks/stripe',
      '/api/v1//webhooks/stripe',
      '//api/v1/webhooks/stripe',
      '/api/v1/./webhooks/stripe',
      '/api/v1/webhooks%2fstripe',
      '/API/v1/webhooks/stripe',
      '/api/v1/webhooks',
      'http://a/api/v1/webhooks/stripe',
      '/x/../api/v1/webhooks/stripe',
    ]) {
      const answer = await exchange(port, get(path))
      expect([path, statusOf(answer)]).toEqual([path, 404])
      expect(bodyOf(answer).code).toBe('NOT_FOUND')
    }
  })

  test('the key is asked for on real sockets too, in whatever way the path is spelt', async () => {
    const { port } = await start({ api: await anApi(), ingress: answersIngress })
    for (const path of [
      '/api/v1/%69ntegrations',
      '/api/v1/integrations',
      'http://a/api/v1/integrations',
      '/api/v1/%65vents',
    ]) {
      expect(statusOf(await exchange(port, get(path)))).toBe(401)
    }
    const twice = `x-internal-api-key: ${ROOT_KEY}\r\n`.repeat(2)
    expect(statusOf(await exchange(port, get('/api/v1/integrations', twice)))).toBe(401)
  })

  test('a process that only receives tells its counters to who has the key', async () => {
    const { port } = await start({ ingress: answersIngress })
    const withKey = (headers: string) => `GET /metrics HTTP/1.1\r\nhost: a\r\n${headers}connection: close\r\n\r\n`
    expect(await exchange(port, withKey(`x-internal-api-key: ${ROOT_KEY}\r\n`))).toMatch(
      /^HTTP\/1\.1 200.*content-type: text\/plain.*postern_webhooks_total/s,
    )
    for (const headers of ['', 'x-internal-api-key: wrong\r\n', `authorization: Bearer ${ROOT_KEY}\r\n`])
      expect(statusOf(await exchange(port, withKey(headers)))).toBe(401)
    expect(statusOf(await exchange(port, 'POST /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'))).toBe(404)
  })

  test('a process that only receives answers health and nothing else', async () => {
    const { port } = await start({ ingress: answersIngress, health: async () => 'degraded' })
    expect(await exchange(port, get('/livez'))).toMatch(/^HTTP\/1\.1 200.*\{"status":"ok"\}$/s)
    for (const path of ['/readyz', '/api/v1/health']) {
      expect(await exchange(port, get(path))).toMatch(/^HTTP\/1\.1 503.*\{"status":"degraded"\}$/s)
    }
    expect(statusOf(await exchange(port, get('/api/v1/integrations')))).toBe(404)
    expect(statusOf(await exchange(port, get('/api/v1/webhooks/stripe')))).toBe(200)
  })

  test('a process that only manages answers webhooks 404', async () => {
    const { port } = await start({ api: await anApi() })
    expect(statusOf(await exchange(port, get('/api/v1/webhooks/stripe')))).toBe(404)
  })
})

describe('what is no request', () => {
  test.each([
    ['bytes that are no HTTP', '\u0016\u0003\u0001\u0002\u0000\u0001garbage\r\n\r\n', 400],
    ['a header without a name', 'GET / HTTP/1.1\r\nhost: a\r\n: b\r\n\r\n', 400],
    [
      'two lengths',
      'POST /api/v1/webhooks/a HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      400,
    ],
    [
      'a length and chunks',
      'POST /api/v1/webhooks/a HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a bare line feed in a header', 'GET / HTTP/1.1\r\nhost: a\r\nx: a\n b\r\n\r\n', 400],
    ['headers beyond the limit', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`, 431],
    ['no host', 'GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['two hosts', 'GET /livez HTTP/1.1\r\nhost: a\r\nHost: b\r\nconnection: close\r\n\r\n', 400],
  ])('%s', async (_what, bytes, status) => {
    const { port } = await start({ ingress: answersIngress })
    const answer = await exchange(port, bytes)
    expect(statusOf(answer), answer).toBe(status)
    expect(answer.toLowerCase()).toContain('content-type: application/problem+json')
    expect(answer.toLowerCase()).toContain('connection: close')
    expect(bodyOf(answer)).toMatchObject({
      status,
      code: 'VALIDATION_ERROR',
      correlationId: expect.stringMatching(/^cor_/),
    })
  })

  test('a chunk that is none ends the request it belongs to', async () => {
    const { port } = await start({ ingress: (request) => request.resume().on('error', () => undefined) })
    const answer = await exchange(
      port,
      'POST /api/v1/webhooks/a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    )
    expect(statusOf(answer)).toBe(400)
  })

  test('nothing is written behind an answer that has begun', async () => {
    const { port } = await start({
      ingress: (request, response) => {
        request.resume().on('error', () => undefined)
        response.writeHead(200, { 'content-length': 100 }).write('begun')
      },
    })
    const answer = await exchange(
      port,
      'POST /api/v1/webhooks/a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    )
    expect(answer).not.toContain('HTTP/1.1 400')
  })

  test('every header of a request arrives, however many there are', async () => {
    const { port } = await start({
      ingress: (request, response) => response.end(String(request.rawHeaders.length / 2)),
    })
    const many = Array.from({ length: 2_500 }, () => 'a:b\r\n').join('')
    expect(await exchange(port, get('/api/v1/webhooks/a', many))).toMatch(/\r\n2502$/)
  })
})

describe('guards of the socket', () => {
  test.each([
    ['that never sends anything', ''],
    ['that stops in its headers', 'GET / HTTP/1.1\r\nhost: a\r\n'],
    ['that stops in its body', 'POST /api/v1/webhooks/a HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nab'],
  ])('a sender %s is told so and let go', async (_what, bytes) => {
    const { port } = await start({
      ingress: (request) => request.resume().on('error', () => undefined),
      config: { POSTERN_HEADER_TIMEOUT_MS: 150, POSTERN_BODY_TIMEOUT_MS: 150 },
    })
    const answer = await exchange(port, bytes)
    expect(statusOf(answer)).toBe(408)
    expect(bodyOf(answer).code).toBe('REQUEST_TIMEOUT')
  })

  test('connections of one address are capped, and a place is free again when one ends', async () => {
    const { port } = await start({ ingress: answersIngress, config: { POSTERN_MAX_CONNECTIONS_PER_ADDRESS: 3 } })
    const held = await Promise.all([1, 2, 3].map(() => connect(port)))
    expect(await exchange(port, get('/livez')).catch(() => '')).toBe('')
    const gone = new Promise((resolve) => held[0]!.once('close', resolve))
    held[0]!.end()
    await gone
    await expect.poll(() => exchange(port, get('/livez')).catch(() => '')).toMatch(/^HTTP\/1\.1 200/)
    for (const socket of held) socket.destroy()
  })

  test('a trusted proxy is exempt', async () => {
    const { port } = await start({
      config: { POSTERN_MAX_CONNECTIONS_PER_ADDRESS: 1, POSTERN_TRUSTED_PROXIES: ['127.0.0.0/8'] },
    })
    const held = await Promise.all([1, 2, 3].map(() => connect(port)))
    expect(statusOf(await exchange(port, get('/livez')))).toBe(200)
    for (const socket of held) socket.destroy()
  })
})

describe('the end', () => {
  test('finishes what has begun, closes what idles, and accepts nothing more', async () => {
    let finish = () => {}
    const began = aSignal()
    const { server, port } = await start({
      ingress: (_request, response) => {
        finish = () => response.end('done')
        began.send()
      },
    })
    const idle = await connect(port)
    const idleClosed = new Promise((resolve) => idle.once('close', resolve))
    idle.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n')
    await new Promise((resolve) => idle.once('data', resolve))
    const pending = exchange(port, 'GET /api/v1/webhooks/a HTTP/1.1\r\nhost: a\r\n\r\n')
    await began.sent
    const closed = server.close(60_000)
    await idleClosed
    await expect(connect(port)).rejects.toThrow(/ECONNREFUSED/)
    finish()
    expect(await pending).toMatch(/^HTTP\/1\.1 200.*connection: close.*done/is)
    await closed
    expect(server.address).toBeUndefined()
  })

  test('is bounded: what does not finish is ended', async () => {
    const began = aSignal()
    const { server, port } = await start({ ingress: () => began.send() })
    const pending = exchange(port, 'GET /api/v1/webhooks/a HTTP/1.1\r\nhost: a\r\n\r\n')
    await began.sent
    await server.close(100)
    expect(await pending).toBe('')
  })

  test('a port that is taken is an error, not a crash', async () => {
    const { port } = await start()
    const second = createServer({
      health: async () => 'ok',
      authenticate,
      metrics,
      log: silent,
      config: {
        POSTERN_HOST: '127.0.0.1',
        POSTERN_PORT: port,
        POSTERN_HEADER_TIMEOUT_MS: 1_000,
        POSTERN_BODY_TIMEOUT_MS: 1_000,
        POSTERN_MAX_CONNECTIONS_PER_ADDRESS: 1,
        POSTERN_TRUSTED_PROXIES: [],
      },
    })
    await expect(second.listen()).rejects.toThrow(/EADDRINUSE/)
    await second.close()
  })
})

function connect(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
  })
}

function aSignal(): { readonly sent: Promise<void>; send(): void } {
  let send = () => {}
  const sent = new Promise<void>((resolve) => {
    send = resolve
  })
  return { sent, send: () => send() }
}
