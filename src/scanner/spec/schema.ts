/** The fields of a schema, through references and compositions, to a bounded depth. */
import type { Location } from '../../catalogue/evidence.ts'
import type { ManifestNode } from '../manifest/node.ts'
import { isTrue, type References, textOf } from './references.ts'

export interface SchemaField {
  readonly name: string
  /** From the root of the body: `order.lines.article`; items of lists add nothing. */
  readonly path: string
  readonly schema: ManifestNode
  readonly at: Location
}

/** Which names are looked for. Answers are remembered by the function, so it must be one and the same each time. */
export type FieldFilter = (name: string) => boolean

/** More fields than that are a database, not a message. */
const MAX_FIELDS = 2000
const COMPOSITIONS = ['allOf', 'oneOf', 'anyOf']

type Found = Map<number, readonly SchemaField[]>
const remembered = new WeakMap<FieldFilter, WeakMap<ManifestNode, Found>>()

/**
 * Large descriptions use one schema in hundreds of operations: what was found below it is remembered.
 *
 * @param levels How deep maps may stand in maps; cycles end there.
 */
export function fieldsOf(
  references: References,
  schema: ManifestNode,
  levels: number,
  filter: FieldFilter = anyName,
): readonly SchemaField[] {
  const target = references.follow(schema)
  if (target === undefined) return []
  const bySchema = remembered.get(filter) ?? new WeakMap<ManifestNode, Found>()
  remembered.set(filter, bySchema)
  const found: Found = bySchema.get(target) ?? new Map()
  bySchema.set(target, found)
  const known = found.get(levels)
  if (known !== undefined) return known
  const fields: SchemaField[] = []
  collect(references, target, levels, filter, fields, new Set())
  found.set(levels, fields)
  return fields
}

function anyName(): boolean {
  return true
}

function collect(
  references: References,
  schema: ManifestNode,
  levels: number,
  filter: FieldFilter,
  into: SchemaField[],
  path: Set<ManifestNode>,
): void {
  const target = references.follow(schema)
  if (target?.kind !== 'map' || path.has(target) || into.length >= MAX_FIELDS) return
  path.add(target)
  const fields = references.fields(schema)
  for (const composition of COMPOSITIONS)
    for (const part of references.list(fields, composition)) collect(references, part, levels, filter, into, path)
  const items = fields.get('items')
  if (items?.value.kind === 'map') collect(references, items.value, levels, filter, into, path)
  for (const { key, keyAt, value } of references.map(fields, 'properties').values()) {
    if (into.length >= MAX_FIELDS) break
    if (filter(key)) into.push({ name: key, path: key, schema: value, at: keyAt })
    if (levels <= 1) continue
    for (const inner of fieldsOf(references, value, levels - 1, filter)) {
      if (into.length >= MAX_FIELDS) break
      into.push({ ...inner, path: `${key}.${inner.path}` })
    }
  }
  path.delete(target)
}

export interface FieldFacts {
  readonly description: string
  readonly pattern: string | undefined
  /** Only values from a list, or one. */
  readonly listed: boolean
  readonly readOnly: boolean
  readonly writeOnly: boolean
  readonly deprecated: boolean
}

export function factsOf(references: References, schema: ManifestNode): FieldFacts {
  const fields = references.fields(schema)
  return {
    description: textOf(fields.get('description')?.value) ?? '',
    pattern: textOf(fields.get('pattern')?.value),
    listed: fields.has('enum') || fields.has('const'),
    readOnly: isTrue(fields.get('readOnly')?.value),
    writeOnly: isTrue(fields.get('writeOnly')?.value),
    deprecated: isTrue(fields.get('deprecated')?.value),
  }
}
