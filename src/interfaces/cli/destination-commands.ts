/** Declares `postern destinations` and `postern routes`. */
import { type Command, Option } from 'commander'
import { ENVELOPES } from '../../base/model/destination.ts'
import { addPaging, atLeastZero, limit, positive, type Run, repeated, whole } from './command-options.ts'

export function destinationCommands(program: Command, run: Run): void {
  const destinations = program.command('destinations').description('Where events are delivered')
  addFields(
    destinations
      .command('add')
      .description('Add a destination; nothing is delivered there until a route leads to it')
      .argument('<url>', 'such as https://example.com/hooks')
      .addOption(
        new Option('--kind <kind>', 'what it is, where it is no HTTP receiver').choices([
          'rabbitmq',
          'nats',
          'redis',
          'postgres',
        ]),
      )
      .option('--signing-secret <secret>', 'whsec_…; made by the gateway when absent. `-` reads it from stdin')
      .option('--from <integration>', 'make a route from this integration too; as often as there are', repeated),
  ).action(run(async () => (await import('./commands/destinations-add.ts')).addDestination))
  addPaging(
    destinations
      .command('list')
      .description('List destinations, newest first')
      .option('--status <status>', 'active, paused or disabled'),
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
      .option('--no-shadow', 'count its deliveries again')
      .option('--no-auth', 'send no credentials any more'),
  ).action(run(async () => (await import('./commands/destinations-update.ts')).updateDestination))
  destinations
    .command('pause')
    .description('Keep its events until it is resumed')
    .argument('<id>', 'dst_…')
    .action(run(async () => (await import('./commands/destinations-status.ts')).pauseDestination))
  destinations
    .command('resume')
    .description('Deliver to it again, what has waited first; its failures are forgotten')
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
    .option('--filter <cel>', 'only events for which this CEL expression is true; @FILE reads it from a file')
    .option('--transform <jsonata>', 'JSONata that makes the body that is delivered; @FILE reads it from a file')
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
    .addOption(new Option('--retry <strategy>', 'how the waits grow').choices(['exponential', 'linear', 'schedule']))
    .option('--schedule-ms <ms...>', 'the waits of the strategy schedule', whole)
    .option('--retry-on <class...>', 'answers worth another try, such as 5xx 429')
    .option('--max-attempts <n>', 'all tries together, the first included', positive)
    .option('--base-delay-ms <ms>', 'the wait after the first failure', positive)
    .option('--max-delay-ms <ms>', 'no wait is longer', positive)
    .option('--max-concurrency <n>', 'deliveries under way at one time, over all workers', limit)
    .option('--rate-per-minute <n>', 'deliveries begun a minute, over all workers', limit)
    .option(
      '--order-by <place>',
      'deliver events with the same value one by one: subject, body:$.customer.id, …; or none',
    )
    .addOption(
      new Option('--order-policy <policy>', 'what happens behind one that fails').choices(['block', 'skip', 'park']),
    )
    .option('--order-after <n>', 'tries before skip or park', positive)
    .option('--breaker-failures <n>', 'failures in a row that open the circuit; 0 is never', atLeastZero)
    .option('--breaker-open-ms <ms>', 'how long it stays open at first', positive)
    .option('--disable-after-hours <n>', 'of failing without one success', limit)
    .option('--in <name=value>', 'where in a broker: routingKey, exchange, subject, stream, maxLength, table', repeated)
    .option('--auth-header <name=value>', 'send this header; the value may be env:NAME or file:PATH', repeated)
    .option('--auth-basic <user:password>', 'HTTP Basic; also env:NAME or file:PATH')
    .option('--auth-bearer <token>', 'a bearer token; also env:NAME or file:PATH')
    .option('--oauth2 <tokenUrl>', 'fetch tokens there as a client (RFC 6749 section 4.4)')
    .option('--client-id <id>', 'for --oauth2')
    .option('--client-secret <secret>', 'for --oauth2; also env:NAME or file:PATH')
    .option('--scope <scope>', 'for --oauth2')
    .option('--audience <audience>', 'for --oauth2')
    .option('--client-cert <file>', 'PEM of the certificate to show; with --client-key')
    .option('--client-key <file>', 'PEM of its private key')
    .addOption(
      new Option('--tls-verify <how>', 'off: anybody on the way can read and answer; audited').choices(['on', 'off']),
    )
    .addOption(
      new Option('--envelope <format>', 'cloudevents: the event with its attributes, the body within').choices(
        ENVELOPES,
      ),
    )
    .option('--shadow', 'deliver there, try nothing again, count nothing')
}
