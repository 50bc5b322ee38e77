/**
 * What calls mean: digests, comparisons, verifiers, secrets, stores, outgoing requests, and what is assumed of a call
 * that leads to code nobody can follow. The names are data in `knowledge/`; here is what they do to values and paths.
 */

import { effectOfMethod, effectOfSql, isCostlyName } from '../knowledge/effects.ts'
import {
  isAuthorizationName,
  isFinderName,
  isGuardName,
  isLogger,
  isNeutralName,
  isPureName,
  isSecretName,
  isVerifierName,
} from '../knowledge/names.ts'
import { knownVerifier, VERIFYING_WRAPPERS } from '../knowledge/verifiers.ts'
import type { Expression } from '../parse/ir.ts'
import type { DiscoveredSurface } from '../surface.ts'
import type { Check, CheckKind, Digest, EffectKind, Origin, Place, Secret, SignedOver, TraceNote } from './facts.ts'
import type { Frame, Machine, Outcome } from './machine.ts'
import { IDENTITY, roleCall } from './requests.ts'
import type { State } from './state.ts'
import {
  derived,
  fromRequest,
  has,
  join,
  literal,
  numberOf,
  originKey,
  originsOf,
  textOf,
  UNKNOWN,
  unionOrigins,
  type Value,
  withOrigins,
} from './value.ts'

export interface Called {
  readonly callee: Value
  readonly object: Value | undefined
  readonly property: string | undefined
  /** The name outside the project where it is known, else as written. */
  readonly path: string
  readonly written: string
  readonly args: readonly Value[]
  readonly named: ReadonlyMap<string, Value>
  readonly isNew: boolean
  /** Somebody takes its value. */
  readonly used: boolean
  readonly at: Place
  /** A decorator or wrapper is being applied: what it returns stands for what it was given. */
  readonly decorating?: boolean
}

// ── comparisons ──────────────────────────────────────────────────────────────────────────────────────────────────

export function compareValues(
  interpreter: Machine,
  operator: string,
  left: Value,
  right: Value,
  state: State,
  frame: Frame,
  expression: Extract<Expression, { kind: 'binary' }>,
): Outcome[] {
  const at = interpreter.place(frame, expression.at)
  const equality = operator === '==' || operator === '!='
  const positive = operator === '==' || operator === 'in'
  const negated = operator === '!=' || operator === 'not in'
  if (equality && left.literal !== undefined && right.literal !== undefined && !isTime(left) && !isTime(right)) {
    const same =
      left.literal.value === right.literal.value || (left.literal.value == null && right.literal.value == null)
    return [{ state, value: literal(same === positive) }]
  }
  if (equality && (isNothing(left) || isNothing(right))) {
    const tested = isNothing(left) ? right : left
    if (tested.check !== undefined)
      return [{ state, value: { ...tested, check: { check: tested.check.check, positive: negated } } }]
    if (tested.closures !== undefined || tested.instance !== undefined) return [{ state, value: literal(negated) }]
    // `x == null` is false exactly when x is there.
    const { yes, no } = interpreter.split(state, tested, at)
    return [
      ...yes.map((one) => ({ state: one, value: literal(negated) })),
      ...no.map((one) => ({ state: one, value: literal(positive) })),
    ]
  }
  if (equality && (typeof left.literal?.value === 'boolean' || typeof right.literal?.value === 'boolean')) {
    const flag = typeof left.literal?.value === 'boolean' ? left.literal.value : right.literal?.value
    const tested = typeof left.literal?.value === 'boolean' ? right : left
    const { yes, no } = interpreter.split(state, tested, at)
    const whenTrue = (flag === true) === positive
    return [
      ...yes.map((one) => ({ state: one, value: literal(whenTrue) })),
      ...no.map((one) => ({ state: one, value: literal(!whenTrue) })),
    ]
  }
  if (
    !equality &&
    (left.length === true ||
      right.length === true ||
      has(derived(left, right), 'raw-body') ||
      isContentLength(left) ||
      isContentLength(right))
  )
    state.guard('size-limited')
  if (left.length === true || right.length === true) {
    if (fromRequest(left) || fromRequest(right) || has(derived(left, right), 'digest')) state.guard('length-compared')
    return [{ state, value: UNKNOWN }]
  }
  if (operator === 'in' || operator === 'not in') return membership(interpreter, left, right, positive, state, at)
  if (isFreshness(operator, left, right)) return freshness(interpreter, left, right, state, at)
  if (!equality) {
    if (fromRequest(left) || fromRequest(right)) state.guard('value-compared')
    return [{ state, value: derivedFlag(left, right) }]
  }
  const check = checkOf(interpreter, left, right, false, state, at, operator === '!=' ? '!=' : '==')
  if (check !== undefined) return [{ state, value: { origins: [], check: { check, positive } } }]
  const text = textOf(right) ?? textOf(left)
  const subject = textOf(right) === undefined ? right : left
  if (fromRequest(subject)) interpreter.record.tested(subject)
  if (text !== undefined && subject.symbol !== undefined) {
    const known = state.equals.get(subject.symbol)
    if (known !== undefined) return [{ state, value: literal((known === text) === positive) }]
    const symbol = `eq:${subject.symbol}=${text}`
    const value: Value = { origins: subject.origins, symbol }
    return positive ? [{ state, value }] : flipped(interpreter, value, state, at)
  }
  return [{ state, value: derivedFlag(left, right) }]
}

function flipped(interpreter: Machine, value: Value, state: State, at: Place): Outcome[] {
  const { yes, no } = interpreter.split(state, value, at)
  return [
    ...yes.map((one) => ({ state: one, value: literal(false) })),
    ...no.map((one) => ({ state: one, value: literal(true) })),
  ]
}

function isContentLength(value: Value): boolean {
  return originsOf(value, 'header').some(({ name }) => name === 'content-length')
}

function derivedFlag(left: Value, right: Value): Value {
  return { origins: unionOrigins([left.origins, right.origins]).filter((origin) => origin.kind !== 'secret') }
}

function isNothing(value: Value): boolean {
  return (
    value.literal !== undefined &&
    (value.literal.value === null || value.literal.value === undefined || value.literal.value === '')
  )
}

function isTime(value: Value): boolean {
  return has(value, 'now')
}

function isFreshness(operator: string, left: Value, right: Value): boolean {
  if (operator === '==' || operator === '!=') return false
  const both = derived(left, right)
  return has(both, 'now') && (fromRequest(both) || has(both, 'stored') === false)
}

/** `now - t > 300`, `abs(now - t) > 300`, `t < now - 300`, `t > now + 60`. */
function freshness(interpreter: Machine, left: Value, right: Value, state: State, at: Place): Outcome[] {
  const both = derived(left, right)
  const timestamp = both.origins.filter(
    (origin) => origin.kind !== 'now' && origin.kind !== 'env' && origin.kind !== 'secret',
  )
  if (!fromRequest({ origins: timestamp })) return [{ state, value: UNKNOWN }]
  const bound = numberOf(left) ?? numberOf(right)
  const sides = left.absolute === true || right.absolute === true ? ('both' as const) : ('past' as const)
  // JavaScript's clock counts milliseconds; windows there are written as 300_000 or, divided, as 300 or 86_400.
  const millis =
    interpreter.surface.module.language !== 'python' && bound !== undefined && bound >= 30_000 && bound % 1000 === 0
  // The other direction may have been compared on this path already, by a comparison of its own.
  const earlier = state.fresh.find(
    (one) =>
      one.sides !== 'both' &&
      one.timestamp.some((origin) => timestamp.some((other) => originKey(origin) === originKey(other))),
  )
  interpreter.record.fresh(state, {
    at,
    sides: sides === 'both' || earlier !== undefined ? 'both' : sides,
    toleranceSeconds: bound === undefined ? undefined : millis ? bound / 1000 : Math.abs(bound),
    signed: undefined,
    timestamp,
  })
  return [{ state, value: UNKNOWN }]
}

/** A `in` against a container: a list of origins, of seen ids, of keys. */
function membership(
  interpreter: Machine,
  left: Value,
  right: Value,
  positive: boolean,
  state: State,
  at: Place,
): Outcome[] {
  const listed =
    right.items !== undefined && right.items.length > 0 && right.items.every((item) => item.literal !== undefined)
  if (listed) for (const origin of left.origins) state.guard(`listed:${originKey(origin)}`)
  if (right.shared === true && !listed && identityOf(left, interpreter.surface)) {
    const claim = interpreter.record.claim(state, {
      kind: 'memory',
      at,
      key: left.origins,
      name: right.ref ?? 'a container in memory',
    })
    return [{ state, value: { origins: [], claim } }]
  }
  if (has(left, 'header', 'query') && has(right, 'secret')) {
    const check = checkOf(interpreter, left, right, false, state, at, 'in')
    if (check !== undefined) return [{ state, value: { origins: [], check: { check, positive } } }]
  }
  const address = originsOf(left, 'header').some(
    (origin) => origin.name === ':address' || /forwarded-for|real-ip|connecting-ip/.test(origin.name),
  )
  if (address) {
    const check = interpreter.record.check({ ...bareCheck('address', 'an address list', at) })
    state.ask(check)
    return [{ state, value: { origins: [], check: { check, positive } } }]
  }
  if (originsOf(left, 'header').some((origin) => origin.name === 'origin')) state.guard('origin-checked')
  if (fromRequest(left)) {
    interpreter.record.tested(left)
    state.guard('value-compared')
    if (originsOf(left, 'parsed-body').some((origin) => /url|uri|host|domain/i.test(origin.path)) || has(left, 'url'))
      state.guard('url-validated')
  }
  return [
    { state, value: { origins: [...left.origins, ...right.origins].filter((origin) => origin.kind !== 'secret') } },
  ]
}

