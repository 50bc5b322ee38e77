/**
 * What the modules of a project hold before any request comes: worked out once for all surfaces of a file.
 *
 * Only for one file, because what a name means may depend on the framework and on where it was asked for.
 */
import type { Module } from '../parse/ir.ts'
import type { Program } from '../project/program.ts'
import type { DiscoveredSurface } from '../surface.ts'
import type { Frame } from './machine.ts'
import { State } from './state.ts'
import type { Closure, Value } from './value.ts'

export interface ModuleValues {
  /** The cells of objects that modules made. */
  readonly globals: State
  /** By file and name. */
  readonly values: Map<string, Value>
  /** For a block: the function around it. */
  readonly homes: WeakMap<Closure, Frame>
  /** Whose code was run for them. */
  readonly visited: Set<string>
  /** The next number of a cell; those of requests come after those of modules. */
  nextId: number
}

interface Kept {
  readonly module: Module
  readonly framework: string
  readonly kind: string
  readonly values: ModuleValues
}

/** Surfaces come file by file, so the last is enough. */
const kept = new WeakMap<Program, Kept>()

export function moduleValuesFor(program: Program, { module, framework, kind }: DiscoveredSurface): ModuleValues {
  const last = kept.get(program)
  if (last?.module === module && last.framework === framework && last.kind === kind) return last.values
  const values = {
    globals: new State(),
    values: new Map(),
    homes: new WeakMap(),
    visited: new Set<string>(),
    nextId: 1,
  }
  kept.set(program, { module, framework, kind, values })
  return values
}
