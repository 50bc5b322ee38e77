/** Calls that give back what they are given in another form: clocks, texts, bytes, JSON. */
import {
  KEEPS_ORIGINS,
  PARSES_TEXT,
  READS_CLOCK,
  READS_RAW_BODY,
  TAKES_PART,
  TEXT_METHODS,
} from '../knowledge/known-calls.ts'
import type { Called } from './called.ts'
import type { Origin } from './facts.ts'
import type { Machine } from './machine.ts'
import type { State } from './state.ts'
import { derived, has, holdsMessage, originKey, originsOf, UNKNOWN, type Value, withOrigins } from './value.ts'

/** Frameworks behind which no platform caps what `raw-body` reads. */
const OWN_SERVER = /^(?:express|koa|node:http|fastify)$/

export function timeCall({ path, args, isNew }: Called, method: string): Value | undefined {
  if (READS_CLOCK.test(path) && (args.length === 0 || /datetime|timezone|DateTime/.test(path)))
    return withOrigins({ kind: 'now' })
  if (path === 'Date' && isNew && args.length === 0) return withOrigins({ kind: 'now' })
  if (/^(?:abs|Math\.abs|math\.fabs)$/.test(path)) return { ...derived(...args), absolute: true }
  if (/^(?:differenceIn\w+|total_seconds|diff|getTime|timestamp|valueOf|unix)$/.test(method)) return undefined
  return undefined
}

