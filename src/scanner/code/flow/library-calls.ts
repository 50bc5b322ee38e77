/** What calls into known libraries mean, by the tables of `knowledge/libraries.ts`. */

import {
  AS_IS,
  BY_NAME,
  EMPTINESS,
  libraryOf,
  type Meaning,
  meaningOf,
  shortName,
  timeMethod,
} from '../knowledge/libraries.ts'
import { isSecretName } from '../knowledge/names.ts'
import type { Language } from '../parse/ir.ts'
import { logged } from './answers.ts'
import { belongs } from './authorisation.ts'
import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import { compareTimes } from './comparisons.ts'
import { environmentValue } from './environment.ts'
import type { Place } from './facts.ts'
import { fill, filled, isBounded } from './fill.ts'
import { hashedToken } from './found-by-token.ts'
import { asymmetric, compared, decide, digest, noteTests, regrown } from './library-checks.ts'
import type { Machine, Outcome } from './machine.ts'
import { header, IDENTITY, PARSED } from './request-parts.ts'
import type { State } from './state.ts'
import { answer } from './typed-objects.ts'
import {
  derived,
  fromRequest,
  has,
  literal,
  numberOf,
  originsOf,
  textOf,
  UNKNOWN,
  unionOrigins,
  type Value,
} from './value.ts'

/** A number that a library's name stands for, such as `time.Minute`. */
export function libraryConstant(language: Language, ref: string): Value | undefined {
  // A sentinel of a package: `domain.ErrUnauthenticated`.
  if (language === 'go' && /(?:^|\.)[eE]rr[A-Z]\w*$/.test(ref)) return { origins: [], certain: true, ref }
  const constants = libraryOf(language)?.constants
  if (constants === undefined) return undefined
  const name = shortName(language, ref)
  if (Object.hasOwn(constants, name)) return literal(constants[name])
  const status = /(?:^|\.)(?:http\.)?Status(\w+)$/.exec(name)?.[1] ?? /^HttpStatus\.(\w+)$/.exec(name)?.[1]
  if (status === undefined) return undefined
  const code = STATUSES[status.replaceAll('_', '').toLowerCase()]
  return code === undefined ? undefined : literal(code)
}

const STATUSES: Readonly<Record<string, number>> = {
  ok: 200,
  created: 201,
  accepted: 202,
  nocontent: 204,
  badrequest: 400,
  unauthorized: 401,
  forbidden: 403,
  notfound: 404,
  conflict: 409,
  requestentitytoolarge: 413,
  payloadtoolarge: 413,
  unprocessableentity: 422,
  toomanyrequests: 429,
  internalservererror: 500,
  notimplemented: 501,
  badgateway: 502,
  serviceunavailable: 503,
  gatewaytimeout: 504,
}

export function libraryCall(machine: Machine, language: Language, called: Called, state: State): Outcome[] | undefined {
  const { callee } = called
  if (callee.closures !== undefined || callee.cls !== undefined || callee.role !== undefined) return undefined
  const among = belongs(machine, called, state) ?? hashedToken(machine, called, state)
  if (among !== undefined) return among
  const name = shortName(language, called.path)
  const { object, property } = called
  const clock = object === undefined || property === undefined ? undefined : timeMethod(property)
  const isTime =
    object !== undefined && (has(object, 'now') || called.args.some((arg) => has(arg, 'now')) || fromRequest(object))
  const meaning =
    meaningOf(language, name) ??
    meaningOf(language, shortName(language, called.written)) ??
    (isTime ? clock : undefined)
  // A text that a library made is compared and asked like any other.
  const asked =
    language === 'java' &&
    property !== undefined &&
    object !== undefined &&
    object.origins.length > 0 &&
    !(property === 'compareTo' && has(object, 'now')) &&
    ((called.args.length === 1 && /^(?:equals|equalsIgnoreCase|contentEquals|compareTo)$/.test(property)) ||
      (called.args.length === 0 && Object.hasOwn(EMPTINESS, property)))
  if (meaning !== undefined && !asked) return act(machine, meaning, called, state, name)
  return accessed(machine, language, called, state) ?? identified(machine, language, called, state)
}

function emptiness(machine: Machine, meaning: Meaning, value: Value, { at }: Called, state: State): Outcome[] {
  const isThere = meaning.does === 'empty' && meaning.not === true
  const { yes, no } = machine.split(state, value, at)
  return [
    ...yes.map((one) => ({ state: one, value: literal(isThere) })),
    ...no.map((one) => ({ state: one, value: literal(!isThere) })),
  ]
}

