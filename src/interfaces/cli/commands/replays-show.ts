import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printReplayPlan, type ReplayPlanView } from '../replay-plan-view.ts'

export async function showReplayPlan(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const path = `/api/v1/replay-plans/${encodeURIComponent(args[0] ?? '')}`
  printReplayPlan(context, await createClient(context.env).get<ReplayPlanView>(path))
  return 0
}
