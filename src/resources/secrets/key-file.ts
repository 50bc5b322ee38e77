/**
 * A key kept in a file, made once and never overwritten.
 *
 * Several processes may start at the same time on an empty folder: the key is written to a file of its own,
 * flushed, and then linked to its name, which fails for all but one. So the name never stands for half a key,
 * and after a power cut it stands for a whole one or for none.
 */

import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { link, mkdir, open, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PosternError } from '../../base/model/errors.ts'

/** More than any key; a file that is longer is not one of ours. */
const MAX_KEY_FILE_BYTES = 4096

/** @returns The text of the file and whether this call made it. */
export async function readOrMakeKeyFile(
  path: string,
  make: () => string,
): Promise<{ readonly text: string; readonly made: boolean }> {
  const present = await readKeyFile(path)
  if (present !== undefined) return { text: present, made: false }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const made = await publish(path, make())
  const text = await readKeyFile(path)
  if (text === undefined) throw new Error(`the key file ${path} vanished while it was being made`)
  return { text, made }
}

/** @throws PosternError when others than its owner may read it: then it is no longer a secret. */
export async function readKeyFile(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(missing)
  if (file === undefined) return undefined
  try {
    const stat = await file.stat()
    if (!stat.isFile() || stat.size > MAX_KEY_FILE_BYTES) refuse(path, 'is not a key file')
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0)
      refuse(path, 'is readable by others; run chmod 600 on it')
    return (await file.readFile('utf8')).trim()
  } finally {
    await file.close()
  }
}

/** @returns Whether this call gave the file its name; `false` when another process was first. */
async function publish(path: string, text: string): Promise<boolean> {
  const draft = join(dirname(path), `.${randomUUID()}.draft`)
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${text}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    await unlink(draft)
    await syncFolder(dirname(path))
  }
}

/** The name itself survives a power cut only when its folder is flushed too. Windows cannot open a folder. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, constants.O_RDONLY)
  await folder.sync().finally(() => folder.close())
}

function missing(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined
  throw error
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function refuse(path: string, why: string): never {
  throw new PosternError('VALIDATION_ERROR', `The key file ${path} ${why}.`)
}
