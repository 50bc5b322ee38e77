/** What the platform's own calls mean: promises made by hand, streams read by events, addresses, and Nest's metadata. */

import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import { keyOf } from './digests.ts'
import type { Frame, Machine, Outcome } from './machine.ts'
import { IDENTITY } from './requests.ts'
import { onNext } from './respond.ts'
import type { State } from './state.ts'
import { derived, has, join, literal, originKey, originsOf, textOf, truthOf, UNKNOWN, type Value } from './value.ts'

export function runtimeCall(interpreter: Machine, called: Called, state: State, frame: Frame): Outcome[] | undefined {
  const { callee, path, args } = called
  switch (callee.role) {
    case 'settle':
      if (callee.ref === 'reject') {
        // Where the promise is awaited, this is thrown.
        interpreter.throwIn(state, args[0], true)
        return []
      }
      settle(callee, args[0] ?? literal(undefined), state)
      return [{ state, value: literal(undefined) }]
    case 'decide':
      return decided(interpreter, called, state)
    default:
  }
  const calledBack = verifiedWithCallback(interpreter, called, state, frame)
  if (calledBack !== undefined) return calledBack
  if (path === 'Promise' && called.isNew && args[0]?.closures !== undefined)
    return promise(interpreter, called, state, frame)
  if (/[rR]eflector(?:\(\))?\.(?:get|getAllAndOverride|getAllAndMerge)$/.test(path))
    return [{ state, value: metadata(interpreter, args[0]) }]
  if (path === 'next/headers.headers') return [{ state, value: { origins: [], role: 'headers', ref: 'headers' } }]
  if (path === 'next/headers.cookies') return [{ state, value: { origins: [], role: 'cookies', ref: 'cookies' } }]
  if (path === 'URL' && called.isNew) return address(args, state)
  if (/^(?:Deno|Bun|process|globalThis)\./.test(path) && /\.env\.get$/.test(path)) return undefined
  return undefined
}

// ── promises ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** `new Promise((resolve, reject) => …)` is worth what `resolve` is given, whenever that happens. */
function promise(interpreter: Machine, called: Called, state: State, frame: Frame): Outcome[] {
  const id = interpreter.freshId()
  state.create(id, undefined)
  const [executor] = called.args
  if (executor === undefined) return [{ state, value: UNKNOWN }]
  const resolve: Value = { origins: [], role: 'settle', object: id, ref: 'resolve' }
  const outcomes = interpreter.apply(
    executor,
    [resolve, { origins: [], role: 'settle', ref: 'reject' }],
    state,
    frame,
    called.at,
    'Promise',
  )
  return outcomes.map(({ state: after }) => ({ state: after, value: after.get(id, 'resolved') ?? UNKNOWN }))
}

function settle(resolve: Value, value: Value, state: State): void {
  if (resolve.object === undefined) return
  const known = state.get(resolve.object, 'resolved')
  state.set(resolve.object, 'resolved', known === undefined ? value : join(known, value))
}

// ── verifiers that call back ─────────────────────────────────────────────────────────────────────────────────────

/** `jwt.verify(token, key, (error, claims) => …)`: the callback runs both ways. */
function verifiedWithCallback(interpreter: Machine, called: Called, state: State, frame: Frame): Outcome[] | undefined {
  const { args, path, written, at, callee } = called
  const callback = args.at(-1)
  const [closure] = callback?.closures ?? []
  if (callback === undefined || closure === undefined || callee.closures !== undefined || args.length < 2)
    return undefined
  const [first] = closure.fn.params
  if (first?.pattern.kind !== 'name' || !/^_?(?:err|error|e|ex)$/i.test(first.pattern.name)) return undefined
  const last = written.split('.').at(-1) ?? ''
  if (!/^(?:verify|validate)\w*$/i.test(last)) return undefined
  const isToken = /jwt|jsonwebtoken|token|session/i.test(`${path} ${written}`)
  const given = derived(...args.slice(0, -1))
  const headers = originsOf(given, 'header').map(({ name }) => name)
  const check = interpreter.record.check({
    ...bareCheck(isToken ? 'identity' : 'verifier', path, at),
    headers,
    byCookie: headers.includes('cookie') || has(given, 'cookie'),
    over: isToken ? 'unknown' : 'fields',
    secrets: keyOf(args.length > 2 ? args[1] : undefined, at).flatMap((origin) =>
      origin.kind === 'secret' ? [origin.secret] : [],
    ),
    throws: true,
  })
  state.ask(check)
  const wrong = state.fork()
  wrong.fail(check)
  state.pass(check)
  const answer: Value = isToken ? IDENTITY : { origins: [{ kind: 'parsed-body', path: '' }], symbol: 'parsed-body' }
  return [
    ...interpreter.apply(callback, [{ origins: [{ kind: 'exception' }], certain: true }], wrong, frame, at, path),
    ...interpreter.apply(callback, [literal(null), answer], state, frame, at, path),
  ].map((outcome) => ({ state: outcome.state, value: UNKNOWN }))
}

// ── answers given by calling ─────────────────────────────────────────────────────────────────────────────────────

/** `done(null, ok)` with an error first, or `done(ok)`: the request goes on where it is true. */
function decided(interpreter: Machine, { args, at }: Called, state: State): Outcome[] {
  const [first, second] = args
  const answer = first?.literal !== undefined && first.literal.value == null ? second : first
  if (answer === undefined) return [{ state, value: UNKNOWN }]
  if (truthOf(answer) === false) return [{ state, value: UNKNOWN }]
  const { yes, no } = interpreter.split(state.fork(), answer, at)
  for (const one of yes) onNext.get(interpreter)?.(one, false)
  return [...yes, ...no].map((one) => ({ state: one, value: UNKNOWN }))
}

// ── Nest ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What decorators attached to this very handler. */
function metadata({ surface }: Machine, key: Value | undefined): Value {
  const attached = surface.metadata ?? {}
  const name = textOf(key)
  const value = name === undefined ? undefined : attached[name]
  return literal(value ?? attached['*'])
}

// ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────

/** An address of the request keeps its parts: its query is the request's query. */
function address(args: readonly Value[], state: State): Outcome[] | undefined {
  const [first] = args
  if (first === undefined || !first.origins.some((origin) => originKey(origin) === 'url')) return undefined
  const text = textOf(first)
  return [
    {
      state,
      value: {
        origins: first.origins,
        role: 'request',
        ref: 'request.url',
        ...(text === undefined ? {} : { literal: { value: text } }),
      },
    },
  ]
}
