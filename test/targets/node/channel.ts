/** The socket: orders and rooms of an account, one JSON object a message. The README of the targets has the words. */
import type { IncomingMessage, Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { ANYBODY, bearerOf, isCsrfToken, type Principal, principalOf } from './access.ts'
import { findOrder } from './orders.ts'
import { fault, isRecord } from './twin.ts'

const ORIGINS = ['https://app.example.com']
export const MAX_MESSAGE_BYTES = 65_536
const MESSAGES_A_MINUTE = 100
const CHECK_MS = 100
/** What stands in for "no limit": enough to show that there is none. */
export const NO_LIMIT_BYTES = 256 * 1024 * 1024

export interface Handshake {
  readonly origin: string | undefined
  readonly bearer: string | undefined
  readonly cookie: string | undefined
  readonly queryToken: string | undefined
  readonly csrf: string | undefined
}

/** Whether the page is none of ours; programs send no origin. */
export function isForeign(origin: string | undefined): boolean {
  if (origin === undefined || ORIGINS.includes(origin) || fault('ws-any-origin')) return false
  return !(origin === 'null' && fault('ws-null-origin'))
}

/** @returns Undefined when the connection is refused. */
export function admit({ origin, bearer, cookie, queryToken, csrf }: Handshake): Principal | undefined {
  if (isForeign(origin)) return undefined
  // A cookie comes along by itself, so it counts only from pages of ours, with the token that only those have.
  const session = origin === undefined ? undefined : /(?:^|;\s*)session=([^;]+)/.exec(cookie ?? '')?.[1]
  const isOurPage = session !== undefined && (isCsrfToken(session, csrf) || fault('ws-no-csrf'))
  const token = bearer ?? (isOurPage ? session : undefined) ?? (fault('ws-query-token') ? queryToken : undefined)
  const principal = principalOf(token, { evenIfEnded: fault('ws-expired-accepted') })
  return principal ?? (fault('ws-no-auth') ? ANYBODY : undefined)
}

export function handshakeOf(request: IncomingMessage): Handshake {
  const query = new URL(request.url ?? '/', 'http://twin').searchParams
  return {
    origin: request.headers.origin,
    bearer: bearerOf(request.headers.authorization),
    cookie: request.headers.cookie,
    queryToken: query.get('token') ?? undefined,
    csrf: query.get('csrf') ?? undefined,
  }
}

/** The messages of one connection within a minute. */
export class MessageCount {
  #times: number[] = []

  /** @returns False when this message was one too many. */
  next(): boolean {
    const now = Date.now()
    this.#times = [...this.#times.filter((at) => at > now - 60_000), now]
    return this.#times.length <= MESSAGES_A_MINUTE || fault('ws-no-rate-limit')
  }
}

/** The far end of one connection, whatever carries it. */
export interface Line {
  send(value: Record<string, unknown>): void
  close(code: number): void
}

const open = new Set<Channel>()
const usedNonces = new Set<string>()
const payments = new Map<string, number>()

export class Channel {
  readonly #line: Line
  readonly #principal: Principal
  readonly #rooms = new Set<string>()
  readonly #watch: NodeJS.Timeout
  readonly #count = new MessageCount()
  /** What the sender calls the message in hand. */
  #ref: unknown

  constructor(line: Line, principal: Principal) {
    this.#line = line
    this.#principal = principal
    open.add(this)
    this.#watch = setInterval(() => this.#checkSession(), CHECK_MS)
  }

  end(): void {
    clearInterval(this.#watch)
    open.delete(this)
  }

  #checkSession(): void {
    const { token } = this.#principal
    const hasEnded = token !== undefined && principalOf(token) === undefined
    if (hasEnded && !fault('ws-outlives-session') && !fault('ws-expired-accepted')) this.#line.close(4401)
  }

  onText(text: string): void {
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      message = undefined
    }
    this.onMessage(message)
  }

  onMessage(message: unknown): void {
    if (!this.#count.next()) return this.#line.close(1008)
    this.#ref = undefined
    if (!isRecord(message) || typeof message['type'] !== 'string') {
      return fault('ws-no-validation') ? this.#send('ok') : this.#refuse('not a message')
    }
    this.#ref = message['ref']
    const kind = message['type']
    if (kind === 'ping') return this.#send('pong')
    if (kind === 'read' || kind === 'pay') return this.#onOrder(kind, message)
    if (kind === 'join' || kind === 'post') return this.#onRoom(kind, message)
    return fault('ws-no-validation') ? this.#send('ok') : this.#refuse('unknown type')
  }

  #onOrder(kind: 'read' | 'pay', message: Record<string, unknown>): void {
    const order = findOrder(message['order'])
    const isTheirs = order?.account === this.#principal.account || fault('ws-object-swap')
    if (order === undefined || !isTheirs) return this.#refuse('no such order')
    if (kind === 'read') return this.#send('order', { ...order })
    const nonce = message['nonce']
    const key = `${this.#principal.name} ${String(nonce)}`
    if (typeof nonce !== 'string' || (usedNonces.has(key) && !fault('ws-nonce-replay'))) {
      return this.#refuse('a new nonce, please')
    }
    usedNonces.add(key)
    payments.set(order.id, (payments.get(order.id) ?? 0) + 1)
    this.#send('paid', { order: order.id, payments: payments.get(order.id) })
  }

  #onRoom(kind: 'join' | 'post', message: Record<string, unknown>): void {
    const room = message['room']
    const isTheirs = room === this.#principal.account || (kind === 'join' && fault('ws-room-join'))
    if (typeof room !== 'string' || !isTheirs) return this.#refuse('not your room')
    if (kind === 'join') {
      this.#rooms.add(room)
      return this.#send('joined', { room })
    }
    const said = { room, from: this.#principal.name, text: String(message['text']).slice(0, 500) }
    for (const each of open)
      if (each.#rooms.has(room) || fault('ws-broadcast-leak')) each.#line.send({ type: 'message', ...said })
  }

  #refuse(reason: string): void {
    this.#send('error', { reason })
  }

  #send(type: string, fields: Record<string, unknown> = {}): void {
    this.#line.send({ type, ...(this.#ref === undefined ? {} : { ref: this.#ref }), ...fields })
  }
}

/** Serves the socket at a path of a server that has others. */
export function channelsOn(server: Server, path: string): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: fault('ws-no-size-limit') ? NO_LIMIT_BYTES : MAX_MESSAGE_BYTES,
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined)
    const isHere = new URL(request.url ?? '/', 'http://twin').pathname === path
    const principal = isHere ? admit(handshakeOf(request)) : undefined
    if (principal === undefined) {
      socket.end(
        `HTTP/1.1 ${isHere ? '401 Unauthorized' : '404 Not Found'}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
      )
      return
    }
    sockets.handleUpgrade(request, socket, head, (websocket) => serve(websocket, principal))
  })
}

function serve(websocket: WebSocket, principal: Principal): void {
  const channel = new Channel(
    { send: (value) => websocket.send(JSON.stringify(value)), close: (code) => websocket.close(code) },
    principal,
  )
  websocket.on('message', (data) => channel.onText(String(data)))
  // A frame over the limit arrives here; ws closes with 1009 by itself.
  websocket.on('error', () => undefined)
  websocket.on('close', () => channel.end())
}
