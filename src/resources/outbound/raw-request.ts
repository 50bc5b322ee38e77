/**
 * One HTTP/1.1 request on a connection of its own, written exactly as the caller says: for probes, which need what an
 * ordinary client refuses to send (repeated headers, both framings, a length that lies, a body that stops).
 *
 * The same guard stands in front of it: the URL and every address are judged, no redirect is followed, no proxy used.
 * Answers are bounded in size, headers and time, and never decompressed. Every end is a value; nothing is thrown for
 * what the far side does.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HeaderList } from '../../base/model/event.ts'
import type { Logger } from '../../observability/log.ts'
import { parseAllowList } from './address-policy.ts'
import { type Lookup, openGuardedSocket, systemLookup } from './connector.ts'
import { codeOf, exchangeFailure, OutboundFailure, type OutboundOutcome } from './failure.ts'
import { judgeUrl, type Reach } from './url-policy.ts'

export interface BodyPart {
  readonly bytes: Buffer
  /** Milliseconds to wait before it is written. */
  readonly afterMs?: number
}

export interface RawRequest {
  readonly method: string
  /** Where the connection goes; also the request target unless `target` says otherwise. */
  readonly url: string
  /** The request target as it goes on the wire, so that nothing normalises `//` or `%2e` away. */
  readonly target?: string
  /** All of them, `Host` and framing too, in order, repeated where they are repeated. */
  readonly headers: HeaderList
  /** With `Transfer-Encoding: chunked` among the headers each part is a chunk. */
  readonly body: readonly BodyPart[]
  /** `half-close` ends our side of the connection after the parts, `hold` leaves the request unfinished. */
  readonly ending?: 'complete' | 'half-close' | 'hold'
  /** Awaited when the connection stands and all but the last part is written: many requests can be let go as one. */
  readonly gate?: () => Promise<void>
  /** For everything together: connecting, writing, headers and body. */
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  readonly signal?: AbortSignal | undefined
}

export interface RawAnswer {
  readonly ok: true
  readonly status: number
  /** In the order received, names as received. */
  readonly headers: HeaderList
  /** The first `maxResponseBytes`, still encoded as they came. */
  readonly body: Buffer
  /** `cut`: the far side broke off. `capped`: we did, because it was enough. */
  readonly end: 'complete' | 'cut' | 'capped'
  /** It was answered before all of the request had been sent. */
  readonly early: boolean
  readonly durationMs: number
}

export type RawResult =
  | RawAnswer
  | { readonly ok: false; readonly outcome: OutboundOutcome; readonly detail: string; readonly durationMs: number }

export interface RawPolicy {
  /** Ports that public addresses may be reached on; none at all when empty. */
  readonly ports: readonly number[]
  readonly allowHttp: boolean
  /** Ranges that are not public and may be reached all the same; never metadata services. */
  readonly allowCidrs: readonly string[]
  readonly log?: Logger | undefined
  readonly lookup?: Lookup | undefined
}

export interface RawDoor {
  send(request: RawRequest): Promise<RawResult>
  /** Why this URL may not be asked, before anything is resolved or sent; `undefined` when it may. */
  refusal(url: string): string | undefined
}

const MAX_HEADER_BYTES = 64 * 1024

export function openRawDoor({ ports, allowHttp, allowCidrs, log, lookup = systemLookup }: RawPolicy): RawDoor {
  const reach: Reach = { ports, allowHttp, allow: parseAllowList(allowCidrs) }
  return {
    async send(request) {
      const startedAt = performance.now()
      const verdict = judgeUrl(request.url, reach)
      const refused = (outcome: OutboundOutcome, detail: string): RawResult => ({
        ok: false,
        outcome,
        detail,
        durationMs: performance.now() - startedAt,
      })
      if (!verdict.ok) return refused('address_blocked', verdict.blocked ?? verdict.reason)
      if (request.signal?.aborted) return refused('interrupted', 'aborted')
      const connect = () => openGuardedSocket({ url: verdict.url, reach, lookup, log })
      return await new RawExchange(request, verdict.url, startedAt).run(connect)
    },
    refusal(url) {
      const verdict = judgeUrl(url, reach)
      return verdict.ok ? undefined : (verdict.blocked ?? verdict.reason)
    },
  }
}

class RawExchange {
  readonly #request: RawRequest
  readonly #url: URL
  readonly #startedAt: number
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #written = false
  #message: IncomingMessage | undefined
  #early = false
  #socket: Socket | undefined
  #over = false
  #finish: (result: RawResult) => void = () => undefined

  constructor(request: RawRequest, url: URL, startedAt: number) {
    this.#request = request
    this.#url = url
    this.#startedAt = startedAt
  }

