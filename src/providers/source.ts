/**
 * Sources: where a value is found in a request. Total: whatever shape arrives, the answer is text or nothing.
 */
import { compileBodyPath, readBodyPath, type Steps, scalarText } from './body-path.ts'
import { byteString } from './bytes.ts'
import type { Source } from './definition.ts'
import { elementText } from './element.ts'
import { type FormFields, fieldText } from './form.ts'
import { headerValue, type InboundRequest, queryValues } from './request.ts'

/** Longer than any id or type known here; longer values are no names and would bloat indexes. */
export const MAX_VALUE_LENGTH = 512

export type Part =
  | { readonly from: 'body' | 'member'; readonly steps: Steps }
  | { readonly from: 'header' | 'form' | 'query' | 'claim' | 'element' | 'text'; readonly name: string }
  | { readonly from: 'signed-id' }

/** Parts that are joined; all must be there. */
export type Path = readonly [Part, ...Part[]]

/** What sources are read from. `json` and `form` may be getters: they are asked only when a source names them. */
export interface Material {
  readonly request: InboundRequest
  readonly json: unknown
  readonly form: FormFields | undefined
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  readonly signedId?: string | undefined
}

/** @throws Error for a source that cannot be read: a definition that cannot work must not load. */
export function compileSource(source: Source): readonly Path[] {
  return source.split(' | ').map((path) => {
    const [first = '', ...rest] = path.split(' + ')
    return [compilePart(first), ...rest.map(compilePart)]
  })
}

/** The value at the first path that holds one, without regard to coverage. */
export function readSource(paths: readonly Path[], material: Material): string | undefined {
  for (const path of paths) {
    const value = readPath(path, material)
    if (value !== undefined) return value
  }
  return undefined
}

export function readPath(path: Path, material: Material): string | undefined {
  const first = asText(readPart(path[0], material))
  if (path.length === 1 || first === undefined) return first
  const parts = [first]
  for (const part of path.slice(1)) {
    const text = asText(readPart(part, material))
    if (text === undefined) return undefined
    parts.push(text)
  }
  return asText(parts.join('.'))
}

function compilePart(text: string): Part {
  if (text === 'signed:id') return { from: 'signed-id' }
  const [, from, name] = /^(body|member|header|form|query|claim|element|text):(.+)$/.exec(text) ?? []
  if (name === undefined) throw new Error(`unknown source ${text}`)
  switch (from) {
    case 'body':
    case 'member': {
      const steps = compileBodyPath(name)
      // Of a list, the first would stand for all.
      if (steps.some((step) => typeof step === 'object')) throw new Error(`a source has one value: ${text}`)
      return { from, steps }
    }
    case 'header':
      return { from, name: name.toLowerCase() }
    case 'form':
      return { from, name: byteString(name) }
    case 'query':
    case 'claim':
    case 'element':
    case 'text':
      return { from, name }
    default:
      throw new Error(`unknown source ${text}`)
  }
}

function readPart(part: Part, material: Material): unknown {
  switch (part.from) {
    case 'signed-id':
      return material.signedId
    case 'text':
      return part.name
    case 'header':
      return headerValue(material.request.headers, part.name)
    case 'query':
      return queryValues(material.request.url, part.name)[0]
    case 'claim':
      return readBodyPath(material.claims, [part.name])
    case 'element':
      return elementText(material.request.body, part.name)
    case 'form': {
      const bytes = material.form?.find(([name]) => name === part.name)?.[1]
      return bytes === undefined ? undefined : fieldText(bytes)
    }
    case 'body':
      return readBodyPath(material.json, part.steps)
    case 'member':
      return readBodyPath(material.json, part.steps) === undefined ? undefined : part.steps.at(-1)
  }
}

/** PostgreSQL text cannot hold NUL, nor UTF-8 a lone surrogate: such a value names nothing. */
function asText(value: unknown): string | undefined {
  const text = scalarText(value)
  if (text === undefined || text === '' || text.length > MAX_VALUE_LENGTH) return undefined
  return text.includes('\0') || !text.isWellFormed() ? undefined : text
}
