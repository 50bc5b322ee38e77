/**
 * Templates of signed bytes. They are compiled once and rendered by concatenation: nothing is ever substituted
 * into text (String.replace would read `$&` in a body as an instruction), and the body is never decoded.
 */
import type { Template } from './definition.ts'
import { type FormFields, readForm, sortedForm } from './form.ts'
import { headerValue, type InboundRequest, queryValues } from './request.ts'

export type Token =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'body' | 'ts' | 'id' | 'url' | 'method' | 'form-sorted' }
  | { readonly kind: 'form' | 'header' | 'query' | 'config'; readonly name: string }

export type CompiledTemplate = readonly Token[]

/** What a render needs beside the request. `ts` and `id` are empty for a rendering without them. */
export interface RenderInput {
  readonly request: InboundRequest
  readonly url: string
  readonly ts: string
  readonly id: string
  readonly settings: Readonly<Record<string, string>>
}

/** Chunks to hash in order. Text chunks are byte strings (latin1). */
export type Rendered = readonly (string | Buffer)[]

/** @throws Error for an unknown token: a definition that cannot work must not load. */
export function compileTemplate(template: Template): CompiledTemplate {
  return template
    .split(/(\{[^{}]*\})/)
    .filter((part) => part !== '')
    .map(compileToken)
}

/** @returns `undefined` when a token has no single value in this request: a hole is refused, never signed as empty. */
export function render(template: CompiledTemplate, input: RenderInput): Rendered | undefined {
  const chunks: (string | Buffer)[] = []
  let text = ''
  for (const token of template) {
    if (token.kind === 'body') {
      if (text !== '') chunks.push(text)
      chunks.push(input.request.body)
      text = ''
      continue
    }
    const piece = tokenText(token, input)
    if (piece === undefined) return undefined
    text += piece
  }
  if (text !== '') chunks.push(text)
  return chunks
}

export function toBytes(rendered: Rendered): Buffer {
  const [only, ...rest] = rendered
  if (Buffer.isBuffer(only) && rest.length === 0) return only
  return Buffer.concat(rendered.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk)))
}

/** One character a byte, so that text of any origin can stand beside header text. */
export function byteString(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function isByteString(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false
  return true
}

function compileToken(part: string): Token {
  if (!part.startsWith('{')) return { kind: 'literal', text: byteString(part) }
  const inside = part.slice(1, -1)
  const colon = inside.indexOf(':')
  const kind = colon === -1 ? inside : inside.slice(0, colon)
  const name = colon === -1 ? '' : inside.slice(colon + 1)
  if (kind === 'form' && name === 'sorted') return { kind: 'form-sorted' }
  if (name === '' && (kind === 'body' || kind === 'ts' || kind === 'id' || kind === 'url' || kind === 'method'))
    return { kind }
  if (name !== '' && (kind === 'form' || kind === 'query' || kind === 'config')) return { kind, name }
  if (name !== '' && kind === 'header') return { kind, name: name.toLowerCase() }
  throw new Error(`unknown template token ${part}`)
}

function tokenText(token: Exclude<Token, { kind: 'body' }>, input: RenderInput): string | undefined {
  switch (token.kind) {
    case 'literal':
      return token.text
    case 'ts':
      return input.ts
    case 'id':
      return input.id
    case 'url':
      return byteString(input.url)
    case 'method':
      return input.request.method.toUpperCase()
    case 'form-sorted': {
      const fields = readForm(input.request.body)
      return fields === undefined ? undefined : sortedForm(fields)
    }
    case 'form':
      return onlyField(readForm(input.request.body), token.name)
    case 'header': {
      const value = headerValue(input.request.headers, token.name)
      return value === undefined || !isByteString(value) ? undefined : value
    }
    case 'query': {
      const values = queryValues(input.request.url, token.name)
      return values.length === 1 && values[0] !== undefined ? byteString(values[0]) : undefined
    }
    case 'config': {
      const value = Object.hasOwn(input.settings, token.name) ? input.settings[token.name] : undefined
      return value === undefined ? undefined : byteString(value)
    }
    default:
      return undefined
  }
}

function onlyField(fields: FormFields | undefined, name: string): string | undefined {
  const values = fields?.filter(([key]) => key === byteString(name)) ?? []
  return values.length === 1 ? values[0]?.[1] : undefined
}
