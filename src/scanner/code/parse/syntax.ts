/**
 * A syntax tree as plain objects.
 *
 * Each question to a tree-sitter node crosses into WebAssembly and back; one walk with a cursor that copies what
 * lowerings ask for is several times faster, and lets the tree be freed at once. The cursor is asked for no more than
 * the numbers of a node; names come from the grammar's tables, places from the text. Parsing stops at a time budget,
 * so that a hostile file costs no more than that.
 */
import type { Language, Parser, Tree, TreeCursor } from 'web-tree-sitter'
import type { Position } from './ir.ts'

export interface SyntaxNode {
  readonly type: string
  readonly named: boolean
  readonly field: string | null
  readonly start: number
  readonly end: number
  readonly at: Position
  readonly children: readonly SyntaxNode[]
}

export interface Parsed {
  readonly root: SyntaxNode
  /** Characters below error nodes. */
  readonly unparsed: number
}

export const PARSE_LIMITS = { maxBytes: 1024 * 1024, budgetMs: 5000, maxNodes: 400_000, maxDepth: 500 }

/** `undefined` when the budget ran out or the tree is deeper or larger than any hand-written file. */
export function parseSource(parser: Parser, text: string, now: () => number): Parsed | undefined {
  const deadline = now() + PARSE_LIMITS.budgetMs
  let tree: Tree | null
  try {
    tree = parser.parse(text, null, { progressCallback: () => now() > deadline })
  } catch {
    tree = null
  }
  if (tree === null) {
    parser.reset()
    return undefined
  }
  const cursor = tree.walk()
  try {
    return copy(cursor, namesOf(tree.language), lineStarts(text), now, deadline)
  } finally {
    cursor.delete()
    tree.delete()
  }
}

interface Copying extends SyntaxNode {
  children: SyntaxNode[]
}

/** Most nodes have none. */
const CHILDLESS: SyntaxNode[] = []

/** Names by their numbers, as the grammar has them. */
interface Names {
  readonly types: readonly NodeType[]
  readonly fields: readonly (string | null)[]
}

interface NodeType {
  readonly type: string
  readonly named: boolean
  /** Says where its parent begins and ends, which the parent says as well: a third of all nodes, and not copied. */
  readonly encloses: boolean
  /** May have nodes below it, so that the cursor is asked. */
  readonly branches: boolean
}

/** Named, and a token all the same. */
const LEAVES = new Set([
  'identifier',
  'property_identifier',
  'shorthand_property_identifier',
  'shorthand_property_identifier_pattern',
  'field_identifier',
  'type_identifier',
  'string_fragment',
  'comment',
  'number',
  'integer',
])

const ENCLOSING = new Set(['(', ')', '{', '}', '[', ']', ';', '"', "'", '`'])

const namesByLanguage = new WeakMap<Language, Names>()

function namesOf(language: Language): Names {
  const known = namesByLanguage.get(language)
  if (known !== undefined) return known
  const names: Names = {
    types: Array.from({ length: language.nodeTypeCount }, (_, id) => {
      const type = language.nodeTypeForId(id) ?? ''
      const named = language.nodeTypeIsNamed(id)
      return { type, named, encloses: !named && ENCLOSING.has(type), branches: named && !LEAVES.has(type) }
    }),
    fields: Array.from({ length: language.fieldCount + 1 }, (_, id) => language.fieldNameForId(id)),
  }
  namesByLanguage.set(language, names)
  return names
}

/** Stands outside the grammar's numbers. */
const ERROR_TYPE: NodeType = { type: 'ERROR', named: true, encloses: false, branches: true }

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function copy(
  cursor: TreeCursor,
  { types, fields }: Names,
  lines: readonly number[],
  now: () => number,
  deadline: number,
): Parsed | undefined {
  let nodes = 0
  let unparsed = 0
  /** Nodes are met in the order of the text. */
  let row = 0
  const typeHere = () => types[cursor.nodeTypeId] ?? ERROR_TYPE
  const read = ({ type, named }: NodeType): Copying => {
    nodes++
    const start = cursor.startIndex
    while (row + 1 < lines.length && (lines[row + 1] ?? 0) <= start) row++
    return {
      type,
      named,
      field: fields[cursor.currentFieldId] ?? null,
      start,
      end: cursor.endIndex,
      at: { line: row + 1, column: start - (lines[row] ?? 0) + 1 },
      children: CHILDLESS,
    }
  }
  /** @returns The type of the next node to copy, from where the cursor stands; the cursor stands there then. */
  const nextCopied = (): NodeType | undefined => {
    for (;;) {
      const type = typeHere()
      if (!type.encloses) return type
      if (!cursor.gotoNextSibling()) return undefined
    }
  }
  const root = read(typeHere())
  /** Those around the cursor. */
  const around: Copying[] = []
  let parent = root
  let next = cursor.gotoFirstChild() ? nextCopied() : undefined
  for (;;) {
    if (nodes > PARSE_LIMITS.maxNodes || around.length > PARSE_LIMITS.maxDepth) return undefined
    if (nodes % 4096 === 0 && now() > deadline) return undefined
    if (next === undefined) {
      const above = around.pop()
      if (above === undefined) return { root, unparsed }
      parent = above
      cursor.gotoParent()
      next = cursor.gotoNextSibling() ? nextCopied() : undefined
      continue
    }
    const node = read(next)
    if (parent.children === CHILDLESS) parent.children = [node]
    else parent.children.push(node)
    if (node.type === 'ERROR') unparsed += node.end - node.start
    if (next.branches && cursor.gotoFirstChild()) {
      around.push(parent)
      parent = node
      next = nextCopied()
    } else next = cursor.gotoNextSibling() ? nextCopied() : undefined
  }
}

export function fieldOf(node: SyntaxNode, field: string): SyntaxNode | undefined {
  return node.children.find((child) => child.field === field)
}

export function fieldsOf(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  return node.children.filter((child) => child.field === field)
}

export function namedOf(node: SyntaxNode): readonly SyntaxNode[] {
  return node.children.filter((child) => child.named && child.type !== 'comment')
}

export function childOf(node: SyntaxNode, type: string): SyntaxNode | undefined {
  return node.children.find((child) => child.type === type)
}
