/** Delivery attempts over all events. */
import { z } from 'zod'
import { ATTEMPT_OUTCOMES, ATTEMPT_STATUSES } from '../../../base/model/event.ts'
import { publicId } from '../../../base/model/ids.ts'
import { type AttemptSummary, listAttempts } from '../../../resources/store/delivery-lists.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { idField, idFilter, isoTime, PREFIX, publicIdOrNull, time } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'

export const DeliveryOut = z.object({
  id: idField('attempt'),
  eventId: idField('event'),
  jobId: idField('job'),
  destinationId: idField('destination'),
  routeId: idField('route').nullable(),
  routeVersion: z.int().nullable().meta({ description: 'The version of the route that made it.' }),
  shadow: z.boolean(),
  attemptNo: z.int(),
  status: z.enum(ATTEMPT_STATUSES),
  outcome: z.enum(ATTEMPT_OUTCOMES),
  httpStatus: z.int().nullable(),
  error: z.string().nullable(),
  startedAt: time,
  durationMs: z.int(),
})

export function deliveryRoutes(app: Api, { db }: ApiDeps): void {
  app.get(
    `${PREFIX}/deliveries`,
    {
      config: { access: 'deliveries:read' },
      schema: {
        operationId: 'listDeliveries',
        summary: 'Delivery attempts, by event and then by attempt, latest first',
        tags: ['deliveries'],
        querystring: z.strictObject({
          ...PAGE_QUERY,
          eventId: z.string().optional(),
          destinationId: z.string().optional(),
          status: z.enum(ATTEMPT_STATUSES).optional(),
        }),
        response: { 200: listOf(DeliveryOut) },
      },
    },
    async (request) => {
      const { eventId, destinationId, status, ...page } = request.query
      const filter = {
        eventId: idFilter('event', 'eventId', eventId),
        destinationId: idFilter('destination', 'destinationId', destinationId),
        status,
      }
      const rows = await listAttempts(db, principalOf(request).tenantId, filter, pageOf(page, 2))
      return pageAnswer(page, rows, (row) => [row.eventId, row.id], deliveryView)
    },
  )
}

export function deliveryView(row: AttemptSummary): z.output<typeof DeliveryOut> {
  return {
    id: publicId('attempt', row.id),
    eventId: publicId('event', row.eventId),
    jobId: publicId('job', row.jobId),
    destinationId: publicId('destination', row.destinationId),
    routeId: publicIdOrNull('route', row.routeId),
    routeVersion: row.routeVersion,
    shadow: row.shadow,
    attemptNo: row.attemptNo,
    status: row.status,
    outcome: row.outcome,
    httpStatus: row.httpStatus,
    error: row.error,
    startedAt: isoTime(row.startedAt),
    durationMs: row.durationMs,
  }
}
