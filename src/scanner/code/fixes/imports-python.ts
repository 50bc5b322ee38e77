/** How a Python file names a function of a module, and the import it needs for that. */
import { fieldOf, fieldsOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import { type Edit, inserted } from './edits.ts'
import { mentions, nextLine, type SourceFile } from './source-file.ts'

export interface Named {
  readonly name: string
  readonly edits: readonly Edit[]
}

/** @param modules Any of them will do; the first that the file imports, else the first whose name is free. */
export function pythonFunction(source: SourceFile, name: string, modules: readonly string[]): Named | undefined {
  for (const module of modules) {
    const known = importedFunction(source, module, name)
    if (known !== undefined) return { name: known, edits: [] }
  }
  const free = modules.find((module) => !mentions(source, module))
  return free === undefined ? undefined : { name: `${free}.${name}`, edits: [importModule(source, free)] }
}

/** A name that is imported from a module, such as `Request` of fastapi; added to what is imported from there. */
export function pythonName(source: SourceFile, name: string, module: string): Named | undefined {
  const known = importedFunction(source, module, name)
  if (known !== undefined) return { name: known, edits: [] }
  if (mentions(source, name)) return undefined
  const from = topLevel(source, 'import_from_statement').find((node) => moduleOf(source, node) === module)
  const last = from === undefined ? undefined : fieldsOf(from, 'name').at(-1)
  if (last !== undefined) return { name, edits: [inserted(source, last.end, `, ${name}`)] }
  return undefined
}

function importedFunction(source: SourceFile, module: string, name: string): string | undefined {
  for (const node of topLevel(source, 'import_from_statement')) {
    if (moduleOf(source, node) !== module) continue
    for (const one of fieldsOf(node, 'name')) {
      const [original, alias] = one.type === 'aliased_import' ? namedOf(one) : [one, one]
      if (original !== undefined && alias !== undefined && source.textOf(original) === name) return source.textOf(alias)
    }
  }
  for (const node of topLevel(source, 'import_statement'))
    for (const one of fieldsOf(node, 'name')) {
      const [original, alias] = one.type === 'aliased_import' ? namedOf(one) : [one, one]
      if (original !== undefined && alias !== undefined && source.textOf(original) === module)
        return `${source.textOf(alias)}.${name}`
    }
  return undefined
}

function moduleOf(source: SourceFile, node: SyntaxNode): string | undefined {
  const module = fieldOf(node, 'module_name')
  return module === undefined ? undefined : source.textOf(module)
}

function topLevel(source: SourceFile, type: string): readonly SyntaxNode[] {
  return source.root.children.filter((node) => node.type === type)
}

/** Among the plain imports in the order of the alphabet; else in front of the first import, or after the docstring. */
function importModule(source: SourceFile, module: string): Edit {
  const line = `import ${module}${source.lineEnd}`
  const plain = topLevel(source, 'import_statement')
  const after = plain.findLast((node) => plainName(source, node) < module && plainName(source, node) !== '')
  if (after !== undefined && firstGroup(source, plain).includes(after)) return onNextLine(source, after, line)
  const [first] = plain
  if (first !== undefined) return inserted(source, first.start, line)
  const isCode = (node: SyntaxNode): boolean => node.named && node.type !== 'comment'
  const code = source.root.children.filter(isCode)
  const introduction = code.filter(
    (node, index) =>
      node.type === 'future_import_statement' ||
      (index === 0 && node.type === 'expression_statement' && namedOf(node)[0]?.type === 'string'),
  )
  const last = introduction.at(-1)
  if (last !== undefined) return onNextLine(source, last, `${source.lineEnd}${line}`)
  const [start] = code
  return inserted(
    source,
    start?.start ?? 0,
    `${line}${start?.type.startsWith('import') === true ? source.lineEnd : source.lineEnd.repeat(2)}`,
  )
}

function plainName(source: SourceFile, node: SyntaxNode): string {
  const [name] = fieldsOf(node, 'name')
  return name === undefined ? '' : source.textOf(name)
}

/** The imports of the platform usually stand first, without an empty line between them. */
function firstGroup(source: SourceFile, plain: readonly SyntaxNode[]): readonly SyntaxNode[] {
  const end = plain.findIndex((node, index) => {
    const before = plain[index - 1]
    return before !== undefined && /\n[ \t]*\r?\n/.test(source.text.slice(before.end, node.start))
  })
  return end < 0 ? plain : plain.slice(0, end)
}

function onNextLine(source: SourceFile, node: SyntaxNode, line: string): Edit {
  const at = nextLine(source, node)
  return source.text[at - 1] === '\n' ? inserted(source, at, line) : inserted(source, at, `${source.lineEnd}${line}`)
}
