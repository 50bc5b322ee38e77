/** Python's syntax tree as IR. Long because it is one table: a branch for each construct, and nothing else. */
import { columnConditions } from './column-conditions.ts'
import type {
  Argument,
  ClassIr,
  Expression,
  Field,
  FunctionIr,
  Module,
  Param,
  Pattern,
  Statement,
  TryStatement,
} from './ir.ts'
import { Lowering } from './lowering.ts'
import { childOf, fieldOf, fieldsOf, namedOf, type Parsed, type SyntaxNode } from './syntax.ts'

export function lowerPython(parsed: Parsed, text: string, file: string): Module {
  const lowering = new PythonLowering(text)
  const body = lowering.block(parsed.root)
  return {
    file,
    language: 'python',
    imports: lowering.imports,
    exports: [],
    body,
    reassigned: lowering.reassigned,
    unparsed: parsed.unparsed,
    length: text.length,
  }
}

const COMPARISONS: Readonly<Record<string, string>> = { is: '==', 'is not': '!=', '<>': '!=' }

class PythonLowering extends Lowering {
  block(node: SyntaxNode | undefined): Statement[] {
    return node === undefined ? [] : namedOf(node).flatMap((child) => this.statement(child))
  }

  private statement(node: SyntaxNode): Statement[] {
    const { at } = node
    switch (node.type) {
      case 'import_statement':
      case 'import_from_statement':
        this.readImport(node)
        return []
      case 'expression_statement':
        return namedOf(node).flatMap((child) => this.expressionStatement(child))
      case 'return_statement': {
        const value = namedOf(node)[0]
        return [{ kind: 'return', ...(value === undefined ? {} : { value: this.expression(value) }), at }]
      }
      case 'raise_statement': {
        const value = namedOf(node)[0]
        return [{ kind: 'throw', ...(value === undefined ? {} : { value: this.expression(value) }), at }]
      }
      case 'assert_statement': {
        const [test] = namedOf(node)
        if (test === undefined) return []
        return [{ kind: 'if', test: this.expression(test), then: [], otherwise: [{ kind: 'throw', at }], at }]
      }
      case 'break_statement':
        return [{ kind: 'break', at }]
      case 'continue_statement':
        return [{ kind: 'continue', at }]
      case 'if_statement':
        return [this.ifStatement(node, fieldsOf(node, 'alternative'))]
      case 'for_statement': {
        const over = fieldOf(node, 'right')
        const left = fieldOf(node, 'left')
        return [
          {
            kind: 'loop',
            ...(left === undefined ? {} : { target: this.pattern(left) }),
            ...(over === undefined ? {} : { over: this.expression(over) }),
            body: this.block(fieldOf(node, 'body')),
            at,
          },
        ]
      }
      case 'while_statement': {
        const test = fieldOf(node, 'condition')
        return [
          {
            kind: 'loop',
            ...(test === undefined ? {} : { test: this.expression(test) }),
            body: this.block(fieldOf(node, 'body')),
            at,
          },
        ]
      }
      case 'try_statement':
        return [this.tryStatement(node)]
      case 'with_statement':
        return [
          {
            kind: 'with',
            items: namedOf(childOf(node, 'with_clause') ?? node)
              .filter((item) => item.type === 'with_item')
              .map((item) => this.withItem(item)),
            body: this.block(fieldOf(node, 'body')),
            at,
          },
        ]
      case 'match_statement':
        return [this.matchStatement(node)]
      case 'function_definition':
        return [{ kind: 'function', fn: this.fn(node, []), at }]
      case 'class_definition':
        return [{ kind: 'class', cls: this.cls(node, []), at }]
      case 'decorated_definition': {
        const decorators = this.decorators(node)
        const definition = fieldOf(node, 'definition')
        if (definition?.type === 'function_definition')
          return [{ kind: 'function', fn: this.fn(definition, decorators), at: definition.at }]
        if (definition?.type === 'class_definition')
          return [{ kind: 'class', cls: this.cls(definition, decorators), at: definition.at }]
        return []
      }
      case 'global_statement':
        for (const name of namedOf(node)) this.reassigned.add(this.text(name))
        return []
      case 'pass_statement':
      case 'nonlocal_statement':
      case 'comment':
      case 'type_alias_statement':
        return []
      case 'delete_statement':
        return namedOf(node).map((child) => ({
          kind: 'expression',
          value: { kind: 'unary', operator: 'delete', operand: this.expression(child), at },
          at,
        }))
      case 'ERROR':
      case 'block':
        return namedOf(node).flatMap((child) =>
          child.type.endsWith('_statement') || child.type.endsWith('_definition') || child.type === 'ERROR'
            ? this.statement(child)
            : [],
        )
      default:
        return this.expressionStatement(node)
    }
  }

