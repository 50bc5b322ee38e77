/**
 * Compares a report with a label: which faults were named, which were missed, what was said that is not so.
 *
 * A finding answers a label when rule and file agree and its line is within two of the labelled line or of one of its
 * `also` lines. Further findings of that rule at those places are repeats: listed, counted as neither right nor wrong,
 * because one flawed helper may rightly be reported at each surface that uses it.
 */
import type { LabelledCase } from './corpus.ts'

/** The part of `postern scan --format json` that is judged; a report has more. */
export interface ScanReport {
  readonly surfaces: readonly ReportedSurface[]
}

interface ReportedSurface {
  readonly style: string
  readonly framework?: string | null
  readonly route?: string | null
  readonly file?: string | null
  readonly findings: readonly ReportedFinding[]
}

interface ReportedFinding {
  readonly rule?: string | null
  readonly file?: string | null
  readonly line?: number | null
}

export interface Place {
  readonly rule: string
  readonly file: string
  readonly line: number
}

export interface Verdict {
  readonly case: LabelledCase
  readonly hits: readonly Place[]
  readonly misses: readonly Place[]
  /** `named`: the label says in so many words that this rule would be wrong here. */
  readonly falseAlarms: readonly (Place & { readonly named: string | undefined })[]
  readonly tolerated: readonly Place[]
  readonly repeats: readonly Place[]
  readonly surfaces: { readonly found: number; readonly missed: readonly string[] }
}

type Expected = LabelledCase['findings'][number]

const LINE_TOLERANCE = 2

export function judge(labelled: LabelledCase, report: ScanReport): Verdict {
  const reported = report.surfaces.flatMap(({ findings }) => findings).map(placeOf)
  const answers = assign(labelled.findings, reported)
  const answering = new Set(answers.values())
  const others = reported.filter((finding) => !answering.has(finding))
  const repeats = others.filter((finding) => labelled.findings.some((one) => distance(one, finding) !== undefined))
  const unexpected = others.filter((finding) => !repeats.includes(finding))
  const isTolerated = ({ rule }: Place) =>
    (labelled.tolerated as readonly string[] | undefined)?.includes(rule) ?? false
  const missedSurfaces = labelled.surfaces.filter((surface) => !report.surfaces.some((one) => isSame(surface, one)))
  return {
    case: labelled,
    hits: labelled.findings.filter((one) => answers.has(one)),
    misses: labelled.findings.filter((one) => !answers.has(one)),
    falseAlarms: unexpected
      .filter((finding) => !isTolerated(finding))
      .map((finding) => ({ ...finding, named: labelled.mustNot.find(({ rule }) => rule === finding.rule)?.why })),
    tolerated: unexpected.filter(isTolerated),
    repeats,
    surfaces: {
      found: labelled.surfaces.length - missedSurfaces.length,
      missed: missedSurfaces.map(({ style, route, file }) => `${style} ${route ?? file}`),
    },
  }
}

/** The nearest pairs first, so that two faults of one rule on neighbouring lines each get their own finding. */
function assign(expected: readonly Expected[], reported: readonly Place[]): Map<Expected, Place> {
  const pairs = expected
    .flatMap((one) => reported.map((finding) => ({ one, finding, far: distance(one, finding) })))
    .filter((pair): pair is typeof pair & { far: number } => pair.far !== undefined)
    .sort((a, b) => a.far - b.far)
  const answers = new Map<Expected, Place>()
  const used = new Set<Place>()
  for (const { one, finding } of pairs) {
    if (answers.has(one) || used.has(finding)) continue
    answers.set(one, finding)
    used.add(finding)
  }
  return answers
}

/** Lines between a finding and the nearest labelled line, or undefined when it does not answer the label at all. */
function distance(expected: Expected, { rule, file, line }: Place): number | undefined {
  if (rule !== expected.rule) return undefined
  const places = [
    { file: expected.file, line: expected.line },
    ...(expected.also ?? []).map((also) => (typeof also === 'number' ? { file: expected.file, line: also } : also)),
  ]
  const far = places
    .filter((place) => isPath(file, place.file))
    .map((place) => Math.abs(place.line - line))
    .filter((lines) => lines <= LINE_TOLERANCE)
  return far.length > 0 ? Math.min(...far) : undefined
}

function isSame(labelled: LabelledCase['surfaces'][number], reported: ReportedSurface): boolean {
  if (labelled.style !== reported.style) return false
  if (labelled.route === null) return isPath(reported.file ?? '', labelled.file)
  return reported.route != null && routeOf(reported.route).endsWith(routeOf(labelled.route))
}

/** `POST /a/:id/` and `/a/{id:int}` are one route: method and the spelling of parameters are the report's own business. */
function routeOf(route: string): string {
  return route
    .replace(/^[A-Z,|* ]+ (?=\/)/, '')
    .replace(/:[A-Za-z_]\w*(\([^)]*\))?|\{[^}]*\}|<[^>]*>|\[[^\]]*\]/g, '*')
    .replace(/^\^|\$$/g, '')
    .replace(/\/+$/, '')
}

/** Reports may say `app.py`, `./app.py` or the path from where the command was started. */
function isPath(reported: string, labelled: string): boolean {
  const path = reported.replaceAll('\\', '/').replace(/^\.\//, '')
  return path === labelled || path.endsWith(`/${labelled}`)
}

function placeOf({ rule, file, line }: ReportedFinding): Place {
  return { rule: rule ?? '(no rule)', file: file ?? '(no file)', line: line ?? 0 }
}
