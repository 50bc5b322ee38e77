/** The name of a Go package in a file, and the import it needs. */
import { fieldOf, type SyntaxNode } from '../parse/syntax.ts'
import { inserted } from './edits.ts'
import type { Named } from './imports-python.ts'
import { mentions, type SourceFile } from './source-file.ts'

export function goImport(source: SourceFile, path: string, name: string): Named | undefined {
  const specs = source.all('import_spec')
  const pathOf = (spec: SyntaxNode): string => source.textOf(fieldOf(spec, 'path') ?? spec).slice(1, -1)
  const known = specs.find((spec) => pathOf(spec) === path)
  if (known !== undefined) {
    const alias = fieldOf(known, 'name')
    return { name: alias === undefined ? name : source.textOf(alias), edits: [] }
  }
  if (mentions(source, name)) return undefined
  const list = source.all('import_spec_list')[0]
  const line = `"${path}"`
  if (list === undefined) {
    const clause = source.root.children.find(({ type }) => type === 'import_declaration' || type === 'package_clause')
    if (clause === undefined) return undefined
    const gap = clause.type === 'package_clause' ? source.lineEnd : ''
    return { name, edits: [inserted(source, clause.end, `${source.lineEnd}${gap}import ${line}`)] }
  }
  const own = specs.filter((spec) => spec.start > list.start && spec.end < list.end)
  const after = own.findLast((spec) => pathOf(spec) < path && !pathOf(spec).includes('.'))
  const [first] = own
  if (after !== undefined) return { name, edits: [inserted(source, after.end, `${source.lineEnd}\t${line}`)] }
  if (first !== undefined) return { name, edits: [inserted(source, first.start, `${line}${source.lineEnd}\t`)] }
  return { name, edits: [inserted(source, list.start + 1, `${source.lineEnd}\t${line}${source.lineEnd}`)] }
}
