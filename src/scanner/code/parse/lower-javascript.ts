/** The syntax trees of JavaScript, JSX, TypeScript and TSX as IR. Long because it is one table, as in Python's. */
import type {
  Argument,
  ClassIr,
  Export,
  Expression,
  Field,
  FunctionIr,
  Language,
  Module,
  Param,
  Pattern,
  Statement,
} from './ir.ts'
import { Lowering } from './lowering.ts'
import { childOf, fieldOf, namedOf, type Parsed, type SyntaxNode } from './syntax.ts'

export function lowerJavaScript(parsed: Parsed, text: string, file: string, language: Language): Module {
  const lowering = new JavaScriptLowering(text)
  const body = lowering.block(parsed.root)
  return {
    file,
    language,
    imports: lowering.imports,
    exports: lowering.exports,
    body,
    reassigned: lowering.reassigned,
    unparsed: parsed.unparsed,
    length: text.length,
  }
}

const OPERATORS: Readonly<Record<string, string>> = {
  '===': '==',
  '!==': '!=',
  '&&': 'and',
  '||': 'or',
  '!': 'not',
}

class JavaScriptLowering extends Lowering {
  readonly exports: Export[] = []

  block(node: SyntaxNode | undefined): Statement[] {
    return node === undefined ? [] : namedOf(node).flatMap((child) => this.statement(child))
  }

  /** The body of an `if` or loop, braces or not. */
  private branch(node: SyntaxNode | undefined): Statement[] {
    if (node === undefined) return []
    return node.type === 'statement_block' ? this.block(node) : this.statement(node)
  }

