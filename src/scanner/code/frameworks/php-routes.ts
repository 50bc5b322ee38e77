/**
 * Laravel, Symfony and Slim by their routes, and PHP without a framework: scripts, functions and methods that read
 * `php://input` themselves.
 */
import type {
  CallExpression,
  ClassIr,
  Expression,
  FunctionIr,
  Module,
  Param,
  Position,
  Statement,
} from '../parse/ir.ts'
import { entryOf, type Inside, literalText, namedArg, pathOf, positional, walk } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface, Framework, NamedGuard, ParamRole } from '../surface.ts'
import { type Discover, importsFrom, joinPath, NO_BODY_SETTINGS, type Project } from './framework.ts'

export const discoverPhpRoutes: Discover = (module, project) => {
  if (module.language !== 'php') return []
  const routed = [
    ...laravelSurfaces(module, project),
    ...slimSurfaces(module, project),
    ...attributeSurfaces(module, project),
    ...restRoutes(module, project),
  ]
  if (routed.length > 0) return routed
  return [...unroutedControllers(module, project), ...plainSurfaces(module)]
}

const VERBS: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'delete', 'options', 'any', 'match', 'map'])

// ── Laravel ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** What groups around a route give it. */
interface Group {
  readonly prefix: string
  readonly middleware: readonly Expression[]
  readonly without: readonly string[]
  readonly controller: Expression | undefined
  readonly namespace: string
}

function laravelSurfaces(module: Module, project: Project): readonly DiscoveredSurface[] {
  const api = /(?:^|\/)routes\/api\.php$/.test(module.file)
  const outer: Group = { prefix: api ? 'api' : '', middleware: [], without: [], controller: undefined, namespace: '' }
  return routesOf(module.body, outer, module, project, [])
}

function routesOf(
  body: readonly Statement[],
  group: Group,
  module: Module,
  project: Project,
  within: readonly FunctionIr[],
): readonly DiscoveredSurface[] {
  return body.flatMap((statement): readonly DiscoveredSurface[] => {
    if (statement.kind === 'if')
      return routesOf([...statement.then, ...statement.otherwise], group, module, project, within)
    if (statement.kind === 'block' || statement.kind === 'loop')
      return routesOf(statement.body, group, module, project, within)
    const value = statement.kind === 'expression' || statement.kind === 'return' ? statement.value : undefined
    if (value?.kind === 'lambda') return routesOf(value.fn.body, group, module, project, [...within, value.fn])
    if (value?.kind !== 'call') return []
    const links = chainOf(value)
    if (links === undefined) return []
    return drawn(links, group, module, project, within)
  })
}

interface Link {
  readonly name: string
  readonly call: CallExpression
}

/** `Route::a()->b()->c()` as its links in order; `undefined` for anything else. */
function chainOf(call: CallExpression): readonly Link[] | undefined {
  const links: Link[] = []
  let value: Expression = call
  while (value.kind === 'call' && value.callee.kind === 'member') {
    links.unshift({ name: value.callee.property, call: value })
    value = value.callee.object
  }
  const root = value.kind === 'name' ? value.name : ''
  return /^(?:Route|\$router|\$this|Illuminate\\Support\\Facades\\Route)$/.test(root) &&
    (root !== '$this' || links.length > 1)
    ? links
    : undefined
}

