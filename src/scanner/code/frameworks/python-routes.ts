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
    call: (call, inside) => surfaces.push(...registered(call, inside, module, project)),
  })
  return surfaces
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
  const owner = ownerOf(object, module, project)
  if (owner === undefined) return undefined
  const methods = isRoute ? methodsOf(decorator) : property.startsWith('websocket') ? [] : [property.toUpperCase()]
  return surfaceOf({
    owner,
    path: path ?? '',
    methods,
    fn: { ...fn, decorators: fn.decorators.filter((one) => !isRouteDecorator(one)) },
    inside,
    module,
    project,
    isSocket: property.startsWith('websocket'),
    dependencies: namedArg(decorator, 'dependencies'),
  })
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

function ownerOf(object: Expression, module: Module, project: Project): Owner | undefined {
  const name = pathOf(object).split('.').at(-1) ?? ''
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
    ...hooksOf(owner, project),
    ...[
      ...mounted.dependencies,
      ...listItems(parts.dependencies),
      ...listItems(owner.made === undefined ? undefined : namedArg(owner.made, 'dependencies')),
    ].map(
      (dependency): ChainStep => ({
        role: 'dependency',
        run: { module, expression: dependedOn(dependency) ?? dependency, within: inside.functions },
        binds: [],
      }),
    ),
  ]
  const handler: ChainStep = {
    role: isSocket ? 'connection' : 'handler',
    run: { module, fn, within: inside.functions, ...(cls === undefined ? {} : { cls }) },
    binds: fast
      ? fastBinds(fn, module)
      : fn.params.map((param) =>
          param.pattern.kind === 'name' && param.pattern.name === 'request' ? 'request' : ('path' as const),
        ),
    bindsByName: pathBinds(fn, path, fast),
  }
  return {
    kind: isSocket ? 'socket' : 'route',
    framework: owner.framework,
    path: joinPath(mounted.prefix, prefixOf(owner), path),
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

function prefixOf(owner: Owner): string {
  if (owner.made === undefined) return ''
  return literalText(namedArg(owner.made, 'url_prefix')) ?? literalText(namedArg(owner.made, 'prefix')) ?? ''
}

function mountOf(owner: Owner, project: Project): { prefix: string; dependencies: readonly Expression[] } {
  for (const module of project.modules) {
    let found: { prefix: string; dependencies: readonly Expression[] } | undefined
    walk(module, {
      call: (call) => {
        if (
          found !== undefined ||
          call.callee.kind !== 'member' ||
          !/^(?:register_blueprint|include_router|mount|register_blueprints)$/.test(call.callee.property)
        )
          return
        const target = positional(call).find((arg) => pathOf(arg) !== '')
        if (target === undefined || !isSame(target, owner, module, project)) return
        found = {
          prefix:
            literalText(namedArg(call, 'url_prefix')) ??
            literalText(namedArg(call, 'prefix')) ??
            (call.callee.property === 'mount' ? literalText(positional(call)[0]) : undefined) ??
            '',
          dependencies: listItems(namedArg(call, 'dependencies')),
        }
      },
    })
    if (found !== undefined) return found
  }
  return { prefix: '', dependencies: [] }
}

function isSame(target: Expression, owner: Owner, module: Module, project: Project): boolean {
  if (target.kind === 'name') {
    const declaration = project.program.declaration(module, target.name)
    return declaration?.kind === 'value' && declaration.module === owner.module && declaration.value === owner.made
  }
  if (target.kind !== 'member' || target.object.kind !== 'name' || target.property !== owner.name) return false
  const declaration = project.program.declaration(module, target.object.name)
  return declaration?.kind === 'module' && declaration.module === owner.module
}

/** `@app.before_request`: those of the application run for every route, a blueprint's for its own. */
function hooksOf(owner: Owner, project: Project): readonly ChainStep[] {
  if (owner.framework !== 'flask') return []
  const steps: ChainStep[] = []
  for (const module of project.modules) {
    if (module.language !== 'python') continue
    walk(module, {
      fn: (fn, inside) => {
        for (const decorator of fn.decorators) {
          const target = decorator.kind === 'call' ? decorator.callee : decorator
          if (target.kind !== 'member' || !/^before_(?:app_)?request$/.test(target.property)) continue
          const hook = ownerOf(target.object, module, project)
          const isApp =
            target.property === 'before_app_request' ||
            hook?.made === undefined ||
            /Flask|Quart/.test(pathOf(hook.made.callee))
          if (!isApp && hook?.made !== owner.made) continue
          steps.push({
            role: 'middleware',
            run: { module, fn: { ...fn, decorators: [] }, within: inside.functions },
            binds: [],
          })
        }
      },
    })
  }
  return steps
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
function fastBinds(fn: FunctionIr, module: Module): readonly ParamRole[] {
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
      void module
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
  const path = literalText(isResource ? args[1] : args[0])
  const view = isResource
    ? args[0]
    : (namedArg(call, 'view_func') ?? namedArg(call, 'endpoint') ?? args.slice(1).find((arg) => arg.kind !== 'literal'))
  if (path === undefined || view === undefined) return []
  const owner: Owner = (call.callee.kind === 'member' ? ownerOf(call.callee.object, module, project) : undefined) ?? {
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
  return declaration.cls.methods
    .filter((method) => VERBS.has(method.name))
    .map((fn) =>
      surfaceOf({ ...base, module: declaration.module, methods: [fn.name.toUpperCase()], fn, cls: declaration.cls }),
    )
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
