import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { aDatabaseCluster, aDataDirectory, type DatabaseCluster, runningPid } from '../../../../test/support/cluster.ts'
import { PosternError } from '../../../base/model/errors.ts'
import { isAlive } from './processes.ts'
import { startEmbedded } from './start-embedded.ts'

// Making a cluster is a second of work on an idle machine, and these tests make many.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const log = pino({ level: 'silent' })
const asRoot = process.getuid?.() === 0

async function query(url: string, text: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** A process of its own that starts the database and tells its URL. */
async function aProcess(dataDir: string): Promise<{ child: ChildProcess; url: string }> {
  const script = fileURLToPath(new URL('../../../../test/support/embedded-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout!, 'data')
  return { child, url: String(line).trim() }
}

const clusterOf = (dataDir: string) => join(dataDir, 'postgres/cluster')

describe('a running server', () => {
  let cluster: DatabaseCluster
  beforeAll(async () => {
    cluster = await aDatabaseCluster()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  test('keeps what it has committed, and is reached through the socket only', async () => {
    const rows = await query(
      cluster.adminUrl,
      `select name, setting from pg_settings where name in
         ('data_checksums', 'fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses') order by name`,
    )
    expect(Object.fromEntries(rows.map((row) => [row['name'], row['setting']]))).toEqual({
      data_checksums: 'on',
      fsync: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
      synchronous_commit: 'on',
    })
  })

  test('gives roles that are no superusers, and lets only the owner make things', async () => {
    const who = 'select current_user as name, usesuper from pg_user where usename = current_user'
    expect(await query(cluster.url, who)).toEqual([{ name: 'postern_app', usesuper: false }])
    expect(await query(cluster.ownerUrl, who)).toEqual([{ name: 'postern_owner', usesuper: false }])
    await expect(query(cluster.url, 'create schema mine')).rejects.toMatchObject({ code: '42501' })
  })

  test('refuses a wrong password: the socket alone is not enough', async () => {
    const wrong = cluster.url.replace(/:[0-9a-f]{48}@/, ':guess@')
    await expect(query(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  })

  test('leaves nothing that others could read', async () => {
    const socket = new URL(cluster.url).searchParams.get('host') ?? ''
    for (const path of [cluster.cluster, socket]) expect((await stat(path)).mode & 0o077).toBe(0)
    expect((await stat(join(cluster.dataDir, 'postgres-credentials.json'))).mode & 0o077).toBe(0)
    expect(await readdir(join(cluster.dataDir, 'postgres'))).not.toContainEqual(expect.stringContaining('password'))
  })

  test('comes back by itself after kill -9, at the same address, with its rows', async () => {
    await query(
      cluster.ownerUrl,
      'create table survives as select 42 as answer; grant select on survives to postern_app',
    )
    await query(cluster.ownerUrl, 'create schema keep authorization postern_owner')
    const killed = await cluster.pid()

    process.kill(killed, 'SIGKILL')

    await vi.waitFor(
      async () => expect(await query(cluster.ownerUrl, 'select answer from survives')).toEqual([{ answer: 42 }]),
      { timeout: 60_000, interval: 50 },
    )
    expect(await cluster.pid()).not.toBe(killed)
  })

  test('a second use in the same process shares it, and closing one leaves the other', async () => {
    const second = await startEmbedded({ dataDir: cluster.dataDir, log })
    expect(second.url).toBe(cluster.url)
    await second.close()
    expect(await query(cluster.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('is not taken for ours when it does not know our password', async () => {
    const file = join(cluster.dataDir, 'postgres-credentials.json')
    const kept = await readFile(file, 'utf8')
    await writeFile(file, kept.replaceAll(/[0-9a-f]{48}/g, 'ab'.repeat(24)))
    try {
      await expect(startEmbedded({ dataDir: cluster.dataDir, log })).rejects.toThrow(/not ours/)
    } finally {
      await writeFile(file, kept)
    }
    expect(await query(cluster.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

describe('the next start', () => {
  test('keeps the data of the one before', async () => {
    await using directory = await aDataDirectory()
    const first = await startEmbedded({ dataDir: directory.path, log })
    await query(first.ownerUrl, 'create schema kept')
    await first.close()
    await expect(query(first.url, 'select 1')).rejects.toThrow()

    const second = await startEmbedded({ dataDir: directory.path, log })

    expect(second.url).toBe(first.url)
    expect(await query(second.ownerUrl, "select 1 as one from pg_namespace where nspname = 'kept'")).toHaveLength(1)
    await second.close()
  })

  test('finds the server of a gateway that was killed, and stops it at its own end', async () => {
    await using directory = await aDataDirectory()
    const { child } = await aProcess(directory.path)
    const server = await runningPid(clusterOf(directory.path))
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await isAlive(server)).toBe(true)

    const adopted = await startEmbedded({ dataDir: directory.path, log })

    expect(await runningPid(clusterOf(directory.path))).toBe(server)
    await adopted.close()
    expect(await isAlive(server)).toBe(false)
  })

  test('brings an adopted server back, too, when it is killed', async () => {
    await using directory = await aDataDirectory()
    const { child } = await aProcess(directory.path)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const adopted = await startEmbedded({ dataDir: directory.path, log })

    process.kill(await runningPid(clusterOf(directory.path)), 'SIGKILL')

    await vi.waitFor(async () => expect(await query(adopted.url, 'select 1 as one')).toEqual([{ one: 1 }]), {
      timeout: 60_000,
      interval: 50,
    })
    await adopted.close()
  })

  test('is not stopped by a lock file whose process id belongs to somebody else now', async () => {
    await using directory = await aDataDirectory()
    const first = await startEmbedded({ dataDir: directory.path, log })
    await first.close()
    // The same user as the server: PostgreSQL by itself would refuse to start.
    const { uid, gid } = await stat(clusterOf(directory.path))
    const bystander = spawn('sleep', ['60'], asRoot ? { uid, gid } : {})
    await once(bystander, 'spawn')
    await writeFile(
      join(clusterOf(directory.path), 'postmaster.pid'),
      `${bystander.pid}\n${clusterOf(directory.path)}\n1\n5432\n/nowhere\n\n1 1\nready\n`,
    )

    const second = await startEmbedded({ dataDir: directory.path, log })

    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await second.close()
    expect(bystander.exitCode).toBe(null)
    bystander.kill()
  })

  test('refuses a cluster of another PostgreSQL, naming both', async () => {
    await using directory = await aDataDirectory()
    await mkdir(clusterOf(directory.path), { recursive: true })
    await writeFile(join(clusterOf(directory.path), 'PG_VERSION'), '13\n')

    const refused = startEmbedded({ dataDir: directory.path, log })

    await expect(refused).rejects.toBeInstanceOf(PosternError)
    await expect(refused).rejects.toThrow(/PostgreSQL 13.*brings 18.*DATABASE_URL/)
  })
})

describe('several processes on one data directory', () => {
  test('that start at once on an empty one use one server, and only the last to leave stops it', async () => {
    await using directory = await aDataDirectory()
    const [first, second] = await Promise.all([aProcess(directory.path), aProcess(directory.path)])
    expect(first.url).toBe(second.url)
    const server = await runningPid(clusterOf(directory.path))

    first.child.stdin?.end()
    await once(first.child, 'exit')
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(await runningPid(clusterOf(directory.path))).toBe(server)

    second.child.stdin?.end()
    await once(second.child, 'exit')
    expect(await isAlive(server)).toBe(false)
    // Whoever was slower has cleaned up after itself.
    expect((await readdir(join(directory.path, 'postgres'))).sort()).toEqual([
      expect.stringMatching(/^bin-18/),
      'cluster',
      'postgres.log',
      'socket',
      'users',
    ])
  })
})

describe('places', () => {
  test('a path too long for a socket address gets a short directory that every start finds again', async () => {
    await using directory = await aDataDirectory('long'.repeat(30))
    const first = await startEmbedded({ dataDir: directory.path, log })
    const socket = new URL(first.url).searchParams.get('host') ?? ''
    expect(socket.startsWith(directory.path)).toBe(false)
    expect((await stat(socket)).mode & 0o077).toBe(0)
    await first.close()

    const second = await startEmbedded({ dataDir: directory.path, log })

    expect(second.url).toBe(first.url)
    await second.close()
    await rm(socket, { recursive: true })
  })

  test('a directory in /tmp that others can enter is not used, whatever the record says', async () => {
    await using directory = await aDataDirectory('long'.repeat(30))
    const first = await startEmbedded({ dataDir: directory.path, log })
    const socket = new URL(first.url).searchParams.get('host') ?? ''
    await first.close()
    await chmod(socket, 0o777)

    const second = await startEmbedded({ dataDir: directory.path, log })

    const chosen = new URL(second.url).searchParams.get('host') ?? ''
    expect(chosen).not.toBe(socket)
    await second.close()
    for (const made of [socket, chosen]) await rm(made, { recursive: true })
  })

  test.runIf(asRoot)('below a home that only root can enter, the database lies in /var/lib/postern', async () => {
    await using directory = await aDataDirectory()
    await chmod(dirname(directory.path), 0o700)
    const first = await startEmbedded({ dataDir: directory.path, log })
    const location = (await readFile(join(directory.path, 'postgres-location'), 'utf8')).trim()
    expect(location).toMatch(/^\/var\/lib\/postern\/[0-9a-f]{20}$/)
    await query(first.ownerUrl, 'create schema kept')
    await first.close()

    const second = await startEmbedded({ dataDir: directory.path, log })

    expect(await query(second.ownerUrl, "select 1 as one from pg_namespace where nspname = 'kept'")).toHaveLength(1)
    await second.close()
    await rm(location, { recursive: true })
    await expect(startEmbedded({ dataDir: directory.path, log })).rejects.toThrow(/there is nothing/)
  })
})
