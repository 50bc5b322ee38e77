/** What a local name stands for, where the text leaves no doubt: it is given a value in one place only. */
import { fieldOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import { functionAround, type SourceFile } from './source-file.ts'

export interface Definition {
  /** The name on the left. */
  readonly name: SyntaxNode
  readonly value: SyntaxNode
}

/** The one definition of a name that is visible at `from`; parameters, several definitions and patterns are none. */
export function definitionOf(source: SourceFile, from: SyntaxNode): Definition | undefined {
  const name = source.textOf(from)
  for (let scope = functionAround(source, from); ; scope = outside(source, scope)) {
    const within = scope ?? source.root
    const own = definitions(source, name).filter(
      (one) => (functionAround(source, one.name) ?? source.root) === within && one.name.start !== from.start,
    )
    if (own.length > 1) return undefined
    if (own[0] !== undefined) return own[0]
    if (scope === undefined || parameterOf(source, scope, name) !== undefined) return undefined
  }
}

/** The parameter of that name of the nearest function that has one. */
export function parameterNamed(source: SourceFile, from: SyntaxNode): SyntaxNode | undefined {
  const name = source.textOf(from)
  for (let scope = functionAround(source, from); scope !== undefined; scope = outside(source, scope)) {
    const found = parameterOf(source, scope, name)
    if (found !== undefined) return found
  }
  return undefined
}

function outside(source: SourceFile, scope: SyntaxNode | undefined): SyntaxNode | undefined {
  const parent = scope === undefined ? undefined : source.parentOf(scope)
  return parent === undefined ? undefined : functionAround(source, parent)
}

function parameterOf(source: SourceFile, scope: SyntaxNode, name: string): SyntaxNode | undefined {
  const parameters = fieldOf(scope, 'parameters') ?? fieldOf(scope, 'parameter')
  if (parameters === undefined) return undefined
  const list = parameters.type === 'identifier' ? [parameters] : namedOf(parameters)
  return list.find((one) =>
    source.all(/^(?:identifier|variable_name)$/, one).some((node) => source.textOf(node) === name),
  )
}

const DEFINING =
  /^(?:assignment|named_expression|variable_declarator|assignment_expression|short_var_declaration|var_spec|assignment_statement|augmented_assignment|augmented_assignment_expression|operator_assignment|for_statement|for_in_clause|for_in_statement|with_item|as_pattern|except_clause|catch_clause)$/

function definitions(source: SourceFile, name: string): readonly Definition[] {
  return source.all(DEFINING).flatMap((node): readonly Definition[] => {
    const targets = ['left', 'name', 'alias'].flatMap((field) => fieldOf(node, field) ?? [])
    const mentioned = targets
      .flatMap((target) =>
        source.all(/^(?:identifier|variable_name|constant|shorthand_property_identifier_pattern)$/, target),
      )
      .find((target) => source.textOf(target) === name && !isMember(source, target))
    if (mentioned === undefined) return []
    const value = single(fieldOf(node, 'right') ?? fieldOf(node, 'value'))
    return [{ name: mentioned, value: value ?? node }]
  })
}

/** `x` of `self.x = …` is no name of its own. */
function isMember(source: SourceFile, node: SyntaxNode): boolean {
  const parent = source.parentOf(node)
  return (
    parent !== undefined && /^(?:attribute|member_expression|selector_expression|subscript|call)$/.test(parent.type)
  )
}

function single(node: SyntaxNode | undefined): SyntaxNode | undefined {
  if (node?.type !== 'expression_list') return node
  const items = namedOf(node)
  return items.length === 1 ? items[0] : undefined
}
