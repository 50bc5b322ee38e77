import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFixes } from './write-fixes.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-write-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a file that has changed since it was examined is refused, and the others are not written either', async () => {
  const [a, b, gone] = ['a.py', 'b.py', 'gone.py'].map((name) => join(folder, name)) as [string, string, string]
  await writeFile(a, 'a = 1\n')
  await writeFile(b, 'somebody was here\n')
  const change = (file: string) => ({ file, before: 'a = 1\n', after: 'a = 2\n' })
  await expect(writeFixes([change(a), change(b), change(gone)])).rejects.toMatchObject({
    code: 'CONFLICT',
    errors: [
      { path: b, message: 'It has changed since it was examined; run again.' },
      { path: gone, message: 'It is gone since it was examined.' },
    ],
  })
  expect(await readFile(a, 'utf8')).toBe('a = 1\n')
  await writeFixes([change(a)])
  expect(await readFile(a, 'utf8')).toBe('a = 2\n')
  expect((await readdir(folder)).sort()).toEqual(['a.py', 'b.py'])
})
