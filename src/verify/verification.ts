/**
 * What becomes of a webhook. Every outcome is a value with a `kind`; a refusal is the ordinary case and never thrown.
 */
import type { Coverage } from '../base/model/event.ts'
import type { Refusal } from '../providers/outcome.ts'

export interface WebhookEvent {
  readonly provider: string
  /** The provider's own id of the event; stays the same when it retries. */
  readonly id?: string
  /** The provider's own word. */
  readonly type?: string
  /** The account at the provider. */
  readonly tenant?: string
  /** The id of what it is about. */
  readonly subject?: string
  /** When it happened, as the provider writes it. */
  readonly occurredAt?: string
  /** Which of these the signature covers. Decide nothing on one that is not listed: whoever saw a request can change it. */
  readonly covered: readonly ('id' | 'type' | 'tenant' | 'subject' | 'occurredAt')[]
}

/** A genuine webhook, seen for the first time. */
export interface Webhook {
  readonly kind: 'event'
  readonly ok: true
  readonly duplicate: false
  readonly event: WebhookEvent
  /** JSON as parsed, a form as an object, `null` for a body that is neither. */
  readonly payload: unknown
  /** The bytes that were verified. */
  readonly body: Buffer
  readonly scheme: string
  /** Of the key that matched: `key-1` is the first one given, unless it has a name. */
  readonly keyId: string
  /** How much of the request the signature covers. */
  readonly coverage: Coverage
  /** When it was signed; absent when the scheme signs no time. */
  readonly signedAt?: Date
}

/** With a replay store, one of these must be called when the work is over; the adapters do it. */
export interface SettlableWebhook extends Webhook {
  /** The work is done: copies are duplicates from now on. */
  confirm(): Promise<void>
  /** The work failed: the provider's retry is let through. */
  release(): Promise<void>
}

/** A genuine webhook that was handled before. Answer 200 and do nothing. */
export interface DuplicateWebhook extends Omit<Webhook, 'kind' | 'duplicate'> {
  readonly kind: 'duplicate'
  readonly duplicate: true
}

/** A set-up exchange of the provider, with the answer it expects. No event. */
export interface Greeting {
  readonly kind: 'greeting'
  readonly ok: true
  readonly duplicate: false
  /** Its name in the provider's definition. */
  readonly name: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Beside the engine's: `replay_in_progress` another copy is being handled · `replay_unavailable` the store cannot be asked ·
 * `remote_unavailable` the provider must be asked and there is no `fetchRemote` · `payload_malformed` a genuine webhook whose
 * body is not what the provider sends · `capture_failed` the secret of a greeting could not be stored.
 */
export type WebhookRefusal =
  | Exclude<Refusal, 'remote_pending'>
  | 'method_not_allowed'
  | 'pending'
  | 'payload_malformed'
  | 'payload_unsupported'
  | 'remote_unavailable'
  | 'replay_in_progress'
  | 'replay_unavailable'
  | 'capture_failed'

export interface RefusedWebhook {
  readonly kind: 'refused'
  readonly ok: false
  /** For your log and metrics, never for the sender. */
  readonly reason: WebhookRefusal
  /** What to answer: 401 for whatever does not prove its sender, 503 for what should be sent again. */
  readonly status: number
  /** Such as `Allow` and `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>
  /** What our own side threw, with `replay_unavailable` and the like. */
  readonly cause?: unknown
}

export type Verification = SettlableWebhook | DuplicateWebhook | Greeting | RefusedWebhook

export function refusedWith(
  reason: WebhookRefusal,
  status: number,
  more: { readonly headers?: Readonly<Record<string, string>>; readonly cause?: unknown } = {},
): RefusedWebhook {
  return { kind: 'refused', ok: false, reason, status, headers: {}, ...more }
}
