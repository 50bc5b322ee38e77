/**
 * Routes of Go: net/http and its muxes, gin, echo, chi, fiber, gorilla/mux and httprouter.
 *
 * All of them register a path and a handler on something that was made, grouped and wrapped somewhere; `go-routers.ts`
 * follows that back, here is the registration itself and the function that serves it.
 */
import type { Expression, FunctionIr, Module } from '../parse/ir.ts'
import { literalText, pathOf, positional } from '../parse/walk.ts'
import type { Callable, ChainStep, DiscoveredSurface, Framework } from '../surface.ts'
import { type Discover, joinPath, type Project } from './framework.ts'
import {
  type At,
  type Call,
  frameworkOf,
  type Index,
  indexOf,
  localValue,
  methodsAfter,
  methodsNamed,
  methodText,
  sameFolder,
} from './go-calls.ts'
import { appWrappers, bindsOf, methodOf, middleware, type Router, routerOf, UNKNOWN_ROUTER } from './go-routers.ts'
import { socketOf, upgrades } from './go-sockets.ts'
import { unroutedHandlers } from './go-unrouted.ts'

const VERBS: Readonly<Record<string, string>> = {
  GET: 'GET',
  POST: 'POST',
  PUT: 'PUT',
  PATCH: 'PATCH',
  DELETE: 'DELETE',
  Get: 'GET',
  Post: 'POST',
  Put: 'PUT',
  Patch: 'PATCH',
  Delete: 'DELETE',
}
const ANY = new Set([
  'Any',
  'All',
  'HandleFunc',
  'Handle',
  'HandlerFunc',
  'Handler',
  'Match',
  'Method',
  'MethodFunc',
  'Add',
])

export const discoverGoRoutes: Discover = (module, project) => {
  if (module.language !== 'go') return []
  const index = indexOf(project)
  return [
    ...routedIn(module, project, index),
    ...servers(module, project, index),
    ...unroutedHandlers(module, project, registered(project)),
  ]
}

function routedIn(module: Module, project: Project, index: Index): readonly DiscoveredSurface[] {
  return index.calls.filter((one) => one.module === module).flatMap((one) => surfaceOf(one, project, index) ?? [])
}

/** Handlers that any module of the project registers. */
const handlers = new WeakMap<object, ReadonlySet<FunctionIr>>()
function registered(project: Project): ReadonlySet<FunctionIr> {
  const index = indexOf(project)
  const known = handlers.get(index)
  if (known !== undefined) return known
  const found = new Set(
    index.calls.flatMap((one) => {
      const registration = registrationOf(one, project)
      const ends = registration === undefined ? undefined : functionIn(registration.handler, one, project)
      return ends === undefined ? [] : [ends.fn]
    }),
  )
  handlers.set(index, found)
  return found
}

interface Registration {
  readonly path: string
  readonly methods: readonly string[]
  readonly handler: Expression
  readonly before: readonly Expression[]
}

function surfaceOf(one: Call, project: Project, index: Index): DiscoveredSurface | undefined {
  const registered = registrationOf(one, project)
  if (registered === undefined) return undefined
  const router = one.object === undefined ? UNKNOWN_ROUTER : routerOf(one.object, one, project, index, 0)
  const framework = router.framework ?? frameworkOf(one.module)
  if (framework === undefined) return undefined
  const wrapped = appWrappers(one, index)
  return build(one, registered, { ...router, steps: [...wrapped, ...router.steps] }, framework, project)
}

function build(
  one: Call,
  { path, methods, handler, before }: Registration,
  router: Router,
  framework: Framework,
  project: Project,
): DiscoveredSurface {
  const { module, inside } = one
  const found = functionIn(handler, one, project)
  const place = found?.fn.at ?? handler.at
  const home = found?.module ?? module
  const isSocket = found !== undefined && upgrades(found.fn, found.module, project)
  const step: ChainStep = {
    role: isSocket ? 'connection' : 'handler',
    run: callable(handler, one),
    binds: bindsOf(framework),
  }
  const unwrapped = clean(path)
  return {
    kind: isSocket ? 'socket' : 'route',
    framework,
    path: joinPath(router.prefix, unwrapped),
    methods: methodsIn(path) ?? methods,
    name:
      found === undefined || found.fn.name === '' ? (pathOf(handler).split('.').at(-1) ?? 'handler') : found.fn.name,
    module: home,
    at: place,
    chain: [
      ...router.steps,
      ...before.map((expression): ChainStep => middleware(expression, module, inside, framework)),
      step,
    ],
    body: { body: framework === 'fiber' ? 'raw' : 'unknown', limit: limitOf(framework, router) },
    mountSeen: router.rooted,
    guards: [],
    ...(isSocket ? { socket: socketOf(home, project) } : {}),
    ...(!isSocket && found !== undefined && streams(found.fn) ? { style: 'sse' as const } : {}),
  }
}

