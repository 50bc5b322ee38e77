/**
 * What comparisons mean: a signature or token is proved, a time is fresh, an id was seen before, an owner is asked for.
 *
 * Long because one comparison may be any of these, and which one is told by trying them in order.
 */

import { failuresAreValues } from '../knowledge/libraries.ts'
import type { Expression, LoopStatement } from '../parse/ir.ts'
import { pathOf } from '../parse/walk.ts'
import type { DiscoveredSurface } from '../surface.ts'
import { bareCheck } from './checks.ts'
import type { Check, Origin, Place } from './facts.ts'
import type { Frame, Machine, Outcome } from './machine.ts'
import { deep, identityOf, isNothing, isTime } from './noting.ts'
import { checkOf } from './proofs.ts'
import { noteComparison } from './sockets.ts'
import type { State } from './state.ts'
import {
  derived,
  fromRequest,
  has,
  literal,
  numberOf,
  originKey,
  originsOf,
  textOf,
  UNKNOWN,
  unionOrigins,
  type Value,
} from './value.ts'

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
  noteComparison(interpreter, left, right, state, expression)
  if (equality && left.literal !== undefined && right.literal !== undefined && !isTime(left) && !isTime(right)) {
    const same =
      left.literal.value === right.literal.value || (left.literal.value == null && right.literal.value == null)
    return [{ state, value: literal(same === positive) }]
  }
  if (equality && (isNothing(left) || isNothing(right))) {
    const tested = isNothing(left) ? right : left
    if (tested.certain === true) return [{ state, value: literal(negated) }]
    if (tested.check !== undefined) {
      // Where failures are values, what a verifier answers is an error: nil means that all is well.
      const isError =
        failuresAreValues(frame.module.language) &&
        tested.check.positive &&
        (tested.check.check.kind !== 'identity' || namesError(expression.left) || namesError(expression.right)) &&
        !has(tested, 'exception')
      const there = isError ? !tested.check.positive : tested.check.positive
      return [{ state, value: { ...tested, check: { check: tested.check.check, positive: negated === there } } }]
    }
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
    (has(derived(left, right), 'raw-body') ||
      isContentLength(left) ||
      isContentLength(right) ||
      ((left.length === true || right.length === true) && has(derived(left, right), 'message')))
  )
    state.guard('size-limited')
  const answered = numberedCheck(left, right, positive, negated)
  if (answered !== undefined) return [{ state, value: answered }]
  const emptiness = emptinessTest(interpreter, operator, left, right, state, at)
  if (emptiness !== undefined) return emptiness
  if (left.length === true || right.length === true) {
    if (fromRequest(left) || fromRequest(right) || has(derived(left, right), 'digest')) state.guard('length-compared')
    return [{ state, value: UNKNOWN }]
  }
  if (operator === 'in' || operator === 'not in') return membership(interpreter, left, right, positive, state, at)
  if (isFreshness(operator, left, right))
    return freshness(interpreter, left, right, state, at, [pathOf(expression.left), pathOf(expression.right)])
  if (!equality) {
    if (fromRequest(left) || fromRequest(right)) state.guard('value-compared')
    return [{ state, value: derivedFlag(left, right) }]
  }
  const address = sameAddress(interpreter.surface, left, right)
  if (address !== undefined) return [{ state, value: literal(address === positive) }]
  const check = checkOf(interpreter, left, right, false, state, at, operator === '!=' ? '!=' : '==')
  if (check !== undefined) return [{ state, value: { origins: [], check: { check, positive } } }]
  const text = textOf(right) ?? textOf(left)
  const subject = textOf(right) === undefined ? right : left
  if (asksHowFar(left, right, expression.left) || asksHowFar(right, left, expression.right)) state.guard('state-tested')
  const confirmed = confirmation(interpreter, left, right, state, at)
  if (confirmed !== undefined) return [{ state, value: { origins: [], check: { check: confirmed, positive } } }]
  if (fromRequest(subject)) interpreter.record.tested(subject)
  // A name of this machine or its network is one that is refused, not the one that is allowed.
  const allows =
    text !== undefined && !/^(?:localhost|\[?::|0\.|10\.|127\.|169\.254|172\.|192\.168|metadata)/.test(text)
  if (allows && originsOf(subject, 'parsed-body').some(({ path }) => HOST_FIELD.test(path)))
    state.guard('url-validated')
  if (text !== undefined && subject.symbol !== undefined) {
    const known = state.equals.get(subject.symbol)
    if (known !== undefined) return [{ state, value: literal((known === text) === positive) }]
    const symbol = `eq:${subject.symbol}=${text}`
    const value: Value = { origins: subject.origins, symbol, isFlag: true }
    return positive ? [{ state, value }] : flipped(interpreter, value, state, at)
  }
  return [{ state, value: derivedFlag(left, right) }]
}

