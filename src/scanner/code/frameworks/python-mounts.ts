/**
 * What stands around a route of Flask, FastAPI and Starlette: prefixes and dependencies of the routers it is mounted in,
 * hooks, and the middleware of the application.
 */
import type { CallExpression, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { type Inside, literalText, namedArg, pathOf, positional, walk } from '../parse/walk.ts'
import type { ChainStep, ParamRole } from '../surface.ts'
import { joinPath, type Project } from './framework.ts'
import { declarationOf, lineageOf, methodIn } from './python-names.ts'
import { madeInside, type Owner, ownerOf } from './python-owners.ts'

/** `dependencies=[Depends(f), AUTHED]`, or the constant that names such a list, each where its names mean something. */
export function dependenciesIn(
  value: Expression | undefined,
  module: Module,
  functions: readonly FunctionIr[],
  project: Project,
): readonly Dependency[] {
  if (value === undefined) return []
  if (value.kind === 'list')
    return value.items.map((expression) => {
      const named = expression.kind === 'name' ? declarationOf(expression, module, project) : undefined
      return named?.kind === 'value' && dependedOn(named.value) !== undefined
        ? { expression: named.value, module: named.module, functions: [] }
        : { expression, module, functions }
    })
  const named = value.kind === 'name' ? declarationOf(value, module, project) : undefined
  return named?.kind === 'value' && named.value.kind === 'list'
    ? dependenciesIn(named.value, named.module, [], project)
    : []
}

/** The function in `Depends(f)`, `Security(f)`. */
export function dependedOn(value: Expression | undefined): Expression | undefined {
  if (value?.kind !== 'call' || !/(?:^|\.)(?:Depends|Security)$/.test(pathOf(value.callee))) return undefined
  return positional(value)[0] ?? namedArg(value, 'dependency')
}

function prefixOf(owner: Owner, project: Project): string {
  if (owner.made === undefined) return ''
  return (
    textOf(namedArg(owner.made, 'url_prefix'), owner.module, project) ??
    textOf(namedArg(owner.made, 'prefix'), owner.module, project) ??
    ''
  )
}

export interface Dependency {
  readonly expression: Expression
  readonly module: Module
  readonly functions: readonly FunctionIr[]
}

interface Mount {
  readonly call: CallExpression
  readonly target: Expression
  readonly host: Owner | undefined
  readonly module: Module
  readonly functions: readonly FunctionIr[]
}

interface Mounted {
  readonly prefix: string
  readonly dependencies: readonly Dependency[]
}

/** Where a router or blueprint hangs, up to the application: prefixes and what runs first on the way. */
export function mountOf(owner: Owner, project: Project, hops = 0): Mounted {
  const own = prefixOf(owner, project)
  const mount =
    hops > 6
      ? undefined
      : mountsOf(project).find((one) => isSame(one.target, owner, one.module, one.functions, project))
  if (mount === undefined) return { prefix: own, dependencies: [] }
  const { call, host } = mount
  const given =
    textOf(namedArg(call, 'url_prefix'), mount.module, project) ??
    textOf(namedArg(call, 'prefix'), mount.module, project) ??
    (call.callee.kind === 'member' && call.callee.property === 'mount' ? literalText(positional(call)[0]) : undefined)
  const above = host === undefined ? { prefix: '', dependencies: [] } : mountOf(host, project, hops + 1)
  // Flask's registration replaces the prefix that the blueprint was made with.
  const below = given !== undefined && owner.framework === 'flask' ? given : joinPath(given, own)
  return {
    prefix: joinPath(above.prefix, below),
    dependencies: [
      ...above.dependencies,
      ...dependenciesIn(
        host?.made === undefined ? undefined : namedArg(host.made, 'dependencies'),
        host?.module ?? mount.module,
        mount.functions,
        project,
      ),
      ...dependenciesIn(namedArg(call, 'dependencies'), mount.module, mount.functions, project),
    ],
  }
}

/** A text in place, or a constant of the project. */
function textOf(value: Expression | undefined, module: Module, project: Project): string | undefined {
  if (value?.kind !== 'name') return literalText(value)
  const declaration = project.program.declaration(module, value.name)
  return declaration?.kind === 'value' ? literalText(declaration.value) : undefined
}

const mounts = new WeakMap<Project, readonly Mount[]>()

function mountsOf(project: Project): readonly Mount[] {
  const known = mounts.get(project)
  if (known !== undefined) return known
  const found: Mount[] = []
  for (const module of project.modules) {
    if (module.language !== 'python') continue
    walk(module, {
      call: (call, inside) => {
        if (
          call.callee.kind !== 'member' ||
          !/^(?:register_blueprint|include_router|mount|add_namespace|blueprint)$/.test(call.callee.property)
        )
          return
        const target =
          positional(call).find((arg) => pathOf(arg) !== '') ??
          ['blueprint', 'router', 'app'].flatMap((name) => namedArg(call, name) ?? [])[0]
        if (target === undefined) return
        const host = ownerOf(call.callee.object, module, project, inside)
        found.push({ call, target, host, module, functions: inside.functions })
      },
    })
  }
  mounts.set(project, found)
  return found
}

function isSame(
  target: Expression,
  owner: Owner,
  module: Module,
  functions: readonly FunctionIr[],
  project: Project,
): boolean {
  if (owner.made === undefined) return false
  if (target.kind === 'name') {
    if (madeInside(target.name, { functions, cls: undefined }) === owner.made) return true
    const declaration = project.program.declaration(module, target.name)
    return declaration?.kind === 'value' && declaration.module === owner.module && declaration.value === owner.made
  }
  if (target.kind !== 'member' || target.object.kind !== 'name' || target.property !== owner.name) return false
  const declaration = project.program.declaration(module, target.object.name)
  return declaration?.kind === 'module' && declaration.module === owner.module
}

interface Hook {
  readonly owner: Owner | undefined
  readonly everywhere: boolean
  readonly when: 'before' | 'after'
  readonly step: ChainStep
}

const hooks = new WeakMap<Project, readonly Hook[]>()

/** `@app.before_request`: those of the application run for every route, a blueprint's for its own. */
export function hooksOf(owner: Owner, project: Project, when: 'before' | 'after'): readonly ChainStep[] {
  if (owner.framework !== 'flask') return []
  const known = hooks.get(project) ?? readHooks(project)
  hooks.set(project, known)
  return known
    .filter((hook) => hook.when === when)
    .filter(
      (hook) =>
        hook.everywhere ||
        hook.owner?.made === undefined ||
        hook.owner.made === owner.made ||
        /Flask|Quart/.test(pathOf(hook.owner.made.callee)),
    )
    .map((hook) => hook.step)
}

const HOOK = /^(before|after)_(?:app_)?request$/
/** Of what runs after the handler only a verification matters, which is then too late. */
const VERIFIES = /"(?:compare_digest|construct_event|hmac)"/

function readHooks(project: Project): readonly Hook[] {
  const found: Hook[] = []
  const add = (target: Expression, property: string, run: ChainStep['run'], inside: Inside): void => {
    const when = property.startsWith('after') ? 'after' : 'before'
    if (when === 'after' && !VERIFIES.test(JSON.stringify(run.fn?.body ?? ''))) return
    found.push({
      when,
      owner: ownerOf(target, run.module, project, inside),
      everywhere: property.endsWith('_app_request'),
      step: { role: 'middleware', run: { ...run, within: inside.functions }, binds: [] },
    })
  }
  for (const module of project.modules) {
    if (module.language !== 'python') continue
    walk(module, {
      fn: (fn, inside) => {
        for (const decorator of fn.decorators) {
          const target = decorator.kind === 'call' ? decorator.callee : decorator
          if (target.kind === 'member' && HOOK.test(target.property))
            add(target.object, target.property, { module, fn: { ...fn, decorators: [] } }, inside)
        }
      },
      // `app.before_request(check)`
      call: (call, inside) => {
        const [expression] = positional(call)
        if (call.callee.kind === 'member' && HOOK.test(call.callee.property) && expression !== undefined)
          add(call.callee.object, call.callee.property, { module, expression }, inside)
      },
    })
  }
  return found
}

const middleware = new WeakMap<Project, readonly ChainStep[]>()

/** `@app.middleware('http')`, `app.add_middleware(Signed, key=…)`, `Middleware(Signed)` of the project itself. */
export function middlewareOf(project: Project): readonly ChainStep[] {
  const known = middleware.get(project)
  if (known !== undefined) return known
  const steps: ChainStep[] = []
  for (const module of project.modules) {
    if (module.language !== 'python') continue
    walk(module, {
      fn: (fn, inside) => {
        const isHttp = fn.decorators.some(
          (one) =>
            one.kind === 'call' &&
            one.callee.kind === 'member' &&
            one.callee.property === 'middleware' &&
            literalText(positional(one)[0]) === 'http',
        )
        if (isHttp)
          steps.push({
            role: 'middleware',
            run: { module, fn: { ...fn, decorators: [] }, within: inside.functions },
            binds: ['request', 'next'],
          })
      },
      call: (call, inside) => {
        const name = pathOf(call.callee)
        if (!/(?:^|\.)(?:add_middleware|Middleware)$/.test(name)) return
        const [target] = positional(call)
        const declaration = target === undefined ? undefined : declarationOf(target, module, project)
        if (target === undefined || declaration?.kind !== 'class') return
        const lineage = lineageOf(declaration, project)
        const isDispatch = methodIn(lineage, 'dispatch') !== undefined
        const made = {
          kind: 'call',
          callee: target,
          args: [
            { value: { kind: 'name', name: '__app__', at: call.at } },
            ...call.args.filter((arg) => arg.name !== undefined),
          ],
          isNew: false,
          at: call.at,
        } as const
        steps.push({
          role: 'middleware',
          run: { module, expression: made, within: [...inside.functions, APPLICATION] },
          binds: isDispatch ? ['request', 'next'] : ['request', 'receive', 'unknown'],
          bindsByName: { __app__: 'next' },
        })
      },
    })
  }
  middleware.set(project, steps)
  return steps
}

/** The scope in which a middleware is given the application below it. */
const APPLICATION: FunctionIr = {
  name: 'application',
  params: [{ pattern: { kind: 'name', name: '__app__', at: { line: 1, column: 1 } }, decorators: [] }],
  body: [],
  decorators: [],
  isAsync: false,
  isGenerator: false,
  at: { line: 1, column: 1 },
}

export function firstIs(fn: FunctionIr, role: ParamRole): Readonly<Record<string, ParamRole>> {
  const [first] = fn.params
  return first?.pattern.kind === 'name' ? { [first.pattern.name]: role } : {}
}
