/**
 * What the objects of frameworks hold: where the raw body, the parsed one, headers, parameters and the caller's
 * identity are found. One table serves all frameworks; where a name means different things, the surface says which.
 */

import { isSecretName } from '../knowledge/names.ts'
import type { DiscoveredSurface } from '../surface.ts'
import type { Origin, Place } from './facts.ts'
import type { Machine, Outcome } from './machine.ts'
import type { State } from './state.ts'
import { type Role, textOf, UNKNOWN, type Value, withOrigins } from './value.ts'

export const RAW: Value = { ...withOrigins({ kind: 'raw-body' }), symbol: 'raw-body' }
export const PARSED: Value = { ...withOrigins({ kind: 'parsed-body', path: '' }), symbol: 'parsed-body' }
export const IDENTITY: Value = { ...withOrigins({ kind: 'identity' }), symbol: 'identity' }
const METHOD: Value = withOrigins({ kind: 'method' })

const IDENTITY_NAMES =
  /^(?:user|auth|session|identity|principal|account|claims|jwt|viewer|current_?user|user_?id|auth_?info|authorizer|member)$/i

/** A member of a framework's object; `undefined` when the object is none or the name means nothing there. */
export function roleMember(interpreter: Machine, object: Value, property: string, at: Place): Value | undefined {
  const { surface } = interpreter
  switch (object.role) {
    case 'request':
      return requestMember(interpreter, object, property, at)
    case 'event':
      return eventMember(interpreter, property, at)
    case 'context':
      return contextMember(interpreter, property, at)
    case 'execution-context':
      if (/^switchTo/.test(property)) return { ...object, ref: `context.${property}` }
      return { ...object, ref: `context.${property}` }
    case 'headers': {
      if (/^(?:get|getAll|get_all|has|getlist|items|keys|entries|forEach|toString|getheader|raw)$/.test(property))
        return { ...object, origins: [{ kind: 'header', name: '' }], ref: `headers.${property}` }
      return header(interpreter, property)
    }
    case 'query':
    case 'path':
    case 'cookies': {
      if (/^(?:get|getAll|getlist|get_all|has|toString|items|keys|to_dict|getOne|dict)$/.test(property))
        return { ...object, ref: `${object.role}.${property}`, origins: [parameter(object.role, '')] }
      const origin = parameter(object.role, property)
      return { origins: [origin], symbol: `${object.role}:${property}` }
    }
    case 'session':
      if (/^(?:get|set|save|destroy|regenerate|pop)$/.test(property))
        return { ...object, ref: `session.${property}`, origins: IDENTITY.origins }
      return { ...IDENTITY, symbol: `session:${property}` }
    case 'environment':
    case 'settings':
      return setting(object, property, at)
    case 'socket':
      return socketMember(object, property)
    case 'response':
      if (property === 'locals') return { origins: [], role: 'session', ref: 'res.locals' }
      return { ...object, ref: `response.${property}` }
    case 'next':
    case 'server':
      return undefined
    default:
      return environmentMember(object, property, at, surface)
  }
}

export function header(interpreter: Machine, written: string): Value {
  const name = written
    .replace(/^HTTP_/, '')
    .replaceAll('_', '-')
    .toLowerCase()
  interpreter.record.header(name)
  return { origins: [{ kind: 'header', name }], symbol: `header:${name}` }
}

function parameter(role: 'query' | 'path' | 'cookies', name: string): Origin {
  return role === 'cookies' ? { kind: 'cookie', name } : { kind: role, name }
}

