/** Declares `postern alerts`, `postern alert-rules` and `postern alert-channels`. */
import { type Command, Option } from 'commander'
import { ALERT_KINDS, ALERT_STATUSES, CHANNEL_KINDS } from '../../base/model/alert.ts'
import { addPaging, positive, type Run, repeated } from './command-options.ts'

export function alertCommands(program: Command, run: Run): void {
  const alerts = program.command('alerts').description('What somebody should know')
  addPaging(
    alerts
      .command('list')
      .description('List alerts, newest first')
      .addOption(new Option('--status <status>', 'only those in this state').choices(ALERT_STATUSES))
      .addOption(new Option('--kind <rule>', 'only of this rule').choices(ALERT_KINDS)),
  ).action(run(async () => (await import('./commands/alerts-list.ts')).listAlerts))
  alerts
    .command('show')
    .description('Show one alert, with who was told of it')
    .argument('<id>', 'alr_…')
    .action(run(async () => (await import('./commands/alerts-show.ts')).showAlert))
  alerts
    .command('acknowledge')
    .description('Say that somebody knows')
    .argument('<id>', 'alr_…')
    .action(run(async () => (await import('./commands/alerts-acknowledge.ts')).acknowledgeAlert))

  const rules = program.command('alert-rules').description('What is worth an alert, and from where on')
  rules
    .command('list')
    .description('List every rule with its settings')
    .action(run(async () => (await import('./commands/alert-rules-list.ts')).listAlertRules))
  rules
    .command('set')
    .description('Change a rule; what is not given stays')
    .argument('<rule>', 'as `postern alert-rules list` shows it')
    .option('--set <name=value>', 'one of its settings; as often as there are', repeated)
    .option('--defaults', 'all of its settings as by default')
    .option('--on', 'look at it again')
    .option('--off', 'look at it no more; what it opened is closed')
    .option('--mute-until <time>', 'tell nobody before then, ISO 8601; `none` ends it')
    .action(run(async () => (await import('./commands/alert-rules-set.ts')).setAlertRule))

  channelCommands(program, run)
}

function channelCommands(program: Command, run: Run): void {
  const channels = program.command('alert-channels').description('Whom alerts are told to')
  const add = channels
    .command('add')
    .description('Add a channel; it is told of what is opened from now on')
    .addArgument(program.createArgument('<kind>', 'what it is').choices(CHANNEL_KINDS))
  channelOptions(add).action(run(async () => (await import('./commands/alert-channels-add.ts')).addAlertChannel))
  addPaging(channels.command('list').description('List channels, newest first')).action(
    run(async () => (await import('./commands/alert-channels-list.ts')).listAlertChannels),
  )
  channels
    .command('test')
    .description('Say there that this is a test, now and once; exit 1 when it does not get through')
    .argument('<id>', 'alc_…')
    .action(run(async () => (await import('./commands/alert-channels-test.ts')).testAlertChannel))
  const update = channels
    .command('update')
    .description('Change a channel; what is not given stays')
    .argument('<id>', 'alc_…')
  channelOptions(update)
    .option('--all-rules', 'alerts of all rules')
    .option('--no-plaintext', 'for email: with TLS again')
    .action(run(async () => (await import('./commands/alert-channels-update.ts')).updateAlertChannel))
  channels
    .command('disable')
    .description('Tell it nothing any more; what waits for it is dropped')
    .argument('<id>', 'alc_…')
    .action(run(async () => (await import('./commands/alert-channels-status.ts')).disableAlertChannel))
  channels
    .command('enable')
    .description('Tell it what is opened from now on')
    .argument('<id>', 'alc_…')
    .action(run(async () => (await import('./commands/alert-channels-status.ts')).enableAlertChannel))
  channels
    .command('delete')
    .description('Forget it, with its address and what it was told')
    .argument('<id>', 'alc_…')
    .action(run(async () => (await import('./commands/alert-channels-delete.ts')).deleteAlertChannel))
}

function channelOptions(command: Command): Command {
  return command
    .option('--url <url>', 'where; for slack, teams, webhook. A secret: also env:NAME or file:PATH; `-` reads stdin')
    .option(
      '--signing-secret <secret>',
      'of a webhook, whsec_…; made and shown once when absent. Also env:NAME or file:PATH',
    )
    .option('--server <url>', 'for email: smtps://host, or smtp://host, which must offer STARTTLS')
    .option('--username <name>', 'for email; also env:NAME or file:PATH')
    .option('--password <password>', 'for email; also env:NAME or file:PATH; `-` reads stdin')
    .option('--from <address>', 'for email')
    .option('--to <address>', 'for email; as often as there are', repeated)
    .option('--plaintext', 'for email: without TLS, to a server in --allow-cidr')
    .option('--name <name>', 'for people')
    .option('--rule <rule>', 'only alerts of this rule; as often as there are', repeated)
    .option('--rate-per-hour <n>', 'notifications an hour; more are dropped and counted', positive)
    .option('--allow-cidr <range...>', 'private ranges it may lie in, such as 127.0.0.1/32')
}
