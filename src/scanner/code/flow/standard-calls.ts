/** What the calls of `knowledge/standard-calls.ts` do to values and paths. */
import { type KnownCall, type Slot, standardCall } from '../knowledge/standard-calls.ts'
import type { Expression } from '../parse/ir.ts'
import type { Called } from './called.ts'
import { compareTimes, withinWindow } from './comparisons.ts'
import type { Check, Origin, Place } from './facts.ts'
import type { Frame, Machine, Outcome } from './machine.ts'
import { leadsTo } from './noting.ts'
import { PARSED, RAW } from './request-parts.ts'
import type { State } from './state.ts'
import {
  derived,
  fromRequest,
  has,
  holdsMessage,
  join,
  originsOf,
  textOf,
  truthOf,
  UNKNOWN,
  type Value,
} from './value.ts'
import { addressIn } from './web-calls.ts'

/** What the interpretation of calls lends. */
export interface CallTools {
  readonly digest: (
    parts: { keyed: boolean; key: Value | undefined; input: readonly Value[]; algorithm: Value | undefined },
    at: Place,
    path: string,
    state: State,
  ) => Value
  readonly check: (
    left: Value,
    right: Value,
    constantTime: boolean,
    state: State,
    at: Place,
    name: string,
  ) => Check | undefined
  readonly unknownCheck: (name: string, at: Place, given: Value) => Check
  readonly keyCheck: (name: string, at: Place, given: readonly Value[]) => Check
  readonly environment: (name: string, fallback: Value | undefined, at: Place) => Value
  readonly respond: (state: State, value: Value, at: Place, name: string) => void
  readonly log: (state: State) => void
  readonly membership: (needle: Value, haystack: Value, state: State, at: Place) => Outcome[]
  /** Two values that prove nothing, compared by a function. */
  readonly equal: (left: Value, right: Value, positive: boolean, state: State, at: Place) => Outcome[] | undefined
  readonly isGuardedUrl: (state: State) => boolean
}

export function standardOutcome(
  interpreter: Machine,
  called: Called,
  method: string,
  state: State,
  frame: Frame,
  tools: CallTools,
): Outcome[] | undefined {
  const [text, part] = /^(?:stri?pos|stri?str|str_contains)$/.test(called.path) ? called.args : []
  // `strpos($answer, 'VERIFIED') !== false`
  const confirmed = text && part ? tools.equal(text, part, true, state, called.at) : undefined
  if (confirmed !== undefined) return confirmed
  const known = standardCall(frame.module.language, called.path, method, called.object !== undefined)
  return known === undefined ? undefined : outcomeOf(interpreter, called, known, state, frame, tools)
}

