/**
 * Signs what we deliver, as Standard Webhooks 1.0.0 has it, over `id.timestamp.body`, the exact bytes: HMAC-SHA256
 * (`v1`) or Ed25519 (`v1a`), with each key that is in force. A receiver is content with any one signature it can check.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import type { SigningScheme } from '../model/destination.ts'

export interface ToSign {
  /** The same for every attempt and replay of an event: the receiver's key for recognising copies. */
  readonly id: string
  /** Seconds since the epoch, of this attempt. */
  readonly timestamp: number
  readonly body: Buffer
}

export type WebhookKey =
  | { readonly scheme: 'v1'; readonly key: Buffer }
  | { readonly scheme: 'v1a'; readonly key: KeyObject }

const PREFIX = { v1: 'whsec_', v1a: 'whsk_' } as const satisfies Record<SigningScheme, string>
/** The specification asks for 24 to 64 bytes; fewer could be guessed. */
const LEAST_KEY_BYTES = 24
const ED25519_SEED_BYTES = 32
/** What stands before the seed in the DER of an Ed25519 private key (RFC 8410 section 7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** @param keys From `readSigningKey`, newest first. */
export function signWebhook(
  keys: readonly WebhookKey[],
  { id, timestamp, body }: ToSign,
): Readonly<Record<string, string>> {
  const head = Buffer.from(`${id}.${timestamp}.`)
  const signatures = keys.map((key) => `${key.scheme},${signatureOf(key, head, body)}`)
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') }
}

function signatureOf({ scheme, key }: WebhookKey, head: Buffer, body: Buffer): string {
  return scheme === 'v1'
    ? createHmac('sha256', key).update(head).update(body).digest('base64')
    : sign(null, Buffer.concat([head, body]), key).toString('base64')
}

/** @returns The key of a `whsec_` or `whsk_` secret; `undefined` when the text is none of that scheme. */
export function readSigningKey(scheme: SigningScheme, secret: string): WebhookKey | undefined {
  const text = secret.slice(PREFIX[scheme].length)
  if (!secret.startsWith(PREFIX[scheme]) || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  if (scheme === 'v1') return bytes.length < LEAST_KEY_BYTES ? undefined : { scheme, key: bytes }
  if (bytes.length !== ED25519_SEED_BYTES) return undefined
  const der = Buffer.concat([PKCS8_ED25519, bytes])
  return { scheme, key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) }
}
