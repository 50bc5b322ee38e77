/**
 * The only door out: every request to an address that somebody else named goes through `send`.
 *
 * It reaches public addresses, and private ones only where the destination lists them; never a metadata service.
 * It never follows a redirect, never uses a proxy, never reads more than it was told to, never outlives its
 * deadline, and never throws for what the far side does: every end is a value. One attempt a call: whether to
 * try again is decided by the caller.
 */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { HeaderList } from '../../base/model/event.ts'
import type { Logger } from '../../observability/log.ts'
import { parseAllowList } from './address-policy.ts'
import { type Lookup, type OutboundTls, systemLookup } from './connector.ts'
import { Exchange, type OutboundResult } from './exchange.ts'
import type { OutboundOutcome } from './failure.ts'
import { OriginPool } from './origin-pool.ts'
import { judgeUrl, type Reach } from './url-policy.ts'
import { isMethod, wireHeaders } from './wire-headers.ts'

export interface OutboundPolicy {
  /** Ports that public addresses may be reached on. */
  readonly ports: readonly number[]
  /** Whether public addresses may be reached without TLS. */
  readonly allowHttp: boolean
  readonly log?: Logger
  /** How names become addresses; the system's resolver when absent. Its answers are judged, not trusted. */
  readonly lookup?: Lookup
}

export interface OutboundRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeaderList | Readonly<Record<string, string>>
  readonly body: Buffer
  /** For everything together: waiting for a connection, connecting, headers and body. */
  readonly timeoutMs: number
  readonly allowCidrs: readonly string[]
  readonly maxResponseBytes?: number
  readonly tls?: OutboundTls
  readonly signal?: AbortSignal
}

export interface Outbound {
  send(request: OutboundRequest): Promise<OutboundResult>
  /** Ends what is under way and closes every connection. */
  close(): Promise<void>
}

export const DEFAULT_MAX_RESPONSE_BYTES = 64 * 1024

/** Origins (times policies) that keep connections; the least used ones lose theirs. */
const MAX_ORIGINS = 256
/** Connections are replaced after this even when always busy, so that a name that moved is followed. */
const POOL_TTL_MS = 5 * 60_000
const MAX_ALLOW_LISTS = 1_024

export function openOutbound({ ports, allowHttp, log, lookup = systemLookup }: OutboundPolicy): Outbound {
  const live = new Set<OriginPool>()
  const pools = new LRUCache<string, OriginPool>({
    max: MAX_ORIGINS,
    ttl: POOL_TTL_MS,
    dispose: (pool) => pool.retire(),
  })
  const reaches = new LRUCache<string, Reach>({ max: MAX_ALLOW_LISTS })
  let closed = false

  function reachOf(key: string, allowCidrs: readonly string[]): Reach {
    const known = reaches.get(key)
    if (known !== undefined) return known
    const reach = { ports, allowHttp, allow: parseAllowList(allowCidrs) }
    reaches.set(key, reach)
    return reach
  }

  /** Keyed by allow-list and TLS as well: a socket that one destination may have is no reason for another to use it. */
  function poolFor(url: URL, allowKey: string, reach: Reach, tls: OutboundTls | undefined): OriginPool {
    const key = `${url.origin} ${allowKey}${tls === undefined ? '' : ` ${tlsKey(tls)}`}`
    const known = pools.get(key)
    if (known !== undefined && performance.now() - known.openedAt < POOL_TTL_MS) return known
    const pool = new OriginPool({ url, reach, lookup, log, tls }, (ended) => live.delete(ended))
    live.add(pool)
    pools.set(key, pool)
    return pool
  }

  async function send(request: OutboundRequest): Promise<OutboundResult> {
    const { method, body, timeoutMs, allowCidrs, signal, maxResponseBytes = DEFAULT_MAX_RESPONSE_BYTES } = request
    if (closed) return refused('interrupted', 'closed')
    if (signal?.aborted) return refused('interrupted', 'aborted')
    // Not joined by a comma: an entry that contains one must not pass for two.
    const allowKey = allowCidrs.length === 0 ? '' : JSON.stringify(allowCidrs)
    const reach = reachOf(allowKey, allowCidrs)
    const verdict = judgeUrl(request.url, reach)
    if (!verdict.ok) return refused('address_blocked', verdict.blocked ?? verdict.reason)
    const headers = wireHeaders(request.headers)
    if (typeof headers === 'string') return refused('internal', headers)
    if (!isMethod(method)) return refused('internal', 'method')
    const path = verdict.url.pathname + verdict.url.search
    const dispatch = { method, path, headers: [...headers], body: body.length === 0 ? null : body }
    const exchange = new Exchange({ dispatch, timeoutMs, maxResponseBytes, signal })
    poolFor(verdict.url, allowKey, reach, request.tls).run(exchange)
    return exchange.result
  }

  async function close(): Promise<void> {
    closed = true
    const closing = [...live].map((pool) => pool.destroy())
    pools.clear()
    await Promise.all(closing)
  }

  return { send, close }
}

/** A digest, since a key lies among the parts. */
function tlsKey({ verify, certificate = '', privateKey = '' }: OutboundTls): string {
  const parts = JSON.stringify([verify, certificate, privateKey])
  return createHash('sha256').update(parts).digest('base64')
}

function refused(outcome: OutboundOutcome, detail: string): OutboundResult {
  return { ok: false, outcome, detail, durationMs: 0 }
}
