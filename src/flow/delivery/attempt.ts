/**
 * One attempt: the request as the receiver sees it, sent once.
 *
 * The body goes out as the bytes that came in, with their content type. No other inbound header goes with it: the
 * provider's signature and tokens are between the provider and us.
 */

import { signWebhook } from '../../base/lib/sign-webhook.ts'
import type { BrokerKind } from '../../base/model/destination.ts'
import type { AttemptOutcome } from '../../base/model/event.ts'
import { publicId } from '../../base/model/ids.ts'
import type { Brokers } from '../../resources/outbound/brokers/open.ts'
import type { Outbound } from '../../resources/outbound/request.ts'
import type { DeliveryTarget, Message } from '../../resources/store/deliveries.ts'
import type { CredentialStore, Credentials } from './credentials.ts'
import type { AttemptEnd } from './outcome.ts'
import { redactResponse } from './redact.ts'
import type { SigningKey } from './signing-keys.ts'

export interface AttemptTools {
  readonly outbound: Pick<Outbound, 'send'>
  readonly brokers: Pick<Brokers, 'publish'>
  readonly signingKeys: (destination: DeliveryTarget) => readonly SigningKey[]
  readonly credentials: CredentialStore
  readonly now: () => number
  /** Ends requests under way when the process must go. */
  readonly signal?: AbortSignal
}

export interface Attempted {
  readonly end: AttemptEnd
  readonly durationMs: number
  /** What the receiver answered, bounded and without secrets; absent when it answered nothing. */
  readonly responseBody?: Buffer
}

/** No step may outlast the lease of its job. */
export const MAX_DELIVERY_TIMEOUT_MS = 60_000
const MAX_RESPONSE_BYTES = 64 * 1024

/** Never throws for what the destination, its configuration or the far side does. */
export async function attemptDelivery(delivery: Message, tools: AttemptTools): Promise<Attempted> {
  const { body, destination } = delivery
  if (destination === undefined) return unsent('destination_disabled', 'the destination was deleted')
  if (destination.status === 'disabled') return unsent('destination_disabled', 'the destination is disabled')
  if (body === null) return unsent('payload_missing', 'the body is no longer kept')
  const signing = tools.signingKeys(destination)
  if (signing.length === 0) return unsent('secret_unavailable', 'no signing secret can be opened')

  const credentials = await tools.credentials.of(destination)
  if (!credentials.ok) return unsent(credentials.outcome, credentials.detail)
  if (destination.kind !== 'http')
    return publish(
      tools.brokers,
      { ...delivery, body },
      { ...destination, kind: destination.kind },
      {
        ...credentials,
        headers: headersOf(delivery, body, signing, tools.now()),
      },
    )

  const result = await tools.outbound.send({
    method: 'POST',
    url: destination.url,
    // Ours last: no header of a destination's can stand for the signature.
    headers: { ...credentials.headers, ...headersOf(delivery, body, signing, tools.now()) },
    body,
    timeoutMs: Math.min(destination.timeoutMs, MAX_DELIVERY_TIMEOUT_MS),
    allowCidrs: destination.allowCidrs,
    maxResponseBytes: MAX_RESPONSE_BYTES,
    ...(credentials.tls === undefined ? {} : { tls: credentials.tls }),
    ...(tools.signal === undefined ? {} : { signal: tools.signal }),
  })
  if (!result.ok) return { end: result, durationMs: result.durationMs }
  if (result.status === 401) tools.credentials.refused(destination)
  const secrets = [...signing.map(({ secret }) => secret), ...credentials.secrets]
  const responseBody = redactResponse(result.body, secrets).subarray(0, MAX_RESPONSE_BYTES)
  return { end: result, durationMs: result.durationMs, ...(responseBody.length === 0 ? {} : { responseBody }) }
}

/** Into a broker: what an HTTP receiver would get as headers goes with the message. */
async function publish(
  brokers: Pick<Brokers, 'publish'>,
  delivery: Message & { readonly body: Buffer },
  destination: DeliveryTarget & { readonly kind: BrokerKind },
  { headers, login, tls }: Extract<Credentials, { readonly ok: true }>,
): Promise<Attempted> {
  const { 'content-type': contentType = null, 'user-agent': _, ...sent } = headers
  const { durationMs, ...end } = await brokers.publish({
    ...{ kind: destination.kind, url: destination.url, settings: destination.settings },
    ...{ allowCidrs: destination.allowCidrs, timeoutMs: Math.min(destination.timeoutMs, MAX_DELIVERY_TIMEOUT_MS) },
    ...login,
    ...(tls === undefined ? {} : { tls }),
    message: {
      deliveryId: publicId('job', delivery.deliveryId),
      eventId: publicId('event', delivery.eventId),
      contentType,
      headers: sent,
      body: delivery.body,
    },
  })
  return { end: end.ok ? { ok: true, status: null, headers: [] } : end, durationMs }
}

function unsent(outcome: AttemptOutcome, detail: string): Attempted {
  return { end: { ok: false, outcome, detail }, durationMs: 0 }
}

function headersOf(
  delivery: Message,
  body: Buffer,
  signing: readonly SigningKey[],
  now: number,
): Readonly<Record<string, string>> {
  const id = publicId('event', delivery.eventId)
  const timestamp = Math.floor(now / 1000)
  return {
    ...contentType(delivery.contentType),
    'user-agent': 'Postern-Webhooks/1',
    ...signWebhook(
      signing.map(({ key }) => key),
      { id, timestamp, body },
    ),
    'x-event-id': id,
    'x-correlation-id': publicId('correlation', delivery.correlationId),
    'x-integration-provider': delivery.provider,
    'x-postern-attempt': String(delivery.attemptNo),
  }
}

/** One that could not be sent as a header would fail every attempt; the body is worth more than its label. */
function contentType(value: string | null): Readonly<Record<string, string>> {
  return value !== null && /^[\t\x20-\x7e\x80-\xff]+$/.test(value) ? { 'content-type': value } : {}
}