/** Read into a type with fields, which refuses what does not fit. */
function isShaped(value: Value | undefined): boolean {
  const cls = value?.instance?.cls ?? value?.cls?.cls
  return cls !== undefined && cls.fields.length > 0
}

/** `event.getId()`, `node.path("id").asText()`: data of the request or of a record, read by method. */
function accessed(machine: Machine, language: Language, called: Called, state: State): Outcome[] | undefined {
  const { object, property, args, callee } = called
  if (language !== 'java' || object === undefined || property === undefined) return undefined
  const one = (value: Value): Outcome[] => [{ state, value }]
  const [first] = args
  const text = textOf(first)
  const own = textOf(object)
  if (own !== undefined && text !== undefined && args.length === 1) {
    const known = decide(property, own, text)
    if (known !== undefined) return one(literal(known))
  }
  if (object.role !== undefined || object.instance !== undefined) return undefined
  if (object.origins.length === 0) {
    // `gateway.token()`, `properties.getWebhookSecret()`
    const name = property.replace(/^get(?=[A-Z])/, '')
    if (args.length > 0 || callee.origins.length > 0 || !isSecretName(name)) return undefined
    return one({ origins: [{ kind: 'secret', secret: { from: 'config', name: property, at: called.at } }] })
  }
  const asks = Object.hasOwn(EMPTINESS, property) && args.length === 0 ? EMPTINESS[property] : undefined
  if (asks !== undefined) return emptiness(machine, asks, object, called, state)
  if (AS_IS.test(property) && !(property === 'get' && text !== undefined)) {
    if (args.some((arg) => arg.closures !== undefined)) return undefined
    const { object: _, ...plain } = object
    return one({ ...plain, origins: derived(object, ...args).origins, ref: object.ref ?? 'data()' })
  }
  if (text !== undefined && BY_NAME.test(property) && has(object, 'parsed-body', 'message', 'fetched', 'stored')) {
    const key = text.replaceAll('/', '.').replace(/^\./, '')
    const origins = object.origins.map((origin) =>
      origin.kind === 'parsed-body'
        ? { ...origin, path: origin.path === '' ? key : `${origin.path}.${key}`.slice(-80) }
        : origin.kind === 'message'
          ? { ...origin, name: key }
          : origin,
    )
    for (const origin of origins) if (origin.kind === 'parsed-body') machine.record.field(origin.path)
    const path = originsOf({ origins }, 'parsed-body')[0]?.path
    return one({ origins, ...(path === undefined ? {} : { symbol: `body:${path}` }), ref: 'data()' })
  }
  if (
    args.length === 0 &&
    has(object, 'parsed-body', 'message', 'stored') &&
    /^[a-z]/.test(property) &&
    !EFFECTIVE.test(property)
  )
    return one({ ...callee, ref: 'data()' })
  return undefined
}

const EFFECTIVE =
  /^(?:save|delete|send|execute|run|submit|publish|commit|start|refund|capture|cancel|activate|close|complete|flush|remove|persist)/

/** Who calls, asked of code that cannot be followed: `session.User(r)`, `sessions.FromCookie(r)`. */
function identified(machine: Machine, language: Language, called: Called, state: State): Outcome[] | undefined {
  const { args, path, written, at, isNew } = called
  if (language !== 'go' || isNew) return undefined
  // It is known who calls; what is asked is whether they may.
  if (args.some((arg) => has(arg, 'identity'))) return undefined
  const given = args.some(
    (arg) => arg.role === 'request' || arg.role === 'headers' || has(arg, 'cookie') || arg.ref === 'request.Context()',
  )
  const name = `${shortName(language, path)} ${written}`
  const bearer = args.some((arg) => originsOf(arg, 'header').some((origin) => origin.name === 'authorization'))
  if ((!given && !bearer) || !IDENTITY_WORDS.test(name) || /webhook|signature|hmac|payload|stripe|github/i.test(name))
    return undefined
  const check = machine.record.check({
    ...bareCheck('identity', written, at),
    ...(/session|cookie/i.test(name) || args.some((arg) => has(arg, 'cookie')) ? { byCookie: true } : {}),
  })
  state.ask(check)
  return [{ state, value: { ...IDENTITY, check: { check, positive: true }, symbol: `identity:${path}` } }]
}

