/**
 * Token and HTTP Basic: the request shows a value that both sides know. Nothing of the body is covered, so whoever
 * sees one request can make any other; the coverage `none` says so wherever the event is shown.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { PreparedKey, SharedVerifier } from './compile.ts'
import { decode } from './decode.ts'
import type { BasicScheme, TokenScheme } from './definition.ts'
import { type Refusal, type Refused, refuse, type Verified } from './outcome.ts'
import { countHeader, headerValue, type InboundRequest, queryValues } from './request.ts'
import { byteString } from './template.ts'

/** A token longer than this is none of ours; bounds what is hashed. */
const MAX_TOKEN = 8192

export function verifyShared(
  verifier: SharedVerifier,
  keys: readonly PreparedKey[],
  request: InboundRequest,
): Verified | Refused {
  const { scheme, settings } = verifier
  const shown = scheme.family === 'token' ? shownToken(scheme, request) : shownCredentials(request)
  if (!Buffer.isBuffer(shown)) return refuse(shown)
  if (keys.length === 0) return refuse('no_active_key')
  const matched = keys.filter(({ key }) => same(shown, expected(scheme, key.export(), settings)))
  const [first] = matched
  if (first === undefined) return refuse('signature_mismatch')
  const covers = { body: false, url: false, headers: [] }
  return { ok: true, scheme: scheme.name, keyId: first.id, coverage: 'none', covers, content: 'body' }
}

/** Both hashed first, so that unequal lengths take the same path and the same time. */
export function same(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}

function shownToken({ token }: TokenScheme, request: InboundRequest): Buffer | Refusal {
  const values =
    token.in === 'header'
      ? headerTexts(request, token.name.toLowerCase())
      : queryValues(request.url, token.name).map(byteString)
  const [value, ...more] = values
  if (more.length > 0) return 'header_duplicated'
  if (!value) return 'signature_missing'
  const prefix = token.prefix ?? ''
  if (!value.startsWith(prefix) || value.length === prefix.length || value.length > MAX_TOKEN)
    return 'signature_malformed'
  return Buffer.from(value.slice(prefix.length), 'latin1')
}

/** RFC 7617: the scheme's name in any case, one space, base64 of `user:password`. */
function shownCredentials(request: InboundRequest): Buffer | Refusal {
  const [value, ...more] = headerTexts(request, 'authorization')
  if (more.length > 0) return 'header_duplicated'
  if (!value) return 'signature_missing'
  const encoded = /^basic ([^ ]+)$/i.exec(value)?.[1]
  const credentials = encoded === undefined || encoded.length > MAX_TOKEN ? undefined : decode(encoded, 'base64')
  return credentials?.includes(0x3a) ? credentials : 'signature_malformed'
}

function headerTexts(request: InboundRequest, name: string): readonly string[] {
  const value = headerValue(request.headers, name)
  if (value === undefined) return []
  return countHeader(request.headers, name) > 1 ? [value, value] : [value]
}

function expected(scheme: TokenScheme | BasicScheme, key: Buffer, settings: Readonly<Record<string, string>>): Buffer {
  if (scheme.family === 'token') return key
  const user = Object.hasOwn(settings, scheme.usernameSetting) ? settings[scheme.usernameSetting] : undefined
  return user === undefined ? key : Buffer.concat([Buffer.from(`${user}:`, 'utf8'), key])
}
