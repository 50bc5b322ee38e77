/**
 * Folders and files of source code in, examined surfaces out.
 *
 * Everything is read, little is parsed: a file is a candidate when its text has what a declaration of a back gate needs,
 * and what candidates import is parsed when the analysis first follows it. What was passed over is counted and named,
 * so that a clean answer says what it covers.
 */
import { readFileSync, statSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, posix, sep } from 'node:path'
import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import { compareText } from '../../catalogue/order.ts'
import type { Message } from '../report/report-types.ts'
import { examineProject } from './examine-project.ts'
import { offerFixes } from './fixes/offer.ts'
import { type GrammarName, languageOf, loadGrammars } from './parse/grammars.ts'
import { isSkippedFile, isSkippedFolder, mayDeclareSurface } from './project/candidates.ts'
import { parsingTree } from './project/source-tree.ts'

export interface CodeScan {
  readonly surfaces: readonly ExaminedSurface[]
  /** Texts of the files that surfaces and findings lie in. */
  readonly sources: ReadonlyMap<string, string>
  readonly warnings: readonly Message[]
  /** A file in which a surface may be declared could not be read at all. */
  readonly incomplete: boolean
  readonly counts: CodeCounts
}

export interface CodeCounts {
  /** Source files that were read. */
  readonly files: number
  /** Files in which a surface may be declared. */
  readonly candidates: number
  readonly parsed: number
  /** Characters that no grammar could read, of those that were parsed. */
  readonly unparsed: number
  readonly characters: number
  /** Vendored, generated, minified, test and too large files, by reason. */
  readonly skipped: ReadonlyMap<string, number>
}

export interface CodeScanOptions {
  /** Milliseconds, for the time budgets of parsing and of each surface. */
  readonly now: () => number
  readonly excluded?: (file: string) => boolean
  /** What stands for the texts of these files, by their names as they are found. */
  readonly texts?: ReadonlyMap<string, string> | undefined
  readonly onProgress?: ((text: string) => void) | undefined
}

const MAX_FILE_BYTES = 1_500_000

export async function scanCode(
  targets: readonly string[],
  { now, excluded = () => false, texts = new Map(), onProgress = () => {} }: CodeScanOptions,
): Promise<CodeScan> {
  const skipped = new Map<string, number>()
  const skip = (why: string): void => void skipped.set(why, (skipped.get(why) ?? 0) + 1)
  const files: string[] = []
  for (const target of targets) for await (const file of sourceFiles(target, skip)) files.push(file)
  const sorted = [...new Set(files)].filter((file) => !excluded(file)).sort(compareText)
  const known = new Set(sorted)
  const candidates: string[] = []
  const unread: Message[] = []
  const grammars = new Set<GrammarName>()
  for (const [index, file] of sorted.entries()) {
    if (index % 200 === 0) onProgress(`reading ${index} of ${sorted.length} files`)
    const language = languageOf(file)
    if (language === undefined) continue
    grammars.add(language.grammar)
    const given = texts.get(file)
    const text = given === undefined ? await readBounded(file) : { text: given }
    if (text === 'too large') skip('larger than 1.5 MB')
    else if (text === 'unreadable') unread.push({ file, line: 1, column: 1, message: 'The file cannot be read.' })
    else if (isMinified(text.text)) skip('minified')
    else if (mayDeclareSurface(language.language, text.text, file)) candidates.push(file)
  }
  const loaded = await loadGrammars(grammars)
  const tree = parsingTree(
    (path) => texts.get(path) ?? readOrNothing(path),
    (path) => known.has(path) || isFileBeside(path),
    loaded,
    now,
    byFolder(sorted),
  )
  const modules = candidates.flatMap((file, index) => {
    if (index % 20 === 0) onProgress(`parsing ${index} of ${candidates.length} candidates`)
    return tree.module(file) ?? []
  })
  const { surfaces: unfixed, failures } = examineProject(tree, modules, now, {
    onSurface: (done, of) => {
      if (done % 10 === 0) onProgress(`examining ${done} of ${of} handlers`)
    },
  })
  const { surfaces, texts: fixed } = offerFixes({ tree, candidates, files: known, grammars: loaded, now }, unfixed)
  const parsed = tree.parsed()
  const refused = tree.refused()
  return {
    surfaces,
    sources: sourcesOf(surfaces, new Map([...texts, ...fixed])),
    warnings: [
      ...unread,
      ...[...refused].map(([file, why]) => ({ file, line: 1, column: 1, message: why })),
      ...failures,
    ],
    incomplete: unread.length > 0 || failures.length > 0 || candidates.some((file) => refused.has(file)),
    counts: {
      files: sorted.length,
      candidates: candidates.length,
      parsed: parsed.length,
      unparsed: parsed.reduce((sum, module) => sum + module.unparsed, 0),
      characters: parsed.reduce((sum, module) => sum + module.length, 0),
      skipped,
    },
  }
}

