/**
 * Ruby's syntax tree as IR. Long because it is one table: a branch for each construct, and nothing else.
 *
 * What Ruby leaves unsaid is said here: the last expression of a method is what it returns, a bare word that is no
 * local variable is a call on `self`, `return` in a block leaves the method around it. Calls without arguments stay
 * calls; the interpreter reads them as members where nothing is known to be called. Classes and modules are laid out
 * flat under their full names, with what their bodies call (`before_action :verify`, `post '/x' do`) as decorators.
 */
import type { Argument, ClassIr, Expression, FunctionIr, Module, Param, Pattern, Position, Statement } from './ir.ts'
import { Lowering } from './lowering.ts'
import { childOf, fieldOf, fieldsOf, namedOf, type Parsed, type SyntaxNode } from './syntax.ts'
import { BLOCK } from './walk.ts'

export function lowerRuby(parsed: Parsed, text: string, file: string): Module {
  const lowering = new RubyLowering(text, parsed.root)
  const body = lowering.program(parsed.root)
  return {
    file,
    language: 'ruby',
    imports: lowering.imports,
    exports: [],
    body,
    unparsed: parsed.unparsed,
    length: text.length,
  }
}

type Around = 'method' | 'lambda' | 'block' | 'loop' | 'body'

interface Scope {
  readonly names: Set<string>
  readonly parent: Scope | undefined
}

const BODIES = new Set(['program', 'body_statement', 'then', 'block_body', 'do', 'else', 'ensure', 'begin_block'])
const JUMPS = new Set(['return', 'next', 'break', 'redo', 'retry'])
const SECONDS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 }

class RubyLowering extends Lowering {
  private readonly heredocs: ReadonlyMap<number, SyntaxNode>
  private scope: Scope = { names: new Set(), parent: undefined }
  private around: readonly Around[] = ['body']

  constructor(source: string, root: SyntaxNode) {
    super(source)
    this.heredocs = heredocsOf(root)
  }

  program(root: SyntaxNode): Statement[] {
    return this.block(root, [])
  }

  // ── bodies ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The statements of a body; `rescue` and `ensure` among them make it a `try`. */
  private block(node: SyntaxNode | undefined, nesting: readonly string[]): Statement[] {
    if (node === undefined) return []
    if (!BODIES.has(node.type) && node.type !== 'begin' && node.type !== 'parenthesized_statements')
      return this.statement(node, nesting)
    const parts = namedOf(node)
    const plain = parts.filter((part) => !/^(?:rescue|else|ensure)$/.test(part.type) || node.type === part.type)
    const body = plain.flatMap((part) => this.statement(part, nesting))
    const rescues = parts.filter((part) => part.type === 'rescue')
    const otherwise = parts.find((part) => part.type === 'else')
    const last = parts.find((part) => part.type === 'ensure')
    if (rescues.length === 0 && last === undefined) return body
    return [
      {
        kind: 'try',
        body,
        handlers: rescues.map((clause) => {
          const variable = fieldOf(clause, 'variable')
          const [name] = variable === undefined ? [] : namedOf(variable)
          const exceptions = fieldOf(clause, 'exceptions')
          return {
            types: exceptions === undefined ? [] : namedOf(exceptions).map((one) => this.expression(one)),
            ...(name === undefined ? {} : { target: this.pattern(name) }),
            body: this.block(fieldOf(clause, 'body'), nesting),
            at: clause.at,
          }
        }),
        otherwise: otherwise === undefined ? [] : this.block(otherwise, nesting),
        last: last === undefined ? [] : this.block(last, nesting),
        at: node.at,
      },
    ]
  }

