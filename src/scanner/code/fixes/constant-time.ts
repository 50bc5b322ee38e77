/**
 * Compares in constant time what was compared with an operator that stops early.
 *
 * Both sides are made bytes, because the platforms' functions raise on text outside of ASCII, or on other lengths.
 * Only what was sent is allowed to be missing; a missing secret goes on raising, or never equals anything.
 */
import type { Check } from '../flow/facts.ts'
import { fieldOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import type { Comparison, Replacement } from './comparison.ts'
import { goComparison } from './constant-time-go.ts'
import { javaComparison } from './constant-time-java.ts'
import { phpComparison } from './constant-time-php.ts'
import { pythonComparison } from './constant-time-python.ts'
import { rubyComparison } from './constant-time-ruby.ts'
import { scriptComparison } from './constant-time-script.ts'
import type { Draft, Edit } from './edits.ts'
import { replaced } from './edits.ts'
import type { Fixer } from './fixer.ts'
import type { SourceFile } from './source-file.ts'

const COMPARISONS: Readonly<
  Record<SourceFile['language'], (source: SourceFile, comparison: Comparison) => Replacement | undefined>
> = {
  python: pythonComparison,
  javascript: scriptComparison,
  typescript: scriptComparison,
  go: goComparison,
  ruby: rubyComparison,
  php: phpComparison,
  java: javaComparison,
}

/** Of a line: several comparisons on one line are one finding. */
export const constantTime: Fixer = ({ at, surface }, sources): readonly Draft[] => {
  const source = sources(at.file)
  const checks = surface.facts.checks.filter(
    (one) => one.constantTime === false && one.at.file === at.file && one.at.line === at.line,
  )
  if (source === undefined || checks.length === 0) return []
  const replacements = checks.map((check) => replacementOf(source, check, surface.facts.surface.framework))
  const made = replacements.filter((one) => one !== undefined)
  if (made.length < checks.length) return []
  const uses = [...new Set(made.map((one) => one.uses))].join(' and ')
  return [{ description: `Compare in constant time, with ${uses}.`, edits: made.flatMap(({ edits }) => edits) }]
}

function replacementOf(
  source: SourceFile,
  check: Check,
  framework: string,
): { readonly uses: string; readonly edits: readonly Edit[] } | undefined {
  const comparison = comparisonAt(source, check, framework)
  const replacement = comparison === undefined ? undefined : COMPARISONS[source.language](source, comparison)
  if (comparison === undefined || replacement === undefined) return undefined
  const { text, uses, more = [] } = replacement
  return { uses, edits: [replaced(source, comparison.node, text), ...more] }
}

const OPERATORS: Readonly<Record<string, boolean>> = { '==': false, '===': false, '!=': true, '!==': true }
const OPERATIONS = /^(?:comparison_operator|binary_expression|binary)$/
const CALLS = /^(?:call_expression|method_invocation|call|function_call_expression)$/

function comparisonAt(source: SourceFile, { at, given, kind }: Check, framework: string): Comparison | undefined {
  if (given === undefined) return undefined
  for (const node of source.nodesAt(at)) {
    const sides = OPERATIONS.test(node.type)
      ? operands(source, node)
      : CALLS.test(node.type)
        ? compared(source, node)
        : undefined
    if (sides === undefined) continue
    const [left, right] = sides.of
    const [sent, expected] = given === 'left' ? [left, right] : [right, left]
    return {
      node,
      left,
      right,
      given: sent,
      expected,
      gap: sides.gap,
      negated: sides.negated,
      framework,
      isToken: kind === 'token',
    }
  }
  return undefined
}

interface Sides {
  readonly of: readonly [SyntaxNode, SyntaxNode]
  readonly gap: string
  readonly negated: boolean
}

function operands(source: SourceFile, node: SyntaxNode): Sides | undefined {
  const [left, right, ...others] = namedOf(node)
  const operator = node.children.find((child) => !child.named || child.field === 'operator')
  const negated = operator === undefined ? undefined : OPERATORS[source.textOf(operator)]
  if (operator === undefined || left === undefined || right === undefined || others.length > 0) return undefined
  if (negated === undefined) return undefined
  const before = source.text.slice(left.end, operator.start)
  const behind = source.text.slice(operator.end, right.start)
  const around = before + (before.includes('\n') ? behind.replace(/^[ \t]+/, '') : behind)
  const gap = around.trim() === '' && !around.includes('\n') ? ' ' : around.replace(/[ \t]+(?=\r?\n)/g, '')
  return { of: [left, right], gap: `,${/^\s/.test(gap) ? '' : ' '}${gap}`, negated }
}

/** `a.equals(b)`, `Objects.equals(a, b)`, `bytes.Equal(a, b)`. */
function compared(source: SourceFile, node: SyntaxNode): Sides | undefined {
  const callee = fieldOf(node, 'function') ?? node
  const name = fieldOf(callee, 'name') ?? fieldOf(callee, 'field') ?? fieldOf(callee, 'property')
  const object = fieldOf(callee, 'object') ?? fieldOf(callee, 'operand')
  const args = namedOf(fieldOf(node, 'arguments') ?? { ...node, children: [] })
  if (name === undefined || object === undefined || !/^(?:equals|Equal)$/.test(source.textOf(name))) return undefined
  const [first, second, third] = args
  if (first === undefined || third !== undefined) return undefined
  return { of: second === undefined ? [object, first] : [first, second], gap: ', ', negated: false }
}
