/** What the discovery of one framework is given and hands back. */
import type { Expression, FunctionIr, Module } from '../parse/ir.ts'
import type { Program } from '../project/program.ts'
import type { DiscoveredSurface } from '../surface.ts'

export interface Project {
  readonly program: Program
  readonly modules: readonly Module[]
}

export type Discover = (module: Module, project: Project) => readonly DiscoveredSurface[]

export function importsFrom(module: Module, pattern: RegExp): boolean {
  return module.imports.some(({ source }) => pattern.test(source)) || requiresFrom(module, pattern)
}

function requiresFrom(module: Module, pattern: RegExp): boolean {
  return module.body.some((statement) => {
    if (statement.kind !== 'assign' && statement.kind !== 'expression') return false
    const source = requiredSource(statement.value)
    return source !== undefined && pattern.test(source)
  })
}

/** The module in `require('x')`, `require('x').y` and `require('x')(…)`. */
export function requiredSource(value: Expression): string | undefined {
  if (value.kind === 'member') return requiredSource(value.object)
  if (value.kind === 'await') return requiredSource(value.value)
  if (value.kind !== 'call') return undefined
  if (value.callee.kind === 'name' && (value.callee.name === 'require' || value.callee.name === 'import')) {
    const [first] = value.args
    return first?.value.kind === 'literal' && typeof first.value.value === 'string' ? first.value.value : undefined
  }
  return requiredSource(value.callee)
}

export function joinPath(...parts: readonly (string | undefined)[]): string {
  const joined = `/${parts.map((part) => part ?? '').join('/')}`.replace(/\/+/g, '/')
  return joined.length > 1 ? joined.replace(/\/$/, '') : joined
}

export function functionName(fn: FunctionIr): string {
  return fn.name === '' ? 'handler' : fn.name
}
