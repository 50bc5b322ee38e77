/**
 * PHP's syntax tree as IR. Long because it is one table: a branch for each construct, and nothing else.
 *
 * Variables keep their `$`, so that `$hash` and `hash()` stay two things; namespaces keep their backslashes. What is
 * included is an import of everything, and what an included file returns is its main value.
 */
import type {
  Argument,
  ClassIr,
  Export,
  Expression,
  Field,
  FunctionIr,
  Module,
  Param,
  Pattern,
  Position,
  Statement,
} from './ir.ts'
import { Lowering } from './lowering.ts'
import { childOf, fieldOf, fieldsOf, namedOf, type Parsed, type SyntaxNode } from './syntax.ts'

export function lowerPhp(parsed: Parsed, text: string, file: string): Module {
  const lowering = new PhpLowering(text)
  const body = lowering.block(parsed.root)
  const answer = body.findLast((statement) => statement.kind === 'return')
  const exports: Export[] =
    answer?.kind === 'return' && answer.value !== undefined
      ? [{ name: 'default', value: answer.value, at: answer.at }]
      : []
  return {
    file,
    language: 'php',
    imports: lowering.imports,
    exports,
    body,
    unparsed: parsed.unparsed,
    length: text.length,
  }
}

const OPERATORS: Readonly<Record<string, string>> = {
  '===': '==',
  '!==': '!=',
  '<>': '!=',
  '&&': 'and',
  '||': 'or',
}
const CASTS: Readonly<Record<string, string>> = {
  string: 'String',
  binary: 'String',
  int: 'Number',
  integer: 'Number',
  float: 'Number',
  double: 'Number',
}
const BLOCKS = new Set(['program', 'compound_statement', 'colon_block', 'declaration_list', 'else_clause'])

class PhpLowering extends Lowering {
  block(node: SyntaxNode | undefined): Statement[] {
    if (node === undefined) return []
    if (!BLOCKS.has(node.type)) return this.statement(node)
    return namedOf(node).flatMap((child) => this.statement(child))
  }

  // ── statements ──────────────────────────────────────────────────────────────────────────────────────────────────

  private statement(node: SyntaxNode): Statement[] {
    const { at } = node
    const part = (field: string): Expression => this.expressionOr(fieldOf(node, field), at)
    switch (node.type) {
      case 'php_tag':
      case 'php_end_tag':
      case 'text':
      case 'text_interpolation':
      case 'comment':
      case 'declare_statement':
      case 'empty_statement':
      case 'named_label_statement':
      case 'goto_statement':
        return []
      case 'namespace_definition':
        return this.block(fieldOf(node, 'body'))
      case 'namespace_use_declaration':
        this.readUse(node)
        return []
      case 'expression_statement': {
        const [value] = namedOf(node)
        return value === undefined ? [] : this.expressionStatement(value)
      }
      case 'compound_statement':
      case 'colon_block':
        return [{ kind: 'block', body: this.block(node), at }]
      case 'return_statement': {
        const [value] = namedOf(node)
        return [{ kind: 'return', ...(value === undefined ? {} : { value: this.expression(value) }), at }]
      }
      case 'exit_statement':
        return [
          {
            kind: 'expression',
            value: call(
              'exit',
              namedOf(node).map((one) => this.expression(one)),
              at,
            ),
            at,
          },
        ]
      case 'echo_statement':
        return namedOf(node).map((value) => ({
          kind: 'expression',
          value: call('echo', this.sequence(value), at),
          at,
        }))
      case 'if_statement':
        return [this.ifStatement(node, fieldsOf(node, 'alternative'))]
      case 'foreach_statement':
        return [this.foreach(node)]
      case 'for_statement':
        return [
          ...fieldsOf(node, 'initialize').flatMap((one) => this.expressionStatement(one)),
          {
            kind: 'loop',
            ...(fieldOf(node, 'condition') === undefined ? {} : { test: part('condition') }),
            body: [
              ...this.block(fieldOf(node, 'body')),
              ...fieldsOf(node, 'update').flatMap((one) => this.expressionStatement(one)),
            ],
            at,
          },
        ]
      case 'while_statement':
      case 'do_statement':
        return [{ kind: 'loop', test: part('condition'), body: this.block(fieldOf(node, 'body')), at }]
      case 'break_statement':
        return [{ kind: 'break', at }]
      case 'continue_statement':
        return [{ kind: 'continue', at }]
      case 'try_statement':
        return [this.tryStatement(node)]
      case 'switch_statement':
        return [
          {
            kind: 'switch',
            on: part('condition'),
            cases: namedOf(fieldOf(node, 'body') ?? node)
              .filter((child) => child.type === 'case_statement' || child.type === 'default_statement')
              .map((clause) => {
                const value = fieldOf(clause, 'value')
                return {
                  tests: value === undefined ? [] : [this.expression(value)],
                  body: namedOf(clause)
                    .filter((child) => child !== value)
                    .flatMap((child) => this.statement(child)),
                  falls: true,
                }
              }),
            at,
          },
        ]
      case 'function_definition':
        return [{ kind: 'function', fn: this.fn(node), at }]
      case 'class_declaration':
      case 'trait_declaration':
      case 'interface_declaration':
      case 'enum_declaration':
        return [{ kind: 'class', cls: this.cls(node), at }]
      case 'const_declaration':
        return namedOf(node)
          .filter((child) => child.type === 'const_element')
          .flatMap((element): Statement[] => {
            const [name, value] = namedOf(element)
            if (name === undefined || value === undefined) return []
            const target: Pattern = { kind: 'name', name: this.text(name), at: element.at }
            return [{ kind: 'assign', target, value: this.expression(value), at: element.at }]
          })
      case 'function_static_declaration':
        return namedOf(node).flatMap((child): Statement[] => {
          const name = fieldOf(child, 'name')
          const value = fieldOf(child, 'value')
          if (name === undefined || value === undefined) return []
          return [{ kind: 'assign', target: this.pattern(name), value: this.expression(value), at: child.at }]
        })
      case 'unset_statement':
        return namedOf(node).map((child) => ({
          kind: 'expression',
          value: { kind: 'unary', operator: 'delete', operand: this.expression(child), at },
          at,
        }))
      case 'global_declaration':
        return []
      case 'ERROR':
        return namedOf(node).flatMap((child) =>
          /_(?:statement|definition|declaration)$/.test(child.type) ? this.statement(child) : [],
        )
      default:
        return this.expressionStatement(node)
    }
  }