  private expressionStatement(node: SyntaxNode): Statement[] {
    const { at } = node
    if (node.type === 'assignment') {
      const left = fieldOf(node, 'left')
      const right = fieldOf(node, 'right')
      if (left === undefined || right === undefined) return []
      // `a = b = c` is two assignments of one value.
      if (right.type === 'assignment') {
        const inner = this.expressionStatement(right)
        const last = fieldOf(right, 'left')
        return last === undefined
          ? inner
          : [...inner, { kind: 'assign', target: this.pattern(left), value: this.expression(last), at }]
      }
      return [{ kind: 'assign', target: this.pattern(left), value: this.expression(right), at }]
    }
    if (node.type === 'augmented_assignment') {
      const left = fieldOf(node, 'left')
      const right = fieldOf(node, 'right')
      const operator = this.text(fieldOf(node, 'operator')).replace(/=$/, '')
      if (left === undefined || right === undefined) return []
      return [{ kind: 'assign', target: this.pattern(left), value: this.expression(right), operator, at }]
    }
    return [{ kind: 'expression', value: this.expression(node), at }]
  }

  private ifStatement(node: SyntaxNode, alternatives: readonly SyntaxNode[]): Statement {
    const test = fieldOf(node, 'condition')
    const [next, ...rest] = alternatives
    const otherwise =
      next === undefined
        ? []
        : next.type === 'elif_clause'
          ? [this.ifStatement(next, rest)]
          : this.block(fieldOf(next, 'body'))
    return {
      kind: 'if',
      test: test === undefined ? { kind: 'unknown', parts: [], at: node.at } : this.expression(test),
      then: this.block(fieldOf(node, 'consequence')),
      otherwise,
      at: node.at,
    }
  }

  private tryStatement(node: SyntaxNode): TryStatement {
    const otherwise = childOf(node, 'else_clause')
    const last = childOf(node, 'finally_clause')
    const importsBefore = this.imports.length
    const body = this.block(fieldOf(node, 'body'))
    const imported = new Set(this.imports.slice(importsBefore).map(({ local }) => local))
    return {
      kind: 'try',
      body,
      handlers: node.children
        .filter((child) => child.type === 'except_clause' || child.type === 'except_group_clause')
        .map((clause) => {
          const block = childOf(clause, 'block')
          const values = namedOf(clause).filter((child) => child.type !== 'block')
          const alias = values[0]?.type === 'as_pattern' ? fieldOf(values[0], 'alias') : values[1]
          const type = values[0]?.type === 'as_pattern' ? namedOf(values[0])[0] : values[0]
          const types =
            type === undefined
              ? []
              : type.type === 'tuple'
                ? namedOf(type).map((one) => this.expression(one))
                : [this.expression(type)]
          const target = alias === undefined ? undefined : this.pattern(alias)
          return {
            types,
            ...(target === undefined ? {} : { target }),
            body: withoutStandIns(this.block(block), imported),
            at: clause.at,
          }
        }),
      otherwise: otherwise === undefined ? [] : this.block(fieldOf(otherwise, 'body')),
      last: last === undefined ? [] : this.block(childOf(last, 'block')),
      at: node.at,
    }
  }

  private withItem(item: SyntaxNode): { value: Expression; target?: Pattern } {
    const value = fieldOf(item, 'value') ?? namedOf(item)[0]
    if (value === undefined) return { value: { kind: 'unknown', parts: [], at: item.at } }
    if (value.type !== 'as_pattern') return { value: this.expression(value) }
    const alias = fieldOf(value, 'alias')
    const [what] = namedOf(value)
    return {
      value: what === undefined ? { kind: 'unknown', parts: [], at: item.at } : this.expression(what),
      ...(alias === undefined ? {} : { target: this.pattern(alias) }),
    }
  }

