/** `MessageDigest.isEqual`, over bytes. What was sent may be null: it is compared as an empty text. */
import { fieldOf, type SyntaxNode } from '../parse/syntax.ts'
import type { Comparison, Replacement } from './comparison.ts'
import { parameterNamed } from './definitions.ts'
import { type Edit, inserted } from './edits.ts'
import type { SourceFile } from './source-file.ts'

export function javaComparison(
  source: SourceFile,
  { node, left, right, given, gap }: Comparison,
): Replacement | undefined {
  if (node.type !== 'method_invocation') return undefined
  const object = fieldOf(node, 'object')
  const isBytes = object !== undefined && source.textOf(object) === 'Arrays'
  const needed = new Set(['java.security.MessageDigest'])
  const sides = [left, right].map((side) => {
    const text = source.textOf(side)
    if (isBytes) return text
    needed.add('java.nio.charset.StandardCharsets')
    if (side !== given || isSent(source, side)) return `${atom(side, text)}.getBytes(StandardCharsets.UTF_8)`
    needed.add('java.util.Objects')
    return `Objects.toString(${text}, "").getBytes(StandardCharsets.UTF_8)`
  })
  return {
    text: `MessageDigest.isEqual(${sides.join(gap)})`,
    uses: 'MessageDigest.isEqual',
    more: importsFor(source, [...needed]),
  }
}

function atom({ type }: SyntaxNode, text: string): string {
  return /^(?:identifier|method_invocation|field_access|string_literal|parenthesized_expression)$/.test(type)
    ? text
    : `(${text})`
}

/** Spring refuses a request without it. */
function isSent(source: SourceFile, side: SyntaxNode): boolean {
  const parameter = side.type === 'identifier' ? parameterNamed(source, side) : undefined
  const text = parameter === undefined ? '' : source.textOf(parameter)
  return /@RequestHeader\b/.test(text) && !/required\s*=\s*false/.test(text)
}

function importsFor(source: SourceFile, names: readonly string[]): readonly Edit[] {
  const imports = source.root.children.filter(({ type }) => type === 'import_declaration')
  const known = imports.map((node) => /^import\s+([\w.*]+)/.exec(source.textOf(node))?.[1] ?? '')
  const missing = names
    .filter((name) => !known.includes(name) && !known.includes(name.replace(/\.\w+$/, '.*')))
    .sort()
    .map((name) => `import ${name};`)
  const [first] = imports
  const clause = source.root.children.find(({ type }) => type === 'package_declaration')
  if (missing.length === 0) return []
  if (first !== undefined)
    return [inserted(source, first.start, missing.map((line) => `${line}${source.lineEnd}`).join(''))]
  const text = missing.join(source.lineEnd)
  return [
    clause === undefined
      ? inserted(source, 0, `${text}${source.lineEnd.repeat(2)}`)
      : inserted(source, clause.end, `${source.lineEnd.repeat(2)}${text}`),
  ]
}
