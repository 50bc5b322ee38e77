/**
 * Does this request prove who sent it? The answer is a value, never an exception: a refusal is the ordinary case.
 *
 * Promises: over the raw bytes only; every candidate and every active key is tried, none ends the search early;
 * digests of one length are compared in constant time; the window is closed in both directions; whatever is
 * missing, doubled or does not parse is refused. The scheme comes from the verifier, never from the request.
 *
 * Boundary: knows nothing of storage, statuses or dedupe.
 */
import { createHash, createHmac, verify as cryptoVerify, timingSafeEqual } from 'node:crypto'
import type { Uuid } from '../base/model/ids.ts'
import { readCandidates } from './candidates.ts'
import { applies, holds, spellUrl } from './cases.ts'
import type { CompiledCase, HeaderSet, PreparedKey, SignedVerifier, Verifier } from './compile.ts'
import type { AsymmetricScheme, HmacScheme, UrlVariant } from './definition.ts'
import { type Refusal, type Refused, refuse, type Verified } from './outcome.ts'
import { countHeader, headerValue, type InboundRequest, soleHeader } from './request.ts'
import { verifyShared } from './shared-secret.ts'
import { type Rendered, type RenderInput, render, toBytes } from './template.ts'
import { readTimestamp, windowProblem } from './timestamp.ts'

/** Milliseconds since the epoch, or a spelt-out decision not to check any window (stored vectors without a clock). */
export type Clock = number | 'no-clock'

export function verifyRequest(verifier: Verifier, request: InboundRequest, now: Clock): Verified | Refused {
  const keys = activeKeys(verifier.keys, now)
  if (verifier.kind === 'shared') return verifyShared(verifier, keys, request)
  return verifySigned(verifier, keys, request, now)
}

function activeKeys(keys: readonly PreparedKey[], now: Clock): readonly PreparedKey[] {
  const active = (key: PreparedKey) =>
    now === 'no-clock' ? key.from === -Infinity && key.until === Infinity : key.from <= now && now < key.until
  return keys.every(active) ? keys : keys.filter(active)
}

function verifySigned(
  verifier: SignedVerifier,
  keys: readonly PreparedKey[],
  request: InboundRequest,
  now: Clock,
): Verified | Refused {
  const { scheme } = verifier
  const set = presentSet(verifier.sets, request)
  const parts = readParts(verifier, set, request)
  if (typeof parts === 'string') return refuse(parts)
  const chosen = verifier.cases.find((each) => applies(each.source, request))
  if (chosen === undefined || !(chosen.source.require ?? []).every((each) => holds(each, request))) {
    return refuse('requirement_failed')
  }
  if (chosen.covers.headers.some((name) => countHeader(request.headers, name) > 1)) return refuse('header_duplicated')
  if (keys.length === 0) return refuse('no_active_key')

  const input = { request, ts: parts.ts, id: parts.id, settings: verifier.settings, url: request.url }
  const contents = renderAll(chosen, scheme.urlVariants ?? AS_IS, input)
  if (contents === undefined) return refuse('content_incomplete')
  const matched = matchingKey(scheme, keys, contents, parts.signatures)
  if (matched === undefined) return refuse('signature_mismatch')
  // After the match, so that "stale" in a log means a true signature out of time: a replay, or a clock to repair.
  if (parts.signedAt !== undefined && now !== 'no-clock') {
    const problem = windowProblem(parts.signedAt, now, verifier.toleranceSeconds)
    if (problem !== undefined) return refuse(problem)
  }
  const verified: Writable<Verified> = {
    ok: true,
    scheme: scheme.name,
    keyId: matched,
    coverage: chosen.coverage,
    covers: chosen.covers,
    content: chosen.bodyOnly ? 'body' : contentDigest(chosen, input),
  }
  if (parts.signedAt !== undefined) verified.signedAt = parts.signedAt
  if (set.id !== undefined) verified.signedId = parts.id
  return verified
}

/** While it is made: members that may be absent are set, as spreading them into a literal takes a microsecond of every request. */
type Writable<T> = { -readonly [Name in keyof T]: T[Name] }

/** The first set whose signature header is there; the names of two sets are never mixed. */
function presentSet(sets: SignedVerifier['sets'], request: InboundRequest): HeaderSet {
  if (sets.length === 1) return sets[0]
  return sets.find((set) => headerValue(request.headers, set.signature) !== undefined) ?? sets[0]
}

interface Parts {
  readonly signatures: readonly Buffer[]
  readonly ts: string
  readonly signedAt?: number
  readonly id: string
}

