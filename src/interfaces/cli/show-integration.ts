/** One integration, for the commands that end by showing it. */
import { COVERAGES } from '../../base/model/event.ts'
import { COVERAGE_GRADES } from '../../providers/describe/scheme.ts'
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
    ['signature covers', coverageText(integration.coverage)],
    ...(integration.weakness === null ? [] : [['weakness', integration.weakness] as const]),
    ...Object.entries(integration.settings).map(([name, value]) => [`setting ${name}`, value] as const),
    ...(integration.publicUrl === null ? [] : [['public URL', integration.publicUrl] as const]),
    ['event types', integration.eventTypes?.join(', ') ?? 'all'],
    ...integration.keys.map((key): [string, string] => [
      'key',
      `${key.id}${key.slot === null ? '' : ` (${key.slot})`}, valid ${window(key.notBefore, key.notAfter)}`,
    ]),
    ...integration.destinations.map((destination): [string, string] => [
      'delivers to',
      `${destination.url} (${destination.id}, ${destination.status})`,
    ]),
  ])
}

/** The grade with what it means; a newer gateway may know another. */
function coverageText(coverage: string): string {
  const known = COVERAGES.find((each) => each === coverage)
  if (known === undefined) return coverage
  const [grade, meaning] = COVERAGE_GRADES[known]
  return `${grade}. ${meaning}`
}
