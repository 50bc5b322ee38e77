/**
 * Java's syntax tree as IR. Long because it is one table, as in Python's.
 *
 * What Java leaves unsaid is said here: a field or method named without its object is one of `this` (or of the class
 * around it), nested classes stand beside the outer one, a `switch` that is a value is a function called at once.
 * Interfaces and abstract methods have no code to follow and are left out.
 */
import type { Argument, ClassIr, Expression, Field, FunctionIr, Module, Param, Pattern, Statement } from './ir.ts'
import { Lowering } from './lowering.ts'
import { childOf, fieldOf, fieldsOf, namedOf, type Parsed, type SyntaxNode } from './syntax.ts'

export function lowerJava(parsed: Parsed, text: string, file: string): Module {
  const lowering = new JavaLowering(text)
  return {
    file,
    language: 'java',
    body: lowering.file(parsed.root),
    imports: lowering.imports,
    exports: [],
    unparsed: parsed.unparsed,
    length: text.length,
  }
}

const OPERATORS: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', '!': 'not' }

/** The names of one class, for what is written without `this`. */
interface Scope {
  readonly name: string
  readonly fields: ReadonlySet<string>
  readonly methods: ReadonlySet<string>
}

const TYPES = /^(?:class|record|enum|interface)_declaration$/

class JavaLowering extends Lowering {
  private readonly classes: Statement[] = []
  private readonly around: Scope[] = []
  private locals = new Set<string>()

  file(root: SyntaxNode): Statement[] {
    for (const node of root.children) {
      if (node.type === 'import_declaration') this.readImport(node)
      else if (TYPES.test(node.type)) this.declareClass(node)
      else if (node.type === 'ERROR')
        for (const child of node.children) if (TYPES.test(child.type)) this.declareClass(child)
    }
    return this.classes
  }

  private readImport(node: SyntaxNode): void {
    const path = this.text(namedOf(node)[0]).replaceAll(/\s/g, '')
    const isStatic = node.children.some((child) => child.type === 'static')
    const isStar = node.children.some((child) => child.type === 'asterisk')
    const last = path.split('.').at(-1) ?? path
    if (isStar) this.imports.push({ local: '*', source: path, imported: '*', at: node.at })
    else if (isStatic)
      this.imports.push({ local: last, source: path.slice(0, -last.length - 1), imported: last, at: node.at })
    else this.imports.push({ local: last, source: path, imported: 'default', at: node.at })
  }

  // ── classes ───────────────────────────────────────────────────────────────────────────────────────────────────

  private declareClass(node: SyntaxNode): void {
    if (node.type === 'interface_declaration') {
      const body = fieldOf(node, 'body')
      for (const member of body === undefined ? [] : namedOf(body))
        if (TYPES.test(member.type)) this.declareClass(member)
      return
    }
    const cls = this.cls(node, this.text(fieldOf(node, 'name')))
    this.classes.push({ kind: 'class', cls, at: cls.at })
  }

  private cls(node: SyntaxNode, name: string): ClassIr {
    const body = node.type === 'class_body' ? node : fieldOf(node, 'body')
    const members = (body === undefined ? [] : namedOf(body)).flatMap((member) =>
      member.type === 'enum_body_declarations' ? namedOf(member) : [member],
    )
    const components = node.type === 'record_declaration' ? this.params(fieldOf(node, 'parameters')) : []
    this.around.push(this.scopeOf(name, members, components))
    const outerLocals = this.locals
    const methods = members.flatMap((member) => this.methodOf(member))
    this.locals = new Set()
    const fields = members.flatMap((member) => this.fieldsOf(member))
    this.locals = outerLocals
    const inner = members.filter((member) => TYPES.test(member.type))
    for (const member of inner) this.declareClass(member)
    this.around.pop()
    const superclass = fieldOf(node, 'superclass')
    const interfaces = fieldOf(node, 'interfaces')
    return {
      name,
      bases: [
        ...(superclass === undefined ? [] : namedOf(superclass)),
        ...(interfaces === undefined ? [] : namedOf(interfaces).flatMap(namedOf)),
      ].flatMap((type) => this.typeOf(type) ?? []),
      decorators: this.annotations(node),
      methods: [...(components.length > 0 ? [recordConstructor(components, methods, node)] : []), ...methods],
      fields: [
        ...components.flatMap((param): Field[] =>
          param.pattern.kind === 'name'
            ? [
                {
                  name: param.pattern.name,
                  ...(param.annotation === undefined ? {} : { annotation: param.annotation }),
                  decorators: param.decorators,
                  isStatic: false,
                  at: param.pattern.at,
                },
              ]
            : [],
        ),
        ...fields,
      ],
      at: node.at,
    }
  }

