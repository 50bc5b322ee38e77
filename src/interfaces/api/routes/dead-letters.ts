/** Dead letters: deliveries that were given up, until somebody replays or dismisses them. */
import { z } from 'zod'
import { ATTEMPT_OUTCOMES } from '../../../base/model/event.ts'
import { publicId, requireId } from '../../../base/model/ids.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import { type DeadLetter, dismissDeadLetters, listDeadLetters } from '../../../resources/store/dead-letters.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { found, idField, idFilter, idParams, isoTime, PREFIX, time, timeQuery } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'

const tags = ['deliveries']
const REASONS = [...ATTEMPT_OUTCOMES, 'poison'] as const

const DeadLetterOut = z.object({
  eventId: idField('event'),
  jobId: idField('job'),
  destinationId: idField('destination'),
  integrationId: idField('integration'),
  provider: z.string(),
  type: z.string().nullable(),
  reason: z.enum(REASONS).meta({ description: 'How the last attempt ended; `poison`: none could be made.' }),
  attempts: z.int(),
  receivedAt: time,
  failedAt: time.nullable(),
})

export function deadLetterRoutes(app: Api, { db }: ApiDeps): void {
  app.get(
    `${PREFIX}/dead-letters`,
    {
      config: { access: 'deliveries:read' },
      schema: {
        operationId: 'listDeadLetters',
        summary: 'Deliveries that were given up and that nobody has dealt with, latest event first',
        tags,
        querystring: z.strictObject({
          ...PAGE_QUERY,
          eventId: z.string().optional(),
          destinationId: z.string().optional(),
          integrationId: z.string().optional(),
          reason: z.enum(REASONS).optional(),
          from: timeQuery.optional().meta({ description: 'Of events received at or after.' }),
          to: timeQuery.optional().meta({ description: 'Of events received before.' }),
        }),
        response: { 200: listOf(DeadLetterOut) },
      },
    },
    async (request) => {
      const { cursor, page, pageSize, eventId, destinationId, integrationId, ...rest } = request.query
      const paging = { cursor, page, pageSize }
      const filter = {
        ...rest,
        eventId: idFilter('event', 'eventId', eventId),
        destinationId: idFilter('destination', 'destinationId', destinationId),
        integrationId: idFilter('integration', 'integrationId', integrationId),
      }
      const rows = await listDeadLetters(db, principalOf(request).tenantId, filter, pageOf(paging, 2))
      return pageAnswer(paging, rows, (row) => [row.eventId, row.jobId], view)
    },
  )

  app.post(
    `${PREFIX}/events/:eventId/dead-letters/dismiss`,
    {
      config: { access: 'events:replay' },
      schema: {
        operationId: 'dismissDeadLetters',
        summary: 'Says that failed deliveries of an event need nothing more; what waits behind them goes on',
        tags,
        params: idParams('eventId'),
        body: z.strictObject({
          destinationId: z.string().optional().meta({ description: 'Only those to it.' }),
          reason: z.string().trim().min(5).max(500),
        }),
        response: { 200: z.object({ eventId: idField('event'), dismissed: z.int() }) },
      },
    },
    async (request) => {
      const { tenantId, id: by, name: actor } = principalOf(request)
      const eventId = requireId('event', request.params.eventId)
      const destinationId = idFilter('destination', 'destinationId', request.body.destinationId) ?? null
      const dismissed = await db.transaction(async (tx) => {
        const closed = found(await dismissDeadLetters(tx, tenantId, { eventId, destinationId, by }), 'event')
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'dead_letters.dismissed',
          entityType: 'event',
          entityId: eventId,
          details: { destinationId, reason: request.body.reason, dismissed: closed },
        })
        return closed
      })
      return { eventId: publicId('event', eventId), dismissed }
    },
  )
}

function view(row: DeadLetter): z.output<typeof DeadLetterOut> {
  return {
    eventId: publicId('event', row.eventId),
    jobId: publicId('job', row.jobId),
    destinationId: publicId('destination', row.destinationId),
    integrationId: publicId('integration', row.integrationId),
    provider: row.provider,
    type: row.type,
    reason: row.reason,
    attempts: row.attempts,
    receivedAt: isoTime(row.receivedAt),
    failedAt: isoTime(row.failedAt),
  }
}