/** Calls that give back what they are given in another form. */
export function codingCall(
  interpreter: Machine,
  { path, args, named, object, isNew, at }: Called,
  method: string,
  state: State,
): Value | undefined {
  const [first] = args
  if ((path === 'len' || path === 'Buffer.byteLength') && first !== undefined)
    return { ...derived(first), length: true, measured: first }
  if (first !== undefined && /^(?:bool|Boolean)$/.test(path)) return { ...first, isFlag: true }
  if (
    first?.role === 'headers' &&
    /^(?:dict|str|list|repr|JSON\.stringify|json\.dumps|Object\.(?:assign|entries|fromEntries))$/.test(path)
  )
    return { ...first, origins: [{ kind: 'header', name: '*' }] }
  if (
    /(?:^|\.)(?:json|simplejson|orjson|ujson|JSON|rapidjson|msgspec\.json)\.(?:loads|parse|decode)$/.test(path) ||
    PARSES_TEXT.test(path)
  ) {
    if (first !== undefined && has(first, 'message')) interpreter.record.parsesMessage(at)
    return parsedOf(first ?? UNKNOWN)
  }
  if (path === 'URLSearchParams' && isNew && first !== undefined && has(first, 'raw-body')) return parsedOf(first)
  if (
    /(?:^|\.)(?:json|simplejson|orjson|ujson|JSON|rapidjson)\.(?:dumps|stringify|encode)$/.test(path) ||
    /^(?:stringify|jsonDumps|json_dumps|stableStringify|canonicalize|canonical_json|fastJsonStringify)$/.test(method)
  ) {
    const given = first ?? UNKNOWN
    const whole = originsOf(given, 'parsed-body').some((origin) => origin.path === '')
    if (whole && !holdsMessage(given)) return { origins: [{ kind: 'reserialised' }] }
    return has(given, 'parsed-body') ? { origins: given.origins } : derived(given)
  }
  if (KEEPS_ORIGINS.test(path)) {
    if (READS_RAW_BODY.test(path) && first?.role !== undefined) {
      const limit = args[1]?.object === undefined ? undefined : state.get(args[1].object, 'limit')
      if (path.startsWith('micro.') || limit !== undefined) state.guard('size-limited')
      else if (/^(?:raw-body|getRawBody)/.test(path) && OWN_SERVER.test(interpreter.surface.framework))
        interpreter.record.unbounded(at)
      interpreter.record.reads(at)
      return { origins: [{ kind: 'raw-body' }], symbol: 'raw-body' }
    }
    if (path === 'Buffer.concat' && first !== undefined)
      return { ...derived(first, interpreter.elementOf(first, state)) }
    // `String(message.text)`: whatever came, a text goes on.
    if (interpreter.phase === 'message' && first !== undefined && CASTS.test(path))
      for (const origin of originsOf(first, 'message'))
        if (origin.name !== '*') state.guard(`listed:${originKey(origin)}`)
    const given = derived(...args, ...named.values())
    // What a job left behind is its result, or the exception that ended it; the text of a result is seldom asked for.
    const failure: readonly Origin[] =
      path === 'str' && /^AsyncResult\(\)\.(?:info|result)$/.test(first?.ref ?? '') ? [{ kind: 'exception' }] : []
    return {
      ...given,
      origins: [...given.origins, ...failure],
      ...(first?.symbol === undefined || (args.length > 1 && path !== 'Buffer.from' && path !== 'parseInt')
        ? {}
        : { symbol: first.symbol }),
      ...(first?.absolute === true ? { absolute: true } : {}),
      ...(/^(?:str|bytes|String|Buffer\.from|force_bytes)$/.test(path) ? { ref: 'text()' } : {}),
      ...(first?.object !== undefined && /construct|deepcopy|clone|dict|assign/i.test(path)
        ? { object: first.object }
        : {}),
    }
  }
  if (/^(?:micro\.json|json|raw-body\.json)$/.test(path) && first?.role === 'request') {
    interpreter.record.reads(at)
    return { origins: [{ kind: 'parsed-body', path: '' }], symbol: 'parsed-body' }
  }
  if (object === undefined) return undefined
  if (method === 'read' && object.role === 'request') return { origins: [{ kind: 'raw-body' }], symbol: 'raw-body' }
  const takes = TAKES_PART.test(method) && args.length === 0
  if (
    (takes || TEXT_METHODS.test(method)) &&
    object.role === undefined &&
    object.instance === undefined &&
    isData(object, named)
  ) {
    if (/^(?:join|format|concat)$/.test(method))
      return derived(
        object,
        ...args,
        ...named.values(),
        ...args.map((arg) => (arg.items === undefined ? UNKNOWN : interpreter.elementOf(arg, state))),
        ...args.flatMap((arg) => (arg.object === undefined ? [] : (state.get(arg.object, '*') ?? []))),
      )
    const kept = derived(object)
    return {
      ...kept,
      ...(object.symbol === undefined || takes || /^(?:split|partition)$/.test(method)
        ? {}
        : { symbol: object.symbol }),
      ...(object.literal !== undefined && typeof object.literal.value === 'string' && args.length === 0
        ? { literal: object.literal }
        : {}),
      ref: object.ref === 'defaulted' ? 'defaulted' : 'text()',
      ...(object.absolute === true ? { absolute: true } : {}),
    }
  }
  if (
    /^(?:startswith|startsWith|endswith|endsWith|includes|match|test|fullmatch|search|isdigit|isDigit)$/.test(method)
  ) {
    if (originsOf(object, 'header').some((origin) => origin.name === 'origin'))
      state.guard(
        /^(?:includes|endsWith|endswith|startsWith|startswith)$/.test(method) &&
          args.length === 1 &&
          has(object, 'header')
          ? 'origin-compared-weakly'
          : 'origin-checked',
      )
    if (object.origins.length > 0 && originsOf(object, 'parsed-body').length > 0) state.guard('value-compared')
  }
  return undefined
}

const CASTS = /^(?:str|int|float|String|Number|parseInt|parseFloat)$/

/** Texts, bytes, numbers and times: not a client or service whose method only sounds alike. */
function isData(object: Value, named: ReadonlyMap<string, Value>): boolean {
  if (object.literal !== undefined || object.items !== undefined) return true
  if (object.ref === undefined) return true
  return object.origins.length > 0 && [...named.values()].every((value) => value.origins.length === 0)
}

function parsedOf(value: Value): Value {
  if (has(value, 'raw-body')) return { origins: [{ kind: 'parsed-body', path: '' }], symbol: 'parsed-body' }
  return { origins: value.origins, ...(value.symbol === undefined ? {} : { symbol: value.symbol }) }
}
