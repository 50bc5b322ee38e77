/** One file read and screened: what is kept of it until its project is examined, and for the next scan. */
import type { Stats } from 'node:fs'
import { contentHash, readBounded, type Screened, screen } from './screen.ts'

export interface KnownFile {
  /** Size, times and inode: when they are as they were, so is the content. Empty when that cannot be relied upon. */
  readonly stamp: string
  readonly hash: string
  readonly bytes: number
  readonly screened: Screened
}

export type ReadEntry = KnownFile | 'too large' | 'unreadable'

/** @param readText What stands for the texts of files. */
export function readEntry(file: string, readText: (file: string) => string | undefined = () => undefined): ReadEntry {
  const given = readText(file)
  if (given !== undefined) return entryOf(file, Buffer.from(given), '')
  const read = readBounded(file)
  if (typeof read === 'string') return read
  // What changed within the clock's last tick may change again without a mark.
  const settled = Date.now() - read.stats.mtimeMs > 2000
  return entryOf(file, read.bytes, settled ? stampOf(read.stats) : '')
}

/** Inode and change time too: contents put back with their old modification time are other contents. */
export function stampOf({ size, mtimeMs, ctimeMs, ino }: Stats): string {
  return `${size} ${mtimeMs} ${ctimeMs} ${ino}`
}

function entryOf(file: string, bytes: Buffer, stamp: string): KnownFile {
  const screened: Screened = screen(file, bytes.toString('latin1'))
  return { stamp, hash: contentHash(bytes), bytes: bytes.length, screened }
}
