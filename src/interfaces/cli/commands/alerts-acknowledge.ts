import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson } from '../output.ts'

export async function acknowledgeAlert(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const path = `/api/v1/alerts/${encodeURIComponent(args[0] ?? '')}/acknowledge`
  const alert = await createClient(context.env).send<{ id: string; acknowledgedBy: string }>('POST', path, undefined)
  if (context.json) printJson(context, alert)
  else context.stdout.write(`${alert.id} is acknowledged by ${alert.acknowledgedBy}.\n`)
  return 0
}
