/** What the meaning of calls and of framework objects may ask of the interpreter that runs them. */
import type { Module, Position } from '../parse/ir.ts'
import type { DiscoveredSurface } from '../surface.ts'
import type { Place } from './facts.ts'
import type { Recorder } from './recorder.ts'
import type { State } from './state.ts'
import type { Value } from './value.ts'

export interface Outcome {
  readonly state: State
  readonly value: Value
  /** Of the `return`. */
  readonly at?: Place
}

export interface Frame {
  readonly env: number
  readonly module: Module
  readonly self: Value | undefined
  readonly depth: number
  readonly returns: Outcome[]
  readonly yields: Value[]
  breaks: State[]
  continues: State[]
}

export interface Machine {
  readonly surface: DiscoveredSurface
  readonly record: Recorder
  /** `message`: inside a socket's message handler. */
  readonly phase: 'request' | 'message'
  /** How many `try` blocks with a handler stand around what runs. */
  readonly tryDepth: number
  freshId: () => number
  place: (frame: Frame, at: Position) => Place
  merge: (states: readonly State[], flags: number | undefined) => State[]
  split: (state: State, value: Value, at: Place) => { yes: State[]; no: State[] }
  throwIn: (state: State, value: Value | undefined, sure: boolean) => void
  contained: <T>(work: () => T) => T
  elementOf: (value: Value, state: State) => Value
  withDefault: (value: Value, initial: Value) => Value
  apply: (
    fn: Value,
    args: readonly Value[],
    state: State,
    frame: Frame,
    at: Position,
    path: string,
    decorating?: boolean,
  ) => Outcome[]
}
