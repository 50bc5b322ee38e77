/**
 * Signs as the provider does, from the same definition that verification reads: for `postern send`, for probes with a
 * real secret, and for proving definitions against vendors' own libraries.
 *
 * What only the provider's own private key can make (a certificate from its host, a key of its published set) is signed
 * with the caller's key: a receiver accepts it where the matching public key was pasted.
 *
 * Boundary: makes bytes; sends nothing.
 */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import type { HeaderList } from '../base/model/event.ts'
import {
  type AsymmetricScheme,
  type BasicScheme,
  findScheme,
  type JwtScheme,
  type ProviderDefinition,
  type Scheme,
  type Source,
  type TokenScheme,
} from './definition.ts'
import { tokenName } from './shared-secret.ts'
import { editJson, withQuery } from './sign-body.ts'
import { signContent } from './sign-content.ts'
import { signJwt } from './sign-jwt.ts'
import { invalid, type SignedRequest, type SignInput, settle } from './sign-request.ts'

/** @throws PosternError `VALIDATION_ERROR` for an unknown scheme, a key of the wrong form, or content the scheme cannot sign. */
export function signAs(definition: ProviderDefinition, input: SignInput): SignedRequest {
  const scheme = findScheme(definition, input.scheme)
  if (scheme === undefined) throw invalid('There is no such scheme.')
  const start: SignedRequest = {
    method: input.method ?? 'POST',
    url: input.url,
    headers: [['Content-Type', input.contentType], ...namingHeaders(definition, input)],
    body: input.body,
  }
  switch (scheme.family) {
    case 'token':
      return withToken(scheme, settle(start, scheme.require, input), input)
    case 'basic':
      return withCredentials(scheme, start, input)
    case 'mtls':
      return { ...settle(start, scheme.require, input), clientCertificate: input.key.replaceAll(':', '').toLowerCase() }
    case 'fetch-back':
      return start
    case 'jwt':
      return signJwt(scheme, start, input)
    default:
      return signContent(scheme, start, input)
  }
}

export interface SigningKey {
  /** For `signAs`. */
  readonly signing: string
  /** What is registered as the integration's key. */
  readonly verifying: string
}

/** A fresh key of the form the scheme expects. */
export function generateSigningKey(scheme: Scheme): SigningKey {
  const bytes = randomBytes(32)
  switch (scheme.family) {
    case 'asymmetric':
      return generatePair(scheme)
    case 'hmac':
    case 'hash': {
      const { decode, stripPrefix, label } = scheme.key
      return twice((stripPrefix?.[0] ?? label ?? '') + bytes.toString(decode === 'base64' ? 'base64' : 'hex'))
    }
    case 'jwt':
      return 'format' in scheme.key ? pemPair(pairFor(scheme.algorithms[0])) : twice(bytes.toString('base64url'))
    case 'mtls':
      return twice(bytes.toString('hex'))
    case 'fetch-back':
      return twice(`client-${bytes.toString('hex').slice(0, 8)}:${bytes.toString('base64url')}`)
    case 'token':
    case 'basic':
      return twice(bytes.toString('base64url'))
  }
}

function twice(text: string): SigningKey {
  return { signing: text, verifying: text }
}

interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

function pairFor(algorithm: AsymmetricScheme['algorithm'] | JwtScheme['algorithms'][number]): KeyPair {
  if (algorithm === 'ed25519') return generateKeyPairSync('ed25519')
  return /^(?:rsa|RS)/.test(algorithm)
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
}

function pemPair({ publicKey, privateKey }: KeyPair): SigningKey {
  return {
    signing: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    verifying: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  }
}

function generatePair({ algorithm, key }: AsymmetricScheme): SigningKey {
  const pair = pairFor(algorithm)
  const pem = pemPair(pair)
  if (key.format === 'certificate-url' || key.format === 'key-api') return pem
  const der = pair.publicKey.export({ format: 'der', type: 'spki' })
  // The last 32 bytes of an Ed25519 SPKI are the key itself (RFC 8410).
  const bytes = key.format === 'spki' ? der : der.subarray(-32)
  return {
    signing: pem.signing,
    verifying: (key.stripPrefix?.[0] ?? '') + bytes.toString(key.format === 'raw-hex' ? 'hex' : 'base64'),
  }
}

/** The unsigned headers in which a provider names id and type. */
function namingHeaders(definition: ProviderDefinition, { id, type }: SignInput): HeaderList {
  const given = new Set((definition.sample.headers ?? []).map(([name]) => name.toLowerCase()))
  const named = (source: Source | undefined, value: string) =>
    (source?.split(' | ') ?? []).flatMap((each) =>
      each.startsWith('header:') && !each.includes(' + ') && !given.has(each.slice(7).toLowerCase())
        ? [[each.slice(7), value] as const]
        : [],
    )
  return [
    ...(definition.sample.headers ?? []),
    ...named(definition.event.id, id),
    ...named(definition.event.type, type),
  ]
}

function withToken({ token }: TokenScheme, start: SignedRequest, { key, settings }: SignInput): SignedRequest {
  if (token.in === 'body') return { ...start, body: editJson(start.body, token.path, key) }
  const name = tokenName(token, settings ?? {})
  const value = `${token.prefix ?? ''}${key}`
  if (token.in === 'query') return { ...start, url: withQuery(start.url, name, value) }
  return { ...start, headers: [...start.headers, [name, Buffer.from(value, 'utf8').toString('latin1')]] }
}

function withCredentials(scheme: BasicScheme, start: SignedRequest, { key, settings }: SignInput): SignedRequest {
  const user = settings?.[scheme.usernameSetting]
  const credentials = Buffer.from(user === undefined ? key : `${user}:${key}`, 'utf8').toString('base64')
  return { ...start, headers: [...start.headers, ['Authorization', `Basic ${credentials}`]] }
}
