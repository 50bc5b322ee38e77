/**
 * What may be said about an alert channel: refused when nothing may ever be told there, before anything is stored.
 *
 * The address is a secret (who knows that of a chat may write there): it is sealed with the credentials, and its origin is
 * all that is shown. Passing here is necessary, never enough: names are judged again, by what they resolve to, at each try.
 */
import { z } from 'zod'
import type { ChannelSecrets } from '../../alerts/send.ts'
import { ALERT_KINDS, CHANNEL_STATUSES, type ChannelKind } from '../../base/model/alert.ts'
import { type FieldError, PosternError } from '../../base/model/errors.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import { invalidCidrs, parseAllowList } from '../../resources/outbound/address-policy.ts'
import { judgeMailServer } from '../../resources/outbound/mail.ts'
import { judgeUrl, type UrlVerdict } from '../../resources/outbound/url-policy.ts'
import { alertChannelContext, type Secrets } from '../../resources/secrets/stored-secret.ts'
import type { AlertChannel, AlertChannelFields, ChannelSettings } from '../../resources/store/alert-channels.ts'
import type { ApiDeps } from './deps.ts'
import { name } from './fields.ts'
import { givenOrMade, SigningSecretIn } from './signing-secret.ts'

const DEFAULT_RATE_PER_HOUR = 60

/** An address and nothing around it; what a header could be broken with is none. */
const mailbox = z.email().max(254)
const credential = z
  .string()
  .min(1)
  .max(1_024)
  .regex(/^[^\p{Cc}]+$/u, 'must not contain control characters')
  .meta({ writeOnly: true })

const address = z.string().min(1).max(4_096).meta({ writeOnly: true })

const Common = {
  name: name.optional(),
  allowCidrs: z
    .array(z.string().max(64))
    .max(32)
    .optional()
    .meta({ description: 'Private ranges it may lie in; metadata addresses are never reachable.' }),
  rules: z
    .array(z.enum(ALERT_KINDS))
    .min(1)
    .max(ALERT_KINDS.length)
    .nullable()
    .optional()
    .meta({ description: 'Only alerts of these rules; `null`: of all.' }),
  ratePerHour: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .meta({
      description: `Notifications an hour, ${DEFAULT_RATE_PER_HOUR} unless given. Beyond it they are dropped, and the next that is sent says how many.`,
    }),
}

const webAddress = address.meta({
  description:
    'Checked against the address policy when it is given, and again, with what it resolves to, at each notification. Sealed: only its origin is ever shown.',
})
const Web = { ...Common, url: webAddress }

const EmailFields = {
  server: address.meta({ description: '`smtps://host`, or `smtp://host`, which must offer STARTTLS.' }),
  plaintext: z
    .boolean()
    .meta({ description: 'No TLS at all; only for a server in `allowCidrs`, and never with credentials.' }),
  username: credential,
  password: credential,
  from: mailbox,
  to: z.array(mailbox).min(1).max(20),
}

export const ChannelIn = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('slack'), ...Web }),
  z.strictObject({ kind: z.literal('teams'), ...Web }),
  z.strictObject({ kind: z.literal('webhook'), ...Web, signingSecret: SigningSecretIn.optional() }),
  z.strictObject({
    kind: z.literal('email'),
    ...Common,
    ...z.object(EmailFields).partial({ plaintext: true, username: true, password: true }).shape,
  }),
])

export const ChannelPatch = z
  .strictObject({
    ...Common,
    status: z.enum(CHANNEL_STATUSES).optional(),
    url: webAddress.optional(),
    signingSecret: SigningSecretIn.optional(),
    ...z.object(EmailFields).partial().shape,
  })
  .refine((patch) => Object.keys(patch).length > 0, 'must change something')

export interface ReadyChannel extends AlertChannelFields {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly kind: ChannelKind
  readonly sealed: Buffer
}

type Tools = Pick<ApiDeps, 'config'> & { readonly secrets: Pick<Secrets, 'keyring'> }

