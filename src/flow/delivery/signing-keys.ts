/** Signing keys of destinations, opened once for each version of their row and kept for a bounded number of them. */
import { LRUCache } from 'lru-cache'
import type { Uuid } from '../../base/model/ids.ts'
import type { DeliveryTarget } from '../../resources/store/deliveries.ts'
import { readSigningKey } from './sign.ts'

/** @throws when the secret cannot be opened. */
export type OpenSecret = (context: { readonly tenantId: Uuid; readonly id: Uuid }, sealed: Buffer) => string

export interface SigningKey {
  /** As configured: what must not appear in a stored response. */
  readonly secret: string
  readonly key: Buffer
}

const MAX_KEYS = 1_000

/** @returns `undefined` when the key cannot be had now; asked again the next time, since the cause may be mended. */
export function createSigningKeys(openSecret: OpenSecret): (destination: DeliveryTarget) => SigningKey | undefined {
  const keys = new LRUCache<string, SigningKey>({ max: MAX_KEYS })

  return (destination) => {
    // A rotated secret changes the row, so that its old key is never used again.
    const version = `${destination.id} ${destination.updatedAt.getTime()} ${destination.signingKeySealed.toString('latin1')}`
    const known = keys.get(version)
    if (known !== undefined) return known
    const opened = open(openSecret, destination)
    if (opened !== undefined) keys.set(version, opened)
    return opened
  }
}

function open(openSecret: OpenSecret, { tenantId, id, signingKeySealed }: DeliveryTarget): SigningKey | undefined {
  try {
    const secret = openSecret({ tenantId, id }, signingKeySealed)
    const key = readSigningKey(secret)
    return key === undefined ? undefined : { secret, key }
  } catch {
    return undefined
  }
}
