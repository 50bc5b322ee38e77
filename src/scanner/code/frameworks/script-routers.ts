/**
 * Which call registers on which router: one name for one router object, wherever it is made, handed on or wrapped.
 */
import type { CallExpression, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { entryOf, type Inside, pathOf, positional, walk } from '../parse/walk.ts'
import type { Callable, Framework } from '../surface.ts'
import { unwrapped } from './exported-handler.ts'
import { importsFrom, type Project, requiredSource } from './framework.ts'

/** express-ws and Fastify's plugin register sockets as routes; `ws` is the verb of the former. */
export const VERBS = new Set(['ws', 'get', 'post', 'put', 'patch', 'delete', 'del', 'all', 'options', 'head'])

export interface Registration {
  readonly router: string
  readonly call: CallExpression
  readonly property: string
  readonly args: readonly Expression[]
  readonly inside: Inside
  readonly module: Module
  readonly index: number
}

export interface Routers {
  readonly registrations: readonly Registration[]
  readonly byRouter: ReadonlyMap<string, readonly Registration[]>
}

const cache = new WeakMap<Project, Routers>()

/** Functions that are handed an application to fill: what they call their first parameter says nothing. */
const plugins = new WeakSet<FunctionIr>()

/** `const router = Router().use(a)`: the router that the first call makes is the one the variable holds. */
const kept = new WeakMap<CallExpression, string>()

export function routersOf(project: Project): Routers {
  const known = cache.get(project)
  if (known !== undefined) return known
  const registrations: Registration[] = []
  let index = 0
  for (const module of project.modules) if (module.language !== 'python') notePlugins(module, project)
  for (const module of project.modules) {
    if (module.language === 'python') continue
    walk(module, {
      call: (call, inside) => {
        if (call.callee.kind !== 'member') return
        const { property, object } = call.callee
        if (
          !VERBS.has(property) &&
          !/^(?:use|route|register|addHook|addContentTypeParser|removeAllContentTypeParsers|on|prefix|basePath)$/.test(
            property,
          ) &&
          !ELYSIA_HOOKS.test(property)
        )
          return
        const chained = chainedRoute(object)
        const base = chained?.object ?? rootOf(object)
        if (base === undefined) return
        const router = routerKey(base, module, inside, project)
        if (router === undefined) return
        const args = positional(call)
        registrations.push({
          router,
          call,
          property,
          args: chained === undefined ? args : [chained.path, ...args],
          inside,
          module,
          index: index++,
        })
      },
    })
  }
  // Chained calls are met outermost, that is last, first.
  registrations.sort((a, b) =>
    a.module === b.module ? a.call.at.line - b.call.at.line || endOf(a) - endOf(b) : a.index - b.index,
  )
  const byRouter = new Map<string, Registration[]>()
  for (const one of registrations) byRouter.set(one.router, [...(byRouter.get(one.router) ?? []), one])
  const routers = { registrations, byRouter }
  cache.set(project, routers)
  return routers
}

function notePlugins(module: Module, project: Project): void {
  walk(module, {
    call: (call) => {
      if (call.callee.kind !== 'member' || call.callee.property !== 'register') return
      const [plugin] = positional(call)
      if (plugin?.kind === 'lambda') plugins.add(plugin.fn)
      if (plugin?.kind !== 'name') return
      const declaration = project.program.declaration(module, plugin.name)
      if (declaration?.kind === 'function') plugins.add(declaration.fn)
      if (declaration?.kind === 'value' && declaration.value.kind === 'lambda') plugins.add(declaration.value.fn)
    },
    assign: (target, value, inside) => {
      if (target.kind !== 'name' || value.kind !== 'call') return
      const made = rootOf(value)
      if (made?.kind !== 'call' || frameworkOfMaker(made, module) === undefined) return
      const fn = inside.functions.at(-1)
      const scope = fn === undefined ? '' : `${fn.at.line}:${fn.at.column}#`
      kept.set(made, `${module.file}#${scope}${target.name}`)
    },
  })
}

function endOf({ call }: Registration): number {
  return call.callee.kind === 'member' ? call.callee.at.column : call.at.column
}

/** `router.route('/x').post(handler)` */
export function chainedRoute(object: Expression): { object: Expression; path: Expression } | undefined {
  if (object.kind !== 'call' || object.callee.kind !== 'member') return undefined
  if (object.callee.property === 'route') {
    const [path] = positional(object)
    return path === undefined || path.kind === 'name' ? undefined : { object: object.callee.object, path }
  }
  return VERBS.has(object.callee.property) ? chainedRoute(object.callee.object) : undefined
}

/** `app` in `new Hono().use(a).post(b)`, for routers that are built in one expression. */
export function rootOf(object: Expression): Expression | undefined {
  if (
    object.kind === 'call' &&
    object.callee.kind === 'member' &&
    (VERBS.has(object.callee.property) ||
      object.callee.property === 'use' ||
      ELYSIA_HOOKS.test(object.callee.property) ||
      ELYSIA_PLAIN.test(object.callee.property))
  )
    return rootOf(object.callee.object)
  return object
}

/** What Elysia runs before the routes that follow in the chain. */
export const ELYSIA_HOOKS = /^(?:onRequest|onParse|onTransform|onBeforeHandle|derive|resolve|guard)$/
const ELYSIA_PLAIN = /^(?:decorate|state|model|macro|onError|onAfterHandle|onAfterResponse|mapResponse|trace|headers)$/

const MAKERS: Readonly<Record<string, Framework>> = {
  express: 'express',
  Router: 'express',
  fastify: 'fastify',
  Fastify: 'fastify',
  Hono: 'hono',
  OpenAPIHono: 'hono',
  Koa: 'koa',
  Elysia: 'elysia',
  polka: 'express',
}

function frameworkOfMaker(value: Expression, module: Module): Framework | undefined {
  const root = rootOf(value)
  if (root !== undefined && root !== value) return frameworkOfMaker(root, module)
  const call = value.kind === 'call' ? value : undefined
  const last =
    call === undefined
      ? ''
      : (pathOf(call.callee)
          .split('.')
          .filter((part) => part !== 'basePath')
          .at(-1)
          ?.replace('()', '') ?? '')
  const source = requiredSource(value)
  if (source !== undefined && /koa-router|@koa\/router/.test(source)) return 'koa'
  if (last === 'Router' && (importsFrom(module, /koa-router|@koa\/router/) || importsFrom(module, /^koa$/)))
    return 'koa'
  if (source === 'express' || source === 'fastify') return source
  if (value.kind === 'call' && value.callee.kind === 'member' && value.callee.property === 'withTypeProvider')
    return frameworkOfMaker(value.callee.object, module)
  return MAKERS[last]
}

/** `createMiddleware(f)`, `asyncHandler(f)`: wrappers of packages run what they are given. */
export function peeled(
  expression: Expression,
  module: Module,
  project: Project,
  within: readonly FunctionIr[],
): Callable {
  const asIs = { module, expression, within }
  const target = expression.kind === 'name' ? valueNamed(expression.name, module, project) : expression
  if (target?.kind !== 'call' || !NEUTRAL_WRAPPER.test(pathOf(target.callee))) return asIs
  const { run, fn } = unwrapped(expression, module, project)
  return fn === undefined ? asIs : { ...run, within: run.module === module ? within : [] }
}

const NEUTRAL_WRAPPER =
  /^(?:createMiddleware|createHandler|factory\.createMiddleware|express_?async_?handler|async_?(?:handler|wrap(?:per)?|middleware)|wrap(?:Async|per|Handler)?|(?:crud|api|safe|base|common)?_?(?:route|request|controller)_?(?:handler|wrapper)|catch_?(?:async|errors?)|handle_?(?:async|errors?)|try_?catch|ah|fp|fastifyPlugin)$/i

function valueNamed(name: string, module: Module, project: Project): Expression | undefined {
  const declaration = project.program.declaration(module, name)
  return declaration?.kind === 'value' ? declaration.value : undefined
}

/** `[a, b]` and `compose([a, b])`. */
export function flattened(handler: Expression): readonly Expression[] {
  if (handler.kind === 'list') return handler.items.flatMap(flattened)
  if (handler.kind === 'call' && /^(?:compose|koaCompose|chain|pipeline)$/.test(pathOf(handler.callee)))
    return positional(handler).flatMap(flattened)
  return [handler]
}

/** One name for one router object: where it is declared. */
export function routerKey(object: Expression, module: Module, inside: Inside, project: Project): string | undefined {
  if (object.kind === 'member' && object.object.kind === 'name' && object.object.name === 'this')
    return inside.cls === undefined ? undefined : `${module.file}#${inside.cls.name}.${object.property}`
  if (object.kind === 'call')
    return frameworkOfMaker(object, module) === undefined
      ? undefined
      : (kept.get(object) ?? `${module.file}#${object.at.line}:${object.at.column}`)
  if (object.kind !== 'name') return undefined
  for (const fn of [...inside.functions].reverse()) {
    if (fn.params.some((param) => param.pattern.kind === 'name' && param.pattern.name === object.name))
      return isRouterName(object.name, module) || (plugins.has(fn) && isFirstParam(fn, object.name))
        ? `${module.file}#${fn.at.line}:${fn.at.column}#${object.name}`
        : undefined
    if (declaresLocally(fn, object.name)) return `${module.file}#${fn.at.line}:${fn.at.column}#${object.name}`
  }
  const declaration = project.program.declaration(module, object.name)
  if (declaration?.kind === 'value') {
    if (
      frameworkOfMaker(declaration.value, declaration.module) === undefined &&
      !isRouterName(object.name, declaration.module)
    )
      return undefined
    return `${declaration.module.file}#${object.name}`
  }
  return isRouterName(object.name, module) ? `${module.file}#${object.name}` : undefined
}

function isFirstParam({ params }: FunctionIr, name: string): boolean {
  const [first] = params
  return first?.pattern.kind === 'name' && first.pattern.name === name
}

function declaresLocally(fn: FunctionIr, name: string): boolean {
  return fn.body.some(
    (statement) => statement.kind === 'assign' && statement.target.kind === 'name' && statement.target.name === name,
  )
}

function isRouterName(name: string, module: Module): boolean {
  return (
    /^(?:app|router|server|fastify|api|routes?|hono|instance|scope|web|\w*[rR]outer|\w+Routes|\w*App|webhooks?|r|f|c)$/.test(
      name,
    ) &&
    (name.length > 1 || importsFrom(module, /express|fastify|koa|hono/))
  )
}

export function frameworkOf(registration: Registration, project: Project): Framework {
  const { module, inside } = registration
  const base =
    registration.call.callee.kind === 'member'
      ? (chainedRoute(registration.call.callee.object)?.object ?? rootOf(registration.call.callee.object))
      : undefined
  if (base?.kind === 'call') return frameworkOfMaker(base, module) ?? 'express'
  if (base?.kind === 'name') {
    for (const fn of inside.functions)
      for (const statement of fn.body)
        if (statement.kind === 'assign' && statement.target.kind === 'name' && statement.target.name === base.name) {
          const local = frameworkOfMaker(statement.value, module)
          if (local !== undefined) return local
        }
    const declaration = project.program.declaration(module, base.name)
    if (declaration?.kind === 'value') {
      const made = frameworkOfMaker(declaration.value, declaration.module)
      if (made !== undefined) return made
    }
    if (/fastify|instance|scope/i.test(base.name)) return 'fastify'
    if (inside.functions.some((fn) => plugins.has(fn) && isFirstParam(fn, base.name))) return 'fastify'
  }
  const { property, args } = registration
  if (property === 'route' && entryOf(args[0], 'handler') !== undefined) return 'fastify'
  if (VERBS.has(property) && args.length === 3 && args[1]?.kind === 'object') return 'fastify'
  if (importsFrom(module, /^hono/)) return 'hono'
  if (importsFrom(module, /^elysia/)) return 'elysia'
  if (importsFrom(module, /fastify/)) return 'fastify'
  if (importsFrom(module, /^(?:koa|@koa|koa-router)/)) return 'koa'
  const params = registration.args.flatMap((arg) => (arg.kind === 'lambda' ? arg.fn.params : []))
  const [first, second] = params.map((param) => (param.pattern.kind === 'name' ? param.pattern.name : ''))
  if (first === 'ctx' || first === 'context') return 'koa'
  if (first === 'c' && params.length === 1) return 'hono'
  return second === 'reply' ? 'fastify' : 'express'
}

export function nameOf(expression: Expression | undefined): string | undefined {
  if (expression?.kind === 'lambda') return expression.fn.name === '' ? undefined : expression.fn.name
  const name = expression === undefined ? '' : pathOf(expression)
  return name === '' ? undefined : name
}
