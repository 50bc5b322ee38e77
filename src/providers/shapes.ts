/**
 * Signature schemes that many senders share to the letter. A definition names its key and its header brand; the rest
 * is one piece of text, so that a correction reaches all of them.
 */
import type { HmacScheme, SecretKeyForm } from './definition.ts'

/** `whsec_` and the base64 of 24 to 64 bytes. */
const WHSEC: SecretKeyForm = { decode: 'base64', stripPrefix: ['whsec_'] }

export interface StandardWebhooks {
  /** Default: `v1`. */
  readonly name?: string
  /** What the names of the three headers begin with. Default: `webhook`. */
  readonly brand?: string
  readonly key?: SecretKeyForm
  readonly keyForm?: string
}

/** @see Standard Webhooks 1.0.0, "Signature scheme". */
export function standardWebhooksScheme(options: StandardWebhooks = {}): HmacScheme {
  const { name = 'v1', brand = 'webhook', key = WHSEC, keyForm } = options
  return {
    family: 'hmac',
    name,
    algorithm: 'sha256',
    key,
    signature: {
      header: `${brand}-signature`,
      parse: { kind: 'list', itemSeparator: ' ', versionSeparator: ',', version: 'v1' },
      encoding: 'base64',
    },
    signed: [{ templates: ['{id}.{ts}.{body}'] }],
    timestamp: { in: { header: `${brand}-timestamp` }, unit: 's', toleranceSeconds: 300, toleranceDocumented: true },
    // The signed bytes would read in two ways.
    id: { header: `${brand}-id`, forbid: '.' },
    ...(keyForm === undefined ? {} : { keyForm }),
  }
}
