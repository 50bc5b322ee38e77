/** Alerts: what a rule found, while it lasts and afterwards, and who was told of it. */
import { z } from 'zod'
import {
  ALERT_KINDS,
  ALERT_STATUSES,
  type AlertStatus,
  NOTIFICATION_STATUSES,
  TRANSITIONS,
} from '../../../base/model/alert.ts'
import { publicId, requireId, type Uuid } from '../../../base/model/ids.ts'
import {
  type AlertRecord,
  acknowledgeAlert,
  findAlert,
  listAlerts,
  listNotifications,
  type NotificationRecord,
} from '../../../resources/store/alerts.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import type { Queryable } from '../../../resources/store/database.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { found, idField, idParams, isoTime, PREFIX, publicIdOrNull, time } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'

const tags = ['alerts']

const AlertOut = z.object({
  id: idField('alert'),
  kind: z.enum(ALERT_KINDS),
  status: z.enum(ALERT_STATUSES).meta({
    description: '`open` and `acknowledged`: its condition holds. `resolved`: it holds no more.',
  }),
  destinationId: idField('destination').nullable(),
  integrationId: idField('integration').nullable(),
  about: z.string().nullable().meta({ description: 'The name of that destination or integration.' }),
  details: z.record(z.string(), z.unknown()).meta({ description: 'What was found the last time its condition held.' }),
  createdAt: time,
  lastSeenAt: time,
  resolvedAt: time.nullable(),
  acknowledgedAt: time.nullable(),
  acknowledgedBy: z.string().nullable(),
})

const AlertDetailOut = AlertOut.extend({
  notifications: z.array(
    z.object({
      id: idField('notification'),
      channelId: idField('alertChannel'),
      channel: z.string(),
      transition: z.enum(TRANSITIONS),
      status: z.enum(NOTIFICATION_STATUSES),
      attempts: z.int(),
      lastError: z.string().nullable(),
      createdAt: time,
      finishedAt: time.nullable(),
    }),
  ),
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
          status: z.enum(ALERT_STATUSES).optional(),
        }),
        response: { 200: listOf(AlertOut) },
      },
    },
    async (request) => {
      const { kind, status, ...page } = request.query
      const rows = await listAlerts(db, principalOf(request).tenantId, { kind, status }, pageOf(page))
      return pageAnswer(page, rows, (row) => [row.id], view)
    },
  )

  app.get(
    `${PREFIX}/alerts/:alertId`,
    {
      config: { access: 'alerts:read' },
      schema: {
        operationId: 'getAlert',
        summary: 'One alert, with who was told of it',
        tags,
        params: idParams('alertId'),
        response: { 200: AlertDetailOut },
      },
    },
    async (request) => detail(db, principalOf(request).tenantId, requireId('alert', request.params.alertId)),
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
        response: { 200: AlertDetailOut },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('alert', request.params.alertId)
      return db.transaction(async (tx) => {
        found((await acknowledgeAlert(tx, tenantId, id, actor)) || undefined, 'alert')
        const known = await detail(tx, tenantId, id)
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
    },
  )
}

async function detail(db: Queryable, tenantId: Uuid, id: Uuid): Promise<z.output<typeof AlertDetailOut>> {
  const alert = found(await findAlert(db, tenantId, id), 'alert')
  return { ...view(alert), notifications: (await listNotifications(db, tenantId, id)).map(notificationView) }
}

function view(row: AlertRecord): z.output<typeof AlertOut> {
  return {
    id: publicId('alert', row.id),
    kind: row.kind,
    status: statusOf(row),
    destinationId: publicIdOrNull('destination', row.destinationId),
    integrationId: publicIdOrNull('integration', row.integrationId),
    about: row.destinationName ?? row.integrationName,
    details: { ...row.details },
    createdAt: isoTime(row.createdAt),
    lastSeenAt: isoTime(row.lastSeenAt),
    resolvedAt: isoTime(row.resolvedAt),
    acknowledgedAt: isoTime(row.acknowledgedAt),
    acknowledgedBy: row.acknowledgedBy,
  }
}

function statusOf({ resolvedAt, acknowledgedAt }: AlertRecord): AlertStatus {
  if (resolvedAt !== null) return 'resolved'
  return acknowledgedAt === null ? 'open' : 'acknowledged'
}

function notificationView(row: NotificationRecord): z.output<typeof AlertDetailOut>['notifications'][number] {
  return {
    id: publicId('notification', row.id),
    channelId: publicId('alertChannel', row.channelId),
    channel: row.channelName,
    transition: row.transition,
    status: row.status,
    attempts: row.attempts,
    lastError: row.lastError,
    createdAt: isoTime(row.createdAt),
    finishedAt: isoTime(row.finishedAt),
  }
}
