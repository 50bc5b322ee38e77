import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printIntegration } from '../show-integration.ts'
import type { IntegrationView } from '../views.ts'

export async function showIntegration(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  printIntegration(
    context,
    await createClient(context.env).get<IntegrationView>(`/api/v1/integrations/${encodeURIComponent(args[0] ?? '')}`),
  )
  return 0
}