  private matchStatement(node: SyntaxNode): Statement {
    const subject = fieldOf(node, 'subject')
    const body = fieldOf(node, 'body')
    return {
      kind: 'switch',
      on: subject === undefined ? { kind: 'unknown', parts: [], at: node.at } : this.expression(subject),
      cases: (body === undefined ? [] : namedOf(body))
        .filter((child) => child.type === 'case_clause')
        .map((clause) => ({
          tests: namedOf(clause)
            .filter((child) => child.type === 'case_pattern')
            .flatMap(namedOf)
            .flatMap((child) => (child.type === 'union_pattern' ? namedOf(child) : [child]))
            .map((child) => this.expression(child)),
          body: this.block(fieldOf(clause, 'consequence')),
          falls: false,
        })),
      at: node.at,
    }
  }

  private decorators(node: SyntaxNode): Expression[] {
    return node.children
      .filter((child) => child.type === 'decorator')
      .flatMap((child) => namedOf(child).slice(0, 1))
      .map((child) => this.expression(child))
  }

  private fn(node: SyntaxNode, decorators: readonly Expression[]): FunctionIr {
    const body = fieldOf(node, 'body')
    return {
      name: this.text(fieldOf(node, 'name')),
      params: this.params(fieldOf(node, 'parameters')),
      body: this.block(body),
      decorators,
      isAsync: node.children.some((child) => child.type === 'async'),
      isGenerator: body !== undefined && hasYield(body),
      at: node.at,
    }
  }

  private params(node: SyntaxNode | undefined): Param[] {
    if (node === undefined) return []
    return namedOf(node).flatMap((param): Param[] => {
      const bare = { decorators: [] }
      switch (param.type) {
        case 'identifier':
        case 'tuple_pattern':
          return [{ ...bare, pattern: this.pattern(param) }]
        case 'default_parameter':
        case 'typed_default_parameter': {
          const name = fieldOf(param, 'name')
          const value = fieldOf(param, 'value')
          const type = fieldOf(param, 'type')
          if (name === undefined) return []
          return [
            {
              ...bare,
              pattern: this.pattern(name),
              ...(value === undefined ? {} : { initial: this.expression(value) }),
              ...(type === undefined ? {} : { annotation: this.annotation(type) }),
            },
          ]
        }
        case 'typed_parameter': {
          const [name] = namedOf(param)
          const type = fieldOf(param, 'type')
          if (name === undefined) return []
          const rest = restOf(name.type)
          const inner = rest === undefined ? name : (namedOf(name)[0] ?? name)
          return [
            {
              ...bare,
              pattern: this.pattern(inner),
              ...(type === undefined ? {} : { annotation: this.annotation(type) }),
              ...(rest === undefined ? {} : { rest }),
            },
          ]
        }
        case 'list_splat_pattern':
        case 'dictionary_splat_pattern': {
          const [name] = namedOf(param)
          const rest = restOf(param.type)
          return name === undefined
            ? []
            : [{ ...bare, pattern: this.pattern(name), ...(rest === undefined ? {} : { rest }) }]
        }
        default:
          return []
      }
    })
  }

  private annotation(type: SyntaxNode): Expression {
    const [inner] = namedOf(type)
    return inner === undefined ? { kind: 'unknown', parts: [], at: type.at } : this.expression(inner)
  }

  private cls(node: SyntaxNode, decorators: readonly Expression[]): ClassIr {
    const supers = fieldOf(node, 'superclasses')
    const body = this.block(fieldOf(node, 'body'))
    const fieldNodes = namedOf(fieldOf(node, 'body') ?? node)
      .filter((child) => child.type === 'expression_statement')
      .flatMap(namedOf)
      .filter((child) => child.type === 'assignment')
    return {
      name: this.text(fieldOf(node, 'name')),
      bases:
        supers === undefined
          ? []
          : this.args(supers)
              .filter((arg) => arg.name === undefined)
              .map((arg) => arg.value),
      decorators,
      methods: body.flatMap((statement) => (statement.kind === 'function' ? [statement.fn] : [])),
      fields: [
        ...innerClasses(body),
        ...fieldNodes.flatMap((child): Field[] => {
          const left = fieldOf(child, 'left')
          const right = fieldOf(child, 'right')
          const type = fieldOf(child, 'type')
          if (left?.type !== 'identifier') return []
          return [
            {
              name: this.text(left),
              ...(right === undefined ? {} : { value: this.expression(right) }),
              ...(type === undefined ? {} : { annotation: this.annotation(type) }),
              decorators: [],
              isStatic: true,
              at: child.at,
            },
          ]
        }),
      ],
      at: node.at,
    }
  }

