/**
 * A replay store in Redis or Valkey, through whatever client the app already has.
 *
 * The key holds the owner while the webhook is handled and `DONE` afterwards; Redis itself forgets it. After a failover a
 * few seconds of markers may be missing, as Redis replicates asynchronously: where that matters, use PostgreSQL.
 */
import { type ReplayStore, type ReplayTimes, replayTimes } from './replay-store.ts'

/** ioredis has `call`, node-redis has `sendCommand`; for another client pass a function. */
export type RedisClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(command: string[]): Promise<unknown> }
  | ((command: readonly string[]) => Promise<unknown>)

export interface RedisReplayOptions extends ReplayTimes {
  readonly client: RedisClient
  /** Before every key; `postern:webhook:` when absent. */
  readonly prefix?: string
}

/** No owner can be this: owners are hex. */
const DONE = 'done'
/** Compare and delete must be one step: between two, the lease may pass to another. */
const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

export function redisReplayStore(options: RedisReplayOptions): ReplayStore {
  const { ttlSeconds, leaseSeconds } = replayTimes(options)
  const { prefix = 'postern:webhook:' } = options
  const send = commander(options.client)
  const milliseconds = (seconds: number) => String(Math.ceil(seconds * 1000))
  return {
    ttlSeconds,
    async claim(key, owner) {
      if ((await send(['SET', prefix + key, owner, 'PX', milliseconds(leaseSeconds), 'NX'])) !== null) return 'new'
      // What ended between the two commands is told to come again, which is always right.
      return String(await send(['GET', prefix + key])) === DONE ? 'seen' : 'busy'
    },
    async confirm(key) {
      await send(['SET', prefix + key, DONE, 'PX', milliseconds(ttlSeconds)])
    },
    async release(key, owner) {
      await send(['EVAL', RELEASE, '1', prefix + key, owner])
    },
  }
}

/** ioredis has a `sendCommand` too, of another shape: `call` is looked at first. */
function commander(client: RedisClient): (command: [string, ...string[]]) => Promise<unknown> {
  if (typeof client === 'function') return (command) => client(command)
  if ('call' in client) return ([name, ...args]) => client.call(name, ...args)
  return (command) => client.sendCommand(command)
}
