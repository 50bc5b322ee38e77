/** Secrets without which the program does not start, or a read of which fails. */

import type { Expression, Module, Statement } from '../parse/ir.ts'
import { pathOf } from '../parse/walk.ts'
import type { Outcome } from './machine.ts'
import { originsOf, type Value } from './value.ts'

/** `os.environ['X']` raises when X is not set. */
export function required(value: Value): Value {
  return {
    ...value,
    origins: value.origins.map((origin) =>
      origin.kind === 'secret' ? { kind: 'secret', secret: { ...origin.secret, required: true } } : origin,
    ),
  }
}

/** `mustEnv('X')`: whoever gave the value has stopped where it was empty. */
export function isFoundSet({ value, state }: Outcome): boolean {
  const secrets = originsOf(value, 'secret')
  return secrets.length > 0 && secrets.every(({ secret }) => state.truths.get(`env:${secret.name}`) === true)
}

/** `if (!SECRET) throw …` or `process.exit(1)` beside its declaration: the program does not start without it. */
export function stopsWithout(name: string, module: Module): boolean {
  return module.body.some(
    (statement) =>
      (statement.kind === 'if' && deniesName(statement.test, name) && statement.then.some(stops)) ||
      (statement.kind === 'if' && mentions(statement.test, name) && statement.otherwise.some(stops)) ||
      (statement.kind === 'expression' && isAssertion(statement.value, name)),
  )
}

function deniesName(test: Expression, name: string): boolean {
  if (test.kind === 'unary' && test.operator === 'not') return mentions(test.operand, name)
  if (test.kind !== 'binary') return false
  if (test.operator === 'or' || test.operator === 'and')
    return deniesName(test.left, name) || deniesName(test.right, name)
  const empty = (one: Expression): boolean =>
    (one.kind === 'literal' && (one.value === null || one.value === undefined || one.value === '')) ||
    (one.kind === 'name' && one.name === 'undefined')
  return (
    (test.operator === '==' &&
      ((mentions(test.left, name) && empty(test.right)) || (mentions(test.right, name) && empty(test.left)))) ||
    (test.operator === '<' && mentions(test.left, name))
  )
}

function mentions(expression: Expression, name: string): boolean {
  return pathOf(expression)
    .split('.')
    .some((part) => part === name)
}

function stops(statement: Statement): boolean {
  if (statement.kind === 'throw') return true
  return (
    statement.kind === 'expression' &&
    statement.value.kind === 'call' &&
    /(?:^|\.)(?:exit|abort|_exit|fatal)$/.test(pathOf(statement.value.callee))
  )
}

function isAssertion(value: Expression, name: string): boolean {
  return (
    value.kind === 'call' &&
    /assert|invariant|ok$/.test(pathOf(value.callee)) &&
    value.args.some((arg) => mentions(arg.value, name))
  )
}
