import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { emptyDatabase, freshDatabase } from '../../../test/support/database.ts'
import { openDatabase } from './database.ts'
import { migrate } from './migrate.ts'
import { ensurePartitions } from './partitions.ts'

const ours = new URL('../../../migrations/', import.meta.url)

/** A copy of the migrations that a test may change. */
async function aMigrationsFolder(): Promise<
  AsyncDisposable & { url: URL; write(name: string, sql: string): Promise<void> }
> {
  const path = await mkdtemp(join(tmpdir(), 'postern-migrations-'))
  await cp(ours, path, { recursive: true })
  return {
    url: pathToFileURL(`${path}/`),
    write: (name, sql) => writeFile(join(path, name), sql),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}

/** The number that follows the newest of ours, as files spell it. */
async function nextNumber(): Promise<string> {
  await using db = await freshDatabase()
  const { rows } = await db.query<{ next: string }>(
    "select lpad((max(version) + 1)::text, 4, '0') as next from schema_migrations",
  )
  return rows[0]?.next ?? ''
}

describe('migrating', () => {
  test('by several processes at once on an empty database brings all of them up, and makes the schema once', async () => {
    await using db = await emptyDatabase()

    const results = await Promise.all([1, 2, 3].map(() => migrate({ ownerUrl: db.ownerUrl, appRole: 'postern_app' })))

    const applied = results.flatMap((result) => result.applied)
    expect(applied).toContain('0001_initial')
    expect(applied).toHaveLength(new Set(applied).size)
    expect((await db.query('select name from tenants')).rows).toEqual([{ name: 'default' }])
  })

  test('again changes nothing', async () => {
    await using db = await freshDatabase()
    expect(await migrate({ ownerUrl: db.ownerUrl, appRole: 'postern_app' })).toEqual({ applied: [] })
  })

  test('records each file with the digest of its bytes', async () => {
    await using db = await freshDatabase()
    const sha256 = createHash('sha256')
      .update(await readFile(new URL('0001_initial.sql', ours)))
      .digest('hex')
    const { rows } = await db.query('select name, sha256 from schema_migrations where version = 1')
    expect(rows).toEqual([{ name: '0001_initial', sha256 }])
  })

  test('applies a new file and only that', async () => {
    await using db = await freshDatabase()
    await using folder = await aMigrationsFolder()
    const name = `${await nextNumber()}_more`
    await folder.write(`${name}.sql`, 'create table more (id integer); create table still_more (id integer);')

    const result = await migrate({ ownerUrl: db.ownerUrl, appRole: 'postern_app', migrations: folder.url })

    expect(result).toEqual({ applied: [name] })
    // The gateway's role has its rights on what is new.
    expect((await db.query('select * from still_more')).rows).toEqual([])
  })

  test('leaves nothing of a file that fails half-way', async () => {
    await using db = await freshDatabase()
    await using folder = await aMigrationsFolder()
    await folder.write(`${await nextNumber()}_broken.sql`, 'create table half (id integer); select 1 / 0;')

    await expect(migrate({ ownerUrl: db.ownerUrl, migrations: folder.url })).rejects.toMatchObject({ code: '22012' })

    expect((await db.query("select to_regclass('postern.half') as made")).rows).toEqual([{ made: null }])
    expect(await migrate({ ownerUrl: db.ownerUrl, appRole: 'postern_app' })).toEqual({ applied: [] })
  })

  test('refuses a file that was changed after it had been applied', async () => {
    await using db = await freshDatabase()
    await using folder = await aMigrationsFolder()
    await folder.write('0001_initial.sql', `${await readFile(new URL('0001_initial.sql', ours), 'utf8')}\n-- touched`)

    await expect(migrate({ ownerUrl: db.ownerUrl, migrations: folder.url })).rejects.toThrow(/0001_initial has changed/)
  })

  test('refuses a database that a newer release has migrated, and names both', async () => {
    await using db = await freshDatabase()
    await using folder = await aMigrationsFolder()
    const name = `${await nextNumber()}_from_the_future`
    await folder.write(`${name}.sql`, 'create table future (id integer)')
    await migrate({ ownerUrl: db.ownerUrl, migrations: folder.url })

    await expect(migrate({ ownerUrl: db.ownerUrl })).rejects.toThrow(new RegExp(`${name}.*newer.*up to 0\\d+_`))
  })

  test.each(['0002 spaces.sql', '9999_gap.sql', 'notes.sql'])('refuses a folder with %s in it', async (file) => {
    await using db = await emptyDatabase()
    await using folder = await aMigrationsFolder()
    await folder.write(file, 'select 1')

    await expect(migrate({ ownerUrl: db.ownerUrl, migrations: folder.url })).rejects.toThrow(/is not number/)
  })
})

describe('day partitions', () => {
  const DAY = 86_400_000
  const NOON = Date.UTC(2040, 5, 15, 12)

  test('are made from yesterday to a week from now, once', async () => {
    await using db = await freshDatabase()
    expect(await ensurePartitions(db, NOON)).toBe(9 * 5)
    expect(await ensurePartitions(db, NOON)).toBe(0)
    expect(await ensurePartitions(db, NOON + DAY)).toBe(5)
    const { rows } = await db.query<{ name: string }>(
      "select relid::text as name from pg_partition_tree('events') where isleaf and relid::text like 'events_2040%' order by 1",
    )
    expect(rows.at(0)?.name).toBe('events_20400614')
    expect(rows.at(-1)?.name).toBe('events_20400623')
  })

  test('are made once when many ask at the same time', async () => {
    await using db = await freshDatabase()
    const made = await Promise.all(Array.from({ length: 5 }, () => ensurePartitions(db, NOON)))
    expect(made.sort()).toEqual([0, 0, 0, 0, 45])
  })

  test('cut at midnight UTC, to the millisecond', async () => {
    await using db = await freshDatabase()
    await ensurePartitions(db, NOON)
    const { rows } = await db.query<{ bounds: string }>(
      "select pg_get_expr(relpartbound, oid) as bounds from pg_class where relname = 'events_20400615'",
    )
    const floor = (ms: number) =>
      `${ms
        .toString(16)
        .padStart(12, '0')
        .replace(/^(.{8})/, '$1-')}-0000-0000-000000000000`
    const midnight = Date.UTC(2040, 5, 15)
    expect(rows[0]?.bounds).toBe(`FOR VALUES FROM ('${floor(midnight)}') TO ('${floor(midnight + DAY)}')`)
  })
})

describe('the audit trail', () => {
  const append =
    "select audit_append('00000000-0000-7000-8000-000000000020', gen_random_uuid(), null, 'test', 'test.done', 'test', null, '{}', null)"
  const changes = [
    "update audit_entries set actor = 'somebody else'",
    'delete from audit_entries',
    'truncate audit_entries',
    "insert into audit_checkpoints values (gen_random_uuid(), now(), '', '', ''); delete from audit_checkpoints",
    'truncate audit_checkpoints',
  ]

  test.each(changes)('takes entries from the gateway’s role and refuses it: %s', async (change) => {
    await using db = await freshDatabase()
    await db.query(append)
    await expect(db.query(change)).rejects.toMatchObject({ code: '42501' })
    expect((await db.query('select actor from audit_entries')).rows).toEqual([{ actor: 'test' }])
  })

  test.each(changes)('refuses its owner, too: %s', async (change) => {
    await using db = await freshDatabase()
    await db.query(append)
    const owner = openDatabase({ url: db.ownerUrl, poolSize: 1, onError: () => undefined })
    try {
      await expect(owner.query(change)).rejects.toMatchObject({
        code: '42501',
        message: expect.stringContaining('append-only'),
      })
    } finally {
      await owner.close()
    }
    expect((await db.query('select actor from audit_entries')).rows).toEqual([{ actor: 'test' }])
  })

  test('has heads that move only by appending', async () => {
    await using db = await freshDatabase()
    await expect(db.query("update audit_chains set head = ''")).rejects.toMatchObject({ code: '42501' })
    await db.query(append)
    expect((await db.query('select seq from audit_chains')).rows).toEqual([{ seq: 1 }])
  })

  test('with one role for everything still takes entries, and that role has given up changing them', async () => {
    await using db = await emptyDatabase()
    await migrate({ ownerUrl: db.ownerUrl })
    const owner = openDatabase({ url: db.ownerUrl, poolSize: 1, onError: () => undefined })
    try {
      await owner.query(append)
      for (const table of ['audit_entries', 'audit_checkpoints']) {
        for (const right of ['update', 'delete', 'truncate']) {
          const { rows } = await owner.query(`select has_table_privilege($1, $2) as allowed`, [
            `postern.${table}`,
            right,
          ])
          expect(rows).toEqual([{ allowed: false }])
        }
      }
    } finally {
      await owner.close()
    }
  })

  test('keeps the record of migrations from the gateway’s role', async () => {
    await using db = await freshDatabase()
    await expect(db.query('delete from schema_migrations')).rejects.toMatchObject({ code: '42501' })
    await expect(db.query('create table mine (id integer)')).rejects.toMatchObject({ code: '42501' })
    await expect(db.query('truncate events')).rejects.toMatchObject({ code: '42501' })
  })
})
