import type { CommandContext, ExitCode } from '../context.ts'
import { number, printList, text } from '../list.ts'
import type { DestinationView } from '../show-destination.ts'

export function listDestinations(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return printList<DestinationView>(context, {
    path: '/api/v1/destinations',
    query: {
      pageSize: number(options['limit']),
      cursor: text(options['cursor']),
      status: text(options['status']),
    },
    empty: 'No destinations. Add one: postern destinations add https://example.com/hooks',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'NAME', value: (row) => row.name },
      { title: 'URL', value: (row) => row.url },
    ],
  })
}
