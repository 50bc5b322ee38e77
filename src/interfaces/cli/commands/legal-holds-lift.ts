import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { text } from '../list.ts'
import { printJson } from '../output.ts'

export async function liftLegalHold(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const hold = await createClient(context.env).send<{ id: string }>(
    'POST',
    `/api/v1/legal-holds/${encodeURIComponent(args[0] ?? '')}/lift`,
    { reason: text(options['reason']) },
  )
  if (context.json) printJson(context, hold)
  else context.stdout.write(`${hold.id} is lifted. See what the next run would remove: postern prune --dry-run\n`)
  return 0
}
