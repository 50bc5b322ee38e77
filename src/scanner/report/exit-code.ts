/** What a run tells the shell. Precedence 3, 2, 4, 1, 0: a run that broke says nothing about security. */
import { atLeast, type Severity } from '../../catalogue/severity.ts'
import type { Report } from './report-types.ts'

export const EXIT_CODES = {
  clean: 0,
  /** The answer is no. */
  findings: 1,
  /** The command, the configuration or the input is wrong. */
  usage: 2,
  failed: 3,
  /** Too little was examined to say yes. */
  incomplete: 4,
} as const
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]

export interface Gate {
  /** The least severity that fails; `medium` is where a surface is vulnerable. */
  readonly failOn?: Severity | undefined
  readonly minScore?: number | undefined
  readonly minCoverage?: number | undefined
  /** Only changes were asked about: that none of them is a back gate is an answer. */
  readonly onlyChanges?: boolean
  /** Something of ours broke; the report may be partial. */
  readonly failed?: boolean
}

export const DEFAULT_FAIL_ON: Severity = 'medium'

export function exitCode(report: Report, gate: Gate = {}): ExitCode {
  if (gate.failed === true) return EXIT_CODES.failed
  if (report.problems.length > 0) return EXIT_CODES.usage
  if (isIncomplete(report, gate)) return EXIT_CODES.incomplete
  const threshold = gate.failOn ?? DEFAULT_FAIL_ON
  const fails = report.surfaces.some((surface) =>
    surface.findings.some((finding) => atLeast(finding.severity, threshold)),
  )
  const tooLow = gate.minScore !== undefined && (report.score ?? 0) < gate.minScore
  if (fails || tooLow) return EXIT_CODES.findings
  // A surface that is worse but tolerated (baseline, `failOn`) must not hide one beside it that is only claimed in part.
  const undecided = gate.minCoverage === undefined && report.surfaces.some(isUnprovenClaim)
  return undecided ? EXIT_CODES.incomplete : EXIT_CODES.clean
}

/**
 * A manifest claims to be the whole record, so one that leaves decisive controls out is incomplete. Code and
 * probes can never see everything; there `minCoverage` says how much is enough.
 */
function isIncomplete(report: Report, gate: Gate): boolean {
  if (report.incomplete) return true
  if (report.surfaces.length === 0) return gate.onlyChanges !== true
  if (gate.minCoverage !== undefined && report.coverage < gate.minCoverage) return true
  // Also beside a vulnerable one: 4 goes before 1, and mending what is known does not make the run a full answer.
  if (report.surfaces.some((surface) => surface.decision === 'not evaluable')) return true
  return report.decision === 'partial' && gate.minCoverage === undefined && report.surfaces.some(isUnprovenClaim)
}

function isUnprovenClaim(surface: Report['surfaces'][number]): boolean {
  return (
    surface.decision === 'partial' &&
    surface.evidence.every((piece) => piece.source === 'manifest' || piece.source === 'attestation')
  )
}
