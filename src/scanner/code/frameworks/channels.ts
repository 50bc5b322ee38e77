/**
 * Django Channels: consumers, the routes that lead to them and what `asgi.py` wraps around those.
 *
 * The generic consumers hand a frame on in their own code (`receive` decodes and calls `receive_json`); that is written
 * out below the project's class, so that `super().receive()` leads where it does in fact.
 */
import type { CallExpression, ClassIr, Expression, FunctionIr, Module, Position } from '../parse/ir.ts'
import { doesNothing, literalText, pathOf, positional, walk } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface, ParamRole, SocketSettings } from '../surface.ts'
import { urlEntriesIn } from './django-urls.ts'
import type { Discover, Project } from './framework.ts'
import { type ClassInProject, declarationOf, type Lineage, lineageOf, methodIn } from './python-names.ts'
import { assign, baseMethod, call, give, member, name, run } from './python-stubs.ts'

const CONSUMER = /(?:^|\.)\w*(?:WebsocketConsumer|WebSocketConsumer|AsyncConsumer|SyncConsumer|AsyncAPIConsumer)$/

interface Application {
  readonly origin: SocketSettings['origin']
  readonly cookieAuth: boolean
  readonly at: Position
  readonly file: string
}

const known = new WeakMap<
  Project,
  { readonly paths: ReadonlyMap<ClassIr, string>; readonly app: Application | undefined }
>()

export const discoverChannels: Discover = (module, project) => {
  if (module.language !== 'python') return []
  return module.body.flatMap((statement): readonly DiscoveredSurface[] => {
    if (statement.kind !== 'class') return []
    const consumer = { cls: statement.cls, module }
    const lineage = lineageOf(consumer, project)
    if (!lineage.outside.some((base) => CONSUMER.test(base))) return []
    const { paths, app } = known.get(project) ?? read(project)
    const path = paths.get(statement.cls)
    // A base of consumers is no socket of its own.
    if (path === undefined && isAbstract(consumer, project)) return []
    const surface = surfaceOf(consumer, lineage, path, app)
    return surface === undefined ? [] : [surface]
  })
}

function isAbstract({ cls }: ClassInProject, project: Project): boolean {
  return project.modules.some((module) =>
    module.body.some(
      (statement) =>
        statement.kind === 'class' &&
        statement.cls !== cls &&
        statement.cls.bases.some((base) => {
          const declaration = declarationOf(base, module, project)
          return declaration?.kind === 'class' && declaration.cls === cls
        }),
    ),
  )
}

// ── routing ──────────────────────────────────────────────────────────────────────────────────────────────────────

function read(project: Project): { paths: ReadonlyMap<ClassIr, string>; app: Application | undefined } {
  const paths = new Map<ClassIr, string>()
  let app: Application | undefined
  for (const module of project.modules) {
    if (module.language !== 'python') continue
    walk(module, {
      call: (one) => {
        const callee = pathOf(one.callee)
        if (/(?:^|\.)URLRouter$/.test(callee))
          for (const entry of urlEntriesIn(one, module, project))
            note(entry.view, entry.module, entry.path, project, paths)
        if (/(?:^|\.)ProtocolTypeRouter$/.test(callee)) app = applicationOf(one, module, project)
      },
    })
  }
  // A routing module whose application is elsewhere.
  for (const module of project.modules)
    if (module.language === 'python')
      walk(module, {
        call: (one) => {
          if (!/(?:^|\.)(?:path|re_path|url)$/.test(pathOf(one.callee))) return
          const [, view] = positional(one)
          if (view === undefined) return
          for (const entry of urlEntriesIn(one, module, project)) note(view, module, entry.path, project, paths)
        },
      })
  const found = { paths, app }
  known.set(project, found)
  return found
}

function note(view: Expression, module: Module, path: string, project: Project, into: Map<ClassIr, string>): void {
  if (view.kind === 'call' && view.callee.kind === 'member' && view.callee.property === 'as_asgi')
    return note(view.callee.object, module, path, project, into)
  if (view.kind === 'call') {
    for (const arg of positional(view)) note(arg, module, path, project, into)
    return
  }
  const declaration = declarationOf(view, module, project)
  if (declaration?.kind === 'class' && !into.has(declaration.cls)) into.set(declaration.cls, path)
}

/** What stands between the server and the routes: origin validators and the middleware that knows users by cookie. */
function applicationOf(router: CallExpression, module: Module, project: Project): Application {
  const protocols = positional(router)[0]
  const socket =
    protocols?.kind === 'object' ? protocols.entries.find(({ key }) => key === 'websocket')?.value : undefined
  const wrappers = socket === undefined ? [] : wrappersOf(socket, module, project, 0)
  const validator = wrappers.find(({ callee }) => /OriginValidator$/.test(pathOf(callee)))
  const anywhere =
    validator !== undefined &&
    /(?:^|\.)OriginValidator$/.test(pathOf(validator.callee)) &&
    validator.args.some(({ value }) => value.kind === 'list' && value.items.some((item) => literalText(item) === '*'))
  const cookie = wrappers.find(({ callee }) => /(?:Auth|Session|Cookie)Middleware(?:Stack)?$/.test(pathOf(callee)))
  return {
    origin: validator === undefined ? (socket === undefined ? 'unknown' : 'default') : anywhere ? 'open' : 'checked',
    cookieAuth: cookie !== undefined && !/JWT|Token|Bearer/i.test(pathOf(cookie.callee)),
    at: (anywhere ? validator?.at : undefined) ?? socket?.at ?? router.at,
    file: module.file,
  }
}

