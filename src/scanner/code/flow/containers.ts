/** Methods of lists, maps and promises that call back, and containers that outlive the request. */

import { AWAITS_ELSEWHERE, CALLS_BACK_PER_ELEMENT, CONTAINER_FUNCTIONS, RUNS_LATER } from '../knowledge/known-calls.ts'
import { belongs } from './authorisation.ts'
import type { Called } from './called.ts'
import { membership } from './comparisons.ts'
import type { Place } from './facts.ts'
import type { Frame, Machine, Outcome } from './machine.ts'
import { deep, identityOf } from './noting.ts'
import type { State } from './state.ts'
import { derived, has, join, textOf, UNKNOWN, unionOrigins, type Value } from './value.ts'

/** Methods of lists, maps and promises that call back, and containers that outlive the request. */
export function containerCall(
  interpreter: Machine,
  called: Called,
  state: State,
  frame: Frame,
  method: string,
): Outcome[] | undefined {
  const { args, object, at } = called
  const [first, second] = args
  const one = (value: Value): Outcome[] => [{ state, value }]
  const among = belongs(interpreter, called, state)
  if (among !== undefined) return among
  const asked = method === 'get' && isAllHeaders(object) ? textOf(first)?.toLowerCase() : undefined
  if (asked !== undefined) {
    interpreter.record.header(asked)
    const symbol = `header:${asked}`
    const found: Value = { origins: [{ kind: 'header', name: asked }], symbol }
    return one(textOf(second) === undefined ? found : { ...found, ref: 'defaulted' })
  }
  if (/^(?:Map|Set|set|frozenset|WeakSet)$/.test(called.path) && first?.items !== undefined)
    return one({ origins: first.origins, ref: `${called.path}()`, items: first.items })
  if (object?.items !== undefined && object.items.length > 0 && object.ref !== undefined && first !== undefined) {
    if (/^(?:has|includes)$/.test(method)) return membership(interpreter, first, object, true, state, at)
    if (method === 'get') return one(object.items.map((pair) => pair.items?.[1] ?? UNKNOWN).reduce(join))
  }
  if (object?.items !== undefined && object.items.length > 0 && method === 'includes' && first !== undefined)
    return membership(interpreter, first, object, true, state, at)
  // Whether there is a row is what the question was about.
  if (object?.check !== undefined && has(object, 'stored') && TAKES_ROW.test(method)) return one(object)
  const names = object?.object === undefined || method !== 'get' ? [] : state.namesOf(object.object)
  // A table with its entries in the code: whatever the key, the answer is one of them.
  if (object?.object !== undefined && object.role === undefined && names.length > 0) {
    const entries = names.map((name) => state.get(object.object ?? 0, name) ?? UNKNOWN)
    return one([...entries, ...(second === undefined ? [] : [second])].reduce(join))
  }
  if (object !== undefined && object.role === undefined && KEEPS.test(method))
    notesKeptSocket(interpreter, state, [object, ...args], args, called.written, at)
  if (object?.shared === true && object.role === undefined) {
    const byEvent = first !== undefined && identityOf(first, interpreter.surface)
    if (/^(?:has|get|includes|__contains__|find|some|indexOf)$/.test(method)) {
      if (
        byEvent &&
        /^(?:has|includes|get)$/.test(method) &&
        first !== undefined &&
        interpreter.surface.kind === 'route'
      ) {
        const claim = interpreter.record.claim(state, { kind: 'memory', at, key: first.origins, name: called.written })
        return one({ origins: [...first.origins, { kind: 'stored' }], claim, shared: true })
      }
      if (first !== undefined && method === 'get')
        interpreter.record.lookup(state, {
          name: called.written,
          at,
          key: first,
          scope: [...args, object],
          memory: true,
        })
      return one({
        origins: [
          ...object.origins.filter(({ kind }) => kind === 'identity'),
          ...(first?.origins ?? []),
          { kind: 'stored' },
        ],
        shared: true,
      })
    }
    if (keepsStream(method, args, state))
      interpreter.record.use(state, {
        kind: 'response',
        name: 'subscribe',
        at,
        origins: unionOrigins(args.map((arg) => deep(arg, state))),
        guarded: args.some((arg) => has({ origins: deep(arg, state) }, 'identity')),
        detail: 'subscribe',
      })
    if (/^(?:set|add|append|push|update|setdefault|insert|put|delete|remove|discard|pop|clear|unshift)$/.test(method)) {
      // A record with several fields is kept, not marked as seen.
      const isRecord = first?.object !== undefined && state.namesOf(first.object).length > 1
      if (byEvent && first !== undefined && !isRecord && /^(?:set|add|append|push|setdefault)$/.test(method))
        interpreter.record.claim(state, { kind: 'memory', at, key: first.origins, name: called.written })
      else
        interpreter.record.effect(state, {
          kind: 'write',
          name: called.written,
          at,
          uses: unionOrigins(args.map((arg) => deep(arg, state))),
          opaque: undefined,
          repeatable: method !== 'append' && method !== 'push',
        })
      return one({ origins: [], ref: 'void' })
    }
  }
  if (
    object?.object !== undefined &&
    (method === 'push' || method === 'append' || method === 'add') &&
    object.items !== undefined &&
    first !== undefined
  ) {
    state.set(object.object, '*', join(state.get(object.object, '*') ?? first, first))
    return one(UNKNOWN)
  }
  if (object?.object !== undefined && method === 'get' && object.role === undefined && object.instance === undefined) {
    const key = textOf(first)
    const field = key === undefined ? undefined : state.get(object.object, key)
    if (field !== undefined) return one(field)
  }
  if (object?.object !== undefined && /^(?:items|entries|values)$/.test(method) && object.instance === undefined) {
    const values = state.namesOf(object.object).flatMap((name) => state.get(object.object ?? 0, name) ?? [])
    if (values.length > 0) return one({ origins: derived(...values).origins })
  }
  // `keys.filter(Boolean)`, `keys.filter((key) => key.length >= 32)`: an empty one is not among those that are left.
  if (method === 'filter' && object !== undefined && object.role === undefined && has(object, 'secret'))
    return one(withoutEmpty(object))
  const over = object !== undefined && CALLS_BACK_PER_ELEMENT.test(method) ? object : undefined
  if (over !== undefined && first?.closures !== undefined && over.role === undefined) {
    const element = /^(?:then|finally)$/.test(method) ? over : interpreter.elementOf(over, state)
    const given = method === 'reduce' ? [second ?? UNKNOWN, element] : [element]
    const outcomes = interpreter.apply(first, given, state, frame, at, called.path)
    if (/^(?:some|every|find|findIndex|any|all|detect|contains)$/.test(method)) return outcomes
    if (method === 'then' || (method === 'reduce' && outcomes.some(({ value }) => value.check !== undefined)))
      return outcomes
    return outcomes.map((outcome) => ({
      state: outcome.state,
      value:
        method === 'map' || method === 'flatMap'
          ? { ...derived(outcome.value), items: [outcome.value] }
          : derived(over, outcome.value),
    }))
  }
  if (/^(?:any|all|next)$/.test(called.path) && first !== undefined) {
    const [item] = first.items ?? []
    return one(item ?? first)
  }
  if (CONTAINER_FUNCTIONS.test(called.path) && args.length > 0) {
    if (first?.closures !== undefined && second !== undefined) {
      const outcomes = interpreter.apply(first, [interpreter.elementOf(second, state)], state, frame, at, called.path)
      return outcomes.map((outcome) => ({
        state: outcome.state,
        value: { ...derived(outcome.value), items: [outcome.value] },
      }))
    }
    const known = args.find((arg) => arg.items !== undefined)
    if (/enumerate/.test(called.path))
      return one({
        ...derived(...args),
        items: [{ origins: [], items: [UNKNOWN, interpreter.elementOf(first ?? UNKNOWN, state)] }],
      })
    return one({
      ...derived(...args),
      ...(known?.items === undefined || /zip|Object/.test(called.path) ? {} : { items: known.items }),
    })
  }
  // A coroutine that was made before: what it does has been seen where it was called.
  if (AWAITS_ELSEWHERE.test(called.path) && first !== undefined && first.closures === undefined) return one(first)
  if (RUNS_LATER.test(called.path) || /^(?:waitUntil|run_in_executor|add_task|on_commit|nextTick)$/.test(method)) {
    const target = args.find((arg) => arg.closures !== undefined) ?? called.named.get('target')
    if (target?.closures !== undefined) {
      const rest = args.filter((arg) => arg !== target)
      const before = state.guards
      const outcomes = interpreter.dispatch(
        {
          ...called,
          callee: target,
          object: undefined,
          property: undefined,
          path: target.ref ?? called.path,
          args: rest.length === 0 ? (called.named.get('args')?.items ?? []) : rest,
          named: new Map([...called.named].filter(([name]) => !/^(?:target|args|kwargs|daemon|name)$/.test(name))),
        },
        state,
        frame,
      )
      // What a timer ends is open until then.
      if (/^set(?:Timeout|Interval)$/.test(called.path)) for (const outcome of outcomes) outcome.state.guards = before
      return outcomes
    }
  }
  if (method === 'catch' && first?.closures !== undefined && object !== undefined) return one(object)
  return undefined
}

