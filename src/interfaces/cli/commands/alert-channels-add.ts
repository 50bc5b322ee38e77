import { channelFields } from '../channel-fields.ts'
import { createClient, type ManagementClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson } from '../output.ts'

interface MadeChannel {
  readonly id: string
  readonly kind: string
  readonly origin: string
}

export async function addAlertChannel(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const client = createClient(context.env)
  const made = await client.send<MadeChannel>('POST', '/api/v1/alert-channels', {
    kind: args[0],
    ...(await channelFields(context, options)),
  })
  // Whoever gave none needs the one that was made.
  const shown =
    made.kind === 'webhook' && options['signingSecret'] === undefined ? await newSecret(client, made.id) : undefined
  if (context.json) printJson(context, shown === undefined ? made : { ...made, signingSecret: shown })
  else {
    context.stdout.write(
      `${made.id} is added: ${made.kind} at ${made.origin}. Try it: postern alert-channels test ${made.id}\n`,
    )
    if (shown !== undefined) context.stdout.write(`Its signing secret, shown this once: ${shown}\n`)
  }
  return 0
}

async function newSecret(client: ManagementClient, id: string): Promise<string> {
  const path = `/api/v1/alert-channels/${encodeURIComponent(id)}/signing-secret`
  return (await client.send<{ secret: string }>('POST', path, undefined)).secret
}
