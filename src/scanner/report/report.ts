/**
 * The report: every decision with the evidence it rests on, ready to be written in any format.
 *
 * Built once from examined surfaces; the writers beside this file only lay it out. The same input gives the same
 * bytes: nothing here reads a clock, a locale or the order in which examiners finished. An incomplete scan has no
 * score, and a problem with the input has no verdict.
 */
import { CATALOGUE_VERSION, CONTROL_ORDER, controlOf } from '../../catalogue/catalogue.ts'
import { type Decision, decideSurface, type SurfaceDecision, worstDecision } from '../../catalogue/decide.ts'
import type { Evidence, ExaminedSurface, Location } from '../../catalogue/evidence.ts'
import type { Finding } from '../../catalogue/finding.ts'
import { compareText } from '../../catalogue/order.ts'
import { isScored, SCORE_VERSION, scoreOf, surfaceScore } from '../../catalogue/score.ts'
import { PROOF_LEVELS, type ProofLevel } from '../../catalogue/terms.ts'
import { withCauses } from './causes.ts'
import { fingerprints } from './fingerprint.ts'
import {
  type ExaminedCode,
  type Message,
  REPORT_SCHEMA_VERSION,
  type Report,
  type ReportEvidence,
  type ReportFinding,
  type ReportSurface,
} from './report-types.ts'
import { applySuppressions, type Suppressions } from './suppress.ts'

export interface ReportInput {
  readonly surfaces: readonly ExaminedSurface[]
  readonly version: string
  /** Text of the examined files, for fingerprints, inline ignores and code frames. */
  readonly sources: ReadonlyMap<string, string>
  readonly warnings?: readonly Message[]
  readonly problems?: readonly Message[]
  readonly incomplete?: boolean
  readonly examined?: ExaminedCode
  readonly suppressions?: Suppressions
}

export function buildReport(input: ReportInput): Report {
  const problems = [...(input.problems ?? [])].sort(compareMessages)
  const incomplete = input.incomplete === true || problems.length > 0
  const decided = input.surfaces.map((surface) => ({ surface, decided: decideSurface(surface) }))
  const raw = decided.map(({ surface, decided: one }) => reportSurface(surface, one, input.sources))
  const { surfaces, suppressed, stale } = applySuppressions(raw, input.suppressions, input.sources)
  const scored = surfaces
    .map((surface) => ({ ...surface, score: isScored(surface) ? surfaceScore(surface.findings) : null }))
    .sort(compareSurfaces)
  const { score, grade, coverage } = scoreOf(scored, incomplete)
  const decision =
    problems.length > 0 && scored.length === 0
      ? 'not evaluable'
      : worstDecision(scored.map((surface) => surface.decision))
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    tool: { name: 'postern', version: input.version, catalogue: CATALOGUE_VERSION, score: SCORE_VERSION },
    decision,
    proof: weakestProof(scored, decision),
    score,
    grade,
    coverage,
    incomplete,
    examined: input.examined ?? null,
    surfaces: scored,
    notEvaluable: scored
      .filter((surface) => surface.decision === 'not evaluable')
      .map((surface) => ({ id: surface.id, missing: surface.missing.map((one) => one.artefact) })),
    suppressed,
    stale,
    warnings: [...(input.warnings ?? [])].sort(compareMessages),
    problems,
  }
}

function reportSurface(
  surface: ExaminedSurface,
  decided: SurfaceDecision,
  sources: ReadonlyMap<string, string>,
): ReportSurface {
  const prints = fingerprints(surface.id, decided.findings, sources)
  return {
    id: surface.id,
    style: surface.style,
    framework: surface.framework ?? null,
    route: surface.route ?? null,
    file: surface.location?.file ?? null,
    line: surface.location?.line ?? null,
    decision: decided.decision,
    proof: decided.proof,
    score: null,
    coverage: decided.coverage,
    evidence: [...surface.evidence].sort(compareEvidence).map(reportEvidence),
    findings: withCauses(
      decided.findings.map((finding, index) => reportFinding(finding, prints[index] ?? '')),
      surface.probes ?? [],
    ),
    controls: decided.controls,
    missing: decided.missing,
    residualRisk: decided.residualRisk,
    probes: surface.probes ?? [],
  }
}

function reportFinding(finding: Finding, fingerprint: string): ReportFinding {
  const { owasp, cwe } = controlOf(finding.control)
  return {
    rule: finding.rule,
    control: finding.control,
    gates: finding.gates,
    kind: finding.kind,
    severity: finding.severity,
    confidence: finding.confidence,
    message: finding.message,
    ...place(finding.location),
    trace: finding.trace,
    fix: finding.fix ?? null,
    owasp,
    cwe,
    cause: null,
    fingerprint,
  }
}

function reportEvidence(piece: Evidence): ReportEvidence {
  return {
    control: piece.control,
    state: piece.state,
    place: piece.place,
    source: piece.source,
    detail: piece.detail,
    ...place(piece.location),
    stated: piece.stated ?? null,
    verification: piece.verification ?? null,
  }
}

function place(location: Location | undefined): Pick<ReportEvidence, 'file' | 'line' | 'column'> {
  return { file: location?.file ?? null, line: location?.line ?? null, column: location?.column ?? null }
}

function weakestProof(surfaces: readonly ReportSurface[], decision: Decision): ProofLevel {
  const levels = surfaces
    .filter((surface) => surface.decision === decision)
    .map((surface) => PROOF_LEVELS.indexOf(surface.proof))
  return levels.length === 0 ? 'none' : (PROOF_LEVELS[Math.min(...levels)] ?? 'none')
}

function compareEvidence(a: Evidence, b: Evidence): number {
  return (
    (CONTROL_ORDER.get(a.control) ?? 0) - (CONTROL_ORDER.get(b.control) ?? 0) ||
    compareText(a.location?.file ?? '', b.location?.file ?? '') ||
    (a.location?.line ?? 0) - (b.location?.line ?? 0) ||
    (a.location?.column ?? 0) - (b.location?.column ?? 0) ||
    compareText(`${a.source}${a.state}${a.place}${a.detail}`, `${b.source}${b.state}${b.place}${b.detail}`)
  )
}

function compareSurfaces(a: ReportSurface, b: ReportSurface): number {
  return compareText(a.file ?? '', b.file ?? '') || (a.line ?? 0) - (b.line ?? 0) || compareText(a.id, b.id)
}

function compareMessages(a: Message, b: Message): number {
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.message, b.message)
}
