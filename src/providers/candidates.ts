/**
 * Reads the candidates out of the signature's place, by exact grammar and before any cryptography.
 *
 * Items of other versions are skipped, because senders announce a new version beside the old. Whatever does not fit
 * the grammar refuses the request. A candidate of the right version that does not decode to the digest's length can
 * match nothing and is passed over; when none is left, the signature is malformed.
 */
import { compileBodyPath, readBodyPath } from './body-path.ts'
import { byteString } from './bytes.ts'
import { decode } from './decode.ts'
import type { SignatureParse, SignaturePlace } from './definition.ts'
import { soleField } from './form.ts'
import type { Reading } from './reading.ts'
import { soleHeader } from './request.ts'

/**
 * Eight covers every documented rotation (two or three at a time) with room; 4 KiB holds eight RSA-4096 signatures
 * less half. Without a bound, one header of 10,000 entries costs tens of milliseconds of comparing.
 */
export const MAX_SIGNATURES = 8
export const MAX_SIGNATURE_HEADER = 4096

export interface Candidates {
  readonly ok: true
  readonly signatures: readonly Buffer[]
  /** From the signature itself, as text. */
  readonly timestamp?: string
  /** Which key made it, as the sender names it. */
  readonly keyId?: string
}

export type CandidateProblem =
  | 'signature_missing'
  | 'signature_malformed'
  | 'too_many_signatures'
  | 'signature_version_unknown'
  | 'timestamp_missing'
  | 'header_duplicated'
  | 'requirement_failed'

export interface PlaceInput {
  readonly reading: Reading
  /** The signature header's name in the set of names that this request uses. */
  readonly header: string
  readonly settings: Readonly<Record<string, string>>
  /** The current item of `each`. */
  readonly item: unknown
  /** Smallest and largest byte length a signature of this scheme can have. */
  readonly lengths: readonly [min: number, max: number]
}

export function readCandidates(place: SignaturePlace, input: PlaceInput): Candidates | CandidateProblem {
  const values = readPlace(place, input)
  if (typeof values === 'string') return values
  const first = values[0]
  if (first === undefined) return 'signature_missing'
  const found = splitValue(place.parse, first, input)
  if (typeof found === 'string') return found
  let texts = found.texts
  for (let index = 1; index < values.length; index++) {
    const more = splitValue(place.parse, values[index] ?? '', input)
    if (typeof more === 'string') return more
    texts = [...texts, ...more.texts]
  }
  if (texts.length === 0) return 'signature_version_unknown'
  if (texts.length > ('headers' in place ? place.headers.to : MAX_SIGNATURES)) return 'too_many_signatures'
  const signatures: Buffer[] = []
  for (const text of texts) {
    const bytes = decode(text, place.encoding)
    if (bytes !== undefined && bytes.length >= input.lengths[0] && bytes.length <= input.lengths[1])
      signatures.push(bytes)
  }
  if (signatures.length === 0) return 'signature_malformed'
  const candidates: { -readonly [Name in keyof Candidates]: Candidates[Name] } = { ok: true, signatures }
  if (found.timestamp !== undefined) candidates.timestamp = found.timestamp
  if (found.keyId !== undefined) candidates.keyId = found.keyId
  return candidates
}

/** The raw values; none when there is no signature. An empty one is none. */
function readPlace(place: SignaturePlace, { reading, header, item }: PlaceInput): readonly string[] | CandidateProblem {
  const { request } = reading
  if ('header' in place) {
    if (place.repeated === true) {
      const values = request.headers.flatMap(([name, value]) => (name.toLowerCase() === header ? [value] : []))
      return values.length > MAX_SIGNATURES ? 'too_many_signatures' : values.filter((value) => value !== '')
    }
    const only = soleHeader(request.headers, header)
    if (only === false) return 'header_duplicated'
    const values = only ? [only] : []
    for (const name of place.also ?? NO_NAMES) {
      const value = soleHeader(request.headers, name.toLowerCase())
      if (value === false) return 'header_duplicated'
      if (value) values.push(value)
    }
    return values
  }
  if ('headers' in place) {
    const values: string[] = []
    for (let number = 1; number <= place.headers.to; number++) {
      const value = soleHeader(request.headers, `${place.headers.prefix.toLowerCase()}${number}`)
      if (value === false) return 'header_duplicated'
      if (!value) break
      values.push(value)
    }
    return values
  }
  const value =
    'form' in place
      ? soleField(reading.form, byteString(place.form))
      : readBodyPath('body' in place ? reading.json : item, compileBodyPath('body' in place ? place.body : place.item))
  if (value === undefined || value === null || value === '') return []
  return typeof value === 'string' ? [value] : 'signature_malformed'
}

