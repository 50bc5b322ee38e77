/** Declares `postern destinations` and `postern routes`. */
import type { Command } from 'commander'
import { addPaging, positive, type Run, repeated } from './command-options.ts'

export function destinationCommands(program: Command, run: Run): void {
  const destinations = program.command('destinations').description('Where events are delivered')
  addFields(
    destinations
      .command('add')
      .description('Add a destination; nothing is delivered there until a route leads to it')
      .argument('<url>', 'such as https://example.com/hooks')
      .option('--signing-secret <secret>', 'whsec_…; made by the gateway when absent. `-` reads it from stdin')
      .option('--from <integration>', 'make a route from this integration too; as often as there are', repeated),
  ).action(run(async () => (await import('./commands/destinations-add.ts')).addDestination))
  addPaging(
    destinations
      .command('list')
      .description('List destinations, newest first')
      .option('--status <status>', 'active or disabled'),
  ).action(run(async () => (await import('./commands/destinations-list.ts')).listDestinations))
  destinations
    .command('show')
    .description('Show one destination')
    .argument('<id>', 'dst_…')
    .action(run(async () => (await import('./commands/destinations-show.ts')).showDestination))
  addFields(
    destinations
      .command('update')
      .description('Change what is given and leave the rest')
      .argument('<id>', 'dst_…')
      .option('--url <url>', 'deliver there from now on')
      .option('--no-shadow', 'count its deliveries again'),
  ).action(run(async () => (await import('./commands/destinations-update.ts')).updateDestination))
  destinations
    .command('resume')
    .description('Deliver to it again')
    .argument('<id>', 'dst_…')
    .action(run(async () => (await import('./commands/destinations-status.ts')).resumeDestination))
  destinations
    .command('disable')
    .description('Deliver nothing to it any more; what waits for it fails, and new events pass it by')
    .argument('<id>', 'dst_…')
    .action(run(async () => (await import('./commands/destinations-status.ts')).disableDestination))
  destinations
    .command('test')
    .description('Send a signed test event there, now and once; exit 1 when it is not delivered')
    .argument('<id>', 'dst_…')
    .action(run(async () => (await import('./commands/destinations-test.ts')).testDestination))

  const routes = program.command('routes').description('Which events of an integration go to which destination')
  routes
    .command('add')
    .description('Lead events of integrations to a destination')
    .requiredOption('--from <integration>', 'int_…; as often as there are', repeated)
    .requiredOption('--to <destination>', 'dst_…')
    .option('--event-type <pattern>', 'only types that fit, such as order.*; as often as there are', repeated)
    .action(run(async () => (await import('./commands/routes-add.ts')).addRoutes))
  addPaging(
    routes
      .command('list')
      .description('List routes, newest first')
      .option('--from <integration>', 'only from this integration')
      .option('--to <destination>', 'only to this destination'),
  ).action(run(async () => (await import('./commands/routes-list.ts')).listRoutes))
  routes
    .command('remove')
    .description('Remove a route; deliveries that were made under it go on')
    .argument('<id>', 'rte_…')
    .action(run(async () => (await import('./commands/routes-remove.ts')).removeRoute))
}

function addFields(command: Command): Command {
  return command
    .option('--name <name>', 'for people')
    .option('--allow-cidr <range...>', 'private ranges it may lie in, such as 127.0.0.1/32')
    .option('--timeout-ms <ms>', 'for one attempt, everything together', positive)
    .option('--max-attempts <n>', 'all tries together, the first included', positive)
    .option('--base-delay-ms <ms>', 'the wait after the first failure', positive)
    .option('--max-delay-ms <ms>', 'no wait is longer', positive)
    .option('--shadow', 'deliver there, try nothing again, count nothing')
}