  private expressionStatement(node: SyntaxNode): Statement[] {
    const { at } = node
    switch (node.type) {
      case 'assignment_expression':
      case 'reference_assignment_expression':
      case 'augmented_assignment_expression':
        return this.assignment(node)
      case 'throw_expression': {
        const [value] = namedOf(node)
        return [{ kind: 'throw', ...(value === undefined ? {} : { value: this.expression(value) }), at }]
      }
      case 'function_call_expression': {
        const defined = this.defined(node)
        return [defined ?? { kind: 'expression', value: this.expression(node), at }]
      }
      case 'sequence_expression':
        return namedOf(node).flatMap((child) => this.expressionStatement(child))
      default:
        return [{ kind: 'expression', value: this.expression(node), at }]
    }
  }

  /** `define('X', …)` declares a constant. */
  private defined(node: SyntaxNode): Statement | undefined {
    if (this.text(fieldOf(node, 'function')) !== 'define') return undefined
    const [name, value] = this.args(fieldOf(node, 'arguments'))
    if (name?.value.kind !== 'literal' || typeof name.value.value !== 'string' || value === undefined) return undefined
    return {
      kind: 'assign',
      target: { kind: 'name', name: name.value.value, at: node.at },
      value: value.value,
      at: node.at,
    }
  }

  private assignment(node: SyntaxNode): Statement[] {
    const { at } = node
    const left = fieldOf(node, 'left')
    const right = fieldOf(node, 'right')
    if (left === undefined || right === undefined) return []
    const value = this.expression(right)
    if (node.type === 'augmented_assignment_expression') {
      const written = this.text(fieldOf(node, 'operator')).replace(/=$/, '')
      const operator = written === '.' ? '+' : (OPERATORS[written] ?? written)
      return [{ kind: 'assign', target: this.pattern(left), value, operator, at }]
    }
    // `$list[] = $x` appends.
    if (left.type === 'subscript_expression' && namedOf(left).length === 1)
      return [{ kind: 'expression', value: method(this.expressionOr(namedOf(left)[0], at), 'push', [value], at), at }]
    return [{ kind: 'assign', target: this.pattern(left), value, at }]
  }

