/** One server process on the cluster: started or found, asked until it answers, stopped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { PosternError } from '../../../base/model/errors.ts'
import type { Binaries } from './binaries.ts'
import type { Places } from './places.ts'
import { findPostmaster, setAsideLockFile } from './postmaster.ts'
import { isAlive } from './processes.ts'

export interface RunningServer {
  readonly pid: number
  /** Undefined: it was running already. */
  readonly child: ChildProcess | undefined
  readonly version: string
  readonly socketDirectory: string
}

interface ServerOptions {
  readonly places: Places
  readonly binaries: Binaries
  readonly socketDirectory: string
  readonly url: (socketDirectory: string) => string
  /** Ends the waiting: nobody needs the server any more. */
  readonly signal?: AbortSignal
}

/** Recovery replays at most `max_wal_size`; a slow disk may take minutes for that, and the server says so while it does. */
const STARTUP_DEADLINE_MS = 300_000
/** After a killed server its children hold the shared memory for some milliseconds more, and a new one refuses to start. */
const ATTEMPTS = 6

/**
 * Finds the server or starts it, and returns when it answers.
 *
 * There is no lock: of two processes that start a server at once, PostgreSQL's own lock file lets one live, and the
 * other process uses that one.
 */
export async function ensureServer(options: ServerOptions): Promise<RunningServer> {
  const { places } = options
  const deadline = Date.now() + STARTUP_DEADLINE_MS
  let child: ChildProcess | undefined
  let unknownFor = 0
  for (let attempts = 0; Date.now() < deadline; await sleep(15)) {
    if (options.signal?.aborted) break
    const found = await findPostmaster(places.cluster)
    unknownFor = found.state === 'unknown' ? unknownFor + 1 : 0
    if (found.state === 'unknown') {
      // A process that is just ending cannot be read either.
      if (unknownFor > 60) throw foreign(places, found.pid)
      continue
    }
    if (found.state === 'stale') await setAsideLockFile(places.cluster)
    if (found.state === 'running') {
      const socketDirectory = found.socketDirectory ?? options.socketDirectory
      const version = found.ready ? await ask(options.url(socketDirectory), places, found.pid) : undefined
      if (version !== undefined) {
        return { pid: found.pid, child: child?.pid === found.pid ? child : undefined, version, socketDirectory }
      }
    } else if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      if (attempts === ATTEMPTS) break
      await sleep(attempts * 200)
      attempts += 1
      child = await start(options)
    }
  }
  throw new PosternError(
    'DEPENDENCY_UNAVAILABLE',
    `The embedded database does not start. ${await lastWords(places.log)} See ${places.log}.`,
  )
}

/** Stops at once but orderly; if that takes too long, without waiting for anything (the next start then recovers). */
export async function stopServer(cluster: string): Promise<void> {
  const bounds = [
    ['SIGINT', 30_000],
    ['SIGQUIT', 10_000],
  ] as const
  for (const [signal, bound] of bounds) {
    const found = await findPostmaster(cluster)
    if (found.state !== 'running') return
    signalProcess(found.pid, signal)
    for (const deadline = Date.now() + bound; Date.now() < deadline; await sleep(10)) {
      if (!(await isAlive(found.pid))) return
    }
  }
  throw new Error('the embedded database did not stop')
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It ended by itself in between.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

async function start({ places, binaries, socketDirectory }: ServerOptions): Promise<ChildProcess> {
  const settings = Object.entries({
    ...SETTINGS,
    unix_socket_directories: `"${socketDirectory.replaceAll('"', '""')}"`,
  })
  const log = await open(places.log, 'a', 0o600)
  try {
    const child = spawn(
      binaries.postgres,
      ['-D', places.cluster, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        cwd: places.state,
        env: { LC_ALL: 'C', TZ: 'UTC' },
        // In a session of its own: Ctrl-C in our terminal must not stop the server before we have drained.
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        ...places.account,
      },
    )
    await once(child, 'spawn')
    child.unref()
    return child
  } catch (cause) {
    throw new PosternError('DEPENDENCY_UNAVAILABLE', 'The embedded database’s program could not be run.', { cause })
  } finally {
    await log.close()
  }
}

/** Given on the command line, so that they hold whatever postgresql.conf says. */
const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  // An answered webhook is on the disk: these three are the promise.
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  max_connections: '60',
  shared_buffers: '64MB',
  // The default (1/32 of shared_buffers) makes a burst of commits wait for one another's WAL.
  wal_buffers: '8MB',
  min_wal_size: '128MB',
  max_wal_size: '1GB',
  checkpoint_timeout: '5min',
  // Our statements are short: compiling them, or spreading them over processes, costs more than it gives.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_wal_senders: '0',
  // A forgotten transaction would hold the audit chain for ever.
  idle_in_transaction_session_timeout: '60s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // The detail of an error quotes rows; rows are other people's bodies.
  log_error_verbosity: 'terse',
  log_parameter_max_length_on_error: '0',
}

/** @returns The server's version, or undefined while it does not answer yet. */
async function ask(url: string, places: Places, pid: number): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]?.server_version
  } catch (error) {
    // 28: the password or the role is not the one we gave it. 3D000: it lacks our database.
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (/^(28|3D)/.test(code)) throw foreign(places, pid, error)
    return undefined
  } finally {
    await client.end().catch(() => undefined)
  }
}

function foreign(places: Places, pid: number, cause?: unknown): PosternError {
  return new PosternError(
    'DEPENDENCY_UNAVAILABLE',
    `A server that is not ours (process ${pid}) seems to run on ${places.cluster}. Stop it, or choose another POSTERN_DATA_DIR.`,
    { cause },
  )
}

async function lastWords(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '')
  return (
    text
      .split('\n')
      .findLast((line) => line.includes('FATAL:'))
      ?.replace(/^.*FATAL:\s*/, '') ?? ''
  )
}