  private readImport(node: SyntaxNode): void {
    const { at } = node
    if (node.type === 'import_statement') {
      for (const name of fieldsOf(node, 'name')) {
        const path = this.text(name.type === 'aliased_import' ? fieldOf(name, 'name') : name)
        const alias = name.type === 'aliased_import' ? this.text(fieldOf(name, 'alias')) : undefined
        // `import a.b` binds `a`; `import a.b as c` binds the module itself.
        this.imports.push({
          local: alias ?? path.split('.')[0] ?? path,
          source: alias === undefined ? (path.split('.')[0] ?? path) : path,
          imported: '*',
          at,
        })
      }
      return
    }
    const source = this.text(fieldOf(node, 'module_name'))
    if (node.children.some((child) => child.type === 'wildcard_import'))
      this.imports.push({ local: '*', source, imported: '*', at })
    for (const name of fieldsOf(node, 'name')) {
      const imported = this.text(name.type === 'aliased_import' ? fieldOf(name, 'name') : name)
      const local = name.type === 'aliased_import' ? this.text(fieldOf(name, 'alias')) : imported
      this.imports.push({ local, source, imported, at })
    }
  }

  private pattern(node: SyntaxNode): Pattern {
    const { at } = node
    switch (node.type) {
      case 'identifier':
      case 'type_identifier':
        return { kind: 'name', name: this.text(node), at }
      case 'as_pattern_target': {
        const [inner] = namedOf(node)
        return inner === undefined ? { kind: 'name', name: this.text(node), at } : this.pattern(inner)
      }
      case 'pattern_list':
      case 'tuple_pattern':
      case 'list_pattern':
      case 'expression_list':
      case 'tuple':
      case 'list':
        return { kind: 'list', items: namedOf(node).map((child) => this.pattern(child)), at }
      case 'list_splat_pattern':
      case 'list_splat': {
        const [inner] = namedOf(node)
        return inner === undefined ? { kind: 'list', items: [], at } : this.pattern(inner)
      }
      default:
        return { kind: 'place', target: this.expression(node), at }
    }
  }

  private args(node: SyntaxNode): Argument[] {
    return namedOf(node).map((arg): Argument => {
      if (arg.type === 'keyword_argument') {
        const value = fieldOf(arg, 'value')
        return {
          name: this.text(fieldOf(arg, 'name')),
          value: value === undefined ? { kind: 'unknown', parts: [], at: arg.at } : this.expression(value),
        }
      }
      if (arg.type === 'list_splat' || arg.type === 'dictionary_splat') {
        const [inner] = namedOf(arg)
        return {
          spread: true,
          value: inner === undefined ? { kind: 'unknown', parts: [], at: arg.at } : this.expression(inner),
        }
      }
      return { value: this.expression(arg) }
    })
  }

