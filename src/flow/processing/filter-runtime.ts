/**
 * What a filter may do, and what each step of it costs.
 *
 * CEL always ends, but a loop over a list inside a loop over the same list ends late: three of them over ten thousand
 * items take days. So each turn of a loop and each call is charged, and a filter that has spent its budget is over.
 * Costs are counted, not timed: the same filter on the same event ends the same way on a busy machine.
 */
import {
  type CelEnv,
  CelScalar,
  type CelValue,
  celEnv,
  celFunc,
  celList,
  celMethod,
  isCelError,
  isCelList,
  isCelMap,
  listType,
} from '@bufbuild/cel'
import { LRUCache } from 'lru-cache'
import { compilePattern, type LinearPattern } from '../../base/lib/linear-pattern.ts'
import { childrenOf, type Expr } from './filter-expression.ts'

type CelFunc = ReturnType<typeof celFunc>

/** A step is about a microsecond, so that the most expensive filter there can be takes a quarter of a second. */
const MAX_STEPS = 250_000

/** No number, time or duration is written longer; reading a million digits takes as long as a thousand filters. */
const MAX_CAST_LENGTH = 64

/** Every turn of a loop calls it; no filter can name it. */
const TICK = '@tick'

const { BOOL, DYN, INT, STRING } = CelScalar
const LIST = listType(DYN)

export interface FilterRuntime {
  readonly env: CelEnv
  /** Sets the budget, evaluates, and says whether it was exceeded; the value is worth nothing then. */
  readonly spend: <T>(evaluate: () => T) => { readonly value: T; readonly exceeded: boolean }
}

export function createFilterRuntime(): FilterRuntime {
  let left = 0
  /** An error can be outvoted (`error || true`), so having nothing left is remembered: each later charge fails too. */
  function charge(steps: number): void {
    left -= steps
    if (left < 0) throw new Error('the budget is spent')
  }
  const standard = [...celEnv().funcs].map((func) => charged(func, charge))
  return {
    env: celEnv({ funcs: [...standard, ...ownFunctions(charge)] }),
    spend(evaluate) {
      left = MAX_STEPS
      // In CEL an error is a value like others, and a stack trace for each would cost thirty times the step it stands for.
      const { stackTraceLimit } = Error
      Error.stackTraceLimit = 0
      try {
        const value = evaluate()
        return { value, exceeded: left < 0 }
      } finally {
        Error.stackTraceLimit = stackTraceLimit
      }
    },
  }
}

type Charge = (steps: number) => void

/** Beside the standard ones, or instead of them where those cost more than they must. */
function ownFunctions(charge: Charge): CelFunc[] {
  const patterns = new LRUCache<string, LinearPattern>({ max: 1000 })

  function size(text: string): bigint {
    charge(1 + text.length / 64)
    let points = 0
    for (let index = 0; index < text.length; index++) {
      points++
      if ((text.codePointAt(index) ?? 0) > 0xffff) index++
    }
    return BigInt(points)
  }

  return [
    celFunc(TICK, [DYN], DYN, (value) => {
      charge(1)
      return value
    }),
    celMethod('matches', STRING, [STRING], BOOL, function (pattern) {
      const compiled = patterns.get(pattern) ?? compilePattern(pattern)
      patterns.set(pattern, compiled)
      // Linear in the text, but each character may need a state of the automaton that was not made before, and making
      // one takes as long as the pattern has instructions.
      charge(1 + (this.length * compiled.instructions) / 4)
      return compiled.test(this)
    }),
    celMethod('lowerAscii', STRING, [], STRING, function () {
      charge(1 + this.length / 16)
      return this.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    }),
    celMethod('upperAscii', STRING, [], STRING, function () {
      charge(1 + this.length / 16)
      return this.replace(/[a-z]+/g, (letters) => letters.toUpperCase())
    }),
    celMethod('trim', STRING, [], STRING, function () {
      charge(1 + this.length / 64)
      return this.trim()
    }),
    celFunc('size', [STRING], INT, size),
    celMethod('size', STRING, [], INT, function () {
      return size(this)
    }),
    // The standard sum of two lists is a pair of them, and `map()` over a thousand items a thousand pairs deep.
    celFunc('_+_', [LIST, LIST], LIST, (first, second) => {
      charge(1 + (first.size + second.size) / 8)
      return celList([...first, ...second])
    }),
  ]
}

/** Has every loop of the expression call `@tick` before each turn. */
export function countTurns(expr: Expr): void {
  for (const inner of childrenOf(expr)) countTurns(inner)
  if (expr.exprKind.case !== 'comprehensionExpr') return
  const loop = expr.exprKind.value
  if (loop.loopCondition === undefined) return
  loop.loopCondition = {
    $typeName: 'cel.expr.Expr',
    id: loop.loopCondition.id,
    exprKind: {
      case: 'callExpr',
      value: { $typeName: 'cel.expr.Expr.Call', function: TICK, args: [loop.loopCondition] },
    },
  }
}

/** The same function for a price. What it says when it fails is left out: it may quote the event. */
function charged(func: CelFunc, charge: Charge): CelFunc {
  function call(target: CelValue | undefined, args: CelValue[]): CelValue {
    charge(1)
    chargeValues(func, target === undefined ? args : [target, ...args], charge)
    const result = func.call(0, target, args)
    if (isCelError(result)) charge(5)
    if (result === undefined || isCelError(result)) throw new Error('it cannot be computed')
    return result
  }
  return func.target === undefined
    ? celFunc(func.name, func.arguments, func.result, (...args: CelValue[]) => call(undefined, args))
    : celMethod(func.name, func.target, func.arguments, func.result, function (...args: CelValue[]) {
        return call(this, args)
      })
}

const CASTS = new Set(['int', 'uint', 'double', 'bool', 'timestamp', 'duration'])
const COMPARISONS = new Set(['_==_', '_!=_', '@in'])

function chargeValues(func: CelFunc, values: readonly CelValue[], charge: Charge): void {
  const [first, second] = values
  if (COMPARISONS.has(func.name)) {
    // Two trees are compared as far as the smaller one goes; a tree is told from a scalar at once.
    if (isTree(first) && isTree(second)) weigh(second, charge)
    else if (func.name === '@in' && isCelList(second)) charge(second.size)
  } else if (CASTS.has(func.name) && typeof first === 'string' && first.length > MAX_CAST_LENGTH) {
    throw new Error('it is too long')
  } else if (func.target?.kind === 'object' && func.arguments.length === 1) {
    charge(300) // the calendar of a time zone
  }
  for (const value of values) {
    if (typeof value === 'string' || value instanceof Uint8Array) charge(value.length / 256)
  }
}

function isTree(value: CelValue | undefined): value is CelValue {
  return isCelList(value) || isCelMap(value)
}

function weigh(value: CelValue, charge: Charge): void {
  charge(typeof value === 'string' ? 1 + value.length / 256 : 1)
  if (isCelList(value)) for (const item of value) weigh(item, charge)
  else if (isCelMap(value)) for (const item of value.values()) weigh(item, charge)
}
