/**
 * The objects of frameworks whose languages have types: members and calls as `knowledge/framework-objects.ts` says.
 */
import { type Holds, heldBy, isTyped } from '../knowledge/framework-objects.ts'
import { failuresAreValues } from '../knowledge/libraries.ts'
import type { Language } from '../parse/ir.ts'
import { nextCalled } from './answers.ts'
import type { Called } from './called.ts'
import type { Place } from './facts.ts'
import { fill, isBounded } from './fill.ts'
import type { Machine, Outcome } from './machine.ts'
import { header } from './request-parts.ts'
import { IDENTITY, PARSED, RAW } from './requests.ts'
import { respond } from './respond.ts'
import type { State } from './state.ts'
import { derived, numberOf, textOf, unionOrigins, type Value } from './value.ts'

/** A member of a framework's object before it is called; `undefined` when it is none. */
export function typedMember(
  machine: Machine,
  language: Language,
  object: Value,
  member: string,
  at: Place,
): Value | undefined {
  if (!isTyped(language)) return undefined
  const holds = heldBy(language, machine.surface.framework, object.role, member)
  if (holds === undefined) {
    if (object.role === 'next') return { ...object, ref: `next.${member}` }
    if (object.role === 'response' || object.role === 'socket') return { ...object, ref: `${object.role}.${member}` }
    // What hangs on a context by another name is no part of the request.
    if (object.role === 'context') return { origins: [], ref: `context.${member}` }
    return undefined
  }
  return holding(machine, holds, object, member, at)
}

function holding(machine: Machine, holds: Holds, object: Value, member: string, at: Place): Value | undefined {
  const ref = `${object.role ?? ''}.${member}`
  if (typeof holds === 'object') return { ...header(machine, holds.header), ref: 'defaulted' }
  switch (holds) {
    case 'raw':
      machine.record.reads(at)
      return { ...RAW, ref: 'text()', gives: holds }
    case 'stream':
      return { ...RAW, ref: 'stream()' }
    case 'parsed':
      machine.record.reads(at)
      return { ...PARSED, ref }
    case 'form':
      machine.record.reads(at)
      return { ...PARSED, ref, gives: holds }
    case 'headers':
      return { origins: [], role: 'headers', ref: 'headers' }
    case 'header':
      return { origins: [], role: 'headers', ref: 'headers.get', gives: holds }
    case 'query':
      return { origins: [], role: 'query', ref: 'query.get' }
    case 'path':
      return { origins: [], role: 'path', ref: 'path.get' }
    case 'cookie':
      return { origins: [], role: 'cookies', ref: 'cookies.get' }
    case 'request':
    case 'response':
      return {
        origins: [],
        role: holds,
        ref: holds,
        ...(holds === 'request' && object.object !== undefined ? { object: object.object } : {}),
        gives: holds,
      }
    case 'url':
      return { origins: [{ kind: 'url' }], role: 'url', ref, ...(PATHS.test(member) ? fixedPath(machine) : {}) }
    case 'method': {
      const { methods } = machine.surface
      const method = methods.length === 0 || methods.includes('POST') ? 'POST' : methods[0]
      return { origins: [{ kind: 'method' }], ...(method === undefined ? {} : { literal: { value: method } }) }
    }
    case 'address':
      return { origins: [{ kind: 'header', name: ':address' }], ref, symbol: 'address' }
    case 'identity':
      return { ...IDENTITY, ref, role: 'session' }
    case 'next':
      return { origins: [], role: 'next', ref: 'next' }
    default:
      return { origins: [], role: object.role ?? 'request', ref, gives: holds, ...same(object) }
  }
}

const PATHS = /^(?:Path|RequestURI|FullPath|getRequestURI|getServletPath|getPathInfo)$/

