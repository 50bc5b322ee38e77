import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aDataDirectory } from '../../../../test/support/cluster.ts'
import { findPostmaster } from './postmaster.ts'
import { commandOf } from './processes.ts'

async function aCluster(lockFile: string) {
  const directory = await aDataDirectory()
  await mkdir(directory.path)
  await writeFile(join(directory.path, 'postmaster.pid'), lockFile)
  return directory
}

test.each([
  ['empty', ''],
  ['not a number', 'x\n/somewhere\n'],
  ['zero, which would mean our own process group', '0\n'],
  ['one, which is nobody’s postgres', '1\n'],
  ['a process that cannot exist', '2147483646\n'],
])('a lock file that is %s means that no server runs', async (_, text) => {
  await using cluster = await aCluster(text)
  expect(await findPostmaster(cluster.path)).toEqual({ state: 'none' })
})

test('a process that is no postgres makes the file stale', async () => {
  await using cluster = await aCluster(`${process.pid}\n`)
  expect(await findPostmaster(cluster.path)).toEqual({ state: 'stale', pid: process.pid })
})

/** A process whose command line reads as the given one; what runs is `sleep`. */
async function aProcessCalled(name: string, cwd: string) {
  const child = spawn('bash', ['-c', 'exec -a "$0" sleep 60', name], { cwd, stdio: 'ignore' })
  await once(child, 'spawn')
  while (!(await commandOf(child.pid ?? 0))?.startsWith(name)) await new Promise((resolve) => setTimeout(resolve, 5))
  return { pid: child.pid ?? 0, [Symbol.dispose]: () => child.kill() }
}

test.runIf(process.platform === 'linux')(
  'a postgres of another directory makes the file stale, one that works in ours is ours',
  async () => {
    await using cluster = await aCluster('')
    using other = await aProcessCalled('postgres', '/')
    using ours = await aProcessCalled('postgres', cluster.path)

    await writeFile(join(cluster.path, 'postmaster.pid'), `${other.pid}\n`)
    expect(await findPostmaster(cluster.path)).toEqual({ state: 'stale', pid: other.pid })

    await writeFile(
      join(cluster.path, 'postmaster.pid'),
      `${ours.pid}\n${cluster.path}\n1\n5432\n/run/here\n\n1 1\nready   \n`,
    )
    expect(await findPostmaster(cluster.path)).toEqual({
      state: 'running',
      pid: ours.pid,
      socketDirectory: '/run/here',
      ready: true,
    })
  },
)
