/**
 * A destination on its way in: refused when nothing may ever be delivered there, before anything is stored.
 *
 * Passing here is necessary, never enough: names are judged again, by what they resolve to, at each delivery.
 */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { DEFAULT_DELIVERY_TIMEOUT_MS, DEFAULT_RETRY_POLICY } from '../../base/model/destination.ts'
import { PosternError } from '../../base/model/errors.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { invalidCidrs } from '../../resources/outbound/address-policy.ts'
import { checkUrl, type UrlReason } from '../../resources/outbound/url-policy.ts'
import { type Secrets, signingKeyContext } from '../../resources/secrets/stored-secret.ts'
import type { NewDestination } from '../../resources/store/destinations.ts'
import type { ApiDeps } from './deps.ts'

/** Standard Webhooks 1.0.0: `whsec_` and the base64 of 24 to 64 bytes. */
const SIGNING_SECRET_PREFIX = 'whsec_'
const SIGNING_SECRET_BYTES = { least: 24, most: 64, made: 32 } as const

export const DestinationIn = z.strictObject({
  url: z.string().min(1).max(4096).meta({
    description:
      'Checked against the address policy when it is given, and again, with what it resolves to, at each delivery.',
  }),
  allowCidrs: z
    .array(z.string().max(64))
    .max(32)
    .optional()
    .meta({ description: 'Private ranges it may lie in; metadata addresses are never reachable.' }),
  timeoutMs: z.int().min(100).max(120_000).optional(),
  retry: z
    .strictObject({
      maxAttempts: z.int().min(1).max(100).optional(),
      baseDelayMs: z.int().min(100).max(3_600_000).optional(),
      maxDelayMs: z.int().min(100).max(86_400_000).optional(),
    })
    .optional(),
  signingSecret: z
    .string()
    .refine(isSigningSecret, 'must be whsec_ followed by the base64 of 24 to 64 bytes')
    .optional()
    .meta({ description: 'Made by the gateway when absent; rotate it to see one.' }),
})

/** @throws PosternError `VALIDATION_ERROR`, `ADDRESS_BLOCKED` */
export function newDestination(
  deps: Pick<ApiDeps, 'config' | 'secrets'>,
  tenantId: Uuid,
  input: z.output<typeof DestinationIn>,
): NewDestination {
  const allowCidrs = input.allowCidrs ?? []
  checkAddress(deps.config, input.url, allowCidrs)
  const retry = {
    maxAttempts: input.retry?.maxAttempts ?? DEFAULT_RETRY_POLICY.maxAttempts,
    baseDelayMs: input.retry?.baseDelayMs ?? DEFAULT_RETRY_POLICY.baseDelayMs,
    maxDelayMs: input.retry?.maxDelayMs ?? DEFAULT_RETRY_POLICY.maxDelayMs,
  }
  if (retry.maxDelayMs < retry.baseDelayMs)
    throw invalid('destination.retry.maxDelayMs', 'must not be below baseDelayMs')
  const id = newId()
  return {
    id,
    tenantId,
    url: input.url,
    allowCidrs,
    timeoutMs: input.timeoutMs ?? DEFAULT_DELIVERY_TIMEOUT_MS,
    retry,
    signingKeySealed: sealSigningSecret(deps.secrets, { id, tenantId }, input.signingSecret ?? makeSigningSecret()),
  }
}

export function makeSigningSecret(): string {
  return SIGNING_SECRET_PREFIX + randomBytes(SIGNING_SECRET_BYTES.made).toString('base64')
}

export function sealSigningSecret(
  { keyring }: Secrets,
  destination: { readonly id: Uuid; readonly tenantId: Uuid },
  secret: string,
): Buffer {
  return keyring.seal(signingKeyContext(destination), secret)
}

function checkAddress(config: ApiDeps['config'], url: string, allowCidrs: readonly string[]): void {
  const [cidr] = invalidCidrs(allowCidrs)
  if (cidr !== undefined) {
    throw invalid(`destination.allowCidrs.${allowCidrs.indexOf(cidr)}`, 'must be a range such as 10.0.0.0/8')
  }
  const verdict = checkUrl(url, {
    ports: config.POSTERN_EGRESS_PORTS,
    allowHttp: config.POSTERN_EGRESS_HTTP === 'allow',
    allowCidrs,
  })
  if (verdict.ok) return
  const errors = [{ path: 'destination.url', message: URL_MESSAGES[verdict.reason] }]
  throw BLOCKED.has(verdict.reason)
    ? new PosternError('ADDRESS_BLOCKED', 'Nothing may be delivered to this address.', { errors })
    : new PosternError('VALIDATION_ERROR', 'The destination cannot be used.', { errors })
}

/** Well-formed, and forbidden. */
const BLOCKED: ReadonlySet<UrlReason> = new Set(['address_blocked', 'port', 'plain_http', 'scheme'])

const URL_MESSAGES: Readonly<Record<UrlReason, string>> = {
  not_a_url: 'is not a URL',
  too_long: 'is too long',
  scheme: 'must begin with https:// (or http:// where that is allowed)',
  userinfo: 'must not hold a user name or password',
  fragment: 'must not hold a fragment',
  host: 'has a host that is not a plain name or address',
  address_spelling: 'must spell an address in its usual form',
  address_blocked: 'is an address that is not public and that allowCidrs does not list',
  port: 'uses a port that public destinations may not use',
  plain_http: 'must use https for a public address',
}

function isSigningSecret(text: string): boolean {
  const encoded = text.startsWith(SIGNING_SECRET_PREFIX) ? text.slice(SIGNING_SECRET_PREFIX.length) : ''
  const bytes = Buffer.from(encoded, 'base64')
  const { least, most } = SIGNING_SECRET_BYTES
  return bytes.length >= least && bytes.length <= most && bytes.toString('base64') === encoded
}

function invalid(path: string, message: string): PosternError {
  return new PosternError('VALIDATION_ERROR', 'The destination cannot be used.', { errors: [{ path, message }] })
}
