/**
 * The manifest review: text, files or folders in, a report out.
 *
 * Boundary: reads the file system and nothing else. Printing, arguments and exit belong to the command that calls it.
 */
import { open, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import { compareText } from '../../catalogue/order.ts'
import { folderReader, type ReadFolder } from '../read-folder.ts'
import { matchesGlob } from '../report/glob.ts'
import { buildReport } from '../report/report.ts'
import type { Message, Report } from '../report/report-types.ts'
import type { Suppressions } from '../report/suppress.ts'
import { looksLikeManifest, readManifest, speaksOfSurfaces } from './read-manifest.ts'
import { MANIFEST_LIMITS, readDocuments } from './read-yaml.ts'

export interface ReviewOptions {
  /** Of the program, for the report. */
  readonly version: string
  readonly suppressions?: Suppressions
  /** Told now and then what is being done. */
  readonly onProgress?: (text: string) => void
}

export interface Review {
  readonly report: Report
  /** What was read, for code frames. */
  readonly sources: ReadonlyMap<string, string>
}

export function reviewManifest(text: string, fileName: string, options: ReviewOptions): Report {
  return reviewTexts(new Map([[fileName, text]]), { problems: [], warnings: [] }, options).report
}

/** @param paths Files, which must be manifests, and folders, in which manifests are found. */
export async function reviewPaths(paths: readonly string[], options: ReviewOptions): Promise<Review> {
  const { sources, problems, warnings, empty } = await readManifests(paths, options)
  return reviewTexts(sources, { problems: [...problems, ...empty], warnings }, options)
}

export const NO_MANIFEST = 'There is no manifest here.'

export interface ReadManifests {
  readonly sources: ReadonlyMap<string, string>
  readonly problems: readonly Message[]
  readonly warnings: readonly Message[]
  /** Paths that hold no manifest: a problem unless they hold something else that is examined. */
  readonly empty: readonly Message[]
}

export async function readManifests(
  paths: readonly string[],
  options: ReviewOptions,
  readFolder: ReadFolder = folderReader(),
): Promise<ReadManifests> {
  const sources = new Map<string, string>()
  const empty: Message[] = []
  const problems: Message[] = []
  const warnings: Message[] = []
  for (const path of paths) {
    const read = await readPath(path, readFolder, (files) =>
      options.onProgress?.(`reading: ${sources.size + files} manifests`),
    )
    problems.push(...read.problems)
    const wanted = [...read.sources].filter(([file]) => !isExcluded(file, options))
    for (const [file, text] of wanted) sources.set(file, text)
    warnings.push(...read.doubts.filter(({ file }) => !isExcluded(file, options)))
    if (wanted.length > 0 || read.problems.length > 0) continue
    const why = read.sources.size === 0 ? NO_MANIFEST : 'The configuration excludes every manifest here.'
    empty.push(wholeFile(path, why))
  }
  return { sources, problems, warnings, empty }
}

/** The manifests of files and folders as examined surfaces, for joining with what other examiners found. */
export function examineTexts(
  sources: ReadonlyMap<string, string>,
  onProgress?: (text: string) => void,
): {
  readonly surfaces: readonly ExaminedSurface[]
  readonly problems: readonly Message[]
  readonly warnings: readonly Message[]
} {
  const read = [...sources]
    .sort(([a], [b]) => compareText(a, b))
    .map(([file, text], index) => {
      onProgress?.(`reviewing: ${index + 1} of ${sources.size} manifests`)
      return readManifest(text, file)
    })
  return {
    surfaces: read.flatMap((one) => one.surfaces),
    problems: read.flatMap((one) => one.problems),
    warnings: read.flatMap((one) => one.warnings),
  }
}

function reviewTexts(
  sources: ReadonlyMap<string, string>,
  { problems, warnings }: Pick<ReadManifests, 'problems' | 'warnings'>,
  options: ReviewOptions,
): Review {
  const examined = examineTexts(sources, options.onProgress)
  const report = buildReport({
    surfaces: examined.surfaces,
    version: options.version,
    sources,
    warnings: [...warnings, ...examined.warnings],
    problems: [...problems, ...examined.problems],
    ...(options.suppressions === undefined ? {} : { suppressions: options.suppressions }),
  })
  return { report, sources }
}

/** Excluded files are not even parsed: what is left out on purpose may be broken on purpose. */
function isExcluded(file: string, { suppressions }: ReviewOptions): boolean {
  return suppressions?.excludedPaths.some((glob) => matchesGlob(file, glob)) === true
}

interface ReadPath {
  readonly sources: ReadonlyMap<string, string>
  readonly problems: readonly Message[]
  /** Files that have a word of manifests in them and are none. */
  readonly doubts: readonly Message[]
}

const EXTENSIONS: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json'])
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['node_modules', 'vendor', 'dist', 'build', 'target'])
const MAX_FILES = 20_000

