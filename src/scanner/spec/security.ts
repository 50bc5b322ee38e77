/** What a description says about credentials: its schemes, and what an operation demands of them. */
import type { ManifestNode } from '../manifest/node.ts'
import type { DemandedScheme, Security, SecurityScheme } from './model.ts'
import { type Fields, type References, textOf } from './references.ts'

export function readSchemes(references: References, fields: Fields): ReadonlyMap<string, SecurityScheme> {
  const schemes = new Map<string, SecurityScheme>()
  for (const entry of fields.values()) {
    const scheme = readScheme(references, entry.key, references.mapOf(entry), entry.keyAt)
    if (scheme !== undefined) schemes.set(entry.key, scheme)
    // What stands elsewhere is defined all the same, only unknown.
    else if (references.unreachable(entry.value) !== undefined)
      schemes.set(entry.key, { ...EMPTY, name: entry.key, at: entry.keyAt })
  }
  return schemes
}

/** Whether all schemes of a document are in it, or in what was read with it. */
export function areKnown(references: References, root: Fields): boolean {
  const components = root.get('components')?.value
  const holders = [
    components,
    references.fields(components).get('securitySchemes')?.value,
    root.get('securityDefinitions')?.value,
  ]
  return holders.every((node) => references.unreachable(node) === undefined)
}

const EMPTY = { type: '', in: '', parameter: '', scheme: '', bearerFormat: '', description: '' } as const

function readScheme(
  references: References,
  name: string,
  fields: Fields,
  at: SecurityScheme['at'],
): SecurityScheme | undefined {
  const type = references.text(fields, 'type')
  if (type === undefined) return undefined
  const isBasic = type === 'basic'
  return {
    name,
    type: isBasic ? 'http' : type,
    in: references.text(fields, 'in') ?? '',
    parameter: references.text(fields, 'name') ?? '',
    scheme: isBasic ? 'basic' : (references.text(fields, 'scheme') ?? '').toLowerCase(),
    bearerFormat: references.text(fields, 'bearerFormat') ?? '',
    description: references.text(fields, 'description') ?? '',
    at,
  }
}

const UNSTATED: Security = { is: 'unstated', own: false, alternatives: [], at: undefined }

/** Of an OpenAPI operation: its own list, else the document's. */
export function readSecurity(
  references: References,
  operation: Fields,
  document: Fields,
  schemes: ReadonlyMap<string, SecurityScheme>,
): Security {
  const own = operation.has('security')
  const entry = (own ? operation : document).get('security')
  if (entry === undefined) return UNSTATED
  const node = references.follow(entry.value)
  if (node?.kind !== 'list') {
    if (node !== undefined) references.remark(entry.keyAt, 'security must be a list.')
    return UNSTATED
  }
  const alternatives = node.items.flatMap((item) => {
    const demanded = alternative(references, item, schemes)
    return demanded === undefined ? [] : [demanded]
  })
  // An empty list for the whole document is how some tools write nothing at all.
  if (node.items.length === 0) return own ? { is: 'none', own, alternatives, at: entry.keyAt } : UNSTATED
  if (alternatives.length === 0) return UNSTATED
  return { is: stateOf(alternatives), own, alternatives, at: entry.keyAt }
}

/** Of AsyncAPI: each item is an alternative; version 3 refers to the scheme, version 2 names it. */
export function readChannelSecurity(
  references: References,
  holders: readonly Fields[],
  schemes: ReadonlyMap<string, SecurityScheme>,
): Security {
  const holder = holders.find((fields) => fields.has('security'))
  const entry = holder?.get('security')
  if (holder === undefined || entry === undefined) return UNSTATED
  const items = references.list(holder, 'security')
  const own = holder === holders[0]
  const alternatives = items.flatMap((item) => {
    const demanded = referredScheme(references, item, schemes) ?? alternative(references, item, schemes)
    return demanded === undefined ? [] : [demanded]
  })
  if (items.length === 0) return { is: 'none', own, alternatives, at: entry.keyAt }
  return alternatives.length === 0 ? UNSTATED : { is: stateOf(alternatives), own, alternatives, at: entry.keyAt }
}

function stateOf(alternatives: Security['alternatives']): Security['is'] {
  if (alternatives.every((one) => one.length === 0)) return 'none'
  return alternatives.some((one) => one.length === 0) ? 'optional' : 'demanded'
}

function alternative(
  references: References,
  item: ManifestNode,
  schemes: ReadonlyMap<string, SecurityScheme>,
): readonly DemandedScheme[] | undefined {
  const node = references.follow(item)
  if (node?.kind !== 'map') {
    if (node !== undefined) references.remark(item.at, 'A security requirement must be a map.')
    return undefined
  }
  return node.entries.map(({ key, keyAt }) => ({ name: key, scheme: schemes.get(key), at: keyAt }))
}

/** A scheme in place of its name, by reference or written out. */
function referredScheme(
  references: References,
  item: ManifestNode,
  schemes: ReadonlyMap<string, SecurityScheme>,
): readonly DemandedScheme[] | undefined {
  const fields = references.fields(item)
  if (textOf(fields.get('type')?.value) === undefined) return undefined
  const name = references.nameOf(item) ?? 'security'
  const scheme = schemes.get(name) ?? readScheme(references, name, fields, item.at)
  return scheme === undefined ? undefined : [{ name, scheme, at: item.at }]
}
