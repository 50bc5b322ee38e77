import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { readAll } from '../input.ts'
import { text } from '../list.ts'
import { printFields, printJson } from '../output.ts'

interface KeyView {
  readonly id: string
  readonly slot: string | null
  readonly form: string
}

/** The first half of a rotation: the new key beside the old one. */
export async function addKey(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const secret = text(options['secret'])
  const key = await createClient(context.env).send<KeyView>(
    'POST',
    `/api/v1/integrations/${encodeURIComponent(args[0] ?? '')}/keys`,
    {
      secret: secret === '-' ? (await readAll(context.stdin)).toString().trim() : secret,
      slot: text(options['slot']),
      notBefore: text(options['notBefore']),
      notAfter: text(options['notAfter']),
    },
  )
  if (context.json) printJson(context, key)
  else
    printFields(context, [
      ['key', key.id],
      ['kept as', key.form],
      ...(key.slot === null ? [] : [['slot', key.slot] as const]),
    ])
  return 0
}
