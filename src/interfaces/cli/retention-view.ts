/** Retention as commands read and show it; the API may say more. */
import type { CommandContext } from './context.ts'
import { printFields, printJson } from './output.ts'

export interface RetentionView {
  readonly metadataDays: number | null
  readonly payloadDays: number | null
  readonly undeliveredDays: number | null
  readonly dedupeDays: number
  readonly source: string
  readonly updatedAt: string | null
  readonly updatedBy: string | null
}

export function printRetention(context: CommandContext, retention: RetentionView): void {
  if (context.json) return printJson(context, retention)
  const days = (value: number | null) => (value === null ? 'for ever' : `${value} days`)
  printFields(context, [
    ['events', days(retention.metadataDays)],
    ['payloads', days(retention.payloadDays)],
    ['never delivered', days(retention.undeliveredDays)],
    ['copies recognised', days(retention.dedupeDays)],
    ['said by', retention.source === 'default' ? 'the installation' : `${retention.updatedBy}, ${retention.updatedAt}`],
  ])
}
