/**
 * What an event is called, out of headers, payload, claims and URL.
 *
 * Each value says whether the signature covered it. Covered sources are looked at first: otherwise a captured
 * request with one header added would carry a new id into the event.
 */

import type { Payload } from './body.ts'
import { contains } from './body-path.ts'
import type { EventSources } from './definition.ts'
import type { Verified } from './outcome.ts'
import type { InboundRequest } from './request.ts'
import { compileSource, type Material, type Part, type Path, readPath } from './source.ts'

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
    const material = materialOf(request, payload, verified)
    const found: Partial<Record<Attribute, Extracted>> = {}
    for (const { name, paths } of compiled) {
      const value = first(paths, material, verified)
      if (value !== undefined) found[name] = value
    }
    return found
  }
}

export function materialOf(
  request: InboundRequest,
  payload: Payload | undefined,
  verified: Verified | undefined,
): Material {
  return {
    request,
    json: payload?.isJson === true ? payload.value : undefined,
    form: payload?.fields,
    claims: verified?.claims,
    signedId: verified?.signedId,
  }
}

function first(paths: readonly Path[], material: Material, verified: Verified): Extracted | undefined {
  const only = paths[0]
  if (only !== undefined && paths.length === 1) {
    const value = readPath(only, material)
    return value === undefined ? undefined : { value, covered: isCoveredPath(only, verified) }
  }
  for (const covered of [true, false]) {
    for (const path of paths) {
      if (isCoveredPath(path, verified) !== covered) continue
      const value = readPath(path, material)
      if (value !== undefined) return { value, covered }
    }
  }
  return undefined
}

/** A fixed word proves nothing by itself: it is the last resort, after every value that the request holds. */
export function isCoveredPath(path: Path, verified: Pick<Verified, 'covers'>): boolean {
  if (path.length === 1) return path[0].from !== 'text' && isCovered(path[0], verified)
  return path.some(({ from }) => from !== 'text') && path.every((part) => isCovered(part, verified))
}

function isCovered(part: Part, { covers }: Pick<Verified, 'covers'>): boolean {
  switch (part.from) {
    case 'signed-id':
    case 'claim':
    case 'text':
      return true
    case 'body':
    case 'member':
      return covers.body || covers.members.some((steps) => contains(steps, part.steps))
    case 'form':
      return covers.body || covers.fields.includes(part.name)
    case 'element':
      return covers.body
    case 'query':
      return covers.url
    case 'header':
      return covers.headers.includes(part.name)
  }
}
