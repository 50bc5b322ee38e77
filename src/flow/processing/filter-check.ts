/**
 * The types of a filter, before it is saved: every name is known, every call has a form that takes what it is given, and
 * the whole is true or false. What comes out of a body can be anything and is checked when there is one.
 *
 * Ours, because the checker of the CEL library knows literals and names only (0.6.1).
 */
import { type CelEnv, CelScalar, type CelType, listType, mapType, objectType, type parse } from '@bufbuild/cel'
import { TimestampSchema } from '@bufbuild/protobuf/wkt'
import { compilePattern } from '../../base/lib/linear-pattern.ts'
import { type Expr, mapKey, type Position, positionOf } from './filter-expression.ts'

const { BOOL, BYTES, DOUBLE, DYN, INT, NULL, STRING, TYPE, UINT } = CelScalar

/** A map whose names are known. */
interface RecordType {
  readonly kind: 'record'
  readonly name: string
  readonly fields: ReadonlyMap<string, CelType>
}

type Type = CelType | RecordType

const NAMES = mapType(STRING, STRING)

/** What a filter can name. */
export const FILTER_VARIABLES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['method', STRING],
  ['path', STRING],
  ['query', NAMES],
  ['headers', NAMES],
  ['body', DYN],
  [
    'attributes',
    {
      kind: 'record',
      name: 'attributes',
      fields: new Map<string, CelType>([
        ['id', STRING],
        ['source', STRING],
        ['type', STRING],
        ['subject', STRING],
        ['time', objectType(TimestampSchema)],
        ['datacontenttype', STRING],
        ['provider', STRING],
        ['integrationid', STRING],
      ]),
    },
  ],
])

