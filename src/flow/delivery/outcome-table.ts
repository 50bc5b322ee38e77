/**
 * Every way an attempt can end, and what follows from it. Closed: a new outcome does not compile until somebody has
 * said whether it is worth another try, and whether it says something about the destination.
 */
import type { AttemptOutcome } from '../../base/model/event.ts'

export interface OutcomeRow {
  /** For docs/outcomes.md. */
  readonly means: string
  /** Another try may mend it; how many there are, and which answers count, is the destination's retry policy. */
  readonly retried: boolean
  /** Counts towards the circuit. What we did not send, or ended ourselves, says nothing about the destination. */
  readonly blames: boolean
}

export const OUTCOMES: Readonly<Record<AttemptOutcome, OutcomeRow>> = {
  delivered: { means: 'The destination answered 2xx.', retried: false, blames: false },
  http_error: {
    means: 'It answered with another status. 400, 413, 414, 415, 422 and 431 speak of the event and blame nobody.',
    retried: true,
    blames: true,
  },
  redirect: {
    means: 'It answered 3xx. Never followed: the place it names was not vetted. The receiver may correct its address.',
    retried: true,
    blames: true,
  },
  // "Likely permanent" (RFC 9110 section 15.5.11).
  gone: { means: 'It answered 410: it asks not to be called again, and is disabled.', retried: false, blames: true },
  timeout: { means: 'No whole answer came within the time-out.', retried: true, blames: true },
  connection_refused: { means: 'Nobody listens there, or there is no way there.', retried: true, blames: true },
  connection_reset: { means: 'The connection broke, or what came over it was no HTTP.', retried: true, blames: true },
  dns_failed: { means: 'Its name did not resolve.', retried: true, blames: true },
  tls_failed: { means: 'Its certificate was not accepted, or TLS failed otherwise.', retried: true, blames: true },
  address_blocked: {
    means:
      'Its address may not be reached; nothing was sent. A name may resolve elsewhere again, and `allowCidrs` may be given.',
    retried: true,
    blames: true,
  },
  secret_unavailable: {
    means: 'Its signing secret or credentials cannot be opened; nothing was sent. The master key may be put back.',
    retried: true,
    blames: false,
  },
  auth_failed: {
    means: 'The token endpoint gave no token, or a broker did not take the credentials; nothing was sent.',
    retried: true,
    blames: true,
  },
  broker_refused: {
    means: 'The broker was reached and did not take the message: no queue, stream or table for it, or it is full.',
    retried: true,
    blames: true,
  },
  payload_missing: { means: 'The bytes are no longer kept.', retried: false, blames: false },
  transform_failed: {
    means:
      'The route’s transform gives no body: the event does not hold what it reads. Nothing was sent; the event is parked.',
    retried: false,
    blames: false,
  },
  transform_exceeded: {
    means: 'The transform takes too long or too much memory. Nothing was sent; the event is parked.',
    retried: false,
    blames: false,
  },
  transform_empty: {
    means: 'The transform gives nothing that JSON can say. Nothing was sent; the event is parked.',
    retried: false,
    blames: false,
  },
  transform_too_large: {
    means: 'What the transform makes is too large. Nothing was sent; the event is parked.',
    retried: false,
    blames: false,
  },
  destination_disabled: {
    means: 'It was disabled or deleted before its turn. A replay, once it is enabled again, is somebody’s decision.',
    retried: false,
    blames: false,
  },
  interrupted: { means: 'We ended it, to stop; the next worker begins at once.', retried: true, blames: false },
  internal: { means: 'Something went wrong on our side.', retried: true, blames: false },
}
