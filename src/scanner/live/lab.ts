/**
 * What a probe works with: a way to send, an oracle to count effects, a listener that waits for the target to call.
 *
 * Everything sent goes through the one door out, is paid for from the budget and kept, redacted, with the probe that
 * sent it. A dry run has a lab too: it writes down what would be sent, sends nothing and answers 200 to everything.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HeaderList } from '../../base/model/event.ts'
import type { ProbeExchange } from '../../catalogue/evidence.ts'
import type { BodyPart, RawDoor, RawRequest, RawResult } from '../../resources/outbound/raw-request.ts'
import type { Budget } from './budget.ts'
import type { Effects } from './effects.ts'
import type { Listener } from './listener.ts'
import type { Redactor } from './redact.ts'

export interface ProbeRequest {
  readonly method: string
  readonly url: string
  readonly target?: string
  /** Without `Host`, `User-Agent`, `Connection` and the framing, which are added unless they stand here. */
  readonly headers: HeaderList
  readonly body?: Buffer | readonly BodyPart[]
  readonly chunked?: boolean
  readonly ending?: RawRequest['ending']
  readonly timeoutMs?: number
}

export type Answer = RawResult

export interface Lab {
  send(request: ProbeRequest): Promise<Answer>
  /** All of them connected first and let go as one. */
  sendTogether(requests: readonly ProbeRequest[]): Promise<readonly Answer[]>
  /** Keeps what went over a connection that is not one request and one answer, redacted. */
  keep(request: string, response: string): void
  readonly effects: Effects | undefined
  readonly listener: Listener | undefined
  readonly budget: Budget
  readonly dry: boolean
  /** Milliseconds since the epoch, for what is signed. */
  now(): number
  /** Unique to this run and call. */
  unique(): string
  wait(ms: number): Promise<void>
}

export interface LabOptions {
  readonly door: RawDoor
  readonly budget: Budget
  readonly redactor: Redactor
  readonly effects: Effects | undefined
  readonly listener: Listener | undefined
  readonly dry: boolean
  readonly now: () => number
  readonly timeoutMs: number
}

/** An exchange with the answer it shows, until the record of the probe is made. */
export interface KeptExchange extends ProbeExchange {
  readonly answer?: Answer
  readonly sent?: Sent
}

/** Of a request what its answer can be understood by, without its body. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly contentType: string | undefined
  /** Whole, and under its address as it is. */
  readonly isPlain: boolean
}

/** A probe that sends more than this sends the same again. */
const MAX_KEPT = 64
const MAX_RESPONSE_BYTES = 64 * 1_024
/** That many in a row that nobody took: the target is gone, and no refusal of it means anything. */
const LOST_AFTER = 5

/** Shared by the labs of all probes of a run. */
export interface Bench {
  lab(kept: KeptExchange[]): Lab
}

export function createBench(options: LabOptions): Bench {
  const { door, budget, redactor, effects, listener, dry, now, timeoutMs } = options
  let refusedInRow = 0

  function watch(result: RawResult): void {
    if (result.ok || result.outcome !== 'connection_refused') refusedInRow = 0
    else if (++refusedInRow >= LOST_AFTER) budget.end('target-lost')
  }

  async function deliver(request: ProbeRequest, gate?: () => Promise<void>): Promise<RawResult> {
    if (dry) return DRY_ANSWER
    const result = await door.send({
      ...wire(request),
      timeoutMs: request.timeoutMs ?? timeoutMs,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      signal: budget.signal,
      ...(gate === undefined ? {} : { gate }),
    })
    watch(result)
    budget.check()
    return result
  }

  return {
    lab(kept) {
      const keep = (exchange: KeptExchange) => {
        if (dry || kept.length < MAX_KEPT) kept.push(exchange)
      }
      const record = (request: ProbeRequest, result: RawResult) =>
        keep({
          request: shownRequest(request, redactor),
          response: dry ? '' : shownResult(result, redactor),
          answer: result,
          sent: sentOf(request),
        })
      return {
        async send(request) {
          await budget.take(1)
          const result = await deliver(request)
          record(request, result)
          return result
        },
        async sendTogether(requests) {
          await budget.take(requests.length)
          const ticket = barrier(requests.length)
          const results = await Promise.all(
            requests.map(async (request) => {
              const { arrive, leave } = ticket()
              return await deliver(split(request), arrive).finally(leave)
            }),
          )
          for (const [index, request] of requests.entries()) {
            const result = results[index]
            if (result !== undefined) record(request, result)
          }
          return results
        },
        keep: (request, response) => keep({ request: redactor.text(request), response: redactor.text(response) }),
        effects,
        listener,
        budget,
        dry,
        now,
        unique: randomUUID,
        async wait(ms) {
          budget.check()
          if (!dry) await sleep(ms, undefined, { signal: budget.signal }).catch(() => undefined)
          budget.check()
        },
      }
    },
  }
}

