/** A disk that is full: refused and not acknowledged, and well again by itself once there is room. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFailed, test } from 'vitest'
import { verifyTrail } from '../../src/audit/verify-trail.ts'
import { stopServer } from '../../src/resources/store/embedded/server.ts'
import { logged, superviseGateway } from './gateway-process.ts'
import { integrate } from './integrate.ts'
import { openEmbedded, openEvents, reckon } from './ledger.ts'
import { startLoad } from './provider-load.ts'
import { seededRandom } from './random.ts'
import { aCountingSink } from './sink.ts'
import { until } from './until.ts'
import { kill } from './victims.ts'

/** The server's programs, a new cluster and its write-ahead log, with some room to work in. */
const DISK_MIB = 400

test('a full disk is answered 503, loses nothing, and everything goes on when there is room again', async ({
  skip,
}) => {
  const disk = await aSmallDisk().catch((error: unknown) => String(error))
  if (typeof disk === 'string') {
    const reason = `NOT RUN: a small file system cannot be mounted here (${disk.split('\n')[0]}); run as root, with mount allowed`
    console.warn(reason)
    return skip(reason)
  }
  await using small = disk
  await using sink = await aCountingSink()
  await using gateway = await superviseGateway({
    dataDir: small.dataDir,
    managementKey: randomBytes(24).toString('hex'),
    command: ['up'],
    env: { POSTERN_COMMIT_TIMEOUT_MS: '2000' },
  })
  onTestFailed(() => console.error(gateway.logLines.join('\n')))
  await gateway.ready()
  const secret = `whsec_${randomBytes(24).toString('hex')}`
  const path = await integrate(gateway, secret, sink.url)
  const load = startLoad({ port: gateway.port, path, secret, random: seededRandom(1) })
  await until('the first events', () => load.acknowledged.size >= 200)

  const filler = await fill(small.dataDir)
  // The server goes on for as long as the write-ahead log it had reserved lasts.
  await until('refusals', () => load.counts.refused >= 50)
  // Worse: it dies now, and has no room to recover in.
  await kill('postmaster', {
    gateway,
    cluster: join(small.dataDir, 'database/postgres/cluster'),
    random: seededRandom(1),
  })
  await logged(gateway, 'embedded database has died')
  const refused = load.counts.refused
  await until('refusals without a database', () => load.counts.refused >= refused + 100)
  await rm(filler)
  const before = load.acknowledged.size
  await until('events after there was room again', () => load.acknowledged.size >= before + 500)
  await load.finish()

  await using database = await openEmbedded(small.dataDir)
  await until('the end of all processing', async () => (await openEvents(database)) === 0)
  expect(load.wrongAnswers).toEqual([])
  expect(await reckon(database, load, sink)).toEqual([])
  expect(await database.snapshot((tx) => verifyTrail(tx))).toMatchObject({ intact: true, faults: [] })
  // The gateway itself lived through it.
  expect(gateway.lives).toHaveLength(1)
  expect(await gateway.stop()).toBe(0)
})

interface SmallDisk extends AsyncDisposable {
  readonly dataDir: string
}

async function aSmallDisk(): Promise<SmallDisk> {
  const mountPoint = await mkdtemp(join(tmpdir(), 'postern-small-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=0711`, 'tmpfs', mountPoint], { stdio: 'pipe' })
  } catch (error) {
    await rm(mountPoint, { recursive: true, force: true })
    throw error
  }
  const dataDir = join(mountPoint, 'data')
  await mkdir(dataDir, { mode: 0o711 })
  return {
    dataDir,
    async [Symbol.asyncDispose]() {
      await stopServer(join(dataDir, 'database/postgres/cluster')).catch(() => undefined)
      execFileSync('umount', [mountPoint])
      await rm(mountPoint, { recursive: true, force: true })
    },
  }
}

/** Writes until nothing more can be written. @returns The file to remove. */
async function fill(directory: string): Promise<string> {
  const path = join(directory, 'filler')
  const file = await open(path, 'w')
  try {
    for (const size of [1024 * 1024, 4096]) {
      const block = Buffer.alloc(size, 1)
      while ((await file.write(block).catch(() => ({ bytesWritten: 0 }))).bytesWritten === size);
    }
  } finally {
    await file.close()
  }
  const { bavail } = await statfs(directory)
  expect(bavail).toBe(0)
  return path
}
