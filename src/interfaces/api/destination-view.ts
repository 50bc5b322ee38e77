/**
 * Destinations and routes as they are shown, without any secret.
 */
import { z } from 'zod'
import {
  DESTINATION_KINDS,
  DESTINATION_STATUSES,
  type Destination,
  type DestinationAuth,
  ENVELOPES,
  ORDER_POLICIES,
  RETRY_STRATEGIES,
  type Route,
  type RouteRules,
  SIGNING_SCHEMES,
} from '../../base/model/destination.ts'
import { HEALTHY } from '../../base/model/health.ts'
import { publicId } from '../../base/model/ids.ts'
import type { Queryable } from '../../resources/store/database.ts'
import { findHealth } from '../../resources/store/health.ts'
import { countHeld } from '../../resources/store/lane-claims.ts'
import { listSigningKeys } from '../../resources/store/signing-keys.ts'
import { AuthOut } from './destination-auth.ts'
import { idField, isoTime, time } from './fields.ts'

/** Counting is bounded: a backlog is large or it is not. */
const MAX_COUNTED = 10_000

export const DestinationOut = z.object({
  id: idField('destination'),
  name: z.string(),
  kind: z.enum(DESTINATION_KINDS),
  url: z.string(),
  settings: z.record(z.string(), z.union([z.string(), z.int()])),
  status: z.enum(DESTINATION_STATUSES),
  disabledReason: z.string().nullable(),
  allowCidrs: z.array(z.string()),
  timeoutMs: z.int(),
  retry: z.object({
    strategy: z.enum(RETRY_STRATEGIES),
    maxAttempts: z.int(),
    baseDelayMs: z.int(),
    maxDelayMs: z.int(),
    scheduleMs: z.array(z.int()),
    retryOn: z.array(z.string()),
  }),
  shadow: z.boolean(),
  envelope: z.enum(ENVELOPES),
  tlsVerify: z.boolean(),
  auth: AuthOut.meta({ description: 'Without what is secret.' }),
  maxConcurrency: z.int().nullable(),
  ratePerMinute: z.int().nullable(),
  ordering: z.object({ by: z.string(), policy: z.enum(ORDER_POLICIES), after: z.int() }).nullable(),
  breaker: z.object({ failures: z.int(), openMs: z.int() }),
  disableAfterHours: z.int().nullable(),
  createdAt: time,
  updatedAt: time,
})

const SigningKeyOut = z.object({
  id: idField('key'),
  scheme: z.enum(SIGNING_SCHEMES),
  createdAt: time,
  notAfter: time.nullable().meta({ description: 'Signs beside its successors until then.' }),
})

export const DestinationDetailOut = DestinationOut.extend({
  signingKeys: z.array(SigningKeyOut),
  health: z.object({
    circuit: z.enum(['closed', 'half_open', 'open']),
    failures: z.int().meta({ description: 'In a row, up to now.' }),
    failingSince: time.nullable(),
    openUntil: time.nullable(),
  }),
  held: z.int().meta({ description: `Deliveries that wait for it; ${MAX_COUNTED} stands for more.` }),
})

export const RouteOut = z.object({
  id: idField('route'),
  integrationId: idField('integration'),
  destinationId: idField('destination'),
  version: z.int().meta({ description: 'Grows with each change; a delivery names the version it was made under.' }),
  eventTypes: z.array(z.string()).nullable(),
  filter: z.string().nullable(),
  transform: z.string().nullable(),
  createdAt: time,
  updatedAt: time,
})

export function destinationView(destination: Destination): z.output<typeof DestinationOut> {
  return {
    id: publicId('destination', destination.id),
    name: destination.name,
    kind: destination.kind,
    url: destination.url,
    settings: { ...destination.settings },
    status: destination.status,
    disabledReason: destination.disabledReason,
    allowCidrs: [...destination.allowCidrs],
    timeoutMs: destination.timeoutMs,
    retry: {
      ...destination.retry,
      scheduleMs: [...destination.retry.scheduleMs],
      retryOn: [...destination.retry.retryOn],
    },
    shadow: destination.shadow,
    envelope: destination.envelope,
    tlsVerify: destination.tlsVerify,
    auth: authView(destination.auth),
    maxConcurrency: destination.maxConcurrency,
    ratePerMinute: destination.ratePerMinute,
    ordering: destination.ordering === null ? null : { ...destination.ordering },
    breaker: { ...destination.breaker },
    disableAfterHours: destination.disableAfterHours,
    createdAt: isoTime(destination.createdAt),
    updatedAt: isoTime(destination.updatedAt),
  }
}

/** Adds what stands beside the row: keys, health, and how much waits. */
export async function destinationDetail(
  db: Queryable,
  destination: Destination,
  now = new Date(),
): Promise<z.output<typeof DestinationDetailOut>> {
  const keys = await listSigningKeys(db, destination.tenantId, destination.id, now)
  const health = (await findHealth(db, destination.id)) ?? HEALTHY
  return {
    ...destinationView(destination),
    signingKeys: keys.map((key) => ({
      id: publicId('key', key.id),
      scheme: key.scheme,
      createdAt: isoTime(key.createdAt),
      notAfter: isoTime(key.notAfter),
    })),
    health: {
      circuit: health.openUntil === null ? 'closed' : health.openUntil > now ? 'open' : 'half_open',
      failures: health.failures,
      failingSince: isoTime(health.failingSince),
      openUntil: isoTime(health.openUntil),
    },
    held: await countHeld(db, destination.id, MAX_COUNTED),
  }
}

export function routeView(route: Route): z.output<typeof RouteOut> {
  return {
    id: publicId('route', route.id),
    integrationId: publicId('integration', route.integrationId),
    destinationId: publicId('destination', route.destinationId),
    version: route.version,
    ...rulesView(route),
    createdAt: isoTime(route.createdAt),
    updatedAt: isoTime(route.updatedAt),
  }
}

export function rulesView({ eventTypes, filter, transform }: RouteRules): {
  eventTypes: string[] | null
  filter: string | null
  transform: string | null
} {
  return { eventTypes: eventTypes === null ? null : [...eventTypes], filter, transform }
}

function authView(auth: DestinationAuth | null): z.output<typeof AuthOut> {
  return auth?.kind === 'headers' ? { kind: 'headers', names: [...auth.names] } : auth
}
