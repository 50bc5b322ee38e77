/** `secure_compare` of Rails or Rack. Only what was sent may be missing: a missing secret goes on raising. */
import type { SyntaxNode } from '../parse/syntax.ts'
import type { Comparison, Replacement } from './comparison.ts'
import type { SourceFile } from './source-file.ts'

export function rubyComparison(
  source: SourceFile,
  { left, right, given, gap, negated, framework }: Comparison,
): Replacement | undefined {
  const uses =
    framework === 'rails'
      ? 'ActiveSupport::SecurityUtils.secure_compare'
      : framework === 'sinatra' || framework === 'rack'
        ? 'Rack::Utils.secure_compare'
        : undefined
  if (uses === undefined) return undefined
  const [a, b] = [left, right].map((side) => (side === given ? asText(source, side) : source.textOf(side)))
  return { text: `${negated ? '!' : ''}${uses}(${a}${gap}${b})`, uses }
}

function asText(source: SourceFile, side: SyntaxNode): string {
  const text = source.textOf(side)
  if (/\.to_s$/.test(text)) return text
  return /^(?:identifier|call|element_reference|instance_variable|parenthesized_statements)$/.test(side.type)
    ? `${text}.to_s`
    : `(${text}).to_s`
}
