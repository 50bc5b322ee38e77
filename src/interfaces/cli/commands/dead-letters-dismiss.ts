import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { text } from '../list.ts'
import { printJson } from '../output.ts'

export async function dismissDeadLetters(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const result = await createClient(context.env).send<{ eventId: string; dismissed: number }>(
    'POST',
    `/api/v1/events/${encodeURIComponent(args[0] ?? '')}/dead-letters/dismiss`,
    { reason: text(options['reason']), destinationId: text(options['destination']) },
  )
  if (context.json) printJson(context, result)
  else context.stdout.write(`${result.dismissed} failed deliveries of ${result.eventId} need nothing more.\n`)
  return 0
}
