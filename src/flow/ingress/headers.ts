/**
 * The headers of a received request: in order, as received; and as they are kept, without what would let a
 * reader of the database send webhooks himself. Signatures stay, so that the request can be verified again.
 */
import type { HeaderList } from '../../base/model/event.ts'
import type { Verifier } from '../../providers/compile.ts'
import { tokenName } from '../../providers/shared-secret.ts'

const SECRET_HEADERS = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'x-internal-api-key'])
const SECRET_QUERY = /([?&](?:access_token|token|secret|key|api_key|apikey|code|sig|password)=)[^&#]*/gi
const REMOVED = '[removed]'

/** Node gives names and values in one flat list. */
export function headerList(raw: readonly string[]): HeaderList {
  const list: [string, string][] = []
  for (let index = 0; index + 1 < raw.length; index += 2) list.push([raw[index] ?? '', raw[index + 1] ?? ''])
  return list
}

/** JSON list of [name, value] for the database. */
export function keptHeaders(headers: HeaderList, verifier: Verifier): string {
  const token = tokenIn('header', verifier)?.toLowerCase()
  const isSecret = ([name]: readonly [string, string]) => {
    const lower = name.toLowerCase()
    return SECRET_HEADERS.has(lower) || lower === token
  }
  if (!headers.some(isSecret)) return JSON.stringify(headers)
  return JSON.stringify(headers.map((header) => (isSecret(header) ? [header[0], REMOVED] : header)))
}

/** The request target (path and query) for the database. */
export function keptTarget(target: string, verifier: Verifier): string {
  const query = target.indexOf('?')
  if (query === -1) return target
  const masked = target.replaceAll(SECRET_QUERY, `$1${REMOVED}`)
  if (tokenIn('query', verifier) === undefined) return masked
  return `${masked.slice(0, query)}?${REMOVED}`
}

/** The header or parameter that holds the integration's token. A JWT that is no signature of the body is one as well. */
function tokenIn(place: 'header' | 'query', { scheme, settings }: Verifier): string | undefined {
  if (scheme.family === 'token' && scheme.token.in === place) return tokenName(scheme.token, settings)
  if (scheme.family !== 'jwt' || scheme.token.in !== place) return undefined
  return scheme.claims.bodyHash === undefined ? scheme.token.name : undefined
}
