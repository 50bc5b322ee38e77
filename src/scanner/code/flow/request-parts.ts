/**
 * The parts of a request as values: its bytes, its fields, its headers, its caller. What frameworks call them is data
 * in `knowledge/request-objects.ts`.
 */
import {
  INPUT_CHOICE,
  INPUT_FIELD,
  INPUT_WHOLE,
  LANGUAGE_GLOBALS,
  REQUEST_GLOBALS,
  type RequestPart,
  SERVER_VARIABLES,
} from '../knowledge/request-objects.ts'
import type { Language } from '../parse/ir.ts'
import type { DiscoveredSurface } from '../surface.ts'
import type { Origin, Place } from './facts.ts'
import type { Machine } from './machine.ts'
import type { State } from './state.ts'
import { derived, type Role, textOf, type Value, withOrigins } from './value.ts'

export const RAW: Value = { ...withOrigins({ kind: 'raw-body' }), symbol: 'raw-body' }
export const PARSED: Value = { ...withOrigins({ kind: 'parsed-body', path: '' }), symbol: 'parsed-body' }
export const IDENTITY: Value = { ...withOrigins({ kind: 'identity' }), symbol: 'identity' }
export const METHOD: Value = withOrigins({ kind: 'method' })

/** @param object The request itself, for parts that are the request again. */
export function requestPartValue(interpreter: Machine, object: Value, part: RequestPart, at: Place): Value {
  const { record, surface } = interpreter
  const settled = (value: Value): Value => ({ ...value, settled: true })
  if (typeof part === 'object') return settled(header(interpreter, part.header))
  switch (part) {
    case 'raw':
      record.reads(at)
      return settled({ ...RAW, ref: 'text()' })
    case 'parsed':
      record.reads(at)
      return { ...PARSED, role: 'input', ref: 'input', settled: true }
    case 'input':
      record.reads(at)
      return { ...PARSED, role: 'input', ref: 'input' }
    case 'headers':
      return { origins: [], role: 'headers', ref: 'headers', settled: true }
    case 'header':
      return { origins: [], role: 'headers', ref: 'headers.get' }
    case 'query':
    case 'path':
    case 'cookies':
    case 'session':
      return { origins: part === 'session' ? IDENTITY.origins : [], role: part, ref: part }
    case 'identity':
      return settled(IDENTITY)
    case 'method':
      return settled(methodOf(surface))
    case 'url':
      return settled({ origins: [{ kind: 'url' }], ref: 'request.url' })
    case 'address':
      return settled({ origins: [{ kind: 'header', name: ':address' }], symbol: 'address' })
    case 'flag':
      return { origins: [], ref: 'request.has' }
    case 'same':
      return settled(object)
  }
}

export function methodOf({ methods }: DiscoveredSurface): Value {
  const method = methods.length === 0 || methods.includes('POST') ? 'POST' : methods[0]
  return method === undefined ? METHOD : { ...METHOD, literal: { value: method } }
}

/** A header, by whatever spelling a framework or CGI has for it. */
export function header(interpreter: Machine, written: string): Value {
  const name = written
    .replace(/^HTTP_/, '')
    .replaceAll('_', '-')
    .toLowerCase()
  interpreter.record.header(name)
  return { origins: [{ kind: 'header', name }], symbol: `header:${name}` }
}

/** `$_SERVER['REQUEST_METHOD']`, `env['rack.input']`; `undefined` for a header. */
export function serverVariable(interpreter: Machine, object: Value, name: string, at: Place): Value | undefined {
  const part = Object.hasOwn(SERVER_VARIABLES, name) ? SERVER_VARIABLES[name] : undefined
  return part === undefined ? undefined : requestPartValue(interpreter, object, part, at)
}

