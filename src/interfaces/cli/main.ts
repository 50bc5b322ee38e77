/**
 * The command line: reads argv, runs one command, turns its result or its error into an exit code.
 *
 * Each command lives in commands/<noun>-<verb>.ts and is loaded only when it runs, so that `--help` and
 * `--version` start quickly. With `--json` stdout carries one JSON value; everything else goes to stderr.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { VERSION } from '../../base/model/version.ts'
import { alertCommands } from './alert-commands.ts'
import { type Action, addPaging, positive, type Run, repeated } from './command-options.ts'
import { type CliIo, type CommandContext, type ExitCode, ROLES, type Role } from './context.ts'
import { destinationCommands } from './destination-commands.ts'
import { exitCodeOf, printError } from './errors.ts'
import { addLiveOptions } from './live-options.ts'
import { replayCommands } from './replay-commands.ts'
import { addReporting } from './reporting-options.ts'
import { retentionCommands } from './retention-commands.ts'

export async function main(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  let exitCode: ExitCode = 0
  const json = argv.includes('--json')
  const context: CommandContext = { ...io, json }
  const program = createProgram(context, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    printError(context, error)
    return exitCodeOf(error)
  }
}

function createProgram(context: CommandContext, done: (code: ExitCode) => void): Command {
  /** Adapts commander's call (arguments…, options, command) to ours and loads the command first. */
  const run =
    (load: () => Promise<Action>) =>
    async (...received: unknown[]): Promise<void> => {
      const command = received.at(-1) as Command
      const action = await load()
      done(
        await action(
          context,
          command.processedArgs.flat().filter((arg): arg is string => typeof arg === 'string'),
          command.opts(),
        ),
      )
    }

  const program = new Command('postern')
    .description(
      'The guarded back gate for webhooks: a receiving gateway and a scanner that share one catalogue of controls.',
    )
    .version(VERSION, '-v, --version')
    .helpCommand('help [command]')
    .showHelpAfterError('Run with --help to see what is possible.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.stdout.write(text), writeErr: (text) => context.stderr.write(text) })
    .addHelpText(
      'after',
      `
Commands that manage a running gateway speak to POSTERN_URL (default http://127.0.0.1:8400) with
MANAGEMENT_API_KEY, or with the key file that \`postern up\` keeps in its data folder.

Exit codes: 0 done · 1 the answer is no · 2 usage or configuration · 3 something failed · 4 incomplete`,
    )

  gatewayCommands(program, run)
  providerCommands(program, run)
  integrationCommands(program, run)
  destinationCommands(program, run)
  eventCommands(program, run)
  replayCommands(program, run)
  retentionCommands(program, run)
  expressionCommands(program, run)
  schemaCommands(program, run)
  alertCommands(program, run)
  toolCommands(program, run)
  reviewCommands(program, run)
  addJsonOption(program)
  return program
}

function gatewayCommands(program: Command, run: Run): void {
  program
    .command('up')
    .description('Run everything in one process; needs nothing else installed')
    .option('--demo', 'make integrations for acme, globex, stripe and github that deliver to the built-in sink')
    .option('--port <port>', 'port to listen on (POSTERN_PORT)', port)
    .action(run(async () => (await import('./commands/up.ts')).up))

  program
    .command('serve')
    .description('Run some parts in this process; several processes share one DATABASE_URL')
    .addOption(
      new Option('--role <roles>', `comma-separated: ${ROLES.join(', ')}`).argParser(roles).makeOptionMandatory(),
    )
    .option('--port <port>', 'port to listen on (POSTERN_PORT)', port)
    .action(run(async () => (await import('./commands/serve.ts')).serve))

  program
    .command('migrate')
    .description('Bring the database schema up to date and exit')
    .action(run(async () => (await import('./commands/migrate.ts')).migrateDatabase))
}

