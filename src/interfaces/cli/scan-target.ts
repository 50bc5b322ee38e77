/**
 * What a target of `postern scan` is, told from its name and its first bytes.
 *
 * A target this version cannot examine is an error: passed over in silence it would look like a pass.
 */
import { open, stat } from 'node:fs/promises'
import { extname, isAbsolute, normalize, relative, resolve } from 'node:path'
import { PosternError } from '../../base/model/errors.ts'
import { isSource } from '../../scanner/code/parse/languages.ts'
import { looksLikeManifest } from '../../scanner/manifest/read-manifest.ts'
import { looksLikeSpec } from '../../scanner/spec/read-spec.ts'

const EXAMINED =
  'source code, OpenAPI and AsyncAPI descriptions, evidence manifests (files, or folders that hold them) and live http or https targets'

const HEAD_BYTES = 64 * 1024
const DATA_EXTENSIONS: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json'])

/** @throws PosternError `VALIDATION_ERROR` naming every target that is something else. */
export async function refuseOtherTargets(targets: readonly string[]): Promise<void> {
  const refused = await Promise.all(
    targets.map(async (target) => {
      const other = await otherKind(target)
      return other === undefined ? [] : [{ path: target, message: `This is ${other}.` }]
    }),
  )
  if (refused.flat().length === 0) return
  throw new PosternError('VALIDATION_ERROR', `This version examines ${EXAMINED} and nothing else.`, {
    errors: refused.flat(),
  })
}

/** What is probed instead of read. */
export function isUrl(target: string): boolean {
  return /^https?:\/\//i.test(target)
}

/** One name for one file, below the working folder where it can be: reports and baselines travel between machines. */
export function targetPath(target: string): string {
  const below = relative(process.cwd(), resolve(target))
  if (below === '') return '.'
  return below.startsWith('..') || isAbsolute(below) ? normalize(target) : below
}

/** `undefined` for what may be a description or a manifest, also a broken one: the review says where and why. */
async function otherKind(target: string): Promise<string | undefined> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(target)) return 'the address of something live'
  const found = await stat(target).catch(() => undefined)
  if (found === undefined || found.isDirectory() || isSource(target)) return undefined
  const head = await readHead(target)
  if (looksLikeManifest(head) || looksLikeSpec(head)) return undefined
  return DATA_EXTENSIONS.has(extname(target).toLowerCase())
    ? undefined
    : 'a file of another kind; with another name, a manifest is read with --as manifest and a description with --as spec'
}

async function readHead(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined)
  if (handle === undefined) return ''
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch {
    return ''
  } finally {
    await handle.close()
  }
}
