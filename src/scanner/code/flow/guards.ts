/** Guards and verifiers nobody can look into: believed as far as their names go. */

import { effectOfMethod } from '../knowledge/effects.ts'
import { isGuardName, isLogger, isNeutralName, isVerifierName } from '../knowledge/names.ts'
import { VERIFYING_WRAPPERS } from '../knowledge/verifiers.ts'
import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import type { Place } from './facts.ts'
import type { Machine, Outcome } from './machine.ts'
import { deep, signedOver } from './noting.ts'
import type { State } from './state.ts'
import { has, originsOf, unionOrigins, type Value } from './value.ts'

/** `@app.post('/x')` within a factory hangs up what stands below, and runs nothing before it. */
const REGISTERS =
  /(?:^|\.)(?:FastAPI|APIRouter|Flask|Quart|Blueprint|Starlette|Sanic|Celery|app|router|bp|blueprint|celery)\.(?:get|post|put|patch|delete|head|options|route|websocket|api_route|on_event|exception_handler|middleware|errorhandler|before_request|after_request|teardown_\w+|task)$/

export function noteGuard(interpreter: Machine, path: string, state: State, at: Place): void {
  const name = path.replace(/\(\)/g, '')
  if (REGISTERS.test(name)) return
  if (isNeutralName(name) && !isVerifierName(name) && !VERIFYING_WRAPPERS.test(name) && !isGuardName(name)) return
  passGuard(interpreter, name, state, at)
}

/** A guard nobody can look into: believed as far as its name goes, and noted as not followed. */
export function passGuard(interpreter: Machine, name: string, state: State, at: Place): void {
  if (/throttl|rate_?limit/i.test(name)) {
    state.guard('rate-limited')
    return
  }
  const verifies = VERIFYING_WRAPPERS.test(name) || isVerifierName(name)
  if (!verifies && !isGuardName(name)) {
    state.guard(name)
    interpreter.record.incomplete.push({ ...at, message: `${name} runs first and could not be followed.` })
    return
  }
  const check = interpreter.record.check(bareCheck(verifies ? 'delegated' : 'identity', name, at))
  state.ask(check)
  state.pass(check)
  state.guard(name)
  if (verifies)
    interpreter.record.incomplete.push({ ...at, message: `${name} verifies in code that could not be followed.` })
}

/** What is known of it without looking into it. */
export function passPosternGuard(interpreter: Machine, name: string, state: State, at: Place): void {
  const check = interpreter.record.check({
    ...bareCheck('verifier', name, at),
    over: 'raw',
    provider: 'postern',
    toleranceSeconds: 300,
    constantTime: true,
  })
  state.ask(check)
  state.pass(check)
  interpreter.record.claim(state, { kind: 'atomic', at, key: [], name })
  // A failed handler lets the provider's retry through.
  state.guard('claim-released')
}

/** Something that looks like a verifier and cannot be followed. */
export function delegated(interpreter: Machine, called: Called, whole: Value, state: State): Outcome[] | undefined {
  const { path, written, args, named, at } = called
  const all = [...args, ...named.values()]
  const whole_request = all.some(
    (arg) => arg.role === 'request' || arg.role === 'headers' || arg.role === 'context' || arg.role === 'event',
  )
  // Also within `{ signature, requestId }`.
  const given = unionOrigins([whole.origins, ...all.map((arg) => deep(arg, state))])
  const signatureGiven = given.some(
    (origin) =>
      origin.kind === 'header' &&
      (origin.name === '*' ||
        (/sign|hmac|token|hash|auth|webhook|stripe|svix|secret/.test(origin.name) &&
          !/id$|event|topic|time|delivery|type$/.test(origin.name))),
  )
  // Providers that send a form put the signature into it.
  const fieldGiven = given.some((origin) => origin.kind === 'parsed-body' && SIGNATURE_FIELD.test(origin.path))
  const bytes = has(whole, 'raw-body', 'reserialised', 'parsed-body')
  const keyed = has(whole, 'secret')
  const name = /^\w+$/.test(written) || path.length === 0 ? written : path
  const last = (name.split('.').at(-1) ?? name).replace(/\(\)/g, '')
  // `RequestValidator(token)` is made here and asked later.
  if (called.isNew || /^[A-Z]\w*[a-z]/.test(last)) return undefined
  // A form or serializer asks whether the fields are well formed.
  const looksAtForm = /(?:serializer|form|schema)\w*(?:\(\))?\.is_?valid$/i.test(path)
  const byName =
    !looksAtForm &&
    (isVerifierName(name) ||
      isVerifierName(written) ||
      ((signatureGiven || fieldGiven) && /^_?(?:verif|authenticat)/i.test(last)))
  const byData =
    signatureGiven &&
    (bytes || keyed || has(whole, 'digest')) &&
    effectOfMethod(last, path, called.object !== undefined) === undefined &&
    !isStoring(last)
  const isEvidence =
    (byName &&
      (whole_request ||
        signatureGiven ||
        fieldGiven ||
        keyed ||
        bytes ||
        has(whole, 'header', 'query', 'path', 'digest'))) ||
    (byData && !isLogger(path) && !/^(?:print|str|dict|JSON\.stringify)$/.test(path))
  if (!isEvidence || (/parse|json|format|create_?hmac|hash$/i.test(name) && !byName)) return undefined
  const check = interpreter.record.check({
    ...bareCheck('delegated', name, at),
    over: bytes ? signedOver(whole.origins) : 'unknown',
    headers: given.flatMap((origin) => (origin.kind === 'header' ? [origin.name] : [])),
    secrets: originsOf(whole, 'secret').map((origin) => origin.secret),
  })
  state.ask(check)
  const wrong = state.fork()
  wrong.fail(check)
  interpreter.throwIn(wrong, undefined, false)
  return [
    {
      state,
      value: { origins: [{ kind: 'parsed-body', path: '' }], check: { check, positive: true }, ref: `${path}()` },
    },
  ]
}

const SIGNATURE_FIELD = /(?:^|[._])(?:hash|sign|signature|sig|hmac|mac|checksum|securehash|digest)$/i

/** Keeps a copy: the signature beside the body is no check of it. */
function isStoring(name: string): boolean {
  return /insert|save|store|record|append|push|enqueue|publish|send|add|create|queue|forward|put|write/i.test(name)
}