function integrationCommands(program: Command, run: Run): void {
  const integrations = program.command('integrations').description('Who may send, and where it goes')
  integrations
    .command('add')
    .description('Add an integration; its receive path is what you give to the provider')
    .requiredOption('--provider <id>', 'such as stripe, github or standard-webhooks')
    .option('--name <name>', 'a name of your own; the provider’s when absent')
    .option(
      '--secret <secret>',
      'the signing secret, or env:NAME or file:PATH; `-` reads it from stdin. Without it the integration stays pending',
    )
    .option('--scheme <variant>', 'one of the provider’s schemes, when it has several')
    .option('--setting <name=value>', 'a value that the provider’s scheme reads; `providers show` lists them', repeated)
    .option('--slot <name=secret>', 'a further key of the scheme, where the provider issues several', repeated)
    .option('--public-url <url>', 'the address the provider was given, for schemes that sign it')
    .option('--to <url>', 'deliver events to this address')
    .option('--allow-cidr <range...>', 'private ranges the destination may lie in, such as 127.0.0.1/32')
    .option('--event-type <type...>', 'accept only these types; others are parked')
    .option('--rate-limit <perMinute>', 'webhooks a minute from one address', positive)
    .option('--max-body-bytes <bytes>', 'largest body accepted', positive)
    .action(run(async () => (await import('./commands/integrations-add.ts')).addIntegration))
  integrations
    .command('add-key')
    .description('Add a key beside those that are active: the first half of a rotation')
    .argument('<id>', 'int_…')
    .requiredOption('--secret <secret>', 'the secret, or env:NAME or file:PATH; `-` reads it from stdin')
    .option('--slot <name>', 'the further key of the scheme that it is')
    .option('--not-before <time>', 'matches from then on, ISO 8601')
    .option('--not-after <time>', 'matches until then, ISO 8601')
    .action(run(async () => (await import('./commands/integrations-add-key.ts')).addKey))
  integrations
    .command('list')
    .description('List integrations')
    .option('--provider <id>', 'only of this provider')
    .option('--active', 'only active ones')
    .action(run(async () => (await import('./commands/integrations-list.ts')).listIntegrations))
  integrations
    .command('show')
    .description('Show one integration')
    .argument('<id>', 'int_…')
    .action(run(async () => (await import('./commands/integrations-show.ts')).showIntegration))
  integrations
    .command('disable')
    .description('Stop accepting: the receive path answers 404 from now on')
    .argument('<id>', 'int_…')
    .action(run(async () => (await import('./commands/integrations-disable.ts')).disableIntegration))
}

function providerCommands(program: Command, run: Run): void {
  const providers = program.command('providers').description('Whose webhooks can be verified; needs no gateway')
  providers
    .command('list')
    .description('List providers with their schemes and what each covers')
    .option('--category <category>', 'only of this category, such as payments')
    .option('--family <family>', 'only schemes of this family: hmac, asymmetric, jwt, token, basic, …')
    .action(run(async () => (await import('./commands/providers-list.ts')).listProviders))
  providers
    .command('show')
    .description('Show a provider: schemes, what they cover, settings, set-up, event, pitfalls')
    .argument('<id>', 'such as stripe')
    .action(run(async () => (await import('./commands/providers-show.ts')).showProvider))
}

