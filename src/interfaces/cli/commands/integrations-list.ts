import type { CommandContext, ExitCode } from '../context.ts'
import { printList, text } from '../list.ts'
import type { IntegrationView } from '../views.ts'

export function listIntegrations(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return printList<IntegrationView>(context, {
    path: '/api/v1/integrations',
    query: {
      provider: text(options['provider']),
      activeOnly: options['active'] === true ? true : undefined,
      pageSize: 100,
    },
    empty: 'No integrations. Add one: postern integrations add --provider stripe --secret whsec_…',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'PROVIDER', value: (row) => row.provider },
      { title: 'NAME', value: (row) => row.name },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'SIGNATURE COVERS', value: (row) => row.coverage },
      { title: 'DELIVERS TO', value: (row) => row.destinations.map((destination) => destination.url).join(', ') },
    ],
  })
}
