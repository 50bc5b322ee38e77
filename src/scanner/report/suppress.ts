/**
 * What people decided about findings: severities of their own, waivers, inline ignores, a baseline.
 *
 * A suppressed finding leaves the score and the exit code and stays in the report with who or what suppressed it;
 * the surface's decision stays as the evidence made it. What suppresses nothing any more is listed as stale.
 */
import type { Severity } from '../../catalogue/severity.ts'
import { type Baseline, mayBeBaselined } from './baseline.ts'
import { matchesGlob } from './glob.ts'
import { findIgnores, type InlineIgnore, ignoreCovers } from './ignores.ts'
import type { ReportFinding, ReportSurface, Stale, SuppressedFinding } from './report-types.ts'

export interface Waiver {
  readonly rule: string
  /** Surface id or file, as a glob; all when missing. */
  readonly surface: string | undefined
  readonly path: string | undefined
  readonly reason: string
  /** The last day on which it holds, `YYYY-MM-DD`. */
  readonly expires: string
}

export type SeverityOverride = Severity | 'off'

export interface Suppressions {
  /** Today as `YYYY-MM-DD`: expiry is the only thing in a report that looks at a date. */
  readonly today: string
  readonly severities: ReadonlyMap<string, SeverityOverride>
  readonly excludedPaths: readonly string[]
  readonly waivers: readonly Waiver[]
  readonly baseline: Baseline
}

export interface SuppressionOutcome {
  readonly surfaces: readonly ReportSurface[]
  readonly suppressed: readonly SuppressedFinding[]
  readonly stale: readonly Stale[]
}

const NONE: Suppressions = { today: '0000-01-01', severities: new Map(), excludedPaths: [], waivers: [], baseline: [] }

export function applySuppressions(
  surfaces: readonly ReportSurface[],
  suppressions: Suppressions | undefined,
  sources: ReadonlyMap<string, string>,
): SuppressionOutcome {
  const given = suppressions ?? NONE
  const ignores = [...sources].flatMap(([file, text]) => findIgnores(text, file))
  const book = new SuppressionBook(given, ignores)
  const kept = surfaces
    .filter((surface) => !excluded(surface.file, given.excludedPaths))
    .map((surface) => ({ ...surface, findings: surface.findings.flatMap((finding) => book.keep(surface, finding)) }))
  return { surfaces: kept, suppressed: book.suppressed, stale: book.stale() }
}

class SuppressionBook {
  readonly suppressed: SuppressedFinding[] = []
  readonly #given: Suppressions
  readonly #ignores: readonly InlineIgnore[]
  readonly #used = new Set<unknown>()
  readonly #baseline = new Set<string>()

  constructor(given: Suppressions, ignores: readonly InlineIgnore[]) {
    this.#given = given
    this.#ignores = ignores
    for (const entry of given.baseline) this.#baseline.add(entry.fingerprint)
  }

  keep(surface: ReportSurface, finding: ReportFinding): readonly ReportFinding[] {
    const severity = this.#given.severities.get(finding.rule) ?? this.#given.severities.get(finding.control)
    if (severity === 'off') return this.#suppress(surface, finding, 'config', 'switched off in the configuration')
    const judged = severity === undefined ? finding : { ...finding, severity }
    const ignore = this.#ignores.find(
      (one) => one.reason !== '' && holds(one.until, this.#given.today) && ignoreCovers(one, finding),
    )
    if (ignore !== undefined) return this.#suppress(surface, judged, 'inline', ignore.reason, ignore)
    const waiver = this.#given.waivers.find(
      (one) => holds(one.expires, this.#given.today) && waiverCovers(one, surface, finding),
    )
    if (waiver !== undefined) return this.#suppress(surface, judged, 'waiver', waiver.reason, waiver)
    if (this.#baseline.has(finding.fingerprint) && mayBeBaselined(finding)) {
      return this.#suppress(surface, judged, 'baseline', 'in the baseline', finding.fingerprint)
    }
    return [judged]
  }

  stale(): readonly Stale[] {
    const { waivers, baseline, today } = this.#given
    return [
      ...waivers.flatMap((waiver): readonly Stale[] => {
        const what = `${waiver.rule}${waiver.surface === undefined ? '' : ` on ${waiver.surface}`}: ${waiver.reason}`
        if (!holds(waiver.expires, today))
          return [{ kind: 'waiver-expired', what: `${what} (until ${waiver.expires})`, file: null, line: null }]
        return this.#used.has(waiver) ? [] : [{ kind: 'waiver', what, file: null, line: null }]
      }),
      ...this.#ignores.flatMap((ignore): readonly Stale[] => {
        const where = { what: ignore.rules.join(','), file: ignore.file, line: ignore.line }
        if (ignore.reason === '') return [{ kind: 'inline-without-reason', ...where }]
        if (!holds(ignore.until, today)) return [{ kind: 'inline-expired', ...where }]
        return this.#used.has(ignore) ? [] : [{ kind: 'inline', ...where }]
      }),
      ...baseline
        .filter((entry) => !this.#used.has(entry.fingerprint))
        .map(
          (entry): Stale => ({ kind: 'baseline', what: `${entry.rule} on ${entry.surface}`, file: null, line: null }),
        ),
    ]
  }

  #suppress(
    surface: ReportSurface,
    finding: ReportFinding,
    by: SuppressedFinding['by'],
    reason: string,
    used?: unknown,
  ): readonly [] {
    if (used !== undefined) this.#used.add(used)
    this.suppressed.push({ surface: surface.id, finding, by, reason })
    return []
  }
}

function waiverCovers(waiver: Waiver, surface: ReportSurface, finding: ReportFinding): boolean {
  if (waiver.rule !== finding.rule && waiver.rule !== finding.control) return false
  if (waiver.surface !== undefined && !matchesGlob(surface.id, waiver.surface)) return false
  return waiver.path === undefined || matchesGlob(finding.file ?? surface.file ?? '', waiver.path)
}

function excluded(file: string | null, globs: readonly string[]): boolean {
  return file !== null && globs.some((glob) => matchesGlob(file, glob))
}

/** Dates in this form compare as text. */
function holds(until: string | undefined, today: string): boolean {
  return until === undefined || until >= today
}
