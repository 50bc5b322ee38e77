/**
 * Who is counted for a request, and what the limit says about them.
 */
import type { IncomingMessage } from 'node:http'
import { rateKeyAddress, sourceAddress, type TrustedProxies } from '../../base/lib/source-address.ts'
import type { Decision } from '../../resources/coordination/coordination.ts'

export interface Source {
  readonly address: string
  readonly rateKey: string
}

/** Parsing addresses is not free, and a keep-alive connection has one for all its requests. */
const directSources = new WeakMap<object, Source>()

export function sourceOf(request: IncomingMessage, trusted: TrustedProxies): Source {
  const known = directSources.get(request.socket)
  if (known !== undefined && trusted.ranges.length === 0) return known
  const forwarded = request.headersDistinct['x-forwarded-for'] ?? []
  const address = sourceAddress(request.socket.remoteAddress ?? '', forwarded, trusted)
  const source = { address, rateKey: rateKeyAddress(address) }
  directSources.set(request.socket, source)
  return source
}

/** RFC 9110 Retry-After comes with the problem; these are the RateLimit draft headers (draft-ietf-httpapi-ratelimit-headers-10). */
export function limitHeaders({ limit, remaining, resetSeconds }: Decision): Readonly<Record<string, string>> {
  return { 'ratelimit-policy': `"source";q=${limit};w=60`, ratelimit: `"source";r=${remaining};t=${resetSeconds}` }
}
