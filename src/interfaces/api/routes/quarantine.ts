/** Refused requests: that they came, when, from where and why they were refused. Not what they contained. */
import { z } from 'zod'
import { publicId } from '../../../base/model/ids.ts'
import { listQuarantine } from '../../../resources/store/quarantine-lists.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { idField, idFilter, isoTime, PREFIX, time } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'

const RefusedOut = z.object({
  id: idField('quarantine'),
  integrationId: idField('integration'),
  reason: z.string(),
  receivedAt: time,
  sourceIp: z.string(),
  method: z.string(),
  bodyBytes: z.int(),
})

export function quarantineRoutes(app: Api, { db }: ApiDeps): void {
  app.get(
    `${PREFIX}/quarantine`,
    {
      config: { access: 'quarantine:read' },
      schema: {
        operationId: 'listQuarantine',
        summary: 'Refused requests, newest first',
        tags: ['quarantine'],
        querystring: z.strictObject({ ...PAGE_QUERY, integrationId: z.string().optional() }),
        response: { 200: listOf(RefusedOut) },
      },
    },
    async (request) => {
      const { integrationId, ...page } = request.query
      const filter = { integrationId: idFilter('integration', 'integrationId', integrationId) }
      const rows = await listQuarantine(db, principalOf(request).tenantId, filter, pageOf(page))
      return pageAnswer(
        page,
        rows,
        (row) => [row.id],
        (row) => ({
          ...row,
          id: publicId('quarantine', row.id),
          integrationId: publicId('integration', row.integrationId),
          receivedAt: isoTime(row.receivedAt),
        }),
      )
    },
  )
}
