/**
 * What may be said about a destination, refused when nothing may ever be delivered there, before anything is stored.
 *
 * Passing here is necessary, never enough: names are judged again, by what they resolve to, at each delivery.
 */
import { z } from 'zod'
import {
  DEFAULT_DELIVERY_TIMEOUT_MS,
  DEFAULT_RETRY_POLICY,
  type Destination,
  type RetryPolicy,
} from '../../base/model/destination.ts'
import { type FieldError, PosternError } from '../../base/model/errors.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { invalidCidrs } from '../../resources/outbound/address-policy.ts'
import { checkUrl, type UrlReason } from '../../resources/outbound/url-policy.ts'
import type { NewDestination } from '../../resources/store/destinations.ts'
import type { ApiDeps } from './deps.ts'
import { name } from './fields.ts'
import { SigningSecretIn } from './signing-secret.ts'

const Fields = {
  url: z.string().min(1).max(4096),
  name: name.meta({ description: 'For people; the integration’s, or the host, when absent.' }),
  allowCidrs: z
    .array(z.string().max(64))
    .max(32)
    .meta({ description: 'Private ranges it may lie in; metadata addresses are never reachable.' }),
  timeoutMs: z.int().min(100).max(120_000),
  retry: z.strictObject({
    maxAttempts: z.int().min(1).max(100).optional(),
    baseDelayMs: z.int().min(100).max(3_600_000).optional(),
    maxDelayMs: z.int().min(100).max(86_400_000).optional(),
  }),
  shadow: z
    .boolean()
    .meta({ description: 'Delivered to, never tried again, never counted in what becomes of an event.' }),
}

export const DestinationIn = z.strictObject({
  ...z.object(Fields).partial().shape,
  url: Fields.url,
  signingSecret: SigningSecretIn.optional(),
})

export const DestinationPatch = z
  .strictObject({
    ...z.object(Fields).partial().shape,
    status: z.enum(['active', 'disabled']).optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, 'must change something')

/**
 * @param at Where the destination stands in the request: `destination.` inside an integration, else empty.
 * @throws PosternError `VALIDATION_ERROR`, `ADDRESS_BLOCKED`
 */
export function newDestination(
  config: ApiDeps['config'],
  tenantId: Uuid,
  input: z.output<typeof DestinationIn>,
  { at, name: fallback }: { readonly at: string; readonly name?: string },
): NewDestination {
  const destination = {
    id: newId(),
    tenantId,
    url: input.url,
    name: input.name ?? fallback ?? '',
    allowCidrs: input.allowCidrs ?? [],
    timeoutMs: input.timeoutMs ?? DEFAULT_DELIVERY_TIMEOUT_MS,
    retry: retryPolicy(DEFAULT_RETRY_POLICY, input.retry),
    shadow: input.shadow ?? false,
  }
  check(config, destination, at)
  return destination.name === '' ? { ...destination, name: new URL(input.url).host.slice(0, 120) } : destination
}

/** @throws PosternError `VALIDATION_ERROR`, `ADDRESS_BLOCKED` */
export function changedDestination(
  config: ApiDeps['config'],
  present: Destination,
  { retry, ...patch }: z.output<typeof DestinationPatch>,
): Destination {
  const changed = {
    ...present,
    ...(Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Partial<Destination>),
    retry: retryPolicy(present.retry, retry),
  }
  check(config, changed, '')
  // Whoever sets a status decides; what a machine gave as its reason has been dealt with.
  return patch.status === undefined ? changed : { ...changed, disabledReason: null }
}

function retryPolicy(present: RetryPolicy, given: z.output<typeof DestinationIn>['retry']): RetryPolicy {
  return {
    maxAttempts: given?.maxAttempts ?? present.maxAttempts,
    baseDelayMs: given?.baseDelayMs ?? present.baseDelayMs,
    maxDelayMs: given?.maxDelayMs ?? present.maxDelayMs,
  }
}

function check(
  config: ApiDeps['config'],
  { url, allowCidrs, retry }: Pick<Destination, 'url' | 'allowCidrs' | 'retry'>,
  at: string,
): void {
  const [cidr] = invalidCidrs(allowCidrs)
  if (cidr !== undefined) {
    throw invalid(`${at}allowCidrs.${allowCidrs.indexOf(cidr)}`, 'must be a range such as 10.0.0.0/8')
  }
  if (retry.maxDelayMs < retry.baseDelayMs) throw invalid(`${at}retry.maxDelayMs`, 'must not be below baseDelayMs')
  const verdict = checkUrl(url, {
    ports: config.POSTERN_EGRESS_PORTS,
    allowHttp: config.POSTERN_EGRESS_HTTP === 'allow',
    allowCidrs,
  })
  if (verdict.ok) return
  const errors: readonly FieldError[] = [{ path: `${at}url`, message: URL_MESSAGES[verdict.reason] }]
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

function invalid(path: string, message: string): PosternError {
  return new PosternError('VALIDATION_ERROR', 'The destination cannot be used.', { errors: [{ path, message }] })
}
