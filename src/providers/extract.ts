/**
 * What an event is called, out of headers, payload and URL. Total: whatever shape arrives, the answer is text or nothing.
 *
 * Each value says whether the signature covered it. Covered sources are looked at first: otherwise a captured
 * request with one header added would carry a new id into the event.
 */
import type { Payload } from './body.ts'
import type { EventSources, Source } from './definition.ts'
import { fieldText } from './form.ts'
import type { Verified } from './outcome.ts'
import { headerValue, type InboundRequest, queryValues } from './request.ts'
import { byteString } from './template.ts'

/** Longer than any id or type known here; longer values are no names and would bloat indexes. */
export const MAX_VALUE_LENGTH = 512

export interface Extracted {
  readonly value: string
  /** The signature covered this value: nobody but the key's holder chose it. */
  readonly covered: boolean
}

export interface EventAttributes {
  readonly id?: Extracted
  readonly type?: Extracted
  readonly tenant?: Extracted
  readonly subject?: Extracted
  readonly occurredAt?: Extracted
}

type Attribute = keyof EventAttributes
const ATTRIBUTES: readonly Attribute[] = ['id', 'type', 'tenant', 'subject', 'occurredAt']

export type EventReader = (request: InboundRequest, payload: Payload, verified: Verified) => EventAttributes

/** @throws Error for a source that cannot be read: a definition that cannot work must not load. */
export function compileEvent(sources: EventSources): EventReader {
  const compiled = ATTRIBUTES.flatMap((name) => {
    const source = sources[name]
    return source === undefined ? [] : [{ name, paths: compileSource(source) }]
  })
  return (request, payload, verified) => {
    const found: Partial<Record<Attribute, Extracted>> = {}
    for (const { name, paths } of compiled) {
      const value = first(paths, { request, payload, verified })
      if (value !== undefined) found[name] = value
    }
    return found
  }
}

export interface Material {
  readonly request: InboundRequest
  readonly payload: Payload | undefined
  readonly verified: Verified | undefined
}

export type Path =
  | { readonly from: 'body'; readonly steps: readonly (string | number)[] }
  | { readonly from: 'header' | 'form' | 'query'; readonly name: string }
  | { readonly from: 'signed-id' }

export function compileSource(source: Source): readonly Path[] {
  return source.split(' | ').map(compilePath)
}

/** The value at the first path that holds one, without regard to coverage. */
export function readSource(paths: readonly Path[], material: Material): string | undefined {
  for (const path of paths) {
    const value = asText(read(path, material))
    if (value !== undefined) return value
  }
  return undefined
}

function first(paths: readonly Path[], material: Material): Extracted | undefined {
  for (const covered of [true, false]) {
    for (const path of paths) {
      if (isCovered(path, material.verified) !== covered) continue
      const value = asText(read(path, material))
      if (value !== undefined) return { value, covered }
    }
  }
  return undefined
}

function compilePath(text: string): Path {
  if (text === 'signed:id') return { from: 'signed-id' }
  const [, from, name] = /^(body|header|form|query):(.+)$/.exec(text) ?? []
  if (from === undefined || name === undefined) throw new Error(`unknown source ${text}`)
  if (from === 'body') return { from, steps: compileSteps(name) }
  if (from === 'header') return { from, name: name.toLowerCase() }
  return from === 'form' ? { from, name: byteString(name) } : { from: 'query', name }
}

/** `$.a.b[0].c` */
function compileSteps(path: string): readonly (string | number)[] {
  if (!/^\$(?:\.[A-Za-z0-9_-]+|\[\d{1,4}\])+$/.test(path)) throw new Error(`unknown path ${path}`)
  return [...path.matchAll(/\.([A-Za-z0-9_-]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index))
}

function isCovered(path: Path, verified: Verified | undefined): boolean {
  if (verified === undefined) return false
  switch (path.from) {
    case 'signed-id':
      return true
    case 'body':
    case 'form':
      return verified.covers.body
    case 'query':
      return verified.covers.url
    case 'header':
      return verified.covers.headers.includes(path.name)
  }
}

function read(path: Path, { request, payload, verified }: Material): unknown {
  switch (path.from) {
    case 'signed-id':
      return verified?.signedId
    case 'header':
      return headerValue(request.headers, path.name)
    case 'query':
      return queryValues(request.url, path.name)[0]
    case 'form': {
      const bytes = payload?.fields?.find(([name]) => name === path.name)?.[1]
      return bytes === undefined ? undefined : fieldText(bytes)
    }
    case 'body':
      return payload?.isJson === true ? walk(payload.value, path.steps) : undefined
  }
}

/** Own properties only: `$.constructor.name` of any object is nobody's event type. */
function walk(value: unknown, steps: readonly (string | number)[]): unknown {
  let at = value
  for (const step of steps) {
    if (
      typeof at !== 'object' ||
      at === null ||
      Array.isArray(at) !== (typeof step === 'number') ||
      !Object.hasOwn(at, step)
    ) {
      return undefined
    }
    at = Reflect.get(at, step)
  }
  return at
}

/** PostgreSQL text cannot hold NUL, nor UTF-8 a lone surrogate: such a value names nothing. */
function asText(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  if (typeof text !== 'string' || text === '' || text.length > MAX_VALUE_LENGTH) return undefined
  return /[\0\p{Surrogate}]/u.test(text) ? undefined : text
}
