import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { destinationAuth } from '../destination-auth.ts'
import { destinationFields } from '../destination-fields.ts'
import { readAll } from '../input.ts'
import { text, texts } from '../list.ts'
import { type DestinationView, printDestination } from '../show-destination.ts'

export async function addDestination(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const client = createClient(context.env)
  const secret = text(options['signingSecret'])
  const destination = await client.send<DestinationView>('POST', '/api/v1/destinations', {
    url: args[0],
    kind: text(options['kind']),
    ...destinationFields(options),
    auth: (await destinationAuth(context, options)) ?? undefined,
    signingSecret: secret === '-' ? (await readAll(context.stdin)).toString().trim() : secret,
  })
  for (const integrationId of texts(options['from']) ?? [])
    await client.send('POST', '/api/v1/routes', { integrationId, destinationId: destination.id })
  printDestination(context, destination)
  return 0
}
