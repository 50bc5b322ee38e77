/** What a command line says of an alert channel, as the API takes it. What is secret may come from elsewhere. */
import type { CommandContext } from './context.ts'
import { readAll, readSecret } from './input.ts'
import { number, text, texts } from './list.ts'

export async function channelFields(
  context: CommandContext,
  options: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const secret = async (name: string) => {
    const given = text(options[name])
    if (given === undefined) return undefined
    if (given === '-') return (await readAll(context.stdin)).toString().trim()
    return readSecret(given, context.env, context.stdin)
  }
  return {
    name: text(options['name']),
    url: await secret('url'),
    signingSecret: await secret('signingSecret'),
    server: text(options['server']),
    username: await secret('username'),
    password: await secret('password'),
    from: text(options['from']),
    to: texts(options['to']),
    plaintext: typeof options['plaintext'] === 'boolean' ? options['plaintext'] : undefined,
    rules: options['allRules'] === true ? null : texts(options['rule']),
    ratePerHour: number(options['ratePerHour']),
    allowCidrs: texts(options['allowCidr']),
  }
}
