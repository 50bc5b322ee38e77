/**
 * Socket.IO and ws: servers made by a call, told apart by what made them, and their connection handlers.
 *
 * What a server is asked on the way in (`allowRequest`, `verifyClient`, `io.use`, an `upgrade` listener of one's own)
 * comes first in the chain. Handlers of messages are found by running the connection handler.
 */
import type { CallExpression, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { bytesOf, entryOf, type Inside, literalText, pathOf, positional, walk } from '../parse/walk.ts'
import type { Callable, ChainStep, DiscoveredSurface, SocketSettings } from '../surface.ts'
import { type Discover, importsFrom, joinPath, type Project, requiredSource } from './framework.ts'
import { objectSocket } from './socket-objects.ts'
import { testedPaths } from './tested-paths.ts'

type Kind = 'ws' | 'socket.io'

interface Listener {
  readonly call: CallExpression
  readonly receiver: Expression
  readonly event: string
  readonly handler: Expression
  readonly inside: Inside
}

interface Maker {
  readonly kind: Kind
  readonly call: CallExpression
  readonly options: Expression | undefined
  readonly module: Module
}

export const discoverSocketServers: Discover = (module, project) => {
  if (module.language !== 'javascript' && module.language !== 'typescript') return []
  const { listeners, sockets } = listenersOf(module)
  const listened = listeners.flatMap((listener) => {
    const isConnection = listener.event === 'connection' || listener.event === 'connect'
    const surface = isConnection
      ? surfaceOf(listener, listeners, module, project)
      : listener.event === 'upgrade'
        ? upgradeSurface(listener, listeners, module, project)
        : undefined
    return surface === undefined ? [] : [surface]
  })
  return [...listened, ...sockets]
}

/** `server.on('upgrade', …)` that goes on with the socket itself, without an event for it. */
function upgradeSurface(
  listener: Listener,
  listeners: readonly Listener[],
  module: Module,
  project: Project,
): DiscoveredSurface | undefined {
  const { call, handler, inside } = listener
  if (listeners.some(({ event }) => event === 'connection') || !handlesUpgrade(handler, module, project))
    return undefined
  const maker = firstMaker(module)
  const path = upgradePath(listener, module, project)
  return {
    kind: 'socket',
    framework: 'ws',
    path: path === undefined ? undefined : joinPath(path),
    methods: [],
    name: 'upgrade',
    module,
    at: call.at,
    chain: [
      {
        role: 'connection',
        run: {
          module,
          expression: handler,
          within: inside.functions,
          ...(inside.cls === undefined ? {} : { cls: inside.cls }),
        },
        binds: ['request', 'unknown', 'unknown'],
      },
    ],
    ...(path === undefined ? {} : { comparesAddress: true }),
    body: { body: 'unknown', limit: undefined },
    mountSeen: maker !== undefined,
    guards: [],
    socket: settingsOf('ws', maker, call),
  }
}

function handlesUpgrade(handler: Expression, module: Module, project: Project): boolean {
  const fn = handler.kind === 'lambda' ? handler.fn : functionNamed(handler, module, project)
  return fn !== undefined && JSON.stringify(fn.body).includes('"handleUpgrade"')
}

function firstMaker(module: Module): Maker | undefined {
  let found: Maker | undefined
  walk(module, {
    call: (call) => {
      found ??= made(call, module)
    },
  })
  return found
}

/** `x.on(event, handler)` and `x.use(handler)`; also sockets that need no listeners. */
function listenersOf(module: Module): {
  readonly listeners: readonly Listener[]
  readonly sockets: readonly DiscoveredSurface[]
} {
  const found: Listener[] = []
  const sockets: DiscoveredSurface[] = []
  walk(module, {
    call: (call, inside) => {
      const socket = objectSocket(call, inside, module)
      if (socket !== undefined) sockets.push(socket)
      if (call.callee.kind !== 'member') return
      const { property, object } = call.callee
      const args = positional(call)
      if (property === 'on' || property === 'once' || property === 'addListener') {
        const event = literalText(args[0])
        const [, handler] = args
        if (event !== undefined && handler !== undefined)
          found.push({ call, receiver: chained(object), event, handler, inside })
      }
      if (property === 'use' && args.length > 0)
        for (const handler of args) found.push({ call, receiver: chained(object), event: '#use', handler, inside })
    },
  })
  return { listeners: found, sockets }
}

/** `io` in `io.use(a).on('connection', b)`. */
function chained(object: Expression): Expression {
  return object.kind === 'call' && object.callee.kind === 'member' && /^(?:on|once|use)$/.test(object.callee.property)
    ? chained(object.callee.object)
    : object
}

function surfaceOf(
  listener: Listener,
  listeners: readonly Listener[],
  module: Module,
  project: Project,
): DiscoveredSurface | undefined {
  const { receiver, handler, inside, call } = listener
  const space = namespaceOf(receiver, inside, module, project)
  const maker = makerOf(space.server, inside, module, project)
  const kind = maker?.kind ?? guessedKind(space.server, handler, module, project)
  if (kind === undefined) return undefined
  const options = maker?.options
  const same = listeners.filter((one) => isSame(one, listener, space, module, project))
  const before = same.filter(({ event }) => event === '#use')
  const run = (expression: Expression, { inside: where }: Pick<Listener, 'inside'>): Callable => ({
    module,
    expression,
    within: where.functions,
    ...(where.cls === undefined ? {} : { cls: where.cls }),
  })
  const upgrade = kind === 'ws' ? upgradeOf(listeners, options, module, project) : undefined
  const gate = entryOf(options, kind === 'ws' ? 'verifyClient' : 'allowRequest')
  const gateStep: readonly ChainStep[] =
    gate === undefined || maker === undefined
      ? []
      : [
          {
            role: isDecider(gate, maker.module, project) ? 'middleware' : 'guard',
            run: { module: maker.module, expression: gate },
            binds: ['handshake', 'decide'],
          },
        ]
  const path =
    kind === 'ws'
      ? (literalText(entryOf(options, 'path')) ?? upgradePath(upgrade, module, project))
      : space.name === '/'
        ? undefined
        : space.name
  return {
    kind: 'socket',
    framework: kind,
    path: path === undefined ? undefined : joinPath(path),
    methods: [],
    name: handler.kind === 'name' ? handler.name : 'connection',
    module,
    at: call.at,
    chain: [
      ...gateStep,
      ...(upgrade === undefined
        ? []
        : [
            {
              role: 'middleware',
              run: run(upgrade.handler, upgrade),
              binds: ['request', 'unknown', 'unknown'],
            } as const,
          ]),
      ...(kind === 'socket.io'
        ? before.map(
            (one): ChainStep => ({ role: 'middleware', run: run(one.handler, one), binds: ['socket', 'next'] }),
          )
        : []),
      { role: 'connection', run: run(handler, listener), binds: ['socket', 'request'] },
    ],
    body: { body: 'unknown', limit: undefined },
    mountSeen: maker !== undefined,
    guards: [],
    ...(upgrade !== undefined && path !== undefined ? { comparesAddress: true } : {}),
    socket: settingsOf(kind, maker, call),
  }
}

function settingsOf(kind: Kind, maker: Maker | undefined, call: CallExpression): SocketSettings {
  const options = maker?.options
  const size = entryOf(options, kind === 'ws' ? 'maxPayload' : 'maxHttpBufferSize')
  const said = entryOf(options, kind === 'ws' ? 'verifyClient' : 'allowRequest') ?? entryOf(options, 'cors')
  return {
    origin: maker === undefined ? 'unknown' : 'default',
    ...(said === undefined ? {} : { originAt: said.at }),
    // An option that is no constant was thought about.
    maxPayload:
      size === undefined
        ? kind === 'socket.io' || maker === undefined
          ? 1_000_000
          : undefined
        : (bytesOf(size) ?? 1_000_000),
    hasRateLimit: false,
    serverAt: maker?.call.at ?? call.at,
    ...(maker === undefined ? {} : { file: maker.module.file }),
  }
}

// ── which server ─────────────────────────────────────────────────────────────────────────────────────────────────

interface Namespace {
  readonly server: Expression
  readonly name: string
}

/** `io.of('/chat')`, at once or kept in a variable. */
function namespaceOf(receiver: Expression, inside: Inside, module: Module, project: Project, hops = 0): Namespace {
  if (receiver.kind === 'call' && receiver.callee.kind === 'member' && receiver.callee.property === 'of') {
    const [name] = positional(receiver)
    return { server: receiver.callee.object, name: literalText(name) ?? `{${name === undefined ? '' : pathOf(name)}}` }
  }
  if (receiver.kind === 'name' && hops < 3) {
    const value = boundValue(receiver.name, inside, module, project)
    if (value?.kind === 'call' && value.callee.kind === 'member' && value.callee.property === 'of')
      return namespaceOf(value, inside, module, project, hops + 1)
  }
  return { server: receiver, name: '/' }
}

function boundValue(name: string, inside: Inside, module: Module, project: Project): Expression | undefined {
  for (const fn of [...inside.functions].reverse()) {
    const local = assigned(fn, name)
    if (local !== undefined) return local
  }
  const declaration = project.program.declaration(module, name)
  return declaration?.kind === 'value' && declaration.target.kind === 'name' ? declaration.value : undefined
}

function assigned(fn: FunctionIr, name: string): Expression | undefined {
  for (const statement of fn.body)
    if (statement.kind === 'assign' && statement.target.kind === 'name' && statement.target.name === name)
      return statement.value
  return undefined
}

function isSame(one: Listener, listener: Listener, space: Namespace, module: Module, project: Project): boolean {
  if (pathOf(one.receiver) === pathOf(listener.receiver) && pathOf(listener.receiver) !== '') return true
  const other = namespaceOf(one.receiver, one.inside, module, project)
  return other.name === space.name && pathOf(other.server) === pathOf(space.server)
}

function makerOf(server: Expression, inside: Inside, module: Module, project: Project): Maker | undefined {
  if (server.kind === 'call') return made(server, module)
  if (server.kind === 'name') {
    for (const fn of [...inside.functions].reverse()) {
      const local = assigned(fn, server.name)
      if (local !== undefined) return local.kind === 'call' ? made(local, module) : undefined
    }
    const declaration = project.program.declaration(module, server.name)
    if (declaration?.kind === 'value' && declaration.value.kind === 'call' && declaration.target.kind === 'name')
      return made(declaration.value, declaration.module)
    return assignedLater(pathOf(server), module)
  }
  return server.kind === 'member' ? assignedLater(pathOf(server), module) : undefined
}

/** `let io; … io = new Server(…)`, `this.wss = new WebSocketServer(…)`. */
function assignedLater(path: string, module: Module): Maker | undefined {
  let found: Maker | undefined
  walk(module, {
    assign: (target, value) => {
      const written = target.kind === 'name' ? target.name : target.kind === 'place' ? pathOf(target.target) : undefined
      if (written === path && value.kind === 'call') found ??= made(value, module)
    },
  })
  return found
}

function made(call: CallExpression, module: Module): Maker | undefined {
  const path = pathOf(call.callee).replaceAll('()', '')
  const source =
    requiredSource(call) ??
    (call.callee.kind === 'name' ? sourceOf(call.callee.name, module) : sourceOf(path.split('.')[0] ?? '', module))
  const last = path.split('.').at(-1) ?? ''
  const args = positional(call)
  const options = args.find((arg) => arg.kind === 'object')
  if (source === 'socket.io' || (source === undefined && /socket\.?io/i.test(last)))
    return { kind: 'socket.io', call, options, module }
  if (source === 'ws' || source === 'uWebSockets.js' || /^(?:WebSocketServer|WSServer)$/.test(last))
    return { kind: 'ws', call, options, module }
  return undefined
}

function sourceOf(local: string, module: Module): string | undefined {
  const written = module.imports.find((one) => one.local === local)?.source
  if (written !== undefined) return written
  for (const statement of module.body) {
    if (statement.kind !== 'assign') continue
    const names =
      statement.target.kind === 'name'
        ? [statement.target.name]
        : statement.target.kind === 'object'
          ? statement.target.entries.flatMap(({ target }) => (target.kind === 'name' ? [target.name] : []))
          : []
    if (names.includes(local)) return requiredSource(statement.value)
  }
  return undefined
}

/** A server that is handed in: told by what the handler does with its socket. */
function guessedKind(server: Expression, handler: Expression, module: Module, project: Project): Kind | undefined {
  const name = pathOf(server).split('.').at(-1) ?? ''
  const fn = handler.kind === 'lambda' ? handler.fn : functionNamed(handler, module, project)
  if (fn === undefined) return undefined
  const events = JSON.stringify(fn.body)
  const listens = /"property":"(?:on|once|onmessage|addEventListener)"/.test(events)
  if (!listens) return undefined
  if (importsFrom(module, /^socket\.io$/) || /^(?:io|_?io\w*|nsp|namespace|chat|socketServer|socketIO)$/i.test(name))
    return 'socket.io'
  if (importsFrom(module, /^ws$/) || /^wss?\w*$|websocket/i.test(name)) return 'ws'
  return undefined
}

function functionNamed(handler: Expression, module: Module, project: Project): FunctionIr | undefined {
  if (handler.kind !== 'name') return undefined
  const declaration = project.program.declaration(module, handler.name)
  return declaration?.kind === 'function'
    ? declaration.fn
    : declaration?.kind === 'value' && declaration.value.kind === 'lambda'
      ? declaration.value.fn
      : undefined
}

// ── the way in ───────────────────────────────────────────────────────────────────────────────────────────────────

/** A gate with a second parameter answers by calling it, one without by what it returns. */
function isDecider(gate: Expression, module: Module, project: Project): boolean {
  const fn = gate.kind === 'lambda' ? gate.fn : functionNamed(gate, module, project)
  return fn === undefined || fn.params.length > 1
}

/** `server.on('upgrade', …)`, for a server that is told to leave upgrades alone. */
function upgradeOf(
  listeners: readonly Listener[],
  options: Expression | undefined,
  module: Module,
  project: Project,
): Listener | undefined {
  const upgrades = listeners.filter(({ event }) => event === 'upgrade')
  const isManual = entryOf(options, 'noServer') !== undefined || options === undefined
  return isManual ? upgrades.find(({ handler }) => handlesUpgrade(handler, module, project)) : undefined
}

function upgradePath(upgrade: Listener | undefined, module: Module, project: Project): string | undefined {
  if (upgrade === undefined) return undefined
  const fn = upgrade.handler.kind === 'lambda' ? upgrade.handler.fn : functionNamed(upgrade.handler, module, project)
  const paths = fn === undefined ? [] : testedPaths(fn, module, project)
  return paths.length === 1 ? paths[0]?.path : undefined
}