function streams(fn: FunctionIr): boolean {
  return /text\/event-stream|"SSEvent"/.test(JSON.stringify(fn.body))
}

/** Fiber refuses above 4 MB; elsewhere the code that reads decides, unless a middleware has bounded the body. */
function limitOf(framework: Framework, router: Router): number | undefined {
  return router.limit ?? (framework === 'fiber' ? 4_194_304 : undefined)
}

function registrationOf(one: Call, project: Project): Registration | undefined {
  const { call, property, object } = one
  const args = positional(call)
  const verb = VERBS[property]
  if (object === undefined) return undefined
  if (verb !== undefined || ANY.has(property)) {
    const [first, second, third] = args
    // `Add("POST", "/x", h)`, `Method("POST", "/x", h)`, `Match([]string{…}, "/x", h)`
    if (/^(?:Add|Method|MethodFunc|Match|Handle|HandlerFunc|Handler)$/.test(property) && third !== undefined) {
      const path = textAt(second, one, project)
      const named =
        first?.kind === 'list'
          ? first.items.map((item) => methodText(item) ?? '')
          : [methodText(first)].filter((text) => text !== undefined)
      if (path?.startsWith('/') === true && named.length > 0)
        return { path, methods: named, ...handlersOf(property, args.slice(2)) }
    }
    const path = textAt(first, one, project)
    if (path === undefined || second === undefined || !/^(?:[A-Z]+ )?[\w.-]*\/|^$/.test(path)) return undefined
    if (!looksLikeHandler(args.slice(1), one, project)) return undefined
    const methods = verb === undefined ? [] : [verb]
    return { path, methods: [...methods, ...methodsAfter(one)], ...handlersOf(property, args.slice(1), one) }
  }
  return undefined
}

/** gin, fiber and httprouter take the handler last, echo first. */
function handlersOf(
  property: string,
  args: readonly Expression[],
  one?: Call,
): { handler: Expression; before: readonly Expression[] } {
  const isEcho = one !== undefined && frameworkOf(one.module) === 'echo' && !/Handle/.test(property)
  const handlers = isEcho ? [...args.slice(1), ...args.slice(0, 1)] : args
  const handler = handlers.at(-1) as Expression
  return { handler, before: handlers.slice(0, -1) }
}

function looksLikeHandler(args: readonly Expression[], one: Call, project: Project): boolean {
  const [first] = args
  if (first === undefined || args.some((arg) => arg.kind === 'literal' || arg.kind === 'object')) return false
  if (one.property === 'Get' || one.property === 'Delete' || one.property === 'Put' || one.property === 'Post') {
    // `cache.Get("/x", key)` and `client.Post("/x", body)` are no routes.
    const root = one.object === undefined ? '' : pathOf(one.object)
    if (/client|cache|http\b|store|redis|db\b|resty|headers?/i.test(root) && !/router|mux|app/i.test(root)) return false
    const found = functionIn(first, one, project)
    return found !== undefined || first.kind === 'call' || first.kind === 'member' || first.kind === 'name'
  }
  return true
}

function textAt(value: Expression | undefined, one: Call, project: Project): string | undefined {
  const text = literalText(value)
  if (text !== undefined || value === undefined) return text
  if (value.kind === 'template') {
    const parts = value.parts.map((part) => textAt(part, one, project))
    return parts.every((part) => part !== undefined) ? parts.join('') : undefined
  }
  if (value.kind === 'name') {
    const local = localValue(value.name, one)
    const declaration = local === undefined ? project.program.declaration(one.module, value.name) : undefined
    const found = local ?? (declaration?.kind === 'value' ? declaration.value : undefined)
    return found === undefined || found.kind === 'name' ? undefined : literalText(found)
  }
  return undefined
}

/** The method in a pattern of Go 1.22, `POST /hooks`. */
function methodsIn(path: string): readonly string[] | undefined {
  const found = /^([A-Z]+) +/.exec(path)?.[1]
  return found === undefined ? undefined : [found]
}

function clean(path: string): string {
  const plain = path.replace(/^[A-Z]+ +/, '')
  return plain.startsWith('/') || plain === '' ? plain : plain.slice(Math.max(plain.indexOf('/'), 0))
}

function callable(expression: Expression, { module, inside }: At): Callable {
  return { module, expression, within: inside.functions, ...methodOf(inside) }
}

