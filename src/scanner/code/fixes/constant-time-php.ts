/** `hash_equals`. It takes text only: what was sent is made one, a missing secret goes on raising. */
import type { SyntaxNode } from '../parse/syntax.ts'
import type { Comparison, Replacement } from './comparison.ts'
import type { SourceFile } from './source-file.ts'

export function phpComparison(source: SourceFile, { expected, given, gap, negated }: Comparison): Replacement {
  return {
    text: `${negated ? '!' : ''}hash_equals(${source.textOf(expected)}${gap}${asText(source, given)})`,
    uses: 'hash_equals',
  }
}

function asText(source: SourceFile, side: SyntaxNode): string {
  const text = source.textOf(side)
  if (side.type === 'cast_expression') return text
  return /^(?:binary_expression|conditional_expression|assignment_expression)$/.test(side.type)
    ? `(string) (${text})`
    : `(string) ${text}`
}
