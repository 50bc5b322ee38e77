/** A YAML or JSON document as a plain tree in which every part knows where it stands. */
import type { Location } from '../../catalogue/evidence.ts'

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  readonly at: Location
}

export interface ListNode {
  readonly kind: 'list'
  readonly items: readonly ManifestNode[]
  readonly at: Location
}

export interface MapNode {
  readonly kind: 'map'
  readonly entries: readonly MapEntry[]
  readonly at: Location
}

export interface MapEntry {
  readonly key: string
  readonly keyAt: Location
  readonly value: ManifestNode
}

export type ManifestNode = ScalarNode | ListNode | MapNode

/** Something wrong with the file itself; any one of them means there is no verdict. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

export function problemAt(at: Location, message: string): Problem {
  return { file: at.file, line: at.line, column: at.column, message }
}

export function describeNode(node: ManifestNode): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a map' : 'a list'
  if (node.value === null) return 'null'
  return `the ${typeof node.value === 'string' ? 'text' : typeof node.value} ${JSON.stringify(node.value).slice(0, 60)}`
}
