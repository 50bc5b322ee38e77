/** `hmac.Equal`, which takes other lengths and empty values as they come. */
import { fieldOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import type { Comparison, Replacement } from './comparison.ts'
import { definitionOf } from './definitions.ts'
import { goImport } from './imports-go.ts'
import type { SourceFile } from './source-file.ts'

export function goComparison(
  source: SourceFile,
  { node, left, right, gap, negated }: Comparison,
): Replacement | undefined {
  const isCall = node.type === 'call_expression'
  // Slices cannot be compared with `==`: both are text, or arrays.
  if (!isCall && !isText(source, left) && !isText(source, right)) return undefined
  const hmac = goImport(source, 'crypto/hmac', 'hmac')
  // An import that is no longer used would stop the build.
  if (isCall && source.all('identifier').filter((one) => source.textOf(one) === 'bytes').length < 2) return undefined
  if (hmac === undefined) return undefined
  const [a, b] = [left, right].map((side) => (isCall ? source.textOf(side) : asBytes(source, side)))
  return {
    text: `${negated ? '!' : ''}${hmac.name}.Equal(${a}${gap}${b})`,
    uses: `${hmac.name}.Equal`,
    more: hmac.edits,
  }
}

function asBytes(source: SourceFile, side: SyntaxNode): string {
  const text = source.textOf(side)
  return side.type === 'type_conversion_expression' && text.startsWith('string(')
    ? text.slice('string('.length, -1)
    : `[]byte(${text})`
}

function isText(source: SourceFile, side: SyntaxNode, depth = 0): boolean {
  switch (side.type) {
    case 'interpreted_string_literal':
    case 'raw_string_literal':
      return true
    case 'binary_expression':
      return namedOf(side).some((one) => isText(source, one, depth))
    case 'slice_expression':
      return isText(source, fieldOf(side, 'operand') ?? side, depth + 1) && depth < 4
    case 'identifier': {
      const found = depth > 3 ? undefined : definitionOf(source, side)
      return found !== undefined && isText(source, found.value, depth + 1)
    }
    case 'call_expression': {
      const callee = source.textOf(fieldOf(side, 'function') ?? side)
      return /(?:^|\.)(?:Getenv|EncodeToString|Sprintf|GetHeader|string|TrimPrefix|TrimSpace|ToLower)$|(?:\.Header|\.Header\(\)|\.Query\(\))\.Get$|^(?:c|ctx)\.Get$/.test(
        callee,
      )
    }
    default:
      return false
  }
}
