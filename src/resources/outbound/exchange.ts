/**
 * One request and its answer under one deadline, which covers waiting for a connection, connecting, headers and body.
 *
 * Two moments are told apart: *settled*, when the caller has its result, and *released*, when the connection is
 * free or gone. A request whose deadline passes while its socket is still being opened settles at once and
 * releases later, so that a destination that swallows packets cannot make connections pile up.
 */
import { setMaxListeners } from 'node:events'
import type { Dispatcher } from 'undici'
import type { HeaderList } from '../../base/model/event.ts'
import { exchangeFailure, OutboundFailure, type OutboundOutcome } from './failure.ts'

export type OutboundResult =
  | {
      readonly ok: true
      readonly status: number
      /** In the order received, names as received. */
      readonly headers: HeaderList
      /** The first `maxResponseBytes` of the body, still encoded as it came. */
      readonly body: Buffer
      readonly truncated: boolean
      readonly durationMs: number
    }
  | { readonly ok: false; readonly outcome: OutboundOutcome; readonly detail: string; readonly durationMs: number }

export interface ExchangeOptions {
  readonly dispatch: Dispatcher.DispatchOptions
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  readonly signal?: AbortSignal | undefined
}

/** setTimeout turns anything longer into 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export class Exchange implements Dispatcher.DispatchHandler {
  readonly dispatch: Dispatcher.DispatchOptions
  readonly result: Promise<OutboundResult>
  /** Called once each, by whoever holds the connections. */
  onSettled: () => void = nothing
  onReleased: () => void = nothing

  readonly #startedAt = performance.now()
  readonly #maxBytes: number
  readonly #signal: AbortSignal | undefined
  readonly #timer: NodeJS.Timeout
  readonly #interrupt = () => this.fail(new OutboundFailure('interrupted', 'aborted'))
  #resolve: (result: OutboundResult) => void = nothing
  #controller: Dispatcher.DispatchController | undefined
  #settled = false
  #released = false
  #status = 0
  #headers: HeaderList = []
  #chunks: Buffer[] = []
  #bytes = 0

  constructor({ dispatch, timeoutMs, maxResponseBytes, signal }: ExchangeOptions) {
    this.dispatch = dispatch
    this.#maxBytes = maxResponseBytes
    this.#signal = signal
    this.result = new Promise((resolve) => {
      this.#resolve = resolve
    })
    const late = () => this.fail(new OutboundFailure('timeout', 'deadline'))
    this.#timer = setTimeout(late, Math.min(timeoutMs, LONGEST_TIMER_MS))
    if (signal === undefined) return
    setMaxListeners(0, signal) // a worker stops hundreds of these with one signal; Node warns at eleven
    signal.addEventListener('abort', this.#interrupt, { once: true })
  }

  /** Ends it now: the caller gets the failure, the socket is destroyed. */
  fail(failure: OutboundFailure): void {
    this.#settle({ ok: false, outcome: failure.outcome, detail: failure.detail, durationMs: this.#elapsed() })
    this.#controller?.abort(failure)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#settled) controller.abort(new OutboundFailure('interrupted', 'settled_before_start'))
  }

  /** Also called for 103 Early Hints and the like; the final answer comes last and replaces them. */
  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status
    this.#headers = headerList(controller.rawHeaders)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const room = this.#maxBytes - this.#bytes
    this.#chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
    this.#bytes += Math.min(chunk.length, room)
    if (chunk.length <= room) return
    this.#answer(true)
    // Reading on to keep the connection would let the far side choose how much we read.
    controller.abort(new OutboundFailure('interrupted', 'response_cap'))
  }

  onResponseEnd(): void {
    this.#answer(false)
    this.#release()
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const { outcome, detail } = exchangeFailure(error)
    this.#settle({ ok: false, outcome, detail, durationMs: this.#elapsed() })
    this.#release()
  }

  #answer(truncated: boolean): void {
    this.#settle({
      ok: true,
      status: this.#status,
      headers: this.#headers,
      body: Buffer.concat(this.#chunks, this.#bytes), // a copy: slices would keep whole socket buffers alive
      truncated,
      durationMs: this.#elapsed(),
    })
  }

  #settle(result: OutboundResult): void {
    if (this.#settled) return
    this.#settled = true
    this.#chunks = []
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#interrupt)
    this.#resolve(result)
    this.onSettled()
  }

  #release(): void {
    if (this.#released) return
    this.#released = true
    this.onReleased()
  }

  #elapsed(): number {
    return performance.now() - this.#startedAt
  }
}

/** undici keeps the raw list flat, name and value in turn, bytes as Latin-1. */
function headerList(raw: Dispatcher.DispatchController['rawHeaders']): HeaderList {
  if (!Array.isArray(raw)) return []
  const list: [string, string][] = []
  for (let i = 0; i + 1 < raw.length; i += 2) list.push([latin1(raw[i]), latin1(raw[i + 1])])
  return list
}

function latin1(value: Buffer | string | undefined): string {
  return typeof value === 'string' ? value : (value?.toString('latin1') ?? '')
}

function nothing(): void {}
