/** The cluster: made whole (with its roles and its database) beside its place and moved there in one step, so that a half-made one never exists. */
import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PosternError } from '../../../base/model/errors.ts'
import type { Binaries } from './binaries.ts'
import { type Credentials, ROLES } from './credentials.ts'
import { createDirectoryOnce } from './files.ts'
import type { Places } from './places.ts'

const run = promisify(execFile)

export async function ensureCluster(
  places: Places,
  binaries: Binaries,
  credentials: () => Promise<Credentials>,
): Promise<void> {
  const made = await majorOf(places.cluster)
  if (made === undefined) {
    const passwords = await credentials()
    await createDirectoryOnce(places.cluster, (draft) => makeCluster(draft, places, binaries, passwords))
    return
  }
  if (made !== binaries.major) {
    throw new PosternError(
      'DEPENDENCY_UNAVAILABLE',
      `The database in ${places.cluster} was made by PostgreSQL ${made}, and this release brings ${binaries.major}. Start it with the release that made it, or move the data with pg_dump and set DATABASE_URL.`,
    )
  }
}

async function majorOf(cluster: string): Promise<string | undefined> {
  try {
    return (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new PosternError(
      'DEPENDENCY_UNAVAILABLE',
      `The database in ${cluster} belongs to another user. Run as that user, or choose another POSTERN_DATA_DIR.`,
      {
        cause: error,
      },
    )
  }
}

async function makeCluster(
  draft: string,
  { account, state }: Places,
  binaries: Binaries,
  credentials: Credentials,
): Promise<void> {
  const options = { cwd: state, env: { LC_ALL: 'C', TZ: 'UTC' }, ...account }
  const passwordFile = `${draft}.password`
  await mkdir(draft, { mode: 0o700 })
  await writeFile(passwordFile, credentials.admin, { flag: 'wx', mode: 0o600 })
  try {
    if (account !== undefined) {
      await chown(draft, account.uid, account.gid)
      await chown(passwordFile, account.uid, account.gid)
    }
    await run(binaries.initdb, [...INITDB, '-D', draft, `--pwfile=${passwordFile}`], options).catch(failed)
  } finally {
    await rm(passwordFile, { force: true })
  }
  await chmod(draft, 0o700)
  // In single-user mode: no other session can see the cluster before its roles exist.
  const bootstrap = run(
    binaries.postgres,
    ['--single', '-D', draft, '-c', 'exit_on_error=on', '-c', 'log_error_verbosity=terse', ROLES.admin],
    options,
  )
  bootstrap.child.stdin?.end(rolesAndDatabase(credentials))
  await bootstrap.catch(failed)
}

/**
 * The collation is PostgreSQL's own: the order of a text index must not change with the next glibc or ICU.
 * Checksums: a page that the disk changed is reported, not served.
 */
const INITDB = [
  '--username',
  ROLES.admin,
  '--auth',
  'scram-sha-256',
  '--data-checksums',
  '--encoding',
  'UTF8',
  '--locale',
  'C',
  '--locale-provider',
  'builtin',
  '--builtin-locale',
  'C.UTF-8',
  '--no-instructions',
]

/** One statement a line. The passwords are hex digits. */
function rolesAndDatabase({ owner, app }: Credentials): string {
  return [
    `create role ${ROLES.owner} login password '${owner}'`,
    `create role ${ROLES.app} login password '${app}'`,
    `create database postern owner ${ROLES.owner}`,
    'revoke all on database postern, postgres, template1 from public',
    `grant connect on database postern to ${ROLES.app}`,
    '',
  ].join('\n')
}

/** The message of a failed command repeats its arguments and its output; the last line of the output is what helps. */
function failed(cause: unknown): never {
  const output = cause instanceof Error && 'stderr' in cause && typeof cause.stderr === 'string' ? cause.stderr : ''
  const last = output.trim().split('\n').at(-1) ?? ''
  throw new PosternError('DEPENDENCY_UNAVAILABLE', `The embedded database could not be made. ${last}`.trim())
}
