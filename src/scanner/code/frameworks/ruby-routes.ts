/**
 * Rails, Sinatra and Rack: routes drawn in `config/routes.rb` with the controllers they lead to and the filters around
 * them, Sinatra's routes with their `before` filters, ActionCable's channels, and bare `call(env)`.
 *
 * A route of Rails becomes a surface only where its controller is found; what a base class outside the project does
 * is then unknown, and a filter that nobody can find is a guard by its name.
 */
import type { CallExpression, ClassIr, Expression, FunctionIr, Module, Position } from '../parse/ir.ts'
import { BLOCK, literalText, namedArg, positional, walk } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface, NamedGuard, ParamRole } from '../surface.ts'
import { type Discover, joinPath, NO_BODY_SETTINGS, type Project } from './framework.ts'
import { railsRoutes } from './rails-drawing.ts'

export const discoverRubyRoutes: Discover = (module, project) => {
  if (module.language !== 'ruby') return []
  return [
    ...railsSurfaces(module, project),
    ...sinatraSurfaces(module, project),
    ...channelSurfaces(module, project),
    ...rackSurfaces(module),
  ]
}

// ── Rails ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function railsSurfaces(module: Module, project: Project): readonly DiscoveredSurface[] {
  if (!/(?:^|\/)routes(?:\.rb$|\/)/.test(module.file)) return unroutedSurfaces(module, project)
  return railsRoutes(module).flatMap((route): DiscoveredSurface[] => {
    const controller = project.program.declaration(module, `${camelized(route.controller)}Controller`)
    if (controller?.kind !== 'class') return []
    return actionSurface(controller, route.action, route.path, route.methods, project)
  })
}

/** A controller whose routes are not in sight: a rails engine, or a part of a project. */
function unroutedSurfaces(module: Module, project: Project): readonly DiscoveredSurface[] {
  if (project.modules.some(({ file }) => /(?:^|\/)config\/routes(?:\.rb$|\/)/.test(file))) return []
  const found: DiscoveredSurface[] = []
  for (const statement of module.body) {
    if (statement.kind !== 'class' || !/Controller$/.test(statement.cls.name)) continue
    if (!/webhook|hook|callback|notif|ipn|event|stripe|github|slack|twilio|shopify|paypal/i.test(statement.cls.name))
      continue
    const { cls } = statement
    for (const method of cls.methods)
      if (isAction(cls, method))
        found.push(...actionSurface({ cls, module }, method.name, undefined, ['POST'], project))
  }
  return found
}

/** Public and not a filter. */
function isAction(cls: ClassIr, method: FunctionIr): boolean {
  const hidden = cls.decorators.findIndex(
    (one) =>
      one.kind === 'call' &&
      one.callee.kind === 'name' &&
      /^(?:private|protected)$/.test(one.callee.name) &&
      one.args.length === 0,
  )
  const line = cls.decorators[hidden]?.at.line
  if (line !== undefined && method.at.line > line) return false
  if (/[?!=]$/.test(method.name) || method.name === 'constructor' || method.params.length > 0) return false
  return !cls.decorators.some(
    (one) => one.kind === 'call' && one.args.some((arg) => literalText(arg.value) === method.name),
  )
}

interface InModule {
  readonly cls: ClassIr
  readonly module: Module
}

function actionSurface(
  controller: InModule,
  action: string,
  path: string | undefined,
  methods: readonly string[],
  project: Project,
): DiscoveredSurface[] {
  const line = lineage(controller, project)
  const found = methodIn(line, action)
  if (found === undefined) return []
  const filters = filtersFor(line, action)
  const guards: NamedGuard[] = []
  const chain = filters.flatMap((filter): ChainStep[] => {
    const { name, run, at } = filter
    if (run !== undefined)
      return [
        {
          role: 'middleware',
          run: {
            module: filter.module,
            fn: { ...run, isBlock: false },
            cls: controller.cls,
            clsModule: controller.module,
          },
          binds: ['self'],
        },
      ]
    const method = name === undefined ? undefined : methodIn(line, name)
    if (method === undefined) {
      if (name !== undefined) guards.push({ name, at })
      return []
    }
    return [step('middleware', method, controller)]
  })
  return [
    {
      kind: 'route',
      framework: 'rails',
      path,
      methods,
      name: `${controller.cls.name}#${action}`,
      module: found.module,
      at: found.fn.at,
      chain: [...chain, step('handler', found, controller)],
      body: NO_BODY_SETTINGS,
      mountSeen: true,
      guards,
    },
  ]
}

