/** What a reader does now, in order: a report that ends in findings leaves a newcomer alone with them. */
import { SEVERITIES } from '../../catalogue/severity.ts'
import { folded } from './causes.ts'
import { doubts } from './exchange.ts'
import type { Report, ReportSurface } from './report-types.ts'

const MAX_DOUBTS = 2

/** Sentences without a number before them. Empty when there is nothing to do. */
export function nextSteps(report: Report): readonly string[] {
  const unjudged = report.surfaces.filter(isUnjudged)
  return [
    ...unjudged.flatMap((surface) => doubts(surface).map(({ next }) => next ?? '')).filter((next) => next !== ''),
    ...mendFirst(report),
    ...settle(report.surfaces.filter((surface) => !unjudged.includes(surface))),
    ...attest(report.surfaces),
  ].filter((step, index, all) => all.indexOf(step) === index)
}

/** Whoever may was not let in, so that nothing means anything; what else is missing does not matter yet. */
export function isUnjudged({ decision, probes }: ReportSurface): boolean {
  return (
    decision === 'not evaluable' &&
    probes.some(
      ({ probe, verdicts }) => probe === 'genuine-request' && verdicts.some(({ standing }) => standing === 'unclear'),
    )
  )
}

function mendFirst({ surfaces }: Report): readonly string[] {
  const all = surfaces.flatMap((surface) => folded(surface.findings).map((one) => ({ surface, ...one })))
  const [worst] = all
    .filter(({ finding }) => finding.kind === 'failure')
    .toSorted(
      (a, b) =>
        SEVERITIES.indexOf(b.finding.severity) - SEVERITIES.indexOf(a.finding.severity) ||
        b.followers.length - a.followers.length,
    )
  if (worst === undefined) return []
  const { finding, followers, surface } = worst
  const more =
    followers.length === 0 ? '' : `; ${followers.length} more ${followers.length === 1 ? 'goes' : 'go'} with it`
  const where = surfaces.length === 1 ? '' : ` of ${surface.id}`
  return [`Mend ${finding.rule}${where} first${more}. What it is about: postern explain ${finding.rule}`]
}

/** What would settle most of what was asked and not told. */
function settle(surfaces: readonly ReportSurface[]): readonly string[] {
  const asked = new Map<string, Set<string>>()
  for (const surface of surfaces)
    for (const { probe, next } of doubts(surface))
      if (next !== null) asked.set(next, (asked.get(next) ?? new Set()).add(probe))
  return [...asked]
    .toSorted(([, a], [, b]) => b.size - a.size)
    .slice(0, MAX_DOUBTS)
    .map(([next, probes]) => `${next} (for ${[...probes].join(', ')})`)
}

/** Only somebody inside knows whether failures are logged. */
function attest(surfaces: readonly ReportSurface[]): readonly string[] {
  const isProbed = surfaces.some(({ probes, missing }) => probes.length > 0 && missing.length > 0)
  const isWritten = surfaces.some(({ evidence }) => evidence.some(({ source }) => source === 'manifest'))
  return isProbed && !isWritten && !surfaces.every(isUnjudged)
    ? ['Say in a manifest what cannot be seen from outside, and scan it beside: postern review --init']
    : []
}
