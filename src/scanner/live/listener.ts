/**
 * A server of our own that waits for the target to call: the proof of blind request forgery, and the sink that
 * counts deliveries. It listens on loopback, or on the address behind `--callback-base`.
 *
 * Every probe gets addresses with a token of its own, so that a hit names its cause, also a late one. What arrives is
 * answered with little and kept bounded.
 */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface Hit {
  readonly token: string
  readonly method: string
  readonly path: string
  /** First bytes only. */
  readonly body: Buffer
  /** All headers as one text, names in lower case. */
  readonly headers: string
}

export interface Trap {
  readonly token: string
  /** As anybody would write it. */
  readonly url: string
  /** Answers with a redirect to `redirectedUrl`; a hit there says that redirects are followed. */
  readonly redirectingUrl: string
  /** The same place with its host written so: only for listeners on loopback. */
  spelled(host: string): string
  hits(): readonly Hit[]
  redirectFollowed(): boolean
}

export interface Listener {
  trap(): Trap
  /** Requests to the sink, in order. */
  readonly delivered: readonly Hit[]
  readonly sinkUrl: string
  /** Where it can be called from outside of this machine as well. */
  readonly isPublic: boolean
  close(): Promise<void>
}

export interface ListenerOptions {
  /** `http://host[:port]`, the address under which targets reach this machine. */
  readonly callbackBase?: string | undefined
  readonly port?: number | undefined
}

const MAX_BODY_BYTES = 64 * 1_024
const MAX_HITS = 20_000
const SINK = 'sink'
const REDIRECTED = 'arrived'
const REDIRECTING = 'moved'

export async function openListener({ callbackBase, port }: ListenerOptions = {}): Promise<Listener> {
  const hits: Hit[] = []
  const sockets = new Set<Socket>()
  const outside = callbackBase === undefined ? undefined : new URL(callbackBase)
  const server = createServer((request, response) => void receive(request, response, hits, base))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  server.on('clientError', (_, socket) => socket.destroy())
  const wanted = port ?? (outside === undefined || outside.port === '' ? 0 : Number(outside.port))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(wanted, outside === undefined ? '127.0.0.1' : '0.0.0.0', resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  const base = outside === undefined ? `http://127.0.0.1:${bound}` : outside.origin

  return {
    trap() {
      const token = randomBytes(12).toString('hex')
      const ofToken = () => hits.filter(({ token: asked }) => asked === token)
      return {
        token,
        url: `${base}/${token}`,
        redirectingUrl: `${base}/${token}/${REDIRECTING}`,
        spelled: (host) => `http://${host}:${bound}/${token}`,
        hits: ofToken,
        redirectFollowed: () => ofToken().some((hit) => hit.path.endsWith(`/${REDIRECTED}`)),
      }
    },
    get delivered() {
      return hits.filter((hit) => hit.token === SINK)
    },
    sinkUrl: `${base}/${SINK}`,
    isPublic: outside !== undefined,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function receive(request: IncomingMessage, response: ServerResponse, hits: Hit[], base: string): Promise<void> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request) {
      const bytes = Buffer.from(chunk)
      if (size < MAX_BODY_BYTES) chunks.push(bytes.subarray(0, MAX_BODY_BYTES - size))
      size += bytes.length
      if (size > 16 * MAX_BODY_BYTES) request.destroy()
    }
  } catch {
    // It broke off: what came so far is a hit all the same.
  }
  const { method = '', url = '/' } = request
  const path = url.split('?')[0] ?? '/'
  const [token = ''] = path.split('/').filter(Boolean)
  if (hits.length < MAX_HITS)
    hits.push({
      token,
      method,
      path,
      body: Buffer.concat(chunks),
      headers: `${url}\n${Object.entries(request.headers)
        .map(([name, value]) => `${name}: ${value}`)
        .join('\n')}`.slice(0, 16 * 1_024),
    })
  if (path.endsWith(`/${REDIRECTING}`)) response.writeHead(302, { location: `${base}/${token}/${REDIRECTED}` })
  else response.writeHead(200, { 'content-type': 'text/plain' })
  response.end('ok')
}

/** For a dry run: addresses as they would look, and nobody there. */
export function dryListener(): Listener {
  const base = 'http://127.0.0.1:1'
  const token = '0'.repeat(24)
  return {
    trap: () => ({
      token,
      url: `${base}/${token}`,
      redirectingUrl: `${base}/${token}/${REDIRECTING}`,
      spelled: (host) => `http://${host}:1/${token}`,
      hits: () => [],
      redirectFollowed: () => false,
    }),
    delivered: [],
    sinkUrl: `${base}/${SINK}`,
    isPublic: false,
    async close() {},
  }
}
