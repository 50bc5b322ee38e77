import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printFields, printJson, printTable } from '../output.ts'

interface AlertView {
  readonly id: string
  readonly kind: string
  readonly status: string
  readonly about: string | null
  readonly destinationId: string | null
  readonly integrationId: string | null
  readonly details: Readonly<Record<string, unknown>>
  readonly createdAt: string
  readonly resolvedAt: string | null
  readonly acknowledgedBy: string | null
  readonly notifications: readonly {
    readonly channel: string
    readonly transition: string
    readonly status: string
    readonly attempts: number
    readonly lastError: string | null
  }[]
}

export async function showAlert(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const alert = await createClient(context.env).get<AlertView>(`/api/v1/alerts/${encodeURIComponent(args[0] ?? '')}`)
  if (context.json) {
    printJson(context, alert)
    return 0
  }
  printFields(context, [
    ['id', alert.id],
    ['rule', alert.kind],
    ['status', alert.status],
    ['about', alert.about],
    ...(alert.destinationId === null ? [] : [['destination', alert.destinationId] as const]),
    ...(alert.integrationId === null ? [] : [['integration', alert.integrationId] as const]),
    ...Object.entries(alert.details).map(([name, value]) => [name, value === null ? null : String(value)] as const),
    ['since', alert.createdAt],
    ['until', alert.resolvedAt],
    ['acknowledged by', alert.acknowledgedBy],
  ])
  context.stdout.write('\n')
  if (alert.notifications.length === 0)
    context.stdout.write('Nobody was told. Add a channel: postern alert-channels add slack --url env:SLACK_WEBHOOK\n')
  else
    printTable(
      context,
      [
        { title: 'CHANNEL', value: (row) => row.channel },
        { title: 'TOLD', value: (row) => row.transition },
        { title: 'STATUS', value: (row) => row.status },
        { title: 'TRIES', value: (row) => row.attempts },
        { title: 'ERROR', value: (row) => row.lastError },
      ],
      alert.notifications,
    )
  return 0
}