  private statement(node: SyntaxNode, nesting: readonly string[] = []): Statement[] {
    const { at } = node
    const inner = (child: SyntaxNode | undefined): Statement[] => this.block(child, nesting)
    const condition = (): Expression => this.expressionOr(fieldOf(node, 'condition'), at)
    switch (node.type) {
      case 'comment':
      case 'heredoc_body':
      case 'empty_statement':
      case 'uninterpreted':
      case 'alias':
      case 'undef':
        return []
      case 'if':
      case 'elsif':
        return [this.conditional(node, false)]
      case 'unless':
        return [this.conditional(node, true)]
      case 'if_modifier':
      case 'unless_modifier': {
        const test = condition()
        const body = inner(fieldOf(node, 'body'))
        return [{ kind: 'if', test: node.type === 'if_modifier' ? test : not(test), then: body, otherwise: [], at }]
      }
      case 'while':
      case 'until':
      case 'while_modifier':
      case 'until_modifier': {
        const test = condition()
        const body = this.within('loop', () => inner(fieldOf(node, 'body')))
        return [{ kind: 'loop', test: node.type.startsWith('until') ? not(test) : test, body, at }]
      }
      case 'for': {
        const value = fieldOf(node, 'value')
        const over = value === undefined ? undefined : namedOf(value)[0]
        const pattern = fieldOf(node, 'pattern')
        return [
          {
            kind: 'loop',
            ...(pattern === undefined ? {} : { target: this.pattern(pattern) }),
            ...(over === undefined ? {} : { over: this.expression(over) }),
            body: this.within('loop', () => inner(fieldOf(node, 'body'))),
            at,
          },
        ]
      }
      case 'case':
      case 'case_match':
        return [this.switched(node, nesting)]
      case 'begin':
      case 'parenthesized_statements':
        return [{ kind: 'block', body: inner(node), at }]
      case 'return':
        return [this.returned(this.onlyValue(node), at)]
      case 'next':
        if (this.innermost() === 'loop') return [{ kind: 'continue', at }]
        return [{ kind: 'return', ...withValue(this.onlyValue(node)), at }]
      case 'break':
        if (this.innermost() === 'loop') return [{ kind: 'break', at }]
        return [{ kind: 'return', ...withValue(this.onlyValue(node)), at }]
      case 'redo':
      case 'retry':
        return [{ kind: 'continue', at }]
      case 'method':
      case 'singleton_method':
        return [{ kind: 'function', fn: this.method(node), at }]
      case 'class':
      case 'module':
      case 'singleton_class':
        return this.classes(node, nesting)
      case 'assignment':
      case 'operator_assignment':
        return this.assignment(node)
      case 'rescue_modifier':
        return [this.rescued(inner(fieldOf(node, 'body')), inner(fieldOf(node, 'handler')), at)]
      case 'binary': {
        const right = fieldOf(node, 'right')
        const operator = logical(this.text(fieldOf(node, 'operator')))
        if (right !== undefined && operator !== undefined && this.isJump(right)) {
          const test = this.expressionOr(fieldOf(node, 'left'), at)
          return [{ kind: 'if', test: operator === 'and' ? test : not(test), then: inner(right), otherwise: [], at }]
        }
        return [{ kind: 'expression', value: this.expression(node), at }]
      }
      case 'call': {
        const raised = this.raised(node)
        if (raised !== undefined) return [raised]
        this.noteRequire(node)
        return [{ kind: 'expression', value: this.expression(node), at }]
      }
      case 'identifier':
        if (/^(?:raise|fail)$/.test(this.text(node))) return [{ kind: 'throw', at }]
        return [{ kind: 'expression', value: this.expression(node), at }]
      case 'ERROR':
        return namedOf(node).flatMap((child) => this.statement(child, nesting))
      default:
        if (BODIES.has(node.type)) return inner(node)
        return [{ kind: 'expression', value: this.expression(node), at }]
    }
  }

  private conditional(node: SyntaxNode, negated: boolean): Statement {
    const test = this.expressionOr(fieldOf(node, 'condition'), node.at)
    const then = this.block(fieldOf(node, 'consequence'), [])
    const alternative = fieldOf(node, 'alternative')
    const otherwise =
      alternative === undefined
        ? []
        : alternative.type === 'elsif'
          ? [this.conditional(alternative, false)]
          : this.block(alternative, [])
    return { kind: 'if', test: negated ? not(test) : test, then, otherwise, at: node.at }
  }

  private switched(node: SyntaxNode, nesting: readonly string[]): Statement {
    const { at } = node
    const value = fieldOf(node, 'value')
    const clauses = namedOf(node).filter((child) => /^(?:when|in_clause|else)$/.test(child.type))
    if (value === undefined) return this.chained(clauses, at, nesting)
    return {
      kind: 'switch',
      on: this.expression(value),
      cases: clauses.map((clause) => ({
        tests:
          clause.type === 'else'
            ? []
            : fieldsOf(clause, 'pattern').map((pattern) =>
                this.expression(pattern.type === 'pattern' ? (namedOf(pattern)[0] ?? pattern) : pattern),
              ),
        body: clause.type === 'else' ? this.block(clause, nesting) : this.block(fieldOf(clause, 'body'), nesting),
        falls: false,
      })),
      at,
    }
  }

  /** `case` without a subject is a chain of conditions. */
  private chained(clauses: readonly SyntaxNode[], at: Position, nesting: readonly string[]): Statement {
    const [first, ...rest] = clauses
    if (first === undefined) return { kind: 'block', body: [], at }
    if (first.type === 'else') return { kind: 'block', body: this.block(first, nesting), at }
    const tests = fieldsOf(first, 'pattern').map((pattern) => this.expression(namedOf(pattern)[0] ?? pattern))
    return {
      kind: 'if',
      test: tests.reduce((left, right) => ({ kind: 'binary', operator: 'or', left, right, at })),
      then: this.block(fieldOf(first, 'body'), nesting),
      otherwise: rest.length === 0 ? [] : [this.chained(rest, at, nesting)],
      at: first.at,
    }
  }

  private returned(value: Expression | undefined, at: Position): Statement {
    const outer = this.innermostFunction() === 'block'
    return { kind: 'return', ...withValue(value), ...(outer ? { outer: true } : {}), at }
  }

