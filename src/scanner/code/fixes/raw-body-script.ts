/** The bytes of a request in the frameworks of JavaScript, which parse before anybody asks. */
import { fieldOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import { type Edit, inserted, replaced } from './edits.ts'
import type { Fault } from './fixer.ts'
import { imports, semicolonOf } from './imports-script.ts'
import { pagesRawBody } from './raw-body-next-pages.ts'
import type { RawBody, Reserialised } from './reserialised.ts'
import { roleAround } from './role-around.ts'
import { functionAround, indentAt, mentions, quoteOf, type SourceFile, statementAround } from './source-file.ts'

export function scriptRawBody(
  what: Reserialised,
  sources: (file: string) => SourceFile | undefined,
): RawBody | undefined {
  const { source, node, fault } = what
  const { framework, body } = fault.surface.facts.surface
  switch (framework) {
    case 'nestjs': {
      const request = roleAround(source, node, fault.surface, 'request') ?? requestOf(source, node)
      const edits = keptByNest(fault, sources)
      return request === undefined || edits === undefined
        ? undefined
        : { ...kept(what, request, 'rawBody'), more: edits }
    }
    case 'express': {
      const request = roleAround(source, node, fault.surface, 'request') ?? requestOf(source, node)
      if (request === undefined) return undefined
      const field = body.rawField
      if (field !== undefined) return kept(what, request, field)
      const edit = keptByParser(fault, sources)
      return edit === undefined ? undefined : { ...kept(what, request, 'rawBody'), more: [edit] }
    }
    case 'fastify': {
      const request = roleAround(source, node, fault.surface, 'request')
      if (request === undefined) return undefined
      const edit = body.rawField === undefined ? keptByContentType(what) : undefined
      if (edit === undefined && body.rawField === undefined) return undefined
      return { ...kept(what, request, body.rawField ?? 'rawBody'), more: edit === undefined ? [] : [edit] }
    }
    case 'koa': {
      const context = roleAround(source, node, fault.surface, 'context')
      const keeps = imports(source).some(({ from }) => /^(?:koa-bodyparser|@koa\/bodyparser)$/.test(from))
      return context === undefined || !keeps ? undefined : kept(what, `${context}.request`, 'rawBody')
    }
    case 'hono':
      return readFirst(what, /^await (\w+\.req)\.json(?:<[\s\S]*>)?\(\)$/)
    case 'next.js':
      return readFirst(what, /^await (\w+)\.json(?:<[\s\S]*>)?\(\)$/) ?? pagesRawBody(what)
    case 'serverless': {
      const event = roleAround(source, node, fault.surface, 'event')
      return event === undefined || source.text.includes('isBase64Encoded')
        ? readFirst(what, /^await (\w+)\.json(?:<[\s\S]*>)?\(\)$/)
        : { text: `${event}.body ?? ${emptyText(source)}`, uses: '`event.body`' }
    }
    default:
      return undefined
  }
}

/** `JSON.stringify(request.body)` says itself what the request is called. */
function requestOf(source: SourceFile, node: SyntaxNode): string | undefined {
  return /\(?\b(\w+)\.body\)?$/.exec(source.textOf(node))?.[1]
}

/** A body that no parser has seen has no bytes: that is as wrong as an empty one, and no error. */
function kept({ source, node }: Reserialised, request: string, field: string): RawBody {
  const typed = source.language === 'typescript' ? `(${request} as { ${field}?: Buffer })` : request
  const text = `${typed}.${field} ?? ${emptyText(source)}`
  const parent = source.parentOf(node)
  const isAlone =
    parent === undefined ||
    /^(?:arguments|template_substitution|variable_declarator|assignment_expression)$/.test(parent.type)
  return { text: isAlone ? text : `(${text})`, uses: `\`${field}\`` }
}

function emptyText(source: SourceFile): string {
  return quoteOf(source).repeat(2)
}

/** `express.json({ verify })` is shown the bytes before it parses them. */
export function keptByParser(fault: Fault, sources: (file: string) => SourceFile | undefined): Edit | undefined {
  const { surface } = fault.surface.facts
  const { parserAt, file = surface.module.file } = surface.body
  const source = sources(file)
  if (parserAt === undefined || source === undefined) return undefined
  const call = source.nodesAt(parserAt).find(({ type }) => type === 'call_expression')
  const args = call === undefined ? undefined : fieldOf(call, 'arguments')
  const callee = call === undefined ? undefined : fieldOf(call, 'function')
  if (args === undefined || callee === undefined || !/(?:^|\.)json$/.test(source.textOf(callee))) return undefined
  const target = source.language === 'typescript' ? '(req as { rawBody?: Buffer }).rawBody' : 'req.rawBody'
  const end = semicolonOf(source)
  const option = `verify: (req, _res, bytes) => { ${target} = bytes${end} }`
  const [options] = namedOf(args)
  if (options === undefined) return inserted(source, args.start + 1, `{ ${option} }`)
  const last = options.type === 'object' ? namedOf(options).at(-1) : undefined
  if (options.type !== 'object' || /\bverify\b/.test(source.textOf(options))) return undefined
  return last === undefined ? replaced(source, options, `{ ${option} }`) : inserted(source, last.end, `, ${option}`)
}

/** `NestFactory.create(AppModule, { rawBody: true })`, wherever the application is made. */
function keptByNest(
  { surface }: Fault,
  sources: (file: string) => SourceFile | undefined,
): readonly Edit[] | undefined {
  const { parserAt, file } = surface.facts.surface.body
  const source = file === undefined ? undefined : sources(file)
  const call =
    parserAt === undefined ? undefined : source?.nodesAt(parserAt).find(({ type }) => type === 'call_expression')
  const args = call === undefined ? undefined : fieldOf(call, 'arguments')
  if (source === undefined || call === undefined || args === undefined) return undefined
  const [application, options, ...others] = namedOf(args)
  if (!source.textOf(call).startsWith('NestFactory.create') || application === undefined || others.length > 0)
    return undefined
  if (options === undefined) return [inserted(source, application.end, ', { rawBody: true }')]
  if (options.type !== 'object') return undefined
  const text = source.textOf(options)
  if (/\brawBody: true\b/.test(text)) return []
  const last = namedOf(options).at(-1)
  return last === undefined || text.includes('rawBody') ? undefined : [inserted(source, last.end, ', rawBody: true')]
}

/** Fastify's own parser goes on parsing, with its guards against poisoned prototypes; the bytes are kept beside. */
function keptByContentType({ source, node, fault }: Reserialised): Edit | undefined {
  if (source.text.includes('addContentTypeParser')) return undefined
  const { surface } = fault.surface.facts
  const route =
    surface.module.file === source.file
      ? source.nodesAt(surface.at).find(({ type }) => type === 'call_expression')
      : undefined
  const callee = route === undefined ? undefined : fieldOf(route, 'function')
  const app = callee === undefined ? undefined : fieldOf(callee, 'object')
  const statement = route === undefined ? undefined : statementAround(source, route)
  if (app?.type !== 'identifier' || statement === undefined || node.start < statement.start) return undefined
  const name = source.textOf(app)
  const [quote, end, step, indent] = [quoteOf(source), semicolonOf(source), source.indent, indentAt(source, statement)]
  const typed = source.language === 'typescript'
  const target = typed ? '(request as { rawBody?: Buffer }).rawBody' : 'request.rawBody'
  const lines = [
    `${name}.addContentTypeParser(${quote}application/json${quote}, { parseAs: ${quote}buffer${quote} }, (request, body, done) => {`,
    `${step}${typed && end === '' ? ';' : ''}${target} = body${typed ? ' as Buffer' : ''}${end}`,
    `${step}${name}.getDefaultJsonParser(${quote}error${quote}, ${quote}error${quote})(request, body.toString(), done)${end}`,
    `})${end}`,
  ]
  return inserted(source, statement.start, `${lines.join(`${source.lineEnd}${indent}`)}${source.lineEnd}${indent}`)
}

/** `const body = await request.json()` becomes the text and what is parsed from it. */
function readFirst({ source, node }: Reserialised, reads: RegExp): RawBody | undefined {
  const fn = functionAround(source, node)
  const found = source.all('await_expression', fn).filter((one) => reads.test(source.textOf(one)))
  const [read, ...others] = found
  const from = read === undefined ? undefined : reads.exec(source.textOf(read))?.[1]
  const statement = read === undefined ? undefined : statementAround(source, read)
  const name = ['rawBody', 'rawText'].find((one) => !mentions(source, one))
  if (read === undefined || from === undefined || statement === undefined || others.length > 0 || name === undefined)
    return undefined
  const line = `const ${name} = await ${from}.text()${semicolonOf(source)}${source.lineEnd}${indentAt(source, statement)}`
  return {
    text: name,
    uses: `\`await ${from}.text()\``,
    more: [inserted(source, statement.start, line), replaced(source, read, `JSON.parse(${name})`)],
  }
}
