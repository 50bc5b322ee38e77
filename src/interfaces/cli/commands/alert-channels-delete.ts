import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson } from '../output.ts'

export async function deleteAlertChannel(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const id = args[0] ?? ''
  await createClient(context.env).send('DELETE', `/api/v1/alert-channels/${encodeURIComponent(id)}`, undefined)
  if (context.json) printJson(context, { id, deleted: true })
  else context.stdout.write(`${id} is deleted.\n`)
  return 0
}
