/** `hmac.compare_digest`, over bytes: it raises on text outside of ASCII and on None. */
import { childOf, fieldOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import type { Comparison, Replacement } from './comparison.ts'
import { definitionOf, parameterNamed } from './definitions.ts'
import { pythonFunction } from './imports-python.ts'
import { quoteOf, type SourceFile } from './source-file.ts'

export function pythonComparison(
  source: SourceFile,
  { node, left, right, given, gap, negated, isToken }: Comparison,
): Replacement | undefined {
  // Two values of unlike kinds are never equal: what is known of one holds for both.
  const kind = kindOf(source, left) ?? kindOf(source, right)
  if (kind === undefined) return undefined
  const compare = pythonFunction(source, 'compare_digest', isToken ? ['secrets', 'hmac'] : ['hmac', 'secrets'])
  if (compare === undefined) return undefined
  const sides = [left, right].map((side) => bytesOf(source, side, kind, side === given))
  const call = `${compare.name}(${sides.join(gap)})`
  const parent = source.parentOf(node)
  const text = negated ? `not ${call}` : call
  return {
    text: negated && parent !== undefined && BINDS_TIGHTER.test(parent.type) ? `(${text})` : text,
    uses: compare.name,
    more: compare.edits,
  }
}

const BINDS_TIGHTER = /^(?:comparison_operator|binary_operator|unary_operator|await|attribute|subscript)$/

/** As bytes. The value of a header that was not sent is compared as an empty one. */
export function bytesOf(source: SourceFile, side: SyntaxNode, kind: 'text' | 'bytes', given: boolean): string {
  const text = source.textOf(side)
  if (kind === 'bytes') return /^[\w.]+$|^[\w.]+\(/.test(text) ? text : `(${text})`
  const sent = given && mayBeNone(source, side) ? orEmpty(source, side) : text
  return ATOM.test(sent === text ? side.type : 'parenthesised') ? `${sent}.encode()` : `(${sent}).encode()`
}

const ATOM = /^(?:identifier|attribute|subscript|call|string|parenthesized_expression|parenthesised)$/

/** `x.get("a")` may be nothing: `x.get("a", "")`, else `(x or "")`. */
export function orEmpty(source: SourceFile, side: SyntaxNode): string {
  const empty = quoteOf(source) === '"' ? '""' : "''"
  const args = fieldOf(side, 'arguments')
  if (side.type === 'call' && args !== undefined && isGet(source, side) && namedOf(args).length === 1) {
    const [name] = namedOf(args)
    if (name !== undefined) return `${source.text.slice(side.start, name.end)}, ${empty})`
  }
  return `(${source.textOf(side)} or ${empty})`
}

function isGet(source: SourceFile, call: SyntaxNode): boolean {
  const callee = fieldOf(call, 'function')
  const name = callee === undefined ? undefined : fieldOf(callee, 'attribute')
  return name !== undefined && source.textOf(name) === 'get'
}

export function mayBeNone(source: SourceFile, side: SyntaxNode, depth = 0): boolean {
  switch (side.type) {
    case 'parenthesized_expression':
      return mayBeNone(source, namedOf(side)[0] ?? side, depth)
    case 'identifier': {
      const parameter = parameterNamed(source, side)
      if (parameter !== undefined) return !isNeverNone(source, parameter)
      const found = definitionOf(source, side)
      return found === undefined || depth > 3 || mayBeNone(source, found.value, depth + 1)
    }
    case 'call': {
      const args = namedOf(fieldOf(side, 'arguments') ?? side)
      const callee = source.textOf(fieldOf(side, 'function') ?? side)
      if (/(?:^|\.)get$/.test(callee)) return args.length < 2 || source.textOf(args[1] ?? side) === 'None'
      return !/\.(?:encode|decode|strip|lstrip|rstrip|lower|upper|replace|removeprefix|removesuffix|hexdigest|digest|format|join)$|(?:^|\.)(?:str|b64encode|b64decode|unhexlify|hexlify|fromhex)$/.test(
        callee,
      )
    }
    case 'subscript':
    case 'string':
    case 'concatenated_string':
    case 'binary_operator':
      return false
    case 'boolean_operator': {
      const last = namedOf(side).at(-1)
      return last === undefined || !source.textOf(side).includes(' or ') || mayBeNone(source, last, depth + 1)
    }
    default:
      return true
  }
}

/** A parameter of the framework that has to be sent: `x: str = Header(...)`, `x: Annotated[str, Header()]`. */
function isNeverNone(source: SourceFile, parameter: SyntaxNode): boolean {
  const type = fieldOf(parameter, 'type')
  const value = fieldOf(parameter, 'value')
  const annotated = type === undefined ? '' : source.textOf(type)
  if (!/\bstr\b/.test(annotated) || /None|Optional/.test(annotated)) return false
  return value === undefined || !/None/.test(source.textOf(value))
}

/** Whether a value is text or bytes, where that can be read off. */
export function kindOf(source: SourceFile, side: SyntaxNode, depth = 0): 'text' | 'bytes' | undefined {
  const inner = (node: SyntaxNode | undefined): 'text' | 'bytes' | undefined =>
    node === undefined || depth > 6 ? undefined : kindOf(source, node, depth + 1)
  switch (side.type) {
    case 'parenthesized_expression':
      return inner(namedOf(side)[0])
    case 'string':
      return /^[rR]?[bB]/.test(source.textOf(side)) ? 'bytes' : 'text'
    case 'concatenated_string':
      return inner(namedOf(side)[0])
    case 'binary_operator':
    case 'boolean_operator':
      return inner(fieldOf(side, 'left')) ?? inner(fieldOf(side, 'right'))
    case 'conditional_expression':
      return inner(namedOf(side)[0]) ?? inner(namedOf(side)[2])
    case 'await':
      return undefined
    case 'identifier': {
      const parameter = parameterNamed(source, side)
      if (parameter !== undefined) return annotatedKind(source, parameter)
      return inner(definitionOf(source, side)?.value)
    }
    case 'subscript': {
      const object = fieldOf(side, 'value')
      const path = object === undefined ? '' : source.textOf(object)
      if (/(?:^|\.)(?:headers|environ|META)$/.test(path)) return 'text'
      if (object?.type === 'call' && /\.(?:split|rsplit|partition|rpartition)$/.test(calleeOf(source, object)))
        return inner(fieldOf(fieldOf(object, 'function') ?? object, 'object'))
      return childOf(side, 'slice') === undefined ? undefined : inner(object)
    }
    case 'call': {
      const callee = calleeOf(source, side)
      const object = fieldOf(fieldOf(side, 'function') ?? side, 'object')
      if (
        /\.(?:hexdigest|decode|format)$|(?:^|\.)(?:str|getenv)$|(?:^|\.)(?:headers|environ|META|args)\.get$|(?:^|\.)META\.get$/.test(
          callee,
        )
      )
        return 'text'
      if (
        /\.(?:digest|encode)$|(?:^|\.)(?:b64encode|b64decode|urlsafe_b64encode|urlsafe_b64decode|hexlify|unhexlify|fromhex|bytes)$/.test(
          callee,
        )
      )
        return 'bytes'
      if (/\.(?:strip|lstrip|rstrip|lower|upper|replace|removeprefix|removesuffix|join)$/.test(callee))
        return inner(object)
      return undefined
    }
    default:
      return undefined
  }
}

function calleeOf(source: SourceFile, call: SyntaxNode): string {
  return source.textOf(fieldOf(call, 'function') ?? call).replace(/\s+/g, '')
}

function annotatedKind(source: SourceFile, parameter: SyntaxNode): 'text' | 'bytes' | undefined {
  const type = fieldOf(parameter, 'type')
  const annotated = type === undefined ? '' : source.textOf(type)
  if (/\bbytes\b/.test(annotated)) return 'bytes'
  if (/\bstr\b/.test(annotated)) return 'text'
  const value = fieldOf(parameter, 'value')
  return value !== undefined && /^(?:fastapi\.)?Header\(/.test(source.textOf(value)) ? 'text' : undefined
}
