/**
 * What commands print: a table for people, one JSON value for programs.
 */
import type { CommandContext } from './context.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string | number | null | undefined
}

export function printJson(context: CommandContext, value: unknown): void {
  context.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Left-aligned columns two spaces apart; the last one may be as long as it likes. */
export function printTable<Row>(context: CommandContext, columns: readonly Column<Row>[], rows: readonly Row[]): void {
  const cells = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => shown(column.value(row)))),
  ]
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)))
  for (const line of cells) {
    context.stdout.write(
      `${line
        .map((cell, index) => (index === columns.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
        .join('  ')
        .trimEnd()}\n`,
    )
  }
}

/** `name   value` lines for one thing. */
export function printFields(
  context: CommandContext,
  fields: readonly (readonly [name: string, value: string | number | null | undefined])[],
): void {
  const width = Math.max(...fields.map(([name]) => name.length))
  for (const [name, value] of fields) context.stdout.write(`${name.padEnd(width)}  ${shown(value)}\n`)
}

/** Text from outside is shown without control characters: a header must not move the cursor of a terminal. */
export function shown(value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === '') return '-'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return String(value).replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}