function step(
  role: ChainStep['role'],
  { fn, module }: { fn: FunctionIr; module: Module },
  controller: InModule,
  binds: readonly ParamRole[] = [],
): ChainStep {
  return {
    role,
    run: { module, fn: { ...fn, isBlock: false }, cls: controller.cls, clsModule: controller.module },
    binds,
  }
}

/** The class, its concerns and its bases, nearest first, as far as the project has them. */
export function lineage(of: InModule, project: Project, hops = 0): readonly InModule[] {
  if (hops > 6) return [of]
  return [
    of,
    ...of.cls.bases.flatMap((base): readonly InModule[] => {
      if (base.kind !== 'name') return []
      const declaration = project.program.declaration(of.module, base.name)
      return declaration?.kind === 'class' && declaration.cls !== of.cls
        ? lineage({ cls: declaration.cls, module: declaration.module }, project, hops + 1)
        : []
    }),
  ]
}

function methodIn(line: readonly InModule[], name: string): { fn: FunctionIr; module: Module } | undefined {
  for (const { cls, module } of line) {
    const fn = cls.methods.find((method) => method.name === name)
    if (fn !== undefined) return { fn, module }
  }
  return undefined
}

interface Filter {
  readonly name: string | undefined
  readonly run: FunctionIr | undefined
  readonly module: Module
  readonly at: Position
}

/** `before_action` from the furthest base down, without those that `skip_before_action` takes away. */
function filtersFor(line: readonly InModule[], action: string): readonly Filter[] {
  let filters: Filter[] = []
  for (const { cls, module } of [...line].reverse())
    for (const call of declarations(cls)) {
      const name = call.callee.kind === 'name' ? call.callee.name : ''
      if (!applies(call, action)) continue
      const names = positional(call).flatMap((arg) => literalText(arg) ?? [])
      if (/^skip_before_(?:action|filter)$|^skip_action_callback$/.test(name)) {
        filters = filters.filter((filter) => filter.name === undefined || !names.includes(filter.name))
        continue
      }
      if (!/^(?:append_|prepend_)?before_(?:action|filter)$|^http_basic_authenticate_with$/.test(name)) continue
      const added: Filter[] = [
        ...(name === 'http_basic_authenticate_with'
          ? [{ name: 'http_basic_auth', run: undefined, module, at: call.at }]
          : []),
        ...names.map((one) => ({ name: one, run: conditioned(call, one), module, at: call.at })),
        ...blocksOf(call).map((run) => ({ name: undefined, run, module, at: call.at })),
      ]
      filters = [...filters.filter((filter) => filter.name === undefined || !names.includes(filter.name))]
      filters = name.startsWith('prepend') ? [...added, ...filters] : [...filters, ...added]
    }
  return filters
}

/** What the body of a class calls; what a concern does in `included do` counts as the class's own. */
function declarations(cls: ClassIr): readonly CallExpression[] {
  return cls.decorators.flatMap((one): readonly CallExpression[] => {
    if (one.kind !== 'call') return []
    const name = one.callee.kind === 'name' ? one.callee.name : ''
    if (name !== 'included' && name !== 'prepended' && name !== 'with_options') return [one]
    return blocksOf(one).flatMap((block) => block.body.flatMap(callIn))
  })
}

function callIn(statement: FunctionIr['body'][number]): readonly CallExpression[] {
  if (statement.kind !== 'expression' && statement.kind !== 'return') return []
  return statement.value?.kind === 'call' ? [statement.value] : []
}

