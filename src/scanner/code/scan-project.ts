/** The candidate files of one project in, its surfaces out, with what was read on the way: all of it plain data. */
import { statSync } from 'node:fs'
import { posix } from 'node:path'
import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import { type CodeRoute, examineProject } from './examine-project.ts'
import { offerFixes } from './fixes/offer.ts'
import type { TraceNote } from './flow/facts.ts'
import type { Grammars } from './parse/grammars.ts'
import { contentHash, readBounded } from './project/screen.ts'
import { parsingTree, type Refused } from './project/source-tree.ts'

export interface ScannedProject {
  readonly surfaces: readonly ExaminedSurface[]
  readonly routes: readonly CodeRoute[]
  /** Where the examination itself broke. */
  readonly failures: readonly TraceNote[]
  /** Files that could not be parsed, and why. */
  readonly refused: readonly Refused[]
  readonly parsed: readonly { readonly file: string; readonly unparsed: number; readonly length: number }[]
  /** Every file that was read, with the hash of its content; `null` where there was none. */
  readonly reads: readonly (readonly [file: string, hash: string | null])[]
  /** It was stopped by the clock somewhere, and might come out otherwise on a quieter machine. */
  readonly hurried: boolean
}

/** The files of all targets, for following imports out of a project. */
export interface Listing {
  readonly has: (file: string) => boolean
  /** Files directly in a folder. */
  readonly list: (folder: string) => readonly string[]
}

export function listingOf(files: readonly string[]): Listing {
  const known = new Set(files)
  const folders = new Map<string, string[]>()
  for (const file of files) {
    const folder = posix.dirname(file)
    const list = folders.get(folder)
    if (list === undefined) folders.set(folder, [file])
    else list.push(file)
  }
  return { has: (file) => known.has(file), list: (folder) => folders.get(folder) ?? [] }
}

/**
 * @param now Milliseconds, for the time budgets of parsing and of each surface.
 * @param readText For texts that differ from what lies on the disk.
 */
export function scanProject(
  candidates: readonly string[],
  listing: Listing,
  grammars: Grammars,
  now: () => number,
  onSurface: (done: number, of: number) => void = () => {},
  readText: (file: string) => string | undefined = () => undefined,
): ScannedProject {
  const reads = new Map<string, string | null>()
  const read = (file: string): string | undefined => {
    const given = readText(file)
    if (given !== undefined) return given
    const found = readBounded(file)
    reads.set(file, typeof found === 'string' ? null : contentHash(found.bytes))
    return typeof found === 'string' ? undefined : found.bytes.toString('utf8')
  }
  const tree = parsingTree(
    read,
    (file) => {
      if (listing.has(file)) return true
      if (!isConfiguration(file)) return false
      const found = statSync(file, { throwIfNoEntry: false })?.isFile() === true
      if (!found) reads.set(file, null)
      return found
    },
    grammars,
    now,
    listing.list,
  )
  const modules = candidates.flatMap((file) => tree.module(file) ?? [])
  const { routes, failures, hurried, ...examined } = examineProject(tree, modules, now, { onSurface })
  return {
    surfaces: offerFixes({ tree, candidates, mayChange: listing.has, grammars, now }, examined),
    routes,
    failures,
    refused: tree.refused(),
    parsed: tree.parsed().map(({ file, unparsed, length }) => ({ file, unparsed, length })),
    reads: [...reads],
    hurried,
  }
}

/** Files that resolve names and are no source. */
function isConfiguration(file: string): boolean {
  return /(?:^|\/)(?:[jt]sconfig\.json|package\.json|go\.mod|composer\.json)$/.test(file)
}
