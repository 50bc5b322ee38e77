/**
 * PHP's back gates: Symfony's by their attributes, Slim's and WordPress's by their registrations; Laravel's and those of
 * plain scripts have files of their own.
 */

import type { CallExpression, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { entryOf, type Inside, literalText, namedArg, pathOf, positional, walk } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface, NamedGuard } from '../surface.ts'
import { type Discover, importsFrom, joinPath, NO_BODY_SETTINGS, type Project } from './framework.ts'
import {
  type Group,
  handlerOf,
  itemsOf,
  laravelSurfaces,
  methodOf,
  unroutedControllers,
  VERBS,
} from './laravel-routes.ts'
import { type Handler, handlerStep } from './php-handlers.ts'
import { plainSurfaces } from './php-scripts.ts'

export const discoverPhpRoutes: Discover = (module, project) => {
  if (module.language !== 'php') return []
  const routed = [
    ...laravelSurfaces(module, project),
    ...slimSurfaces(module, project),
    ...attributeSurfaces(module, project),
    ...restRoutes(module, project),
    ...actionSurfaces(module, project),
  ]
  if (routed.length > 0) return routed
  return [...unroutedControllers(module, project), ...plainSurfaces(module)]
}

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

/** `add_action('woocommerce_api_shop', 'handle')`: what WordPress runs for whoever calls an address of its own. */
function actionSurfaces(module: Module, project: Project): readonly DiscoveredSurface[] {
  const surfaces: DiscoveredSurface[] = []
  walk(module, {
    call: (call, inside) => {
      if (pathOf(call.callee) !== 'add_action') return
      const [hook, callback] = positional(call)
      const name = startOf(hook)
      if (callback === undefined || !OPEN_HOOK.test(name)) return
      const handler = callableIn(callback, inside, module, project)
      if (handler === undefined || !takesDelivery(handler, name)) return
      surfaces.push({
        kind: 'route',
        framework: 'php',
        path: addressOf(name),
        methods: ['POST'],
        name: handler.fn.name === '' ? name : handler.fn.name,
        module: handler.module,
        at: handler.fn.at,
        chain: [
          {
            role: 'handler',
            run: {
              module: handler.module,
              fn: handler.fn,
              ...(handler.cls === undefined ? {} : { cls: handler.cls }),
            },
            binds: [],
          },
        ],
        body: NO_BODY_SETTINGS,
        mountSeen: true,
        guards: [],
        ...(namesDelivery(handler, name) ? { style: 'webhook' as const } : {}),
      })
    },
  })
  return surfaces
}

function addressOf(hook: string): string {
  const shop = /^woocommerce_api_(.*)$/.exec(hook)?.[1]
  if (shop !== undefined) return joinPath('wc-api', shop)
  return hook.startsWith('wp_ajax_') ? '/wp-admin/admin-ajax.php' : '/wp-admin/admin-post.php'
}

const OPEN_HOOK = /^(?:woocommerce_api_|wp_ajax_nopriv_|admin_post_nopriv_)/

/** The hooks of forms serve browsers as well; those of a shop's payments serve providers alone. */
function takesDelivery(handler: Handler, hook: string): boolean {
  return hook.startsWith('woocommerce_api_') || namesDelivery(handler, hook)
}

function namesDelivery({ fn, cls }: Handler, hook: string): boolean {
  return (
    /web_?hook|callback|ipn|notif/i.test(`${hook} ${fn.name} ${cls?.name ?? ''}`) ||
    JSON.stringify(fn.body).includes('php://input')
  )
}

/** The text, or that which it begins with: `'woocommerce_api_' . $this->id`. */
function startOf(value: Expression | undefined): string {
  if (value === undefined) return ''
  if (value.kind === 'template') return literalText(value.parts[0]) ?? ''
  if (value.kind === 'binary') return startOf(value.left)
  return literalText(value) ?? ''
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