  private ifStatement(node: SyntaxNode, alternatives: readonly SyntaxNode[]): Statement {
    const [next, ...rest] = alternatives
    const otherwise =
      next === undefined
        ? []
        : next.type === 'else_if_clause'
          ? [this.ifStatement(next, rest)]
          : this.block(fieldOf(next, 'body'))
    return {
      kind: 'if',
      test: this.expressionOr(fieldOf(node, 'condition'), node.at),
      then: this.block(fieldOf(node, 'body')),
      otherwise,
      at: node.at,
    }
  }

  private foreach(node: SyntaxNode): Statement {
    const [over, target] = namedOf(node).filter((child) => child.field !== 'body')
    const value = target?.type === 'pair' ? namedOf(target).at(-1) : target
    const key = target?.type === 'pair' ? namedOf(target)[0] : undefined
    return {
      kind: 'loop',
      ...(value === undefined ? {} : { target: this.pattern(value) }),
      ...(over === undefined ? {} : { over: this.expression(over) }),
      body: [
        ...(key === undefined || over === undefined
          ? []
          : [
              {
                kind: 'assign' as const,
                target: this.pattern(key),
                value: { kind: 'unknown' as const, parts: [this.expression(over)], at: key.at },
                at: key.at,
              },
            ]),
        ...this.block(fieldOf(node, 'body')),
      ],
      at: node.at,
    }
  }

  private tryStatement(node: SyntaxNode): Statement {
    const last = childOf(node, 'finally_clause')
    return {
      kind: 'try',
      body: this.block(fieldOf(node, 'body')),
      handlers: node.children
        .filter((child) => child.type === 'catch_clause')
        .map((clause) => {
          const type = fieldOf(clause, 'type')
          const name = fieldOf(clause, 'name')
          return {
            types: type === undefined ? [] : namedOf(type).map((one) => this.typeName(one)),
            ...(name === undefined ? {} : { target: this.pattern(name) }),
            body: this.block(fieldOf(clause, 'body')),
            at: clause.at,
          }
        }),
      otherwise: [],
      last: last === undefined ? [] : this.block(fieldOf(last, 'body')),
      at: node.at,
    }
  }

  private readUse(node: SyntaxNode): void {
    const group = fieldOf(node, 'body')
    const prefix = group === undefined ? '' : `${this.text(childOf(node, 'namespace_name'))}\\`
    for (const clause of namedOf(group ?? node)) {
      if (clause.type !== 'namespace_use_clause' && clause.type !== 'namespace_use_group_clause') continue
      const alias = fieldOf(clause, 'alias')
      const name = namedOf(clause).find((child) => child !== alias && child.field !== 'type')
      const source = `${prefix}${this.text(name)}`.replace(/^\\/, '')
      this.imports.push({
        local: alias === undefined ? (source.split('\\').at(-1) ?? source) : this.text(alias),
        source,
        imported: 'default',
        at: clause.at,
      })
    }
  }

  // ── definitions ─────────────────────────────────────────────────────────────────────────────────────────────────

  private fn(node: SyntaxNode): FunctionIr {
    const params = fieldOf(node, 'parameters')
    const body = fieldOf(node, 'body')
    const name = this.text(fieldOf(node, 'name'))
    const statements: Statement[] =
      body === undefined
        ? []
        : node.type === 'arrow_function'
          ? [{ kind: 'return', value: this.expression(body), at: body.at }]
          : this.block(body)
    return {
      name: name === '__construct' ? 'constructor' : name,
      params: this.params(params),
      body: [...this.promoted(params), ...statements],
      decorators: this.attributes(node),
      isAsync: false,
      isGenerator: body !== undefined && hasYield(body),
      at: fieldOf(node, 'name')?.at ?? node.at,
    }
  }

  /** `__construct(private string $secret)` assigns the field. */
  private promoted(params: SyntaxNode | undefined): Statement[] {
    if (params === undefined) return []
    return namedOf(params)
      .filter((param) => param.type === 'property_promotion_parameter')
      .flatMap((param): Statement[] => {
        const name = fieldOf(param, 'name')
        if (name === undefined) return []
        const { at } = param
        const target: Expression = {
          kind: 'member',
          object: { kind: 'name', name: 'this', at },
          property: this.text(name).slice(1),
          optional: false,
          at,
        }
        return [{ kind: 'assign', target: { kind: 'place', target, at }, value: this.expression(name), at }]
      })
  }

