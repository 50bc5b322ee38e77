/** The bytes of a request in Flask, FastAPI, Starlette and Django. */
import { fieldOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import { type Edit, inserted } from './edits.ts'
import { pythonName } from './imports-python.ts'
import type { RawBody, Reserialised } from './reserialised.ts'
import { roleAround } from './role-around.ts'
import { functionAround, indentAt, mentions, quoteOf, type SourceFile } from './source-file.ts'

export function pythonRawBody(what: Reserialised): RawBody | undefined {
  const { source, node, fault } = what
  switch (fault.surface.facts.surface.framework) {
    case 'flask': {
      const request = pythonName(source, 'request', 'flask')
      if (request === undefined) return undefined
      const text = `${request.name}.get_data(as_text=True)`
      return { text, bytes: `${request.name}.get_data()`, uses: '`request.get_data()`', more: request.edits }
    }
    case 'django': {
      const request = roleAround(source, node, fault.surface, 'request')
      if (request === undefined) return undefined
      return { text: decoded(what, `${request}.body`), bytes: `${request}.body`, uses: '`request.body`' }
    }
    case 'drf':
      return beforeParsing(what)
    case 'fastapi':
    case 'starlette':
      return awaited(what)
    default:
      return undefined
  }
}

/** DRF gives the bytes no more once `request.data` was read: they are taken first. */
function beforeParsing(what: Reserialised): RawBody | undefined {
  const { source, node, fault } = what
  const request = roleAround(source, node, fault.surface, 'request')
  const first = firstStatement(source, node)
  const name = ['raw_body', 'request_body'].find((one) => !mentions(source, one))
  if (request === undefined || first === undefined || name === undefined) return undefined
  const line = `${name} = ${request}.body${source.lineEnd}${indentAt(source, first)}`
  return {
    text: decoded(what, name),
    bytes: name,
    uses: '`request.body`, read before `request.data`',
    more: [inserted(source, first.start, line)],
  }
}

function firstStatement(source: SourceFile, node: SyntaxNode): SyntaxNode | undefined {
  const fn = functionAround(source, node)
  const body = fn === undefined ? undefined : fieldOf(fn, 'body')
  const statements = body === undefined ? [] : namedOf(body)
  return statements.find((one) => namedOf(one)[0]?.type !== 'string')
}

function awaited(what: Reserialised): RawBody | undefined {
  const { source, node, fault } = what
  const fn = functionAround(source, node)
  if (fn === undefined || !/^async\b/.test(source.textOf(fn))) return undefined
  const known = roleAround(source, node, fault.surface, 'request')
  const added = known === undefined ? addedRequest(source, fn) : undefined
  const request = known ?? added?.name
  if (request === undefined) return undefined
  return {
    text: decoded(what, `(await ${request}.body())`),
    bytes: `await ${request}.body()`,
    uses: '`await request.body()`',
    more: added?.edits ?? [],
  }
}

/** A parameter that FastAPI fills; only of the handler itself, whose parameters are its own affair. */
function addedRequest(source: SourceFile, fn: SyntaxNode): { name: string; edits: readonly Edit[] } | undefined {
  const parameters = fieldOf(fn, 'parameters')
  const decorated = source.parentOf(fn)?.type === 'decorated_definition'
  if (parameters === undefined || !decorated || mentions(source, 'request')) return undefined
  const type = pythonName(source, 'Request', 'fastapi')
  if (type === undefined) return undefined
  const more = namedOf(parameters).length > 0 ? ', ' : ''
  return {
    name: 'request',
    edits: [inserted(source, parameters.start + 1, `request: ${type.name}${more}`), ...type.edits],
  }
}

/** Bytes that are no text make no valid signature; they must not raise either. */
function decoded({ source, node }: Reserialised, bytes: string): string {
  const inside = source.textOf(source.parentOf(node) ?? node)
  const quote =
    source.parentOf(node)?.type === 'interpolation'
      ? /^\{[\s\S]*"/.test(inside)
        ? "'"
        : otherQuote(source, node)
      : quoteOf(source)
  return `${bytes}.decode(errors=${quote}replace${quote})`
}

/** Within an f-string its own quote would end it, before Python 3.12. */
function otherQuote(source: SourceFile, node: SyntaxNode): string {
  const string = source.parentOf(source.parentOf(node) ?? node)
  return string !== undefined && /^[a-zA-Z]*"/.test(source.textOf(string)) ? "'" : '"'
}
