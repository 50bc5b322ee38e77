/** Alert channels: whom alerts are told to. Addresses and credentials go in and never come out. */
import { z } from 'zod'
import { ALERT_KINDS, CHANNEL_KINDS, CHANNEL_STATUSES } from '../../../base/model/alert.ts'
import { publicId, requireId } from '../../../base/model/ids.ts'
import {
  type AlertChannel,
  deleteAlertChannel,
  findAlertChannel,
  insertAlertChannel,
  listAlertChannels,
  lockAlertChannel,
  updateAlertChannel,
} from '../../../resources/store/alert-channels.ts'
import { dropQueued } from '../../../resources/store/alert-notifications.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import { principalOf } from '../access-check.ts'
import { ChannelIn, ChannelPatch, changedChannel, newChannel, rotatedChannel } from '../alert-channel-fields.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { found, idField, idParams, isoTime, PREFIX, time } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'
import { makeSigningSecret } from '../signing-secret.ts'

const tags = ['alerts']

const ChannelOut = z.object({
  id: idField('alertChannel'),
  name: z.string(),
  kind: z.enum(CHANNEL_KINDS),
  status: z.enum(CHANNEL_STATUSES),
  origin: z.string().meta({ description: 'Scheme, host and port of its address; the rest is a secret.' }),
  from: z.string().optional(),
  to: z.array(z.string()).optional(),
  plaintext: z.boolean().optional(),
  allowCidrs: z.array(z.string()),
  rules: z.array(z.enum(ALERT_KINDS)).nullable(),
  ratePerHour: z.int(),
  failures: z.int().meta({ description: 'Tries in a row that did not get through.' }),
  lastError: z.string().nullable(),
  lastSentAt: time.nullable(),
  createdAt: time,
  updatedAt: time,
})

/** Whoever checks signatures there is told of the new secret by people. */
const OVERLAP_MS = 86_400_000