  private params(node: SyntaxNode | undefined): Param[] {
    if (node === undefined) return []
    return namedOf(node).flatMap((param): Param[] => {
      const name = fieldOf(param, 'name')
      const type = fieldOf(param, 'type')
      const value = fieldOf(param, 'default_value')
      if (name === undefined || !/_parameter$/.test(param.type)) return []
      return [
        {
          pattern: this.pattern(name),
          ...(value === undefined ? {} : { initial: this.expression(value) }),
          ...(type === undefined ? {} : { annotation: this.typeName(type) }),
          decorators: this.attributes(param),
          ...(param.type === 'variadic_parameter' ? { rest: 'list' as const } : {}),
        },
      ]
    })
  }

  private typeName(node: SyntaxNode): Expression {
    const { at } = node
    if (node.type === 'name' || node.type === 'qualified_name' || node.type === 'primitive_type')
      return { kind: 'name', name: this.qualified(node), at }
    const [inner] = namedOf(node)
    return inner === undefined ? { kind: 'name', name: this.qualified(node), at } : this.typeName(inner)
  }

  private attributes(node: SyntaxNode): Expression[] {
    const list = fieldOf(node, 'attributes')
    if (list === undefined) return []
    return namedOf(list)
      .flatMap((group) => (group.type === 'attribute_group' ? namedOf(group) : [group]))
      .filter((attribute) => attribute.type === 'attribute')
      .flatMap((attribute): Expression[] => {
        const [name] = namedOf(attribute)
        if (name === undefined) return []
        const callee: Expression = { kind: 'name', name: this.qualified(name), at: attribute.at }
        return [
          {
            kind: 'call',
            callee,
            args: this.args(fieldOf(attribute, 'parameters')),
            isNew: false,
            at: attribute.at,
          },
        ]
      })
  }

  private cls(node: SyntaxNode): ClassIr {
    const body = fieldOf(node, 'body')
    const base = childOf(node, 'base_clause')
    const interfaces = childOf(node, 'class_interface_clause')
    const parts = body === undefined ? [] : namedOf(body)
    const traits = parts.filter((part) => part.type === 'use_declaration').flatMap((part) => namedOf(part))
    const named = (one: SyntaxNode): Expression => ({ kind: 'name', name: this.qualified(one), at: one.at })
    const names = (list: readonly SyntaxNode[]): Expression[] =>
      list.filter((one) => one.type === 'name' || one.type === 'qualified_name').map(named)
    return {
      name: this.text(fieldOf(node, 'name')),
      bases: [
        ...names(traits),
        ...(base === undefined ? [] : names(namedOf(base))),
        ...(interfaces === undefined ? [] : names(namedOf(interfaces))),
      ],
      decorators: this.attributes(node),
      methods: parts.filter((part) => part.type === 'method_declaration').map((part) => this.fn(part)),
      fields: parts.flatMap((part) => this.fields(part)),
      at: fieldOf(node, 'name')?.at ?? node.at,
    }
  }

  private fields(part: SyntaxNode): Field[] {
    if (part.type === 'const_declaration')
      return namedOf(part)
        .filter((child) => child.type === 'const_element')
        .flatMap((element): Field[] => {
          const [name, value] = namedOf(element)
          if (name === undefined || value === undefined) return []
          return [
            {
              name: this.text(name),
              value: this.expression(value),
              decorators: [],
              isStatic: true,
              at: element.at,
            },
          ]
        })
    if (part.type === 'enum_case') {
      const value = fieldOf(part, 'value')
      return [
        {
          name: this.text(fieldOf(part, 'name')),
          ...(value === undefined ? {} : { value: this.expression(value) }),
          decorators: [],
          isStatic: true,
          at: part.at,
        },
      ]
    }
    if (part.type !== 'property_declaration') return []
    const type = fieldOf(part, 'type')
    return namedOf(part)
      .filter((child) => child.type === 'property_element')
      .map((element): Field => {
        const value = fieldOf(element, 'default_value')
        return {
          name: this.text(fieldOf(element, 'name')).slice(1),
          ...(value === undefined ? {} : { value: this.expression(value) }),
          ...(type === undefined ? {} : { annotation: this.typeName(type) }),
          decorators: [],
          isStatic: childOf(part, 'static_modifier') !== undefined,
          at: element.at,
        }
      })
  }

