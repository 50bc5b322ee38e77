/** Digests, with or without a key, and the functions that compare them in constant time. */

import { CONSTANT_TIME, HMAC_HELPERS, SIGNATURE_HELPERS } from '../knowledge/known-calls.ts'
import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import type { Origin, Place } from './facts.ts'
import type { Machine, Outcome } from './machine.ts'
import { headersOf } from './noting.ts'
import { checkOf } from './proofs.ts'
import type { State } from './state.ts'
import {
  derived,
  fromRequest,
  has,
  literal,
  originKey,
  originsOf,
  textOf,
  UNKNOWN,
  unionOrigins,
  type Value,
  withOrigins,
} from './value.ts'

export function digestValue(
  interpreter: Machine,
  {
    keyed,
    key,
    input,
    algorithm,
  }: { keyed: boolean; key: Value | undefined; input: readonly Value[]; algorithm: Value | undefined },
  { at, path }: Pick<Called, 'at' | 'path'>,
  state: State,
): Value {
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

export function digestCall(interpreter: Machine, called: Called, state: State, method: string): Outcome[] | undefined {
  const { args, named, path, object } = called
  const one = (value: Value): Outcome[] => [{ state, value }]
  const make = (keyed: boolean, key: Value | undefined, input: readonly Value[], algorithm: Value | undefined): Value =>
    digestValue(interpreter, { keyed, key, input, algorithm }, called, state)
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
  if (HMAC_HELPERS.test(method) && args.length >= 2 && called.callee.closures === undefined) {
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
  if (SIGNATURE_HELPERS.test(method) && args.length >= 2 && args.some((arg) => has(arg, 'secret'))) {
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
export function keyOf(key: Value | undefined, at: Place): readonly Origin[] {
  if (key === undefined) return []
  if (typeof key.literal?.value === 'string' && key.origins.length === 0)
    return [
      {
        kind: 'secret',
        secret: {
          from: 'literal',
          name: key.named?.name ?? 'the key',
          literal: key.literal.value,
          at: key.named?.at ?? at,
        },
      },
    ]
  return key.origins.map((origin) =>
    origin.kind === 'env' ? { kind: 'secret', secret: { from: 'env', name: origin.name, at } } : origin,
  )
}

export function constantTimeCall(
  interpreter: Machine,
  called: Called,
  state: State,
  method: string,
): Outcome[] | undefined {
  const { args, at, path, object } = called
  const byName = CONSTANT_TIME.test(method) || /^(?:tsscmp|safe-compare|secure-compare|scmp)$/.test(path)
  const plain =
    /^(?:equals|equal|equalsIgnoreCase|contentEquals|compareTo|localeCompare|compare)$/.test(method) &&
    object !== undefined &&
    args.length === 1
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
  // Hono's and Deno's of that name answer no to texts of another length.
  const odd =
    byName && !/hono|deno|std\/crypto/.test(path) ? oddInput(interpreter, method, left, right, state) : undefined
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
  const present = given.present === true || (given.symbol !== undefined && state.truths.get(given.symbol) === true)
  // What was split, encoded or joined before is no None any more.
  const asSent = /^(?:header|query|body):/.test(given.symbol ?? '') && given.ref === undefined
  return present || !asSent ? undefined : 'type'
}
