/** What is answered, handed on to the next handler, or logged. */

import { endsRequest, leavesPastHandlers } from '../knowledge/endings.ts'
import { isTyped } from '../knowledge/framework-objects.ts'
import type { Called } from './called.ts'
import type { Machine, Outcome } from './machine.ts'
import { deep, isGuardedUrl, isNothing, leadsTo } from './noting.ts'
import { onNext, respond } from './respond.ts'
import type { State } from './state.ts'
import { derived, numberOf, textOf, UNKNOWN, unionOrigins, type Value } from './value.ts'

/** It answers and does not come back; some frameworks leave past every `rescue`. */
export function ended(interpreter: Machine, { args, named, at, path }: Called, state: State): Outcome[] {
  respond(interpreter, state, derived(...args, ...named.values()), at, path)
  if (!leavesPastHandlers(interpreter.surface.framework)) interpreter.throwIn(state, undefined, true)
  return []
}

export function nextCalled(interpreter: Machine, called: Called, state: State): Outcome[] {
  interpreter.record.use(state, { kind: 'response', name: 'next', at: called.at, origins: [], guarded: true })
  const wrong = called.args[0]
  const takesRequest = isTyped(interpreter.surface.module.language) || interpreter.surface.module.language === 'python'
  const refuses =
    !takesRequest && wrong !== undefined && wrong.role === undefined && !isNothing(wrong) && textOf(wrong) !== 'route'
  onNext.get(interpreter)?.(state, refuses)
  return [{ state, value: UNKNOWN }]
}

export function responded(interpreter: Machine, called: Called, state: State): Outcome[] {
  const { args, named, at, path } = called
  const all = [...args, ...named.values()]
  const given: Value = { origins: unionOrigins([derived(...all).origins, ...all.map((arg) => deep(arg, state))]) }
  const method = path.split('.').at(-1) ?? ''
  if (endsRequest(interpreter.surface.framework, method) && method !== 'redirect')
    return ended(interpreter, called, state)
  if (/^redirect(?:_to|_back\w*)?$/.test(method)) {
    const target = args.find((arg) => numberOf(arg) === undefined && arg.origins.length > 0) ?? UNKNOWN
    interpreter.record.use(state, {
      kind: 'redirect',
      name: path,
      at,
      origins: leadsTo(target),
      guarded: isGuardedUrl(state),
    })
  }
  if (method === 'redirect' && endsRequest(interpreter.surface.framework, method))
    return ended(interpreter, called, state)
  if (
    /^(?:write|send|json|end|render|text|html|body|writeHead|send_json|jsonp|ack|respond_with|send_data|erb|setContent|setData|response|stream|view|make)$/.test(
      method,
    )
  )
    respond(interpreter, state, given, at, path)
  if (
    /^(?:send|json|end|text|html|redirect(?:_to|_back\w*)?|render|jsonp|head|respond_with|send_data|send_file)$/.test(
      method,
    )
  )
    state.guard('#ended')
  if (/^(?:assert|abortUnless|abortIf)$/.test(method) && args[0] !== undefined) {
    const split = interpreter.split(state, args[0], at)
    const { yes, no } = method === 'abortIf' ? { yes: split.no, no: split.yes } : split
    for (const one of no) interpreter.throwIn(one, undefined, true)
    return yes.map((one) => ({ state: one, value: UNKNOWN }))
  }
  if (args.some((arg) => isEventStream(arg, state))) state.guard('event-stream')
  if (/^(?:throw|abort)$/.test(method)) {
    interpreter.record.thrown(given, at, state)
    interpreter.throwIn(state, undefined, true)
    return []
  }
  return [{ state, value: { origins: given.origins, role: 'response', ref: 'response' } }]
}

export function isEventStream(value: Value, state: State): boolean {
  if (textOf(value)?.includes('text/event-stream') === true) return true
  return (
    value.object !== undefined &&
    state.namesOf(value.object).some((name) => {
      const field = state.get(value.object ?? 0, name)
      if (field === undefined) return false
      if (textOf(field)?.includes('text/event-stream') === true) return true
      return /^headers$/i.test(name) && isEventStream(field, state)
    })
  )
}

/** What a reader of the log sees: of an object its fields, and neither lengths nor whether something was there. */
function shownIn(value: Value, state: State, hops = 0): readonly Value[] {
  if (value.length === true || value.isFlag === true) return []
  const { object } = value
  const names = object === undefined || value.role !== undefined || hops > 2 ? [] : state.namesOf(object)
  if (names.length === 0) return [value]
  return names.flatMap((name) => shownIn(state.get(object ?? 0, name) ?? UNKNOWN, state, hops + 1))
}

export function logged(interpreter: Machine, { args, named, at, path }: Called, state: State): void {
  const given = derived(...[...args, ...named.values()].flatMap((arg) => shownIn(arg, state)))
  const sensitive = given.origins.filter(
    (origin) =>
      origin.kind === 'secret' ||
      // What was made without a key can be made by everybody.
      (origin.kind === 'digest' &&
        (origin.digest.keyed || origin.digest.input.some(({ kind }) => kind === 'secret'))) ||
      (origin.kind === 'header' &&
        origin.inside !== true &&
        /signature|authorization|token|secret|^\*$|api-key|hmac/.test(origin.name)),
  )
  if (sensitive.length > 0)
    interpreter.record.use(state, { kind: 'log', name: path, at, origins: sensitive, guarded: false })
}