function drawn(
  links: readonly Link[],
  outer: Group,
  module: Module,
  project: Project,
  within: readonly FunctionIr[],
): readonly DiscoveredSurface[] {
  let group = outer
  let route: Link | undefined
  let body: FunctionIr | undefined
  for (const { name, call } of links) {
    const args = positional(call)
    const [first] = args
    if (VERBS.has(name) || /^(?:resource|apiResource|resources|apiResources)$/.test(name)) route = { name, call }
    else if (name === 'prefix') group = { ...group, prefix: joinPath(group.prefix, literalText(first) ?? '') }
    else if (name === 'middleware') group = { ...group, middleware: [...group.middleware, ...args.flatMap(itemsOf)] }
    else if (name === 'withoutMiddleware')
      group = { ...group, without: [...group.without, ...args.flatMap(itemsOf).map(nameOfMiddleware)] }
    else if (name === 'controller') group = { ...group, controller: first }
    else if (name === 'namespace') group = { ...group, namespace: literalText(first) ?? '' }
    else if (name === 'group') {
      const options = first?.kind === 'object' ? first : undefined
      if (options !== undefined) group = withOptions(group, options)
      const last = args.at(-1)
      if (last?.kind === 'lambda') body = last.fn
    }
  }
  if (body !== undefined) return routesOf(body.body, group, module, project, [...within, body])
  return route === undefined ? [] : routeSurfaces(route, group, module, project, within)
}

function withOptions(group: Group, options: Expression): Group {
  const middleware = entryOf(options, 'middleware')
  const controller = entryOf(options, 'controller')
  return {
    ...group,
    prefix: joinPath(group.prefix, literalText(entryOf(options, 'prefix')) ?? ''),
    middleware: [...group.middleware, ...(middleware === undefined ? [] : itemsOf(middleware))],
    namespace: literalText(entryOf(options, 'namespace')) ?? group.namespace,
    ...(controller === undefined ? {} : { controller }),
  }
}

function itemsOf(value: Expression): readonly Expression[] {
  return value.kind === 'list' ? value.items : [value]
}

function routeSurfaces(
  { name, call }: Link,
  group: Group,
  module: Module,
  project: Project,
  within: readonly FunctionIr[],
): readonly DiscoveredSurface[] {
  const args = positional(call)
  if (/esource/.test(name)) return resourceSurfaces(call, group, module, project)
  const hasMethods = name === 'match' || name === 'map'
  const path = literalText(hasMethods ? args[1] : args[0])
  const target = hasMethods ? args[2] : args[1]
  if (path === undefined || target === undefined) return []
  const listed = args[0]
  const methods = hasMethods
    ? listed === undefined
      ? []
      : itemsOf(listed).flatMap((item) => literalText(item)?.toUpperCase() ?? [])
    : name === 'any'
      ? []
      : [name.toUpperCase()]
  const handler = handlerOf(target, group, module, project)
  if (handler === undefined) return []
  return [
    laravelSurface({
      handler,
      path: joinPath(group.prefix, path),
      methods,
      group,
      module,
      project,
      within,
      at: call.at,
    }),
  ]
}

const RESOURCE: readonly (readonly [string, string, boolean])[] = [
  ['index', 'GET', false],
  ['store', 'POST', false],
  ['show', 'GET', true],
  ['update', 'PUT', true],
  ['destroy', 'DELETE', true],
]

function resourceSurfaces(
  call: CallExpression,
  group: Group,
  module: Module,
  project: Project,
): readonly DiscoveredSurface[] {
  const [first, controller] = positional(call)
  const name = literalText(first)
  if (name === undefined || controller === undefined) return []
  const found = classOf(controller, group, module, project)
  if (found === undefined) return []
  return RESOURCE.flatMap(([action, method, isMember]) => {
    const fn = found.cls.methods.find((one) => one.name === action)
    if (fn === undefined) return []
    const path = joinPath(group.prefix, name, isMember ? `{${name.replace(/s$/, '')}}` : '')
    const handler: Handler = { fn, module: found.module, cls: found.cls }
    return [laravelSurface({ handler, path, methods: [method], group, module, project, within: [], at: call.at })]
  })
}

interface Handler {
  readonly fn: FunctionIr
  readonly module: Module
  readonly cls: ClassIr | undefined
}

interface InModule {
  readonly cls: ClassIr
  readonly module: Module
}

