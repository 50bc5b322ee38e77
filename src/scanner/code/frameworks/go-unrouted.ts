/**
 * Handlers of Go whose registration is not in sight: a package of handlers alone, a table of routes, a router nobody
 * reads here. They are told by their signature, and only when nothing in the project calls them itself.
 */
import type { Expression, FunctionIr, Module } from '../parse/ir.ts'
import { type Inside, pathOf, walk } from '../parse/walk.ts'
import type { DiscoveredSurface, Framework, ParamRole } from '../surface.ts'
import { NO_BODY_SETTINGS, type Project } from './framework.ts'
import { indexOf } from './go-calls.ts'
import { bindsOf, methodOf } from './go-routers.ts'
import { socketOf, upgrades } from './go-sockets.ts'

interface Unrouted {
  readonly fn: FunctionIr
  readonly inside: Inside
  readonly framework: Framework
  /** The name it is known by: its own, or that of the function that makes it. */
  readonly name: string
}

/** @param routed Functions that a registration ends at. */
export function unroutedHandlers(
  module: Module,
  project: Project,
  routed: ReadonlySet<FunctionIr>,
): readonly DiscoveredSurface[] {
  const called = calledNames(project)
  return handlersIn(module)
    .filter(({ fn, name }) => !routed.has(fn) && !called.has(name))
    .map(({ fn, inside, framework, name: own }) => {
      // Methods of a `WebhookHandler` are called after what they handle.
      const name =
        inside.cls !== undefined && /^(?:handle|receive|process|serve|on|post)/i.test(own)
          ? `${inside.cls.name}.${own}`
          : own
      const isSocket = upgrades(fn, module, project)
      return {
        kind: isSocket ? 'socket' : 'route',
        framework,
        path: undefined,
        methods: [],
        name,
        module,
        at: fn.at,
        chain: [
          {
            role: isSocket ? 'connection' : 'handler',
            run: { module, fn, within: inside.functions, ...methodOf(inside) },
            binds: framework === 'serverless' ? eventBinds(fn) : bindsOf(framework),
          },
        ],
        body:
          framework === 'fiber'
            ? { body: 'raw', limit: 4_194_304 }
            : framework === 'serverless'
              ? { body: 'raw', limit: undefined }
              : NO_BODY_SETTINGS,
        mountSeen: false,
        guards: [],
        ...(isSocket ? { socket: socketOf(module, project) } : {}),
      }
    })
}

/** Named functions and methods that serve, and what a function returns to serve. */
function handlersIn(module: Module): readonly Unrouted[] {
  const found: Unrouted[] = []
  walk(module, {
    fn: (fn, inside) => {
      const [outer, ...deeper] = inside.functions
      if (deeper.length > 0) return
      const framework = servedBy(fn)
      if (framework === undefined) return
      if (outer === undefined) found.push({ fn, inside, framework, name: fn.name })
      else if (returns(outer, fn) && !takesHandler(outer)) found.push({ fn, inside, framework, name: outer.name })
    },
  })
  return found
}

function servedBy({ params }: FunctionIr): Framework | undefined {
  const types = params.map(({ annotation }) => (annotation === undefined ? '' : pathOf(annotation)))
  // What else it takes is bound where it is registered.
  if (types[0] === 'http.ResponseWriter' && types[1] === 'http.Request') return 'net/http'
  if (types.some((type) => LAMBDA_EVENT.test(type))) return 'serverless'
  if (types[0] === 'gin.Context') return 'gin'
  if (types[0] === 'echo.Context') return 'echo'
  return /^fiber\.Ctx$/.test(types[0] ?? '') ? 'fiber' : undefined
}

const LAMBDA_EVENT =
  /^events\.(?:APIGatewayProxyRequest|APIGatewayV2HTTPRequest|LambdaFunctionURLRequest|ALBTargetGroupRequest)$/

/** What the function of a platform is given, by the place of its event. */
function eventBinds({ params }: FunctionIr): readonly ParamRole[] {
  return params.map(({ annotation }) =>
    annotation !== undefined && LAMBDA_EVENT.test(pathOf(annotation)) ? 'request' : 'unknown',
  )
}

/** It is the value of a `return`, as it stands or in `http.HandlerFunc(…)`. */
function returns(outer: FunctionIr, fn: FunctionIr): boolean {
  return outer.body.some((statement) => statement.kind === 'return' && holds(statement.value, fn))
}

function holds(value: Expression | undefined, fn: FunctionIr): boolean {
  if (value?.kind === 'lambda') return value.fn === fn
  return value?.kind === 'call' && value.args.some((arg) => holds(arg.value, fn))
}

/** What is given the next handler is a middleware. */
function takesHandler({ params }: FunctionIr): boolean {
  return params.some(({ annotation }) =>
    /^(?:http\.Handler(?:Func)?|echo\.HandlerFunc|gin\.HandlerFunc|fiber\.Handler)$/.test(
      annotation === undefined ? '' : pathOf(annotation),
    ),
  )
}

/** Names that are called somewhere: helpers that are handed the request, and makers of handlers that are registered. */
const names = new WeakMap<object, ReadonlySet<string>>()
function calledNames(project: Project): ReadonlySet<string> {
  const index = indexOf(project)
  const known = names.get(index)
  if (known !== undefined) return known
  const found = new Set(index.calls.map(({ property }) => property))
  names.set(index, found)
  return found
}
