/**
 * Java's back gates: Spring's controllers and sockets, servlets and JAX-RS resources. Annotations say what a class and its
 * methods serve and what each parameter is; `java-filters.ts` says what comes before them.
 */

import type { ClassIr, Expression, FunctionIr, Module, Param } from '../parse/ir.ts'
import { literalText, pathOf, positional, walk } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface, Framework, NamedGuard, ParamRole, SocketSettings } from '../surface.ts'
import { type Discover, joinPath, type Project } from './framework.ts'
import { annotated, argument, type Home, MAPPINGS, methodsOf, nameOf, pathsOf, typeName } from './java-annotations.ts'
import { filtersFor } from './java-filters.ts'
import { stompSurfaces } from './java-stomp.ts'

const RESOURCE_VERBS = new Set(['POST', 'GET', 'PUT', 'PATCH', 'DELETE'])

const SERVLET_METHODS: Readonly<Record<string, string>> = {
  doPost: 'POST',
  doGet: 'GET',
  doPut: 'PUT',
  doDelete: 'DELETE',
}

const GUARDS = new Set([
  'PreAuthorize',
  'Secured',
  'RolesAllowed',
  'Authenticated',
  'LoginRequired',
  'RequiresPermissions',
])

export const discoverJava: Discover = (module, project) => {
  if (module.language !== 'java') return []
  return [
    ...module.body.flatMap((statement) => (statement.kind === 'class' ? ofClass(statement.cls, module, project) : [])),
    ...sockets(module, project),
    ...unregistered(module, project),
  ]
}

/** A handler of sockets alone: what registers it, and for which origins, is not in sight. */
function unregistered(module: Module, project: Project): readonly DiscoveredSurface[] {
  if (project.modules.some((one) => one.language === 'java' && registersSockets(one))) return []
  return module.body.flatMap((statement) => {
    if (statement.kind !== 'class') return []
    const { cls } = statement
    if (!cls.bases.some((base) => /(?:Text|Binary|Abstract)WebSocketHandler$/.test(pathOf(base)))) return []
    if (!cls.methods.some(({ name }) => MESSAGE_METHOD.test(name))) return []
    const settings = settingsOf(undefined, cls, cls.at)
    return [{ ...socketOf({ cls, module, project }, undefined, { ...settings, origin: 'unknown' }), mountSeen: false }]
  })
}

const registering = new WeakMap<Module, boolean>()
function registersSockets(module: Module): boolean {
  const known = registering.get(module) ?? module.imports.some(({ source }) => /WebSocketHandlerRegistry$/.test(source))
  registering.set(module, known)
  return known
}

const MESSAGE_METHOD = /^handle(?:Text|Binary)?Message$/

function ofClass(cls: ClassIr, module: Module, project: Project): readonly DiscoveredSurface[] {
  const home: Home = { cls, module, project }
  if (annotated(cls.decorators, 'RestController', 'Controller') !== undefined)
    return [...controllers(home), ...stompSurfaces(home)]
  if (annotated(cls.decorators, 'Path') !== undefined) return resources(home)
  if (cls.bases.some((base) => /HttpServlet$/.test(pathOf(base)))) return servlets(home)
  return []
}

function controllers(home: Home): readonly DiscoveredSurface[] {
  const base = annotated(home.cls.decorators, 'RequestMapping')
  const prefix = base === undefined ? '' : (pathsOf(base, home)[0] ?? '')
  return home.cls.methods.flatMap((method) => {
    const mapping = annotated(method.decorators, ...Object.keys(MAPPINGS))
    if (mapping === undefined) return []
    const paths = pathsOf(mapping, home)
    return (paths.length === 0 ? [''] : paths).map((path) =>
      surfaceOf(home, method, {
        framework: 'spring',
        path: joinPath(prefix, path),
        methods: methodsOf(mapping),
        binds: method.params.map((param) => springRole(param)),
        streams: streams(method, mapping),
      }),
    )
  })
}

function resources(home: Home): readonly DiscoveredSurface[] {
  const base = annotated(home.cls.decorators, 'Path')
  const prefix = base === undefined ? '' : (pathsOf(base, home)[0] ?? '')
  return home.cls.methods.flatMap((method) => {
    const verb = method.decorators.map(nameOf).find((name) => RESOURCE_VERBS.has(name))
    if (verb === undefined) return []
    const own = annotated(method.decorators, 'Path')
    return [
      surfaceOf(home, method, {
        framework: 'jax-rs',
        path: joinPath(prefix, own === undefined ? '' : pathsOf(own, home)[0]),
        methods: [verb],
        binds: method.params.map(resourceRole),
        streams: method.params.some(({ annotation }) => /SseEventSink$/.test(typeName(annotation))),
      }),
    ]
  })
}

