import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson } from '../output.ts'

export async function removeRoute(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const id = args[0] ?? ''
  await createClient(context.env).send('DELETE', `/api/v1/routes/${encodeURIComponent(id)}`, undefined)
  if (context.json) printJson(context, { id, removed: true })
  else context.stdout.write(`${id} is removed.\n`)
  return 0
}