/** `before_action :verify, if: :live?` is a function that calls `verify` if `live?`. */
function conditioned(call: CallExpression, name: string): FunctionIr | undefined {
  const { at } = call
  const asked = (['if', 'unless'] as const).flatMap((key) => {
    const value = namedArg(call, key)
    if (value === undefined) return []
    const test = conditionOf(value)
    if (test === undefined) return []
    return [key === 'if' ? test : ({ kind: 'unary', operator: 'not', operand: test, at } as const)]
  })
  const [first, ...rest] = asked
  if (first === undefined) return undefined
  const test = rest.reduce((left: Expression, right) => ({ kind: 'binary', operator: 'and', left, right, at }), first)
  const run: Expression = { kind: 'call', callee: { kind: 'name', name, at }, args: [], isNew: false, at }
  return {
    name: `${name} on a condition`,
    params: [],
    body: [{ kind: 'if', test, then: [{ kind: 'expression', value: run, at }], otherwise: [], at }],
    decorators: [],
    isAsync: false,
    isGenerator: false,
    at,
  }
}

function conditionOf(value: Expression): Expression | undefined {
  const name = literalText(value)
  if (name !== undefined)
    return { kind: 'call', callee: { kind: 'name', name, at: value.at }, args: [], isNew: false, at: value.at }
  if (value.kind !== 'lambda') return undefined
  const [only, ...more] = value.fn.body
  return only?.kind === 'return' && more.length === 0 ? only.value : undefined
}

function applies(call: CallExpression, action: string): boolean {
  const only = listOf(namedArg(call, 'only'))
  const except = listOf(namedArg(call, 'except'))
  if (only !== undefined) return only.includes(action)
  return except === undefined || !except.includes(action)
}

function listOf(value: Expression | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (value.kind === 'list') return value.items.flatMap((item) => literalText(item) ?? [])
  const text = literalText(value)
  return text === undefined ? undefined : [text]
}

export function blocksOf(call: CallExpression): readonly FunctionIr[] {
  return call.args.flatMap(({ name, value }) =>
    value.kind === 'lambda' && (name === BLOCK || name === undefined) ? [value.fn] : [],
  )
}

/** `api/v1/hooks` is Api::V1::Hooks. */
export function camelized(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '')
    .map((part) =>
      part
        .split('_')
        .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
        .join(''),
    )
    .join('::')
}

// ── Sinatra ───────────────────────────────────────────────────────────────────────────────────────────────────────

const VERBS: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'delete', 'options', 'link', 'unlink'])

interface Application {
  readonly cls: ClassIr
  readonly module: Module
  readonly calls: readonly CallExpression[]
}

function sinatraSurfaces(module: Module, project: Project): readonly DiscoveredSurface[] {
  return applicationsIn(module, project).flatMap((application) =>
    routesIn(application.calls, '').flatMap((route) => sinatraSurface(application, route, project)),
  )
}

/** Classes below Sinatra::Base (or Grape, Padrino: their routes look alike), and a file that calls `post '/x' do` itself. */
function applicationsIn(module: Module, project: Project): readonly Application[] {
  const classes = module.body.flatMap((statement): Application[] => {
    if (statement.kind !== 'class') return []
    const { cls } = statement
    const line = lineage({ cls, module }, project)
    const isSinatra = line.some((one) =>
      one.cls.bases.some(
        (base) =>
          base.kind === 'name' && /^(?:Sinatra::(?:Base|Application)|Padrino::Application|Roda)$/.test(base.name),
      ),
    )
    if (!isSinatra) return []
    const calls = [...line]
      .reverse()
      .flatMap((one) => one.cls.decorators.flatMap((call) => (call.kind === 'call' ? [call] : [])))
    return [{ cls: withHelpers(cls, calls), module, calls }]
  })
  const loose = module.body.flatMap((statement) =>
    statement.kind === 'expression' && statement.value.kind === 'call' ? [statement.value] : [],
  )
  if (!module.imports.some(({ source }) => /^sinatra(?:\/|$)/.test(source)) && !loose.some((call) => isRoute(call)))
    return classes
  if (/(?:^|\/)config\/[^/]+\.rb$/.test(module.file) || !loose.some((call) => isRoute(call))) return classes
  const cls: ClassIr = {
    name: 'Sinatra::Application',
    bases: [],
    decorators: [],
    methods: module.body.flatMap((statement) => (statement.kind === 'function' ? [statement.fn] : [])),
    fields: [],
    at: { line: 1, column: 1 },
  }
  return [...classes, { cls: withHelpers(cls, loose), module, calls: loose }]
}

