import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { number, text } from '../list.ts'
import { printJson, printTable } from '../output.ts'

interface DriftRow {
  readonly kind: string
  readonly place: string
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly detail: string | null
  readonly eventId: string
  readonly foundAt: string
}

/** Exit code 1 when something changed, as `diff` has it. */
export async function diffSchema(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const page = await createClient(context.env).get<{ data: readonly DriftRow[]; meta: { nextCursor: string | null } }>(
    `/api/v1/schemas/${encodeURIComponent(args[0] ?? '')}/drifts`,
    { pageSize: number(options['limit']), cursor: text(options['cursor']) },
  )
  if (context.json) printJson(context, page)
  else if (page.data.length === 0) context.stdout.write('Nothing has changed since this type was learnt.\n')
  else {
    printTable(
      context,
      [
        { title: 'FOUND', value: (row) => row.foundAt },
        { title: 'WHAT', value: (row) => row.kind },
        { title: 'BEFORE', value: (row) => row.before.join(' | ') },
        { title: 'AFTER', value: (row) => row.detail ?? row.after.join(' | ') },
        { title: 'EVENT', value: (row) => row.eventId },
        { title: 'PLACE', value: (row) => (row.place === '' ? '/' : row.place) },
      ],
      page.data,
    )
    if (page.meta.nextCursor !== null) context.stderr.write(`\nThere is more: --cursor ${page.meta.nextCursor}\n`)
  }
  return page.data.length === 0 ? 0 : 1
}
