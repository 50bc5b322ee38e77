/** The options of `postern scan` for targets that are probed. Loads no prober: `--help` stays quick. */
import { type Command, InvalidArgumentError } from 'commander'

export function addLiveOptions(command: Command): Command {
  return command
    .optionsGroup('Probing a live target (an http or https URL, or a probe plan):')
    .option('--live-config <file>', 'a probe plan: targets, keys, oracles, limits; its targets when no URL is named')
    .option('--init-live [file]', 'write a commented probe plan to start from; never over a file; `-` is stdout')
    .option('--provider <id>', 'who sends to the URL, such as stripe; `postern providers list` shows all')
    .option('--scheme <variant>', 'one of the provider’s schemes')
    .option('--setting <name=value>', 'a value that the scheme reads', collected)
    .option('--secret <secret>', 'the signing secret: env:NAME or file:PATH')
    .option('--body <file>', 'an event of the kind the target expects, instead of the provider’s sample')
    .option('--type <type>', 'event type')
    .option('--public-url <url>', 'the address that is signed, where it is not the one sent to')
    .option('--status-url <url>', 'counts effects: JSON at this address; {id} is the event’s id')
    .option('--status-path <jsonpath>', 'where in that JSON the count is, such as $.count')
    .option('--sink [port]', 'counts effects: the target delivers to our listener')
    .option('--hook <command>', 'counts effects: a command that prints a number; POSTERN_EVENT_ID is the event’s id')
    .option('--callback-base <url>', 'the address under which the target reaches our listener')
    .option('--authorized-by <who>', '"name, reason": you answer for probing it; written into the report')
    .option('--consent-token <token>', 'the secret half of the token that the host shows: env:NAME or file:PATH')
    .option('--allow-cidr <range...>', 'ranges that are not public and may be probed, such as 10.20.0.0/16')
    .option('--max-requests <n>', 'requests in all; 1000', positive)
    .option('--rate <perSecond>', 'requests a second; 100', positive)
    .option('--max-seconds <n>', 'for the whole run; 120', positive)
    .option('--destructive', 'also try PUT, PATCH, DELETE and cancelling')
    .option('--dry-run', 'print every request that would be sent, or with --fix every change, and do neither')
}

function collected(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

function positive(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('must be a whole number from 1.')
  return value
}
