import { PosternError } from '../../../base/model/errors.ts'
import { CONTROLS, controlOf, isControlId } from '../../../catalogue/catalogue.ts'
import { explain } from '../../../catalogue/explain.ts'
import { GATES } from '../../../catalogue/gates.ts'
import { probeOf, probePage } from '../../../scanner/live/probes/page.ts'
import { PROBES } from '../../../scanner/live/probes/registry.ts'
import { nearestWord } from '../../../scanner/manifest/nearest.ts'
import { rulePage } from '../../../scanner/rules/page.ts'
import { ALL_RULES, ruleOf } from '../../../scanner/rules/registry.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson, shown } from '../output.ts'

/** With --json a control, a rule or a probe is its data, and a gate its page. */
export async function explainId(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const id = args[0] ?? ''
  const rule = ruleOf(id)
  const probe = rule === undefined ? probeOf(id) : undefined
  const page = rule !== undefined ? rulePage(rule) : probe !== undefined ? probePage(probe) : explain(id)
  if (page === undefined) {
    const near = nearestWord(id, [...CONTROLS, ...ALL_RULES, ...PROBES].map((one) => one.id).concat(Object.keys(GATES)))
    throw new PosternError(
      'VALIDATION_ERROR',
      `There is no control, rule, probe or gate ${shown(id)}${near === undefined ? '; docs/controls, docs/rules and docs/probes list them' : `; did you mean ${near}?`}`,
    )
  }
  if (!context.json) context.stdout.write(page)
  else if (rule !== undefined) {
    printJson(context, Object.fromEntries(Object.entries(rule).filter(([key]) => key !== 'when')))
  } else if (probe !== undefined) printJson(context, probe)
  else if (isControlId(id)) printJson(context, controlOf(id))
  else printJson(context, { id, page })
  return 0
}
