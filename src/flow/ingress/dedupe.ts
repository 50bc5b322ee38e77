/**
 * Which event is this, in sixteen bytes: the key that a unique constraint can hold, and a fingerprint that tells
 * a copy from a contradiction.
 *
 * Parts are preceded by their length, so that no two different identities share their bytes.
 */
import { sha256Hex } from '../../base/lib/sha256.ts'
import { type Uuid, uuidBytes, uuidOfHex } from '../../base/model/ids.ts'
import type { Identity } from '../../providers/identity.ts'

/** Integration (as text), kind, length of the value. */
const HEAD_BYTES = 36 + 1 + 4
const KINDS = { id: 1, 'body-digest': 2, 'content-digest': 3, conflict: 4 } as const

/** @param bodySha256 Used when the body alone identifies the event. */
export function dedupeKey(integrationId: Uuid, identity: Identity, bodySha256: Buffer): Uuid {
  switch (identity.kind) {
    case 'id':
      return digest(integrationId, identity.kind, Buffer.from(identity.value))
    case 'body-digest':
      return digest(integrationId, identity.kind, withMoment(bodySha256, identity.moment))
    case 'content-digest':
      return digest(integrationId, identity.kind, withMoment(identity.digest, identity.moment))
  }
}

function withMoment(digested: Buffer, moment: string | undefined): Buffer {
  return moment === undefined ? digested : Buffer.concat([digested, Buffer.from(moment)])
}

/** Copies of one contradiction are copies of each other. */
export function conflictKey(integrationId: Uuid, key: Uuid, fingerprint: Uuid): Uuid {
  return digest(integrationId, 'conflict', Buffer.concat([uuidBytes(key), uuidBytes(fingerprint)]))
}

export function fingerprintOf(bodySha256: Buffer, type: string | null): Uuid {
  return uuidOfHex(sha256Hex(type === null ? bodySha256 : Buffer.concat([bodySha256, Buffer.from(type)])))
}

function digest(integrationId: Uuid, kind: keyof typeof KINDS, value: Buffer): Uuid {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + value.length)
  bytes.write(integrationId, 0, 'latin1')
  bytes.writeUInt8(KINDS[kind], 36)
  bytes.writeUInt32BE(value.length, 37)
  value.copy(bytes, HEAD_BYTES)
  return uuidOfHex(sha256Hex(bytes))
}
