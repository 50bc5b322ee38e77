/** What a report is made of; docs/schemas/report.schema.json is the same in JSON Schema. */
import type { ControlId } from '../../catalogue/catalogue.ts'
import type { Decision } from '../../catalogue/decide.ts'
import type { Fix, ProbeRecord, Stated, TraceStep } from '../../catalogue/evidence.ts'
import type { FindingKind } from '../../catalogue/finding.ts'
import type { GateId } from '../../catalogue/gates.ts'
import type { ControlVerdict, Missing } from '../../catalogue/judge.ts'
import type { OwaspId } from '../../catalogue/references.ts'
import type { Grade } from '../../catalogue/score.ts'
import type { Severity } from '../../catalogue/severity.ts'
import type { SurfaceStyle } from '../../catalogue/surfaces.ts'
import type { Confidence, EvidenceSource, EvidenceState, Place, ProofLevel } from '../../catalogue/terms.ts'

export const REPORT_SCHEMA_VERSION = 1

export interface ReportEvidence {
  readonly control: ControlId
  readonly state: EvidenceState
  readonly place: Place
  readonly source: EvidenceSource
  readonly detail: string
  readonly file: string | null
  readonly line: number | null
  readonly column: number | null
  readonly stated: Stated | null
  readonly verification: string | null
}

export interface ReportFinding {
  readonly rule: string
  readonly control: ControlId
  readonly gates: readonly GateId[]
  readonly kind: FindingKind
  readonly severity: Severity
  readonly confidence: Confidence
  readonly message: string
  readonly file: string | null
  readonly line: number | null
  readonly column: number | null
  readonly trace: readonly TraceStep[]
  /** `null` where no change is known that is sure to be right. */
  readonly fix: Fix | null
  readonly owasp: readonly OwaspId[]
  readonly cwe: readonly number[]
  /** Fingerprint of the finding of the same surface that this one follows from; `null` where it stands for itself. */
  readonly cause: string | null
  /** Of content, not of position: a baseline survives lines that move. */
  readonly fingerprint: string
}

export interface ReportSurface {
  readonly id: string
  readonly style: SurfaceStyle
  readonly framework: string | null
  readonly route: string | null
  readonly file: string | null
  readonly line: number | null
  readonly decision: Decision
  readonly proof: ProofLevel
  /** `null` where nothing could be judged and nothing was found. */
  readonly score: number | null
  readonly coverage: { readonly decided: number; readonly needed: number }
  readonly evidence: readonly ReportEvidence[]
  readonly findings: readonly ReportFinding[]
  readonly controls: readonly ControlVerdict[]
  readonly missing: readonly Missing[]
  readonly residualRisk: readonly string[]
  /** What was sent to it and what came back, when it was examined live. */
  readonly probes: readonly ProbeRecord[]
}

export interface Message {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** What was read of source code, so that a clean answer says what it covers. */
export interface ExaminedCode {
  readonly files: number
  /** Files in which a back gate may be declared. */
  readonly candidates: number
  readonly parsed: number
  /** Percent of the characters of the parsed files that their grammar understood. */
  readonly parseCoverage: number
  readonly skipped: readonly { readonly why: string; readonly count: number }[]
}

export interface Report {
  readonly schemaVersion: typeof REPORT_SCHEMA_VERSION
  readonly tool: {
    readonly name: 'postern'
    readonly version: string
    readonly catalogue: string
    readonly score: string
  }
  readonly decision: Decision
  readonly proof: ProofLevel
  readonly score: number | null
  readonly grade: Grade | null
  readonly coverage: number
  /** True when something was not examined that should have been; such a run never passes. */
  readonly incomplete: boolean
  /** `null` where no source code was examined. */
  readonly examined: ExaminedCode | null
  readonly surfaces: readonly ReportSurface[]
  readonly notEvaluable: readonly { readonly id: string; readonly missing: readonly string[] }[]
  readonly suppressed: readonly SuppressedFinding[]
  readonly stale: readonly Stale[]
  readonly warnings: readonly Message[]
  /** Input that could not be judged; with any, there is no verdict. */
  readonly problems: readonly Message[]
}

export interface SuppressedFinding {
  readonly surface: string
  readonly finding: ReportFinding
  readonly by: 'waiver' | 'inline' | 'baseline' | 'config'
  readonly reason: string
}

export interface Stale {
  readonly kind: 'waiver' | 'waiver-expired' | 'inline' | 'inline-expired' | 'inline-without-reason' | 'baseline'
  readonly what: string
  readonly file: string | null
  readonly line: number | null
}
