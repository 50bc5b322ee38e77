/**
 * A stream of server-sent events from somewhere a user named, for probes: its status, its headers, and what arrives
 * until we leave or it ends. Behind the same guard as every request, and bounded in size and time.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { HeaderList } from '../../base/model/event.ts'
import { parseAllowList } from './address-policy.ts'
import { openGuardedSocket, systemLookup } from './connector.ts'
import { exchangeFailure, OutboundFailure, type OutboundOutcome } from './failure.ts'
import { judgeUrl, type Reach } from './url-policy.ts'
import type { ChannelPolicy } from './websocket.ts'

export interface EventStreamRequest {
  readonly url: string
  readonly headers: HeaderList
  /** Until the answer's head is there. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

export interface EventStream {
  readonly status: number
  readonly headers: HeaderList
  /** What came so far; it stops growing at 256 KiB. */
  readonly text: string
  readonly ended: boolean
  /** Resolves when `isEnough` says so of the text, when the stream ended, or when the time is over. */
  heard(isEnough: (text: string) => boolean, timeoutMs: number): Promise<void>
  close(): void
}

export type EventStreamOpening =
  | { readonly ok: true; readonly stream: EventStream }
  | { readonly ok: false; readonly outcome: OutboundOutcome; readonly detail: string }

const MAX_TEXT_BYTES = 256 * 1024
const MAX_HEADER_BYTES = 64 * 1024

export function openEventStreamDoor(
  policy: ChannelPolicy,
): (request: EventStreamRequest) => Promise<EventStreamOpening> {
  const { log, lookup = systemLookup } = policy
  const reach: Reach = { ...policy, allow: parseAllowList(policy.allowCidrs) }
  return async (request) => {
    const verdict = judgeUrl(request.url, reach)
    if (!verdict.ok) return { ok: false, outcome: 'address_blocked', detail: verdict.blocked ?? verdict.reason }
    if (request.signal?.aborted) return { ok: false, outcome: 'interrupted', detail: 'aborted' }
    try {
      const socket = await openGuardedSocket({ url: verdict.url, reach, lookup, log })
      return { ok: true, stream: await begin(socket, verdict.url, request) }
    } catch (error) {
      const { outcome, detail } = error instanceof OutboundFailure ? error : exchangeFailure(error)
      return { ok: false, outcome, detail }
    }
  }
}

function begin(socket: Socket, url: URL, { headers, timeoutMs, signal }: EventStreamRequest): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(fail, timeoutMs, new OutboundFailure('timeout', 'deadline'))
    const sent = httpRequest({
      createConnection: () => socket,
      method: 'GET',
      path: url.pathname + url.search,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: [['Host', url.host], ['Accept', 'text/event-stream'], ['User-Agent', 'postern-scan'], ...headers].flat(),
    })
    sent.on('error', fail)
    sent.on('response', (response) => {
      clearTimeout(timer)
      resolve(streamOf(response, socket, signal))
    })
    sent.end()
  })
}

function streamOf(response: IncomingMessage, socket: Socket, signal: AbortSignal | undefined): EventStream {
  const waiting = new Set<() => void>()
  const decoder = new TextDecoder()
  let text = ''
  let ended = false
  const wake = (): void => {
    for (const each of waiting) each()
  }
  const end = (): void => {
    ended = true
    signal?.removeEventListener('abort', close)
    wake()
  }
  const close = (): void => {
    socket.destroy()
  }
  signal?.addEventListener('abort', close, { once: true })
  response.on('data', (chunk: Buffer) => {
    if (text.length < MAX_TEXT_BYTES) text += decoder.decode(chunk, { stream: true })
    wake()
  })
  response.on('error', end)
  response.on('close', end)
  const { rawHeaders } = response
  return {
    status: response.statusCode ?? 0,
    headers: rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : [])),
    get text() {
      return text
    },
    get ended() {
      return ended
    },
    heard(isEnough, timeoutMs) {
      return new Promise((resolve) => {
        const check = (): void => {
          if (!ended && !isEnough(text)) return
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
    close,
  }
}
