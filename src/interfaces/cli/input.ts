/** Files and stdin as commands read them: whole, and bounded. */
import { readFile, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { PosternError } from '../../base/model/errors.ts'

const MAX_INPUT_BYTES = 64 * 1024 * 1024

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > MAX_INPUT_BYTES) throw new PosternError('PAYLOAD_TOO_LARGE', 'The input is larger than 64 MiB.')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

/** @param path `-` is stdin. @throws PosternError `VALIDATION_ERROR` when it cannot be read. */
export async function readInput(path: string, stdin: Readable): Promise<Buffer> {
  if (path === '-') return await readAll(stdin)
  try {
    if ((await stat(path)).size > MAX_INPUT_BYTES)
      throw new PosternError('PAYLOAD_TOO_LARGE', `${path} is larger than 64 MiB.`)
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof PosternError) throw cause
    throw new PosternError('VALIDATION_ERROR', `${path} cannot be read.`, { cause })
  }
}

/** A secret given as text, `env:NAME` or `file:PATH`, read on this side. */
export async function readSecret(
  given: string,
  env: Readonly<Record<string, string | undefined>>,
  stdin: Readable,
): Promise<string> {
  if (given.startsWith('env:')) {
    const value = env[given.slice('env:'.length)]
    if (value === undefined || value === '') throw new PosternError('VALIDATION_ERROR', `${given} is not set.`)
    return value
  }
  if (given.startsWith('file:')) return (await readInput(given.slice('file:'.length), stdin)).toString().trim()
  return given
}

/** A text as it is, or that of the file in `@FILE`; `@-` is stdin. */
export async function textOrFile(given: string | undefined, stdin: Readable): Promise<string | undefined> {
  return given?.startsWith('@') === true ? (await readInput(given.slice(1), stdin)).toString().trim() : given
}