  private scopeOf(name: string, members: readonly SyntaxNode[], components: readonly Param[]): Scope {
    const fields = members
      .filter((member) => member.type === 'field_declaration')
      .flatMap((member) => fieldsOf(member, 'declarator'))
      .map((declarator) => this.text(fieldOf(declarator, 'name')))
    const constants = members.filter((member) => member.type === 'enum_constant')
    return {
      name,
      fields: new Set([
        ...fields,
        ...constants.map((one) => this.text(fieldOf(one, 'name'))),
        ...components.flatMap(({ pattern }) => (pattern.kind === 'name' ? [pattern.name] : [])),
      ]),
      methods: new Set(
        members.filter((member) => member.type === 'method_declaration').map((one) => this.text(fieldOf(one, 'name'))),
      ),
    }
  }

  private methodOf(node: SyntaxNode): FunctionIr[] {
    const body = fieldOf(node, 'body')
    if (body === undefined) return []
    switch (node.type) {
      case 'method_declaration':
        return [this.fn(node, this.text(fieldOf(node, 'name')), body)]
      case 'constructor_declaration':
      case 'compact_constructor_declaration':
        return [this.fn(node, 'constructor', body)]
      default:
        return []
    }
  }

  private fn(node: SyntaxNode, name: string, body: SyntaxNode): FunctionIr {
    const outer = this.locals
    const params = this.params(fieldOf(node, 'parameters'))
    this.locals = new Set([...params.flatMap(({ pattern }) => (pattern.kind === 'name' ? [pattern.name] : []))])
    collectLocals(node, (one) => this.locals.add(this.text(one)))
    const statements = this.block(body)
    this.locals = outer
    return {
      name,
      params,
      body: statements,
      decorators: this.annotations(node),
      isAsync: false,
      isGenerator: false,
      at: (fieldOf(node, 'name') ?? node).at,
    }
  }

  private fieldsOf(node: SyntaxNode): Field[] {
    if (node.type === 'enum_constant') {
      const name = this.text(fieldOf(node, 'name'))
      return [
        { name, value: { kind: 'literal', value: name, at: node.at }, decorators: [], isStatic: true, at: node.at },
      ]
    }
    if (node.type !== 'field_declaration') return []
    const annotation = this.typeOf(fieldOf(node, 'type'))
    const decorators = this.annotations(node)
    const isStatic = /\bstatic\b/.test(this.text(childOf(node, 'modifiers')))
    return fieldsOf(node, 'declarator').map((declarator) => {
      const value = fieldOf(declarator, 'value')
      return {
        name: this.text(fieldOf(declarator, 'name')),
        ...(value === undefined ? {} : { value: this.expression(value) }),
        ...(annotation === undefined ? {} : { annotation }),
        decorators,
        isStatic,
        at: declarator.at,
      }
    })
  }

  private params(node: SyntaxNode | undefined): Param[] {
    if (node === undefined) return []
    return namedOf(node).flatMap((param): Param[] => {
      if (param.type === 'identifier')
        return [{ pattern: { kind: 'name', name: this.text(param), at: param.at }, decorators: [] }]
      const spread = param.type === 'spread_parameter'
      if (param.type !== 'formal_parameter' && !spread) return []
      const declarator = childOf(param, 'variable_declarator')
      const name = fieldOf(param, 'name') ?? (declarator === undefined ? undefined : fieldOf(declarator, 'name'))
      if (name === undefined) return []
      const annotation = this.typeOf(fieldOf(param, 'type'))
      return [
        {
          pattern: { kind: 'name', name: this.text(name), at: name.at },
          ...(annotation === undefined ? {} : { annotation }),
          decorators: this.annotations(param),
          ...(spread ? { rest: 'list' as const } : {}),
        },
      ]
    })
  }