/** @throws PosternError `VALIDATION_ERROR`, `ADDRESS_BLOCKED` */
export function newChannel(tools: Tools, tenantId: Uuid, input: z.output<typeof ChannelIn>): ReadyChannel {
  const { kind } = input
  const secrets: ChannelSecrets = {
    url: kind === 'email' ? input.server : input.url,
    ...(kind === 'email' && input.username !== undefined ? { username: input.username } : {}),
    ...(kind === 'email' && input.password !== undefined ? { password: input.password } : {}),
    ...(kind === 'webhook' ? { signingSecret: givenOrMade(input.signingSecret).text } : {}),
  }
  const settings = {
    ...(kind === 'email' ? { from: input.from, to: input.to } : {}),
    ...(kind === 'email' && input.plaintext === true ? { plaintext: true } : {}),
  }
  const fields = {
    name: input.name ?? kind,
    status: 'active' as const,
    allowCidrs: input.allowCidrs ?? [],
    rules: input.rules ?? null,
    ratePerHour: input.ratePerHour ?? DEFAULT_RATE_PER_HOUR,
  }
  return ready(tools, { ...fields, id: newId(), tenantId, kind, settings }, secrets)
}

/** @throws PosternError `VALIDATION_ERROR`, `ADDRESS_BLOCKED` */
export function changedChannel(
  tools: Tools,
  present: AlertChannel,
  patch: z.output<typeof ChannelPatch>,
): ReadyChannel {
  const errors = strangers(present.kind, patch)
  if (errors.length > 0) throw new PosternError('VALIDATION_ERROR', 'The channel cannot be changed so.', { errors })
  const { id, tenantId, kind } = present
  const { origin: _, ...shown } = present.settings
  const settings = {
    ...shown,
    ...(patch.from === undefined ? {} : { from: patch.from }),
    ...(patch.to === undefined ? {} : { to: patch.to }),
    ...(patch.plaintext === undefined ? {} : { plaintext: patch.plaintext }),
  }
  const fields = {
    name: patch.name ?? present.name,
    status: patch.status ?? present.status,
    allowCidrs: patch.allowCidrs ?? present.allowCidrs,
    rules: patch.rules === undefined ? present.rules : patch.rules,
    ratePerHour: patch.ratePerHour ?? present.ratePerHour,
  }
  const secrets = openChannel(tools, present)
  const url = patch.url ?? patch.server
  // Credentials were given to the server before: another one must not be sent them by whoever may only write.
  const kept = url === undefined || sameServer(url, secrets.url) ? secrets : withoutLogin(secrets)
  return ready(
    tools,
    { ...fields, id, tenantId, kind, settings },
    {
      ...kept,
      ...(url === undefined ? {} : { url }),
      ...(patch.username === undefined ? {} : { username: patch.username }),
      ...(patch.password === undefined ? {} : { password: patch.password }),
      ...(patch.signingSecret === undefined ? {} : { signingSecret: patch.signingSecret }),
    },
  )
}

/** A webhook with another secret; the one before signs beside it until then. @throws PosternError `CONFLICT` */
export function rotatedChannel(tools: Tools, present: AlertChannel, secret: string, until: Date): ReadyChannel {
  if (present.kind !== 'webhook')
    throw new PosternError('CONFLICT', `A channel of the kind ${present.kind} signs nothing.`)
  const { signingSecret: before, ...rest } = openChannel(tools, present)
  const previous = before === undefined ? {} : { previous: { signingSecret: before, until: until.toISOString() } }
  return ready(tools, present, { ...rest, ...previous, signingSecret: secret })
}

// Sealed by us, and bound to this row.
function openChannel({ secrets: { keyring } }: Tools, channel: AlertChannel): ChannelSecrets {
  return JSON.parse(keyring.open(alertChannelContext(channel), channel.sealed)) as ChannelSecrets
}

