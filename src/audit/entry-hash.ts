/**
 * The hash of an audit entry, computed from its columns: the same bytes as `audit_hash` in migration 0001.
 *
 * Every field that can vary in length is preceded by it, so that no two different entries have the same bytes.
 */
import { createHash } from 'node:crypto'
import { type Uuid, uuidBytes } from '../base/model/ids.ts'

export interface HashedEntry {
  readonly id: Uuid
  readonly seq: number
  readonly atMs: number
  readonly tenantId: Uuid | null
  readonly actor: string
  readonly action: string
  readonly entityType: string
  readonly entityId: Uuid | null
  readonly details: string
  readonly digest: Buffer | null
}

export const GENESIS_HASH = Buffer.alloc(32)

export function entryHash(previous: Buffer, entry: HashedEntry): Buffer {
  const hash = createHash('sha256')
    .update(previous)
    .update(int8(entry.seq))
    .update(uuidBytes(entry.id))
    .update(int8(entry.atMs))
  const fields = [
    entry.tenantId === null ? null : uuidBytes(entry.tenantId),
    Buffer.from(entry.actor),
    Buffer.from(entry.action),
    Buffer.from(entry.entityType),
    entry.entityId === null ? null : uuidBytes(entry.entityId),
    Buffer.from(entry.details),
    entry.digest,
  ]
  for (const field of fields) {
    const length = Buffer.alloc(4)
    length.writeInt32BE(field === null ? -1 : field.length)
    hash.update(length)
    if (field !== null) hash.update(field)
  }
  return hash.digest()
}

function int8(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}
