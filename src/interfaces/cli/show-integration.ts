/** One integration, for the commands that end by showing it. */
import { gatewayUrl } from './client.ts'
import type { CommandContext } from './context.ts'
import { printFields, printJson } from './output.ts'
import type { IntegrationView } from './views.ts'

export function printIntegration(context: CommandContext, integration: IntegrationView): void {
  if (context.json) return printJson(context, integration)
  const window = (from: string | null, until: string | null) =>
    from === null && until === null ? 'always' : `${from ?? 'now'} to ${until ?? 'further notice'}`
  printFields(context, [
    ['integration', integration.id],
    ['provider', integration.provider],
    ['name', integration.name],
    ['status', integration.status],
    ['receives at', gatewayUrl(context.env) + integration.receivePath],
    ['scheme', integration.scheme],
    ['signature covers', integration.coverage],
    ['event types', integration.eventTypes?.join(', ') ?? 'all'],
    ...integration.keys.map((key): [string, string] => [
      'key',
      `${key.id}, valid ${window(key.notBefore, key.notAfter)}`,
    ]),
    ...integration.destinations.map((destination): [string, string] => [
      'delivers to',
      `${destination.url} (${destination.id}, ${destination.status})`,
    ]),
  ])
}
