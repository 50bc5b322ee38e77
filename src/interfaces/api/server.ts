/**
 * The one HTTP server: webhooks to the receivers, everything else to the management surface.
 *
 * Only a path that is spelt exactly `/api/v1/webhooks/…` reaches the receivers; every other spelling is routed as
 * what it decodes to and finds nothing. The socket guards of both doors are here: time-outs, header size,
 * connections per address, and an end that finishes what has begun.
 *
 * Boundary: reads no body and knows no route; TLS ends before it.
 */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Authenticate } from '../../access/authenticate.ts'
import { problemOf } from '../../base/lib/problem.ts'
import { compileTrustedProxies } from '../../base/lib/source-address.ts'
import { PosternError } from '../../base/model/errors.ts'
import { newId, publicId } from '../../base/model/ids.ts'
import type { Config } from '../../config/config.ts'
import type { Logger } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { answerClientErrors } from './client-error.ts'
import { capConnections } from './connection-cap.ts'
import type { Api, Health } from './deps.ts'
import { shareHealth } from './shared-health.ts'

export interface ServerOptions {
  /** Absent in a process that only receives: it then answers nothing but health and metrics. */
  readonly api?: Api
  /** Absent in a process that only manages: webhooks are then answered 404. */
  readonly ingress?: RequestListener
  readonly health: Health
  readonly authenticate: Authenticate
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>
  readonly config: Pick<
    Config,
    | 'POSTERN_HOST'
    | 'POSTERN_PORT'
    | 'POSTERN_HEADER_TIMEOUT_MS'
    | 'POSTERN_BODY_TIMEOUT_MS'
    | 'POSTERN_MAX_CONNECTIONS_PER_ADDRESS'
    | 'POSTERN_TRUSTED_PROXIES'
  >
  readonly log: Logger
}

export interface RunningServer {
  /** @returns Where it listens, with the port it was given when that was 0. */
  listen(): Promise<{ readonly host: string; readonly port: number }>
  /** Stops accepting, finishes what is in flight, and after `graceMs` ends the rest. */
  close(graceMs?: number): Promise<void>
  /** `undefined` while it does not listen. */
  readonly address: { readonly host: string; readonly port: number } | undefined
}

const RECEIVERS = '/api/v1/webhooks/'

/** 16 KiB: twice what a browser or a provider sends, and node's own default since 14. */
const MAX_HEADER_BYTES = 16 * 1024

/** Longer than the 60 seconds of common balancers, so that they and not we close an idle connection. */
const KEEP_ALIVE_MS = 65_000

const DEFAULT_GRACE_MS = 10_000

export function createServer({
  api,
  ingress,
  health,
  authenticate,
  metrics,
  config,
  log,
}: ServerOptions): RunningServer {
  const rest =
    api === undefined
      ? withoutApi(health, authenticate, metrics)
      : (request: IncomingMessage, response: ServerResponse) => api.routing(request, response)
  const receive = ingress ?? ((_request: IncomingMessage, response: ServerResponse) => refuse(response, nothingHere()))
  let closing = false

  const server = createHttpServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: config.POSTERN_HEADER_TIMEOUT_MS,
      // Node counts it from the first byte of the request, headers included.
      requestTimeout: config.POSTERN_HEADER_TIMEOUT_MS + config.POSTERN_BODY_TIMEOUT_MS,
      // The time-outs are only looked at this often; node's 30 seconds would make ten seconds mean forty.
      connectionsCheckingInterval: Math.min(1_000, config.POSTERN_HEADER_TIMEOUT_MS),
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Answered by ourselves below, as a problem document.
      requireHostHeader: false,
    },
    (request, response) => {
      if (closing) response.setHeader('connection', 'close')
      if (!hasOneHost(request)) return refuse(response, badHost())
      if (request.url?.startsWith(RECEIVERS) === true) receive(request, response)
      else rest(request, response)
    },
  )
  // Node silently drops headers beyond a count. A dropped signature or key header would change what a request says;
  // their number is bounded by their size.
  server.maxHeadersCount = 0
  capConnections(server, {
    perAddress: config.POSTERN_MAX_CONNECTIONS_PER_ADDRESS,
    trustedProxies: compileTrustedProxies(config.POSTERN_TRUSTED_PROXIES),
    onRefused: (address) => log.warn({ address }, 'too many connections from one address'),
  })
  const unanswered = trackUnanswered(server)
  answerClientErrors(server, unanswered, log)
  const finish = finishGracefully(server, unanswered)

  return {
    listen: () => listen(server, config.POSTERN_HOST, config.POSTERN_PORT),
    async close(graceMs = DEFAULT_GRACE_MS) {
      closing = true
      await finish(graceMs)
      await api?.close()
    },
    get address() {
      return addressOf(server)
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve(addressOf(server) ?? { host, port })
    })
  })
}