function withoutLogin({ username: _, password: __, ...rest }: ChannelSecrets): ChannelSecrets {
  return rest
}

function sameServer(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

const OF_KIND: Readonly<Record<ChannelKind, readonly string[]>> = {
  slack: ['url'],
  teams: ['url'],
  webhook: ['url', 'signingSecret'],
  email: Object.keys(EmailFields),
}

function strangers(kind: ChannelKind, patch: z.output<typeof ChannelPatch>): readonly FieldError[] {
  const own = new Set([...Object.keys(Common), 'status', ...OF_KIND[kind]])
  return Object.keys(patch)
    .filter((field) => !own.has(field))
    .map((path) => ({ path, message: `is not of a channel of the kind ${kind}` }))
}

/** Judged as a whole, and sealed. */
function ready(
  { config, secrets: { keyring } }: Tools,
  fields: Omit<ReadyChannel, 'sealed' | 'settings'> & { readonly settings: Omit<ChannelSettings, 'origin'> },
  secrets: ChannelSecrets,
): ReadyChannel {
  const { kind, allowCidrs, settings } = fields
  const [cidr] = invalidCidrs(allowCidrs)
  if (cidr !== undefined) throw invalid(`allowCidrs.${allowCidrs.indexOf(cidr)}`, 'must be a range such as 10.0.0.0/8')
  const { plaintext = false } = settings
  if ((secrets.username === undefined) !== (secrets.password === undefined))
    throw invalid(
      secrets.username === undefined ? 'username' : 'password',
      'must be given too: credentials go to one server, and go together',
    )
  if (plaintext && secrets.password !== undefined) throw invalid('plaintext', 'must be off where a password is sent')
  const ports = config.POSTERN_EGRESS_PORTS
  const path = kind === 'email' ? 'server' : 'url'
  const verdict =
    kind === 'email'
      ? judgeMailServer(secrets.url, { ports, allowCidrs, plaintext })
      : judgeUrl(secrets.url, {
          ports,
          allowHttp: config.POSTERN_EGRESS_HTTP === 'allow',
          allow: parseAllowList(allowCidrs),
        })
  if (!verdict.ok) throw refused(path, verdict)
  const origin =
    kind === 'email' ? `${secrets.url.split('://')[0]?.toLowerCase()}://${verdict.url.host}` : verdict.url.origin
  const sealed = keyring.seal(alertChannelContext(fields), JSON.stringify(secrets))
  return { ...fields, settings: { ...settings, origin }, sealed }
}

function refused(path: 'url' | 'server', { reason }: Extract<UrlVerdict, { readonly ok: false }>): PosternError {
  const message = path === 'server' && reason === 'scheme' ? MAIL_SCHEME : MESSAGES[reason]
  const errors = [{ path, message }]
  return ['address_blocked', 'port', 'plain_http'].includes(reason)
    ? new PosternError('ADDRESS_BLOCKED', 'Nothing may be told to this address.', { errors })
    : new PosternError('VALIDATION_ERROR', 'The channel cannot be used.', { errors })
}

const MAIL_SCHEME = 'must be smtps://host, or smtp://host; plaintext goes with smtp'

const MESSAGES: Readonly<Record<Extract<UrlVerdict, { readonly ok: false }>['reason'], string>> = {
  scheme: 'must begin with https://',
  not_a_url: 'is not an address',
  too_long: 'is too long',
  userinfo: 'must not hold a user name or password',
  fragment: 'must not hold a fragment',
  host: 'has a host that is not a plain name or address',
  address_spelling: 'must spell an address in its usual form',
  address_blocked: 'is an address that is not public and that allowCidrs does not list',
  port: 'uses a port that public addresses may not be reached on',
  plain_http: 'must use TLS for a public address',
}

function invalid(path: string, message: string): PosternError {
  return new PosternError('VALIDATION_ERROR', 'The channel cannot be used.', { errors: [{ path, message }] })
}