  private onlyValue(node: SyntaxNode): Expression | undefined {
    const list = childOf(node, 'argument_list')
    const values = list === undefined ? [] : namedOf(list).filter((child) => child.type !== 'heredoc_body')
    const [only] = values
    if (only === undefined) return undefined
    if (values.length === 1) return this.expression(only)
    return { kind: 'list', items: values.map((value) => this.expression(value)), at: node.at }
  }

  private isJump(node: SyntaxNode): boolean {
    if (JUMPS.has(node.type)) return true
    const name = node.type === 'call' ? this.text(fieldOf(node, 'method')) : this.text(node)
    return /^(?:raise|fail)$/.test(name) && fieldOf(node, 'receiver') === undefined
  }

  private raised(node: SyntaxNode): Statement | undefined {
    const name = this.text(fieldOf(node, 'method'))
    if (fieldOf(node, 'receiver') !== undefined || (name !== 'raise' && name !== 'fail')) return undefined
    const value = this.exceptionOf(node)
    return { kind: 'throw', ...withValue(value), at: node.at }
  }

  /** `raise Wrong, 'text'` is `raise Wrong.new('text')`. */
  private exceptionOf(node: SyntaxNode): Expression | undefined {
    const [first, ...rest] = this.args(node)
    if (first === undefined) return undefined
    if (first.value.kind !== 'name' || !/^[A-Z]/.test(first.value.name)) return first.value
    return { kind: 'call', callee: first.value, args: rest, isNew: true, at: node.at }
  }

  private rescued(body: Statement[], handler: Statement[], at: Position): Statement {
    return {
      kind: 'try',
      body,
      handlers: [{ types: [{ kind: 'name', name: 'StandardError', at }], body: handler, at }],
      otherwise: [],
      last: [],
      at,
    }
  }

  private noteRequire(node: SyntaxNode): void {
    const name = this.text(fieldOf(node, 'method'))
    if (fieldOf(node, 'receiver') !== undefined || !/^(?:require|require_relative|load)$/.test(name)) return
    const [first] = this.args(node)
    if (first?.value.kind !== 'literal' || typeof first.value.value !== 'string') return
    const source = first.value.value
    this.imports.push({
      local: '*',
      source: name === 'require_relative' && !source.startsWith('.') ? `./${source}` : source,
      imported: '*',
      at: node.at,
    })
  }

  // ── definitions ─────────────────────────────────────────────────────────────────────────────────────────────────

  private method(node: SyntaxNode): FunctionIr {
    const written = this.text(fieldOf(node, 'name'))
    return this.function(node, {
      name: written === 'initialize' ? 'constructor' : written,
      params: fieldOf(node, 'parameters'),
      around: 'method',
      parent: undefined,
      returns: written !== 'initialize',
    })
  }

  private function(
    node: SyntaxNode,
    parts: {
      readonly name: string
      readonly params: SyntaxNode | undefined
      readonly around: Around
      readonly parent: Scope | undefined
      readonly returns: boolean
    },
  ): FunctionIr {
    const outer = this.scope
    this.scope = { names: new Set(), parent: parts.parent }
    const fn = this.within(parts.around, () => {
      const params = this.params(parts.params)
      const body = this.block(fieldOf(node, 'body'), [])
      return { params, body: parts.returns ? returning(body) : body }
    })
    this.scope = outer
    const yields = parts.around === 'method' && calls(fn.body, BLOCK)
    const block: Param = { pattern: { kind: 'name', name: BLOCK, at: node.at }, decorators: [] }
    return {
      name: parts.name,
      params: yields && !fn.params.some((param) => boundName(param) === BLOCK) ? [...fn.params, block] : fn.params,
      body: fn.body,
      decorators: [],
      isAsync: false,
      isGenerator: false,
      ...(parts.around === 'block' ? { isBlock: true } : {}),
      at: node.at,
    }
  }

  private params(node: SyntaxNode | undefined): Param[] {
    if (node === undefined) return []
    return namedOf(node).flatMap((param): Param[] => {
      const name = fieldOf(param, 'name')
      const value = fieldOf(param, 'value')
      const initial = value === undefined ? {} : { initial: this.expression(value) }
      const bare = { decorators: [] }
      switch (param.type) {
        case 'identifier':
        case 'destructured_parameter':
          return [{ ...bare, pattern: this.pattern(param) }]
        case 'optional_parameter':
        case 'keyword_parameter':
          return name === undefined ? [] : [{ ...bare, pattern: this.pattern(name), ...initial }]
        case 'splat_parameter':
          return name === undefined ? [] : [{ ...bare, pattern: this.pattern(name), rest: 'list' }]
        case 'hash_splat_parameter':
          return name === undefined ? [] : [{ ...bare, pattern: this.pattern(name), rest: 'map' }]
        case 'block_parameter': {
          // One slot for the block, whatever it is called; `yield` finds it there too.
          if (name !== undefined) this.blockNames.add(this.text(name))
          return [{ ...bare, pattern: { kind: 'name', name: BLOCK, at: param.at } }]
        }
        default:
          return []
      }
    })
  }

