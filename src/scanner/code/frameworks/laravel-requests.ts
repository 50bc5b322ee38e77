/**
 * A request class of Laravel refuses before the controller runs: its `authorize` is a guard, in which `$this` is the
 * request. One that is not in the project may do so as well, and nobody can tell.
 */
import type { FunctionIr } from '../parse/ir.ts'
import type { ChainStep, NamedGuard } from '../surface.ts'
import type { Project } from './framework.ts'
import type { Handler } from './php-handlers.ts'

export interface RequestGuards {
  readonly steps: readonly ChainStep[]
  readonly guards: readonly NamedGuard[]
}

export function requestGuards({ fn, module }: Handler, project: Project): RequestGuards {
  const steps: ChainStep[] = []
  const guards: NamedGuard[] = []
  for (const { annotation } of fn.params) {
    if (annotation?.kind !== 'name' || !/\wRequest$/.test(annotation.name)) continue
    const declaration = project.program.declaration(module, annotation.name)
    if (declaration?.kind === 'outside' && !/^(?:Illuminate|Symfony|Psr)\b/.test(declaration.ref))
      guards.push({ name: annotation.name.split('\\').at(-1) ?? annotation.name, at: annotation.at })
    const authorize =
      declaration?.kind === 'class' ? declaration.cls.methods.find(({ name }) => name === 'authorize') : undefined
    if (declaration?.kind === 'class' && authorize !== undefined)
      steps.push({
        role: 'guard',
        run: { module: declaration.module, fn: ofRequest(authorize) },
        binds: ['request'],
      })
  }
  return { steps, guards }
}

/** The method as a function of the request. */
function ofRequest(fn: FunctionIr): FunctionIr {
  const at = fn.at
  const body = JSON.parse(JSON.stringify(fn.body), (_, value: unknown) =>
    isThis(value) ? { ...value, name: REQUEST } : value,
  ) as FunctionIr['body']
  return { ...fn, params: [{ pattern: { kind: 'name', name: REQUEST, at }, decorators: [] }], body }
}
const REQUEST = '$request'

function isThis(value: unknown): value is { readonly kind: 'name'; readonly name: 'this' } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'name' &&
    'name' in value &&
    value.name === 'this'
  )
}
