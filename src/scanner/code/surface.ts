/**
 * A back gate as the discovery of a framework hands it to the flow analysis: what runs, in which order, with what.
 *
 * A chain is everything that runs for one request (or message), outermost first: application hooks, mounted
 * middleware, guards, dependencies, decorators and the handler. The flow analysis knows nothing else of frameworks.
 */
import type { SurfaceStyle } from '../../catalogue/surfaces.ts'
import type { ClassIr, Expression, FunctionIr, Module, Position } from './parse/ir.ts'

export type SurfaceKind =
  /** Any HTTP route; what it is gets decided after the flow is known. */
  | 'route'
  /** One socket endpoint; its message handlers hang below it. */
  | 'socket'

export interface DiscoveredSurface {
  readonly kind: SurfaceKind
  readonly framework: Framework
  /** As the framework writes it, with every prefix; `undefined` when it could not be read. */
  readonly path: string | undefined
  /** Upper case; empty when the route takes any. */
  readonly methods: readonly string[]
  readonly name: string
  readonly module: Module
  readonly at: Position
  readonly chain: readonly ChainStep[]
  /** Settings of the framework that decide what a value is, such as which parser ran. */
  readonly body: BodyHandling
  /** `false` when the place where the route is mounted was not found, so that guards may be missing from the chain. */
  readonly mountSeen: boolean
  /** Names of guards that could not be followed, such as an imported decorator. */
  readonly guards: readonly NamedGuard[]
  /** Guards that are registered where they no longer reach the route. */
  readonly tooLate?: readonly (NamedGuard & { readonly file: string })[]
  readonly socket?: SocketSettings
  /** Modules in which the framework's settings object finds its names, most telling first. */
  readonly settings?: readonly Module[]
  /** What decorators attach to the handler for guards to read. */
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>>
  /** The handler itself compares the request's address, and `path` is what it is compared with. */
  readonly comparesAddress?: boolean
  /** Fixed by the framework rather than judged, for example `sse` for `@Sse()`. */
  readonly style?: SurfaceStyle
}

export interface ChainStep {
  readonly role: 'middleware' | 'guard' | 'dependency' | 'handler' | 'connection' | 'message'
  readonly run: Callable
  /** What the parameters are, by position; names win where the framework injects by name. */
  readonly binds: readonly ParamRole[]
  readonly bindsByName?: Readonly<Record<string, ParamRole>>
  /** What the framework puts on the instance before it calls the method, such as `self.request`. */
  readonly selfBinds?: Readonly<Record<string, ParamRole>>
  /** It is given the next handler and returns the one that takes its place. */
  readonly wraps?: true
  /** For a socket message: its event name, and what runs for this message alone before its handler. */
  readonly event?: string
  readonly before?: readonly ChainStep[]
  /** What the framework itself has seen to, such as `schema-validated`. */
  readonly notes?: readonly string[]
}

/** Code to run, with the module it is read in; `self` is the class of a method. */
export interface Callable {
  readonly module: Module
  readonly expression?: Expression
  readonly fn?: FunctionIr
  /** The class a method belongs to; its instance is made without arguments. */
  readonly cls?: ClassIr
  /** Where that class is, when the method stands in another file. */
  readonly clsModule?: Module
  /** Functions the code stands in, outermost first: their local names are visible to it. */
  readonly within?: readonly FunctionIr[]
}

export type ParamRole =
  | 'request'
  | 'response'
  | 'context'
  | 'execution-context'
  | 'environment'
  | 'next'
  /** Called with the answer: `done(null, true)`, `cb(false)`. */
  | 'decide'
  | 'handshake'
  | 'error'
  | 'self'
  | 'body-parsed'
  | 'body-raw'
  /** A function that gives the next piece of the body. */
  | 'receive'
  /** A record that was stored before. */
  | 'stored'
  | 'headers'
  | 'query'
  | 'path'
  | 'identity'
  | 'socket'
  | 'message'
  | 'ack'
  | 'injected'
  | 'event'
  | 'unknown'
  | { readonly header: string }
  | { readonly field: 'query' | 'path' | 'body' | 'cookie' | 'message'; readonly name: string }

export interface NamedGuard {
  readonly name: string
  readonly at: Position
}

export interface BodyHandling {
  /** What `request.body` holds in frameworks where that depends on configuration. */
  readonly body: 'raw' | 'parsed' | 'unknown'
  /** A field that configuration fills with the raw bytes, such as `rawBody`. */
  readonly rawField?: string
  /** Bytes; `null` when it is known to be unlimited, `undefined` when nothing is known. */
  readonly limit: number | null | undefined
  readonly limitAt?: Position
  readonly parserAt?: Position
  /** Where the settings stand, when not in the route's own file. */
  readonly file?: string
}

export interface SocketSettings {
  /** An upgrade is checked against a list of origins, is explicitly open to all, or nothing is said. */
  readonly origin: 'checked' | 'open' | 'default' | 'unknown'
  readonly originAt?: Position
  readonly maxPayload: number | undefined
  readonly hasRateLimit: boolean
  /** What stands around the socket knows its users by a cookie. */
  readonly cookieAuth?: boolean
  readonly serverAt: Position
  /** Where the server is made, when not in the surface's own file. */
  readonly file?: string
}

export const FRAMEWORKS = [
  'flask',
  'fastapi',
  'starlette',
  'django',
  'drf',
  'channels',
  'express',
  'fastify',
  'koa',
  'hono',
  'elysia',
  'adonis',
  'nestjs',
  'next.js',
  'sveltekit',
  'remix',
  'astro',
  'nuxt',
  'node:http',
  'serverless',
  'socket.io',
  'ws',
  'flask-socketio',
  'aiohttp',
  'tornado',
  'sanic',
  'bottle',
  'falcon',
  'websockets',
  'other',
  'net/http',
  'gin',
  'echo',
  'chi',
  'fiber',
  'gorilla/mux',
  'spring',
  'servlet',
  'jax-rs',
  'rails',
  'sinatra',
  'rack',
  'actioncable',
  'laravel',
  'symfony',
  'slim',
  'php',
] as const
export type Framework = (typeof FRAMEWORKS)[number]
