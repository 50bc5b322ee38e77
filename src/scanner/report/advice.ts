/** What is said beside a finding: the rule that made it knows the case, the control only the kind. */
import { controlOf } from '../../catalogue/catalogue.ts'
import { ruleOf } from '../rules/registry.ts'
import type { ReportFinding } from './report-types.ts'

export function adviceFor({ rule, control }: Pick<ReportFinding, 'rule' | 'control'>): {
  readonly why: string
  readonly fix: string
} {
  const own = ruleOf(rule)
  if (own !== undefined) return { why: own.why, fix: own.fix.any }
  const { why, remediation } = controlOf(control)
  return { why: why.join(' '), fix: remediation.any }
}
