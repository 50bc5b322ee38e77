/** Changes of a text, by offsets: put together, applied, and told as places that a reader or a tool understands. */
import type { Fix, TextEdit } from '../../../catalogue/evidence.ts'
import { compareText } from '../../../catalogue/order.ts'
import type { SourceFile } from './source-file.ts'

/** `start` to `end` of the file's text, in UTF-16 units, becomes `text`. */
export interface Edit {
  readonly file: string
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A change that a fixer proposes; what it is worth is found out afterwards. */
export interface Draft {
  readonly description: string
  readonly edits: readonly Edit[]
}

export function replaced(source: SourceFile, { start, end }: { start: number; end: number }, text: string): Edit {
  return { file: source.file, start, end, text }
}

export function inserted(source: SourceFile, at: number, text: string): Edit {
  return { file: source.file, start: at, end: at, text }
}

/** @returns `undefined` when two of the edits want the same characters, or different texts at one place. */
export function applyEdits(text: string, edits: readonly Omit<Edit, 'file'>[]): string | undefined {
  const distinct = [...new Map(edits.map((edit) => [`${edit.start} ${edit.end} ${edit.text}`, edit])).values()]
  const sorted = distinct.sort((a, b) => a.start - b.start || a.end - b.end)
  if (sorted.some((edit, index) => meets(sorted[index - 1], edit))) return undefined
  let result = text
  for (const { start, end, text: added } of sorted.toReversed())
    result = result.slice(0, start) + added + result.slice(end)
  return result
}

function meets(before: Omit<Edit, 'file'> | undefined, edit: Omit<Edit, 'file'>): boolean {
  return before !== undefined && (edit.start < before.end || edit.start === before.start)
}

/**
 * As many fixes as fit together, in their order.
 *
 * @param read The text that the fixes were made for.
 * @returns The new texts, and which fixes are in them; the others have to wait for the next round.
 */
export function applyFixes<T extends Fix>(
  fixes: readonly T[],
  read: (file: string) => string | undefined,
): { readonly texts: ReadonlyMap<string, string>; readonly applied: readonly T[] } {
  const edits = new Map<string, Omit<Edit, 'file'>[]>()
  const texts = new Map<string, string>()
  const applied: T[] = []
  for (const fix of fixes) {
    const files = [...new Set(fix.edits.map(({ file }) => file))]
    const outcomes = files.map((file) => {
      const text = read(file)
      if (text === undefined) return undefined
      const own = fix.edits.filter((edit) => edit.file === file).map((edit) => toOffsets(text, edit))
      const together = [...(edits.get(file) ?? []), ...own]
      const result = applyEdits(text, together)
      return result === undefined ? undefined : { file, together, result }
    })
    if (outcomes.includes(undefined)) continue
    for (const outcome of outcomes)
      if (outcome !== undefined) {
        edits.set(outcome.file, outcome.together)
        texts.set(outcome.file, outcome.result)
      }
    applied.push(fix)
  }
  return { texts, applied }
}

/** A draft as it is published. Its edits are in the order of the files' texts. */
export function toFix({ description, edits }: Draft, read: (file: string) => string): Fix {
  const sorted = edits.toSorted((a, b) => compareText(a.file, b.file) || a.start - b.start)
  return {
    description,
    edits: sorted.map(({ file, start, end, text }) => {
      const from = toPosition(read(file), start)
      const to = toPosition(read(file), end)
      return { file, ...from, endLine: to.line, endColumn: to.column, replacement: text }
    }),
  }
}

function toPosition(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

function toOffsets(text: string, { line, column, endLine, endColumn, replacement }: TextEdit): Omit<Edit, 'file'> {
  return { start: toOffset(text, line, column), end: toOffset(text, endLine, endColumn), text: replacement }
}

function toOffset(text: string, line: number, column: number): number {
  let start = 0
  for (let current = 1; current < line; current++) start = text.indexOf('\n', start) + 1
  return start + column - 1
}