  protected override expression(node: SyntaxNode): Expression {
    const { at } = node
    const part = (field: string): Expression => {
      const child = fieldOf(node, field)
      return child === undefined ? { kind: 'unknown', parts: [], at } : this.expression(child)
    }
    const inner = (): Expression => {
      const [child] = namedOf(node)
      return child === undefined ? { kind: 'unknown', parts: [], at } : this.expression(child)
    }
    switch (node.type) {
      case 'identifier':
        return { kind: 'name', name: this.text(node), at }
      case 'true':
        return { kind: 'literal', value: true, at }
      case 'false':
        return { kind: 'literal', value: false, at }
      case 'none':
        return { kind: 'literal', value: null, at }
      case 'integer':
      case 'float':
        return { kind: 'literal', value: Number(this.text(node).replaceAll('_', '')), at }
      case 'string':
        return this.string(node)
      case 'concatenated_string': {
        const parts = namedOf(node).map((child) => this.expression(child))
        return joined(parts, at)
      }
      case 'attribute':
        return {
          kind: 'member',
          object: part('object'),
          property: this.text(fieldOf(node, 'attribute')),
          optional: false,
          at: fieldOf(node, 'attribute')?.at ?? at,
        }
      case 'subscript': {
        const object = part('value')
        const indexes = fieldsOf(node, 'subscript')
        const [index] = indexes
        if (index === undefined || index.type === 'slice')
          return {
            kind: 'call',
            callee: { kind: 'member', object, property: 'slice', optional: false, at },
            args: [],
            isNew: false,
            at,
          }
        return {
          kind: 'index',
          object,
          index:
            indexes.length === 1
              ? this.expression(index)
              : { kind: 'list', items: indexes.map((one) => this.expression(one)), at },
          at,
        }
      }
      case 'call': {
        const args = fieldOf(node, 'arguments')
        const callee = part('function')
        return {
          kind: 'call',
          callee,
          args:
            args === undefined
              ? []
              : args.type === 'generator_expression'
                ? [{ value: this.expression(args) }]
                : columnConditions(callee, this.args(args)),
          isNew: false,
          at,
        }
      }
      case 'binary_operator': {
        const operator = this.text(fieldOf(node, 'operator'))
        const left = part('left')
        const right = part('right')
        if ((operator === '+' || operator === '%') && (isText(left) || isText(right)))
          return { kind: 'template', parts: [left, right], at }
        return { kind: 'binary', operator, left, right, at }
      }
      case 'boolean_operator':
        return {
          kind: 'binary',
          operator: this.text(fieldOf(node, 'operator')),
          left: part('left'),
          right: part('right'),
          at,
        }
      case 'not_operator':
        return { kind: 'unary', operator: 'not', operand: part('argument'), at }
      case 'unary_operator': {
        const operand = part('argument')
        const operator = this.text(fieldOf(node, 'operator'))
        if (operator === '-' && operand.kind === 'literal' && typeof operand.value === 'number')
          return { kind: 'literal', value: -operand.value, at }
        return { kind: 'unary', operator, operand, at }
      }
      case 'comparison_operator':
        return this.comparison(node)
      case 'conditional_expression': {
        const [then, test, otherwise] = namedOf(node).map((child) => this.expression(child))
        const nothing: Expression = { kind: 'unknown', parts: [], at }
        return {
          kind: 'conditional',
          test: test ?? nothing,
          then: then ?? nothing,
          otherwise: otherwise ?? nothing,
          at,
        }
      }
      case 'await':
        return { kind: 'await', value: inner(), at }
      case 'yield':
        return { kind: 'yield', value: inner(), at }
      case 'lambda':
        return {
          kind: 'lambda',
          fn: {
            name: '',
            params: this.params(fieldOf(node, 'parameters')),
            body: [{ kind: 'return', value: part('body'), at }],
            decorators: [],
            isAsync: false,
            isGenerator: false,
            at,
          },
          at,
        }
      case 'named_expression': {
        const name = fieldOf(node, 'name')
        return {
          kind: 'assign',
          target: name === undefined ? { kind: 'list', items: [], at } : this.pattern(name),
          value: part('value'),
          at,
        }
      }
      case 'parenthesized_expression':
        return inner()
      case 'list':
      case 'tuple':
      case 'set':
      case 'expression_list':
      case 'pattern_list':
        return { kind: 'list', items: namedOf(node).map((child) => this.expression(child)), at }
      case 'dictionary':
        return {
          kind: 'object',
          entries: namedOf(node).flatMap((entry): { key?: string; value: Expression }[] => {
            if (entry.type === 'dictionary_splat') {
              const [value] = namedOf(entry)
              return value === undefined ? [] : [{ value: this.expression(value) }]
            }
            const key = fieldOf(entry, 'key')
            const value = fieldOf(entry, 'value')
            if (key === undefined || value === undefined) return []
            const name = this.expression(key)
            return [
              {
                key: name.kind === 'literal' && name.value !== undefined ? String(name.value) : '*',
                value: this.expression(value),
              },
            ]
          }),
          at,
        }
      case 'list_comprehension':
      case 'set_comprehension':
      case 'generator_expression':
      case 'dictionary_comprehension': {
        const body = fieldOf(node, 'body')
        const pairValue = body?.type === 'pair' ? fieldOf(body, 'value') : body
        return {
          kind: 'comprehension',
          element: pairValue === undefined ? { kind: 'unknown', parts: [], at } : this.expression(pairValue),
          clauses: node.children
            .filter((child) => child.type === 'for_in_clause')
            .flatMap((clause) => {
              const left = fieldOf(clause, 'left')
              const right = fieldOf(clause, 'right')
              return left === undefined || right === undefined
                ? []
                : [{ target: this.pattern(left), over: this.expression(right) }]
            }),
          conditions: node.children
            .filter((child) => child.type === 'if_clause')
            .flatMap((clause) => namedOf(clause).slice(0, 1))
            .map((child) => this.expression(child)),
          at,
        }
      }
      case 'list_splat':
      case 'dictionary_splat':
        return { kind: 'spread', value: inner(), at }
      case 'type':
        return inner()
      case 'generic_type': {
        const [name, parameters] = namedOf(node)
        if (name === undefined) return { kind: 'unknown', parts: [], at }
        return {
          kind: 'index',
          object: this.expression(name),
          index: {
            kind: 'list',
            items: parameters === undefined ? [] : namedOf(parameters).map((child) => this.expression(child)),
            at,
          },
          at,
        }
      }
      case 'assignment': {
        const left = fieldOf(node, 'left')
        return {
          kind: 'assign',
          target: left === undefined ? { kind: 'list', items: [], at } : this.pattern(left),
          value: part('right'),
          at,
        }
      }
      default:
        return { kind: 'unknown', parts: namedOf(node).map((child) => this.expression(child)), at }
    }
  }

