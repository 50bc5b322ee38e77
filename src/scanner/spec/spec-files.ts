/**
 * The descriptions among the targets: files by their first bytes, and in folders every one that is not vendored.
 *
 * Boundary: reads the file system and nothing else. Files that a description refers to are read only when asked for,
 * and only below the folder of the target.
 */
import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { dirname, extname, join, relative, resolve, sep } from 'node:path'
import { compareText } from '../../catalogue/order.ts'
import { isSkippedFolder } from '../code/project/candidates.ts'
import type { ManifestNode } from '../manifest/node.ts'
import { readDocuments } from '../manifest/read-yaml.ts'
import { folderReader, type ReadFolder } from '../read-folder.ts'
import type { Message } from '../report/report-types.ts'
import { looksLikeSpec, SPEC_LIMITS } from './read-spec.ts'
import type { ReadBeside } from './references.ts'

export interface SpecFiles {
  readonly sources: ReadonlyMap<string, string>
  readonly problems: readonly Message[]
}

export interface FindSpecsOptions {
  /** Files are descriptions whatever they look like. */
  readonly all?: boolean
  readonly excluded: (file: string) => boolean
  readonly onProgress?: ((text: string) => void) | undefined
  readonly readFolder?: ReadFolder | undefined
}

const EXTENSIONS: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json'])
const HEAD_BYTES = 64 * 1024
const MAX_FILES = 20_000

export function findSpecs(
  targets: readonly string[],
  { all = false, excluded, onProgress, readFolder = folderReader() }: FindSpecsOptions,
): SpecFiles {
  const sources = new Map<string, string>()
  const problems: Message[] = []
  for (const target of targets) {
    const found = statSync(target, { throwIfNoEntry: false })
    const isFolder = found?.isDirectory() === true
    for (const path of isFolder ? dataFiles(target, readFolder) : found === undefined ? [] : [target]) {
      const file = slashed(path)
      if (excluded(file) || (!(all && !isFolder) && !isSpec(path))) continue
      onProgress?.(`reading: ${sources.size + 1} descriptions`)
      const read = readText(path)
      if (read.is === 'text') sources.set(file, read.text)
      else problems.push({ file, line: 1, column: 1, message: read.message })
    }
  }
  return { sources, problems }
}

/** Whether a file says in its first bytes that it is a description. */
export function isSpec(path: string): boolean {
  return EXTENSIONS.has(extname(path).toLowerCase()) && looksLikeSpec(readHead(path))
}

/** Follows references into files below the folders of the targets, by their real paths. */
export function readerBeside(targets: readonly string[]): ReadBeside {
  const roots = targets.flatMap((target) => {
    const isFolder = statSync(target, { throwIfNoEntry: false })?.isDirectory() === true
    return realOrNothing(isFolder ? target : dirname(resolve(target))) ?? []
  })
  const trees = new Map<string, ManifestNode | undefined>()
  return (path, from) => {
    const wanted = realOrNothing(resolve(dirname(resolve(from)), decoded(path)))
    if (wanted === undefined || !roots.some((root) => wanted.startsWith(`${root}${sep}`))) return undefined
    const file = slashed(relative(process.cwd(), wanted))
    if (!trees.has(file)) {
      const read = readText(wanted)
      const documents = read.is === 'text' ? readDocuments(read.text, file, SPEC_LIMITS).documents : []
      trees.set(file, documents[0])
    }
    return trees.get(file)
  }
}

type ReadText = { readonly is: 'text'; readonly text: string } | { readonly is: 'refused'; readonly message: string }

/** The size is asked of the open file, and no more than that is read. */
export function readText(path: string): ReadText {
  const bytes = readBytes(path, SPEC_LIMITS.maxBytes)
  if (bytes === 'too large') return { is: 'refused', message: `The file is larger than ${SPEC_LIMITS.maxBytes} bytes.` }
  if (bytes === 'unreadable') return { is: 'refused', message: 'The file cannot be read.' }
  try {
    return { is: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return { is: 'refused', message: 'The file is not text (YAML or JSON in UTF-8).' }
  }
}

function readHead(path: string): string {
  const bytes = readBytes(path, HEAD_BYTES, true)
  return typeof bytes === 'string' ? '' : bytes.toString('utf8')
}

function readBytes(path: string, limit: number, headOnly = false): Buffer | 'too large' | 'unreadable' {
  let handle: number | undefined
  try {
    handle = openSync(path, 'r')
    const stats = fstatSync(handle)
    if (!stats.isFile()) return 'unreadable'
    if (stats.size > limit && !headOnly) return 'too large'
    const bytes = Buffer.allocUnsafe(Math.min(stats.size, limit))
    let length = 0
    while (length < bytes.length) {
      const read = readSync(handle, bytes, length, bytes.length - length, length)
      if (read === 0) break
      length += read
    }
    return bytes.subarray(0, length)
  } catch {
    return 'unreadable'
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

/** Symbolic links are not followed: a folder under review must not lead out of itself, or into a loop. */
function dataFiles(folder: string, readFolder: ReadFolder): readonly string[] {
  const files: string[] = []
  const folders = [folder]
  for (let next = folders.pop(); next !== undefined && files.length < MAX_FILES; next = folders.pop()) {
    for (const entry of readFolder(next) ?? []) {
      const path = join(next, entry.name)
      if (entry.isDirectory() && isWorthLooking(entry.name)) folders.push(path)
      if (entry.isFile() && EXTENSIONS.has(extname(entry.name).toLowerCase())) files.push(path)
    }
  }
  return files.sort(compareText)
}

/** As for code, except that what is called `spec` there are tests, and here what is looked for. */
function isWorthLooking(name: string): boolean {
  return /^specs?$/.test(name) || isSkippedFolder(name) === undefined
}

function realOrNothing(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function slashed(path: string): string {
  return path.split(sep).join('/')
}
