import { Redis } from 'ioredis'
import pg from 'pg'
import { postgresReplayStore, redisReplayStore } from 'postern/verify'

// ioredis, or node-redis: `client` may be either, or a function that sends one command.
const redis = new Redis(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379')
export const inRedis = redisReplayStore({ client: redis })

// create table webhook_replays (key text primary key, owner text, expires_at timestamptz not null)
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] })
export const inPostgres = postgresReplayStore({ query: (text, values) => pool.query(text, values) })

export const close = () => Promise.all([redis.quit(), pool.end()])
