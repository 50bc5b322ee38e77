import type { CommandContext, ExitCode } from '../context.ts'
import { number, printList, text } from '../list.ts'

interface DeadLetterRow {
  readonly eventId: string
  readonly destinationId: string
  readonly type: string | null
  readonly reason: string
  readonly attempts: number
  readonly failedAt: string | null
}

export function listDeadLetters(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return printList<DeadLetterRow>(context, {
    path: '/api/v1/dead-letters',
    query: {
      pageSize: number(options['limit']),
      cursor: text(options['cursor']),
      eventId: text(options['event']),
      destinationId: text(options['destination']),
      integrationId: text(options['integration']),
      reason: text(options['reason']),
      from: text(options['from']),
      to: text(options['to']),
    },
    empty: 'No dead letters: every delivery was made, goes on being tried, or was dealt with.',
    columns: [
      { title: 'EVENT', value: (row) => row.eventId },
      { title: 'DESTINATION', value: (row) => row.destinationId },
      { title: 'REASON', value: (row) => row.reason },
      { title: 'TRIES', value: (row) => row.attempts },
      { title: 'FAILED', value: (row) => row.failedAt },
      { title: 'TYPE', value: (row) => row.type },
    ],
  })
}
