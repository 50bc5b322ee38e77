/** "Seen before?" in its many forms, and who the caller is. */

import { ASKS_WHO_CALLS } from '../knowledge/known-calls.ts'
import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import type { Machine, Outcome } from './machine.ts'
import { deep, headersOf, identityOf } from './noting.ts'
import { IDENTITY } from './requests.ts'
import type { State } from './state.ts'
import { fromRequest, has, textOf, UNKNOWN, type Value } from './value.ts'

const CACHE =
  /redis|cache|kv|memcache|valkey|(?<!fire)store|storage|ioredis|upstash|(?:^|[._])(?:seen|processed|dedup\w*|idempot\w*|nonces?)$/i

/** "Seen before?" in its many forms. */
export function storeCall(interpreter: Machine, called: Called, state: State, method: string): Outcome[] | undefined {
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
  if (/^(?:set|put|setex|setEx|hset|psetex|setItem)$/.test(method)) {
    const flags = [...args.slice(1).flatMap((arg) => [textOf(arg)?.toUpperCase() ?? '', ...optionNames(arg, state)])]
    const nx = named.get('nx')?.literal?.value === true || flags.includes('NX') || named.has('if_not_exists')
    // A mark holds nothing of the event; what does is the effect itself.
    if (!nx && args.slice(1).some((arg) => fromRequest({ origins: deep(arg, state) }) || has(arg, 'fetched')))
      return undefined
    return one(claim(nx ? 'atomic' : 'store'))
  }
  if (/^(?:get|exists|has|sismember|sIsMember|hget|hexists|contains|__contains__|getItem|hasItem|mget)$/.test(method))
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

/** `Auth::id()` of Laravel, `httpAuth.credentials(req)` of Backstage. */
const FACADE = /(?:^|[.\\])(?:Auth\.(?:id|user|authenticate)|httpAuth\.credentials)$/

export function identityCall(
  interpreter: Machine,
  { path, at, args, named }: Called,
  state: State,
  method: string,
): Outcome[] | undefined {
  if (!ASKS_WHO_CALLS.test(method) && !FACADE.test(path)) return undefined
  if (/webhook|signature|stripe|hmac/i.test(path)) return undefined
  const given = [...args, ...named.values()]
  // `db.get_user(payload['from'])` finds whom the message speaks of.
  if (
    /^(?:get_?user|find_?user|load_?user)$/i.test(method) &&
    given.some((value) => has(value, 'parsed-body')) &&
    !given.some((value) => has(value, 'header', 'cookie') || value.role !== undefined)
  )
    return undefined
  const check = interpreter.record.check({ ...bareCheck('identity', path, at), headers: given.flatMap(headersOf) })
  state.ask(check)
  return [{ state, value: { ...IDENTITY, check: { check, positive: true }, symbol: `identity:${path}` } }]
}
