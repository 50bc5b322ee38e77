/**
 * Public keys in the forms people have them: PEM of a key or certificate, the base64 of its DER, raw bytes of an Ed25519
 * key, a JWK, a JWK set, or the https address of one.
 */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { decode, decodeBase64Unpadded } from './decode.ts'
import type { AsymmetricAlgorithm, JwtAlgorithm, PublicKeyForm } from './definition.ts'

export interface PublicKey {
  readonly key: KeyObject
  /** As the set names it. */
  readonly kid?: string
}

export type ParsedPublic =
  | { readonly ok: true; readonly kind: 'public'; readonly keys: readonly [PublicKey, ...PublicKey[]] }
  /** The address of a JWK set, asked for through the outbound guard when a request needs it. */
  | { readonly ok: true; readonly kind: 'key-set-url'; readonly url: string }
  | { readonly ok: false; readonly message: string }

type Algorithm = AsymmetricAlgorithm | JwtAlgorithm

const MIN_RSA_BITS = 2048
/** Key sets of identity providers hold two to a dozen. */
const MAX_KEYS = 64

/** Whether a text is meant as a public key, so that it is not taken for a name or a password. */
export function looksPublic(text: string): boolean {
  return /^\s*(?:-----BEGIN |\{)/.test(text) || text.startsWith('https://')
}

/** @param form Where the provider shows its key in one form, that one is read as well; PEM, JWK and JWKS always are. */
export function parsePublic(text: string, algorithms: readonly Algorithm[], form?: PublicKeyForm): ParsedPublic {
  const trimmed = text.trim()
  const expected = expectedForm(algorithms, form)
  if (trimmed.includes('PRIVATE KEY')) return refused('This is a private key; the public key is expected.')
  if (trimmed.startsWith('https://')) {
    return /^https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?\/[\x21-\x7e]*$/.test(trimmed)
      ? { ok: true, kind: 'key-set-url', url: trimmed }
      : refused(`This address cannot be that of a key set. ${expected}`)
  }
  if (trimmed.startsWith('{')) return parseKeySet(trimmed, algorithms, expected)
  const key = trimmed.startsWith('-----BEGIN ') ? fromPem(trimmed) : fromPlain(trimmed, form)
  return key !== undefined && fits(key, algorithms) ? { ok: true, kind: 'public', keys: [{ key }] } : refused(expected)
}

/** A JWK or a JWK set. Keys of other kinds and for other uses are passed over; without one that fits it is refused. */
export function parseKeySet(
  text: string,
  algorithms: readonly Algorithm[],
  expected = expectedForm(algorithms),
): ParsedPublic {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return refused(`This is not JSON. ${expected}`)
  }
  const list = isRecord(json) && Array.isArray(json['keys']) ? json['keys'] : [json]
  if (list.some((each) => isRecord(each) && ('d' in each || each['kty'] === 'oct')))
    return refused('This is a private key; the public key is expected.')
  const [first, ...rest] = list.slice(0, MAX_KEYS).flatMap((each) => {
    const found = fromJwk(each)
    return found !== undefined && fits(found.key, algorithms) ? [found] : []
  })
  return first === undefined ? refused(expected) : { ok: true, kind: 'public', keys: [first, ...rest] }
}