/** A comparison that proves who sent something; `undefined` for every other. */
function checkOf(
  interpreter: Machine,
  left: Value,
  right: Value,
  constantTime: boolean,
  state: State,
  at: Place,
  name: string,
): Check | undefined {
  const digestSide = [left, right].find((value) => has(value, 'digest'))
  const other = digestSide === left ? right : left
  const owner = ownerCheck(interpreter, left, right, state, at)
  if (owner !== undefined) return owner
  if (digestSide !== undefined) {
    const digest = innermost(originsOf(digestSide, 'digest').map((origin) => origin.digest))
    if (digest === undefined) return undefined
    const secrets = secretsOf(digest, at)
    const given = other.origins.length === 0 ? digestSide : other
    if (!digest.keyed && secrets.length === 0) return undefined
    if (other.literal !== undefined) return undefined
    const check = interpreter.record.check({
      ...bareCheck('signature', name, at),
      constantTime,
      over: signedOver(digest.input),
      secrets,
      digest,
      headers: headersOf(given),
      openWithout: secrets.filter((secret) => secret.fallback === '' && !isKnownSet(state, secret)),
      trace: digestTrace(digest),
    })
    state.ask(check)
    return check
  }
  const secretSide = [left, right].find((value) => has(value, 'secret') && !fromRequest(value))
  if (secretSide === undefined) return undefined
  const given = secretSide === left ? right : left
  if (given.literal !== undefined || !(fromRequest(given) || given.origins.length === 0)) return undefined
  if (!has(given, 'header', 'query', 'path', 'parsed-body', 'raw-body', 'cookie', 'message')) return undefined
  const check = interpreter.record.check({
    ...bareCheck('token', name, at),
    constantTime,
    over: 'none',
    secrets: originsOf(secretSide, 'secret').map((origin) => origin.secret),
    headers: headersOf(given),
    openWithout: nothingEqualsNothing(given, secretSide, name, state),
  })
  state.ask(check)
  return check
}

/** `undefined === undefined`, `None == None`, `'' == ''`: neither was sent, neither is set, and they are equal. */
function nothingEqualsNothing(given: Value, secretSide: Value, name: string, state: State): readonly Secret[] {
  if (given.symbol !== undefined && state.truths.get(given.symbol) === true) return []
  const sent = given.ref === 'defaulted' ? '' : undefined
  const plain = name === '==' || name === '!='
  return originsOf(secretSide, 'secret')
    .map((origin) => origin.secret)
    .filter(
      (secret) =>
        secret.from === 'env' &&
        secret.required !== true &&
        !isKnownSet(state, secret) &&
        (plain ? secret.fallback === sent : secret.fallback === '' && sent === ''),
    )
}

function isKnownSet(state: State, secret: Secret): boolean {
  return (
    secret.required === true ||
    state.truths.get(`env:${secret.name}`) === true ||
    state.truths.get(`global:${secret.name}`) === true
  )
}

/** What is compared with the caller's identity is thereby bound to the caller. */
function ownerCheck(interpreter: Machine, left: Value, right: Value, state: State, at: Place): Check | undefined {
  const mine = [left, right].find((value) => has(value, 'identity'))
  if (mine === undefined) return undefined
  const other = mine === left ? right : left
  if (other.literal !== undefined && other.origins.length === 0) {
    const role = interpreter.record.check(bareCheck('identity', 'role check', at))
    state.ask(role)
    state.guard('authorized')
    return role
  }
  if (!has(other, 'stored', 'path', 'query', 'parsed-body', 'message', 'fetched')) return undefined
  const check = interpreter.record.check(bareCheck('identity', 'owner check', at))
  state.ask(check)
  return check
}

/** Two digests compared after hashing them again: the inner one is what counts. */
function innermost(digests: readonly Digest[]): Digest | undefined {
  return (
    digests.find((digest) => digest.keyed) ??
    digests.find((digest) => has({ origins: digest.input } as Value, 'secret')) ??
    digests[0]
  )
}

function secretsOf(digest: Digest, at: Place): readonly Secret[] {
  const secrets = [
    ...originsOf({ origins: digest.key }, 'secret'),
    ...(digest.keyed ? [] : originsOf({ origins: digest.input }, 'secret')),
  ].map((origin) => origin.secret)
  if (secrets.length > 0 || !digest.keyed) return secrets
  return [{ from: 'parameter', name: 'the key', at }]
}

function headersOf(value: Value): readonly string[] {
  return originsOf(value, 'header').map((origin) => origin.name)
}

export function signedOver(input: readonly Origin[]): SignedOver {
  const value = { origins: input }
  const raw = has(value as Value, 'raw-body')
  if (has(value as Value, 'reserialised')) return raw ? 'raw-or-reserialised' : 'reserialised'
  if (raw) return 'raw'
  const parsed = originsOf(value, 'parsed-body')
  if (parsed.length > 0) return parsed.some((origin) => origin.path === '') ? 'parsed' : 'fields'
  return input.length === 0 ? 'unknown' : has(value as Value, 'url', 'query', 'path', 'header') ? 'fields' : 'unknown'
}

function digestTrace(digest: Digest): readonly TraceNote[] {
  return [{ ...digest.at, message: 'The digest is computed here.' }]
}

export function bareCheck(kind: CheckKind, name: string, at: Place): Omit<Check, 'id'> {
  return {
    kind,
    name,
    at,
    constantTime: undefined,
    over: 'unknown',
    secrets: [],
    digest: undefined,
    headers: [],
    provider: undefined,
    toleranceSeconds: undefined,
    throws: false,
    raisesOnOddInput: undefined,
    openWithout: [],
    trace: [],
  }
}

/** The value names the event or delivery, so that it can tell a copy from the next. */
export function identityOf(value: Value, surface: DiscoveredSurface): boolean {
  return value.origins.some((origin) => {
    switch (origin.kind) {
      case 'parsed-body':
        return (
          origin.path === '' ||
          /(?:^|\.|_)(?:id|uuid|key|nonce|reference|ref|number|sid|hash)s?$|Id$|ID$|_id$|event|delivery|transaction|txn|payment|order|invoice/i.test(
            origin.path,
          )
        )
      case 'header':
        return /id$|delivery|request|nonce|idempotency|event|signature|guid|uuid/.test(origin.name)
      case 'digest':
      case 'raw-body':
        return true
      case 'message':
        return surface.kind === 'socket'
      default:
        return false
    }
  })
}

// ── calls with a meaning of their own ────────────────────────────────────────────────────────────────────────────

export function callOutside(interpreter: Machine, called: Called, state: State, frame: Frame): Outcome[] | undefined {
  const one = (value: Value): Outcome[] => [{ state, value }]
  const { args, named, path, at, object, property, callee } = called
  const last = path.replace(/\(\)/g, '').split('.').at(-1) ?? ''
  const method = property ?? last
  const [first, second, third] = args

  const ofRole = roleCall(interpreter, called, state)
  if (ofRole !== undefined) return ofRole
  if (callee.role === 'next') return nextCalled(interpreter, called, state)
  if (object?.role === 'response' || callee.role === 'response') return responded(interpreter, called, state)
  const followed = callee.closures !== undefined || callee.cls !== undefined
  if (followed) {
    // A verifier of the project is followed; a guard known by name to authorise counts even when its inside does not show it.
    if (isAuthorizationName(called.written) && interpreter.phase === 'message') state.guard('authorized')
    return undefined
  }

  const digested = digestCall(interpreter, called, state, method)
  if (digested !== undefined) return digested
  const compared = constantTimeCall(interpreter, called, state, method)
  if (compared !== undefined) return compared
  const verified = verifierCall(interpreter, called, state)
  if (verified !== undefined) return verified
  const timed = timeCall(called, method)
  if (timed !== undefined) return one(timed)
  const coded = codingCall(interpreter, called, method, state)
  if (coded !== undefined) return one(coded)

  // Environment and settings.
  if (
    /^(?:os\.getenv|os\.environ\.get|Deno\.env\.get|Bun\.env\.get|decouple\.config|environ\.Env\(\)|env|config|getenv|environ\.get|starlette\.config\.Config\(\)|get_secret|getSecret|env\.(?:str|get)|env\.str)$/.test(
      path,
    ) &&
    textOf(first) !== undefined
  )
    return one(
      environmentValue(interpreter, textOf(first) ?? '', second ?? named.get('default') ?? named.get('fallback'), at),
    )
  if (
    /(?:config(?:_?service)?|settings|secrets?|env|vault|current_app\.config)(?:\(\))?\.(?:get|getOrThrow|require|get_secret|getSecret)$/i.test(
      path,
    ) &&
    textOf(first) !== undefined
  )
    return one(environmentValue(interpreter, (textOf(first) ?? '').split('.').at(-1) ?? '', second, at))

  if (method === 'commit') state.guard('committed')
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
      method === 'call' ? args.slice(1) : (second?.items ?? []),
      state,
      frame,
      at,
      path,
    )
  if (method === 'promisify' && first?.closures !== undefined) return one(first)

  const structural = containerCall(interpreter, called, state, frame, method)
  if (structural !== undefined) return structural
  const stored = storeCall(interpreter, called, state, method)
  if (stored !== undefined) return stored
  const identified = identityCall(interpreter, called, state, method)
  if (identified !== undefined) return identified
  const web = webCall(interpreter, called, state, method)
  if (web !== undefined) return web
  void third
  return undefined
}

