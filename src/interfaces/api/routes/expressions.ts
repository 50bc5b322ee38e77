/**
 * Trying filters and transforms before they are saved: on an event that was received, or on one made up.
 *
 * Both show what an event holds, so they ask for what reading its bytes asks for, and a stored event that is used is a
 * read of its bytes in the audit trail.
 */
import { z } from 'zod'
import { PosternError } from '../../../base/model/errors.ts'
import { FILTER_FAILURES, TRANSFORM_FAILURES } from '../../../base/model/event.ts'
import { newId, publicId, requireId } from '../../../base/model/ids.ts'
import { type EventDocument, eventDocument } from '../../../flow/processing/event-document.ts'
import { MAX_FILTER_LENGTH } from '../../../flow/processing/filter.ts'
import { MAX_TRANSFORM_LENGTH } from '../../../flow/processing/transform.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import { findReceivedRequest } from '../../../resources/store/event-lists.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { idField, PREFIX } from '../fields.ts'
import { missingPayload } from '../missing-payload.ts'

const text = z.string().max(500)

/** What is not given has the value of an empty POST that arrived now. */
const SampleEvent = z
  .strictObject({
    method: text.optional(),
    target: text.startsWith('/').optional().meta({ description: 'Path and query.' }),
    headers: z.record(text, z.string().max(8192)).optional(),
    body: z.unknown().optional(),
    attributes: z
      .strictObject({
        id: text.optional(),
        source: text.optional(),
        type: text.optional(),
        subject: text.optional(),
        time: z.iso.datetime({ offset: true }).optional(),
        datacontenttype: text.optional(),
        provider: text.optional(),
      })
      .optional(),
  })
  .meta({ description: 'An event made up for the occasion.' })

const TRIED_ON = {
  eventId: idField('event').optional().meta({ description: 'A received event; its use is audited.' }),
  event: SampleEvent.optional(),
}

interface TriedOn {
  readonly eventId?: string | undefined
  readonly event?: z.infer<typeof SampleEvent> | undefined
}

const Failure = z
  .object({
    reason: z.enum([...FILTER_FAILURES, ...TRANSFORM_FAILURES]),
    message: z.string(),
    line: z.int(),
    column: z.int(),
  })
  .nullable()
  .meta({ description: 'Why an event would be parked instead, and where in the expression that comes from.' })

const tags = ['routing']

export function expressionRoutes(app: Api, deps: ApiDeps): void {
  app.post(
    `${PREFIX}/filters/test`,
    {
      config: { access: 'events:raw' },
      schema: {
        operationId: 'testFilter',
        summary: 'Says whether a filter takes an event, without saving anything',
        tags,
        body: z.strictObject({ filter: z.string().max(MAX_FILTER_LENGTH), ...TRIED_ON }),
        response: {
          200: z.object({
            matches: z.boolean().nullable().meta({ description: '`null` when it cannot be said.' }),
            failure: Failure,
          }),
        },
      },
    },
    async (request) => {
      const compilation = deps.filters.compile(request.body.filter)
      if (!compilation.ok) throw invalid('filter', compilation.error)
      const document = await documentFor(deps, principalOf(request), request.body)
      const result = compilation.filter.run(document)
      return result.ok
        ? { matches: result.matches, failure: null }
        : { matches: null, failure: { reason: result.reason, ...result.error } }
    },
  )

  app.post(
    `${PREFIX}/transforms/test`,
    {
      config: { access: 'events:raw' },
      schema: {
        operationId: 'testTransform',
        summary: 'Shows the body that a transform makes of an event, without saving anything',
        tags,
        body: z.strictObject({ transform: z.string().max(MAX_TRANSFORM_LENGTH), ...TRIED_ON }),
        response: {
          200: z.object({
            body: z.unknown().meta({ description: 'What would be delivered; `null` also when there is a failure.' }),
            failure: Failure,
          }),
        },
      },
    },
    async (request) => {
      const principal = principalOf(request)
      const { transform } = request.body
      const compilation = await deps.transforms.compile(transform, principal.tenantId)
      if (!compilation.ok) throw invalid('transform', compilation.error)
      const document = await documentFor(deps, principal, request.body)
      const result = await deps.transforms.run(transform, document, principal.tenantId)
      return result.ok
        ? { body: JSON.parse(result.body), failure: null }
        : { body: null, failure: { reason: result.reason, ...result.error } }
    },
  )
}

function invalid(
  path: string,
  { message, line, column }: { readonly message: string; readonly line: number; readonly column: number },
): PosternError {
  return new PosternError('VALIDATION_ERROR', `The ${path} is not valid.`, {
    errors: [{ path, message: `line ${line}, column ${column}: ${message}` }],
  })
}

async function documentFor(
  { db, documentOf }: ApiDeps,
  { tenantId, name: actor }: ReturnType<typeof principalOf>,
  { eventId, event }: TriedOn,
): Promise<EventDocument> {
  if ((eventId === undefined) === (event === undefined)) {
    throw new PosternError('VALIDATION_ERROR', 'Give either `eventId` or `event`.', {
      errors: [{ path: 'eventId', message: 'is needed, or `event`, and not both' }],
    })
  }
  if (eventId === undefined) return madeUp(event ?? {})
  const id = requireId('event', eventId)
  const received = await db.transaction(async (tx) => {
    const row = (await findReceivedRequest(tx, tenantId, id)) ?? (await missingPayload(tx, tenantId, id))
    const details = { bytes: row.body.length }
    await appendAudit(tx, { tenantId, actor, action: 'event.raw_read', entityType: 'event', entityId: id, details })
    return row
  })
  return documentOf(received)
}

function madeUp({ method, target, headers, body, attributes }: z.infer<typeof SampleEvent>): EventDocument {
  const { id, source, type, subject, time, datacontenttype, provider } = attributes ?? {}
  return eventDocument({
    method: method ?? 'POST',
    target: target ?? '/',
    headers: Object.entries(headers ?? {}),
    body: body ?? null,
    attributes: {
      id: id ?? publicId('event', newId()),
      source: source ?? '/providers/sample',
      type: type ?? 'unknown',
      ...(subject === undefined ? {} : { subject }),
      time: time === undefined ? new Date() : new Date(time),
      datacontenttype: datacontenttype ?? 'application/json',
      provider: provider ?? 'sample',
    },
  })
}