  private annotations(node: SyntaxNode): Expression[] {
    const modifiers = childOf(node, 'modifiers')
    if (modifiers === undefined) return []
    return namedOf(modifiers).flatMap((one): Expression[] => {
      if (one.type !== 'annotation' && one.type !== 'marker_annotation') return []
      const name = fieldOf(one, 'name')
      if (name === undefined) return []
      const callee: Expression = { kind: 'name', name: this.text(name).split('.').at(-1) ?? '', at: name.at }
      const list = fieldOf(one, 'arguments')
      const args = (list === undefined ? [] : namedOf(list)).map((arg): Argument => {
        if (arg.type !== 'element_value_pair') return { value: this.expression(arg) }
        return { name: this.text(fieldOf(arg, 'key')), value: this.fieldExpression(arg, 'value') }
      })
      return [{ kind: 'call', callee, args, isNew: false, at: one.at }]
    })
  }

  private typeOf(node: SyntaxNode | undefined): Expression | undefined {
    if (node === undefined) return undefined
    const { at } = node
    switch (node.type) {
      case 'generic_type': {
        const [name, list] = namedOf(node)
        const object = this.typeOf(name)
        const args = (list === undefined ? [] : namedOf(list)).flatMap((type) => this.typeOf(type) ?? [])
        if (object === undefined) return undefined
        return { kind: 'index', object, index: { kind: 'list', items: args, at }, at }
      }
      case 'array_type': {
        const element = this.typeOf(fieldOf(node, 'element'))
        if (element?.kind === 'name' && element.name === 'byte') return { kind: 'name', name: 'bytes', at }
        return { kind: 'list', items: element === undefined ? [] : [element], at }
      }
      case 'annotated_type':
        return this.typeOf(namedOf(node).at(-1))
      default:
        return { kind: 'name', name: this.text(node).split('.').at(-1) ?? '', at }
    }
  }

  // ── statements ────────────────────────────────────────────────────────────────────────────────────────────────

  private block(node: SyntaxNode | undefined): Statement[] {
    return node === undefined ? [] : namedOf(node).flatMap((child) => this.statement(child))
  }

  private branch(node: SyntaxNode | undefined): Statement[] {
    if (node === undefined) return []
    return node.type === 'block' ? this.block(node) : this.statement(node)
  }

  private statement(node: SyntaxNode): Statement[] {
    const { at } = node
    switch (node.type) {
      case 'block':
      case 'constructor_body':
        return [{ kind: 'block', body: this.block(node), at }]
      case 'expression_statement':
        return namedOf(node).flatMap((child) => this.expressionStatement(child))
      case 'local_variable_declaration':
        return fieldsOf(node, 'declarator').map((declarator) => this.declared(declarator))
      case 'return_statement':
      case 'yield_statement': {
        const [value] = namedOf(node)
        return [{ kind: 'return', ...(value === undefined ? {} : { value: this.expression(value) }), at }]
      }
      case 'throw_statement': {
        const [value] = namedOf(node)
        return [{ kind: 'throw', ...(value === undefined ? {} : { value: this.expression(value) }), at }]
      }
      case 'break_statement':
        return [{ kind: 'break', at }]
      case 'continue_statement':
        return [{ kind: 'continue', at }]
      case 'if_statement':
        return [
          {
            kind: 'if',
            test: this.fieldExpression(node, 'condition'),
            then: this.branch(fieldOf(node, 'consequence')),
            otherwise: this.branch(fieldOf(node, 'alternative')),
            at,
          },
        ]
      case 'enhanced_for_statement': {
        const name = fieldOf(node, 'name')
        return [
          {
            kind: 'loop',
            ...(name === undefined ? {} : { target: this.pattern(name) }),
            over: this.fieldExpression(node, 'value'),
            body: this.branch(fieldOf(node, 'body')),
            at,
          },
        ]
      }
      case 'for_statement': {
        const condition = fieldOf(node, 'condition')
        const test = condition === undefined ? {} : { test: this.expression(condition) }
        return [
          ...fieldsOf(node, 'init').flatMap((init) => this.statement(init)),
          { kind: 'loop', ...test, body: this.branch(fieldOf(node, 'body')), at },
        ]
      }
      case 'while_statement':
      case 'do_statement':
        return [
          {
            kind: 'loop',
            test: this.fieldExpression(node, 'condition'),
            body: this.branch(fieldOf(node, 'body')),
            at,
          },
        ]
      case 'switch_expression':
      case 'switch_statement':
        return [this.switched(node, false)]
      case 'try_statement':
      case 'try_with_resources_statement':
        return [this.tried(node)]
      case 'synchronized_statement':
        return this.block(fieldOf(node, 'body'))
      case 'labeled_statement':
        return namedOf(node)
          .slice(1)
          .flatMap((child) => this.statement(child))
      case 'explicit_constructor_invocation':
        return []
      case 'class_declaration':
      case 'record_declaration':
      case 'enum_declaration':
      case 'interface_declaration':
        this.declareClass(node)
        return []
      case 'assert_statement':
      case 'line_comment':
      case 'block_comment':
      case 'empty_statement':
        return []
      case 'ERROR':
        return namedOf(node).flatMap((child) =>
          /_statement$|_declaration$|^block$|^ERROR$/.test(child.type) ? this.statement(child) : [],
        )
      default:
        return this.expressionStatement(node)
    }
  }