function environmentValue(interpreter: Machine, name: string, fallback: Value | undefined, at: Place): Value {
  const value: Value = isSecretName(name)
    ? { origins: [{ kind: 'secret', secret: { from: 'env', name, at } }], symbol: `env:${name}` }
    : { origins: [{ kind: 'env', name }], symbol: `env:${name}` }
  if (fallback === undefined) return value
  return interpreter.withDefault(value, fallback)
}

function nextCalled(interpreter: Machine, called: Called, state: State): Outcome[] {
  interpreter.record.use(state, { kind: 'response', name: 'next', at: called.at, origins: [], guarded: true })
  const wrong = called.args[0]
  const refuses = wrong !== undefined && !isNothing(wrong) && textOf(wrong) !== 'route'
  onNext.get(interpreter)?.(state, refuses)
  return [{ state, value: UNKNOWN }]
}

/** Who wants to know that a middleware has called `next`. */
export const onNext = new WeakMap<Machine, (state: State, refuses: boolean) => void>()

function responded(interpreter: Machine, called: Called, state: State): Outcome[] {
  const { args, named, at, path } = called
  const given = derived(...args, ...named.values())
  const method = path.split('.').at(-1) ?? ''
  if (method === 'redirect') {
    const target = args.find((arg) => numberOf(arg) === undefined && arg.origins.length > 0) ?? UNKNOWN
    interpreter.record.use(state, {
      kind: 'redirect',
      name: path,
      at,
      origins: target.origins,
      guarded: isGuardedUrl(state),
    })
  }
  if (/^(?:write|send|json|end|render|text|html|body|writeHead|send_json|jsonp|ack)$/.test(method))
    respond(interpreter, state, given, at, path)
  if (/^(?:send|json|end|text|html|redirect|render|jsonp)$/.test(method)) state.guard('#ended')
  if (/^(?:throw|abort)$/.test(method)) {
    interpreter.record.thrown(given, at, state)
    interpreter.throwIn(state, undefined, true)
    return []
  }
  return [{ state, value: { origins: given.origins, role: 'response', ref: 'response' } }]
}

export function respond(interpreter: Machine, state: State, value: Value, at: Place, name: string): void {
  interpreter.record.use(state, { kind: 'response', name, at, origins: value.origins, guarded: false })
  if (has(value, 'exception'))
    interpreter.record.use(state, { kind: 'leak', name, at, origins: value.origins, guarded: false })
  if (has(value, 'digest') && state.failed.length > 0)
    interpreter.record.use(state, {
      kind: 'leak',
      name: `${name} (expected signature)`,
      at,
      origins: value.origins,
      guarded: false,
      detail: 'digest',
    })
}

// ── digests ──────────────────────────────────────────────────────────────────────────────────────────────────────

function digestCall(interpreter: Machine, called: Called, state: State, method: string): Outcome[] | undefined {
  const { args, named, path, at, object } = called
  const one = (value: Value): Outcome[] => [{ state, value }]
  const make = (
    keyed: boolean,
    key: Value | undefined,
    input: readonly Value[],
    algorithm: Value | undefined,
  ): Value => {
    const keyOrigins = keyed ? keyOf(key, at) : []
    const digest = interpreter.record.digest({
      at,
      keyed,
      algorithm: textOf(algorithm) ?? /sha\d+|md5/i.exec(`${algorithm?.ref ?? ''} ${path}`)?.[0]?.toLowerCase(),
      algorithmFrom: (algorithm?.origins ?? []).filter(
        (origin) => fromRequest({ origins: [origin] }) && !state.guards.includes(`listed:${originKey(origin)}`),
      ),
      key: keyOrigins,
      input: unionOrigins(input.map((value) => value.origins)),
    })
    const inner = keyed
      ? []
      : input.flatMap((value) => value.origins).filter((origin) => origin.kind === 'digest' || origin.kind === 'header')
    return { origins: unionOrigins([[{ kind: 'digest', digest }], inner]) }
  }
  const streaming = (value: Value): Outcome[] => {
    const id = interpreter.freshId()
    state.create(id, undefined)
    state.set(id, '#digest', value)
    return one({ ...value, object: id, ref: 'digest()' })
  }
  if (
    /(?:^|\.)hmac\.new$|(?:^|\.)HMAC(?:\.new)?$|(?:^|\.)hazmat\.primitives\.hmac\.HMAC$/.test(path) ||
    path === 'hmac.new'
  ) {
    const algorithm = args[2] ?? named.get('digestmod') ?? named.get('digest') ?? args[1]
    const message = args[1] ?? named.get('msg')
    return streaming(
      make(
        true,
        args[0] ?? named.get('key'),
        message === undefined || message.ref?.startsWith('hashlib') === true ? [] : [message],
        algorithm,
      ),
    )
  }
  if (/(?:^|\.)hmac\.digest$/.test(path))
    return one(make(true, args[0], args[1] === undefined ? [] : [args[1]], args[2]))
  if (method === 'createHmac') return streaming(make(true, args[1], [], args[0]))
  if (method === 'createHash' || /(?:^|\.)hashlib\.\w+$/.test(path)) {
    const input = /hashlib/.test(path) && method !== 'new' ? args.slice(0, 1) : []
    return streaming(
      make(false, undefined, input, method === 'createHash' || method === 'new' ? args[0] : { origins: [], ref: path }),
    )
  }
  if (/(?:^|\.)(?:Hmac(?:SHA\d+|MD5)|HmacSHA\d+)$/i.test(path))
    return one(make(true, args[1], args.slice(0, 1), { origins: [], ref: path }))
  if (/(?:^|\.)subtle\.sign$/.test(path)) return one(make(true, args[1], args.slice(2, 3), args[0]))
  if (/(?:^|\.)subtle\.(?:importKey)$/.test(path)) return one({ ...derived(args[1] ?? UNKNOWN) })
  if (/(?:^|\.)subtle\.digest$/.test(path)) return one(make(false, undefined, args.slice(1, 2), args[0]))
  if (
    /^(?:hmac|hmac_?sha_?\d+|hmacSha256|hmacSHA256|create_?hmac|compute_?hmac|hmac_hexdigest|sha\d+_?hmac|hmacDigest)$/i.test(
      method,
    ) &&
    args.length >= 2 &&
    called.callee.closures === undefined
  ) {
    const key = args.find((arg) => has(arg, 'secret')) ?? args[0]
    return one(
      make(
        true,
        key,
        args.filter((arg) => arg !== key),
        { origins: [], ref: path },
      ),
    )
  }
  if (
    /^(?:compute|calc(?:ulate)?|generate|create|make|expected|sign)_?(?:webhook_?)?(?:signature|hmac|digest|sig)$/i.test(
      method,
    ) &&
    args.length >= 2 &&
    args.some((arg) => has(arg, 'secret'))
  ) {
    const key = args.find((arg) => has(arg, 'secret'))
    return one(
      make(
        true,
        key,
        args.filter((arg) => arg !== key),
        undefined,
      ),
    )
  }
  if (object === undefined || !has(object, 'digest')) return undefined
  const current = object.object === undefined ? object : (state.get(object.object, '#digest') ?? object)
  const [origin] = originsOf(current, 'digest')
  if (origin === undefined) return undefined
  if (method === 'update' || method === 'write') {
    const grown = make(
      origin.digest.keyed,
      withOrigins(...origin.digest.key),
      [withOrigins(...origin.digest.input), args[0] ?? UNKNOWN],
      textValue(origin.digest.algorithm),
    )
    if (object.object !== undefined) state.set(object.object, '#digest', grown)
    return one({ ...grown, ...(object.object === undefined ? {} : { object: object.object }), ref: 'digest()' })
  }
  if (/^(?:digest|hexdigest|hexDigest|finalize|copy|toString|hex|read|end)$/.test(method))
    return one({ origins: current.origins })
  if (method === 'verify' && origin.digest.keyed) {
    // `cryptography`'s HMAC: raises when it does not match.
    return [{ state, value: UNKNOWN }]
  }
  return undefined
}

