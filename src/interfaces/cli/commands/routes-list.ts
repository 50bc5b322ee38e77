import type { CommandContext, ExitCode } from '../context.ts'
import { number, printList, text } from '../list.ts'
import { ROUTE_COLUMNS, type RouteView } from '../route-view.ts'

export function listRoutes(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return printList<RouteView>(context, {
    path: '/api/v1/routes',
    query: {
      pageSize: number(options['limit']),
      cursor: text(options['cursor']),
      integrationId: text(options['from']),
      destinationId: text(options['to']),
    },
    empty: 'No routes. Add one: postern routes add --from int_… --to dst_…',
    columns: ROUTE_COLUMNS,
  })
}
