import { createClient, type ManagementClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { createProgress } from '../progress.ts'
import { printReplayPlan, type ReplayPlanView } from '../replay-plan-view.ts'

const LOOK_MS = 500

/** With `--wait` exit 1 when a replay failed or the plan was cancelled. */
export async function confirmReplays(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const client = createClient(context.env)
  const path = `/api/v1/replay-plans/${encodeURIComponent(args[0] ?? '')}`
  const confirmed = await client.send<ReplayPlanView>('POST', `${path}/confirm`, undefined)
  if (options['wait'] !== true) {
    printReplayPlan(context, confirmed)
    if (!context.json) context.stderr.write(`\nSee how it goes: postern replays show ${confirmed.id}\n`)
    return 0
  }
  const plan = await ended(context, client, path)
  printReplayPlan(context, plan)
  return plan.status === 'completed' && (plan.outcomes?.failed ?? 0) === 0 ? 0 : 1
}

async function ended(context: CommandContext, client: ManagementClient, path: string): Promise<ReplayPlanView> {
  const progress = createProgress(context.stderr, context.json, Date.now)
  try {
    for (;;) {
      const plan = await client.get<ReplayPlanView>(path)
      const { underWay = 0, completed = 0, failed = 0 } = plan.outcomes ?? {}
      if (plan.status !== 'running' && underWay === 0) return plan
      progress.show(
        `${bar((completed + failed + plan.skipped) / Math.max(1, plan.planned))} ${completed} completed, ${failed} failed, ${plan.skipped} skipped of ${plan.planned}`,
      )
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  } finally {
    progress.clear()
  }
}

const BAR_WIDTH = 24

function bar(part: number): string {
  const full = Math.min(BAR_WIDTH, Math.round(part * BAR_WIDTH))
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`
}
