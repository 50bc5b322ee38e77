/**
 * Flask, Quart, FastAPI and Starlette: routes by decorator, by registration and by class.
 *
 * They share their shape (`@app.post('/x')`), so one discovery reads all of them; which framework it is follows from
 * what the decorated name was made of, else from what the module imports.
 */
import type { CallExpression, ClassIr, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { bytesOf, entryOf, type Inside, literalText, namedArg, pathOf, positional, walk } from '../parse/walk.ts'
import type { BodyHandling, ChainStep, DiscoveredSurface, Framework, ParamRole } from '../surface.ts'
import { type Discover, functionName, importsFrom, joinPath, type Project } from './framework.ts'
import { declarationOf, lineageOf, methodIn } from './python-names.ts'

const VERBS = new Set(['get', 'post', 'put', 'patch', 'delete', 'options', 'head'])
const MADE_BY: Readonly<Record<string, Framework>> = {
  Flask: 'flask',
  Quart: 'flask',
  Blueprint: 'flask',
  APIFlask: 'flask',
  APIBlueprint: 'flask',
  Namespace: 'flask',
  Api: 'flask',
  FastAPI: 'fastapi',
  APIRouter: 'fastapi',
  Starlette: 'starlette',
  Router: 'starlette',
  Sanic: 'sanic',
  Sock: 'flask',
  Sockets: 'flask',
}

interface Owner {
  readonly framework: Framework
  readonly name: string
  readonly module: Module
  readonly made: CallExpression | undefined
}

export const discoverPythonRoutes: Discover = (module, project) => {
  if (module.language !== 'python') return []
  const surfaces: DiscoveredSurface[] = []
  walk(module, {
    fn: (fn, inside) => {
      for (const decorator of fn.decorators) {
        const route = routeOf(decorator, fn, inside, module, project)
        if (route !== undefined) surfaces.push(route)
      }
    },
    cls: (cls, inside) => {
      for (const decorator of cls.decorators)
        for (const route of classRoutes(decorator, cls, inside, module, project)) surfaces.push(route)
    },
    call: (call, inside) => surfaces.push(...registered(call, inside, module, project)),
  })
  return surfaces
}

/** `@api.route('/x')` on a class whose methods are verbs. */
function classRoutes(
  decorator: Expression,
  cls: ClassIr,
  inside: Inside,
  module: Module,
  project: Project,
): readonly DiscoveredSurface[] {
  if (decorator.kind !== 'call' || decorator.callee.kind !== 'member' || decorator.callee.property !== 'route')
    return []
  const path = literalText(positional(decorator)[0])
  const owner = ownerOf(decorator.callee.object, module, project, inside)
  if (path === undefined || owner === undefined) return []
  return methodSurfaces({ owner, path, inside, project, isSocket: false }, cls, module)
}

function methodSurfaces(
  base: Omit<RouteParts, 'module' | 'methods' | 'fn' | 'cls'>,
  cls: ClassIr,
  module: Module,
): readonly DiscoveredSurface[] {
  // `decorators` and `method_decorators` of a class go around each of its methods.
  const around = cls.fields.flatMap(({ name, value }) =>
    /^(?:decorators|method_decorators)$/.test(name) && value?.kind === 'list' ? value.items : [],
  )
  return cls.methods
    .filter((method) => VERBS.has(method.name))
    .map((fn) =>
      surfaceOf({
        ...base,
        module,
        methods: [fn.name.toUpperCase()],
        fn: { ...fn, decorators: [...around, ...fn.decorators] },
        cls,
      }),
    )
}

function routeOf(
  decorator: Expression,
  fn: FunctionIr,
  inside: Inside,
  module: Module,
  project: Project,
): DiscoveredSurface | undefined {
  if (decorator.kind !== 'call' || decorator.callee.kind !== 'member') return undefined
  const { property, object } = decorator.callee
  const isRoute = property === 'route' || property === 'api_route'
  if (!isRoute && !VERBS.has(property) && property !== 'websocket' && property !== 'websocket_route') return undefined
  const path =
    literalText(positional(decorator)[0]) ??
    literalText(namedArg(decorator, 'path')) ??
    literalText(namedArg(decorator, 'rule'))
  if (path === undefined && positional(decorator).length > 0 && !isRoute) return undefined
  const owner = ownerOf(object, module, project, inside)
  if (owner === undefined) return undefined
  const methods = isRoute ? methodsOf(decorator) : property.startsWith('websocket') ? [] : [property.toUpperCase()]
  const isSocket = property.startsWith('websocket') || isSocketOwner(owner)
  return surfaceOf({
    owner,
    path: path ?? '',
    methods: isSocket ? [] : methods,
    fn: { ...fn, decorators: fn.decorators.filter((one) => !isRouteDecorator(one)) },
    inside,
    module,
    project,
    isSocket,
    dependencies: namedArg(decorator, 'dependencies'),
  })
}

/** Flask-Sock hands the socket to what it decorates. */
function isSocketOwner({ made }: Owner): boolean {
  return made !== undefined && /(?:^|\.)Socks?(?:ets)?$/.test(pathOf(made.callee))
}

function isRouteDecorator(decorator: Expression): boolean {
  return (
    decorator.kind === 'call' &&
    decorator.callee.kind === 'member' &&
    (/^(?:route|api_route|websocket|websocket_route|before_request|errorhandler|doc|input|output|expect|response|marshal_with)$/.test(
      decorator.callee.property,
    ) ||
      VERBS.has(decorator.callee.property))
  )
}

function methodsOf(call: CallExpression): readonly string[] {
  const list = namedArg(call, 'methods')
  if (list?.kind !== 'list') return ['GET']
  return list.items.map((item) => literalText(item)?.toUpperCase() ?? '').filter((method) => method !== '')
}

function ownerOf(object: Expression, module: Module, project: Project, inside?: Inside): Owner | undefined {
  const name = pathOf(object).split('.').at(-1) ?? ''
  const local = object.kind === 'name' ? madeInside(object.name, inside) : undefined
  if (local !== undefined) {
    const framework = MADE_BY[pathOf(local.callee).split('.').at(-1) ?? '']
    if (framework !== undefined) return { framework, name, module, made: local }
  }
  const declaration = object.kind === 'name' ? project.program.declaration(module, object.name) : undefined
  if (declaration?.kind === 'value' && declaration.value.kind === 'call') {
    const maker = pathOf(declaration.value.callee).split('.').at(-1) ?? ''
    const framework = MADE_BY[maker]
    if (framework !== undefined) return { framework, name, module: declaration.module, made: declaration.value }
  }
  const framework = importsFrom(module, /^fastapi/)
    ? 'fastapi'
    : importsFrom(module, /^(?:flask|quart|apiflask)/)
      ? 'flask'
      : importsFrom(module, /^starlette/)
        ? 'starlette'
        : undefined
  if (framework !== undefined)
    return { framework, name, module: declaration?.kind === 'value' ? declaration.module : module, made: undefined }
  return /app|router|api|bp|blueprint|web/i.test(name)
    ? { framework: 'fastapi', name, module, made: undefined }
    : undefined
}

/** What a factory makes is known within it. */
function madeInside(name: string, inside: Inside | undefined): CallExpression | undefined {
  for (const fn of [...(inside?.functions ?? [])].reverse())
    for (const statement of fn.body)
      if (
        statement.kind === 'assign' &&
        statement.target.kind === 'name' &&
        statement.target.name === name &&
        statement.value.kind === 'call'
      )
        return statement.value
  return undefined
}

interface RouteParts {
  readonly owner: Owner
  readonly path: string
  readonly methods: readonly string[]
  readonly fn: FunctionIr
  readonly inside: Inside
  readonly module: Module
  readonly project: Project
  readonly isSocket: boolean
  readonly cls?: ClassIr
  readonly dependencies?: Expression | undefined
}

function surfaceOf(parts: RouteParts): DiscoveredSurface {
  const { owner, path, methods, fn, inside, module, project, isSocket, cls } = parts
  const mounted = mountOf(owner, project)
  const fast = owner.framework === 'fastapi' || owner.framework === 'starlette'
  const here = (expression: Expression): Dependency => ({ expression, module, functions: inside.functions })
  const steps: ChainStep[] = [
    ...hooksOf(owner, project),
    ...(fast ? middlewareOf(project) : []),
    ...[
      ...mounted.dependencies,
      ...listItems(owner.made === undefined ? undefined : namedArg(owner.made, 'dependencies')).map(
        (expression): Dependency => ({ expression, module: owner.module, functions: inside.functions }),
      ),
      ...listItems(parts.dependencies).map(here),
    ].map(
      (dependency): ChainStep => ({
        role: 'dependency',
        run: {
          module: dependency.module,
          expression: dependedOn(dependency.expression) ?? dependency.expression,
          within: dependency.functions,
        },
        binds: [],
      }),
    ),
  ]
  const handler: ChainStep = {
    role: isSocket ? 'connection' : 'handler',
    run: { module, fn, within: inside.functions, ...(cls === undefined ? {} : { cls }) },
    binds: fast
      ? fastBinds(fn)
      : fn.params.map((param) =>
          param.pattern.kind === 'name' && param.pattern.name === 'request' ? 'request' : ('path' as const),
        ),
    bindsByName: { ...pathBinds(fn, path, fast), ...(isSocket && isSocketOwner(owner) ? firstIs(fn, 'socket') : {}) },
  }
  return {
    kind: isSocket ? 'socket' : 'route',
    framework: owner.framework,
    path: joinPath(mounted.prefix, path),
    methods,
    name: functionName(fn),
    module,
    at: fn.at,
    chain: [...steps, handler],
    body: bodyOf(project, owner.framework),
    mountSeen: true,
    guards: [],
    ...(isSocket
      ? { socket: { origin: 'default' as const, maxPayload: undefined, hasRateLimit: false, serverAt: fn.at } }
      : {}),
  }
}

function listItems(value: Expression | undefined): readonly Expression[] {
  return value?.kind === 'list' ? value.items : []
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

interface Dependency {
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
function mountOf(owner: Owner, project: Project, hops = 0): Mounted {
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
      ...listItems(host?.made === undefined ? undefined : namedArg(host.made, 'dependencies')).map(
        (expression): Dependency => ({
          expression,
          module: host?.module ?? mount.module,
          functions: mount.functions,
        }),
      ),
      ...listItems(namedArg(call, 'dependencies')).map(
        (expression): Dependency => ({ expression, module: mount.module, functions: mount.functions }),
      ),
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
  readonly step: ChainStep
}

const hooks = new WeakMap<Project, readonly Hook[]>()

/** `@app.before_request`: those of the application run for every route, a blueprint's for its own. */
function hooksOf(owner: Owner, project: Project): readonly ChainStep[] {
  if (owner.framework !== 'flask') return []
  const known = hooks.get(project) ?? readHooks(project)
  hooks.set(project, known)
  return known
    .filter(
      (hook) =>
        hook.everywhere ||
        hook.owner?.made === undefined ||
        hook.owner.made === owner.made ||
        /Flask|Quart/.test(pathOf(hook.owner.made.callee)),
    )
    .map((hook) => hook.step)
}

const HOOK = /^before_(?:app_)?request$/

function readHooks(project: Project): readonly Hook[] {
  const found: Hook[] = []
  const add = (target: Expression, property: string, run: ChainStep['run'], inside: Inside): void => {
    found.push({
      owner: ownerOf(target, run.module, project, inside),
      everywhere: property === 'before_app_request',
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
function middlewareOf(project: Project): readonly ChainStep[] {
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

function firstIs(fn: FunctionIr, role: ParamRole): Readonly<Record<string, ParamRole>> {
  const [first] = fn.params
  return first?.pattern.kind === 'name' ? { [first.pattern.name]: role } : {}
}

function pathBinds(fn: FunctionIr, path: string, fast: boolean): Readonly<Record<string, ParamRole>> {
  const names = [...path.matchAll(/[{<](?:[^:>}]+:)?([A-Za-z_]\w*)(?::[^}]*)?[}>]/g)].flatMap((match) =>
    match[1] === undefined ? [] : [match[1]],
  )
  const binds: Record<string, ParamRole> = {}
  for (const name of names) binds[name] = { field: 'path', name }
  if (fast) return binds
  for (const param of fn.params)
    if (param.pattern.kind === 'name' && binds[param.pattern.name] === undefined && param.pattern.name !== 'self')
      binds[param.pattern.name] =
        param.pattern.name === 'request' ? 'request' : { field: 'path', name: param.pattern.name }
  return binds
}

const SIMPLE = /^(?:str|int|float|bool|UUID|datetime|Optional|Union|None|uuid\.UUID|list|List)$/

/** FastAPI injects by annotation and default. */
function fastBinds(fn: FunctionIr): readonly ParamRole[] {
  return fn.params
    .filter((param) => !(param.pattern.kind === 'name' && /^(?:self|cls)$/.test(param.pattern.name)))
    .map((param): ParamRole => {
      const name = param.pattern.kind === 'name' ? param.pattern.name : ''
      const annotated = annotationParts(param.annotation)
      const initial = param.initial ?? annotated.marker
      const maker = initial?.kind === 'call' ? (pathOf(initial.callee).split('.').at(-1) ?? '') : ''
      if (maker === 'Header') {
        const alias = initial?.kind === 'call' ? literalText(namedArg(initial, 'alias')) : undefined
        return { header: alias ?? name.replaceAll('_', '-') }
      }
      if (maker === 'Depends' || maker === 'Security') return 'injected'
      if (maker === 'Query') return { field: 'query', name }
      if (maker === 'Path') return { field: 'path', name }
      if (maker === 'Cookie') return { field: 'cookie', name }
      if (maker === 'Body' || maker === 'Form' || maker === 'File') return 'body-parsed'
      const type = annotated.type
      if (type === 'Request' || name === 'request' || name === 'req') return 'request'
      if (type === 'WebSocket' || name === 'websocket' || name === 'ws') return 'socket'
      if (type === 'Response') return 'response'
      if (type === 'BackgroundTasks') return 'injected'
      if (type === 'dict' || type === 'Dict' || type === 'Any' || type === 'bytes')
        return type === 'bytes' ? 'body-raw' : 'body-parsed'
      if (type === '' || SIMPLE.test(type)) return { field: 'query', name }
      return 'body-parsed'
    })
}

function annotationParts(annotation: Expression | undefined): { type: string; marker: Expression | undefined } {
  if (annotation === undefined) return { type: '', marker: undefined }
  if (annotation.kind === 'index' && pathOf(annotation.object) === 'Annotated') {
    const items = annotation.index.kind === 'list' ? annotation.index.items : [annotation.index]
    const [type, ...markers] = items
    return { type: type === undefined ? '' : typeName(type), marker: markers.find((marker) => marker.kind === 'call') }
  }
  return { type: typeName(annotation), marker: undefined }
}

function typeName(annotation: Expression): string {
  if (annotation.kind === 'index') return typeName(annotation.object)
  if (annotation.kind === 'binary') return typeName(annotation.left)
  return pathOf(annotation).split('.').at(-1) ?? ''
}

const below = new WeakMap<Module, ReadonlyMap<CallExpression, readonly string[]>>()

/** The paths of `Mount('/api', routes=[…])` around a route. */
function mountedBelow(route: CallExpression, module: Module): readonly string[] {
  const known = below.get(module) ?? readMounts(module)
  below.set(module, known)
  return known.get(route) ?? []
}

function readMounts(module: Module): ReadonlyMap<CallExpression, readonly string[]> {
  const found = new Map<CallExpression, readonly string[]>()
  const note = (value: Expression, paths: readonly string[], depth: number): void => {
    if (depth > 12) return
    if (value.kind === 'list') for (const item of value.items) note(item, paths, depth + 1)
    if (value.kind !== 'call') return
    const name = pathOf(value.callee).split('.').at(-1) ?? ''
    if (/Route$/.test(name) && (found.get(value)?.length ?? -1) < paths.length) found.set(value, paths)
    const inner = name === 'Mount' ? [...paths, literalText(positional(value)[0]) ?? ''] : paths
    if (/^(?:Mount|Router|Starlette)$/.test(name)) for (const arg of value.args) note(arg.value, inner, depth + 1)
  }
  walk(module, {
    call: (call) => {
      if (/(?:^|\.)Mount$/.test(pathOf(call.callee))) note(call, [], 0)
    },
  })
  return found
}

/** `add_url_rule`, Starlette's `Route`, `add_api_route`, and class-based views. */
function registered(
  call: CallExpression,
  inside: Inside,
  module: Module,
  project: Project,
): readonly DiscoveredSurface[] {
  const property = call.callee.kind === 'member' ? call.callee.property : pathOf(call.callee)
  if (
    !/^(?:add_url_rule|add_api_route|add_route|Route|WebSocketRoute|add_websocket_route|add_resource)$/.test(property)
  )
    return []
  const args = positional(call)
  const isResource = property === 'add_resource'
  const written = literalText(isResource ? args[1] : args[0]) ?? literalText(namedArg(call, 'path'))
  const path = written === undefined ? undefined : joinPath(...mountedBelow(call, module), written)
  const view = isResource
    ? args[0]
    : (namedArg(call, 'view_func') ?? namedArg(call, 'endpoint') ?? args.slice(1).find((arg) => arg.kind !== 'literal'))
  if (path === undefined || view === undefined) return []
  const owner: Owner = (call.callee.kind === 'member'
    ? ownerOf(call.callee.object, module, project, inside)
    : undefined) ?? {
    framework: 'starlette',
    name: '',
    module,
    made: undefined,
  }
  const list = namedArg(call, 'methods')
  const methods = list?.kind === 'list' ? methodsOf(call) : []
  const base = {
    owner,
    path,
    inside,
    project,
    isSocket: property.includes('ebSocket') || property.includes('websocket'),
  }
  const name =
    view.kind === 'name'
      ? view.name
      : view.kind === 'call' &&
          view.callee.kind === 'member' &&
          view.callee.property === 'as_view' &&
          view.callee.object.kind === 'name'
        ? view.callee.object.name
        : undefined
  if (name === undefined) return []
  const declaration = project.program.declaration(module, name)
  if (declaration?.kind === 'function')
    return [surfaceOf({ ...base, module: declaration.module, methods, fn: declaration.fn })]
  if (declaration?.kind !== 'class') return []
  return methodSurfaces(base, declaration.cls, declaration.module)
}

const limits = new WeakMap<Project, Map<Framework, BodyHandling>>()

/** The same for every route of a project, so worked out once. */
function bodyOf(project: Project, framework: Framework): BodyHandling {
  const known = limits.get(project) ?? new Map<Framework, BodyHandling>()
  limits.set(project, known)
  const body = known.get(framework) ?? readLimit(project, framework)
  known.set(framework, body)
  return body
}

/** None of these has a limit of its own; whether one was set is known only where the application is in view. */
function readLimit(project: Project, framework: Framework): BodyHandling {
  let limit: number | null | undefined
  let at: Pick<BodyHandling, 'limitAt' | 'file'> = {}
  let app: Pick<BodyHandling, 'parserAt' | 'file'> | undefined
  let elsewhere = false
  const set = (value: Expression, module: Module): void => {
    limit = value.kind === 'literal' && value.value === null ? null : (bytesOf(value) ?? undefined)
    elsewhere ||= limit === undefined
    at = { limitAt: value.at, file: module.file }
  }
  for (const module of project.modules) {
    if (module.language !== 'python') continue
    walk(module, {
      assign: (target, value) => {
        const named = target.kind === 'name' ? target.name : undefined
        const key =
          target.kind === 'place' && target.target.kind === 'index' ? literalText(target.target.index) : undefined
        if (named === 'MAX_CONTENT_LENGTH' || key === 'MAX_CONTENT_LENGTH') set(value, module)
      },
      call: (call) => {
        const name = pathOf(call.callee).split('.').at(-1) ?? ''
        if (MADE_BY[name] === framework && !/^(?:Blueprint|APIRouter|Namespace|Router)$/.test(name))
          app = { parserAt: call.at, file: module.file }
        if (/^(?:from_object|from_pyfile|from_envvar|from_prefixed_env|from_file|init_app)$/.test(name))
          elsewhere = true
        if (/Limit\w*Middleware|\w*(?:Size|Length|Body)\w*Limit\w*/.test(positional(call).map(pathOf).join(' ')))
          elsewhere = true
        const value = namedArg(call, 'MAX_CONTENT_LENGTH') ?? entryOf(positional(call)[0], 'MAX_CONTENT_LENGTH')
        if (value !== undefined) set(value, module)
      },
    })
  }
  if (limit === undefined && app !== undefined && !elsewhere) return { body: 'raw', limit: null, ...app }
  return { body: 'raw', limit, ...at }
}
