import { PosternError } from '../../../base/model/errors.ts'
import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { text } from '../list.ts'
import { printRetention, type RetentionView } from '../retention-view.ts'

export async function setRetention(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const given = {
    metadataDays: daysOf(options['metadataDays']),
    payloadDays: daysOf(options['payloadDays']),
    undeliveredDays: daysOf(options['undeliveredDays']),
  }
  const some = Object.values(given).some((value) => value !== undefined)
  const reset = options['defaults'] === true
  if (some === reset)
    throw new PosternError('VALIDATION_ERROR', 'Give at least one number of days, or --defaults, and not both.')
  const client = createClient(context.env)
  const retention = reset
    ? await client.send<RetentionView>('DELETE', '/api/v1/retention', undefined)
    : await client.send<RetentionView>('PATCH', '/api/v1/retention', { ...given, reason: text(options['reason']) })
  printRetention(context, retention)
  if (!context.json) context.stderr.write('\nSee what the next run would remove: postern prune --dry-run\n')
  return 0
}

function daysOf(value: unknown): number | null | undefined {
  if (typeof value !== 'string') return undefined
  return value === 'forever' ? null : Number(value)
}
