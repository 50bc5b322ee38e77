/**
 * One small language for every language: what a lowering makes of a syntax tree, and all that the analysis sees.
 *
 * It keeps what the flow of values and control depends on, and the position of each piece; comments, types (except
 * annotations, which frameworks read) and layout are gone. What a lowering does not know becomes `unknown` with its
 * parts, so that a new construct loses precision and never a call inside it.
 */

/** From 1, as editors count; columns in UTF-16 units. */
export interface Position {
  readonly line: number
  readonly column: number
}

export type Language = 'python' | 'javascript' | 'typescript' | 'go' | 'ruby' | 'php' | 'java'

export interface Module {
  readonly file: string
  readonly language: Language
  readonly imports: readonly Import[]
  readonly exports: readonly Export[]
  readonly body: readonly Statement[]
  /** Names that are given another value after their declaration, mostly by a function that starts things up. */
  readonly reassigned?: ReadonlySet<string>
  /** Characters below syntax errors, of `length`. */
  readonly unparsed: number
  readonly length: number
}

/** `imported` is `*` for the whole module and `default` for its main value. */
export interface Import {
  readonly local: string
  readonly source: string
  readonly imported: string
  readonly at: Position
}

/** A name under which others get `value`, or a name of another module handed on; `*` hands on everything. */
export interface Export {
  readonly name: string
  readonly value?: Expression
  readonly source?: string
  readonly imported?: string
  readonly at: Position
}

export interface FunctionIr {
  readonly name: string
  readonly params: readonly Param[]
  readonly body: readonly Statement[]
  readonly decorators: readonly Expression[]
  readonly isAsync: boolean
  readonly isGenerator: boolean
  /** The name a method has for its object where the language lets it choose one. */
  readonly receiver?: string
  /** Of the class itself, where an instance may have a method of the same name. */
  readonly isStatic?: boolean
  /** A block handed to a call: a `return` in it leaves the function around it. */
  readonly isBlock?: boolean
  readonly at: Position
}

export interface Param {
  readonly pattern: Pattern
  readonly initial?: Expression
  readonly annotation?: Expression
  readonly decorators: readonly Expression[]
  /** `*args`, `...rest`; `**kwargs`. */
  readonly rest?: 'list' | 'map'
}

export interface ClassIr {
  readonly name: string
  readonly bases: readonly Expression[]
  readonly decorators: readonly Expression[]
  readonly methods: readonly FunctionIr[]
  readonly fields: readonly Field[]
  /** Only methods: the type itself is declared in another file of its package. */
  readonly partial?: true
  readonly at: Position
}

export interface Field {
  readonly name: string
  readonly value?: Expression
  readonly annotation?: Expression
  readonly decorators: readonly Expression[]
  readonly isStatic: boolean
  readonly at: Position
}

export type Pattern =
  /** `holds`: it takes what a call says of itself, an error that is nil when all went well or an `ok`. */
  | { readonly kind: 'name'; readonly name: string; readonly holds?: 'failure' | 'success'; readonly at: Position }
  | { readonly kind: 'place'; readonly target: Expression; readonly at: Position }
  | {
      readonly kind: 'object'
      readonly entries: readonly { readonly key: string; readonly target: Pattern; readonly initial?: Expression }[]
      readonly rest?: Pattern
      readonly at: Position
    }
  | { readonly kind: 'list'; readonly items: readonly Pattern[]; readonly at: Position }

export type Statement =
  | { readonly kind: 'expression'; readonly value: Expression; readonly at: Position }
  | AssignStatement
  | {
      readonly kind: 'if'
      readonly test: Expression
      readonly then: readonly Statement[]
      readonly otherwise: readonly Statement[]
      readonly at: Position
    }
  | LoopStatement
  | SwitchStatement
  | TryStatement
  /** `outer`: from the function around the block it stands in. */
  | { readonly kind: 'return'; readonly value?: Expression; readonly outer?: boolean; readonly at: Position }
  | { readonly kind: 'throw'; readonly value?: Expression; readonly at: Position }
  | { readonly kind: 'break' | 'continue'; readonly at: Position }
  | { readonly kind: 'block'; readonly body: readonly Statement[]; readonly at: Position }
  | {
      readonly kind: 'with'
      readonly items: readonly { readonly value: Expression; readonly target?: Pattern }[]
      readonly body: readonly Statement[]
      readonly at: Position
    }
  | { readonly kind: 'function'; readonly fn: FunctionIr; readonly at: Position }
  | { readonly kind: 'class'; readonly cls: ClassIr; readonly at: Position }

