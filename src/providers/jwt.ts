/**
 * JSON Web Tokens (RFC 7519) in compact form (RFC 7515), as senders attach them to webhooks.
 *
 * Written here and not taken from a library, because this engine is synchronous and stands alone in `postern/verify`;
 * the tests hold it against one. The algorithm comes from the scheme: what the token's own header says must be in its
 * list, so that `none` and an HMAC keyed with a public key never get as far as a key.
 */
import { createHash, createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto'
import { compileBodyPath, readBodyPath, readEvery } from './body-path.ts'
import { KEY_ID } from './candidates.ts'
import { requestHash } from './canonical-query.ts'
import type { JwtVerifier, PreparedKey } from './compile.ts'
import { decode } from './decode.ts'
import type { ClaimDigest, JwtAlgorithm, JwtScheme } from './definition.ts'
import { pending, type Refusal, type Refused, refuse, type Verified } from './outcome.ts'
import type { Reading } from './reading.ts'
import { type InboundRequest, soleHeader } from './request.ts'
import { type ResolvedKey, resolveKeys } from './resolve-keys.ts'
import type { Clock, VerifyInput } from './verify-input.ts'

const MAX_TOKEN_LENGTH = 8192
/** Tokens in one body; each costs a signature check. */
const MAX_TOKENS = 32

type Claims = Readonly<Record<string, unknown>>

export function verifyJwt(verifier: JwtVerifier, input: VerifyInput): Verified | Refused {
  const tokens = readTokens(verifier.scheme, input.reading)
  if (typeof tokens === 'string') return refuse(tokens)
  if (input.keys.length === 0) return refuse('no_active_key')
  let first: Verified | undefined
  for (const token of tokens) {
    const result = verifyToken(verifier, token, input)
    if (!result.ok) return result
    first ??= result
  }
  return first ?? refuse('signature_missing')
}

function readTokens({ token }: JwtScheme, reading: Reading): readonly string[] | Refusal {
  if (token.in === 'body') {
    const values = readEvery(reading.json, compileBodyPath(token.path))
    if (values === undefined || values.length === 0) return 'signature_missing'
    if (values.length > MAX_TOKENS) return 'too_many_signatures'
    return values.every((each) => typeof each === 'string') ? values : 'signature_malformed'
  }
  const value = soleHeader(reading.request.headers, token.name.toLowerCase())
  if (value === false) return 'header_duplicated'
  if (!value) return 'signature_missing'
  const { prefix = '' } = token
  if (value.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase()) return [value.slice(prefix.length)]
  return token.prefixOptional === true ? [value] : 'signature_malformed'
}

interface Token {
  readonly algorithm: JwtAlgorithm
  readonly kid: string | undefined
  readonly claims: Claims
  readonly signed: string
  readonly signature: Buffer
}

function verifyToken(verifier: JwtVerifier, text: string, input: VerifyInput): Verified | Refused {
  const { scheme } = verifier
  const token = parseToken(text, scheme.algorithms)
  if (typeof token === 'string') return refuse(token)
  const keys = keysFor(verifier, token, input)
  if ('ok' in keys) return keys
  const matched = keys.keys.filter(({ key }) => matches(token, key))
  const [key] = matched
  if (key === undefined) return refuse('signature_mismatch')
  let problem: Refusal | undefined
  for (const each of matched) {
    problem = claimProblem(verifier, token.claims, each.pin, input)
    if (problem === undefined) return accept(verifier, each, token.claims, input.reading.request)
  }
  return refuse(problem ?? 'claim_mismatch')
}

function accept(
  { scheme, coverage, covers }: JwtVerifier,
  key: ResolvedKey,
  claims: Claims,
  request: InboundRequest,
): Verified {
  const issued = numericDate(claims, 'iat')
  return {
    ok: true,
    scheme: scheme.name,
    keyId: key.id,
    coverage,
    covers,
    content: covers.url ? createHash('sha256').update(request.body).update(`\n${request.url}`).digest() : 'body',
    claims,
    ...(typeof issued === 'number' ? { signedAt: issued } : {}),
  }
}

function parseToken(text: string, algorithms: JwtScheme['algorithms']): Token | Refusal {
  if (text.length > MAX_TOKEN_LENGTH) return 'signature_malformed'
  const [head = '', payload = '', tail = '', ...more] = text.split('.')
  const header = jsonPart(head)
  const claims = jsonPart(payload)
  const signature = decode(tail, 'base64url')
  if (header === undefined || claims === undefined || more.length > 0) return 'signature_malformed'
  const { alg, kid } = header
  const algorithm = algorithms.find((each) => each === alg)
  // `crit` names extensions that must be understood; none is.
  if (algorithm === undefined || Object.hasOwn(header, 'crit')) return 'algorithm_refused'
  if (signature === undefined) return 'signature_malformed'
  if (kid !== undefined && (typeof kid !== 'string' || !KEY_ID.test(kid))) return 'signature_malformed'
  return { algorithm, kid, claims, signed: `${head}.${payload}`, signature }
}

function jsonPart(text: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(decode(text, 'base64url')?.toString('utf8') ?? '')
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined
  } catch {
    return undefined
  }
}

function keysFor(
  { scheme, settings }: JwtVerifier,
  token: Token,
  input: VerifyInput,
): { readonly keys: readonly ResolvedKey[] } | Refused {
  if ('decode' in scheme.key) return { keys: input.keys.flatMap(secretKey) }
  const found = resolveKeys(scheme.key, scheme.algorithms, {
    ...input,
    settings,
    kid: token.kid,
    accepts: () => true,
  })
  if ('need' in found) return pending(found.need)
  return 'refused' in found ? refuse(found.refused) : found
}

