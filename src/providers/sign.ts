/**
 * Signs as the provider does, from the same definition that verification reads: for `postern send`, for probes with a
 * real secret, and for proving definitions against vendors' own libraries.
 *
 * Boundary: makes bytes; sends nothing.
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { PosternError } from '../base/model/errors.ts'
import type { HeaderList } from '../base/model/event.ts'
import { applies } from './cases.ts'
import { encode } from './decode.ts'
import {
  type AsymmetricScheme,
  type BasicScheme,
  findScheme,
  type HmacScheme,
  type HttpMethod,
  type ProviderDefinition,
  type Scheme,
  type SignedCase,
  type Source,
  type TokenScheme,
} from './definition.ts'
import { parseKey } from './keys.ts'
import { compileTemplate, render, toBytes } from './template.ts'
import { writeTimestamp } from './timestamp.ts'

export interface SignInput {
  /** A scheme, or one case of it; the recommended scheme when absent. */
  readonly scheme?: string
  /** The shared secret, or the PEM (PKCS #8) of the private key for asymmetric schemes. */
  readonly key: string
  readonly body: Buffer
  readonly contentType: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly id: string
  readonly type: string
  readonly url: string
  readonly method?: HttpMethod
  readonly settings?: Readonly<Record<string, string>>
}

export interface SignedRequest {
  readonly method: HttpMethod
  readonly url: string
  readonly headers: HeaderList
  readonly body: Buffer
}

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
      return withToken(scheme, start, input.key)
    case 'basic':
      return withCredentials(scheme, start, input)
    default:
      return withSignature(scheme, start, input)
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
  if (scheme.family === 'asymmetric') return generatePair(scheme)
  const bytes = randomBytes(32)
  if (scheme.family !== 'hmac') return twice(bytes.toString('base64url'))
  const { decode, stripPrefix, label } = scheme.key
  return twice((stripPrefix?.[0] ?? label ?? '') + bytes.toString(decode === 'base64' ? 'base64' : 'hex'))
}

function twice(text: string): SigningKey {
  return { signing: text, verifying: text }
}

function generatePair({ algorithm, key }: AsymmetricScheme): SigningKey {
  const pair =
    algorithm === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : algorithm === 'rsa-sha256'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const der = pair.publicKey.export({ format: 'der', type: 'spki' })
  // The last 32 bytes of an Ed25519 SPKI are the key itself (RFC 8410).
  const bytes = key.format === 'spki' ? der : der.subarray(-32)
  return {
    signing: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    verifying: (key.stripPrefix?.[0] ?? '') + bytes.toString(key.format === 'raw-hex' ? 'hex' : 'base64'),
  }
}

/** The unsigned headers in which a provider names id and type. */
function namingHeaders(definition: ProviderDefinition, { id, type }: SignInput): HeaderList {
  const named = (source: Source | undefined, value: string) =>
    (source?.split(' | ') ?? []).flatMap((each) =>
      each.startsWith('header:') ? [[each.slice(7), value] as const] : [],
    )
  return [
    ...(definition.sample.headers ?? []),
    ...named(definition.event.id, id),
    ...named(definition.event.type, type),
  ]
}

function withToken({ token }: TokenScheme, start: SignedRequest, key: string): SignedRequest {
  const value = `${token.prefix ?? ''}${key}`
  if (token.in === 'query') return { ...start, url: withQuery(start.url, token.name, value) }
  return { ...start, headers: [...start.headers, [token.name, Buffer.from(value, 'utf8').toString('latin1')]] }
}

function withCredentials(scheme: BasicScheme, start: SignedRequest, { key, settings }: SignInput): SignedRequest {
  const user = settings?.[scheme.usernameSetting]
  const credentials = Buffer.from(user === undefined ? key : `${user}:${key}`, 'utf8').toString('base64')
  return { ...start, headers: [...start.headers, ['Authorization', `Basic ${credentials}`]] }
}

function withSignature(scheme: HmacScheme | AsymmetricScheme, start: SignedRequest, input: SignInput): SignedRequest {
  const chosen =
    scheme.signed.find((each) => each.name !== undefined && each.name === input.scheme) ??
    scheme.signed.find((each) => applies(each, start))
  if (chosen === undefined) throw invalid('The scheme signs no request of this shape.')
  const request = meetRequirements(chosen, start)
  const ts = scheme.timestamp === undefined ? '' : writeTimestamp(input.now, scheme.timestamp.unit)
  const rendered = render(compileTemplate(chosen.templates[0]), {
    request,
    url: request.url,
    ts,
    id: input.id,
    settings: input.settings ?? {},
  })
  if (rendered === undefined) throw invalid('The request lacks something that the scheme signs.')
  const signature = encode(signBytes(scheme, input.key, toBytes(rendered)), scheme.signature.encoding)
  const headers: [string, string][] = []
  if (scheme.id !== undefined) headers.push([scheme.id.header, input.id])
  if (scheme.timestamp !== undefined && scheme.timestamp.in !== 'signature')
    headers.push([scheme.timestamp.in.header, ts])
  headers.push([scheme.signature.header, writeSignature(scheme, signature, ts)])
  return { ...request, headers: [...request.headers, ...headers] }
}

function meetRequirements({ require = [], when }: SignedCase, start: SignedRequest): SignedRequest {
  let request: SignedRequest = when?.method === undefined ? start : { ...start, method: when.method }
  for (const each of require) {
    if (each.kind === 'empty-body') request = { ...request, body: Buffer.alloc(0) }
    if (each.kind === 'header-equals')
      request = { ...request, headers: [...request.headers, [each.header, each.value]] }
    if (each.kind === 'query-body-hash') {
      const hash = createHash(each.algorithm).update(request.body).digest()
      request = { ...request, url: withQuery(request.url, each.query, encode(hash, each.encoding)) }
    }
  }
  return request
}

function signBytes(scheme: HmacScheme | AsymmetricScheme, key: string, content: Buffer): Buffer {
  if (scheme.family === 'hmac') {
    const parsed = parseKey(scheme, key)
    if (!parsed.ok) throw invalid(parsed.message)
    return createHmac(scheme.algorithm, createSecretKey(parsed.key.export())).update(content).digest()
  }
  return sign(scheme.algorithm === 'ed25519' ? null : 'sha256', content, privateKey(key))
}

function privateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw invalid('The signing key must be a private key in PEM form.', cause)
  }
}

function writeSignature({ signature: { parse } }: HmacScheme | AsymmetricScheme, text: string, ts: string): string {
  switch (parse.kind) {
    case 'raw':
      return text
    case 'prefix':
      return parse.prefix + text
    case 'list':
      return parse.version + parse.versionSeparator + text
    case 'pairs': {
      const time = parse.timestampKey === undefined ? [] : [parse.timestampKey + parse.valueSeparator + ts]
      return [...time, parse.signatureKey + parse.valueSeparator + text].join(parse.itemSeparator)
    }
  }
}

function withQuery(url: string, name: string, value: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`
}

function invalid(detail: string, cause?: unknown): PosternError {
  return new PosternError('VALIDATION_ERROR', detail, cause === undefined ? {} : { cause })
}
