/**
 * Brings the schema up to the newest file in `migrations/`, forward only, each file in a transaction of its own.
 *
 * Any number of processes may do this at once. A file that was changed after it had been applied, and a database
 * newer than this release, are refused: both mean that nobody knows what the schema is.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { PosternError } from '../../base/model/errors.ts'
import { type Connection, openDatabase, type Queryable } from './database.ts'
import { grantToApp, withdrawFromOwner } from './grants.ts'
import { ensurePartitions } from './partitions.ts'

interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
  readonly sha256: string
}

export interface MigrateOptions {
  /** A role that owns, or may create, the schema `postern`. */
  readonly ownerUrl: string
  /** The role the gateway works as. Absent: the owner itself, which then gives up its right to change the audit trail. */
  readonly appRole?: string
  /** The folder of `<number>_<name>.sql` files. */
  readonly migrations?: URL
}

export interface MigrationResult {
  /** Names of the files that this call applied. */
  readonly applied: readonly string[]
}

/** @throws PosternError `CONFLICT` when the database and this release do not belong together. */
export async function migrate({
  ownerUrl,
  appRole,
  migrations = MIGRATIONS,
}: MigrateOptions): Promise<MigrationResult> {
  const known = await readMigrations(migrations)
  // What a lost connection means is said by the statement that was under way.
  const db = openDatabase({ url: ownerUrl, poolSize: 1, onError: () => undefined })
  try {
    const connection = await db.connect({ name: 'migrate', onLost: () => undefined })
    try {
      await prepare(connection)
      const applied: string[] = []
      for (const migration of known) {
        if (await inTransaction(connection, () => apply(connection, migration, known))) applied.push(migration.name)
      }
      await inTransaction(connection, async () => {
        await ensurePartitions(connection)
        await (appRole === undefined ? withdrawFromOwner(connection) : grantToApp(connection, appRole))
      })
      return { applied }
    } finally {
      await connection.close()
    }
  } finally {
    await db.close()
  }
}

/** Beside `src` and beside `dist`, both of which hold this file at the same depth. */
const MIGRATIONS = new URL('../../../migrations/', import.meta.url)

async function readMigrations(folder: URL): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1])
      if (version !== index + 1) throw new Error(`migration ${name} is not number ${index + 1}`)
      const sql = await readFile(new URL(name, folder), 'utf8')
      return {
        version,
        name: name.slice(0, -'.sql'.length),
        sql,
        sha256: createHash('sha256').update(sql).digest('hex'),
      }
    }),
  )
}

async function prepare(connection: Connection): Promise<void> {
  // A migration may take as long as it must, and so may waiting for the one of another process.
  await connection.query('set statement_timeout = 0')
  await connection.query("set lock_timeout = '10min'")
  await inTransaction(connection, async () => {
    await connection.query('create schema if not exists postern')
    await connection.query(`
      create table if not exists schema_migrations (
        version integer primary key,
        name text not null,
        sha256 text not null,
        applied_at timestamptz not null default now()
      )`)
  })
}

/** @returns Whether it had to be applied. */
async function apply(connection: Connection, migration: Migration, known: readonly Migration[]): Promise<boolean> {
  const { rows } = await connection.query<{ version: number; name: string; sha256: string }>(
    'select version, name, sha256 from schema_migrations order by version',
  )
  const newest = rows.at(-1)
  if (newest !== undefined && newest.version > known.length) {
    throw refused(
      `The database is at ${newest.name}, newer than this release, which knows migrations up to ${known.at(-1)?.name}. Run the newer release.`,
    )
  }
  const before = rows.find((row) => row.version === migration.version)
  if (before !== undefined) {
    if (before.sha256 === migration.sha256) return false
    throw refused(
      `Migration ${migration.name} has changed since it was applied (as ${before.name}). Restore the file; changes belong in a new one.`,
    )
  }
  await connection.query(migration.sql)
  await connection.query('insert into schema_migrations (version, name, sha256) values ($1, $2, $3)', [
    migration.version,
    migration.name,
    migration.sha256,
  ])
  return true
}

/** Under a lock that lasts as long as the transaction: of two processes, the second finds the work done. */
async function inTransaction<T>(connection: Queryable, work: () => Promise<T>): Promise<T> {
  await connection.query('begin')
  try {
    await connection.query("select pg_advisory_xact_lock(hashtext('postern.migrate'))")
    const result = await work()
    await connection.query('commit')
    return result
  } catch (error) {
    // The connection may be gone; the first error is the one to tell.
    await connection.query('rollback').catch(() => undefined)
    throw error
  }
}

function refused(detail: string): PosternError {
  return new PosternError('CONFLICT', detail)
}
