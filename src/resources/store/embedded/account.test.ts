import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aDataDirectory } from '../../../../test/support/cluster.ts'
import { accountToRunAs, canTraverse } from './account.ts'

const STRANGER = { uid: 61_234, gid: 61_234 }

test('an account passes through directories that let others through, and stops at the first that does not', async () => {
  await using directory = await aDataDirectory()
  const inner = join(directory.path, 'a/b')
  await mkdir(inner, { recursive: true })
  for (const path of [directory.path, join(directory.path, 'a'), inner]) await chmod(path, 0o711)
  expect(await canTraverse(inner, STRANGER)).toBe(true)

  // May be listed, and still not be passed through.
  await chmod(join(directory.path, 'a'), 0o744)

  expect(await canTraverse(inner, STRANGER)).toBe(false)
})

test('root runs the server as somebody else, anybody else as itself', async () => {
  const account = await accountToRunAs('/nowhere')
  if (process.getuid?.() === 0) expect(account?.uid).toBeGreaterThan(0)
  else expect(account).toBeUndefined()
})
