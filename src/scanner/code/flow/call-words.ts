/**
 * What the name of a call out of sight says it does, and what it is given: whether it judges, looks up, subscribes, has
 * an effect, or gets the whole request.
 */

import { SCHEMA_METHODS, SCHEMAS, SHAPE_VALIDATORS, URL_VALIDATORS } from '../knowledge/known-calls.ts'
import { OUTGOING_FIELD, wordsOf } from '../knowledge/names.ts'
import { isActing, setsToWork } from './authorisation.ts'
import type { Called } from './called.ts'
import type { Origin } from './facts.ts'
import type { State } from './state.ts'
import { has, originsOf, textOf, type Value } from './value.ts'

export function isSubscription(last: string, path: string): boolean {
  return (
    /^(?:subscribe|psubscribe|listen|on|addListener|register|stream|watch|subscribe_to|join)$/.test(last) &&
    !/process\.|signal|request|req\.|res\.|response/.test(path)
  )
}

export const JUDGES =
  /^_?(?:vet|screen|guard|safe|allow|assert|ensure|reject|refuse|forbid|resolve|validate|check|verify|is_?(?:[aA]llowed|[sS]afe|[pP]ublic|[vV]alid)|valid(?:_|[A-Z]))/

/** An address that is to be called: a field of the body, or of a record that keeps it. */
export function isOutgoing(value: Value): boolean {
  return (
    originsOf(value, 'parsed-body').some((origin) => OUTGOING_FIELD.test(origin.path)) ||
    (has(value, 'stored') && OUTGOING_FIELD.test(value.ref ?? ''))
  )
}

/** Where a name leads is looked up; what is then done with the answer is taken on trust. */
export const RESOLVES =
  /(?:^|[./])(?:dns|dns\/promises|promises|resolver)(?:\(\))?\.(?:lookup|resolve[46]?)$|(?:^|[.])(?:getaddrinfo|gethostbyname(?:_ex)?)$|^(?:gethostbynamel?|dns_get_record)$|^(?:lookup|dnsLookup|resolve4|resolve6)$/

/** `orderEvents(id)`, `clients.add(userId, res)`: whose events, said by the request. */
export function namesStream({ args, written, used }: Called, given: { readonly origins: readonly Origin[] }): boolean {
  if (!has({ origins: given.origins }, 'path', 'query', 'header')) return false
  const words = wordsOf(written.split('.').slice(-2).join('_'))
  const isStream = words.some((word) =>
    /^(?:events?|streams?|feeds?|channels?|subscri\w+|listen\w*|watch\w*|tail|follow|updates|clients|connections|sse)$/.test(
      word,
    ),
  )
  return isStream && (used || args.some((arg) => arg.role === 'response'))
}

export function isUrlValidator(name: string): boolean {
  const last = name.split('.').at(-1) ?? name
  return URL_VALIDATORS.test(last) && !/url_?safe$/i.test(last)
}

export function isValidation(path: string, last: string): boolean {
  return (SCHEMAS.test(path) && SCHEMA_METHODS.test(last)) || SHAPE_VALIDATORS.test(last)
}

export function isEffectful(
  { args, named, object, written, callee, used, bang }: Called,
  whole: Value,
  last: string,
): boolean {
  if (last === '' || (/^[A-Z]\w*$/.test(last) && object === undefined)) return false
  if (object !== undefined && (object.literal !== undefined || object.items !== undefined || object.role !== undefined))
    return false
  if (
    object !== undefined &&
    /^(?:generator|digest|text|fetched|response|signed-url|RegExp)\(\)/.test(object.ref ?? '')
  )
    return false
  if (/^(?:next|done|cb|callback|resolve|reject|ack)$/.test(written)) return false
  if (FILE_WRITES.test(last) && !keepsData(args[0])) return false
  const touches = whole.origins.some((origin) =>
    (used
      ? /^(?:parsed-body|raw-body|message|stored|reserialised)$/
      : /^(?:parsed-body|raw-body|message|stored|reserialised|query|path)$/
    ).test(origin.kind),
  )
  const silent = args.length === 0 && named.size === 0
  // Bytes in another form.
  if (
    used &&
    !isActing(last) &&
    whole.origins.every(({ kind }) => /^(?:raw-body|reserialised|header|secret)$/.test(kind))
  )
    return silent && object === undefined
  if (object !== undefined && callee.ref === undefined && !touches) return false
  if (silent && object !== undefined)
    return (
      (bang === true && touches) ||
      (touches && setsToWork(object, last)) ||
      (/^(?:run|start|deploy|pull|restart|rebuild|sync|commit)$/.test(last) && last !== 'commit')
    )
  return touches || (silent && object === undefined)
}

/** Ruby's services: `HandleOrder.call(event)`, `HandleOrder.new(event).call`. */
export function runsService({ bang, written }: Called): boolean {
  return bang !== undefined && /(?:^|[.:])[A-Z]\w*(?:\(\))?\.call$/.test(written)
}

const FILE_WRITES = /^(?:file_put_contents|writeFile(?:Sync)?|appendFile(?:Sync)?|outputFile|outputJson(?:Sync)?)$/

/** A file that is no log, as far as its name can be read. */
function keepsData(file: Value | undefined): boolean {
  const name = textOf(file)
  return name !== undefined && !/log|debug|dump|trace|\.txt$/i.test(name)
}

/** An object of a package, set up with who knows which secret. */
export function isMadeOutside(object: Value | undefined): boolean {
  return object?.instance === undefined && object?.role === undefined && /\w\(\)$/.test(object?.ref ?? '')
}

/** A procedure of the database is called by its name, a function of Convex by a reference to it. */
export function procedureOf(method: string, args: readonly Value[]): string | undefined {
  if (/^rpc$/i.test(method)) return textOf(args[0])
  if (/^run(?:Mutation|Action)$/.test(method)) return args[0]?.ref
  return /^run(?:After|At)$/.test(method) ? args[1]?.ref : undefined
}

/** Whoever gets the whole request may verify it. */
export function isGivenRequest(args: readonly Value[]): boolean {
  return args.some(({ role }) => role === 'request' || role === 'context' || role === 'event')
}

/** `keyFor({ req, name })`: it can ask who is calling. */
export function handsOnRequest(args: readonly Value[], state: State): boolean {
  return isGivenRequest(
    args.flatMap((arg) => {
      const { object } = arg
      return object === undefined
        ? [arg]
        : [arg, ...state.namesOf(object).flatMap((name) => state.get(object, name) ?? [])]
    }),
  )
}
