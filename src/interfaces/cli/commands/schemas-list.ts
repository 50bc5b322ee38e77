import type { CommandContext, ExitCode } from '../context.ts'
import { number, printList, text } from '../list.ts'

interface SchemaRow {
  readonly id: string
  readonly integrationId: string
  readonly eventType: string
  readonly samples: number
  readonly learntAt: string | null
  readonly drifts: number
  readonly hasJsonSchema: boolean
  readonly policy: string
}

export function listSchemas(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return printList<SchemaRow>(context, {
    path: '/api/v1/schemas',
    query: {
      pageSize: number(options['limit']),
      cursor: text(options['cursor']),
      integrationId: text(options['integration']),
    },
    empty: 'No type of event was looked at yet.',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'INTEGRATION', value: (row) => row.integrationId },
      { title: 'SAMPLES', value: (row) => row.samples },
      { title: 'LEARNT', value: (row) => row.learntAt },
      { title: 'DRIFTS', value: (row) => row.drifts },
      { title: 'NOT AS ASKED', value: (row) => (row.hasJsonSchema ? row.policy : null) },
      { title: 'TYPE', value: (row) => row.eventType },
    ],
  })
}
