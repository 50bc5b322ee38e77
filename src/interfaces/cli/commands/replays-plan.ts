import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { number, text, texts } from '../list.ts'
import { printReplayPlan, type ReplayPlanView } from '../replay-plan-view.ts'

export async function planReplays(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const deadReason = text(options['deadReason'])
  const plan = await createClient(context.env).send<ReplayPlanView>('POST', '/api/v1/replay-plans', {
    selection: {
      eventIds: texts(options['event']),
      integrationId: text(options['integration']),
      provider: text(options['provider']),
      status: text(options['status']),
      eventType: text(options['type']),
      routing: options['unrouted'] === true ? 'none' : undefined,
      deadLetters: options['dead'] === true || deadReason !== undefined ? { reason: deadReason } : undefined,
      from: text(options['from']),
      to: text(options['to']),
    },
    destinationId: text(options['destination']),
    ratePerMinute: number(options['rate']),
    reason: text(options['reason']),
    requestedBy: 'postern-cli',
  })
  printReplayPlan(context, plan)
  if (!context.json) context.stderr.write(`\nNothing is replayed yet: postern replays confirm ${plan.id}\n`)
  return 0
}
