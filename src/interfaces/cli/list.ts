/**
 * A page of a list from the API, as JSON or as a table with a hint how to go on.
 */
import { createClient } from './client.ts'
import type { CommandContext, ExitCode } from './context.ts'
import { type Column, printJson, printTable } from './output.ts'

interface Page<Row> {
  readonly data: readonly Row[]
  readonly meta: { readonly nextCursor: string | null }
}

export interface ListRequest<Row> {
  readonly path: string
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>
  readonly columns: readonly Column<Row>[]
  /** Said instead of an empty table. */
  readonly empty: string
}

export async function printList<Row>(
  context: CommandContext,
  { path, query, columns, empty }: ListRequest<Row>,
): Promise<ExitCode> {
  const page = await createClient(context.env).get<Page<Row>>(path, query)
  if (context.json) printJson(context, page)
  else if (page.data.length === 0) context.stdout.write(`${empty}\n`)
  else {
    printTable(context, columns, page.data)
    if (page.meta.nextCursor !== null) context.stderr.write(`\nThere is more: --cursor ${page.meta.nextCursor}\n`)
  }
  return 0
}

/** An option as commander leaves it: absent, or text. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

export function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : undefined
}