  private statement(node: SyntaxNode): Statement[] {
    const { at } = node
    switch (node.type) {
      case 'import_statement':
        return this.readImport(node)
      case 'export_statement':
        return this.exported(node)
      case 'expression_statement': {
        return namedOf(node).flatMap((child): Statement[] => {
          if (child.type === 'internal_module' || child.type === 'module') return this.block(fieldOf(child, 'body'))
          if (child.type === 'sequence_expression') return namedOf(child).map((one) => this.expressionStatement(one))
          return [this.expressionStatement(child)]
        })
      }
      case 'lexical_declaration':
      case 'variable_declaration':
        return namedOf(node)
          .filter((child) => child.type === 'variable_declarator')
          .flatMap((declarator): Statement[] => {
            const name = fieldOf(declarator, 'name')
            const value = fieldOf(declarator, 'value')
            if (name === undefined) return []
            return [
              {
                kind: 'assign',
                target: this.pattern(name),
                value:
                  value === undefined
                    ? { kind: 'literal', value: undefined, at: declarator.at }
                    : this.named(value, this.text(name)),
                at: declarator.at,
              },
            ]
          })
      case 'return_statement': {
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
      case 'if_statement': {
        const alternative = fieldOf(node, 'alternative')
        const [otherwise] = alternative === undefined ? [] : namedOf(alternative)
        return [
          {
            kind: 'if',
            test: this.fieldExpression(node, 'condition'),
            then: this.branch(fieldOf(node, 'consequence')),
            otherwise: this.branch(otherwise),
            at,
          },
        ]
      }
      case 'for_in_statement': {
        const left = fieldOf(node, 'left')
        return [
          {
            kind: 'loop',
            ...(left === undefined ? {} : { target: this.pattern(left) }),
            over: this.fieldExpression(node, 'right'),
            body: this.branch(fieldOf(node, 'body')),
            at,
          },
        ]
      }
      case 'for_statement': {
        const initializer = fieldOf(node, 'initializer')
        const condition = fieldOf(node, 'condition')
        return [
          ...(initializer === undefined ? [] : this.statement(initializer)),
          {
            kind: 'loop',
            ...(condition === undefined || condition.type === 'empty_statement'
              ? {}
              : { test: this.expression(condition) }),
            body: this.branch(fieldOf(node, 'body')),
            at,
          },
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
      case 'switch_statement':
        return [this.switchStatement(node)]
      case 'try_statement':
        return [this.tryStatement(node)]
      case 'statement_block':
        return [{ kind: 'block', body: this.block(node), at }]
      case 'labeled_statement':
        return this.branch(fieldOf(node, 'body'))
      case 'function_declaration':
      case 'generator_function_declaration':
        return [{ kind: 'function', fn: this.fn(node), at }]
      case 'class_declaration':
      case 'abstract_class_declaration':
        return [{ kind: 'class', cls: this.cls(node, this.decorators(node)), at }]
      case 'enum_declaration':
        return [this.enumeration(node)]
      case 'with_statement':
        return this.branch(fieldOf(node, 'body'))
      case 'ambient_declaration':
      case 'interface_declaration':
      case 'type_alias_declaration':
      case 'function_signature':
      case 'empty_statement':
      case 'comment':
      case 'hash_bang_line':
      case 'import_alias':
        return []
      case 'internal_module':
      case 'module':
        return this.block(fieldOf(node, 'body'))
      case 'ERROR':
        return namedOf(node).flatMap((child) =>
          /_statement$|_declaration$|^ERROR$/.test(child.type) ? this.statement(child) : [],
        )
      default:
        return [this.expressionStatement(node)]
    }
  }

  private expressionStatement(node: SyntaxNode): Statement {
    const { at } = node
    const value = this.expression(node)
    if (value.kind !== 'assign') return { kind: 'expression', value, at }
    this.readCommonJsExport(value.target, value.value)
    return { ...value, kind: 'assign' }
  }

  /** `module.exports = …`, `module.exports.a = …`, `exports.a = …`. */
  private readCommonJsExport(target: Pattern, value: Expression): void {
    if (target.kind !== 'place' || target.target.kind !== 'member') return
    const { object, property } = target.target
    const { at } = target
    if (object.kind === 'name' && object.name === 'module' && property === 'exports') {
      this.exports.push({ name: 'default', value, at })
      if (value.kind === 'object')
        for (const { key, value: member } of value.entries)
          if (key !== undefined) this.exports.push({ name: key, value: member, at })
      return
    }
    const isExports =
      (object.kind === 'name' && object.name === 'exports') ||
      (object.kind === 'member' &&
        object.property === 'exports' &&
        object.object.kind === 'name' &&
        object.object.name === 'module')
    if (isExports) this.exports.push({ name: property, value, at })
  }

  private readImport(node: SyntaxNode): Statement[] {
    const { at } = node
    const source = this.literalText(fieldOf(node, 'source'))
    const required = childOf(node, 'import_require_clause')
    if (required !== undefined) {
      const name = childOf(required, 'identifier')
      this.imports.push({
        local: this.text(name),
        source: this.literalText(fieldOf(required, 'source')),
        imported: '*',
        at,
      })
      return []
    }
    const clause = childOf(node, 'import_clause')
    for (const part of clause === undefined ? [] : namedOf(clause)) {
      if (part.type === 'identifier') this.imports.push({ local: this.text(part), source, imported: 'default', at })
      if (part.type === 'namespace_import')
        this.imports.push({ local: this.text(childOf(part, 'identifier')), source, imported: '*', at })
      if (part.type !== 'named_imports') continue
      for (const specifier of namedOf(part)) {
        const imported = this.text(fieldOf(specifier, 'name'))
        const alias = fieldOf(specifier, 'alias')
        this.imports.push({ local: alias === undefined ? imported : this.text(alias), source, imported, at })
      }
    }
    return []
  }

  private exported(node: SyntaxNode): Statement[] {
    const { at } = node
    const sourceNode = fieldOf(node, 'source')
    const source = sourceNode === undefined ? undefined : this.literalText(sourceNode)
    const clause = childOf(node, 'export_clause')
    if (clause !== undefined) {
      for (const specifier of namedOf(clause)) {
        const nameNode = fieldOf(specifier, 'name')
        const imported = this.text(nameNode)
        const alias = fieldOf(specifier, 'alias')
        const name = alias === undefined ? imported : this.text(alias)
        if (source !== undefined) this.exports.push({ name, source, imported, at })
        else this.exports.push({ name, value: { kind: 'name', name: imported, at: nameNode?.at ?? at }, at })
      }
      return []
    }
    if (source !== undefined) {
      const namespace = childOf(node, 'namespace_export')
      this.exports.push({
        name: namespace === undefined ? '*' : this.text(namedOf(namespace)[0]),
        source,
        imported: '*',
        at,
      })
      return []
    }
    const isDefault = node.children.some((child) => child.type === 'default')
    const decorators = this.decorators(node)
    const declaration = fieldOf(node, 'declaration')
    if (declaration !== undefined) {
      const statements = this.statement(declaration).map((statement) =>
        statement.kind === 'class' && decorators.length > 0
          ? { ...statement, cls: { ...statement.cls, decorators: [...decorators, ...statement.cls.decorators] } }
          : statement,
      )
      for (const statement of statements) {
        for (const name of namesOf(statement)) {
          const value: Expression = { kind: 'name', name, at }
          this.exports.push({ name, value, at })
          if (isDefault) this.exports.push({ name: 'default', value, at })
        }
      }
      return statements
    }
    const value = fieldOf(node, 'value') ?? namedOf(node).find((child) => child.type !== 'decorator')
    if (value !== undefined) this.exports.push({ name: 'default', value: this.named(value, 'default'), at })
    return []
  }

  private switchStatement(node: SyntaxNode): Statement {
    const body = fieldOf(node, 'body')
    const raw = (body === undefined ? [] : namedOf(body)).map((clause) => {
      const value = fieldOf(clause, 'value')
      const statements = clause.children.filter((child) => child.named && child.field === 'body')
      return {
        value,
        body: statements.flatMap((child) => this.statement(child)),
        isDefault: clause.type === 'switch_default',
      }
    })
    const cases: { tests: Expression[]; body: readonly Statement[]; falls: boolean }[] = []
    let tests: Expression[] = []
    let hasDefault = false
    for (const { value, body: statements, isDefault } of raw) {
      if (isDefault) hasDefault = true
      else if (value !== undefined) tests.push(this.expression(value))
      if (statements.length === 0) continue
      cases.push({ tests: hasDefault ? [] : tests, body: statements, falls: !endsFlow(statements) })
      tests = []
      hasDefault = false
    }
    return { kind: 'switch', on: this.fieldExpression(node, 'value'), cases, at: node.at }
  }

  private tryStatement(node: SyntaxNode): Statement {
    const handler = fieldOf(node, 'handler')
    const finalizer = fieldOf(node, 'finalizer')
    const parameter = handler === undefined ? undefined : fieldOf(handler, 'parameter')
    return {
      kind: 'try',
      body: this.block(fieldOf(node, 'body')),
      handlers:
        handler === undefined
          ? []
          : [
              {
                types: [],
                ...(parameter === undefined ? {} : { target: this.pattern(parameter) }),
                body: this.block(fieldOf(handler, 'body')),
                at: handler.at,
              },
            ],
      otherwise: [],
      last: finalizer === undefined ? [] : this.block(fieldOf(finalizer, 'body')),
      at: node.at,
    }
  }

  private enumeration(node: SyntaxNode): Statement {
    const body = fieldOf(node, 'body')
    const entries = (body === undefined ? [] : namedOf(body)).map((member): { key: string; value: Expression } => {
      const name = fieldOf(member, 'name') ?? member
      const value = fieldOf(member, 'value')
      const key = this.text(name).replace(/^['"]|['"]$/g, '')
      return {
        key,
        value: value === undefined ? { kind: 'literal', value: key, at: member.at } : this.expression(value),
      }
    })
    return {
      kind: 'assign',
      target: { kind: 'name', name: this.text(fieldOf(node, 'name')), at: node.at },
      value: { kind: 'object', entries, at: node.at },
      at: node.at,
    }
  }

  private decorators(node: SyntaxNode): Expression[] {
    return node.children
      .filter((child) => child.type === 'decorator')
      .flatMap((child) => namedOf(child).slice(0, 1))
      .map((child) => this.expression(child))
  }

  private fn(node: SyntaxNode, name?: string, decorators: readonly Expression[] = []): FunctionIr {
    const body = fieldOf(node, 'body')
    const single = fieldOf(node, 'parameter')
    return {
      name: this.text(fieldOf(node, 'name')) || (name ?? ''),
      params:
        single === undefined
          ? this.params(fieldOf(node, 'parameters'))
          : [{ pattern: this.pattern(single), decorators: [] }],
      body:
        body === undefined
          ? []
          : body.type === 'statement_block'
            ? this.block(body)
            : [{ kind: 'return', value: this.expression(body), at: body.at }],
      decorators,
      isAsync: node.children.some((child) => child.type === 'async'),
      isGenerator: node.type.startsWith('generator') || node.children.some((child) => child.type === '*'),
      at: node.at,
    }
  }

  private params(node: SyntaxNode | undefined): Param[] {
    if (node === undefined) return []
    return namedOf(node).flatMap((param): Param[] => {
      if (param.type === 'required_parameter' || param.type === 'optional_parameter') {
        const pattern = fieldOf(param, 'pattern')
        if (pattern === undefined || pattern.type === 'this') return []
        const value = fieldOf(param, 'value')
        const type = fieldOf(param, 'type')
        const [annotated] = type === undefined ? [] : namedOf(type)
        const rest = pattern.type === 'rest_pattern'
        return [
          {
            pattern: this.pattern(rest ? (namedOf(pattern)[0] ?? pattern) : pattern),
            ...(value === undefined ? {} : { initial: this.expression(value) }),
            ...(annotated === undefined ? {} : { annotation: this.type(annotated) }),
            decorators: this.decorators(param),
            ...(rest ? { rest: 'list' as const } : {}),
          },
        ]
      }
      if (param.type === 'rest_pattern')
        return [{ pattern: this.pattern(namedOf(param)[0] ?? param), decorators: [], rest: 'list' }]
      if (param.type === 'assignment_pattern') {
        const left = fieldOf(param, 'left')
        return left === undefined
          ? []
          : [{ pattern: this.pattern(left), initial: this.fieldExpression(param, 'right'), decorators: [] }]
      }
      return [{ pattern: this.pattern(param), decorators: [] }]
    })
  }

  /** A type is kept as far as frameworks read it: its name and, for generics, its arguments. */
  private type(node: SyntaxNode): Expression {
    const { at } = node
    if (node.type === 'generic_type') {
      const name = fieldOf(node, 'name')
      const args = fieldOf(node, 'type_arguments')
      return {
        kind: 'index',
        object: { kind: 'name', name: this.text(name), at },
        index: { kind: 'list', items: args === undefined ? [] : namedOf(args).map((one) => this.type(one)), at },
        at,
      }
    }
    return { kind: 'name', name: this.text(node), at }
  }

  private cls(node: SyntaxNode, decorators: readonly Expression[]): ClassIr {
    const heritage = childOf(node, 'class_heritage')
    const extended = heritage === undefined ? undefined : (childOf(heritage, 'extends_clause') ?? heritage)
    const base = extended === undefined ? undefined : (fieldOf(extended, 'value') ?? namedOf(extended)[0])
    const methods: FunctionIr[] = []
    const fields: Field[] = []
    let pending: Expression[] = []
    const body = fieldOf(node, 'body')
    for (const member of body === undefined ? [] : namedOf(body)) {
      if (member.type === 'decorator') {
        const [inner] = namedOf(member)
        if (inner !== undefined) pending.push(this.expression(inner))
        continue
      }
      const own = [...pending, ...this.decorators(member)]
      pending = []
      if (member.type === 'method_definition') {
        methods.push(this.fn(member, undefined, own))
        continue
      }
      if (member.type !== 'public_field_definition' && member.type !== 'field_definition') continue
      const nameNode = fieldOf(member, 'name') ?? fieldOf(member, 'property')
      const name = this.text(nameNode)
      const value = fieldOf(member, 'value')
      const type = fieldOf(member, 'type')
      const [annotated] = type === undefined ? [] : namedOf(type)
      if (value?.type === 'arrow_function' || value?.type === 'function_expression') {
        methods.push(this.fn(value, name, own))
        continue
      }
      fields.push({
        name,
        ...(value === undefined ? {} : { value: this.expression(value) }),
        ...(annotated === undefined ? {} : { annotation: this.type(annotated) }),
        decorators: own,
        isStatic: member.children.some((child) => child.type === 'static'),
        at: member.at,
      })
    }
    return {
      name: this.text(fieldOf(node, 'name')),
      bases: base === undefined ? [] : [this.expression(base)],
      decorators,
      methods,
      fields: [...fields, ...parameterProperties(methods)],
      at: node.at,
    }
  }

  private pattern(node: SyntaxNode): Pattern {
    const { at } = node
    switch (node.type) {
      case 'identifier':
      case 'shorthand_property_identifier_pattern':
      case 'undefined':
        return { kind: 'name', name: this.text(node), at }
      case 'object_pattern':
        return this.objectPattern(node)
      case 'array_pattern':
        return { kind: 'list', items: this.arrayItems(node), at }
      case 'assignment_pattern': {
        const left = fieldOf(node, 'left')
        return left === undefined ? { kind: 'list', items: [], at } : this.pattern(left)
      }
      case 'rest_pattern': {
        const [inner] = namedOf(node)
        return inner === undefined ? { kind: 'list', items: [], at } : this.pattern(inner)
      }
      case 'non_null_expression':
      case 'as_expression':
      case 'parenthesized_expression': {
        const [inner] = namedOf(node)
        return inner === undefined ? { kind: 'list', items: [], at } : this.pattern(inner)
      }
      default:
        return { kind: 'place', target: this.expression(node), at }
    }
  }

  /** Holes keep their place: `const [, body] = …`. */
  private arrayItems(node: SyntaxNode): Pattern[] {
    const items: Pattern[] = []
    let filled = false
    for (const child of node.children) {
      if (child.type === 'comment') continue
      if (child.type === ',') {
        if (!filled) items.push({ kind: 'list', items: [], at: child.at })
        filled = false
      } else {
        items.push(this.pattern(child))
        filled = true
      }
    }
    return items
  }

  private objectPattern(node: SyntaxNode): Pattern {
    const entries: { key: string; target: Pattern; initial?: Expression }[] = []
    let rest: Pattern | undefined
    for (const child of namedOf(node)) {
      if (child.type === 'rest_pattern') {
        const [inner] = namedOf(child)
        if (inner !== undefined) rest = this.pattern(inner)
      } else if (child.type === 'shorthand_property_identifier_pattern') {
        entries.push({ key: this.text(child), target: this.pattern(child) })
      } else if (child.type === 'object_assignment_pattern') {
        const left = fieldOf(child, 'left')
        if (left !== undefined)
          entries.push({
            key: this.text(left),
            target: this.pattern(left),
            initial: this.fieldExpression(child, 'right'),
          })
      } else if (child.type === 'pair_pattern') {
        const value = fieldOf(child, 'value')
        if (value === undefined) continue
        entries.push({
          key: this.key(fieldOf(child, 'key')),
          target: this.pattern(value),
          ...(value.type === 'assignment_pattern' ? { initial: this.fieldExpression(value, 'right') } : {}),
        })
      }
    }
    return { kind: 'object', entries, ...(rest === undefined ? {} : { rest }), at: node.at }
  }

  private key(node: SyntaxNode | undefined): string {
    if (node === undefined) return '*'
    if (node.type === 'computed_property_name') {
      const [inner] = namedOf(node)
      return inner?.type === 'string' ? this.literalText(inner) : '*'
    }
    return node.type === 'string' ? this.literalText(node) : this.text(node)
  }

  private literalText(node: SyntaxNode | undefined): string {
    if (node === undefined) return ''
    return node.children
      .filter((child) => child.named)
      .map((child) => this.text(child))
      .join('')
  }

  /** A function gets the name of what it is assigned to. */
  private named(node: SyntaxNode, name: string): Expression {
    if (node.type === 'arrow_function' || node.type === 'function_expression' || node.type === 'generator_function')
      return { kind: 'lambda', fn: this.fn(node, name), at: node.at }
    return this.expression(node)
  }

  private args(node: SyntaxNode | undefined): Argument[] {
    if (node === undefined) return []
    if (node.type === 'template_string') return [{ value: this.expression(node) }]
    return namedOf(node).map((arg): Argument => {
      if (arg.type !== 'spread_element') return { value: this.expression(arg) }
      const [inner] = namedOf(arg)
      return {
        spread: true,
        value: inner === undefined ? { kind: 'unknown', parts: [], at: arg.at } : this.expression(inner),
      }
    })
  }

  protected override expression(node: SyntaxNode): Expression {
    const { at } = node
    const inner = (): Expression => {
      const child = namedOf(node).find((one) => one.type !== 'type_arguments')
      return child === undefined ? { kind: 'unknown', parts: [], at } : this.expression(child)
    }
    switch (node.type) {
      case 'identifier':
      case 'shorthand_property_identifier':
      case 'property_identifier':
      case 'private_property_identifier':
        return { kind: 'name', name: this.text(node), at }
      case 'this':
      case 'super':
        return { kind: 'name', name: node.type, at }
      case 'true':
        return { kind: 'literal', value: true, at }
      case 'false':
        return { kind: 'literal', value: false, at }
      case 'null':
        return { kind: 'literal', value: null, at }
      case 'undefined':
        return { kind: 'literal', value: undefined, at }
      case 'number':
        return { kind: 'literal', value: Number(this.text(node).replaceAll('_', '').replace(/n$/, '')), at }
      case 'string':
        return { kind: 'literal', value: this.literalText(node), at }
      case 'template_string':
        return this.template(node)
      case 'regex':
        return { kind: 'regex', source: this.text(fieldOf(node, 'pattern')), at }
      case 'member_expression': {
        const property = fieldOf(node, 'property')
        return {
          kind: 'member',
          object: this.fieldExpression(node, 'object'),
          property: this.text(property),
          optional: childOf(node, 'optional_chain') !== undefined,
          at: property?.at ?? at,
        }
      }
      case 'subscript_expression': {
        const object = this.fieldExpression(node, 'object')
        const index = this.fieldExpression(node, 'index')
        return { kind: 'index', object, index, at }
      }
      case 'call_expression': {
        const callee = fieldOf(node, 'function')
        return {
          kind: 'call',
          callee:
            callee?.type === 'import'
              ? { kind: 'name', name: 'import', at }
              : callee === undefined
                ? { kind: 'unknown', parts: [], at }
                : this.expression(callee),
          args: this.args(fieldOf(node, 'arguments')),
          isNew: false,
          at,
        }
      }
      case 'new_expression':
        return {
          kind: 'call',
          callee: this.fieldExpression(node, 'constructor'),
          args: this.args(fieldOf(node, 'arguments')),
          isNew: true,
          at,
        }
      case 'binary_expression': {
        const written = this.text(fieldOf(node, 'operator'))
        const left = this.fieldExpression(node, 'left')
        const right = this.fieldExpression(node, 'right')
        if (written === '+' && (isText(left) || isText(right))) return { kind: 'template', parts: [left, right], at }
        return { kind: 'binary', operator: OPERATORS[written] ?? written, left, right, at }
      }
      case 'unary_expression': {
        const written = this.text(fieldOf(node, 'operator'))
        const operand = this.fieldExpression(node, 'argument')
        if (written === '-' && operand.kind === 'literal' && typeof operand.value === 'number')
          return { kind: 'literal', value: -operand.value, at }
        if (written === 'void' && operand.kind === 'literal') return { kind: 'literal', value: undefined, at }
        return { kind: 'unary', operator: OPERATORS[written] ?? written, operand, at }
      }
      case 'update_expression': {
        const argument = fieldOf(node, 'argument')
        if (argument === undefined) return { kind: 'unknown', parts: [], at }
        return {
          kind: 'assign',
          target: this.pattern(argument),
          value: { kind: 'literal', value: 1, at },
          operator: this.text(fieldOf(node, 'operator')).slice(0, 1),
          at,
        }
      }
      case 'assignment_expression': {
        const left = fieldOf(node, 'left')
        const right = fieldOf(node, 'right')
        if (left === undefined || right === undefined) return { kind: 'unknown', parts: [], at }
        if (left.type === 'identifier') this.reassigned.add(this.text(left))
        return { kind: 'assign', target: this.pattern(left), value: this.named(right, lastName(this.text(left))), at }
      }
      case 'augmented_assignment_expression': {
        const left = fieldOf(node, 'left')
        if (left === undefined) return { kind: 'unknown', parts: [], at }
        const written = this.text(fieldOf(node, 'operator')).replace(/=$/, '')
        return {
          kind: 'assign',
          target: this.pattern(left),
          value: this.fieldExpression(node, 'right'),
          operator: OPERATORS[written] ?? written,
          at,
        }
      }
      case 'ternary_expression':
        return {
          kind: 'conditional',
          test: this.fieldExpression(node, 'condition'),
          then: this.fieldExpression(node, 'consequence'),
          otherwise: this.fieldExpression(node, 'alternative'),
          at,
        }
      case 'await_expression':
        return { kind: 'await', value: inner(), at }
      case 'yield_expression':
        return { kind: 'yield', value: inner(), at }
      case 'spread_element':
        return { kind: 'spread', value: inner(), at }
      case 'parenthesized_expression':
      case 'as_expression':
      case 'satisfies_expression':
      case 'non_null_expression':
      case 'type_assertion':
        return inner()
      case 'sequence_expression': {
        const parts = namedOf(node).map((child) => this.expression(child))
        return { kind: 'unknown', parts, at }
      }
      case 'arrow_function':
      case 'function_expression':
      case 'generator_function':
        return { kind: 'lambda', fn: this.fn(node), at }
      case 'class':
        return { kind: 'class', cls: this.cls(node, []), at }
      case 'object':
        return { kind: 'object', entries: namedOf(node).flatMap((entry) => this.entry(entry)), at }
      case 'array':
        return { kind: 'list', items: namedOf(node).map((child) => this.expression(child)), at }
      default:
        return { kind: 'unknown', parts: namedOf(node).map((child) => this.expression(child)), at }
    }
  }

  private entry(node: SyntaxNode): { key?: string; value: Expression }[] {
    const { at } = node
    switch (node.type) {
      case 'shorthand_property_identifier':
        return [{ key: this.text(node), value: { kind: 'name', name: this.text(node), at } }]
      case 'pair': {
        const key = this.key(fieldOf(node, 'key'))
        const value = fieldOf(node, 'value')
        return value === undefined ? [] : [{ key, value: this.named(value, key) }]
      }
      case 'spread_element': {
        const [value] = namedOf(node)
        return value === undefined ? [] : [{ value: this.expression(value) }]
      }
      case 'method_definition': {
        const key = this.key(fieldOf(node, 'name'))
        return [{ key, value: { kind: 'lambda', fn: this.fn(node, key), at } }]
      }
      default:
        return []
    }
  }

  private template(node: SyntaxNode): Expression {
    const { at } = node
    const parts = node.children.flatMap((child): Expression[] => {
      if (child.type === 'string_fragment' || child.type === 'escape_sequence')
        return [{ kind: 'literal', value: this.text(child), at: child.at }]
      if (child.type !== 'template_substitution') return []
      const [value] = namedOf(child)
      return value === undefined ? [] : [this.expression(value)]
    })
    if (parts.every((part) => part.kind === 'literal'))
      return {
        kind: 'literal',
        value: parts.map((part) => (part.kind === 'literal' ? String(part.value) : '')).join(''),
        at,
      }
    return { kind: 'template', parts, at }
  }
}

/** `constructor(private readonly service: Service)` declares a field. */
function parameterProperties(methods: readonly FunctionIr[]): Field[] {
  const maker = methods.find((method) => method.name === 'constructor')
  return (maker?.params ?? []).flatMap(({ pattern, annotation, decorators }): Field[] =>
    pattern.kind !== 'name' || annotation === undefined
      ? []
      : [{ name: pattern.name, annotation, decorators, isStatic: false, at: pattern.at }],
  )
}

function namesOf(statement: Statement): string[] {
  if (statement.kind === 'function') return [statement.fn.name]
  if (statement.kind === 'class') return [statement.cls.name]
  return statement.kind === 'assign' ? patternNames(statement.target) : []
}

function patternNames(pattern: Pattern): string[] {
  switch (pattern.kind) {
    case 'name':
      return [pattern.name]
    case 'object':
      return pattern.entries.flatMap(({ target }) => patternNames(target))
    case 'list':
      return pattern.items.flatMap(patternNames)
    default:
      return []
  }
}

function isText(expression: Expression): boolean {
  return expression.kind === 'template' || (expression.kind === 'literal' && typeof expression.value === 'string')
}

function endsFlow(statements: readonly Statement[]): boolean {
  const last = statements.at(-1)
  if (last === undefined) return false
  if (last.kind === 'block') return endsFlow(last.body)
  if (last.kind === 'if') return endsFlow(last.then) && endsFlow(last.otherwise)
  return last.kind === 'break' || last.kind === 'return' || last.kind === 'throw' || last.kind === 'continue'
}

function lastName(text: string): string {
  return /([A-Za-z_$][\w$]*)$/.exec(text)?.[1] ?? ''
}
