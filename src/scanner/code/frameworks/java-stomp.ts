/** STOMP over Spring's sockets: every `@MessageMapping` of a controller answers a message of any client. */

import type { ClassIr, Module, Param } from '../parse/ir.ts'
import { literalText } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface, ParamRole } from '../surface.ts'
import type { Project } from './framework.ts'
import { annotated, argument, type Home, nameOf, pathsOf, typeName } from './java-annotations.ts'

export function stompSurfaces(home: Home): readonly DiscoveredSurface[] {
  const { cls, module, project } = home
  const methods = cls.methods.flatMap((fn) => {
    const mapping = annotated(fn.decorators, 'MessageMapping', 'SubscribeMapping')
    return mapping === undefined ? [] : [{ fn, mapping }]
  })
  const [first] = methods
  if (first === undefined) return []
  const isAsked = asksEachMessage(project)
  const chain = methods.map(({ fn, mapping }): ChainStep => {
    const guards = [...cls.decorators, ...fn.decorators].some((one) => ASKS.test(nameOf(one)))
    const typed = fn.params.every((param) => roleOf(param) !== 'message' || !LOOSE.test(typeName(param.annotation)))
    const notes = [...(isAsked || guards ? ['authorized'] : []), ...(typed ? ['schema-validated'] : [])]
    return {
      role: 'message',
      run: { module, fn: { ...fn, decorators: [] }, cls },
      binds: fn.params.map(roleOf),
      event: pathsOf(mapping, home)[0] ?? fn.name,
      ...(notes.length === 0 ? {} : { notes }),
    }
  })
  return [
    {
      kind: 'socket',
      framework: 'spring',
      path: prefixOf(home),
      methods: [],
      name: cls.name,
      module,
      at: first.fn.at,
      chain,
      body: { body: 'unknown', limit: undefined },
      mountSeen: true,
      guards: [],
      // The endpoint, its origins and its limits are set up in a class of their own.
      socket: { origin: 'unknown', maxPayload: 65_536, hasRateLimit: true, serverAt: first.fn.at },
    },
  ]
}

function prefixOf(home: Home): string | undefined {
  const base = annotated(home.cls.decorators, 'MessageMapping')
  return base === undefined ? undefined : pathsOf(base, home)[0]
}

const ASKS = /^(?:PreAuthorize|Secured|RolesAllowed)$/

/** Texts and maps: any shape fits them. */
const LOOSE = /^(?:|String|Object|Map|HashMap|JsonNode|JSONObject|byte)$/

function roleOf(param: Param): ParamRole {
  const name = param.pattern.kind === 'name' ? param.pattern.name : ''
  const type = typeName(param.annotation)
  for (const decorator of param.decorators) {
    const given = literalText(argument(decorator, 'value'))
    switch (nameOf(decorator)) {
      case 'DestinationVariable':
        return { field: 'message', name: given ?? name }
      case 'Header':
        return /user|session/i.test(given ?? name) ? 'identity' : { field: 'message', name: given ?? name }
      case 'AuthenticationPrincipal':
      case 'CurrentUser':
        return 'identity'
      case 'Payload':
        return 'message'
      default:
    }
  }
  if (/^(?:Principal|Authentication|UserDetails|Jwt)$/.test(type)) return 'identity'
  return /(?:HeaderAccessor|MessageHeaders|Locale)$/.test(type) ? 'injected' : 'message'
}

const asking = new WeakMap<Module, boolean>()

/** A rule for messages, or an interceptor that looks at what a client subscribes to or sends. */
function asksEachMessage({ modules }: Project): boolean {
  return modules.some((module) => {
    if (module.language !== 'java') return false
    const known = asking.get(module)
    if (known !== undefined) return known
    const found = module.body.some((statement) => statement.kind === 'class' && secures(statement.cls, module))
    asking.set(module, found)
    return found
  })
}

function secures(cls: ClassIr, module: Module): boolean {
  if (annotated(cls.decorators, 'EnableWebSocketSecurity') !== undefined) return true
  if (module.imports.some(({ source }) => /WebSocketMessageBrokerConfigurer$/.test(source) && /Security/.test(source)))
    return true
  if (!module.imports.some(({ source }) => /ChannelInterceptor(?:Adapter)?$/.test(source))) return false
  return /"(?:SUBSCRIBE|SEND)"/.test(JSON.stringify(module.body))
}