/** The function a handler expression ends at, where it is one of the project: what reports show. */
function functionIn(
  value: Expression,
  at: At,
  project: Project,
  hops = 0,
): { fn: FunctionIr; module: Module } | undefined {
  if (hops > 6) return undefined
  switch (value.kind) {
    case 'lambda':
      return { fn: value.fn, module: at.module }
    case 'name': {
      const local = localValue(value.name, at)
      if (local !== undefined && local !== value) return functionIn(local, at, project, hops + 1)
      const declaration = project.program.declaration(at.module, value.name)
      return declaration?.kind === 'function' ? declaration : undefined
    }
    case 'member':
      return methodIn(value, at, project)
    case 'call': {
      const args = positional(value)
      // `http.HandlerFunc(f)`, `mw(f)`: the innermost function; else what the called function returns.
      for (const arg of args) {
        const inner = functionIn(arg, at, project, hops + 1)
        if (inner !== undefined && isHandlerLike(inner.fn)) return inner
      }
      const made = functionIn(value.callee, at, project, hops + 1)
      if (made === undefined) {
        const cls = value.callee.kind === 'name' ? project.program.declaration(at.module, value.callee.name) : undefined
        const fn = cls?.kind === 'class' ? cls.cls.methods.find(({ name }) => name === 'ServeHTTP') : undefined
        return cls?.kind === 'class' && fn !== undefined ? { fn, module: cls.module } : undefined
      }
      const result = returnedFunction(made.fn)
      if (result !== undefined) return { fn: result, module: made.module }
      return servingMethod(made, project) ?? made
    }
    default:
      return undefined
  }
}

function methodIn(
  value: Extract<Expression, { kind: 'member' }>,
  at: At,
  project: Project,
): { fn: FunctionIr; module: Module } | undefined {
  if (value.object.kind === 'name') {
    const declaration = project.program.declaration(at.module, value.object.name)
    if (declaration?.kind === 'module') {
      const found = project.program.exported(declaration.module, value.property)
      return found?.kind === 'function' ? found : undefined
    }
  }
  // The method of that name, when the packages at hand have exactly one.
  const packages = project.modules.filter((module) => module.language === 'go')
  const near = methodsNamed(
    value.property,
    packages.filter((module) => sameFolder(module, at.module)),
  )
  const all = near.length > 0 ? near : methodsNamed(value.property, packages)
  if (all.length === 1) return all[0]
  const type = typeOf(value.object, at)
  return all.find(({ owner }) => owner === type)
}

function typeOf(value: Expression, at: At): string | undefined {
  if (value.kind !== 'name') return undefined
  for (const fn of [...at.inside.functions].reverse()) {
    if (fn.receiver === value.name) return at.inside.cls?.name
    const param = fn.params.find(({ pattern }) => pattern.kind === 'name' && pattern.name === value.name)
    if (param?.annotation !== undefined) return pathOf(param.annotation).split('.').at(-1)
  }
  const local = localValue(value.name, at)
  if (local?.kind !== 'call') return undefined
  const made = pathOf(local.callee).split('.').at(-1) ?? ''
  return local.isNew ? made : made.replace(/^New/, '')
}

function isHandlerLike({ params }: FunctionIr): boolean {
  return params.length >= 1 && params.length <= 3
}

function returnedFunction(fn: FunctionIr): FunctionIr | undefined {
  for (const statement of fn.body) {
    if (statement.kind !== 'return' || statement.value === undefined) continue
    let value = statement.value
    while (value.kind === 'call' && value.args[0] !== undefined) value = value.args[0].value
    if (value.kind === 'lambda') return value.fn
  }
  return undefined
}

/** `ServeHTTP` of the type that a constructor makes. */
function servingMethod(made: { fn: FunctionIr; module: Module }, project: Project): typeof made | undefined {
  for (const statement of made.fn.body) {
    if (statement.kind !== 'return' || statement.value?.kind !== 'call' || !statement.value.isNew) continue
    const name = pathOf(statement.value.callee)
    const found = methodsNamed(
      'ServeHTTP',
      project.modules.filter((module) => module.language === 'go' && sameFolder(module, made.module)),
    ).find(({ owner }) => owner === name)
    if (found !== undefined) return { fn: found.fn, module: found.module }
  }
  return undefined
}

/** A handler handed to the server itself: `http.ListenAndServe(addr, handler)` without a mux. */
function servers(module: Module, project: Project, index: Index): readonly DiscoveredSurface[] {
  return index.calls
    .filter((one) => one.module === module && /^ListenAndServe(?:TLS)?$/.test(one.property))
    .flatMap((one) => {
      const handler = positional(one.call).at(-1)
      if (handler?.kind !== 'call' || !/HandlerFunc$/.test(pathOf(handler.callee))) return []
      const [fn] = positional(handler)
      if (fn === undefined) return []
      const router: Router = { framework: 'net/http', prefix: '', steps: [], rooted: true, limit: undefined }
      return [build(one, { path: '/', methods: [], handler: fn, before: [] }, router, 'net/http', project)]
    })
    .concat()
}
