/** A call as its meaning is looked up, and the two things that many meanings do: go on to what follows, and answer. */
import type { Place } from './facts.ts'
import type { Machine } from './machine.ts'
import { leakedAt } from './recorder.ts'
import type { State } from './state.ts'
import { has, type Value } from './value.ts'

export interface Called {
  readonly callee: Value
  readonly object: Value | undefined
  readonly property: string | undefined
  /** The name outside the project where it is known, else as written. */
  readonly path: string
  readonly written: string
  readonly args: readonly Value[]
  readonly named: ReadonlyMap<string, Value>
  readonly isNew: boolean
  /** Ruby: no arguments, so that it may as well be a member. */
  readonly bare?: boolean
  /** Ruby: its name ends with `!`, as those do that change something. */
  readonly bang?: boolean
  /** Somebody takes its value. */
  readonly used: boolean
  readonly at: Place
  /** A decorator or wrapper is being applied: what it returns stands for what it was given. */
  readonly decorating?: boolean
}

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
