/** A constant-time comparison that refuses odd input instead of raising on it. */
import type { Check } from '../flow/facts.ts'
import { fieldOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import { orEmpty } from './constant-time-python.ts'
import { atEnd } from './constant-time-script.ts'
import { type Draft, replaced } from './edits.ts'
import type { Fixer } from './fixer.ts'
import { semicolonOf } from './imports-script.ts'
import { mentions, type SourceFile } from './source-file.ts'

export const compareLength: Fixer = ({ at, surface }, sources) => {
  const source = sources(at.file)
  const check = surface.facts.checks.find(
    (one) =>
      one.raisesOnOddInput !== undefined &&
      one.at.file === at.file &&
      one.at.line === at.line &&
      one.at.column === at.column,
  )
  const call = source?.nodesAt(at).find(({ type }) => type === 'call' || type === 'call_expression')
  const args = call === undefined ? undefined : fieldOf(call, 'arguments')
  if (source === undefined || check === undefined || call === undefined || args === undefined) return []
  const [left, right, ...others] = namedOf(args)
  if (left === undefined || right === undefined || others.length > 0) return []
  if (source.language === 'python') return missingAsEmpty(source, check, left, right)
  if (source.language !== 'javascript' && source.language !== 'typescript') return []
  return [lengthsFirst(source, call, left, right)]
}

function missingAsEmpty(source: SourceFile, { given }: Check, left: SyntaxNode, right: SyntaxNode): readonly Draft[] {
  const sent = given === 'left' ? left : right
  const text = orEmpty(source, sent).replace(/^\((.*)\)$/s, '$1')
  return given === undefined
    ? []
    : [{ description: 'Compare a missing signature as an empty one.', edits: [replaced(source, sent, text)] }]
}

const PLAIN = /^[\w.]+$/

function lengthsFirst(source: SourceFile, call: SyntaxNode, left: SyntaxNode, right: SyntaxNode): Draft {
  const description = 'Compare the lengths first.'
  const [a, b, text] = [left, right, call].map((node) => source.textOf(node))
  if (a !== undefined && b !== undefined && PLAIN.test(a) && PLAIN.test(b)) {
    const parent = source.parentOf(call)
    const isDenied = parent?.type === 'unary_expression' && source.textOf(parent).startsWith('!')
    const node = isDenied ? parent : call
    const whole = isDenied ? `${a}.length !== ${b}.length || !${text}` : `${a}.length === ${b}.length && ${text}`
    const around = source.parentOf(node)
    const isAlone =
      around === undefined ||
      /^(?:parenthesized_expression|return_statement|variable_declarator|arguments|arrow_function)$/.test(around.type)
    return { description, edits: [replaced(source, node, isAlone ? whole : `(${whole})`)] }
  }
  const name = mentions(source, 'isSameBytes') ? 'areSameBytes' : 'isSameBytes'
  const typed = source.language === 'typescript' ? ': Uint8Array' : ''
  const helper = [
    '/** In constant time for every value of the right length, and without an error for others. */',
    `function ${name}(a${typed}, b${typed})${typed === '' ? '' : ': boolean'} {`,
    `${source.indent}return a.length === b.length && ${source.textOf(fieldOf(call, 'function') ?? call)}(a, b)${semicolonOf(source)}`,
    '}',
  ].join(source.lineEnd)
  const callee = fieldOf(call, 'function') ?? call
  return { description, edits: [replaced(source, callee, name), atEnd(source, helper)] }
}
