import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { describeWithRedis, testRedisUrl } from '../../../../test/support/redis.ts'
import { newId } from '../../../base/model/ids.ts'
import { createLogger } from '../../../observability/log.ts'
import { coordinationConformance, type Shared } from '../coordination.conformance.ts'
import { joinKey } from '../key.ts'
import { openRedisCoordination } from './redis-coordination.ts'

const log = createLogger({ level: 'silent' })

/** Patient with Redis: on a busy machine a late answer would be counted by each gateway for itself. */
async function open(options: { rememberForMs?: number } = {}): Promise<Shared> {
  const gateway = () => openRedisCoordination({ url: testRedisUrl(), log, answerWithinMs: 10_000, ...options })
  const gateways = [gateway(), gateway()] as const
  await vi.waitFor(() => expect(gateways.map(({ degraded }) => degraded)).toEqual([false, false]), { timeout: 10_000 })
  return {
    gateways,
    async [Symbol.asyncDispose]() {
      await Promise.all(gateways.map((each) => each.close()))
    },
  }
}

describeWithRedis('coordination through Redis', () => {
  let redis: Redis
  beforeAll(() => {
    const url = testRedisUrl()
    redis = url.startsWith('unix:') ? new Redis(new URL(url).pathname) : new Redis(url)
  })
  afterAll(() => redis.disconnect())
  afterEach(() => vi.useRealTimers())

  coordinationConformance(open)

  test('every key Redis holds for us dies by itself', async () => {
    await using shared = await open()
    const key = newId()
    await shared.gateways[0].allow(key, 5)
    await shared.gateways[0].remember([{ key, eventId: newId(), fingerprint: newId() }])
    expect(await redis.pttl(`postern:rate:${key}`)).toBeGreaterThan(0)
    expect(await redis.pttl(`postern:rate:${key}`)).toBeLessThanOrEqual(64_000)
    expect(await redis.pttl(`postern:seen:${key}`)).toBeGreaterThan(0)
    expect(await redis.pttl(`postern:seen:${key}`)).toBeLessThanOrEqual(24 * 60 * 60 * 1000)
  })

  test('a key that is used for hours holds no more than a minute of counts', async () => {
    await using shared = await open()
    const key = newId()
    for (let slot = 0; slot < 50; slot++) await shared.gateways[0].allow(key, 1_000, 1_800_000_000_000 + slot * 4_000)
    expect(await redis.hlen(`postern:rate:${key}`)).toBe(16)
  })

  test('a gateway whose clock is wrong shares the limit all the same: Redis’s clock counts', async () => {
    await using shared = await open()
    const [left, right] = shared.gateways
    const key = newId()
    for (let count = 0; count < 3; count++) expect((await left.allow(key, 3)).allowed).toBe(true)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
    expect((await right.allow(key, 3)).allowed).toBe(false)
    expect((await left.allow(key, 3)).allowed).toBe(false)
  })

  test('a flood over the limit is refused without asking Redis', async () => {
    await using shared = await open()
    const key = newId()
    await shared.gateways[0].allow(key, 1)
    expect(shared.gateways[0].allow(key, 1)).toMatchObject({ allowed: false })
  })

  test('a flushed Redis hands no gateway a fresh limit', async () => {
    await using shared = await open()
    const [left, right] = shared.gateways
    const key = joinKey(newId(), 'flushed')
    for (let count = 0; count < 4; count++) await left.allow(key, 4)
    // These are refused by Redis, so they use up nothing of the right gateway's own count.
    for (let count = 0; count < 20; count++) expect((await right.allow(key, 4)).allowed).toBe(false)
    expect(await redis.del(`postern:rate:${key}`)).toBe(1)
    expect((await left.allow(key, 4)).allowed).toBe(false)
    const after = await Promise.all(Array.from({ length: 20 }, () => right.allow(key, 4)))
    expect(after.filter(({ allowed }) => allowed)).toHaveLength(4)
  })

  test('an answer that waits in the socket while this process is busy is not late', async () => {
    const gateway = openRedisCoordination({ url: testRedisUrl(), log, answerWithinMs: 200 })
    await vi.waitFor(() => expect(gateway.degraded).toBe(false), { timeout: 10_000 })
    // From here the loop comes to timers before it reads sockets: a plain timer would be first.
    await new Promise((resolve) => setImmediate(resolve))
    const decision = gateway.allow(newId(), 5)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
    expect(await decision).toMatchObject({ allowed: true, remaining: 4 })
    expect(gateway.degraded).toBe(false)
    await gateway.close()
  })

  test('flushed scripts are sent again', async () => {
    await using shared = await open()
    const key = newId()
    await shared.gateways[0].allow(key, 5)
    await redis.script('FLUSH')
    expect(await shared.gateways[0].allow(key, 5)).toMatchObject({ allowed: true, remaining: 3 })
    expect(shared.gateways[0].degraded).toBe(false)
  })

  test.each([
    '',
    'x',
    `${'-'.repeat(36)} ${'-'.repeat(36)}`,
    `${newId()} ${newId()} more`,
  ])('a stray value %j under a marker’s key is no marker', async (value) => {
    await using shared = await open()
    const key = newId()
    await redis.set(`postern:seen:${key}`, value, 'PX', 60_000)
    expect(await shared.gateways[0].seen(key)).toBeUndefined()
  })
})
