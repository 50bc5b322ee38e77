/** A rule about descriptions: what it suspects in one operation, in a whole document, or between it and what is served. */
import type { ControlId } from '../../../catalogue/catalogue.ts'
import type { Location, TraceStep } from '../../../catalogue/evidence.ts'
import type { Severity } from '../../../catalogue/severity.ts'
import type { Confidence } from '../../../catalogue/terms.ts'
import type { RuleText } from '../../rules/rule-text.ts'
import type { Drift } from '../drift.ts'
import type { SpecDocument, SpecSurface } from '../model.ts'

export interface SpecSuspicion {
  readonly at: Location
  /** One plain sentence that names what is wrong there. */
  readonly message: string
  /** Where the same fault is a matter of another control. */
  readonly control?: ControlId
  readonly severity?: Severity
  readonly confidence?: Confidence
  readonly trace?: readonly TraceStep[]
}

export interface SpecRule extends RuleText {
  /** Several operations may share the place, such as a schema: it is named at the first of them. */
  readonly once?: boolean
  /**
   * It suspects from what the document leaves out: where something else shows the control, the document is merely
   * silent and the suspicion is dropped.
   */
  readonly fromSilence?: boolean
  /** In one operation, event, callback or channel of one of `styles`. */
  readonly when?: (surface: SpecSurface) => readonly SpecSuspicion[]
  /** In the document as a whole, which is a surface of style `hybrid`. */
  readonly whenDocument?: (document: SpecDocument) => readonly SpecSuspicion[]
  /** Between the document and what is served. */
  readonly whenDrift?: (drift: Drift) => readonly SpecSuspicion[]
}

export function defineSpecRule(rule: SpecRule): SpecRule {
  return rule
}
