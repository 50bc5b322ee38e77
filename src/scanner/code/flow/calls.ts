/**
 * One call out of the project: asks each kind of meaning in turn (answers, digests, comparisons, verifiers, clocks and
 * texts, environment, containers, stores, the web) and leaves the rest to what `out-of-sight.ts` assumes.
 */

import { effectOfMethod } from '../knowledge/effects.ts'
import { endsRequest } from '../knowledge/endings.ts'
import { READS_ENVIRONMENT, READS_SETTING } from '../knowledge/known-calls.ts'
import { isAuthorizationName, isLogger, isVerifierName } from '../knowledge/names.ts'
import { REFETCHES } from '../knowledge/verifiers.ts'
import { ended, logged, nextCalled, responded } from './answers.ts'
import { setsToWork } from './authorisation.ts'
import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import { codingCall, timeCall } from './coding.ts'
import { addressTest, confirmation, membership } from './comparisons.ts'
import { containerCall } from './containers.ts'
import { constantTimeCall, digestCall, digestValue } from './digests.ts'
import { environmentValue } from './environment.ts'
import { eventHandlerCall } from './event-handlers.ts'
import type { Place } from './facts.ts'
import type { Frame, Machine, Outcome } from './machine.ts'
import { headersOf, isGuardedUrl, signedOver } from './noting.ts'
import { checkOf } from './proofs.ts'
import { respond } from './respond.ts'
import { roleCall } from './role-calls.ts'
import { runtimeCall } from './runtime.ts'
import { credentialCall, socketCall } from './sockets.ts'
import { type CallTools, standardOutcome } from './standard-calls.ts'
import type { State } from './state.ts'
import { identityCall, storeCall } from './stores.ts'
import { derived, fromRequest, has, literal, textOf, UNKNOWN, type Value } from './value.ts'
import { verifierCall } from './verifier-calls.ts'
import { webCall } from './web-calls.ts'

export function callOutside(interpreter: Machine, called: Called, state: State, frame: Frame): Outcome[] | undefined {
  const one = (value: Value): Outcome[] => [{ state, value }]
  const { args, named, path, at, object, property, callee } = called
  const last = path.replace(/\(\)/g, '').split('.').at(-1) ?? ''
  const method = uncapitalised(property ?? last, true)
  const [first, second] = args

  // `Request(scope, receive)` is the request seen again.
  if (/(?:^|\.)(?:Request|HTTPConnection)$/.test(path) && first?.role === 'request') return one(first)
  const ofRole = roleCall(interpreter, called, state)
  if (ofRole !== undefined) return ofRole
  if (callee.role === 'next' || object?.role === 'next') return nextCalled(interpreter, called, state)
  const ofRuntime =
    eventHandlerCall(interpreter, called, state) ??
    runtimeCall(interpreter, called, state, frame) ??
    socketCall(interpreter, called, state, frame)
  if (ofRuntime !== undefined) return ofRuntime
  if (object?.role === 'response' || callee.role === 'response') return responded(interpreter, called, state)
  const followed = callee.closures !== undefined || callee.cls !== undefined
  if (followed) {
    // A verifier of the project is followed; a guard known by name to authorise counts even when its inside does not show it.
    if (isAuthorizationName(called.written) && interpreter.phase === 'message') state.guard('authorized')
    return undefined
  }

  const standard = standardOutcome(interpreter, called, method, state, frame, toolsOf(interpreter, called))
  if (standard !== undefined) return standard
  if (object === undefined && endsRequest(interpreter.surface.framework, path)) return ended(interpreter, called, state)
  // `data.get('id')` reads a field as `data['id']` does.
  const key = method === 'get' || method === 'pop' || method === 'getlist' ? textOf(first) : undefined
  if (
    key !== undefined &&
    object !== undefined &&
    object.role === undefined &&
    object.shared !== true &&
    has(object, 'parsed-body', 'message', 'stored', 'fetched') &&
    (object.object === undefined || state.get(object.object, key) === undefined)
  )
    return one(interpreter.plainMember(object, key, frame, at))
  const digested = digestCall(interpreter, called, state, method)
  if (digested !== undefined) return digested
  const compared = constantTimeCall(interpreter, called, state, method)
  if (compared !== undefined) return compared
  const verified = verifierCall(interpreter, called, state)
  if (verified !== undefined) return verified
  if (
    /(?:^|\.)(?:EventSourceResponse|StreamingResponse|StreamingHttpResponse|ServerSentEventResponse)$/.test(path) &&
    first !== undefined
  )
    streamed(interpreter, first, state, at)
  const refetched = refetchCall(interpreter, called, state)
  if (refetched !== undefined) return refetched
  const timed = timeCall(called, method)
  if (timed !== undefined) return one(timed)
  const coded = codingCall(interpreter, called, method, state)
  if (coded !== undefined) return one(coded)
  const proved = credentialCall(interpreter, called, state)
  if (proved !== undefined) return proved

  // Environment and settings.
  if (READS_ENVIRONMENT.test(path) && textOf(first) !== undefined)
    return one(
      environmentValue(interpreter, textOf(first) ?? '', second ?? named.get('default') ?? named.get('fallback'), at),
    )
  if (READS_SETTING.test(path) && textOf(first) !== undefined)
    return one(environmentValue(interpreter, (textOf(first) ?? '').split('.').at(-1) ?? '', second, at))

  if (method === 'commit') state.guard('committed')
  if (called.bare === true && object !== undefined && isMemberOnly(called, method)) return one(callee)
  if (isLogger(path) || isLogger(called.written)) {
    logged(interpreter, called, state)
    return one(UNKNOWN)
  }
  if (/^(?:functools\.)?partial$/.test(path) && first?.closures !== undefined)
    return one({
      ...first,
      closures: first.closures.map((closure) => ({ ...closure, bound: [...(closure.bound ?? []), ...args.slice(1)] })),
    })
  if (/(?:^|\.)wraps\(\)$/.test(path) || (called.decorating === true && path.endsWith('wraps()')))
    return one(first ?? UNKNOWN)
  if (method === 'bind' && object?.closures !== undefined)
    return one({ ...object, closures: object.closures.map((closure) => ({ ...closure, bound: args.slice(1) })) })
  if ((method === 'call' || method === 'apply') && object?.closures !== undefined)
    return interpreter.apply(
      { ...object },
      frame.module.language === 'ruby' ? args : method === 'call' ? args.slice(1) : (second?.items ?? []),
      state,
      frame,
      at,
      path,
    )
  if (method === 'promisify' && first?.closures !== undefined) return one(first)

  const addressed = addressTest(interpreter.surface, object, method, first)
  if (addressed !== undefined) return one(literal(addressed))
  const structural = containerCall(interpreter, called, state, frame, method)
  if (structural !== undefined) return structural
  const stored = storeCall(interpreter, called, state, method)
  if (stored !== undefined) return stored
  const identified = identityCall(interpreter, called, state, method)
  if (identified !== undefined) return identified
  return webCall(interpreter, called, state, method)
}

