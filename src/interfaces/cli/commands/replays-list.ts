import type { CommandContext, ExitCode } from '../context.ts'
import { number, printList, text } from '../list.ts'
import type { ReplayPlanView } from '../replay-plan-view.ts'

export function listReplayPlans(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return printList<ReplayPlanView>(context, {
    path: '/api/v1/replay-plans',
    query: { pageSize: number(options['limit']), cursor: text(options['cursor']), status: text(options['status']) },
    empty: 'No replays of many events. Plan one: postern replays plan --dead --reason …',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'EVENTS', value: (row) => row.planned },
      { title: 'REPLAYED', value: (row) => row.replayed },
      { title: 'SKIPPED', value: (row) => row.skipped },
      { title: 'MADE', value: (row) => row.createdAt },
      { title: 'REASON', value: (row) => row.reason },
    ],
  })
}
