/**
 * SQLAlchemy's and Peewee's `filter(ApiKey.key == sent)`: nothing is compared there. It is a question to the
 * database, the same as `filter_by(key=sent)`, and is written down as that.
 */
import { wordsOf } from '../knowledge/names.ts'
import type { Argument, Expression } from './ir.ts'
import { pathOf } from './walk.ts'

/** The arguments of a call, with each condition on a column as an argument of the column's name. */
export function columnConditions(callee: Expression, args: readonly Argument[]): Argument[] {
  const asks = callee.kind === 'member' && ASKS.test(callee.property)
  return asks ? args.flatMap(conditionsIn) : [...args]
}

function conditionsIn(arg: Argument): Argument[] {
  const { value } = arg
  if (value.kind === 'call' && BOTH.test(pathOf(value.callee))) return value.args.flatMap(conditionsIn)
  if (arg.name !== undefined || value.kind !== 'binary' || value.operator !== '==') return [arg]
  const name = columnOf(value.left)
  return name === undefined ? [arg] : [{ name, value: value.right }]
}

/** `ApiKey.key` is an API key: what a table is called says what its column of the same word holds. */
function columnOf(expression: Expression): string | undefined {
  const [table, column] = pathOf(expression).split('.').slice(-2)
  if (expression.kind !== 'member' || table === undefined || column === undefined) return undefined
  if (!TABLE.test(table) || !COLUMN.test(column)) return undefined
  const words = wordsOf(table)
  return words.at(-1) === column ? words.join('_') : column
}

const ASKS = /^(?:filter|where)$/
const BOTH = /^(?:\w+\.)*and_$/
const TABLE = /^[A-Z]\w*[a-z]\w*$/
const COLUMN = /^[a-z_][a-z0-9_]*$/
