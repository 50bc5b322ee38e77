/**
 * Go's syntax tree as IR. Long because it is one table, as in Python's.
 *
 * Several results are a list; `&x` is `x`, and as an argument it also says that the call may fill it; a conversion to a
 * type of the language is what it converts; a type with methods is a class, a composite literal makes one.
 */
import type { Argument, ClassIr, Expression, Field, FunctionIr, Module, Param, Pattern, Statement } from './ir.ts'
import { Lowering } from './lowering.ts'
import { childOf, fieldOf, fieldsOf, namedOf, type Parsed, type SyntaxNode } from './syntax.ts'

export function lowerGo(parsed: Parsed, text: string, file: string): Module {
  const lowering = new GoLowering(text)
  return {
    file,
    language: 'go',
    body: lowering.file(parsed.root),
    imports: lowering.imports,
    exports: [],
    reassigned: lowering.reassigned,
    unparsed: parsed.unparsed,
    length: text.length,
  }
}

const OPERATORS: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', '!': 'not' }

/** Types of the language, whose conversions change the form of a value and not what it is. */
const PLAIN_TYPES = new Set(
  'string bool byte rune int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 uintptr float32 float64 any error'.split(
    ' ',
  ),
)

class GoLowering extends Lowering {
  /** Types of this file that are neither structs nor have methods: converting to one keeps the value. */
  private readonly aliases = new Set<string>()
  private results: readonly string[] = []

  file(root: SyntaxNode): Statement[] {
    const nodes = root.children.filter((child) => child.named)
    const methods = new Map<string, FunctionIr[]>()
    const withMethods = new Set(nodes.flatMap((node) => receiverOf(node, this.source)?.type ?? []))
    this.findAliases(nodes, withMethods)
    const body: Statement[] = []
    for (const node of nodes) {
      const receiver = receiverOf(node, this.source)
      if (receiver === undefined) body.push(...this.topLevel(node))
      else {
        const list = methods.get(receiver.type) ?? []
        methods.set(receiver.type, [...list, this.method(node, receiver.name)])
      }
    }
    const declared = body.map((statement): Statement => {
      if (statement.kind !== 'class') return statement
      const own = methods.get(statement.cls.name) ?? []
      methods.delete(statement.cls.name)
      return { ...statement, cls: { ...statement.cls, methods: own } }
    })
    const elsewhere = [...methods].map(
      ([name, own]): Statement => ({
        kind: 'class',
        cls: { name, bases: [], decorators: [], methods: own, fields: [], partial: true, at: own[0]?.at ?? root.at },
        at: own[0]?.at ?? root.at,
      }),
    )
    return [...declared, ...elsewhere]
  }

  private findAliases(nodes: readonly SyntaxNode[], withMethods: ReadonlySet<string>): void {
    for (const node of nodes) {
      if (node.type !== 'type_declaration') continue
      for (const spec of namedOf(node)) {
        const name = this.text(fieldOf(spec, 'name'))
        const type = fieldOf(spec, 'type')
        if (type !== undefined && type.type !== 'struct_type' && !withMethods.has(name)) this.aliases.add(name)
      }
    }
  }

  private topLevel(node: SyntaxNode): Statement[] {
    const { at } = node
    switch (node.type) {
      case 'import_declaration':
        this.readImports(node)
        return []
      case 'function_declaration':
        return [{ kind: 'function', fn: this.fn(node, this.text(fieldOf(node, 'name'))), at }]
      case 'type_declaration':
        return namedOf(node).flatMap((spec) => this.typeSpec(spec))
      case 'const_declaration':
      case 'var_declaration':
        return this.declarations(node, true)
      case 'ERROR':
        return namedOf(node).flatMap((child) => (/_declaration$|^ERROR$/.test(child.type) ? this.topLevel(child) : []))
      default:
        return []
    }
  }

