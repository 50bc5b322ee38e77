/**
 * Filters: which events a route takes, as an expression in CEL that is true or false.
 *
 * A filter is checked when it is saved and cannot hang whoever runs it: its source, its depth and its steps are bounded,
 * and patterns are RE2. Where it cannot be evaluated the answer is neither yes nor no but a reason, and the event waits
 * for somebody: it is neither dropped nor delivered.
 *
 * Boundary: pure. Knows an event as a document; knows nothing of routes or of where events come from.
 */
import { isCelError, parse, plan } from '@bufbuild/cel'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { LRUCache } from 'lru-cache'
import type { FilterFailure } from '../../base/model/event.ts'
import type { EventDocument } from './event-document.ts'
import { checkFilter, FilterProblem, plainName } from './filter-check.ts'
import { childrenOf, type Expr, type Position, positionAt, positionOf } from './filter-expression.ts'
import { countTurns, createFilterRuntime, type FilterRuntime } from './filter-runtime.ts'

/** UTF-16 units. The longest filters seen name a few dozen event types. */
export const MAX_FILTER_LENGTH = 4000
const MAX_NODES = 1000
const MAX_DEPTH = 64
const MAX_BRACKETS = 32

/** What is wrong with a filter, in words for its author. */
export interface FilterError extends Position {
  readonly message: string
}

export type FilterCompilation =
  | { readonly ok: true; readonly filter: CompiledFilter }
  | { readonly ok: false; readonly error: FilterError }

export type FilterResult =
  | { readonly ok: true; readonly matches: boolean }
  /** `error` quotes the filter and never the event, so that it may be stored and logged. */
  | { readonly ok: false; readonly reason: FilterFailure; readonly error: FilterError }

export interface CompiledFilter {
  readonly text: string
  /** Never throws and never waits; the same document always gives the same result. */
  readonly run: (document: EventDocument) => FilterResult
}

export interface Filters {
  /** Never throws. The same text is compiled once, as long as it is in use. */
  readonly compile: (text: string) => FilterCompilation
}

export function createFilters({ cached = 1000 }: { readonly cached?: number } = {}): Filters {
  const runtime = createFilterRuntime()
  const compilations = new LRUCache<string, FilterCompilation>({ max: cached })
  return {
    compile(text) {
      const known = compilations.get(text)
      if (known !== undefined) return known
      const compilation = compileFilter(runtime, text)
      if (compilation.ok) compilations.set(text, compilation)
      return compilation
    },
  }
}

function compileFilter(runtime: FilterRuntime, text: string): FilterCompilation {
  try {
    return { ok: true, filter: compile(runtime, text) }
  } catch (error) {
    if (error instanceof FilterProblem) return { ok: false, error: { message: error.message, ...error.at } }
    throw error
  }
}

/** @throws FilterProblem */
function compile(runtime: FilterRuntime, text: string): CompiledFilter {
  refuseWhatIsTooLarge(text)
  const parsed = parseText(text)
  const expr = parsed.expr
  if (expr === undefined) throw new FilterProblem('A filter cannot be empty.', positionAt(text, 0))
  const nodes = nodesOf(expr)
  if (nodes === undefined) throw new FilterProblem('This filter is too large or too deep.', positionAt(text, 0))
  checkFilter({ text, parsed, env: runtime.env }, expr)
  countTurns(expr)
  const evaluate = plan(runtime.env, expr)
  const readsBody = [...nodes.values()].some((node) => nameOf(node) === 'body')

  function failure(reason: FilterFailure, node: Expr, message: string): FilterResult {
    return { ok: false, reason, error: { message, ...positionOf(text, parsed, node) } }
  }

  return {
    text,
    run(document) {
      const { value, exceeded } = runtime.spend(() => evaluate(bindings(document, readsBody)))
      if (exceeded) return failure('filter_exceeded', expr, 'This filter takes too many steps for this event.')
      if (typeof value === 'boolean') return { ok: true, matches: value }
      const node = isCelError(value) ? nodes.get(String(value.exprId)) : undefined
      return failure('filter_failed', node ?? expr, explain(node ?? expr, nodes))
    },
  }
}

function refuseWhatIsTooLarge(text: string): void {
  if (text.length > MAX_FILTER_LENGTH) {
    throw new FilterProblem(`A filter has at most ${MAX_FILTER_LENGTH} characters.`, positionAt(text, 0))
  }
  let depth = 0
  for (const [offset, character] of [...text].entries()) {
    if ('([{'.includes(character)) depth++
    if (')]}'.includes(character)) depth--
    if (depth > MAX_BRACKETS) {
      throw new FilterProblem(`Brackets stand at most ${MAX_BRACKETS} deep in a filter.`, positionAt(text, offset))
    }
  }
}

