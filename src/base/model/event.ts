/**
 * The received event and what follows from it: statuses, and which may follow which.
 */

/**
 * `pending` committed, not yet looked at · `processing` normalised and routed, deliveries under way ·
 * `processed` everything done · `retrying` a delivery failed and will be tried again · `failed` a delivery
 * was given up (dead letter) · `parked` kept aside with a reason until somebody decides.
 */
export const EVENT_STATUSES = ['pending', 'processing', 'processed', 'retrying', 'failed', 'parked'] as const
export type EventStatus = (typeof EVENT_STATUSES)[number]

/**
 * Why no answer or no body came of a filter or a transform. `failed`: the event does not hold what the expression reads,
 * or not as it reads it. `exceeded`: it takes too many steps. `empty`: it gives nothing that JSON can say.
 */
export const FILTER_FAILURES = ['filter_failed', 'filter_exceeded'] as const
export type FilterFailure = (typeof FILTER_FAILURES)[number]
export const TRANSFORM_FAILURES = [
  'transform_failed',
  'transform_exceeded',
  'transform_empty',
  'transform_too_large',
] as const
export type TransformFailure = (typeof TRANSFORM_FAILURES)[number]

/**
 * Why an event is parked (`conflict`, `unlisted_type`, `schema_mismatch`, `poison`, and what a filter or transform failed with) or
 * processed without a delivery: there was no route (`no_destination`), none that let it through (`no_match`), only
 * shadow destinations, or somebody `dismissed` the deliveries that failed. `odd_shape`: delivered, though its bytes could
 * not be read as its provider writes them.
 */
export const STATUS_REASONS = [
  'conflict',
  'unlisted_type',
  'poison',
  ...FILTER_FAILURES,
  ...TRANSFORM_FAILURES,
  'no_destination',
  'no_match',
  'shadow_only',
  'odd_shape',
  'schema_mismatch',
  'dismissed',
] as const
export type StatusReason = (typeof STATUS_REASONS)[number]

/** Of `STATUS_REASONS`, those of events that led nowhere. */
export const UNROUTED_REASONS = ['no_destination', 'no_match'] as const

export const JOB_STATUSES = ['queued', 'running', 'succeeded', 'failed'] as const
export type JobStatus = (typeof JOB_STATUSES)[number]

/** `process` normalises and routes an event; `deliver` brings it to one destination. */
export const JOB_KINDS = ['process', 'deliver'] as const
export type JobKind = (typeof JOB_KINDS)[number]

export const JOB_TRIGGERS = ['webhook', 'replay'] as const
export type JobTrigger = (typeof JOB_TRIGGERS)[number]

export const ATTEMPT_STATUSES = ['success', 'failed'] as const
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number]

/** Every way an attempt can end; a closed list, so that dashboards and alerts can count them. */
export const ATTEMPT_OUTCOMES = [
  'delivered',
  'http_error',
  'redirect',
  'gone',
  'timeout',
  'connection_refused',
  'connection_reset',
  'dns_failed',
  'tls_failed',
  'address_blocked',
  'secret_unavailable',
  'auth_failed',
  'broker_refused',
  'payload_missing',
  ...TRANSFORM_FAILURES,
  'destination_disabled',
  'interrupted',
  'internal',
] as const
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number]

export const REPLAY_STATUSES = ['queued', 'dispatched', 'completed', 'failed'] as const
export type ReplayStatus = (typeof REPLAY_STATUSES)[number]

/** How much of a request its signature covers, from all of it to nothing. */
export const COVERAGES = ['request', 'body', 'parts', 'none'] as const
export type Coverage = (typeof COVERAGES)[number]

/** Ordered as received, names as received. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

/** The attributes of CloudEvents 1.0, and two of ours that tell where the event came in. */
export interface CloudEventAttributes {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject?: string
  /** When it happened if its provider says so, else when it arrived. */
  readonly time: Date
  readonly datacontenttype?: string
  readonly provider: string
  /** Absent when the document was made up rather than received. */
  readonly integrationid?: string
}