  private readonly blockNames = new Set<string>()

  private lambda(node: SyntaxNode, around: 'block' | 'lambda', params: SyntaxNode | undefined): Expression {
    const body = node.type === 'lambda' ? (fieldOf(node, 'body') ?? node) : node
    // A block that stands in no method (`post '/x' do`) is a function of its own.
    const inside = around === 'block' && this.innermostFunction() === undefined ? 'lambda' : around
    const fn = this.function(body, { name: '', params, around: inside, parent: this.scope, returns: true })
    return { kind: 'lambda', fn: { ...fn, at: node.at }, at: node.at }
  }

  private classes(node: SyntaxNode, nesting: readonly string[]): Statement[] {
    const { at } = node
    const written = node.type === 'singleton_class' ? '' : this.constantName(fieldOf(node, 'name'))
    const name = [...nesting, ...(written === '' ? [] : [written])].join('::')
    const inner = name === '' ? [] : [name]
    const superclass = fieldOf(node, 'superclass')
    const [parent] = superclass === undefined ? [] : namedOf(superclass)
    const methods: FunctionIr[] = []
    const decorators: Expression[] = []
    const mixed: Expression[] = []
    const rest: Statement[] = []
    const outer = this.scope
    this.scope = { names: new Set(), parent: undefined }
    const read = (child: SyntaxNode, ofClass = false): void => {
      if (child.type === 'method' || child.type === 'singleton_method') {
        methods.push({
          ...this.method(child),
          ...(ofClass || child.type === 'singleton_method' ? { isStatic: true } : {}),
        })
        return
      }
      if (child.type === 'singleton_class') {
        for (const one of namedOf(fieldOf(child, 'body') ?? child)) read(one, true)
        return
      }
      if (child.type === 'class' || child.type === 'module') {
        rest.push(...this.classes(child, inner))
        return
      }
      if (child.type === 'call') {
        const called = this.text(fieldOf(child, 'method'))
        const list = fieldOf(child, 'arguments')
        for (const arg of list === undefined ? [] : namedOf(list))
          if (arg.type === 'method' || arg.type === 'singleton_method') read(arg)
        if (called === 'class_methods')
          for (const one of namedOf(fieldOf(fieldOf(child, 'block') ?? child, 'body') ?? child)) read(one, true)
        const value = this.expression(child)
        if (value.kind === 'call' && /^(?:include|prepend|extend)$/.test(called))
          mixed.unshift(...value.args.map((arg) => arg.value).filter((arg) => arg.kind === 'name'))
        decorators.push(value)
        return
      }
      if (child.type === 'assignment' && fieldOf(child, 'left')?.type === 'constant') {
        for (const statement of this.statement(child, inner))
          if (statement.kind === 'assign' && statement.target.kind === 'name')
            rest.push({
              ...statement,
              target: { ...statement.target, name: [...inner, statement.target.name].join('::') },
            })
        return
      }
      for (const statement of this.statement(child, inner)) {
        if (statement.kind === 'expression') decorators.push(statement.value)
        else if (statement.kind === 'if')
          for (const one of [...statement.then, ...statement.otherwise])
            if (one.kind === 'expression') decorators.push(one.value)
      }
    }
    for (const child of namedOf(fieldOf(node, 'body') ?? childOf(node, 'body_statement') ?? node))
      if (child.field !== 'name' && child.field !== 'superclass') read(child)
    this.scope = outer
    const cls: ClassIr = {
      name,
      bases: [...mixed, ...(parent === undefined ? [] : [this.expression(parent)])],
      decorators,
      methods,
      fields: [],
      at,
    }
    return [{ kind: 'class', cls, at }, ...rest]
  }

  private constantName(node: SyntaxNode | undefined): string {
    return this.text(node).replace(/\s+/g, '').replace(/^::/, '')
  }

  // ── assignments ─────────────────────────────────────────────────────────────────────────────────────────────────

  private assignment(node: SyntaxNode): Statement[] {
    const { at } = node
    const left = fieldOf(node, 'left')
    const right = fieldOf(node, 'right')
    if (left === undefined || right === undefined) return []
    if (node.type === 'operator_assignment') {
      const operator = this.text(fieldOf(node, 'operator')).replace(/=$/, '')
      const value = this.expression(right)
      return [{ kind: 'assign', target: this.pattern(left), value, operator: logical(operator) ?? operator, at }]
    }
    if (right.type === 'rescue_modifier') {
      const assign = (value: SyntaxNode | undefined): Statement[] => [
        { kind: 'assign', target: this.pattern(left), value: this.expressionOr(value, at), at },
      ]
      return [this.rescued(assign(fieldOf(right, 'body')), assign(fieldOf(right, 'handler')), at)]
    }
    if (/^(?:begin|if|unless|case)$/.test(right.type)) {
      // The value is that of the last statement on each way through.
      const statements = this.statement(right)
      const target = this.pattern(left)
      return assigning(statements, target)
    }
    const value = this.expression(right)
    return [{ kind: 'assign', target: this.pattern(left), value, at }]
  }

