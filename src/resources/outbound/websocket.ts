/**
 * A WebSocket to somewhere a user named, for probes: the caller says the handshake's headers, hears every message as it
 * came, and is told how it ended.
 *
 * The same guard stands in front of it as before every request: the URL and each address are judged, and the library
 * is handed a connection that is open already. No redirect is followed. What the far side sends is bounded in size,
 * number and time; whatever it does is a value and nothing is thrown for it.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type RawData, WebSocket } from 'ws'
import type { HeaderList } from '../../base/model/event.ts'
import type { Logger } from '../../observability/log.ts'
import { parseAllowList } from './address-policy.ts'
import { type Lookup, openGuardedSocket, systemLookup } from './connector.ts'
import { exchangeFailure, OutboundFailure, type OutboundOutcome } from './failure.ts'
import { judgeUrl, type Reach } from './url-policy.ts'

export interface WebSocketRequest {
  /** With the scheme http or https, as every URL that the guard judges. */
  readonly url: string
  readonly headers: HeaderList
  readonly subprotocols: readonly string[]
  /** For connecting and the handshake together. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

export interface Ending {
  /** 1006 when the connection broke without a closing frame (RFC 6455 section 7.1.5). */
  readonly code: number
  readonly reason: string
  /** `overflow`: we ended it, because it sent more than we keep. */
  readonly by: 'them' | 'us' | 'overflow'
}

export interface SocketLine {
  /** What was chosen among the subprotocols offered; empty when none was. */
  readonly subprotocol: string
  /** Text of every message so far, in order; binary ones read as UTF-8. */
  readonly received: readonly string[]
  readonly ended: Ending | undefined
  /** Does nothing once it has ended. */
  send(message: string | Buffer): void
  /** Resolves when there are more messages than `count`, when it ended, or when the time is over. */
  heardMoreThan(count: number, timeoutMs: number): Promise<void>
  close(): void
}

export type WebSocketOpening =
  | { readonly ok: true; readonly line: SocketLine }
  /** `status`: it was answered as plain HTTP. */
  | {
      readonly ok: false
      readonly status?: number
      readonly outcome?: OutboundOutcome
      readonly detail: string
    }

export interface ChannelPolicy {
  readonly ports: readonly number[]
  readonly allowHttp: boolean
  readonly allowCidrs: readonly string[]
  readonly log?: Logger | undefined
  readonly lookup?: Lookup | undefined
}

const MAX_MESSAGE_BYTES = 1024 * 1024
const MAX_RECEIVED_BYTES = 16 * 1024 * 1024
const MAX_MESSAGES = 20_000
const FAREWELL_MS = 200

export function openWebSocketDoor(policy: ChannelPolicy): (request: WebSocketRequest) => Promise<WebSocketOpening> {
  const { log, lookup = systemLookup } = policy
  const reach: Reach = { ...policy, allow: parseAllowList(policy.allowCidrs) }
  return async (request) => {
    const verdict = judgeUrl(request.url, reach)
    if (!verdict.ok) return { ok: false, outcome: 'address_blocked', detail: verdict.blocked ?? verdict.reason }
    if (request.signal?.aborted) return { ok: false, outcome: 'interrupted', detail: 'aborted' }
    try {
      const socket = await openGuardedSocket({ url: verdict.url, reach, lookup, log })
      return await shakeHands(socket, verdict.url, request)
    } catch (error) {
      const { outcome, detail } = error instanceof OutboundFailure ? error : exchangeFailure(error)
      return { ok: false, outcome, detail }
    }
  }
}

function shakeHands(socket: Socket, url: URL, request: WebSocketRequest): Promise<WebSocketOpening> {
  const { headers, subprotocols, timeoutMs, signal } = request
  const address = new URL(url)
  address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const websocket = new WebSocket(address, [...subprotocols], {
    createConnection: () => socket,
    headers: Object.fromEntries(headers),
    maxPayload: MAX_MESSAGE_BYTES,
    // A message that unpacks to a thousand times its size is not ours to unpack.
    perMessageDeflate: false,
    followRedirects: false,
  })
  const line = createLine(websocket, signal)
  return new Promise((resolve) => {
    // The library's own limit is never reached on a connection that stands already.
    const timer = setTimeout(() => refuse({ ok: false, outcome: 'timeout', detail: 'deadline' }), timeoutMs)
    const refuse = (opening: WebSocketOpening): void => {
      clearTimeout(timer)
      websocket.terminate()
      socket.destroy()
      resolve(opening)
    }
    websocket.once('open', () => {
      clearTimeout(timer)
      resolve({ ok: true, line })
    })
    websocket.once('unexpected-response', (_, response: IncomingMessage) => {
      response.destroy()
      refuse({ ok: false, status: response.statusCode ?? 0, detail: `answered ${response.statusCode}` })
    })
    websocket.on('error', (error) => {
      const { outcome, detail } = exchangeFailure(error)
      // An answer that is no handshake has no code of its own.
      refuse({ ok: false, outcome: outcome === 'internal' ? 'connection_reset' : outcome, detail })
    })
    websocket.once('close', () => refuse({ ok: false, outcome: 'connection_reset', detail: 'closed' }))
  })
}

function createLine(websocket: WebSocket, signal: AbortSignal | undefined): SocketLine {
  const received: string[] = []
  const waiting = new Set<() => void>()
  let bytes = 0
  let ended: Ending | undefined
  let by: Ending['by'] = 'them'

  const wake = (): void => {
    for (const each of waiting) each()
  }
  const stop = (how: Ending['by']): void => {
    if (ended !== undefined) return
    by = how
    websocket.terminate()
  }
  const interrupt = () => stop('us')
  signal?.addEventListener('abort', interrupt, { once: true })

  websocket.on('message', (data: RawData) => {
    const text = textOf(data)
    bytes += text.length
    if (bytes > MAX_RECEIVED_BYTES || received.length >= MAX_MESSAGES) return stop('overflow')
    received.push(text)
    wake()
  })
  // The library closes by itself over a message that is too large, or that breaks the protocol.
  websocket.on('error', (error) => {
    if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') by = 'overflow'
  })
  websocket.on('close', (code, reason) => {
    ended = { code, reason: reason.toString('utf8').slice(0, 123), by }
    signal?.removeEventListener('abort', interrupt)
    wake()
  })

  return {
    get subprotocol() {
      return websocket.protocol
    },
    received,
    get ended() {
      return ended
    },
    send(message) {
      if (websocket.readyState === WebSocket.OPEN) websocket.send(message, () => undefined)
    },
    heardMoreThan(count, timeoutMs) {
      return new Promise((resolve) => {
        const check = (): void => {
          if (received.length <= count && ended === undefined) return
          finish()
        }
        const finish = (): void => {
          clearTimeout(timer)
          waiting.delete(check)
          resolve()
        }
        const timer = setTimeout(finish, timeoutMs)
        waiting.add(check)
        check()
      })
    },
    close() {
      if (ended !== undefined) return
      by = 'us'
      websocket.close(1000)
      // Whoever does not answer the farewell is not waited for.
      setTimeout(() => websocket.terminate(), FAREWELL_MS)
    },
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8')
}