  private readImports(node: SyntaxNode): void {
    const specs = namedOf(node).flatMap((child) => (child.type === 'import_spec_list' ? namedOf(child) : [child]))
    for (const spec of specs) {
      if (spec.type !== 'import_spec') continue
      const source = this.stringText(fieldOf(spec, 'path'))
      const name = fieldOf(spec, 'name')
      if (name?.type === 'blank_identifier') continue
      const locals = name === undefined ? packageNames(source) : [name.type === 'dot' ? '*' : this.text(name)]
      for (const local of locals) this.imports.push({ local, source, imported: '*', at: spec.at })
    }
  }

  private typeSpec(spec: SyntaxNode): Statement[] {
    const name = this.text(fieldOf(spec, 'name'))
    const type = fieldOf(spec, 'type')
    if (type === undefined || this.aliases.has(name) || type.type === 'interface_type') return []
    return [{ kind: 'class', cls: this.struct(name, type, spec), at: spec.at }]
  }

  private struct(name: string, type: SyntaxNode, at: SyntaxNode): ClassIr {
    const list = childOf(type, 'field_declaration_list')
    const declarations = list === undefined ? [] : namedOf(list)
    const bases: Expression[] = []
    const fields: Field[] = []
    for (const declaration of declarations) {
      const annotation = this.typeOf(fieldOf(declaration, 'type'))
      const names = fieldsOf(declaration, 'name')
      if (names.length === 0 && annotation !== undefined) {
        bases.push(annotation)
        const own =
          annotation.kind === 'member' ? annotation.property : annotation.kind === 'name' ? annotation.name : ''
        if (own !== '') fields.push({ name: own, annotation, decorators: [], isStatic: false, at: declaration.at })
      }
      for (const field of names)
        fields.push({
          name: this.text(field),
          ...(annotation === undefined ? {} : { annotation }),
          decorators: [],
          isStatic: false,
          at: field.at,
        })
    }
    return { name, bases, decorators: [], methods: [], fields, at: at.at }
  }

  private method(node: SyntaxNode, receiver: string): FunctionIr {
    return { ...this.fn(node, this.text(fieldOf(node, 'name'))), receiver }
  }

  private fn(node: SyntaxNode, name: string): FunctionIr {
    const outer = this.results
    const result = fieldOf(node, 'result')
    const named = (result?.type === 'parameter_list' ? namedOf(result) : []).flatMap((param) =>
      fieldsOf(param, 'name').map((one) => ({ name: this.text(one), type: fieldOf(param, 'type'), at: one.at })),
    )
    this.results = named.map((one) => one.name)
    const zeros = named.map(
      (one): Statement => ({
        kind: 'assign',
        target: { kind: 'name', name: one.name, at: one.at },
        value: this.zero(one.type, one.at, false),
        at: one.at,
      }),
    )
    const body = this.block(fieldOf(node, 'body'))
    this.results = outer
    return {
      name,
      params: this.params(fieldOf(node, 'parameters')),
      body: [...zeros, ...body],
      decorators: [],
      isAsync: false,
      isGenerator: false,
      at: node.at,
    }
  }

  private params(node: SyntaxNode | undefined): Param[] {
    if (node === undefined) return []
    return namedOf(node).flatMap((param): Param[] => {
      const annotation = this.typeOf(fieldOf(param, 'type'))
      const names = fieldsOf(param, 'name')
      const rest = param.type === 'variadic_parameter_declaration' ? { rest: 'list' as const } : {}
      const common = { decorators: [], ...(annotation === undefined ? {} : { annotation }), ...rest }
      // `func(http.ResponseWriter, *http.Request)` names nothing and still takes them.
      if (names.length === 0) return [{ ...common, pattern: { kind: 'name', name: '_', at: param.at } }]
      return names.map((name) => ({ ...common, pattern: { kind: 'name', name: this.text(name), at: name.at } }))
    })
  }