  private pattern(node: SyntaxNode): Pattern {
    const { at } = node
    switch (node.type) {
      case 'identifier': {
        const name = this.text(node)
        this.scope.names.add(name)
        return { kind: 'name', name, at }
      }
      case 'constant':
      case 'global_variable':
      case 'class_variable':
        return { kind: 'name', name: this.text(node), at }
      case 'left_assignment_list':
      case 'destructured_parameter':
      case 'destructured_left_assignment':
      case 'array_pattern':
        return { kind: 'list', items: namedOf(node).map((child) => this.pattern(child)), at }
      case 'rest_assignment':
      case 'splat_parameter': {
        const [inner] = namedOf(node)
        return inner === undefined ? { kind: 'list', items: [], at } : this.pattern(inner)
      }
      default:
        return { kind: 'place', target: this.expression(node), at }
    }
  }

  // ── expressions ─────────────────────────────────────────────────────────────────────────────────────────────────

  protected override expression(node: SyntaxNode): Expression {
    const { at } = node
    const parts = (): Expression[] => namedOf(node).map((child) => this.expression(child))
    switch (node.type) {
      case 'nil':
        return { kind: 'literal', value: null, at }
      case 'true':
      case 'false':
        return { kind: 'literal', value: node.type === 'true', at }
      case 'integer':
      case 'float':
        return { kind: 'literal', value: Number(this.text(node).replaceAll('_', '')), at }
      case 'self':
        return { kind: 'name', name: 'self', at }
      case 'identifier':
        return this.word(this.text(node), at)
      case 'constant':
        return { kind: 'name', name: this.text(node), at }
      case 'scope_resolution': {
        const scope = fieldOf(node, 'scope')
        if (scope === undefined || scope.type === 'constant' || scope.type === 'scope_resolution')
          return { kind: 'name', name: this.constantName(node), at }
        return member(this.expression(scope), this.text(fieldOf(node, 'name')), at)
      }
      case 'instance_variable':
        return member({ kind: 'name', name: 'self', at }, this.text(node).slice(1), at)
      case 'global_variable':
      case 'class_variable':
        return { kind: 'name', name: this.text(node), at }
      case 'simple_symbol':
        return { kind: 'literal', value: this.text(node).slice(1), at }
      case 'hash_key_symbol':
      case 'bare_symbol':
      case 'character':
        return { kind: 'literal', value: this.text(node), at }
      case 'string':
      case 'bare_string':
      case 'delimited_symbol':
      case 'heredoc_body':
        return this.textual(node, at)
      case 'heredoc_beginning': {
        const body = this.heredocs.get(node.start)
        return body === undefined ? { kind: 'literal', value: '', at } : this.textual(body, at)
      }
      case 'chained_string':
        return joined(parts(), at)
      case 'regex':
        return { kind: 'regex', source: this.text(node).replace(/^\/|\/\w*$/g, ''), at }
      case 'subshell':
        return {
          kind: 'call',
          callee: { kind: 'name', name: 'system', at },
          args: [{ value: this.textual(node, at) }],
          isNew: false,
          at,
        }
      case 'array':
      case 'string_array':
      case 'symbol_array':
      case 'right_assignment_list':
      case 'array_pattern':
        return { kind: 'list', items: parts(), at }
      case 'hash':
        return this.hash(node)
      case 'element_reference': {
        const object = this.expressionOr(fieldOf(node, 'object'), at)
        const [index, ...more] = namedOf(node).filter((child) => child.field !== 'object')
        if (index === undefined) return object
        const key = this.expression(index)
        return more.length === 0
          ? { kind: 'index', object, index: key, at }
          : { kind: 'unknown', parts: [object, key, ...more.map((one) => this.expression(one))], at }
      }
      case 'call':
        return this.call(node)
      case 'yield': {
        const list = childOf(node, 'argument_list')
        return {
          kind: 'call',
          callee: { kind: 'name', name: BLOCK, at },
          args: list === undefined ? [] : this.argumentList(list),
          isNew: false,
          at,
        }
      }
      case 'super':
        return { kind: 'call', callee: { kind: 'name', name: 'super', at }, args: [], isNew: false, at }
      case 'binary':
        return this.binary(node)
      case 'unary': {
        const operator = this.text(fieldOf(node, 'operator'))
        const operand = this.expressionOr(fieldOf(node, 'operand'), at)
        if (operator === 'defined?') return { kind: 'unknown', parts: [], at }
        if (operator === '-' && operand.kind === 'literal' && typeof operand.value === 'number')
          return { kind: 'literal', value: -operand.value, at }
        return { kind: 'unary', operator: operator === '!' ? 'not' : operator, operand, at }
      }
      case 'conditional':
        return {
          kind: 'conditional',
          test: this.expressionOr(fieldOf(node, 'condition'), at),
          then: this.expressionOr(fieldOf(node, 'consequence'), at),
          otherwise: this.expressionOr(fieldOf(node, 'alternative'), at),
          at,
        }
      case 'if':
      case 'unless':
      case 'elsif':
        return this.chosen(node)
      case 'if_modifier':
      case 'unless_modifier': {
        const test = this.expressionOr(fieldOf(node, 'condition'), at)
        const nothing: Expression = { kind: 'literal', value: null, at }
        const value = this.expressionOr(fieldOf(node, 'body'), at)
        return {
          kind: 'conditional',
          test: node.type === 'if_modifier' ? test : not(test),
          then: value,
          otherwise: nothing,
          at,
        }
      }
      case 'rescue_modifier':
        return {
          kind: 'binary',
          operator: '??',
          left: this.expressionOr(fieldOf(node, 'body'), at),
          right: this.expressionOr(fieldOf(node, 'handler'), at),
          at,
        }
      case 'assignment':
      case 'operator_assignment': {
        const [made] = this.assignment(node)
        if (made?.kind !== 'assign') return { kind: 'unknown', parts: [], at }
        return made
      }
      case 'lambda':
        return this.lambda(node, 'lambda', fieldOf(node, 'parameters'))
      case 'parenthesized_statements':
      case 'begin':
      case 'then':
      case 'else':
      case 'pattern': {
        const inner = namedOf(node)
        const [only] = inner
        if (only !== undefined && inner.length === 1) return this.expression(only)
        return { kind: 'unknown', parts: inner.flatMap((child) => this.valued(child)), at }
      }
      case 'splat_argument':
      case 'hash_splat_argument': {
        const [inner] = namedOf(node)
        return { kind: 'spread', value: this.expressionOr(inner, at), at }
      }
      case 'range':
        return { kind: 'list', items: parts(), at }
      case 'method':
      case 'singleton_method':
        return { kind: 'literal', value: this.text(fieldOf(node, 'name')), at }
      case 'return':
      case 'next':
      case 'break':
        // A jump where a value is expected ends this way through.
        return {
          kind: 'call',
          callee: { kind: 'name', name: 'throw', at },
          args: [],
          isNew: false,
          at,
        }
      default:
        return { kind: 'unknown', parts: namedOf(node).flatMap((child) => this.valued(child)), at }
    }
  }

