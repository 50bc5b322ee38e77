import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson } from '../output.ts'
import { type ExpressionFailure, expressionOf, printFailure, triedOn } from '../try-expression.ts'

/** Prints the body that would be delivered; exit code 3 when there is none. */
export async function tryTransform(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const result = await createClient(context.env).send<{ body: unknown; failure: ExpressionFailure | null }>(
    'POST',
    '/api/v1/transforms/test',
    { transform: await expressionOf(context, args, options), ...(await triedOn(context, options)) },
  )
  if (context.json) printJson(context, result)
  else if (result.failure !== null) printFailure(context, result.failure)
  else context.stdout.write(`${JSON.stringify(result.body, null, 2)}\n`)
  return result.failure === null ? 0 : 3
}
