/**
 * What runs before a route: the middleware registered above it, and that of every router it is mounted in, up to the
 * application.
 */

import { isNeutralName, isVerifierName } from '../knowledge/names.ts'
import type { Expression, FunctionIr, Module } from '../parse/ir.ts'
import { entryOf, literalText, pathOf, positional } from '../parse/walk.ts'
import type { DiscoveredSurface, Framework } from '../surface.ts'
import { unwrapped } from './exported-handler.ts'
import { joinPath, type Project, requiredSource } from './framework.ts'
import {
  chainedRoute,
  ELYSIA_HOOKS,
  nameOf,
  type Registration,
  type Routers,
  rootOf,
  routerKey,
} from './script-routers.ts'

interface Step {
  readonly expression: Expression
  readonly module: Module
  readonly within: readonly FunctionIr[]
  readonly role: 'middleware' | 'guard' | 'dependency'
}

interface Before {
  readonly steps: readonly Step[]
  /** What checks signatures and is registered where it no longer reaches the route. */
  readonly late: NonNullable<DiscoveredSurface['tooLate']>
  readonly paths: readonly string[]
  /** The chain was followed up to an application. */
  readonly rooted: boolean
  /** Everything registered on the way, for settings that act whatever the order. */
  readonly all: readonly Registration[]
}

export function stepsBefore(
  route: Registration,
  routers: Routers,
  project: Project,
  framework: Framework,
  path: string,
  hops: number,
): Before {
  const own = routers.byRouter.get(route.router) ?? []
  const stepsOf = (one: Registration): Step[] => {
    if (framework === 'fastify') {
      const [event, hook] = one.args
      if (hook === undefined || !/^(?:onRequest|preParsing|preValidation|preHandler)$/.test(literalText(event) ?? ''))
        return []
      return [{ expression: hook, module: one.module, within: one.inside.functions, role: 'middleware' }]
    }
    const [first, ...rest] = one.args
    if (ELYSIA_HOOKS.test(one.property)) {
      const hook = one.args.at(-1)
      const given = hook?.kind === 'object' ? entryOf(hook, 'beforeHandle') : hook
      // What it derives is no answer, whatever it is.
      const role = one.property === 'derive' || one.property === 'resolve' ? 'dependency' : 'middleware'
      return (given?.kind === 'list' ? given.items : given === undefined ? [] : [given]).map((expression) => ({
        expression,
        module: one.module,
        within: one.inside.functions,
        role,
      }))
    }
    const mount = literalText(first)
    const applies =
      mount === undefined || mount === '*' || mount === '/' || path.startsWith(mount.replace(/\/?\*$/, ''))
    if (!applies) return []
    return (mount === undefined ? one.args : rest)
      .flatMap((arg) => (arg.kind === 'list' ? arg.items : [arg]))
      .filter((arg) => routerOfArgument(arg, one, project, routers) === undefined)
      .map((expression) => ({
        expression,
        module: one.module,
        within: one.inside.functions,
        role: 'middleware' as const,
      }))
  }
  const steps = own
    .filter((one) =>
      framework === 'fastify'
        ? one.property === 'addHook'
        : (one.property === 'use' ||
            (one.property === 'all' && one !== route) ||
            (framework === 'elysia' && ELYSIA_HOOKS.test(one.property))) &&
          comesBefore(one, route),
    )
    .flatMap(stepsOf)
  // Fastify's hooks reach the routes above them; a middleware of the others does not.
  const late =
    framework === 'fastify'
      ? []
      : own
          .filter((one) => one.property === 'use' && one !== route && !comesBefore(one, route))
          .filter((one) => stepsOf(one).some((step) => refuses(step.expression, step.module, project)))
          .map((one) => ({ name: lateNameOf(one), at: one.call.at, file: one.module.file }))
  const prefix = own
    .filter((one) => one.property === 'prefix' || one.property === 'basePath')
    .flatMap((one) => literalText(one.args[0]) ?? [])
  const made = prefixOfMaker(route, project)
  if (made !== undefined) prefix.unshift(made)
  const mount = hops > 4 ? undefined : mountOf(route.router, routers, project)
  if (mount === undefined) {
    const rooted = isApplication(route, project)
    return { steps, late, paths: prefix, rooted, all: own }
  }
  const outer = stepsBefore(mount.at, routers, project, framework, joinPath(mount.path, path), hops + 1)
  return {
    steps: [...outer.steps, ...mount.steps, ...steps],
    late: [...late, ...outer.late],
    paths: [...outer.paths, mount.path, ...prefix],
    rooted: outer.rooted,
    all: [...outer.all, ...own],
  }
}