  private valued(node: SyntaxNode): Expression[] {
    if (node.type === 'rescue' || node.type === 'ensure' || node.type === 'heredoc_body') return []
    return [this.expression(node)]
  }

  /** An `if` whose value is used. */
  private chosen(node: SyntaxNode): Expression {
    const { at } = node
    const test = this.expressionOr(fieldOf(node, 'condition'), at)
    const alternative = fieldOf(node, 'alternative')
    const nothing: Expression = { kind: 'literal', value: null, at }
    const consequence = fieldOf(node, 'consequence')
    return {
      kind: 'conditional',
      test: node.type === 'unless' ? not(test) : test,
      then: consequence === undefined ? nothing : this.expression(consequence),
      otherwise: alternative === undefined ? nothing : this.expression(alternative),
      at,
    }
  }

  /** A bare word: a local variable if one was assigned before, else a call on `self`. */
  private word(name: string, at: Position): Expression {
    if (this.isLocal(name)) return { kind: 'name', name, at }
    if (this.blockNames.has(name)) return { kind: 'name', name: BLOCK, at }
    if (name === 'block_given?') return { kind: 'literal', value: true, at }
    return { kind: 'call', callee: { kind: 'name', name, at }, args: [], isNew: false, at }
  }

  private isLocal(name: string): boolean {
    for (let scope: Scope | undefined = this.scope; scope !== undefined; scope = scope.parent)
      if (scope.names.has(name)) return true
    return false
  }

  private call(node: SyntaxNode): Expression {
    const { at } = node
    const receiver = fieldOf(node, 'receiver')
    const methodNode = fieldOf(node, 'method')
    const name = methodNode === undefined ? 'call' : this.text(methodNode)
    const block = fieldOf(node, 'block')
    if (receiver === undefined) {
      if ((name === 'lambda' || name === 'proc') && block !== undefined)
        return this.lambda(block, name === 'lambda' ? 'lambda' : 'block', fieldOf(block, 'parameters'))
      if (name === 'block_given?') return { kind: 'literal', value: true, at }
      if (name === 'raise' || name === 'fail') {
        const value = this.exceptionOf(node)
        return {
          kind: 'call',
          callee: { kind: 'name', name: 'throw', at },
          args: value === undefined ? [] : [{ value }],
          isNew: false,
          at,
        }
      }
      const args = this.args(node)
      return { kind: 'call', callee: { kind: 'name', name, at }, args, isNew: false, at }
    }
    const object = this.expression(receiver)
    const args = this.args(node)
    const idiom = args.length === 0 ? idiomOf(object, name, at) : undefined
    if (idiom !== undefined) return idiom
    if (name === 'new') return { kind: 'call', callee: object, args, isNew: true, at }
    const callee: Expression = {
      kind: 'member',
      object,
      property: name,
      optional: this.text(fieldOf(node, 'operator')) === '&.',
      at: methodNode?.at ?? at,
    }
    return { kind: 'call', callee, args, isNew: false, at }
  }

