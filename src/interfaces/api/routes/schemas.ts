/** What events of each type look like, in what they have drifted, and what they must look like. */
import { z } from 'zod'
import { compileJsonSchema } from '../../../base/lib/json-schema.ts'
import { JSON_TYPES } from '../../../base/lib/json-shape.ts'
import { PosternError } from '../../../base/model/errors.ts'
import { DRIFT_KINDS, SCHEMA_POLICIES } from '../../../base/model/event-schema.ts'
import { publicId, requireId } from '../../../base/model/ids.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import {
  type EventSchema,
  type EventSchemaSummary,
  findEventSchema,
  listEventSchemas,
  listSchemaDrifts,
  type SchemaDrift,
  setEventSchema,
} from '../../../resources/store/event-schemas.ts'
import { findIntegration, notifyIntegrationsChanged } from '../../../resources/store/integrations.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { found, idField, idFilter, idParams, isoTime, PREFIX, time } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'

const SchemaSummaryOut = z.object({
  id: idField('schema'),
  integrationId: idField('integration'),
  eventType: z.string(),
  samples: z.int().meta({ description: 'How many events were looked at; not each is.' }),
  learntAt: time.nullable().meta({ description: 'Since then differences are told of.' }),
  lastSampleAt: time.nullable(),
  drifts: z.int().meta({ description: 'A thousand stands for that many or more.' }),
  hasJsonSchema: z.boolean(),
  policy: z.enum(SCHEMA_POLICIES),
})

const JsonSchema = z.record(z.string(), z.unknown()).nullable()

const SchemaOut = SchemaSummaryOut.extend({
  shape: z.record(z.string(), z.array(z.enum(JSON_TYPES))).meta({
    description: 'Each place, a JSON Pointer in which `*` is any item, with the types that stood there.',
  }),
  jsonSchema: JsonSchema,
})

const DriftOut = z.object({
  id: idField('drift'),
  kind: z.enum(DRIFT_KINDS),
  place: z.string(),
  before: z.array(z.string()),
  after: z.array(z.string()),
  detail: z.string().nullable().meta({ description: 'Of a mismatch: what the schema asks.' }),
  eventId: idField('event').meta({ description: 'The sample in which it was found.' }),
  foundAt: time,
})

const tags = ['schemas']

export function schemaRoutes(app: Api, deps: ApiDeps): void {
  const { db } = deps

  app.get(
    `${PREFIX}/schemas`,
    {
      config: { access: 'schemas:read' },
      schema: {
        operationId: 'listSchemas',
        summary: 'Types of events, with how far each is known',
        tags,
        querystring: z.strictObject({ ...PAGE_QUERY, integrationId: z.string().optional() }),
        response: { 200: listOf(SchemaSummaryOut) },
      },
    },
    async (request) => {
      const { integrationId, ...page } = request.query
      const filter = { integrationId: idFilter('integration', 'integrationId', integrationId) }
      const rows = await listEventSchemas(db, principalOf(request).tenantId, filter, pageOf(page))
      return pageAnswer(page, rows, (row) => [row.id], summaryView)
    },
  )

  app.get(
    `${PREFIX}/schemas/:schemaId`,
    {
      config: { access: 'schemas:read' },
      schema: {
        operationId: 'getSchema',
        summary: 'What events of one type look like, and what is asked of them',
        tags,
        params: idParams('schemaId'),
        response: { 200: SchemaOut },
      },
    },
    async (request) => {
      const id = requireId('schema', request.params.schemaId)
      return schemaView(found(await findEventSchema(db, principalOf(request).tenantId, id), 'schema'))
    },
  )

  app.get(
    `${PREFIX}/schemas/:schemaId/drifts`,
    {
      config: { access: 'schemas:read' },
      schema: {
        operationId: 'listSchemaDrifts',
        summary: 'In what the events of one type have changed, newest first',
        tags,
        params: idParams('schemaId'),
        querystring: z.strictObject(PAGE_QUERY),
        response: { 200: listOf(DriftOut) },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request)
      const id = requireId('schema', request.params.schemaId)
      found(await findEventSchema(db, tenantId, id), 'schema')
      const rows = await listSchemaDrifts(db, tenantId, id, pageOf(request.query))
      return pageAnswer(request.query, rows, (row) => [row.id], driftView)
    },
  )

  app.put(
    `${PREFIX}/schemas`,
    {
      config: { access: 'schemas:write' },
      schema: {
        operationId: 'setSchema',
        summary: 'Says what events of one type must look like, also before one was seen',
        description:
          'An event that is not as asked is accepted and noted among the drifts, parked, or refused with 400. `jsonSchema: null` asks for nothing any more.',
        tags,
        body: z.strictObject({
          integrationId: idField('integration'),
          eventType: z.string().min(1).max(200),
          jsonSchema: JsonSchema,
          policy: z.enum(SCHEMA_POLICIES).default('accept'),
        }),
        response: { 200: SchemaOut },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      const { eventType, jsonSchema, policy } = request.body
      const integrationId = requireId('integration', request.body.integrationId)
      const compilation = jsonSchema === null ? undefined : compileJsonSchema(jsonSchema)
      if (compilation?.ok === false) throw invalid('jsonSchema', compilation.message)
      if (/\p{Cc}|\p{Cs}/u.test(eventType)) throw invalid('eventType', 'must not contain control characters')
      const id = await db.transaction(async (tx) => {
        found(await findIntegration(tx, tenantId, integrationId), 'integration')
        const schemaId = await setEventSchema(tx, { tenantId, integrationId, eventType, jsonSchema, policy })
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'schema.set',
          entityType: 'schema',
          entityId: schemaId,
          details: { eventType, policy, asks: jsonSchema !== null },
        })
        await notifyIntegrationsChanged(tx)
        return schemaId
      })
      await deps.integrationsChanged()
      return schemaView(found(await findEventSchema(db, tenantId, id), 'schema'))
    },
  )
}

function invalid(path: string, message: string): PosternError {
  return new PosternError('VALIDATION_ERROR', 'The schema cannot be used.', { errors: [{ path, message }] })
}

function summaryView(row: EventSchemaSummary): z.output<typeof SchemaSummaryOut> {
  return {
    id: publicId('schema', row.id),
    integrationId: publicId('integration', row.integrationId),
    eventType: row.eventType,
    samples: row.samples,
    learntAt: isoTime(row.learntAt),
    lastSampleAt: isoTime(row.lastSampleAt),
    drifts: row.drifts,
    hasJsonSchema: row.hasJsonSchema,
    policy: row.policy,
  }
}

function schemaView(row: EventSchema): z.output<typeof SchemaOut> {
  const shape = Object.fromEntries(Object.entries(row.shape).map(([place, types]) => [place, [...types]]))
  return { ...summaryView(row), shape, jsonSchema: row.jsonSchema }
}

function driftView(row: SchemaDrift): z.output<typeof DriftOut> {
  return {
    id: publicId('drift', row.id),
    kind: row.kind,
    place: row.place,
    before: [...row.before],
    after: [...row.after],
    detail: row.detail,
    eventId: publicId('event', row.eventId),
    foundAt: isoTime(row.foundAt),
  }
}