export interface AssignStatement {
  readonly kind: 'assign'
  readonly target: Pattern
  readonly value: Expression
  /** `+` for `+=`; absent for a plain assignment. */
  readonly operator?: string
  readonly at: Position
}

export interface LoopStatement {
  readonly kind: 'loop'
  /** `for … in`: the pattern takes the elements of `over`. */
  readonly target?: Pattern
  readonly over?: Expression
  readonly test?: Expression
  readonly body: readonly Statement[]
  readonly at: Position
}

export interface SwitchStatement {
  readonly kind: 'switch'
  readonly on: Expression
  /** A case without tests is the default; `falls` when control runs on into the next. */
  readonly cases: readonly {
    readonly tests: readonly Expression[]
    readonly body: readonly Statement[]
    readonly falls: boolean
  }[]
  readonly at: Position
}

export interface TryStatement {
  readonly kind: 'try'
  readonly body: readonly Statement[]
  readonly handlers: readonly {
    readonly types: readonly Expression[]
    readonly target?: Pattern
    readonly body: readonly Statement[]
    readonly at: Position
  }[]
  readonly otherwise: readonly Statement[]
  readonly last: readonly Statement[]
  readonly at: Position
}

export interface Argument {
  readonly value: Expression
  readonly name?: string
  readonly spread?: boolean
  /** `&x`: the call may fill it. */
  readonly out?: Pattern
}

export type Expression =
  | { readonly kind: 'name'; readonly name: string; readonly at: Position }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null | undefined; readonly at: Position }
  | { readonly kind: 'regex'; readonly source: string; readonly at: Position }
  /** Text joined from parts: template strings, f-strings, `%` and `+` with a text in it. */
  | { readonly kind: 'template'; readonly parts: readonly Expression[]; readonly at: Position }
  | MemberExpression
  | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression; readonly at: Position }
  | CallExpression
  | BinaryExpression
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression; readonly at: Position }
  | {
      readonly kind: 'conditional'
      readonly test: Expression
      readonly then: Expression
      readonly otherwise: Expression
      readonly at: Position
    }
  | { readonly kind: 'await' | 'yield' | 'spread'; readonly value: Expression; readonly at: Position }
  | { readonly kind: 'lambda'; readonly fn: FunctionIr; readonly at: Position }
  | { readonly kind: 'class'; readonly cls: ClassIr; readonly at: Position }
  | ObjectExpression
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly at: Position }
  | {
      readonly kind: 'comprehension'
      readonly element: Expression
      readonly clauses: readonly { readonly target: Pattern; readonly over: Expression }[]
      readonly conditions: readonly Expression[]
      readonly at: Position
    }
  | {
      readonly kind: 'assign'
      readonly target: Pattern
      readonly value: Expression
      readonly operator?: string
      readonly at: Position
    }
  | { readonly kind: 'unknown'; readonly parts: readonly Expression[]; readonly at: Position }

export interface MemberExpression {
  readonly kind: 'member'
  readonly object: Expression
  readonly property: string
  readonly optional: boolean
  readonly at: Position
}

export interface CallExpression {
  readonly kind: 'call'
  readonly callee: Expression
  readonly args: readonly Argument[]
  readonly isNew: boolean
  readonly at: Position
}

/**
 * Operators by one spelling: `==` (also `===` and `is`), `!=`, `<`, `<=`, `>`, `>=`, `in`, `not in`, `and`, `or`,
 * `??`, `+`, `-`, `*`, `/`, `%`, `instanceof`; others as written.
 */
export interface BinaryExpression {
  readonly kind: 'binary'
  readonly operator: string
  readonly left: Expression
  readonly right: Expression
  readonly at: Position
}

export interface ObjectExpression {
  readonly kind: 'object'
  /** An entry without a key is a spread; a computed key that is no literal has the key `*`. */
  readonly entries: readonly { readonly key?: string; readonly value: Expression }[]
  readonly at: Position
}
