/**
 * The operations of descriptions that can be asked for without knowing more than they say: reads whose parameters
 * have a value written down.
 *
 * Boundary: makes nothing up. An id that nobody wrote would be answered 404, which tells nothing.
 */
import type { ManifestNode } from '../manifest/node.ts'
import type { SpecDocument, SpecOperation, SpecParameter } from './model.ts'
import type { References } from './references.ts'

export interface AskableOperation {
  readonly method: 'GET'
  /** Below the base of the first server, with its parameters filled in. */
  readonly path: string
  /** The part of it that is the server's. */
  readonly base: string
  /** The document says that it is for everybody. */
  readonly isPublic: boolean
}

export function askableOperations(documents: readonly SpecDocument[]): readonly AskableOperation[] {
  return documents
    .filter(({ family }) => family === 'openapi')
    .flatMap(({ operations, references }) => operations.flatMap((operation) => askable(operation, references)))
}

function askable(operation: SpecOperation, references: References): readonly AskableOperation[] {
  const { place, method, path: template, parameters, servers, security } = operation
  if (place !== 'path' || method !== 'GET') return []
  const needed = parameters.filter((one) => one.in === 'path' || (one.in === 'query' && one.required))
  const values = new Map(needed.map((one) => [one, givenValue(one, references)] as const))
  if (needed.some((one) => values.get(one) === undefined)) return []
  const filled = needed
    .filter((one) => one.in === 'path')
    .reduce((text, one) => text.replaceAll(`{${one.name}}`, encodeURIComponent(values.get(one) ?? '')), template)
  if (filled.includes('{')) return []
  const query = needed.flatMap((one) =>
    one.in === 'query' ? `${encodeURIComponent(one.name)}=${encodeURIComponent(values.get(one) ?? '')}` : [],
  )
  const base = servers[0]?.base ?? ''
  const path = base + filled + (query.length === 0 ? '' : `?${query.join('&')}`)
  return [{ method, path, base, isPublic: security.is === 'none' }]
}

function givenValue({ example, schema }: SpecParameter, references: References): string | undefined {
  const fields = references.fields(schema)
  const single = [example, ...['example', 'default', 'const'].map((key) => fields.get(key)?.value)]
  const listed = ['examples', 'enum'].flatMap((key) => references.list(fields, key))
  return [...single, ...listed].map(scalarOf).find((value) => value !== undefined && value !== '')
}

function scalarOf(node: ManifestNode | undefined): string | undefined {
  if (node?.kind !== 'scalar') return undefined
  return typeof node.value === 'string' || typeof node.value === 'number' ? String(node.value) : undefined
}