export function isSource(file: string): boolean {
  return languageOf(file) !== undefined
}

/** Whether a file is source, or a folder holds some that is not passed over. */
export async function holdsCode(target: string): Promise<boolean> {
  const found = await stat(target).catch(() => undefined)
  if (found === undefined) return false
  for await (const _ of sourceFiles(target, () => {})) return true
  return false
}

/** The size is asked before anything is read: a file of gigabytes costs nothing. */
async function readBounded(file: string): Promise<{ readonly text: string } | 'too large' | 'unreadable'> {
  try {
    if ((await stat(file)).size > MAX_FILE_BYTES) return 'too large'
    return { text: await readFile(file, 'utf8') }
  } catch {
    return 'unreadable'
  }
}

/** Symbolic links are not followed: a folder under review must not lead out of itself, or into a loop. */
async function* sourceFiles(target: string, skip: (why: string) => void): AsyncGenerator<string> {
  if (!(await stat(target)).isDirectory()) {
    if (languageOf(target) !== undefined) yield slashed(target)
    return
  }
  const folders = [target]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
      skip('folders that cannot be read')
      return []
    })
    for (const entry of entries) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        const why = isSkippedFolder(entry.name)
        if (why === undefined) folders.push(path)
        else skip(why)
      } else if (entry.isFile() && languageOf(entry.name) !== undefined) {
        const why = isSkippedFile(basename(path))
        if (why === undefined) yield slashed(path)
        else skip(why)
      }
    }
  }
}

function slashed(path: string): string {
  return posix.normalize(path.split(sep).join('/'))
}

/** One line of tens of thousands of characters is no source. */
function isMinified(text: string): boolean {
  if (text.length < 20_000) return false
  const lines = text.split('\n', 200)
  return lines.some((line) => line.length > 20_000) || text.slice(0, 20_000).split('\n').length < 20
}

/** Configuration that resolves names, such as tsconfig.json. */
function isFileBeside(path: string): boolean {
  return (
    /(?:^|\/)(?:[jt]sconfig\.json|go\.mod|composer\.json)$/.test(path) &&
    statSync(path, { throwIfNoEntry: false })?.isFile() === true
  )
}

function byFolder(files: readonly string[]): (folder: string) => readonly string[] {
  const folders = new Map<string, string[]>()
  for (const file of files) {
    const folder = posix.dirname(file)
    const list = folders.get(folder)
    if (list === undefined) folders.set(folder, [file])
    else list.push(file)
  }
  return (folder) => folders.get(folder) ?? []
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function sourcesOf(
  surfaces: readonly ExaminedSurface[],
  known: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const files = surfaces.flatMap(({ location, evidence }) => [
    ...(location === undefined ? [] : [location.file]),
    ...evidence.flatMap((piece) => (piece.location === undefined ? [] : [piece.location.file])),
  ])
  return new Map(
    [...new Set([...files, ...known.keys()])].map((file) => [file, known.get(file) ?? readOrNothing(file) ?? '']),
  )
}
