/** Visits every call and definition of a module, with the functions and class it stands in. */
import type { CallExpression, ClassIr, Expression, FunctionIr, Module, Pattern, Statement } from './ir.ts'

/** The name under which a block stands among the arguments of a call. */
export const BLOCK = '&block'

export interface Inside {
  /** Outermost first. */
  readonly functions: readonly FunctionIr[]
  readonly cls: ClassIr | undefined
}

export interface Visitor {
  readonly call?: (call: CallExpression, inside: Inside) => void
  readonly fn?: (fn: FunctionIr, inside: Inside) => void
  readonly cls?: (cls: ClassIr, inside: Inside) => void
  readonly assign?: (target: Pattern, value: Expression, inside: Inside) => void
}

type Met =
  | { readonly is: 'call'; readonly call: CallExpression; readonly inside: Inside }
  | { readonly is: 'fn'; readonly fn: FunctionIr; readonly inside: Inside }
  | { readonly is: 'cls'; readonly cls: ClassIr; readonly inside: Inside }
  | { readonly is: 'assign'; readonly target: Pattern; readonly value: Expression; readonly inside: Inside }

/** Every framework looks through every module of its language: the tree is climbed once, and its list read by them. */
const metIn = new WeakMap<Module, readonly Met[]>()

export function walk(module: Module, visitor: Visitor): void {
  for (const met of metOf(module)) {
    if (met.is === 'call') visitor.call?.(met.call, met.inside)
    else if (met.is === 'assign') visitor.assign?.(met.target, met.value, met.inside)
    else if (met.is === 'fn') visitor.fn?.(met.fn, met.inside)
    else visitor.cls?.(met.cls, met.inside)
  }
}

function metOf(module: Module): readonly Met[] {
  const known = metIn.get(module)
  if (known !== undefined) return known
  const list: Met[] = []
  climb(module, {
    call: (call, inside) => list.push({ is: 'call', call, inside }),
    assign: (target, value, inside) => list.push({ is: 'assign', target, value, inside }),
    fn: (fn, inside) => list.push({ is: 'fn', fn, inside }),
    cls: (cls, inside) => list.push({ is: 'cls', cls, inside }),
  })
  metIn.set(module, list)
  return list
}

function climb(module: Module, visitor: Visitor): void {
  statements(module.body, visitor, { functions: [], cls: undefined })
  // `module.exports = …` is a statement, and was met as one.
  const met = new Set(
    module.body.flatMap((statement) =>
      statement.kind !== 'assign'
        ? []
        : [
            statement.value,
            ...(statement.value.kind === 'object' ? statement.value.entries.map(({ value }) => value) : []),
          ],
    ),
  )
  for (const exported of module.exports)
    if (exported.value !== undefined && exported.value.kind !== 'name' && !met.has(exported.value))
      expression(exported.value, visitor, { functions: [], cls: undefined })
}

export function walkExpression(value: Expression, visitor: Visitor): void {
  expression(value, visitor, { functions: [], cls: undefined })
}

export function walkFunction(fn: FunctionIr, visitor: Visitor): void {
  enterFunction(fn, visitor, { functions: [], cls: undefined })
}

function statements(body: readonly Statement[], visitor: Visitor, inside: Inside): void {
  for (const statement of body) visit(statement, visitor, inside)
}

function visit(statement: Statement, visitor: Visitor, inside: Inside): void {
  const each = (body: readonly Statement[]): void => statements(body, visitor, inside)
  const look = (value: Expression | undefined): void => {
    if (value !== undefined) expression(value, visitor, inside)
  }
  switch (statement.kind) {
    case 'expression':
      return look(statement.value)
    case 'assign':
      visitor.assign?.(statement.target, statement.value, inside)
      if (statement.target.kind === 'place') look(statement.target.target)
      return look(statement.value)
    case 'if':
      look(statement.test)
      each(statement.then)
      return each(statement.otherwise)
    case 'loop':
      look(statement.over)
      look(statement.test)
      return each(statement.body)
    case 'switch':
      look(statement.on)
      for (const one of statement.cases) each(one.body)
      return
    case 'try':
      each(statement.body)
      for (const handler of statement.handlers) each(handler.body)
      each(statement.otherwise)
      return each(statement.last)
    case 'return':
    case 'throw':
      return look(statement.value)
    case 'block':
      return each(statement.body)
    case 'with':
      for (const item of statement.items) look(item.value)
      return each(statement.body)
    case 'function':
      return enterFunction(statement.fn, visitor, inside)
    case 'class':
      return enterClass(statement.cls, visitor, inside)
    default:
  }
}

function enterFunction(fn: FunctionIr, visitor: Visitor, inside: Inside): void {
  visitor.fn?.(fn, inside)
  for (const decorator of fn.decorators) expression(decorator, visitor, inside)
  statements(fn.body, visitor, { ...inside, functions: [...inside.functions, fn] })
}