  private pattern(node: SyntaxNode): Pattern {
    const { at } = node
    if (node.type === 'variable_name') {
      const name = this.text(node)
      return name === '$this' ? { kind: 'place', target: this.expression(node), at } : { kind: 'name', name, at }
    }
    if (node.type === 'by_ref' || node.type === 'reference_modifier') {
      const [inner] = namedOf(node)
      return inner === undefined ? { kind: 'list', items: [], at } : this.pattern(inner)
    }
    if (node.type === 'list_literal' || node.type === 'array_creation_expression') return this.listPattern(node)
    return { kind: 'place', target: this.expression(node), at }
  }

  /** `[$a, 'key' => $b]` */
  private listPattern(node: SyntaxNode): Pattern {
    const { at } = node
    const elements = namedOf(node).map((child) =>
      child.type === 'array_element_initializer' ? namedOf(child) : [child],
    )
    const keyed = elements.flatMap((parts): { key: string; target: Pattern }[] => {
      const [key, value] = parts
      return key !== undefined && value !== undefined ? [{ key: this.literalOf(key), target: this.pattern(value) }] : []
    })
    if (keyed.length > 0) return { kind: 'object', entries: keyed, at }
    const items = elements.flat()
    // The grammar gives keys and targets of `list(…)` side by side.
    const pairs = items.flatMap((item, index): { key: string; target: Pattern }[] => {
      const target = items[index + 1]
      return item.type !== 'string' || target === undefined
        ? []
        : [{ key: this.literalOf(item), target: this.pattern(target) }]
    })
    if (pairs.length > 0) return { kind: 'object', entries: pairs, at }
    return { kind: 'list', items: items.map((item) => this.pattern(item)), at }
  }

  private literalOf(node: SyntaxNode): string {
    const value = this.expression(node)
    return value.kind === 'literal' && value.value !== undefined ? String(value.value) : '*'
  }

  // ── expressions ─────────────────────────────────────────────────────────────────────────────────────────────────

  private qualified(node: SyntaxNode): string {
    return this.text(node).replace(/\s+/g, '').replace(/^\\/, '')
  }

  private sequence(node: SyntaxNode): Expression[] {
    return node.type === 'sequence_expression'
      ? namedOf(node).map((child) => this.expression(child))
      : [this.expression(node)]
  }

