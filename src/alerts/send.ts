/**
 * Says something on one channel, once, through the door out. What comes of it is a value; whether to try again is decided by
 * who asked (notify.ts).
 */
import { readSigningKey, signWebhook, type WebhookKey } from '../base/lib/sign-webhook.ts'
import { publicId, type Uuid } from '../base/model/ids.ts'
import type { Mailer } from '../resources/outbound/mail.ts'
import type { Outbound } from '../resources/outbound/request.ts'
import type { AlertChannel } from '../resources/store/alert-channels.ts'
import { letterOf, slackBody, teamsBody, webhookBody } from './channel-requests.ts'
import type { AlertMessage } from './message.ts'

/** The secret part of each kind of channel, as it is sealed: JSON. */
export interface ChannelSecrets {
  /** Where it leads; of e-mail the server, as `MailRequest` has it. */
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** Of a webhook: `whsec_…`. */
  readonly signingSecret?: string
  /** The one before it signs as well, until then (ISO 8601). */
  readonly previous?: { readonly signingSecret: string; readonly until: string }
}

export interface SendTools {
  readonly outbound: Pick<Outbound, 'send'>
  readonly mailer: Mailer
  /** @throws when it cannot be opened. */
  readonly openChannel: (channel: { readonly id: Uuid; readonly tenantId: Uuid }, sealed: Buffer) => string
  readonly now: () => number
}

export interface ToSay {
  /** The same for each try: a receiver’s key for recognising copies. */
  readonly id: string
  readonly message: AlertMessage
  /** For programs, beside the words. */
  readonly data: Readonly<Record<string, unknown>>
}

export type Said = { readonly durationMs: number } & (
  | { readonly ok: true; readonly httpStatus: number | null }
  | {
      readonly ok: false
      readonly httpStatus: number | null
      /** A closed word and a code, nothing the far side wrote. */
      readonly error: string
      /** Another try would end the same way. */
      readonly final: boolean
    }
)

/** The far side is somebody’s chat: it answers at once or not at all. */
const TIMEOUT_MS = 10_000
/** Nothing of an answer is used but its status. */
const MAX_RESPONSE_BYTES = 1_024

type Channel = Pick<AlertChannel, 'id' | 'tenantId' | 'kind' | 'settings' | 'sealed' | 'allowCidrs'>

export async function sayOn(tools: SendTools, channel: Channel, said: ToSay): Promise<Said> {
  const secrets = open(tools, channel)
  if (secrets === undefined)
    return { ok: false, httpStatus: null, error: 'secret_unavailable', final: false, durationMs: 0 }
  return channel.kind === 'email'
    ? mail(tools, channel, secrets, said)
    : post(tools, channel, secrets, { ...said, kind: channel.kind })
}

function open({ openChannel }: SendTools, channel: Channel): ChannelSecrets | undefined {
  try {
    // Sealed by us, and bound to this row.
    return JSON.parse(openChannel(channel, channel.sealed)) as ChannelSecrets
  } catch {
    return undefined
  }
}

async function post(
  { outbound, now }: SendTools,
  { allowCidrs }: Channel,
  secrets: ChannelSecrets,
  { id, message, data, kind }: ToSay & { readonly kind: 'slack' | 'teams' | 'webhook' },
): Promise<Said> {
  const at = now()
  const content =
    kind === 'slack'
      ? slackBody(message)
      : kind === 'teams'
        ? teamsBody(message)
        : webhookBody(message, new Date(at), data)
  const body = Buffer.from(JSON.stringify(content))
  const keys = kind === 'webhook' ? keysOf(secrets, at) : []
  const result = await outbound.send({
    method: 'POST',
    url: secrets.url,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Postern-Alerts/1',
      ...(keys.length === 0 ? {} : signWebhook(keys, { id, timestamp: Math.floor(at / 1000), body })),
    },
    body,
    timeoutMs: TIMEOUT_MS,
    allowCidrs,
    maxResponseBytes: MAX_RESPONSE_BYTES,
  })
  const { durationMs } = result
  if (!result.ok) {
    const { outcome, detail } = result
    return {
      ok: false,
      httpStatus: null,
      error: `${outcome}: ${detail}`,
      final: outcome === 'address_blocked',
      durationMs,
    }
  }
  const { status } = result
  if (status >= 200 && status < 300) return { ok: true, httpStatus: status, durationMs }
  const final = status < 500 && ![408, 425, 429].includes(status)
  return { ok: false, httpStatus: status, error: `http_error: ${status}`, final, durationMs }
}

function keysOf({ signingSecret = '', previous }: ChannelSecrets, now: number): readonly WebhookKey[] {
  const before = previous !== undefined && now < Date.parse(previous.until) ? [previous.signingSecret] : []
  return [signingSecret, ...before].flatMap((secret) => readSigningKey('v1', secret) ?? [])
}

async function mail(
  { mailer }: SendTools,
  { settings, allowCidrs }: Channel,
  { url, username, password }: ChannelSecrets,
  { id, message }: ToSay,
): Promise<Said> {
  const result = await mailer.send({
    server: url,
    plaintext: settings.plaintext ?? false,
    allowCidrs,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    from: settings.from ?? '',
    to: settings.to ?? [],
    ...letterOf(message),
    messageId: id,
    timeoutMs: TIMEOUT_MS,
  })
  const { durationMs } = result
  if (result.ok) return { ok: true, httpStatus: null, durationMs }
  const { outcome, detail } = result
  // RFC 5321 section 4.2.1: 5yz is for good, 4yz for now.
  const final = outcome === 'address_blocked' || detail.startsWith('smtp_5')
  return { ok: false, httpStatus: null, error: `${outcome}: ${detail}`, final, durationMs }
}

/** What programs are told of an alert, beside the words. */
export function idsOf(alert: {
  readonly id: Uuid
  readonly destinationId: Uuid | null
  readonly integrationId: Uuid | null
}): Readonly<Record<string, string | null>> {
  const { id, destinationId, integrationId } = alert
  return {
    alertId: publicId('alert', id),
    destinationId: destinationId === null ? null : publicId('destination', destinationId),
    integrationId: integrationId === null ? null : publicId('integration', integrationId),
  }
}
