/**
 * Ruby's back gates: Rails' actions with the filters around them, ActionCable's channels and Rack's `call(env)`; Sinatra's
 * routes have a file of their own.
 *
 * A route of Rails becomes a surface only where its controller is found; what a base class outside the project does
 * is then unknown, and a filter that nobody can find is a guard by its name.
 */

import { isGuardName, isVerifierName } from '../knowledge/names.ts'
import type { CallExpression, ClassIr, Expression, FunctionIr, Module, Position } from '../parse/ir.ts'
import { BLOCK, literalText, namedArg, pathOf, positional, walk } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface, NamedGuard } from '../surface.ts'
import { type Discover, NO_BODY_SETTINGS, type Project } from './framework.ts'
import { railsRoutes } from './rails-drawing.ts'
import { blocksOf, camelized, declarations, type InModule, lineage, listOf, methodIn, step } from './ruby-handlers.ts'
import { sinatraSurfaces } from './sinatra-routes.ts'

export const discoverRubyRoutes: Discover = (module, project) => {
  if (module.language !== 'ruby') return []
  return [
    ...railsSurfaces(module, project),
    ...sinatraSurfaces(module, project),
    ...channelSurfaces(module, project),
    ...rackSurfaces(module),
  ]
}

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
    const { cls } = statement
    for (const method of cls.methods)
      if (isAction(cls, method) && !isNamedWithin(cls, method))
        found.push(...actionSurface({ cls, module }, method.name, undefined, [usualMethod(method.name)], project))
  }
  return found
}

function usualMethod(action: string): string {
  if (/^(?:index|show|new|edit)$/.test(action)) return 'GET'
  return action === 'destroy' ? 'DELETE' : 'POST'
}

/** A helper that others of the class call, left public. */
function isNamedWithin(cls: ClassIr, method: FunctionIr): boolean {
  const name = `"name":"${method.name}"`
  return cls.methods.some((one) => one !== method && JSON.stringify(one.body).includes(name))
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
  if (/[?!=]$/.test(method.name) || method.name === 'constructor' || method.params.some(isGiven)) return false
  return !cls.decorators.some(
    (one) =>
      one.kind === 'call' && one.args.some((arg) => arg.name === undefined && literalText(arg.value) === method.name),
  )
}

/** A parameter as written; the block that a method may be handed is none. */
function isGiven({ pattern }: FunctionIr['params'][number]): boolean {
  return pattern.kind !== 'name' || pattern.name !== BLOCK
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
  const guards: NamedGuard[] = [...verifyingConcerns(line, project)]
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

/** `include WebhookVerification` from a gem: its filters are not in sight, its name is. */
function verifyingConcerns(line: readonly InModule[], project: Project): readonly NamedGuard[] {
  return line.flatMap(({ cls, module }) =>
    declarations(cls)
      .filter(({ callee }) => callee.kind === 'name' && /^(?:include|prepend)$/.test(callee.name))
      .flatMap(positional)
      .flatMap((concern): readonly NamedGuard[] => {
        if (concern.kind !== 'name' || project.program.declaration(module, concern.name) !== undefined) return []
        const name = pathOf(concern)
        return isVerifierName(name) || isGuardName(name) ? [{ name, at: concern.at }] : []
      }),
  )
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
