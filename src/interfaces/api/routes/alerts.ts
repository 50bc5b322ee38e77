/** Alerts: what a machine did or saw that somebody should know. */
import { z } from 'zod'
import { publicId, requireId } from '../../../base/model/ids.ts'
import { ALERT_KINDS, type AlertRecord, acknowledgeAlert, listAlerts } from '../../../resources/store/alerts.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { found, idField, idParams, isoTime, PREFIX, publicIdOrNull, time } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'

const tags = ['alerts']

const AlertOut = z.object({
  id: idField('alert'),
  kind: z.enum(ALERT_KINDS),
  destinationId: idField('destination').nullable(),
  details: z.record(z.string(), z.unknown()),
  createdAt: time,
  acknowledgedAt: time.nullable(),
  acknowledgedBy: z.string().nullable(),
})

export function alertRoutes(app: Api, { db }: ApiDeps): void {
  app.get(
    `${PREFIX}/alerts`,
    {
      config: { access: 'alerts:read' },
      schema: {
        operationId: 'listAlerts',
        summary: 'Alerts, newest first',
        tags,
        querystring: z.strictObject({
          ...PAGE_QUERY,
          kind: z.enum(ALERT_KINDS).optional(),
          openOnly: z.enum(['true', 'false']).optional(),
        }),
        response: { 200: listOf(AlertOut) },
      },
    },
    async (request) => {
      const { kind, openOnly, ...page } = request.query
      const filter = { kind, openOnly: openOnly === 'true' }
      const rows = await listAlerts(db, principalOf(request).tenantId, filter, pageOf(page))
      return pageAnswer(page, rows, (row) => [row.id], view)
    },
  )

  app.post(
    `${PREFIX}/alerts/:alertId/acknowledge`,
    {
      config: { access: 'alerts:write' },
      schema: {
        operationId: 'acknowledgeAlert',
        summary: 'Says that somebody knows',
        tags,
        params: idParams('alertId'),
        response: { 200: AlertOut },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('alert', request.params.alertId)
      const alert = await db.transaction(async (tx) => {
        const known = found(await acknowledgeAlert(tx, tenantId, id, actor), 'alert')
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'alert.acknowledged',
          entityType: 'alert',
          entityId: id,
          details: { kind: known.kind },
        })
        return known
      })
      return view(alert)
    },
  )
}

function view(row: AlertRecord): z.output<typeof AlertOut> {
  return {
    id: publicId('alert', row.id),
    kind: row.kind,
    destinationId: publicIdOrNull('destination', row.destinationId),
    details: { ...row.details },
    createdAt: isoTime(row.createdAt),
    acknowledgedAt: isoTime(row.acknowledgedAt),
    acknowledgedBy: row.acknowledgedBy,
  }
}
