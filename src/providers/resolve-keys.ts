/**
 * From the keys of an integration to key objects that can verify: pasted ones as they are, others from the provider,
 * through whatever answers the caller has.
 */
import type { KeyObject } from 'node:crypto'
import type { Uuid } from '../base/model/ids.ts'
import { compileBodyPath, readBodyPath } from './body-path.ts'
import type { PreparedKey } from './compile.ts'
import type {
  AsymmetricAlgorithm,
  CertificateUrl,
  JwtAlgorithm,
  KeyApi,
  PublicKeyForm,
  PublishedKeys,
} from './definition.ts'
import type { Refusal } from './outcome.ts'
import { type PublicKey, parseKeySet, parsePublic, readCertificate } from './public-keys.ts'
import type { Reading } from './reading.ts'
import { callNeed, certificateNeed, keySetNeed, pastedKeySetNeed, type Remote, type RemoteNeed } from './remote.ts'
import { compileSource, readSource } from './source.ts'
import type { Clock } from './verify-input.ts'

export interface ResolvedKey {
  readonly id: Uuid
  readonly key: KeyObject
  /** The text that the key was pasted as, where it is a name and no secret. */
  readonly pin?: string
}

export type Resolved =
  | { readonly keys: readonly ResolvedKey[] }
  | { readonly need: RemoteNeed }
  | { readonly refused: Refusal }

export interface ResolveInput {
  readonly keys: readonly PreparedKey[]
  readonly reading: Reading
  readonly settings: Readonly<Record<string, string>>
  readonly now: Clock
  readonly remote: Remote
  /** Which key the sender says it used. */
  readonly kid: string | undefined
  /** Whether the request speaks for what this key names. */
  readonly accepts: (pin: string | undefined) => boolean
}

type KeyForm = PublicKeyForm | CertificateUrl | KeyApi | PublishedKeys

export function resolveKeys(
  form: KeyForm,
  algorithms: readonly (AsymmetricAlgorithm | JwtAlgorithm)[],
  input: ResolveInput,
): Resolved {
  const { reading, settings } = input
  // Also for a pasted key: a request that points anywhere else is none of the provider's.
  const certificate = form.format === 'certificate-url' ? certificateOf(form, reading) : undefined
  if (form.format === 'certificate-url' && certificate === undefined) return { refused: 'key_source_refused' }

  const keys: ResolvedKey[] = []
  let refused: Refusal = 'signature_mismatch'
  let named = false
  for (const prepared of input.keys) {
    const pin = pinOf(prepared, form, settings)
    if (!input.accepts(pin)) continue
    named = true
    const found = keysOf(prepared, form, algorithms, certificate, input)
    if ('need' in found) return found
    if ('refused' in found) refused = found.refused
    else for (const { key } of found.keys) keys.push({ id: prepared.id, key, ...(pin === undefined ? {} : { pin }) })
  }
  if (!named) return { refused: 'requirement_failed' }
  return keys.length === 0 ? { refused } : { keys }
}

/** The text that was pasted or, beside a pasted public key, the setting of that name. */
function pinOf(prepared: PreparedKey, form: KeyForm, settings: Readonly<Record<string, string>>): string | undefined {
  if (!('pin' in form)) return undefined
  if (prepared.pinned) return prepared.key?.export().toString('utf8')
  return Object.hasOwn(settings, form.pin) ? settings[form.pin] : undefined
}

type Found = { readonly keys: readonly PublicKey[] } | { readonly need: RemoteNeed } | { readonly refused: Refusal }

function keysOf(
  prepared: PreparedKey,
  form: KeyForm,
  algorithms: readonly (AsymmetricAlgorithm | JwtAlgorithm)[],
  certificate: RemoteNeed | undefined,
  input: ResolveInput,
): Found {
  const { key, kid, keySetUrl } = prepared
  if (keySetUrl !== undefined) return fromKeySet(pastedKeySetNeed(keySetUrl), algorithms, input)
  if (key === undefined) return { refused: 'no_active_key' }
  if (!prepared.pinned) {
    const other = kid !== undefined && input.kid !== undefined && kid !== input.kid
    return other ? { refused: 'key_unknown' } : { keys: [{ key }] }
  }
  switch (form.format) {
    case 'certificate-url':
      return certificate === undefined ? { refused: 'key_source_refused' } : fromCertificate(certificate, input)
    case 'jwks-url': {
      const need = keySetNeed(form, input.settings)
      return need === undefined ? { refused: 'key_source_refused' } : fromKeySet(need, algorithms, input)
    }
    case 'key-api':
      return fromApi(form, key.export().toString('utf8'), algorithms, input)
    default:
      return { refused: 'no_active_key' }
  }
}

function certificateOf(form: CertificateUrl, reading: Reading): RemoteNeed | undefined {
  const url = readSource(compileSource(form.url), reading)
  return url === undefined ? undefined : certificateNeed(form, url)
}

function fromCertificate(need: RemoteNeed, { remote, now }: ResolveInput): Found {
  const answer = remote(need)
  if (answer === undefined) return { need }
  if (!answer.ok) return { refused: answer.why === 'failed' ? 'key_unavailable' : 'key_unknown' }
  const certificate = readCertificate(answer.text)
  if (certificate === undefined) return { refused: 'key_unknown' }
  if (now !== 'no-clock' && !(now <= certificate.until)) return { refused: 'certificate_expired' }
  return { keys: [{ key: certificate.key }] }
}

/** A key that is not in the set may be new: the set is asked for again, but not more than once in this time. */
const UNKNOWN_KEY_RETRY_SECONDS = 60

function fromKeySet(
  need: RemoteNeed,
  algorithms: readonly (AsymmetricAlgorithm | JwtAlgorithm)[],
  { remote, kid }: ResolveInput,
): Found {
  for (const asked of [need, { ...need, cacheSeconds: UNKNOWN_KEY_RETRY_SECONDS }]) {
    const answer = remote(asked)
    if (answer === undefined) return { need: asked }
    if (!answer.ok) return { refused: answer.why === 'failed' ? 'key_unavailable' : 'key_unknown' }
    const set = parseKeySet(answer.text, algorithms)
    const keys = set.ok && set.kind === 'public' ? set.keys : []
    const matching = kid === undefined ? keys : keys.filter((each) => each.kid === undefined || each.kid === kid)
    if (matching.length > 0) return { keys: matching }
  }
  return { refused: 'key_unknown' }
}

function fromApi(
  form: KeyApi,
  credentials: string,
  algorithms: readonly (AsymmetricAlgorithm | JwtAlgorithm)[],
  { remote, kid, reading, settings }: ResolveInput,
): Found {
  if (kid === undefined) return { refused: 'key_unknown' }
  const need = callNeed(form.call, form.authorize, { reading, settings, key: credentials, id: kid })
  if (need === undefined) return { refused: 'key_source_refused' }
  const answer = remote(need)
  if (answer === undefined) return { need }
  if (!answer.ok) return { refused: answer.why === 'failed' ? 'key_unavailable' : 'key_unknown' }
  const json = parseAnswer(answer.text)
  if (form.expired !== undefined && (readBodyPath(json, compileBodyPath(form.expired)) ?? null) !== null)
    return { refused: 'certificate_expired' }
  const value = readBodyPath(json, compileBodyPath(form.read))
  const parsed = parsePublic(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), algorithms)
  return parsed.ok && parsed.kind === 'public' ? { keys: parsed.keys } : { refused: 'key_unknown' }
}

export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
