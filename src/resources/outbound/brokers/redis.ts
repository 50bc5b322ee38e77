/** Redis or Valkey: one entry of a stream for each delivery. */
import { Redis, ReplyError } from 'ioredis'
import { OutboundFailure } from '../failure.ts'
import { type BrokerConnection, type BrokerTarget, tlsOptions } from './broker.ts'

export async function openRedis(target: BrokerTarget): Promise<BrokerConnection> {
  const { stream = '', maxLength } = target.settings
  const redis = new Redis({
    host: target.address,
    port: target.port,
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls === undefined ? {} : { tls: tlsOptions(target) }),
    lazyConnect: true,
    connectTimeout: target.timeoutMs,
    commandTimeout: target.timeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  let broken = false
  let failure: Error | undefined
  redis.on('error', (error: Error) => {
    failure = error
  })
  redis.on('end', () => {
    broken = true
  })
  await redis.connect().catch((error: unknown) => {
    redis.disconnect()
    throw refused(failure ?? error)
  })
  return {
    async publish({ deliveryId, eventId, contentType, headers, body }) {
      const trim = maxLength === undefined ? [] : ['MAXLEN', '~', String(maxLength)]
      const fields = { deliveryId, eventId, contentType: contentType ?? '', headers: JSON.stringify(headers) }
      const flat = Object.entries(fields).flat()
      await redis.call('XADD', stream, ...trim, '*', ...flat, 'body', body).catch((error: unknown) => {
        throw refused(error)
      })
    },
    get broken() {
      return broken
    },
    async close() {
      redis.disconnect()
    },
  }
}

function refused(error: unknown): unknown {
  const text = error instanceof Error ? error.message : ''
  if (/WRONGPASS|NOAUTH|invalid password/i.test(text))
    return new OutboundFailure('auth_failed', 'access_refused', error)
  // Full, read-only, not a stream, not permitted: said by the server, in its first word.
  if (error instanceof ReplyError) return new OutboundFailure('broker_refused', wordOf(text), error)
  if (/timed out/i.test(text)) return new OutboundFailure('timeout', 'redis', error)
  return error
}

function wordOf(text: string): string {
  return /^[A-Z]{2,20}\b/.exec(text)?.[0]?.toLowerCase() ?? 'refused'
}