/** Visible ASCII. What else a header can hold has no place in an id and would render ambiguously. */
const SIGNED_ID = /^[\x21-\x7e]{1,512}$/

function readParts(verifier: SignedVerifier, set: HeaderSet, request: InboundRequest): Parts | Refusal {
  const { scheme, lengths } = verifier
  const header = soleHeader(request.headers, set.signature)
  const apart = set.timestamp === undefined ? undefined : soleHeader(request.headers, set.timestamp)
  const id = set.id === undefined ? '' : soleHeader(request.headers, set.id)
  if (header === false || apart === false || id === false) return 'header_duplicated'
  if (!header) return 'signature_missing'
  const candidates = readCandidates(scheme.signature, header, lengths)
  if (typeof candidates === 'string') return candidates

  const time = set.timestamp === undefined ? candidates.timestamp : apart
  if (scheme.timestamp !== undefined && !time) return 'timestamp_missing'
  const signedAt = scheme.timestamp === undefined ? undefined : readTimestamp(time ?? '', scheme.timestamp.unit)
  if (scheme.timestamp !== undefined && signedAt === undefined) return 'timestamp_malformed'

  if (set.id !== undefined && !id) return 'id_missing'
  if (set.id !== undefined && !isSignedId(id ?? '', scheme.id?.forbid)) return 'id_malformed'
  const parts: Writable<Parts> = { signatures: candidates.signatures, ts: time ?? '', id: id ?? '' }
  if (signedAt !== undefined) parts.signedAt = signedAt
  return parts
}

function isSignedId(id: string, forbidden: string | undefined): boolean {
  return SIGNED_ID.test(id) && (forbidden === undefined || !id.includes(forbidden))
}

const AS_IS: readonly UrlVariant[] = ['as-is']

/** Every byte string the sender may have signed; `undefined` when none can be made from this request. */
function renderAll(
  chosen: CompiledCase,
  variants: readonly UrlVariant[],
  input: RenderInput,
): readonly Rendered[] | undefined {
  const urls = chosen.covers.url ? [...new Set(variants.map((variant) => spellUrl(input.url, variant)))] : [input.url]
  const contents: Rendered[] = []
  for (const url of urls) {
    for (const template of chosen.templates) {
      const rendered = render(template, url === input.url ? input : { ...input, url })
      if (rendered !== undefined) contents.push(rendered)
    }
  }
  return contents.length === 0 ? undefined : contents
}

/** The first key, in the order given, that any candidate matches. */
function matchingKey(
  scheme: HmacScheme | AsymmetricScheme,
  keys: readonly PreparedKey[],
  contents: readonly Rendered[],
  signatures: readonly Buffer[],
): Uuid | undefined {
  let matched: Uuid | undefined
  for (const { id, key } of keys) {
    for (const content of contents) {
      const expected = scheme.family === 'hmac' ? hmac(scheme, key, content) : undefined
      for (const signature of signatures) {
        const same =
          expected === undefined
            ? verifiesAsymmetric(scheme, key, content, signature)
            : expected.length === signature.length && timingSafeEqual(expected, signature)
        if (same) matched ??= id
      }
    }
  }
  return matched
}

function hmac(scheme: HmacScheme, key: PreparedKey['key'], content: Rendered): Buffer {
  const digest = createHmac(scheme.algorithm, key)
  for (const chunk of content) {
    if (typeof chunk === 'string') digest.update(chunk, 'latin1')
    else digest.update(chunk)
  }
  // As hex and back: a digest asked for as a Buffer allocates memory of its own, which costs more than the detour.
  return Buffer.from(digest.digest('hex'), 'hex')
}

function verifiesAsymmetric(
  scheme: HmacScheme | AsymmetricScheme,
  key: PreparedKey['key'],
  content: Rendered,
  signature: Buffer,
): boolean {
  try {
    // ECDSA is DER here (OpenSSL refuses r||s and anything that does not re-encode to the same bytes).
    return cryptoVerify(scheme.algorithm === 'ed25519' ? null : 'sha256', toBytes(content), key, signature)
  } catch {
    return false
  }
}

/** Over the first template with the URL as configured, so that all spellings of one message give one digest. */
function contentDigest(chosen: CompiledCase, input: RenderInput): Buffer {
  const [template = []] = chosen.templates
  const rendered = render(template, { ...input, ts: '', id: '' }) ?? []
  return createHash('sha256').update(toBytes(rendered)).digest()
}
