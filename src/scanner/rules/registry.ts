/** Every rule, whichever examiner it belongs to: what `postern explain`, docs/rules and SARIF know. */
import { RULES as CODE_RULES } from '../code/rules/registry.ts'
import { SPEC_RULES } from '../spec/rules/registry.ts'
import type { RuleText } from './rule-text.ts'

export const ALL_RULES: readonly RuleText[] = [...CODE_RULES, ...SPEC_RULES]

export function ruleOf(id: string): RuleText | undefined {
  return ALL_RULES.find((rule) => rule.id === id)
}