/** A field of what was sent: of the path when the route names it, of the query when there is no body. */
export function inputField(interpreter: Machine, name: string): Value {
  const { surface, record } = interpreter
  if (isPathParameter(surface, name)) return { origins: [{ kind: 'path', name }], symbol: `path:${name}` }
  const [method, ...others] = surface.methods
  if (method === 'GET' && others.length === 0) return { origins: [{ kind: 'query', name }], symbol: `query:${name}` }
  const path = name.slice(0, 80)
  record.field(path)
  const origin: Origin = { kind: 'parsed-body', path }
  return { origins: [origin], symbol: `body:${path}` }
}

function isPathParameter({ path }: DiscoveredSurface, name: string): boolean {
  return path !== undefined && new RegExp(`[:{*]${name.replace(/[^\w]/g, '')}\\b`).test(path) && /^\w+$/.test(name)
}

/** `params[:id]`, `params.permit`, `$request->input`. */
export function inputMember(interpreter: Machine, object: Value, property: string): Value {
  if (INPUT_WHOLE.test(property) || INPUT_FIELD.test(property)) return { ...object, ref: `input.${property}` }
  return inputField(interpreter, property)
}

/** A call of such a member: with a name it is a field, with several those fields, else the whole. */
export function inputCall(
  interpreter: Machine,
  { ref = 'input' }: Value,
  property: string | undefined,
  args: readonly Value[],
  state: State,
): Value {
  const whole: Value = { ...PARSED, role: 'input', ref: 'input' }
  const called = property ?? ref
  const name = textOf(args[0])
  if (/^(?:require|expect)$/.test(called)) return whole
  if (INPUT_CHOICE.test(called)) {
    const names = args.flatMap((arg) => namesIn(arg, state))
    if (names.length === 0) return whole
    noteRules(args[0], state)
    const id = interpreter.freshId()
    state.create(id, undefined)
    const fields = names.slice(0, 30).map((field) => ({ field, value: inputField(interpreter, field) }))
    for (const { field, value } of fields) state.set(id, field, value)
    return { ...derived(...fields.map(({ value }) => value)), object: id }
  }
  if (name === undefined || INPUT_WHOLE.test(called)) return whole
  const path = called === 'dig' ? args.map((arg) => textOf(arg) ?? '*').join('.') : name
  return inputField(interpreter, path)
}

/** `permit(:url, events: [])`, `only(['url'])`, `validate(['url' => 'required'])`. */
function namesIn(arg: Value, state: State): readonly string[] {
  const text = textOf(arg)
  if (text !== undefined) return [text]
  const items = (arg.items ?? []).flatMap((item) => textOf(item) ?? [])
  const keys = arg.object === undefined || arg.items !== undefined ? [] : state.namesOf(arg.object)
  return [...items, ...keys.filter((key) => key !== '*')]
}

/** A rule of the project's own on an address may be the check that is asked for; what is built in only looks at its form. */
function noteRules(rules: Value | undefined, state: State): void {
  if (rules?.object === undefined) return
  for (const name of state.namesOf(rules.object)) {
    const value = state.get(rules.object, name)
    const own = [value, ...(value?.items ?? [])].some(
      (one) => one?.instance !== undefined || one?.closures !== undefined || /\(\)$/.test(one?.ref ?? ''),
    )
    if (own && /url|uri|callback|endpoint|target|host/i.test(name)) state.guard('url-validated')
  }
}

/** What a framework or the language puts there under a name. */
export function globalValue(framework: string, language: Language, name: string): Value | undefined {
  const role = roleOf(REQUEST_GLOBALS[framework], name) ?? roleOf(LANGUAGE_GLOBALS[language], name)
  switch (role) {
    case undefined:
      return undefined
    case 'input':
      return { ...PARSED, role, ref: 'input' }
    case 'session':
      return { origins: IDENTITY.origins, role, ref: 'session' }
    case 'response':
      return { origins: [], role, ref: `response.${name}` }
    default:
      return { origins: [], role, ref: name }
  }
}

function roleOf(roles: Readonly<Record<string, string>> | undefined, name: string): Role | undefined {
  return roles !== undefined && Object.hasOwn(roles, name) ? (roles[name] as Role) : undefined
}
