/**
 * A file that is about to be changed: its text, its syntax with the way up, and how its author writes.
 *
 * Offsets are UTF-16 units of the text, as the syntax tree counts them too; lines and columns are from 1.
 */
import type { Grammars } from '../parse/grammars.ts'
import type { Language, Position } from '../parse/ir.ts'
import { languageOf } from '../parse/languages.ts'
import { parseSource, type SyntaxNode } from '../parse/syntax.ts'

export interface SourceFile {
  readonly file: string
  readonly text: string
  readonly language: Language
  readonly root: SyntaxNode
  /** `\r\n` only where the file's first line ends so. */
  readonly lineEnd: '\n' | '\r\n'
  /** One step of indentation. */
  readonly indent: string
  readonly parentOf: (node: SyntaxNode) => SyntaxNode | undefined
  readonly textOf: (node: SyntaxNode) => string
  /** Nodes that start exactly there, outermost first. */
  readonly nodesAt: (position: Position) => readonly SyntaxNode[]
  readonly all: (type: string | RegExp, within?: SyntaxNode) => readonly SyntaxNode[]
}

export function readSourceFile(
  grammars: Grammars,
  text: string,
  file: string,
  now: () => number,
): SourceFile | undefined {
  const known = languageOf(file)
  const parsed = known === undefined ? undefined : parseSource(grammars.parserFor(known.grammar), text, now)
  if (known === undefined || parsed === undefined) return undefined
  const parents = new Map<SyntaxNode, SyntaxNode>()
  const nodes: SyntaxNode[] = []
  const open = [parsed.root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    nodes.push(node)
    for (const child of node.children.toReversed()) {
      parents.set(child, node)
      open.push(child)
    }
  }
  return {
    file,
    text,
    language: known.language,
    root: parsed.root,
    lineEnd: /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n',
    indent: indentOf(text, known.language),
    parentOf: (node) => parents.get(node),
    textOf: (node) => text.slice(node.start, node.end),
    nodesAt: ({ line, column }) => nodes.filter(({ at }) => at.line === line && at.column === column),
    all: (type, within) =>
      nodes.filter(
        (node) =>
          (typeof type === 'string' ? node.type === type : type.test(node.type)) &&
          (within === undefined || (node.start >= within.start && node.end <= within.end)),
      ),
  }
}

/** The nearest node around this one, itself included. */
export function around(
  source: SourceFile,
  from: SyntaxNode,
  fits: (node: SyntaxNode) => boolean,
): SyntaxNode | undefined {
  for (let node: SyntaxNode | undefined = from; node !== undefined; node = source.parentOf(node))
    if (fits(node)) return node
  return undefined
}

const FUNCTION =
  /^(?:function_definition|lambda|function_declaration|function_expression|function|generator_function_declaration|arrow_function|method_definition|func_literal|method_declaration|constructor_declaration|lambda_expression|method|singleton_method|do_block|block_argument|anonymous_function|anonymous_function_creation_expression)$/

export function functionAround(source: SourceFile, node: SyntaxNode): SyntaxNode | undefined {
  return around(source, node, ({ type }) => FUNCTION.test(type))
}

const STATEMENT_LIST =
  /^(?:module|program|block|statement_block|source_file|statement_list|compound_statement|body_statement|class_body|switch_case|then|else)$/

/** The statement an expression stands in: the child of the nearest list of statements. */
export function statementAround(source: SourceFile, node: SyntaxNode): SyntaxNode | undefined {
  return around(source, node, (one) => {
    const parent = source.parentOf(one)
    return parent !== undefined && STATEMENT_LIST.test(parent.type) && one.named
  })
}

/** What stands before a node on its line, as far as it is blank. */
export function indentAt({ text }: SourceFile, { start }: SyntaxNode): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  return /^[ \t]*/.exec(text.slice(lineStart, start))?.[0] ?? ''
}

/** Where the line after a node begins; at the end of a file without a last line end, the end. */
export function nextLine({ text }: SourceFile, node: SyntaxNode): number {
  const end = text.indexOf('\n', node.end)
  return end < 0 ? text.length : end + 1
}

/** Nothing but blanks and a comment follows on the line. */
export function endsLine({ text, language }: SourceFile, node: SyntaxNode): boolean {
  const end = text.indexOf('\n', node.end)
  const rest = text.slice(node.end, end < 0 ? text.length : end)
  return (language === 'python' || language === 'ruby' ? /^\s*;?\s*(?:#.*)?$/ : /^\s*;?\s*(?:\/\/.*|#.*)?$/).test(rest)
}

/** Some identifier of the file is called so. */
export function mentions(source: SourceFile, name: string): boolean {
  return source.all(/identifier$|^(?:constant|name)$/).some((node) => source.textOf(node) === name)
}

/** The quote that most strings of the file are written in. */
export function quoteOf(source: SourceFile): "'" | '"' {
  const opened = source
    .all(/^(?:string|interpreted_string_literal|encapsed_string)$/)
    .map((node) => source.textOf(node))
  const single = opened.filter((text) => /^[a-z]*'(?!'')/i.test(text)).length
  const double = opened.filter((text) => /^[a-z]*"(?!"")/i.test(text)).length
  return double > single || (single === 0 && source.language === 'python') ? '"' : "'"
}

function indentOf(text: string, language: Language): string {
  const found = /^([ \t]+)\S/m.exec(text)?.[1]
  if (found?.startsWith('\t') === true) return '\t'
  const widths = [...text.matchAll(/^( +)\S/gm)].map((match) => match[1]?.length ?? 0)
  const least = widths.reduce((smallest, width) => (width > 1 ? Math.min(smallest, width) : smallest), 8)
  if (widths.length > 0 && least < 8) return ' '.repeat(least)
  if (language === 'go') return '\t'
  return language === 'javascript' || language === 'typescript' || language === 'ruby' ? '  ' : '    '
}
