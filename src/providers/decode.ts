/**
 * Strict, canonical decoders: one byte string has exactly one text (hex: two, by case).
 *
 * Buffer.from is lax: it stops at the first bad hex pair, skips characters outside the base64 alphabet and takes
 * either alphabet with any padding. A signature decoded so has endless spellings, and a truncated one compares short.
 */
import type { Encoding } from './definition.ts'

/** @returns `undefined` for anything but the one canonical text. */
export function decode(text: string, encoding: Encoding): Buffer | undefined {
  switch (encoding) {
    case 'hex':
      return decodeHex(text, /^(?:[0-9a-fA-F]{2})+$/)
    case 'hex-lower':
      return decodeHex(text, /^(?:[0-9a-f]{2})+$/)
    case 'base64':
      return decodeBase64(text)
    case 'base64url':
      return decodeBase64Url(text)
  }
}

export function encode(bytes: Buffer, encoding: Encoding): string {
  return bytes.toString(encoding === 'hex-lower' ? 'hex' : encoding)
}

/** Base64 that may have lost its padding, as pasted keys do; otherwise as strict. */
export function decodeBase64Unpadded(text: string): Buffer | undefined {
  const missing = text.includes('=') ? 0 : (4 - (text.length % 4)) % 4
  return decodeBase64(text + '='.repeat(missing))
}

function decodeHex(text: string, grammar: RegExp): Buffer | undefined {
  return grammar.test(text) ? Buffer.from(text, 'hex') : undefined
}

/** Re-encoding catches what the grammar cannot: bits set in the unused tail of the last character. */
function decodeBase64(text: string): Buffer | undefined {
  if (text.length === 0 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

function decodeBase64Url(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
