import type { CommandContext, ExitCode } from '../context.ts'
import { number, printList, text } from '../list.ts'

interface EventRow {
  readonly id: string
  readonly provider: string
  readonly type: string | null
  readonly status: string
  readonly externalEventId: string | null
  readonly receivedAt: string
}

export function listEvents(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return printList<EventRow>(context, {
    path: '/api/v1/events',
    query: {
      pageSize: number(options['limit']),
      cursor: text(options['cursor']),
      provider: text(options['provider']),
      integrationId: text(options['integration']),
      status: text(options['status']),
      eventType: text(options['type']),
      routing: options['unrouted'] === true ? 'none' : undefined,
      from: text(options['from']),
      to: text(options['to']),
    },
    empty: 'No events. Send one: postern send stripe',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'PROVIDER', value: (row) => row.provider },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'TYPE', value: (row) => row.type },
      { title: 'EXTERNAL ID', value: (row) => row.externalEventId },
      { title: 'RECEIVED', value: (row) => row.receivedAt },
    ],
  })
}
