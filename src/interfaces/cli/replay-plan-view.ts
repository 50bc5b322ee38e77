/** Replay plans as commands read and show them; the API may say more. */
import type { CommandContext } from './context.ts'
import { printFields, printJson } from './output.ts'

export interface ReplayPlanView {
  readonly id: string
  readonly status: string
  readonly selection: Readonly<Record<string, unknown>>
  readonly destinationId: string | null
  readonly ratePerMinute: number
  readonly reason: string
  readonly planned: number
  readonly replayed: number
  readonly skipped: number
  readonly createdAt: string
  readonly expiresAt: string
  readonly confirmedBy: string | null
  readonly finishedAt: string | null
  readonly outcomes?: { readonly underWay: number; readonly completed: number; readonly failed: number }
  readonly preview?: {
    readonly events: number
    readonly destinations: readonly { readonly destinationId: string; readonly events: number }[]
    readonly unrouted: number
    readonly parked: number
  }
}

export function printReplayPlan(context: CommandContext, plan: ReplayPlanView): void {
  if (context.json) return printJson(context, plan)
  const { preview, outcomes } = plan
  printFields(context, [
    ['plan', plan.id],
    ['status', plan.status],
    ['selects', JSON.stringify(plan.selection)],
    ['only to', plan.destinationId],
    ['reason', plan.reason],
    ['events', plan.planned],
    ['a minute', plan.ratePerMinute],
    ['replayed', plan.replayed],
    ['skipped', plan.skipped],
    ...(plan.status === 'planned' ? [['confirm before', plan.expiresAt] as const] : []),
    ['confirmed by', plan.confirmedBy],
    ...(outcomes === undefined
      ? []
      : [
          [
            'so far',
            `${outcomes.completed} completed, ${outcomes.failed} failed, ${outcomes.underWay} under way`,
          ] as const,
        ]),
  ])
  if (preview === undefined) return
  context.stdout.write(`\nOf the oldest ${preview.events} of them, today’s routes and filters would bring\n`)
  for (const { destinationId, events } of preview.destinations)
    context.stdout.write(`  ${events} to ${destinationId}\n`)
  if (preview.unrouted > 0) context.stdout.write(`  ${preview.unrouted} nowhere\n`)
  if (preview.parked > 0) context.stdout.write(`  ${preview.parked} aside: a filter fails on them\n`)
}
