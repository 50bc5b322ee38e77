/** Makes the token that `jwt.ts` checks. */
import { createHash, createHmac, createSecretKey, randomUUID, sign } from 'node:crypto'
import { requestHash } from './canonical-query.ts'
import { encode } from './decode.ts'
import type { ClaimDigest, JwtAlgorithm, JwtScheme } from './definition.ts'
import { HASHES } from './jwt.ts'
import { parseKey } from './keys.ts'
import { editJson } from './sign-body.ts'
import { privateKey } from './sign-content.ts'
import { invalid, type SignedRequest, type SignInput } from './sign-request.ts'

/** As long as senders make theirs. */
export const LIFETIME_SECONDS = 300

export function signJwt(scheme: JwtScheme, start: SignedRequest, input: SignInput): SignedRequest {
  const [algorithm] = scheme.algorithms
  const { token } = scheme
  const head = { alg: algorithm, typ: 'JWT' }
  const text = [head, claimsFor(scheme, start, input)]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const whole = `${text}.${signText(scheme, algorithm, text, input).toString('base64url')}`
  if (token.in === 'body') return { ...start, body: editJson(start.body, token.path, whole) }
  return { ...start, headers: [...start.headers, [token.name, (token.prefix ?? '') + whole]] }
}

function signText(
  scheme: JwtScheme,
  algorithm: JwtAlgorithm,
  text: string,
  { key, withoutKey }: Pick<SignInput, 'key' | 'withoutKey'>,
): Buffer {
  if (!algorithm.startsWith('HS'))
    return sign(HASHES[algorithm], Buffer.from(text), { key: privateKey(key), dsaEncoding: 'ieee-p1363' })
  if (withoutKey === true)
    return createHmac(HASHES[algorithm], createSecretKey(Buffer.alloc(0)))
      .update(text)
      .digest()
  const parsed = parseKey(scheme, key)
  if (!parsed.ok || parsed.kind !== 'secret')
    throw invalid(parsed.ok ? 'The shared secret is expected.' : parsed.message)
  return createHmac(HASHES[algorithm], createSecretKey(parsed.key.export())).update(text).digest()
}

function claimsFor(
  { claims, key }: JwtScheme,
  request: SignedRequest,
  input: SignInput,
): Readonly<Record<string, unknown>> {
  const seconds = Math.floor(input.now / 1000)
  const { settings = {} } = input
  const pin = 'pin' in key ? settings[key.pin] : undefined
  const made: Record<string, unknown> = {
    iat: seconds,
    nbf: seconds,
    exp: seconds + LIFETIME_SECONDS,
    jti: randomUUID(),
  }
  for (const name of claims.required ?? []) made[name] ??= 'postern'
  if (claims.issuers !== undefined) made['iss'] = claims.issuers[0]
  if (claims.issuerSetting !== undefined) made['iss'] = settings[claims.issuerSetting]
  if (claims.audienceSetting !== undefined) made['aud'] = settings[claims.audienceSetting]
  if (claims.subjectIsUrl === true) made['sub'] = request.url
  for (const [names, rule] of Object.entries(claims.equals ?? {})) {
    const [name = ''] = names.split(' | ')
    made[name] = rule === 'pin' ? pin : 'setting' in rule ? settings[rule.setting] : rule.value
  }
  if (claims.bodyHash !== undefined && !(claims.bodyHash.absentWhenEmpty === true && request.body.length === 0))
    made[claims.bodyHash.claim] = digestClaim(claims.bodyHash, sha256(request.body))
  if (claims.urlHash !== undefined)
    made[claims.urlHash.claim] = digestClaim(claims.urlHash, sha256(Buffer.from(request.url)))
  if (claims.queryHash !== undefined) made[claims.queryHash.claim] = digestClaim(claims.queryHash, requestHash(request))
  return made
}

function digestClaim({ encoding }: ClaimDigest, digest: Buffer): string {
  return encode(digest, encoding)
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