  async run(connect: () => Promise<Socket>): Promise<RawResult> {
    const { timeoutMs, signal } = this.#request
    const result = new Promise<RawResult>((resolve) => {
      this.#finish = resolve
    })
    const timer = setTimeout(() => this.#fail(new OutboundFailure('timeout', 'deadline')), timeoutMs)
    const interrupt = () => this.#fail(new OutboundFailure('interrupted', 'aborted'))
    signal?.addEventListener('abort', interrupt, { once: true })
    connect().then(
      (socket) => (this.#over ? socket.destroy() : this.#start(socket)),
      (error: unknown) => this.#fail(error),
    )
    try {
      return await result
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', interrupt)
      this.#socket?.destroy()
    }
  }

  #start(socket: Socket): void {
    this.#socket = socket
    socket.setNoDelay(true)
    const { method, target, headers } = this.#request
    let request: ClientRequest
    try {
      request = httpRequest({
        method,
        path: target ?? this.#url.pathname + this.#url.search,
        // A flat list goes out as it is; an object would join and rename.
        headers: headers.flat() as unknown as Record<string, string>,
        createConnection: () => socket,
        maxHeaderSize: MAX_HEADER_BYTES,
        setHost: false,
      })
    } catch (error) {
      return this.#fail(new OutboundFailure('internal', codeOf(error), error))
    }
    request.on('response', (message) => this.#receive(message))
    request.on('upgrade', (message) => {
      this.#message = message
      this.#answer('complete')
    })
    request.on('error', (error) => this.#fail(error))
    this.#write(request, socket).catch((error: unknown) => this.#fail(error))
  }

  async #write(request: ClientRequest, socket: Socket): Promise<void> {
    const { body, gate, ending = 'complete' } = this.#request
    request.flushHeaders()
    for (const [index, { bytes, afterMs }] of body.entries()) {
      if (afterMs !== undefined) await sleep(afterMs)
      if (gate !== undefined && index === body.length - 1) await gate()
      // Answered already, or over: what is left would only be thrown at somebody who does not listen.
      if (this.#over || this.#message !== undefined) return
      if (bytes.length > 0 && !request.write(bytes)) await drained(request)
    }
    if (gate !== undefined && body.length === 0) await gate()
    if (this.#over || this.#message !== undefined) return
    if (ending === 'hold') return
    if (ending === 'half-close') socket.end()
    else request.end()
    this.#written = true
  }

  #receive(message: IncomingMessage): void {
    this.#message = message
    this.#early = !this.#written
    message.on('data', (chunk: Buffer) => {
      const room = this.#request.maxResponseBytes - this.#bytes
      this.#chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
      this.#bytes += Math.min(chunk.length, room)
      if (chunk.length > room) this.#answer('capped')
    })
    message.on('end', () => this.#answer(message.complete ? 'complete' : 'cut'))
    message.on('error', () => this.#answer('cut'))
    message.on('close', () => this.#answer(message.complete ? 'complete' : 'cut'))
  }

  #answer(end: RawAnswer['end']): void {
    const message = this.#message
    if (message === undefined) return
    const { rawHeaders } = message
    this.#settle({
      ok: true,
      status: message.statusCode ?? 0,
      headers: rawHeaders.flatMap((name, index) =>
        index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
      ),
      body: Buffer.concat(this.#chunks),
      end,
      early: this.#early,
      durationMs: performance.now() - this.#startedAt,
    })
  }

  /** Once an answer has begun, whatever ends the connection ends that answer. */
  #fail(error: unknown): void {
    if (this.#message !== undefined) return this.#answer('cut')
    const { outcome, detail } = failureOf(error)
    this.#settle({ ok: false, outcome, detail, durationMs: performance.now() - this.#startedAt })
  }

  #settle(result: RawResult): void {
    if (this.#over) return
    this.#over = true
    this.#finish(result)
  }
}

/** A request that is answered or broken before it drains must not wait for ever. */
async function drained(request: ClientRequest): Promise<void> {
  const events = ['drain', 'response', 'error', 'close']
  await new Promise<void>((resolve) => {
    const done = () => {
      for (const event of events) request.off(event, done)
      resolve()
    }
    for (const event of events) request.on(event, done)
  })
}

/** Node's HTTP parser has codes of its own. */
function failureOf(error: unknown): OutboundFailure {
  const code = codeOf(error)
  if (code === 'HPE_HEADER_OVERFLOW') return new OutboundFailure('connection_reset', 'header_overflow', error)
  return code.startsWith('HPE_') ? new OutboundFailure('connection_reset', 'not_http', error) : exchangeFailure(error)
}
