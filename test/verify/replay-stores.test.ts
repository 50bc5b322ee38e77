import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryReplayStore } from '../../src/verify/memory-replay-store.ts'
import { postgresReplayStore } from '../../src/verify/postgres-replay-store.ts'
import { redisReplayStore } from '../../src/verify/redis-replay-store.ts'
import { emptyDatabase, type TestDatabase } from '../support/database.ts'
import { describeWithRedis, testRedisUrl } from '../support/redis.ts'
import { replayStoreConformance } from './replay-store.conformance.ts'

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('in memory', () => {
  replayStoreConformance(() => {
    let time = 1_000_000
    return {
      store: memoryReplayStore({ leaseSeconds: 60, ttlSeconds: 3600, now: () => time }),
      pastLease: () => {
        time += 61_000
      },
    }
  })

  test('what was confirmed is forgotten after its time, and no earlier', async () => {
    let time = 0
    const store = memoryReplayStore({ ttlSeconds: 100, now: () => time })
    await store.claim('a', 'x')
    await store.confirm('a')
    time = 99_999
    expect(await store.claim('a', 'y')).toBe('seen')
    time = 100_000
    expect(await store.claim('a', 'y')).toBe('new')
  })

  test('no more entries than allowed; the oldest goes first', async () => {
    const store = memoryReplayStore({ maxEntries: 2, now: () => 0 })
    for (const key of ['a', 'b', 'c']) {
      await store.claim(key, 'x')
      await store.confirm(key)
    }
    expect(await store.claim('c', 'y')).toBe('seen')
    expect(await store.claim('b', 'y')).toBe('seen')
    expect(await store.claim('a', 'y')).toBe('new')
  })

  test.each([0, -1, Number.NaN, Infinity])('a lifetime of %s is refused', (ttlSeconds) => {
    expect(() => memoryReplayStore({ ttlSeconds })).toThrow('ttlSeconds')
  })
})

describe('in PostgreSQL', () => {
  let database: TestDatabase
  let pool: pg.Pool
  beforeAll(async () => {
    database = await emptyDatabase()
    pool = new pg.Pool({ connectionString: database.ownerUrl, max: 8 })
    await pool.query('create table webhook_replays (key text primary key, owner text, expires_at timestamptz not null)')
  })
  afterAll(async () => {
    await pool.end()
    await database[Symbol.asyncDispose]()
  })

  replayStoreConformance(() => ({
    store: postgresReplayStore({ query: (text, values) => pool.query(text, values), leaseSeconds: 1 }),
    pastLease: () => wait(1100),
  }))

  test('a table name that would need quoting is refused', () => {
    for (const table of ['a; drop table b', '"a"', 'A', 'a.b.c', ''])
      expect(() => postgresReplayStore({ table, query: async () => ({ rows: [] }) })).toThrow(TypeError)
  })
})

describeWithRedis('in Redis', () => {
  let redis: Redis
  beforeAll(() => {
    const url = testRedisUrl()
    redis = url.startsWith('unix:') ? new Redis(new URL(url).pathname) : new Redis(url)
  })
  afterAll(() => redis.quit())

  const times = { leaseSeconds: 1, ttlSeconds: 600 }
  const pastLease = () => wait(1100)
  describe('through ioredis', () => {
    replayStoreConformance(() => ({ store: redisReplayStore({ client: redis, ...times }), pastLease }))
  })
  describe('through what has the form of node-redis', () => {
    const client = { sendCommand: ([name = '', ...args]: string[]) => redis.call(name, ...args) }
    replayStoreConformance(() => ({ store: redisReplayStore({ client, ...times }), pastLease }))
  })
  describe('through a function', () => {
    const client = ([name = '', ...args]: readonly string[]) => redis.call(name, ...args)
    replayStoreConformance(() => ({ store: redisReplayStore({ client, ...times }), pastLease }))
  })
})
