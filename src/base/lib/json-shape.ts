/**
 * The shape of JSON values: which places there are, and of which types what stands there was. Bounded, whatever the value:
 * what is deeper, wider or longer than the bounds is left out.
 */

export const JSON_TYPES = ['null', 'boolean', 'number', 'string', 'object', 'array'] as const
export type JsonType = (typeof JSON_TYPES)[number]

/** By place: a JSON Pointer in which `*` stands for each item of a list and each member of an object used as a map. */
export type JsonShape = ReadonlyMap<string, ReadonlySet<JsonType>>

export interface ShapeChange {
  readonly kind: 'new_field' | 'type_change'
  readonly place: string
  /** Empty for a new field. */
  readonly before: readonly JsonType[]
  readonly after: readonly JsonType[]
}

const MAX_DEPTH = 12
const MAX_PLACES = 500
/** An object with more members than this is taken for a map: its names are data. */
const MAX_MEMBERS = 64
/** Of a list or map; its first items are as good as any. */
const MAX_ITEMS = 50
/** A name is part of a place, and somebody must be able to read that. */
const MAX_NAME_LENGTH = 100

export function shapeOf(value: unknown): JsonShape {
  const shape = new Map<string, Set<JsonType>>()
  visit(value, '', 0)
  return shape

  function visit(each: unknown, place: string, depth: number): void {
    const known = shape.get(place)
    if (known === undefined && shape.size >= MAX_PLACES) return
    const type = typeOf(each)
    if (known === undefined) shape.set(place, new Set([type]))
    else known.add(type)
    if (depth >= MAX_DEPTH || typeof each !== 'object' || each === null) return
    if (Array.isArray(each)) {
      for (const item of each.slice(0, MAX_ITEMS)) visit(item, `${place}/*`, depth + 1)
      return
    }
    const members = Object.entries(each)
    const isMap = members.length > MAX_MEMBERS
    for (const [name, member] of isMap ? members.slice(0, MAX_ITEMS) : members)
      visit(member, isMap ? `${place}/*` : `${place}/${escaped(name)}`, depth + 1)
  }
}

/** Both together, within the same bound. */
export function mergeShapes(known: JsonShape, seen: JsonShape): JsonShape {
  const merged = new Map(known)
  for (const [place, types] of seen) {
    const before = merged.get(place)
    if (before !== undefined) merged.set(place, new Set([...before, ...types]))
    else if (merged.size < MAX_PLACES) merged.set(place, types)
  }
  return merged
}

/** What `seen` has that `known` has not. Of a new field, what stands below it is not told apart. */
export function shapeChanges(known: JsonShape, seen: JsonShape): readonly ShapeChange[] {
  if (known.size >= MAX_PLACES) return []
  return [...seen].flatMap(([place, types]): ShapeChange[] => {
    const before = known.get(place)
    if (before === undefined) {
      const isTopmost = known.has(parentOf(place))
      return isTopmost ? [{ kind: 'new_field', place, before: [], after: sorted(types) }] : []
    }
    const isKnown = [...types].every((type) => before.has(type))
    return isKnown ? [] : [{ kind: 'type_change', place, before: sorted(before), after: sorted(types) }]
  })
}

/** For keeping: places and types in an order of their own, so that the same shape is the same text. */
export function shapeToJson(shape: JsonShape): Record<string, readonly JsonType[]> {
  return Object.fromEntries(
    [...shape].sort(([a], [b]) => (a < b ? -1 : 1)).map(([place, types]) => [place, sorted(types)]),
  )
}

export function shapeFromJson(json: Readonly<Record<string, readonly JsonType[]>>): JsonShape {
  return new Map(Object.entries(json).map(([place, types]) => [place, new Set(types)]))
}

function sorted(types: ReadonlySet<JsonType>): readonly JsonType[] {
  return JSON_TYPES.filter((type) => types.has(type))
}

function typeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'boolean' || type === 'number' || type === 'string' ? type : 'object'
}

/** RFC 6901 section 3. NUL and halves of characters are nothing a database or a terminal takes. */
function escaped(name: string): string {
  return name
    .slice(0, MAX_NAME_LENGTH)
    .toWellFormed()
    .replaceAll('\u0000', '\ufffd')
    .replaceAll('~', '~0')
    .replaceAll('/', '~1')
}

function parentOf(place: string): string {
  return place.slice(0, Math.max(0, place.lastIndexOf('/')))
}