  // ── types ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private typeOf(node: SyntaxNode | undefined): Expression | undefined {
    if (node === undefined) return undefined
    const { at } = node
    switch (node.type) {
      case 'type_identifier':
        return { kind: 'name', name: this.text(node), at }
      case 'qualified_type':
        return {
          kind: 'member',
          object: { kind: 'name', name: this.text(fieldOf(node, 'package')), at },
          property: this.text(fieldOf(node, 'name')),
          optional: false,
          at,
        }
      case 'pointer_type':
      case 'parenthesized_type':
        return this.typeOf(namedOf(node)[0])
      case 'generic_type':
        return this.typeOf(fieldOf(node, 'type'))
      case 'slice_type':
      case 'array_type':
      case 'implicit_length_array_type': {
        const element = this.typeOf(fieldOf(node, 'element'))
        if (element?.kind === 'name' && element.name === 'byte') return { kind: 'name', name: 'bytes', at }
        return { kind: 'list', items: element === undefined ? [] : [element], at }
      }
      case 'map_type':
        return { kind: 'object', entries: [], at }
      default:
        return { kind: 'name', name: node.type.replace(/_type$/, ''), at }
    }
  }

  /** What a variable holds before anything is assigned to it. */
  private zero(type: SyntaxNode | undefined, at: SyntaxNode['at'], lasting: boolean): Expression {
    const unknown: Expression = { kind: 'unknown', parts: [], at }
    switch (type?.type) {
      case 'type_identifier': {
        const name = this.text(type)
        if (name === 'string') return { kind: 'literal', value: '', at }
        if (name === 'bool') return { kind: 'literal', value: false, at }
        if (name === 'error' || name === 'any') return lasting ? unknown : { kind: 'literal', value: null, at }
        if (PLAIN_TYPES.has(name)) return { kind: 'literal', value: 0, at }
        return this.aliases.has(name) ? unknown : this.made(type, [], at)
      }
      case 'qualified_type':
      case 'generic_type':
        return this.made(type, [], at)
      case 'map_type':
      case 'struct_type':
        return { kind: 'object', entries: [], at }
      case 'pointer_type': {
        const inner = namedOf(type)[0]
        // A package's own pointer is set by the time a request comes.
        return lasting ? this.zero(inner, at, lasting) : { kind: 'literal', value: null, at }
      }
      case 'interface_type':
        return lasting ? unknown : { kind: 'literal', value: null, at }
      default:
        return unknown
    }
  }

  private made(type: SyntaxNode, args: readonly Argument[], at: SyntaxNode['at']): Expression {
    return { kind: 'call', callee: this.typeOf(type) ?? { kind: 'unknown', parts: [], at }, args, isNew: true, at }
  }

  // ── statements ────────────────────────────────────────────────────────────────────────────────────────────────

  block(node: SyntaxNode | undefined): Statement[] {
    return node === undefined ? [] : namedOf(node).flatMap((child) => this.statement(child))
  }

  private statement(node: SyntaxNode): Statement[] {
    const { at } = node
    switch (node.type) {
      case 'statement_list':
        return this.block(node)
      case 'block':
        return [{ kind: 'block', body: this.block(node), at }]
      case 'expression_statement':
        return namedOf(node).map((child) => ({ kind: 'expression', value: this.expression(child), at }))
      case 'short_var_declaration':
      case 'assignment_statement':
      case 'receive_statement':
        return this.assignment(node)
      case 'inc_statement':
      case 'dec_statement': {
        const [target] = namedOf(node)
        if (target === undefined) return []
        return [
          {
            kind: 'assign',
            target: this.pattern(target),
            value: { kind: 'literal', value: 1, at },
            operator: node.type === 'inc_statement' ? '+' : '-',
            at,
          },
        ]
      }
      case 'var_declaration':
      case 'const_declaration':
        return this.declarations(node, false)
      case 'return_statement':
        return [this.returned(node)]
      case 'break_statement':
        return [{ kind: 'break', at }]
      case 'continue_statement':
        return [{ kind: 'continue', at }]
      case 'if_statement':
        return this.ifStatement(node)
      case 'for_statement':
        return this.forStatement(node)
      case 'expression_switch_statement':
        return this.switchStatement(node)
      case 'type_switch_statement':
        return this.typeSwitch(node)
      case 'select_statement':
        return [this.select(node)]
      case 'go_statement':
        return namedOf(node).map((child) => ({ kind: 'expression', value: this.expression(child), at }))
      case 'send_statement': {
        const channel = this.fieldExpression(node, 'channel')
        const args = [{ value: this.fieldExpression(node, 'value') }]
        const callee: Expression = { kind: 'member', object: channel, property: '<-', optional: false, at }
        return [{ kind: 'expression', value: { kind: 'call', callee, args, isNew: false, at }, at }]
      }
      case 'labeled_statement':
        return namedOf(node)
          .slice(1)
          .flatMap((child) => this.statement(child))
      // Runs when the function is left: never before what stands below it.
      case 'defer_statement':
      case 'empty_statement':
      case 'comment':
      case 'goto_statement':
      case 'fallthrough_statement':
        return []
      case 'type_declaration':
        return namedOf(node).flatMap((spec) => this.typeSpec(spec))
      case 'ERROR':
        return namedOf(node).flatMap((child) =>
          /_statement$|_declaration$|^block$|^ERROR$/.test(child.type) ? this.statement(child) : [],
        )
      default:
        return [{ kind: 'expression', value: this.expression(node), at }]
    }
  }

  private assignment(node: SyntaxNode): Statement[] {
    const { at } = node
    const left = expressionsIn(fieldOf(node, 'left'))
    const right = expressionsIn(fieldOf(node, 'right'))
    const operator = this.text(fieldOf(node, 'operator')).replace(/=$/, '').replace(/^:$/, '')
    const step = operator === '' ? {} : { operator }
    if (node.type === 'assignment_statement')
      for (const one of left) if (one.type === 'identifier') this.reassigned.add(this.text(one))
    const [first] = right
    if (first === undefined) return []
    if (left.length === right.length)
      return left.flatMap((target, index): Statement[] => {
        const value = right[index]
        if (value === undefined) return []
        return [{ kind: 'assign', target: this.target(target, 'only'), value: this.expression(value), ...step, at }]
      })
    const items = left.map((target, index) => this.target(target, index === left.length - 1 ? 'last' : 'first'))
    return [{ kind: 'assign', target: { kind: 'list', items, at }, value: this.expression(first), at }]
  }

  /** What a call says of itself goes by convention into `err` or `ok`. */
  private target(node: SyntaxNode, position: 'first' | 'last' | 'only'): Pattern {
    const pattern = this.pattern(node)
    if (pattern.kind !== 'name') return pattern
    if (position !== 'first' && FAILURE.test(pattern.name)) return { ...pattern, holds: 'failure' }
    if (position === 'last' && SUCCESS.test(pattern.name)) return { ...pattern, holds: 'success' }
    return pattern
  }

  private declarations(node: SyntaxNode, lasting: boolean): Statement[] {
    const specs = namedOf(node).flatMap((child) => (/_spec_list$/.test(child.type) ? namedOf(child) : [child]))
    return specs.flatMap((spec): Statement[] => {
      const names = fieldsOf(spec, 'name').filter((name) => name.named)
      const values = expressionsIn(fieldOf(spec, 'value'))
      const [first] = values
      if (values.length === 1 && names.length > 1 && first !== undefined) {
        const items = names.map((name, index) => this.target(name, index === names.length - 1 ? 'last' : 'first'))
        return [
          { kind: 'assign', target: { kind: 'list', items, at: spec.at }, value: this.expression(first), at: spec.at },
        ]
      }
      return names.map((name, index) => {
        const value = values[index]
        return {
          kind: 'assign',
          target: this.pattern(name),
          value: value === undefined ? this.zero(fieldOf(spec, 'type'), name.at, lasting) : this.expression(value),
          at: name.at,
        }
      })
    })
  }

  private returned(node: SyntaxNode): Statement {
    const { at } = node
    const values = namedOf(node).flatMap(expressionsIn)
    const [first] = values
    if (first === undefined) {
      const names = this.results.map((name): Expression => ({ kind: 'name', name, at }))
      const [only] = names
      if (only === undefined) return { kind: 'return', at }
      return { kind: 'return', value: names.length === 1 ? only : { kind: 'list', items: names, at }, at }
    }
    if (values.length === 1) return { kind: 'return', value: this.expression(first), at }
    return { kind: 'return', value: { kind: 'list', items: values.map((value) => this.expression(value)), at }, at }
  }

  private ifStatement(node: SyntaxNode): Statement[] {
    const alternative = fieldOf(node, 'alternative')
    const otherwise =
      alternative === undefined
        ? []
        : alternative.type === 'if_statement'
          ? this.ifStatement(alternative)
          : this.block(alternative)
    return [
      ...this.initializer(node),
      {
        kind: 'if',
        test: this.fieldExpression(node, 'condition'),
        then: this.block(fieldOf(node, 'consequence')),
        otherwise,
        at: node.at,
      },
    ]
  }

  private initializer(node: SyntaxNode): Statement[] {
    const initializer = fieldOf(node, 'initializer')
    return initializer === undefined ? [] : this.statement(initializer)
  }

  private forStatement(node: SyntaxNode): Statement[] {
    const { at } = node
    const body = this.block(fieldOf(node, 'body'))
    const head = namedOf(node).find((child) => child.field !== 'body')
    if (head?.type === 'range_clause') {
      const over = this.fieldExpression(head, 'right')
      const names = expressionsIn(fieldOf(head, 'left')).map((name) => this.pattern(name))
      const [key, value] = names
      const target = value ?? key
      const counted: Statement[] =
        key === undefined || value === undefined || isBlank(key)
          ? []
          : [{ kind: 'assign', target: key, value: { kind: 'unknown', parts: [over, over], at: key.at }, at: key.at }]
      return [{ kind: 'loop', ...(target === undefined ? {} : { target }), over, body: [...counted, ...body], at }]
    }
    if (head?.type === 'for_clause') {
      const condition = fieldOf(head, 'condition')
      return [
        ...this.initializer(head),
        { kind: 'loop', ...(condition === undefined ? {} : { test: this.expression(condition) }), body, at },
      ]
    }
    return [{ kind: 'loop', ...(head === undefined ? {} : { test: this.expression(head) }), body, at }]
  }

  private switchStatement(node: SyntaxNode): Statement[] {
    const value = fieldOf(node, 'value')
    const clauses = namedOf(node)
      .filter((child) => child.type === 'expression_case' || child.type === 'default_case')
      .map((clause) => {
        const statements = childOf(clause, 'statement_list')
        const last = statements === undefined ? undefined : namedOf(statements).at(-1)
        return {
          tests: expressionsIn(fieldOf(clause, 'value')).map((test) => this.expression(test)),
          body: this.block(statements),
          falls: last?.type === 'fallthrough_statement',
          at: clause.at,
        }
      })
    const ordered = [
      ...clauses.filter(({ tests }) => tests.length > 0),
      ...clauses.filter(({ tests }) => tests.length === 0),
    ]
    if (value !== undefined)
      return [...this.initializer(node), { kind: 'switch', on: this.expression(value), cases: ordered, at: node.at }]
    // `switch { case a: … }` is a chain of conditions.
    const chain = ordered.reduceRight<Statement[]>((otherwise, { tests, body, at }) => {
      const [first, ...rest] = tests
      if (first === undefined) return [...body]
      const test = rest.reduce<Expression>(
        (left, right) => ({ kind: 'binary', operator: 'or', left, right, at }),
        first,
      )
      return [{ kind: 'if', test, then: body, otherwise, at }]
    }, [])
    return [...this.initializer(node), ...chain]
  }

  private typeSwitch(node: SyntaxNode): Statement[] {
    const value = this.fieldExpression(node, 'value')
    const alias = expressionsIn(fieldOf(node, 'alias'))[0]
    const bound: Statement[] =
      alias === undefined ? [] : [{ kind: 'assign', target: this.pattern(alias), value, at: alias.at }]
    const cases = namedOf(node)
      .filter((child) => child.type === 'type_case' || child.type === 'default_case')
      .map((clause) => ({
        tests: clause.type === 'default_case' ? [] : [{ kind: 'unknown' as const, parts: [], at: clause.at }],
        body: this.block(childOf(clause, 'statement_list')),
        falls: false,
      }))
    return [...this.initializer(node), ...bound, { kind: 'switch', on: value, cases, at: node.at }]
  }

  private select(node: SyntaxNode): Statement {
    const cases = namedOf(node)
      .filter((child) => child.type === 'communication_case' || child.type === 'default_case')
      .map((clause) => {
        const communication = fieldOf(clause, 'communication')
        return {
          tests: [{ kind: 'unknown' as const, parts: [], at: clause.at }],
          body: [
            ...(communication === undefined ? [] : this.statement(communication)),
            ...namedOf(clause)
              .filter((child) => child !== communication)
              .flatMap((child) => this.statement(child)),
          ],
          falls: false,
        }
      })
    return { kind: 'switch', on: { kind: 'unknown', parts: [], at: node.at }, cases, at: node.at }
  }

  // ── patterns and expressions ──────────────────────────────────────────────────────────────────────────────────

  private pattern(node: SyntaxNode): Pattern {
    if (node.type === 'identifier' || node.type === 'blank_identifier')
      return { kind: 'name', name: this.text(node), at: node.at }
    if (node.type === 'unary_expression' || node.type === 'parenthesized_expression') {
      const inner = fieldOf(node, 'operand') ?? namedOf(node)[0]
      if (inner !== undefined) return this.pattern(inner)
    }
    return { kind: 'place', target: this.expression(node), at: node.at }
  }

  protected override expression(node: SyntaxNode): Expression {
    const { at } = node
    switch (node.type) {
      case 'identifier':
      case 'field_identifier':
      case 'type_identifier':
      case 'package_identifier':
      case 'blank_identifier':
        return { kind: 'name', name: this.text(node), at }
      case 'true':
      case 'false':
        return { kind: 'literal', value: node.type === 'true', at }
      case 'nil':
        return { kind: 'literal', value: null, at }
      case 'int_literal':
      case 'float_literal':
        return {
          kind: 'literal',
          value: Number(
            this.text(node)
              .replaceAll('_', '')
              .replace(/^0([0-7]+)$/, '0o$1'),
          ),
          at,
        }
      case 'interpreted_string_literal':
      case 'raw_string_literal':
      case 'rune_literal':
        return { kind: 'literal', value: this.stringText(node), at }
      case 'parenthesized_expression':
      case 'literal_element': {
        const [inner] = namedOf(node)
        return inner === undefined ? { kind: 'unknown', parts: [], at } : this.expression(inner)
      }
      case 'selector_expression':
        return {
          kind: 'member',
          object: this.fieldExpression(node, 'operand'),
          property: this.text(fieldOf(node, 'field')),
          optional: false,
          at: fieldOf(node, 'field')?.at ?? at,
        }
      case 'index_expression':
        return {
          kind: 'index',
          object: this.fieldExpression(node, 'operand'),
          index: this.fieldExpression(node, 'index'),
          at,
        }
      case 'slice_expression':
        return { kind: 'unknown', parts: [this.fieldExpression(node, 'operand')], at }
      case 'type_assertion_expression':
        return this.fieldExpression(node, 'operand')
      case 'type_conversion_expression': {
        const type = fieldOf(node, 'type')
        const operand = this.fieldExpression(node, 'operand')
        return type?.type === 'generic_type'
          ? { kind: 'call', callee: this.typeOf(type) ?? operand, args: [{ value: operand }], isNew: false, at }
          : operand
      }
      case 'call_expression':
        return this.call(node)
      case 'binary_expression':
        return this.binary(node)
      case 'unary_expression': {
        const operator = this.text(fieldOf(node, 'operator'))
        const operand = this.fieldExpression(node, 'operand')
        if (operator === '&' || operator === '*' || operator === '+') return operand
        if (operator === '<-') return { kind: 'unknown', parts: [], at }
        if (operator === '-' && operand.kind === 'literal' && typeof operand.value === 'number')
          return { kind: 'literal', value: -operand.value, at }
        return { kind: 'unary', operator: OPERATORS[operator] ?? operator, operand, at }
      }
      case 'func_literal':
        return { kind: 'lambda', fn: this.fn(node, ''), at }
      case 'composite_literal':
        return this.composite(node)
      case 'literal_value':
        return this.values(node, at)
      default:
        return { kind: 'unknown', parts: namedOf(node).map((child) => this.expression(child)), at }
    }
  }

  private call(node: SyntaxNode): Expression {
    const { at } = node
    const fn = fieldOf(node, 'function')
    const list = fieldOf(node, 'arguments')
    const args = list === undefined ? [] : namedOf(list)
    const [first] = args
    if (fn?.type === 'identifier') {
      const name = this.text(fn)
      if ((PLAIN_TYPES.has(name) || this.aliases.has(name)) && args.length === 1 && first !== undefined)
        return this.expression(first)
      if (name === 'new' && first !== undefined) return this.zero(first, at, true)
      if (name === 'make' && first !== undefined)
        return first.type === 'map_type'
          ? { kind: 'object', entries: [], at }
          : first.type === 'slice_type'
            ? { kind: 'list', items: [], at }
            : { kind: 'unknown', parts: [], at }
      if (name === 'len' && first !== undefined)
        return { kind: 'member', object: this.expression(first), property: 'length', optional: false, at }
    }
    return {
      kind: 'call',
      callee: fn === undefined ? { kind: 'unknown', parts: [], at } : this.expression(fn),
      args: args.map((arg): Argument => {
        if (arg.type === 'variadic_argument') {
          const [inner] = namedOf(arg)
          return {
            value: inner === undefined ? { kind: 'unknown', parts: [], at } : this.expression(inner),
            spread: true,
          }
        }
        const operand = arg.type === 'unary_expression' ? fieldOf(arg, 'operand') : undefined
        const fills = operand !== undefined && this.text(fieldOf(arg, 'operator')) === '&'
        return {
          value: this.expression(arg),
          ...(fills && operand.type !== 'composite_literal' ? { out: this.pattern(operand) } : {}),
        }
      }),
      isNew: false,
      at,
    }
  }

  private binary(node: SyntaxNode): Expression {
    const { at } = node
    const operator = this.text(fieldOf(node, 'operator'))
    const left = this.fieldExpression(node, 'left')
    const right = this.fieldExpression(node, 'right')
    if (operator === '+' && (isText(left) || isText(right)))
      return { kind: 'template', parts: [...textParts(left), ...textParts(right)], at }
    return { kind: 'binary', operator: OPERATORS[operator] ?? operator, left, right, at }
  }

  private composite(node: SyntaxNode): Expression {
    const { at } = node
    const type = fieldOf(node, 'type')
    const body = fieldOf(node, 'body')
    if (body === undefined) return { kind: 'unknown', parts: [], at }
    switch (type?.type) {
      case 'type_identifier':
      case 'qualified_type':
      case 'generic_type':
        return this.made(
          type,
          namedOf(body).map((element): Argument => {
            if (element.type !== 'keyed_element') return { value: this.expression(element) }
            return { name: this.keyText(fieldOf(element, 'key')), value: this.fieldExpression(element, 'value') }
          }),
          at,
        )
      default:
        return this.values(body, at)
    }
  }

  /** The elements of a map, slice or nameless struct. */
  private values(body: SyntaxNode, at: SyntaxNode['at']): Expression {
    const elements = namedOf(body)
    if (!elements.some((element) => element.type === 'keyed_element'))
      return elements.length === 0
        ? { kind: 'object', entries: [], at }
        : { kind: 'list', items: elements.map((element) => this.expression(element)), at }
    return {
      kind: 'object',
      entries: elements.map((element) => ({
        key: this.keyText(fieldOf(element, 'key')),
        value: this.fieldExpression(element, 'value'),
      })),
      at,
    }
  }

  private keyText(node: SyntaxNode | undefined): string {
    const [inner] = node === undefined ? [] : namedOf(node)
    if (inner === undefined) return '*'
    if (inner.type === 'identifier') return this.text(inner)
    return /string_literal$/.test(inner.type) ? this.stringText(inner) : '*'
  }

  private stringText(node: SyntaxNode | undefined): string {
    const text = this.text(node)
    if (text.startsWith('`')) return text.slice(1, -1).replaceAll('\r', '')
    return text.slice(1, -1).replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{3})|(.))/gi, unescaped)
  }
}

