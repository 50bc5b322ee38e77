import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { readAll } from '../input.ts'
import { number, text, texts } from '../list.ts'
import { printIntegration } from '../show-integration.ts'
import type { IntegrationView } from '../views.ts'

export async function addIntegration(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const provider = text(options['provider'])
  const secret = text(options['secret'])
  const to = text(options['to'])
  const integration = await createClient(context.env).send<IntegrationView>('POST', '/api/v1/integrations', {
    provider,
    name: text(options['name']) ?? provider,
    secret: secret === '-' ? (await readAll(context.stdin)).toString().trim() : secret,
    scheme: text(options['scheme']),
    publicUrl: text(options['publicUrl']),
    eventTypes: texts(options['eventType']),
    rateLimitPerMinute: number(options['rateLimit']),
    maxBodyBytes: number(options['maxBodyBytes']),
    destination: to === undefined ? undefined : { url: to, allowCidrs: texts(options['allowCidr']) },
  })
  printIntegration(context, integration)
  return 0
}
