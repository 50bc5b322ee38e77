/**
 * The score: how far from clean, from 0 to 100, beside the coverage that says how much was decided at all.
 *
 * The formula is public and versioned (docs/score.md, whose vectors the tests run). Missing evidence lowers
 * coverage and never the score; a finding lowers the score and a bad one caps it, so that many good surfaces
 * cannot hide one that is broken.
 */
import type { SurfaceDecision } from './decide.ts'
import type { Finding } from './finding.ts'
import { type Severity, severityRank, worseOf } from './severity.ts'

export const SCORE_VERSION = '1'

/** Taken off a surface once per failing control, by the worst severity found there. */
export const DEDUCTIONS: Readonly<Record<Severity, number>> = { critical: 40, high: 20, medium: 8, low: 3, info: 0 }

/** The best score that a surface, and a whole run, can have with a finding of that severity. */
export const CAPS: Readonly<Record<Severity, number>> = { critical: 39, high: 59, medium: 79, low: 94, info: 100 }

export const GRADES = [
  { grade: 'A', from: 90 },
  { grade: 'B', from: 80 },
  { grade: 'C', from: 70 },
  { grade: 'D', from: 60 },
  { grade: 'F', from: 0 },
] as const
export type Grade = (typeof GRADES)[number]['grade']

/** Below it there is no A: too little was looked at. */
export const COVERAGE_FOR_A = 80

export interface Score {
  /** `null` when no surface could be judged: nothing is not a hundred. */
  readonly score: number | null
  readonly grade: Grade | null
  /** Percent of the decisive controls that were decided, over all surfaces; rounded down. */
  readonly coverage: number
}

type Weighed = Pick<Finding, 'control' | 'severity'>

interface Scored extends Pick<SurfaceDecision, 'decision' | 'coverage'> {
  readonly findings: readonly Weighed[]
}

/** @param incomplete True when the scan did not finish; it then has no score, however good the part looked. */
export function scoreOf(surfaces: readonly Scored[], incomplete = false): Score {
  const coverage = coverageOf(surfaces)
  const judged = surfaces.filter(isScored)
  if (incomplete || judged.length === 0) return { score: null, grade: null, coverage }
  const mean = judged.reduce((sum, surface) => sum + surfaceScore(surface.findings), 0) / judged.length
  const score = Math.min(Math.floor(mean), CAPS[worstSeverity(judged.flatMap((surface) => surface.findings))])
  return { score, grade: gradeOf(score, coverage), coverage }
}

export function surfaceScore(findings: readonly Weighed[]): number {
  const worst = new Map<string, Severity>()
  for (const finding of findings) {
    worst.set(finding.control, worseOf(worst.get(finding.control) ?? 'info', finding.severity))
  }
  const deducted = [...worst.values()].reduce((sum, severity) => sum + DEDUCTIONS[severity], 0)
  return Math.max(0, Math.min(100 - deducted, CAPS[worstSeverity(findings)]))
}

export function gradeOf(score: number, coverage: number): Grade {
  const grade = GRADES.find(({ from }) => score >= from)?.grade ?? 'F'
  return grade === 'A' && coverage < COVERAGE_FOR_A ? 'B' : grade
}

function coverageOf(surfaces: readonly Scored[]): number {
  const decided = surfaces.reduce((sum, surface) => sum + surface.coverage.decided, 0)
  const needed = surfaces.reduce((sum, surface) => sum + surface.coverage.needed, 0)
  return needed === 0 ? 0 : Math.floor((100 * decided) / needed)
}

/** A surface that cannot be judged says nothing, unless something was found on it all the same. */
export function isScored({ decision, findings }: Omit<Scored, 'coverage'>): boolean {
  return decision !== 'not evaluable' || findings.some((finding) => severityRank(finding.severity) > 0)
}

function worstSeverity(findings: readonly Weighed[]): Severity {
  return findings.reduce<Severity>((worst, finding) => worseOf(worst, finding.severity), 'info')
}
