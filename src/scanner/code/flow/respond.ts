/** What goes back to the caller, and who is told that a middleware went on. */
import type { Place } from './facts.ts'
import type { Machine } from './machine.ts'
import { leakedAt } from './recorder.ts'
import type { State } from './state.ts'
import { has, type Value } from './value.ts'

/** Who wants to know that a middleware has called `next`. */
export const onNext = new WeakMap<Machine, (state: State, refuses: boolean) => void>()

export function respond(interpreter: Machine, state: State, value: Value, at: Place, name: string): void {
  interpreter.record.use(state, { kind: 'response', name, at, origins: value.origins, guarded: false })
  if (has(value, 'exception'))
    interpreter.record.use(state, {
      kind: 'leak',
      name,
      at: leakedAt(value, at),
      origins: value.origins,
      guarded: false,
    })
  if (has(value, 'digest') && state.failed.length > 0)
    interpreter.record.use(state, {
      kind: 'leak',
      name: `${name} (expected signature)`,
      at,
      origins: value.origins,
      guarded: false,
      detail: 'digest',
    })
}
