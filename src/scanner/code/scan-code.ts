/**
 * Folders and files of source code in, examined surfaces out.
 *
 * Everything is read, little is parsed: a file is a candidate when its text has what a declaration of a back gate needs,
 * and what candidates import is parsed when the analysis first follows it. What was passed over is counted and named,
 * so that a clean answer says what it covers.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import { compareText } from '../../catalogue/order.ts'
import { numbered } from '../numbered.ts'
import type { ReadFolder } from '../read-folder.ts'
import type { Message } from '../report/report-types.ts'
import type { CodeRoute } from './examine-project.ts'
import { type GrammarName, languageOf } from './parse/languages.ts'
import { projectsOf } from './project/components.ts'
import { type KnownFile, stampOf } from './project/read-entry.ts'
import { contentHash, MAX_FILE_BYTES, readBounded } from './project/screen.ts'
import { findSources } from './project/walk-sources.ts'
import { memoryFile, NO_MEMORY, projectKey, readMemory, type ScanMemory, writeMemory } from './scan-cache.ts'
import { openPool, type ScanPool } from './scan-pool.ts'
import type { ScannedProject } from './scan-project.ts'

export interface CodeScan {
  readonly surfaces: readonly ExaminedSurface[]
  /** Every route that was seen, back gate or not. */
  readonly routes: readonly CodeRoute[]
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
  readonly onProgress?: ((text: string) => void) | undefined
  /** 1 when not given. */
  readonly threads?: number | undefined
  readonly cache?: ScanCacheOptions | undefined
  /** For texts that differ from what lies on the disk; nothing is kept of such a scan. */
  readonly readText?: ((file: string) => string | undefined) | undefined
  readonly readFolder?: ReadFolder | undefined
}

export interface ScanCacheOptions {
  readonly folder: string
  /** Names the scanner that wrote the cache: another one judges anew. */
  readonly version: string
}

export async function scanCode(targets: readonly string[], options: CodeScanOptions): Promise<CodeScan> {
  const { now, onProgress = () => {}, threads = 1, readText } = options
  const pool = openPool({ threads, now, onProgress, readText })
  try {
    return await scanWith(pool, targets, options)
  } finally {
    await pool.close()
  }
}

async function scanWith(pool: ScanPool, targets: readonly string[], options: CodeScanOptions): Promise<CodeScan> {
  const { excluded = () => false, readText } = options
  const cache = readText === undefined ? options.cache : undefined
  const cacheFile =
    cache === undefined ? '' : memoryFile(cache.folder, [process.cwd(), ...targets.map((target) => resolve(target))])
  const memory = cache === undefined ? NO_MEMORY : readMemory(cacheFile, cache.version)
  const { files, projects: projectFolders, skipped: passedOver } = findSources(targets, excluded, options.readFolder)
  const read = await readSources(files, memory, pool, readText)
  const skipped = new Map(passedOver)
  for (const why of read.skipped) skipped.set(why, (skipped.get(why) ?? 0) + 1)
  const linked = files.flatMap((file) => {
    const screened = read.files.get(file)?.screened
    return screened?.is === 'candidate' ? [{ file, links: screened.links }] : []
  })
  const candidates = linked.map(({ file }) => file)
  const listing = createHash('sha256').update(files.join('\n')).digest('base64url')
  const hashNow = hashesOf(read.files)
  const projects = projectsOf(linked, projectFolders).map((members) => {
    const key = projectKey(listing, members)
    const known = memory.projects.get(key)
    return { members, key, known: known?.reads.every(([file, hash]) => hashNow(file) === hash) ? known : undefined }
  })
  const unknown = projects.filter(({ known }) => known === undefined)
  const scanned = await pool.examine(
    unknown.map(({ members }) => ({
      files: members,
      bytes: members.reduce((sum, file) => sum + (read.files.get(file)?.bytes ?? 0), 0),
    })),
    { known: files, grammars: grammarsOf(files) },
  )
  const anew = new Map(unknown.map(({ key }, index) => [key, scanned[index]]))
  const outcomes = projects.map(({ key, known }) => {
    const outcome = known ?? anew.get(key)
    if (outcome === undefined) throw new Error('a project was examined by nobody')
    return { key, outcome }
  })
  if (cache !== undefined && (unknown.length > 0 || read.changed))
    writeMemory(cache.folder, cacheFile, cache.version, {
      files: read.files,
      projects: new Map(outcomes.filter(({ outcome }) => isLasting(outcome)).map(({ key, outcome }) => [key, outcome])),
    })
  return joined(
    outcomes.map(({ outcome }) => outcome),
    { files, candidates, skipped, unread: read.unread, readText },
  )
}

interface ReadSources {
  readonly files: ReadonlyMap<string, KnownFile>
  readonly skipped: readonly string[]
  readonly unread: readonly Message[]
  /** Something is known now that was not before. */
  readonly changed: boolean
}

