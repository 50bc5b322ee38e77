/**
 * What a module hands to its platform under a name (`POST`, `handler`, the default), seen through wrappers.
 *
 * A wrapper of the project is left in place, for the analysis follows it; a wrapper of a package is peeled off, and its
 * name kept as a guard unless it is known to guard nothing.
 */
import { isGuardName, isNeutralName, isVerifierName } from '../knowledge/names.ts'
import { VERIFYING_WRAPPERS } from '../knowledge/verifiers.ts'
import type { Expression, FunctionIr, Module, Position } from '../parse/ir.ts'
import { entryOf, pathOf, positional } from '../parse/walk.ts'
import type { Callable, NamedGuard } from '../surface.ts'
import type { Project } from './framework.ts'

export interface ExportedHandler {
  readonly name: string
  readonly run: Callable
  /** The innermost function, when it is in the project: what it looks like, not what runs. */
  readonly fn: FunctionIr | undefined
  readonly guards: readonly NamedGuard[]
  readonly at: Position
}

const MAX_HOPS = 6

export function exportedHandler(module: Module, name: string, project: Project): ExportedHandler | undefined {
  const written = module.exports.find((one) => one.name === name)
  if (written === undefined) return undefined
  const declaration = project.program.exported(module, name)
  if (declaration?.kind === 'function') {
    const { fn } = declaration
    return {
      name,
      fn,
      run: { module: declaration.module, expression: { kind: 'name', name: fn.name, at: fn.at }, fn },
      guards: [],
      at: declaration.module === module ? fn.at : written.at,
    }
  }
  const value = declaration?.kind === 'value' ? declaration.value : written.value
  if (value === undefined) return undefined
  const where = declaration?.kind === 'value' ? declaration.module : module
  const named = where === module && declaration?.kind === 'value' ? declaration.target.at : written.at
  // A method of the exported object stands in a line of its own.
  const at = where === module && value.kind === 'lambda' && value.at.line > named.line ? value.at : named
  return { name, at, ...unwrapped(value, where, project) }
}

/** The function inside wrappers, with the names of those that were peeled off. */
export function unwrapped(
  value: Expression,
  module: Module,
  project: Project,
  hops = 0,
): Pick<ExportedHandler, 'run' | 'fn' | 'guards'> {
  const asIs = { run: { module, expression: value }, fn: undefined, guards: [] }
  if (value.kind === 'lambda') return { run: { module, expression: value }, fn: value.fn, guards: [] }
  if (hops > MAX_HOPS) return asIs
  if (value.kind === 'name') {
    const declaration = project.program.declaration(module, value.name)
    if (declaration?.kind === 'function') return { run: { module, expression: value }, fn: declaration.fn, guards: [] }
    if (declaration?.kind !== 'value' || declaration.target.kind !== 'name') return asIs
    return unwrapped(declaration.value, declaration.module, project, hops + 1)
  }
  if (value.kind !== 'call') return asIs
  const maker = innermostCall(value)
  const inside = followed(maker.callee, module, project)
  const candidates = positional(maker).flatMap((arg) => [arg, entryOf(arg, 'handler') ?? []].flat())
  for (const arg of candidates) {
    const inner = unwrapped(arg, module, project, hops + 1)
    if (inner.fn === undefined) continue
    return inside ? { ...asIs, fn: inner.fn } : { ...inner, guards: [...wrapperGuard(maker), ...inner.guards] }
  }
  return asIs
}

/** `middy` in `middy(handler).use(a).use(b)`. */
function innermostCall(value: Extract<Expression, { kind: 'call' }>): Extract<Expression, { kind: 'call' }> {
  return value.callee.kind === 'member' && value.callee.object.kind === 'call'
    ? innermostCall(value.callee.object)
    : value
}

function followed(callee: Expression, module: Module, project: Project): boolean {
  if (callee.kind !== 'name') return false
  const declaration = project.program.declaration(module, callee.name)
  return declaration?.kind === 'function' || (declaration?.kind === 'value' && declaration.value.kind === 'lambda')
}

function wrapperGuard({ callee, at }: Extract<Expression, { kind: 'call' }>): readonly NamedGuard[] {
  const name = pathOf(callee).replaceAll('()', '')
  const matters = VERIFYING_WRAPPERS.test(name) || isVerifierName(name) || isGuardName(name)
  return name === '' || PLATFORM_WRAPPER.test(name) || (isNeutralName(name) && !matters) ? [] : [{ name, at }]
}

/** Adapters of platforms and of error reporting. */
const PLATFORM_WRAPPER =
  /^(?:middy|onRequest|onCall|https\.onRequest|functions\.[\w.]*onRequest|builder|stream|streamifyResponse|awslambda\.streamifyResponse|defineEventHandler|eventHandler|serve|schedule|with(?:Sentry|Axiom|Logger|Logging|Datadog|Lambda|ErrorHandl\w*|Telemetry|OpenTelemetry|Metrics|Tracing|Powertools|Cors|CORS)\w*|handleErrors?|errorHandler|catchErrors?|Sentry\.[\w.]+|datadog|allowCors|nc|nextConnect|createRouter|micro|cors|httpAction)$/
