/** A rule of the code scanner: what it suspects in the facts of one surface. */
import type { ControlId } from '../../../catalogue/catalogue.ts'
import type { Severity } from '../../../catalogue/severity.ts'
import type { Confidence } from '../../../catalogue/terms.ts'
import type * as text from '../../rules/rule-text.ts'
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

export type BadExample = text.BadExample<Language>
export type GoodExample = text.GoodExample<Language>

export interface RuleDefinition extends text.RuleText<Language> {
  readonly when: (surface: ClassifiedSurface) => readonly Suspicion[]
}

export function defineRule(rule: RuleDefinition): RuleDefinition {
  return rule
}
