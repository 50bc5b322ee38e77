/**
 * Keys as operators paste them. `parseKey` says whether a text can be this scheme's key at all; `checkKey` also says
 * whether it should be one, and is asked once, when an integration is created or a key added.
 */
import { createHash, createSecretKey, type KeyObject } from 'node:crypto'
import { decode, decodeBase64Unpadded } from './decode.ts'
import type { ConfirmedScheme, KeyApi, PinForm, Scheme, SecretKeyForm } from './definition.ts'
import { looksPublic, type ParsedPublic, parseCertificateFingerprint, parsePublic } from './public-keys.ts'

export type ParsedKey =
  | { readonly ok: true; readonly kind: 'secret'; readonly key: KeyObject }
  /** Names something that is no secret; `key` holds the text. */
  | { readonly ok: true; readonly kind: 'pin'; readonly key: KeyObject }
  | ParsedPublic

/**
 * Free text is chosen in the provider's own form, under its minimum (as low as six characters): below eight bytes one
 * captured request can be searched offline in hours. Encoded secrets are generated, so 16 bytes costs nobody anything.
 */
export const MIN_TEXT_KEY_BYTES = 8
export const MIN_ENCODED_KEY_BYTES = 16
/** A key set of several RSA keys. */
const MAX_KEY_LENGTH = 65_536

/** The message never quotes the key. */
export function parseKey(scheme: Scheme, text: string): ParsedKey {
  if (text.trim() === '') return refused('The key is empty.')
  if (text.length > MAX_KEY_LENGTH) return refused('The key is longer than any key of this kind.')
  switch (scheme.family) {
    case 'hmac':
    case 'hash':
      return parseSecret(scheme.key, text)
    case 'jwt':
      if ('decode' in scheme.key) return parseSecret(scheme.key, text)
      return looksPublic(text) ? parsePublic(text, scheme.algorithms) : parseSource(scheme.key, text)
    case 'asymmetric': {
      const { key } = scheme
      if (key.format === 'certificate-url' || key.format === 'key-api')
        return looksPublic(text) ? parsePublic(text, [scheme.algorithm]) : parseSource(key, text)
      return parsePublic(text, [scheme.algorithm], key)
    }
    case 'mtls': {
      const fingerprint = parseCertificateFingerprint(text)
      return fingerprint === undefined
        ? refused(
            'The key must be the SHA-256 fingerprint of the client certificate (64 hex digits), or the certificate as PEM.',
          )
        : { ok: true, kind: 'pin', key: createSecretKey(fingerprint) }
    }
    case 'token':
    case 'basic':
    case 'fetch-back':
      return secret(Buffer.from(text, 'utf8'))
  }
}

/** @returns What is wrong with it, or `undefined` when it may be used for a new integration. */
export function checkKey(scheme: Scheme, text: string): string | undefined {
  if (text !== text.trim() && !text.includes('-----BEGIN') && !text.trim().startsWith('{'))
    return 'The key begins or ends with white space.'
  const parsed = parseKey(scheme, text)
  if (!parsed.ok) return parsed.message
  if (parsed.kind !== 'secret') return undefined
  const { family } = scheme
  if ((family === 'token' || family === 'basic' || family === 'fetch-back') && looksPublic(text))
    return 'This is a public key or an address; a secret is expected.'
  if (family === 'fetch-back' && needsUser(scheme) && !/^[^:]+:./.test(text))
    return 'The key must be “client_id:client_secret” for the provider’s API.'
  if (isPlaceholder(text)) return 'The key is a placeholder. Use the one the provider shows.'
  const encoded = (scheme.family === 'hmac' || scheme.family === 'hash') && scheme.key.decode !== 'utf8'
  const least = encoded ? MIN_ENCODED_KEY_BYTES : MIN_TEXT_KEY_BYTES
  const bytes = parsed.key.export()
  if (bytes.length < least) return `The key has fewer than ${least} bytes.`
  if (bytes.every((byte) => byte === bytes[0])) return 'The key repeats one byte. Use the one the provider shows.'
  return undefined
}

function needsUser({ call, authorize }: ConfirmedScheme): boolean {
  return /\{(?:user|password|basic)\}/.test(JSON.stringify([call, authorize]))
}

function parseSecret(form: SecretKeyForm, text: string): ParsedKey {
  if (text === form.label) return refused(`The key ends after “${form.label}”.`)
  if (looksPublic(text)) return refused('This is a public key; the shared secret is expected.')
  const rest = stripPrefix(text, form.stripPrefix)
  if (form.decode === 'utf8') {
    if (rest === '') return refused('The key ends after its prefix.')
    const bytes = Buffer.from(rest, 'utf8')
    return secret(form.derive === undefined ? bytes : createHash(form.derive).update(bytes).digest())
  }
  const bytes = form.decode === 'hex' ? decode(rest, 'hex') : decodeBase64Unpadded(rest)
  if (bytes === undefined || bytes.length === 0) {
    const prefix = form.stripPrefix?.[0]
    return refused(
      `The key must be ${form.decode}${prefix === undefined ? '' : `, with or without “${prefix}” before it`}.`,
    )
  }
  return secret(bytes)
}

/** What stands in for a key that the provider publishes: the name it must speak for, or credentials to ask for it. */
function parseSource(form: PinForm | KeyApi, text: string): ParsedKey {
  if ('pin' in form) {
    return new RegExp(`^(?:${form.pattern})$`).test(text)
      ? { ok: true, kind: 'pin', key: createSecretKey(Buffer.from(text, 'utf8')) }
      : refused(`The key must be the ${form.pin}, or the public key itself (PEM, JWK or JWKS).`)
  }
  const colon = text.indexOf(':')
  return colon < 1 || colon === text.length - 1
    ? refused(
        'The key must be “client_id:client_secret” for the provider’s API, or the public key itself (PEM or JWK).',
      )
    : secret(Buffer.from(text, 'utf8'))
}

export function stripPrefix(text: string, prefixes: readonly string[] | undefined): string {
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

function refused(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message }
}
