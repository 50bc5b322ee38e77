/**
 * NestJS: controllers, and gateways for sockets. What runs before a handler is put together from four places: the
 * middleware that modules apply, guards and interceptors of the application, of the class and of the method.
 *
 * Decorators of the project are opened (`applyDecorators`, `SetMetadata`), for guards read what they attach.
 */

import { isVerifierName } from '../knowledge/names.ts'
import type { ClassIr, Expression, FunctionIr, Module, Param } from '../parse/ir.ts'
import { bytesOf, entryOf, literalText, pathOf, positional, walk } from '../parse/walk.ts'
import type { BodyHandling, ChainStep, DiscoveredSurface, NamedGuard, ParamRole, SocketSettings } from '../surface.ts'
import { type Discover, joinPath, type Project } from './framework.ts'

interface Decorator {
  readonly name: string
  readonly args: readonly Expression[]
  readonly module: Module
  readonly expression: Expression
}

interface Applied {
  readonly middleware: readonly Expression[]
  readonly routes: readonly Expression[]
  readonly module: Module
}

interface Application {
  readonly prefix: string
  readonly isVersioned: boolean
  readonly guards: readonly Guarding[]
  readonly applied: readonly Applied[]
  readonly body: BodyHandling
  /** Paths with a parser of their own that leaves the bytes alone. */
  readonly raw: readonly { readonly path: string; readonly body: BodyHandling }[]
  readonly validates: boolean
}

interface Guarding {
  readonly expression: Expression
  readonly module: Module
}

const ROUTES: Readonly<Record<string, readonly string[]>> = {
  Get: ['GET'],
  Post: ['POST'],
  Put: ['PUT'],
  Patch: ['PATCH'],
  Delete: ['DELETE'],
  Head: ['HEAD'],
  Options: ['OPTIONS'],
  All: [],
  Sse: ['GET'],
}

export const discoverNestControllers: Discover = (module, project) => {
  if (module.language !== 'typescript' && module.language !== 'javascript') return []
  const found: DiscoveredSurface[] = []
  walk(module, {
    cls: (cls) => {
      const decorators = opened(cls.decorators, module, project)
      const controller = decorators.find(({ name }) => name === 'Controller')
      if (controller !== undefined) found.push(...controllerRoutes(cls, controller, decorators, module, project))
      const gateway = decorators.find(({ name }) => name === 'WebSocketGateway')
      if (gateway !== undefined) found.push(gatewaySurface(cls, gateway, decorators, module, project))
    },
  })
  return found
}

// ── decorators ───────────────────────────────────────────────────────────────────────────────────────────────────

/** With those of the project replaced by what they apply. */
function opened(decorators: readonly Expression[], module: Module, project: Project, hops = 0): readonly Decorator[] {
  return decorators.flatMap((expression): readonly Decorator[] => {
    const callee = expression.kind === 'call' ? expression.callee : expression
    const name = pathOf(callee).split('.').at(-1) ?? ''
    const own: Decorator = { name, args: expression.kind === 'call' ? positional(expression) : [], module, expression }
    if (hops > 3 || callee.kind !== 'name') return [own]
    const declaration = project.program.declaration(module, callee.name)
    const fn =
      declaration?.kind === 'function'
        ? declaration.fn
        : declaration?.kind === 'value' && declaration.value.kind === 'lambda'
          ? declaration.value.fn
          : undefined
    if (fn === undefined || (declaration?.kind !== 'function' && declaration?.kind !== 'value')) return [own]
    const returned = fn.body.flatMap((statement) =>
      statement.kind === 'return' && statement.value !== undefined ? [statement.value] : [],
    )
    const inner = returned.flatMap((value) =>
      value.kind === 'call' && pathOf(value.callee).endsWith('applyDecorators') ? positional(value) : [value],
    )
    return [
      own,
      ...opened(
        inner.filter(({ kind }) => kind === 'call'),
        declaration.module,
        project,
        hops + 1,
      ),
    ]
  })
}

