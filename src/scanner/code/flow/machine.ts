/** What the meaning of calls and of framework objects may ask of the interpreter that runs them. */

import type { ClassIr, Module, Position } from '../parse/ir.ts'
import type { DiscoveredSurface } from '../surface.ts'
import type { Called } from './called.ts'
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
  /** For a block: the function it stands in, which a `return` in it leaves. */
  readonly home?: Frame | undefined
}

/** Where code begins to run: nothing returned, nothing broken off. */
export function freshFrame(env: number, module: Module, self: Value | undefined, depth = 1, home?: Frame): Frame {
  return { env, module, self, depth, returns: [], yields: [], breaks: [], continues: [], home }
}

export interface Machine {
  readonly surface: DiscoveredSurface
  readonly record: Recorder
  /** `message`: inside a socket's message handler. */
  phase: 'request' | 'message'
  /** How many `try` blocks with a handler stand around what runs. */
  readonly tryDepth: number
  /** What runs from here on is run by a client's messages. */
  enterMessages: () => void
  readonly settlesConflict: boolean
  /** Inside of a `try` that turns away whoever may not: what throws that has asked. */
  readonly turnsAway: boolean
  freshId: () => number
  /** Runs code as the handler of a socket's message. */
  inMessage: <T>(work: () => T) => T
  place: (frame: Frame, at: Position) => Place
  merge: (states: readonly State[], flags: number | undefined) => State[]
  split: (state: State, value: Value, at: Place) => { yes: State[]; no: State[] }
  throwIn: (state: State, value: Value | undefined, sure: boolean) => void
  contained: <T>(work: () => T) => T
  /** A field of data, whether written as a member or asked for by name. */
  plainMember: (object: Value, property: string, frame: Frame, at: Position) => Value
  elementOf: (value: Value, state: State) => Value
  withDefault: (value: Value, initial: Value) => Value
  member: (object: Value, property: string, state: State, frame: Frame, at: Position) => Value
  /** A class of the project, as a name in this module finds it. */
  classNamed: (name: string, frame: Frame) => ClassIr | undefined
  /** A method of an instance of the project, bound to it. */
  methodOf: (object: Value, name: string) => Value | undefined
  apply: (
    fn: Value,
    args: readonly Value[],
    state: State,
    frame: Frame,
    at: Position,
    path: string,
    decorating?: boolean,
  ) => Outcome[]
  dispatch: (called: Called, state: State, frame: Frame) => Outcome[]
}