function textValue(text: string | undefined): Value | undefined {
  return text === undefined ? undefined : literal(text)
}

/** A text in the code that keys a digest is a secret, whatever it is called. */
function keyOf(key: Value | undefined, at: Place): readonly Origin[] {
  if (key === undefined) return []
  if (typeof key.literal?.value === 'string' && key.origins.length === 0)
    return [{ kind: 'secret', secret: { from: 'literal', name: 'the key', literal: key.literal.value, at } }]
  return key.origins.map((origin) =>
    origin.kind === 'env' ? { kind: 'secret', secret: { from: 'env', name: origin.name, at } } : origin,
  )
}

// ── comparisons by function ──────────────────────────────────────────────────────────────────────────────────────

const CONSTANT_TIME =
  /^(?:compare_digest|timingSafeEqual|constant_time_compare|safe_str_cmp|timing_safe_compare|timing_safe_equal|secure_compare|secureCompare|constantTimeCompare|constantTimeEqual|safeCompare|timingSafeCompare|bytes_eq|scmp|tsscmp|safeEqual|timingSafeEq|fixedTimeComparison|equal_constant_time|constant_time_equals|crypto_timing_safe_equal)$|^tsse$/i

function constantTimeCall(interpreter: Machine, called: Called, state: State, method: string): Outcome[] | undefined {
  const { args, at, path, object } = called
  const byName = CONSTANT_TIME.test(method) || /^(?:tsscmp|safe-compare|secure-compare|scmp)$/.test(path)
  const plain = /^(?:equals|equal|localeCompare|compare)$/.test(method) && object !== undefined && args.length === 1
  if (!byName && !plain) return undefined
  const [left, right] = byName ? [args[0] ?? UNKNOWN, args[1] ?? UNKNOWN] : [object ?? UNKNOWN, args[0] ?? UNKNOWN]
  const check = checkOf(interpreter, left, right, byName, state, at, path)
  if (check === undefined) {
    if (!byName) return undefined
    // Constant time is only ever asked for where something is being verified.
    const unknown = interpreter.record.check({
      ...bareCheck('delegated', path, at),
      constantTime: true,
      headers: headersOf(derived(left, right)),
    })
    state.ask(unknown)
    return [{ state, value: { origins: [], check: { check: unknown, positive: true } } }]
  }
  const odd = byName ? oddInput(interpreter, method, left, right, state) : undefined
  if (odd !== undefined) interpreter.record.raises(check, odd)
  return [{ state, value: { origins: [], check: { check, positive: true } } }]
}

function oddInput(
  interpreter: Machine,
  method: string,
  left: Value,
  right: Value,
  state: State,
): 'length' | 'type' | undefined {
  if (interpreter.tryDepth > 0) return undefined
  const given = has(left, 'digest') ? right : left
  if (has(left, 'digest') && has(right, 'digest')) return undefined
  if (method === 'timingSafeEqual') return state.guards.includes('length-compared') ? undefined : 'length'
  if (method !== 'compare_digest') return undefined
  const present = given.symbol !== undefined && state.truths.get(given.symbol) === true
  // What was split, encoded or joined before is no None any more.
  const asSent = /^(?:header|query|body):/.test(given.symbol ?? '') && given.ref === undefined
  return present || !asSent ? undefined : 'type'
}

// ── verifiers ────────────────────────────────────────────────────────────────────────────────────────────────────

function verifierCall(interpreter: Machine, called: Called, state: State): Outcome[] | undefined {
  const { args, named, path, at, object } = called
  const all = [...args, ...named.values()]
  const known = knownVerifier(path) ?? knownVerifier(called.written)
  const isInstance = /(?:Webhook|Receiver|RequestValidator)\(\)\.verify$/.test(path)
  if (known !== undefined && !called.isNew && !(path === 'verify' && !isInstance)) {
    const body = known.body === 'none' ? undefined : (args[known.body] ?? named.get('payload') ?? named.get('body'))
    const secretValue = known.secretArg === undefined ? undefined : (args[known.secretArg] ?? named.get('secret'))
    const secrets = [
      ...(secretValue === undefined ? [] : keyOf(secretValue, at)),
      ...all.flatMap((value) => value.origins),
      ...(object?.origins ?? []),
    ].flatMap((origin) => (origin.kind === 'secret' ? [origin.secret] : []))
    const over =
      body === undefined
        ? known.takesFields === true
          ? ('fields' as const)
          : ('unknown' as const)
        : known.takesFields === true
          ? ('fields' as const)
          : signedOver(body.origins)
    const tolerance = numberOf(args[3]) ?? numberOf(named.get('tolerance')) ?? known.toleranceSeconds
    const check = interpreter.record.check({
      ...bareCheck('verifier', path, at),
      over,
      secrets: [...new Map(secrets.map((one) => [one.name, one])).values()],
      headers: all.flatMap(headersOf),
      provider: known.provider,
      toleranceSeconds: tolerance,
      throws: known.refuses === 'throws',
    })
    state.ask(check)
    const payload: Value = { origins: [{ kind: 'parsed-body', path: '' }], symbol: 'parsed-body' }
    if (known.refuses === 'returns') return [{ state, value: { origins: [], check: { check, positive: true } } }]
    const wrong = state.fork()
    wrong.fail(check)
    interpreter.throwIn(wrong, undefined, true)
    const passed = state
    passed.pass(check)
    return [{ state: passed, value: payload }]
  }
  // Public keys: `crypto.verify(alg, data, key, sig)`, nacl, `key.verify(…)`, `subtle.verify`.
  if (
    /(?:^|\.)(?:crypto\.verify|subtle\.verify|sign\.detached\.verify|createVerify\(\)\.(?:update\(\)\.)?verify|VerifyKey\(\)\.verify|ed25519\.verify|nacl\.sign\.detached\.verify|secp256k1\.verify)$/.test(
      path,
    ) ||
    (/(?:public_?key|verify_?key|verifier|cert(?:ificate)?|pub_?key|load_pem_public_key\(\)|ecdsa|verifying_?key)[\w.()]*\.verify$/i.test(
      path,
    ) &&
      fromRequest(derived(...all)))
  ) {
    const raises = !/crypto|subtle|detached|createVerify|ed25519/.test(path)
    const check = interpreter.record.check({
      ...bareCheck('verifier', path, at),
      over: signedOver(
        all.flatMap((value) => (has(value, 'raw-body', 'parsed-body', 'reserialised') ? value.origins : [])),
      ),
      headers: all.flatMap(headersOf),
      secrets: [],
      throws: raises,
    })
    state.ask(check)
    if (!raises) return [{ state, value: { origins: [], check: { check, positive: true } } }]
    const wrong = state.fork()
    wrong.fail(check)
    interpreter.throwIn(wrong, undefined, true)
    state.pass(check)
    return [{ state, value: UNKNOWN }]
  }
  // JWTs: what they prove is who calls.
  if (
    /(?:^|\.)(?:jwt\.(?:verify|decode)|jwtVerify|jose\.jwtVerify|verify_oauth2_token|verifyIdToken|verify_id_token|id_token\.verify_token|jws\.verify|jwt_decode|verifyToken|verifyJwt)$/i.test(
      path,
    )
  ) {
    const unverified = [...named.entries()].some(
      ([name, value]) =>
        (name === 'options' &&
          value.object !== undefined &&
          state.get(value.object, 'verify_signature')?.literal?.value === false) ||
        (name === 'verify' && value.literal?.value === false),
    )
    if (unverified || (/decode$/.test(path) && /jsonwebtoken|jwt-decode/.test(path)))
      return [{ state, value: derived(...args) }]
    const check = interpreter.record.check({
      ...bareCheck('identity', path, at),
      headers: all.flatMap(headersOf),
      secrets: all.flatMap((value) => originsOf(value, 'secret').map((origin) => origin.secret)),
      throws: true,
    })
    state.ask(check)
    const wrong = state.fork()
    wrong.fail(check)
    interpreter.throwIn(wrong, undefined, true)
    state.pass(check)
    return [{ state, value: { ...IDENTITY } }]
  }
  return undefined
}

// ── time, coding, containers ─────────────────────────────────────────────────────────────────────────────────────

function timeCall({ path, args, isNew }: Called, method: string): Value | undefined {
  if (
    /^(?:time\.time(?:_ns)?|time|Date\.now|datetime\.(?:datetime\.)?(?:now|utcnow|today)|(?:django\.utils\.)?timezone\.now|performance\.now|dayjs|moment|time\.monotonic|Temporal\.Now\.instant|DateTime\.(?:now|utc)|arrow\.utcnow|pendulum\.now)$/.test(
      path,
    ) &&
    (args.length === 0 || /datetime|timezone|DateTime/.test(path))
  )
    return withOrigins({ kind: 'now' })
  if (path === 'Date' && isNew && args.length === 0) return withOrigins({ kind: 'now' })
  if (/^(?:abs|Math\.abs|math\.fabs)$/.test(path)) return { ...derived(...args), absolute: true }
  if (/^(?:differenceIn\w+|total_seconds|diff|getTime|timestamp|valueOf|unix)$/.test(method)) return undefined
  return undefined
}

