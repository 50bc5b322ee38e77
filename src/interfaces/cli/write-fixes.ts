/**
 * Writes changed source files: all of them, or none when one is not what it was when it was examined.
 *
 * A file is replaced in one step, by another of the same mode beside it. What the change does not touch stays byte for
 * byte, line ends and byte-order mark included; a file whose bytes are no UTF-8 would not, and is refused.
 */
import { randomBytes } from 'node:crypto'
import { lstat, open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import { type FieldError, PosternError } from '../../base/model/errors.ts'
import type { FixedFile } from '../../scanner/code/fixes/rounds.ts'

/** @throws PosternError `CONFLICT` naming the files that are not written over. */
export async function writeFixes(files: readonly FixedFile[]): Promise<void> {
  const refused = (await Promise.all(files.map(refusal))).flat()
  if (refused.length > 0)
    throw new PosternError('CONFLICT', 'Nothing was written: some files cannot be fixed as they are.', {
      errors: refused,
    })
  const staged = await Promise.allSettled(files.map(stage))
  const failed = staged.find((outcome) => outcome.status === 'rejected')
  const ready = staged.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  if (failed !== undefined) {
    await Promise.all(ready.map(({ beside }) => rm(beside, { force: true })))
    throw failed.reason
  }
  for (const { beside, file } of ready) await rename(beside, file)
}

async function refusal({ file, before }: FixedFile): Promise<readonly FieldError[]> {
  const message = await whyNot(file, before)
  return message === undefined ? [] : [{ path: file, message }]
}

async function whyNot(file: string, before: string): Promise<string | undefined> {
  const entry = await lstat(file).catch(() => undefined)
  if (entry === undefined) return 'It is gone since it was examined.'
  if (entry.isSymbolicLink()) return 'It is a symbolic link; name the file that it leads to.'
  if (!entry.isFile()) return 'It is no file.'
  const bytes = await readFile(file)
  if (bytes.toString('utf8') !== before) return 'It has changed since it was examined; run again.'
  return bytes.equals(Buffer.from(before)) ? undefined : 'It is not text in UTF-8.'
}

interface Staged {
  readonly file: string
  readonly beside: string
}

/** Everything that can go wrong for want of room or rights does so before the first file is replaced. */
async function stage({ file, after }: FixedFile): Promise<Staged> {
  const beside = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const { mode, uid, gid } = await lstat(file)
    const handle = await open(beside, 'wx', mode & 0o777)
    try {
      // What is new belongs to whoever runs this; only root may give it back, and has to.
      if (process.getuid?.() === 0) await handle.chown(uid, gid)
      await handle.chmod(mode & 0o7777)
      await handle.writeFile(after)
      await handle.sync()
    } finally {
      await handle.close()
    }
    return { file, beside }
  } catch (cause) {
    await rm(beside, { force: true })
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new PosternError('DEPENDENCY_UNAVAILABLE', `Nothing was written: ${file} cannot be written (${why}).`, {
      cause,
    })
  }
}

/** A unified diff that `git apply` and `patch -p1` take. */
export function unifiedDiff(files: readonly FixedFile[]): string {
  return files
    .toSorted((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ file, before, after }) =>
      createTwoFilesPatch(`a/${below(file)}`, `b/${below(file)}`, before, after, undefined, undefined, {
        headerOptions: FILE_HEADERS_ONLY,
      }),
    )
    .join('')
}

function below(file: string): string {
  return file.replace(/^\/+/, '')
}
