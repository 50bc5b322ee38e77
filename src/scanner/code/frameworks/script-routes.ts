/**
 * Express, Koa (with a router), Fastify and Hono: routes registered by calls on an application or router.
 *
 * The order of the calls is the order of the middleware, so a router is read as the list of its calls; where it is
 * mounted (in this file or another) adds what runs before it.
 */
import { isNeutralName, isVerifierName } from '../knowledge/names.ts'
import type { CallExpression, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { bytesOf, entryOf, type Inside, literalNumber, literalText, pathOf, positional, walk } from '../parse/walk.ts'
import type {
  BodyHandling,
  Callable,
  ChainStep,
  DiscoveredSurface,
  Framework,
  ParamRole,
  SocketSettings,
} from '../surface.ts'
import { unwrapped } from './exported-handler.ts'
import { type Discover, importsFrom, joinPath, type Project, requiredSource } from './framework.ts'
import { testedPaths } from './tested-paths.ts'

/** express-ws and Fastify's plugin register sockets as routes; `ws` is the verb of the former. */
const VERBS = new Set(['ws', 'get', 'post', 'put', 'patch', 'delete', 'del', 'all', 'options', 'head'])

interface Registration {
  readonly router: string
  readonly call: CallExpression
  readonly property: string
  readonly args: readonly Expression[]
  readonly inside: Inside
  readonly module: Module
  readonly index: number
}

interface Routers {
  readonly registrations: readonly Registration[]
  readonly byRouter: ReadonlyMap<string, readonly Registration[]>
}

const cache = new WeakMap<Project, Routers>()
/** Functions that are handed an application to fill: what they call their first parameter says nothing. */
const plugins = new WeakSet<FunctionIr>()
/** `const router = Router().use(a)`: the router that the first call makes is the one the variable holds. */
const kept = new WeakMap<CallExpression, string>()

export const discoverScriptRoutes: Discover = (module, project) => {
  if (module.language !== 'javascript' && module.language !== 'typescript') return []
  const routers = routersOf(project)
  return routers.registrations
    .filter((one) => one.module === module)
    .flatMap((one) => surfacesOf(one, routers, project))
}

function routersOf(project: Project): Routers {
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
          )
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
function chainedRoute(object: Expression): { object: Expression; path: Expression } | undefined {
  if (object.kind !== 'call' || object.callee.kind !== 'member') return undefined
  if (object.callee.property === 'route') {
    const [path] = positional(object)
    return path === undefined || path.kind === 'name' ? undefined : { object: object.callee.object, path }
  }
  return VERBS.has(object.callee.property) ? chainedRoute(object.callee.object) : undefined
}

/** `app` in `new Hono().use(a).post(b)`, for routers that are built in one expression. */
function rootOf(object: Expression): Expression | undefined {
  if (
    object.kind === 'call' &&
    object.callee.kind === 'member' &&
    (VERBS.has(object.callee.property) || object.callee.property === 'use')
  )
    return rootOf(object.callee.object)
  return object
}

const MAKERS: Readonly<Record<string, Framework>> = {
  express: 'express',
  Router: 'express',
  fastify: 'fastify',
  Fastify: 'fastify',
  Hono: 'hono',
  OpenAPIHono: 'hono',
  Koa: 'koa',
  Elysia: 'hono',
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
function peeled(expression: Expression, module: Module, project: Project, within: readonly FunctionIr[]): Callable {
  const asIs = { module, expression, within }
  const target = expression.kind === 'name' ? valueNamed(expression.name, module, project) : expression
  if (target?.kind !== 'call' || !NEUTRAL_WRAPPER.test(pathOf(target.callee))) return asIs
  const { run, fn } = unwrapped(expression, module, project)
  return fn === undefined ? asIs : { ...run, within: run.module === module ? within : [] }
}
const NEUTRAL_WRAPPER =
  /^(?:createMiddleware|createHandler|factory\.createMiddleware|express_?async_?handler|async_?(?:handler|wrap(?:per)?|middleware)|wrap(?:Async|per|Handler)?|catch_?(?:async|errors?)|handle_?(?:async|errors?)|try_?catch|ah|fp|fastifyPlugin)$/i

function valueNamed(name: string, module: Module, project: Project): Expression | undefined {
  const declaration = project.program.declaration(module, name)
  return declaration?.kind === 'value' ? declaration.value : undefined
}

/** `[a, b]` and `compose([a, b])`. */
function flattened(handler: Expression): readonly Expression[] {
  if (handler.kind === 'list') return handler.items.flatMap(flattened)
  if (handler.kind === 'call' && /^(?:compose|koaCompose|chain|pipeline)$/.test(pathOf(handler.callee)))
    return positional(handler).flatMap(flattened)
  return [handler]
}

/** One name for one router object: where it is declared. */
function routerKey(object: Expression, module: Module, inside: Inside, project: Project): string | undefined {
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
    /^(?:app|router|server|fastify|api|routes?|hono|instance|scope|web|\w*[rR]outer|\w*App|webhooks?|r|f|c)$/.test(
      name,
    ) &&
    (name.length > 1 || importsFrom(module, /express|fastify|koa|hono/))
  )
}

function frameworkOf(registration: Registration, project: Project): Framework {
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
  if (importsFrom(module, /fastify/)) return 'fastify'
  if (importsFrom(module, /^(?:koa|@koa|koa-router)/)) return 'koa'
  const params = registration.args.flatMap((arg) => (arg.kind === 'lambda' ? arg.fn.params : []))
  const [first, second] = params.map((param) => (param.pattern.kind === 'name' ? param.pattern.name : ''))
  if (first === 'ctx' || first === 'context') return 'koa'
  if (first === 'c' && params.length === 1) return 'hono'
  return second === 'reply' ? 'fastify' : 'express'
}

function surfacesOf(registration: Registration, routers: Routers, project: Project): readonly DiscoveredSurface[] {
  const { property, args, call, module, inside } = registration
  const framework = frameworkOf(registration, project)
  if (property === 'use') return usedAsRoutes(registration, framework, routers, project)
  const route = property === 'route' && framework === 'fastify' ? fastifyRoute(args[0]) : plainRoute(property, args)
  if (route === undefined || route.handlers.length === 0) return []
  const within = inside.functions
  const before = stepsBefore(registration, routers, project, framework, route.path, 0)
  const expressions = route.handlers.flatMap(flattened)
  const last = expressions.at(-1)
  const socket = socketOf(registration, last, project)
  const chain: ChainStep[] = [
    ...before.steps.map(
      ({ expression, module: where, within: scope, role }): ChainStep => ({
        role,
        run: peeled(expression, where, project, scope),
        binds: bindsOf(framework, false),
      }),
    ),
    ...expressions.map(
      (expression): ChainStep => ({
        role: expression === last ? (socket === undefined ? 'handler' : 'connection') : 'middleware',
        run: {
          ...peeled(expression === last ? (socket?.handler ?? expression) : expression, module, project, within),
          ...(inside.cls === undefined ? {} : { cls: inside.cls }),
        },
        binds: expression === last && socket !== undefined ? socket.binds : bindsOf(framework, expression === last),
      }),
    ),
  ]
  return [
    {
      kind: socket === undefined ? 'route' : 'socket',
      ...(socket === undefined ? {} : { socket: socket.settings }),
      framework,
      path: before.paths.length === 0 ? joinPath(route.path) : joinPath(...before.paths, route.path),
      methods: route.methods,
      name: nameOf(last) ?? `${route.methods[0] ?? 'ALL'} ${route.path}`,
      module,
      at: call.at,
      chain,
      body: bodyOf(
        [...before.steps.map((step) => step.expression), ...expressions],
        before.all,
        framework,
        before.rooted,
        project,
      ),
      mountSeen: before.rooted,
      guards: [],
      ...(before.late.length === 0 ? {} : { tooLate: before.late }),
    },
  ]
}

/**
 * A handler that is mounted rather than routed: `app.use('/hooks', (req, res) => …)`, or a last middleware of Koa that
 * compares the address itself.
 */
function usedAsRoutes(
  registration: Registration,
  framework: Framework,
  routers: Routers,
  project: Project,
): readonly DiscoveredSurface[] {
  const { args, call, module, inside } = registration
  const last = args.at(-1)
  if (last === undefined || routerOfArgument(last, registration, project, routers) !== undefined) return []
  const { fn, run } = unwrapped(last, module, project)
  if (fn === undefined) return []
  const mount = literalText(args[0])
  const isKoa = framework === 'koa'
  const ends = isKoa ? fn.params.length === 1 : framework === 'express' && fn.params.length === 2
  const tested = isKoa || ends ? testedPaths(fn, run.module, project) : []
  const routes =
    tested.length > 0
      ? tested.map(({ path, methods }) => ({ path: joinPath(mount, path), methods, comparesAddress: true }))
      : ends && mount !== undefined && !isKoa
        ? [{ path: joinPath(mount), methods: [], comparesAddress: false }]
        : []
  return routes.map(({ path, methods, comparesAddress }): DiscoveredSurface => {
    const before = stepsBefore(registration, routers, project, framework, path, 0)
    const own = args.slice(mount === undefined ? 0 : 1, -1).flatMap(flattened)
    return {
      kind: 'route',
      framework,
      path: joinPath(...before.paths, path),
      methods,
      name: fn.name === '' ? 'handler' : fn.name,
      module,
      at: call.at,
      chain: [
        ...before.steps.map(
          ({ expression, module: where, within, role }): ChainStep => ({
            role,
            run: { module: where, expression, within },
            binds: bindsOf(framework, false),
          }),
        ),
        ...[...own, last].map(
          (expression): ChainStep => ({
            role: expression === last ? 'handler' : 'middleware',
            run: { module, expression, within: inside.functions },
            binds: bindsOf(framework, expression === last),
          }),
        ),
      ],
      body: bodyOf(
        [...before.steps.map((step) => step.expression), ...own],
        before.all,
        framework,
        before.rooted,
        project,
      ),
      mountSeen: before.rooted,
      guards: [],
      ...(comparesAddress ? { comparesAddress } : {}),
    }
  })
}

interface SocketRoute {
  readonly handler: Expression
  readonly binds: readonly ParamRole[]
  readonly settings: SocketSettings
}

/** `app.ws(path, …)`, `{ websocket: true }` and `upgradeWebSocket(…)`. */
function socketOf(
  { property, args, call, module }: Registration,
  last: Expression | undefined,
  project: Project,
): SocketRoute | undefined {
  if (last === undefined) return undefined
  const settings: SocketSettings = {
    origin: 'default',
    maxPayload: maxPayloadOf(module, project),
    hasRateLimit: false,
    serverAt: call.at,
  }
  const upgrade = last.kind === 'call' && /(?:^|\.)upgradeWebSocket$/.test(pathOf(last.callee)) ? last : undefined
  if (upgrade !== undefined) {
    const [handler] = positional(upgrade)
    return handler === undefined ? undefined : { handler, binds: ['context'], settings }
  }
  const own = property === 'route' ? args[0] : undefined
  const wsHandler = entryOf(own, 'wsHandler')
  const isSocket =
    property === 'ws' ||
    wsHandler !== undefined ||
    args.some((arg) => {
      const flag = entryOf(arg, 'websocket')
      return flag?.kind === 'literal' && flag.value === true
    })
  return isSocket ? { handler: wsHandler ?? last, binds: ['socket', 'request'], settings } : undefined
}

/** Set where the server of the sockets is made, in this module or in the application's. */
function maxPayloadOf(module: Module, project: Project): number | undefined {
  let found: number | undefined
  const look = (one: Module): void =>
    walk(one, {
      call: (call) => {
        for (const arg of positional(call)) {
          const options = entryOf(arg, 'wsOptions') ?? entryOf(arg, 'options') ?? arg
          const limit = entryOf(options, 'maxPayload') ?? entryOf(options, 'maxPayloadLength')
          if (limit !== undefined) found ??= bytesOf(limit) ?? 1_000_000
        }
      },
      assign: (target, value) => {
        if (target.kind === 'place' && /maxPayload$/.test(pathOf(target.target))) found ??= bytesOf(value) ?? 1_000_000
      },
    })
  look(module)
  if (found === undefined)
    for (const one of project.modules) if (importsFrom(one, /express-ws|websocket|^ws$|node-ws/)) look(one)
  return found
}

interface Route {
  readonly path: string
  readonly methods: readonly string[]
  readonly handlers: readonly Expression[]
}

function plainRoute(property: string, args: readonly Expression[]): Route | undefined {
  if (!VERBS.has(property)) return undefined
  const [first, ...rest] = args
  const path =
    literalText(first) ??
    (first?.kind === 'list' ? literalText(first.items[0]) : undefined) ??
    (first?.kind === 'regex' ? first.source : undefined) ??
    (first !== undefined &&
    (first.kind === 'name' || first.kind === 'member' || first.kind === 'template') &&
    rest.length > 0
      ? pathText(first)
      : undefined)
  if (path === undefined || rest.length === 0) return undefined
  const handlers = rest
    .filter((arg) => arg.kind !== 'object' || entryOf(arg, 'handler') !== undefined)
    .map((arg) => entryOf(arg, 'handler') ?? arg)
  const hooks = rest.flatMap((arg) => hooksIn(arg))
  if (
    !handlers.some(
      (handler) =>
        handler.kind === 'lambda' ||
        handler.kind === 'name' ||
        handler.kind === 'member' ||
        handler.kind === 'call' ||
        handler.kind === 'list',
    )
  )
    return undefined
  if (
    property === 'get' &&
    handlers.every((handler) => handler.kind === 'member' && /^[A-Z_]+$/.test(handler.property))
  )
    return undefined
  return {
    path,
    methods: property === 'all' || property === 'ws' ? [] : [property === 'del' ? 'DELETE' : property.toUpperCase()],
    handlers: [...hooks, ...handlers],
  }
}

function pathText(value: Expression): string {
  return value.kind === 'template'
    ? value.parts.map((part) => literalText(part) ?? ':part').join('')
    : `{${pathOf(value)}}`
}

function fastifyRoute(options: Expression | undefined): Route | undefined {
  if (options?.kind !== 'object') return undefined
  const path = literalText(entryOf(options, 'url')) ?? literalText(entryOf(options, 'path'))
  const method = entryOf(options, 'method')
  const handler = entryOf(options, 'handler')
  if (path === undefined || handler === undefined) return undefined
  const methods =
    method?.kind === 'list' ? method.items.map((item) => literalText(item) ?? '') : [literalText(method) ?? 'GET']
  return { path, methods: methods.map((one) => one.toUpperCase()), handlers: [...hooksIn(options), handler] }
}

/** `preHandler` and its siblings among the options of a Fastify route, in the order in which they run. */
function hooksIn(options: Expression): readonly Expression[] {
  return ['onRequest', 'preParsing', 'preValidation', 'preHandler'].flatMap((name) => {
    const hook = entryOf(options, name)
    if (hook === undefined) return []
    return hook.kind === 'list' ? hook.items : [hook]
  })
}

function nameOf(expression: Expression | undefined): string | undefined {
  if (expression?.kind === 'lambda') return expression.fn.name === '' ? undefined : expression.fn.name
  const name = expression === undefined ? '' : pathOf(expression)
  return name === '' ? undefined : name
}

function bindsOf(framework: Framework, isLast: boolean): readonly ParamRole[] {
  if (framework === 'koa' || framework === 'hono') return ['context', 'next']
  if (framework === 'fastify') return ['request', 'response', isLast ? 'next' : 'next']
  return ['request', 'response', 'next']
}

interface Step {
  readonly expression: Expression
  readonly module: Module
  readonly within: readonly FunctionIr[]
  readonly role: 'middleware' | 'guard'
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

function stepsBefore(
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
        : (one.property === 'use' || (one.property === 'all' && one !== route)) && comesBefore(one, route),
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

function makerOf(name: string, { inside, module }: Registration, project: Project): Expression | undefined {
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

function routerOfArgument(arg: Expression, one: Registration, project: Project, routers: Routers): string | undefined {
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

// ── bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The first parser in the chain decides what `req.body` is. */
function bodyOf(
  steps: readonly Expression[],
  all: readonly Registration[],
  framework: Framework,
  rooted: boolean,
  project: Project,
): BodyHandling {
  if (framework === 'fastify') return { ...fastifyBody(all), ...fastifyLimit(steps, all, project) }
  if (framework === 'hono') return { body: 'raw', limit: honoLimit(steps, rooted, project) }
  for (const step of steps) {
    if (step.kind !== 'call') continue
    const name = pathOf(step.callee).replaceAll('()', '')
    const last = name.split('.').at(-1) ?? ''
    const options = positional(step)[0]
    const limit = entryOf(options, 'limit') ?? entryOf(options, 'jsonLimit')
    const bytes =
      limit === undefined
        ? undefined
        : literalNumber(limit) === Number.POSITIVE_INFINITY || pathOf(limit) === 'Infinity'
          ? null
          : bytesOf(limit)
    const common = {
      limit: limit === undefined ? (framework === 'express' ? 102_400 : 1_048_576) : bytes,
      ...(limit === undefined ? {} : { limitAt: limit.at }),
      parserAt: step.at,
    }
    if (/^(?:raw|rawBody|getRawBody)$/.test(last) || (last === 'text' && /express|bodyParser/.test(name)))
      return { body: 'raw', ...common }
    if (/^(?:json|bodyParser|koaBody|body|urlencoded|koa-bodyparser|koa-body)$/i.test(last)) {
      const field = rawFieldOf(entryOf(options, 'verify'))
      if (framework === 'koa') return { body: 'parsed', rawField: 'rawBody', ...common }
      if (last === 'urlencoded' && field === undefined) continue
      return { body: 'parsed', ...(field === undefined ? {} : { rawField: field }), ...common }
    }
  }
  const conditional = steps.some((step) => step.kind === 'lambda' && mentionsParser(step))
  if (framework === 'koa') return { body: rooted ? 'parsed' : 'unknown', rawField: 'rawBody', limit: undefined }
  return { body: conditional || !rooted ? 'unknown' : 'unknown', limit: undefined }
}

/** Workers and other platforms cap a body; a server on Node or Bun does not, and Hono adds nothing. */
function honoLimit(steps: readonly Expression[], rooted: boolean, project: Project): null | undefined {
  const limited = steps.some((step) => step.kind === 'call' && /bodyLimit$/.test(pathOf(step.callee)))
  return rooted && !limited && project.modules.some((module) => importsFrom(module, /^@hono\/node-server/))
    ? null
    : undefined
}

/** `Fastify({ bodyLimit })` and the option of a route. */
function fastifyLimit(
  steps: readonly Expression[],
  all: readonly Registration[],
  project: Project,
): Pick<BodyHandling, 'limit' | 'limitAt' | 'file'> | object {
  for (const step of steps) {
    const own = entryOf(step, 'bodyLimit')
    if (own !== undefined) return { limit: bytesOf(own), limitAt: own.at }
  }
  for (const one of all) {
    const base = one.call.callee.kind === 'member' ? rootOf(one.call.callee.object) : undefined
    const maker = base?.kind === 'name' ? makerOf(base.name, one, project) : base
    if (maker?.kind !== 'call') continue
    const limit = positional(maker).flatMap((arg) => entryOf(arg, 'bodyLimit') ?? [])[0]
    if (limit !== undefined) return { limit: bytesOf(limit), limitAt: limit.at, file: one.module.file }
  }
  return {}
}

function mentionsParser(step: Expression): boolean {
  return JSON.stringify(step).includes('"json"')
}

/** `verify: (req, res, buf) => { req.rawBody = buf }` */
function rawFieldOf(verify: Expression | undefined): string | undefined {
  if (verify === undefined) return undefined
  if (verify.kind !== 'lambda') return 'rawBody'
  const text = JSON.stringify(verify.fn.body)
  const match =
    /"target":\{"kind":"member","object":\{"kind":"name"[^}]*\}?[^{]*?\},?"property":"(\w+)"/.exec(text) ??
    /"property":"(rawBody|raw|buf|bodyRaw|raw_body|rawBuffer)"/.exec(text)
  return match?.[1] ?? 'rawBody'
}

function fastifyBody(all: readonly Registration[]): BodyHandling {
  const parser = all.find((one) => one.property === 'addContentTypeParser')
  const plugin = all.find(
    (one) =>
      one.property === 'register' &&
      /raw-?body/i.test(one.args[0] === undefined ? '' : `${pathOf(one.args[0])} ${requiredSource(one.args[0]) ?? ''}`),
  )
  if (plugin !== undefined)
    return { body: 'parsed', rawField: literalText(entryOf(plugin.args[1], 'field')) ?? 'rawBody', limit: undefined }
  if (parser === undefined) return { body: 'parsed', limit: 1_048_576 }
  const done = parser.args.at(-1)
  const parsesIt = done?.kind === 'lambda' && JSON.stringify(done.fn.body).includes('"JSON"')
  const field =
    done?.kind === 'lambda'
      ? /"property":"(rawBody|raw|rawPayload|bodyRaw)"/.exec(JSON.stringify(done.fn.body))?.[1]
      : undefined
  if (field !== undefined) return { body: 'parsed', rawField: field, limit: undefined }
  if (parsesIt) return { body: 'unknown', rawField: 'rawBody', limit: undefined }
  return { body: 'raw', limit: undefined }
}