function servlets(home: Home): readonly DiscoveredSurface[] {
  const mapping = annotated(home.cls.decorators, 'WebServlet')
  const path = mapping === undefined ? undefined : pathsOf(mapping, home)[0]
  return home.cls.methods.flatMap((method) => {
    const verb = SERVLET_METHODS[method.name]
    if (verb === undefined) return []
    return [
      surfaceOf(home, method, {
        framework: 'servlet',
        path,
        methods: [verb],
        binds: ['request', 'response'],
        streams: false,
      }),
    ]
  })
}

interface RouteParts {
  readonly framework: Framework
  readonly path: string | undefined
  readonly methods: readonly string[]
  readonly binds: readonly ParamRole[]
  readonly streams: boolean
}

function surfaceOf(home: Home, fn: FunctionIr, parts: RouteParts): DiscoveredSurface {
  const { cls, module, project } = home
  return {
    kind: 'route',
    framework: parts.framework,
    path: parts.path,
    methods: parts.methods,
    name: fn.name,
    module,
    at: fn.at,
    chain: [
      ...filtersFor(parts.path, project),
      { role: 'handler', run: { module, fn: { ...fn, decorators: [] }, cls }, binds: parts.binds },
    ],
    // The server in front has the limit, and it is not in the code.
    body: { body: 'raw', limit: undefined },
    mountSeen: true,
    guards: [...guardsOf(cls.decorators), ...guardsOf(fn.decorators)],
    ...(parts.streams ? { style: 'sse' as const } : {}),
  }
}

function guardsOf(decorators: readonly Expression[]): readonly NamedGuard[] {
  return decorators
    .filter((one) => GUARDS.has(nameOf(one)))
    .map((one) => ({ name: asksForObject(one) ? `${nameOf(one)} authorisation` : nameOf(one), at: one.at }))
}

/** `@PreAuthorize("@teams.isMember(#teamId, authentication.name)")`: asked for the very thing that the request names. */
function asksForObject(decorator: Expression): boolean {
  return /#\w+/.test(literalText(argument(decorator, 'value')) ?? '')
}

function streams(method: FunctionIr, mapping: Expression): boolean {
  const produces = argument(mapping, 'produces')
  return (
    (produces !== undefined && /event-stream|TEXT_EVENT_STREAM/.test(JSON.stringify(produces))) ||
    /SseEmitter|ServerSentEvent/.test(JSON.stringify(method.body))
  )
}

const BYTES = /^(?:bytes|InputStream|Resource|InputStreamResource|DataBuffer|Reader|ByteArrayResource)$/

const PLAIN = /^(?:String|Integer|Long|int|long|boolean|Boolean|Double|UUID|Optional)$/

const CALLER =
  /^(?:Principal|Authentication|OAuth2User|Jwt|OidcUser|UserDetails|JwtAuthenticationToken|(?:\w*(?:Request|Caller|User)Identity|(?:Current|Login|LoggedIn|Auth|Authenticated|Session)User|\w+UserDetails|\w*UserPrincipal))$/

const GIVES_CALLER =
  /^(?:(?:Current|Login|LoggedIn|Auth|Authenticated|Session|Request|Active)\w*(?:User|Member|Account|Id|Principal|Admin|Customer)\w*|LoginUser|UserId|Login|AuthUser|Principal|AuthInfo)$/

function springRole(param: Param): ParamRole {
  const type = typeName(param.annotation)
  const name = param.pattern.kind === 'name' ? param.pattern.name : ''
  for (const decorator of param.decorators) {
    const given = literalText(argument(decorator, 'value') ?? argument(decorator, 'name'))
    switch (nameOf(decorator)) {
      case 'RequestBody':
        return isRaw(param.annotation) ? 'body-raw' : 'body-parsed'
      case 'RequestHeader':
        return /^(?:Map|HttpHeaders|MultiValueMap)$/.test(type) ? 'headers' : { header: given ?? dashed(name) }
      case 'RequestParam':
        return /^(?:Map|MultiValueMap)$/.test(type) ? 'body-parsed' : { field: 'query', name: given ?? name }
      case 'PathVariable':
        return { field: 'path', name: given ?? name }
      case 'CookieValue':
        return { field: 'cookie', name: given ?? name }
      case 'AuthenticationPrincipal':
        return 'identity'
      case 'ModelAttribute':
      case 'RequestPart':
        return 'body-parsed'
      default:
        // Of the project: an argument resolver gives whoever is signed in.
        if (GIVES_CALLER.test(nameOf(decorator))) return 'identity'
    }
  }
  if (CALLER.test(type)) return 'identity'
  if (/^(?:HttpEntity|RequestEntity)$/.test(type)) return 'request'
  if (type === '' || PLAIN.test(type)) return { field: 'query', name }
  return 'injected'
}

