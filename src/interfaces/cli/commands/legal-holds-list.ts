import type { CommandContext, ExitCode } from '../context.ts'
import { number, printList, text } from '../list.ts'

interface HoldRow {
  readonly id: string
  readonly status: string
  readonly integrationId: string | null
  readonly receivedFrom: string | null
  readonly receivedBefore: string | null
  readonly events: number | null
  readonly reason: string
  readonly createdAt: string
  readonly createdBy: string
}

export function listLegalHolds(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return printList<HoldRow>(context, {
    path: '/api/v1/legal-holds',
    query: {
      pageSize: number(options['limit']),
      cursor: text(options['cursor']),
      inForceOnly: options['inForce'] === true ? 'true' : undefined,
    },
    empty: 'Nothing is held. Keep something from being removed: postern legal-holds add --reason …',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'INTEGRATION', value: (row) => row.integrationId },
      { title: 'FROM', value: (row) => row.receivedFrom },
      { title: 'BEFORE', value: (row) => row.receivedBefore },
      { title: 'EVENTS', value: (row) => row.events },
      { title: 'SET', value: (row) => row.createdAt },
      { title: 'BY', value: (row) => row.createdBy },
      { title: 'REASON', value: (row) => row.reason },
    ],
  })
}
