/** One request, one effect: what a repeated request key means. */
import { createHash } from 'node:crypto'
import { PosternError } from '../../base/model/errors.ts'

/** Of what was asked for, whatever the order of its fields in JSON was. */
export function requestDigest(request: unknown): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(request, (_, value: unknown) => (isRecord(value) ? sorted(value) : value)))
    .digest()
}

/** @throws PosternError `CONFLICT`: the key stands for another request. */
export function requireSameRequest(digest: Buffer, before: Buffer | null): void {
  if (before?.equals(digest) === true) return
  throw new PosternError('CONFLICT', 'This idempotency key was used for another request; use a new one.')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
