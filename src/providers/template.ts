/**
 * Templates of signed bytes. They are compiled once and rendered by concatenation: nothing is ever substituted
 * into text (String.replace would read `$&` in a body as an instruction), and the body is never decoded.
 */
import { crc32 } from 'node:zlib'
import { compileBodyPath, readBodyPath, type Steps, scalarText } from './body-path.ts'
import { byteString, isByteString } from './bytes.ts'
import type { Template } from './definition.ts'
import { phpForm, soleField, sortedForm } from './form.ts'
import type { Reading } from './reading.ts'
import { countHeader, headerValue, queryValues } from './request.ts'

export type Token =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind:
        | 'body'
        | 'ts'
        | 'id'
        | 'url'
        | 'method'
        | 'key'
        | 'url-unescaped'
        | 'path-encoded'
        | 'crc32-body'
        | 'form-sorted'
        | 'form-php'
    }
  | { readonly kind: 'form' | 'header' | 'query' | 'config' | 'listed-headers'; readonly name: string }
  | { readonly kind: 'json' | 'item'; readonly steps: Steps }
  | { readonly kind: 'lines'; readonly members: readonly { readonly name: string; readonly optional: boolean }[] }

export type CompiledTemplate = readonly Token[]

/** What a render needs beside the request. `ts`, `id` and `key` are empty for a rendering without them. */
export interface RenderInput {
  readonly reading: Reading
  readonly url: string
  readonly ts: string
  readonly id: string
  readonly settings: Readonly<Record<string, string>>
  /** Byte string. */
  readonly key: string
  readonly unescape: readonly string[]
  /** The header that holds `ts`, in lower case; empty when it has none. Listed among others, it is `ts` that stands there. */
  readonly tsHeader: string
  /** The form field that holds the signature and is not signed itself. */
  readonly signatureField: string
  readonly item: unknown
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
      chunks.push(input.reading.request.body)
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

const PLAIN = new Set(['body', 'ts', 'id', 'url', 'method', 'key'] as const)
const NAMED = new Set(['form', 'query', 'config'] as const)
const SPECIAL = {
  'form:sorted': 'form-sorted',
  'form:php': 'form-php',
  'url:unescaped': 'url-unescaped',
  'path:encoded': 'path-encoded',
  'crc32:body': 'crc32-body',
} as const

function compileToken(part: string): Token {
  if (!part.startsWith('{')) return { kind: 'literal', text: byteString(part) }
  const inside = part.slice(1, -1)
  if (isKeyOf(SPECIAL, inside)) return { kind: SPECIAL[inside] }
  const colon = inside.indexOf(':')
  if (colon === -1) {
    if (isIn(PLAIN, inside)) return { kind: inside }
    throw new Error(`unknown template token ${part}`)
  }
  const [kind, name] = [inside.slice(0, colon), inside.slice(colon + 1)]
  if (name === '') throw new Error(`unknown template token ${part}`)
  if (isIn(NAMED, kind)) return { kind, name }
  if (kind === 'header' || kind === 'listed-headers') return { kind, name: name.toLowerCase() }
  if (kind === 'body') return { kind: 'json', steps: compileBodyPath(name) }
  if (kind === 'item') return { kind: 'item', steps: compileBodyPath(name) }
  if (kind === 'lines')
    return {
      kind: 'lines',
      members: name.split(',').map((each) => {
        const optional = each.endsWith('?')
        return { name: optional ? each.slice(0, -1) : each, optional }
      }),
    }
  throw new Error(`unknown template token ${part}`)
}

function isKeyOf<T extends object>(table: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(table, key)
}

function isIn<T extends string>(set: ReadonlySet<T>, text: string): text is T {
  return (set as ReadonlySet<string>).has(text)
}

function tokenText(token: Exclude<Token, { kind: 'body' }>, input: RenderInput): string | undefined {
  const { request } = input.reading
  switch (token.kind) {
    case 'literal':
      return token.text
    case 'ts':
      return input.ts
    case 'id':
      return input.id
    case 'key':
      return input.key
    case 'url':
      return byteString(input.url)
    case 'url-unescaped':
      return byteString(unescapeUrl(input.url, input.unescape))
    case 'path-encoded':
      return encodedPath(input.url)
    case 'method':
      return request.method.toUpperCase()
    case 'crc32-body':
      return String(crc32(request.body))
    case 'form-sorted':
      return input.reading.form === undefined ? undefined : sortedForm(input.reading.form)
    case 'form-php':
      return input.reading.form === undefined ? undefined : phpForm(input.reading.form, input.signatureField)
    case 'form':
      return soleField(input.reading.form, byteString(token.name))
    case 'header':
      return headerBytes(input.reading, token.name)
    case 'listed-headers':
      return listedHeaders(input, token.name)
    case 'query': {
      const [only, ...more] = queryValues(request.url, token.name)
      return only === undefined || more.length > 0 ? undefined : byteString(only)
    }
    case 'config': {
      const value = Object.hasOwn(input.settings, token.name) ? input.settings[token.name] : undefined
      return value === undefined ? undefined : byteString(value)
    }
    case 'json':
      return jsonBytes(readBodyPath(input.reading.json, token.steps))
    case 'item': {
      const value = readBodyPath(input.item, token.steps)
      return value === undefined || value === null ? '' : jsonBytes(value)
    }
    case 'lines':
      return memberLines(input.reading.json, token.members)
  }
}

function headerBytes(reading: Reading, lowerName: string): string | undefined {
  const value = headerValue(reading.request.headers, lowerName)
  return value === undefined || !isByteString(value) ? undefined : value
}

function jsonBytes(value: unknown): string | undefined {
  const text = scalarText(value)
  return text === undefined ? undefined : byteString(text)
}

/** More than any sender lists; each name is one look through the headers. */
const MAX_LISTED_HEADERS = 64

/** A name that is listed and not there, or there twice, leaves a hole. */
function listedHeaders({ reading, ts, tsHeader }: RenderInput, lowerName: string): string | undefined {
  const names = headerBytes(reading, lowerName)?.split(',')
  if (names === undefined || names.length > MAX_LISTED_HEADERS) return undefined
  const lines: string[] = []
  for (const name of [...new Set(names.map((each) => each.trim().toLowerCase()))].sort()) {
    const value = headerBytes(reading, name)
    if (value === undefined || countHeader(reading.request.headers, name) > 1) return undefined
    lines.push(`${name}:${name === tsHeader ? ts : value.trim()}`)
  }
  return lines.join(';')
}

function memberLines(
  json: unknown,
  members: readonly { readonly name: string; readonly optional: boolean }[],
): string | undefined {
  let text = ''
  for (const { name, optional } of members) {
    const value = readBodyPath(json, [name])
    if (value === undefined && optional) continue
    if (typeof value !== 'string') return undefined
    text += `${name}\n${byteString(value)}\n`
  }
  return text
}

function unescapeUrl(url: string, escapes: readonly string[]): string {
  const known = new Set(escapes.map((each) => each.toUpperCase()))
  return url.replace(/%[0-9a-fA-F]{2}/g, (text) =>
    known.has(text.toUpperCase()) ? String.fromCharCode(Number.parseInt(text.slice(1), 16)) : text,
  )
}

/** The query is escaped by itself and then again with the path, as Contentful's toolkit does it. */
function encodedPath(url: string): string | undefined {
  const target = /^https?:\/\/[^/?#]*([^#]*)/i.exec(url)?.[1]
  if (target === undefined) return undefined
  const start = target.indexOf('?')
  const [path, query] = start === -1 ? [target, ''] : [target.slice(0, start), target.slice(start + 1)]
  try {
    return byteString(encodeURI((path === '' ? '/' : path) + (query === '' ? '' : `?${encodeURIComponent(query)}`)))
  } catch {
    // A lone surrogate has no encoding.
    return undefined
  }
}
