import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aDataDirectory } from '../../../../test/support/cluster.ts'
import { register } from './users.ts'

async function aUsersDirectory() {
  const directory = await aDataDirectory()
  await mkdir(directory.path)
  return directory
}

test('only the last to leave is told that nobody else is there', async () => {
  await using directory = await aUsersDirectory()
  const [first, second] = [await register(directory.path), await register(directory.path)]
  expect(await first.leave()).toBe(false)
  expect(await second.leave()).toBe(true)
})

test('a process that was killed is not counted', async () => {
  await using directory = await aUsersDirectory()
  const killed = spawn('sleep', ['60'])
  await once(killed, 'spawn')
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  await writeFile(join(directory.path, `${killed.pid}_12345_abcd`), '')

  expect(await (await register(directory.path)).leave()).toBe(true)
  expect(await readdir(directory.path)).toEqual([])
})

test.runIf(process.platform === 'linux')(
  'a process that was given the id of a dead one is not taken for it',
  async () => {
    await using directory = await aUsersDirectory()
    await writeFile(join(directory.path, `${process.pid}_1_abcd`), '')

    expect(await (await register(directory.path)).leave()).toBe(true)
  },
)
