/**
 * Takes secrets out of what a receiver answered before it is stored: receivers echo requests, credentials and
 * configuration into their error pages.
 */

const PATTERNS: readonly RegExp[] = [
  /whsec_[A-Za-z0-9+/=_-]+/g,
  /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi,
  // Ours: who reads the record could otherwise pass our signature on.
  /\bv1a?,[A-Za-z0-9+/]{43,}={0,2}/g,
]

const MASK = '[redacted]'

/** @param secrets Further texts to remove, such as the destination's own signing secret. */
export function redactResponse(body: Buffer, secrets: readonly string[]): Buffer {
  // Latin-1 keeps every byte, whatever the encoding of the page is.
  let text = body.toString('latin1')
  for (const secret of secrets.flatMap(forms)) text = text.replaceAll(secret, MASK)
  for (const pattern of PATTERNS) text = text.replace(pattern, MASK)
  return Buffer.from(text, 'latin1')
}

/** A secret as it is, and without its prefix. Short texts are left: masking every "a" would tell what the secret is. */
function forms(secret: string): readonly string[] {
  return [secret, secret.replace(/^whsec_/, '')].filter((text) => text.length >= 8)
}
