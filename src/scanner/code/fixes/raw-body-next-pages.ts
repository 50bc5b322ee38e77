/** `pages/api` of Next.js: its parser is switched off for the route, and the stream read with a bound. */
import { fieldOf, type SyntaxNode } from '../parse/syntax.ts'
import { atEnd } from './constant-time-script.ts'
import { type Edit, inserted, replaced } from './edits.ts'
import { semicolonOf } from './imports-script.ts'
import type { RawBody, Reserialised } from './reserialised.ts'
import { roleAround } from './role-around.ts'
import { functionAround, indentAt, mentions, type SourceFile, statementAround } from './source-file.ts'

export function pagesRawBody({ source, node, fault }: Reserialised): RawBody | undefined {
  const request = roleAround(source, node, fault.surface, 'request')
  const fn = functionAround(source, node)
  const body = fn === undefined ? undefined : fieldOf(fn, 'body')
  const taken = ['config', 'readRawBody', 'rawBody', 'payload'].some((name) => mentions(source, name))
  if (request === undefined || fn === undefined || body?.type !== 'statement_block' || taken) return undefined
  if (!/^(?:export default )?async\b/.test(source.textOf(fn))) return undefined
  const signed = statementAround(source, node)
  if (signed === undefined || source.parentOf(signed) !== body) return undefined
  const uses = source
    .all('member_expression', body)
    .filter((one) => source.textOf(one) === `${request}.body` && !(one.start >= node.start && one.end <= node.end))
  const parsing = parsed(source, body, uses)
  if (parsing === undefined) return undefined
  const line = `const rawBody = await readRawBody(${request})${semicolonOf(source)}${source.lineEnd}${indentAt(source, signed)}`
  return {
    text: 'rawBody',
    uses: 'the stream, with `bodyParser: false`',
    more: [inserted(source, signed.start, line), ...parsing, atEnd(source, reader(source))],
  }
}

/** Parsed once, in front of the first statement that needs it. */
function parsed(source: SourceFile, body: SyntaxNode, uses: readonly SyntaxNode[]): readonly Edit[] | undefined {
  const [first] = uses
  if (first === undefined) return []
  const statement = body.children.find((one) => one.start <= first.start && first.end <= one.end)
  if (statement === undefined) return undefined
  const line = `const payload = JSON.parse(rawBody.toString())${semicolonOf(source)}${source.lineEnd}${indentAt(source, statement)}`
  return [inserted(source, statement.start, line), ...uses.map((one) => replaced(source, one, 'payload'))]
}

function reader(source: SourceFile): string {
  const typed = source.language === 'typescript'
  const [end, step] = [semicolonOf(source), source.indent]
  return [
    `export const config = { api: { bodyParser: false } }${end}`,
    '',
    '/** The bytes as they came, up to 1 MiB. */',
    `async function readRawBody(stream${typed ? ': AsyncIterable<Buffer>' : ''})${typed ? ': Promise<Buffer>' : ''} {`,
    `${step}const chunks${typed ? ': Buffer[]' : ''} = []${end}`,
    `${step}let size = 0${end}`,
    `${step}for await (const chunk of stream) {`,
    `${step}${step}size += chunk.length${end}`,
    `${step}${step}if (size > 1048576) throw new Error('The body is larger than 1 MiB.')${end}`,
    `${step}${step}chunks.push(chunk)${end}`,
    `${step}}`,
    `${step}return Buffer.concat(chunks)${end}`,
    '}',
  ].join(source.lineEnd)
}
