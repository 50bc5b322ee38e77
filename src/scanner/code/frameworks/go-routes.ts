/**
 * Routes of Go: net/http and its muxes, gin, echo, chi, fiber, gorilla/mux and httprouter.
 *
 * All of them register a path and a handler on something that was made somewhere, grouped, wrapped and passed on. A
 * registration is therefore read backwards: what is it registered on, with which prefix and which middleware, through
 * groups, callbacks of `Route`, parameters and mounts, until the application itself or the end of the project.
 */

import type { CallExpression, Expression, FunctionIr, Module, Statement } from '../parse/ir.ts'
import { bytesOf, type Inside, literalText, pathOf, positional, walk } from '../parse/walk.ts'
import type { Callable, ChainStep, DiscoveredSurface, Framework, ParamRole } from '../surface.ts'
import { type Discover, joinPath, type Project } from './framework.ts'

interface Call {
  readonly call: CallExpression
  readonly property: string
  readonly object: Expression | undefined
  readonly inside: Inside
  readonly module: Module
}

/** What a registration is made on. */
interface Router {
  readonly framework: Framework | undefined
  readonly prefix: string
  readonly steps: readonly ChainStep[]
  /** Followed to where the application is made. */
  readonly rooted: boolean
  /** Bytes that a middleware lets through. */
  readonly limit: number | undefined
}

const UNKNOWN_ROUTER: Router = { framework: undefined, prefix: '', steps: [], rooted: false, limit: undefined }

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

/** Packages by what their import path holds, most telling first. */
const PACKAGES: readonly (readonly [RegExp, Framework])[] = [
  [/gin-gonic\/gin/, 'gin'],
  [/labstack\/echo/, 'echo'],
  [/gofiber\/fiber/, 'fiber'],
  [/go-chi\/chi/, 'chi'],
  [/gorilla\/mux/, 'gorilla/mux'],
]

const MAKERS: readonly (readonly [RegExp, Framework])[] = [
  [/gin\.(?:Default|New)$/, 'gin'],
  [/echo\.New$/, 'echo'],
  [/fiber\.New$/, 'fiber'],
  [/chi\.NewRouter$|chi\.NewMux$/, 'chi'],
  [/mux\.NewRouter$/, 'gorilla/mux'],
  [/http\.NewServeMux$|httprouter\.New$|http\.DefaultServeMux$/, 'net/http'],
]

const TYPES: readonly (readonly [RegExp, Framework])[] = [
  [/^gin\./, 'gin'],
  [/^echo\./, 'echo'],
  [/^fiber\./, 'fiber'],
  [/^chi\./, 'chi'],
  [/^mux\.(?:Router|Route)/, 'gorilla/mux'],
  [/^http\.(?:ServeMux|Handler)|^httprouter\./, 'net/http'],
]

export const discoverGoRoutes: Discover = (module, project) => {
  if (module.language !== 'go') return []
  const index = indexOf(project)
  return index.calls
    .filter((one) => one.module === module)
    .flatMap((one) => surfaceOf(one, project, index) ?? [])
    .concat(servers(module, project, index))
}

// ── everything that is called, once for a project ────────────────────────────────────────────────────────────────

interface Index {
  readonly calls: readonly Call[]
  /** Assignments by the last name of their target: `r`, `router` of `s.router`. */
  readonly assigned: ReadonlyMap<string, readonly { value: Expression; module: Module; inside: Inside }[]>
}

const indexes = new WeakMap<Project['program'], { modules: readonly Module[]; index: Index }>()