/** A PEM, or the base64 of DER: of a public key (SPKI) or of a certificate. Line breaks may be missing. */
export function fromPem(text: string): KeyObject | undefined {
  const parts = /^-----BEGIN (PUBLIC KEY|CERTIFICATE)-----([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(text.trim())
  const der = parts === null ? undefined : decode((parts[2] ?? '').replaceAll(/\s/g, ''), 'base64')
  if (der === undefined) return undefined
  return parts?.[1] === 'CERTIFICATE' ? attempt(() => new X509Certificate(der).publicKey) : fromSpki(der)
}

/** A PEM certificate with its end of validity, in milliseconds since the epoch. */
export function readCertificate(text: string): { readonly key: KeyObject; readonly until: number } | undefined {
  return attempt(() => {
    const certificate = new X509Certificate(text)
    return { key: certificate.publicKey, until: Date.parse(certificate.validTo) }
  })
}

/** Of a certificate, or a fingerprint as tools print it. */
export function parseCertificateFingerprint(text: string): Buffer | undefined {
  const trimmed = text.trim()
  if (trimmed.startsWith('-----BEGIN CERTIFICATE-----'))
    return attempt(() => Buffer.from(new X509Certificate(trimmed).fingerprint256.replaceAll(':', ''), 'hex'))
  return /^(?:[0-9a-fA-F]{64}|(?:[0-9a-fA-F]{2}:){31}[0-9a-fA-F]{2})$/.test(trimmed)
    ? Buffer.from(trimmed.replaceAll(':', ''), 'hex')
    : undefined
}

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410 section 4). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex')

function fromPlain(text: string, form: PublicKeyForm | undefined): KeyObject | undefined {
  const prefix = form?.stripPrefix?.find((each) => text.startsWith(each)) ?? ''
  const rest = text.slice(prefix.length)
  if (form === undefined || form.format === 'spki') {
    const der = decode(rest.replaceAll(/[\r\n]/g, ''), 'base64')
    return der === undefined ? undefined : fromSpki(der)
  }
  const bytes = form.format === 'raw-hex' ? decode(rest, 'hex') : decodeBase64Unpadded(rest)
  // An all-equal key is a placeholder, and the all-zero point has small order: anyone can sign for it.
  if (bytes === undefined || bytes.length !== 32 || bytes.every((byte) => byte === bytes[0])) return undefined
  return fromSpki(Buffer.concat([ED25519_SPKI, bytes]))
}

function fromSpki(der: Buffer): KeyObject | undefined {
  return attempt(() => createPublicKey({ key: der, format: 'der', type: 'spki' }))
}

function fromJwk(jwk: unknown): PublicKey | undefined {
  if (!isRecord(jwk) || jwk['use'] === 'enc') return undefined
  // Plaid marks a key that must no longer be used so.
  if (jwk['expired_at'] !== undefined && jwk['expired_at'] !== null) return undefined
  const key = attempt(() => createPublicKey({ key: jwk, format: 'jwk' }))
  const { kid } = jwk
  return key === undefined ? undefined : { key, ...(typeof kid === 'string' ? { kid } : {}) }
}

function fits(key: KeyObject, algorithms: readonly Algorithm[]): boolean {
  return algorithms.some((algorithm) => {
    switch (algorithm) {
      case 'ed25519':
        return key.asymmetricKeyType === 'ed25519'
      case 'ecdsa-p256-sha256':
      case 'ecdsa-p256-sha1':
      case 'ES256':
        return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
      case 'rsa-sha256':
      case 'rsa-sha1':
      case 'RS256':
        return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS
      default:
        // HS256 and its kin have no public key: reading one as such is the classic confusion.
        return false
    }
  })
}

function expectedForm(algorithms: readonly Algorithm[], form?: PublicKeyForm): string {
  const names = [
    ...new Set(
      algorithms.map((each) =>
        each === 'ed25519' ? 'Ed25519' : /^(?:ec|ES)/.test(each) ? 'P-256' : `RSA (${MIN_RSA_BITS} bits or more)`,
      ),
    ),
  ].join(' or ')
  const prefix = form?.stripPrefix?.[0]
  const shape =
    form === undefined || form.format === 'spki'
      ? 'PEM, the base64 of its DER (SPKI)'
      : `${form.format === 'raw-hex' ? '64 hex digits' : 'the base64 of 32 bytes'}${prefix === undefined ? '' : ` (with or without “${prefix}” before it)`}, PEM`
  return `The public key must be ${/^[AEIOR]/.test(names) ? 'an' : 'a'} ${names} key, as ${shape}, JWK or JWKS.`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function refused(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message }
}
