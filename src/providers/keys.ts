/**
 * Keys as operators paste them. `parseKey` says whether a text can be this scheme's key at all; `checkKey` also says
 * whether it should be one, and is asked once, when an integration is created or a key added.
 */
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { decode, decodeBase64Unpadded } from './decode.ts'
import type { AsymmetricAlgorithm, PublicKeyForm, Scheme, SecretKeyForm } from './definition.ts'

export type ParsedKey =
  | { readonly ok: true; readonly kind: 'secret' | 'public'; readonly key: KeyObject }
  | { readonly ok: false; readonly message: string }

/**
 * Free text is chosen in the provider's own form, under its minimum (as low as six characters): below eight bytes one
 * captured request can be searched offline in hours. Encoded secrets are generated, so 16 bytes costs nobody anything.
 */
export const MIN_TEXT_KEY_BYTES = 8
export const MIN_ENCODED_KEY_BYTES = 16
const MIN_RSA_BITS = 2048
const MAX_KEY_LENGTH = 8192

/** The message never quotes the key. */
export function parseKey(scheme: Scheme, text: string): ParsedKey {
  if (text.trim() === '') return refused('The key is empty.')
  if (text.length > MAX_KEY_LENGTH) return refused('The key is longer than any key of this kind.')
  switch (scheme.family) {
    case 'hmac':
      return parseSecret(scheme.key, text)
    case 'asymmetric':
      return parsePublic(scheme.key, scheme.algorithm, text)
    case 'token':
    case 'basic':
      return secret(Buffer.from(text, 'utf8'))
  }
}

/** @returns What is wrong with it, or `undefined` when it may be used for a new integration. */
export function checkKey(scheme: Scheme, text: string): string | undefined {
  if (text !== text.trim() && !text.includes('-----BEGIN')) return 'The key begins or ends with white space.'
  const parsed = parseKey(scheme, text)
  if (!parsed.ok) return parsed.message
  if (parsed.kind === 'public') return undefined
  if (isPlaceholder(text)) return 'The key is a placeholder. Use the one the provider shows.'
  const encoded = scheme.family === 'hmac' && scheme.key.decode !== 'utf8'
  const least = encoded ? MIN_ENCODED_KEY_BYTES : MIN_TEXT_KEY_BYTES
  const bytes = parsed.key.export()
  if (bytes.length < least) return `The key has fewer than ${least} bytes.`
  if (bytes.every((byte) => byte === bytes[0])) return 'The key repeats one byte. Use the one the provider shows.'
  return undefined
}

function parseSecret(form: SecretKeyForm, text: string): ParsedKey {
  if (text === form.label) return refused(`The key ends after “${form.label}”.`)
  const rest = stripPrefix(text, form.stripPrefix)
  if (form.decode === 'utf8')
    return rest === '' ? refused('The key ends after its prefix.') : secret(Buffer.from(rest, 'utf8'))
  const bytes = form.decode === 'hex' ? decode(rest, 'hex') : decodeBase64Unpadded(rest)
  if (bytes === undefined || bytes.length === 0) {
    const prefix = form.stripPrefix?.[0]
    return refused(
      `The key must be ${form.decode}${prefix === undefined ? '' : `, with or without “${prefix}” before it`}.`,
    )
  }
  return secret(bytes)
}

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410 section 4). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex')

function parsePublic(form: PublicKeyForm, algorithm: AsymmetricAlgorithm, text: string): ParsedKey {
  if (text.includes('PRIVATE KEY')) return refused('This is a private key; the public key is expected.')
  const rest = stripPrefix(text.trim(), form.stripPrefix)
  if (form.format === 'spki') return parseSpki(algorithm, rest)
  const bytes = form.format === 'raw-hex' ? decode(rest, 'hex') : decodeBase64Unpadded(rest)
  // An all-equal key is a placeholder, and the all-zero point has small order: anyone can sign for it.
  if (bytes === undefined || bytes.length !== 32 || bytes.every((byte) => byte === bytes[0])) {
    const prefix = form.stripPrefix?.[0]
    const shape = form.format === 'raw-hex' ? '64 hex digits' : 'the base64 of 32 bytes'
    return refused(
      `The public key must be ${shape}${prefix === undefined ? '' : `, with or without “${prefix}” before it`}.`,
    )
  }
  return publicKey(Buffer.concat([ED25519_SPKI, bytes]), algorithm)
}

function parseSpki(algorithm: AsymmetricAlgorithm, text: string): ParsedKey {
  if (text.startsWith('-----BEGIN PUBLIC KEY-----')) return publicKey(text, algorithm)
  const der = decode(text.replaceAll(/[\r\n]/g, ''), 'base64')
  return der === undefined ? refused(expectedPublic(algorithm)) : publicKey(der, algorithm)
}

function publicKey(input: string | Buffer, algorithm: AsymmetricAlgorithm): ParsedKey {
  try {
    const key =
      typeof input === 'string' ? createPublicKey(input) : createPublicKey({ key: input, format: 'der', type: 'spki' })
    return fits(key, algorithm) ? { ok: true, kind: 'public', key } : refused(expectedPublic(algorithm))
  } catch {
    return refused(expectedPublic(algorithm))
  }
}

function fits(key: KeyObject, algorithm: AsymmetricAlgorithm): boolean {
  switch (algorithm) {
    case 'ed25519':
      return key.asymmetricKeyType === 'ed25519'
    case 'ecdsa-p256-sha256':
      return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    case 'rsa-sha256':
      return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS
  }
}

function expectedPublic(algorithm: AsymmetricAlgorithm): string {
  const names = { ed25519: 'Ed25519', 'ecdsa-p256-sha256': 'P-256', 'rsa-sha256': `RSA (${MIN_RSA_BITS} bits or more)` }
  return `The public key must be a ${names[algorithm]} key, as PEM or the base64 of its DER (SPKI).`
}

function stripPrefix(text: string, prefixes: readonly string[] | undefined): string {
  const prefix = prefixes?.find((each) => text.startsWith(each))
  return prefix === undefined ? text : text.slice(prefix.length)
}

/** Words people leave in place of a secret, whatever stands between and after them. */
function isPlaceholder(text: string): boolean {
  const word = text
    .toLowerCase()
    .replace(/^(?:whsec|shpss|whpk|sk)_/, '')
    .replaceAll(/[^a-z0-9]/g, '')
  return (
    /^(?:x+|(?:please)?changeme(?:now)?|(?:replace|fill)me|todo|null|none|undefined|default|example|placeholder)\d*$/.test(
      word,
    ) ||
    /^(?:(?:your|my|the|a|insert)?(?:webhook|signing|shared|super)*(?:secret|token|key|password)(?:here|key)?|test(?:test|ing)*)\d*$/.test(
      word,
    )
  )
}

function secret(bytes: Buffer): ParsedKey {
  return { ok: true, kind: 'secret', key: createSecretKey(bytes) }
}

function refused(message: string): ParsedKey {
  return { ok: false, message }
}
