/**
 * `postern scan`: whatever the targets are, examined by who can, joined per surface, decided once.
 *
 * Who examines code and descriptions is loaded when there are some: a scan of what is live pays for neither.
 */

import { sep } from 'node:path'
import type { ExaminedSurface } from '../catalogue/evidence.ts'
import type { CodeRoute } from './code/examine-project.ts'
import { isSource } from './code/parse/languages.ts'
import { holdsCode } from './code/project/walk-sources.ts'
import type { CodeScan, ScanCacheOptions } from './code/scan-code.ts'
import type { LiveScan } from './live/scan-live.ts'
import { examineTexts, NO_MANIFEST, type Review, type ReviewOptions, readManifests } from './manifest/review.ts'
import { folderReader } from './read-folder.ts'
import { matchesGlob } from './report/glob.ts'
import { joinSurfaces } from './report/join.ts'
import { buildReport } from './report/report.ts'
import type { ExaminedCode, Message } from './report/report-types.ts'
import { underTemplates } from './report/route-templates.ts'
import type { ReadSpecs } from './spec/examine-specs.ts'
import type { findSpecs, SpecFiles } from './spec/spec-files.ts'

export const TARGET_KINDS = ['code', 'manifest', 'spec'] as const
export type TargetKind = (typeof TARGET_KINDS)[number]

export interface ScanOptions extends ReviewOptions {
  /** What the targets are; without it folders are searched for all. */
  readonly as: TargetKind | undefined
  /** Milliseconds, for time budgets. */
  readonly now: () => number
  /** Only surfaces that these files have a part in; everything is read all the same, to follow what they lead to. */
  readonly changed?: ReadonlySet<string> | undefined
  /** What stands for the texts of source files, to ask what a change would make of them. */
  readonly readText?: ((file: string) => string | undefined) | undefined
  /** Percent of the parsed source that has to be understood. */
  readonly minParseCoverage?: number | undefined
  readonly threads?: number | undefined
  readonly cache?: ScanCacheOptions | undefined
  /** Descriptions may refer to files below the targets' folders, which are then read, too. */
  readonly followFiles?: boolean | undefined
  /** What was probed meanwhile; joined with the rest. */
  readonly live?: Pick<LiveScan, 'surfaces' | 'warnings' | 'incomplete'> | undefined
}

export async function scanPaths(paths: readonly string[], options: ScanOptions): Promise<Review> {
  const { as, live } = options
  const excluded = (file: string): boolean =>
    options.suppressions?.excludedPaths.some((glob) => matchesGlob(file, glob)) === true
  const readFolder = folderReader()
  const withCode = as === undefined || as === 'code' ? paths.filter((path) => holdsCode(path, readFolder)) : []
  const specs =
    paths.length > 0 && (as === undefined || as === 'spec')
      ? await specsIn(paths, { all: as === 'spec', excluded, onProgress: options.onProgress, readFolder })
      : { sources: new Map<string, string>(), problems: [] }
  const asSpecs = new Set([...specs.sources.keys(), ...specs.problems.map(({ file }) => file)])
  const isOther = (path: string): boolean => as === 'code' || isSource(path) || asSpecs.has(slashed(path))
  const manifests = await readManifests(
    as === 'spec' ? [] : paths.filter((path) => !isOther(path)),
    options,
    readFolder,
  )
  const code =
    withCode.length === 0
      ? undefined
      : await (await import('./code/scan-code.ts')).scanCode(withCode, {
          now: options.now,
          excluded,
          onProgress: options.onProgress,
          threads: options.threads,
          cache: options.cache,
          readText: options.readText,
          readFolder,
        })
  const examined = examineTexts(manifests.sources, options.onProgress)
  const searched = new Set([...withCode, ...paths.filter((path) => holdsAny(path, asSpecs))].map(slashed))
  const descriptions = specs.sources.size === 0 ? NO_DESCRIPTIONS : await readDescriptions(paths, specs, options)
  const { described } = descriptions
  const routes = code?.routes ?? []
  const read = [...examined.surfaces, ...(code?.surfaces ?? [])]
  const others = [
    ...read,
    ...underTemplates(live?.surfaces ?? [], [
      ...descriptions.routes,
      ...routes.map(({ path }) => path),
      ...read.flatMap(({ route }) => route ?? []),
    ]),
  ]
  const specified = descriptions.examine(others, routes)
  const counts = code === undefined ? undefined : examinedOf(code)
  const tooLittle = counts !== undefined && counts.parseCoverage < (options.minParseCoverage ?? 0)
  const sources = new Map([...manifests.sources, ...specs.sources, ...(code?.sources ?? [])])
  const report = buildReport({
    surfaces: joinSurfaces([...others, ...specified]).filter((surface) => hasPart(surface, options.changed)),
    version: options.version,
    sources,
    warnings: [
      ...manifests.warnings,
      ...examined.warnings,
      ...(code?.warnings ?? []),
      ...described.warnings,
      ...(live?.warnings ?? []),
    ],
    problems: [
      ...manifests.problems,
      ...manifests.empty
        .filter(({ file }) => !searched.has(file))
        .map((one) => (as === undefined ? nothingAt(one) : one)),
      ...examined.problems,
      ...specs.problems,
      ...described.problems,
      ...(as === 'spec' ? emptyOf(paths, asSpecs) : []),
    ],
    incomplete: tooLittle || code?.incomplete === true || live?.incomplete === true,
    ...(counts === undefined ? {} : { examined: counts }),
    ...(options.suppressions === undefined ? {} : { suppressions: options.suppressions }),
  })
  return { report, sources }
}

