import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { text, texts } from '../list.ts'
import { printJson } from '../output.ts'

export async function addLegalHold(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const hold = await createClient(context.env).send<{ id: string }>('POST', '/api/v1/legal-holds', {
    everything: options['everything'] === true ? true : undefined,
    integrationId: text(options['integration']),
    receivedFrom: text(options['from']),
    receivedBefore: text(options['to']),
    eventIds: texts(options['event']),
    reason: text(options['reason']),
  })
  if (context.json) printJson(context, hold)
  else context.stdout.write(`${hold.id} is in force. Lift it with: postern legal-holds lift ${hold.id} --reason …\n`)
  return 0
}
