/** What the analysis knows of one value: where it came from, and what it is as far as control flow cares. */
import type { Holds } from '../knowledge/framework-objects.ts'
import type { ClassIr, FunctionIr, Module } from '../parse/ir.ts'
import type { Check, DedupeClaim, Origin, OriginKind, Place } from './facts.ts'

export interface Value {
  readonly origins: readonly Origin[]
  readonly literal?: { readonly value: string | number | boolean | null | undefined }
  readonly closures?: readonly Closure[]
  readonly object?: number
  /** Dotted name of something outside the project: `crypto.timingSafeEqual`, `svix.Webhook()`. */
  readonly ref?: string
  /** An object of the framework. */
  readonly role?: Role
  /** The value is the outcome of a check; `positive` when true means passed. */
  readonly check?: { readonly check: Check; readonly positive: boolean }
  readonly claim?: DedupeClaim
  readonly cls?: ClassRef
  readonly instance?: ClassRef
  /** `super()`: methods are looked for behind this class. */
  readonly behind?: ClassIr
  readonly items?: readonly Value[]
  /** Two readings of one thing, so that what was learnt of the first holds for the second. */
  readonly symbol?: string
  /** An absolute difference: a comparison with it is two-sided. */
  readonly absolute?: boolean
  /** It is what was joined from a timestamp and the body, to be signed. */
  readonly length?: boolean
  /** What an asynchronous function gives before anybody awaits it: always true. */
  readonly promise?: boolean
  /** Text whose beginning, the host of an address, is fixed. */
  readonly anchored?: boolean
  /** Only a yes or no about what it came from. */
  readonly isFlag?: boolean
  /** What code out of sight said of this: a test of it may be the check that is looked for. */
  readonly saidOf?: readonly Origin[]
  /** Reading it fails when it is not there, so it is never the platform's nothing. */
  readonly present?: boolean
  /** Module-level state that outlives the request. */
  readonly shared?: boolean
  /** Added to, or taken from, what was stored before: written back twice it is another. */
  readonly grown?: true
  /** Certainly there: an error, a new object. */
  readonly certain?: true
  /** A stream that ends at a limit. */
  readonly bounded?: true
  /** A member of a framework's object, and what calling it gives. */
  readonly gives?: Holds
  /** What the call wrote into the variables it was given. */
  readonly fills?: Value
  /** For a length: of what. */
  readonly measured?: Value
  /** A text with a gap for every part that is not known. */
  readonly sketch?: string
  /** For a text in the code: the variable it was first put in. */
  readonly named?: { readonly name: string; readonly at: Place }
  /** A method whose call gives this very value. */
  readonly settled?: boolean
  /** A module of the project, taken as an object. */
  readonly namespace?: Module
}

export type Role =
  | 'request'
  | 'response'
  | 'context'
  | 'next'
  | 'headers'
  | 'query'
  | 'path'
  | 'cookies'
  | 'session'
  | 'socket'
  | 'server'
  | 'environment'
  | 'settings'
  | 'event'
  | 'execution-context'
  | 'handshake'
  /** A function that takes the answer, and one that settles a promise. */
  | 'decide'
  | 'settle'
  | 'url'
  /** Path, query and body in one, as `params` and `$request->input()` have them. */
  | 'input'

export interface Closure {
  readonly fn: FunctionIr
  readonly module: Module
  /** The scope it was made in; `undefined` for the module's own. */
  readonly env: number | undefined
  readonly self?: Value
  /** Arguments bound beforehand: `partial(f, a)`, `f.bind(x, a)`. */
  readonly bound?: readonly Value[]
}

export interface ClassRef {
  readonly cls: ClassIr
  readonly module: Module
}

export const UNKNOWN: Value = { origins: [] }

const MAX_ORIGINS = 32
const MAX_REF = 160

export function literal(value: string | number | boolean | null | undefined): Value {
  return { origins: [], literal: { value } }
}

export function withOrigins(...origins: readonly Origin[]): Value {
  return { origins }
}

export function outside(ref: string): Value {
  return { origins: [], ref: ref.slice(0, MAX_REF) }
}

export function has(value: Value, ...kinds: readonly OriginKind[]): boolean {
  return value.origins.some((origin) => kinds.includes(origin.kind))
}

export function originsOf<K extends OriginKind>(
  value: { readonly origins: readonly Origin[] },
  kind: K,
): readonly Extract<Origin, { kind: K }>[] {
  return value.origins.filter((origin): origin is Extract<Origin, { kind: K }> => origin.kind === kind)
}

