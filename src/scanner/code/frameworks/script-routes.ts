/**
 * Express, Koa (with a router), Fastify and Hono: routes registered by calls on an application or router.
 *
 * The order of the calls is the order of the middleware, so a router is read as the list of its calls; where it is
 * mounted (in this file or another) adds what runs before it.
 */

import type { Expression, Module } from '../parse/ir.ts'
import { bytesOf, entryOf, literalText, pathOf, positional, walk } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface, Framework, ParamRole, SocketSettings } from '../surface.ts'
import { unwrapped } from './exported-handler.ts'
import { type Discover, importsFrom, joinPath, type Project } from './framework.ts'
import { bodyOf, parserSteps, parsersHook } from './script-bodies.ts'
import { routerOfArgument, stepsBefore } from './script-mounts.ts'
import {
  flattened,
  frameworkOf,
  nameOf,
  peeled,
  type Registration,
  type Routers,
  routersOf,
  VERBS,
} from './script-routers.ts'
import { testedPaths } from './tested-paths.ts'

export const discoverScriptRoutes: Discover = (module, project) => {
  if (module.language !== 'javascript' && module.language !== 'typescript') return []
  const routers = routersOf(project)
  return routers.registrations
    .filter((one) => one.module === module)
    .flatMap((one) => surfacesOf(one, routers, project))
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
  // A parser's hook runs when there is a body: whoever sends a GET leaves it out.
  const hooksOf: typeof parsersHook = (...step) => (isWithoutBody(route.methods) ? [] : parsersHook(...step))
  const chain: ChainStep[] = [
    ...before.steps.flatMap(({ expression, module: where, within: scope, role }): ChainStep[] => [
      ...hooksOf(expression, where, project, scope),
      { role, run: peeled(expression, where, project, scope), binds: bindsOf(framework, false) },
    ]),
    ...parserSteps(before.all, framework),
    ...expressions.flatMap((expression) => hooksOf(expression, module, project, within)),
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
 * A handler that is mounted rather than routed: `app.use('/hooks', (req, res) => …)`, or a last middleware that takes
 * whatever comes, or compares the address itself.
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
      : ends && (mount === undefined || !isKoa)
        ? [{ path: joinPath(mount ?? '/'), methods: [], comparesAddress: false }]
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

/** `preHandler` and its siblings among the options of a route of Fastify or Elysia, in the order in which they run. */
function hooksIn(options: Expression): readonly Expression[] {
  return ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'beforeHandle'].flatMap((name) => {
    const hook = entryOf(options, name)
    if (hook === undefined) return []
    return hook.kind === 'list' ? hook.items : [hook]
  })
}

function bindsOf(framework: Framework, isLast: boolean): readonly ParamRole[] {
  if (framework === 'koa' || framework === 'hono' || framework === 'elysia') return ['context', 'next']
  if (framework === 'fastify') return ['request', 'response', isLast ? 'next' : 'next']
  return ['request', 'response', 'next']
}

function isWithoutBody(methods: readonly string[]): boolean {
  return methods.length > 0 && methods.every((method) => method === 'GET' || method === 'HEAD')
}
