/** The options of every command that ends in a report. Loads no writer: `--help` and `--version` stay quick. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { SEVERITIES } from '../../catalogue/severity.ts'
import { FORMATS } from './report-outputs.ts'

export function addReporting(command: Command): Command {
  command
    .addOption(
      new Option('--format <format>', 'of the report; text, or what the name of --output says').choices(FORMATS),
    )
    .option('--output <file>', 'write the report to this file instead of stdout')
    .addHelpText(
      'after',
      `
Several reports in one run: --output.<format> <file> beside the others, with one of
  ${FORMATS.join(', ')}

Exit codes: 0 nothing to object · 1 findings · 2 input or configuration · 3 something failed · 4 too little to decide`,
    )
  for (const format of FORMATS) command.addOption(new Option(`--output.${format} <file>`).hideHelp())
  return command
    .addOption(new Option('--fail-on <severity>', 'the least that is exit 1; medium').choices(SEVERITIES))
    .option('--min-score <score>', 'exit 1 below this score', percentage)
    .option('--min-coverage <percent>', 'exit 4 below this coverage', percentage)
    .option('--baseline <file>', 'findings accepted before; only new ones count')
    .option('--write-baseline', 'accept what is found now: write it to the baseline file')
    .option('--config <file>', 'instead of postern.config.yaml in this folder')
    .option('--no-colour', 'no colours; NO_COLOR does the same')
    .addOption(new Option('--no-color').hideHelp())
    .option('--quiet', 'only what is wrong')
}

function percentage(text: string): number {
  const value = Number(text)
  if (!/^\d{1,3}(\.\d+)?$/.test(text) || value > 100) throw new InvalidArgumentError('must be a number from 0 to 100.')
  return value
}
