/**
 * The request as it came off the wire, and the few questions the engine asks of it.
 *
 * Header text from Node is latin1: one character a byte. It goes back to bytes the same way, so what is signed is
 * what arrived. A character above 0xff cannot have come off a wire and is refused where a header is signed.
 */
import type { HeaderList } from '../base/model/event.ts'

export interface InboundRequest {
  readonly method: string
  /** The integration's public URL with the query as received: never rebuilt from Host or X-Forwarded-*. */
  readonly url: string
  /** In order, duplicates kept: joined headers hide a second signature behind a comma. */
  readonly headers: HeaderList
  readonly body: Buffer
  /** SHA-256 fingerprint of the client certificate that a trusted proxy verified, in lower-case hex. */
  readonly clientCertificate?: string
}

/** The first value of a header, by lower-case name. */
export function headerValue(headers: HeaderList, lowerName: string): string | undefined {
  for (const [name, value] of headers) {
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) return value
  }
  return undefined
}

/** The only value of a header, in one pass: `undefined` when it is missing, `false` when it came more than once. */
export function soleHeader(headers: HeaderList, lowerName: string): string | false | undefined {
  let found: string | undefined
  for (const [name, value] of headers) {
    if (name.length !== lowerName.length || name.toLowerCase() !== lowerName) continue
    if (found !== undefined) return false
    found = value
  }
  return found
}

export function countHeader(headers: HeaderList, lowerName: string): number {
  let count = 0
  for (const [name] of headers) {
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) count++
  }
  return count
}

/** Every value of a query parameter, decoded, in order. */
export function queryValues(url: string, name: string): readonly string[] {
  return new URLSearchParams(queryText(url)).getAll(name)
}

/** `application/json` out of `Application/JSON; charset=utf-8`; `undefined` when the header is missing or empty. */
export function mediaType(headers: HeaderList): string | undefined {
  const type = headerValue(headers, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  return type === '' ? undefined : type
}

function queryText(url: string): string {
  const [address = ''] = url.split('#', 1)
  const start = address.indexOf('?')
  return start === -1 ? '' : address.slice(start + 1)
}
