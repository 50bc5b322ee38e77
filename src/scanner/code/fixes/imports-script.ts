/** How a JavaScript or TypeScript file names an export of a package, and the import it needs for that. */
import { childOf, fieldOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import { type Edit, inserted } from './edits.ts'
import type { Named } from './imports-python.ts'
import { mentions, nextLine, quoteOf, type SourceFile } from './source-file.ts'

/** @param packages The names under which it is known, such as `node:crypto` and `crypto`; a new import takes the first. */
export function scriptName(
  source: SourceFile,
  name: string,
  packages: readonly [string, ...string[]],
): Named | undefined {
  const known = imports(source).filter((one) => packages.includes(one.from))
  for (const one of known) {
    const own = one.names.find((each) => each.exported === name)
    if (own !== undefined) return { name: own.local, edits: [] }
  }
  const whole = known.find((one) => one.whole !== undefined)?.whole
  if (whole !== undefined) return { name: `${whole}.${name}`, edits: [] }
  if (mentions(source, name)) return undefined
  const list = known.find((one) => one.last !== undefined)
  if (list?.last !== undefined) return { name, edits: [inserted(source, list.last.end, `, ${name}`)] }
  return { name, edits: [newImport(source, name, packages[0])] }
}

export function isCommonJs(source: SourceFile): boolean {
  if (/\.[cm][jt]s$/.test(source.file)) return /\.c[jt]s$/.test(source.file)
  const isModule = source.root.children.some(({ type }) => type === 'import_statement' || type === 'export_statement')
  return !isModule && /\brequire\(|\bmodule\.exports\b|\bexports\.\w/.test(source.text)
}

export function semicolonOf(source: SourceFile): ';' | '' {
  const statements = source.all(/^(?:expression_statement|lexical_declaration|import_statement)$/)
  const ended = statements.filter((node) => source.textOf(node).endsWith(';')).length
  return ended * 2 > statements.length ? ';' : ''
}

interface Imported {
  readonly from: string
  readonly node: SyntaxNode
  /** The name for all of it. */
  readonly whole: string | undefined
  readonly names: readonly { readonly exported: string; readonly local: string }[]
  /** The last name of its list. */
  readonly last: SyntaxNode | undefined
}

export function imports(source: SourceFile): readonly Imported[] {
  return source.root.children.flatMap((node) => {
    if (node.type === 'import_statement') return esImport(source, node)
    if (node.type === 'lexical_declaration' || node.type === 'variable_declaration') return requires(source, node)
    return []
  })
}

function esImport(source: SourceFile, node: SyntaxNode): readonly Imported[] {
  const from = fieldOf(node, 'source')
  const clause = childOf(node, 'import_clause')
  if (from === undefined || clause === undefined || node.children.some((child) => child.type === 'type')) return []
  const all = childOf(clause, 'namespace_import')
  const whole = childOf(clause, 'identifier') ?? (all === undefined ? undefined : childOf(all, 'identifier'))
  const list = childOf(clause, 'named_imports')
  const specifiers = list === undefined ? [] : namedOf(list)
  return [
    {
      from: source.textOf(from).slice(1, -1),
      node,
      whole: whole === undefined ? undefined : source.textOf(whole),
      names: specifiers.map((one) => {
        const name = fieldOf(one, 'name') ?? one
        return { exported: source.textOf(name), local: source.textOf(fieldOf(one, 'alias') ?? name) }
      }),
      last: specifiers.at(-1),
    },
  ]
}

function requires(source: SourceFile, declaration: SyntaxNode): readonly Imported[] {
  return namedOf(declaration).flatMap((node): readonly Imported[] => {
    const name = fieldOf(node, 'name')
    const value = fieldOf(node, 'value')
    const from = value === undefined ? undefined : /^require\(\s*['"]([^'"]+)['"]\s*\)$/.exec(source.textOf(value))?.[1]
    if (name === undefined || from === undefined) return []
    if (name.type === 'identifier')
      return [{ from, node: declaration, whole: source.textOf(name), names: [], last: undefined }]
    const entries = name.type === 'object_pattern' ? namedOf(name) : []
    return [
      {
        from,
        node: declaration,
        whole: undefined,
        names: entries.map((one) => {
          const key = fieldOf(one, 'key') ?? one
          return { exported: source.textOf(key), local: source.textOf(fieldOf(one, 'value') ?? key) }
        }),
        last: entries.at(-1),
      },
    ]
  })
}

/** Behind the imports there are, else in front of everything but what has to stand first. */
function newImport(source: SourceFile, name: string, from: string): Edit {
  const quote = quoteOf(source)
  const end = `${semicolonOf(source)}${source.lineEnd}`
  const common = isCommonJs(source)
  const line = common
    ? `const { ${name} } = require(${quote}${from}${quote})${end}`
    : `import { ${name} } from ${quote}${from}${quote}${end}`
  const [top] = source.root.children.filter(({ type }) => type === 'import_statement')
  // The platform's own stand first where people sort imports; a comment above them is the file's.
  if (top !== undefined && !common && from.startsWith('node:')) return inserted(source, top.start, line)
  const last = imports(source).at(-1)?.node ?? source.root.children.findLast(({ type }) => type === 'import_statement')
  if (last !== undefined)
    return inserted(source, nextLine(source, last), source.text.endsWith('\n') ? line : `${source.lineEnd}${line}`)
  const first = source.root.children.find(
    (node) => node.named && !/^(?:comment|hash_bang_line)$/.test(node.type) && !/^['"]use /.test(source.textOf(node)),
  )
  return inserted(source, first?.start ?? source.text.length, `${line}${source.lineEnd}`)
}
