import type { CommandContext, ExitCode } from '../context.ts'
import { number, printList, text } from '../list.ts'

interface ChannelRow {
  readonly id: string
  readonly kind: string
  readonly status: string
  readonly origin: string
  readonly rules: readonly string[] | null
  readonly failures: number
  readonly lastError: string | null
  readonly lastSentAt: string | null
  readonly name: string
}

export function listAlertChannels(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return printList<ChannelRow>(context, {
    path: '/api/v1/alert-channels',
    query: { pageSize: number(options['limit']), cursor: text(options['cursor']) },
    empty: 'Nobody is told of alerts. Add a channel: postern alert-channels add slack --url env:SLACK_WEBHOOK',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'KIND', value: (row) => row.kind },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'ORIGIN', value: (row) => row.origin },
      { title: 'RULES', value: (row) => row.rules?.join(' ') ?? 'all' },
      { title: 'LAST SENT', value: (row) => row.lastSentAt },
      { title: 'LAST ERROR', value: (row) => row.lastError },
      { title: 'NAME', value: (row) => row.name },
    ],
  })
}
