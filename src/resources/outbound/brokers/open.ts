/**
 * Delivers into brokers through the same door: the address policy of HTTP, one vetted address a connection, no referrals.
 *
 * A connection is kept while it is used and closed when it fails. Whatever happens is a value: `publish` never throws.
 */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { BrokerKind, DestinationSettings } from '../../../base/model/destination.ts'
import type { Logger } from '../../../observability/log.ts'
import { parseAllowList } from '../address-policy.ts'
import { judgedAddresses, type Lookup, type OutboundTls, systemLookup } from '../connector.ts'
import { connectFailure, OutboundFailure, type OutboundOutcome } from '../failure.ts'
import { literalOf, portOf, type Reach } from '../url-policy.ts'
import type { BrokerConnection, BrokerMessage, BrokerTarget, OpenBroker } from './broker.ts'
import { judgeBrokerUrl } from './broker-url.ts'
import { openNats } from './nats.ts'
import { openPostgres } from './postgres.ts'
import { openRabbit } from './rabbitmq.ts'
import { openRedis } from './redis.ts'

export interface BrokersPolicy {
  readonly ports: readonly number[]
  readonly allowHttp: boolean
  readonly log?: Logger
  readonly lookup?: Lookup
}

export interface PublishRequest {
  readonly kind: BrokerKind
  readonly url: string
  readonly settings: DestinationSettings
  readonly allowCidrs: readonly string[]
  readonly username?: string
  readonly password?: string
  readonly token?: string
  readonly tls?: OutboundTls
  /** For connecting and for the broker's promise, together. */
  readonly timeoutMs: number
  readonly message: BrokerMessage
}

export type PublishResult = { readonly durationMs: number } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly outcome: OutboundOutcome; readonly detail: string }
)

export interface Brokers {
  publish(request: PublishRequest): Promise<PublishResult>
  close(): Promise<void>
}

const OPENERS: Readonly<Record<BrokerKind, OpenBroker>> = {
  rabbitmq: openRabbit,
  nats: openNats,
  redis: openRedis,
  postgres: openPostgres,
}

const MAX_CONNECTIONS = 256
/** Idle ones end, and busy ones are replaced, so that a name that moved is followed. */
const TTL_MS = 5 * 60_000

export function openBrokers({ ports, allowHttp, log, lookup = systemLookup }: BrokersPolicy): Brokers {
  const closing = new Set<Promise<unknown>>()
  const connections = new LRUCache<string, Promise<BrokerConnection>>({
    max: MAX_CONNECTIONS,
    ttl: TTL_MS,
    dispose: (connection) => end(connection),
  })
  let closed = false

  function end(connection: Promise<BrokerConnection>): void {
    const ending = connection.then(
      (open) => open.close(),
      () => undefined,
    )
    closing.add(ending)
    void ending.finally(() => closing.delete(ending))
  }

  async function open(request: PublishRequest): Promise<BrokerConnection> {
    const reach: Reach = { ports, allowHttp, allow: parseAllowList(request.allowCidrs) }
    const verdict = judgeBrokerUrl(request.kind, request.url, reach)
    if (!verdict.ok) throw new OutboundFailure('address_blocked', verdict.blocked ?? verdict.reason)
    const { url } = verdict
    const [address] = await judgedAddresses({ url, reach, lookup, log })
    if (address === undefined) throw new OutboundFailure('dns_failed', 'no_answer')
    return OPENERS[request.kind](targetOf(request, url, address))
  }

  async function connected(key: string, request: PublishRequest): Promise<BrokerConnection> {
    const known = connections.get(key)
    if (known !== undefined) {
      const open = await known
      if (!open.broken) return open
      connections.delete(key)
    }
    const opening = connections.get(key) ?? open(request)
    connections.set(key, opening)
    return opening
  }

  return {
    async publish(request) {
      const startedAt = performance.now()
      const key = keyOf(request)
      try {
        if (closed) throw new OutboundFailure('interrupted', 'closed')
        await within(request.timeoutMs, async () => (await connected(key, request)).publish(request.message))
        return { ok: true, durationMs: performance.now() - startedAt }
      } catch (error) {
        const { outcome, detail } = connectFailure(error, request.tls === undefined ? 'http:' : 'https:')
        // A message that is refused says nothing about the connection, which others may be using.
        if (outcome !== 'broker_refused') connections.delete(key)
        return { ok: false, outcome, detail, durationMs: performance.now() - startedAt }
      }
    },

    async close() {
      closed = true
      connections.clear()
      await Promise.all(closing)
    },
  }
}

function targetOf(request: PublishRequest, url: URL, address: string): BrokerTarget {
  const { kind, settings, timeoutMs, username, password, token, tls } = request
  return {
    ...{ kind, address, port: portOf(url), path: url.pathname.slice(1), settings, timeoutMs },
    ...(literalOf(url) === undefined ? { servername: url.hostname.replace(/\.$/, '') } : {}),
    ...(url.protocol === 'https:' ? { tls: tls ?? { verify: true } } : {}),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(token === undefined ? {} : { token }),
  }
}

/** Credentials and TLS are part of it: a connection that one destination may have is no reason for another to use it. */
function keyOf({ message: _, timeoutMs: __, ...request }: PublishRequest): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('base64')
}

async function within(ms: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OutboundFailure('timeout', 'deadline')), ms)
  })
  try {
    await Promise.race([work(), deadline])
  } finally {
    clearTimeout(timer)
  }
}
