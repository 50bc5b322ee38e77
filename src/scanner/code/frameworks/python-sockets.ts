/**
 * Sockets in Python outside of routes: Flask-SocketIO and python-socketio, Tornado, Starlette's endpoint classes and
 * the `websockets` library. Each has its words for connection and message; the rest is one shape.
 */
import type { CallExpression, ClassIr, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { bytesOf, type Inside, literalText, namedArg, pathOf, positional, walk } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface, Framework, ParamRole, SocketSettings } from '../surface.ts'
import { type Discover, importsFrom, type Project } from './framework.ts'
import { declarationOf, lineageOf, methodIn } from './python-names.ts'

export const discoverPythonSockets: Discover = (module, project) =>
  module.language === 'python'
    ? [...events(module, project), ...classes(module, project), ...served(module, project)]
    : []

// ── events by name ───────────────────────────────────────────────────────────────────────────────────────────────

interface EventHandler {
  readonly event: string
  readonly namespace: string
  readonly fn: FunctionIr
  readonly server: Expression
  readonly inside: Inside
  readonly cls?: ClassIr
}

const LIFECYCLE = /^(?:connect|disconnect|default_error_handler|error|\*)$/

/** `@socketio.on('say')`, `@sio.event`, classes of `Namespace` with `on_say`. */
function events(module: Module, project: Project): readonly DiscoveredSurface[] {
  if (!importsFrom(module, /socketio/)) return []
  const handlers: EventHandler[] = []
  walk(module, {
    fn: (fn, inside) => {
      for (const decorator of fn.decorators) {
        const target = decorator.kind === 'call' ? decorator.callee : decorator
        if (target.kind !== 'member' || !/^(?:on|event|on_event)$/.test(target.property)) continue
        const call = decorator.kind === 'call' ? decorator : undefined
        const event =
          target.property === 'event' ? fn.name : call === undefined ? undefined : literalText(positional(call)[0])
        if (event === undefined) continue
        const namespace = call === undefined ? undefined : literalText(namedArg(call, 'namespace'))
        handlers.push({ event, namespace: namespace ?? '/', fn, server: target.object, inside })
      }
    },
    cls: (cls, inside) => {
      if (!lineageOf({ cls, module }, project).outside.some((base) => /(?:^|\.)(?:Async)?Namespace$/.test(base))) return
      const made = namespaceOf(cls, module)
      for (const fn of cls.methods) {
        const event = /^on_(\w+)$/.exec(fn.name)?.[1]
        if (event !== undefined)
          handlers.push({
            event,
            namespace: made ?? '/',
            fn,
            server: { kind: 'name', name: '', at: cls.at },
            inside,
            cls,
          })
      }
    },
  })
  const byNamespace = new Map<string, EventHandler[]>()
  for (const handler of handlers)
    byNamespace.set(handler.namespace, [...(byNamespace.get(handler.namespace) ?? []), handler])
  return [...byNamespace].map(([namespace, group]) => eventSurface(namespace, group, module, project))
}

/** `socketio.on_namespace(Chat('/chat'))` */
function namespaceOf(cls: ClassIr, module: Module): string | undefined {
  let found: string | undefined
  walk(module, {
    call: (call) => {
      if (pathOf(call.callee) === cls.name) found ??= literalText(positional(call)[0])
    },
  })
  return found
}