  private args(node: SyntaxNode): Argument[] {
    const list = fieldOf(node, 'arguments')
    const block = fieldOf(node, 'block')
    const args = list === undefined ? [] : this.argumentList(list)
    if (block !== undefined)
      args.push({ name: BLOCK, value: this.lambda(block, 'block', fieldOf(block, 'parameters')) })
    return args
  }

  private argumentList(list: SyntaxNode): Argument[] {
    return namedOf(list).flatMap((arg): Argument[] => {
      switch (arg.type) {
        case 'heredoc_body':
          return []
        case 'pair': {
          const { key, value } = this.pair(arg)
          return [{ ...(key === undefined ? {} : { name: key }), value }]
        }
        case 'splat_argument':
        case 'hash_splat_argument':
          return [{ value: this.expressionOr(namedOf(arg)[0], arg.at), spread: true }]
        case 'block_argument': {
          const [given] = namedOf(arg)
          return given === undefined
            ? [{ name: BLOCK, value: { kind: 'name', name: BLOCK, at: arg.at } }]
            : [{ name: BLOCK, value: this.blockArgument(given) }]
        }
        default:
          return [{ value: this.expression(arg) }]
      }
    })
  }

  /** `&:strip` calls the method on what the block is given; `&method(:x)` calls the method with it. */
  private blockArgument(given: SyntaxNode): Expression {
    const { at } = given
    const item: Expression = { kind: 'name', name: 'item', at }
    const lambda = (value: Expression): Expression => ({
      kind: 'lambda',
      fn: {
        name: '',
        params: [{ pattern: { kind: 'name', name: 'item', at }, decorators: [] }],
        body: [{ kind: 'return', value, at }],
        decorators: [],
        isAsync: false,
        isGenerator: false,
        isBlock: true,
        at,
      },
      at,
    })
    const value = this.expression(given)
    if (given.type === 'simple_symbol')
      return lambda({ kind: 'call', callee: member(item, this.text(given).slice(1), at), args: [], isNew: false, at })
    if (value.kind === 'call' && value.callee.kind === 'name' && value.callee.name === 'method') {
      const [name] = value.args
      if (name?.value.kind === 'literal' && typeof name.value.value === 'string')
        return lambda({
          kind: 'call',
          callee: { kind: 'name', name: name.value.value, at },
          args: [{ value: item }],
          isNew: false,
          at,
        })
    }
    return value
  }

  private pair(node: SyntaxNode): { key?: string; value: Expression } {
    const keyNode = fieldOf(node, 'key')
    const valueNode = fieldOf(node, 'value')
    const key = keyNode === undefined ? undefined : this.expression(keyNode)
    const text = key?.kind === 'literal' && key.value !== undefined ? String(key.value) : undefined
    // `{ id: }` is `{ id: id }`.
    const value = valueNode === undefined ? this.word(text ?? '', node.at) : this.expression(valueNode)
    return text === undefined ? { key: '*', value } : { key: text, value }
  }

  private hash(node: SyntaxNode): Expression {
    return {
      kind: 'object',
      entries: namedOf(node).map((entry) =>
        entry.type === 'pair' ? this.pair(entry) : { value: this.expressionOr(namedOf(entry)[0], entry.at) },
      ),
      at: node.at,
    }
  }

  private binary(node: SyntaxNode): Expression {
    const { at } = node
    const written = this.text(fieldOf(node, 'operator'))
    const left = this.expressionOr(fieldOf(node, 'left'), at)
    const right = this.expressionOr(fieldOf(node, 'right'), at)
    if (written === '+' && (isText(left) || isText(right))) return joined([left, right], at)
    const operator = logical(written) ?? (written === '===' ? '==' : written)
    return { kind: 'binary', operator, left, right, at }
  }

  private textual(node: SyntaxNode, at: Position): Expression {
    const parts = node.children.flatMap((child): Expression[] => {
      if (child.type === 'string_content' || child.type === 'heredoc_content')
        return [{ kind: 'literal', value: this.text(child), at: child.at }]
      if (child.type === 'escape_sequence')
        return [{ kind: 'literal', value: unescaped(this.text(child)), at: child.at }]
      if (child.type !== 'interpolation') return []
      return namedOf(child).map((value) => this.expression(value))
    })
    return joined(parts, at)
  }

  // ── where we are ────────────────────────────────────────────────────────────────────────────────────────────────

  private within<T>(around: Around, work: () => T): T {
    const before = this.around
    this.around = [...before, around]
    const made = work()
    this.around = before
    return made
  }

  private innermost(): Around | undefined {
    return this.around.at(-1)
  }

  private innermostFunction(): 'method' | 'lambda' | 'block' | undefined {
    for (let index = this.around.length - 1; index >= 0; index--) {
      const one = this.around[index]
      if (one === 'method' || one === 'lambda' || one === 'block') return one
    }
    return undefined
  }
}