/** A value made of others: it has their origins and nothing else of them. */
export function derived(...values: readonly Value[]): Value {
  return { origins: unionOrigins(values.map((value) => (value.role === 'headers' ? ALL_HEADERS : value.origins))) }
}
/** What is made of the headers as a whole has the signature in it. */
const ALL_HEADERS: readonly Origin[] = [{ kind: 'header', name: '*' }]

export function unionOrigins(lists: readonly (readonly Origin[])[]): readonly Origin[] {
  const [first, ...rest] = lists.filter((list) => list.length > 0)
  if (first === undefined) return []
  if (rest.length === 0) return first
  const seen = new Map<string, Origin>()
  for (const list of lists) for (const origin of list) if (seen.size < MAX_ORIGINS) seen.set(originKey(origin), origin)
  return [...seen.values()]
}

export function originKey(origin: Origin): string {
  switch (origin.kind) {
    case 'parsed-body':
      return `b:${origin.path}`
    case 'secret':
      return `s:${origin.secret.name}:${origin.secret.at.line}:${origin.secret.at.column}`
    case 'digest':
      return `d:${origin.digest.at.file}:${origin.digest.at.line}:${origin.digest.at.column}`
    case 'header':
      return `header:${origin.name}${origin.inside === true ? ':inside' : ''}`
    case 'query':
    case 'path':
    case 'cookie':
    case 'env':
    case 'message':
      return `${origin.kind}:${origin.name}`
    default:
      return origin.kind
  }
}

/** What holds of either of two values. */
export function join(a: Value, b: Value): Value {
  if (a === b) return a
  const sameLiteral = a.literal !== undefined && b.literal !== undefined && a.literal.value === b.literal.value
  const closures = [
    ...(a.closures ?? []),
    ...(b.closures ?? []).filter((one) => !(a.closures ?? []).some((other) => other.fn === one.fn)),
  ]
  const keep = <K extends keyof Value>(key: K): Pick<Value, K> | object =>
    a[key] !== undefined && a[key] === b[key] ? { [key]: a[key] } : {}
  const either = <K extends keyof Value>(key: K): Pick<Value, K> | object => {
    const value = a[key] ?? b[key]
    return value === undefined || (a[key] !== undefined && b[key] !== undefined && a[key] !== b[key])
      ? {}
      : { [key]: value }
  }
  return {
    origins: unionOrigins([a.origins, b.origins]),
    ...(sameLiteral ? { literal: a.literal } : {}),
    ...(closures.length > 0 ? { closures: closures.slice(0, 4) } : {}),
    ...either('object'),
    ...either('ref'),
    ...either('role'),
    ...either('instance'),
    ...either('cls'),
    ...either('namespace'),
    ...keep('symbol'),
    ...keep('sketch'),
    ...(a.check !== undefined &&
    b.check !== undefined &&
    a.check.check === b.check.check &&
    a.check.positive === b.check.positive
      ? { check: a.check }
      : {}),
    ...either('claim'),
    ...keep('absolute'),
    ...keep('certain'),
    ...keep('bounded'),
    ...keep('gives'),
    ...(a.items !== undefined && b.items !== undefined && a.items.length === b.items.length
      ? { items: a.items.map((item, index) => join(item, b.items?.[index] ?? item)) }
      : {}),
    ...(a.shared === true || b.shared === true ? { shared: true } : {}),
  } as Value
}

export function truthOf(value: Value): boolean | undefined {
  if (value.literal !== undefined) return Boolean(value.literal.value)
  if (
    value.certain === true ||
    value.role === 'response' ||
    value.role === 'request' ||
    value.closures !== undefined ||
    value.cls !== undefined ||
    value.instance !== undefined
  )
    return true
  return undefined
}

/** Text that is known, for names of headers, paths and settings. */
export function textOf(value: Value | undefined): string | undefined {
  return typeof value?.literal?.value === 'string' ? value.literal.value : undefined
}

export function numberOf(value: Value | undefined): number | undefined {
  return typeof value?.literal?.value === 'number' && Number.isFinite(value.literal.value)
    ? value.literal.value
    : undefined
}

export function fromRequest(value: Value): boolean {
  return has(value, 'raw-body', 'parsed-body', 'reserialised', 'header', 'query', 'path', 'cookie', 'message')
}

/** The bytes as they came and all headers: the fields next to them are but a convenience. */
export function holdsMessage(value: Value): boolean {
  return has(value, 'raw-body') && originsOf(value, 'header').some(({ name }) => name === '*' || name === '')
}
