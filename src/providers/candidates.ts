/**
 * Reads the candidates out of a signature header, by exact grammar and before any cryptography.
 *
 * Items of other versions are skipped, because senders announce a new version beside the old. Whatever does not fit
 * the grammar refuses the whole header. A candidate of the right version that does not decode to the digest's
 * length can match nothing and is passed over; when none is left, the header is malformed.
 */
import { decode } from './decode.ts'
import type { SignaturePlace } from './definition.ts'

/**
 * Eight covers every documented rotation (two or three at a time) with room; 4 KiB holds eight RSA-4096 signatures
 * less half. Without a bound, one header of 10,000 entries costs tens of milliseconds of comparing.
 */
export const MAX_SIGNATURES = 8
export const MAX_SIGNATURE_HEADER = 4096

export interface Candidates {
  readonly ok: true
  readonly signatures: readonly Buffer[]
  /** From the signature header itself, as text. */
  readonly timestamp?: string
}

export type CandidateProblem =
  | 'signature_malformed'
  | 'too_many_signatures'
  | 'signature_version_unknown'
  | 'timestamp_missing'

/** @param lengths Smallest and largest byte length a signature of this scheme can have. */
export function readCandidates(
  place: SignaturePlace,
  value: string,
  lengths: readonly [min: number, max: number],
): Candidates | CandidateProblem {
  if (value.length > MAX_SIGNATURE_HEADER) return 'too_many_signatures'
  const found = splitSignatures(place, value)
  if (typeof found === 'string') return found
  if (found.texts.length === 0) return 'signature_version_unknown'
  if (found.texts.length > MAX_SIGNATURES) return 'too_many_signatures'
  const signatures: Buffer[] = []
  for (const text of found.texts) {
    const bytes = decode(text, place.encoding)
    if (bytes !== undefined && bytes.length >= lengths[0] && bytes.length <= lengths[1]) signatures.push(bytes)
  }
  if (signatures.length === 0) return 'signature_malformed'
  return found.timestamp === undefined ? { ok: true, signatures } : { ok: true, signatures, timestamp: found.timestamp }
}

interface Split {
  readonly texts: readonly string[]
  readonly timestamp?: string
}

function splitSignatures({ parse }: SignaturePlace, value: string): Split | CandidateProblem {
  switch (parse.kind) {
    case 'raw':
      return { texts: [value] }
    case 'prefix':
      if (value.startsWith(parse.prefix)) return { texts: [value.slice(parse.prefix.length)] }
      return parse.optional === true ? { texts: [value] } : 'signature_malformed'
    case 'list': {
      const texts: string[] = []
      for (const item of value.split(parse.itemSeparator)) {
        const [version, text, ...rest] = item.split(parse.versionSeparator)
        if (!version || text === undefined || rest.length > 0) return 'signature_malformed'
        if (version === parse.version) texts.push(text)
      }
      return { texts }
    }
    case 'pairs': {
      const texts: string[] = []
      const times: string[] = []
      for (const item of value.split(parse.itemSeparator)) {
        const at = item.indexOf(parse.valueSeparator)
        if (at < 1) return 'signature_malformed'
        const key = item.slice(0, at)
        const text = item.slice(at + parse.valueSeparator.length)
        if (key === parse.signatureKey) texts.push(text)
        else if (key === parse.timestampKey) times.push(text)
      }
      if (parse.timestampKey === undefined) return { texts }
      const [timestamp, ...more] = times
      if (timestamp === undefined) return 'timestamp_missing'
      return more.length > 0 ? 'signature_malformed' : { texts, timestamp }
    }
  }
}