function addressOf(server: Server): { host: string; port: number } | undefined {
  const address: AddressInfo | string | null = server.address()
  return address === null || typeof address === 'string' ? undefined : { host: address.address, port: address.port }
}

const PLACE = Symbol('place among the unanswered')

interface Tracked extends ServerResponse {
  [PLACE]?: number
}

/**
 * One listener, the same for every response, as it runs for each of them. A list whose last takes the place of one that
 * goes, and not a set: V8's sets make a new table every so many additions, each old table points to the next one, and
 * so one that has grown old kept every request since then from the cheap collections. That cost a fifth of the time.
 */
function trackUnanswered(server: Server): readonly ServerResponse[] {
  const unanswered: Tracked[] = []
  function forget(this: Tracked): void {
    const place = this[PLACE]
    const last = unanswered.pop()
    if (place === undefined || last === undefined || last === this) return
    unanswered[place] = last
    last[PLACE] = place
  }
  server.on('request', (_request: IncomingMessage, response: Tracked) => {
    response[PLACE] = unanswered.push(response) - 1
    response.on('close', forget)
  })
  return unanswered
}

/** Keep-alive connections end with the answer that is under way on them, idle ones at once. */
function finishGracefully(server: Server, unanswered: readonly ServerResponse[]): (graceMs: number) => Promise<void> {
  return async (graceMs) => {
    if (!server.listening) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const response of unanswered) if (!response.headersSent) response.setHeader('connection', 'close')
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    const late = new AbortController()
    const overdue = sleep(graceMs, undefined, { signal: late.signal }).then(
      () => server.closeAllConnections(),
      () => undefined,
    )
    server.closeIdleConnections()
    await closed
    late.abort()
    clearInterval(idle)
    await overdue
  }
}

/** RFC 9112 section 3.2: exactly one in HTTP/1.1. Two would let a proxy and us disagree about who is meant. */
function hasOneHost(request: IncomingMessage): boolean {
  const { rawHeaders } = request
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count === 1 || (count === 0 && request.httpVersion === '1.0')
}

function withoutApi(
  asked: Health,
  authenticate: Authenticate,
  metrics: Pick<Metrics, 'text' | 'contentType'>,
): RequestListener {
  const health = shareHealth(asked)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0]
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, nothingHere())
    if (path === '/metrics') {
      const principal = await authenticate(request.rawHeaders)
      if (principal?.scopes.has('metrics:read') !== true)
        return refuse(response, new PosternError('UNAUTHORIZED', 'A valid management key is required.'))
      return send(request, response, 200, metrics.contentType, await metrics.text())
    }
    if (path !== '/livez' && path !== '/readyz' && path !== '/api/v1/health') return refuse(response, nothingHere())
    const status = path === '/livez' ? 'ok' : await health()
    const type = 'application/json; charset=utf-8'
    return send(request, response, status === 'ok' ? 200 : 503, type, JSON.stringify({ status }))
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) =>
      refuse(response, error instanceof PosternError ? error : new PosternError('INTERNAL_ERROR', 'It failed.')),
    )
  }
}

function send(request: IncomingMessage, response: ServerResponse, status: number, type: string, body: string): void {
  response
    .writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .end(request.method === 'HEAD' ? undefined : body)
}

function refuse(response: ServerResponse, error: PosternError): void {
  const problem = problemOf(error, publicId('correlation', newId()))
  // The body, if there is one, is not read: the connection ends with the answer.
  response.writeHead(problem.status, {
    ...problem.headers,
    'content-length': Buffer.byteLength(problem.body),
    connection: 'close',
  })
  response.end(problem.body)
}

function nothingHere(): PosternError {
  return new PosternError('NOT_FOUND', 'There is nothing at this address.')
}

function badHost(): PosternError {
  return new PosternError('VALIDATION_ERROR', 'The request must have exactly one Host header.')
}
