/**
 * Which URLs may be a destination. The same check runs when a destination is saved and before every request.
 *
 * It refuses every URL that two readers could understand differently (userinfo, backslash, odd spellings of an
 * address, percent signs in the host) instead of guessing which host is meant. Names are not resolved here: the
 * connector judges what they resolve to, so passing this check is necessary, never enough.
 */
import { isIP } from 'node:net'
import { type AllowList, judgeAddress, parseAllowList } from './address-policy.ts'
import type { BlockReason } from './address-ranges.ts'

export const URL_REASONS = [
  'not_a_url',
  'too_long',
  'scheme',
  'userinfo',
  'fragment',
  'host',
  'address_spelling',
  'address_blocked',
  'port',
  'plain_http',
] as const
export type UrlReason = (typeof URL_REASONS)[number]

export interface UrlPolicy {
  /** Ports that public addresses may be reached on. */
  readonly ports: readonly number[]
  /** Whether public addresses may be reached without TLS. */
  readonly allowHttp: boolean
  /** Private ranges of this one destination. An address inside them may use any port and plain http. */
  readonly allowCidrs: readonly string[]
}

/** A policy with its ranges read. */
export interface Reach {
  readonly ports: readonly number[]
  readonly allowHttp: boolean
  readonly allow: AllowList
}

export interface Refusal {
  readonly ok: false
  readonly reason: UrlReason
  /** With `address_blocked`: what the address is. */
  readonly blocked?: BlockReason
}

export type UrlVerdict = { readonly ok: true; readonly url: URL } | Refusal

/** Longer than any callback address in use; bounds what is parsed and stored. */
const MAX_URL_LENGTH = 4_096

export function checkUrl(text: string, policy: UrlPolicy): UrlVerdict {
  return judgeUrl(text, { ...policy, allow: parseAllowList(policy.allowCidrs) })
}

export function judgeUrl(text: string, reach: Reach): UrlVerdict {
  if (text.length > MAX_URL_LENGTH) return refuse('too_long')
  const read = readUrl(text)
  if (!read.ok) return read
  const literal = literalOf(read.url)
  if (literal !== undefined) return judgeTarget(literal, read.url, reach) ?? read
  // A name may still resolve into the allow-list; without one there is nothing to wait for.
  const restriction = reach.allow.length === 0 ? restrictionOf(read.url, reach) : undefined
  return restriction === undefined ? read : refuse(restriction)
}

/** Whether this URL may be reached at this address; `undefined` when it may. Each address of a name is judged so. */
export function judgeTarget(address: string, url: URL, reach: Reach): Refusal | undefined {
  const verdict = judgeAddress(address, reach.allow)
  if (typeof verdict === 'object') return { ...refuse('address_blocked'), ...verdict }
  if (verdict === 'allow_listed') return undefined
  const restriction = restrictionOf(url, reach)
  return restriction === undefined ? undefined : refuse(restriction)
}

/** The host as an address without brackets, when it is one. */
export function literalOf(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 ? undefined : host
}

export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
}

/** What only an allow-listed address may do. */
function restrictionOf(url: URL, reach: Reach): 'port' | 'plain_http' | undefined {
  if (url.protocol === 'http:' && !reach.allowHttp) return 'plain_http'
  return reach.ports.includes(portOf(url)) ? undefined : 'port'
}

function readUrl(text: string): UrlVerdict {
  // The WHATWG parser drops tabs and newlines, trims blanks and reads `\` as `/`; other parsers do none of it.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u0020\u007f-\u00a0\\]/.test(text)) return refuse('not_a_url')
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return refuse('not_a_url')
  if (scheme !== 'https' && scheme !== 'http') return refuse('scheme')
  const authority = /^[a-z]+:\/\/([^/?#]+)/i.exec(text)?.[1]
  if (authority === undefined) return refuse('not_a_url')
  if (authority.includes('@')) return refuse('userinfo')
  if (authority.includes('%')) return refuse('host') // an encoded host, or a zone id
  if (text.includes('#')) return refuse('fragment')
  const url = parseUrl(text)
  if (url === undefined) return refuse('not_a_url')
  return hostProblem(url, authority) ?? { ok: true, url }
}

/** One parse and not `canParse` before it: this runs for every delivery. */
function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function hostProblem(url: URL, authority: string): Refusal | undefined {
  if (url.hostname.startsWith('[')) return undefined // one notation only; the bytes are judged
  const written = authority.replace(/:\d*$/, '')
  if (isIP(url.hostname) !== 0) return written === url.hostname ? undefined : refuse('address_spelling')
  const name = url.hostname.replace(/\.$/, '')
  const labels = name.split('.')
  return name.length <= 253 && labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label)) ? undefined : refuse('host')
}

function refuse(reason: UrlReason): Refusal {
  return { ok: false, reason }
}
