import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { text } from '../list.ts'
import { printJson } from '../output.ts'

export async function replayEvent(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const replay = await createClient(context.env).send<{ replayId: string; eventId: string }>(
    'POST',
    `/api/v1/events/${encodeURIComponent(args[0] ?? '')}/replay`,
    {
      requestedBy: text(options['requestedBy']) ?? 'postern-cli',
      reason: text(options['reason']),
      destinationId: text(options['destination']),
    },
  )
  if (context.json) printJson(context, replay)
  else
    context.stdout.write(
      `Replay ${replay.replayId} is queued. See how it goes: postern events show ${replay.eventId}\n`,
    )
  return 0
}