/** What is known of a file is good as long as it has the marks that it had; the others are read. */
async function readSources(
  files: readonly string[],
  memory: ScanMemory,
  pool: ScanPool,
  readText: CodeScanOptions['readText'],
): Promise<ReadSources> {
  const isKnown = (file: string): boolean => {
    const before = readText === undefined ? memory.files.get(file) : undefined
    const stats = before === undefined ? undefined : statSync(file, { throwIfNoEntry: false })
    return stats !== undefined && before?.stamp === stampOf(stats)
  }
  const anew = files.filter((file) => !isKnown(file))
  const read = await pool.screen(anew)
  const entries = new Map(anew.map((file, index) => [file, read[index]]))
  const known = new Map<string, KnownFile>()
  const skipped: string[] = []
  const unread: Message[] = []
  for (const file of files) {
    const entry = entries.get(file) ?? memory.files.get(file)
    if (entry === undefined) throw new Error('a file was read by nobody')
    if (entry === 'too large') skipped.push(`larger than ${MAX_FILE_BYTES / 1e6} MB`)
    else if (entry === 'unreadable') unread.push({ file, line: 1, column: 1, message: 'The file cannot be read.' })
    else {
      known.set(file, entry)
      if (entry.screened.is === 'skipped') skipped.push(entry.screened.why)
    }
  }
  return { files: known, skipped, unread, changed: anew.length > 0 || memory.files.size !== files.length }
}

/** Of what is no source, such as a project's configuration, the content is asked once for all projects that look for it. */
function hashesOf(files: ReadonlyMap<string, KnownFile>): (file: string) => string | null {
  const others = new Map<string, string | null>()
  return (file) => {
    const known = files.get(file)?.hash ?? others.get(file)
    if (known !== undefined) return known
    // Most are looked for in every folder and are in few.
    const read = existsSync(file) ? readBounded(file) : 'unreadable'
    const hash = typeof read === 'string' ? null : contentHash(read.bytes)
    others.set(file, hash)
    return hash
  }
}

/** What broke or was cut short by the clock is tried again. */
function isLasting({ failures, refused, hurried }: ScannedProject): boolean {
  return failures.length === 0 && refused.every(({ lasting }) => lasting) && !hurried
}

interface Read {
  readonly files: readonly string[]
  readonly candidates: readonly string[]
  readonly skipped: ReadonlyMap<string, number>
  readonly unread: readonly Message[]
  readonly readText: CodeScanOptions['readText']
}

function joined(outcomes: readonly ScannedProject[], { files, candidates, skipped, unread, readText }: Read): CodeScan {
  const sourceOf = (file: string): string | undefined => readText?.(file) ?? readOrNothing(file)
  const found = numbered(outcomes.flatMap((one) => one.surfaces).toSorted(byPlace))
  const sources = sourcesOf(found, sourceOf)
  const hashes = new Map(outcomes.flatMap((one) => one.reads))
  const surfaces = withoutLateFixes(found, (file) => {
    const hash = hashes.get(file)
    return hash === undefined || hash === contentHash(Buffer.from(sources.get(file) ?? ''))
  })
  const failures = outcomes.flatMap((one) => one.failures)
  const refused = new Map(outcomes.flatMap((one) => one.refused.map(({ file, why }) => [file, why] as const)))
  const parsed = [...new Map(outcomes.flatMap((one) => one.parsed).map((one) => [one.file, one])).values()]
  return {
    surfaces,
    routes: outcomes.flatMap((one) => one.routes),
    sources,
    warnings: [
      ...unread,
      ...[...refused].map(([file, why]) => ({ file, line: 1, column: 1, message: why })),
      ...failures,
    ],
    incomplete: unread.length > 0 || failures.length > 0 || candidates.some((file) => refused.has(file)),
    counts: {
      files: files.length,
      candidates: candidates.length,
      parsed: parsed.length,
      unparsed: parsed.reduce((sum, one) => sum + one.unparsed, 0),
      characters: parsed.reduce((sum, one) => sum + one.length, 0),
      skipped,
    },
  }
}

/** A fix is for the bytes that it was made of: what changed meanwhile, or is no text, gets none. */
function withoutLateFixes(
  surfaces: readonly ExaminedSurface[],
  isSame: (file: string) => boolean,
): readonly ExaminedSurface[] {
  return surfaces.map((surface) => ({
    ...surface,
    evidence: surface.evidence.map((piece) => {
      const { fix, ...rest } = piece
      return fix === undefined || fix.edits.every(({ file }) => isSame(file)) ? piece : rest
    }),
  }))
}

function byPlace({ location: a }: ExaminedSurface, { location: b }: ExaminedSurface): number {
  return compareText(a?.file ?? '', b?.file ?? '')
}

function grammarsOf(files: readonly string[]): ReadonlySet<GrammarName> {
  return new Set(files.flatMap((file) => languageOf(file)?.grammar ?? []))
}

function sourcesOf(
  surfaces: readonly ExaminedSurface[],
  read: (file: string) => string | undefined,
): ReadonlyMap<string, string> {
  const files = surfaces.flatMap(({ location, evidence }) => [
    ...(location === undefined ? [] : [location.file]),
    ...evidence.flatMap((piece) => (piece.location === undefined ? [] : [piece.location.file])),
    ...evidence.flatMap(({ fix }) => fix?.edits.map(({ file }) => file) ?? []),
  ])
  return new Map([...new Set(files)].map((file) => [file, read(file) ?? '']))
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