/** A closure, `[Hooks::class, 'receive']`, `Hooks::class`, `'Hooks@receive'`, or a method of the group's controller. */
function handlerOf(target: Expression, group: Group, module: Module, project: Project): Handler | undefined {
  if (target.kind === 'lambda') return { fn: target.fn, module, cls: undefined }
  const text = literalText(target)
  if (text !== undefined && group.controller !== undefined && !/[@:\\]/.test(text))
    return methodOf(classOf(group.controller, group, module, project), text)
  if (target.kind === 'list') {
    const [cls, method] = target.items
    return cls === undefined
      ? undefined
      : methodOf(classOf(cls, group, module, project), literalText(method) ?? '__invoke')
  }
  if (text !== undefined) {
    const [name, method] = text.split(/@|::?/)
    const cls: Expression = { kind: 'name', name: name ?? '', at: target.at }
    return methodOf(classOf(cls, group, module, project), method ?? '__invoke')
  }
  return methodOf(classOf(target, group, module, project), '__invoke')
}

function methodOf(found: InModule | undefined, name: string): Handler | undefined {
  const fn = found?.cls.methods.find((method) => method.name === name)
  return found === undefined || fn === undefined ? undefined : { fn, module: found.module, cls: found.cls }
}

function classOf(value: Expression, group: Group, module: Module, project: Project): InModule | undefined {
  const text = value.kind === 'name' ? value.name : literalText(value)
  if (text === undefined) return undefined
  const below = [group.namespace, text].filter((part) => part !== '').join('\\')
  for (const name of [text, `App\\Http\\Controllers\\${below}`]) {
    const found = project.program.declaration(module, name)
    if (found?.kind === 'class') return { cls: found.cls, module: found.module }
  }
  return undefined
}

function laravelSurface({
  handler,
  path,
  methods,
  group,
  module,
  project,
  within,
  at,
}: {
  handler: Handler
  path: string | undefined
  methods: readonly string[]
  group: Group
  module: Module
  project: Project
  within: readonly FunctionIr[]
  at: Position
}): DiscoveredSurface {
  const own = handler.cls === undefined ? [] : constructorMiddleware(handler.cls, handler.fn.name)
  const middleware = [
    ...group.middleware.map((expression) => ({ expression, module })),
    ...own.map((expression) => ({ expression, module: handler.module })),
  ].filter(({ expression }) => !group.without.includes(nameOfMiddleware(expression)))
  return {
    kind: 'route',
    framework: 'laravel',
    path,
    methods,
    name: handler.cls === undefined ? 'handler' : `${handler.cls.name}@${handler.fn.name}`,
    module: handler.module,
    at: handler.cls === undefined ? at : handler.fn.at,
    chain: [
      ...middleware.flatMap((one) => middlewareStep(one.expression, one.module, project)),
      handlerStep(handler, path, within),
    ],
    body: NO_BODY_SETTINGS,
    mountSeen: true,
    guards: [],
  }
}

function handlerStep({ fn, module, cls }: Handler, path: string | undefined, within: readonly FunctionIr[]): ChainStep {
  return {
    role: 'handler',
    run: { module, fn: { ...fn, decorators: [] }, ...(cls === undefined ? { within } : { cls }) },
    binds: fn.params.map((param) => paramRole(param, path)),
  }
}

const REQUEST_TYPE = /(?:^|\\)(?:\w*Request|ServerRequestInterface|RequestInterface|WP_REST_Request)$/

function paramRole(param: Param, path: string | undefined): ParamRole {
  const type = param.annotation?.kind === 'name' ? param.annotation.name : ''
  const name = param.pattern.kind === 'name' ? param.pattern.name.replace(/^\$/, '') : ''
  if (REQUEST_TYPE.test(type) || (type === '' && /^(?:request|req)$/.test(name))) return 'request'
  if (/(?:^|\\)(?:\w*Response|ResponseInterface)$/.test(type)) return 'response'
  if (new RegExp(`\\{${name.replace(/\W/g, '')}[}:?]`).test(path ?? '')) return { field: 'path', name }
  if (type === '' || /^(?:string|int|array|mixed)$/.test(type))
    return name === 'args' ? 'path' : { field: 'path', name }
  return 'injected'
}