function wrappersOf(value: Expression, module: Module, project: Project, hops: number): readonly CallExpression[] {
  if (hops > 6) return []
  if (value.kind === 'name') {
    const declaration = declarationOf(value, module, project)
    return declaration?.kind === 'value' ? wrappersOf(declaration.value, declaration.module, project, hops + 1) : []
  }
  if (value.kind !== 'call') return []
  return [value, ...positional(value).flatMap((arg) => wrappersOf(arg, module, project, hops + 1))]
}

// ── the surface ──────────────────────────────────────────────────────────────────────────────────────────────────

const MESSAGE: Readonly<Record<string, ParamRole>> = {
  text_data: 'message',
  bytes_data: 'message',
  content: 'message',
  event: 'message',
  message: 'message',
  data: 'message',
}

function surfaceOf(
  consumer: ClassInProject,
  lineage: Lineage,
  path: string | undefined,
  app: Application | undefined,
): DiscoveredSurface | undefined {
  const { cls, module } = consumer
  const isJson = lineage.outside.some((base) => /Json\w*Consumer$/i.test(base))
  const below = base(cls, isJson)
  const whole: ClassIr = { ...cls, bases: [...cls.bases, { kind: 'class', cls: below, at: cls.at }] }
  const selfBinds: Readonly<Record<string, ParamRole>> = { scope: 'handshake', __socket__: 'socket' }
  const step = (role: ChainStep['role'], fn: FunctionIr, from: Module): ChainStep => ({
    role,
    run: { module: from, fn: { ...fn, decorators: [] }, cls: whole },
    binds: [],
    ...(role === 'message' ? { bindsByName: MESSAGE, event: fn.name } : {}),
    selfBinds,
  })
  const find = (method: string): ChainStep | undefined => {
    const role = /connect/.test(method) ? 'connection' : 'message'
    const own = methodIn(lineage, method)
    if (own !== undefined) return step(role, own.fn, own.owner.module)
    const inherited = below.methods.find((one) => one.name === method)
    return inherited === undefined ? undefined : step(role, inherited, module)
  }
  const connection = find('websocket_connect') ?? find('connect')
  // A consumer that only sends inherits a reader that drops what clients write.
  const reads = ['websocket_receive', 'receive', 'receive_json'].some((one) => {
    const own = methodIn(lineage, one)
    return own !== undefined && !doesNothing(own.fn)
  })
  const message = reads ? (find('websocket_receive') ?? find('receive')) : undefined
  if (connection === undefined) return undefined
  const readsUser = /"(?:user|session|cookies)"/.test(JSON.stringify(lineage.classes.map((one) => one.cls.methods)))
  return {
    kind: 'socket',
    framework: 'channels',
    path,
    methods: [],
    name: cls.name,
    module,
    at: cls.at,
    chain: [connection, ...(message === undefined ? [] : [message])],
    body: { body: 'unknown', limit: undefined },
    mountSeen: path !== undefined,
    guards: [],
    socket: {
      origin: app?.origin ?? 'unknown',
      ...(app === undefined ? {} : { originAt: app.at, file: app.file }),
      cookieAuth: app?.cookieAuth === true && readsUser,
      maxPayload: undefined,
      hasRateLimit: false,
      serverAt: cls.at,
    },
  }
}

/** The generic consumers' own methods. */
function base({ name: className, at, methods }: ClassIr, isJson: boolean): ClassIr {
  const it = (text: string): Expression => name(text, at)
  const self = (property: string): Expression => member(it('self'), property)
  const socket = (method: string, args: readonly Expression[]): Expression =>
    call(member(self('__socket__'), method), args)
  const parsedAt = methods.find((one) => one.name === 'receive_json')?.at ?? at
  const decoded: Expression = { ...call(member(it('json'), 'loads'), [it('text_data')]), at: parsedAt }
  return {
    name: `${className}.base`,
    bases: [],
    decorators: [],
    fields: [],
    methods: [
      baseMethod('connect', [], [run(call(self('accept')))], at),
      baseMethod('accept', ['subprotocol'], [give(it('subprotocol'))], at),
      baseMethod('close', ['code'], [run(socket('close', []))], at),
      baseMethod('send', ['text_data', 'bytes_data'], [run(socket('send', [it('text_data'), it('bytes_data')]))], at),
      baseMethod('send_json', ['content'], [run(socket('send', [it('content')]))], at),
      ...(isJson
        ? [
            baseMethod(
              'receive',
              ['text_data', 'bytes_data'],
              [assign('content', decoded), run(call(self('receive_json'), [it('content')]))],
              parsedAt,
            ),
            baseMethod('receive_json', ['content'], [give(it('content'))], at),
          ]
        : [baseMethod('receive', ['text_data', 'bytes_data'], [give(it('text_data'))], at)]),
    ],
    at,
  }
}
