/**
 * The tree of a description with its `$ref`s followed: what stands at a key, wherever it is written.
 *
 * References into the own document are followed; into files only where the caller gives a reader, and over the
 * network never. A reference that leads nowhere, out or round in a circle makes what it stands for unknown: it is
 * named once, with its place, and never ends a run.
 */
import type { Location } from '../../catalogue/evidence.ts'
import type { ManifestNode, MapEntry, MapNode, Problem } from '../manifest/node.ts'
import { problemAt } from '../manifest/node.ts'

export type Fields = ReadonlyMap<string, MapEntry>

/** A file beside the description, by the path as it is written there; `undefined` when it may not or cannot be read. */
export type ReadBeside = (path: string, from: string) => ManifestNode | undefined

interface Target {
  /** `undefined` when it cannot be reached. */
  readonly node: ManifestNode | undefined
}

const NOTHING: Fields = new Map()
const MAX_HOPS = 64
const MAX_NAMED = 50

export class References {
  readonly root: ManifestNode
  readonly #readBeside: ReadBeside
  readonly #keys = new WeakMap<MapNode, Fields>()
  readonly #merged = new WeakMap<MapNode, Fields>()
  readonly #targets = new Map<string, Target>()
  readonly #unreached = new Map<string, Problem>()
  readonly #wrong = new Map<string, Problem>()

  constructor(root: ManifestNode, readBeside: ReadBeside = () => undefined) {
    this.root = root
    this.#readBeside = readBeside
  }

  /** What could not be followed or is of a wrong type, each once. */
  get remarks(): readonly Problem[] {
    return [...this.#unreached.values(), ...this.#wrong.values()].slice(0, MAX_NAMED)
  }

  /** The node itself or, for a reference, what it leads to. `undefined` when it leads nowhere. */
  follow(node: ManifestNode): ManifestNode | undefined {
    let at: ManifestNode | undefined = node
    for (let hop = 0; at !== undefined && hop < MAX_HOPS; hop++) {
      const reference = this.#referenceOf(at)
      if (reference === undefined) return at
      at = this.#target(reference)
    }
    const last = this.#referenceOf(node)
    if (at !== undefined && last !== undefined) this.#name(last, 'leads round in a circle')
    return undefined
  }

  /**
   * The entries of a map; beside a `$ref` the own ones go before those of its target, as newer versions have it.
   * Empty for anything else.
   */
  fields(node: ManifestNode | undefined): Fields {
    if (node?.kind !== 'map') return NOTHING
    const reference = this.#referenceOf(node)
    if (reference === undefined) return this.#own(node)
    const known = this.#merged.get(node)
    if (known !== undefined) return known
    const target = this.follow(node)
    const merged = new Map(target?.kind === 'map' ? this.#own(target) : NOTHING)
    for (const [key, entry] of this.#own(node)) if (key !== '$ref') merged.set(key, entry)
    this.#merged.set(node, merged)
    return merged
  }

  /** A map under a key; something else than a map there is remarked upon. */
  map(fields: Fields, key: string): Fields {
    const entry = fields.get(key)
    return entry === undefined ? NOTHING : this.mapOf(entry)
  }

  mapOf(entry: MapEntry): Fields {
    const node = this.follow(entry.value)
    if (node?.kind === 'map') return this.fields(entry.value)
    if (node !== undefined && !isNull(node)) this.remark(entry.keyAt, `${entry.key} must be a map.`)
    return NOTHING
  }

  list(fields: Fields, key: string): readonly ManifestNode[] {
    const entry = fields.get(key)
    if (entry === undefined) return []
    const node = this.follow(entry.value)
    if (node?.kind === 'list') return node.items
    if (node !== undefined && !isNull(node)) this.remark(entry.keyAt, `${key} must be a list.`)
    return []
  }

  text(fields: Fields, key: string): string | undefined {
    return textOf(fields.get(key)?.value)
  }

  /** Where a reference that cannot be followed stands, and what it says. */
  unreachable(node: ManifestNode | undefined): { readonly text: string; readonly at: Location } | undefined {
    const reference = node === undefined ? undefined : this.#referenceOf(node)
    return reference !== undefined && node !== undefined && this.follow(node) === undefined ? reference : undefined
  }

  /** The last part of a reference, by which the target is called. */
  nameOf(node: ManifestNode): string | undefined {
    const last = this.#referenceOf(node)?.text.split('/').at(-1)
    return last === undefined ? undefined : unescapeToken(last)
  }

  remark(at: Location, message: string): void {
    const key = `${at.file}:${at.line}:${at.column}`
    if (this.#wrong.size < MAX_NAMED && !this.#wrong.has(key)) this.#wrong.set(key, problemAt(at, message))
  }

  /** Follows every reference of the document, so that those nobody asked for are named, too. */
  sweep(): void {
    const open: ManifestNode[] = [this.root]
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node.kind === 'list') open.push(...node.items.filter((item) => item.kind !== 'scalar'))
      if (node.kind !== 'map') continue
      if (this.#referenceOf(node) !== undefined) this.follow(node)
      for (const { key, value } of node.entries) if (value.kind !== 'scalar' && !IS_DATA.test(key)) open.push(value)
    }
  }

  #own(node: MapNode): Fields {
    const known = this.#keys.get(node)
    if (known !== undefined) return known
    const fields = new Map(node.entries.map((entry) => [entry.key, entry]))
    this.#keys.set(node, fields)
    return fields
  }

  #referenceOf(node: ManifestNode): { readonly text: string; readonly at: Location } | undefined {
    if (node.kind !== 'map') return undefined
    // A schema may have a property of that name; it is a map then, and no reference.
    const entry = node.entries.length > 8 ? this.#own(node).get('$ref') : node.entries.find(({ key }) => key === '$ref')
    if (entry?.value.kind !== 'scalar' || typeof entry.value.value !== 'string') return undefined
    return { text: entry.value.value, at: entry.keyAt }
  }

  #target(reference: { readonly text: string; readonly at: Location }): ManifestNode | undefined {
    const key = `${reference.at.file}\n${reference.text}`
    const known = this.#targets.get(key)
    if (known !== undefined) return known.node
    const node = this.#find(reference)
    this.#targets.set(key, { node })
    return node
  }

