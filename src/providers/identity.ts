/**
 * Which event is this? What dedupe compares, built from nothing an outsider can choose.
 *
 * - The provider's id, when the signature covers it. A retry keeps it (Stripe signs anew with a new time and the same
 *   body id), and no captured request can be given another.
 * - Else the signed content without its time: an honest retry of the same body under a new timestamp is a duplicate,
 *   and a changed unsigned header (GitHub's delivery GUID, Shopify's webhook id) does not make a new event.
 * - Under schemes that cover nothing (token, basic) the id, for want of anything better: who can change it also holds
 *   the token and can invent events outright.
 *
 * The price of the second rule: two honest events whose signed bytes are equal and whose only difference is an unsigned
 * header (Shopify: the same order under two topics) share an identity. Callers see the type beside it and should treat
 * "same content, other type" as a conflict to park, not as a duplicate to drop.
 */
import type { ProviderDefinition } from './definition.ts'
import type { EventAttributes } from './extract.ts'
import type { Verified } from './outcome.ts'

export type Identity =
  | { readonly kind: 'id'; readonly value: string }
  /** The SHA-256 of the body, which the caller has anyway. */
  | { readonly kind: 'body-digest'; readonly moment?: string }
  /** The SHA-256 of what was signed beside or instead of the body. */
  | { readonly kind: 'content-digest'; readonly digest: Buffer; readonly moment?: string }

/** @param receivedAt Milliseconds since the epoch. */
export function identityOf(
  definition: Pick<ProviderDefinition, 'event'>,
  verified: Verified,
  { id }: EventAttributes,
  receivedAt: number,
): Identity {
  const { dedupe } = definition.event
  const trusted = id !== undefined && (id.covered || verified.coverage === 'none')
  if (trusted && dedupe === undefined) return { kind: 'id', value: id.value }
  const moment = momentOf(definition.event, verified, receivedAt)
  const apart = moment === undefined ? {} : { moment }
  return verified.content === 'body'
    ? { kind: 'body-digest', ...apart }
    : { kind: 'content-digest', digest: verified.content, ...apart }
}

/** What tells two events of equal content apart. Copies on both sides of a boundary count twice: the safe side. */
function momentOf(
  { dedupe, repeatsAfterSeconds }: ProviderDefinition['event'],
  { signedAt }: Verified,
  receivedAt: number,
): string | undefined {
  if (dedupe === 'signed' && signedAt !== undefined) return `signed ${signedAt}`
  if (repeatsAfterSeconds === undefined) return undefined
  return `span ${Math.floor(receivedAt / (repeatsAfterSeconds * 1000))}`
}
