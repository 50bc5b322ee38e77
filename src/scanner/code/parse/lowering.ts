/** What the lowering of every language starts from: the text, what it imports, and expressions that may be missing. */
import type { Expression, Import, Position } from './ir.ts'
import { fieldOf, type SyntaxNode } from './syntax.ts'

export abstract class Lowering {
  readonly imports: Import[] = []
  readonly reassigned = new Set<string>()
  protected readonly source: string

  constructor(source: string) {
    this.source = source
  }

  protected abstract expression(node: SyntaxNode): Expression

  protected text(node: SyntaxNode | undefined): string {
    return node === undefined ? '' : this.source.slice(node.start, node.end)
  }

  /** Where the tree has a hole, what stood there is unknown. */
  protected expressionOr(node: SyntaxNode | undefined, at: Position): Expression {
    return node === undefined ? { kind: 'unknown', parts: [], at } : this.expression(node)
  }

  protected fieldExpression(node: SyntaxNode, field: string): Expression {
    return this.expressionOr(fieldOf(node, field), node.at)
  }
}
