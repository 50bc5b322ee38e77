/**
 * What may be said about a destination, refused when nothing may ever be delivered there, before anything is stored.
 *
 * Passing here is necessary, never enough: names are judged again, by what they resolve to, at each delivery.
 */
import { z } from 'zod'
import {
  DEFAULT_BREAKER,
  DEFAULT_DELIVERY_TIMEOUT_MS,
  DEFAULT_DISABLE_AFTER_HOURS,
  DEFAULT_RETRY_POLICY,
  DESTINATION_KINDS,
  DESTINATION_STATUSES,
  type Destination,
  ENVELOPES,
  ORDER_POLICIES,
  type Ordering,
  RETRY_STRATEGIES,
} from '../../base/model/destination.ts'
import { type FieldError, PosternError } from '../../base/model/errors.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { isOrderSource } from '../../flow/processing/order-key.ts'
import { invalidCidrs, parseAllowList } from '../../resources/outbound/address-policy.ts'
import { judgeBrokerUrl } from '../../resources/outbound/brokers/broker-url.ts'
import { judgeUrl, type UrlReason } from '../../resources/outbound/url-policy.ts'
import type { NewDestination } from '../../resources/store/destinations.ts'
import { kindProblems, SettingsIn, schemesOf } from './broker-settings.ts'
import type { ApiDeps } from './deps.ts'
import { AuthIn, publicAuth } from './destination-auth.ts'
import { name } from './fields.ts'
import { SigningSecretIn } from './signing-secret.ts'

const MAX_DELAY_MS = 86_400_000

const Fields = {
  url: z.string().min(1).max(4096).meta({
    description:
      'Checked against the address policy when it is given, and again, with what it resolves to, at each delivery.',
  }),
  settings: SettingsIn,
  name: name.meta({ description: 'For people; the integration’s, or the host, when absent.' }),
  allowCidrs: z
    .array(z.string().max(64))
    .max(32)
    .meta({ description: 'Private ranges it may lie in; metadata addresses are never reachable.' }),
  timeoutMs: z.int().min(100).max(120_000),
  retry: z.strictObject({
    strategy: z.enum(RETRY_STRATEGIES).optional(),
    maxAttempts: z.int().min(1).max(100).optional(),
    baseDelayMs: z.int().min(100).max(3_600_000).optional(),
    maxDelayMs: z.int().min(100).max(MAX_DELAY_MS).optional(),
    scheduleMs: z
      .array(z.int().min(100).max(MAX_DELAY_MS))
      .min(1)
      .max(100)
      .optional()
      .meta({ description: 'The waits of the strategy `schedule`; the last goes on to the end.' }),
    retryOn: z
      .array(z.string().regex(/^(?:[3-5]xx|[3-5]\d\d)$/, 'must be a class such as 5xx or a status such as 429'))
      .max(100)
      .optional()
      .meta({ description: 'Answers that are worth another try. What fails without an answer always is; 410 never.' }),
  }),
  shadow: z
    .boolean()
    .meta({ description: 'Delivered to, never tried again, never counted in what becomes of an event.' }),
  envelope: z.enum(ENVELOPES).meta({
    description:
      '`cloudevents`: the event as CloudEvents 1.0 has it in JSON (structured mode), the body within. `none`: the body alone.',
  }),
  tlsVerify: z.boolean().meta({
    description:
      'Off, anybody on the way can read and answer. Only for a receiver whose certificate cannot be had right.',
  }),
  maxConcurrency: z.int().min(1).max(10_000).nullable().meta({ description: 'Deliveries under way at one time.' }),
  ratePerMinute: z.int().min(1).max(1_000_000).nullable().meta({ description: 'Deliveries begun a minute.' }),
  ordering: z
    .strictObject({
      by: z
        .string()
        .min(1)
        .max(200)
        .refine(
          isOrderSource,
          'must be subject, type, integration, or a place such as body:$.customer.id or header:x-account',
        ),
      policy: z.enum(ORDER_POLICIES).optional(),
      after: z.int().min(1).max(100).optional(),
    })
    .nullable()
    .meta({
      description:
        'Events with the same value are delivered one after the other. Behind one that fails: `block` waits until it is delivered or dismissed, `skip` lets the others pass after so many tries, `park` gives it up after so many.',
    }),
  breaker: z
    .strictObject({
      failures: z.int().min(0).max(1_000).optional(),
      openMs: z.int().min(100).max(900_000).optional(),
    })
    .meta({
      description:
        'After so many failures in a row (0: never) nothing is sent for a while; then one delivery finds out.',
    }),
  disableAfterHours: z
    .int()
    .min(1)
    .max(8_760)
    .nullable()
    .meta({ description: 'Of failing without one success; then it is disabled, with an alert. `null`: never.' }),
}

export const DestinationIn = z.strictObject({
  ...z.object(Fields).partial().shape,
  url: Fields.url,
  kind: z.enum(DESTINATION_KINDS).optional().meta({
    description:
      'An HTTP receiver unless given. A broker’s URL has its scheme: amqps, tls (NATS), rediss, postgress, or the one without TLS.',
  }),
  auth: AuthIn.optional(),
  signingSecret: SigningSecretIn.optional(),
})

