import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { readAll, readSecret } from '../input.ts'
import { number, text, texts } from '../list.ts'
import { printJson } from '../output.ts'

interface MadeChannel {
  readonly id: string
  readonly kind: string
  readonly origin: string
  readonly signingSecret?: string
}

export async function addAlertChannel(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const secret = async (name: string) => {
    const given = text(options[name])
    if (given === undefined) return undefined
    if (given === '-') return (await readAll(context.stdin)).toString().trim()
    return readSecret(given, context.env, context.stdin)
  }
  const made = await createClient(context.env).send<MadeChannel>('POST', '/api/v1/alert-channels', {
    kind: args[0],
    name: text(options['name']),
    url: await secret('url'),
    signingSecret: await secret('signingSecret'),
    server: text(options['server']),
    username: await secret('username'),
    password: await secret('password'),
    from: text(options['from']),
    to: texts(options['to']),
    plaintext: options['plaintext'] === true ? true : undefined,
    rules: texts(options['rule']),
    ratePerHour: number(options['ratePerHour']),
    allowCidrs: texts(options['allowCidr']),
  })
  if (context.json) printJson(context, made)
  else {
    context.stdout.write(
      `${made.id} is added: ${made.kind} at ${made.origin}. Try it: postern alert-channels test ${made.id}\n`,
    )
    if (made.signingSecret !== undefined)
      context.stdout.write(`Its signing secret, shown this once: ${made.signingSecret}\n`)
  }
  return 0
}
