/**
 * What a route of Go is registered on, read backwards: through groups, callbacks of `Route`, parameters, fields and
 * mounts to the application, with prefixes, middleware and limits on the way.
 */
import type { CallExpression, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { bytesOf, type Inside, literalText, pathOf, positional } from '../parse/walk.ts'
import type { ChainStep, Framework, ParamRole } from '../surface.ts'
import { joinPath, type Project } from './framework.ts'
import { type At, assignedIn, type Call, frameworkOf, type Index, sameFolder } from './go-calls.ts'

/** What a registration is made on. */
export interface Router {
  readonly framework: Framework | undefined
  readonly prefix: string
  readonly steps: readonly ChainStep[]
  /** Followed to where the application is made. */
  readonly rooted: boolean
  /** Bytes that a middleware lets through. */
  readonly limit: number | undefined
}

export const UNKNOWN_ROUTER: Router = { framework: undefined, prefix: '', steps: [], rooted: false, limit: undefined }

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

export function routerOf(value: Expression, at: At, project: Project, index: Index, hops: number): Router {
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
    const here: Inside = { ...inside, functions: inside.functions.slice(0, depth + 1) }
    const value = assignedIn(fn.body, name, call)
    if (value !== undefined) {
      const made = routerOf(value, { module, inside: here, call }, project, index, hops + 1)
      return withMounts(withUses(made, name, fn, at, index), name, fn, at, project, index, hops)
    }
    const position = fn.params.findIndex((param) => param.pattern.kind === 'name' && param.pattern.name === name)
    if (position < 0) continue
    const given = passedTo(fn, position, project, index, hops)
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

/** What a parameter is: the router whose `Route` or `Group` calls back, or what callers of the function hand in. */
function passedTo(fn: FunctionIr, position: number, project: Project, index: Index, hops: number): Router {
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
export function innermost(value: Expression): Expression {
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
export function appWrappers(one: Call, index: Index): readonly ChainStep[] {
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

export function middleware(
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

export function methodOf(inside: Inside): { cls?: NonNullable<Inside['cls']> } {
  return inside.cls === undefined ? {} : { cls: inside.cls }
}

export function bindsOf(framework: Framework): readonly ParamRole[] {
  if (framework === 'gin' || framework === 'echo' || framework === 'fiber') return ['context']
  return ['response', 'request']
}

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
