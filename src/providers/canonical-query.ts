/**
 * The digest of method, path and query that Atlassian calls `qsh`.
 *
 * @see https://developer.atlassian.com/cloud/jira/platform/understanding-jwt/ ("Creating a query string hash")
 */
import { createHash } from 'node:crypto'
import type { InboundRequest } from './request.ts'

/** The parameter that may carry the token itself; it is not part of the digest. */
const TOKEN_PARAMETER = 'jwt'

export function requestHash(request: InboundRequest): Buffer {
  return createHash('sha256').update(canonicalRequest(request)).digest()
}

function canonicalRequest({ method, url }: InboundRequest): string {
  const target = /^https?:\/\/[^/?#]*([^#]*)/i.exec(url)?.[1] ?? ''
  const start = target.indexOf('?')
  const path = (start === -1 ? target : target.slice(0, start)).replace(/\/$/, '').replaceAll('&', '%26')
  const values = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(start === -1 ? '' : target.slice(start + 1))) {
    if (name === TOKEN_PARAMETER) continue
    const key = escape3986(name)
    values.set(key, [...(values.get(key) ?? []), escape3986(value)])
  }
  const query = [...values.keys()].sort().map((name) => `${name}=${(values.get(name) ?? []).sort().join(',')}`)
  return [method.toUpperCase(), path === '' ? '/' : path, query.join('&')].join('&')
}

/** RFC 3986 section 2.3: what `encodeURIComponent` leaves alone beyond the unreserved characters. */
function escape3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
