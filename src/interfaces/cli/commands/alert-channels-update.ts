import { channelFields } from '../channel-fields.ts'
import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson } from '../output.ts'

export async function updateAlertChannel(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const path = `/api/v1/alert-channels/${encodeURIComponent(args[0] ?? '')}`
  const fields = await channelFields(context, options)
  const changed = await createClient(context.env).send<{ id: string; kind: string; origin: string }>(
    'PATCH',
    path,
    fields,
  )
  if (context.json) printJson(context, changed)
  else
    context.stdout.write(
      `${changed.id} is changed: ${changed.kind} at ${changed.origin}. Try it: postern alert-channels test ${changed.id}\n`,
    )
  return 0
}