/** `$this->middleware('auth')->only('store')` in a constructor. */
function constructorMiddleware(cls: ClassIr, action: string): readonly Expression[] {
  const made = cls.methods.find(({ name }) => name === 'constructor')
  return (made?.body ?? []).flatMap((statement): readonly Expression[] => {
    if (statement.kind !== 'expression' || statement.value.kind !== 'call') return []
    const links: Link[] = []
    let value: Expression = statement.value
    while (value.kind === 'call' && value.callee.kind === 'member') {
      links.unshift({ name: value.callee.property, call: value })
      value = value.callee.object
    }
    const [first, ...rest] = links
    if (value.kind !== 'name' || value.name !== 'this' || first?.name !== 'middleware') return []
    const names = (link: Link): readonly string[] =>
      positional(link.call)
        .flatMap(itemsOf)
        .flatMap((item) => literalText(item) ?? [])
    const only = rest.find(({ name }) => name === 'only')
    const except = rest.find(({ name }) => name === 'except')
    if (only !== undefined && !names(only).includes(action)) return []
    if (except !== undefined && names(except).includes(action)) return []
    return positional(first.call).flatMap(itemsOf)
  })
}

function nameOfMiddleware(expression: Expression): string {
  return (literalText(expression) ?? pathOf(expression)).split(':')[0]?.split(/[\\.]/).at(-1) ?? ''
}

/** Groups and helpers of the framework that neither guard nor verify. */
const NEUTRAL =
  /^(?:web|api|throttle|bindings|cors|guest|json|verified|cache\.headers|localize|locale|VerifyCsrfToken|ValidateCsrfToken|HandleCors|SubstituteBindings|ThrottleRequests|TrimStrings|ForceJson\w*)$/

function middlewareStep(expression: Expression, module: Module, project: Project): readonly ChainStep[] {
  const text = literalText(expression)
  if (text === undefined) {
    if (expression.kind === 'name' && NEUTRAL.test(expression.name.split('\\').at(-1) ?? '')) return []
    return [{ role: 'middleware', run: { module, expression }, binds: ['request', 'next'] }]
  }
  const [alias = text] = text.split(':')
  if (NEUTRAL.test(alias)) return []
  const aliased = aliasOf(alias, project)
  if (aliased !== undefined) return [{ role: 'middleware', run: aliased, binds: ['request', 'next'] }]
  const name = alias === 'signed' ? 'validateSignature' : alias
  return [
    {
      role: 'middleware',
      run: { module, expression: { kind: 'name', name, at: expression.at } },
      binds: ['request', 'next'],
    },
  ]
}

/** `'verify.github' => VerifyGithub::class` in the kernel, or `->alias([…])` in bootstrap/app.php. */
function aliasOf(alias: string, project: Project): { module: Module; expression: Expression } | undefined {
  for (const module of project.modules) {
    if (module.language !== 'php' || !/(?:Kernel|bootstrap\/app|ServiceProvider)\.php$/.test(module.file)) continue
    let found: Expression | undefined
    const look = (value: Expression | undefined): void => {
      found ??= entryOf(value, alias)
    }
    walk(module, {
      cls: (cls) => {
        for (const field of cls.fields) look(field.value)
      },
      call: (call) => {
        const name = call.callee.kind === 'member' ? call.callee.property : ''
        if (name === 'alias') look(positional(call)[0])
        if (name === 'aliasMiddleware' && literalText(positional(call)[0]) === alias) found ??= positional(call)[1]
      },
    })
    if (found !== undefined) return { module, expression: found }
  }
  return undefined
}

