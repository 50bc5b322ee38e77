/** What a project is read from, and what its names stand for. */
import type { ClassIr, Expression, FunctionIr, Module, Pattern } from '../parse/ir.ts'

/** Files by path below the project's root, with forward slashes. */
export interface SourceTree {
  has: (path: string) => boolean
  module: (path: string) => Module | undefined
  text: (path: string) => string | undefined
  /** Source files directly in a folder. */
  list: (folder: string) => readonly string[]
}

export type Declaration =
  | { readonly kind: 'function'; readonly fn: FunctionIr; readonly module: Module }
  | { readonly kind: 'class'; readonly cls: ClassIr; readonly module: Module }
  | { readonly kind: 'value'; readonly target: Pattern; readonly value: Expression; readonly module: Module }
  | { readonly kind: 'module'; readonly module: Module }
  | { readonly kind: 'outside'; readonly ref: string }
