/**
 * What the objects of frameworks hold: where the raw body, the parsed one, headers, parameters and the caller's
 * identity are found. One table serves all frameworks; where a name means different things, the surface says which.
 */

import { isSecretName } from '../knowledge/names.ts'
import { readsFieldsAsMembers, requestPart } from '../knowledge/request-objects.ts'
import type { Module } from '../parse/ir.ts'
import type { DiscoveredSurface } from '../surface.ts'
import { bareCheck } from './checks.ts'
import type { Origin, Place } from './facts.ts'
import type { Machine } from './machine.ts'
import {
  header,
  IDENTITY,
  inputField,
  inputMember,
  METHOD,
  methodOf,
  PARSED,
  RAW,
  requestPartValue,
  serverVariable,
} from './request-parts.ts'
import { literal, type Role, UNKNOWN, type Value } from './value.ts'

export { IDENTITY, PARSED, RAW }

const IDENTITY_NAMES =
  /^(?:user|auth|session|identity|principal|account|claims|jwt|viewer|current_?user|user_?id|auth_?info|authorizer|member|tenant|team|org|organi[sz]ation|workspace|caller|actor|me|(?:client|owner|account|tenant|org|organi[sz]ation|workspace|member|customer|merchant|partner)_?id)$/i

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
    case 'handshake':
      return handshakeMember(interpreter, object, property, at)
    case 'headers': {
      if (
        /^(?:get|getAll|get_all|has|getlist|items|keys|entries|forEach|toString|getheader|raw|fetch|all|key|to_h)$/.test(
          property,
        )
      )
        return { ...object, origins: [{ kind: 'header', name: '' }], ref: `headers.${property}` }
      return serverVariable(interpreter, object, property, at) ?? header(interpreter, property)
    }
    case 'input':
      interpreter.record.reads(at)
      return inputMember(interpreter, object, property)
    case 'query':
    case 'path':
    case 'cookies': {
      if (property === 'searchParams') return { ...object, ref: object.role }
      if (
        /^(?:get|getAll|getlist|get_all|has|toString|items|keys|to_dict|getOne|dict|kwargs|fetch|signed|encrypted|permanent|all)$/.test(
          property,
        )
      )
        return { ...object, ref: `${object.role}.${property}`, origins: [parameter(object.role, '')] }
      const origin = parameter(object.role, property)
      return { origins: [origin], symbol: `${object.role}:${property}` }
    }
    case 'session':
      if (object.check !== undefined) return { ...IDENTITY, symbol: `session:${property}`, check: object.check }
      if (/^(?:get|set|save|destroy|regenerate|pop)$/.test(property))
        return { ...object, ref: `session.${property}`, origins: IDENTITY.origins }
      return { ...IDENTITY, symbol: `session:${property}` }
    case 'environment':
    case 'settings':
      return setting(object, property, at)
    case 'socket':
      return socketMember(object, property)
    case 'response':
      if (property === 'locals') return { origins: [], role: 'session', ref: 'res.locals', object: KEPT }
      return { ...object, ref: `response.${property}` }
    case 'next':
      return property === 'handle' ? { ...object, ref: 'next.handle' } : undefined
    case 'server':
    case 'url':
      return undefined
    default:
      return environmentMember(object, property, at, surface)
  }
}

/** Where middleware leaves things for those that follow: one a request, whatever it is reached by. */
const KEPT = -1

export function parameter(role: 'query' | 'path' | 'cookies', name: string): Origin {
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
  const part = requestPart(framework, property)
  if (part !== undefined) return requestPartValue(interpreter, object, part, at)
  if (readsFieldsAsMembers(framework)) return inputField(interpreter, property)
  if (surface.body.rawField === property) return raw()
  switch (property) {
    case 'body':
      if (framework === 'django' || framework === 'drf' || framework === 'fastapi' || framework === 'starlette')
        return { ...raw(), ref: 'request.body' }
      // A web Request has a stream there.
      if (framework === 'next.js' && surface.body.body === 'raw') return { ...raw(), ref: 'request.body' }
      return { ...body(), ref: 'request.body' }
    // Hapi
    case 'payload':
      return { ...body(), ref: 'request.payload' }
    case 'rawBody':
    case 'raw_body':
    case 'bodyRaw':
      return raw()
    case 'data':
      return framework === 'django' || framework === 'drf' ? parsed() : raw()
    case 'get_data':
    case 'get_body':
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
    case 'json_body':
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
      return {
        origins: [],
        role: framework === 'django' || framework === 'drf' ? 'query' : 'headers',
        ref: 'headers.get',
      }
    case 'args':
    case 'GET':
    case 'query_params':
    case 'query':
    case 'searchParams':
    case 'nextUrl':
    case 'queries':
      return { origins: [], role: 'query', ref: 'query' }
    case 'query_string':
      return { origins: [{ kind: 'query', name: '' }], ref: 'request.query_string' }
    case 'auser':
      return { origins: IDENTITY.origins, role: 'session', ref: 'session.get' }
    case 'type':
      // The kind of connection in an ASGI scope.
      return framework === 'fastapi' || framework === 'starlette'
        ? literal(surface.kind === 'socket' ? 'websocket' : 'http')
        : { origins: [], ref: 'request.type' }
    case 'url_route':
    case 'path_kwargs':
      return { origins: [], role: 'path', ref: 'path' }
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
    case 'method':
      return methodOf(surface)
    case 'url':
    case 'originalUrl':
    case 'path':
    case 'full_path':
    case 'pathname':
    case 'rawPath':
      return address(surface, property)
    case 'raw':
    case 'node':
    case 'req':
    case 'request':
    case '_request':
    case 'switchToHttp':
      return object
    case 'session':
      return {
        origins: IDENTITY.origins,
        role: 'session',
        ref: 'session',
        ...(surface.kind === 'socket' ? { check: cookieSession(interpreter, at) } : {}),
      }
    case 'ip':
    case 'remote_addr':
    case 'remoteAddress':
    case 'client':
    case 'ips':
      return { origins: [{ kind: 'header', name: ':address' }], ref: `request.${property}`, symbol: 'address' }
    case 'state':
    case 'context':
    case 'locals':
      return { origins: [], role: 'session', ref: `request.${property}`, object: KEPT }
    case 'app':
      return { origins: [], ref: 'app' }
    default:
      if (IDENTITY_NAMES.test(property))
        return { ...IDENTITY, ref: `request.${property}`, symbol: `identity:${property}` }
      return { origins: [], ref: `request.${property}` }
  }
}

