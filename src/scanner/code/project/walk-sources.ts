/** The source files of the targets, and the folders that something says are projects. What is passed over is counted. */
import { statSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { compareText } from '../../../catalogue/order.ts'
import { folderReader, type ReadFolder } from '../../read-folder.ts'
import { languageOf } from '../parse/languages.ts'
import { isSkippedFile, isSkippedFolder } from './candidates.ts'

export interface Sources {
  /** Sorted, with forward slashes. */
  readonly files: readonly string[]
  /** Folders with a file that makes them a project of their own, such as `package.json`. */
  readonly projects: ReadonlySet<string>
  readonly skipped: ReadonlyMap<string, number>
}

const PROJECT_FILE =
  /^(?:package\.json|deno\.jsonc?|wrangler\.(?:toml|jsonc?)|serverless\.ya?ml|pyproject\.toml|setup\.(?:py|cfg)|requirements[\w-]*\.txt|Pipfile|manage\.py|go\.mod|composer\.json|artisan|Gemfile|config\.ru|pom\.xml|build\.gradle(?:\.kts)?|Dockerfile)$/

export function findSources(
  targets: readonly string[],
  excluded: (file: string) => boolean,
  readFolder: ReadFolder = folderReader(),
): Sources {
  const skipped = new Map<string, number>()
  const files = new Set<string>()
  const projects = new Set<string>()
  for (const entry of entriesOf(targets, readFolder)) {
    if (entry.is === 'skipped') skipped.set(entry.why, (skipped.get(entry.why) ?? 0) + 1)
    else if (entry.is === 'project') projects.add(entry.folder)
    else if (!excluded(entry.file)) files.add(entry.file)
  }
  return { files: [...files].sort(compareText), projects, skipped }
}

/** Whether a file is source, or a folder holds some that is not passed over. */
export function holdsCode(target: string, readFolder: ReadFolder = folderReader()): boolean {
  if (statSync(target, { throwIfNoEntry: false }) === undefined) return false
  for (const { is } of entriesOf([target], readFolder)) if (is === 'file') return true
  return false
}

type Entry =
  | { readonly is: 'file'; readonly file: string }
  | { readonly is: 'project'; readonly folder: string }
  | { readonly is: 'skipped'; readonly why: string }

/** Symbolic links are not followed: a folder under review must not lead out of itself, or into a loop. */
function* entriesOf(targets: readonly string[], readFolder: ReadFolder): Generator<Entry> {
  const folders: string[] = []
  for (const target of targets) {
    if (statSync(target).isDirectory()) folders.push(target)
    else if (languageOf(target) !== undefined) yield { is: 'file', file: slashed(target) }
  }
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = readFolder(folder)
    if (entries === undefined) yield { is: 'skipped', why: 'folders that cannot be read' }
    // Joined once: a tree has few folders and many files.
    const before = join(folder, '_').slice(0, -1)
    const shown = before.split(sep).join('/')
    for (const entry of entries ?? []) {
      if (entry.isDirectory()) {
        const why = isSkippedFolder(entry.name)
        if (why === undefined) folders.push(before + entry.name)
        else yield { is: 'skipped', why }
      } else if (entry.isFile()) {
        if (PROJECT_FILE.test(entry.name)) yield { is: 'project', folder: slashed(folder) }
        if (languageOf(entry.name) === undefined) continue
        const why = isSkippedFile(entry.name)
        yield why === undefined ? { is: 'file', file: shown + entry.name } : { is: 'skipped', why }
      }
    }
  }
}

function slashed(path: string): string {
  return posix.normalize(path.split(sep).join('/'))
}
