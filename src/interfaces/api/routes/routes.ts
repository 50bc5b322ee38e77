/** Routes: which events of an integration go to which destination. */
import { z } from 'zod'
import type { RouteRules } from '../../../base/model/destination.ts'
import { PosternError } from '../../../base/model/errors.ts'
import { type IdKind, newId, parseId, publicId, requireId, type Uuid } from '../../../base/model/ids.ts'
import { MAX_FILTER_LENGTH } from '../../../flow/processing/filter.ts'
import { MAX_TRANSFORM_LENGTH } from '../../../flow/processing/transform.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import { lockDestination } from '../../../resources/store/destinations.ts'
import { lockIntegration } from '../../../resources/store/integrations.ts'
import {
  changeRoute,
  deleteRoute,
  findRoute,
  insertRoute,
  listRoutes,
  listRouteVersions,
  lockRoute,
} from '../../../resources/store/routes.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { RouteOut, routeView, rulesView } from '../destination-view.ts'
import { found, idFilter, idParams, isoTime, PREFIX, time } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'

const tags = ['routes']
const SHOWN_VERSIONS = 50

const Rules = {
  eventTypes: z
    .array(
      z
        .string()
        .min(1)
        .max(200)
        .regex(/^[^\p{Cc}]+$/u, 'must not contain control characters'),
    )
    .min(1)
    .max(100)
    .nullable()
    .meta({
      description: 'Only types that fit one of these, where `*` stands for any run of characters; `null`: all.',
    }),
  filter: z.string().min(1).max(MAX_FILTER_LENGTH).nullable().meta({
    description:
      'Only events for which this CEL expression is true; `null`: all. An event on which it fails is parked.',
  }),
  transform: z.string().min(1).max(MAX_TRANSFORM_LENGTH).nullable().meta({
    description:
      'JSONata that makes the body that is delivered; `null`: the bytes as received. An event on which it fails is parked.',
  }),
}

const RouteIn = z.strictObject({
  integrationId: z.string(),
  destinationId: z.string(),
  ...z.object(Rules).partial().shape,
})

const RoutePatch = z
  .strictObject(z.object(Rules).partial().shape)
  .refine((patch) => Object.keys(patch).length > 0, 'must change something')

const RouteDetailOut = RouteOut.extend({
  versions: z.array(
    RouteOut.pick({ version: true, eventTypes: true, filter: true, transform: true }).extend({
      changedBy: z.string(),
      createdAt: time,
    }),
  ),
})

