import type { CommandContext, ExitCode } from '../context.ts'
import { number, printList, text } from '../list.ts'

interface AlertRow {
  readonly id: string
  readonly kind: string
  readonly status: string
  readonly about: string | null
  readonly createdAt: string
}

export function listAlerts(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const filter = { status: text(options['status']), kind: text(options['kind']) }
  const filtered = filter.status !== undefined || filter.kind !== undefined
  return printList<AlertRow>(context, {
    path: '/api/v1/alerts',
    query: { pageSize: number(options['limit']), cursor: text(options['cursor']), ...filter },
    empty: filtered ? 'No such alerts.' : 'No alerts. What is looked at: postern alert-rules list',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'RULE', value: (row) => row.kind },
      { title: 'SINCE', value: (row) => row.createdAt },
      { title: 'ABOUT', value: (row) => row.about },
    ],
  })
}