async function readPath(path: string, readFolder: ReadFolder, onFile: (files: number) => void): Promise<ReadPath> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined)
    return { sources: new Map(), problems: [wholeFile(path, 'There is no such file or folder.')], doubts: [] }
  if (!found.isDirectory()) {
    const text = await readText(path)
    return text.is === 'text'
      ? { sources: new Map([[shown(path), text.text]]), problems: [], doubts: [] }
      : { sources: new Map(), problems: [wholeFile(path, text.message)], doubts: [] }
  }
  const sources = new Map<string, string>()
  const doubts: Message[] = []
  for (const file of manifestFiles(path, readFolder)) {
    const text = await readText(file)
    if (text.is === 'text' && looksLikeManifest(text.text)) {
      const doubt = doubtOf(shown(file), text.text)
      if (doubt === undefined) sources.set(shown(file), text.text)
      else doubts.push(doubt)
    }
    onFile(sources.size)
  }
  return { sources, problems: [], doubts }
}

/** A theme may have a colour called `surface`: nobody said that it is a manifest, so that it need not be a good one. */
function doubtOf(file: string, text: string): Message | undefined {
  // Of what cannot be read nobody knows what it was meant to be.
  if (speaksOfSurfaces(text) || readDocuments(text, file).problems.length > 0) return undefined
  const [problem] = readManifest(text, file).problems
  return problem === undefined
    ? undefined
    : { ...problem, message: `This is passed over as no manifest: ${problem.message}` }
}

type ReadText = { readonly is: 'text'; readonly text: string } | { readonly is: 'refused'; readonly message: string }

/** The size is asked of the open file and the read is bounded all the same: a device or a growing file has none. */
async function readText(path: string): Promise<ReadText> {
  const file = await open(path, 'r').catch(() => undefined)
  if (file === undefined) return { is: 'refused', message: 'The file cannot be read.' }
  try {
    const { size } = await file.stat()
    if (size > MANIFEST_LIMITS.maxBytes)
      return { is: 'refused', message: `The file is larger than ${MANIFEST_LIMITS.maxBytes} bytes.` }
    const bytes = Buffer.alloc(Math.max(size, 4096) + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, null)
      length += bytesRead
      if (bytesRead === 0) break
      if (length === bytes.length)
        return { is: 'refused', message: 'The file grew while it was read, or is no ordinary file.' }
    }
    return {
      is: 'text',
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length)),
    }
  } catch {
    return { is: 'refused', message: 'The file is not text (YAML or JSON in UTF-8).' }
  } finally {
    await file.close()
  }
}

/** Symbolic links are not followed: a folder under review must not lead out of itself, or into a loop. */
function manifestFiles(folder: string, readFolder: ReadFolder): readonly string[] {
  const files: string[] = []
  const folders = [folder]
  for (let next = folders.pop(); next !== undefined && files.length < MAX_FILES; next = folders.pop()) {
    for (const entry of readFolder(next) ?? []) {
      const { name } = entry
      if (entry.isDirectory() && !name.startsWith('.') && !SKIPPED_FOLDERS.has(name)) folders.push(join(next, name))
      if (entry.isFile() && EXTENSIONS.has(extname(name).toLowerCase())) files.push(join(next, name))
    }
  }
  return files.sort(compareText)
}

function shown(path: string): string {
  return path.split(sep).join('/')
}

function wholeFile(path: string, message: string): Message {
  return { file: shown(path), line: 1, column: 1, message }
}