const NO_NAMES: readonly string[] = []

interface Split {
  readonly texts: readonly string[]
  readonly timestamp?: string
  readonly keyId?: string
}

function splitValue(parse: SignatureParse, value: string, input: PlaceInput): Split | CandidateProblem {
  if (value.length > MAX_SIGNATURE_HEADER) return 'too_many_signatures'
  switch (parse.kind) {
    case 'raw':
      return { texts: [value] }
    case 'prefix':
      if (value.startsWith(parse.prefix)) return { texts: [value.slice(parse.prefix.length)] }
      return parse.optional === true ? { texts: [value] } : 'signature_malformed'
    case 'list':
      return splitList(parse, value)
    case 'pairs':
      return splitPairs(parse, value)
    case 'positional': {
      const [timestamp, ...texts] = value.split(parse.itemSeparator)
      return timestamp === undefined || texts.length === 0 ? 'signature_malformed' : { texts, timestamp }
    }
    case 'keyed-list': {
      const name = Object.hasOwn(input.settings, parse.nameSetting) ? input.settings[parse.nameSetting] : undefined
      if (name === undefined) return 'requirement_failed'
      return splitList({ ...parse, versionSeparator: parse.valueSeparator, version: name }, value)
    }
    case 'base64-json':
      return splitJson(parse, value)
  }
}

function splitList(
  parse: { readonly itemSeparator: string; readonly versionSeparator: string; readonly version: string },
  value: string,
): Split | CandidateProblem {
  const texts: string[] = []
  for (const item of value.split(parse.itemSeparator)) {
    const [version, text, ...rest] = item.split(parse.versionSeparator)
    if (!version || text === undefined || rest.length > 0) return 'signature_malformed'
    if (version === parse.version) texts.push(text)
  }
  return { texts }
}

function splitPairs(parse: Extract<SignatureParse, { kind: 'pairs' }>, value: string): Split | CandidateProblem {
  const texts: string[] = []
  const times: string[] = []
  for (const text of value.split(parse.itemSeparator)) {
    const item = parse.spaced === true && text.startsWith(' ') ? text.slice(1) : text
    const at = item.indexOf(parse.valueSeparator)
    if (at < 1) return 'signature_malformed'
    const key = item.slice(0, at)
    const held = item.slice(at + parse.valueSeparator.length)
    if (key === parse.signatureKey) texts.push(held)
    else if (key === parse.timestampKey) times.push(held)
  }
  if (parse.timestampKey === undefined) return { texts }
  const timestamp = times[0]
  if (timestamp === undefined) return 'timestamp_missing'
  return times.length > 1 ? 'signature_malformed' : { texts, timestamp }
}

function splitJson(parse: Extract<SignatureParse, { kind: 'base64-json' }>, value: string): Split | CandidateProblem {
  let json: unknown
  try {
    json = JSON.parse(String(decode(value, 'base64')))
  } catch {
    return 'signature_malformed'
  }
  const [text, keyId] = [readBodyPath(json, [parse.member]), readBodyPath(json, [parse.keyIdMember])]
  return typeof text === 'string' && typeof keyId === 'string' && KEY_ID.test(keyId)
    ? { texts: [text], keyId }
    : 'signature_malformed'
}

/** A key's id goes into an address or a cache: visible ASCII, and not long. */
export const KEY_ID = /^[A-Za-z0-9._~:=+/-]{1,256}$/
