/**
 * Destinations and routes as they are shown, without any secret.
 */
import { z } from 'zod'
import { DESTINATION_STATUSES, type Destination, type Route, SIGNING_SCHEMES } from '../../base/model/destination.ts'
import { publicId } from '../../base/model/ids.ts'
import type { SigningKeySummary } from '../../resources/store/signing-keys.ts'
import { idField, isoTime, time } from './fields.ts'

export const DestinationOut = z.object({
  id: idField('destination'),
  name: z.string(),
  url: z.string(),
  status: z.enum(DESTINATION_STATUSES),
  disabledReason: z.string().nullable(),
  allowCidrs: z.array(z.string()),
  timeoutMs: z.int(),
  retry: z.object({ maxAttempts: z.int(), baseDelayMs: z.int(), maxDelayMs: z.int() }),
  shadow: z.boolean(),
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
})

export const RouteOut = z.object({
  id: idField('route'),
  integrationId: idField('integration'),
  destinationId: idField('destination'),
  version: z.int().meta({ description: 'Grows with each change; a delivery names the version it was made under.' }),
  eventTypes: z.array(z.string()).nullable(),
  createdAt: time,
  updatedAt: time,
})

export function destinationView(destination: Destination): z.output<typeof DestinationOut> {
  return {
    id: publicId('destination', destination.id),
    name: destination.name,
    url: destination.url,
    status: destination.status,
    disabledReason: destination.disabledReason,
    allowCidrs: [...destination.allowCidrs],
    timeoutMs: destination.timeoutMs,
    retry: { ...destination.retry },
    shadow: destination.shadow,
    createdAt: isoTime(destination.createdAt),
    updatedAt: isoTime(destination.updatedAt),
  }
}

export function destinationDetail(
  destination: Destination,
  keys: readonly SigningKeySummary[],
): z.output<typeof DestinationDetailOut> {
  return {
    ...destinationView(destination),
    signingKeys: keys.map((key) => ({
      id: publicId('key', key.id),
      scheme: key.scheme,
      createdAt: isoTime(key.createdAt),
      notAfter: isoTime(key.notAfter),
    })),
  }
}

export function routeView(route: Route): z.output<typeof RouteOut> {
  return {
    id: publicId('route', route.id),
    integrationId: publicId('integration', route.integrationId),
    destinationId: publicId('destination', route.destinationId),
    version: route.version,
    eventTypes: route.eventTypes === null ? null : [...route.eventTypes],
    createdAt: isoTime(route.createdAt),
    updatedAt: isoTime(route.updatedAt),
  }
}
