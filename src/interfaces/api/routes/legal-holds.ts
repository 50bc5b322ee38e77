/** Legal holds: what is not removed until somebody lifts them. */
import { z } from 'zod'
import { PosternError } from '../../../base/model/errors.ts'
import { newId, parseId, publicId, requireId, type Uuid } from '../../../base/model/ids.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import { findIntegration } from '../../../resources/store/integrations.ts'
import {
  findHeldEvents,
  findLegalHold,
  insertLegalHold,
  type LegalHold,
  liftLegalHold,
  listLegalHolds,
} from '../../../resources/store/legal-holds.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { found, idField, idFilter, idParams, isoTime, PREFIX, publicIdOrNull, time, timeQuery } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'

const tags = ['legal holds']
const MAX_EVENT_IDS = 1_000

const reason = z.string().trim().min(5).max(500)

const HoldOut = z.object({
  id: idField('legalHold'),
  status: z.enum(['in_force', 'lifted']),
  integrationId: idField('integration').nullable(),
  receivedFrom: time.nullable(),
  receivedBefore: time.nullable(),
  events: z.int().nullable().meta({ description: 'Of a hold on single events: how many.' }),
  reason: z.string(),
  createdAt: time,
  createdBy: z.string(),
  liftedAt: time.nullable(),
  liftedBy: z.string().nullable(),
  liftReason: z.string().nullable(),
})

export function legalHoldRoutes(app: Api, { db }: ApiDeps): void {
  app.post(
    `${PREFIX}/legal-holds`,
    {
      config: { access: 'legal-holds:write' },
      schema: {
        operationId: 'addLegalHold',
        summary: 'Keeps events from being removed, those that are there and those that come',
        description:
          'What is not given does not matter, and what is given holds together; `everything` says that nothing is meant to be given. When this has answered, nothing under the hold is removed.',
        tags,
        body: z
          .strictObject({
            everything: z.literal(true).optional(),
            integrationId: z.string().optional(),
            receivedFrom: timeQuery.optional(),
            receivedBefore: timeQuery.optional(),
            eventIds: z.array(z.string()).min(1).max(MAX_EVENT_IDS).optional(),
            reason,
          })
          .refine(
            ({ reason: _, everything, ...scope }) =>
              (everything === true) === Object.values(scope).every((value) => value === undefined),
            'must say what is held: a scope, or `everything`, and not both',
          )
          .refine(
            ({ receivedFrom, receivedBefore }) =>
              receivedFrom === undefined || receivedBefore === undefined || receivedFrom < receivedBefore,
            { path: ['receivedBefore'], message: 'must be later than receivedFrom' },
          ),
        response: { 201: HoldOut },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const { body } = request
      const integrationId = idFilter('integration', 'integrationId', body.integrationId) ?? null
      const eventIds = body.eventIds === undefined ? null : [...new Set(body.eventIds.map(eventIdOf))]
      const id = newId()
      const scope = {
        integrationId,
        receivedFrom: body.receivedFrom ?? null,
        receivedBefore: body.receivedBefore ?? null,
        eventIds,
      }
      const hold = await db.transaction(async (tx) => {
        if (integrationId !== null && (await findIntegration(tx, tenantId, integrationId)) === undefined)
          throw invalid('integrationId', 'is not an integration of yours')
        await insertLegalHold(tx, {
          ...{ id, tenantId, ...scope, reason: body.reason },
          ...{ createdAt: new Date(), createdBy: actor },
        })
        // After the rules are ours: what is there now is there when this commits.
        if (eventIds !== null) requireAll(eventIds, await findHeldEvents(tx, tenantId, eventIds))
        await appendAudit(tx, {
          ...{ tenantId, actor, action: 'legal_hold.set', entityType: 'legal_hold', entityId: id },
          details: {
            integrationId: publicIdOrNull('integration', integrationId),
            receivedFrom: isoTime(scope.receivedFrom),
            receivedBefore: isoTime(scope.receivedBefore),
            eventIds: eventIds?.map((each) => publicId('event', each)) ?? null,
            reason: body.reason,
          },
        })
        return found(await findLegalHold(tx, tenantId, id), 'legalHold')
      })
      return reply.code(201).send(view(hold))
    },
  )

  app.get(
    `${PREFIX}/legal-holds`,
    {
      config: { access: 'retention:read' },
      schema: {
        operationId: 'listLegalHolds',
        summary: 'Legal holds, newest first',
        tags,
        querystring: z.strictObject({ ...PAGE_QUERY, inForceOnly: z.enum(['true', 'false']).optional() }),
        response: { 200: listOf(HoldOut) },
      },
    },
    async (request) => {
      const { inForceOnly, ...page } = request.query
      const filter = { inForceOnly: inForceOnly === 'true' }
      const rows = await listLegalHolds(db, principalOf(request).tenantId, filter, pageOf(page))
      return pageAnswer(page, rows, (row) => [row.id], view)
    },
  )

  app.post(
    `${PREFIX}/legal-holds/:legalHoldId/lift`,
    {
      config: { access: 'legal-holds:write' },
      schema: {
        operationId: 'liftLegalHold',
        summary: 'Lets what is due be removed again, from the next run on',
        tags,
        params: idParams('legalHoldId'),
        body: z.strictObject({ reason }),
        response: { 200: HoldOut },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('legalHold', request.params.legalHoldId)
      const why = request.body.reason
      const hold = await db.transaction(async (tx) => {
        const lifted = await liftLegalHold(tx, tenantId, id, { at: new Date(), by: actor, reason: why })
        const now = found(await findLegalHold(tx, tenantId, id), 'legalHold')
        if (!lifted) throw new PosternError('CONFLICT', `The hold was lifted by ${now.liftedBy} before.`)
        await appendAudit(tx, {
          ...{ tenantId, actor, action: 'legal_hold.lifted', entityType: 'legal_hold', entityId: id },
          details: { reason: why, setBy: now.createdBy, setBecause: now.reason },
        })
        return now
      })
      return view(hold)
    },
  )
}

function requireAll(asked: readonly Uuid[], there: ReadonlySet<Uuid>): void {
  const missing = asked.filter((id) => !there.has(id)).map((id) => publicId('event', id))
  if (missing.length === 0) return
  const shown = missing.slice(0, 10).join(', ')
  throw invalid('eventIds', `holds ${missing.length} that are not there, such as ${shown}`)
}

function eventIdOf(text: string, index: number): Uuid {
  const id = parseId('event', text)
  if (id === undefined) throw invalid(`eventIds.${index}`, 'must be an id that begins with evt_')
  return id
}

function invalid(path: string, message: string): PosternError {
  return new PosternError('VALIDATION_ERROR', 'The hold is not valid.', { errors: [{ path, message }] })
}

function view(hold: LegalHold): z.output<typeof HoldOut> {
  return {
    id: publicId('legalHold', hold.id),
    status: hold.liftedAt === null ? 'in_force' : 'lifted',
    integrationId: publicIdOrNull('integration', hold.integrationId),
    receivedFrom: isoTime(hold.receivedFrom),
    receivedBefore: isoTime(hold.receivedBefore),
    events: hold.events,
    reason: hold.reason,
    createdAt: isoTime(hold.createdAt),
    createdBy: hold.createdBy,
    liftedAt: isoTime(hold.liftedAt),
    liftedBy: hold.liftedBy,
    liftReason: hold.liftReason,
  }
}
