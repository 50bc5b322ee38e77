/**
 * The PostgreSQL both sides share: where it is, what it is set to, and whether it holds what was acknowledged.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { connectionUrl, readCredentials } from '../../src/resources/store/embedded/credentials.ts'
import { choosePlaces, ensureSocketDirectory } from '../../src/resources/store/embedded/places.ts'
import { commandOf, parentOf } from '../process-stats.ts'

/** The embedded server that a gateway started on this data folder: its superuser, the gateway's database. */
export async function embeddedDatabaseUrl(dataDir: string): Promise<string> {
  const places = await choosePlaces(join(dataDir, 'database'))
  return connectionUrl(await readCredentials(places.dataDir), 'admin', await ensureSocketDirectory(places))
}

/** The same server and role, another database. Not by `URL`: a socket address has no host. */
export function withDatabase(url: string, database: string): string {
  return url.replace(/^(postgres(?:ql)?:\/\/[^/]*)(?:\/[^?]*)?/, `$1/${database}`)
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

export async function createDatabase(url: string, database: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`drop database if exists ${database} with (force)`)
    await client.query(`create database ${database}`)
  })
}

export async function dropDatabase(url: string, database: string): Promise<void> {
  await withClient(url, (client) => client.query(`drop database if exists ${database} with (force)`))
}

/** The parent of our own backend. */
export async function postmasterPid(url: string): Promise<number> {
  return await withClient(url, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const pid = parentOf(rows[0]?.pid ?? 0)
    if (pid === 0 || !commandOf(pid).startsWith('postgres')) {
      throw new Error('the database runs on another machine or in a container: its processor time cannot be read')
    }
    return pid
  })
}

const SETTINGS = [
  'server_version',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'data_checksums',
  'shared_buffers',
  'max_wal_size',
] as const

export async function databaseSettings(url: string): Promise<Readonly<Record<string, string>>> {
  return await withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string; value: string }>(
      'select name, current_setting(name) as value from unnest($1::text[]) as name',
      [SETTINGS],
    )
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
  })
}

/** So that no side pays for pages the other made dirty. */
export async function checkpoint(url: string): Promise<void> {
  await withClient(url, (client) => client.query('checkpoint'))
}

export interface Verdict {
  readonly acknowledged: number
  /** Acknowledged, but not in the table. */
  readonly missing: number
  /** In the table more than once. */
  readonly doubled: number
  /** Once in the table, but under another id than the one that was answered. */
  readonly otherId: number
  /** Stored without its payload, its job or whatever else had to be durable before the answer. */
  readonly incomplete: number
}

/**
 * Looks every acknowledged id up in what is stored.
 *
 * @param stored A query with the columns `external_id text`, `event_id uuid`, `complete boolean`.
 * @param acknowledgedFiles Lines of `<external id>\t<status>\t<event id>`, as the load generator writes them.
 */
export async function verifyAcknowledged(
  url: string,
  stored: string,
  acknowledgedFiles: readonly string[],
): Promise<Verdict> {
  return await withClient(url, async (client) => {
    await client.query('create temp table acknowledged (external_id text not null, event_id uuid not null)')
    for (const file of acknowledgedFiles) {
      const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
      for (let from = 0; from < lines.length; from += 10_000)
        await insertLines(client, lines.slice(from, from + 10_000))
    }
    await client.query('analyze acknowledged')
    const { rows } = await client.query<Verdict>(
      `select count(*)::int as acknowledged,
         (count(*) filter (where copies = 0))::int as missing,
         (count(*) filter (where copies > 1))::int as doubled,
         (count(*) filter (where copies = 1 and not same_id))::int as "otherId",
         (count(*) filter (where copies = 1 and not complete))::int as incomplete
       from (
         select a.external_id, count(s.event_id) as copies, bool_and(s.event_id = a.event_id) as same_id, bool_and(s.complete is true) as complete
         from acknowledged a left join (${stored}) s on s.external_id = a.external_id
         group by a.external_id
       ) looked_up`,
    )
    const verdict = rows[0]
    if (verdict === undefined) throw new Error('a count returned no row')
    return verdict
  })
}

async function insertLines(client: pg.Client, lines: readonly string[]): Promise<void> {
  const columns = lines.map((line) => line.split('\t'))
  await client.query('insert into acknowledged select * from unnest($1::text[], $2::uuid[])', [
    columns.map(([externalId]) => externalId),
    // Ids may be shown with a prefix: `evt_<32 hex digits>`.
    columns.map(([, , eventId]) => eventId?.replace(/^[a-z]+_/, '')),
  ])
}
