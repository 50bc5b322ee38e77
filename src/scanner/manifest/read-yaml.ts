/**
 * From bytes to trees. JSON is read as the YAML that it is, so that both have positions.
 *
 * Hostile input is expected: the size is capped before parsing, depth before recursion, and aliases are expanded
 * by this walk under a budget, never by the library, so that a small file cannot become a large tree. Keys are
 * checked for repeats here in linear time; the library's own check is quadratic.
 */
import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'
import type { LineCounter, Node, Pair, YAMLMap } from 'yaml'
import type { Location } from '../../catalogue/evidence.ts'
import { type ManifestNode, type MapEntry, type Problem, problemAt } from './node.ts'
import { readFast } from './read-fast.ts'

export const MANIFEST_LIMITS = {
  /** A thousand surfaces with everything stated are about 1.5 MB. */
  maxBytes: 8 * 1024 * 1024,
  maxDepth: 64,
  maxNodes: 2_000_000,
  /** Nodes reached through aliases: enough to share settings, far too few for a bomb. */
  maxAliasedNodes: 50_000,
} as const

export type ReadLimits = { readonly [Limit in keyof typeof MANIFEST_LIMITS]: number }

export interface ReadDocuments {
  readonly documents: readonly ManifestNode[]
  readonly problems: readonly Problem[]
}

export function readDocuments(text: string, file: string, limits: ReadLimits = MANIFEST_LIMITS): ReadDocuments {
  const start: Location = { file, line: 1, column: 1 }
  const refusal = refuseUnread(text, limits)
  if (refusal !== undefined) return { documents: [], problems: [problemAt(start, refusal)] }

  const plain = readFast(text, file)
  return plain === undefined || plain.length === 0 ? readFully(text, file, limits) : { documents: plain, problems: [] }
}

/** Loaded with the first file that needs it: a scan that meets none, or plain ones, starts without. */
const require = createRequire(import.meta.url)
const library = (): typeof Yaml => require('yaml')

/** The whole of YAML, through the library; exported so that a test can hold the quick reader to it. */
export function readFully(text: string, file: string, limits: ReadLimits = MANIFEST_LIMITS): ReadDocuments {
  const start: Location = { file, line: 1, column: 1 }
  if (flowDepth(text) > limits.maxDepth * 4)
    return { documents: [], problems: [problemAt(start, 'The file is nested too deeply.')] }
  const yaml = library()
  const lines = new yaml.LineCounter()
  try {
    const parsed = yaml.parseAllDocuments(text, {
      lineCounter: lines,
      uniqueKeys: false,
      logLevel: 'silent',
      prettyErrors: false,
    })
    const walk = new TreeWalk(file, lines, limits)
    const documents: ManifestNode[] = []
    for (const document of Array.isArray(parsed) ? parsed : []) {
      for (const error of [...document.errors, ...document.warnings])
        walk.report(error.pos[0], firstSentence(error.message))
      if (document.contents === null || walk.problems.length > 0) continue
      const tree = walk.document(document.contents, (alias) =>
        yaml.isAlias(alias) ? alias.resolve(document) : undefined,
      )
      // A marker with nothing after it, as many editors leave one at the end.
      const nothing = tree?.kind === 'scalar' && tree.value === null
      if (tree !== undefined && !nothing) documents.push(tree)
    }
    const empty = documents.length === 0 && walk.problems.length === 0
    return { documents, problems: empty ? [problemAt(start, 'The file holds no document.')] : walk.problems }
  } catch (error) {
    // The parser recurses; a depth that the scan below did not see ends here rather than in a crash.
    if (error instanceof RangeError)
      return { documents: [], problems: [problemAt(start, 'The file is nested too deeply.')] }
    throw error
  }
}

function refuseUnread(text: string, { maxBytes }: ReadLimits): string | undefined {
  if (text.length > maxBytes) return `The file is larger than ${maxBytes} bytes.`
  if (text.trim() === '') return 'The file is empty.'
  if (text.includes('\u0000') || text.includes('\ufffd')) return 'The file is not text (YAML or JSON in UTF-8).'
  return undefined
}

/** An upper bound that ignores quoting: cheap, and far above what a manifest needs. */
function flowDepth(text: string): number {
  let depth = 0
  let deepest = 0
  for (const character of text) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth)
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1)
  }
  return deepest
}

function firstSentence(message: string): string {
  return message.split('\n')[0] ?? message
}

type Resolve = (alias: Node) => Node | undefined