/** A session on a socket's handshake came with its cookie, whatever page opened the socket. */
function cookieSession({ record }: Machine, at: Place): NonNullable<Value['check']> {
  return { check: record.check({ ...bareCheck('identity', 'session', at), byCookie: true }), positive: true }
}

/** A server without a router compares the address itself; the route under examination says what it then is. */
function address({ comparesAddress, path }: DiscoveredSurface, property: string): Value {
  const known = path !== undefined && comparesAddress === true ? { literal: { value: path } } : {}
  return { origins: [{ kind: 'url' }], ref: `request.${property}`, ...known }
}

/** What a client shows before it is let in: the request, with its address and origin beside it. */
export function handshakeMember(interpreter: Machine, object: Value, property: string, at: Place): Value | undefined {
  switch (property) {
    case 'origin':
      return header(interpreter, 'origin')
    case 'req':
    case 'request':
      return { origins: [], role: 'request', ref: 'request' }
    case 'auth':
      return { origins: [{ kind: 'query', name: 'auth' }], ref: 'handshake.auth', symbol: 'query:auth' }
    case 'get':
      return { ...object, ref: 'handshake.get' }
    case 'address':
    case 'secure':
    case 'time':
    case 'issued':
      return { origins: [{ kind: 'header', name: ':address' }], ref: `handshake.${property}` }
    default:
      return requestMember(interpreter, { ...object, role: 'request' }, property, at)
  }
}

/** The event of a function runtime: API Gateway, Netlify, Cloud Functions. */
export function eventMember(interpreter: Machine, property: string, at: Place): Value | undefined {
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
  const elysia = interpreter.surface.framework === 'elysia' ? elysiaMember(interpreter, property, at) : undefined
  if (elysia !== undefined) return elysia
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
    case 'session':
      return { origins: IDENTITY.origins, role: 'session', ref: 'context.session' }
    case 'state':
    case 'locals':
      return { origins: IDENTITY.origins, role: 'session', ref: `context.${property}`, object: KEPT }
    case 'platform':
    case 'context':
    case 'cloudflare':
      return { origins: [], role: 'context', ref: `context.${property}` }
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

const asText = new WeakMap<Module, boolean>()
/** A parser of the application's own, or a route that says so, leaves the body as it came. */
function readsText(module: Module): boolean {
  const known =
    asText.get(module) ??
    /"onParse"|"key":"(?:parse|type)","value":\{"kind":"literal","value":"(?:text|none|arrayBuffer)"/.test(
      JSON.stringify(module.body),
    )
  asText.set(module, known)
  return known
}

/** Elysia parses before the handler, and keeps the request itself beside. */
function elysiaMember(interpreter: Machine, property: string, at: Place): Value | undefined {
  switch (property) {
    case 'body':
      interpreter.record.reads(at)
      return readsText(interpreter.surface.module) ? RAW : PARSED
    case 'cookie':
      return { origins: [], role: 'cookies', ref: 'cookies' }
    case 'store':
    case 'jwt':
      return { origins: [], ref: `context.${property}` }
    case 'error':
      return { origins: [], role: 'response', ref: 'response.error' }
    default:
      return undefined
  }
}

function socketMember(object: Value, property: string): Value | undefined {
  switch (property) {
    case 'handshake':
      return { origins: [], role: 'handshake', ref: 'socket.handshake' }
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
    case 'getUserData':
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
  if (/^(?:get|getOrThrow|get_or_throw|setdefault|require|toObject|copy|items|pop|fetch|dig|key)$/.test(property))
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
