import { PosternError } from '../../../base/model/errors.ts'
import { CONTROLS, controlOf, isControlId } from '../../../catalogue/catalogue.ts'
import { explain } from '../../../catalogue/explain.ts'
import { GATES } from '../../../catalogue/gates.ts'
import { nearestWord } from '../../../scanner/manifest/nearest.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson, shown } from '../output.ts'

/** With --json a control is its data, and a gate its page. */
export async function explainControl(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const id = args[0] ?? ''
  const page = explain(id)
  if (page === undefined) {
    const near = nearestWord(id, [...CONTROLS.map((control) => control.id), ...Object.keys(GATES)])
    throw new PosternError(
      'VALIDATION_ERROR',
      `There is no control and no gate ${shown(id)}${near === undefined ? '; docs/controls lists them' : `; did you mean ${near}?`}`,
    )
  }
  if (!context.json) context.stdout.write(page)
  else if (isControlId(id)) printJson(context, controlOf(id))
  else printJson(context, { id, page })
  return 0
}
