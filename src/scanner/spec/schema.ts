/** The fields of a schema, through references and compositions, to a bounded depth. */
import type { Location } from '../../catalogue/evidence.ts'
import type { ManifestNode } from '../manifest/node.ts'
import { type Fields, isTrue, type References, textOf } from './references.ts'

export interface SchemaField {
  readonly name: string
  /** From the root of the body: `order.lines.article`; items of lists add nothing. */
  readonly path: string
  readonly schema: ManifestNode
  readonly at: Location
  /** Lists on the way: the field then stands in each item. */
  readonly depth: number
}

/** More fields than that are a database, not a message. */
const MAX_FIELDS = 2000
const COMPOSITIONS = ['allOf', 'oneOf', 'anyOf']

const remembered = new WeakMap<ManifestNode, Map<number, readonly SchemaField[]>>()

/** @param levels How deep maps may stand in maps; cycles end there. */
export function fieldsOf(references: References, schema: ManifestNode, levels = 3): readonly SchemaField[] {
  const target = references.follow(schema)
  if (target === undefined) return []
  const known = remembered.get(target)?.get(levels)
  if (known !== undefined) return known
  const fields: SchemaField[] = []
  collect(references, target, levels, fields, new Set())
  const levelsOf = remembered.get(target) ?? new Map<number, readonly SchemaField[]>()
  levelsOf.set(levels, fields)
  remembered.set(target, levelsOf)
  return fields
}

function collect(
  references: References,
  schema: ManifestNode,
  levels: number,
  into: SchemaField[],
  path: Set<ManifestNode>,
): void {
  const target = references.follow(schema)
  if (target?.kind !== 'map' || path.has(target) || into.length >= MAX_FIELDS) return
  path.add(target)
  const fields = references.fields(schema)
  for (const composition of COMPOSITIONS)
    for (const part of references.list(fields, composition)) collect(references, part, levels, into, path)
  const items = fields.get('items')
  if (items?.value.kind === 'map') collect(references, items.value, levels, into, path)
  for (const entry of references.map(fields, 'properties').values()) {
    if (into.length >= MAX_FIELDS) break
    into.push({ name: entry.key, path: entry.key, schema: entry.value, at: entry.keyAt, depth: 0 })
    if (levels <= 1) continue
    for (const inner of fieldsOf(references, entry.value, levels - 1)) {
      if (into.length >= MAX_FIELDS) break
      into.push({ ...inner, path: `${entry.key}.${inner.path}`, depth: inner.depth + 1 })
    }
  }
  path.delete(target)
}

export interface FieldFacts {
  readonly format: string
  readonly description: string
  readonly pattern: string | undefined
  /** Only values from a list, or one. */
  readonly listed: boolean
  readonly readOnly: boolean
  readonly writeOnly: boolean
  readonly deprecated: boolean
}

export function factsOf(references: References, schema: ManifestNode): FieldFacts {
  const fields: Fields = references.fields(schema)
  return {
    format: textOf(fields.get('format')?.value)?.toLowerCase() ?? '',
    description: textOf(fields.get('description')?.value) ?? '',
    pattern: textOf(fields.get('pattern')?.value),
    listed: fields.has('enum') || fields.has('const'),
    readOnly: isTrue(fields.get('readOnly')?.value),
    writeOnly: isTrue(fields.get('writeOnly')?.value),
    deprecated: isTrue(fields.get('deprecated')?.value),
  }
}