  private expressionStatement(node: SyntaxNode): Statement[] {
    if (node.type === 'switch_expression') return [this.switched(node, false)]
    const value = this.expression(node)
    return value.kind === 'assign' ? [{ ...value, kind: 'assign' }] : [{ kind: 'expression', value, at: node.at }]
  }

  private declared(declarator: SyntaxNode): Statement {
    const name = fieldOf(declarator, 'name') ?? declarator
    const value = fieldOf(declarator, 'value')
    return {
      kind: 'assign',
      target: this.pattern(name),
      value: value === undefined ? { kind: 'unknown', parts: [], at: declarator.at } : this.expression(value),
      at: declarator.at,
    }
  }

  private tried(node: SyntaxNode): Statement {
    const resources = fieldOf(node, 'resources')
    const block = this.block(fieldOf(node, 'body'))
    const last = childOf(node, 'finally_clause')
    const items = (resources === undefined ? [] : namedOf(resources)).flatMap((resource) => {
      const value = fieldOf(resource, 'value')
      const name = fieldOf(resource, 'name')
      if (value === undefined) return []
      return [{ value: this.expression(value), ...(name === undefined ? {} : { target: this.pattern(name) }) }]
    })
    return {
      kind: 'try',
      body: items.length === 0 ? block : [{ kind: 'with', items, body: block, at: node.at }],
      handlers: node.children
        .filter((child) => child.type === 'catch_clause')
        .map((clause) => {
          const parameter = childOf(clause, 'catch_formal_parameter')
          const types = parameter === undefined ? undefined : childOf(parameter, 'catch_type')
          const name = parameter === undefined ? undefined : fieldOf(parameter, 'name')
          return {
            types: (types === undefined ? [] : namedOf(types)).flatMap((type) => this.typeOf(type) ?? []),
            ...(name === undefined ? {} : { target: this.pattern(name) }),
            body: this.block(fieldOf(clause, 'body')),
            at: clause.at,
          }
        }),
      otherwise: [],
      last: last === undefined ? [] : this.block(childOf(last, 'block')),
      at: node.at,
    }
  }