function sentOf({ method, url, target, headers, ending = 'complete' }: ProbeRequest): Sent {
  const [, contentType] = headers.find(([name]) => name.toLowerCase() === 'content-type') ?? []
  return { method, url, contentType, isPlain: target === undefined && ending === 'complete' }
}

const DRY_ANSWER: RawResult = {
  ok: true,
  status: 200,
  headers: [],
  body: Buffer.alloc(0),
  end: 'complete',
  early: false,
  durationMs: 0,
}

/** Opens when every holder of a ticket has arrived or left. */
function barrier(size: number): () => { arrive(): Promise<void>; leave(): void } {
  let missing = size
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    let counted = false
    const count = (): void => {
      if (counted) return
      counted = true
      if (--missing <= 0) open()
    }
    return {
      async arrive() {
        count()
        await opened
      },
      leave: count,
    }
  }
}

/** The last byte waits for the others, so that all requests are complete at one moment. */
function split(request: ProbeRequest): ProbeRequest {
  const { body } = request
  if (!Buffer.isBuffer(body) || body.length < 2) return request
  return { ...request, body: [{ bytes: body.subarray(0, -1) }, { bytes: body.subarray(-1) }] }
}

function parts(body: ProbeRequest['body']): readonly BodyPart[] {
  if (body === undefined) return []
  return Buffer.isBuffer(body) ? (body.length === 0 ? [] : [{ bytes: body }]) : body
}

function bodyLength(body: ProbeRequest['body']): number {
  return parts(body).reduce((sum, { bytes }) => sum + bytes.length, 0)
}

function wire(
  request: ProbeRequest,
): Pick<RawRequest, 'method' | 'url' | 'headers' | 'body'> & Pick<Partial<RawRequest>, 'target' | 'ending'> {
  const { method, url, target, headers, body, ending } = request
  return {
    method,
    url,
    headers: [...addedHeaders(request), ...headers],
    body: parts(body),
    ...(target === undefined ? {} : { target }),
    ...(ending === undefined ? {} : { ending }),
  }
}

function addedHeaders({ url, headers, body, chunked, method }: ProbeRequest): HeaderList {
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  const length = bodyLength(body)
  const framed = given.has('content-length') || given.has('transfer-encoding')
  const framing: HeaderList = framed
    ? []
    : chunked === true
      ? [['Transfer-Encoding', 'chunked']]
      : length > 0 || /^(?:POST|PUT|PATCH)$/.test(method)
        ? [['Content-Length', String(length)]]
        : []
  const standard: HeaderList = [
    ['Host', new URL(url).host],
    ['User-Agent', 'postern-scan'],
    ['Accept', '*/*'],
    ['Connection', 'close'],
  ]
  return [...standard.filter(([name]) => !given.has(name.toLowerCase())), ...framing]
}

function shownRequest(request: ProbeRequest, redactor: Redactor): string {
  const { method, url, target, headers, body } = request
  const { pathname, search } = new URL(url)
  const bytes = beginning(parts(body))
  const line = `${method} ${target ?? pathname + search} HTTP/1.1`
  return redactor.head(line, [...addedHeaders(request), ...headers], bytes, bodyLength(body))
}

const SHOWN_BYTES = 4_096

function beginning(body: readonly BodyPart[]): Buffer {
  const [first] = body
  if (first !== undefined && first.bytes.length >= SHOWN_BYTES) return first.bytes.subarray(0, SHOWN_BYTES)
  return Buffer.concat(body.slice(0, SHOWN_BYTES).map(({ bytes }) => bytes.subarray(0, SHOWN_BYTES))).subarray(
    0,
    SHOWN_BYTES,
  )
}

function shownResult(result: RawResult, redactor: Redactor): string {
  if (!result.ok) return `no answer: ${result.outcome} (${result.detail})`
  const end = result.end === 'cut' ? '\n… the connection broke here' : ''
  return redactor.head(`HTTP/1.1 ${result.status}`, result.headers, result.body) + end
}
