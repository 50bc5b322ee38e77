/**
 * Keys for coordination: several parts made one string, without a delimiter that a part could contain.
 */
import { createHash } from 'node:crypto'

/**
 * Keys that are stored as they are: printable ASCII, not too long (an attacker must not choose how much memory a key
 * takes), and without the `#` that marks digests.
 */
const PLAIN = /^[!"$-~][!-~]{0,199}$/

/** Each part is preceded by its length, so `('ab', 'c')` and `('a', 'bc')` differ whatever the parts contain. */
export function joinKey(...parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join(',')
}

/** The key itself when it is plain, else its digest. */
export function boundedKey(key: string): string {
  if (PLAIN.test(key)) return key
  // UTF-16, because UTF-8 would turn all lone surrogates into U+FFFD and so make different keys one.
  return `#${createHash('sha256').update(Buffer.from(key, 'utf16le')).digest('hex')}`
}
