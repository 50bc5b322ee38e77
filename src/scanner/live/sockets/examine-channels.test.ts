/** Sockets and streams as a whole: what is never sent, and far sides that misbehave. */
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { httpFarSide, tcpFarSide } from '../../../../test/support/far-side.ts'
import { type LivePlanInput, makePlan, readPlan } from '../plan.ts'
import { type LiveOptions, scanLive } from '../scan-live.ts'

const OPTIONS: LiveOptions = {
  now: Date.now,
  clock: () => performance.now(),
  env: {},
  secretOf: async (text) => text,
  readText: async () => '',
}
const SECRET = 'a-token-that-no-report-may-show'
const HASTY = { timeout_ms: 500, per_second: 2_000 }

function socketAt(url: string, more: object = {}) {
  return {
    kind: 'socket' as const,
    url,
    identities: {
      alice: { headers: { Authorization: `Bearer ${SECRET}` }, tenant: 'a', values: { object: '1' } },
      bob: { headers: { Authorization: 'Bearer another' }, tenant: 'b', values: { object: '2' } },
    },
    messages: { ask: { send: { read: '{{object}}' }, expect: { object: '{{object}}' } } },
    ...more,
  }
}

function streamAt(url: string) {
  const { identities } = socketAt(url)
  return { kind: 'stream' as const, url, identities }
}

function scan(target: NonNullable<LivePlanInput['targets']>[number], options: Partial<LiveOptions> = {}) {
  return scanLive(makePlan({ targets: [target], limits: HASTY }), { ...OPTIONS, ...options })
}

async function socketServer(onOpen: (socket: WebSocket) => void) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    onOpen(socket)
  })
  await once(server, 'listening')
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers every question about an object with that object, whoever asks. */
function obliging(socket: WebSocket): void {
  socket.on('message', (data) => {
    const object = /"read":"(\w+)"/.exec(String(data).slice(0, 100))?.[1]
    if (object !== undefined) socket.send(JSON.stringify({ object }))
  })
}

function pour(socket: Socket): void {
  const more = () => {
    while (socket.writable && socket.write('x'.repeat(65_536)));
  }
  socket.on('drain', more)
  more()
}

describe('what is never sent', () => {
  test('a dry run connects to nobody and writes down what it would say, without secrets', async () => {
    await using server = await httpFarSide()
    const url = server.url.replace('http', 'ws')
    for (const target of [socketAt(`${url}/ws`), streamAt(`${server.url}/stream`)]) {
      const { surfaces, requests } = await scan(target, { dry: true })
      const shown = JSON.stringify(surfaces)
      expect(requests).toBeGreaterThan(5)
      expect(shown).not.toContain(SECRET)
      expect(shown).toContain(target.kind === 'socket' ? 'upgrade to websocket' : 'GET /stream')
    }
    expect(server.sockets).toEqual([])
  })

  test.each([
    'ws://sockets.example.com/ws',
    'wss://10.0.0.1/ws',
    'ws://169.254.169.254/ws',
    'ws://[::ffff:a9fe:a9fe]/',
  ])('%s is not called without consent', async (url) => {
    await expect(scan(socketAt(url))).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' })
  })

  test('nobody signs out at another host than the one that consented', async () => {
    const logout = { identity: 'bob', url: 'http://127.0.0.1:1/logout' }
    await expect(scan(socketAt('ws://127.0.0.1:2/ws', { logout }))).rejects.toThrow(/logout.url must be on/)
  })

  test('no report shows a credential, also when the far side repeats it', async () => {
    await using server = await socketServer((socket) => {
      obliging(socket)
      socket.send(JSON.stringify({ hello: SECRET }))
    })
    const { surfaces } = await scan(socketAt(server.url))
    expect(JSON.stringify(surfaces)).not.toContain(SECRET)
  })
})

