/**
 * Delivery: from a queued job to a signed POST and its record.
 *
 * It promises that every job ends in a delivery, a retry at a known time or a dead letter somebody can see; that a
 * request is sent once for each claim; and that a request is not sent again because recording it failed. It ends at
 * the recorded attempt: listing and replaying are for others.
 */
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from '../../base/model/destination.ts'
import type { CloudEventAttributes, TransformFailure } from '../../base/model/event.ts'
import { newId, type Uuid } from '../../base/model/ids.ts'
import type { Logger } from '../../observability/log.ts'
import { endSpan, startDelivering } from '../../observability/trace.ts'
import type { Brokers } from '../../resources/outbound/brokers/open.ts'
import type { Outbound } from '../../resources/outbound/request.ts'
import { type AttemptResult, recordAttempts } from '../../resources/store/attempts.ts'
import type { Database, Queryable } from '../../resources/store/database.ts'
import { type Delivery, loadDeliveries } from '../../resources/store/deliveries.ts'
import type { ClaimedJob } from '../../resources/store/jobs.ts'
import { type EventToProcess, loadEventsToProcess } from '../../resources/store/processing.ts'
import { openSession } from '../../resources/store/session.ts'
import { defineQueue, type StartQueue } from '../../worker/queue.ts'
import { type Attempted, type AttemptTools, attemptDelivery } from './attempt.ts'
import { CLOUD_EVENT_TYPE, cloudEvent } from './cloud-event.ts'
import { createCredentials } from './credentials.ts'
import { type Decision, decideOutcome, saysOfDestination } from './outcome.ts'
import { createRecorder, type Recorder } from './recorder.ts'
import { createSigningKeys, type OpenSecret } from './signing-keys.ts'

export interface DeliveryOptions {
  readonly db: Database
  readonly outbound: Pick<Outbound, 'send'>
  readonly brokers: Pick<Brokers, 'publish'>
  readonly openSecret: OpenSecret
  /** Opens the credentials of a destination. */
  readonly openAuth: OpenSecret
  /** Makes the body where the route has a transform. Rejects when that cannot be tried now. */
  readonly transform: (text: string, event: EventToProcess) => Promise<Transformed>
  /** What an event is, for destinations that want that around its body. */
  readonly attributes: (event: EventToProcess) => CloudEventAttributes
  /** The audit chain of this worker. */
  readonly chain: Uuid
  /** Deliveries under way at one time. */
  readonly concurrency: number
  /** That of the worker. */
  readonly leaseMs: number
  readonly log: Logger
  readonly now: () => number
  readonly random: () => number
  /** Ends requests under way when the process must go. */
  readonly signal?: AbortSignal
  /** Told of every recorded attempt, for metrics. */
  readonly onAttempt?: (result: AttemptResult) => void
}

export type Transformed =
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly reason: TransformFailure; readonly error: { readonly message: string } }

/** A delivery, and the event it is made from where that is needed. */
interface LoadedDelivery extends Delivery {
  readonly event: EventToProcess | undefined
}

interface DeliveryRoom extends AttemptTools {
  readonly recorder: Recorder
  readonly options: DeliveryOptions
}

export function deliveryQueue(options: DeliveryOptions): StartQueue {
  const { db, outbound, brokers, openSecret, openAuth, chain, concurrency, leaseMs, log, now, random, signal } = options
  const session = openSession(db, 'attempts')
  const write = (results: readonly AttemptResult[]) => recordAttempts(session, results, { now: new Date(now()), chain })
  const recorder = createRecorder({ write, refusedForMs: leaseMs, log, now, random })
  const signingKeys = createSigningKeys(openSecret)
  const credentials = createCredentials({ outbound, openAuth, now })
  const room = {
    outbound,
    brokers,
    signingKeys,
    credentials,
    now,
    recorder,
    options,
    ...(signal === undefined ? {} : { signal }),
  }

  return defineQueue<LoadedDelivery>({
    kind: 'deliver',
    batchSize: 1,
    concurrency,
    // A destination that hangs until its time-out leaves half of the places to the others.
    perShare: Math.max(1, Math.floor(concurrency / 2)),
    repeatable: false,
    weight: (delivery) => delivery.body?.length ?? 0,
    load,
    mustWait,
    async handle(deliveries, free) {
      for (const delivery of deliveries) await deliver(delivery, room, free)
    },
    close: () => session.close(),
  })
}

