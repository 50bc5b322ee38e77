/**
 * JSON with bounds. One pass over the bytes counts depth and size before the parser sees anything, so that 100,000
 * opening brackets cost a scan of 100,000 bytes and no recursion.
 *
 * JSON.parse itself makes `__proto__` an own property and runs no setter; readers must look at own properties only.
 */
import { isAscii, isUtf8 } from 'node:buffer'

export interface JsonLimits {
  readonly maxDepth: number
  /** Object members in the whole document. */
  readonly maxKeys: number
}

/**
 * The deepest payload known here nests 14 levels. A member takes at least six bytes (`"a":1,`), so 1 MiB could hold
 * 170,000; real payloads of that size hold 20,000 to 40,000.
 */
export const DEFAULT_JSON_LIMITS: JsonLimits = { maxDepth: 64, maxKeys: 50_000 }

export type JsonProblem = 'not_utf8' | 'not_json' | 'too_deep' | 'too_many_keys'

export type BoundedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: JsonProblem }

/** Parses once, within the limits. A byte order mark is not JSON (RFC 8259 section 8.1) and is refused. */
export function parseBoundedJson(bytes: Buffer, limits: JsonLimits = DEFAULT_JSON_LIMITS): BoundedJson {
  const ascii = isAscii(bytes)
  if (!ascii && !isUtf8(bytes)) return { ok: false, reason: 'not_utf8' }
  const text = bytes.toString(ascii ? 'latin1' : 'utf8')
  const problem = isPlainlyBounded(text, limits) ? undefined : scan(bytes, limits)
  if (problem !== undefined) return { ok: false, reason: problem }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return { ok: false, reason: 'not_json' }
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
/** `[` and `{` differ in one bit, and so do `]` and `}`. */
const BRACKET_BIT = 0x20
const OPEN = 0x7b
const CLOSE = 0x7d
/** `"":1,` */
const LEAST_BYTES_PER_KEY = 5

/** UTF-8 keeps every byte of a longer character above 0x7f, so that these tests need no decoding. */
function scan(bytes: Buffer, limits: JsonLimits): JsonProblem | undefined {
  let depth = 0
  let keys = 0
  let inString = false
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0
    if (inString) {
      if (byte === BACKSLASH) index++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) {
      inString = true
    } else if (byte === COLON) {
      if (++keys > limits.maxKeys) return 'too_many_keys'
    } else if ((byte | BRACKET_BIT) === OPEN) {
      if (++depth > limits.maxDepth) return 'too_deep'
    } else if ((byte | BRACKET_BIT) === CLOSE) {
      depth--
    }
  }
  return undefined
}

/**
 * Nearly every payload has fewer brackets, in strings or out of them, than the depth allowed. `indexOf` skips from one to
 * the next many characters at a time: a loop over the bytes took a fifth of parsing.
 */
function isPlainlyBounded(text: string, { maxDepth, maxKeys }: JsonLimits): boolean {
  if (text.length >= maxKeys * LEAST_BYTES_PER_KEY) return false
  let count = 0
  for (const opening of ['{', '[']) {
    for (let at = text.indexOf(opening); at !== -1; at = text.indexOf(opening, at + 1)) {
      if (++count > maxDepth) return false
    }
  }
  return true
}