/** On this route the path is known, so that code which asks for it goes one way. */
function fixedPath({ surface: { path } }: Machine): { literal?: { value: string } } {
  return path === undefined || /[{:*<]/.test(path) ? {} : { literal: { value: path } }
}

function same({ object }: Value): { object?: number } {
  return object === undefined ? {} : { object }
}

/** A call of such a member. */
export function typedCall(machine: Machine, language: Language, called: Called, state: State): Outcome[] | undefined {
  if (!isTyped(language)) return undefined
  const { callee, args, at, object, path } = called
  const one = (value: Value): Outcome[] => [{ state, value }]
  const name = textOf(args[0])
  if (callee.role === 'next') return nextCalled(machine, called, state)
  switch (callee.gives) {
    case 'bind':
      machine.record.reads(at)
      if (!isBounded(machine) && machine.surface.mountSeen && !isReplaced(object, state)) machine.record.unbounded(at)
      for (const arg of args) fill(state, arg, PARSED)
      return one({ origins: [{ kind: 'exception' }], fills: PARSED })
    case 'raw':
      return one(RAW)
    case 'form':
      if (name === undefined) return one(PARSED)
      machine.record.field(name)
      return one({ origins: [{ kind: 'parsed-body', path: name }], symbol: `body:${name}` })
    case 'header':
      if (name === undefined) return one({ origins: [{ kind: 'header', name: '' }], ref: 'headers' })
      return one({
        ...header(machine, name),
        // Go answers with an empty text where Java answers with null.
        ...(failuresAreValues(language) ? { ref: 'defaulted' } : {}),
      })
    case 'set': {
      const [, value] = args
      if (object?.object !== undefined && name !== undefined && value !== undefined)
        state.set(object.object, `#${name}`, value)
      return one({ origins: [], ref: 'void' })
    }
    case 'get': {
      const kept = object?.object === undefined ? undefined : state.get(object.object, `#${name ?? ''}`)
      if (kept !== undefined) return one(kept)
      const [, second] = args
      if (second !== undefined && object?.object !== undefined && name !== undefined)
        state.set(object.object, `#${name}`, second)
      if (callee.ref === 'request.Context' || /UserContext$/.test(callee.ref ?? ''))
        return one({ origins: [], ref: 'request.Context()' })
      return one({ ...IDENTITY, symbol: `session:${name ?? ''}` })
    }
    case 'request':
    case 'response':
      return one({ ...callee, ref: callee.role ?? '' })
    case 'ends':
      // Gin keeps this error for its log.
      if (!/AbortWithError$/.test(path)) answer(machine, args, state, at, path)
      state.guard('#ended')
      return one({ origins: [], ref: 'void' })
    case 'answer':
      answer(machine, args, state, at, path)
      return one({ origins: derived(...args).origins, role: 'response', ref: 'response' })
    case 'redirect': {
      const target = args.find((arg) => arg.origins.length > 0 && numberOf(arg) === undefined)
      machine.record.use(state, {
        kind: 'redirect',
        name: path,
        at,
        origins: target?.origins ?? [],
        guarded: state.guards.includes('url-validated'),
      })
      return one({ origins: [], role: 'response', ref: 'response' })
    }
    case 'message':
      machine.phase = 'message'
      return one({ origins: [{ kind: 'message', name: '' }], symbol: 'message' })
    case 'message-into': {
      machine.record.parsesMessage(at)
      machine.phase = 'message'
      const message: Value = { origins: [{ kind: 'message', name: '' }], symbol: 'message' }
      for (const arg of args) {
        if ((arg.instance?.cls.fields.length ?? 0) > 0) state.guard('schema-validated')
        fill(state, arg, message)
      }
      return one({ origins: [{ kind: 'exception' }], fills: message })
    }
    case 'reply':
    case 'nothing':
      return one({ origins: [], ref: 'void' })
    default:
      break
  }
  if (callee.ref === 'stream()' || callee.role === 'url') return one(callee)
  if (object?.role === 'response' && callee.role === 'response') {
    answer(machine, args, state, at, path)
    return one({ origins: [], role: 'response', ref: 'response' })
  }
  return undefined
}

/** The body was replaced by a bounded reader, or by what was already read of it. */
function isReplaced(object: Value | undefined, state: State): boolean {
  return object?.object !== undefined && state.get(object.object, 'Body')?.bounded === true
}

/** Text of an error is internal where the answer says that the fault is ours. */
export function answer(machine: Machine, args: readonly Value[], state: State, at: Place, name: string): void {
  const status = args.map(numberOf).find((number) => number !== undefined && number >= 100 && number < 600)
  const origins = unionOrigins(args.map((arg) => withFields(arg, state)))
  const ours = status !== undefined && status >= 500
  respond(machine, state, { origins: ours ? origins : origins.filter(({ kind }) => kind !== 'exception') }, at, name)
}

function withFields(value: Value, state: State): Value['origins'] {
  if (value.object === undefined) return value.origins
  return unionOrigins([
    value.origins,
    ...state.namesOf(value.object).map((name) => state.get(value.object ?? 0, name)?.origins ?? []),
  ])
}
