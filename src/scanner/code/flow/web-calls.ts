/** Requests to elsewhere, redirects, signed addresses, background results. */

import { FETCHES, READS_JOB, REDIRECTS, SIGNS_ADDRESS } from '../knowledge/known-calls.ts'
import type { Called } from './called.ts'
import type { Machine, Outcome } from './machine.ts'
import { isGuardedUrl, leadsTo } from './noting.ts'
import type { State } from './state.ts'
import { derived, fromRequest, has, numberOf, textOf, UNKNOWN, unionOrigins, type Value } from './value.ts'

/** `request({ uri, json })`: of all the options only these say whom it goes to. */
export function addressIn(given: Value | undefined, state: State): Value | undefined {
  if (given?.object === undefined) return given
  const { object } = given
  const parts = ['url', 'uri', 'baseURL', 'hostname', 'host'].flatMap((name) => state.get(object, name) ?? [])
  const [first] = parts
  return parts.length > 1 ? derived(...parts) : (first ?? given)
}

/** Requests to elsewhere, redirects, signed addresses, background results. */
export function webCall(interpreter: Machine, called: Called, state: State, method: string): Outcome[] | undefined {
  const { args, named, path, at } = called
  const one = (value: Value): Outcome[] => [{ state, value }]
  const fetching = FETCHES.test(path)
  if (fetching && !/\.(?:create|isAxiosError|extend|all|close|aclose|mount)$/.test(path)) {
    const url =
      named.get('url') ?? args.find((arg) => !/^(?:GET|POST|PUT|PATCH|DELETE|HEAD)$/.test(textOf(arg) ?? '')) ?? UNKNOWN
    const target = addressIn(url, state) ?? url
    const prefix = target.literal === undefined && target.anchored !== true ? target : UNKNOWN
    interpreter.record.use(state, {
      kind: 'fetch',
      name: path,
      at,
      origins: prefix.origins,
      guarded: isGuardedUrl(state) || args.some((arg) => hasFilter(arg, state)),
    })
    const posts =
      /post|put|patch|delete/i.test(method) ||
      /^(?:POST|PUT|PATCH|DELETE)$/i.test(textOf(args[0]) ?? '') ||
      args.some(
        (arg) =>
          arg.object !== undefined && /POST|PUT|PATCH|DELETE/.test(textOf(state.get(arg.object, 'method')) ?? ''),
      ) ||
      (path === 'fetch' && args[1]?.object !== undefined && state.get(args[1].object, 'body') !== undefined)
    const uses = unionOrigins([...args, ...named.values()].map((arg) => arg.origins))
    // To get a token, or to have the provider say whether this is its own, is to ask.
    const asks = ASKS_ADDRESS.test(textOf(target) ?? target.sketch ?? '')
    if (posts && !asks)
      interpreter.record.effect(state, { kind: 'send', name: path, at, uses, opaque: undefined, repeatable: false })
    return one({
      origins: unionOrigins([
        [{ kind: 'fetched' }],
        uses.filter((origin) => origin.kind === 'parsed-body' || origin.kind === 'path'),
      ]),
      ref: 'fetched()',
    })
  }
  if (REDIRECTS.test(path)) {
    const target = args[0] ?? named.get('url') ?? UNKNOWN
    interpreter.record.use(state, {
      kind: 'redirect',
      name: path,
      at,
      origins: leadsTo(target),
      guarded: isGuardedUrl(state),
    })
    return one({ origins: target.origins, ref: 'response()' })
  }
  if (isPublicUpload(called, state, method)) {
    interpreter.record.use(state, {
      kind: 'signed-url',
      name: path,
      at,
      origins: unionOrigins([...args, ...named.values()].map((arg) => arg.origins)),
      guarded: false,
      detail: 'public',
    })
    return undefined
  }
  if (SIGNS_ADDRESS.test(path)) {
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
  const asksAgenda = AGENDA.test(path) || AGENDA.test(called.written)
  if (READS_JOB.test(path) || (asksAgenda && fromRequest(derived(...args)))) {
    const key = args[0] ?? named.get('id') ?? named.get('job_id') ?? UNKNOWN
    interpreter.record.use(state, {
      kind: 'job-read',
      name: path,
      at,
      origins: key.origins,
      guarded: [...args, ...named.values()].some((arg) => has(arg, 'identity')),
      detail: 'fetched',
    })
    return one({
      origins: [...key.origins, { kind: 'stored' }],
      ref: /AsyncResult$/.test(path) ? 'AsyncResult()' : 'job()',
    })
  }
  return undefined
}

/** Connections go through an agent that looks at where they lead. */
function hasFilter({ object }: Value, state: State): boolean {
  return (
    object !== undefined &&
    ['httpsAgent', 'httpAgent', 'agent', 'dispatcher', 'lookup'].some((name) =>
      FILTERS.test(state.get(object, name)?.ref ?? ''),
    )
  )
}
const FILTERS = /filter|ssrf|guard|safe|pinned|public/i

/** `put_object(…, ACL='public-read')`, `upload_file(…, ExtraArgs={'ACL': 'public-read'})` */
function isPublicUpload({ args, named }: Called, state: State, method: string): boolean {
  if (!/^(?:put_object|upload_file|upload_fileobj|make_public|putObject|upload)$/.test(method)) return false
  if (method === 'make_public') return true
  const options = [named.get('ExtraArgs'), ...args].flatMap((one) =>
    one?.object === undefined ? [] : (state.get(one.object, 'ACL') ?? []),
  )
  return [named.get('ACL'), ...options].some((acl) => /^public-read/.test(textOf(acl) ?? ''))
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

/** `agenda.jobs({ _id })`, `agenda.cancel({ _id })` */
const AGENDA = /(?:^|\.)(?:this\.)?[aA]genda(?:\(\))?\.(?:jobs|cancel|disable)$/

const ASKS_ADDRESS = /\/(?:oauth2?\/|token(?:info)?$|introspect|siteverify|verify(?:[-_/]\w+)*$)/i
