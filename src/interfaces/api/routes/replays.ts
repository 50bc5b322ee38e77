/** Replays: who had what delivered again, and why. */
import { z } from 'zod'
import { REPLAY_STATUSES } from '../../../base/model/event.ts'
import { publicId, requireId } from '../../../base/model/ids.ts'
import { findReplay, listReplays, type ReplaySummary } from '../../../resources/store/replay-lists.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { found, idField, idFilter, idParams, isoTime, PREFIX, publicIdOrNull, time } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'

const ReplayOut = z.object({
  id: idField('replay'),
  eventId: idField('event'),
  destinationId: idField('destination').nullable(),
  actor: z.string().meta({ description: 'Who asked, taken from the credential.' }),
  requestedBy: z.string().nullable().meta({ description: 'What the request called itself; a note.' }),
  reason: z.string(),
  status: z.enum(REPLAY_STATUSES),
  createdAt: time,
  finishedAt: time.nullable(),
  lastError: z.string().nullable(),
})

export function replayRoutes(app: Api, { db }: ApiDeps): void {
  app.get(
    `${PREFIX}/replays`,
    {
      config: { access: 'replays:read' },
      schema: {
        operationId: 'listReplays',
        summary: 'Replays, newest first',
        tags: ['replays'],
        querystring: z.strictObject({
          ...PAGE_QUERY,
          eventId: z.string().optional(),
          status: z.enum(REPLAY_STATUSES).optional(),
        }),
        response: { 200: listOf(ReplayOut) },
      },
    },
    async (request) => {
      const { eventId, status, ...page } = request.query
      const filter = { eventId: idFilter('event', 'eventId', eventId), status }
      const rows = await listReplays(db, principalOf(request).tenantId, filter, pageOf(page))
      return pageAnswer(page, rows, (row) => [row.id], replayView)
    },
  )

  app.get(
    `${PREFIX}/replays/:replayId`,
    {
      config: { access: 'replays:read' },
      schema: {
        operationId: 'getReplay',
        summary: 'One replay',
        tags: ['replays'],
        params: idParams('replayId'),
        response: { 200: ReplayOut },
      },
    },
    async (request) => {
      const id = requireId('replay', request.params.replayId)
      return replayView(found(await findReplay(db, principalOf(request).tenantId, id), 'replay'))
    },
  )
}

function replayView(row: ReplaySummary): z.output<typeof ReplayOut> {
  return {
    id: publicId('replay', row.id),
    eventId: publicId('event', row.eventId),
    destinationId: publicIdOrNull('destination', row.destinationId),
    actor: row.actor,
    requestedBy: row.note,
    reason: row.reason,
    status: row.status,
    createdAt: isoTime(row.createdAt),
    finishedAt: isoTime(row.finishedAt),
    lastError: row.lastError,
  }
}