  /** `0 <= a < b` is `0 <= a and a < b`. */
  private comparison(node: SyntaxNode): Expression {
    const operands = namedOf(node)
    const operators: string[] = []
    let words: string[] = []
    for (const child of node.children) {
      if (child.named) {
        if (words.length > 0) operators.push(words.join(' '))
        words = []
      } else words.push(this.text(child))
    }
    const pairs = operators.flatMap((operator, index): Expression[] => {
      const left = operands[index]
      const right = operands[index + 1]
      if (left === undefined || right === undefined) return []
      return [
        {
          kind: 'binary',
          operator: COMPARISONS[operator] ?? operator,
          left: this.expression(left),
          right: this.expression(right),
          at: node.at,
        },
      ]
    })
    const [first, ...rest] = pairs
    if (first === undefined) return { kind: 'unknown', parts: [], at: node.at }
    return rest.reduce(
      (left: Expression, right) => ({ kind: 'binary', operator: 'and', left, right, at: node.at }),
      first,
    )
  }

  private string(node: SyntaxNode): Expression {
    const { at } = node
    const parts = node.children.flatMap((child): Expression[] => {
      if (child.type === 'string_content') return [{ kind: 'literal', value: this.text(child), at: child.at }]
      if (child.type !== 'interpolation') return []
      const value = fieldOf(child, 'expression') ?? namedOf(child)[0]
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

/** `class Meta:` within a class is a field of it. */
function innerClasses(body: readonly Statement[]): readonly Field[] {
  return body.flatMap((statement): readonly Field[] =>
    statement.kind === 'class'
      ? [
          {
            name: statement.cls.name,
            value: { kind: 'class', cls: statement.cls, at: statement.at },
            decorators: [],
            isStatic: true,
            at: statement.at,
          },
        ]
      : [],
  )
}

function joined(parts: readonly Expression[], at: SyntaxNode['at']): Expression {
  if (parts.every((part) => part.kind === 'literal'))
    return {
      kind: 'literal',
      value: parts.map((part) => (part.kind === 'literal' ? String(part.value) : '')).join(''),
      at,
    }
  return { kind: 'template', parts: parts.flatMap((part) => (part.kind === 'template' ? part.parts : [part])), at }
}

function isText(expression: Expression): boolean {
  return expression.kind === 'template' || (expression.kind === 'literal' && typeof expression.value === 'string')
}

function restOf(type: string): 'list' | 'map' | undefined {
  if (type === 'list_splat_pattern') return 'list'
  return type === 'dictionary_splat_pattern' ? 'map' : undefined
}

function hasYield(node: SyntaxNode): boolean {
  return node.children.some(
    (child) =>
      child.type === 'yield' || (child.type !== 'function_definition' && child.type !== 'lambda' && hasYield(child)),
  )
}

/** `try: import stripe … except ImportError: stripe = None`: the package is what runs where anything runs. */
function withoutStandIns(body: readonly Statement[], imported: ReadonlySet<string>): readonly Statement[] {
  return imported.size === 0
    ? body
    : body.filter(
        (statement) =>
          !(statement.kind === 'assign' && statement.target.kind === 'name' && imported.has(statement.target.name)),
      )
}
