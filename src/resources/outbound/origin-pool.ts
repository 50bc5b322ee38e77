/**
 * The connections to one origin under one policy, and the queue for them.
 *
 * The queue is here and not in undici's pool because a request that gives up while it waits must leave at once:
 * undici keeps it until a connection comes, which for a destination that swallows packets is never.
 */
import { Pool } from 'undici'
import { type ConnectorOptions, guardedConnector } from './connector.ts'
import type { Exchange } from './exchange.ts'
import { OutboundFailure } from './failure.ts'

/** Twice the deliveries a worker makes at one time by default, so that one origin can use them all. */
const MAX_CONNECTIONS = 128
/** A server's `Keep-Alive: timeout` hint is followed up to this. */
const MAX_IDLE_MS = 60_000
const MAX_HEADER_BYTES = 16_384

export class OriginPool {
  readonly openedAt = performance.now()
  readonly #pool: Pool
  readonly #waiting = new Set<Exchange>()
  readonly #onClosed: (pool: OriginPool) => void
  #inFlight = 0
  #resting = 0
  #retired = false

  constructor(options: ConnectorOptions, onClosed: (pool: OriginPool) => void) {
    this.#onClosed = onClosed
    this.#pool = new Pool(options.url.origin, {
      connect: guardedConnector(options),
      connections: MAX_CONNECTIONS,
      pipelining: 1, // an aborted answer destroys its socket: nobody else may be on it
      keepAliveMaxTimeout: MAX_IDLE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: 0, // the exchange has one deadline for everything
      bodyTimeout: 0,
    })
  }

  run(exchange: Exchange): void {
    this.#waiting.add(exchange)
    exchange.onSettled = () => this.#waiting.delete(exchange)
    if (this.#resting === 0) this.#startWaiting()
  }

  /** Takes no new requests; closes when the last one has ended. */
  retire(): void {
    this.#retired = true
    this.#closeWhenIdle()
  }

  /** Ends everything now; what was under way settles as interrupted. */
  async destroy(): Promise<void> {
    const failure = new OutboundFailure('interrupted', 'closed')
    for (const exchange of this.#waiting) exchange.fail(failure)
    await this.#pool.destroy(failure)
  }

  #startWaiting(): void {
    for (const exchange of this.#waiting) {
      if (this.#inFlight >= MAX_CONNECTIONS) return
      this.#start(exchange)
    }
  }

  #start(exchange: Exchange): void {
    this.#waiting.delete(exchange)
    this.#inFlight++
    exchange.onReleased = () => this.#rest()
    this.#pool.dispatch(exchange.dispatch, exchange)
  }

  /**
   * undici gives a connection back one turn of the event loop after its answer (the far side may be closing it).
   * Whoever sends again at once waits that turn, else requests in sequence would open a second connection.
   * The microtask puts our turn behind undici's, which is queued after its handlers have run.
   */
  #rest(): void {
    this.#resting++
    queueMicrotask(() => setImmediate(() => this.#next()))
  }

  #next(): void {
    this.#resting--
    this.#inFlight--
    const [exchange] = this.#waiting
    if (exchange !== undefined) this.#start(exchange)
    if (this.#resting === 0) this.#startWaiting()
    this.#closeWhenIdle()
  }

  #closeWhenIdle(): void {
    if (!this.#retired || this.#inFlight > 0 || this.#waiting.size > 0) return
    this.#onClosed(this)
    void this.#pool.close().catch(() => this.#pool.destroy())
  }
}
