import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { destinationAuth } from '../destination-auth.ts'
import { destinationFields } from '../destination-fields.ts'
import { text } from '../list.ts'
import { type DestinationView, printDestination } from '../show-destination.ts'

export async function updateDestination(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const path = `/api/v1/destinations/${encodeURIComponent(args[0] ?? '')}`
  const auth = await destinationAuth(context, options)
  const changes = { url: text(options['url']), ...destinationFields(options), auth }
  printDestination(context, await createClient(context.env).send<DestinationView>('PATCH', path, changes))
  return 0
}
