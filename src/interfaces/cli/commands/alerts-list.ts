import type { CommandContext, ExitCode } from '../context.ts'
import { number, printList, text } from '../list.ts'

interface AlertRow {
  readonly id: string
  readonly kind: string
  readonly destinationId: string | null
  readonly createdAt: string
  readonly acknowledgedBy: string | null
}

export function listAlerts(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return printList<AlertRow>(context, {
    path: '/api/v1/alerts',
    query: {
      pageSize: number(options['limit']),
      cursor: text(options['cursor']),
      openOnly: options['open'] === true ? true : undefined,
    },
    empty: 'No alerts.',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'KIND', value: (row) => row.kind },
      { title: 'DESTINATION', value: (row) => row.destinationId },
      { title: 'AT', value: (row) => row.createdAt },
      { title: 'ACKNOWLEDGED BY', value: (row) => row.acknowledgedBy },
    ],
  })
}
