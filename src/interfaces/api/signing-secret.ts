/**
 * Signing secrets of destinations: read, made and sealed. Shown once, when they are made here.
 */
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { SigningScheme } from '../../base/model/destination.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { type Secrets, signingKeyContext } from '../../resources/secrets/stored-secret.ts'
import type { NewSigningKey } from '../../resources/store/signing-keys.ts'

/** Standard Webhooks 1.0.0: `whsec_` and the base64 of 24 to 64 bytes; `whsk_` and `whpk_` for Ed25519. */
const SECRET_BYTES = { least: 24, most: 64, made: 32 } as const
/** Before the seed in the DER of an Ed25519 private key (RFC 8410 section 7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

export const SigningSecretIn = z
  .string()
  .refine(isSigningSecret, 'must be whsec_ followed by the base64 of 24 to 64 bytes')
  .meta({ description: 'Made by the gateway when absent; rotate it to see one.', writeOnly: true })

interface Secret {
  readonly scheme: SigningScheme
  readonly text: string
  /** Whether anybody outside is given it. */
  readonly known: boolean
}

export interface MadeSecret extends Secret {
  /** What the receiver is given: the secret itself, or the public half. */
  readonly shown: { readonly secret: string } | { readonly publicKey: string }
}

export function makeSigningSecret(scheme: SigningScheme): MadeSecret {
  const bytes = randomBytes(SECRET_BYTES.made)
  const encoded = bytes.toString('base64')
  if (scheme === 'v1') return { scheme, text: `whsec_${encoded}`, known: true, shown: { secret: `whsec_${encoded}` } }
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, bytes]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
  return { scheme, text: `whsk_${encoded}`, known: true, shown: { publicKey: `whpk_${publicKey}` } }
}

/** A secret from a request, or one of our own that nobody has seen yet. */
export function givenOrMade(signingSecret: string | undefined): Secret {
  return signingSecret === undefined
    ? { ...makeSigningSecret('v1'), known: false }
    : { scheme: 'v1', text: signingSecret, known: true }
}

export function sealSigningSecret(
  { keyring }: Pick<Secrets, 'keyring'>,
  destination: { readonly id: Uuid; readonly tenantId: Uuid },
  { scheme, text, known }: Secret,
): NewSigningKey {
  const { id: destinationId, tenantId } = destination
  const id = newId()
  return { id, tenantId, destinationId, scheme, known, sealed: keyring.seal(signingKeyContext({ id, tenantId }), text) }
}

function isSigningSecret(text: string): boolean {
  const encoded = text.startsWith('whsec_') ? text.slice('whsec_'.length) : ''
  const bytes = Buffer.from(encoded, 'base64')
  const { least, most } = SECRET_BYTES
  return bytes.length >= least && bytes.length <= most && bytes.toString('base64') === encoded
}
