import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'

/** Always JSON: it is written for `postern scan`. */
export async function showSurfaces(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const { provider } = options
  const query = typeof provider === 'string' ? `?provider=${encodeURIComponent(provider)}` : ''
  const manifest = await createClient(context.env).get<unknown>(`/api/v1/surfaces${query}`)
  context.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`)
  return 0
}