/** A controller whose routes are not in sight. */
function unroutedControllers(module: Module, project: Project): readonly DiscoveredSurface[] {
  if (project.modules.some(({ file }) => /(?:^|\/)routes\/\w+\.php$/.test(file))) return []
  const framework: Framework =
    importsFrom(module, /^Symfony/) && !importsFrom(module, /^Illuminate/) ? 'symfony' : 'laravel'
  if (!importsFrom(module, /^(?:Illuminate|Symfony|Laravel)\\/)) return []
  return module.body.flatMap((statement): readonly DiscoveredSurface[] => {
    if (statement.kind !== 'class') return []
    const { cls } = statement
    if (!/Controller$|Webhook|Handler$|Action$/.test(cls.name) || /Middleware|Job|Listener|Test$/.test(cls.name))
      return []
    return cls.methods
      .filter(
        (fn) =>
          fn.name !== 'constructor' &&
          fn.params.some((param) => param.annotation?.kind === 'name' && REQUEST_TYPE.test(param.annotation.name)),
      )
      .filter((fn) => !isCalledWithin(cls, fn.name) && !(fn.params.length > 1 && fn.name === 'handle'))
      .map((fn) => {
        const handler: Handler = { fn, module, cls }
        const group: Group = { prefix: '', middleware: [], without: [], controller: undefined, namespace: '' }
        const surface = laravelSurface({
          handler,
          path: undefined,
          methods: ['POST'],
          group,
          module,
          project,
          within: [],
          at: fn.at,
        })
        return { ...surface, framework }
      })
  })
}

function isCalledWithin(cls: ClassIr, name: string): boolean {
  return cls.methods.some((method) => method.name !== name && callsOwn(method.body).has(name))
}

// ── Symfony ───────────────────────────────────────────────────────────────────────────────────────────────────────

function attributeSurfaces(module: Module, _project: Project): readonly DiscoveredSurface[] {
  return module.body.flatMap((statement): readonly DiscoveredSurface[] => {
    if (statement.kind !== 'class') return []
    const { cls } = statement
    const onClass = cls.decorators.flatMap(routeAttribute)
    return cls.methods.flatMap((fn) => {
      const routes = fn.decorators.flatMap(routeAttribute)
      const all = routes.length === 0 && fn.name === '__invoke' ? onClass : routes
      const prefix = routes.length === 0 ? '' : (onClass[0]?.path ?? '')
      const guards = [...cls.decorators, ...fn.decorators].flatMap((one): readonly NamedGuard[] =>
        one.kind === 'call' && /(?:^|\.)(?:IsGranted|Security)$/.test(pathOf(one.callee))
          ? [{ name: 'IsGranted auth', at: one.at }]
          : [],
      )
      return all.map((route): DiscoveredSurface => {
        const path = joinPath(prefix, route.path)
        return {
          kind: 'route',
          framework: 'symfony',
          path,
          methods: route.methods,
          name: `${cls.name}::${fn.name}`,
          module,
          at: fn.at,
          chain: [handlerStep({ fn, module, cls }, path, [])],
          body: NO_BODY_SETTINGS,
          mountSeen: true,
          guards,
        }
      })
    })
  })
}

function routeAttribute(attribute: Expression): readonly { path: string; methods: readonly string[] }[] {
  if (attribute.kind !== 'call') return []
  const name = pathOf(attribute.callee).split('.').at(-1) ?? ''
  const verb = /^(Get|Post|Put|Patch|Delete)$/.exec(name)?.[1]
  if (name !== 'Route' && verb === undefined) return []
  const path = literalText(positional(attribute)[0]) ?? literalText(namedArg(attribute, 'path')) ?? ''
  const methods = namedArg(attribute, 'methods')
  if (verb !== undefined) return [{ path, methods: [verb.toUpperCase()] }]
  return [
    {
      path,
      methods: methods === undefined ? [] : itemsOf(methods).flatMap((item) => literalText(item)?.toUpperCase() ?? []),
    },
  ]
}