function outcomeOf(
  interpreter: Machine,
  called: Called,
  known: KnownCall,
  state: State,
  frame: Frame,
  tools: CallTools,
): Outcome[] | undefined {
  const { args, named, path, at, object } = called
  const one = (value: Value): Outcome[] => [{ state, value }]
  const slot = (which: Slot | undefined): Value | undefined =>
    which === 'self' ? object : which === undefined ? undefined : args[which]
  switch (known.does) {
    case 'digest': {
      const input = slot(known.input)
      const parts = {
        keyed: known.keyed,
        key: slot(known.key),
        input: input === undefined ? [] : [input],
        algorithm: slot(known.algorithm),
      }
      if (known.keyed && parts.key === undefined) return undefined
      return one(tools.digest(parts, at, path, state))
    }
    case 'pass': {
      const value = passed(known, called, slot)
      return value === undefined ? undefined : one(value)
    }
    case 'now':
      return args.every((arg) => !fromRequest(arg)) ? one({ origins: [{ kind: 'now' }] }) : one(derived(...args))
    case 'parse': {
      const given = slot(known.of) ?? UNKNOWN
      return one(has(given, 'raw-body') ? PARSED : { ...derived(given), ...symbolOf(given) })
    }
    case 'serialise': {
      const given = slot(known.of) ?? UNKNOWN
      if (originsOf(given, 'parsed-body').some((origin) => origin.path === '') && !holdsMessage(given))
        return one({ origins: [{ kind: 'reserialised' }] })
      return one(derived(given))
    }
    case 'raw': {
      const source = textOf(args[0])
      if (source !== undefined && known.when?.test(source) === true) {
        interpreter.record.reads(at)
        return one({ ...RAW, ref: 'text()' })
      }
      if (args[0] === undefined || !fromRequest(args[0])) return one(derived(...args))
      interpreter.record.use(state, {
        kind: 'fetch',
        name: path,
        at,
        origins: args[0].anchored === true ? [] : args[0].origins,
        guarded: tools.isGuardedUrl(state),
      })
      return one({ origins: [...args[0].origins, { kind: 'fetched' }] })
    }
    case 'headers':
      return one({ origins: [], role: 'headers', ref: 'headers' })
    case 'contains': {
      const needle = slot(known.needle)
      const haystack = slot(known.haystack)
      if (needle === undefined || haystack === undefined || haystack.role !== undefined) return undefined
      return tools.membership(needle, haystack, state, at)
    }
    case 'between':
      return object === undefined || object.role !== undefined
        ? undefined
        : withinWindow(interpreter, object, args, state, at)
    case 'earlier':
    case 'later': {
      const [other] = args
      if (object === undefined || other === undefined || !has(derived(object, other), 'now')) return undefined
      return compareTimes(interpreter, known.does === 'earlier' ? '<' : '>', object, other, state, at)
    }
    case 'length': {
      const given = slot(known.of)
      if (given === undefined || given.role !== undefined) return undefined
      return one({ origins: given.origins, length: true })
    }
    case 'member-of': {
      const name = textOf(args[1])
      if (args[0] === undefined || name === undefined) return undefined
      const value = name.split('.').reduce((inner, part) => interpreter.member(inner, part, state, frame, at), args[0])
      return one(args[2] === undefined ? value : interpreter.withDefault(value, args[2]))
    }
    case 'compare': {
      const [left, right] =
        args.length === 1 ? [object ?? UNKNOWN, args[0] ?? UNKNOWN] : [args[0] ?? UNKNOWN, args[1] ?? UNKNOWN]
      const check = tools.check(left, right, known.constantTime, state, at, path)
      if (check === undefined) {
        if (!known.constantTime) return tools.equal(left, right, known.positive, state, at)
        const unknown = tools.unknownCheck(path, at, derived(left, right))
        state.ask(unknown)
        return one({ origins: [], check: { check: unknown, positive: true } })
      }
      if (known.throwsOnLength === true && interpreter.tryDepth === 0 && !state.guards.includes('length-compared'))
        interpreter.record.raises(check, 'length')
      return one({ origins: [], check: { check, positive: known.positive } })
    }
    case 'verify-key': {
      const check = tools.keyCheck(path, at, [...args, ...named.values()])
      state.ask(check)
      return one({ origins: [], check: { check, positive: true } })
    }
    case 'member':
      return membersOf(interpreter, called, state, frame)
    case 'environment':
      return textOf(args[0]) === undefined ? undefined : one(tools.environment(textOf(args[0]) ?? '', args[1], at))
    case 'setting': {
      const name = [...args]
        .reverse()
        .map(textOf)
        .find((text) => text !== undefined)
      if (name === undefined) return undefined
      return one(tools.environment(name.split('.').at(-1) ?? name, path.endsWith('dig') ? undefined : args[1], at))
    }
    case 'deployment':
      return one({
        origins: [{ kind: 'env', name: 'the deployment stage' }],
        symbol: `deployment:${path}:${textOf(args[0]) ?? ''}`,
      })
    case 'fetch':
      return fetched(interpreter, called, known, state, tools)
    case 'redirect': {
      const target = slot(known.url)
      if (target === undefined) return one({ origins: [], role: 'response', ref: 'response' })
      interpreter.record.use(state, {
        kind: 'redirect',
        name: path,
        at,
        origins: leadsTo(target),
        guarded: tools.isGuardedUrl(state),
      })
      return one({ origins: target.origins, ref: 'response()' })
    }
    case 'answer':
      // `print_r($x, true)` gives the text instead.
      if (truthOf(args[1] ?? UNKNOWN) === true && /^(?:print_r|var_export)$/.test(path))
        return one(derived(args[0] ?? UNKNOWN))
      tools.respond(state, derived(...args), at, path)
      return one(UNKNOWN)
    case 'log':
      tools.log(state)
      return one(UNKNOWN)
    case 'job':
      return queued(interpreter, called, state, frame)
    case 'prepare': {
      const sql = sqlOf(args[0])
      if (sql === undefined) return undefined
      const id = interpreter.freshId()
      state.create(id, undefined)
      state.set(id, '#sql', { origins: derived(...args).origins, literal: { value: sql } })
      // What is fetched of it is a record.
      const rows: readonly Origin[] = /^\s*select\b/i.test(sql) ? [{ kind: 'stored' }] : []
      return one({ origins: [...derived(...args).origins, ...rows], object: id, ref: 'statement()' })
    }
    case 'bind':
      if (object?.object === undefined) return undefined
      state.set(object.object, '#bound', join(state.get(object.object, '#bound') ?? UNKNOWN, derived(...args)))
      return one(UNKNOWN)
    case 'nothing':
      return one(UNKNOWN)
    case 'signed-url':
      return undefined
  }
}