const IDENTITY_WORDS = /session|auth|user|identity|principal|claims|login|account|cookie|viewer|tenant/i

function act(machine: Machine, meaning: Meaning, called: Called, state: State, name: string): Outcome[] | undefined {
  const { args: written, at, object } = called
  const args = written.map((arg) => filled(state, arg))
  const one = (value: Value): Outcome[] => [{ state, value }]
  const pick = (of: number | 'object' | undefined): Value =>
    (of === 'object' ? (object === undefined ? undefined : filled(state, object)) : args[of ?? 0]) ?? UNKNOWN
  switch (meaning.does) {
    case 'keep':
      return one(kept(meaning, args, object === undefined ? undefined : filled(state, object), name, called, state))
    case 'nothing':
      return one({ origins: [], ref: `${called.path}()` })
    case 'fail': {
      const wrapped = derived(...args).origins.filter(({ kind }) => kind === 'exception')
      return one({ origins: wrapped, certain: true, ref: `${called.path}()` })
    }
    case 'exit':
      machine.throwIn(state, { ...UNKNOWN, ref: 'exit()' }, true)
      return []
    case 'log':
      logged(machine, called, state)
      return one({ origins: [], ref: `${called.path}()` })
    case 'now':
      return one({ origins: [{ kind: 'now' }] })
    case 'age':
      return one({ origins: unionOrigins([[{ kind: 'now' }], pick(0).origins]) })
    case 'absolute':
      return one({ ...derived(...args, ...(object === undefined ? [] : [object])), absolute: true })
    case 'earlier':
    case 'later':
      return compareTimes(machine, meaning.does === 'earlier' ? '<' : '>', object ?? UNKNOWN, pick(0), state, at)
    case 'hmac':
    case 'hash':
      return one(digest(machine, meaning, args, state, at, name))
    case 'rekey':
    case 'update':
    case 'digest':
      return regrown(machine, meaning, called, args, state)
    case 'compare': {
      const [left, right] = args.length === 1 ? [object ?? UNKNOWN, pick(0)] : [pick(0), pick(1)]
      return compared(machine, left, right, meaning.constantTime, state, called)
    }
    case 'env':
      return one(environment(machine, meaning, args, at))
    case 'config': {
      const key = textOf(args[0])?.split('.').at(-1) ?? ''
      if (!isSecretName(key)) return one({ origins: [{ kind: 'env', name: key }], symbol: `env:${key}` })
      return one({ origins: [{ kind: 'secret', secret: { from: 'config', name: key, at } }], symbol: `env:${key}` })
    }
    case 'read': {
      const source = pick(meaning.of)
      if (source.role === 'request') return one({ origins: [{ kind: 'raw-body' }], symbol: 'raw-body', ref: 'text()' })
      if (has(source, 'raw-body')) {
        machine.record.reads(at)
        if (source.bounded !== true && !isBounded(machine) && meaning.whole) machine.record.unbounded(at)
      }
      const { symbol } = source
      return one({ origins: source.origins, ...(symbol === undefined ? {} : { symbol }), ref: 'text()', bounded: true })
    }
    case 'bound': {
      const limit = numberOf(args[meaning.by])
      const source = pick(meaning.of)
      const small = limit === undefined || limit <= 10_485_760
      return one({ ...source, ...(small ? { bounded: true } : {}) })
    }
    case 'parse':
      if (has(pick(meaning.from), 'message')) machine.record.parsesMessage(at)
      return parsed(machine, meaning, args, pick(meaning.from), called, state)
    case 'write': {
      const given = derived(pick(meaning.from))
      const whole = originsOf(given, 'parsed-body').some((origin) => origin.path === '')
      return one(whole ? { origins: [{ kind: 'reserialised' }] } : given)
    }
    case 'fill': {
      const into = meaning.into === 'object' ? object : written[meaning.into]
      const from = pick(meaning.from)
      if (has(from, 'raw-body')) {
        machine.record.reads(at)
        if (from.bounded !== true && !isBounded(machine)) machine.record.unbounded(at)
      }
      const what: Value = { origins: from.origins, ...(from.symbol === undefined ? {} : { symbol: from.symbol }) }
      if (into !== undefined) {
        fill(state, into, what)
        if (has(into, 'digest')) return regrown(machine, { does: 'update' }, { ...called, object: into }, [from], state)
      }
      if (into?.role === 'response') answer(machine, [from], state, at, called.path)
      return one({ origins: [{ kind: 'exception' }], fills: what })
    }
    case 'respond': {
      const encoder = object !== undefined && (object.role === 'response' || object.ref === 'response-encoder()')
      const to = meaning.to === undefined ? undefined : written[meaning.to]
      if (to !== undefined && has(to, 'digest'))
        return regrown(machine, { does: 'update' }, { ...called, object: to }, args.slice(meaning.body), state)
      if (to !== undefined && to.role !== 'response') {
        for (const arg of args.slice(meaning.body)) fill(state, to, derived(arg))
        return one({ origins: [], ref: 'void' })
      }
      if (meaning.to === undefined && !encoder && object?.role === undefined && object !== undefined) {
        const written_ = derived(pick(meaning.body))
        const whole = originsOf(written_, 'parsed-body').some((origin) => origin.path === '')
        return one(whole ? { origins: [{ kind: 'reserialised' }] } : written_)
      }
      answer(machine, args.slice(meaning.to === undefined ? 0 : 1), state, at, called.path)
      return one({ origins: [], ref: 'void' })
    }
    case 'redirect':
      machine.record.use(state, {
        kind: 'redirect',
        name: called.path,
        at,
        origins: pick(meaning.to).origins,
        guarded: state.guards.includes('url-validated'),
      })
      return one({ origins: [], ref: 'void' })
    case 'fetch':
      return one(fetched(machine, meaning, args, called, state))
    case 'send': {
      const request = pick(0)
      if (request.ref === 'sending()')
        machine.record.effect(state, {
          kind: 'send',
          name: called.written,
          at,
          uses: request.origins,
          opaque: undefined,
          repeatable: false,
        })
      return one({ origins: [{ kind: 'fetched' }], ref: 'fetched()' })
    }
    case 'path': {
      const key = textOf(args[meaning.name ?? 0]) ?? ''
      return one({ origins: [{ kind: 'path', name: key }], symbol: `path:${key}` })
    }
    case 'header':
      return one({ ...header(machine, meaning.name), ref: 'defaulted' })
    case 'builder': {
      const made = machine.freshId()
      state.create(made, undefined)
      return one({ ...derived(...args), object: made, ref: 'builder()' })
    }
    case 'grow':
      if (object === undefined) return undefined
      fill(state, object, derived(...args))
      return one(object)
    case 'resolve':
      state.guard('url-validated')
      return one(derived(...args))
    case 'path-map':
      return one({ origins: [], role: 'path', ref: 'path' })
    case 'identity': {
      const check = machine.record.check({
        ...bareCheck('identity', called.path, at),
        headers: args.flatMap((arg) => originsOf(arg, 'header').map((origin) => origin.name)),
        ...(meaning.cookie === true || args.some((arg) => has(arg, 'cookie')) ? { byCookie: true } : {}),
        throws: true,
      })
      state.ask(check)
      return one({ ...IDENTITY, check: { check, positive: true }, symbol: `identity:${called.path}` })
    }
    case 'upgrade':
      return one({ origins: [], role: 'socket', ref: 'socket' })
    case 'receive': {
      const message: Value = { origins: [{ kind: 'message', name: '' }], symbol: 'message' }
      machine.phase = 'message'
      const into = args[meaning.into]
      if (into === undefined) return one(message)
      if (isShaped(into)) state.guard('schema-validated')
      fill(state, into, message)
      return one({ origins: [{ kind: 'exception' }], fills: message })
    }
    case 'empty':
      return emptiness(machine, meaning, pick(0), called, state)
    case 'limit-rate':
      state.guard('rate-limited')
      return one(UNKNOWN)
    case 'asymmetric':
      return asymmetric(machine, meaning, args, called, state)
    case 'join': {
      const [first] = args
      return one({
        ...derived(...args, ...(object === undefined ? [] : [object])),
        ref: first?.ref ?? `${called.path}()`,
      })
    }
    default:
      return undefined
  }
}

