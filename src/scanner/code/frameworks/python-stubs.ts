/** Code that a framework has and the project does not show, written as the IR it would be read into. */
import type { Argument, Expression, FunctionIr, Param, Position, Statement } from '../parse/ir.ts'

export function name(text: string, at: Position): Expression {
  return { kind: 'name', name: text, at }
}

export function member(object: Expression, property: string): Expression {
  return { kind: 'member', object, property, optional: false, at: object.at }
}

export function text(value: string, at: Position): Expression {
  return { kind: 'literal', value, at }
}

export function call(
  callee: Expression,
  args: readonly Expression[] = [],
  named: Readonly<Record<string, Expression>> = {},
): Expression {
  const all: readonly Argument[] = [
    ...args.map((value) => ({ value })),
    ...Object.entries(named).map(([key, value]) => ({ name: key, value })),
  ]
  return { kind: 'call', callee, args: all, isNew: false, at: callee.at }
}

export function assign(target: string, value: Expression): Statement {
  return { kind: 'assign', target: { kind: 'name', name: target, at: value.at }, value, at: value.at }
}

export function run(value: Expression): Statement {
  return { kind: 'expression', value, at: value.at }
}

export function give(value: Expression): Statement {
  return { kind: 'return', value, at: value.at }
}

/** @param params Names after `self`; `*args` and `**kwargs` as in Python. */
export function baseMethod(
  method: string,
  params: readonly string[],
  body: readonly Statement[],
  at: Position,
): FunctionIr {
  return {
    name: method,
    params: ['self', ...params].map((one): Param => {
      const rest = one.startsWith('**') ? 'map' : one.startsWith('*') ? 'list' : undefined
      return {
        pattern: { kind: 'name', name: one.replace(/^\*+/, ''), at },
        decorators: [],
        ...(rest === undefined ? {} : { rest }),
      }
    }),
    body,
    decorators: [],
    isAsync: false,
    isGenerator: false,
    at,
  }
}
