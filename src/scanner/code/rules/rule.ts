/**
 * A rule: what it suspects in the facts of one surface, and everything a reader needs to judge and mend it.
 *
 * A rule carries its proof: without a bad and a good example it does not compile, and every example is scanned by
 * the tests and printed on the rule's page. `good` holds the shapes that look alike and are right.
 */
import type { ControlId } from '../../../catalogue/catalogue.ts'
import type { OwaspId } from '../../../catalogue/references.ts'
import type { Severity } from '../../../catalogue/severity.ts'
import type { SurfaceStyle } from '../../../catalogue/surfaces.ts'
import type { Confidence } from '../../../catalogue/terms.ts'
import type { ClassifiedSurface } from '../classify.ts'
import type { Place, TraceNote } from '../flow/facts.ts'
import type { Language } from '../parse/ir.ts'

export interface Suspicion {
  readonly at: Place
  /** One plain sentence that names what is wrong on that line; never a secret. */
  readonly message: string
  /** Where the same fault is a matter of another control. */
  readonly control?: ControlId
  readonly severity?: Severity
  readonly confidence?: Confidence
  readonly trace?: readonly TraceNote[]
}

export interface Example {
  readonly language: Language
  readonly code: string
  /** For `good`: why it is right although it looks alike. */
  readonly why?: string
}

export interface RuleDefinition {
  readonly id: string
  /** The control whose failure it shows. */
  readonly control: ControlId
  readonly title: string
  readonly severity: Severity
  readonly confidence: Confidence
  readonly cwe: readonly [number, ...number[]]
  readonly owasp: readonly [OwaspId, ...OwaspId[]]
  readonly styles: readonly [SurfaceStyle, ...SurfaceStyle[]]
  /** The attack and what it gains, in two or three sentences. */
  readonly why: string
  readonly fix: { readonly any: string } & Readonly<Record<string, string>>
  /** When the rule is wrong or silent on purpose. */
  readonly limits: string
  readonly when: (surface: ClassifiedSurface) => readonly Suspicion[]
  readonly bad?: readonly [Example, ...Example[]]
  readonly good?: readonly [Example, ...Example[]]
}

export function defineRule(rule: RuleDefinition): RuleDefinition {
  return rule
}