function kept(
  meaning: Extract<Meaning, { does: 'keep' }>,
  args: readonly Value[],
  object: Value | undefined,
  name: string,
  { path }: Called,
  state: State,
): Value {
  if (meaning.of !== undefined) {
    const value = (meaning.of === 'object' ? object : args[meaning.of]) ?? UNKNOWN
    if (meaning.names === undefined) return value
    return { ...value, ref: value.role === 'response' ? 'response-encoder()' : meaning.names }
  }
  noteTests(name, args, state)
  const [first, second] = args
  const decided = decide(name.split('.').at(-1) ?? '', textOf(first), textOf(second))
  if (decided !== undefined) return literal(decided)
  const all = derived(...args, ...(object === undefined ? [] : [object]))
  const single =
    args.length === 0 ? object : args.every((arg, index) => index === 0 || arg.origins.length === 0) ? first : undefined
  const plain =
    typeof first?.literal?.value === 'string' && args.length === 1 && PLAIN.test(name) ? first.literal : undefined
  return {
    ...all,
    ...(single?.symbol === undefined ? {} : { symbol: single.symbol }),
    ...(first?.bounded === true ? { bounded: true } : {}),
    ...(first?.absolute === true || object?.absolute === true || /\.Abs$|\.abs$/.test(name) ? { absolute: true } : {}),
    ...(plain === undefined ? {} : { literal: plain }),
    ref:
      single?.ref === 'defaulted'
        ? 'defaulted'
        : single?.ref === 'stream()'
          ? 'stream()'
          : all.origins.length > 0 && object === undefined
            ? 'text()'
            : `${path}()`,
  }
}

