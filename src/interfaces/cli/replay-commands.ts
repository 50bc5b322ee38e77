/** Declares `postern replays`: many events at once, planned, confirmed, watched, cancelled. */
import type { Command } from 'commander'
import { addPaging, positive, type Run, repeated } from './command-options.ts'

export function replayCommands(program: Command, run: Run): void {
  const replays = program.command('replays').description('Deliver many events again')
  replays
    .command('plan')
    .description('Say what it would do; nothing happens until it is confirmed')
    .requiredOption('--reason <text>', 'why, 5 to 500 characters; kept in the audit trail')
    .option('--event <id>', 'this event; as often as there are', repeated)
    .option('--integration <id>', 'only of this integration')
    .option('--provider <id>', 'only of this provider')
    .option('--status <status>', 'only with this status')
    .option('--type <type>', 'only of this type')
    .option('--unrouted', 'only those that led nowhere')
    .option('--dead', 'only those with a delivery that was given up')
    .option('--dead-reason <outcome>', 'only where it was given up for this reason, such as timeout')
    .option('--from <time>', 'received at or after, ISO 8601')
    .option('--to <time>', 'received before, ISO 8601')
    .option('--destination <id>', 'only there, whatever else the events are routed to')
    .option('--rate <perMinute>', 'events a minute', positive)
    .action(run(async () => (await import('./commands/replays-plan.ts')).planReplays))
  replays
    .command('confirm')
    .description('Let a plan run')
    .argument('<id>', 'rpp_…')
    .option('--wait', 'show how it goes until it has ended; exit 1 when something failed')
    .action(run(async () => (await import('./commands/replays-confirm.ts')).confirmReplays))
  addPaging(
    replays
      .command('list')
      .description('List plans, newest first')
      .option('--status <status>', 'planned, running, completed, cancelled or expired'),
  ).action(run(async () => (await import('./commands/replays-list.ts')).listReplayPlans))
  replays
    .command('show')
    .description('Show a plan and how far it has come')
    .argument('<id>', 'rpp_…')
    .action(run(async () => (await import('./commands/replays-show.ts')).showReplayPlan))
  replays
    .command('cancel')
    .description('Stop a plan; what has been replayed is')
    .argument('<id>', 'rpp_…')
    .action(run(async () => (await import('./commands/replays-cancel.ts')).cancelReplayPlan))
}
