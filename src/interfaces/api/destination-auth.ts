/**
 * The credentials of a destination on their way in: what is secret is sealed, the rest is shown.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import type { DestinationAuth } from '../../base/model/destination.ts'
import { PosternError } from '../../base/model/errors.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { AuthSecrets } from '../../flow/delivery/credentials.ts'
import { wireHeaders } from '../../resources/outbound/wire-headers.ts'
import { destinationAuthContext, type Secrets } from '../../resources/secrets/stored-secret.ts'

const secret = z.string().min(1).max(8_192).meta({ writeOnly: true })
const pem = z
  .string()
  .min(1)
  .max(64 * 1024)

export const AuthIn = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('headers'),
      headers: z
        .record(z.string().min(1).max(100), secret)
        .refine((headers) => Object.keys(headers).length >= 1 && Object.keys(headers).length <= 16, 'must be 1 to 16')
        .meta({ description: 'Sent with every delivery; their values are never shown again.' }),
    }),
    z.strictObject({
      kind: z.literal('basic'),
      username: z
        .string()
        .min(1)
        .max(255)
        .regex(/^[^:]+$/, 'must hold no colon'),
      password: secret,
    }),
    z.strictObject({ kind: z.literal('bearer'), token: secret }),
    z.strictObject({
      kind: z.literal('oauth2'),
      tokenUrl: z.string().min(1).max(4096).meta({ description: 'Reached under the same rules as the destination.' }),
      clientId: z.string().min(1).max(255),
      clientSecret: secret,
      scope: z.string().min(1).max(1_000).optional(),
      audience: z.string().min(1).max(1_000).optional(),
      clientAuth: z.enum(['basic', 'body']).optional(),
    }),
    z.strictObject({ kind: z.literal('mtls'), certificate: pem, privateKey: pem.meta({ writeOnly: true }) }),
  ])
  .meta({
    description:
      'How a delivery proves who we are, beside its signature: fixed headers, HTTP Basic, a bearer token, OAuth 2 client credentials, or a client certificate. What is secret is never shown again.',
  })

export const AuthOut = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('headers'), names: z.array(z.string()) }),
    z.object({ kind: z.literal('basic'), username: z.string() }),
    z.object({ kind: z.literal('bearer') }),
    z.object({
      kind: z.literal('oauth2'),
      tokenUrl: z.string(),
      clientId: z.string(),
      scope: z.string().nullable(),
      audience: z.string().nullable(),
      clientAuth: z.enum(['basic', 'body']),
    }),
    z.object({ kind: z.literal('mtls'), certificate: z.string() }),
  ])
  .nullable()

type Given = z.output<typeof AuthIn>

/** What is shown of it. @throws PosternError `VALIDATION_ERROR` when it cannot be sent. */
export function publicAuth(given: Given, at: string): DestinationAuth {
  const problem = problemOf(given)
  if (problem !== undefined) {
    const errors = [{ path: `${at}auth.${problem.path}`, message: problem.message }]
    throw new PosternError('VALIDATION_ERROR', 'The destination cannot be used.', { errors })
  }
  switch (given.kind) {
    case 'headers':
      return { kind: 'headers', names: Object.keys(given.headers) }
    case 'basic':
      return { kind: 'basic', username: given.username }
    case 'bearer':
      return { kind: 'bearer' }
    case 'mtls':
      return { kind: 'mtls', certificate: given.certificate }
    case 'oauth2': {
      const { tokenUrl, clientId, scope = null, audience = null, clientAuth = 'basic' } = given
      return { kind: 'oauth2', tokenUrl, clientId, scope, audience, clientAuth }
    }
  }
}

/** The rest of it. */
export function sealAuth(
  { keyring }: Pick<Secrets, 'keyring'>,
  destination: { readonly id: Uuid; readonly tenantId: Uuid },
  given: Given,
): Buffer {
  return keyring.seal(destinationAuthContext(destination), JSON.stringify(secretsOf(given)))
}

function secretsOf(given: Given): AuthSecrets {
  switch (given.kind) {
    case 'headers':
      return { headers: given.headers }
    case 'basic':
      return { password: given.password }
    case 'bearer':
      return { token: given.token }
    case 'oauth2':
      return { clientSecret: given.clientSecret }
    case 'mtls':
      return { privateKey: given.privateKey }
  }
}

/** Names that a delivery sets itself. */
const OURS = /^(?:content-type|user-agent|webhook-.*|x-event-id|x-correlation-id|x-integration-provider|x-postern-.*)$/i

function problemOf(given: Given): { readonly path: string; readonly message: string } | undefined {
  switch (given.kind) {
    case 'headers': {
      const ours = Object.keys(given.headers).find((name) => OURS.test(name))
      if (ours !== undefined) return { path: 'headers', message: 'names a header that every delivery has already' }
      // Not which one: what stands in the place of a name may be a secret.
      return typeof wireHeaders(given.headers) === 'string'
        ? { path: 'headers', message: 'holds a name or a value that cannot be sent' }
        : undefined
    }
    case 'bearer':
      return /^[\x21-\x7e]+$/.test(given.token)
        ? undefined
        : { path: 'token', message: 'must be visible characters without blanks' }
    case 'mtls':
      return certificateProblem(given.certificate, given.privateKey)
    case 'basic':
    case 'oauth2':
      return undefined
  }
}

function certificateProblem(
  certificate: string,
  privateKey: string,
): { readonly path: string; readonly message: string } | undefined {
  let read: X509Certificate
  try {
    read = new X509Certificate(certificate)
  } catch {
    return { path: 'certificate', message: 'must be a certificate in PEM, its chain after it' }
  }
  try {
    return read.checkPrivateKey(createPrivateKey(privateKey))
      ? undefined
      : { path: 'privateKey', message: 'is not the key of this certificate' }
  } catch {
    return { path: 'privateKey', message: 'must be a private key in PEM, without a passphrase' }
  }
}