function symbolOf(value: Value): { symbol?: string } {
  return value.symbol === undefined ? {} : { symbol: value.symbol }
}

/** Keeps where a value came from, and which one it is when nothing was mixed in. */
function passed(
  known: Extract<KnownCall, { does: 'pass' }>,
  { args, named, object }: Called,
  slot: (which: Slot | undefined) => Value | undefined,
): Value | undefined {
  if (known.of === 'all') {
    const items = [...args, ...named.values()].flatMap((arg) => [arg, ...(arg.items ?? [])])
    return derived(...items)
  }
  const given = slot(known.of)
  if (given === undefined) return known.of === 'self' ? undefined : UNKNOWN
  if (given.role !== undefined) return known.of === 'self' ? undefined : given
  if (known.of === 'self' && (object?.instance !== undefined || object?.cls !== undefined)) return undefined
  // A service whose method only sounds alike is no text.
  if (known.of === 'self' && given.origins.length === 0 && given.literal === undefined && given.items === undefined)
    return undefined
  if (known.of === 'self' && args.some((arg) => arg.closures !== undefined)) return undefined
  const isCut = args.length > 1 || (known.of === 'self' && args.length > 0)
  return {
    origins: known.of === 'self' ? derived(given, ...args).origins : given.origins,
    ...symbolOf(given),
    ...(given.absolute === true || known.absolute === true ? { absolute: true } : {}),
    ...(given.literal !== undefined && !isCut ? { literal: given.literal } : {}),
    ...(given.items === undefined ? {} : { items: given.items }),
    ...(given.object === undefined ? {} : { object: given.object }),
    ...(given.check === undefined ? {} : { check: given.check }),
    ...(given.shared === true ? { shared: true } : {}),
    ...(known.text === true ? { ref: 'text()' } : given.ref === undefined ? {} : { ref: given.ref }),
  }
}

/** `hash.dig('a', 'b')`, `hash.fetch('a', fallback)`. */
function membersOf(interpreter: Machine, called: Called, state: State, frame: Frame): Outcome[] | undefined {
  const { args, object, property } = called
  if (object === undefined || object.role !== undefined || object.cls !== undefined || object.instance !== undefined)
    return undefined
  const [first] = args
  const names = (property === 'dig' ? args : args.slice(0, 1)).map(textOf)
  if (first === undefined || names.some((name) => name === undefined)) return undefined
  const value = names.reduce(
    (inner: Value, name) => interpreter.member(inner, name ?? '', state, frame, called.at),
    object,
  )
  const fallback = property === 'fetch' ? args[1] : undefined
  return [
    {
      state,
      value:
        fallback === undefined || fallback.closures !== undefined ? value : interpreter.withDefault(value, fallback),
    },
  ]
}

