/**
 * Where everything lies. Normally below the data directory; when PostgreSQL runs as another account (we are root)
 * and that account cannot enter the data directory (a 0700 home), in /var/lib/postern, with a pointer to it.
 */
import { createHash, randomBytes } from 'node:crypto'
import { chmod, chown, lstat, mkdir, mkdtemp, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PosternError } from '../../../base/model/errors.ts'
import { type Account, accountToRunAs, canTraverse } from './account.ts'
import { createOnce } from './files.ts'

export interface Places {
  readonly dataDir: string
  readonly account: Account | undefined
  /** Holds everything below; the account can pass through it. */
  readonly state: string
  readonly cluster: string
  readonly log: string
  /** One file for each process that uses the server. */
  readonly users: string
}

export async function choosePlaces(dataDir: string): Promise<Places> {
  const root = process.getuid?.() === 0
  // Passing through is not reading: 0711 lets the account reach its own directory and nothing else.
  const mode = root ? 0o711 : 0o700
  await mkdir(dataDir, { recursive: true, mode })
  const real = await realpath(dataDir)
  const state = await chooseState(real, root)
  const account = await accountToRunAs(join(state, 'cluster'))
  await makeDirectory(state, mode)
  if (account !== undefined && !(await canTraverse(state, account))) {
    throw new PosternError(
      'DEPENDENCY_UNAVAILABLE',
      `The database lies in ${state}, which the account it runs as (uid ${account.uid}) can no longer enter. Give the directories above it the x permission for others.`,
    )
  }
  const users = join(state, 'users')
  await makeDirectory(users, 0o700)
  return { dataDir: real, account, state, cluster: join(state, 'cluster'), log: join(state, 'postgres.log'), users }
}

/** The choice is made once: a database does not move because a permission changed. */
async function chooseState(dataDir: string, root: boolean): Promise<string> {
  const inside = join(dataDir, 'postgres')
  const pointer = join(dataDir, 'postgres-location')
  const recorded = await readFile(pointer, 'utf8').catch(() => undefined)
  if (recorded !== undefined) return existing(recorded.trim(), pointer)
  if (!root || (await exists(inside))) return inside
  const account = await accountToRunAs(join(inside, 'cluster'))
  if (account === undefined || (await canTraverse(dataDir, account))) return inside

  // A name of its own each time: who deletes the data directory to start afresh must not get the old database back.
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12) + randomBytes(4).toString('hex')
  const outside = join('/var/lib/postern', name)
  await makeDirectory('/var/lib/postern', 0o711)
  await createOnce(pointer, `${outside}\n`)
  const chosen = (await readFile(pointer, 'utf8')).trim()
  await makeDirectory(chosen, 0o711)
  return chosen
}

async function existing(state: string, pointer: string): Promise<string> {
  // Made right after the pointer was written; what is missing later has been deleted.
  for (let wait = 0; wait < 20; wait++) {
    if (await exists(state)) return state
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new PosternError(
    'DEPENDENCY_UNAVAILABLE',
    `${pointer} names ${state} as the place of the database, and there is nothing. Restore it, or delete ${pointer} to begin with an empty database.`,
  )
}

/** `sun_path` holds 107 bytes on Linux and 103 on macOS; the zero at the end not counted. */
const MAX_SOCKET_DIRECTORY_BYTES = 103 - '/.s.PGSQL.5432'.length

/**
 * A directory for the socket that only the account can enter, with a path short enough.
 *
 * A long path gets a directory under the system's temporary one, which is recorded: the next start finds the server
 * there. Since anybody may make names there, a directory that is not ours alone is never used.
 */
export async function ensureSocketDirectory({ state, account }: Places): Promise<string> {
  const inside = join(state, 'socket')
  if (Buffer.byteLength(inside) <= MAX_SOCKET_DIRECTORY_BYTES) {
    await makeDirectory(inside, 0o700, account)
    return inside
  }
  const record = join(state, 'socket-location')
  const recorded = (await readFile(record, 'utf8').catch(() => '')).trim()
  if (recorded !== '' && (await isPrivate(recorded, account))) return recorded

  const made = await mkdtemp(join(await temporaryDirectory(account), 'postern-'))
  if (account !== undefined) await chown(made, account.uid, account.gid)
  if (recorded === '') await createOnce(record, `${made}\n`)
  else await replace(record, `${made}\n`)
  const kept = (await readFile(record, 'utf8')).trim()
  if (kept !== made) await rm(made, { recursive: true, force: true })
  return kept
}

/** TMPDIR may be long, or closed to the account. */
async function temporaryDirectory(account: Account | undefined): Promise<string> {
  for (const directory of [tmpdir(), '/tmp', '/var/tmp']) {
    if (Buffer.byteLength(directory) > MAX_SOCKET_DIRECTORY_BYTES - '/postern-XXXXXX'.length) continue
    if (account === undefined || (await canTraverse(directory, account).catch(() => false))) return directory
  }
  throw new PosternError(
    'DEPENDENCY_UNAVAILABLE',
    'There is no temporary directory with a short enough path for the database’s socket. Set TMPDIR.',
  )
}

async function isPrivate(path: string, account: Account | undefined): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  const uid = account?.uid ?? process.getuid?.()
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0
}

async function makeDirectory(path: string, mode: number, owner?: Account): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode })
  // The process' umask may have taken bits away.
  if (made !== undefined) await chmod(path, mode)
  if (made !== undefined && owner !== undefined) await chown(path, owner.uid, owner.gid)
}

async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, path)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