/** Code out of sight makes the stream of what the address names. */
function streamed(interpreter: Machine, source: Value, state: State, at: Place): void {
  if (!has(source, 'path', 'query') || has(source, 'stored', 'fetched') || source.ref === 'generator()') return
  interpreter.record.use(state, {
    kind: 'response',
    name: 'subscribe',
    at,
    origins: source.origins,
    guarded: has(source, 'identity'),
    detail: 'subscribe',
  })
}

/** `Stripe::Event.retrieve(params[:id])`, `$mollie->payments->get($id)`: what counts is then the provider's own word. */
function refetchCall(
  interpreter: Machine,
  { args, named, path, written, at }: Called,
  state: State,
): Outcome[] | undefined {
  if (!REFETCHES.test(path) && !REFETCHES.test(written)) return undefined
  const given = derived(...args, ...named.values())
  if (!has(given, 'parsed-body', 'query', 'path')) return undefined
  const check = interpreter.record.check(bareCheck('refetch', path, at))
  state.ask(check)
  state.pass(check)
  return [{ state, value: { origins: [{ kind: 'fetched' }], ref: 'fetched()' } }]
}

/** Nothing is known to be called: an attribute of a record, a field of a payload, a module on the way to a method. */
function isMemberOnly({ object, path, written, bang, callee }: Called, method: string): boolean {
  if (object === undefined || object.closures !== undefined) return false
  if (has(callee, 'secret')) return true
  if (bang === true) return false
  if (object.ref?.endsWith('()') === true && (isVerifierName(path) || isVerifierName(written))) return false
  if (effectOfMethod(method, path, true) !== undefined) return false
  if (setsToWork(object, method)) return false
  if (fromRequest(object) || has(object, 'stored', 'identity', 'fetched', 'exception')) return true
  return !isVerifierName(written) && !RUNS.test(method)
}

const RUNS =
  /^(?:run|start|deploy|pull|restart|rebuild|sync|call|perform|execute|process|handle|commit|authenticate|current_\w+)$/

function toolsOf(interpreter: Machine, called: Called): CallTools {
  return {
    digest: (parts, at, path, state) => {
      const id = interpreter.freshId()
      const value = digestValue(interpreter, parts, { at, path }, state)
      state.create(id, undefined)
      state.set(id, '#digest', value)
      return { ...value, object: id, ref: 'digest()' }
    },
    check: (left, right, constantTime, state, at, name) =>
      checkOf(interpreter, left, right, constantTime, state, at, name),
    unknownCheck: (name, at, given) =>
      interpreter.record.check({ ...bareCheck('delegated', name, at), constantTime: true, headers: headersOf(given) }),
    keyCheck: (name, at, given) =>
      interpreter.record.check({
        ...bareCheck('verifier', name, at),
        over: signedOver(
          given.flatMap((value) => (has(value, 'raw-body', 'parsed-body', 'reserialised') ? value.origins : [])),
        ),
        headers: given.flatMap(headersOf),
      }),
    environment: (name, fallback, at) => environmentValue(interpreter, name, fallback, at),
    respond: (state, value, at, name) => respond(interpreter, state, value, at, name),
    log: (state) => logged(interpreter, called, state),
    equal: (left, right, positive, state, at) => {
      const confirmed = confirmation(interpreter, left, right, state, at)
      return confirmed === undefined
        ? undefined
        : [{ state, value: { origins: [], check: { check: confirmed, positive } } }]
    },
    membership: (needle, haystack, state, at) => membership(interpreter, needle, haystack, true, state, at),
    isGuardedUrl,
  }
}

/** Go exports by a capital; a method is the same by any other first letter. */
export function uncapitalised(name: string, isMember: boolean): string {
  return isMember ? name.charAt(0).toLowerCase() + name.slice(1) : name
}
