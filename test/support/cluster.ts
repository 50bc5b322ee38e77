/** A database server of one's own, in a temporary directory that the account PostgreSQL runs as can enter. */
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { connectionUrl, readCredentials } from '../../src/resources/store/embedded/credentials.ts'
import { findPostmaster } from '../../src/resources/store/embedded/postmaster.ts'
import { isAlive, startMark } from '../../src/resources/store/embedded/processes.ts'
import { stopServer } from '../../src/resources/store/embedded/server.ts'
import { type EmbeddedDatabase, startEmbedded } from '../../src/resources/store/embedded/start-embedded.ts'

const PREFIX = 'postern-test-'

/** An empty directory that is removed, with whatever server is left in it, at the end of the scope. */
export async function aDataDirectory(name = ''): Promise<AsyncDisposable & { readonly path: string }> {
  const root = await mkdtemp(join(tmpdir(), PREFIX))
  await chmod(root, 0o711)
  await writeFile(join(root, 'owner'), `${process.pid} ${await startMark(process.pid)}`)
  return { path: join(root, 'data', name), [Symbol.asyncDispose]: () => removeRoot(root, name) }
}

export interface DatabaseCluster extends AsyncDisposable, EmbeddedDatabase {
  readonly dataDir: string
  /** The data directory of PostgreSQL itself. */
  readonly cluster: string
  /** Of the superuser; the gateway never uses it. */
  readonly adminUrl: string
  /** Of the server that runs now. */
  pid(): Promise<number>
}

/** For tests that kill or stop the server. Starting one takes about a second and a half: share the one of the run otherwise. */
export async function aDatabaseCluster(): Promise<DatabaseCluster> {
  const directory = await aDataDirectory()
  const database = await startEmbedded({ dataDir: directory.path, log: pino({ level: 'silent' }) })
  const cluster = join(directory.path, 'postgres/cluster')
  const socketDirectory = new URL(database.url).searchParams.get('host') ?? ''
  return {
    ...database,
    dataDir: directory.path,
    cluster,
    adminUrl: connectionUrl(await readCredentials(directory.path), 'admin', socketDirectory, 'postgres'),
    pid: () => runningPid(cluster),
    async [Symbol.asyncDispose]() {
      await database.close()
      await directory[Symbol.asyncDispose]()
    },
  }
}

export async function runningPid(cluster: string): Promise<number> {
  const found = await findPostmaster(cluster)
  if (found.state !== 'running') throw new Error('no server runs')
  return found.pid
}

/** Stops and removes what earlier runs left because they were killed. */
export async function removeAbandonedClusters(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue
    const root = join(tmpdir(), name)
    const [pid, mark] = (await readFile(join(root, 'owner'), 'utf8').catch(() => '')).split(' ')
    // Without an owner it may be another user's, or not yet written.
    if (!(Number(pid) > 0) || ((await isAlive(Number(pid))) && (await startMark(Number(pid))) === mark)) continue
    await removeRoot(root).catch(() => undefined)
  }
}

async function removeRoot(root: string, name = ''): Promise<void> {
  await stopServer(join(root, 'data', name, 'postgres/cluster'))
  await rm(root, { recursive: true, force: true, maxRetries: 3 })
}
