import { PosternError } from '../../../base/model/errors.ts'
import { CONTROLS, controlOf, isControlId } from '../../../catalogue/catalogue.ts'
import { explain } from '../../../catalogue/explain.ts'
import { GATES } from '../../../catalogue/gates.ts'
import { nearestWord } from '../../../scanner/manifest/nearest.ts'
import { rulePage } from '../../../scanner/rules/page.ts'
import { ALL_RULES, ruleOf } from '../../../scanner/rules/registry.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson, shown } from '../output.ts'

/** With --json a control or a rule is its data, and a gate its page. */
export async function explainId(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const id = args[0] ?? ''
  const rule = ruleOf(id)
  const page = rule === undefined ? explain(id) : rulePage(rule)
  if (page === undefined) {
    const near = nearestWord(id, [...CONTROLS, ...ALL_RULES].map((one) => one.id).concat(Object.keys(GATES)))
    throw new PosternError(
      'VALIDATION_ERROR',
      `There is no control, rule or gate ${shown(id)}${near === undefined ? '; docs/controls and docs/rules list them' : `; did you mean ${near}?`}`,
    )
  }
  if (!context.json) context.stdout.write(page)
  else if (rule !== undefined) {
    printJson(context, Object.fromEntries(Object.entries(rule).filter(([key]) => key !== 'when')))
  } else if (isControlId(id)) printJson(context, controlOf(id))
  else printJson(context, { id, page })
  return 0
}
