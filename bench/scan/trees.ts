/**
 * Trees of source to be fast on, made of what this machine has: installed packages, the standard library of its Python
 * and the labelled handlers, each handler a service of its own. Folders that a scan passes over by their names
 * (node_modules, dist, tests) get others, so that what is in them is read.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isSkippedFile, isSkippedFolder } from '../../src/scanner/code/project/candidates.ts'
import { MAX_FILE_BYTES } from '../../src/scanner/code/project/screen.ts'
import { readCorpus } from './corpus.ts'

export interface Tree {
  readonly folder: string
  readonly files: number
  readonly bytes: number
}

const PACKAGES = fileURLToPath(new URL('../../node_modules', import.meta.url))
const SCRIPT = /\.(?:[cm]?js|jsx|[cm]?ts|tsx)$/
const PYTHON = /\.py$/

/** About as many bytes as asked for, a third of them Python where there is one. */
export function largeTree(folder: string, bytes: number): Tree {
  const library = pythonLibrary()
  const python = library === undefined ? 0 : copySources(library, join(folder, 'py'), PYTHON, { bytes: bytes / 3 })
  const handlers = copyHandlers(join(folder, 'services'))
  copySources(PACKAGES, join(folder, 'js'), SCRIPT, { bytes: bytes - python - handlers })
  return measured(folder)
}

/** One service: handlers of one language, and modules around them. */
export function serviceTree(folder: string, files: number): Tree {
  mkdirSync(folder, { recursive: true })
  copyFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), join(folder, 'package.json'))
  copyHandlers(join(folder, 'src/hooks'), 'javascript/express')
  copySources(PACKAGES, join(folder, 'src/lib'), SCRIPT, { files: files - measured(folder).files })
  return measured(folder)
}

function copyHandlers(into: string, group = ''): number {
  for (const one of readCorpus())
    if (one.group.startsWith(group)) cpSync(one.folder, join(into, one.group, one.name), { recursive: true })
  return measured(into).bytes
}

function copySources(
  from: string,
  into: string,
  pattern: RegExp,
  limit: { readonly bytes?: number; readonly files?: number },
): number {
  let bytes = 0
  let files = 0
  for (const path of sourcesBelow(from, '', pattern)) {
    if (bytes >= (limit.bytes ?? Number.POSITIVE_INFINITY) || files >= (limit.files ?? Number.POSITIVE_INFINITY)) break
    const { size } = statSync(join(from, path))
    if (size > MAX_FILE_BYTES) continue
    const target = join(into, readable(path))
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(join(from, path), target)
    bytes += size
    files++
  }
  return bytes
}

function* sourcesBelow(root: string, folder: string, pattern: RegExp): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sourcesBelow(root, path, pattern)
    else if (entry.isFile() && pattern.test(entry.name) && isSkippedFile(entry.name) === undefined) yield path
  }
}

function readable(path: string): string {
  return path
    .split('/')
    .map((name) => (isSkippedFolder(name) === undefined ? name : `of-${name.replace(/^\./, '')}`))
    .join('/')
}

function pythonLibrary(): string | undefined {
  const { status, stdout } = spawnSync('python3', ['-c', 'import sysconfig; print(sysconfig.get_path("stdlib"))'], {
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : undefined
}

export function measured(folder: string, pattern = /\.(?:[cm]?[jt]s|[jt]sx|py|go|rb|php|java)$/): Tree {
  let files = 0
  let bytes = 0
  for (const path of sourcesBelow(folder, '', pattern)) {
    files++
    bytes += statSync(join(folder, path)).size
  }
  return { folder, files, bytes }
}
