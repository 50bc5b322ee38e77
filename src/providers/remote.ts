/**
 * What some schemes need from the provider itself: a certificate, a key set, a key by its id, a confirmation.
 *
 * The engine does no I/O. It says what it needs; the caller asks for it through the outbound guard, within bounds, keeps
 * what may be kept, and verifies again with the answer at hand. Where a request names an address, the address is held
 * against the definition's hosts before it becomes a need: nothing else can ever be asked for.
 */

import { byteString } from './bytes.ts'
import type { CertificateUrl, PublishedKeys, RemoteCall } from './definition.ts'
import { fieldText, soleField } from './form.ts'
import type { Reading } from './reading.ts'
import { headerValue, queryValues } from './request.ts'

/** One request to a provider, complete but for the token of `authorize`, which replaces `TOKEN` in headers and body. */
export interface RemoteNeed {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly authorize?: RemoteNeed
  /** How long the answer may be used again; 0: for this request only. */
  readonly cacheSeconds: number
}

/** `refused`: the provider says that there is no such thing. `failed`: it could not be asked. */
export type RemoteAnswer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: 'refused' | 'failed' }

/** @returns `undefined` for what was not asked yet. */
export type Remote = (need: RemoteNeed) => RemoteAnswer | undefined

export const NOTHING_REMOTE: Remote = () => undefined

/** Stands for the token that `authorize` brings. A sender's text cannot hold it: values are escaped or plain ASCII. */
export const TOKEN = '\u0000token\u0000'

/** Certificates and key sets change rarely; providers ask to have them kept. */
const KEPT_SECONDS = 3600

export function certificateNeed(key: CertificateUrl, text: string): RemoteNeed | undefined {
  return isAllowedUrl(text, key.hosts, key.pathSuffix) ? get(text) : undefined
}

export function keySetNeed(key: PublishedKeys, settings: Readonly<Record<string, string>>): RemoteNeed | undefined {
  const url = fill(key.url, (token) => {
    const value = token.startsWith('config:') ? own(settings, token.slice(7)) : undefined
    return value === undefined || !/^[A-Za-z0-9._-]{1,128}$/.test(value) || /^\.+$/.test(value) ? undefined : value
  })
  return url === undefined ? undefined : get(url)
}

/** A key set that the operator named. */
export function pastedKeySetNeed(url: string): RemoteNeed {
  return get(url)
}

function get(url: string): RemoteNeed {
  return { method: 'GET', url, headers: {}, cacheSeconds: KEPT_SECONDS }
}

/** https, the default port, no credentials, no fragment, and a host of the list. Nothing is decoded or normalised first. */
export function isAllowedUrl(text: string, hosts: readonly string[], pathSuffix?: string): boolean {
  const parts = /^https:\/\/([a-z0-9.-]{1,253})(\/[A-Za-z0-9._~:/%=&?-]*)$/.exec(text)
  if (parts === null || text.length > 2048) return false
  const [, host = '', rest = ''] = parts
  const [path = ''] = rest.split('?', 1)
  if (pathSuffix !== undefined && !path.endsWith(pathSuffix)) return false
  return hosts.some((each) =>
    each.startsWith('pattern:') ? new RegExp(`^(?:${each.slice(8)})$`).test(host) : each === host,
  )
}

export interface CallInput {
  readonly reading: Reading
  readonly settings: Readonly<Record<string, string>>
  /** The pasted key: credentials for the provider's API. */
  readonly key: string
  readonly id: string
}

/** @returns `undefined` when the request or the settings lack something that the call needs. */
export function callNeed(
  call: RemoteCall,
  authorize: RemoteCall | undefined,
  input: CallInput,
): RemoteNeed | undefined {
  const first = authorize === undefined ? undefined : callNeed(authorize, undefined, input)
  if (authorize !== undefined && first === undefined) return undefined
  const environment = own(input.settings, 'environment')
  const origin =
    environment === undefined ? call.origins[0] : call.origins.find((each) => each.environment === environment)
  const value = (token: string) => callValue(token, input)
  const path = fill(call.path, (token) => {
    const found = value(token)
    // A dot segment would leave the definition's path.
    return found === undefined || /^\.{0,2}$/.test(found) ? undefined : encodeURIComponent(found)
  })
  if (origin === undefined || path === undefined) return undefined
  const headers: Record<string, string> = {}
  for (const [name, template] of Object.entries(call.headers ?? {})) {
    const text = fill(template, value)
    if (text === undefined || !/^[\x20-\x7e]*$/.test(text.replaceAll(TOKEN, ''))) return undefined
    headers[name] = text
  }
  if (call.contentType !== undefined) headers['content-type'] = call.contentType
  const body = call.body === undefined ? undefined : fill(call.body, (token) => bodyValue(token, call, input))
  if (call.body !== undefined && body === undefined) return undefined
  return {
    method: call.method,
    url: origin.origin + path,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(first === undefined ? {} : { authorize: first }),
    cacheSeconds: call.cacheSeconds ?? 0,
  }
}

function bodyValue(token: string, call: RemoteCall, input: CallInput): string | undefined {
  // Raw JSON inside JSON: only when it is JSON by itself, so that it cannot end the object it stands in.
  if (token === 'body')
    return input.reading.json === undefined ? undefined : input.reading.request.body.toString('utf8')
  const value = callValue(token, input)
  if (value === undefined || value === TOKEN) return value
  return call.contentType === 'application/x-www-form-urlencoded'
    ? encodeURIComponent(value)
    : JSON.stringify(value).slice(1, -1)
}

function callValue(token: string, { reading, settings, key, id }: CallInput): string | undefined {
  const colon = key.indexOf(':')
  const [kind = '', name = ''] = token.split(/:(.*)/s)
  switch (kind) {
    case 'id':
      return id
    case 'key':
      return key
    case 'token':
      return TOKEN
    case 'basic':
      return colon < 1 ? undefined : Buffer.from(key, 'utf8').toString('base64')
    case 'user':
      return colon < 1 ? undefined : key.slice(0, colon)
    case 'password':
      return colon < 1 ? undefined : key.slice(colon + 1)
    case 'config':
      return own(settings, name)
    case 'header':
      return headerValue(reading.request.headers, name.toLowerCase())
    case 'query':
      return queryValues(reading.request.url, name)[0]
    case 'form': {
      const bytes = soleField(reading.form, byteString(name))
      return bytes === undefined ? undefined : fieldText(bytes)
    }
    default:
      throw new Error(`unknown token {${token}} in a call`)
  }
}

/** Tokens are names in braces; other braces, as JSON has them, are text. */
const CALL_TOKEN = /\{((?:config|header|query|form):[A-Za-z0-9_.-]+|id|key|token|basic|user|password|body)\}/g

function fill(template: string, value: (token: string) => string | undefined): string | undefined {
  let whole = true
  const text = template.replace(CALL_TOKEN, (_, token: string) => {
    const found = value(token)
    if (found === undefined) whole = false
    return found ?? ''
  })
  return whole ? text : undefined
}

function own(settings: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(settings, name) ? settings[name] : undefined
}
