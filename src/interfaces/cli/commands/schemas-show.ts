import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printFields, printJson, printTable } from '../output.ts'

interface SchemaView {
  readonly integrationId: string
  readonly eventType: string
  readonly samples: number
  readonly learntAt: string | null
  readonly drifts: number
  readonly policy: string
  readonly shape: Readonly<Record<string, readonly string[]>>
  readonly jsonSchema: unknown
}

export async function showSchema(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const schema = await createClient(context.env).get<SchemaView>(`/api/v1/schemas/${encodeURIComponent(args[0] ?? '')}`)
  if (context.json) {
    printJson(context, schema)
    return 0
  }
  printFields(context, [
    ['type', schema.eventType],
    ['integration', schema.integrationId],
    ['samples', schema.samples],
    ['learnt', schema.learntAt ?? 'not yet: differences are not told of'],
    ['drifts', schema.drifts],
    ['not as asked', schema.jsonSchema === null ? 'nothing is asked' : schema.policy],
  ])
  context.stdout.write('\n')
  printTable(
    context,
    [
      { title: 'TYPES', value: ([, types]) => types.join(' | ') },
      { title: 'PLACE', value: ([place]) => (place === '' ? '/' : place) },
    ],
    Object.entries(schema.shape),
  )
  return 0
}
