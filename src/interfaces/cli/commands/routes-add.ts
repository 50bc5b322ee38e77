import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { textOrFile } from '../input.ts'
import { text, texts } from '../list.ts'
import { printJson, printTable } from '../output.ts'
import { ROUTE_COLUMNS, type RouteView } from '../route-view.ts'

/** One route for each integration; `--json` prints them as a list. */
export async function addRoutes(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const client = createClient(context.env)
  const rules = {
    eventTypes: texts(options['eventType']),
    filter: await textOrFile(text(options['filter']), context.stdin),
    transform: await textOrFile(text(options['transform']), context.stdin),
  }
  const made: RouteView[] = []
  for (const integrationId of texts(options['from']) ?? []) {
    const route = { integrationId, destinationId: text(options['to']), ...rules }
    made.push(await client.send<RouteView>('POST', '/api/v1/routes', route))
  }
  if (context.json) printJson(context, made)
  else printTable(context, ROUTE_COLUMNS, made)
  return 0
}
