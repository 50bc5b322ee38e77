/**
 * One way to the text of a secret, however it is kept.
 */
import type { Uuid } from '../../base/model/ids.ts'
import type { Keyring, SecretContext } from './keyring.ts'
import type { References } from './references.ts'

/** The part of a row that holds a secret; exactly one of the two. */
export interface StoredSecret {
  readonly reference: string | null
  readonly sealed: Buffer | null
}

export interface Secrets {
  readonly keyring: Keyring
  readonly references: References
}

/** @throws PosternError `DEPENDENCY_UNAVAILABLE` when the reference or the envelope gives nothing. */
export async function openSecret(secrets: Secrets, context: SecretContext, stored: StoredSecret): Promise<string> {
  if (stored.reference !== null) return await secrets.references.resolve(stored.reference)
  if (stored.sealed !== null) return secrets.keyring.open(context, stored.sealed)
  throw new Error('a stored secret has neither a reference nor an envelope')
}

/** What the envelope of an inbound key is bound to. */
export function inboundKeyContext(key: { readonly id: Uuid; readonly tenantId: Uuid }): SecretContext {
  return { purpose: 'integration-key', tenantId: key.tenantId, rowId: key.id }
}

/** What the envelope of a destination's signing key is bound to. @param key Its own row, not the destination's. */
export function signingKeyContext(key: { readonly id: Uuid; readonly tenantId: Uuid }): SecretContext {
  return { purpose: 'destination-signing-key', tenantId: key.tenantId, rowId: key.id }
}

/** What the envelope of a destination's credentials is bound to. @param destination Its own row. */
export function destinationAuthContext(destination: { readonly id: Uuid; readonly tenantId: Uuid }): SecretContext {
  return { purpose: 'destination-auth', tenantId: destination.tenantId, rowId: destination.id }
}

/** What the envelope of an alert channel’s address and credentials is bound to. @param channel Its own row. */
export function alertChannelContext(channel: { readonly id: Uuid; readonly tenantId: Uuid }): SecretContext {
  return { purpose: 'alert-channel', tenantId: channel.tenantId, rowId: channel.id }
}
