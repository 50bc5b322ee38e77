/** What a call writes into the objects it is given. */
import type { Machine } from './machine.ts'
import type { State } from './state.ts'
import { unionOrigins, type Value } from './value.ts'

/** The key under which an object keeps what filled it as a whole. */
export const FILLED = '#filled'

export function fill(state: State, into: Value, what: Value): void {
  if (into.object === undefined) return
  const before = state.get(into.object, FILLED)
  state.set(
    into.object,
    FILLED,
    before === undefined ? what : { origins: unionOrigins([before.origins, what.origins]) },
  )
}

/** The value together with what filled the object behind it. */
export function filled(state: State, value: Value): Value {
  const what = value.object === undefined ? undefined : state.get(value.object, FILLED)
  if (what === undefined) return value
  return {
    ...value,
    origins: unionOrigins([value.origins, what.origins]),
    ...(value.symbol === undefined && what.symbol !== undefined ? { symbol: what.symbol } : {}),
  }
}

export function isBounded({ surface, record }: Machine): boolean {
  // A servlet container stands around these, and most often a proxy before it.
  if (surface.framework === 'spring' || surface.framework === 'jax-rs') return true
  return (typeof surface.body.limit === 'number' && surface.body.limit > 0) || record.guards.has('size-limited')
}
