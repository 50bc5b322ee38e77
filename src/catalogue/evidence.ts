/**
 * What examiners hand in: one statement about one control of one surface, with where it was seen and how.
 *
 * Absent is not unknown: "absent" says an examiner looked where the control would be and it is not there;
 * no evidence at all, or "unknown", says nobody looked. A manifest key that is missing produces no evidence.
 */
import type { ControlId } from './catalogue.ts'
import type { Severity } from './severity.ts'
import type { SurfaceStyle, Traits } from './surfaces.ts'
import {
  type Confidence,
  EVIDENCE_SOURCES,
  type EvidenceSource,
  type EvidenceState,
  type Place,
  type ProofLevel,
} from './terms.ts'

/** How a manifest said it: `false`, `null` and an empty list are three different statements. */
export type Stated = 'value' | 'false' | 'null' | 'empty'

export interface Location {
  readonly file: string
  /** From 1, as editors count. */
  readonly line: number
  readonly column: number
}

export interface TraceStep extends Location {
  readonly message: string
}

/** The characters from there to the end, which is not included, become `replacement`; columns in UTF-16 units. */
export interface TextEdit extends Location {
  readonly endLine: number
  readonly endColumn: number
  readonly replacement: string
}

/** A change after which the finding is gone and nothing new is found: it was tried. */
export interface Fix {
  readonly description: string
  /** Of the files as they were examined; no two of them overlap. */
  readonly edits: readonly TextEdit[]
}

export interface Evidence {
  readonly control: ControlId
  readonly state: EvidenceState
  readonly place: Place
  readonly source: EvidenceSource
  /** One plain sentence without secrets; becomes the finding's message when the state is bad. */
  readonly detail: string
  readonly location?: Location
  /** The key, rule or probe that said so; two pieces with the same control and rule make one finding. */
  readonly rule?: string
  readonly stated?: Stated
  /** What was done to be sure, such as a test's name or a probe. */
  readonly verification?: string
  readonly confidence?: Confidence
  /** When the rule knows better than the control, for example because money moves. */
  readonly severity?: Severity
  readonly trace?: readonly TraceStep[]
  readonly fix?: Fix
}

/** What was seen of the interface itself, for comparing its description with it; what was not looked at is left out. */
export interface Observed {
  /** Whether a caller without any credential gets in. */
  readonly authentication?: 'demanded' | 'none'
  /** Of answers, such as `201`. */
  readonly statuses?: readonly string[]
  /** Media types of requests that are taken, and of answers; lower case, without parameters. */
  readonly requestTypes?: readonly string[]
  readonly responseTypes?: readonly string[]
  /** Headers and query parameters that have an influence; header names in lower case. */
  readonly inputs?: readonly { readonly in: 'header' | 'query' | 'cookie'; readonly name: string }[]
  /** Names of fields in answers. */
  readonly fields?: readonly string[]
}

/** One request of a probe and its answer as text, without secrets and bounded. */
export interface ProbeExchange {
  readonly request: string
  readonly response: string
}

/** A probe that ran against a live surface: what it asked, what came back, and how that was read. */
export interface ProbeRecord {
  readonly probe: string
  readonly title: string
  /** Probes that, where they found something, found the cause of what this one found; the most telling first. */
  readonly follows: readonly string[]
  readonly verdicts: readonly {
    readonly standing: 'sound' | 'faulty' | 'unclear' | 'not-applicable'
    readonly control: ControlId
    readonly confidence: Confidence
    readonly detail: string
    /** What would settle an unclear one. */
    readonly next: string | null
    /** Which of the exchanges shows it. */
    readonly exchange: number | null
  }[]
  readonly exchanges: readonly ProbeExchange[]
}

/** A surface as examined; several examiners' evidence for the same surface is concatenated. */
export interface ExaminedSurface {
  readonly id: string
  readonly style: SurfaceStyle
  readonly framework?: string
  readonly route?: string
  readonly location?: Location
  readonly traits: Traits
  readonly evidence: readonly Evidence[]
  readonly observed?: Observed
  /** Further operations of the same thing that were asked, such as the status of a job. */
  readonly steps?: readonly { readonly route: string; readonly observed: Observed }[]
  /** Artefacts the examiner knows it did not get, such as `webhook_registry`. */
  readonly missingArtifacts: readonly string[]
  /** What was sent to it, when it was examined live. */
  readonly probes?: readonly ProbeRecord[]
}

export function trustOf(source: EvidenceSource): number {
  return EVIDENCE_SOURCES.indexOf(source)
}

export function proofOf(source: EvidenceSource): ProofLevel {
  if (source === 'live') return 'observed'
  return source === 'code' || source === 'spec' ? 'read' : 'attested'
}
