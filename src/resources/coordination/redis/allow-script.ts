/**
 * The sliding minute as one script, so that counting and deciding are one step for all gateways: with a read and a
 * write apart, two gateways would both take the last place.
 */
import type { Redis, Result } from 'ioredis'
import type { Decision } from '../coordination.ts'
import { SLOT_MS, SLOTS, wholeSeconds } from '../sliding-window.ts'

/**
 * A hash of slot → count under one key, which dies with its newest slot. Slots in the future (the clock stepped back,
 * or a replica with a slower clock took over) still count, up to one window ahead; farther ones are dropped.
 * TIME before a write needs effect replication: Redis 5 or later, any Valkey.
 */
const LUA = `
local limit = tonumber(ARGV[1])
local now = tonumber(ARGV[2])
if now == nil then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local slot = math.floor(now / ${SLOT_MS})
local stored = redis.call('HGETALL', KEYS[1])
local counts, stale, total = {}, {}, 0
for i = 1, #stored, 2 do
  local at, count = tonumber(stored[i]), tonumber(stored[i + 1])
  if at > slot - ${SLOTS} and at < slot + ${SLOTS} then
    counts[#counts + 1] = { at, count }
    total = total + count
  else
    stale[#stale + 1] = stored[i]
  end
end
if #stale > 0 then redis.call('HDEL', KEYS[1], unpack(stale)) end
local function ends(at) return (at + ${SLOTS}) * ${SLOT_MS} - now end
if total < limit then
  redis.call('HINCRBY', KEYS[1], string.format('%d', slot), 1)
  redis.call('PEXPIRE', KEYS[1], ${SLOTS * SLOT_MS})
  return { 1, limit - total - 1, 0, ends(slot) }
end
table.sort(counts, function(a, b) return a[1] < b[1] end)
local retry, left = nil, total
for i = 1, #counts do
  left = left - counts[i][2]
  if retry == nil and left < limit then retry = ends(counts[i][1]) end
end
local reset = #counts > 0 and ends(counts[#counts][1]) or ends(slot)
return { 0, 0, retry or reset, reset }
`

export const SCRIPTS = { posternAllow: { lua: LUA, numberOfKeys: 1 } }

declare module 'ioredis' {
  interface RedisCommander<Context> {
    posternAllow(key: string, limit: number, now: number | ''): Result<unknown, Context>
  }
}

/** One round trip. The script is sent whole once per connection, later by its digest. */
export async function askRedis(redis: Redis, key: string, limit: number, now: number | undefined): Promise<Decision> {
  const reply = await redis.posternAllow(key, limit, now ?? '')
  if (!isReply(reply)) throw new Error('Redis answered something else than four integers')
  const [allowed, remaining, retryMs, resetMs] = reply
  return {
    allowed: allowed === 1,
    limit,
    remaining,
    retryAfterSeconds: allowed === 1 ? 0 : wholeSeconds(retryMs),
    resetSeconds: wholeSeconds(resetMs),
  }
}

function isReply(reply: unknown): reply is [number, number, number, number] {
  return Array.isArray(reply) && reply.length === 4 && reply.every((item) => Number.isInteger(item))
}
