/** What a file's text says before it is parsed: whether a back gate may be declared in it, and what it belongs with. */
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { languageOf } from '../parse/languages.ts'
import { mayDeclareSurface } from './candidates.ts'
import { type Link, linksOf } from './links.ts'

export type Screened =
  | { readonly is: 'candidate'; readonly links: readonly Link[] }
  | { readonly is: 'plain' }
  | { readonly is: 'skipped'; readonly why: string }

export const MAX_FILE_BYTES = 1_500_000

/** @param text With one character a byte or decoded: what is looked for is ASCII. */
export function screen(file: string, text: string): Screened {
  const found = languageOf(file)
  if (found === undefined) return { is: 'plain' }
  if (isMinified(text)) return { is: 'skipped', why: 'minified' }
  return mayDeclareSurface(found.language, text, file)
    ? { is: 'candidate', links: linksOf(found.language, text) }
    : { is: 'plain' }
}

/** One for all files: twenty thousand of them would be a hundred megabytes of garbage before anything is parsed. */
const scratch = Buffer.allocUnsafe(MAX_FILE_BYTES)

/**
 * The size is asked before anything is read: a file of gigabytes costs nothing.
 *
 * @returns Bytes that are good until the next call.
 */
export function readBounded(
  file: string,
): { readonly bytes: Buffer; readonly stats: Stats } | 'too large' | 'unreadable' {
  let handle: number | undefined
  try {
    handle = openSync(file, 'r')
    const stats = fstatSync(handle)
    if (stats.size > MAX_FILE_BYTES) return 'too large'
    let length = 0
    while (length < stats.size) {
      const read = readSync(handle, scratch, length, stats.size - length, length)
      if (read === 0) break
      length += read
    }
    return { bytes: scratch.subarray(0, length), stats }
  } catch {
    return 'unreadable'
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

export function contentHash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url')
}

/** One line of tens of thousands of characters is no source. */
function isMinified(text: string): boolean {
  if (text.length < 20_000) return false
  const lines = text.split('\n', 200)
  return lines.some((line) => line.length > 20_000) || text.slice(0, 20_000).split('\n').length < 20
}