export function alertChannelRoutes(app: Api, deps: ApiDeps): void {
  const { db } = deps

  app.post(
    `${PREFIX}/alert-channels`,
    {
      config: { access: 'alert-settings:write' },
      schema: {
        operationId: 'createAlertChannel',
        summary: 'Adds somebody who is told of alerts from now on',
        description: 'A webhook without a `signingSecret` gets one of ours: rotate it to see one.',
        tags,
        body: ChannelIn,
        response: { 201: ChannelOut },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const channel = newChannel(deps, tenantId, request.body)
      const made = await db.transaction(async (tx) => {
        const created = await insertAlertChannel(tx, channel)
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'alert_channel.created',
          entityType: 'alert_channel',
          entityId: created.id,
          details: { kind: created.kind, name: created.name, origin: created.settings.origin },
        })
        return created
      })
      return reply.code(201).send(view(made))
    },
  )

  app.get(
    `${PREFIX}/alert-channels`,
    {
      config: { access: 'alerts:read' },
      schema: {
        operationId: 'listAlertChannels',
        summary: 'Alert channels, newest first',
        tags,
        querystring: z.strictObject(PAGE_QUERY),
        response: { 200: listOf(ChannelOut) },
      },
    },
    async (request) => {
      const rows = await listAlertChannels(db, principalOf(request).tenantId, pageOf(request.query))
      return pageAnswer(request.query, rows, (row) => [row.id], view)
    },
  )

  app.get(
    `${PREFIX}/alert-channels/:alertChannelId`,
    {
      config: { access: 'alerts:read' },
      schema: {
        operationId: 'getAlertChannel',
        summary: 'One alert channel, without its address',
        tags,
        params: idParams('alertChannelId'),
        response: { 200: ChannelOut },
      },
    },
    async (request) => {
      const id = requireId('alertChannel', request.params.alertChannelId)
      return view(found(await findAlertChannel(db, principalOf(request).tenantId, id), 'alertChannel'))
    },
  )

  app.patch(
    `${PREFIX}/alert-channels/:alertChannelId`,
    {
      config: { access: 'alert-settings:write' },
      schema: {
        operationId: 'changeAlertChannel',
        summary: 'Changes what is given and leaves the rest',
        description:
          'Disabled, it is told nothing, and what waits for it is dropped. Another server is not sent the credentials of the one before: give them anew.',
        tags,
        params: idParams('alertChannelId'),
        body: ChannelPatch,
        response: { 200: ChannelOut },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('alertChannel', request.params.alertChannelId)
      return db.transaction(async (tx) => {
        const present = found(await lockAlertChannel(tx, tenantId, id), 'alertChannel')
        const changed = await updateAlertChannel(tx, changedChannel(deps, present, request.body))
        if (changed.status === 'disabled') await dropQueued(tx, id, { now: new Date(), reason: 'channel_disabled' })
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'alert_channel.changed',
          entityType: 'alert_channel',
          entityId: id,
          details: {
            fields: Object.keys(request.body).sort(),
            ...(present.status === changed.status ? {} : { status: changed.status, before: present.status }),
            ...(present.settings.origin === changed.settings.origin ? {} : { origin: changed.settings.origin }),
          },
        })
        return view(changed)
      })
    },
  )

  app.delete(
    `${PREFIX}/alert-channels/:alertChannelId`,
    {
      config: { access: 'alert-settings:write' },
      schema: {
        operationId: 'deleteAlertChannel',
        summary: 'Deletes a channel, with what was to be told there',
        tags,
        params: idParams('alertChannelId'),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('alertChannel', request.params.alertChannelId)
      await db.transaction(async (tx) => {
        const { kind, name } = found(await lockAlertChannel(tx, tenantId, id), 'alertChannel')
        await deleteAlertChannel(tx, tenantId, id)
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'alert_channel.deleted',
          entityType: 'alert_channel',
          entityId: id,
          details: { kind, name },
        })
      })
      return reply.code(204).send(null)
    },
  )

  app.post(
    `${PREFIX}/alert-channels/:alertChannelId/signing-secret`,
    {
      config: { access: 'alert-settings:write' },
      schema: {
        operationId: 'rotateAlertChannelSecret',
        summary: 'Makes a new signing secret for a webhook and shows it this once',
        description: 'The secret before signs beside it for a day.',
        tags,
        params: idParams('alertChannelId'),
        response: { 201: z.object({ id: idField('alertChannel'), secret: z.string(), previousUntil: time }) },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('alertChannel', request.params.alertChannelId)
      const { text: secret } = makeSigningSecret('v1')
      const until = new Date(Date.now() + OVERLAP_MS)
      await db.transaction(async (tx) => {
        const present = found(await lockAlertChannel(tx, tenantId, id), 'alertChannel')
        await updateAlertChannel(tx, rotatedChannel(deps, present, secret, until))
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'alert_channel.signing_secret_rotated',
          entityType: 'alert_channel',
          entityId: id,
          details: { previousUntil: isoTime(until) },
        })
      })
      return reply.code(201).send({ id: publicId('alertChannel', id), secret, previousUntil: isoTime(until) })
    },
  )

  app.post(
    `${PREFIX}/alert-channels/:alertChannelId/test`,
    {
      config: { access: 'alert-settings:write' },
      schema: {
        operationId: 'testAlertChannel',
        summary: 'Says there that this is a test, now and once',
        tags,
        params: idParams('alertChannelId'),
        response: {
          200: z.object({
            delivered: z.boolean(),
            httpStatus: z.int().nullable(),
            error: z.string().nullable(),
            durationMs: z.int(),
          }),
        },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('alertChannel', request.params.alertChannelId)
      const said = found(await deps.testAlertChannel(tenantId, id), 'alertChannel')
      const error = said.ok ? null : said.error
      await appendAudit(db, {
        tenantId,
        actor,
        action: 'alert_channel.tested',
        entityType: 'alert_channel',
        entityId: id,
        details: { delivered: said.ok, error },
      })
      return { delivered: said.ok, httpStatus: said.httpStatus, error, durationMs: Math.round(said.durationMs) }
    },
  )
}

function view(row: AlertChannel): z.output<typeof ChannelOut> {
  const { from, to, plaintext, origin } = row.settings
  return {
    id: publicId('alertChannel', row.id),
    name: row.name,
    kind: row.kind,
    status: row.status,
    origin,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to: [...to] }),
    ...(plaintext === undefined ? {} : { plaintext }),
    allowCidrs: [...row.allowCidrs],
    rules: row.rules === null ? null : [...row.rules],
    ratePerHour: row.ratePerHour,
    failures: row.failures,
    lastError: row.lastError,
    lastSentAt: isoTime(row.lastSentAt),
    createdAt: isoTime(row.createdAt),
    updatedAt: isoTime(row.updatedAt),
  }
}