class TreeWalk {
  readonly problems: Problem[] = []
  readonly #yaml = library()
  readonly #file: string
  readonly #lines: LineCounter
  readonly #limits: ReadLimits
  readonly #path = new Set<Node>()
  #nodes = 0
  #aliased = 0
  #aliasDepth = 0

  constructor(file: string, lines: LineCounter, limits: ReadLimits) {
    this.#file = file
    this.#lines = lines
    this.#limits = limits
  }

  report(offset: number, message: string): void {
    if (this.problems.length < 50) this.problems.push(problemAt(this.#at(offset), message))
  }

  document(root: Node, resolve: Resolve): ManifestNode | undefined {
    const tree = this.#node(root, resolve, 0)
    return this.problems.length === 0 ? tree : undefined
  }

  #node(node: Node, resolve: Resolve, depth: number): ManifestNode | undefined {
    const offset = node.range?.[0] ?? 0
    this.#nodes++
    if (this.#aliasDepth > 0) this.#aliased++
    if (depth > this.#limits.maxDepth) return this.#refuse(offset, 'This is nested too deeply.')
    if (this.#nodes > this.#limits.maxNodes) return this.#refuse(offset, 'The file has too many parts.')
    if (this.#aliased > this.#limits.maxAliasedNodes) return this.#refuse(offset, 'Aliases expand to too many parts.')
    if (this.#yaml.isAlias(node)) return this.#alias(node, resolve, depth)
    if (this.#yaml.isScalar(node)) return this.#scalar(node.value, offset)
    if (this.#path.has(node)) return this.#refuse(offset, 'An anchor contains itself.')
    this.#path.add(node)
    const read = this.#yaml.isMap(node) ? this.#map(node, resolve, depth) : this.#list(node, resolve, depth)
    this.#path.delete(node)
    return read
  }

  #alias(node: Node, resolve: Resolve, depth: number): ManifestNode | undefined {
    const target = resolve(node)
    if (target === undefined) return this.#refuse(node.range?.[0] ?? 0, 'This alias has no anchor before it.')
    this.#aliasDepth++
    const read = this.#node(target, resolve, depth + 1)
    this.#aliasDepth--
    return read
  }

  #scalar(value: unknown, offset: number): ManifestNode | undefined {
    const at = this.#at(offset)
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return { kind: 'scalar', value, at }
    if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'scalar', value, at }
    return this.#refuse(offset, 'This value is neither text, number, boolean nor null.')
  }

  #list(node: Node, resolve: Resolve, depth: number): ManifestNode | undefined {
    const at = this.#at(node.range?.[0] ?? 0)
    const items: ManifestNode[] = []
    for (const item of this.#yaml.isSeq(node) ? node.items : []) {
      const read = this.#yaml.isNode(item)
        ? this.#node(item, resolve, depth + 1)
        : this.#scalar(null, node.range?.[0] ?? 0)
      if (read === undefined) return undefined
      items.push(read)
    }
    return { kind: 'list', items, at }
  }

  #map(node: YAMLMap, resolve: Resolve, depth: number): ManifestNode | undefined {
    const entries = new Map<string, MapEntry>()
    const merged: MapEntry[] = []
    for (const pair of node.items) {
      const entry = this.#entry(pair, resolve, depth)
      if (entry === undefined) return undefined
      if (entry.key === '<<' && entry.value.kind === 'map') merged.push(...entry.value.entries)
      else if (entries.has(entry.key))
        this.report(
          this.#yaml.isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0,
          `The key "${entry.key}" stands here twice.`,
        )
      else entries.set(entry.key, entry)
    }
    for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry)
    return { kind: 'map', entries: [...entries.values()], at: this.#at(node.range?.[0] ?? 0) }
  }

  #entry(pair: Pair, resolve: Resolve, depth: number): MapEntry | undefined {
    const { key, value } = pair
    const offset = this.#yaml.isNode(key) ? (key.range?.[0] ?? 0) : 0
    if (!this.#yaml.isScalar(key) || typeof key.value === 'object')
      return this.#refuse(offset, 'A key must be plain text.')
    const keyAt = this.#at(offset)
    const read = this.#yaml.isNode(value) ? this.#node(value, resolve, depth + 1) : this.#scalar(null, offset)
    return read === undefined ? undefined : { key: String(key.value), keyAt, value: read }
  }

  #refuse(offset: number, message: string): undefined {
    this.report(offset, message)
    return undefined
  }

  #at(offset: number): Location {
    const { line, col } = this.#lines.linePos(offset)
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col) }
  }
}
