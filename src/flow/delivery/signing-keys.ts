/** Signing keys of destinations, each opened once and kept for a bounded number of them. */
import { LRUCache } from 'lru-cache'
import { readSigningKey, type WebhookKey } from '../../base/lib/sign-webhook.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { DeliveryTarget, SealedSigningKey } from '../../resources/store/deliveries.ts'

/** @throws when the secret cannot be opened. */
export type OpenSecret = (context: { readonly tenantId: Uuid; readonly id: Uuid }, sealed: Buffer) => string

export interface SigningKey {
  /** As configured: what must not appear in a stored response. */
  readonly secret: string
  readonly key: WebhookKey
}

const MAX_KEYS = 2_000

/**
 * @returns Those that can be opened; none means that nothing may be sent now. Asked again the next time, since the
 * cause may be mended.
 */
export function createSigningKeys(
  openSecret: OpenSecret,
): (destination: Pick<DeliveryTarget, 'tenantId' | 'signingKeys'>) => readonly SigningKey[] {
  const keys = new LRUCache<string, SigningKey>({ max: MAX_KEYS })

  return ({ tenantId, signingKeys }) =>
    signingKeys.flatMap((stored) => {
      const version = `${stored.id} ${stored.sealed.toString('latin1')}`
      const known = keys.get(version)
      if (known !== undefined) return [known]
      const opened = open(openSecret, tenantId, stored)
      if (opened !== undefined) keys.set(version, opened)
      return opened ?? []
    })
}

function open(
  openSecret: OpenSecret,
  tenantId: Uuid,
  { id, scheme, sealed }: SealedSigningKey,
): SigningKey | undefined {
  try {
    const secret = openSecret({ tenantId, id }, sealed)
    const key = readSigningKey(scheme, secret)
    return key === undefined ? undefined : { secret, key }
  } catch {
    return undefined
  }
}