  /** `answers`: the switch is a value, and each arm returns it. */
  private switched(node: SyntaxNode, answers: boolean): Statement {
    const body = fieldOf(node, 'body')
    const cases: { tests: Expression[]; body: Statement[]; falls: boolean }[] = []
    let tests: Expression[] = []
    for (const group of body === undefined ? [] : namedOf(body)) {
      const label = childOf(group, 'switch_label')
      tests.push(...(label === undefined ? [] : namedOf(label)).map((test) => this.label(test)))
      const isDefault = label === undefined || namedOf(label).length === 0
      const parts = namedOf(group).filter((child) => child.type !== 'switch_label')
      if (parts.length === 0 && !isDefault) continue
      const isRule = group.type === 'switch_rule'
      const statements = parts.flatMap((part): Statement[] => {
        if (!answers || part.type !== 'expression_statement') return this.branch(part)
        const [value] = namedOf(part)
        return value === undefined ? [] : [{ kind: 'return', value: this.expression(value), at: part.at }]
      })
      const ends = /^(?:return|throw|break|continue)$/.test(statements.at(-1)?.kind ?? '')
      cases.push({ tests: isDefault ? [] : tests, body: statements, falls: !isRule && !ends })
      tests = []
    }
    const ordered = [...cases.filter((one) => one.tests.length > 0), ...cases.filter((one) => one.tests.length === 0)]
    return { kind: 'switch', on: this.fieldExpression(node, 'condition'), cases: ordered, at: node.at }
  }

  private label(node: SyntaxNode): Expression {
    if (node.type === 'pattern') return { kind: 'unknown', parts: [], at: node.at }
    // A constant of an enum is compared by its name.
    if (node.type === 'identifier') return { kind: 'literal', value: this.text(node), at: node.at }
    return this.expression(node)
  }

  // ── patterns and expressions ──────────────────────────────────────────────────────────────────────────────────

  private pattern(node: SyntaxNode): Pattern {
    const value = node.type === 'identifier' ? this.named(node) : this.expression(node)
    return value.kind === 'name'
      ? { kind: 'name', name: value.name, at: node.at }
      : { kind: 'place', target: value, at: node.at }
  }

  /** A name alone: a local, a field of this or of the class around it, or a class. */
  private named(node: SyntaxNode): Expression {
    const { at } = node
    const name = this.text(node)
    if (this.locals.has(name)) return { kind: 'name', name, at }
    return this.ofClass(name, at, (scope) => scope.fields.has(name)) ?? { kind: 'name', name, at }
  }

  private ofClass(name: string, at: SyntaxNode['at'], has: (scope: Scope) => boolean): Expression | undefined {
    const found = this.around.findLast(has)
    if (found === undefined) return undefined
    const owner = found === this.around.at(-1) || found.name === '' ? 'this' : found.name
    return { kind: 'member', object: { kind: 'name', name: owner, at }, property: name, optional: false, at }
  }