type FindSpecsOptions = Parameters<typeof findSpecs>[1]

async function specsIn(paths: readonly string[], options: FindSpecsOptions): Promise<SpecFiles> {
  const { findSpecs } = await import('./spec/spec-files.ts')
  return findSpecs(paths, options)
}

interface Descriptions {
  readonly described: ReadSpecs
  readonly routes: readonly string[]
  examine(others: readonly ExaminedSurface[], routes: readonly CodeRoute[]): readonly ExaminedSurface[]
}

const NO_DESCRIPTIONS: Descriptions = {
  described: { documents: [], problems: [], warnings: [] },
  routes: [],
  examine: () => [],
}

async function readDescriptions(
  paths: readonly string[],
  { sources }: SpecFiles,
  { followFiles, onProgress }: ScanOptions,
): Promise<Descriptions> {
  const { describedRoutes, examineSpecs, readSpecs } = await import('./spec/examine-specs.ts')
  const { pipelineChecks } = await import('./spec/pipeline-check.ts')
  const { readerBeside } = await import('./spec/spec-files.ts')
  const described = readSpecs(sources, {
    readBeside: followFiles === true ? readerBeside(paths) : undefined,
    onProgress,
  })
  return {
    described,
    routes: describedRoutes(described.documents),
    examine: (others, routes) => examineSpecs(described.documents, others, routes, pipelineChecks(paths)),
  }
}

function holdsAny(path: string, files: ReadonlySet<string>): boolean {
  const folder = path === '.' ? '' : `${slashed(path).replace(/\/$/, '')}/`
  return [...files].some((file) => file === slashed(path) || file.startsWith(folder))
}

function emptyOf(paths: readonly string[], files: ReadonlySet<string>): readonly Message[] {
  return paths
    .filter((path) => !holdsAny(path, files))
    .map((path) => ({ file: slashed(path), line: 1, column: 1, message: 'There is no description here.' }))
}

/** Of everything that could have stood here nothing does. */
function nothingAt(empty: Message): Message {
  return empty.message === NO_MANIFEST ? { ...empty, message: NOTHING } : empty
}
const NOTHING =
  'There is nothing to examine here: no source code, no OpenAPI or AsyncAPI description and no manifest. ' +
  'What is built, generated or installed (dist, build, node_modules and the like) is passed over.'

function slashed(path: string): string {
  return path.split(sep).join('/')
}

function hasPart({ location, evidence }: ExaminedSurface, changed: ReadonlySet<string> | undefined): boolean {
  if (changed === undefined || (location !== undefined && changed.has(location.file))) return true
  return evidence.some((piece) => piece.location !== undefined && changed.has(piece.location.file))
}

function examinedOf({ counts }: CodeScan): ExaminedCode {
  const understood = counts.characters === 0 ? 1 : 1 - counts.unparsed / counts.characters
  return {
    files: counts.files,
    candidates: counts.candidates,
    parsed: counts.parsed,
    parseCoverage: Math.floor(understood * 100),
    skipped: [...counts.skipped].sort(([a], [b]) => (a < b ? -1 : 1)).map(([why, count]) => ({ why, count })),
  }
}