function fetched(
  interpreter: Machine,
  { args, named, path, at }: Called,
  known: Extract<KnownCall, { does: 'fetch' }>,
  state: State,
  tools: CallTools,
): Outcome[] {
  const all = [...args, ...named.values()]
  const target = addressIn(known.url === 'self' ? undefined : args[known.url], state) ?? named.get('url') ?? UNKNOWN
  interpreter.record.use(state, {
    kind: 'fetch',
    name: path,
    at,
    origins: target.literal === undefined && target.anchored !== true ? target.origins : [],
    guarded: tools.isGuardedUrl(state),
  })
  const uses = derived(...all).origins
  // Asking the provider whether a delivery was its own changes nothing.
  const asks = /verif|validat|oauth|introspect/i.test(textOf(target) ?? target.sketch ?? '')
  if (known.sends && !asks)
    interpreter.record.effect(state, { kind: 'send', name: path, at, uses, opaque: undefined, repeatable: false })
  return [
    {
      state,
      value: {
        origins: [{ kind: 'fetched' }, ...uses.filter(({ kind }) => kind === 'parsed-body' || kind === 'path')],
        ref: 'fetched()',
      },
    },
  ]
}

/** A job of the project is followed to what it does; of another only its queueing is known. */
function queued(interpreter: Machine, called: Called, state: State, frame: Frame): Outcome[] | undefined {
  const { args, object, property, at, path } = called
  const delayed = /^perform_(?:in|at)$/.test(property ?? '')
  const given = delayed ? args.slice(1) : args
  const [first] = args
  const made =
    object?.cls === undefined
      ? first?.instance === undefined
        ? undefined
        : [{ state, value: first }]
      : interpreter.apply(
          { origins: [], cls: object.cls },
          frame.module.language === 'ruby' ? [] : given,
          state,
          frame,
          at,
          path,
        )
  if (made === undefined) return undefined
  return made.flatMap((job) => {
    const run = ['perform', 'handle', '__invoke'].flatMap((name) => interpreter.methodOf(job.value, name) ?? [])[0]
    if (run === undefined) return []
    const passes = frame.module.language === 'ruby' ? given : []
    const ended = interpreter.contained(() => interpreter.apply(run, passes, job.state, frame, at, path))
    return ended.map((outcome) => ({ state: outcome.state, value: { origins: [], ref: 'job()' } }))
  })
}

const SQL = /^\s*(?:insert|update|delete|select|replace|merge|with)\b/i

export function sqlOf(value: Value | undefined): string | undefined {
  const text = textOf(value) ?? value?.sketch
  return text !== undefined && SQL.test(text) ? text : undefined
}

/** The SQL a call is given or was prepared with. */
export function sqlOfCall({ args, object, property }: Called, state: State): string | undefined {
  const prepared = (value: Value | undefined): string | undefined =>
    value?.object === undefined ? undefined : textOf(state.get(value.object, '#sql'))
  const given = args.map((arg) => sqlOf(arg) ?? prepared(arg)).find((sql) => sql !== undefined)
  if (given !== undefined) return given
  return /^(?:execute|executeQuery|executeStatement|exec)$/.test(property ?? '') ? prepared(object) : undefined
}

/** A model that has checks of its own on an address vets what is stored through it: `validate :public_https`. */
export function noteModelChecks(interpreter: Machine, called: Called, state: State, frame: Frame): void {
  if (frame.module.language !== 'ruby') return
  const [holder = ''] = called.path.replaceAll('()', '').split('.').slice(-2)
  const model = called.object?.cls?.cls ?? interpreter.classNamed(modelOf(holder), frame)
  if (model?.decorators.some(isOwnCheck) === true) state.guard('url-validated')
}

/** `webhook_endpoints` holds WebhookEndpoint. */
function modelOf(association: string): string {
  return association
    .replace(/ies$/, 'y')
    .replace(/(?:([sx]|ch|sh)es|s)$/, '$1')
    .replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function isOwnCheck(call: Expression): boolean {
  if (call.kind !== 'call' || call.callee.kind !== 'name') return false
  if (/^(?:validate|validates_with|validates_each)$/.test(call.callee.name)) return true
  const onAddress = call.args.some(
    ({ value }) => value.kind === 'literal' && /url|uri|endpoint|target/i.test(String(value.value)),
  )
  return (
    call.callee.name === 'validates' &&
    onAddress &&
    call.args.some(({ name }) => name !== undefined && /public|safe|ssrf|host|resolv|internal|private/i.test(name))
  )
}
