import { execFile } from 'node:child_process'
import { mkdir, readdir, readlink, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { aDataDirectory } from '../../../../test/support/cluster.ts'
import { ensureBinaries, removeOtherBinaries } from './binaries.ts'

const run = promisify(execFile)

test('the copy runs by itself: no install script, no library path; and a damaged one is made again', async () => {
  await using directory = await aDataDirectory()
  await mkdir(directory.path)
  const binaries = await ensureBinaries(directory.path, undefined)
  const libraries = join(binaries.postgres, '../../lib')
  const works = async () => (await run(binaries.postgres, ['--version'], { env: {} })).stdout
  expect(await works()).toContain(`PostgreSQL) ${binaries.major}.`)
  const links = (await readdir(libraries, { withFileTypes: true })).filter((entry) => entry.isSymbolicLink())
  // Relative, so that the tree can be moved into its place.
  for (const link of links) expect(await readlink(join(libraries, link.name))).not.toContain('/')

  // What a power cut leaves of files that were not yet on the disk.
  await truncate(binaries.postgres)

  expect(await ensureBinaries(directory.path, undefined)).toEqual(binaries)
  expect(await works()).toContain('PostgreSQL')
})

test('copies of earlier releases go, drafts of processes at work stay', async () => {
  await using directory = await aDataDirectory()
  const binaries = { postgres: join(directory.path, 'bin-18.4.0/bin/postgres'), initdb: '', major: '18' }
  const names = ['bin-18.4.0', 'bin-18.3.0-beta.17', 'bin-18.5.0.0123456789ab', 'cluster']
  for (const name of names) await mkdir(join(directory.path, name), { recursive: true })

  await removeOtherBinaries(directory.path, binaries)

  expect((await readdir(directory.path)).sort()).toEqual(['bin-18.4.0', 'bin-18.5.0.0123456789ab', 'cluster'])
  expect((await stat(join(directory.path, 'cluster'))).isDirectory()).toBe(true)
})

test('a platform without binaries is told to bring a PostgreSQL', async () => {
  const architecture = vi.spyOn(process, 'arch', 'get').mockReturnValue('mips')
  try {
    await expect(ensureBinaries('/nowhere', undefined)).rejects.toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
      detail: expect.stringMatching(/no embedded PostgreSQL for .*mips.*DATABASE_URL/),
    })
    architecture.mockReturnValue('ppc64')
    // Known, and not installed here.
    await expect(ensureBinaries('/nowhere', undefined)).rejects.toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
      detail: expect.stringMatching(/not installed.*DATABASE_URL/),
    })
  } finally {
    architecture.mockRestore()
  }
})
