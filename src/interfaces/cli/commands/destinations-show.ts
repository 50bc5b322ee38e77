import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { type DestinationView, printDestination } from '../show-destination.ts'

export async function showDestination(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const path = `/api/v1/destinations/${encodeURIComponent(args[0] ?? '')}`
  printDestination(context, await createClient(context.env).get<DestinationView>(path))
  return 0
}
