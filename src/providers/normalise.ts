/**
 * One shape for the events of all providers: the attributes of CloudEvents 1.0. Total: an event that names nothing
 * still gets an id (ours), a type and a time.
 */
import type { ProviderDefinition } from './definition.ts'
import type { EventAttributes } from './extract.ts'

export interface NormalisedEvent {
  /** The provider's id, or ours where it has none. Unique together with `source`. */
  readonly id: string
  /** The provider's own word for it; `unknown` where it has none. */
  readonly type: string
  /** A URI reference: provider, then the account it speaks for. */
  readonly source: string
  readonly subject?: string
  /** ISO 8601, UTC. When it happened if the provider says so, else when it arrived. */
  readonly occurredAt: string
}

export interface ReceivedAttributes {
  /** Our id. */
  readonly eventId: string
  readonly receivedAt: Date
  readonly attributes: EventAttributes
}

export function normalise(definition: Pick<ProviderDefinition, 'id'>, event: ReceivedAttributes): NormalisedEvent {
  const { id, type, tenant, subject, occurredAt } = event.attributes
  const account = tenant === undefined ? '' : `/${encodeURIComponent(tenant.value)}`
  return {
    id: id?.value ?? event.eventId,
    type: type?.value ?? 'unknown',
    source: `/providers/${definition.id}${account}`,
    ...(subject === undefined ? {} : { subject: subject.value }),
    occurredAt: (readTime(occurredAt?.value) ?? event.receivedAt).toISOString(),
  }
}

/** Below this a number is seconds (until the year 5138), above it milliseconds (since 1973). */
const SECONDS_BELOW = 100_000_000_000

/** Unix seconds (also with a fraction), milliseconds, or ISO 8601 with a zone. */
function readTime(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const at = /^\d{1,15}(\.\d+)?$/.test(text)
    ? Number(text) * (Number(text) < SECONDS_BELOW ? 1000 : 1)
    : /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/.test(text)
      ? Date.parse(text)
      : Number.NaN
  // The year 9999 is the last that ISO 8601 writes in four digits.
  return at >= 0 && at <= 253_402_300_799_999 ? new Date(at) : undefined
}
