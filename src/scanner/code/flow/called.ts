/** A call as its meaning is looked up. */
import type { Place } from './facts.ts'
import type { Value } from './value.ts'

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
