import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson } from '../output.ts'
import { type ExpressionFailure, expressionOf, printFailure, triedOn } from '../try-expression.ts'

/** Exit code 1 when the filter does not take the event, 3 when it cannot be said. */
export async function testFilter(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const result = await createClient(context.env).send<{ matches: boolean | null; failure: ExpressionFailure | null }>(
    'POST',
    '/api/v1/filters/test',
    { filter: await expressionOf(context, args, options), ...(await triedOn(context, options)) },
  )
  if (context.json) printJson(context, result)
  else if (result.failure !== null) printFailure(context, result.failure)
  else
    context.stdout.write(result.matches ? 'The filter takes this event.\n' : 'The filter does not take this event.\n')
  if (result.failure !== null) return 3
  return result.matches ? 0 : 1
}