  protected override expression(node: SyntaxNode): Expression {
    const { at } = node
    const part = (field: string): Expression => this.expressionOr(fieldOf(node, field), at)
    const first = (): Expression => this.expressionOr(namedOf(node)[0], at)
    switch (node.type) {
      case 'variable_name': {
        const name = this.text(node)
        return { kind: 'name', name: name === '$this' ? 'this' : name, at }
      }
      case 'relative_scope':
        return { kind: 'name', name: this.text(node) === 'parent' ? 'super' : 'self', at }
      case 'name':
      case 'qualified_name':
      case 'namespace_name':
        return { kind: 'name', name: this.qualified(node), at }
      case 'null':
        return { kind: 'literal', value: null, at }
      case 'boolean':
        return { kind: 'literal', value: /^true$/i.test(this.text(node)), at }
      case 'integer':
      case 'float':
        return { kind: 'literal', value: Number(this.text(node).replaceAll('_', '')), at }
      case 'string':
      case 'encapsed_string':
      case 'heredoc':
      case 'nowdoc':
      case 'heredoc_body':
      case 'nowdoc_body':
        return this.textual(node)
      case 'shell_command_expression':
        return call('shell_exec', [this.textual(node)], at)
      case 'parenthesized_expression':
      case 'error_suppression_expression':
      case 'print_intrinsic':
      case 'clone_expression':
      case 'variadic_unpacking':
      case 'by_ref':
        return node.type === 'print_intrinsic' ? call('echo', [first()], at) : first()
      case 'cast_expression': {
        const cast = CASTS[this.text(fieldOf(node, 'type')).toLowerCase()]
        return cast === undefined ? part('value') : call(cast, [part('value')], at)
      }
      case 'unary_op_expression': {
        const operator = this.text(fieldOf(node, 'operator'))
        const operand = this.expressionOr(fieldOf(node, 'argument') ?? namedOf(node)[0], at)
        if (operator === '-' && operand.kind === 'literal' && typeof operand.value === 'number')
          return { kind: 'literal', value: -operand.value, at }
        return { kind: 'unary', operator: operator === '!' ? 'not' : operator, operand, at }
      }
      case 'update_expression': {
        const argument = fieldOf(node, 'argument')
        if (argument === undefined) return { kind: 'unknown', parts: [], at }
        const operator = this.text(fieldOf(node, 'operator')).slice(0, 1)
        return {
          kind: 'assign',
          target: this.pattern(argument),
          value: { kind: 'literal', value: 1, at },
          operator: operator === '' ? '+' : operator,
          at,
        }
      }
      case 'binary_expression':
        return this.binary(node)
      case 'conditional_expression': {
        const body = fieldOf(node, 'body')
        if (body === undefined)
          return { kind: 'binary', operator: 'or', left: part('condition'), right: part('alternative'), at }
        return {
          kind: 'conditional',
          test: part('condition'),
          then: this.expression(body),
          otherwise: part('alternative'),
          at,
        }
      }
      case 'match_expression':
        return this.matched(node)
      case 'throw_expression':
        return call('throw', [first()], at)
      case 'exit_statement':
        return call(
          'exit',
          namedOf(node).map((one) => this.expression(one)),
          at,
        )
      case 'assignment_expression':
      case 'reference_assignment_expression':
      case 'augmented_assignment_expression': {
        const [made] = this.assignment(node)
        if (made?.kind === 'assign') return made
        return made?.kind === 'expression' ? made.value : { kind: 'unknown', parts: [], at }
      }
      case 'member_access_expression':
      case 'nullsafe_member_access_expression':
        return this.member(node)
      case 'class_constant_access_expression': {
        const [scope, name] = namedOf(node)
        const object = this.expressionOr(scope, at)
        if (name === undefined || this.text(name) === 'class') return object
        return { kind: 'member', object, property: this.text(name), optional: false, at }
      }
      case 'scoped_property_access_expression':
        return {
          kind: 'member',
          object: part('scope'),
          property: this.text(fieldOf(node, 'name')).replace(/^\$/, ''),
          optional: false,
          at,
        }
      case 'subscript_expression': {
        const [object, index] = namedOf(node)
        const inner = this.expressionOr(object, at)
        if (index === undefined) return inner
        // `"$row[name]"` needs no quotes inside a text.
        const key: Expression =
          index.type === 'name' ? { kind: 'literal', value: this.text(index), at: index.at } : this.expression(index)
        return { kind: 'index', object: inner, index: key, at }
      }
      case 'function_call_expression':
        return this.functionCall(node)
      case 'member_call_expression':
      case 'nullsafe_member_call_expression':
        return {
          kind: 'call',
          callee: this.member(node),
          args: this.args(fieldOf(node, 'arguments')),
          isNew: false,
          at,
        }
      case 'scoped_call_expression':
        return {
          kind: 'call',
          callee: {
            kind: 'member',
            object: part('scope'),
            property: this.text(fieldOf(node, 'name')),
            optional: false,
            at,
          },
          args: this.args(fieldOf(node, 'arguments')),
          isNew: false,
          at,
        }
      case 'object_creation_expression':
        return this.created(node)
      case 'require_expression':
      case 'require_once_expression':
      case 'include_expression':
      case 'include_once_expression':
        return this.included(node)
      case 'anonymous_function':
      case 'anonymous_function_creation_expression':
      case 'arrow_function':
        return { kind: 'lambda', fn: this.fn(node), at }
      case 'array_creation_expression':
        return this.array(node)
      case 'array_element_initializer':
      case 'list_literal':
        return { kind: 'list', items: namedOf(node).map((child) => this.expression(child)), at }
      case 'yield_expression':
        return { kind: 'yield', value: first(), at }
      default:
        return { kind: 'unknown', parts: namedOf(node).map((child) => this.expression(child)), at }
    }
  }

  private member(node: SyntaxNode): Expression {
    const name = fieldOf(node, 'name')
    const object = this.expressionOr(fieldOf(node, 'object'), node.at)
    const optional = node.type.startsWith('nullsafe')
    if (name === undefined || name.type === 'name')
      return { kind: 'member', object, property: this.text(name), optional, at: name?.at ?? node.at }
    return { kind: 'index', object, index: this.expression(name), at: node.at }
  }

  private binary(node: SyntaxNode): Expression {
    const { at } = node
    const written = this.text(fieldOf(node, 'operator')).toLowerCase()
    const left = this.expressionOr(fieldOf(node, 'left'), at)
    const right = this.expressionOr(fieldOf(node, 'right'), at)
    if (written === '.') return joined([left, right], at)
    return { kind: 'binary', operator: OPERATORS[written] ?? written, left, right, at }
  }