const TYPE_NAMES = new Set(['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'null_type', 'type'])

/** Something about the filter that its author can correct. */
export class FilterProblem extends Error {
  readonly at: Position

  constructor(message: string, at: Position) {
    super(message)
    this.name = 'FilterProblem'
    this.at = at
  }
}

interface Checking {
  readonly text: string
  readonly parsed: ReturnType<typeof parse>
  readonly env: CelEnv
}

type Scope = ReadonlyMap<string, Type>

/** @throws FilterProblem The first one, with its position. */
export function checkFilter(checking: Checking, expr: Expr): void {
  const type = typeOf(checking, FILTER_VARIABLES, expr)
  if (type === BOOL) return
  const hint = type === DYN ? ' Compare it with something: `… == true`.' : ''
  refuse(checking, expr, `A filter is true or false, and this is ${nameOf(type)}.${hint}`)
}

function refuse({ text, parsed }: Checking, expr: Pick<Expr, 'id'>, message: string): never {
  throw new FilterProblem(message, positionOf(text, parsed, expr))
}

function typeOf(checking: Checking, scope: Scope, expr: Expr): Type {
  const { exprKind } = expr
  switch (exprKind.case) {
    case 'constExpr':
      return CONSTANTS[exprKind.value.constantKind.case ?? 'nullValue'] ?? DYN
    case 'identExpr':
      return typeOfName(checking, scope, expr, exprKind.value.name)
    case 'selectExpr': {
      const { operand, field, testOnly } = exprKind.value
      if (operand === undefined) return refuse(checking, expr, 'Something is missing before the dot.')
      const type = typeOfField(checking, expr, typeOf(checking, scope, operand), field)
      return testOnly ? BOOL : type
    }
    case 'listExpr':
      return listType(common(exprKind.value.elements.map((element) => typeOf(checking, scope, element))))
    case 'structExpr':
      return typeOfMap(checking, scope, expr, exprKind.value)
    case 'callExpr':
      return typeOfCall(checking, scope, expr, exprKind.value)
    case 'comprehensionExpr':
      return typeOfLoop(checking, scope, expr, exprKind.value)
    default:
      return refuse(checking, expr, 'This is not an expression.')
  }
}

const CONSTANTS: Readonly<Record<string, Type>> = {
  boolValue: BOOL,
  bytesValue: BYTES,
  doubleValue: DOUBLE,
  int64Value: INT,
  nullValue: NULL,
  stringValue: STRING,
  uint64Value: UINT,
}

function typeOfName(checking: Checking, scope: Scope, expr: Expr, name: string): Type {
  const type = scope.get(name)
  if (type !== undefined) return type
  if (TYPE_NAMES.has(name)) return TYPE
  return refuse(checking, expr, `There is no \`${name}\`; there are ${[...FILTER_VARIABLES.keys()].join(', ')}.`)
}

function typeOfField(checking: Checking, expr: Expr, from: Type, field: string): Type {
  if (from === DYN) return DYN
  if (from.kind === 'record') {
    const type = from.fields.get(field)
    if (type !== undefined) return type
    return refuse(checking, expr, `\`${from.name}\` has no \`${field}\`; it has ${[...from.fields.keys()].join(', ')}.`)
  }
  if (from.kind === 'map') return from.value
  return refuse(checking, expr, `\`.${field}\` is read from ${nameOf(from)}, which has no fields.`)
}

type Kind<C extends string> = Extract<Expr['exprKind'], { case: C }>['value']

function typeOfMap(checking: Checking, scope: Scope, expr: Expr, struct: Kind<'structExpr'>): Type {
  if (struct.messageName !== '')
    return refuse(checking, expr, 'A filter makes no messages; `{"name": value}` is a map.')
  const values = struct.entries.map(({ keyKind, value }) => {
    const key = mapKey(keyKind)
    if (key !== undefined) typeOf(checking, scope, key)
    return value === undefined ? DYN : typeOf(checking, scope, value)
  })
  return mapType(DYN, common(values))
}

function typeOfLoop(checking: Checking, scope: Scope, expr: Expr, loop: Kind<'comprehensionExpr'>): Type {
  const { iterRange, accuInit, loopCondition, loopStep, result } = loop
  if (!iterRange || !accuInit || !loopCondition || !loopStep || !result)
    return refuse(checking, expr, 'This loop has no end.')
  const range = typeOf(checking, scope, iterRange)
  const item = range === DYN ? DYN : range.kind === 'list' ? range.element : keyOf(range)
  if (item === undefined)
    return refuse(checking, expr, `This goes through a list or a map, and it is given ${nameOf(range)}.`)
  const accu = typeOf(checking, scope, accuInit)
  const withAccu = new Map([...scope, [loop.accuVar, accu.kind === 'list' ? listType(DYN) : accu]])
  const inside = new Map([...withAccu, [loop.iterVar, item]])
  typeOf(checking, inside, loopCondition)
  typeOf(checking, inside, loopStep)
  return typeOf(checking, withAccu, result)
}

function keyOf(type: Type): CelType | undefined {
  if (type.kind === 'record') return STRING
  return type.kind === 'map' ? type.key : undefined
}

function typeOfCall(checking: Checking, scope: Scope, expr: Expr, call: Kind<'callExpr'>): Type {
  const target = call.target === undefined ? undefined : typeOf(checking, scope, call.target)
  const args = call.args.map((arg) => typeOf(checking, scope, arg))
  switch (call.function) {
    case '_&&_':
    case '_||_':
      for (const [index, arg] of args.entries()) mustBeBoolean(checking, call.args[index] ?? expr, arg)
      return BOOL
    case '_?_:_':
      mustBeBoolean(checking, call.args[0] ?? expr, args[0] ?? DYN)
      return common(args.slice(1))
    case '@not_strictly_false':
      return BOOL
    case '_[_]':
      return typeOfItem(checking, expr, call, args)
    case '_==_':
    case '_!=_':
      mustBeComparable(checking, expr, args)
      return BOOL
    case 'matches':
      checkPattern(checking, call)
  }
  const forms = [...(checking.env.funcs.find(call.function) ?? [])]
  if (forms.length === 0) return refuse(checking, expr, `There is no function \`${call.function}\`.`)
  const fitting = forms.filter(
    (form) =>
      (form.target === undefined) === (target === undefined) &&
      form.arguments.length === args.length &&
      (form.target === undefined || takes(form.target, target ?? DYN)) &&
      form.arguments.every((parameter, index) => takes(parameter, args[index] ?? DYN)),
  )
  if (fitting.length > 0) return common(fitting.map((form) => form.result))
  const given = args.map(nameOf).join(', ')
  const on = target === undefined ? '' : `${nameOf(target)}.`
  return refuse(checking, expr, `There is no \`${plainName(call.function)}\` for ${on}(${given}).`)
}

function mustBeBoolean(checking: Checking, expr: Expr, type: Type): void {
  if (type !== BOOL && type !== DYN) refuse(checking, expr, `This must be true or false, and it is ${nameOf(type)}.`)
}

/** CEL lets anything be compared with anything and says that they differ; in a filter that is a slip. */
function mustBeComparable(checking: Checking, expr: Expr, [left = DYN, right = DYN]: readonly Type[]): void {
  const related = left.name === right.name || (NUMBERS.has(left) && NUMBERS.has(right))
  if (related || [left, right].some((type) => type === DYN || type === NULL)) return
  if (keyOf(left) !== undefined && keyOf(right) !== undefined) return
  refuse(checking, expr, `This compares ${nameOf(left)} with ${nameOf(right)}, which are never equal.`)
}

const NUMBERS: ReadonlySet<Type> = new Set<Type>([INT, UINT, DOUBLE])

function typeOfItem(checking: Checking, expr: Expr, call: Kind<'callExpr'>, args: readonly Type[]): Type {
  const [from = DYN, index = DYN] = args
  if (from === DYN) return DYN
  if (from.kind === 'list') {
    if (index === DYN || NUMBERS.has(index)) return from.element
    return refuse(checking, expr, `A list is read by a number, and this is ${nameOf(index)}.`)
  }
  const key = keyOf(from)
  if (key === undefined)
    return refuse(checking, expr, `\`[…]\` reads from a list or a map, and this is ${nameOf(from)}.`)
  if (index !== DYN && !takes(key, index)) return refuse(checking, expr, `This map is read by ${nameOf(key)}.`)
  if (from.kind === 'map') return from.value
  const name = literalText(call.args[1])
  return name === undefined ? DYN : typeOfField(checking, expr, from, name)
}

/** A pattern that came with an event would be the sender's program, compiled for each event. */
function checkPattern(checking: Checking, call: Kind<'callExpr'>): void {
  const [pattern] = call.args
  if (pattern === undefined) return
  const text = literalText(pattern)
  if (text === undefined) refuse(checking, pattern, '`matches` takes its pattern as a text in quotes.')
  try {
    compilePattern(text)
  } catch (error) {
    refuse(checking, pattern, `This pattern cannot be used: ${error instanceof Error ? error.message : 'invalid'}.`)
  }
}

function literalText(expr: Expr | undefined): string | undefined {
  if (expr?.exprKind.case !== 'constExpr') return undefined
  const { constantKind } = expr.exprKind.value
  return constantKind.case === 'stringValue' ? constantKind.value : undefined
}

function takes(parameter: CelType, type: Type): boolean {
  if (parameter === DYN || type === DYN) return true
  if (type.kind === 'record') return parameter.kind === 'map'
  return parameter.kind === type.kind && parameter.name === type.name
}

function common(types: readonly Type[]): CelType {
  const [first = DYN] = types
  if (first.kind === 'record') return DYN
  return types.every((type) => type.kind === first.kind && type.name === first.name) ? first : DYN
}

function nameOf(type: Type): string {
  if (type === DYN) return 'of a type that only the event tells'
  return type.kind === 'record' ? 'map' : type.name.replace('google.protobuf.', '').toLowerCase()
}

/** `_+_` is how CEL calls what its author wrote as `+`. */
export function plainName(name: string): string {
  return (
    name
      .replace(/^_|_$|@/g, '')
      .replaceAll('_', ' ')
      .trim() || name
  )
}