  protected override expression(node: SyntaxNode): Expression {
    const { at } = node
    switch (node.type) {
      case 'identifier':
        return this.named(node)
      case 'this':
      case 'super':
        return { kind: 'name', name: node.type, at }
      case 'true':
      case 'false':
        return { kind: 'literal', value: node.type === 'true', at }
      case 'null_literal':
        return { kind: 'literal', value: null, at }
      case 'decimal_integer_literal':
      case 'hex_integer_literal':
      case 'binary_integer_literal':
      case 'octal_integer_literal':
      case 'decimal_floating_point_literal':
        return { kind: 'literal', value: numberOf(this.text(node)), at }
      case 'string_literal':
      case 'character_literal':
        return { kind: 'literal', value: textOf(this.text(node)), at }
      case 'parenthesized_expression': {
        const [inner] = namedOf(node)
        return inner === undefined ? { kind: 'unknown', parts: [], at } : this.expression(inner)
      }
      case 'field_access':
        return {
          kind: 'member',
          object: this.fieldExpression(node, 'object'),
          property: this.text(fieldOf(node, 'field')),
          optional: false,
          at,
        }
      case 'array_access':
        return {
          kind: 'index',
          object: this.fieldExpression(node, 'array'),
          index: this.fieldExpression(node, 'index'),
          at,
        }
      case 'method_invocation':
        return this.invocation(node)
      case 'object_creation_expression':
        return this.creation(node)
      case 'binary_expression': {
        const operator = this.text(fieldOf(node, 'operator'))
        const left = this.fieldExpression(node, 'left')
        const right = this.fieldExpression(node, 'right')
        if (operator === '+' && (isText(left) || isText(right)))
          return { kind: 'template', parts: [...textParts(left), ...textParts(right)], at }
        return { kind: 'binary', operator: OPERATORS[operator] ?? operator, left, right, at }
      }
      case 'unary_expression': {
        const operator = this.text(fieldOf(node, 'operator'))
        const operand = this.fieldExpression(node, 'operand')
        if (operator === '-' && operand.kind === 'literal' && typeof operand.value === 'number')
          return { kind: 'literal', value: -operand.value, at }
        return { kind: 'unary', operator: OPERATORS[operator] ?? operator, operand, at }
      }
      case 'update_expression': {
        const [target] = namedOf(node)
        if (target === undefined) return { kind: 'unknown', parts: [], at }
        const operator = node.children.some((child) => child.type === '++') ? '+' : '-'
        return { kind: 'assign', target: this.pattern(target), value: { kind: 'literal', value: 1, at }, operator, at }
      }
      case 'assignment_expression': {
        const left = fieldOf(node, 'left')
        const operator = this.text(fieldOf(node, 'operator')).replace(/=$/, '')
        const value = this.fieldExpression(node, 'right')
        if (left === undefined) return value
        return { kind: 'assign', target: this.pattern(left), value, ...(operator === '' ? {} : { operator }), at }
      }
      case 'ternary_expression':
        return {
          kind: 'conditional',
          test: this.fieldExpression(node, 'condition'),
          then: this.fieldExpression(node, 'consequence'),
          otherwise: this.fieldExpression(node, 'alternative'),
          at,
        }
      case 'cast_expression':
        return this.fieldExpression(node, 'value')
      case 'instanceof_expression': {
        const left = this.fieldExpression(node, 'left')
        const name = fieldOf(node, 'name')
        if (name === undefined) return { kind: 'unknown', parts: [left, left], at }
        return { kind: 'assign', target: { kind: 'name', name: this.text(name), at: name.at }, value: left, at }
      }
      case 'lambda_expression':
        return { kind: 'lambda', fn: this.lambda(node), at }
      case 'method_reference': {
        const [object, method] = namedOf(node)
        if (object === undefined) return { kind: 'unknown', parts: [], at }
        const value = this.expression(object)
        if (method === undefined) return value
        return { kind: 'member', object: value, property: this.text(method), optional: false, at }
      }
      case 'array_creation_expression': {
        const values = fieldOf(node, 'value')
        return values === undefined ? { kind: 'list', items: [], at } : this.expression(values)
      }
      case 'array_initializer':
      case 'element_value_array_initializer':
        return { kind: 'list', items: namedOf(node).map((item) => this.expression(item)), at }
      case 'switch_expression': {
        const fn = bare([this.switched(node, true)], at)
        return { kind: 'call', callee: { kind: 'lambda', fn, at }, args: [], isNew: false, at }
      }
      case 'class_literal': {
        const type = this.typeOf(namedOf(node)[0])
        return type ?? { kind: 'unknown', parts: [], at }
      }
      case 'type_identifier':
      case 'scoped_type_identifier':
      case 'generic_type':
        return this.typeOf(node) ?? { kind: 'unknown', parts: [], at }
      case 'annotation':
      case 'marker_annotation':
        return { kind: 'unknown', parts: [], at }
      default:
        return { kind: 'unknown', parts: namedOf(node).map((child) => this.expression(child)), at }
    }
  }

  private args(node: SyntaxNode): Argument[] {
    const list = fieldOf(node, 'arguments')
    return (list === undefined ? [] : namedOf(list))
      .filter((child) => child.type !== 'class_body')
      .map((child) => ({ value: this.expression(child) }))
  }

  private invocation(node: SyntaxNode): Expression {
    const name = fieldOf(node, 'name')
    const object = fieldOf(node, 'object')
    const at = name?.at ?? node.at
    const property = this.text(name)
    const imported = this.imports.some(({ local }) => local === property)
    const callee: Expression =
      object !== undefined
        ? { kind: 'member', object: this.expression(object), property, optional: false, at }
        : imported
          ? { kind: 'name', name: property, at }
          : (this.ofClass(property, at, (scope) => scope.methods.has(property)) ?? {
              kind: 'member',
              object: { kind: 'name', name: 'this', at },
              property,
              optional: false,
              at,
            })
    return { kind: 'call', callee, args: this.args(node), isNew: false, at: node.at }
  }