/** `err`, `readErr`, `errParse`; a bare `e`. */
const FAILURE = /^err\w*$|[eE]rr(?:or)?$|^e$/
const SUCCESS = /^(?:ok|okay|found|exists|has|present|valid|isValid|is\w+)$|O[kK]$/

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }

function unescaped(whole: string, hex?: string, four?: string, eight?: string, octal?: string, plain?: string): string {
  const digits = hex ?? four ?? eight
  if (digits !== undefined) {
    const code = Number.parseInt(digits, 16)
    return code > 0x10ffff ? whole : String.fromCodePoint(code)
  }
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
  return ESCAPES[plain ?? ''] ?? plain ?? whole
}

function expressionsIn(node: SyntaxNode | undefined): readonly SyntaxNode[] {
  if (node === undefined) return []
  return node.type === 'expression_list' ? namedOf(node) : [node]
}

function isBlank(pattern: Pattern): boolean {
  return pattern.kind === 'name' && pattern.name === '_'
}

function isText(value: Expression): boolean {
  return value.kind === 'template' || (value.kind === 'literal' && typeof value.value === 'string')
}

function textParts(value: Expression): readonly Expression[] {
  return value.kind === 'template' ? value.parts : [value]
}

function receiverOf(node: SyntaxNode, source: string): { type: string; name: string } | undefined {
  if (node.type !== 'method_declaration') return undefined
  const param = namedOf(fieldOf(node, 'receiver') ?? node)[0]
  const type = param === undefined ? undefined : fieldOf(param, 'type')
  const name = param === undefined ? undefined : fieldOf(param, 'name')
  if (type === undefined) return undefined
  const written = source.slice(type.start, type.end)
  return {
    type: written.replace(/^[*(\s]+/, '').replace(/[[)].*$/s, ''),
    name: name === undefined ? '_' : source.slice(name.start, name.end),
  }
}

/**
 * The names an import may have in the file. The package clause decides and is not at hand; by custom it is the last
 * part of the path without version, `go-` and `.go`.
 */
function packageNames(source: string): readonly string[] {
  const parts = source.split('/').filter((part) => !/^v\d+$/.test(part))
  const last = (parts.at(-1) ?? source).replace(/\.v\d+$/, '')
  const before = parts.at(-2) ?? ''
  const names = [last, last.replace(/^go-|[-.]go$/g, ''), last.replaceAll('-', '').replaceAll('.', '')]
  const plain = last.replace(/^go-|[-.]go$/g, '')
  if (plain.includes('-')) names.push(...plain.split('-'))
  if (/^(?:go|golang|src|sdk|lib|client)$/.test(last)) names.push(before, ...before.split('-'))
  return [...new Set(names)].filter((name) => /^[A-Za-z_]\w*$/.test(name))
}