function eventCommands(program: Command, run: Run): void {
  const events = program.command('events').description('What was received')
  addPaging(
    events
      .command('list')
      .description('List events, newest first')
      .option('--provider <id>', 'only of this provider')
      .option('--integration <id>', 'only of this integration')
      .option('--status <status>', 'pending, processing, processed, retrying, failed or parked')
      .option('--type <type>', 'only of this type')
      .option('--unrouted', 'only those that led nowhere')
      .option('--from <time>', 'received at or after, ISO 8601')
      .option('--to <time>', 'received before, ISO 8601'),
  ).action(run(async () => (await import('./commands/events-list.ts')).listEvents))
  events
    .command('show')
    .description('Show one event with its verification, jobs and deliveries')
    .argument('<id>', 'evt_…')
    .option('--raw', 'write the exact bytes of the body to stdout instead')
    .action(run(async () => (await import('./commands/events-show.ts')).showEvent))
  events
    .command('replay')
    .description('Deliver an event again')
    .argument('<id>', 'evt_…')
    .requiredOption('--reason <text>', 'why, 5 to 500 characters; kept in the audit trail')
    .option('--requested-by <name>', 'a note of who asked, 2 to 120 characters')
    .option('--destination <id>', 'only there, whatever else it is routed to')
    .action(run(async () => (await import('./commands/events-replay.ts')).replayEvent))

  const deliveries = program.command('deliveries').description('Attempts to deliver')
  addPaging(
    deliveries
      .command('list')
      .description('List delivery attempts, newest first')
      .option('--status <status>', 'success or failed')
      .option('--event <id>', 'only of this event')
      .option('--destination <id>', 'only to this destination'),
  ).action(run(async () => (await import('./commands/deliveries-list.ts')).listDeliveries))

  const deadLetters = program.command('dead-letters').description('Deliveries that were given up')
  addPaging(
    deadLetters
      .command('list')
      .description('List those that nobody has dealt with, latest event first')
      .option('--event <id>', 'only of this event')
      .option('--destination <id>', 'only to this destination')
      .option('--integration <id>', 'only of this integration')
      .option('--reason <outcome>', 'only those that ended so, such as timeout')
      .option('--from <time>', 'of events received at or after, ISO 8601')
      .option('--to <time>', 'of events received before, ISO 8601'),
  ).action(run(async () => (await import('./commands/dead-letters-list.ts')).listDeadLetters))
  deadLetters
    .command('dismiss')
    .description('Say that the failed deliveries of an event need nothing more')
    .argument('<event>', 'evt_…')
    .requiredOption('--reason <text>', 'why, 5 to 500 characters; kept in the audit trail')
    .option('--destination <id>', 'only those to it')
    .action(run(async () => (await import('./commands/dead-letters-dismiss.ts')).dismissDeadLetters))

  program
    .command('surfaces')
    .description('Print an evidence manifest of the gateway itself, for `postern scan`')
    .option('--provider <id>', 'only receivers of this provider')
    .action(run(async () => (await import('./commands/surfaces.ts')).showSurfaces))

  const audit = program.command('audit').description('The audit trail')
  audit
    .command('verify')
    .description('Check every hash, link and checkpoint of the trail, and the events it vouches for')
    .action(run(async () => (await import('./commands/audit-verify.ts')).verifyAudit))
}

function expressionCommands(program: Command, run: Run): void {
  const filters = program.command('filters').description('Which events a route takes, in CEL')
  addTrying(
    filters.command('test').description('Say whether a filter takes an event').argument('[filter]', 'in CEL'),
  ).action(run(async () => (await import('./commands/filters-test.ts')).testFilter))
  const transforms = program.command('transforms').description('The body that a destination is sent, in JSONata')
  addTrying(
    transforms
      .command('try')
      .description('Show the body that a transform makes of an event')
      .argument('[transform]', 'in JSONata'),
  ).action(run(async () => (await import('./commands/transforms-try.ts')).tryTransform))
}

function schemaCommands(program: Command, run: Run): void {
  const schemas = program.command('schemas').description('What events look like, and must look like')
  addPaging(
    schemas
      .command('list')
      .description('List the types of events that were seen, with how they have drifted')
      .option('--integration <id>', 'only of this integration'),
  ).action(run(async () => (await import('./commands/schemas-list.ts')).listSchemas))
  schemas
    .command('show')
    .description('Show what events of one type look like')
    .argument('<id>', 'sch_…')
    .action(run(async () => (await import('./commands/schemas-show.ts')).showSchema))
  schemas
    .command('set')
    .description('Say what events of one type must look like, and what happens to those that do not')
    .requiredOption('--integration <id>', 'int_…')
    .requiredOption('--type <type>', 'the type of event')
    .option('--schema <path>', 'a JSON Schema (2020-12); `-` is stdin; without it nothing is asked any more')
    .addOption(
      new Option('--policy <policy>', 'what happens to an event that is not as asked')
        .choices(['accept', 'park', 'refuse'])
        .default('accept'),
    )
    .action(run(async () => (await import('./commands/schemas-set.ts')).setSchema))
  addPaging(
    schemas
      .command('diff')
      .description('List in what the events of one type have changed, newest first; exit 1 when there is something')
      .argument('<id>', 'sch_…'),
  ).action(run(async () => (await import('./commands/schemas-diff.ts')).diffSchema))
}

