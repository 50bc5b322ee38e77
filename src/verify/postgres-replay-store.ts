/**
 * A replay store in PostgreSQL, through the query function of whatever client the app already has.
 *
 * ```sql
 * create table webhook_replays (
 *   key text primary key,
 *   owner text,                        -- null: handled
 *   expires_at timestamptz not null
 * );
 * create index on webhook_replays (expires_at);
 * ```
 *
 * The primary key settles every race. Expired rows are harmless and taken over; delete them when it suits:
 * `delete from webhook_replays where expires_at < now()`.
 */
import { type ReplayStore, type ReplayTimes, replayTimes } from './replay-store.ts'

export interface PostgresReplayOptions extends ReplayTimes {
  /** As `pg` has it: `(text, values) => pool.query(text, values)`. Must not run inside a transaction that may roll back. */
  readonly query: (text: string, values: unknown[]) => Promise<{ readonly rows: readonly unknown[] }>
  /** `webhook_replays` when absent; may name a schema. */
  readonly table?: string
}

export function postgresReplayStore(options: PostgresReplayOptions): ReplayStore {
  const { ttlSeconds, leaseSeconds } = replayTimes(options)
  const { query, table = 'webhook_replays' } = options
  // A name cannot be a parameter. Nothing that would need quoting is taken.
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(table))
    throw new TypeError('table must be a plain lower-case name')
  const insert = `insert into ${table} (key, owner, expires_at)
    values ($1, $2, now() + $3 * interval '1 second')
    on conflict (key) do nothing returning key`
  // Of several that find an expired row, the first to lock it changes it, and the others then see that it is not expired.
  const takeOver = `update ${table} set owner = $2, expires_at = now() + $3 * interval '1 second'
    where key = $1 and expires_at <= now() returning key`
  const look = `select 1 from ${table} where key = $1 and owner is null and expires_at > now()`
  const confirm = `insert into ${table} (key, owner, expires_at)
    values ($1, null, now() + $2 * interval '1 second')
    on conflict (key) do update set owner = null, expires_at = excluded.expires_at`
  const release = `delete from ${table} where key = $1 and owner = $2`
  const holds = async (text: string, values: unknown[]) => (await query(text, values)).rows.length > 0
  return {
    ttlSeconds,
    async claim(key, owner) {
      if (await holds(insert, [key, owner, leaseSeconds])) return 'new'
      if (await holds(look, [key])) return 'seen'
      return (await holds(takeOver, [key, owner, leaseSeconds])) ? 'new' : 'busy'
    },
    async confirm(key) {
      await query(confirm, [key, ttlSeconds])
    },
    async release(key, owner) {
      await query(release, [key, owner])
    },
  }
}