function lateNameOf({ args }: Registration): string {
  const last = args.at(-1)
  return nameOf(last?.kind === 'call' ? last.callee : last) ?? 'The check'
}

/** Its body verifies, or its name says so; four parameters are those of an error handler. */
function refuses(middleware: Expression, module: Module, project: Project): boolean {
  const { fn } = unwrapped(middleware, module, project)
  const name = pathOf(middleware).replaceAll('()', '')
  if (fn === undefined) return (isVerifierName(name) && !isNeutralName(name)) || SIGNED.test(name)
  return fn.params.length < 4 && (VERIFIES.test(JSON.stringify(fn.body)) || SIGNED.test(name))
}

const SIGNED = /(?:^|[._a-z])(?:signed|signatures?|hmac)/i

const VERIFIES = /"(?:timingSafeEqual|createHmac|constructEvent|verifySignature|verifyWebhook)"/

/** `new Router({ prefix: '/events' })`, `new Hono().basePath('/api')` */
function prefixOfMaker(route: Registration, project: Project): string | undefined {
  const base =
    route.call.callee.kind === 'member'
      ? (chainedRoute(route.call.callee.object)?.object ?? rootOf(route.call.callee.object))
      : undefined
  const maker = base?.kind === 'name' ? makerOf(base.name, route, project) : base
  return maker === undefined ? undefined : prefixIn(maker)
}

function prefixIn(written: Expression): string | undefined {
  const maker = rootOf(written)
  if (maker?.kind !== 'call') return undefined
  if (maker.callee.kind === 'member' && maker.callee.property === 'basePath') return literalText(positional(maker)[0])
  const own = literalText(entryOf(positional(maker)[0], 'prefix'))
  return own ?? (maker.callee.kind === 'member' ? prefixIn(maker.callee.object) : undefined)
}

function comesBefore(one: Registration, route: Registration): boolean {
  return one.module !== route.module || one.index < route.index || one.call.at.line < route.call.at.line
}

function isApplication(route: Registration, project: Project): boolean {
  const base = route.call.callee.kind === 'member' ? rootOf(route.call.callee.object) : undefined
  if (base?.kind !== 'name') return base?.kind === 'call'
  const maker = makerOf(base.name, route, project)
  if (maker === undefined) return /^(?:app|server|fastify|hono)$/.test(base.name)
  return (
    !/Router/.test(pathOf(maker.kind === 'call' ? maker.callee : maker)) &&
    requiredSource(maker)?.includes('router') !== true
  )
}

export function makerOf(name: string, { inside, module }: Registration, project: Project): Expression | undefined {
  for (const fn of inside.functions)
    for (const statement of fn.body)
      if (statement.kind === 'assign' && statement.target.kind === 'name' && statement.target.name === name)
        return statement.value
  const declaration = project.program.declaration(module, name)
  return declaration?.kind === 'value' ? declaration.value : undefined
}