/** Calls that give back what they are given in another form. */
function codingCall(
  interpreter: Machine,
  { path, args, named, object, isNew, at }: Called,
  method: string,
  state: State,
): Value | undefined {
  const [first] = args
  if (
    first?.role === 'headers' &&
    /^(?:dict|str|list|repr|JSON\.stringify|json\.dumps|Object\.(?:assign|entries|fromEntries))$/.test(path)
  )
    return { ...first, origins: [{ kind: 'header', name: '*' }] }
  if (
    /(?:^|\.)(?:json|simplejson|orjson|ujson|JSON|rapidjson|msgspec\.json)\.(?:loads|parse|decode)$/.test(path) ||
    /^(?:parseJson|parse_json|safeJsonParse|secureJson\.parse|qs\.parse|querystring\.parse|parse_qs|parse_qsl|urllib\.parse\.parse_qsl?)$/.test(
      path,
    )
  )
    return parsedOf(first ?? UNKNOWN)
  if (path === 'URLSearchParams' && isNew && first !== undefined && has(first, 'raw-body')) return parsedOf(first)
  if (
    /(?:^|\.)(?:json|simplejson|orjson|ujson|JSON|rapidjson)\.(?:dumps|stringify|encode)$/.test(path) ||
    /^(?:stringify|jsonDumps|json_dumps|stableStringify|canonicalize|canonical_json|fastJsonStringify)$/.test(method)
  ) {
    const given = first ?? UNKNOWN
    const whole = originsOf(given, 'parsed-body').some((origin) => origin.path === '')
    if (whole) return { origins: [{ kind: 'reserialised' }] }
    return has(given, 'parsed-body') ? { origins: given.origins } : derived(given)
  }
  if (
    /^(?:str|bytes|bytearray|int|float|Number|String|parseInt|parseFloat|Buffer\.from|TextEncoder\(\)\.encode|TextDecoder\(\)\.decode|BigInt|Uint8Array|memoryview|force_bytes|force_str|smart_str|to_bytes|to_str|ensure_binary|ensure_str|Buffer\.concat|hex\.decode|bytes\.fromhex|base64\.\w+|binascii\.\w+|b64decode|b64encode|unhexlify|hexlify|encodeURIComponent|decodeURIComponent|unquote|urllib\.parse\.(?:un)?quote|atob|btoa|Date|datetime\.(?:datetime\.)?(?:utc)?fromtimestamp|datetime\.(?:datetime\.)?fromisoformat|datetime\.(?:datetime\.)?strptime|dateutil\.parser\.(?:parse|isoparse)|parser\.parse|Date\.parse|Math\.(?:floor|round|ceil|trunc|min)|round|stripe\.util\.convert_to_stripe_object|stripe\.Event\.construct_from|Event\.construct_from|Object\.assign|structuredClone|dict|list|tuple|copy\.deepcopy|deepcopy|SimpleNamespace|getRawBody|raw-body|rawBody|micro\.buffer|buffer|micro\.text|text)$/.test(
      path,
    )
  ) {
    if (
      /^(?:getRawBody|raw-body|rawBody|micro\.buffer|buffer|micro\.text|text)$/.test(path) &&
      first?.role !== undefined
    ) {
      interpreter.record.reads(at)
      return { origins: [{ kind: 'raw-body' }], symbol: 'raw-body' }
    }
    if (path === 'Buffer.concat' && first !== undefined)
      return { ...derived(first, interpreter.elementOf(first, state)) }
    const given = derived(...args, ...named.values())
    return {
      ...given,
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
  if (
    /^(?:encode|decode|strip|lstrip|rstrip|lower|upper|toLowerCase|toUpperCase|trim|toString|slice|substring|substr|replace|replaceAll|removeprefix|removesuffix|split|partition|rpartition|rsplit|padStart|padEnd|normalize|hex|toJSON|valueOf|getTime|timestamp|total_seconds|getBytes|subarray|buffer|unix|at|tobytes|concat|join|format|astimezone|toISOString|isoformat|copy|model_dump|dict|toObject|lean|rstrip)$/.test(
      method,
    ) &&
    object.role === undefined &&
    object.instance === undefined &&
    isData(object, named)
  ) {
    if (/^(?:join|format|concat)$/.test(method))
      return derived(
        object,
        ...args,
        ...args.map((arg) => (arg.items === undefined ? UNKNOWN : interpreter.elementOf(arg, state))),
        ...args.flatMap((arg) => (arg.object === undefined ? [] : (state.get(arg.object, '*') ?? []))),
      )
    const kept = derived(object)
    return {
      ...kept,
      ...(object.symbol === undefined || /^(?:split|partition)$/.test(method) ? {} : { symbol: object.symbol }),
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

/** Methods of lists, maps and promises that call back, and containers that outlive the request. */
function containerCall(
  interpreter: Machine,
  called: Called,
  state: State,
  frame: Frame,
  method: string,
): Outcome[] | undefined {
  const { args, object, at } = called
  const [first, second] = args
  const one = (value: Value): Outcome[] => [{ state, value }]
  if (/^(?:Map|Set|set|frozenset|WeakSet)$/.test(called.path) && first?.items !== undefined)
    return one({ origins: first.origins, ref: `${called.path}()`, items: first.items })
  if (object?.items !== undefined && object.items.length > 0 && object.ref !== undefined && first !== undefined) {
    if (/^(?:has|includes)$/.test(method)) return membership(interpreter, first, object, true, state, at)
    if (method === 'get') return one(object.items.map((pair) => pair.items?.[1] ?? UNKNOWN).reduce(join))
  }
  if (object?.items !== undefined && object.items.length > 0 && method === 'includes' && first !== undefined)
    return membership(interpreter, first, object, true, state, at)
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
        interpreter.record.lookup(state, { name: called.written, at, key: first, scope: args, memory: true })
      return one({ origins: [...(first?.origins ?? []), { kind: 'stored' }], shared: true })
    }
    if (/^(?:set|add|append|push|update|setdefault|insert|put|delete|remove|discard|pop|clear|unshift)$/.test(method)) {
      if (byEvent && first !== undefined && /^(?:set|add|append|push|setdefault)$/.test(method))
        interpreter.record.claim(state, { kind: 'store', at, key: first.origins, name: called.written })
      else
        interpreter.record.effect(state, {
          kind: 'write',
          name: called.written,
          at,
          uses: unionOrigins(args.map((arg) => arg.origins)),
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
  const over =
    object !== undefined &&
    /^(?:map|filter|forEach|some|every|find|findIndex|reduce|flatMap|sort|any|all|then|finally|tap)$/.test(method)
      ? object
      : undefined
  if (over !== undefined && first?.closures !== undefined && over.role === undefined) {
    const element = /^(?:then|finally)$/.test(method) ? over : interpreter.elementOf(over, state)
    const given = method === 'reduce' ? [second ?? UNKNOWN, element] : [element]
    const outcomes = interpreter.apply(first, given, state, frame, at, called.path)
    if (/^(?:some|every|find|findIndex|any|all)$/.test(method)) return outcomes
    if (method === 'then') return outcomes
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
  if (
    /^(?:map|filter|list|tuple|sorted|iter|reversed|enumerate|zip|set|Array\.from|Promise\.all(?:Settled)?|asyncio\.gather|Object\.(?:entries|values|keys|fromEntries))$/.test(
      called.path,
    ) &&
    args.length > 0
  ) {
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
  if (
    /^(?:asyncio\.to_thread|run_in_threadpool|sync_to_async|asyncio\.run|loop\.run_in_executor|setImmediate|setTimeout|process\.nextTick|queueMicrotask|waitUntil|after|asyncio\.create_task|asyncio\.ensure_future|transaction\.on_commit|threading\.Thread|Thread)$/.test(
      called.path,
    ) ||
    /^(?:waitUntil|run_in_executor|add_task|on_commit|nextTick)$/.test(method)
  ) {
    const target = args.find((arg) => arg.closures !== undefined) ?? called.named.get('target')
    if (target?.closures !== undefined) {
      const rest = args.filter((arg) => arg !== target)
      return interpreter.apply(
        target,
        rest.length === 0 ? (called.named.get('args')?.items ?? []) : rest,
        state,
        frame,
        at,
        called.path,
      )
    }
  }
  if (method === 'catch' && first?.closures !== undefined && object !== undefined) return one(object)
  return undefined
}

// ── stores, identities, the web ──────────────────────────────────────────────────────────────────────────────────

const CACHE = /redis|cache|kv|memcache|valkey|store|ioredis|upstash/i

/** "Seen before?" in its many forms. */
function storeCall(interpreter: Machine, called: Called, state: State, method: string): Outcome[] | undefined {
  const { args, named, path, at, object } = called
  if (object === undefined || !CACHE.test(path.split('.').slice(0, -1).join('.'))) return undefined
  const one = (value: Value): Outcome[] => [{ state, value }]
  const [first] = args
  if (first === undefined || !identityOf(first, interpreter.surface)) return undefined
  const claim = (kind: 'atomic' | 'lookup' | 'store'): Value => {
    const made = interpreter.record.claim(state, { kind, at, key: first.origins, name: path })
    return { origins: [], claim: made }
  }
  if (
    /^(?:setnx|setNX|set_nx|add|sadd|sAdd|putIfAbsent|setIfNotExists|set_if_not_exists|hsetnx|pfadd|incr)$/.test(method)
  )
    return one(claim('atomic'))
  if (/^(?:set|put|setex|setEx|hset|psetex)$/.test(method)) {
    const flags = [...args.slice(1).flatMap((arg) => [textOf(arg)?.toUpperCase() ?? '', ...optionNames(arg, state)])]
    const nx = named.get('nx')?.literal?.value === true || flags.includes('NX') || named.has('if_not_exists')
    return one(claim(nx ? 'atomic' : 'store'))
  }
  if (/^(?:get|exists|has|sismember|sIsMember|hget|hexists|contains|__contains__|getItem|mget)$/.test(method))
    return one(claim('lookup'))
  if (/^(?:delete|del|unlink|remove|srem)$/.test(method)) {
    interpreter.record.guards.add('claim-released')
    return one(UNKNOWN)
  }
  return undefined
}

/** `{ NX: true, EX: 60 }` */
function optionNames(value: Value, state: State): readonly string[] {
  if (value.object === undefined) return []
  return state
    .namesOf(value.object)
    .filter((name) => state.get(value.object ?? 0, name)?.literal?.value !== false)
    .flatMap((name) => [name.toUpperCase(), textOf(state.get(value.object ?? 0, name))?.toUpperCase() ?? ''])
}

function identityCall(
  interpreter: Machine,
  { path, at, args, named }: Called,
  state: State,
  method: string,
): Outcome[] | undefined {
  if (
    !/^(?:getServerSession|auth|currentUser|getAuth|getSession|getToken|get_jwt_identity|get_current_user|getCurrentUser|current_user|getUser|get_user|requireUser|requireAuth|requireSession|validateSession|verifySession|verifyCookie|verify_cookie|verifyToken|verify_token|authenticate|authenticateToken|getUserFromToken|get_user_from_token|getUserFromRequest|get_session|decode_token|decodeToken|validateToken|validate_token|verifyJwt|verifyUser|authenticateRequest|authenticateUser|requireUserId|get_jwt|getUserId|get_user_id|loadSession|parseSession)$/.test(
      method,
    )
  )
    return undefined
  if (/webhook|signature|stripe|hmac/i.test(path)) return undefined
  const given = [...args, ...named.values()]
  const check = interpreter.record.check({ ...bareCheck('identity', path, at), headers: given.flatMap(headersOf) })
  state.ask(check)
  return [{ state, value: { ...IDENTITY, check: { check, positive: true }, symbol: `identity:${path}` } }]
}

/** Requests to elsewhere, redirects, signed addresses, background results. */
function webCall(interpreter: Machine, called: Called, state: State, method: string): Outcome[] | undefined {
  const { args, named, path, at } = called
  const one = (value: Value): Outcome[] => [{ state, value }]
  const fetching =
    /^(?:fetch|axios|got|needle|superagent|request|ky|undici\.(?:fetch|request)|node-fetch|axios\.\w+|got\.\w+|ky\.\w+|requests\.(?:get|post|put|patch|delete|head|request)|httpx\.(?:get|post|put|patch|delete|head|request|stream)|urllib\.request\.(?:urlopen|urlretrieve)|urlopen|urllib3\.\w+|aiohttp\.ClientSession\(\)\.\w+|httpx\.(?:AsyncClient|Client)\(\)\.\w+|requests\.Session\(\)\.\w+|https?\.(?:get|request)|fetchImpl|http_client\.\w+|httpService\.\w+|this\.http(?:Service)?\.\w+|HttpService\(\)\.\w+)$/.test(
      path,
    )
  if (fetching && !/\.(?:create|isAxiosError|extend|all|close|aclose|mount)$/.test(path)) {
    const url =
      named.get('url') ?? args.find((arg) => !/^(?:GET|POST|PUT|PATCH|DELETE|HEAD)$/.test(textOf(arg) ?? '')) ?? UNKNOWN
    const options = url.object === undefined ? undefined : state.get(url.object, 'url')
    const target = options ?? url
    const prefix = target.literal === undefined && target.anchored !== true ? target : UNKNOWN
    interpreter.record.use(state, {
      kind: 'fetch',
      name: path,
      at,
      origins: prefix.origins,
      guarded: isGuardedUrl(state),
    })
    const posts =
      /post|put|patch|delete|request$/i.test(method) ||
      args.some(
        (arg) =>
          arg.object !== undefined && /POST|PUT|PATCH|DELETE/.test(textOf(state.get(arg.object, 'method')) ?? ''),
      ) ||
      (path === 'fetch' && args[1]?.object !== undefined && state.get(args[1].object, 'body') !== undefined)
    const uses = unionOrigins([...args, ...named.values()].map((arg) => arg.origins))
    if (posts)
      interpreter.record.effect(state, { kind: 'send', name: path, at, uses, opaque: undefined, repeatable: false })
    return one({
      origins: unionOrigins([
        [{ kind: 'fetched' }],
        uses.filter((origin) => origin.kind === 'parsed-body' || origin.kind === 'path'),
      ]),
      ref: 'fetched()',
    })
  }
  if (
    /^(?:redirect|flask\.redirect|django\.shortcuts\.redirect|HttpResponseRedirect|RedirectResponse|starlette\.responses\.RedirectResponse|fastapi\.responses\.RedirectResponse|NextResponse\.redirect|Response\.redirect|next\/server\.NextResponse\.redirect|next\/navigation\.redirect|fastapi\.RedirectResponse|django\.http\.HttpResponseRedirect)$/.test(
      path,
    )
  ) {
    const target = args[0] ?? named.get('url') ?? UNKNOWN
    interpreter.record.use(state, {
      kind: 'redirect',
      name: path,
      at,
      origins: target.origins,
      guarded: isGuardedUrl(state),
    })
    return one({ origins: target.origins, ref: 'response()' })
  }
  if (
    /(?:^|\.)(?:generate_presigned_url|generatePresignedUrl|getSignedUrl|getSignedUrlPromise|generate_signed_url|presignedGetObject|createPresignedPost|s3-request-presigner\.getSignedUrl|createSignedUrl|generate_presigned_post|get_presigned_url|presigned_get_object|signedUrl)$/.test(
      path,
    )
  ) {
    const seconds = ttlOf(called, state)
    interpreter.record.use(state, {
      kind: 'signed-url',
      name: path,
      at,
      origins: unionOrigins(args.map((arg) => arg.origins)),
      guarded: false,
      seconds: seconds.value,
      detail: seconds.given ? 'given' : 'default',
    })
    return one({ origins: unionOrigins([...args, ...named.values()].map((arg) => arg.origins)), ref: 'signed-url()' })
  }
  if (
    /(?:^|\.)(?:AsyncResult|getJob|Job\.fetch|fetch_job|get_job|getJobCounts|Job\.fromId|get_task|get_task_status|find_job|get_result|get_export|getExport|getJobById|findJob)$/.test(
      path,
    )
  ) {
    const key = args[0] ?? named.get('id') ?? named.get('job_id') ?? UNKNOWN
    interpreter.record.use(state, {
      kind: 'job-read',
      name: path,
      at,
      origins: key.origins,
      guarded: [...args, ...named.values()].some((arg) => has(arg, 'identity')),
      detail: 'fetched',
    })
    return one({ origins: [...key.origins, { kind: 'stored' }], ref: 'job()' })
  }
  return undefined
}

function ttlOf({ args, named }: Called, state: State): { value: number | undefined; given: boolean } {
  const direct = named.get('ExpiresIn') ?? named.get('expiration') ?? named.get('expires') ?? named.get('expires_in')
  if (direct !== undefined) return { value: numberOf(direct), given: true }
  for (const arg of args) {
    if (arg.object === undefined) continue
    for (const name of ['expiresIn', 'ExpiresIn', 'Expires', 'expires', 'expiresInSeconds']) {
      const option = state.get(arg.object, name)
      if (option !== undefined) return { value: numberOf(option), given: true }
    }
  }
  const plain = args.map(numberOf).find((value) => value !== undefined)
  return plain === undefined ? { value: undefined, given: false } : { value: plain, given: true }
}

function isGuardedUrl(state: State): boolean {
  return (
    state.guards.includes('url-validated') ||
    (state.guards.includes('value-compared') && state.guards.includes('url-parsed'))
  )
}

function logged(interpreter: Machine, { args, named, at, path }: Called, state: State): void {
  const given = derived(
    ...args.filter((arg) => arg.length !== true),
    ...named.values(),
    ...args.map((arg) => (arg.role === 'headers' ? withOrigins({ kind: 'header', name: '*' }) : UNKNOWN)),
  )
  const sensitive = given.origins.filter(
    (origin) =>
      origin.kind === 'secret' ||
      origin.kind === 'digest' ||
      (origin.kind === 'header' && /signature|authorization|token|secret|^\*$|api-key|hmac/.test(origin.name)),
  )
  if (sensitive.length > 0)
    interpreter.record.use(state, { kind: 'log', name: path, at, origins: sensitive, guarded: false })
}

// ── calls that lead out of sight ─────────────────────────────────────────────────────────────────────────────────

export function constructOutside(interpreter: Machine, called: Called, state: State, frame: Frame): Outcome[] {
  const { args, named, path, at, object, property, written } = called
  const all = [...args, ...named.values()]
  const given = derived(...all)
  const whole = derived(given, ...(object === undefined || object.role !== undefined ? [] : [object]))
  const last = property ?? path.replace(/\(\)/g, '').split('.').at(-1) ?? ''
  const ref = `${path}()`

  // `@wraps(view)` copies a name and runs nothing.
  if (/(?:^|\.)(?:wraps|update_wrapper)$/.test(path)) return [{ state, value: { ...UNKNOWN, ref } }]
  // Wrappers and decorators of packages: what they wrap is what runs.
  const wrapped = all.find((arg) => arg.closures !== undefined || (arg.instance !== undefined && false))
  if (
    called.decorating === true ||
    (wrapped !== undefined && args.length === 1 && called.object === undefined && VERIFYING_WRAPPERS.test(path))
  ) {
    noteGuard(interpreter, path, state, at)
    const inner = args[0] ?? UNKNOWN
    // `@decorator(args)` is applied to what its call returned.
    return [{ state, value: inner.closures === undefined ? { ...UNKNOWN, ref } : inner }]
  }

  const verifying = delegated(interpreter, called, whole, state, frame)
  if (verifying !== undefined) return verifying

  if (
    /^(?:abort|flask\.abort|werkzeug\.exceptions\.abort|process\.exit|sys\.exit|notFound|next\/navigation\.notFound|httpErrors\.\w+|ctx\.throw|fail|error)$/.test(
      path,
    ) &&
    /abort|exit|notFound|throw/.test(path)
  ) {
    interpreter.record.thrown({ ...given, ref: 'HTTPException' }, at, state)
    interpreter.throwIn(state, { ...UNKNOWN, ref: 'HTTPException()' }, true)
    return []
  }

  let current: State[] = [state]
  // Callbacks run once, after what came before them.
  for (const arg of all) {
    if (arg.closures === undefined) continue
    const parameters: Value[] = callbackArguments(path, property, whole, object)
    current = current.flatMap((one) => [
      ...interpreter
        .contained(() => interpreter.apply(arg, parameters, one, frame, at, path))
        .map((outcome) => outcome.state),
    ])
    current = interpreter.merge(current, frame.env)
  }
  for (const arg of all) {
    if (arg.object === undefined) continue
    for (const one of current)
      for (const name of one.namesOf(arg.object).slice(0, 20)) {
        const member = one.get(arg.object, name)
        if (
          member?.closures === undefined ||
          !/^(?:on|handler|verify|callback|success|error|start|async_?)/i.test(name)
        )
          continue
        interpreter.contained(() => interpreter.apply(member, [whole], one, frame, at, path))
      }
  }
  return current.flatMap((one) => outcomesOf(interpreter, called, one, whole, last, written, ref))
}

function callbackArguments(
  path: string,
  property: string | undefined,
  whole: Value,
  object: Value | undefined,
): Value[] {
  if (property === 'on' || property === 'once' || property === 'addEventListener') {
    const source = object?.role === 'request' ? withOrigins({ kind: 'raw-body' }) : (object ?? UNKNOWN)
    return [source.role === undefined ? source : UNKNOWN, UNKNOWN]
  }
  if (/transaction|begin|atomic|session|withTransaction|acquire|connect/i.test(path))
    return [{ origins: [], ref: 'tx' }]
  return [whole.origins.length > 0 ? { origins: whole.origins } : UNKNOWN, UNKNOWN]
}

function noteGuard(interpreter: Machine, path: string, state: State, at: Place): void {
  const name = path.replace(/\(\)/g, '')
  if (isNeutralName(name) && !isVerifierName(name) && !VERIFYING_WRAPPERS.test(name) && !isGuardName(name)) return
  passGuard(interpreter, name, state, at)
}

/** A guard nobody can look into: believed as far as its name goes, and noted as not followed. */
export function passGuard(interpreter: Machine, name: string, state: State, at: Place): void {
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

/** Something that looks like a verifier and cannot be followed. */
function delegated(
  interpreter: Machine,
  called: Called,
  whole: Value,
  state: State,
  _frame: Frame,
): Outcome[] | undefined {
  const { path, written, args, named, at } = called
  const all = [...args, ...named.values()]
  const whole_request = all.some(
    (arg) => arg.role === 'request' || arg.role === 'headers' || arg.role === 'context' || arg.role === 'event',
  )
  const signatureGiven = originsOf(whole, 'header').some(
    (origin) =>
      origin.name === '*' ||
      (/sign|hmac|token|hash|auth|webhook|stripe|svix|secret/.test(origin.name) &&
        !/id$|event|topic|time|delivery|type$/.test(origin.name)),
  )
  const bytes = has(whole, 'raw-body', 'reserialised', 'parsed-body')
  const keyed = has(whole, 'secret')
  const name = /^\w+$/.test(written) || path.length === 0 ? written : path
  const last = (name.split('.').at(-1) ?? name).replace(/\(\)/g, '')
  // `RequestValidator(token)` is made here and asked later.
  if (called.isNew || /^[A-Z]\w*[a-z]/.test(last)) return undefined
  const byName = isVerifierName(name) || isVerifierName(written)
  const byData =
    signatureGiven &&
    (bytes || keyed) &&
    effectOfMethod(last, path, called.object !== undefined) === undefined &&
    !isStoring(last)
  const isEvidence =
    (byName &&
      (whole_request || signatureGiven || keyed || bytes || has(whole, 'header', 'query', 'path', 'digest'))) ||
    (byData && !isLogger(path) && !/^(?:print|str|dict|JSON\.stringify)$/.test(path))
  if (!isEvidence || (/parse|json|format|create_?hmac|hash$/i.test(name) && !byName)) return undefined
  const check = interpreter.record.check({
    ...bareCheck('delegated', name, at),
    over: bytes ? signedOver(whole.origins) : 'unknown',
    headers: originsOf(whole, 'header').map((origin) => origin.name),
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

/** Keeps a copy: the signature beside the body is no check of it. */
function isStoring(name: string): boolean {
  return /insert|save|store|record|append|push|enqueue|publish|send|add|create|queue|forward|put|write/i.test(name)
}

function outcomesOf(
  interpreter: Machine,
  called: Called,
  state: State,
  whole: Value,
  last: string,
  written: string,
  ref: string,
): Outcome[] {
  const { args, named, path, at, object } = called
  const all = [...args, ...named.values()]
  const sql = args
    .map(textOf)
    .find((text) => text !== undefined && /^\s*(?:insert|update|delete|select|replace|merge|with)\b/i.test(text))
  const known = sql === undefined ? effectOfMethod(last, path, object !== undefined) : effectOfSql(sql)
  const uses = unionOrigins([
    ...all.map((arg) => deep(arg, state)),
    ...(object !== undefined && (has(object, 'stored') || fromRequest(object)) ? [object.origins] : []),
  ])
  const at_ = at
  if (isAuthorizationName(written)) {
    const check = interpreter.record.check(bareCheck('identity', 'authorisation', at_))
    state.ask(check)
    if (interpreter.phase === 'message') state.guard('authorized')
    return [{ state, value: { origins: [], check: { check, positive: true }, ref } }]
  }
  if (isUrlValidator(written)) {
    state.guard('url-validated')
    return [{ state, value: { origins: whole.origins, ref } }]
  }
  if (/^(?:urlparse|urllib\.parse\.(?:urlparse|urlsplit)|URL|new_url|url\.parse)$/.test(path)) state.guard('url-parsed')
  if (isValidation(path, last)) state.guard('schema-validated')
  if (/rate|limit|throttle|consume|slowDown/i.test(written) && !/time|limits?\.(?:get|max)/i.test(written))
    state.guard('rate-limited')

  if (
    (known !== undefined && !isPureName(path)) ||
    (known !== undefined && sql !== undefined) ||
    known?.kind === 'execute'
  ) {
    if (known.kind === 'upsert' || (known.kind === 'insert' && isEventId(uses)))
      interpreter.record.claim(state, {
        kind: known.kind === 'upsert' ? 'upsert' : 'insert',
        at: at_,
        key: uses,
        name: entityOf(path, sql, all),
      })
    effect(
      interpreter,
      state,
      known.kind,
      path,
      at_,
      uses,
      undefined,
      known.repeatable || hasJobId(called, state, interpreter),
    )
    const stored: readonly Origin[] = known.kind === 'insert' || known.kind === 'upsert' ? [{ kind: 'stored' }] : []
    return [
      {
        state,
        value: { origins: unionOrigins([stored, whole.origins.filter((origin) => origin.kind !== 'secret')]), ref },
      },
    ]
  }
  if (isLookup(last, `${path} ${written}`, sql, object)) {
    const key = { origins: uses }
    const scoped = all.some((arg) => has(arg, 'identity')) || has({ origins: uses } as Value, 'identity')
    if (
      identityOf({ origins: uses }, interpreter.surface) &&
      /event|webhook|deliver|processed|idempot|seen|log|message|payment|transaction|order/i.test(path + (sql ?? '')) &&
      interpreter.surface.kind === 'route'
    )
      interpreter.record.claim(state, { kind: 'lookup', at: at_, key: uses, name: entityOf(path, sql, all) })
    interpreter.record.use(state, { kind: 'lookup', name: written, at: at_, origins: key.origins, guarded: scoped })
    return [
      {
        state,
        value: {
          origins: unionOrigins([[{ kind: 'stored' }], uses.filter((origin) => origin.kind !== 'secret')]),
          ref,
        },
      },
    ]
  }
  if (isSubscription(last, path))
    interpreter.record.use(state, {
      kind: 'response',
      name: 'subscribe',
      at: at_,
      origins: uses,
      guarded: has({ origins: uses } as Value, 'identity'),
      detail: 'subscribe',
    })
  if (!isPureName(path) && !called.isNew && isEffectful(called, whole, last)) {
    const opaque =
      object === undefined
        ? called.callee.ref !== undefined && called.callee.ref !== written
          ? 'imported'
          : 'undefined'
        : 'member'
    effect(interpreter, state, 'opaque', written === '' ? path : written, at_, uses, opaque, !isCostlyName(written))
  }
  const finds =
    called.used &&
    isFinderName(last) &&
    !called.isNew &&
    object !== undefined &&
    fromRequest({ origins: uses }) &&
    !fromRequest(object) &&
    object.role === undefined &&
    object.ref !== 'text()'
  const rest: readonly Origin[] = [
    ...(finds ? [{ kind: 'stored' } as const] : []),
    ...whole.origins.filter((origin) => origin.kind !== 'secret' || called.isNew),
  ]
  return [{ state, value: { origins: rest, ref, ...(whole.symbol === undefined ? {} : {}) } }]
}

/** What is looked for or stored, as far as names tell: `prisma.webhookEvent.create`, `session.add WebhookEvent`. */
function entityOf(path: string, sql: string | undefined, args: readonly Value[]): string {
  const table = /\b(?:from|into|update)\s+"?([\w.]+)/i.exec(sql ?? '')?.[1]
  const made = args.flatMap(({ ref }) => (ref === undefined ? [] : (/(\w+)\(\)$/.exec(ref)?.[1] ?? [])))
  return [table ?? path, ...made].join(' ')
}

/** The event's own id, not that of something it speaks of. */
function isEventId(origins: readonly Origin[]): boolean {
  return origins.some(
    (origin) =>
      (origin.kind === 'parsed-body' &&
        /^(?:\w*event\w*\.|data\.|meta\.)?(?:id|uuid|\w*event_?id|\w*delivery_?id|\w*message_?id|webhook_?id|nonce)$/i.test(
          origin.path,
        )) ||
      (origin.kind === 'header' && /id$|delivery|idempotency|nonce/.test(origin.name)) ||
      origin.kind === 'digest',
  )
}

function effect(
  interpreter: Machine,
  state: State,
  kind: EffectKind,
  name: string,
  at: Place,
  uses: readonly Origin[],
  opaque: 'undefined' | 'imported' | 'member' | undefined,
  repeatable: boolean,
): void {
  interpreter.record.effect(state, { kind, name, at, uses, opaque, repeatable })
}

/** Origins of a value and of what it holds one level down. */
function deep(value: Value, state: State): readonly Origin[] {
  if (value.role === 'headers') return [{ kind: 'header', name: '*' }]
  if (value.object === undefined) return value.origins
  const fields = state
    .namesOf(value.object)
    .slice(0, 30)
    .flatMap((name) => state.get(value.object ?? 0, name) ?? [])
  return unionOrigins([
    value.origins,
    ...fields.map((field) =>
      field.object === undefined
        ? deep(field, state)
        : [
            ...field.origins,
            ...state.namesOf(field.object).flatMap((name) => state.get(field.object ?? 0, name)?.origins ?? []),
          ],
    ),
  ])
}

/** A job that carries the event's id as its own is not queued twice. */
function hasJobId({ args, named }: Called, state: State, interpreter: Machine): boolean {
  const candidates = [named.get('job_id'), named.get('task_id'), named.get('_job_id'), named.get('idempotency_key')]
  for (const arg of args) {
    if (arg.object === undefined) continue
    for (const name of ['jobId', 'deduplicationId', 'MessageDeduplicationId', 'idempotencyKey', 'deduplication', 'id'])
      candidates.push(state.get(arg.object, name))
  }
  return candidates.some((value) => value !== undefined && identityOf(value, interpreter.surface))
}

function isLookup(last: string, path: string, sql: string | undefined, object: Value | undefined): boolean {
  if (sql !== undefined) return /^\s*(?:select|with)\b/i.test(sql)
  if (object === undefined)
    return /^(?:get_object_or_404|get_or_404|find_one|find_by_id|get_user|find_user|load_user)$/.test(last)
  if (object.role !== undefined) return false
  return (
    /^(?:find|findOne|findUnique|findFirst|findById|findByPk|findMany|findUniqueOrThrow|findFirstOrThrow|find_one|get|get_or_404|filter|filter_by|first|first_or_404|one|one_or_none|scalar|scalar_one_or_none|select|where|exists|query|findOneBy|find_by|getOne|maybeSingle|single|eq|scalars|get_one|findOneOrFail|getItem|get_item)$/.test(
      last,
    ) &&
    /(?:^|\.)(?:objects|query|session|db|prisma|collection|models?|[A-Z]\w+|repo\w*|\w*[rR]epository|knex|supabase|mongo\w*|store|users?|orders?|jobs?|tx|conn\w*|cursor|dao|table|from\(\))\b/.test(
      path,
    )
  )
}

function isSubscription(last: string, path: string): boolean {
  return (
    /^(?:subscribe|psubscribe|listen|on|addListener|register|stream|watch|subscribe_to|join)$/.test(last) &&
    !/process\.|signal|request|req\.|res\.|response/.test(path)
  )
}

function isUrlValidator(name: string): boolean {
  const last = name.split('.').at(-1) ?? name
  return /(?:is|assert|ensure|validate|check|verify|require|reject|block|guard).*(?:url|uri|host|domain|callback|target|endpoint|destination|ssrf|address|redirect)|(?:url|host|domain|target|destination|ssrf).*(?:safe|allowed|valid|guard|check|filter|public)|url_has_allowed_host_and_scheme|is_safe_url|ssrf/i.test(
    last,
  )
}

function isValidation(path: string, last: string): boolean {
  return (
    (/(?:schema|validator|ajv|zod|joi|yup|serializer|dto|model|pydantic|marshmallow|valibot|superstruct|io-?ts|typebox|validate|Schema)/i.test(
      path,
    ) &&
      /^(?:parse|safeParse|parseAsync|validate|validateSync|validateAsync|load|is_valid|model_validate|model_validate_json|parse_obj|check|assert|decode|validate_python|compile|is|cast|loads)$/i.test(
        last,
      )) ||
    /^(?:validate\w*|is_?valid\w*|assertValid\w*|parse_?(?:message|event|payload|command)|jsonschema\.validate|plainToInstance)$/i.test(
      last,
    )
  )
}

function isEffectful({ args, named, object, written, callee, used }: Called, whole: Value, last: string): boolean {
  if (last === '' || (/^[A-Z]\w*$/.test(last) && object === undefined)) return false
  if (object !== undefined && (object.literal !== undefined || object.items !== undefined || object.role !== undefined))
    return false
  if (
    object !== undefined &&
    /^(?:generator|digest|text|fetched|response|signed-url|RegExp)\(\)/.test(object.ref ?? '')
  )
    return false
  if (/^(?:next|done|cb|callback|resolve|reject|ack)$/.test(written)) return false
  const touches = whole.origins.some((origin) =>
    (used
      ? /^(?:parsed-body|raw-body|message|stored|reserialised)$/
      : /^(?:parsed-body|raw-body|message|stored|reserialised|query|path)$/
    ).test(origin.kind),
  )
  const silent = args.length === 0 && named.size === 0
  if (object !== undefined && callee.ref === undefined && !touches) return false
  if (silent && object !== undefined)
    return /^(?:run|start|deploy|pull|restart|rebuild|sync|commit)$/.test(last) && last !== 'commit'
  return touches || (silent && object === undefined)
}
