/** The audit trail: who did what to which thing. Checked offline by `postern audit verify`. */
import { z } from 'zod'
import { PosternError } from '../../../base/model/errors.ts'
import { ID_PREFIXES, type IdKind, parseId, publicId, type Uuid } from '../../../base/model/ids.ts'
import { type AuditRecord, listAuditEntries } from '../../../resources/store/audit-lists.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { idField, isoTime, PREFIX, time } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'

const AuditOut = z.object({
  id: idField('audit'),
  at: time,
  actor: z.string(),
  action: z.string(),
  entityType: z.string(),
  entityId: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  chain: z.string().meta({ description: 'Id of the hash chain the entry belongs to.' }),
  seq: z.int().meta({ description: 'Its place in the chain.' }),
  hash: z.string().meta({ description: 'SHA-256 over the entry and the hash before it, in hex.' }),
})

const word = z.string().regex(/^[a-z][a-z0-9_.-]{0,79}$/, 'must be a name such as integration.created')

export function auditRoutes(app: Api, { db }: ApiDeps): void {
  app.get(
    `${PREFIX}/audit-entries`,
    {
      config: { access: 'audit:read' },
      schema: {
        operationId: 'listAuditEntries',
        summary: 'Audit entries, newest first',
        description: 'For an event also the receipt of the batch it was committed in.',
        tags: ['audit'],
        querystring: z.strictObject({
          ...PAGE_QUERY,
          entityType: word.optional(),
          entityId: z.string().optional(),
          action: word.optional(),
        }),
        response: { 200: listOf(AuditOut) },
      },
    },
    async (request) => {
      const { entityType, entityId, action, ...page } = request.query
      const filter = { entityType, entityId: entityId === undefined ? undefined : anyId(entityId), action }
      const rows = await listAuditEntries(db, principalOf(request).tenantId, filter, pageOf(page))
      return pageAnswer(page, rows, (row) => [row.id], entryView)
    },
  )
}

/** The kind is in the prefix. @throws PosternError `VALIDATION_ERROR` */
function anyId(text: string): Uuid {
  for (const kind of Object.keys(ID_PREFIXES)) {
    const id = isIdKind(kind) ? parseId(kind, text) : undefined
    if (id !== undefined) return id
  }
  throw new PosternError('VALIDATION_ERROR', 'A filter is not valid.', {
    errors: [{ path: 'entityId', message: 'must be an id such as evt_…' }],
  })
}

function entryView(row: AuditRecord): z.output<typeof AuditOut> {
  return {
    id: publicId('audit', row.id),
    at: isoTime(row.at),
    actor: row.actor,
    action: row.action,
    entityType: row.entityType,
    entityId:
      row.entityId === null ? null : isIdKind(row.entityType) ? publicId(row.entityType, row.entityId) : row.entityId,
    details: z.record(z.string(), z.unknown()).parse(JSON.parse(row.details)),
    chain: row.chainId,
    seq: row.seq,
    hash: row.hash.toString('hex'),
  }
}

function isIdKind(text: string): text is IdKind {
  return Object.hasOwn(ID_PREFIXES, text)
}
