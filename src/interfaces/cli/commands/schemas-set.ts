import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { readInput } from '../input.ts'
import { text } from '../list.ts'
import { printJson } from '../output.ts'
import { parseJsonInput } from '../try-expression.ts'

export async function setSchema(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const path = text(options['schema'])
  const schema = await createClient(context.env).send<{ id: string }>('PUT', '/api/v1/schemas', {
    integrationId: text(options['integration']),
    eventType: text(options['type']),
    jsonSchema: path === undefined ? null : parseJsonInput(path, await readInput(path, context.stdin)),
    policy: text(options['policy']),
  })
  if (context.json) printJson(context, schema)
  else context.stdout.write(`${schema.id} is set. See how events compare: postern schemas diff ${schema.id}\n`)
  return 0
}