async function load(db: Queryable, jobs: readonly ClaimedJob[]): Promise<readonly LoadedDelivery[]> {
  const deliveries = await loadDeliveries(db, jobs)
  const made = deliveries.filter(
    ({ transform, destination }) => transform !== null || destination?.envelope === 'cloudevents',
  )
  const events = new Map(
    made.length === 0 ? [] : (await loadEventsToProcess(db, made)).map((event) => [event.id, event]),
  )
  return deliveries.map((delivery) => ({ ...delivery, event: events.get(delivery.id) }))
}

/** The delivery with its body made, or why there is none. */
async function withBody(delivery: LoadedDelivery, { options }: DeliveryRoom): Promise<Delivery | Attempted> {
  const { transform, event, destination } = delivery
  if (event === undefined || event.body === null) return delivery
  let { contentType, body } = { contentType: delivery.contentType, body: event.body }
  if (transform !== null) {
    const made = await options.transform(transform, event)
    if (!made.ok) return { end: { ok: false, outcome: made.reason, detail: made.error.message }, durationMs: 0 }
    contentType = 'application/json'
    body = Buffer.from(made.body)
  }
  return destination?.envelope === 'cloudevents'
    ? { ...delivery, contentType: CLOUD_EVENT_TYPE, body: cloudEvent(options.attributes(event), contentType, body) }
    : { ...delivery, contentType, body }
}

async function deliver(delivery: LoadedDelivery, room: DeliveryRoom, free: () => void): Promise<void> {
  const { recorder, options, now } = room
  const startedAt = now()
  const span = startDelivering({
    'postern.event_id': delivery.eventId,
    'postern.destination_id': delivery.lane,
    'postern.attempt': delivery.attempts + 1,
  })
  const ready = await withBody(delivery, room)
  const attempted = 'end' in ready ? ready : await attemptDelivery(ready, room)
  const decision = decideOutcome(attempted.end, {
    attempt: delivery.attempts + 1,
    retry: retryOf(delivery),
    now: now(),
    random: options.random,
  })
  const result = resultOf(delivery, attempted, decision, startedAt)
  const status = result.httpStatus === null ? {} : { 'http.response.status_code': result.httpStatus }
  endSpan(span, { 'postern.outcome': decision.outcome, ...status }, decision.verdict !== 'done')
  free()
  const ours = await recorder.record(result)
  if (ours) options.onAttempt?.(result)
  else
    options.log.warn(
      { eventId: delivery.eventId, jobId: delivery.id },
      'a delivery outlived its lease; its result is not recorded',
    )
}

/** What must wait until its destination may be called again; then it is claimed as a held job. */
function mustWait({ destination, held }: Delivery): boolean {
  if (destination === undefined || destination.status === 'disabled') return false
  const { circuit } = destination.health
  // Half-open, only the one that was claimed to find out goes.
  return (
    destination.status === 'paused' ||
    circuit === 'open' ||
    (!held && (circuit === 'half_open' || destination.governed))
  )
}

function retryOf({ shadow, destination }: Delivery): RetryPolicy {
  const retry = destination?.retry ?? DEFAULT_RETRY_POLICY
  if (shadow) return { ...retry, maxAttempts: 1 }
  const { policy, after } = destination?.ordering ?? { policy: 'block', after: 0 }
  return policy === 'park' ? { ...retry, maxAttempts: Math.min(retry.maxAttempts, after) } : retry
}

function resultOf(
  delivery: Delivery,
  { end, durationMs, responseBody }: Attempted,
  decision: Decision,
  startedAt: number,
): AttemptResult {
  return {
    eventId: delivery.eventId,
    id: delivery.id,
    worker: delivery.worker,
    fence: delivery.fence,
    attemptId: newId(),
    destinationId: delivery.lane,
    shadow: delivery.shadow,
    says: saysOfDestination(decision.outcome, end.ok ? end.status : null),
    wasWell: delivery.destination?.health.failing === false,
    outcome: decision.outcome,
    httpStatus: end.ok ? end.status : null,
    responseBody: responseBody ?? null,
    error: errorText(end, decision),
    startedAt: new Date(startedAt),
    durationMs: Math.round(durationMs),
    verdict: decision.verdict,
    runAt: decision.verdict === 'retry' ? new Date(decision.runAt) : null,
    disableDestination: decision.verdict === 'give_up' && decision.disableDestination,
  }
}

const MAX_ERROR_LENGTH = 300

/** PostgreSQL text holds no NUL. */
function errorText(end: Attempted['end'], decision: Decision): string | null {
  if (decision.outcome === 'delivered') return null
  const text = end.ok ? `HTTP ${end.status}` : end.detail
  return text.replaceAll('\u0000', '').slice(0, MAX_ERROR_LENGTH)
}