  private creation(node: SyntaxNode): Expression {
    const { at } = node
    const type = this.typeOf(fieldOf(node, 'type'))
    const body = namedOf(node).find((child) => child.type === 'class_body')
    if (body !== undefined) {
      const cls = this.cls(body, '')
      return { kind: 'call', callee: { kind: 'class', cls, at }, args: this.args(node), isNew: true, at }
    }
    const callee = type?.kind === 'index' ? type.object : (type ?? { kind: 'unknown' as const, parts: [], at })
    return { kind: 'call', callee, args: this.args(node), isNew: true, at }
  }

  private lambda(node: SyntaxNode): FunctionIr {
    const parameters = fieldOf(node, 'parameters')
    const params: Param[] =
      parameters?.type === 'identifier'
        ? [{ pattern: { kind: 'name', name: this.text(parameters), at: parameters.at }, decorators: [] }]
        : this.params(parameters)
    const body = fieldOf(node, 'body')
    const statements: Statement[] =
      body === undefined
        ? []
        : body.type === 'block'
          ? this.block(body)
          : [{ kind: 'return', value: this.expression(body), at: body.at }]
    return { ...bare(statements, node.at), params }
  }
}

function bare(body: readonly Statement[], at: SyntaxNode['at']): FunctionIr {
  return { name: '', params: [], body, decorators: [], isAsync: false, isGenerator: false, at }
}

/** What a record does with what it is given, around a compact constructor when it has one. */
function recordConstructor(params: readonly Param[], methods: readonly FunctionIr[], node: SyntaxNode): FunctionIr {
  const compact = methods.find((method) => method.name === 'constructor' && method.params.length === 0)
  const { at } = node
  const assigns = params.flatMap(({ pattern }): Statement[] => {
    if (pattern.kind !== 'name') return []
    const object: Expression = { kind: 'name', name: 'this', at }
    const place: Expression = { kind: 'member', object, property: pattern.name, optional: false, at }
    return [
      {
        kind: 'assign',
        target: { kind: 'place', target: place, at },
        value: { kind: 'name', name: pattern.name, at },
        at,
      },
    ]
  })
  return { ...bare([...(compact?.body ?? []), ...assigns], at), name: 'constructor', params }
}

/** Names that a method declares anywhere within itself. */
function collectLocals(node: SyntaxNode, found: (name: SyntaxNode) => void): void {
  for (const child of node.children) {
    const name = fieldOf(child, 'name')
    if (LOCALS.test(child.type) && name !== undefined) found(name)
    if (child.type === 'lambda_expression') {
      const parameters = fieldOf(child, 'parameters')
      if (parameters?.type === 'identifier') found(parameters)
      else if (parameters?.type === 'inferred_parameters') for (const one of namedOf(parameters)) found(one)
    }
    if (child.type !== 'class_body') collectLocals(child, found)
  }
}
const LOCALS =
  /^(?:variable_declarator|formal_parameter|catch_formal_parameter|enhanced_for_statement|resource|instanceof_expression)$/

function numberOf(text: string): number {
  const plain = text.replaceAll('_', '').replace(/(?<!^0[xX].*)[dDfF]$|[lL]$/, '')
  return Number(/^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain)
}

function textOf(written: string): string {
  if (!written.startsWith('"""')) return unescaped(written.slice(1, -1))
  const lines = written
    .slice(3, -3)
    .replace(/^[^\n]*\n/, '')
    .split('\n')
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^\s*/.exec(line)?.[0].length ?? 0)
  const indent = indents.length === 0 ? 0 : Math.min(...indents)
  return unescaped(lines.map((line) => line.slice(indent)).join('\n'))
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', s: ' ', '0': '\0' }

function unescaped(text: string): string {
  return text.replace(/\\(?:u+([\da-fA-F]{4})|(.))/g, (_, code: string | undefined, plain: string | undefined) =>
    code === undefined ? (ESCAPES[plain ?? ''] ?? plain ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

function isText(value: Expression): boolean {
  return value.kind === 'template' || (value.kind === 'literal' && typeof value.value === 'string')
}

function textParts(value: Expression): readonly Expression[] {
  return value.kind === 'template' ? value.parts : [value]
}
