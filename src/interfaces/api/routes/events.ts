/** Received events: lists, one with its work, its exact bytes, and delivering it again. */
import { z } from 'zod'
import { EVENT_STATUSES } from '../../../base/model/event.ts'
import { publicId, requireId } from '../../../base/model/ids.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import { listAttempts } from '../../../resources/store/delivery-lists.ts'
import { findEvent, findRawPayload, listEvents, listJobsOf } from '../../../resources/store/event-lists.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import {
  EventOut,
  EventStatusOut,
  EventSummaryOut,
  eventStatusView,
  eventSummaryView,
  eventView,
} from '../event-view.ts'
import { found, idField, idFilter, idParams, PREFIX, timeQuery } from '../fields.ts'
import { missingPayload } from '../missing-payload.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'
import { requestKeyOf } from '../request-key.ts'

/** Enough to see what happened; `GET /deliveries?eventId=` pages through all of them. */
const SHOWN = { attempts: 100, jobs: 20, statusJobs: 10 } as const

const tags = ['events']

export function eventRoutes(app: Api, deps: ApiDeps): void {
  const { db } = deps

  app.get(
    `${PREFIX}/events`,
    {
      config: { access: 'events:read' },
      schema: {
        operationId: 'listEvents',
        summary: 'Received events, latest first',
        tags,
        querystring: z.strictObject({
          ...PAGE_QUERY,
          provider: z.string().max(64).optional(),
          integrationId: z.string().optional(),
          status: z.enum(EVENT_STATUSES).optional(),
          eventType: z.string().max(200).optional(),
          routing: z.literal('none').optional().meta({ description: 'Only events that led nowhere.' }),
          subject: z.string().min(1).max(200).optional().meta({ description: 'Part of the subject, in any case.' }),
          from: timeQuery.optional().meta({ description: 'Received at or after.' }),
          to: timeQuery.optional().meta({ description: 'Received before.' }),
          sortBy: z.literal('receivedAt').optional(),
          sortOrder: z.enum(['asc', 'desc']).optional(),
        }),
        response: { 200: listOf(EventSummaryOut) },
      },
    },
    async (request) => {
      const { cursor, page, pageSize, sortBy: _onlyOne, sortOrder, integrationId, ...rest } = request.query
      const paging = { cursor, page, pageSize }
      const filter = { ...rest, integrationId: idFilter('integration', 'integrationId', integrationId) }
      const rows = await listEvents(db, principalOf(request).tenantId, filter, pageOf(paging), sortOrder ?? 'desc')
      return pageAnswer(paging, rows, (row) => [row.id], eventSummaryView)
    },
  )

  app.get(
    `${PREFIX}/events/:eventId`,
    {
      config: { access: 'events:read' },
      schema: {
        operationId: 'getEvent',
        summary: 'One event, with what verification established, its jobs and its latest deliveries',
        tags,
        params: idParams('eventId'),
        response: { 200: EventOut },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request)
      const id = requireId('event', request.params.eventId)
      const event = found(await findEvent(db, tenantId, id), 'event')
      const [attempts, jobs] = await Promise.all([
        listAttempts(db, tenantId, { eventId: id }, { offset: 0, limit: SHOWN.attempts }),
        listJobsOf(db, tenantId, id, SHOWN.jobs),
      ])
      return eventView(event, attempts, jobs)
    },
  )

  for (const { url, operationId, summary } of [
    { url: `${PREFIX}/events/:eventId/status`, operationId: 'getEventStatus', summary: 'How far an event has come' },
    {
      url: `${PREFIX}/processing-status/:eventId`,
      operationId: 'getProcessingStatus',
      summary: 'The same under its older name',
    },
  ]) {
    app.get(
      url,
      {
        config: { access: 'events:read' },
        schema: { operationId, summary, tags, params: idParams('eventId'), response: { 200: EventStatusOut } },
      },
      async (request) => {
        const { tenantId } = principalOf(request)
        const id = requireId('event', request.params.eventId)
        const event = found(await findEvent(db, tenantId, id), 'event')
        return eventStatusView(event, await listJobsOf(db, tenantId, id, SHOWN.statusJobs))
      },
    )
  }

  app.get(
    `${PREFIX}/events/:eventId/raw`,
    {
      config: { access: 'events:raw' },
      schema: {
        operationId: 'getEventRaw',
        summary: 'The exact bytes, with the content type they came with; each read is audited',
        tags,
        params: idParams('eventId'),
        response: {
          200: {
            description: 'The body as it was received',
            content: { '*/*': { schema: z.custom<Buffer>(Buffer.isBuffer) } },
          },
        },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('event', request.params.eventId)
      const payload = await db.transaction(async (tx) => {
        const raw = (await findRawPayload(tx, tenantId, id)) ?? (await missingPayload(tx, tenantId, id))
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'event.raw_read',
          entityType: 'event',
          entityId: id,
          details: { bytes: raw.body.length },
        })
        return raw
      })
      // What a stranger sent is never shown as a page of ours: saved, not rendered, and never run.
      return reply
        .header('content-type', headerSafe(payload.contentType) ?? 'application/octet-stream')
        .header('content-disposition', `attachment; filename="${publicId('event', id)}"`)
        .send(payload.body)
    },
  )

  app.post(
    `${PREFIX}/events/:eventId/replay`,
    {
      config: { access: 'events:replay' },
      schema: {
        operationId: 'replayEvent',
        summary: 'Delivers an event again',
        description:
          'Who asks is taken from the credential; `requestedBy` is kept as a note. With an `Idempotency-Key` the same request is one replay, however often it is sent.',
        tags,
        params: idParams('eventId'),
        body: z.strictObject({
          requestedBy: z.string().trim().min(2).max(120).optional(),
          reason: z.string().trim().min(5).max(500),
          destinationId: z.string().optional().meta({ description: 'Only there, whatever else it is routed to.' }),
        }),
        response: { 202: z.object({ replayId: idField('replay'), eventId: idField('event') }) },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request)
      const eventId = requireId('event', request.params.eventId)
      const { requestedBy, reason } = request.body
      const destinationId = idFilter('destination', 'destinationId', request.body.destinationId)
      const requestKey = requestKeyOf(request)
      const { replayId } = await deps.requestReplay({
        tenantId: principal.tenantId,
        eventId,
        requestedBy: principal.id,
        actor: principal.name,
        reason,
        now: Date.now(),
        ...(requestedBy === undefined ? {} : { note: requestedBy }),
        ...(destinationId === undefined ? {} : { destinationId }),
        ...(requestKey === undefined ? {} : { requestKey }),
        cooldownMs: deps.config.POSTERN_REPLAY_COOLDOWN_SECONDS * 1000,
      })
      return reply.code(202).send({ replayId: publicId('replay', replayId), eventId: publicId('event', eventId) })
    },
  )
}

/** As it came, unless it could not be a header of ours. */
function headerSafe(contentType: string | null): string | undefined {
  return contentType !== null && /^[\x20-\x7e]{1,255}$/.test(contentType) ? contentType : undefined
}
