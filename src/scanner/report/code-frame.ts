/** The line a finding points at, between its neighbours, with a caret under the column. */
import { plainText } from './escape.ts'
import { sourceLines } from './fingerprint.ts'

const CONTEXT = 1
const MAX_WIDTH = 140

export function codeFrame(
  sources: ReadonlyMap<string, string>,
  file: string,
  line: number,
  column: number,
): string | undefined {
  const lines = sourceLines(sources, file)
  if (lines === undefined || line < 1 || line > lines.length) return undefined
  const first = Math.max(1, line - CONTEXT)
  const last = Math.min(lines.length, line + CONTEXT)
  const width = String(last).length
  const rows: string[] = []
  for (let number = first; number <= last; number++) {
    const text = plainText(lines[number - 1] ?? '').replaceAll('\t', ' ')
    rows.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text.slice(0, MAX_WIDTH)}`)
    if (number === line && column >= 1 && column <= MAX_WIDTH)
      rows.push(`  ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`)
  }
  return rows.join('\n')
}