function eventSurface(
  namespace: string,
  handlers: readonly EventHandler[],
  module: Module,
  project: Project,
): DiscoveredSurface {
  const isFlask = importsFrom(module, /^flask_socketio/)
  const server = handlers.map((one) => serverOf(one.server, module, project)).find((one) => one !== undefined)
  const step = ({ fn, event, inside, cls }: EventHandler, role: ChainStep['role']): ChainStep => {
    const params = fn.params.filter(({ pattern }) => !(pattern.kind === 'name' && pattern.name === 'self'))
    return {
      role,
      run: {
        module,
        fn: { ...fn, decorators: fn.decorators.filter((one) => !isOn(one)) },
        within: inside.functions,
        ...(cls === undefined ? {} : { cls }),
      },
      binds: params.map(({ pattern }, index): ParamRole => {
        const name = pattern.kind === 'name' ? pattern.name : ''
        if (!isFlask && index === 0) return 'unknown'
        if (role === 'connection')
          return name === 'environ' ? 'handshake' : name === 'auth' ? { field: 'query', name: 'auth' } : 'unknown'
        return /^(?:json|data|message|msg|payload|event|args|content|body)$/.test(name)
          ? 'message'
          : { field: 'message', name }
      }),
      event,
    }
  }
  const first = handlers.find(({ event }) => event === 'connect') ?? handlers[0]
  const at = first?.cls?.at ?? first?.fn.at ?? { line: 1, column: 1 }
  return {
    kind: 'socket',
    framework: isFlask ? 'flask-socketio' : 'socket.io',
    path: namespace === '/' ? undefined : namespace,
    methods: [],
    name: first?.cls?.name ?? first?.fn.name ?? 'socket',
    module,
    at,
    chain: [
      ...handlers.filter(({ event }) => event === 'connect').map((one) => step(one, 'connection')),
      ...handlers.filter(({ event }) => !LIFECYCLE.test(event)).map((one) => step(one, 'message')),
    ],
    body: { body: 'unknown', limit: undefined },
    mountSeen: true,
    guards: [],
    socket: socketSettings(server, at),
  }
}

function isOn(decorator: Expression): boolean {
  const target = decorator.kind === 'call' ? decorator.callee : decorator
  return target.kind === 'member' && /^(?:on|event|on_event)$/.test(target.property)
}

function serverOf(
  server: Expression,
  module: Module,
  project: Project,
): { call: CallExpression; module: Module } | undefined {
  const declaration = declarationOf(server, module, project)
  return declaration?.kind === 'value' && declaration.value.kind === 'call'
    ? { call: declaration.value, module: declaration.module }
    : undefined
}

/** Both libraries refuse other origins unless told otherwise, and messages above one megabyte. */
function socketSettings(
  server: { call: CallExpression; module: Module } | undefined,
  at: SocketSettings['serverAt'],
): SocketSettings {
  const origins = server === undefined ? undefined : namedArg(server.call, 'cors_allowed_origins')
  const size = server === undefined ? undefined : namedArg(server.call, 'max_http_buffer_size')
  const isOpen =
    literalText(origins) === '*' ||
    (origins?.kind === 'list' && origins.items.some((item) => literalText(item) === '*'))
  return {
    origin: server === undefined ? 'unknown' : isOpen ? 'open' : 'checked',
    ...(isOpen && origins !== undefined ? { originAt: origins.at } : {}),
    maxPayload: size === undefined ? 1_000_000 : bytesOf(size),
    hasRateLimit: false,
    serverAt: server?.call.at ?? at,
    ...(server === undefined ? {} : { file: server.module.file }),
  }
}

// ── classes ──────────────────────────────────────────────────────────────────────────────────────────────────────

interface SocketClass {
  readonly framework: Framework
  readonly connection: readonly string[]
  readonly message: readonly string[]
}

const CLASSES: readonly (readonly [RegExp, SocketClass])[] = [
  [
    /(?:^|\.)(?:WebSocketHandler|SockJSConnection)$/,
    { framework: 'tornado', connection: ['prepare', 'open', 'on_open'], message: ['on_message'] },
  ],
  [/(?:^|\.)WebSocketEndpoint$/, { framework: 'starlette', connection: ['on_connect'], message: ['on_receive'] }],
]