/** Where a router is handed to another with `use`, `route` or `register`. */
function mountOf(
  router: string,
  routers: Routers,
  project: Project,
): { at: Registration; path: string; steps: readonly Step[] } | undefined {
  for (const one of routers.registrations) {
    if (one.property !== 'use' && one.property !== 'register' && one.property !== 'route') continue
    if (one.router === router) continue
    const flat = one.args.flatMap((arg) => (arg.kind === 'list' ? arg.items : [arg]))
    const index = flat.findIndex((arg) => routerOfArgument(arg, one, project, routers) === router)
    if (index < 0) continue
    const path = literalText(one.args[0]) ?? literalText(entryOf(one.args[1], 'prefix')) ?? ''
    const steps = flat
      .slice(0, index)
      .filter((arg) => arg.kind !== 'literal')
      .map((expression): Step => ({ expression, module: one.module, within: one.inside.functions, role: 'middleware' }))
    return { at: one, path, steps }
  }
  return undefined
}

export function routerOfArgument(
  arg: Expression,
  one: Registration,
  project: Project,
  routers: Routers,
): string | undefined {
  if (
    arg.kind === 'call' &&
    arg.callee.kind === 'member' &&
    /^(?:routes|middleware|allowedMethods|callback)$/.test(arg.callee.property) &&
    positional(arg).length === 0
  )
    return routerOfArgument(arg.callee.object, one, project, routers)
  if (arg.kind === 'name') {
    const key = routerKey(arg, one.module, one.inside, project)
    if (key !== undefined && routers.byRouter.has(key)) return key
    const declaration = project.program.declaration(one.module, arg.name)
    if (declaration?.kind === 'function') return routerInside(declaration.fn, declaration.module, routers)
    if (declaration?.kind === 'value' && declaration.value.kind === 'lambda')
      return routerInside(declaration.value.fn, declaration.module, routers)
    if (declaration?.kind === 'module') return exportedRouter(declaration.module, project, routers)
    if (declaration?.kind === 'value') {
      const source = requiredSource(declaration.value)
      const module = source === undefined ? undefined : project.program.resolve(declaration.module, source)
      if (module !== undefined) return exportedRouter(module, project, routers)
    }
    return undefined
  }
  if (arg.kind === 'lambda') return routerInside(arg.fn, one.module, routers)
  if (arg.kind === 'member' && arg.object.kind === 'name') {
    const declaration = project.program.declaration(one.module, arg.object.name)
    if (declaration?.kind !== 'module') return undefined
    return routers.byRouter.has(`${declaration.module.file}#${arg.property}`)
      ? `${declaration.module.file}#${arg.property}`
      : undefined
  }
  if (arg.kind !== 'call') return undefined
  const source = requiredSource(arg)
  const module = source === undefined ? undefined : project.program.resolve(one.module, source)
  if (module !== undefined) return exportedRouter(module, project, routers)
  if (arg.callee.kind !== 'name') return undefined
  const declaration = project.program.declaration(one.module, arg.callee.name)
  if (declaration?.kind === 'function') return routerInside(declaration.fn, declaration.module, routers)
  if (declaration?.kind === 'value' && declaration.value.kind === 'lambda')
    return routerInside(declaration.value.fn, declaration.module, routers)
  return undefined
}

function exportedRouter(module: Module, project: Project, routers: Routers): string | undefined {
  const exported = project.program.exported(module, 'default')
  if (exported?.kind === 'function') return routerInside(exported.fn, exported.module, routers)
  if (exported?.kind === 'value' && exported.value.kind === 'lambda')
    return routerInside(exported.value.fn, exported.module, routers)
  const named =
    exported?.kind === 'value' && exported.target.kind === 'name'
      ? `${exported.module.file}#${exported.target.name}`
      : undefined
  if (named !== undefined && routers.byRouter.has(named)) return named
  const inFile = [...routers.byRouter.keys()].filter((key) => key.startsWith(`${module.file}#`))
  return inFile.length === 1 ? inFile[0] : undefined
}

/** The router a function makes and returns, or is given to fill. */
function routerInside(fn: FunctionIr, module: Module, routers: Routers): string | undefined {
  const prefix = `${module.file}#${fn.at.line}:${fn.at.column}#`
  return [...routers.byRouter.keys()].find((key) => key.startsWith(prefix))
}