// ── Slim ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function slimSurfaces(module: Module, project: Project): readonly DiscoveredSurface[] {
  if (!importsFrom(module, /^(?:Slim|Psr\\Http|DI\\|Mezzio)/)) return []
  const global: Expression[] = []
  const surfaces: DiscoveredSurface[] = []
  walk(module, {
    call: (call, inside) => {
      if (call.callee.kind !== 'member') return
      const { object, property } = call.callee
      if (property === 'add' && object.kind === 'name' && /^\$(?:app|slim)$/.test(object.name))
        global.push(...positional(call))
      if (
        !VERBS.has(property) ||
        object.kind !== 'name' ||
        !/^\$(?:app|group|router|slim|proxy|r|g)$/i.test(object.name)
      )
        return
      const made = slimRoute(call, property, inside, module, project)
      if (made !== undefined) surfaces.push(made)
    },
  })
  const added = addedTo(module)
  const steps = (expressions: readonly Expression[]): readonly ChainStep[] =>
    expressions
      .filter((one) => !/Middleware$/.test(pathOf(one)) || /auth|sign|verif|hmac|webhook/i.test(pathOf(one)))
      .map((expression): ChainStep => ({ role: 'middleware', run: { module, expression }, binds: ['request', 'next'] }))
  return surfaces.map((surface) => ({
    ...surface,
    chain: [...steps(global), ...steps(added.get(`${surface.at.line}:${surface.at.column}`) ?? []), ...surface.chain],
  }))
}

/** `->post(…)->add(Verify::class)`, by where the route's call stands. */
function addedTo(module: Module): ReadonlyMap<string, readonly Expression[]> {
  const found = new Map<string, readonly Expression[]>()
  walk(module, {
    call: (call) => {
      if (call.callee.kind !== 'member' || call.callee.property !== 'add') return
      let inner: Expression = call.callee.object
      while (inner.kind === 'call' && inner.callee.kind === 'member' && !VERBS.has(inner.callee.property))
        inner = inner.callee.object
      if (inner.kind !== 'call') return
      const key = `${inner.at.line}:${inner.at.column}`
      found.set(key, [...positional(call), ...(found.get(key) ?? [])])
    },
  })
  return found
}

function slimRoute(
  call: CallExpression,
  verb: string,
  inside: Inside,
  module: Module,
  project: Project,
): DiscoveredSurface | undefined {
  const args = positional(call)
  const hasMethods = verb === 'map'
  const path = literalText(hasMethods ? args[1] : args[0])
  const target = hasMethods ? args[2] : args[1]
  if (path === undefined || target === undefined) return undefined
  const group: Group = { prefix: '', middleware: [], without: [], controller: undefined, namespace: '' }
  const handler = handlerOf(target, group, module, project)
  if (handler === undefined) return undefined
  const listed = args[0]
  return {
    kind: 'route',
    framework: 'slim',
    path: joinPath(groupPrefix(inside, module), path),
    methods:
      hasMethods && listed !== undefined
        ? itemsOf(listed).flatMap((item) => literalText(item)?.toUpperCase() ?? [])
        : verb === 'any'
          ? []
          : [verb.toUpperCase()],
    name: handler.cls === undefined ? 'handler' : `${handler.cls.name}:${handler.fn.name}`,
    module: handler.module,
    at: handler.cls === undefined ? call.at : handler.fn.at,
    chain: [
      {
        role: 'handler',
        run: {
          module: handler.module,
          fn: handler.fn,
          ...(handler.cls === undefined ? { within: inside.functions } : { cls: handler.cls }),
        },
        binds: ['request', 'response', 'path'],
      },
    ],
    body: { body: 'raw', limit: undefined },
    mountSeen: true,
    guards: [],
  }
}

/** The paths of the `group('/x', function …)` calls that a route stands in. */
function groupPrefix({ functions }: Inside, module: Module): string {
  const prefixes = new Map<FunctionIr, string>()
  walk(module, {
    call: (call) => {
      if (call.callee.kind !== 'member' || call.callee.property !== 'group') return
      const [path, body] = positional(call)
      if (body?.kind === 'lambda') prefixes.set(body.fn, literalText(path) ?? '')
    },
  })
  return functions.map((fn) => prefixes.get(fn) ?? '').join('/')
}

