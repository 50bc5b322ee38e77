/**
 * Which way of signing a request used, and what must hold beside its signature. Decided from the request's shape, as
 * the sender decides it; each case covers what it needs, so that posing as another case gains nothing.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { decode } from './decode.ts'
import type { Requirement, SignedCase, UrlVariant } from './definition.ts'
import { countHeader, headerValue, type InboundRequest, mediaType, queryValues } from './request.ts'

export function applies({ when }: SignedCase, request: InboundRequest): boolean {
  if (when === undefined) return true
  if (when.method !== undefined && when.method !== request.method.toUpperCase()) return false
  if (when.query !== undefined && queryValues(request.url, when.query).length === 0) return false
  return when.contentType === undefined || when.contentType === mediaType(request.headers)
}

export function holds(requirement: Requirement, request: InboundRequest): boolean {
  switch (requirement.kind) {
    case 'empty-body':
      return request.body.length === 0
    case 'header-equals': {
      const name = requirement.header.toLowerCase()
      return countHeader(request.headers, name) === 1 && headerValue(request.headers, name) === requirement.value
    }
    case 'query-body-hash': {
      const [text, ...more] = queryValues(request.url, requirement.query)
      const stated = text === undefined || more.length > 0 ? undefined : decode(text, requirement.encoding)
      const actual = createHash(requirement.algorithm).update(request.body).digest()
      return stated !== undefined && stated.length === actual.length && timingSafeEqual(stated, actual)
    }
  }
}

/** Textual, because `new URL()` re-encodes characters that the sender signed as they were. */
export function spellUrl(url: string, variant: UrlVariant): string {
  const parts = /^(https?):\/\/((?:[^/?#@]*@)?(?:\[[^\]]*\]|[^/?#:@]*))(:\d+)?(.*)$/is.exec(url)
  if (variant === 'as-is' || parts === null) return url
  const [, protocol = '', host = '', port, rest = ''] = parts
  if (variant === 'port-removed') return `${protocol}://${host}${rest}`
  return port === undefined ? `${protocol}://${host}${protocol.toLowerCase() === 'https' ? ':443' : ':80'}${rest}` : url
}
