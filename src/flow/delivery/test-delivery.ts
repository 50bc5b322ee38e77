/**
 * One delivery for whoever sets up a destination: the same request, signature and door out as every other, of an event
 * that is nobody's. Nothing is stored, and nothing is tried again.
 */
import { DEFAULT_RETRY_POLICY } from '../../base/model/destination.ts'
import type { AttemptOutcome } from '../../base/model/event.ts'
import { newId, publicId, type Uuid } from '../../base/model/ids.ts'
import type { Brokers } from '../../resources/outbound/brokers/open.ts'
import type { Outbound } from '../../resources/outbound/request.ts'
import type { Queryable } from '../../resources/store/database.ts'
import { findTarget } from '../../resources/store/deliveries.ts'
import { attemptDelivery } from './attempt.ts'
import { CLOUD_EVENT_TYPE, cloudEvent } from './cloud-event.ts'
import { createCredentials } from './credentials.ts'
import { decideOutcome } from './outcome.ts'
import { createSigningKeys, type OpenSecret } from './signing-keys.ts'

export interface TestDelivery {
  readonly delivered: boolean
  readonly outcome: AttemptOutcome
  readonly httpStatus: number | null
  readonly error: string | null
  readonly durationMs: number
}

export interface TestDeliveryOptions {
  readonly db: Queryable
  readonly outbound: Pick<Outbound, 'send'>
  readonly brokers: Pick<Brokers, 'publish'>
  readonly openSecret: OpenSecret
  readonly openAuth: OpenSecret
  readonly now: () => number
}

/** @returns `undefined` when the tenant has no such destination. A paused one is tried; a disabled one is not. */
export async function testDestination(
  { db, outbound, brokers, openSecret, openAuth, now }: TestDeliveryOptions,
  tenantId: Uuid,
  destinationId: Uuid,
): Promise<TestDelivery | undefined> {
  const destination = await findTarget(db, tenantId, destinationId)
  if (destination === undefined) return undefined
  const eventId = newId()
  const content = { type: 'postern.test', destinationId: publicId('destination', destinationId) }
  const sent = { contentType: 'application/json', body: Buffer.from(JSON.stringify(content)) }
  const attributes = {
    ...{ id: publicId('event', eventId), source: '/postern/test', type: content.type },
    ...{ time: new Date(now()), provider: 'postern' },
  }
  const { end, durationMs } = await attemptDelivery(
    {
      eventId,
      deliveryId: eventId,
      correlationId: eventId,
      provider: 'postern',
      ...(destination.envelope === 'cloudevents'
        ? { contentType: CLOUD_EVENT_TYPE, body: cloudEvent(attributes, sent.contentType, sent.body) }
        : sent),
      destination,
      attemptNo: 1,
    },
    {
      outbound,
      brokers,
      signingKeys: createSigningKeys(openSecret),
      credentials: createCredentials({ outbound, openAuth, now }),
      now,
    },
  )
  const retry = { ...DEFAULT_RETRY_POLICY, maxAttempts: 1 }
  const { outcome } = decideOutcome(end, { attempt: 1, retry, now: now(), random: () => 0 })
  return {
    delivered: outcome === 'delivered',
    outcome,
    httpStatus: end.ok ? end.status : null,
    error: end.ok ? null : end.detail,
    durationMs: Math.round(durationMs),
  }
}