function argsOf(decorators: readonly Decorator[], name: string): readonly Guarding[] {
  return decorators
    .filter((one) => one.name === name)
    .flatMap(({ args, module }) =>
      args.flatMap((arg) => (arg.kind === 'list' ? arg.items : [arg])).map((expression) => ({ expression, module })),
    )
}

/** `SetMetadata(key, value)`; an imported decorator that says "public" in its name stands for any such key. */
function metadataOf(
  decorators: readonly Decorator[],
  project: Project,
): Readonly<Record<string, string | number | boolean | null>> {
  const found: Record<string, string | number | boolean | null> = {}
  for (const { name, args, module } of decorators) {
    if (name === 'SetMetadata') {
      const key = textOf(args[0], module, project)
      const [, value] = args
      if (key !== undefined) found[key] = value?.kind === 'literal' && value.value !== undefined ? value.value : true
    }
    if (/public|skip_?auth|no_?auth|allow_?anonymous/i.test(name)) found['*'] = true
  }
  return found
}

function textOf(value: Expression | undefined, module: Module, project: Project): string | undefined {
  const text = literalText(value)
  if (text !== undefined || value?.kind !== 'name') return text
  const declaration = project.program.declaration(module, value.name)
  return declaration?.kind === 'value' ? literalText(declaration.value) : undefined
}

// ── the application ──────────────────────────────────────────────────────────────────────────────────────────────

const applications = new WeakMap<Project, Application>()

function applicationOf(project: Project): Application {
  const known = applications.get(project)
  if (known !== undefined) return known
  let prefix = ''
  let isVersioned = false
  let validates = false
  let body: BodyHandling = { body: 'parsed', rawField: 'rawBody', limit: 102_400 }
  const guards: Guarding[] = []
  const raw: { readonly path: string; readonly body: BodyHandling }[] = []
  const applied: Applied[] = []
  for (const module of project.modules) {
    if (!module.imports.some(({ source }) => source.startsWith('@nestjs/'))) continue
    walk(module, {
      call: (call) => {
        const args = positional(call)
        const name = call.callee.kind === 'member' ? call.callee.property : pathOf(call.callee)
        switch (name) {
          case 'setGlobalPrefix':
            prefix = textOf(args[0], module, project) ?? ''
            break
          case 'enableVersioning': {
            const type = entryOf(args[0], 'type')
            isVersioned = args[0] === undefined || type === undefined || pathOf(type).endsWith('URI')
            break
          }
          case 'useGlobalGuards':
            guards.push(...args.map((expression) => ({ expression, module })))
            break
          case 'useGlobalPipes':
            validates ||= args.some((arg) => /ValidationPipe/.test(pathOf(arg)))
            break
          case 'use': {
            const path = textOf(args[0], module, project)
            const parser = args.find((arg) => arg.kind === 'call' && /(?:^|\.)(?:raw|text)$/.test(pathOf(arg.callee)))
            if (path !== undefined && parser?.kind === 'call') {
              const limit = entryOf(positional(parser)[0], 'limit')
              raw.push({ path, body: { body: 'raw', limit: limit === undefined ? 102_400 : bytesOf(limit) } })
            }
            // A parser that is chosen for each request.
            if (args.some(({ kind }) => kind === 'lambda') && JSON.stringify(args).includes('"raw"'))
              body = { ...body, body: 'unknown' }
            break
          }
          case 'create':
            if (pathOf(call.callee) === 'NestFactory.create')
              body = { ...body, parserAt: call.at, file: body.file ?? module.file }
            break
          case 'useBodyParser':
          case 'json': {
            const options = name === 'json' ? args[0] : args[1]
            const limit = entryOf(options, 'limit')
            if (limit !== undefined) body = { ...body, limit: bytesOf(limit), limitAt: limit.at, file: module.file }
            break
          }
          case 'forRoutes': {
            const middleware = appliedBefore(call.callee)
            if (middleware.length > 0) applied.push({ middleware, routes: args, module })
            break
          }
          default:
        }
      },
      cls: (cls) => {
        for (const decorator of cls.decorators) {
          if (decorator.kind !== 'call' || pathOf(decorator.callee) !== 'Module') continue
          const providers = entryOf(positional(decorator)[0], 'providers')
          for (const provider of providers?.kind === 'list' ? providers.items : []) {
            const token = entryOf(provider, 'provide')
            const expression =
              entryOf(provider, 'useClass') ?? entryOf(provider, 'useExisting') ?? entryOf(provider, 'useValue')
            if (token === undefined || expression === undefined) continue
            if (pathOf(token).endsWith('APP_GUARD')) guards.push({ expression, module })
            if (pathOf(token).endsWith('APP_PIPE')) validates ||= /ValidationPipe/.test(pathOf(expression))
          }
        }
      },
    })
  }
  const application = { prefix, isVersioned, guards, applied, body, raw, validates }
  applications.set(project, application)
  return application
}

