import { PosternError } from '../../../base/model/errors.ts'
import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { text } from '../list.ts'
import { namedValues } from '../named-values.ts'
import { printJson } from '../output.ts'

export async function setAlertRule(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const muted = text(options['muteUntil'])
  const change = {
    settings: settingsOf(options),
    enabled: switched(options),
    mutedUntil: muted === 'none' ? null : muted,
  }
  if (Object.values(change).every((value) => value === undefined))
    throw new PosternError(
      'VALIDATION_ERROR',
      'Say what to change: --set name=value, --defaults, --on, --off or --mute-until.',
    )
  const path = `/api/v1/alert-rules/${encodeURIComponent(args[0] ?? '')}`
  const rule = await createClient(context.env).send<{ kind: string; enabled: boolean }>('PATCH', path, change)
  if (context.json) printJson(context, rule)
  else context.stdout.write(`${rule.kind} is ${rule.enabled ? 'on' : 'off'}. See it: postern alert-rules list\n`)
  return 0
}

function switched(options: Readonly<Record<string, unknown>>): boolean | undefined {
  const [on, off] = [options['on'] === true, options['off'] === true]
  if (on && off) throw new PosternError('VALIDATION_ERROR', 'Give --on or --off.')
  return on || off ? on : undefined
}

function settingsOf(options: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> | null | undefined {
  const given = Object.entries(namedValues('set', options['set']))
  if (options['defaults'] === true) {
    if (given.length > 0) throw new PosternError('VALIDATION_ERROR', 'Give --set or --defaults.')
    return null
  }
  if (given.length === 0) return undefined
  return Object.fromEntries(
    given.map(([name, value]) => {
      if (!/^\d{1,15}$/.test(value))
        throw new PosternError('VALIDATION_ERROR', `--set ${name}=… must be a whole number.`)
      return [name, Number(value)]
    }),
  )
}
