/**
 * Requests as frameworks hold them, brought to the one form that the engine reads.
 */
import type { HeaderList } from '../base/model/event.ts'
import type { InboundRequest } from '../providers/request.ts'

/**
 * Best as received: Node's `rawHeaders`, or a list of pairs. A `Headers` or a record works too, but has joined or dropped
 * what came twice.
 */
export type RequestHeaders =
  | HeaderList
  | readonly string[]
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | { entries(): IterableIterator<[string, string]> }

export interface WebhookRequest {
  /** `POST` when absent. */
  readonly method?: string
  /** With the query as received; may be a path. Where the scheme signs it, only the query of it is used (see `publicUrl`). */
  readonly url?: string
  readonly headers: RequestHeaders
  /** The bytes as received. Text only where it is certain that nothing decoded or re-serialised it. */
  readonly body: Uint8Array | string
  /** SHA-256 fingerprint of the client certificate that was verified, in hex. */
  readonly clientCertificate?: string | undefined
}

/** @param publicUrl The address that the provider was given; the query comes from the request. */
export function toInbound(request: WebhookRequest, publicUrl: string | undefined): InboundRequest {
  const { method = 'POST', url = '/', body, clientCertificate } = request
  const inbound: InboundRequest = {
    method,
    url: publicUrl === undefined ? url : publicUrl + queryOf(url),
    headers: headerList(request.headers),
    body: toBuffer(body),
  }
  return clientCertificate === undefined
    ? inbound
    : { ...inbound, clientCertificate: clientCertificate.replaceAll(':', '').toLowerCase() }
}

function queryOf(url: string): string {
  const [target = ''] = url.split('#', 1)
  const start = target.indexOf('?')
  return start === -1 ? '' : target.slice(start)
}

function toBuffer(body: Uint8Array | string): Buffer {
  if (Buffer.isBuffer(body)) return body
  return typeof body === 'string'
    ? Buffer.from(body, 'utf8')
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
}

function headerList(headers: RequestHeaders): HeaderList {
  if (isList(headers)) return typeof headers[0] === 'string' ? pairs(headers) : (headers as HeaderList)
  if (isIterable(headers)) return [...headers.entries()]
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined
      ? []
      : typeof value === 'string'
        ? [[name, value] as const]
        : value.map((each) => [name, each] as const),
  )
}

function isList(headers: RequestHeaders): headers is HeaderList | readonly string[] {
  return Array.isArray(headers)
}

/** A record may have a header called `entries`, but as text. */
function isIterable(headers: object): headers is { entries(): IterableIterator<[string, string]> } {
  return 'entries' in headers && typeof headers.entries === 'function'
}

function pairs(flat: readonly unknown[]): HeaderList {
  const list: [string, string][] = []
  for (let index = 0; index + 1 < flat.length; index += 2) list.push([String(flat[index]), String(flat[index + 1])])
  return list
}