const PLAIN = /Trim|ToLower|ToUpper|String$|Copy|Clone/

function environment(
  machine: Machine,
  meaning: Extract<Meaning, { does: 'env' }>,
  args: readonly Value[],
  at: Place,
): Value {
  const name = textOf(args[0]) ?? ''
  const fallback =
    meaning.empty === true ? literal('') : meaning.fallback === undefined ? undefined : args[meaning.fallback]
  const value = environmentValue(machine, name.split('.').at(-1) ?? name, fallback, at)
  return meaning.pair === true ? { ...value, ref: 'text()' } : value
}

function parsed(
  machine: Machine,
  meaning: Extract<Meaning, { does: 'parse' }>,
  args: readonly Value[],
  from: Value,
  { at }: Called,
  state: State,
): Outcome[] {
  if (from.ref === 'decoder()' && has(from, 'raw-body')) {
    machine.record.reads(at)
    if (from.bounded !== true && !isBounded(machine) && machine.surface.mountSeen) machine.record.unbounded(at)
  }
  const what: Value = has(from, 'raw-body')
    ? PARSED
    : { origins: from.origins, ...(from.symbol === undefined ? {} : { symbol: from.symbol }) }
  if (has(from, 'message') && args.some(isShaped)) state.guard('schema-validated')
  if (meaning.into === undefined) return [{ state, value: { ...what, ref: 'data()' } }]
  const into = args[meaning.into]
  if (into !== undefined) fill(state, into, what)
  return [{ state, value: { origins: [{ kind: 'exception' }], fills: what } }]
}

function fetched(
  machine: Machine,
  meaning: Extract<Meaning, { does: 'fetch' }>,
  args: readonly Value[],
  { path, at, object, written }: Called,
  state: State,
): Value {
  const url = (meaning.url < 0 ? object : args[meaning.url]) ?? UNKNOWN
  const method = meaning.method === undefined ? undefined : textOf(args[meaning.method])
  const sends = meaning.sends === true || (method !== undefined && method !== 'GET' && method !== 'HEAD')
  const named =
    meaning.method !== undefined &&
    method === undefined &&
    /Post|Put|Patch|Delete/.test(args[meaning.method]?.ref ?? '')
  machine.record.use(state, {
    kind: 'fetch',
    name: path,
    at,
    origins: url.literal === undefined && url.anchored !== true ? url.origins : [],
    guarded:
      state.guards.includes('url-validated') ||
      (state.guards.includes('value-compared') && state.guards.includes('url-parsed')),
  })
  const uses = derived(...args).origins
  if (meaning.method !== undefined) return { origins: uses, ref: sends || named ? 'sending()' : 'asking()' }
  if (sends)
    machine.record.effect(state, { kind: 'send', name: written, at, uses, opaque: undefined, repeatable: false })
  return {
    origins: unionOrigins([
      [{ kind: 'fetched' }],
      uses.filter((origin) => origin.kind === 'parsed-body' || origin.kind === 'path'),
    ]),
    ref: 'fetched()',
  }
}
