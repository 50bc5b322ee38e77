/**
 * Signs what we deliver, as Standard Webhooks 1.0.0 has it: HMAC-SHA256 over `id.timestamp.body`, the exact bytes.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac } from 'node:crypto'

export interface ToSign {
  /** The same for every attempt and replay of an event: the receiver's key for recognising copies. */
  readonly id: string
  /** Seconds since the epoch, of this attempt. */
  readonly timestamp: number
  readonly body: Buffer
}

const PREFIX = 'whsec_'
/** The specification asks for 24 to 64 bytes; fewer could be guessed. */
const LEAST_KEY_BYTES = 24

/** @param key From `readSigningKey`. */
export function signWebhook(key: Buffer, { id, timestamp, body }: ToSign): Readonly<Record<string, string>> {
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` }
}

/** @returns The key of a `whsec_` secret; `undefined` when the text is none. */
export function readSigningKey(secret: string): Buffer | undefined {
  const text = secret.slice(PREFIX.length)
  if (!secret.startsWith(PREFIX) || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const key = Buffer.from(text, 'base64')
  return key.length < LEAST_KEY_BYTES ? undefined : key
}
