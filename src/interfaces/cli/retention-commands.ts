/** Declares `postern retention`, `postern prune` and `postern legal-holds`: what is kept, for how long, and what goes. */
import { type Command, InvalidArgumentError } from 'commander'
import { addPaging, type Run, repeated } from './command-options.ts'

export function retentionCommands(program: Command, run: Run): void {
  const retention = program.command('retention').description('How long what was received is kept')
  retention
    .command('show')
    .description('Show how long things are kept')
    .action(run(async () => (await import('./commands/retention-show.ts')).showRetention))
  retention
    .command('set')
    .description(
      'Say how long things are kept; what is not given stays as it is. Removed is at the next run, not at once',
    )
    .option('--metadata-days <days>', 'events with their jobs and attempts: days, or `forever`', days)
    .option('--payload-days <days>', 'bytes, headers, answers and refused requests: days, or `forever`', days)
    .option('--undelivered-days <days>', 'dead letters and parked events: days, or `forever`', days)
    .option('--defaults', 'go back to the defaults of the installation')
    .option('--reason <text>', 'why, 5 to 500 characters; kept in the audit trail')
    .action(run(async () => (await import('./commands/retention-set.ts')).setRetention))

  program
    .command('prune')
    .description(
      'Remove what has been kept long enough; a worker does it, once a day by itself. Exit 4 when a day was in use',
    )
    .option('--dry-run', 'say what would go, by day, and what stays and why; remove nothing')
    .option('--all-tenants', 'with --dry-run: of every tenant, read from the database itself')
    .option('--reason <text>', 'why now, 5 to 500 characters; kept in the audit trail')
    .option('--no-wait', 'do not wait until it has been done')
    .action(run(async () => (await import('./commands/prune.ts')).prune))

  const holds = program.command('legal-holds').description('What is not removed until somebody says so')
  holds
    .command('add')
    .description('Keep events from being removed, those that are there and those that come; conditions hold together')
    .requiredOption('--reason <text>', 'why, 5 to 500 characters; kept in the audit trail')
    .option('--everything', 'all there is')
    .option('--integration <id>', 'only of this integration')
    .option('--from <time>', 'only received at or after, ISO 8601')
    .option('--to <time>', 'only received before, ISO 8601')
    .option('--event <id>', 'only this event; as often as there are', repeated)
    .action(run(async () => (await import('./commands/legal-holds-add.ts')).addLegalHold))
  addPaging(
    holds
      .command('list')
      .description('List holds, newest first')
      .option('--in-force', 'only those that nobody has lifted'),
  ).action(run(async () => (await import('./commands/legal-holds-list.ts')).listLegalHolds))
  holds
    .command('lift')
    .description('Let what is due be removed again, from the next run on')
    .argument('<id>', 'lgh_…')
    .requiredOption('--reason <text>', 'why, 5 to 500 characters; kept in the audit trail')
    .action(run(async () => (await import('./commands/legal-holds-lift.ts')).liftLegalHold))
}

/** As text, so that `forever` is told from what is not given. */
function days(text: string): string {
  if (!/^([1-9]\d{0,4}|forever)$/.test(text))
    throw new InvalidArgumentError('must be a number of days from 1, or forever.')
  return text
}