/** What `helpers do … end` and `helpers Signed` add. */
function withHelpers(cls: ClassIr, calls: readonly CallExpression[]): ClassIr {
  const helping = calls.filter((call) => call.callee.kind === 'name' && /^(?:helpers|register)$/.test(call.callee.name))
  const methods = helping.flatMap((call) =>
    blocksOf(call).flatMap((block) => block.body.flatMap((one) => (one.kind === 'function' ? [one.fn] : []))),
  )
  const mixed = helping.flatMap((call) => positional(call).filter((arg) => arg.kind === 'name'))
  return { ...cls, methods: [...cls.methods, ...methods], bases: [...mixed, ...cls.bases] }
}

function isRoute(call: CallExpression): boolean {
  if (call.callee.kind !== 'name' || !VERBS.has(call.callee.name) || blocksOf(call).length === 0) return false
  const [path] = positional(call)
  return path !== undefined && (literalText(path) !== undefined || path.kind === 'regex')
}

interface SinatraRoute {
  readonly call: CallExpression
  readonly path: string
  readonly within: readonly FunctionIr[]
  readonly calls: readonly CallExpression[]
}

function routesIn(
  calls: readonly CallExpression[],
  prefix: string,
  within: readonly FunctionIr[] = [],
): readonly SinatraRoute[] {
  return calls.flatMap((call): readonly SinatraRoute[] => {
    const [first] = positional(call)
    if (isRoute(call) && first !== undefined)
      return [
        {
          call,
          path: joinPath(prefix, literalText(first) ?? (first.kind === 'regex' ? first.source : '')),
          within,
          calls,
        },
      ]
    if (call.callee.kind !== 'name' || call.callee.name !== 'namespace') return []
    return blocksOf(call).flatMap((block) =>
      routesIn(block.body.flatMap(callIn), joinPath(prefix, literalText(first) ?? ''), [...within, block]),
    )
  })
}

function sinatraSurface(
  { cls, module, calls }: Application,
  route: SinatraRoute,
  _project: Project,
): readonly DiscoveredSurface[] {
  const [handler] = blocksOf(route.call)
  if (handler === undefined) return []
  const self: InModule = { cls, module }
  const around = [...calls, ...(route.calls === calls ? [] : route.calls)]
  const filters = around
    .filter((call) => call.callee.kind === 'name' && call.callee.name === 'before')
    .filter((call) => {
      const [pattern] = positional(call)
      return pattern === undefined || covers(pattern, route.path)
    })
    .flatMap(blocksOf)
    .map((fn) => step('middleware', { fn, module }, self))
  const verb = route.call.callee.kind === 'name' ? route.call.callee.name : 'post'
  return [
    {
      kind: 'route',
      framework: 'sinatra',
      path: route.path,
      methods: [verb.toUpperCase()],
      name: `${verb.toUpperCase()} ${route.path}`,
      module,
      at: route.call.at,
      chain: [
        ...filters,
        {
          ...step(
            'handler',
            { fn: handler, module },
            self,
            handler.params.map(() => 'path' as const),
          ),
        },
      ],
      body: { body: 'raw', limit: undefined },
      mountSeen: true,
      guards: middlewareOf(around),
    },
  ]
}

/** `use VerifySignature`: a Rack middleware of the project is followed no further than its name. */
function middlewareOf(calls: readonly CallExpression[]): readonly NamedGuard[] {
  return calls
    .filter((call) => call.callee.kind === 'name' && call.callee.name === 'use')
    .flatMap((call): NamedGuard[] => {
      const [name] = positional(call)
      return name?.kind === 'name' && /auth|sign|verif|hmac|webhook/i.test(name.name)
        ? [{ name: name.name, at: call.at }]
        : []
    })
}

/** `before '/hooks/*'` against the path of a route. */
function covers(pattern: Expression, path: string): boolean {
  if (pattern.kind === 'regex') return safely(pattern.source, path)
  const text = literalText(pattern)
  if (text === undefined) return true
  const source = text
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/:\w+/g, '[^/]+')
    .replace(/\?/g, '.?')
  return safely(`^${source}$`, path)
}

