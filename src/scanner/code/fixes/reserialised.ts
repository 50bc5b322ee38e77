/** JSON that was parsed and written again to be signed, and the bytes that stand for it afterwards. */
import type { SyntaxNode } from '../parse/syntax.ts'
import type { Edit } from './edits.ts'
import type { Fault } from './fixer.ts'
import type { SourceFile } from './source-file.ts'

/** How a framework gives the bytes at a place in the code. */
export interface RawBody {
  /** For the message of a digest, as bytes or text. */
  readonly text: string
  /** Where it stands for bytes in a language that tells them from text. */
  readonly bytes?: string
  readonly uses: string
  readonly more?: readonly Edit[]
  /** Wider than what was written again, where more has to go. */
  readonly node?: SyntaxNode
}

export interface Reserialised {
  readonly source: SourceFile
  /** `JSON.stringify(x)`; or `req.body` itself, given to a verifier. */
  readonly node: SyntaxNode
  readonly fault: Fault
}
