/**
 * Flask, Quart, FastAPI and Starlette: routes by decorator, by registration and by class.
 *
 * They share their shape (`@app.post('/x')`), so one discovery reads all of them; which framework it is follows from
 * what the decorated name was made of, else from what the module imports.
 */

import { isCallerType } from '../knowledge/names.ts'
import type { CallExpression, ClassIr, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { type Inside, literalText, namedArg, pathOf, positional, walk } from '../parse/walk.ts'
import { spelledOut } from '../project/annotated.ts'
import type { ChainStep, DiscoveredSurface, ParamRole } from '../surface.ts'
import { type Discover, functionName, importsFrom, joinPath, type Project } from './framework.ts'
import { bodyOf } from './python-limits.ts'
import { dependedOn, dependenciesIn, firstIs, hooksOf, middlewareOf, mountOf } from './python-mounts.ts'
import { definedInside, pathText } from './python-names.ts'
import { type Owner, ownerOf } from './python-owners.ts'

const VERBS = new Set(['get', 'post', 'put', 'patch', 'delete', 'options', 'head'])

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
      const routes = cls.decorators.flatMap((decorator) => classRoutes(decorator, cls, inside, module, project))
      surfaces.push(...(routes.length === 0 ? unroutedResource(cls, inside, module, project) : routes))
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

/** A resource of Flask's REST libraries that is added to an API nobody shows. */
function unroutedResource(
  cls: ClassIr,
  inside: Inside,
  module: Module,
  project: Project,
): readonly DiscoveredSurface[] {
  if (
    !importsFrom(module, /^flask_rest(?:ful|x|plus)/) ||
    !cls.bases.some((base) => /(?:^|\.)Resource$/.test(pathOf(base)))
  )
    return []
  if (addedResources(project).has(cls.name)) return []
  const owner: Owner = { framework: 'flask', name: '', module, made: undefined }
  return methodSurfaces({ owner, path: '', inside, project, isSocket: false }, cls, module).map((surface) => ({
    ...surface,
    path: undefined,
    name: `${cls.name}.${surface.name}`,
    mountSeen: false,
  }))
}

const resources = new WeakMap<Project, ReadonlySet<string>>()

function addedResources(project: Project): ReadonlySet<string> {
  const known = resources.get(project)
  if (known !== undefined) return known
  const found = new Set<string>()
  for (const module of project.modules)
    if (module.language === 'python')
      walk(module, {
        call: (call) => {
          if (/(?:^|\.)add_resource$/.test(pathOf(call.callee)))
            for (const arg of positional(call)) found.add(pathOf(arg).split('.').at(-1) ?? '')
        },
      })
  resources.set(project, found)
  return found
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
  if (decorator.kind !== 'call' || isOfAzure(fn, module)) return undefined
  const { callee } = decorator
  const bare =
    callee.kind === 'name' && (isOf('bottle', callee.name, module) || isOf('litestar', callee.name, module))
      ? callee.name
      : undefined
  if (callee.kind !== 'member' && bare === undefined) return undefined
  const property = callee.kind === 'member' ? callee.property : (bare ?? '')
  // `custom_route` is that of FastMCP, which hands it to Starlette.
  const isRoute = property === 'route' || property === 'api_route' || property === 'custom_route'
  if (!isRoute && !VERBS.has(property) && property !== 'websocket' && property !== 'websocket_route') return undefined
  const owner: Owner | undefined =
    callee.kind === 'member'
      ? ownerOf(callee.object, module, project, inside)
      : bare === undefined
        ? undefined
        : { framework: isOf('litestar', bare, module) ? 'starlette' : 'bottle', name: '', module, made: undefined }
  if (owner === undefined) return undefined
  const written = positional(decorator)[0] ?? namedArg(decorator, 'path') ?? namedArg(decorator, 'rule')
  const own = pathText(written, module, project)
  // `@cache.get(KEY)` is no route, `@app.post(settings.hook_path)` is.
  if (own === undefined && positional(decorator).length > 0 && !isRoute && !isApplication(owner)) return undefined
  const base = bare === undefined ? undefined : inside.cls?.fields.find(({ name }) => name === 'path')?.value
  const path = base === undefined ? own : joinPath(literalText(base) ?? '', own ?? '')
  const methods = isRoute ? methodsOf(decorator) : property.startsWith('websocket') ? [] : [property.toUpperCase()]
  const isSocket = property.startsWith('websocket') || isSocketOwner(owner)
  return surfaceOf({
    owner,
    path: path ?? '',
    methods: isSocket ? [] : methods,
    fn: { ...fn, decorators: fn.decorators.filter((one) => !isRouteDecorator(one, module)) },
    inside,
    module,
    project,
    isSocket,
    ...(inside.cls === undefined ? {} : { cls: inside.cls }),
    dependencies: namedArg(decorator, 'dependencies'),
  })
}

/** Its decorators look like a framework's, and it is read as a function of its platform. */
function isOfAzure({ params }: FunctionIr, module: Module): boolean {
  const type = params[0]?.annotation
  return (
    type !== undefined &&
    /(?:^|\.)HttpRequest$/.test(pathOf(type)) &&
    module.imports.some(({ source }) => /^azure\b/.test(source))
  )
}

/** `@post('/x')` of Bottle's default application, or of Litestar. */
function isOf(framework: 'bottle' | 'litestar', name: string, module: Module): boolean {
  return module.imports.some(
    ({ local, source }) => local === name && (source === framework || source === `${framework}.handlers`),
  )
}

function isApplication({ made, name }: Owner): boolean {
  return made !== undefined || /(?:^|_)(?:app|application|router|api|bp|blueprint|server)$/i.test(name)
}

/** Flask-Sock hands the socket to what it decorates. */
function isSocketOwner({ made }: Owner): boolean {
  return made !== undefined && /(?:^|\.)Socks?(?:ets)?$/.test(pathOf(made.callee))
}

function isRouteDecorator(decorator: Expression, module: Module): boolean {
  if (decorator.kind === 'call' && decorator.callee.kind === 'name')
    return isOf('bottle', decorator.callee.name, module) || isOf('litestar', decorator.callee.name, module)
  return (
    decorator.kind === 'call' &&
    decorator.callee.kind === 'member' &&
    (/^(?:route|api_route|custom_route|websocket|websocket_route|before_request|errorhandler|doc|input|output|expect|response|marshal_with)$/.test(
      decorator.callee.property,
    ) ||
      VERBS.has(decorator.callee.property))
  )
}

function methodsOf(call: CallExpression): readonly string[] {
  const list = namedArg(call, 'methods') ?? namedArg(call, 'method')
  if (literalText(list) !== undefined) return [(literalText(list) ?? '').toUpperCase()]
  if (list?.kind !== 'list') return ['GET']
  return list.items.map((item) => literalText(item)?.toUpperCase() ?? '').filter((method) => method !== '')
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
  const steps: ChainStep[] = [
    ...hooksOf(owner, project, 'before'),
    ...(fast ? middlewareOf(project) : []),
    ...[
      ...mounted.dependencies,
      ...dependenciesIn(
        owner.made === undefined ? undefined : namedArg(owner.made, 'dependencies'),
        owner.module,
        inside.functions,
        project,
      ),
      ...dependenciesIn(parts.dependencies, module, inside.functions, project),
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
      ? fastBinds(fn, module, project)
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
    chain: [...steps, handler, ...hooksOf(owner, project, 'after')],
    body: bodyOf(project, owner.framework),
    mountSeen: true,
    guards: [],
    ...(isSocket
      ? { socket: { origin: 'default' as const, maxPayload: undefined, hasRateLimit: false, serverAt: fn.at } }
      : {}),
  }
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

/** `SessionDep`, `Db_dependency`: what the application gives, not what the client sends. */
const PROVIDED = /(?:Dep|_dep|Dependency|_dependency|Session|Engine|Redis)$/

/** FastAPI injects by annotation and default. */
function fastBinds(fn: FunctionIr, module: Module, { program }: Project): readonly ParamRole[] {
  return fn.params
    .filter((param) => !(param.pattern.kind === 'name' && /^(?:self|cls)$/.test(param.pattern.name)))
    .map((param): ParamRole => {
      const name = param.pattern.kind === 'name' ? param.pattern.name : ''
      const spelled = spelledOut(param.annotation, module, program)
      const annotated = annotationParts(spelled.annotation)
      const initial = param.initial ?? annotated.marker
      const maker = initial?.kind === 'call' ? (pathOf(initial.callee).split('.').at(-1) ?? '') : ''
      if (maker === 'Header') {
        const alias = initial?.kind === 'call' ? literalText(namedArg(initial, 'alias')) : undefined
        return { header: alias ?? name.replaceAll('_', '-') }
      }
      if (maker === 'Depends' || maker === 'Security') return 'injected'
      if (spelled.outside !== undefined && (isCallerType(spelled.outside) || PROVIDED.test(spelled.outside)))
        return 'injected'
      if (maker === 'Query') return { field: 'query', name }
      if (maker === 'Path') return { field: 'path', name }
      if (maker === 'Cookie') return { field: 'cookie', name }
      const type = annotated.type
      if (maker === 'Form' && SIMPLE.test(type)) return { field: 'body', name }
      if (maker === 'Body' || maker === 'Form' || maker === 'File') return 'body-parsed'
      if (type === 'Request' || (type === '' && (name === 'request' || name === 'req'))) return 'request'
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

export const below = new WeakMap<Module, ReadonlyMap<CallExpression, readonly string[]>>()

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
  const callback = property === 'route' ? namedArg(call, 'callback') : undefined
  if (
    callback === undefined &&
    !/^(?:add_url_rule|add_api_route|add_route|Route|WebSocketRoute|add_websocket_route|add_resource)$/.test(property)
  )
    return []
  const args = positional(call)
  const isResource = property === 'add_resource'
  const written = literalText(isResource ? args[1] : args[0]) ?? literalText(namedArg(call, 'path'))
  const path = written === undefined ? undefined : joinPath(...mountedBelow(call, module), written)
  const view = isResource
    ? args[0]
    : (callback ??
      namedArg(call, 'view_func') ??
      namedArg(call, 'endpoint') ??
      args.slice(1).find((arg) => arg.kind !== 'literal'))
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
  const methods = list?.kind === 'list' || callback !== undefined ? methodsOf(call) : []
  const base = {
    owner,
    path,
    inside,
    project,
    isSocket: property.includes('ebSocket') || property.includes('websocket'),
  }
  const bound = boundMethod(view, inside, module, project)
  if (bound !== undefined) return [surfaceOf({ ...base, module: bound.module, methods, fn: bound.fn, cls: bound.cls })]
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
  const inner = view.kind === 'name' ? definedInside(name, inside) : undefined
  if (inner !== undefined) return [surfaceOf({ ...base, module, methods, fn: inner })]
  const declaration = project.program.declaration(module, name)
  if (declaration?.kind === 'function')
    return [surfaceOf({ ...base, module: declaration.module, methods, fn: declaration.fn })]
  if (declaration?.kind !== 'class') return []
  return methodSurfaces(base, declaration.cls, declaration.module)
}

/** `Hooks(store).receive`, or `hooks.receive` of an object made before. */
function boundMethod(
  view: Expression,
  inside: Inside,
  module: Module,
  project: Project,
): { fn: FunctionIr; cls: ClassIr; module: Module } | undefined {
  if (view.kind !== 'member') return undefined
  if (view.object.kind === 'name' && view.object.name === 'self' && inside.cls !== undefined) {
    const own = inside.cls.methods.find((method) => method.name === view.property)
    return own === undefined ? undefined : { fn: own, cls: inside.cls, module }
  }
  const named = view.object.kind === 'name' ? project.program.declaration(module, view.object.name) : undefined
  const made = named?.kind === 'value' ? named.value : view.object
  const home = named?.kind === 'value' ? named.module : module
  if (made.kind !== 'call' || made.callee.kind !== 'name') return undefined
  const declaration = project.program.declaration(home, made.callee.name)
  if (declaration?.kind !== 'class') return undefined
  const fn = declaration.cls.methods.find((method) => method.name === view.property)
  return fn === undefined ? undefined : { fn, cls: declaration.cls, module: declaration.module }
}