function requestMember(interpreter: Machine, object: Value, property: string, at: Place): Value | undefined {
  const { surface, record } = interpreter
  const { framework } = surface
  const body = (): Value => {
    record.reads(at)
    if (surface.body.body === 'raw') return RAW
    if (surface.body.body === 'parsed') return PARSED
    return { origins: [{ kind: 'raw-body' }, { kind: 'parsed-body', path: '' }], symbol: 'body?' }
  }
  const raw = (): Value => {
    record.reads(at)
    return RAW
  }
  const parsed = (): Value => {
    record.reads(at)
    return PARSED
  }
  if (surface.body.rawField === property) return raw()
  switch (property) {
    case 'body':
      if (framework === 'django' || framework === 'fastapi' || framework === 'starlette')
        return { ...raw(), ref: 'request.body' }
      // A web Request has a stream there.
      if (framework === 'next.js' && surface.body.body === 'raw') return { ...raw(), ref: 'request.body' }
      return { ...body(), ref: 'request.body' }
    case 'rawBody':
    case 'raw_body':
    case 'bodyRaw':
      return raw()
    case 'data':
      return framework === 'django' ? parsed() : raw()
    case 'get_data':
    case 'text':
    case 'arrayBuffer':
    case 'blob':
    case 'bytes':
    case 'stream':
    case 'buffer':
    case 'getBody':
    case 'body_rewind':
      record.reads(at)
      return {
        ...object,
        ref: `request.${property}`,
        origins: RAW.origins,
        role: 'request' as Role,
        symbol: 'raw-body',
      }
    case 'get_json':
    case 'json':
    case 'formData':
    case 'parseBody':
    case 'form':
    case 'POST':
    case 'values':
      record.reads(at)
      return { ...PARSED, ref: `request.${property}` }
    case 'valid':
      return { ...PARSED, ref: 'request.valid' }
    case 'files':
      return { ...PARSED, ref: 'request.files' }
    case 'headers':
    case 'META':
    case 'rawHeaders':
      return { origins: [], role: 'headers', ref: 'headers' }
    case 'header':
      return { origins: [], role: 'headers', ref: 'headers.get' }
    case 'get':
      return { origins: [], role: framework === 'django' ? 'query' : 'headers', ref: 'headers.get' }
    case 'args':
    case 'GET':
    case 'query_params':
    case 'query':
    case 'searchParams':
    case 'nextUrl':
    case 'queries':
      return { origins: [], role: 'query', ref: 'query' }
    case 'params':
    case 'param':
    case 'view_args':
    case 'path_params':
    case 'match_info':
      return { origins: [], role: 'path', ref: property === 'param' ? 'path.get' : 'path' }
    case 'cookies':
    case 'COOKIES':
    case 'signedCookies':
      return { origins: [], role: 'cookies', ref: 'cookies' }
    case 'cookie':
      return { origins: [], role: 'cookies', ref: 'cookies.get' }
    case 'method': {
      const { methods } = surface
      const method = methods.length === 0 || methods.includes('POST') ? 'POST' : methods[0]
      return method === undefined ? METHOD : { ...METHOD, literal: { value: method } }
    }
    case 'url':
    case 'originalUrl':
    case 'path':
    case 'full_path':
      return { origins: [{ kind: 'url' }], ref: `request.${property}` }
    case 'raw':
    case 'req':
    case 'request':
    case 'switchToHttp':
      return object
    case 'session':
      return { origins: IDENTITY.origins, role: 'session', ref: 'session' }
    case 'ip':
    case 'remote_addr':
    case 'remoteAddress':
    case 'client':
    case 'ips':
      return { origins: [{ kind: 'header', name: ':address' }], ref: `request.${property}`, symbol: 'address' }
    case 'state':
    case 'context':
    case 'locals':
      return { origins: [], role: 'session', ref: `request.${property}` }
    case 'app':
      return { origins: [], ref: 'app' }
    default:
      if (IDENTITY_NAMES.test(property))
        return { ...IDENTITY, ref: `request.${property}`, symbol: `identity:${property}` }
      return { origins: [], ref: `request.${property}` }
  }
}

/** The event of a function runtime: API Gateway, Netlify, Cloud Functions. */
function eventMember(interpreter: Machine, property: string, at: Place): Value | undefined {
  const { record } = interpreter
  switch (property) {
    case 'body':
    case 'rawBody':
      record.reads(at)
      return RAW
    case 'headers':
    case 'multiValueHeaders':
      return { origins: [], role: 'headers', ref: 'headers' }
    case 'queryStringParameters':
    case 'rawQueryString':
      return { origins: [], role: 'query', ref: 'query' }
    case 'pathParameters':
      return { origins: [], role: 'path', ref: 'path' }
    case 'requestContext':
      return { origins: [], role: 'session', ref: 'event.requestContext' }
    case 'isBase64Encoded':
      return UNKNOWN
    case 'httpMethod':
      return { ...METHOD, literal: { value: 'POST' } }
    case 'Records':
      return { ...PARSED, ref: 'event.Records' }
    case 'get':
      return { origins: [], role: 'event', ref: 'event.get' }
    default:
      return { origins: [], ref: `event.${property}` }
  }
}

/** Koa's `ctx` and Hono's `c`. */
function contextMember(interpreter: Machine, property: string, at: Place): Value | undefined {
  const hono = interpreter.surface.framework === 'hono'
  const request: Value = { origins: [], role: 'request', ref: 'request' }
  switch (property) {
    case 'req':
    case 'request':
      return request
    case 'headers':
    case 'header':
      return hono && property === 'header'
        ? { origins: [], role: 'response', ref: 'response.header' }
        : { origins: [], role: 'headers', ref: 'headers' }
    case 'get':
    case 'var':
      return hono
        ? { origins: IDENTITY.origins, role: 'session', ref: 'session.get' }
        : { origins: [], role: 'headers', ref: 'headers.get' }
    case 'query':
    case 'params':
    case 'cookies':
    case 'method':
    case 'ip':
    case 'path':
    case 'url':
      return requestMember(interpreter, request, property, at)
    case 'rawBody':
      return requestMember(interpreter, request, property, at)
    case 'state':
    case 'session':
      return { origins: IDENTITY.origins, role: 'session', ref: `context.${property}` }
    case 'env':
      return { origins: [], role: 'environment', ref: 'context.env' }
    case 'user':
      return IDENTITY
    case 'throw':
    case 'assert':
    case 'redirect':
    case 'json':
    case 'text':
    case 'html':
    case 'body':
    case 'status':
    case 'type':
    case 'set':
    case 'res':
    case 'response':
      return { origins: [], role: 'response', ref: `response.${property}` }
    default:
      return { origins: [], ref: `context.${property}` }
  }
}