  #find({ text, at }: { readonly text: string; readonly at: Location }): ManifestNode | undefined {
    const [path = '', pointer = ''] = splitOnce(text, '#')
    if (/^[a-z][a-z0-9+.-]+:/i.test(path)) return this.#name({ text, at }, 'lies elsewhere and is not fetched')
    const root = path === '' && at.file === this.root.at.file ? this.root : this.#readBeside(path, at.file)
    if (root === undefined)
      return this.#name({ text, at }, path === '' ? 'cannot be followed here' : 'is another file and is not read')
    const found = pointer === '' ? root : this.#walk(root, pointer)
    return found ?? this.#name({ text, at }, 'leads nowhere')
  }

  #walk(root: ManifestNode, pointer: string): ManifestNode | undefined {
    if (!pointer.startsWith('/')) return undefined
    let node: ManifestNode | undefined = root
    for (const token of pointer.slice(1).split('/')) {
      const key = unescapeToken(token)
      if (node?.kind === 'list') node = /^(?:0|[1-9][0-9]{0,8})$/.test(key) ? node.items[Number(key)] : undefined
      else if (node?.kind === 'map') node = this.#own(node).get(key)?.value
      else return undefined
    }
    return node
  }

  #name(reference: { readonly text: string; readonly at: Location }, why: string): undefined {
    if (this.#unreached.size < MAX_NAMED && !this.#unreached.has(reference.text))
      this.#unreached.set(
        reference.text,
        problemAt(reference.at, `$ref "${reference.text.slice(0, 200)}" ${why}; what it stands for is unknown.`),
      )
    return undefined
  }
}

/** Below these stands data, in which a `$ref` refers to nothing. */
const IS_DATA = /^(?:example|examples|default|enum|const|value|x-.*)$/

export function textOf(node: ManifestNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined
}

export function isTrue(node: ManifestNode | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true
}

function isNull(node: ManifestNode): boolean {
  return node.kind === 'scalar' && node.value === null
}

function splitOnce(text: string, at: string): readonly [string, string] {
  const index = text.indexOf(at)
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
}

/** RFC 6901: the fragment is percent-decoded first, then `~1` and `~0`. */
function unescapeToken(token: string): string {
  let decoded = token
  try {
    decoded = decodeURIComponent(token)
  } catch {
    // A lone percent sign is itself.
  }
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~')
}
