import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { type DestinationView, printDestination } from '../show-destination.ts'

export function pauseDestination(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  return setStatus(context, args[0] ?? '', 'paused')
}

export function resumeDestination(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  return setStatus(context, args[0] ?? '', 'active')
}

export function disableDestination(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  return setStatus(context, args[0] ?? '', 'disabled')
}

async function setStatus(context: CommandContext, id: string, status: string): Promise<ExitCode> {
  const path = `/api/v1/destinations/${encodeURIComponent(id)}`
  printDestination(context, await createClient(context.env).send<DestinationView>('PATCH', path, { status }))
  return 0
}