function enterClass(cls: ClassIr, visitor: Visitor, inside: Inside): void {
  visitor.cls?.(cls, inside)
  for (const method of cls.methods) enterFunction(method, visitor, { ...inside, cls })
  for (const field of cls.fields) if (field.value !== undefined) expression(field.value, visitor, { ...inside, cls })
}

function expression(value: Expression, visitor: Visitor, inside: Inside): void {
  const look = (one: Expression): void => expression(one, visitor, inside)
  switch (value.kind) {
    case 'call':
      visitor.call?.(value, inside)
      look(value.callee)
      for (const arg of value.args) look(arg.value)
      return
    case 'member':
      return look(value.object)
    case 'index':
      look(value.object)
      return look(value.index)
    case 'template':
    case 'unknown':
      return value.parts.forEach(look)
    case 'binary':
      look(value.left)
      return look(value.right)
    case 'unary':
      return look(value.operand)
    case 'conditional':
      look(value.test)
      look(value.then)
      return look(value.otherwise)
    case 'await':
    case 'yield':
    case 'spread':
      return look(value.value)
    case 'lambda':
      return enterFunction(value.fn, visitor, inside)
    case 'class':
      return enterClass(value.cls, visitor, inside)
    case 'object':
      for (const entry of value.entries) look(entry.value)
      return
    case 'list':
      return value.items.forEach(look)
    case 'comprehension':
      look(value.element)
      for (const clause of value.clauses) look(clause.over)
      return
    case 'assign':
      visitor.assign?.(value.target, value.value, inside)
      return look(value.value)
    default:
  }
}

export function literalText(value: Expression | undefined): string | undefined {
  return value?.kind === 'literal' && typeof value.value === 'string' ? value.value : undefined
}

export function literalNumber(value: Expression | undefined): number | undefined {
  if (value?.kind === 'literal' && typeof value.value === 'number') return value.value
  if (value?.kind === 'binary') {
    const left = literalNumber(value.left)
    const right = literalNumber(value.right)
    if (left === undefined || right === undefined) return undefined
    if (value.operator === '*') return left * right
    if (value.operator === '**') return left ** right
    if (value.operator === '<<') return left * 2 ** right
    return value.operator === '+' ? left + right : undefined
  }
  return undefined
}

/** The value of a key of an object literal. */
export function entryOf(value: Expression | undefined, key: string): Expression | undefined {
  return value?.kind === 'object' ? value.entries.find((entry) => entry.key === key)?.value : undefined
}

export function namedArg(call: CallExpression, name: string): Expression | undefined {
  return call.args.find((arg) => arg.name === name)?.value
}

export function positional(call: CallExpression): readonly Expression[] {
  return call.args.filter((arg) => arg.name === undefined).map((arg) => arg.value)
}

/** `1mb`, `100kb`, `5242880`. */
export function bytesOf(value: Expression | undefined): number | undefined {
  const number = literalNumber(value)
  if (number !== undefined) return number
  const match = /^([\d.]+)\s*(b|kb|mb|gb)?$/i.exec(literalText(value) ?? '')
  if (match === null) return undefined
  const unit = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }[(match[2] ?? 'b').toLowerCase()] ?? 1
  return Number(match[1]) * unit
}

/** A name as written: `a.b.c`, with `()` for calls and `[]` for indexes on the way. */
export function pathOf(expression: Expression): string {
  switch (expression.kind) {
    case 'name':
      return plainName(expression.name)
    case 'member':
      return `${pathOf(expression.object)}.${plainMember(expression.property)}`
    case 'call':
      return `${pathOf(expression.callee)}()`
    case 'index':
      return `${pathOf(expression.object)}[]`
    case 'await':
      return pathOf(expression.value)
    default:
      return ''
  }
}

/** `A::B` and `A\\B` are `A.B`; the marks of languages on names (`$x`, `save!`, `valid?`) say nothing about what they do. */
export function plainName(name: string): string {
  if (/^[\w.]*$/.test(name)) return name
  return plainMember(name.replace(/::|\\/g, '.').replace(/^[$@]+(?=\w)/, ''))
}

export function plainMember(name: string): string {
  return name.replace(/[?!]$/, '')
}

/** The name at the left end of `a.b[c].d()`; empty where there is none. */
export function rootName(value: Expression): string {
  if (value.kind === 'member' || value.kind === 'index') return rootName(value.object)
  if (value.kind === 'call') return rootName(value.callee)
  return value.kind === 'name' ? value.name : ''
}

/** `async def receive_json(self, content): return` */
export function doesNothing({ body }: FunctionIr): boolean {
  return body.every(
    (statement) =>
      (statement.kind === 'return' && statement.value === undefined) ||
      (statement.kind === 'expression' && statement.value.kind === 'literal'),
  )
}