export function routeRoutes(app: Api, deps: ApiDeps): void {
  const { db } = deps

  app.post(
    `${PREFIX}/routes`,
    {
      config: { access: 'routes:write' },
      schema: {
        operationId: 'createRoute',
        summary: 'Leads events of an integration to a destination',
        tags,
        body: RouteIn,
        response: { 201: RouteOut },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const integrationId = reference('integration', 'integrationId', request.body.integrationId)
      const destinationId = reference('destination', 'destinationId', request.body.destinationId)
      await checkExpressions(deps, tenantId, request.body)
      const route = await db.transaction(async (tx) => {
        if ((await lockIntegration(tx, tenantId, integrationId)) === undefined) throw missing('integration')
        if ((await lockDestination(tx, tenantId, destinationId)) === undefined) throw missing('destination')
        const ends = { id: newId(), tenantId, integrationId, destinationId }
        const made = await insertRoute(tx, { ...ends, ...rulesOf(NO_RULES, request.body) }, actor)
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'route.created',
          entityType: 'route',
          entityId: made.id,
          details: {
            integrationId: publicId('integration', integrationId),
            destinationId: publicId('destination', destinationId),
            eventTypes: made.eventTypes,
          },
        })
        return made
      })
      return reply.code(201).send(routeView(route))
    },
  )

  app.get(
    `${PREFIX}/routes`,
    {
      config: { access: 'routes:read' },
      schema: {
        operationId: 'listRoutes',
        summary: 'Routes, newest first',
        tags,
        querystring: z.strictObject({
          ...PAGE_QUERY,
          integrationId: z.string().optional(),
          destinationId: z.string().optional(),
        }),
        response: { 200: listOf(RouteOut) },
      },
    },
    async (request) => {
      const { integrationId, destinationId, ...page } = request.query
      const filter = {
        integrationId: idFilter('integration', 'integrationId', integrationId),
        destinationId: idFilter('destination', 'destinationId', destinationId),
      }
      const rows = await listRoutes(db, principalOf(request).tenantId, filter, pageOf(page))
      return pageAnswer(page, rows, (row) => [row.id], routeView)
    },
  )

  app.get(
    `${PREFIX}/routes/:routeId`,
    {
      config: { access: 'routes:read' },
      schema: {
        operationId: 'getRoute',
        summary: 'One route with its versions, newest first',
        tags,
        params: idParams('routeId'),
        response: { 200: RouteDetailOut },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request)
      const id = requireId('route', request.params.routeId)
      const route = found(await findRoute(db, tenantId, id), 'route')
      const versions = await listRouteVersions(db, tenantId, id, SHOWN_VERSIONS)
      return {
        ...routeView(route),
        versions: versions.map((each) => ({
          version: each.version,
          ...rulesView(each),
          changedBy: each.changedBy,
          createdAt: isoTime(each.createdAt),
        })),
      }
    },
  )

  app.patch(
    `${PREFIX}/routes/:routeId`,
    {
      config: { access: 'routes:write' },
      schema: {
        operationId: 'changeRoute',
        summary: 'Changes what a route lets through; a new version',
        tags,
        params: idParams('routeId'),
        body: RoutePatch,
        response: { 200: RouteOut },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('route', request.params.routeId)
      await checkExpressions(deps, tenantId, request.body)
      const route = await db.transaction(async (tx) => {
        const present = found(await lockRoute(tx, tenantId, id), 'route')
        const changed = await changeRoute(tx, present, rulesOf(present, request.body), actor)
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'route.changed',
          entityType: 'route',
          entityId: id,
          details: { version: changed.version, fields: Object.keys(request.body).sort() },
        })
        return changed
      })
      return routeView(route)
    },
  )

  app.delete(
    `${PREFIX}/routes/:routeId`,
    {
      config: { access: 'routes:write' },
      schema: {
        operationId: 'removeRoute',
        summary: 'Removes a route; deliveries that were made under it go on',
        tags,
        params: idParams('routeId'),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('route', request.params.routeId)
      await db.transaction(async (tx) => {
        if (!(await deleteRoute(tx, tenantId, id))) found(undefined, 'route')
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'route.removed',
          entityType: 'route',
          entityId: id,
          details: {},
        })
      })
      return reply.code(204).send(null)
    },
  )
}

const NO_RULES: RouteRules = { eventTypes: null, filter: null, transform: null }

/** What is given replaces what is there, `null` included. */
function rulesOf(present: RouteRules, given: z.output<typeof RoutePatch>): RouteRules {
  const { eventTypes = present.eventTypes, filter = present.filter, transform = present.transform } = given
  return { eventTypes, filter, transform }
}

/** @throws PosternError `VALIDATION_ERROR` with the place in the expression. */
async function checkExpressions(
  { filters, transforms }: Pick<ApiDeps, 'filters' | 'transforms'>,
  tenantId: Uuid,
  { filter, transform }: z.output<typeof RoutePatch>,
): Promise<void> {
  const compiled = {
    filter: typeof filter === 'string' ? filters.compile(filter) : undefined,
    transform: typeof transform === 'string' ? await transforms.compile(transform, tenantId) : undefined,
  }
  const errors = Object.entries(compiled).flatMap(([path, result]) => {
    if (result === undefined || result.ok) return []
    const { message, line, column } = result.error
    return [{ path, message: `${message} (line ${line}, column ${column})` }]
  })
  if (errors.length > 0) throw new PosternError('VALIDATION_ERROR', 'The route cannot be used.', { errors })
}

/** @throws PosternError `VALIDATION_ERROR`: it stands in a body, not in the address. */
function reference(kind: IdKind, path: string, text: string): Uuid {
  const id = parseId(kind, text)
  if (id === undefined) throw invalid(path, `must be the id of ${kind === 'integration' ? 'an' : 'a'} ${kind}`)
  return id
}

function missing(kind: 'integration' | 'destination'): PosternError {
  return invalid(`${kind}Id`, `names no ${kind} that there is`)
}

function invalid(path: string, message: string): PosternError {
  return new PosternError('VALIDATION_ERROR', 'The route cannot be used.', { errors: [{ path, message }] })
}