function secretKey({ id, key }: PreparedKey): readonly ResolvedKey[] {
  return key === undefined ? [] : [{ id, key }]
}

/** From the scheme's list, never from the token. */
export const HASHES = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512', RS256: 'sha256', ES256: 'sha256' } as const

function matches({ algorithm, signed, signature }: Token, key: KeyObject): boolean {
  const symmetric = algorithm.startsWith('HS')
  if (symmetric !== (key.type === 'secret')) return false
  if (symmetric) {
    const expected = createHmac(HASHES[algorithm], key).update(signed, 'latin1').digest()
    return expected.length === signature.length && timingSafeEqual(expected, signature)
  }
  try {
    return verify(HASHES[algorithm], Buffer.from(signed, 'latin1'), { key, dsaEncoding: 'ieee-p1363' }, signature)
  } catch {
    return false
  }
}

function claimProblem(
  { scheme, settings, maxAgeSeconds }: JwtVerifier,
  claims: Claims,
  pin: string | undefined,
  { reading, now }: VerifyInput,
): Refusal | undefined {
  const wanted = scheme.claims
  if ((wanted.required ?? []).some((name) => claimOf(claims, name) === undefined)) return 'claim_missing'
  if (wanted.issuers !== undefined && !wanted.issuers.some((each) => each === claimOf(claims, 'iss')))
    return 'claim_mismatch'
  if (wanted.issuerSetting !== undefined && !isText(claimOf(claims, 'iss'), settingOf(settings, wanted.issuerSetting)))
    return 'claim_mismatch'
  if (
    wanted.audienceSetting !== undefined &&
    !isText(claimOf(claims, 'aud'), settingOf(settings, wanted.audienceSetting))
  )
    return 'claim_mismatch'
  if (wanted.subjectIsUrl === true && claimOf(claims, 'sub') !== reading.request.url) return 'claim_mismatch'
  for (const [names, rule] of Object.entries(wanted.equals ?? {})) {
    const value = rule === 'pin' ? pin : 'setting' in rule ? settingOf(settings, rule.setting) : rule.value
    if (!names.split(' | ').some((name) => isText(claimOf(claims, name), value))) return 'claim_mismatch'
  }
  return digestProblem(scheme, claims, reading) ?? timeProblem(scheme, claims, maxAgeSeconds, now)
}

function digestProblem({ claims: wanted }: JwtScheme, claims: Claims, reading: Reading): Refusal | undefined {
  const { request } = reading
  const { bodyHash, urlHash, queryHash } = wanted
  if (bodyHash !== undefined) {
    const empty = bodyHash.absentWhenEmpty === true && request.body.length === 0
    if (empty ? claimOf(claims, bodyHash.claim) !== undefined : !holdsDigest(claims, bodyHash, sha256(request.body)))
      return 'claim_mismatch'
  }
  if (urlHash !== undefined && !holdsDigest(claims, urlHash, sha256(Buffer.from(request.url)))) return 'claim_mismatch'
  if (queryHash !== undefined && !holdsDigest(claims, queryHash, requestHash(request))) return 'claim_mismatch'
  return undefined
}

function holdsDigest(claims: Claims, { claim, encoding }: ClaimDigest, actual: Buffer): boolean {
  const text = claimOf(claims, claim)
  // Some senders pad base64url. Inside a signed token the spelling is theirs alone to choose.
  const plain = typeof text === 'string' && encoding === 'base64url' ? text.replace(/={1,2}$/, '') : text
  const stated = typeof plain === 'string' ? decode(plain, encoding) : undefined
  return stated !== undefined && stated.length === actual.length && timingSafeEqual(stated, actual)
}

function timeProblem(
  { claims: wanted }: JwtScheme,
  claims: Claims,
  maxAgeSeconds: number | undefined,
  now: Clock,
): Refusal | undefined {
  const [exp, nbf, iat] = ['exp', 'nbf', 'iat'].map((name) => numericDate(claims, name))
  if (exp === 'malformed' || nbf === 'malformed' || iat === 'malformed') return 'timestamp_malformed'
  if (maxAgeSeconds !== undefined && iat === undefined) return 'timestamp_missing'
  if (now === 'no-clock') return undefined
  const slack = (wanted.clockToleranceSeconds ?? 0) * 1000
  if (typeof exp === 'number' && now >= exp + slack) return 'signature_stale'
  if (typeof nbf === 'number' && now < nbf - slack) return 'signature_future'
  if (maxAgeSeconds === undefined || typeof iat !== 'number') return undefined
  if (now - iat > maxAgeSeconds * 1000) return 'signature_stale'
  return iat - now > maxAgeSeconds * 1000 ? 'signature_future' : undefined
}

/** RFC 7519 section 2, NumericDate. @returns Milliseconds since the epoch. */
function numericDate(claims: Claims, name: string): number | 'malformed' | undefined {
  const value = claimOf(claims, name)
  if (value === undefined) return undefined
  return typeof value === 'number' && value >= 0 && value < 1e12 ? value * 1000 : 'malformed'
}

function claimOf(claims: Claims, name: string): unknown {
  return readBodyPath(claims, [name])
}

function settingOf(settings: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(settings, name) ? settings[name] : undefined
}

/** A list, as `aud` may be one, holds it. An unset expectation is never met. */
function isText(claim: unknown, wanted: string | boolean | undefined): boolean {
  if (wanted === undefined || wanted === '') return false
  return Array.isArray(claim) ? claim.includes(wanted) : claim === wanted
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
