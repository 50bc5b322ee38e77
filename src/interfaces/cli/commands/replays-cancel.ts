import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printReplayPlan, type ReplayPlanView } from '../replay-plan-view.ts'

export async function cancelReplayPlan(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const path = `/api/v1/replay-plans/${encodeURIComponent(args[0] ?? '')}/cancel`
  printReplayPlan(context, await createClient(context.env).send<ReplayPlanView>('POST', path, undefined))
  return 0
}
