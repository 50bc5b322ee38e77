/**
 * Signs the bytes that arrived instead of JSON that was parsed and written again.
 *
 * What is written again is looked for where the digest gets it from, and replaced there by the framework's own way to
 * the bytes; the parsed body stays what it was for everything else.
 */
import type { Check } from '../flow/facts.ts'
import { fieldOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import { definitionOf } from './definitions.ts'
import { type Draft, replaced } from './edits.ts'
import type { Fault, Fixer } from './fixer.ts'
import { pythonRawBody } from './raw-body-python.ts'
import { scriptRawBody } from './raw-body-script.ts'
import type { RawBody, Reserialised } from './reserialised.ts'
import { roleAround } from './role-around.ts'
import { around, functionAround, type SourceFile } from './source-file.ts'

export const rawBody: Fixer = (fault, sources) => {
  const source = sources(fault.at.file)
  const check = checkOf(fault)
  if (source === undefined || check === undefined) return []
  const found = signedNodes(source, fault)
  const written = found.flatMap((node) => source.all(/^(?:call|call_expression|function_call_expression)$/, node))
  const serialised = distinct(written.filter((node) => isWritten(source, node)))
  const parsed = serialised.length > 0 ? [] : distinct(found.flatMap((node) => wholeBodies(source, node)))
  const [node, ...others] = [...serialised, ...parsed]
  if (node === undefined || others.length > 0) return []
  if (check.over === 'raw-or-reserialised') return withoutFallback(source, node)
  const raw = rawBodyAt({ source, node, fault }, sources)
  return raw === undefined ? [] : [toDraft(source, node, raw)]
}

function checkOf({ at, surface }: Fault): Check | undefined {
  return surface.facts.checks.find((check) => {
    const place = check.digest?.at ?? check.at
    return place.file === at.file && place.line === at.line && place.column === at.column
  })
}

function toDraft(source: SourceFile, node: SyntaxNode, { text, bytes, uses, more = [], node: wider }: RawBody): Draft {
  const encoded = wider === undefined && bytes !== undefined ? encodingOf(source, node) : undefined
  const edit = encoded === undefined ? replaced(source, wider ?? node, text) : replaced(source, encoded, bytes ?? text)
  return { description: `Sign the bytes as they came, from ${uses}.`, edits: [edit, ...more] }
}

/** `json.dumps(x).encode()` around `json.dumps(x)`. */
function encodingOf(source: SourceFile, node: SyntaxNode): SyntaxNode | undefined {
  const member = source.parentOf(node)
  const call = member === undefined ? undefined : source.parentOf(member)
  const isCall = member?.type === 'attribute' && call?.type === 'call'
  return isCall && source.textOf(fieldOf(member, 'attribute') ?? member) === 'encode' ? call : undefined
}

/** `raw || JSON.stringify(body)`: without the raw body nothing is right. */
function withoutFallback(source: SourceFile, node: SyntaxNode): readonly Draft[] {
  const parent = source.parentOf(node)
  const operator = parent === undefined ? undefined : fieldOf(parent, 'operator')
  if (operator === undefined || !/^(?:\|\||\?\?)$/.test(source.textOf(operator))) return []
  return [{ description: 'Verify nothing but the bytes as they came.', edits: [replaced(source, node, "''")] }]
}

const MAX_STEPS = 40

/** The expression that makes the digest, what is added to it, and what the names in these stand for. */
function signedNodes(source: SourceFile, { at }: Fault): readonly SyntaxNode[] {
  const [start] = source.nodesAt(at).filter(({ type }) => /call|^call$|object_creation|new_expression/.test(type))
  const [any] = source.nodesAt(at)
  const first = start ?? any
  if (first === undefined) return []
  const open = [first, ...fedLater(source, first)]
  const seen = new Set<number>()
  const found: SyntaxNode[] = []
  for (let node = open.shift(); node !== undefined && found.length < MAX_STEPS; node = open.shift()) {
    if (seen.has(node.start)) continue
    seen.add(node.start)
    found.push(node)
    for (const name of source.all(/^(?:identifier|variable_name)$/, node)) {
      const definition = definitionOf(source, name)
      if (definition !== undefined && functionAround(source, definition.name) !== undefined) open.push(definition.value)
    }
  }
  return found
}

/** `mac.update(text)` after `mac = …`. */
function fedLater(source: SourceFile, digest: SyntaxNode): readonly SyntaxNode[] {
  const definition = around(source, digest, ({ type }) =>
    /^(?:assignment|variable_declarator|short_var_declaration)$/.test(type),
  )
  const target = definition === undefined ? undefined : (fieldOf(definition, 'left') ?? fieldOf(definition, 'name'))
  if (target === undefined) return []
  const name = source.textOf(target)
  return source
    .all(/^(?:call|call_expression)$/, functionAround(source, digest))
    .filter((call) => source.textOf(fieldOf(call, 'function') ?? call).startsWith(`${name}.update`))
}

const WRITES = /^(?:json\.dumps|(?:\w+\.)?dumps|JSON\.stringify|JSON\.generate|JSON\.dump|json_encode)$/

function isWritten(source: SourceFile, call: SyntaxNode): boolean {
  const callee = fieldOf(call, 'function')
  if (callee !== undefined) return WRITES.test(source.textOf(callee))
  const method = fieldOf(call, 'method')
  const receiver = fieldOf(call, 'receiver')
  if (method === undefined || receiver === undefined) return false
  return source.textOf(method) === 'to_json' || WRITES.test(`${source.textOf(receiver)}.${source.textOf(method)}`)
}

/** `req.body`, given as it is. */
function wholeBodies(source: SourceFile, within: SyntaxNode): readonly SyntaxNode[] {
  return source
    .all('member_expression', within)
    .filter((node) => /^\w+(?:\.request)?\.body$/.test(source.textOf(node)))
    .filter((node) => source.parentOf(node)?.type === 'arguments')
}

function distinct(nodes: readonly SyntaxNode[]): readonly SyntaxNode[] {
  const outermost = nodes.filter(
    (node) =>
      !nodes.some(
        (other) =>
          other !== node &&
          other.start <= node.start &&
          node.end <= other.end &&
          other.end - other.start > node.end - node.start,
      ),
  )
  return [...new Map(outermost.map((node) => [node.start, node])).values()]
}

function rawBodyAt(what: Reserialised, sources: (file: string) => SourceFile | undefined): RawBody | undefined {
  const { source, node, fault } = what
  switch (source.language) {
    case 'python':
      return pythonRawBody(what)
    case 'javascript':
    case 'typescript':
      return scriptRawBody(what, sources)
    case 'ruby':
      return fault.surface.facts.surface.framework === 'rails'
        ? { text: 'request.raw_post', uses: '`request.raw_post`' }
        : undefined
    case 'php':
      return phpRawBody(source, node, fault)
    default:
      return undefined
  }
}

function phpRawBody(source: SourceFile, node: SyntaxNode, { surface }: Fault): RawBody | undefined {
  if (surface.facts.surface.framework === 'php')
    return { text: "file_get_contents('php://input')", uses: '`php://input`' }
  if (surface.facts.surface.framework !== 'laravel') return undefined
  const fn = functionAround(source, node)
  const parameters = fn === undefined ? undefined : fieldOf(fn, 'parameters')
  const request =
    parameters === undefined ? undefined : namedOf(parameters).find((one) => /\bRequest\b/.test(source.textOf(one)))
  const name =
    /\$\w+/.exec(request === undefined ? '' : source.textOf(request))?.[0] ??
    roleAround(source, node, surface, 'request')
  return name === undefined ? undefined : { text: `${name}->getContent()`, uses: '`getContent()`' }
}