  /** `match` is a chain of conditions. */
  private matched(node: SyntaxNode): Expression {
    const { at } = node
    const subject = this.expressionOr(fieldOf(node, 'condition'), at)
    const arms = namedOf(fieldOf(node, 'body') ?? node)
    const fallback = arms.find((arm) => arm.type === 'match_default_expression')
    const last: Expression =
      fallback === undefined ? call('throw', [], at) : this.expressionOr(fieldOf(fallback, 'return_expression'), at)
    return arms
      .filter((arm) => arm.type === 'match_conditional_expression')
      .reduceRight((otherwise: Expression, arm) => {
        const tests = namedOf(fieldOf(arm, 'conditional_expressions') ?? arm).map((one): Expression => {
          const value = this.expression(one)
          return subject.kind === 'literal' && subject.value === true
            ? value
            : { kind: 'binary', operator: '==', left: subject, right: value, at: one.at }
        })
        const [first, ...rest] = tests
        if (first === undefined) return otherwise
        return {
          kind: 'conditional',
          test: rest.reduce((left: Expression, right) => ({ kind: 'binary', operator: 'or', left, right, at }), first),
          then: this.expressionOr(fieldOf(arm, 'return_expression'), at),
          otherwise,
          at: arm.at,
        }
      }, last)
  }

  private functionCall(node: SyntaxNode): Expression {
    const { at } = node
    const target = fieldOf(node, 'function')
    const args = this.args(fieldOf(node, 'arguments'))
    const name = target?.type === 'name' || target?.type === 'qualified_name' ? this.qualified(target) : ''
    const [first] = args
    if (/^(?:exit|die)$/i.test(name))
      return call(
        'exit',
        args.map((arg) => arg.value),
        at,
      )
    if (/^empty$/i.test(name) && first !== undefined) return not(first.value)
    if (/^(?:is_null)$/i.test(name) && first !== undefined) return isNull(first.value, '==', at)
    if (/^isset$/i.test(name) && first !== undefined)
      return args.slice(1).reduce(
        (left: Expression, arg) => ({
          kind: 'binary',
          operator: 'and',
          left,
          right: isNull(arg.value, '!=', at),
          at,
        }),
        isNull(first.value, '!=', at),
      )
    return {
      kind: 'call',
      callee: target === undefined ? { kind: 'unknown', parts: [], at } : this.expression(target),
      args,
      isNew: false,
      at,
    }
  }

  private created(node: SyntaxNode): Expression {
    const { at } = node
    const anonymous = childOf(node, 'anonymous_class')
    if (anonymous !== undefined) return { kind: 'class', cls: this.cls(anonymous), at }
    const [target] = namedOf(node).filter((child) => child.type !== 'arguments')
    return {
      kind: 'call',
      callee: this.expressionOr(target, at),
      args: this.args(childOf(node, 'arguments')),
      isNew: true,
      at,
    }
  }

  private included(node: SyntaxNode): Expression {
    const { at } = node
    const [target] = namedOf(node)
    const value = this.expressionOr(target, at)
    const source = includePath(value)
    if (source !== undefined) this.imports.push({ local: '*', source, imported: '*', at })
    const arg: Expression = source === undefined ? value : { kind: 'literal', value: source, at }
    return call('require', [arg], at)
  }

  private args(list: SyntaxNode | undefined): Argument[] {
    if (list === undefined) return []
    return namedOf(list)
      .filter((arg) => arg.type === 'argument')
      .flatMap((arg): Argument[] => {
        const name = fieldOf(arg, 'name')
        const value = namedOf(arg).find((child) => child !== name)
        if (value === undefined) return []
        if (value.type === 'variadic_unpacking')
          return [{ value: this.expressionOr(namedOf(value)[0], value.at), spread: true }]
        return [{ value: this.expression(value), ...(name === undefined ? {} : { name: this.text(name) }) }]
      })
  }