// ── WordPress ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** `register_rest_route('shop/v1', '/hook', ['callback' => …, 'permission_callback' => …])` */
function restRoutes(module: Module, project: Project): readonly DiscoveredSurface[] {
  const surfaces: DiscoveredSurface[] = []
  walk(module, {
    call: (call, inside) => {
      if (pathOf(call.callee) !== 'register_rest_route') return
      const [namespace, path, options] = positional(call)
      const callback = entryOf(options, 'callback')
      const permission = entryOf(options, 'permission_callback')
      if (callback === undefined) return
      const handler = callableIn(callback, inside, module, project)
      if (handler === undefined) return
      const allowed =
        permission === undefined || literalText(permission) === '__return_true'
          ? undefined
          : callableIn(permission, inside, module, project)
      const methods = entryOf(options, 'methods')
      surfaces.push({
        kind: 'route',
        framework: 'php',
        path: joinPath('wp-json', literalText(namespace), literalText(path)),
        methods: (literalText(methods) ?? 'POST').split(/[\s,]+/).map((one) => one.toUpperCase()),
        name: handler.fn.name === '' ? 'callback' : handler.fn.name,
        module,
        at: handler.fn.at,
        chain: [
          ...(allowed === undefined
            ? []
            : [
                {
                  role: 'guard' as const,
                  run: { module, fn: allowed.fn, ...(allowed.cls === undefined ? {} : { cls: allowed.cls }) },
                  binds: ['request' as const],
                },
              ]),
          {
            role: 'handler',
            run: { module, fn: handler.fn, ...(handler.cls === undefined ? {} : { cls: handler.cls }) },
            binds: ['request'],
          },
        ],
        body: NO_BODY_SETTINGS,
        mountSeen: true,
        guards:
          permission !== undefined && allowed === undefined && literalText(permission) !== '__return_true'
            ? [{ name: 'permission_callback', at: permission.at }]
            : [],
      })
    },
  })
  return surfaces
}

/** `'name'`, `[$this, 'name']`, a closure. */
function callableIn(value: Expression, inside: Inside, module: Module, project: Project): Handler | undefined {
  if (value.kind === 'lambda') return { fn: value.fn, module, cls: inside.cls }
  const text = literalText(value)
  if (text !== undefined) {
    const found = project.program.declaration(module, text)
    return found?.kind === 'function' ? { fn: found.fn, module: found.module, cls: undefined } : undefined
  }
  const method = value.kind === 'list' ? literalText(value.items[1]) : undefined
  return method === undefined || inside.cls === undefined ? undefined : methodOf({ cls: inside.cls, module }, method)
}

// ── no framework ──────────────────────────────────────────────────────────────────────────────────────────────────

const RECEIVING_FILE = /hook|callback|ipn|notif|postback|listener|receiver/i

/**
 * Who reads the body itself: the script, or the functions and methods nobody else in the file calls. A file that only
 * declares is no script.
 */
function plainSurfaces(module: Module): readonly DiscoveredSurface[] {
  if (importsFrom(module, /^(?:Illuminate|Slim|Symfony\\Component\\Routing)/)) return []
  const readers = readersOf(module)
  const script = module.body.filter((statement) => !isDeclaration(statement))
  const runs = script.some(isActive)
  const file = module.file.split('/').slice(-2).join('/')
  const atTop = readers.some(({ inside }) => inside.functions.length === 0)
  const surface = (name: string, at: Position, step: ChainStep): DiscoveredSurface => ({
    kind: 'route',
    framework: 'php',
    path: undefined,
    methods: ['POST'],
    name,
    module,
    at,
    chain: [step],
    body: NO_BODY_SETTINGS,
    mountSeen: true,
    guards: [],
  })
  if (runs && (atTop || (readers.length > 0 && callsOneOf(script, readers)) || RECEIVING_FILE.test(file))) {
    const [first] = readers
    const body: FunctionIr = {
      name: file,
      params: [],
      body: module.body,
      decorators: [],
      isAsync: false,
      isGenerator: false,
      at: script[0]?.at ?? { line: 1, column: 1 },
    }
    return [surface(file, first?.at ?? body.at, { role: 'handler', run: { module, fn: body }, binds: [] })]
  }
  return [...methodSurfaces(module, readers, surface), ...functionSurfaces(module, readers, surface)]
}

