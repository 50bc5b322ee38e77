/**
 * Coordination through Redis or Valkey: one answer for all gateways.
 *
 * Every request passes two limits: this gateway's own count and then the shared one. A key that is over its limit
 * here is over it everywhere, so a flood is refused without a round trip; and an outage, a flush or a restart of Redis
 * never hands out a fresh limit: no gateway lets more than the limit through in any minute, whatever Redis does.
 * While Redis is away, n gateways together may let through n times the limit.
 */
import { Redis } from 'ioredis'
import { asUuid } from '../../../base/model/ids.ts'
import type { Logger } from '../../../observability/log.ts'
import type { Coordination, Decision, Seen } from '../coordination.ts'
import { REMEMBER_FOR_MS } from '../coordination.ts'
import { createLimiter } from '../in-process/limiter.ts'
import { boundedKey } from '../key.ts'
import { askRedis, SCRIPTS } from './allow-script.ts'
import { answerWithin } from './answer-within.ts'
import { createCircuit } from './circuit.ts'

export interface RedisCoordinationOptions {
  readonly url: string
  readonly log: Logger
  readonly now?: () => number
  readonly rememberForMs?: number
  /** How long a request waits for Redis before this gateway decides alone. */
  readonly answerWithinMs?: number
}

const RATE = 'postern:rate:'
const SEEN = 'postern:seen:'
/** Outside RATE, so that no key of a caller can be it. */
const PROBE = 'postern:probe'

export function openRedisCoordination(options: RedisCoordinationOptions): Coordination {
  const { log, answerWithinMs = 100, rememberForMs = REMEMBER_FOR_MS } = options
  const limiter = createLimiter()
  const redis = new Redis(connectionOf(options.url))
  // The probe is the real question, since a full, read-only or forbidden Redis still answers PING.
  const circuit = createCircuit(log, () => within(askRedis(redis, PROBE, Number.MAX_SAFE_INTEGER, undefined)))
  redis.on('ready', () => circuit.probe())
  redis.on('error', (error) => circuit.fail(error))
  redis.on('close', () => circuit.fail(new Error('the connection to Redis was closed')))

  function within<T>(answer: Promise<T>): Promise<T> {
    return answerWithin(answerWithinMs, answer)
  }

  /** `own` is this gateway's decision, already counted; it stands when Redis does not answer. */
  async function allowShared(key: string, own: Decision, now: number | undefined, at: number): Promise<Decision> {
    try {
      const decision = await within(askRedis(redis, RATE + boundedKey(key), own.limit, now))
      if (!decision.allowed) limiter.release(key, at)
      return decision
    } catch (error) {
      circuit.fail(error)
      return own
    }
  }

  async function seenShared(key: string): Promise<Seen | undefined> {
    try {
      return parseSeen(await within(redis.get(SEEN + boundedKey(key))))
    } catch (error) {
      circuit.fail(error)
      return undefined
    }
  }

  return {
    get degraded() {
      return !circuit.closed
    },

    allow(key, limitPerMinute, now = options.now?.()) {
      const at = now ?? Date.now()
      const own = limiter.take(key, limitPerMinute, at)
      return own.allowed && circuit.closed ? allowShared(key, own, now, at) : own
    },

    seen: (key) => (circuit.closed ? seenShared(key) : undefined),

    async remember(markers) {
      if (!circuit.closed || markers.length === 0) return
      const pipeline = redis.pipeline()
      for (const { key, eventId, fingerprint } of markers) {
        pipeline.set(SEEN + boundedKey(key), `${eventId} ${fingerprint}`, 'PX', rememberForMs)
      }
      try {
        const replies = (await within(pipeline.exec())) ?? []
        const failed = replies.find(([error]) => error !== null)
        if (failed !== undefined) circuit.fail(failed[0])
      } catch (error) {
        circuit.fail(error)
      }
    },

    async close() {
      circuit.stop()
      // Lets what is on its way arrive; if Redis is away there is nothing to wait for.
      await within(redis.quit()).catch(() => undefined)
      redis.disconnect()
    },
  }
}

/** Anything but what `remember` wrote is no marker: a stray value must not make an event a duplicate. */
function parseSeen(text: string | null): Seen | undefined {
  const match = /^([0-9a-f-]{36}) ([0-9a-f-]{36})$/.exec(text ?? '')
  if (match === null) return undefined
  try {
    return { eventId: asUuid(match[1] ?? ''), fingerprint: asUuid(match[2] ?? '') }
  } catch {
    return undefined
  }
}

function connectionOf(address: string) {
  const url = new URL(address)
  return {
    ...whereabouts(url),
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    connectionName: 'postern',
    scripts: SCRIPTS,
    // Commands fail at once while there is no connection, and none is repeated later: a request decides on its own
    // meanwhile, and counting it again after the outage would be wrong. So nothing queues up.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    // A connection that stays silent this long with a command under way is torn down: the other side may be gone
    // without a word, and TCP alone would take a quarter of an hour to notice.
    socketTimeout: 2_000,
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 5), 1_000) + Math.floor(Math.random() * 200),
    // After a failover the old primary refuses writes; the name may point to the new one by now. Redis names its errors
    // only by the first word of the message.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }
}

function whereabouts(url: URL) {
  const number = /^\d+$/.exec(url.protocol === 'unix:' ? (url.searchParams.get('db') ?? '') : url.pathname.slice(1))
  const db = number === null ? {} : { db: Number(number[0]) }
  if (url.protocol === 'unix:') return { path: decodeURIComponent(url.pathname), ...db }
  return {
    host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost',
    port: url.port === '' ? 6379 : Number(url.port),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
    ...db,
  }
}