function classes(module: Module, project: Project): readonly DiscoveredSurface[] {
  return module.body.flatMap((statement): readonly DiscoveredSurface[] => {
    if (statement.kind !== 'class') return []
    const { cls } = statement
    const lineage = lineageOf({ cls, module }, project)
    const kind = CLASSES.find(([pattern]) => lineage.outside.some((base) => pattern.test(base)))?.[1]
    if (kind === undefined) return []
    const step = (name: string, role: ChainStep['role']): readonly ChainStep[] => {
      const found = methodIn(lineage, name)
      if (found === undefined) return []
      const isTornado = kind.framework === 'tornado'
      return [
        {
          role,
          run: { module: found.owner.module, fn: found.fn, cls },
          binds: isTornado
            ? [role === 'message' ? 'message' : { field: 'path', name: '1' }]
            : ['socket', ...(role === 'message' ? (['message'] as const) : [])],
          event: name,
          ...(isTornado ? { selfBinds: { request: 'request' as const, current_user: 'identity' as const } } : {}),
        },
      ]
    }
    const origin = methodIn(lineage, 'check_origin')
    return [
      {
        kind: 'socket',
        framework: kind.framework,
        path: routeOfClass(cls, module, project),
        methods: [],
        name: cls.name,
        module,
        at: cls.at,
        chain: [
          ...kind.connection.flatMap((name) => step(name, 'connection')),
          ...kind.message.flatMap((name) => step(name, 'message')),
        ],
        body: { body: 'unknown', limit: undefined },
        mountSeen: true,
        guards: [],
        socket: {
          // Tornado compares Origin with Host unless the class says otherwise.
          origin:
            kind.framework !== 'tornado'
              ? 'default'
              : origin === undefined
                ? 'checked'
                : alwaysTrue(origin.fn)
                  ? 'open'
                  : 'checked',
          ...(origin === undefined ? {} : { originAt: origin.fn.at }),
          cookieAuth: /"(?:get_secure_cookie|get_signed_cookie|current_user|get_cookie)"/.test(
            JSON.stringify(lineage.classes.map((one) => one.cls.methods)),
          ),
          maxPayload: undefined,
          hasRateLimit: false,
          serverAt: cls.at,
        },
      },
    ]
  })
}

function alwaysTrue({ body }: FunctionIr): boolean {
  const last = body.at(-1)
  return last?.kind === 'return' && last.value?.kind === 'literal' && last.value.value === true
}

/** `(r'/ws', Handler)` in the list of an application, `Route('/ws', Handler)`. */
export function routeOfClass(cls: ClassIr, from: Module, project: Project): string | undefined {
  let found: string | undefined
  const look = (pattern: Expression | undefined, target: Expression | undefined, module: Module): void => {
    const path = literalText(pattern)
    if (path === undefined || target === undefined || found !== undefined) return
    const declaration = declarationOf(target, module, project)
    if (declaration?.kind === 'class' && declaration.cls === cls) found = path
  }
  for (const module of [from, ...project.modules.filter((one) => one !== from && one.language === 'python')]) {
    if (found !== undefined) break
    walk(module, {
      call: (call) => {
        const args = positional(call)
        look(args[0], args[1], module)
        for (const arg of args)
          if (arg.kind === 'list')
            for (const item of arg.items) if (item.kind === 'list') look(item.items[0], item.items[1], module)
      },
      assign: (_, value) => {
        if (value.kind !== 'list') return
        for (const item of value.items) if (item.kind === 'list') look(item.items[0], item.items[1], module)
      },
    })
  }
  return found?.replace(/^\^|\$$/g, '').replace(/\/\?$/, '')
}

// ── a handler that is served ─────────────────────────────────────────────────────────────────────────────────────

/** `websockets.serve(handler, …)` */
function served(module: Module, project: Project): readonly DiscoveredSurface[] {
  if (!importsFrom(module, /^websockets/)) return []
  const found: DiscoveredSurface[] = []
  walk(module, {
    call: (call) => {
      if (!/(?:^|\.)(?:serve|unix_serve|run_server)$/.test(pathOf(call.callee))) return
      const [target] = positional(call)
      const handler = target?.kind === 'call' && /partial$/.test(pathOf(target.callee)) ? positional(target)[0] : target
      const declaration = handler === undefined ? undefined : declarationOf(handler, module, project)
      if (declaration?.kind !== 'function') return
      const { fn } = declaration
      const size = namedArg(call, 'max_size')
      found.push({
        kind: 'socket',
        framework: 'websockets',
        path: undefined,
        methods: [],
        name: fn.name,
        module: declaration.module,
        at: fn.at,
        chain: [{ role: 'connection', run: { module: declaration.module, fn }, binds: ['socket', 'unknown'] }],
        body: { body: 'unknown', limit: undefined },
        mountSeen: true,
        guards: [],
        socket: {
          origin: namedArg(call, 'origins') === undefined ? 'default' : 'checked',
          originAt: call.at,
          maxPayload: size === undefined ? 1_048_576 : bytesOf(size),
          hasRateLimit: false,
          serverAt: call.at,
          file: module.file,
        },
      })
    },
  })
  return found
}
