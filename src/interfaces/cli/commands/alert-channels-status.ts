import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson } from '../output.ts'

export function disableAlertChannel(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  return setStatus(context, args[0] ?? '', 'disabled')
}

export function enableAlertChannel(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  return setStatus(context, args[0] ?? '', 'active')
}

async function setStatus(context: CommandContext, id: string, status: string): Promise<ExitCode> {
  const path = `/api/v1/alert-channels/${encodeURIComponent(id)}`
  const channel = await createClient(context.env).send<{ id: string; status: string }>('PATCH', path, { status })
  if (context.json) printJson(context, channel)
  else context.stdout.write(`${channel.id} is ${channel.status}.\n`)
  return 0
}