function namesError(expression: Expression): boolean {
  return expression.kind === 'name' && /^err/i.test(expression.name)
}

/** Of code that is not in sight; of the event itself the state says nothing. */
const FOUND =
  /(?:^|[./])(?:find|get|load|fetch|look_?up|retrieve)_?(?!\w*(?:json|data|body|payload|event))\w*\(\)\.\w+$/i

/** `order.status != 'paid'`: a record that is already there is not brought there again. */
function asksHowFar(record: Value, wanted: Value, written: Expression): boolean {
  const field = pathOf(written).split('.').at(-1) ?? ''
  return (
    (has(record, 'stored') || FOUND.test(record.ref ?? '')) &&
    /(?:^|_)(?:status|state|stage|phase)$|(?:Status|State)(?:\(\))?$/.test(field) &&
    !fromRequest({ origins: wanted.origins })
  )
}

/** `request.path.startswith('/hooks/')`: the route under examination says what it gives, as far as it is fixed. */
export function addressTest(
  surface: DiscoveredSurface,
  object: Value | undefined,
  method: string,
  argument: Value | undefined,
): boolean | undefined {
  const { path, mountSeen } = surface
  const isBegun = /^starts_?with$/i.test(method) && /^request\.url$/.test(object?.ref ?? '')
  if (path === undefined || object === undefined || !(isBegun || isAddress(object))) return undefined
  const candidates = argument?.items === undefined ? [argument] : argument.items
  const texts = candidates.map(textOf)
  if (texts.length === 0 || texts.some((text) => text === undefined)) return undefined
  const fixed = /^[^<{:*(]*/.exec(path)?.[0] ?? ''
  const answers = texts.map((text = ''): boolean | undefined => {
    if (/^starts_?with$/i.test(method)) {
      if (fixed.startsWith(text)) return true
      return !mountSeen || (text.startsWith(fixed) && fixed !== path) ? undefined : false
    }
    return /^ends_?with$/i.test(method) && fixed === path ? path.endsWith(text) : undefined
  })
  if (answers.includes(true)) return true
  return answers.includes(undefined) ? undefined : false
}

function sameAddress(surface: DiscoveredSurface, left: Value, right: Value): boolean | undefined {
  const { path, mountSeen } = surface
  const [address, other] = isAddress(left) ? [left, right] : [right, left]
  const text = textOf(other)
  if (path === undefined || text === undefined || !isAddress(address) || /[<{:*(]/.test(path)) return undefined
  if (path === text) return true
  return mountSeen ? false : undefined
}

function isAddress({ ref, origins }: Value): boolean {
  return (
    origins.length === 1 &&
    origins[0]?.kind === 'url' &&
    /(?:^|\.)(?:path|path_info|pathname|full_path|originalUrl)$/.test(ref ?? '')
  )
}

/** `ConstantTimeCompare(a, b) == 1`: the outcome of a check as a number. */
function numberedCheck(left: Value, right: Value, positive: boolean, negated: boolean): Value | undefined {
  const tested = left.check === undefined ? right : left
  const number = numberOf(left) ?? numberOf(right)
  if (tested.check === undefined || (number !== 0 && number !== 1) || (!positive && !negated)) return undefined
  const sameSense = (number === 1) === positive
  return { origins: [], check: { check: tested.check.check, positive: tested.check.positive === sameSense } }
}

/** `a[i] ^ b[i]`: what is left of two bytes where they differ, gathered in a number that is then asked to be 0. */
export function differingBits(
  interpreter: Machine,
  left: Value,
  right: Value,
  state: State,
  at: Place,
): Value | undefined {
  if (left.length === true || right.length === true) {
    if (fromRequest(derived(left, right)) || has(derived(left, right), 'digest')) state.guard('length-compared')
    return undefined
  }
  const check = checkOf(interpreter, left, right, true, state, at, BYTE_BY_BYTE)
  return check === undefined ? undefined : { origins: [], check: { check, positive: false } }
}
export const BYTE_BY_BYTE = 'the comparison byte by byte'

const bitwise = new WeakMap<LoopStatement, boolean>()
export function comparesBits(loop: LoopStatement): boolean {
  const known = bitwise.get(loop)
  if (known !== undefined) return known
  const found = JSON.stringify(loop.body).includes('"operator":"^"')
  bitwise.set(loop, found)
  return found
}

/** `len(x) == 0`, `x.length < 16`: a short secret or header is as good as none, and no rows are a no. */
function emptinessTest(
  interpreter: Machine,
  operator: string,
  left: Value,
  right: Value,
  state: State,
  at: Place,
): Outcome[] | undefined {
  const flippedSides = left.measured === undefined
  const measured = left.measured ?? right.measured
  const bound = numberOf(flippedSides ? left : right)
  if (measured === undefined || bound === undefined || bound < 0) return undefined
  if (measured.check === undefined && !has(measured, 'secret', 'env', 'header')) return undefined
  const direction = flippedSides ? (MIRRORED[operator] ?? operator) : operator
  const whenEmpty = { '==': bound === 0, '!=': bound !== 0, '<': bound > 0, '<=': true, '>': false, '>=': bound === 0 }[
    direction
  ]
  if (whenEmpty === undefined) return undefined
  const exact = bound === 0 || (bound === 1 && /[<>]/.test(direction))
  const { yes, no } = interpreter.split(state, measured, at)
  return [
    ...yes.map((one) => ({ state: one, value: exact ? literal(!whenEmpty) : UNKNOWN })),
    ...no.map((one) => ({ state: one, value: literal(whenEmpty) })),
  ]
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' }

/** `a.Before(b)`, `a.isAfter(b)`. */
export function compareTimes(
  interpreter: Machine,
  operator: string,
  left: Value,
  right: Value,
  state: State,
  at: Place,
): Outcome[] {
  return isFreshness(operator, left, right)
    ? freshness(interpreter, left, right, state, at)
    : [{ state, value: UNKNOWN }]
}

/** The provider was asked, and its answer is compared with its yes. */
export function confirmation(
  interpreter: Machine,
  left: Value,
  right: Value,
  state: State,
  at: Place,
): Check | undefined {
  const text = textOf(right) ?? textOf(left)
  const subject = textOf(right) === undefined ? right : left
  if (!has(subject, 'fetched') || text === undefined || !CONFIRMED.test(text)) return undefined
  const check = interpreter.record.check(bareCheck('refetch', ASKED_BACK, at))
  state.ask(check)
  return check
}

export const ASKED_BACK = 'the provider’s answer'

/** What providers answer when they are asked whether a delivery was theirs. */
const CONFIRMED = /^(?:verified|success|valid|true|ok|completed|paid|succeeded|successful|approved)$/i

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
  return {
    origins: unionOrigins([left.origins, right.origins]).filter((origin) => origin.kind !== 'secret'),
    isFlag: true,
  }
}

function isFreshness(operator: string, left: Value, right: Value): boolean {
  if (operator === '==' || operator === '!=') return false
  const both = derived(left, right)
  // When a record expires is told by its own field, whatever it was found by.
  if (has(both, 'stored') && !has(both, 'header')) return false
  return has(both, 'now')
}

/** `sent.between?(5.minutes.ago, 1.minute.from_now)`, `(now - 300..now + 300).cover?(sent)`: both ends of a window. */
export function withinWindow(
  interpreter: Machine,
  asked: Value,
  ends: readonly Value[],
  state: State,
  at: Place,
): Outcome[] | undefined {
  const all = derived(asked, ...ends)
  const timestamp = all.origins.filter(({ kind }) => kind !== 'now' && kind !== 'env' && kind !== 'secret')
  if (!has(all, 'now') || has(all, 'stored', 'fetched') || !fromRequest({ origins: timestamp })) return undefined
  interpreter.record.fresh(state, { at, sides: 'both', toleranceSeconds: undefined, signed: undefined, timestamp })
  return [{ state, value: UNKNOWN }]
}

/** `now - t > 300`, `abs(now - t) > 300`, `t < now - 300`, `t > now + 60`. */
function freshness(
  interpreter: Machine,
  left: Value,
  right: Value,
  state: State,
  at: Place,
  written: readonly string[] = [],
): Outcome[] {
  const both = derived(left, right)
  const timestamp = both.origins.filter(
    (origin) => origin.kind !== 'now' && origin.kind !== 'env' && origin.kind !== 'secret',
  )
  // The time of a record that was looked up or fetched says nothing of the request.
  if (has(both, 'stored', 'fetched') || !fromRequest({ origins: timestamp }) || !timestamp.some(mayBeTime))
    return [{ state, value: UNKNOWN }]
  // Who signed it said until when it holds.
  if (written.some((path) => ENDS.test(path))) return [{ state, value: UNKNOWN }]
  const bound = numberOf(left) ?? numberOf(right)
  const sides = left.absolute === true || right.absolute === true ? ('both' as const) : ('past' as const)
  // JavaScript's clock counts milliseconds; windows there are written as 300_000 or, divided, as 300 or 86_400.
  const millis =
    /^(?:javascript|typescript|java)$/.test(interpreter.surface.module.language) &&
    bound !== undefined &&
    bound >= 30_000 &&
    bound % 1000 === 0
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

const ENDS =
  /(?:^|[._])(?:(?:exp|expires?|expiry|expiration|valid_?until|not_?after)(?:_?(?:at|on|time|in|s))?|ends?_?(?:at|on|time|date|dt))$/i

/** A field of the body whose name is that of something else is no time; of the whole, and of headers, nobody knows. */
function mayBeTime(origin: Origin): boolean {
  return origin.kind !== 'parsed-body' || origin.path === '' || TIME_FIELD.test(origin.path)
}
const TIME_FIELD =
  /time|date|(?:^|[._])ts|At$|_at$|^(?:t|iat|exp|nbf)$|created|updated|issued|expir|stamp|sent|occurred|when|epoch/i

/** A `in` against a container: a list of origins, of seen ids, of keys. */
export function membership(
  interpreter: Machine,
  left: Value,
  right: Value,
  positive: boolean,
  state: State,
  at: Place,
): Outcome[] {
  const asked = right.role === 'headers' ? textOf(left) : undefined
  if (asked !== undefined) interpreter.record.header(asked.toLowerCase())
  const signedIn = right.role === 'session' && /user|log|auth|admin|account|uid|member|email/i.test(textOf(left) ?? '')
  if (signedIn && interpreter.surface.kind === 'route') {
    const check = interpreter.record.check({ ...bareCheck('identity', 'session', at), byCookie: true })
    state.ask(check)
    return [{ state, value: { origins: [], check: { check, positive } } }]
  }
  const addresses = isAddress(left)
    ? right.items?.map((item) => sameAddress(interpreter.surface, left, item))
    : undefined
  if (addresses !== undefined && addresses.length > 0) {
    if (addresses.includes(true)) return [{ state, value: literal(positive) }]
    if (!addresses.includes(undefined)) return [{ state, value: literal(!positive) }]
  }
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
  const held: Value =
    right.items === undefined && right.object === undefined
      ? right
      : { origins: unionOrigins([deep(right, state), ...(right.items ?? []).map(({ origins }) => origins)]) }
  const window = has(held, 'now') ? withinWindow(interpreter, left, [held], state, at) : undefined
  if (window !== undefined) return window
  // `user.id in room.members`: the record says who belongs to it.
  if (has(left, 'identity') && !has(left, 'stored') && has(held, 'stored', 'fetched') && !has(held, 'identity')) {
    const check = interpreter.record.check(bareCheck('identity', 'owner check', at))
    state.ask(check)
    return [{ state, value: { origins: [], check: { check, positive } } }]
  }
  if ((has(left, 'header', 'query') && has(held, 'secret')) || has(left, 'digest') || has(held, 'digest')) {
    const check = checkOf(interpreter, left, held, false, state, at, 'in')
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
    if (interpreter.surface.kind !== 'socket' || has(left, 'message')) state.guard('value-compared')
    if (originsOf(left, 'parsed-body').some((origin) => /url|uri|host|domain/i.test(origin.path)) || has(left, 'url'))
      state.guard('url-validated')
  }
  return [
    { state, value: { origins: [...left.origins, ...right.origins].filter((origin) => origin.kind !== 'secret') } },
  ]
}

export const HOST_FIELD = /(?:^|\.)(?:host|hostname|origin|netloc)$/
