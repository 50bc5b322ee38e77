/**
 * Schemes that sign bytes of the request: HMAC, plain digest with the key inside, public-key signature.
 */
import { createHash, createHmac, verify as cryptoVerify, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { Uuid } from '../base/model/ids.ts'
import { compileBodyPath, readBodyPath, readEvery, scalarText } from './body-path.ts'
import { byteString } from './bytes.ts'
import { type Candidates, type PlaceInput, readCandidates } from './candidates.ts'
import { applies, holds, spellUrl } from './cases.ts'
import type { CompiledCase, HeaderSet, PreparedKey, SignedVerifier } from './compile.ts'
import type { AsymmetricAlgorithm, KeySlot, Requirement, SignedByScheme, UrlVariant } from './definition.ts'
import { pending, type Refusal, type Refused, refuse, type Verified } from './outcome.ts'
import type { Reading } from './reading.ts'
import { countHeader, headerValue, soleHeader } from './request.ts'
import { resolveKeys } from './resolve-keys.ts'
import { type CompiledTemplate, type Rendered, type RenderInput, render, toBytes } from './template.ts'
import { readTimestamp, windowProblem } from './timestamp.ts'
import type { Clock, VerifyInput } from './verify-input.ts'

export function verifySigned(verifier: SignedVerifier, input: VerifyInput): Verified | Refused {
  const { scheme } = verifier
  const { reading, now } = input
  const set = presentSet(verifier.sets, reading)
  const items = scheme.each === undefined ? ONE_MESSAGE : readEvery(reading.json, compileBodyPath(scheme.each))
  if (items === undefined || items.length === 0) return refuse('signature_missing')
  const parts = readParts(verifier, set, reading, items)
  if (typeof parts === 'string') return refuse(parts)

  const chosen = caseOf(verifier.cases, reading)
  if (chosen === undefined) return refuse('requirement_failed')
  const { require = NO_REQUIREMENTS } = chosen.source
  if (require.length > 0) {
    const general = { reading, settings: verifier.settings, pin: undefined }
    if (!require.every((each) => each.kind === 'equals-key' || holds(each, general)))
      return refuse('requirement_failed')
  }
  const { headers } = chosen.covers
  for (const name of headers) if (countHeader(reading.request.headers, name) > 1) return refuse('header_duplicated')
  if (input.keys.length === 0) return refuse('no_active_key')

  const keys = keysFor(verifier, require, parts.candidates[0], input)
  if ('ok' in keys) return keys
  const contents = { verifier, chosen, parts, items, reading }
  const matched = matchingKey(contents, keys.keys)
  if (typeof matched === 'object') return matched
  // After the match, so that "stale" in a log means a true signature out of time: a replay, or a clock to repair.
  const signedAt = signedTime(verifier, parts, reading)
  if (typeof signedAt === 'string') return refuse(signedAt)
  const problem = timeProblem(verifier, signedAt, now)
  if (problem !== undefined) return refuse(problem)
  const verified: Writable<Verified> = {
    ok: true,
    scheme: scheme.name,
    keyId: matched,
    coverage: chosen.coverage,
    covers: chosen.covers,
    content: chosen.bodyOnly ? 'body' : contentDigest(contents),
  }
  if (signedAt !== undefined) verified.signedAt = signedAt
  if (set.id !== undefined) verified.signedId = parts.id
  return verified
}

/** While it is made: members that may be absent are set, as spreading them into a literal takes a microsecond of every request. */
type Writable<T> = { -readonly [Name in keyof T]: T[Name] }

const NO_REQUIREMENTS: readonly Requirement[] = []

/** Nearly every scheme has one case, which asks for nothing. */
function caseOf(cases: readonly CompiledCase[], reading: Reading): CompiledCase | undefined {
  for (const each of cases) if (applies(each.source, reading)) return each
  return undefined
}

/** A request that is one message: nothing is read from `item`. */
const ONE_MESSAGE: readonly unknown[] = [undefined]

/** The first set whose signature header is there; the names of two sets are never mixed. */
function presentSet(sets: SignedVerifier['sets'], reading: Reading): HeaderSet {
  if (sets.length === 1) return sets[0]
  return sets.find((set) => headerValue(reading.request.headers, set.signature) !== undefined) ?? sets[0]
}

interface Parts {
  /** By item: what its ordinary signature offers. Empty for one that only a slot signed. */
  readonly candidates: readonly Candidates[]
  /** Of the first item's slots, by name. */
  readonly slots: ReadonlyMap<string, Candidates>
  readonly ts: string
  /** The header it came in, in lower case; empty when it has none. */
  readonly tsHeader: string
  /** Milliseconds since the epoch; what stands in the body is read later. */
  readonly signedAt: number | undefined
  readonly id: string
}

const NO_SLOTS: ReadonlyMap<string, Candidates> = new Map()
const NO_CANDIDATES: Candidates = { ok: true, signatures: [] }

/** Visible ASCII. What else a header can hold has no place in an id and would render ambiguously. */
const SIGNED_ID = /^[\x21-\x7e]{1,512}$/

function readParts(
  verifier: SignedVerifier,
  set: HeaderSet,
  reading: Reading,
  items: readonly unknown[],
): Parts | Refusal {
  const { scheme, lengths, settings } = verifier
  const { headers } = reading.request
  const apart = set.timestamp === undefined ? undefined : soleHeader(headers, set.timestamp)
  const id = set.id === undefined ? '' : soleHeader(headers, set.id)
  if (apart === false || id === false) return 'header_duplicated'
  const slots =
    scheme.slots === undefined
      ? NO_SLOTS
      : readSlots(scheme.slots, { reading, header: '', settings, item: items[0], lengths })
  if (typeof slots === 'string') return slots
  const candidates: Candidates[] = []
  for (const item of items) {
    const found = readCandidates(scheme.signature, { reading, header: set.signature, settings, item, lengths })
    if (typeof found === 'object') candidates.push(found)
    else if (slots.size > 0 && found !== 'header_duplicated') candidates.push(NO_CANDIDATES)
    else return found
  }

  const time = set.timestamp === undefined ? candidates[0]?.timestamp : apart
  const early = scheme.timestamp !== undefined && !inBody(scheme)
  if (early && !time) return 'timestamp_missing'
  const signedAt = early ? readTimestamp(time ?? '', scheme.timestamp.unit) : undefined
  if (early && signedAt === undefined) return 'timestamp_malformed'

  if (set.id !== undefined && !id) return 'id_missing'
  if (set.id !== undefined && !isSignedId(id ?? '', scheme.id?.forbid)) return 'id_malformed'
  return { candidates, slots, ts: time ?? '', tsHeader: set.timestamp ?? '', signedAt, id: id ?? '' }
}

/** Of a slot that signed nothing, or nothing readable, nothing is said: the others may have signed. */
function readSlots(
  slots: readonly KeySlot[],
  input: PlaceInput,
): ReadonlyMap<string, Candidates> | 'header_duplicated' {
  const found = new Map<string, Candidates>()
  for (const { slot, signature } of slots) {
    if (signature === undefined) continue
    const header = 'header' in signature ? signature.header.toLowerCase() : input.header
    const candidates = readCandidates(signature, { ...input, header })
    if (candidates === 'header_duplicated') return candidates
    if (typeof candidates === 'object') found.set(slot, candidates)
  }
  return found
}

function isSignedId(id: string, forbidden: string | undefined): boolean {
  return SIGNED_ID.test(id) && (forbidden === undefined || !id.includes(forbidden))
}

function inBody({ timestamp }: SignedByScheme): boolean {
  return typeof timestamp?.in === 'object' && 'body' in timestamp.in
}

/** A time in the body says nothing before the body is known to be the sender's. */
function signedTime(
  { scheme }: SignedVerifier,
  parts: Parts,
  reading: Reading,
): number | undefined | 'timestamp_missing' | 'timestamp_malformed' {
  const { timestamp } = scheme
  if (typeof timestamp?.in !== 'object' || !('body' in timestamp.in)) return parts.signedAt
  const text = scalarText(readBodyPath(reading.json, compileBodyPath(timestamp.in.body)))
  if (text === undefined) return 'timestamp_missing'
  return readTimestamp(text, timestamp.unit) ?? 'timestamp_malformed'
}

function timeProblem(
  { scheme, toleranceSeconds }: SignedVerifier,
  signedAt: number | undefined,
  now: Clock,
): Refusal | undefined {
  if (signedAt === undefined || now === 'no-clock') return undefined
  return windowProblem(signedAt, now, toleranceSeconds, scheme.timestamp?.aheadSeconds)
}

/** The keys that may have signed this request, as key objects. */
function keysFor(
  verifier: SignedVerifier,
  require: readonly Requirement[],
  candidates: Candidates | undefined,
  input: VerifyInput,
): { readonly keys: readonly UsableKey[] } | Refused {
  const { scheme, settings } = verifier
  if (scheme.family !== 'asymmetric')
    return { keys: input.keys.every(isUsable) ? input.keys : input.keys.filter(isUsable) }
  const pins = require.filter((each) => each.kind === 'equals-key')
  const found = resolveKeys(scheme.key, [scheme.algorithm], {
    ...input,
    settings,
    kid: candidates?.keyId,
    accepts: (pin) => pins.every((each) => holds(each, { reading: input.reading, settings, pin })),
  })
  if ('need' in found) return pending(found.need)
  return 'refused' in found ? refuse(found.refused) : found
}

interface UsableKey {
  readonly id: Uuid
  readonly key: KeyObject
  readonly slot?: string
  /** The pasted text where it is no secret: `{key}` of a template. */
  readonly pin?: string
}

function isUsable(key: PreparedKey): key is PreparedKey & { readonly key: KeyObject } {
  return key.key !== undefined
}

interface Contents {
  readonly verifier: SignedVerifier
  readonly chosen: CompiledCase
  readonly parts: Parts
  readonly items: readonly unknown[]
  readonly reading: Reading
}

/** The first key, in the order given, that signed every item. */
function matchingKey(contents: Contents, keys: readonly UsableKey[]): Uuid | Refused {
  const { chosen, items } = contents
  let matched: Uuid | undefined
  const shared = chosen.usesKey ? undefined : renderItems(contents, '')
  for (const key of keys) {
    const rendered = shared ?? (chosen.usesKey ? renderItems(contents, keyText(key)) : undefined)
    if (rendered === undefined) return refuse('content_incomplete')
    let all = true
    for (let index = 0; index < items.length; index++) {
      const { signatures } = candidatesFor(contents, key, index)
      if (!matchesAny(contents, key.key, rendered[index] ?? [], signatures)) all = false
    }
    if (all) matched ??= key.id
  }
  return matched ?? refuse('signature_mismatch')
}

/** A key whose slot has a place of its own is read there and nowhere else. */
function candidatesFor({ verifier, parts }: Contents, { slot }: UsableKey, index: number): Candidates {
  const apart = slot !== undefined && verifier.scheme.slots?.some((each) => each.slot === slot && each.signature)
  return (apart ? parts.slots.get(slot) : parts.candidates[index]) ?? NO_CANDIDATES
}

/** A pasted public key without the name it speaks for leaves `{key}` empty, and matches nothing. */
function keyText({ key, pin }: UsableKey): string {
  if (pin !== undefined) return byteString(pin)
  return key.type === 'secret' ? key.export().toString('latin1') : ''
}

const AS_IS: readonly UrlVariant[] = ['as-is']

/** By item, every byte string the sender may have signed; `undefined` when none can be made of one of them. */
function renderItems(contents: Contents, key: string): readonly (readonly Rendered[])[] | undefined {
  const { chosen, items, reading } = contents
  if (chosen.plain) return [[[reading.request.body]]]
  const urls = spellings(contents)
  const all: Rendered[][] = []
  for (const item of items) {
    const rendered: Rendered[] = []
    for (const url of urls) {
      const input = renderInput(contents, { key, item, url })
      for (const template of chosen.templates) {
        const bytes = render(template, input)
        if (bytes !== undefined) rendered.push(bytes)
      }
    }
    if (rendered.length === 0) return undefined
    all.push(rendered)
  }
  return all
}

function spellings({ verifier, chosen, reading }: Contents): readonly string[] {
  const { url } = reading.request
  if (!chosen.covers.url) return [url]
  return [...new Set((verifier.scheme.urlVariants ?? AS_IS).map((variant) => spellUrl(url, variant)))]
}

function renderInput(
  { verifier, parts, reading }: Contents,
  { key, item, url }: { readonly key: string; readonly item: unknown; readonly url: string },
): RenderInput {
  const { scheme } = verifier
  return {
    reading,
    url,
    ts: parts.ts,
    tsHeader: parts.tsHeader,
    id: parts.id,
    settings: verifier.settings,
    key,
    unescape: scheme.unescape ?? [],
    signatureField: 'form' in scheme.signature ? scheme.signature.form : '',
    item,
  }
}

/** Every content and every candidate is compared, whatever was found before. */
function matchesAny(
  { verifier: { scheme }, chosen }: Contents,
  key: KeyObject,
  contents: readonly Rendered[],
  signatures: readonly Buffer[],
): boolean {
  let found = false
  for (const content of contents) {
    const expected = scheme.family === 'asymmetric' ? undefined : digest(scheme, key, content)
    for (const signature of signatures) {
      const same =
        expected !== undefined
          ? expected.length === signature.length && timingSafeEqual(expected, signature)
          : scheme.family === 'asymmetric' &&
            verifies(chosen.source.algorithm ?? scheme.algorithm, key, content, signature)
      if (same) found = true
    }
  }
  return found
}

function digest(scheme: Exclude<SignedByScheme, { family: 'asymmetric' }>, key: KeyObject, content: Rendered): Buffer {
  const hash = scheme.family === 'hmac' ? createHmac(scheme.algorithm, key) : createHash(scheme.algorithm)
  for (const chunk of content) {
    if (typeof chunk === 'string') hash.update(chunk, 'latin1')
    else hash.update(chunk)
  }
  // `binary` is latin1, a character a byte. As text and back: a digest asked for as a Buffer allocates memory of its own, which costs more than the detour.
  const expected = EXPECTED[scheme.algorithm]
  expected.write(hash.digest('binary'), 'latin1')
  return expected
}

/** Written and compared before the next one is computed, which nothing can come between: allocating costs more than comparing. */
const EXPECTED = { sha1: Buffer.alloc(20), sha256: Buffer.alloc(32), sha512: Buffer.alloc(64) } as const

/** ECDSA is DER here (OpenSSL refuses r||s and anything that does not re-encode to the same bytes). */
export const DIGEST_OF = {
  ed25519: null,
  'ecdsa-p256-sha256': 'sha256',
  'ecdsa-p256-sha1': 'sha1',
  'rsa-sha256': 'sha256',
  'rsa-sha1': 'sha1',
} as const

function verifies(algorithm: AsymmetricAlgorithm, key: KeyObject, content: Rendered, signature: Buffer): boolean {
  try {
    return cryptoVerify(DIGEST_OF[algorithm], toBytes(content), key, signature)
  } catch {
    return false
  }
}

/**
 * Over the first template of which something can be made, with the URL as configured, so that all spellings of one
 * message give one digest.
 */
function contentDigest(contents: Contents): Buffer {
  const { chosen, items, reading, parts } = contents
  const hash = createHash('sha256')
  const timeless = { ...contents, parts: { ...parts, ts: '', id: '' } }
  for (const item of items) {
    const input = renderInput(timeless, { key: '', item, url: reading.request.url })
    const bytes = toBytes(firstRendered(chosen.templates, input))
    // With several, each is preceded by its length, so that no two lists of items read alike.
    if (items.length > 1) hash.update(`${bytes.length}:`)
    hash.update(bytes)
  }
  return hash.digest()
}

/** Something matched, so there is one. */
function firstRendered(templates: readonly CompiledTemplate[], input: RenderInput): Rendered {
  for (const template of templates) {
    const rendered = render(template, input)
    if (rendered !== undefined) return rendered
  }
  throw new Error('a content that matched cannot be made again')
}