function addTrying(command: Command): Command {
  return command
    .option('--file <path>', 'read the expression from this file; `-` is stdin')
    .option('--event <id>', 'evt_…: try it on this event')
    .option('--body <path>', 'try it on an event with this JSON body; `-` is stdin')
    .option('--header <name=value>', 'a header of that event', repeated)
    .option('--type <type>', 'its type')
    .option('--target <path>', 'its path and query')
}

function toolCommands(program: Command, run: Run): void {
  program
    .command('send')
    .description('Send webhooks signed as the provider signs them')
    .argument('<provider>', 'such as stripe, github or acme')
    .option('--to <url>', 'where to send; the integration’s receive path when absent')
    .option('--integration <id>', 'int_…: take receive path, scheme, settings and public URL from it')
    .option(
      '--secret <secret>',
      'the signing secret or private key (PEM), or env:NAME or file:PATH, read here; the demo’s when absent',
    )
    .option('--scheme <variant>', 'one of the provider’s schemes')
    .option('--setting <name=value>', 'a value that the scheme reads', repeated)
    .option('--slot <name>', 'sign with the further key of this name')
    .option('--public-url <url>', 'the address that is signed, where it is not the one sent to')
    .addOption(new Option('--method <method>', 'another than POST').choices(['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']))
    .option('--type <type>', 'event type')
    .option('--body <file>', 'send this file instead of the provider’s sample; `-` is stdin')
    .addOption(
      new Option('--tamper <how>', 'break the request on purpose').choices([
        'body',
        'signature',
        'secret',
        'stale',
        'future',
        'replay',
      ]),
    )
    .option('--count <n>', 'how many', positive, 1)
    .option('--rate <perSecond>', 'at most so many a second', positive)
    .action(run(async () => (await import('./commands/send.ts')).send))

  program
    .command('verify')
    .description('Check signature vectors of your own, without network; one JSON line each')
    .requiredOption('--vectors <file>', 'a JSON list of vectors; `-` is stdin')
    .action(run(async () => (await import('./commands/verify.ts')).verifyVectors))
}

function reviewCommands(program: Command, run: Run): void {
  addLiveOptions(
    addReporting(
      program
        .command('scan')
        .description(
          'Examine back gates in source code, in OpenAPI and AsyncAPI descriptions, in evidence manifests, and live',
        )
        .argument(
          '[target...]',
          'source files, descriptions, manifests (YAML or JSON), folders that hold them, or URLs to probe',
        )
        .addOption(
          new Option('--as <kind>', 'what the targets are, instead of looking').choices([
            'code',
            'manifest',
            'spec',
            'live',
          ]),
        )
        .option('--follow-files', 'read files below the targets that a description refers to')
        .option('--diff <ref>', 'only what has changed since this commit, branch or tag')
        .option('--fix', 'apply the fixes that were tried and hold, then report what is left')
        .option('--jobs <n>', 'threads at most; as many as there are processors', positive)
        .option('--no-cache', 'examine everything anew, and keep nothing for the next time'),
    ),
  ).action(run(async () => (await import('./commands/scan.ts')).scan))
  addReporting(
    program
      .command('review')
      .description('Review evidence manifests')
      .argument('[paths...]', 'manifests, or folders that hold them')
      .option('--init [file]', 'write a commented manifest to start from; never over a file; `-` is stdout'),
  ).action(run(async () => (await import('./commands/review.ts')).review))
  program
    .command('explain')
    .description('What a control, a rule, a probe or an evidence gate asks for, why, and how to fix and prove it')
    .argument('<id>', 'such as raw-body-integrity, unsafe-compare or API-RT-04')
    .action(run(async () => (await import('./commands/explain.ts')).explainId))
}

/** Every command takes --json, also after its own arguments. */
function addJsonOption(command: Command): void {
  for (const child of command.commands) addJsonOption(child)
  if (command.commands.length === 0) command.option('--json', 'one JSON value on stdout and nothing else')
}

function port(text: string): number {
  const value = Number(text)
  if (!/^\d{1,5}$/.test(text) || value > 65535) throw new InvalidArgumentError('must be a port from 0 to 65535.')
  return value
}

function roles(text: string): readonly Role[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !ROLES.includes(name as Role))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`there is no role "${unknown}"; there are ${ROLES.join(', ')}.`)
  return ROLES.filter((role) => names.includes(role))
}