function indexOf(project: Project): Index {
  const known = indexes.get(project.program)
  if (known !== undefined && known.modules === project.modules) return known.index
  const calls: Call[] = []
  const assigned = new Map<string, { value: Expression; module: Module; inside: Inside }[]>()
  const assign = (name: string, value: Expression, module: Module, inside: Inside): void => {
    const list = assigned.get(name) ?? []
    assigned.set(name, list)
    list.push({ value, module, inside })
  }
  for (const module of project.modules) {
    if (module.language !== 'go') continue
    walk(module, {
      call: (call, inside) => {
        const { callee } = call
        calls.push({
          call,
          property: callee.kind === 'member' ? callee.property : callee.kind === 'name' ? callee.name : '',
          object: callee.kind === 'member' ? callee.object : undefined,
          inside,
          module,
        })
        if (callee.kind === 'member' && callee.property === 'Methods' && callee.object.kind === 'call')
          chained.set(
            callee.object,
            positional(call).flatMap((arg) => methodText(arg) ?? []),
          )
        if (call.isNew)
          for (const arg of call.args) if (arg.name !== undefined) assign(`.${arg.name}`, arg.value, module, inside)
      },
      assign: (target, value, inside) => {
        if (target.kind === 'name') assign(target.name, value, module, inside)
        if (target.kind === 'place' && target.target.kind === 'member')
          assign(`.${target.target.property}`, value, module, inside)
      },
    })
  }
  const index: Index = { calls, assigned }
  indexes.set(project.program, { modules: project.modules, index })
  return index
}

// ── one registration ─────────────────────────────────────────────────────────────────────────────────────────────

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

function methodText(value: Expression | undefined): string | undefined {
  const text = literalText(value)
  if (text !== undefined) return /^[A-Z]+$/.test(text) ? text : undefined
  return value?.kind === 'member' ? /^Method(\w+)$/.exec(value.property)?.[1]?.toUpperCase() : undefined
}