function resourceRole(param: Param): ParamRole {
  const type = typeName(param.annotation)
  const name = param.pattern.kind === 'name' ? param.pattern.name : ''
  for (const decorator of param.decorators) {
    const given = literalText(argument(decorator, 'value')) ?? name
    switch (nameOf(decorator)) {
      case 'HeaderParam':
        return { header: given }
      case 'PathParam':
        return { field: 'path', name: given }
      case 'QueryParam':
        return { field: 'query', name: given }
      case 'FormParam':
        return { field: 'body', name: given }
      case 'CookieParam':
        return { field: 'cookie', name: given }
      case 'Context':
        return type === 'SecurityContext' ? 'identity' : type === 'HttpHeaders' ? 'headers' : 'injected'
      default:
    }
  }
  return isRaw(param.annotation) ? 'body-raw' : 'body-parsed'
}

/** `String`, `byte[]`, `Mono<String>`: the bytes as they came. */
function isRaw(annotation: Expression | undefined): boolean {
  const type = typeName(annotation)
  if (type === 'String' || BYTES.test(type)) return true
  if (!/^(?:Mono|Optional|Flux)$/.test(type) || annotation?.kind !== 'index' || annotation.index.kind !== 'list')
    return false
  return isRaw(annotation.index.items[0])
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `registry.addHandler(handler, "/path").setAllowedOrigins(…)`. */
function sockets(module: Module, project: Project): readonly DiscoveredSurface[] {
  const origins = new Map<Expression, readonly Expression[]>()
  const found: DiscoveredSurface[] = []
  walk(module, {
    call: (call, { cls, functions }) => {
      if (call.callee.kind !== 'member') return
      const { property, object } = call.callee
      if (/^setAllowedOrigin(?:s|Patterns)$/.test(property)) {
        let inner: Expression = object
        while (inner.kind === 'call' && inner.callee.kind === 'member' && inner.callee.property !== 'addHandler')
          inner = inner.callee.object
        origins.set(inner, positional(call))
      }
      const fn = functions.at(-1)
      if (property !== 'addHandler' || cls === undefined || fn === undefined) return
      const [handler, ...paths] = positional(call)
      const name = handler === undefined ? undefined : handlerName(handler, cls, fn)
      const declaration = name === undefined ? undefined : project.program.declaration(module, name)
      if (declaration?.kind !== 'class') return
      const home: Home = { cls: declaration.cls, module: declaration.module, project }
      found.push(socketOf(home, literalText(paths[0]), settingsOf(origins.get(call), declaration.cls, call.at)))
    },
  })
  return found
}

function handlerName(handler: Expression, cls: ClassIr, fn: FunctionIr): string | undefined {
  if (handler.kind === 'call' && handler.isNew) return pathOf(handler.callee)
  const written = pathOf(handler)
  if (handler.kind === 'call') {
    const method = cls.methods.find(({ name }) => written === `this.${name}()`)
    const made = method?.body.find((statement) => statement.kind === 'return')
    return made?.kind === 'return' && made.value?.kind === 'call' ? pathOf(made.value.callee) : undefined
  }
  const field = cls.fields.find(({ name }) => written === `this.${name}`)
  const param = fn.params.find(({ pattern }) => pattern.kind === 'name' && pattern.name === written)
  const type = typeName(field?.annotation ?? param?.annotation)
  return type === '' ? undefined : type
}

function socketOf(home: Home, path: string | undefined, socket: SocketSettings): DiscoveredSurface {
  const { cls, module } = home
  const opened = cls.methods.find(({ name }) => name === 'afterConnectionEstablished')
  const messages = cls.methods.filter(({ name }) => MESSAGE_METHOD.test(name))
  const steps = [...(opened === undefined ? [] : [opened]), ...messages].map(
    (fn): ChainStep => ({
      role: fn === opened ? 'connection' : 'message',
      run: { module, fn: { ...fn, decorators: [] }, cls },
      binds: ['socket', 'message'],
    }),
  )
  return {
    kind: 'socket',
    framework: 'spring',
    path,
    methods: [],
    name: cls.name,
    module,
    at: (messages[0] ?? opened ?? cls).at,
    chain: steps,
    body: { body: 'unknown', limit: undefined },
    mountSeen: true,
    guards: [],
    socket,
  }
}

/** Without a list Spring compares the Origin with the host. */
function settingsOf(origins: readonly Expression[] | undefined, cls: ClassIr, at: Expression['at']): SocketSettings {
  const open = origins?.some(
    (one) => literalText(one)?.trim() === '*' || /^(?:https?:\/\/)?\*$/.test(literalText(one) ?? ''),
  )
  const [first] = origins ?? []
  return {
    origin: open === true ? 'open' : 'checked',
    ...(first === undefined ? {} : { originAt: first.at }),
    // The container's default is 8 kB.
    maxPayload: 8192,
    hasRateLimit: false,
    serverAt: cls.methods.find(({ name }) => /^handle/.test(name))?.at ?? at,
  }
}
