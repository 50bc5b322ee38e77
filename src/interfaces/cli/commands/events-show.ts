import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printFields, printJson, printTable } from '../output.ts'

interface EventView {
  readonly id: string
  readonly provider: string
  readonly integrationId: string
  readonly type: string | null
  readonly status: string
  readonly statusReason?: string | null
  readonly externalEventId: string | null
  readonly receivedAt: string
  readonly payloadPurgedAt: string | null
  readonly verification: {
    readonly scheme: string
    readonly keyId: string
    readonly coverage: string
    readonly signedAt: string | null
  }
  readonly deliveries: readonly {
    readonly attemptNo: number
    readonly status: string
    readonly outcome: string
    readonly httpStatus: number | null
    readonly startedAt: string
  }[]
  readonly jobs: readonly {
    readonly kind: string
    readonly status: string
    readonly attempts: number
    readonly runAt?: string
  }[]
}

export async function showEvent(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const client = createClient(context.env)
  const path = `/api/v1/events/${encodeURIComponent(args[0] ?? '')}`
  if (options['raw'] === true) {
    context.stdout.write(await client.getBytes(`${path}/raw`))
    return 0
  }
  const event = await client.get<EventView>(path)
  if (context.json) {
    printJson(context, event)
    return 0
  }
  const { verification } = event
  printFields(context, [
    ['event', event.id],
    ['provider', event.provider],
    ['integration', event.integrationId],
    ['type', event.type],
    ['status', event.statusReason ? `${event.status} (${event.statusReason})` : event.status],
    ['external id', event.externalEventId],
    ['received', event.receivedAt],
    ...(event.payloadPurgedAt === null ? [] : [['payload', `purged on ${event.payloadPurgedAt}`] as const]),
    ['verified by', `${verification.scheme}, key ${verification.keyId}`],
    ['signature covers', verification.coverage],
    ['signed at', verification.signedAt],
  ])
  if (event.deliveries.length > 0) {
    context.stdout.write('\n')
    printTable(
      context,
      [
        { title: 'ATTEMPT', value: (row) => row.attemptNo },
        { title: 'STATUS', value: (row) => row.status },
        { title: 'OUTCOME', value: (row) => row.outcome },
        { title: 'HTTP', value: (row) => row.httpStatus },
        { title: 'STARTED', value: (row) => row.startedAt },
      ],
      event.deliveries,
    )
  }
  return 0
}