/** `rooms[room].append(socket)`, `clients[client_id] = socket`, where the address names the room or the client. */
export function notesKeptSocket(
  { surface, record }: Machine,
  state: State,
  keys: readonly Value[],
  kept: readonly Value[],
  name: string,
  at: Place,
): void {
  const key = derived(...keys)
  if (surface.kind !== 'socket' || !kept.some(({ role }) => role === 'socket')) return
  if (!has(key, 'path', 'query') || has(key, 'identity', 'message')) return
  record.effect(state, {
    kind: 'write',
    name: `${name} (the connection)`,
    at,
    uses: key.origins.filter(({ kind }) => kind === 'path' || kind === 'query'),
    opaque: undefined,
    repeatable: true,
    keepsSocket: true,
  })
}
const KEEPS = /^(?:set|add|append|push|setdefault|insert)$/

/** `clients.set(userId, res)`, `clients.push({ userId, res })`: the answer is kept open under what the request named. */
function keepsStream(method: string, args: readonly Value[], state: State): boolean {
  const isAnswer = (value: Value | undefined): boolean => value?.role === 'response'
  const fieldsOf = ({ object }: Value): readonly (Value | undefined)[] =>
    object === undefined ? [] : state.namesOf(object).map((name) => state.get(object, name))
  return (
    /^(?:set|push|add)$/.test(method) &&
    args.some((arg) => isAnswer(arg) || (arg.role === undefined && fieldsOf(arg).some(isAnswer))) &&
    args.some((arg) => has({ origins: deep(arg, state) }, 'path', 'query', 'header'))
  )
}

/** The headers under other names: `{k.lower(): v for k, v in event["headers"].items()}`. */
function isAllHeaders(object: Value | undefined): boolean {
  return (
    object !== undefined &&
    object.role === undefined &&
    object.origins.length === 1 &&
    object.origins[0]?.kind === 'header' &&
    object.origins[0].name === '*'
  )
}

const TAKES_ROW =
  /^(?:fetchone|fetchall|fetchval|first|one_or_none|scalar|scalar_one_or_none|scalars|mappings|maybeSingle|single|exec|lean)$/

/** A list of keys of which those that say nothing were left out. */
export function withoutEmpty({ origins, items }: Value): Value {
  return {
    origins: origins.map((origin) => {
      if (origin.kind !== 'secret' || origin.secret.fallback !== '') return origin
      const { fallback: _, ...secret } = origin.secret
      return { ...origin, secret: { ...secret, required: true } }
    }),
    ...(items === undefined ? {} : { items: items.map(withoutEmpty) }),
  }
}
