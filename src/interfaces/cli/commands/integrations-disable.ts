import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printIntegration } from '../show-integration.ts'
import type { IntegrationView } from '../views.ts'

export async function disableIntegration(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const path = `/api/v1/integrations/${encodeURIComponent(args[0] ?? '')}`
  printIntegration(
    context,
    await createClient(context.env).send<IntegrationView>('PATCH', path, { status: 'disabled' }),
  )
  return 0
}
