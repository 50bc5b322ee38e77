/**
 * `postern scan`: whatever the targets are, examined by who can, joined per surface, decided once.
 */
import type { ExaminedSurface } from '../catalogue/evidence.ts'
import { type CodeScan, holdsCode, isSource, scanCode } from './code/scan-code.ts'
import type { LiveScan } from './live/scan-live.ts'
import { examineTexts, type Review, type ReviewOptions, readManifests } from './manifest/review.ts'
import { matchesGlob } from './report/glob.ts'
import { joinSurfaces } from './report/join.ts'
import { buildReport } from './report/report.ts'
import type { ExaminedCode } from './report/report-types.ts'

export const TARGET_KINDS = ['code', 'manifest'] as const
export type TargetKind = (typeof TARGET_KINDS)[number]

export interface ScanOptions extends ReviewOptions {
  /** What the targets are; without it folders are searched for both. */
  readonly as: TargetKind | undefined
  /** Milliseconds, for time budgets. */
  readonly now: () => number
  /** Only surfaces that these files have a part in; everything is read all the same, to follow what they lead to. */
  readonly changed?: ReadonlySet<string> | undefined
  /** Percent of the parsed source that has to be understood. */
  readonly minParseCoverage?: number | undefined
  /** What was probed meanwhile; joined with the rest. */
  readonly live?: Pick<LiveScan, 'surfaces' | 'warnings' | 'incomplete'> | undefined
}

export async function scanPaths(paths: readonly string[], options: ScanOptions): Promise<Review> {
  const { live } = options
  const withCode = options.as === 'manifest' ? [] : await pathsWithCode(paths)
  const onlyCode = new Set(options.as === 'code' ? paths : withCode.filter((path) => isSource(path)))
  const manifests = await readManifests(
    paths.filter((path) => !onlyCode.has(path)),
    options,
  )
  const excluded = (file: string): boolean =>
    options.suppressions?.excludedPaths.some((glob) => matchesGlob(file, glob)) === true
  const code =
    withCode.length === 0
      ? undefined
      : await scanCode(withCode, { now: options.now, excluded, onProgress: options.onProgress })
  const examined = examineTexts(manifests.sources, options.onProgress)
  const searched = new Set(withCode)
  const counts = code === undefined ? undefined : examinedOf(code)
  const tooLittle = counts !== undefined && counts.parseCoverage < (options.minParseCoverage ?? 0)
  const sources = new Map([...manifests.sources, ...(code?.sources ?? [])])
  const report = buildReport({
    surfaces: joinSurfaces([...examined.surfaces, ...(code?.surfaces ?? []), ...(live?.surfaces ?? [])]).filter(
      (surface) => hasPart(surface, options.changed),
    ),
    version: options.version,
    sources,
    warnings: [...examined.warnings, ...(code?.warnings ?? []), ...(live?.warnings ?? [])],
    problems: [
      ...manifests.problems,
      ...manifests.empty.filter(({ file }) => !searched.has(file)),
      ...examined.problems,
    ],
    incomplete: tooLittle || code?.incomplete === true || live?.incomplete === true,
    ...(counts === undefined ? {} : { examined: counts }),
    ...(options.suppressions === undefined ? {} : { suppressions: options.suppressions }),
  })
  return { report, sources }
}

function hasPart({ location, evidence }: ExaminedSurface, changed: ReadonlySet<string> | undefined): boolean {
  if (changed === undefined || (location !== undefined && changed.has(location.file))) return true
  return evidence.some((piece) => piece.location !== undefined && changed.has(piece.location.file))
}

async function pathsWithCode(paths: readonly string[]): Promise<readonly string[]> {
  const holding = await Promise.all(paths.map(async (path) => ((await holdsCode(path)) ? [path] : [])))
  return holding.flat()
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
