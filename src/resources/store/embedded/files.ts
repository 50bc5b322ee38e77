/** Making things that several processes may make at once: whole or not at all, and the first wins. */
import { randomBytes } from 'node:crypto'
import { link, open, rename, rm, stat } from 'node:fs/promises'

/** Writes a file (0600) unless it exists. Nobody ever reads half of it: it is written beside its place and linked into it. */
export async function createOnce(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(draft, path).catch(ignoreExisting)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Builds a directory beside its place and moves it there in one step; if another process was faster, its work stands. */
export async function createDirectoryOnce(path: string, build: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await build(draft)
    await rename(draft, path).catch(ignoreExisting)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Whether this is a draft that another process may still be at work on. Older ones were left by a process that was killed. */
export async function isFreshDraft(path: string): Promise<boolean> {
  if (!/\.[0-9a-f]{12}$/.test(path)) return false
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }))
  return Date.now() - mtimeMs < 3_600_000
}

function ignoreExisting(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'EEXIST' && code !== 'ENOTEMPTY') throw error
}
