/**
 * SHA-256 of a few bytes, asked for as hex: the one-shot digest as a Buffer allocates memory of its own each time and
 * takes three times as long (Node 20), which several digests a request make visible.
 */
import { hash } from 'node:crypto'

export function sha256Hex(bytes: Buffer): string {
  return hash('sha256', bytes, 'hex')
}

export function sha256(bytes: Buffer): Buffer {
  return Buffer.from(sha256Hex(bytes), 'hex')
}