function parseText(text: string): ReturnType<typeof parse> {
  try {
    return parse(text)
  } catch (error) {
    throw new FilterProblem(syntaxMessage(error), syntaxPosition(error))
  }
}

/** The parser's own error: what it found, what it expected, and where. */
function syntaxMessage(error: unknown): string {
  const found = error instanceof Error && 'rawMessage' in error ? String(error.rawMessage) : undefined
  return found === undefined ? 'This is not a CEL expression.' : `This is not a CEL expression: ${found}.`
}

function syntaxPosition(error: unknown): Position {
  const location =
    error instanceof Error && 'location' in error ? (error.location as { start?: Partial<Position> }) : {}
  return { line: location.start?.line ?? 1, column: location.start?.column ?? 1 }
}

/** By their numbers; `undefined` when there are too many or they lie too deep. */
function nodesOf(root: Expr): ReadonlyMap<string, Expr> | undefined {
  const nodes = new Map<string, Expr>()
  const open: { readonly expr: Expr; readonly depth: number }[] = [{ expr: root, depth: 1 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { expr, depth } = next
    nodes.set(expr.id.toString(), expr)
    if (nodes.size > MAX_NODES || depth > MAX_DEPTH) return undefined
    open.push(...childrenOf(expr).map((child) => ({ expr: child, depth: depth + 1 })))
  }
  return nodes
}

function nameOf({ exprKind }: Expr): string | undefined {
  return exprKind.case === 'identExpr' ? exprKind.value.name : undefined
}

/** Bodies become maps: CEL reads an object's own idea of what it is from a property that a sender can name. */
function bindings(document: EventDocument, readsBody: boolean): NonNullable<Parameters<ReturnType<typeof plan>>[0]> {
  const { method, path, query, headers, body, attributes } = document
  const { time, ...texts } = attributes
  return {
    method,
    path,
    query,
    headers,
    body: readsBody ? toMaps(body) : null,
    attributes: new Map<string, Value>([...Object.entries(texts), ['time', timestampFromDate(time)]]),
  }
}

type Value = NonNullable<Parameters<ReturnType<typeof plan>>[0]>[string]

/** As deep as JSON was read, which is bounded. */
function toMaps(value: unknown): Value {
  if (Array.isArray(value)) return value.map(toMaps)
  if (typeof value === 'object' && value !== null)
    return new Map(Object.entries(value).map(([name, inner]) => [name, toMaps(inner)]))
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

/** In terms of the filter: what the library says may quote the event. */
function explain(node: Expr, nodes: ReadonlyMap<string, Expr>): string {
  const { exprKind } = node
  if (exprKind.case === 'callExpr' && exprKind.value.function !== '_[_]') {
    return `\`${plainName(exprKind.value.function)}\` cannot be computed with what the event holds.`
  }
  const path = longestPathFrom(node, nodes)
  return path === undefined
    ? 'This cannot be evaluated with what the event holds.'
    : `\`${path}\` is absent, or a part of it is; ask with has() or \`in\` before reading it.`
}

/** The library names the first part of `body.a.b`; its author wants to see all of it. */
function longestPathFrom(start: Expr, nodes: ReadonlyMap<string, Expr>): string | undefined {
  const paths = [...nodes.values()].flatMap((node) => {
    const path = pathOf(node)
    return path?.root === start.id || node === start ? [path?.text] : []
  })
  return paths.reduce((longest, path) => ((path?.length ?? 0) > (longest?.length ?? 0) ? path : longest), undefined)
}

function pathOf(node: Expr): { readonly root: bigint; readonly text: string } | undefined {
  const { exprKind } = node
  const name = nameOf(node)
  if (name !== undefined) return { root: node.id, text: name }
  if (exprKind.case === 'selectExpr' && exprKind.value.operand !== undefined) {
    const before = pathOf(exprKind.value.operand)
    return before === undefined ? undefined : { root: before.root, text: `${before.text}.${exprKind.value.field}` }
  }
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== '_[_]') return undefined
  const before = exprKind.value.args[0] === undefined ? undefined : pathOf(exprKind.value.args[0])
  return before === undefined ? undefined : { root: before.root, text: `${before.text}[…]` }
}