export const DestinationPatch = z
  .strictObject({
    ...z.object(Fields).partial().shape,
    status: z.enum(DESTINATION_STATUSES).optional(),
    auth: AuthIn.nullable().optional(),
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
    ...{
      id: newId(),
      tenantId,
      kind: input.kind ?? ('http' as const),
      settings: given(input.settings),
      url: input.url,
      name: input.name ?? fallback ?? '',
    },
    allowCidrs: input.allowCidrs ?? [],
    timeoutMs: input.timeoutMs ?? DEFAULT_DELIVERY_TIMEOUT_MS,
    retry: merged(DEFAULT_RETRY_POLICY, input.retry),
    shadow: input.shadow ?? false,
    envelope: input.envelope ?? 'none',
    tlsVerify: input.tlsVerify ?? true,
    maxConcurrency: input.maxConcurrency ?? null,
    ratePerMinute: input.ratePerMinute ?? null,
    ordering: orderingOf(input.ordering),
    breaker: merged(DEFAULT_BREAKER, input.breaker),
    disableAfterHours: input.disableAfterHours === undefined ? DEFAULT_DISABLE_AFTER_HOURS : input.disableAfterHours,
    auth: input.auth === undefined ? null : publicAuth(input.auth, at),
  }
  check(config, destination, at)
  return destination.name === '' ? { ...destination, name: new URL(input.url).host.slice(0, 120) } : destination
}

/** @throws PosternError `VALIDATION_ERROR`, `ADDRESS_BLOCKED` */
export function changedDestination(
  config: ApiDeps['config'],
  present: Destination,
  { retry, breaker, ordering, auth, settings, ...plain }: z.output<typeof DestinationPatch>,
): Destination {
  const changed: Destination = {
    ...merged(present, plain),
    retry: merged(present.retry, retry),
    breaker: merged(present.breaker, breaker),
    ordering: ordering === undefined ? present.ordering : orderingOf(ordering),
    settings: settings === undefined ? present.settings : given(settings),
    auth: auth === undefined ? present.auth : auth === null ? null : publicAuth(auth, ''),
  }
  check(config, changed, '')
  // Whoever sets a status decides; what a machine gave as its reason has been dealt with.
  return plain.status === undefined ? changed : { ...changed, disabledReason: null }
}

const DEFAULT_ORDER_AFTER = 3

function orderingOf(given: z.output<typeof DestinationIn>['ordering']): Ordering | null {
  return given === undefined || given === null
    ? null
    : { by: given.by, policy: given.policy ?? 'block', after: given.after ?? DEFAULT_ORDER_AFTER }
}

/** What is given replaces what is there. */
function merged<T extends object>(present: T, changes: { [K in keyof T]?: T[K] | undefined } | undefined): T {
  return { ...present, ...given(changes ?? {}) }
}

/** Without the fields that were not given: absent is absent, not `undefined`. */
function given<T extends object>(fields: T | undefined): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

function check(config: ApiDeps['config'], destination: NewDestination, at: string): void {
  const { allowCidrs, retry, auth } = destination
  const [cidr] = invalidCidrs(allowCidrs)
  if (cidr !== undefined) {
    throw invalid(`${at}allowCidrs.${allowCidrs.indexOf(cidr)}`, 'must be a range such as 10.0.0.0/8')
  }
  if (retry.strategy === 'schedule' && retry.scheduleMs.length === 0)
    throw invalid(`${at}retry.scheduleMs`, 'is what the strategy schedule goes by')
  if (retry.maxDelayMs < retry.baseDelayMs) throw invalid(`${at}retry.maxDelayMs`, 'must not be below baseDelayMs')
  const problems = kindProblems(destination, at)
  if (problems.length > 0)
    throw new PosternError('VALIDATION_ERROR', 'The destination cannot be used.', { errors: problems })
  const { kind, url } = destination
  checkAddress(config, { path: `${at}url`, kind, url, allowCidrs })
  if (auth?.kind === 'oauth2')
    checkAddress(config, { path: `${at}auth.tokenUrl`, kind: 'http', url: auth.tokenUrl, allowCidrs })
}

interface AddressToCheck extends Pick<Destination, 'kind' | 'url' | 'allowCidrs'> {
  /** Where it stands in the request. */
  readonly path: string
}

function checkAddress(config: ApiDeps['config'], { path, kind, url, allowCidrs }: AddressToCheck): void {
  const reach = {
    ports: config.POSTERN_EGRESS_PORTS,
    allowHttp: config.POSTERN_EGRESS_HTTP === 'allow',
    allow: parseAllowList(allowCidrs),
  }
  const verdict = kind === 'http' ? judgeUrl(url, reach) : judgeBrokerUrl(kind, url, reach)
  if (verdict.ok) return
  const message = verdict.reason === 'scheme' ? `must begin with ${schemesOf(kind)}` : URL_MESSAGES[verdict.reason]
  const errors: readonly FieldError[] = [{ path, message }]
  throw BLOCKED.has(verdict.reason)
    ? new PosternError('ADDRESS_BLOCKED', 'Nothing may be delivered to this address.', { errors })
    : new PosternError('VALIDATION_ERROR', 'The destination cannot be used.', { errors })
}

/** Well-formed, and forbidden. */
const BLOCKED: ReadonlySet<UrlReason> = new Set(['address_blocked', 'port', 'plain_http', 'scheme'])

const URL_MESSAGES: Readonly<Record<Exclude<UrlReason, 'scheme'>, string>> = {
  not_a_url: 'is not a URL',
  too_long: 'is too long',
  userinfo: 'must not hold a user name or password',
  fragment: 'must not hold a fragment',
  host: 'has a host that is not a plain name or address',
  address_spelling: 'must spell an address in its usual form',
  address_blocked: 'is an address that is not public and that allowCidrs does not list',
  port: 'uses a port that public destinations may not use',
  plain_http: 'must use TLS for a public address',
}

function invalid(path: string, message: string): PosternError {
  return new PosternError('VALIDATION_ERROR', 'The destination cannot be used.', { errors: [{ path, message }] })
}
