import type { CommandContext, ExitCode } from '../context.ts'
import { number, printList, text } from '../list.ts'

interface AttemptRow {
  readonly id: string
  readonly eventId: string
  readonly attemptNo: number
  readonly status: string
  readonly outcome: string
  readonly httpStatus: number | null
  readonly durationMs: number
  readonly startedAt: string
}

export function listDeliveries(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return printList<AttemptRow>(context, {
    path: '/api/v1/deliveries',
    query: {
      pageSize: number(options['limit']),
      cursor: text(options['cursor']),
      status: text(options['status']),
      eventId: text(options['event']),
      destinationId: text(options['destination']),
    },
    empty: 'Nothing was delivered yet.',
    columns: [
      { title: 'EVENT', value: (row) => row.eventId },
      { title: 'ATTEMPT', value: (row) => row.attemptNo },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'OUTCOME', value: (row) => row.outcome },
      { title: 'HTTP', value: (row) => row.httpStatus },
      { title: 'MS', value: (row) => row.durationMs },
      { title: 'STARTED', value: (row) => row.startedAt },
    ],
  })
}