describe('far sides that misbehave are reported, and never pass for sound', () => {
  test('one that answers everybody is found out', async () => {
    await using server = await socketServer(obliging)
    const { surfaces } = await scan(socketAt(server.url))
    const faulty = surfaces[0]?.probes?.filter(({ verdicts }) => verdicts.some(({ standing }) => standing === 'faulty'))
    expect(faulty?.map(({ probe }) => probe)).toEqual(
      expect.arrayContaining(['socket-no-credential', 'socket-object-swap', 'socket-message-flood']),
    )
  })

  test.each([
    ['never answers', () => undefined],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
    ['is no HTTP', (socket: Socket) => socket.end('SSH-2.0-x\r\n')],
    ['pours bytes for ever', pour],
  ])('one that %s is not evaluable, and it is said what to do', async (_, onSocket) => {
    await using server = await tcpFarSide(onSocket)
    for (const target of [socketAt(server.url.replace('http', 'ws')), streamAt(server.url)]) {
      const { surfaces, warnings } = await scan(target)
      expect(surfaces[0]?.evidence.map(({ state }) => state)).toEqual(['unknown'])
      expect(warnings[0]?.message).toMatch(/Start the target|Check/)
    }
  })

  test('where nobody listens nothing is evaluable', async () => {
    const { surfaces } = await scan(socketAt('ws://127.0.0.1:9/ws'))
    expect(surfaces[0]?.missingArtifacts).toEqual(['a client that it lets in'])
  })

  test.each([
    ['closes at once', (socket: WebSocket) => socket.close(4403)],
    ['says nothing', () => undefined],
    [
      'floods whoever connects',
      (socket: WebSocket) => {
        for (let sent = 0; sent < 30_000; sent += 1) socket.send('{"noise":true}')
      },
    ],
    ['sends what is no JSON', (socket: WebSocket) => socket.on('message', () => socket.send('\u0000{"object":'))],
    ['sends two megabytes', (socket: WebSocket) => socket.send('x'.repeat(2 * 1024 * 1024))],
  ])('one that %s is not evaluable', async (_, onOpen) => {
    await using server = await socketServer(onOpen)
    const { surfaces } = await scan(socketAt(server.url))
    expect(surfaces[0]?.missingArtifacts).toEqual(['a client that it lets in'])
  })

  test('one that goes away in the middle leaves a report that is not whole', async () => {
    let connections = 0
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    server.on('connection', (socket) => {
      socket.on('error', () => undefined)
      connections += 1
      obliging(socket)
      if (connections < 5) return
      for (const client of server.clients) client.terminate()
      server.close()
    })
    await once(server, 'listening')
    const { incomplete } = await scan(socketAt(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`))
    expect(incomplete).toBe(true)
  })

  test('Ctrl-C leaves a report that is not whole', async () => {
    const interrupt = new AbortController()
    await using server = await socketServer((socket) => {
      obliging(socket)
      interrupt.abort()
    })
    const { incomplete } = await scan(socketAt(server.url), { interrupt: interrupt.signal })
    expect(incomplete).toBe(true)
  })
})

describe('plans', () => {
  const head = 'targets:\n  - kind: socket\n    url: ws://127.0.0.1:1/\n'
  test.each([
    ['no identities', `${head}    messages: { ask: { send: a, expect: b } }\n`],
    ['no question', `${head}    identities: { a: {} }\n    messages: {}\n`],
    ['a question without an expected answer', `${head}    identities: { a: {} }\n    messages: { ask: { send: a } }\n`],
    [
      'another scheme',
      'targets: [{ kind: socket, url: "ftp://x/", identities: {}, messages: { ask: { send: a, expect: b } } }]',
    ],
    [
      'an unknown field',
      `${head}    identities: { a: { password: x } }\n    messages: { ask: { send: a, expect: b } }\n`,
    ],
  ])('%s is refused with its place', (_, text) => {
    expect(() => readPlan(text, 'plan.yaml')).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }))
  })

  test('an identity that only leaves cannot be the owner, and one that is not there cannot leave', async () => {
    const { identities } = socketAt('')
    const logout = { identity: 'alice', url: 'http://127.0.0.1:9/logout' }
    const alone = { identities: { alice: identities.alice }, logout }
    await expect(scan(socketAt('ws://127.0.0.1:9/', alone))).rejects.toThrow(/No identity is left/)
    await expect(scan(socketAt('ws://127.0.0.1:9/', { logout: { ...logout, identity: 'carol' } }))).rejects.toThrow(
      /no identity carol/,
    )
  })
})

describe('a stream that a page elsewhere may read', () => {
  const page = { origin: 'https://app.example.com', headers: { Cookie: 'session=1' } }
  test.each([
    ['badly, where a cookie opens it', { page }, undefined],
    ['lightly, where none does', {}, 'low'],
  ])('is accused %s', async (_, more, severity) => {
    await using server = await httpFarSide((response, request) => {
      const allowed = { 'access-control-allow-origin': request.headers.origin ?? '*' }
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'access-control-allow-credentials': 'true',
        ...allowed,
      })
      response.end('data: 1\n\n')
    })
    const { surfaces } = await scan({ ...streamAt(server.url), ...more })
    const said = surfaces.flatMap(({ evidence }) => evidence).filter(({ control }) => control === 'origin-allowlist')
    expect(said.map(({ state, severity: given }) => [state, given])).toEqual([['unsafe', severity]])
  })
})