  private array(node: SyntaxNode): Expression {
    const { at } = node
    const elements = namedOf(node).filter((child) => child.type === 'array_element_initializer')
    const isMap = elements.some((element) => element.children.some((child) => child.type === '=>'))
    if (!isMap)
      return {
        kind: 'list',
        items: elements.map((element) => {
          const [value] = namedOf(element)
          if (value?.type === 'variadic_unpacking')
            return { kind: 'spread', value: this.expressionOr(namedOf(value)[0], value.at), at: value.at }
          return this.expressionOr(value, element.at)
        }),
        at,
      }
    return {
      kind: 'object',
      entries: elements.map((element) => {
        const [key, value] = namedOf(element)
        if (key === undefined) return { value: { kind: 'unknown', parts: [], at: element.at } }
        if (value === undefined)
          return key.type === 'variadic_unpacking'
            ? { value: this.expressionOr(namedOf(key)[0], key.at) }
            : { key: '*', value: this.expression(key) }
        return { key: this.literalOf(key), value: this.expression(value) }
      }),
      at,
    }
  }

  private textual(node: SyntaxNode): Expression {
    const { at } = node
    const inner =
      node.type === 'heredoc' || node.type === 'nowdoc' ? (fieldOf(node, 'value')?.children ?? []) : node.children
    const parts = inner.flatMap((child): Expression[] => {
      if (child.type === 'string_content' || child.type === 'nowdoc_string' || child.type === 'string_value')
        return [{ kind: 'literal', value: this.text(child), at: child.at }]
      if (child.type === 'escape_sequence')
        return [{ kind: 'literal', value: unescaped(this.text(child)), at: child.at }]
      return child.named ? [this.expression(child)] : []
    })
    return joined(parts, at)
  }
}

// ── shapes ────────────────────────────────────────────────────────────────────────────────────────────────────────

function call(name: string, values: readonly Expression[], at: Position): Expression {
  return {
    kind: 'call',
    callee: { kind: 'name', name, at },
    args: values.map((value) => ({ value })),
    isNew: false,
    at,
  }
}

function method(object: Expression, property: string, values: readonly Expression[], at: Position): Expression {
  return {
    kind: 'call',
    callee: { kind: 'member', object, property, optional: false, at },
    args: values.map((value) => ({ value })),
    isNew: false,
    at,
  }
}

function not(operand: Expression): Expression {
  return { kind: 'unary', operator: 'not', operand, at: operand.at }
}

function isNull(left: Expression, operator: '==' | '!=', at: Position): Expression {
  return { kind: 'binary', operator, left, right: { kind: 'literal', value: null, at }, at }
}

function joined(parts: readonly Expression[], at: Position): Expression {
  if (parts.every((part) => part.kind === 'literal'))
    return {
      kind: 'literal',
      value: parts.map((part) => (part.kind === 'literal' ? String(part.value ?? '') : '')).join(''),
      at,
    }
  return { kind: 'template', parts: parts.flatMap((part) => (part.kind === 'template' ? part.parts : [part])), at }
}

function unescaped(text: string): string {
  return { '\\n': '\n', '\\t': '\t', '\\r': '\r', '\\0': '\0' }[text] ?? text.slice(1)
}

/** `__DIR__ . '/x.php'`, `dirname(__FILE__) . '/x.php'`, `dirname(__DIR__) . '/x.php'`, `'x.php'`. */
function includePath(value: Expression): string | undefined {
  if (value.kind === 'literal' && typeof value.value === 'string')
    return value.value.startsWith('.') || value.value.startsWith('/') ? value.value : `./${value.value}`
  if (value.kind !== 'template') return undefined
  const [base, ...rest] = value.parts
  const folder = base === undefined ? undefined : folderOf(base)
  if (folder === undefined || !rest.every((part) => part.kind === 'literal')) return undefined
  return `${folder}${rest.map((part) => (part.kind === 'literal' ? String(part.value ?? '') : '')).join('')}`
}

function folderOf(value: Expression): string | undefined {
  if (value.kind === 'name') return value.name === '__DIR__' ? '.' : undefined
  if (value.kind !== 'call' || value.callee.kind !== 'name' || value.callee.name !== 'dirname') return undefined
  const [of, levels] = value.args
  if (of?.value.kind === 'name' && of.value.name === '__FILE__') return '.'
  const inner = of === undefined ? undefined : folderOf(of.value)
  const up = levels?.value.kind === 'literal' && typeof levels.value.value === 'number' ? levels.value.value : 1
  return inner === undefined ? undefined : `${inner}${'/..'.repeat(Math.min(up, 8))}`
}

function hasYield(node: SyntaxNode): boolean {
  return node.children.some(
    (child) => child.type === 'yield_expression' || (!/function|closure|class/.test(child.type) && hasYield(child)),
  )
}
