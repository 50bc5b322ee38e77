/** A comparison as it stands in the code, and what stands for it afterwards. */
import type { SyntaxNode } from '../parse/syntax.ts'
import type { Edit } from './edits.ts'

export interface Comparison {
  readonly node: SyntaxNode
  readonly left: SyntaxNode
  readonly right: SyntaxNode
  readonly expected: SyntaxNode
  readonly given: SyntaxNode
  /** A comma, and the comment and line end that stood between them. */
  readonly gap: string
  /** It is true when the two differ. */
  readonly negated: boolean
  readonly framework: string
  /** A secret itself, where it is no digest. */
  readonly isToken: boolean
}

/** What stands for the comparison, and what has to be added elsewhere for it. */
export interface Replacement {
  readonly text: string
  readonly uses: string
  readonly more?: readonly Edit[]
}
