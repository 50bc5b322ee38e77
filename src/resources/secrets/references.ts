/**
 * Secrets kept elsewhere: `env:NAME` and `file:/absolute/path`, resolved at use and never stored.
 *
 * Whoever may create an integration may name a reference, so the names that hold Postern's own secrets are
 * refused, and no error says more about a variable or a file than whether it gave a secret.
 */
import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { isAbsolute, resolve, sep } from 'node:path'
import { PosternError } from '../../base/model/errors.ts'

/** A private key in PEM has a few kilobytes; what is larger is no secret but a wrong path. */
const MAX_SECRET_BYTES = 64 * 1024

/** Names whose values are Postern's own, and would become an oracle when used as somebody's signing key. */
const OWN_NAMES = /^(POSTERN_.*|MANAGEMENT_API_KEY|DATABASE_URL|REDIS_URL|NATS_URL|PG[A-Z]+)$/i

export type ReferenceForm = 'env' | 'file'

/** Which kind of reference a text is; `undefined` when it is a secret itself. */
export function referenceForm(text: string): ReferenceForm | undefined {
  if (text.startsWith('env:')) return 'env'
  if (text.startsWith('file:')) return 'file'
  return undefined
}

export interface References {
  /** @throws PosternError `DEPENDENCY_UNAVAILABLE` naming the reference, never its content. */
  resolve(reference: string): Promise<string>
}

export interface ReferencesOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Nothing below it may be referenced: the master and management keys lie there. */
  readonly dataDir: string
}

export function createReferences({ environment, dataDir }: ReferencesOptions): References {
  return {
    async resolve(reference) {
      const form = referenceForm(reference)
      if (form === 'env') return fromEnvironment(environment, reference.slice('env:'.length), reference)
      if (form === 'file') return await fromFile(reference.slice('file:'.length), dataDir, reference)
      throw new Error('not a reference')
    },
  }
}

function fromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
  reference: string,
): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw unresolved(reference, 'is not a variable name')
  if (OWN_NAMES.test(name)) throw unresolved(reference, 'names a setting of Postern itself')
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined
  if (value === undefined) throw unresolved(reference, 'is not set')
  return secretOf(Buffer.from(value, 'utf8'), reference)
}

async function fromFile(path: string, dataDir: string, reference: string): Promise<string> {
  if (!isAbsolute(path)) throw unresolved(reference, 'is not an absolute path')
  // Mounted secrets are links into a folder that is swapped as a whole, so links are followed, then judged.
  const real = await realpath(path).catch(() => undefined)
  if (real === undefined) throw unresolved(reference, 'cannot be read')
  const own = await realpath(dataDir).catch(() => resolve(dataDir))
  if (real === own || real.startsWith(own + sep)) throw unresolved(reference, 'lies in the data folder of Postern')
  // Not blocking: a pipe in the file's place must not hold the request for ever.
  const file = await open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(() => undefined)
  if (file === undefined) throw unresolved(reference, 'cannot be read')
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw unresolved(reference, 'is not a file')
    if (stat.size > MAX_SECRET_BYTES) throw unresolved(reference, 'is larger than a secret may be')
    const buffer = Buffer.alloc(MAX_SECRET_BYTES + 1)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    return secretOf(buffer.subarray(0, bytesRead), reference)
  } finally {
    await file.close()
  }
}

/** Editors and `echo` end a file with a newline that is no part of the secret. */
function secretOf(bytes: Buffer, reference: string): string {
  if (bytes.length > MAX_SECRET_BYTES) throw unresolved(reference, 'is larger than a secret may be')
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$/, '')
  } catch {
    throw unresolved(reference, 'is not text')
  }
  if (text.trim() === '') throw unresolved(reference, 'is empty')
  return text
}

function unresolved(reference: string, why: string): PosternError {
  return new PosternError('DEPENDENCY_UNAVAILABLE', `The secret reference ${shown(reference)} ${why}.`)
}

/** Somebody may have pasted a secret after `env:`; a long or odd name is not repeated. */
function shown(reference: string): string {
  return /^(env:[A-Za-z_][A-Za-z0-9_]{0,99}|file:\/[\w./-]{1,199})$/.test(reference)
    ? reference
    : `${reference.split(':')[0]}:…`
}
