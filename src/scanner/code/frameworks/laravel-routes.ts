/**
 * Laravel: routes drawn in groups with their middleware, the controllers they lead to, and controllers that no route in
 * sight names.
 */
import type { CallExpression, ClassIr, Expression, FunctionIr, Module, Position, Statement } from '../parse/ir.ts'
import { entryOf, literalText, pathOf, positional, walk } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface, Framework } from '../surface.ts'
import { importsFrom, joinPath, NO_BODY_SETTINGS, type Project } from './framework.ts'
import { requestGuards } from './laravel-requests.ts'
import { type Handler, handlerStep, type InModule, REQUEST_TYPE } from './php-handlers.ts'
import { callsOwn } from './php-scripts.ts'

export const VERBS: ReadonlySet<string> = new Set([
  'get',
  'post',
  'put',
  'patch',
  'delete',
  'options',
  'any',
  'match',
  'map',
])

/** What groups around a route give it. */
export interface Group {
  readonly prefix: string
  readonly middleware: readonly Expression[]
  readonly without: readonly string[]
  readonly controller: Expression | undefined
  readonly namespace: string
}

export function laravelSurfaces(module: Module, project: Project): readonly DiscoveredSurface[] {
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

export function itemsOf(value: Expression): readonly Expression[] {
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

/** A closure, `[Hooks::class, 'receive']`, `Hooks::class`, `'Hooks@receive'`, or a method of the group's controller. */
export function handlerOf(target: Expression, group: Group, module: Module, project: Project): Handler | undefined {
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

export function methodOf(found: InModule | undefined, name: string): Handler | undefined {
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
  const own =
    handler.cls === undefined
      ? []
      : [...inheritedMiddleware(handler.cls, handler.module), ...constructorMiddleware(handler.cls, handler.fn.name)]
  const middleware = [
    ...group.middleware.map((expression) => ({ expression, module })),
    ...own.map((expression) => ({ expression, module: handler.module })),
  ].filter(({ expression }) => !group.without.includes(nameOfMiddleware(expression)))
  const asked = requestGuards(handler, project)
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
      ...asked.steps,
      handlerStep(handler, path, within),
    ],
    body: NO_BODY_SETTINGS,
    mountSeen: true,
    guards: asked.guards,
  }
}

/** The controllers of Cashier and its like verify in a middleware that their constructor sets. */
function inheritedMiddleware(cls: ClassIr, module: Module): readonly Expression[] {
  if (!cls.bases.some((base) => /Webhook|Cashier|Paddle/.test(pathOf(base)))) return []
  if (!importsFrom(module, /^(?:Laravel\\(?:Cashier|Paddle)|LemonSqueezy\\Laravel)\\/)) return []
  const made = cls.methods.find(({ name }) => name === 'constructor')
  const isKept =
    made === undefined ||
    made.body.some(
      (statement) =>
        statement.kind === 'expression' &&
        statement.value.kind === 'call' &&
        /^(?:parent|super)(?:\.|$)/.test(pathOf(statement.value.callee)),
    )
  return isKept ? [{ kind: 'name', name: 'VerifyWebhookSignature', at: cls.at }] : []
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
export function unroutedControllers(module: Module, project: Project): readonly DiscoveredSurface[] {
  if (project.modules.some(({ file }) => /(?:^|\/)routes\/\w+\.php$/.test(file))) return []
  const framework: Framework =
    importsFrom(module, /^Symfony/) && !importsFrom(module, /^Illuminate/) ? 'symfony' : 'laravel'
  if (!importsFrom(module, /^(?:Illuminate|Symfony|Laravel|App)\\/)) return []
  return module.body.flatMap((statement): readonly DiscoveredSurface[] => {
    if (statement.kind !== 'class') return []
    const { cls } = statement
    const isController =
      /Controller$|Web_?[hH]ook|Hook$|Handler$|Action$/.test(cls.name) ||
      cls.bases.some((base) => /Controller$/.test(pathOf(base)))
    if (!isController || /Middleware|Job|Listener|Test$/.test(cls.name)) return []
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