/** `consumer.apply(A, B).exclude(…)` */
function appliedBefore(callee: Expression): readonly Expression[] {
  if (callee.kind !== 'member' || callee.object.kind !== 'call') return []
  const { object } = callee
  if (object.callee.kind !== 'member') return []
  return object.callee.property === 'apply' ? positional(object) : appliedBefore(object.callee)
}

/** Of a class, a path, `{ path, method }` or everything. */
function reaches(route: Expression, cls: ClassIr, path: string, methods: readonly string[]): boolean {
  if (route.kind === 'name' || route.kind === 'member') return pathOf(route) === cls.name
  const text = literalText(route) ?? literalText(entryOf(route, 'path'))
  if (text === undefined) return false
  const method = entryOf(route, 'method')
  const verb = method === undefined ? 'ALL' : (pathOf(method).split('.').at(-1) ?? 'ALL')
  if (verb !== 'ALL' && methods.length > 0 && !methods.includes(verb)) return false
  const plain = text.replace(/\{?\/?\(?\.?\*\w*\)?\}?$/, '').replace(/^\/|\/$/g, '')
  return (
    plain === '' ||
    path.replace(/^\//, '') === plain ||
    (plain !== text.replace(/^\/|\/$/g, '') && path.includes(plain))
  )
}

// ── controllers ──────────────────────────────────────────────────────────────────────────────────────────────────

function controllerRoutes(
  cls: ClassIr,
  controller: Decorator,
  ofClass: readonly Decorator[],
  module: Module,
  project: Project,
): readonly DiscoveredSurface[] {
  const application = applicationOf(project)
  const [options] = controller.args
  const paths = textsOf(options?.kind === 'object' ? entryOf(options, 'path') : options, module, project)
  return cls.methods.flatMap((method): readonly DiscoveredSurface[] => {
    const decorators = opened(method.decorators, module, project)
    const route = decorators.find(({ name }) => Object.hasOwn(ROUTES, name))
    if (route === undefined) return []
    const methods = ROUTES[route.name] ?? []
    const version = versionOf(decorators, options, application)
    return paths.flatMap((path) =>
      textsOf(route.args[0], module, project).map((own): DiscoveredSurface => {
        const local = joinPath(path, own)
        const whole = joinPath(application.prefix, version, local)
        const guards = [...application.guards, ...argsOf(ofClass, 'UseGuards'), ...argsOf(decorators, 'UseGuards')]
        const interceptors = [...argsOf(ofClass, 'UseInterceptors'), ...argsOf(decorators, 'UseInterceptors')]
        const chain: ChainStep[] = [
          ...application.applied
            .filter(({ routes }) => routes.some((one) => reaches(one, cls, local, methods)))
            .flatMap(({ middleware, module: where }) =>
              middleware.map((expression) => step('middleware', expression, where)),
            ),
          ...guards.map(({ expression, module: where }) => step('guard', expression, where)),
          ...interceptors
            .filter(({ expression, module: where }) => isFollowed(expression, where, project))
            .map(
              ({ expression, module: where }): ChainStep => ({
                role: 'middleware',
                run: { module: where, expression },
                binds: ['execution-context', 'next'],
              }),
            ),
          {
            role: 'handler',
            run: { module, fn: bare(method), cls },
            binds: method.params.map((param) => roleOf(param, project, module)),
          },
        ]
        return {
          kind: 'route',
          framework: 'nestjs',
          path: whole,
          methods,
          name: `${cls.name}.${method.name}`,
          module,
          at: route.expression.at,
          chain,
          body: application.raw.find((one) => whole.startsWith(joinPath(one.path)))?.body ?? application.body,
          mountSeen: true,
          guards: namedGuards(decorators, ofClass),
          metadata: { ...metadataOf(ofClass, project), ...metadataOf(decorators, project) },
          ...(route.name === 'Sse' ? { style: 'sse' as const } : {}),
        }
      }),
    )
  })
}

/** Decorators are read here; to the analysis the method is what its body says. */
function bare(method: FunctionIr): FunctionIr {
  return { ...method, decorators: [] }
}

function step(role: 'middleware' | 'guard', expression: Expression, module: Module): ChainStep {
  return {
    role,
    run: { module, expression },
    binds: role === 'guard' ? ['execution-context'] : ['request', 'response', 'next'],
  }
}

function isFollowed(expression: Expression, module: Module, project: Project): boolean {
  const target = expression.kind === 'call' ? expression.callee : expression
  return target.kind === 'name' && project.program.declaration(module, target.name)?.kind === 'class'
}

/** `@Auth()`, `@VerifySlackSignature()`: imported decorators that cannot be opened but say what they do. */
function namedGuards(...lists: readonly (readonly Decorator[])[]): readonly NamedGuard[] {
  return lists
    .flat()
    .flatMap(({ name, expression }) =>
      (isVerifierName(name) ||
        /^(?:auth|authorize|authenticated|requires?auth|protected|jwtauth|verif\w*|requirepermissions?|apikey(?:auth)?|roles|auth[A-Z]\w*)$/i.test(
          name,
        )) &&
      !/^Api/.test(name)
        ? [{ name, at: expression.at }]
        : [],
    )
}

function textsOf(value: Expression | undefined, module: Module, project: Project): readonly string[] {
  if (value === undefined) return ['']
  if (value.kind === 'list') return value.items.flatMap((item) => textOf(item, module, project) ?? [])
  return [textOf(value, module, project) ?? (value.kind === 'object' ? '' : `{${pathOf(value)}}`)]
}

function versionOf(
  decorators: readonly Decorator[],
  options: Expression | undefined,
  { isVersioned }: Application,
): string | undefined {
  if (!isVersioned) return undefined
  const written = decorators.find(({ name }) => name === 'Version')?.args[0] ?? entryOf(options, 'version')
  const text = literalText(written?.kind === 'list' ? written.items[0] : written)
  return text === undefined ? undefined : `v${text}`
}

const IDENTITY = /user|auth|session|account|tenant|principal|member|viewer|claims|jwt|organization/i

function roleOf(param: Param, project: Project, module: Module): ParamRole {
  const decorator = param.decorators[0]
  if (decorator === undefined) return 'unknown'
  const callee = decorator.kind === 'call' ? decorator.callee : decorator
  const name = pathOf(callee).split('.').at(-1) ?? ''
  const key = decorator.kind === 'call' ? textOf(positional(decorator)[0], module, project) : undefined
  switch (name) {
    case 'Body':
      return key === undefined ? 'body-parsed' : { field: 'body', name: key }
    case 'RawBody':
      return 'body-raw'
    case 'Headers':
      return key === undefined ? 'headers' : { header: key }
    case 'Query':
      return key === undefined ? 'query' : { field: 'query', name: key }
    case 'Param':
      return key === undefined ? 'path' : { field: 'path', name: key }
    case 'Cookies':
      return key === undefined ? 'unknown' : { field: 'cookie', name: key }
    case 'Req':
    case 'Request':
      return 'request'
    case 'Res':
    case 'Response':
      return 'response'
    case 'Next':
      return 'next'
    case 'Session':
      return 'identity'
    case 'MessageBody':
    case 'Payload':
      return key === undefined ? 'message' : { field: 'message', name: key }
    case 'ConnectedSocket':
      return 'socket'
    case 'UploadedFile':
    case 'UploadedFiles':
      return 'body-parsed'
    default:
      return IDENTITY.test(name) ? 'identity' : /raw_?body/i.test(name) ? 'body-raw' : 'unknown'
  }
}

// ── gateways ─────────────────────────────────────────────────────────────────────────────────────────────────────

function gatewaySurface(
  cls: ClassIr,
  gateway: Decorator,
  ofClass: readonly Decorator[],
  module: Module,
  project: Project,
): DiscoveredSurface {
  const options = gateway.args.find((arg) => arg.kind === 'object')
  const { validates } = applicationOf(project)
  const connection = cls.methods.find(({ name }) => name === 'handleConnection')
  const allow = entryOf(options, 'allowRequest') ?? entryOf(options, 'verifyClient')
  const messages = cls.methods.flatMap((method): readonly ChainStep[] => {
    const decorators = opened(method.decorators, module, project)
    const subscription = decorators.find(({ name }) => name === 'SubscribeMessage')
    if (subscription === undefined) return []
    const guards = [...argsOf(ofClass, 'UseGuards'), ...argsOf(decorators, 'UseGuards')]
    const pipes = [...argsOf(ofClass, 'UsePipes'), ...argsOf(decorators, 'UsePipes')]
    const isValidated =
      validates || pipes.some(({ expression }) => /pipe/i.test(pathOf(expression))) || method.params.some(hasPipe)
    const binds = method.params.map((param, index): ParamRole => {
      const role = roleOf(param, project, module)
      return role === 'unknown' && param.decorators.length === 0 ? (index === 0 ? 'socket' : 'message') : role
    })
    return [
      {
        role: 'message',
        run: { module, fn: bare(method), cls },
        binds,
        event: literalText(subscription.args[0]) ?? method.name,
        before: guards.map(({ expression, module: where }) => step('guard', expression, where)),
        ...(isValidated ? { notes: ['schema-validated'] } : {}),
      },
    ]
  })
  const namespace = literalText(entryOf(options, 'namespace')) ?? literalText(entryOf(options, 'path'))
  return {
    kind: 'socket',
    framework: 'nestjs',
    path: namespace === undefined ? undefined : joinPath(namespace),
    methods: [],
    name: cls.name,
    module,
    at: gateway.expression.at,
    chain: [
      ...(allow === undefined
        ? []
        : [
            {
              role: 'middleware',
              run: { module: gateway.module, expression: allow },
              binds: ['handshake', 'decide'],
            } as const,
          ]),
      ...(connection === undefined
        ? []
        : [{ role: 'connection', run: { module, fn: bare(connection), cls }, binds: ['socket', 'request'] } as const]),
      ...messages,
    ],
    body: { body: 'unknown', limit: undefined },
    mountSeen: true,
    guards: [],
    socket: gatewaySettings(gateway, options),
  }
}

function hasPipe({ decorators }: Param): boolean {
  return decorators.some(
    (decorator) => decorator.kind === 'call' && positional(decorator).some((arg) => /pipe/i.test(pathOf(arg))),
  )
}

function gatewaySettings(gateway: Decorator, options: Expression | undefined): SocketSettings {
  const cors = entryOf(options, 'cors')
  const size = entryOf(options, 'maxHttpBufferSize') ?? entryOf(options, 'maxPayload')
  return {
    origin: 'default',
    ...(cors === undefined ? {} : { originAt: cors.at }),
    maxPayload: size === undefined ? 1_000_000 : bytesOf(size),
    hasRateLimit: false,
    serverAt: gateway.expression.at,
  }
}
