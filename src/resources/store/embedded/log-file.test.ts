import { mkdir, open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aDataDirectory } from '../../../../test/support/cluster.ts'
import { boundLog } from './log-file.ts'

test('the log of a server that runs for years stays within two files, and the server goes on writing', async () => {
  await using directory = await aDataDirectory()
  await mkdir(directory.path)
  const path = join(directory.path, 'postgres.log')
  const server = await open(path, 'a')

  for (let line = 0; line < 50; line++) {
    await server.write(`line ${String(line).padStart(3, '0')}\n`)
    await boundLog(path, 100)
  }

  await server.close()
  expect((await readdir(directory.path)).sort()).toEqual(['postgres.log', 'postgres.log.1'])
  for (const file of [path, `${path}.1`]) expect((await stat(file)).size).toBeLessThanOrEqual(110)
  expect((await readFile(`${path}.1`, 'utf8')) + (await readFile(path, 'utf8'))).toMatch(/line 049\n$/)
})

test('a log that does not exist yet is no error', async () => {
  await using directory = await aDataDirectory()
  await boundLog(join(directory.path, 'postgres.log'))
})