/** `mux.HandleFunc("/x", h).Methods("POST")`: the call stands around the registration. */
const chained = new WeakMap<CallExpression, readonly string[]>()
function methodsAfter({ call }: Call): readonly string[] {
  return chained.get(call) ?? []
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

// ── routers ──────────────────────────────────────────────────────────────────────────────────────────────────────

type At = Pick<Call, 'module' | 'inside' | 'call'>

function routerOf(value: Expression, at: At, project: Project, index: Index, hops: number): Router {
  if (hops > 10) return UNKNOWN_ROUTER
  switch (value.kind) {
    case 'call':
      return routerOfCall(value, at, project, index, hops)
    case 'name':
      return routerOfName(value.name, at, project, index, hops)
    case 'member':
      return routerOfMember(value, at, project, index, hops)
    default:
      return UNKNOWN_ROUTER
  }
}

function routerOfCall(value: CallExpression, at: At, project: Project, index: Index, hops: number): Router {
  const name = pathOf(value.callee)
  const made = MAKERS.find(([pattern]) => pattern.test(name))
  if (made !== undefined) return { framework: made[1], prefix: '', steps: [], rooted: true, limit: undefined }
  if (value.callee.kind !== 'member') {
    const declaration =
      value.callee.kind === 'name' ? project.program.declaration(at.module, value.callee.name) : undefined
    return declaration?.kind === 'function'
      ? returned(declaration.fn, declaration.module, project, index, hops)
      : UNKNOWN_ROUTER
  }
  const { property, object } = value.callee
  const args = positional(value)
  if (
    !/^(?:Group|Route|With|PathPrefix|Subrouter|Host|Methods|Use|Party|Headers|Schemes|Name|Namespace)$/.test(property)
  )
    return UNKNOWN_ROUTER
  const outer = routerOf(object, at, project, index, hops + 1)
  const framework = outer.framework ?? frameworkOf(at.module) ?? 'net/http'
  const prefix = property === 'Host' || property === 'Methods' ? '' : (literalText(args[0]) ?? '')
  const steps = args
    .filter((arg) => arg.kind !== 'literal' && !(arg.kind === 'lambda' && isScope(arg.fn, framework)))
    .map((expression) => middleware(expression, at.module, at.inside, framework))
  return {
    ...outer,
    prefix: joinPath(outer.prefix, prefix),
    steps: [...outer.steps, ...steps],
    limit: outer.limit ?? limitIn(args),
  }
}

/** `func(r chi.Router) { … }` registers; `func(c *gin.Context)` handles. */
function isScope(fn: FunctionIr, framework: Framework): boolean {
  const type = annotationOf(fn, 0)
  return /Router$|RouterGroup$|Group$|Mux$/.test(type) || (framework === 'chi' && type === '')
}

function routerOfName(name: string, at: At, project: Project, index: Index, hops: number): Router {
  const { inside, module, call } = at
  for (let depth = inside.functions.length - 1; depth >= 0; depth--) {
    const fn = inside.functions[depth]
    if (fn === undefined) continue
    const outside: Inside = { ...inside, functions: inside.functions.slice(0, depth) }
    const here: Inside = { ...inside, functions: inside.functions.slice(0, depth + 1) }
    const value = assignedIn(fn.body, name, call)
    if (value !== undefined) {
      const made = routerOf(value, { module, inside: here, call }, project, index, hops + 1)
      return withMounts(withUses(made, name, fn, at, index), name, fn, at, project, index, hops)
    }
    const position = fn.params.findIndex((param) => param.pattern.kind === 'name' && param.pattern.name === name)
    if (position < 0) continue
    const given = passedTo(fn, position, { ...at, inside: outside }, project, index, hops)
    const typed = frameworkOfType(annotationOf(fn, position))
    return withUses({ ...given, framework: given.framework ?? typed }, name, fn, at, index)
  }
  const declaration = project.program.declaration(module, name)
  if (declaration?.kind === 'value') {
    const empty: Inside = { functions: [], cls: undefined }
    const own = routerOf(
      declaration.value,
      { module: declaration.module, inside: empty, call },
      project,
      index,
      hops + 1,
    )
    const later = own.framework === undefined ? fromAssigned(name, at, project, index, hops) : undefined
    return withGlobalUses(later ?? own, name, at, index)
  }
  // The package itself: `http.HandleFunc`.
  if (declaration?.kind === 'outside' && /net\/http$/.test(declaration.ref))
    return { framework: 'net/http', prefix: '', steps: [], rooted: true, limit: undefined }
  return UNKNOWN_ROUTER
}

function routerOfMember(
  value: Extract<Expression, { kind: 'member' }>,
  at: At,
  project: Project,
  index: Index,
  hops: number,
): Router {
  if (/^DefaultServeMux$/.test(value.property))
    return { framework: 'net/http', prefix: '', steps: [], rooted: true, limit: undefined }
  const found = fromAssigned(`.${value.property}`, at, project, index, hops)
  const uses = index.calls.filter(
    ({ property, object, module }) =>
      property === 'Use' &&
      object?.kind === 'member' &&
      object.property === value.property &&
      sameFolder(module, at.module),
  )
  const router = found ?? UNKNOWN_ROUTER
  return withSteps(router, uses)
}

/** A field or package variable, from what is assigned to it anywhere in the package. */
function fromAssigned(name: string, at: At, project: Project, index: Index, hops: number): Router | undefined {
  for (const one of index.assigned.get(name) ?? []) {
    if (!sameFolder(one.module, at.module)) continue
    if (one.value.kind === 'name' && `.${one.value.name}` === name && hops > 6) continue
    const router = routerOf(
      one.value,
      { module: one.module, inside: one.inside, call: at.call },
      project,
      index,
      hops + 1,
    )
    if (router.framework !== undefined) return router
  }
  return undefined
}

/** The router that a function makes and gives back. */
function returned(fn: FunctionIr, module: Module, project: Project, index: Index, hops: number): Router {
  for (const statement of fn.body) {
    if (statement.kind !== 'return' || statement.value === undefined) continue
    const value = statement.value.kind === 'list' ? statement.value.items[0] : statement.value
    if (value === undefined) continue
    const call = value.kind === 'call' ? value : NOWHERE
    return routerOf(value, { module, inside: { functions: [fn], cls: undefined }, call }, project, index, hops + 1)
  }
  return UNKNOWN_ROUTER
}

const NOWHERE: CallExpression = {
  kind: 'call',
  callee: { kind: 'literal', value: null, at: { line: Number.MAX_SAFE_INTEGER, column: 1 } },
  args: [],
  isNew: false,
  at: { line: Number.MAX_SAFE_INTEGER, column: 1 },
}

/** The last assignment to a name before the registration, in the function or its blocks. */
function assignedIn(body: readonly Statement[], name: string, before: CallExpression): Expression | undefined {
  let found: Expression | undefined
  for (const statement of body) {
    if (statement.at.line > before.at.line) break
    if (statement.kind === 'assign') {
      const { target, value } = statement
      if (target.kind === 'name' && target.name === name && !containsCall(value, before)) found = value
      if (target.kind === 'list' && target.items[0]?.kind === 'name' && target.items[0].name === name) found = value
    }
    const inner =
      statement.kind === 'if'
        ? [...statement.then, ...statement.otherwise]
        : statement.kind === 'block' || statement.kind === 'loop'
          ? statement.body
          : []
    found = assignedIn(inner, name, before) ?? found
  }
  return found
}

function containsCall(value: Expression, call: CallExpression): boolean {
  return value === call
}

/** What a parameter is: the router whose `Route` or `Group` calls back, or what callers of the function hand in. */
function passedTo(fn: FunctionIr, position: number, at: At, project: Project, index: Index, hops: number): Router {
  for (const one of index.calls) {
    const args = positional(one.call)
    const own = args.findIndex((arg) => arg.kind === 'lambda' && arg.fn === fn)
    if (own >= 0 && one.object !== undefined) {
      const outer = routerOf(one.object, one, project, index, hops + 1)
      if (!/^(?:Route|Group|With|Mount)$/.test(one.property)) return outer
      const framework = outer.framework ?? frameworkOf(one.module) ?? 'chi'
      const steps = args.slice(0, own).filter((arg) => arg.kind !== 'literal')
      return {
        ...outer,
        prefix: joinPath(outer.prefix, literalText(args[0]) ?? ''),
        steps: [...outer.steps, ...steps.map((arg) => middleware(arg, one.module, one.inside, framework))],
      }
    }
    // `r.Route("/x", h.routes)` and `routes.Register(api)`
    const asValue = args.findIndex(
      (arg) => (arg.kind === 'name' || arg.kind === 'member') && isFunction(arg, one, fn, project),
    )
    if (asValue >= 0 && one.object !== undefined && /^(?:Route|Group)$/.test(one.property)) {
      const outer = routerOf(one.object, one, project, index, hops + 1)
      return { ...outer, prefix: joinPath(outer.prefix, literalText(args[0]) ?? '') }
    }
    if (fn.name === '' || one.property !== fn.name || !isFunction(one.call.callee, one, fn, project)) continue
    const given = args[position]
    if (given === undefined) continue
    const router = routerOf(given, one, project, index, hops + 1)
    if (router.framework !== undefined) return router
  }
  void at
  return UNKNOWN_ROUTER
}

function isFunction(value: Expression, one: At, fn: FunctionIr, project: Project): boolean {
  if (value.kind === 'name') {
    const declaration = project.program.declaration(one.module, value.name)
    return declaration?.kind === 'function' && declaration.fn === fn
  }
  if (value.kind !== 'member' || value.property !== fn.name) return false
  if (fn.receiver !== undefined) return true
  if (value.object.kind !== 'name') return false
  const declaration = project.program.declaration(one.module, value.object.name)
  if (declaration?.kind !== 'module') return false
  const found = project.program.exported(declaration.module, value.property)
  return found?.kind === 'function' && found.fn === fn
}

/** Middleware added with `Use` in the same function: what stands above, or all of it where the order does not count. */
function withUses(router: Router, name: string, fn: FunctionIr, at: At, index: Index): Router {
  const ordered = router.framework === 'gin' || router.framework === 'fiber' || router.framework === 'chi'
  const uses = index.calls.filter(
    ({ property, object, inside, call, module }) =>
      property === 'Use' &&
      object?.kind === 'name' &&
      object.name === name &&
      module === at.module &&
      inside.functions.includes(fn) &&
      inside.functions.at(-1) === fn &&
      (!ordered || call.at.line < at.call.at.line),
  )
  return withSteps(router, uses)
}

function withGlobalUses(router: Router, name: string, at: At, index: Index): Router {
  return withSteps(
    router,
    index.calls.filter(
      ({ property, object, module }) =>
        property === 'Use' && object?.kind === 'name' && object.name === name && sameFolder(module, at.module),
    ),
  )
}

function withSteps(router: Router, uses: readonly Call[]): Router {
  if (uses.length === 0) return router
  const args = uses.flatMap((use) =>
    positional(use.call)
      .filter((arg) => arg.kind !== 'literal')
      .map((arg) => ({ arg, use })),
  )
  return {
    ...router,
    limit: router.limit ?? limitIn(args.map(({ arg }) => arg)),
    steps: [
      ...router.steps,
      ...args.map(({ arg, use }) =>
        middleware(arg, use.module, use.inside, router.framework ?? frameworkOf(use.module)),
      ),
    ],
  }
}

/** `parent.Mount("/x", r)`, `http.Handle("/x/", http.StripPrefix("/x", r))`, and functions whose result is mounted. */
function withMounts(
  router: Router,
  name: string,
  fn: FunctionIr,
  at: At,
  project: Project,
  index: Index,
  hops: number,
): Router {
  if (hops > 4) return router
  for (const one of index.calls) {
    if (!/^(?:Mount|Handle|Any|Use|PathPrefix)$/.test(one.property) || one.object === undefined || one.call === at.call)
      continue
    const args = positional(one.call)
    const mounted = args.slice(1).some((arg) => {
      const inner = innermost(arg)
      if (inner.kind === 'name') return inner.name === name && one.inside.functions.at(-1) === fn
      return inner.kind === 'call' && fn.name !== '' && isFunction(inner.callee, one, fn, project)
    })
    const path = literalText(args[0])
    if (!mounted || path === undefined) continue
    const outer = routerOf(one.object, one, project, index, hops + 1)
    const strips = args.some((arg) => /StripPrefix/.test(calleesIn(arg)))
    const mounts = one.property === 'Mount' || strips
    const plain = path.replace(/\/?\*?$/, '')
    return {
      ...router,
      prefix: mounts ? joinPath(outer.prefix, plain, router.prefix) : joinPath(outer.prefix, router.prefix),
      steps: [...outer.steps, ...router.steps],
      rooted: outer.rooted,
    }
  }
  return router
}

/** The router within `http.StripPrefix("/x", mw(r))`. */
function innermost(value: Expression): Expression {
  if (value.kind !== 'call') return value
  const last = positional(value).at(-1)
  return last !== undefined &&
    (last.kind === 'name' || last.kind === 'call') &&
    /StripPrefix|[mM]iddleware|With|Handler$/.test(pathOf(value.callee))
    ? innermost(last)
    : value
}

function calleesIn(value: Expression): string {
  if (value.kind !== 'call') return ''
  return `${pathOf(value.callee)} ${positional(value).map(calleesIn).join(' ')}`
}

/** Middleware around the whole application: `http.ListenAndServe(addr, mw(mux))`, `http.Server{Handler: mw(mux)}`. */
function appWrappers(one: Call, index: Index): readonly ChainStep[] {
  const base = one.object === undefined ? '' : pathOf(one.object)
  const steps: ChainStep[] = []
  for (const call of index.calls) {
    const serves = /^(?:ListenAndServe|ListenAndServeTLS|Serve)$/.test(call.property)
    const isServer = call.call.isNew && call.property === 'Server'
    if (!serves && !isServer) continue
    const handler = isServer
      ? call.call.args.find((arg) => arg.name === 'Handler')?.value
      : positional(call.call).find((arg) => arg.kind === 'call')
    if (handler?.kind !== 'call') continue
    let inner: Expression = handler
    const found: ChainStep[] = []
    while (inner.kind === 'call') {
      const last: Expression | undefined = positional(inner).find((arg) => arg.kind === 'call' || pathOf(arg) === base)
      if (last === undefined) break
      found.push(middleware(inner.callee, call.module, call.inside, 'net/http'))
      inner = last
    }
    if (pathOf(inner) === base && base !== '' && sameFolder(call.module, one.module)) steps.push(...found)
  }
  return steps
}

// ── handlers ─────────────────────────────────────────────────────────────────────────────────────────────────────

function middleware(
  expression: Expression,
  module: Module,
  inside: Inside,
  framework: Framework | undefined,
): ChainStep {
  const wraps = framework !== 'gin' && framework !== 'fiber'
  return {
    role: 'middleware',
    run: { module, expression, within: inside.functions, ...methodOf(inside) },
    binds: bindsOf(framework ?? 'net/http'),
    ...(wraps ? { wraps: true } : {}),
  }
}

function callable(expression: Expression, { module, inside }: At): Callable {
  return { module, expression, within: inside.functions, ...methodOf(inside) }
}

function methodOf(inside: Inside): { cls?: NonNullable<Inside['cls']> } {
  return inside.cls === undefined ? {} : { cls: inside.cls }
}

function bindsOf(framework: Framework): readonly ParamRole[] {
  if (framework === 'gin' || framework === 'echo' || framework === 'fiber') return ['context']
  return ['response', 'request']
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
      return result === undefined ? made : { fn: result, module: made.module }
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

function methodsNamed(
  name: string,
  modules: readonly Module[],
): readonly { fn: FunctionIr; module: Module; owner: string }[] {
  return modules.flatMap((module) =>
    module.body.flatMap((statement) =>
      statement.kind === 'class'
        ? statement.cls.methods
            .filter((method) => method.name === name)
            .map((fn) => ({ fn, module, owner: statement.cls.name }))
        : [],
    ),
  )
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

function localValue(name: string, at: At): Expression | undefined {
  for (const fn of [...at.inside.functions].reverse()) {
    const found = assignedIn(fn.body, name, at.call)
    if (found !== undefined) return found
  }
  return undefined
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

// ── sockets ──────────────────────────────────────────────────────────────────────────────────────────────────────

const UPGRADE = /\.Upgrade$|^websocket\.(?:Accept|Upgrade|Handler|New)$|^ws\.UpgradeHTTP$/

/** It or a function it calls makes a socket of the request. */
function upgrades(fn: FunctionIr, module: Module, project: Project, hops = 0): boolean {
  const called: string[] = []
  let found = false
  walk(
    { ...module, body: [{ kind: 'function', fn, at: fn.at }], exports: [] },
    {
      call: (call) => {
        const name = pathOf(call.callee)
        if (UPGRADE.test(name) && module.imports.some(({ source }) => SOCKET_PACKAGES.test(source))) found = true
        called.push(name)
      },
    },
  )
  if (found || hops > 1) return found
  return called.some((name) => {
    const declaration = /^\w+$/.test(name) ? project.program.declaration(module, name) : undefined
    if (declaration?.kind === 'function') return upgrades(declaration.fn, declaration.module, project, hops + 1)
    const method = /^\w+\.(\w+)$/.exec(name)?.[1]
    const near = project.modules.filter((one) => one.language === 'go' && sameFolder(one, module))
    const [only, ...others] = method === undefined ? [] : methodsNamed(method, near)
    return only !== undefined && others.length === 0 && upgrades(only.fn, only.module, project, hops + 1)
  })
}
const SOCKET_PACKAGES = /websocket|gobwas\/ws|melody/

/** Defaults of gorilla/websocket and coder/websocket: the Origin must match the host, unless code says otherwise. */
function socketOf(module: Module, project: Project): NonNullable<DiscoveredSurface['socket']> {
  let origin: 'checked' | 'open' | 'default' | 'unknown' = 'checked'
  let originAt: Expression['at'] | undefined
  let serverAt: Expression['at'] | undefined
  let maxPayload: number | undefined
  const coder = module.imports.some(({ source }) => /nhooyr\.io|coder\/websocket/.test(source))
  if (coder) maxPayload = 32_768
  for (const one of project.modules.filter((other) => other.language === 'go' && sameFolder(other, module)))
    walk(one, {
      call: (call) => {
        const name = pathOf(call.callee)
        if (UPGRADE.test(name)) serverAt ??= call.at
        if (/\.SetReadLimit$/.test(name)) maxPayload = bytesOf(positional(call)[0]) ?? 65_536
        const check = call.args.find((arg) => arg.name === 'CheckOrigin')?.value
        if (check !== undefined) {
          origin = alwaysAgrees(check) ? 'open' : 'checked'
          originAt = check.at
        }
        const skip = call.args.find((arg) => arg.name === 'InsecureSkipVerify' && /AcceptOptions/.test(name))?.value
        if (skip?.kind === 'literal' && skip.value === true) {
          origin = 'open'
          originAt = skip.at
        }
      },
      assign: (target, value) => {
        if (target.kind !== 'place' || target.target.kind !== 'member' || target.target.property !== 'CheckOrigin')
          return
        origin = alwaysAgrees(value) ? 'open' : 'checked'
        originAt = value.at
      },
    })
  return {
    origin,
    ...(originAt === undefined ? {} : { originAt }),
    maxPayload,
    hasRateLimit: false,
    serverAt: serverAt ?? { line: 1, column: 1 },
  }
}

function alwaysAgrees(value: Expression): boolean {
  if (value.kind !== 'lambda') return false
  const [first] = value.fn.body
  return (
    value.fn.body.length === 1 &&
    first?.kind === 'return' &&
    first.value?.kind === 'literal' &&
    first.value.value === true
  )
}

// ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `middleware.BodyLimit("2M")`, `middleware.RequestSize(1 << 20)`. */
function limitIn(args: readonly Expression[]): number | undefined {
  for (const arg of args) {
    if (!/BodyLimit|MaxBytes|RequestSize|SizeLimit|LimitBody|BodySize/i.test(pathOf(arg))) continue
    const given = arg.kind === 'call' ? positional(arg)[0] : undefined
    const text = literalText(given)?.replace(/^([\d.]+)\s*([KMG])i?$/i, '$1$2B')
    const at = given?.at ?? arg.at
    return bytesOf(text === undefined ? given : { kind: 'literal', value: text, at }) ?? 1_048_576
  }
  return undefined
}

function annotationOf(fn: FunctionIr, position: number): string {
  const annotation = fn.params[position]?.annotation
  return annotation === undefined ? '' : pathOf(annotation)
}

function frameworkOfType(type: string): Framework | undefined {
  return TYPES.find(([pattern]) => pattern.test(type))?.[1]
}

function frameworkOf(module: Module): Framework | undefined {
  const found = PACKAGES.find(([pattern]) => module.imports.some(({ source }) => pattern.test(source)))
  if (found !== undefined) return found[1]
  return module.imports.some(({ source }) => source === 'net/http') ? 'net/http' : undefined
}

function sameFolder(a: Module, b: Module): boolean {
  return a.file.slice(0, a.file.lastIndexOf('/')) === b.file.slice(0, b.file.lastIndexOf('/'))
}