function safely(source: string, path: string): boolean {
  try {
    return source.length < 200 && new RegExp(source.replace(/\\[Az]/g, '')).test(path)
  } catch {
    return true
  }
}

// ── ActionCable ───────────────────────────────────────────────────────────────────────────────────────────────────

function channelSurfaces(module: Module, project: Project): readonly DiscoveredSurface[] {
  return module.body.flatMap((statement): DiscoveredSurface[] => {
    if (statement.kind !== 'class') return []
    const { cls } = statement
    const isChannel = cls.bases.some((base) => base.kind === 'name' && /Channel(?:::Base)?$/.test(base.name))
    if (!isChannel || cls.name === 'ApplicationCable::Channel') return []
    const self: InModule = { cls, module }
    const connection = project.program.declaration(module, 'ApplicationCable::Connection')
    const connecting =
      connection?.kind === 'class' ? connection.cls.methods.find(({ name }) => name === 'connect') : undefined
    const subscribed = cls.methods.find(({ name }) => name === 'subscribed')
    const actions = cls.methods.filter(
      (method) =>
        !/^(?:subscribed|unsubscribed|constructor)$/.test(method.name) && isAction(cls, { ...method, params: [] }),
    )
    const identified =
      connection?.kind !== 'class' ||
      connection.cls.decorators.some(
        (one) => one.kind === 'call' && one.callee.kind === 'name' && one.callee.name === 'identified_by',
      )
    return [
      {
        kind: 'socket',
        framework: 'actioncable',
        path: '/cable',
        methods: [],
        name: cls.name,
        module,
        at: cls.at,
        chain: [
          ...(connecting === undefined || connection?.kind !== 'class'
            ? []
            : [
                step(
                  'middleware' as const,
                  { fn: connecting, module: connection.module },
                  { cls: connection.cls, module: connection.module },
                ),
              ]),
          ...(subscribed === undefined ? [] : [step('connection' as const, { fn: subscribed, module }, self)]),
          ...actions.map(
            (fn): ChainStep => ({ ...step('message', { fn, module }, self, ['message']), event: fn.name }),
          ),
        ],
        body: NO_BODY_SETTINGS,
        mountSeen: true,
        guards: identified ? [{ name: 'identified_by current_user', at: cls.at }] : [],
        // Rails refuses foreign origins unless told otherwise.
        socket: { origin: originOf(project), maxPayload: undefined, hasRateLimit: false, serverAt: cls.at },
      },
    ]
  })
}

function originOf(project: Project): 'checked' | 'open' {
  let open = false
  for (const module of project.modules) {
    if (module.language !== 'ruby') continue
    walk(module, {
      assign: (target, value) => {
        if (target.kind !== 'place' || target.target.kind !== 'member') return
        if (
          target.target.property === 'disable_request_forgery_protection' &&
          value.kind === 'literal' &&
          value.value === true
        )
          open = true
      },
    })
  }
  return open ? 'open' : 'checked'
}

// ── Rack ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A class with `call(env)` that names a hook; other middleware is none of ours. */
function rackSurfaces(module: Module): readonly DiscoveredSurface[] {
  return module.body.flatMap((statement): DiscoveredSurface[] => {
    if (statement.kind !== 'class') return []
    const { cls } = statement
    const call = cls.methods.find((method) => method.name === 'call' && method.params.length === 1)
    const [param] = call?.params ?? []
    if (call === undefined || param?.pattern.kind !== 'name' || !/^_?env$/.test(param.pattern.name)) return []
    if (cls.methods.some((method) => method.name === 'constructor' && method.params.length > 0)) return []
    return [
      {
        kind: 'route',
        framework: 'rack',
        path: undefined,
        methods: ['POST'],
        name: cls.name,
        module,
        at: call.at,
        chain: [step('handler', { fn: call, module }, { cls, module }, ['headers'])],
        body: { body: 'raw', limit: undefined },
        mountSeen: true,
        guards: [],
      },
    ]
  })
}