// ── shapes ────────────────────────────────────────────────────────────────────────────────────────────────────────

function not(operand: Expression): Expression {
  return { kind: 'unary', operator: 'not', operand, at: operand.at }
}

function member(object: Expression, property: string, at: Position): Expression {
  return { kind: 'member', object, property, optional: false, at }
}

function withValue(value: Expression | undefined): { readonly value?: Expression } {
  return value === undefined ? {} : { value }
}

function logical(operator: string): 'and' | 'or' | undefined {
  if (operator === '&&' || operator === 'and') return 'and'
  return operator === '||' || operator === 'or' ? 'or' : undefined
}

/** Questions and durations that every Ruby program asks in the same words. */
function idiomOf(object: Expression, name: string, at: Position): Expression | undefined {
  switch (name) {
    case 'nil?':
      return { kind: 'binary', operator: '==', left: object, right: { kind: 'literal', value: null, at }, at }
    case 'blank?':
    case 'empty?':
      return { kind: 'unary', operator: 'not', operand: object, at }
    case 'present?':
      return not(not(object))
    case 'presence':
    case 'freeze':
    case 'dup':
    case 'itself':
      return object
    case 'ago':
    case 'from_now': {
      const now: Expression = {
        kind: 'call',
        callee: member({ kind: 'name', name: 'Time', at }, 'now', at),
        args: [],
        isNew: false,
        at,
      }
      return { kind: 'binary', operator: name === 'ago' ? '-' : '+', left: now, right: object, at }
    }
    default: {
      const seconds = SECONDS[name.replace(/s$/, '')]
      return seconds !== undefined && object.kind === 'literal' && typeof object.value === 'number'
        ? { kind: 'literal', value: object.value * seconds, at }
        : undefined
    }
  }
}

/** The last statement's value is what the function returns, on each way through. */
function returning(body: readonly Statement[]): Statement[] {
  return ending(body, (value, at) => [{ kind: 'return', value, at }])
}

function assigning(body: readonly Statement[], target: Pattern): Statement[] {
  return ending(body, (value, at) => [{ kind: 'assign', target, value, at }])
}

function ending(
  body: readonly Statement[],
  make: (value: Expression, at: Position) => readonly Statement[],
): Statement[] {
  const last = body.at(-1)
  if (last === undefined) return []
  const before = body.slice(0, -1)
  switch (last.kind) {
    case 'expression':
      return [...before, ...make(last.value, last.at)]
    case 'assign':
      return [...before, ...make({ ...last, kind: 'assign' }, last.at)]
    case 'if':
      return [...before, { ...last, then: ending(last.then, make), otherwise: ending(last.otherwise, make) }]
    case 'switch':
      return [...before, { ...last, cases: last.cases.map((one) => ({ ...one, body: ending(one.body, make) })) }]
    case 'block':
      return [...before, { ...last, body: ending(last.body, make) }]
    case 'try':
      return [
        ...before,
        {
          ...last,
          body: last.otherwise.length === 0 ? ending(last.body, make) : last.body,
          otherwise: ending(last.otherwise, make),
          handlers: last.handlers.map((handler) => ({ ...handler, body: ending(handler.body, make) })),
        },
      ]
    default:
      return [...body]
  }
}

/** Whether `yield`, or a call of the block, stands somewhere in the body. */
function calls(body: readonly Statement[], name: string): boolean {
  return JSON.stringify(body).includes(`"name":"${name}"`)
}

function boundName(param: Param): string | undefined {
  return param.pattern.kind === 'name' ? param.pattern.name : undefined
}

function isText(expression: Expression): boolean {
  return expression.kind === 'template' || (expression.kind === 'literal' && typeof expression.value === 'string')
}

function joined(parts: readonly Expression[], at: Position): Expression {
  if (parts.every((part) => part.kind === 'literal'))
    return {
      kind: 'literal',
      value: parts.map((part) => (part.kind === 'literal' ? String(part.value) : '')).join(''),
      at,
    }
  return { kind: 'template', parts: parts.flatMap((part) => (part.kind === 'template' ? part.parts : [part])), at }
}

function unescaped(text: string): string {
  return { '\\n': '\n', '\\t': '\t', '\\r': '\r', '\\0': '\0' }[text] ?? text.slice(1)
}

/** The nth `<<~X` of a file is filled by its nth body. */
function heredocsOf(root: SyntaxNode): ReadonlyMap<number, SyntaxNode> {
  const beginnings: SyntaxNode[] = []
  const bodies: SyntaxNode[] = []
  const open = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.type === 'heredoc_beginning') beginnings.push(node)
    if (node.type === 'heredoc_body') bodies.push(node)
    open.push(...node.children)
  }
  const ordered = bodies.sort((a, b) => a.start - b.start)
  return new Map(
    beginnings
      .sort((a, b) => a.start - b.start)
      .flatMap((one, index) => {
        const body = ordered[index]
        return body === undefined ? [] : [[one.start, body] as const]
      }),
  )
}