function socketMember(object: Value, property: string): Value | undefined {
  switch (property) {
    case 'handshake':
    case 'request':
    case 'upgradeReq':
    case 'scope':
      return { origins: [{ kind: 'query', name: '' }], role: 'request', ref: `socket.${property}` }
    case 'headers':
      return { origins: [], role: 'headers', ref: 'headers' }
    case 'query_params':
      return { origins: [], role: 'query', ref: 'query' }
    case 'cookies':
      return { origins: [], role: 'cookies', ref: 'cookies' }
    case 'data':
    case 'user':
    case 'auth':
    case 'session':
    case 'userId':
    case 'user_id':
    case 'state':
      return { ...IDENTITY, ref: `socket.${property}`, symbol: `identity:${property}` }
    default:
      return { ...object, ref: `socket.${property}` }
  }
}

/** `process.env.X`, `os.environ`, settings modules and configuration services, whoever provides them. */
function environmentMember(object: Value, property: string, at: Place, surface: DiscoveredSurface): Value | undefined {
  const { ref } = object
  if (ref === undefined) return undefined
  const path = `${ref}.${property}`
  if (
    /^(?:process|import\.meta|Deno|Bun|os|globalThis\.process)\.(?:env|environ)$/.test(path) ||
    path === 'os.environb'
  )
    return { origins: [], role: 'environment', ref: path }
  if (
    /(?:^|\.)(?:app|application|current_app|self\.app)\.config$|^flask\.current_app\.config$|Flask\(\)\.config$/.test(
      path,
    )
  )
    return { origins: [], role: 'settings', ref: path }
  if (/^settings$|django\.conf\.settings$/.test(ref)) return setting(object, property, at)
  if (surface.framework === 'node:http' && property === 'request') return undefined
  return undefined
}

export function setting(object: Value, property: string, at: Place): Value {
  if (/^(?:get|getOrThrow|get_or_throw|setdefault|require|toObject|copy|items|pop)$/.test(property))
    return { ...object, ref: `${object.ref ?? ''}.${property}` }
  const from = object.role === 'environment' ? ('env' as const) : ('config' as const)
  if (!isSecretName(property)) {
    const origins: readonly Origin[] = [{ kind: 'env', name: property }]
    return {
      origins,
      symbol: `env:${property}`,
      ...(object.role === 'settings'
        ? { role: 'settings' as const, ref: `${object.ref ?? 'settings'}.${property}` }
        : {}),
    }
  }
  return { origins: [{ kind: 'secret', secret: { from, name: property, at } }], symbol: `env:${property}` }
}

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
  switch (callee.role) {
    case 'headers':
      if (name === undefined)
        return args[0]?.closures === undefined
          ? one({ origins: [{ kind: 'header', name: '' }], ref: 'headers' })
          : undefined
      return one(defaulted(interpreter, header(interpreter, name), args[1]))
    case 'query':
    case 'path':
    case 'cookies': {
      if (name === undefined) return one({ ...callee, ref: callee.role, origins: [] })
      return one({ origins: [parameter(callee.role, name)], symbol: `${callee.role}:${name}` })
    }
    case 'environment':
    case 'settings': {
      if (name === undefined) return undefined
      const value = setting(
        { ...callee, ...(callee.role === 'settings' ? { role: 'settings' as const } : {}) },
        name.split('.').at(-1) ?? name,
        at,
      )
      return one(defaulted(interpreter, value, args[1]))
    }
    case 'session':
      return one({ ...IDENTITY, symbol: `session:${name ?? ''}` })
    case 'event':
      return name === undefined ? undefined : one(eventMember(interpreter, name, at) ?? UNKNOWN)
    case 'execution-context':
      return one(
        /getRequest|getNext|switchTo/.test(property ?? '')
          ? property === 'getRequest'
            ? { origins: [], role: 'request', ref: 'request' }
            : { ...callee }
          : { ...callee },
      )
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

function defaulted(interpreter: Machine, value: Value, fallback: Value | undefined): Value {
  if (fallback === undefined || fallback.literal === undefined) return value
  const text = textOf(fallback)
  if (text === undefined) return value
  // A header with a default is never None; its absence then looks like an empty text.
  return interpreter.withDefault(value.origins[0]?.kind === 'header' ? { ...value, ref: 'defaulted' } : value, fallback)
}