interface Reader {
  readonly inside: Inside
  readonly at: Position
}

/** Places where `php://input` is read. */
function readersOf(module: Module): readonly Reader[] {
  const readers: Reader[] = []
  walk(module, {
    call: (call, inside) => {
      if (positional(call).some((arg) => /^php:\/\/input/.test(literalText(arg) ?? '')))
        readers.push({ inside, at: call.at })
    },
  })
  return readers
}

function isDeclaration(statement: Statement): boolean {
  return statement.kind === 'function' || statement.kind === 'class'
}

/** Does something beyond naming constants and including files. */
function isActive(statement: Statement): boolean {
  if (statement.kind === 'expression')
    return (
      statement.value.kind === 'call' &&
      !/^(?:require|define|ini_set|error_reporting|defined|add_action|add_filter|register_\w+|date_default_timezone_set)$/.test(
        pathOf(statement.value.callee),
      )
    )
  if (statement.kind === 'if') return [...statement.then, ...statement.otherwise].some(isActive)
  return statement.kind === 'switch' || statement.kind === 'try' || statement.kind === 'loop'
}

function callsOneOf(script: readonly Statement[], readers: readonly Reader[]): boolean {
  const text = JSON.stringify(script)
  return readers.some(({ inside }) => {
    const [outer] = inside.functions
    const name = inside.cls?.name ?? outer?.name ?? ''
    return name !== '' && text.includes(`"name":"${name}"`)
  })
}

type MakeSurface = (name: string, at: Position, step: ChainStep) => DiscoveredSurface

/** Methods that read the body, or call one that does, up to those nobody in the class calls. */
function methodSurfaces(
  module: Module,
  readers: readonly Reader[],
  surface: MakeSurface,
): readonly DiscoveredSurface[] {
  const classes = [...new Set(readers.flatMap(({ inside }) => inside.cls ?? []))]
  return classes.flatMap((cls) => {
    const reading = new Set(
      readers.filter(({ inside }) => inside.cls === cls).flatMap(({ inside }) => inside.functions[0]?.name ?? []),
    )
    for (let grown = true; grown; ) {
      grown = false
      for (const method of cls.methods) {
        if (reading.has(method.name) || ![...callsOwn(method.body)].some((name) => reading.has(name))) continue
        reading.add(method.name)
        grown = true
      }
    }
    return cls.methods
      .filter((fn) => reading.has(fn.name) && fn.name !== 'constructor')
      .filter((fn) => !cls.methods.some((other) => other !== fn && callsOwn(other.body).has(fn.name)))
      .map((fn) =>
        surface(`${cls.name}::${fn.name}`, fn.at, {
          role: 'handler',
          run: { module, fn: { ...fn, decorators: [] }, cls },
          binds: fn.params.map((param) =>
            param.annotation?.kind === 'name' && REQUEST_TYPE.test(param.annotation.name) ? 'request' : 'unknown',
          ),
        }),
      )
  })
}

function functionSurfaces(
  module: Module,
  readers: readonly Reader[],
  surface: MakeSurface,
): readonly DiscoveredSurface[] {
  const functions = [
    ...new Set(
      readers.filter(({ inside }) => inside.cls === undefined).flatMap(({ inside }) => inside.functions[0] ?? []),
    ),
  ]
  return functions
    .filter((fn) => fn.name !== '')
    .map((fn) => surface(fn.name, fn.at, { role: 'handler', run: { module, fn }, binds: [] }))
}

/** Names in `$this->name(…)` and `self::name(…)`. */
function callsOwn(body: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>()
  const module: Module = { file: '', language: 'php', imports: [], exports: [], body, unparsed: 0, length: 0 }
  walk(module, {
    call: (call) => {
      if (
        call.callee.kind === 'member' &&
        call.callee.object.kind === 'name' &&
        /^(?:this|self)$/.test(call.callee.object.name)
      )
        names.add(call.callee.property)
    },
  })
  return names
}
