/** Calls on the objects of frameworks: `headers.get('x')`, `request.json()`, `params.require(:x)`. */

import type { Place } from './facts.ts'
import type { Machine, Outcome } from './machine.ts'
import { header, IDENTITY, inputCall, PARSED, RAW } from './request-parts.ts'
import { eventMember, handshakeMember, parameter, setting } from './requests.ts'
import type { State } from './state.ts'
import { textOf, UNKNOWN, type Value } from './value.ts'

/** Calls on a framework's objects; `undefined` when it is none of them. */
export function roleCall(
  interpreter: Machine,
  {
    callee,
    object,
    property,
    args,
    at,
  }: { callee: Value; object: Value | undefined; property: string | undefined; args: readonly Value[]; at: Place },
  state: State,
): Outcome[] | undefined {
  const one = (value: Value): Outcome[] => [{ state, value }]
  const name = textOf(args[0])
  if (callee.settled === true) {
    const { settled: _, ...value } = callee
    if (value.role === undefined || args.length === 0) return one(value)
  }
  switch (callee.role) {
    case 'input':
      return one(inputCall(interpreter, callee, property, args, state))
    case 'headers':
      if (name === undefined)
        return args[0]?.closures === undefined
          ? one({
              origins: [{ kind: 'header', name: HAVE_ALL.test(property ?? '') ? '*' : '' }],
              ref: 'headers',
            })
          : undefined
      return one(
        defaulted(
          interpreter,
          isWebGetter(interpreter, property)
            ? { ...header(interpreter, name), ref: OR_NULL }
            : header(interpreter, name),
          args[1],
        ),
      )
    case 'query':
    case 'path':
    case 'cookies': {
      if (name === undefined) return one({ ...callee, ref: callee.role, origins: [] })
      return one(
        defaulted(interpreter, { origins: [parameter(callee.role, name)], symbol: `${callee.role}:${name}` }, args[1]),
      )
    }
    case 'environment':
    case 'settings': {
      if (name === undefined) return undefined
      const value = setting(
        { ...callee, ...(callee.role === 'settings' ? { role: 'settings' as const } : {}) },
        name.split('.').at(-1) ?? name,
        at,
      )
      // `ENV.fetch('X')` raises without X.
      if (property === 'fetch' && args.length === 1 && callee.role === 'environment') return one(required(value))
      const fallback = args[1]?.closures === undefined ? args[1] : givenBack(args[1])
      return one(defaulted(interpreter, value, fallback))
    }
    case 'session':
      return one({ ...IDENTITY, symbol: `session:${name ?? ''}` })
    case 'handshake':
      return callee.ref === 'handshake.get' && name !== undefined
        ? one(handshakeMember(interpreter, callee, name, at) ?? UNKNOWN)
        : undefined
    case 'event':
      return name === undefined ? undefined : one(eventMember(interpreter, name, at) ?? UNKNOWN)
    case 'execution-context':
      switch (property) {
        case 'getRequest':
          return one({ origins: [], role: 'request', ref: 'request' })
        case 'getResponse':
          return one({ origins: [], role: 'response', ref: 'response' })
        case 'getClient':
          return one({ origins: [], role: 'socket', ref: 'socket' })
        case 'getData':
          return one({ origins: [{ kind: 'message', name: '' }], symbol: 'message' })
        default:
          return one({ ...callee })
      }
    case 'request': {
      // `request.get_data()`, `await request.text()`: the member has already said what it gives.
      if (callee.origins.length > 0)
        return one({ origins: callee.origins, ...(callee.symbol === undefined ? {} : { symbol: callee.symbol }) })
      return undefined
    }
    default:
      break
  }
  if (
    object?.role === 'request' &&
    callee.ref !== undefined &&
    /^request\.(?:get_json|json|form|formData|parseBody|valid|body|values|POST)$/.test(callee.ref)
  ) {
    const into =
      callee.ref === 'request.body' && callee.origins.some((origin) => origin.kind === 'raw-body') ? RAW : PARSED
    return one(into)
  }
  return undefined
}

const HAVE_ALL = /^(?:entries|items|all|to_h|values|raw|toJSON|toString|getAll|get_all)$/

/** What a block that only names a value gives: `fetch('X') { 'dev' }`. */
function givenBack({ closures = [] }: Value): Value | undefined {
  const [statement, ...more] = closures[0]?.fn.body ?? []
  if (statement?.kind !== 'return' || more.length > 0 || statement.value?.kind !== 'literal') return undefined
  return { origins: [], literal: { value: statement.value.value } }
}

function required(value: Value): Value {
  return {
    ...value,
    origins: value.origins.map((origin) =>
      origin.kind === 'secret' ? { kind: 'secret', secret: { ...origin.secret, required: true } } : origin,
    ),
  }
}

/** The platform's own `Headers` answer with null, which no unset variable equals. */
export const OR_NULL = 'or-null'

function isWebGetter({ surface }: Machine, property: string | undefined): boolean {
  return (
    property === 'get' &&
    surface.body.body === 'raw' &&
    /^(?:next\.js|serverless|sveltekit|remix|astro|nuxt)$/.test(surface.framework)
  )
}

function defaulted(interpreter: Machine, value: Value, fallback: Value | undefined): Value {
  if (fallback === undefined || fallback.literal === undefined) return value
  const text = textOf(fallback)
  if (text === undefined) return value
  // A header with a default is never None; its absence then looks like an empty text.
  const isSent = /^(?:header|query|cookie)$/.test(value.origins[0]?.kind ?? '')
  return interpreter.withDefault(isSent ? { ...value, ref: 'defaulted' } : value, fallback)
}
