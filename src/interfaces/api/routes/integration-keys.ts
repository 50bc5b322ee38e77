/**
 * The inbound keys of an integration: rotated by adding the new one, waiting until the provider uses it, and
 * removing the old one. Both match in between.
 */
import { z } from 'zod'
import { PosternError } from '../../../base/model/errors.ts'
import { newId, publicId, requireId } from '../../../base/model/ids.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import { insertKey, listKeys, revokeKey } from '../../../resources/store/integration-keys.ts'
import {
  findIntegration,
  lockIntegration,
  notifyIntegrationsChanged,
  updateIntegration,
} from '../../../resources/store/integrations.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { found, PREFIX } from '../fields.ts'
import { isProblem, judgeSecret, storeSecret, unusable } from '../inbound-secret.ts'
import { checkWindow, KeyWindow, MAX_LIVING_KEYS, SecretIn, SlotIn, schemeOf } from '../integration-fields.ts'
import { KeyOut, keyView } from '../integration-view.ts'
import { activeKeys, livingKeys } from '../key-window.ts'

const tags = ['integrations']

export function integrationKeyRoutes(app: Api, deps: ApiDeps): void {
  const { db, providers, secrets } = deps

  app.post(
    `${PREFIX}/integrations/:integrationId/keys`,
    {
      config: { access: 'integrations:write' },
      schema: {
        operationId: 'addKey',
        summary: 'Adds a key beside those that are active',
        description: 'A pending integration becomes active with its first key.',
        tags,
        params: z.object({ integrationId: z.string() }),
        body: z.strictObject({ secret: SecretIn, slot: SlotIn.optional(), ...KeyWindow }),
        response: { 201: KeyOut },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const integrationId = requireId('integration', request.params.integrationId)
      const { secret, slot, notBefore, notAfter } = request.body
      const now = new Date()
      checkWindow({ notBefore, notAfter }, now)
      const known = found(await findIntegration(db, tenantId, integrationId), 'integration')
      const id = newId()
      const purpose = { ...schemeOf(providers, known.provider, known.scheme), settings: known.settings }
      // Before the transaction: reading a file must not hold its locks.
      const judged = await judgeSecret(secrets, purpose, { path: 'secret', text: secret, slot })
      if (isProblem(judged)) throw unusable([judged])
      const stored = storeSecret(secrets, { id, tenantId }, judged)

      const keys = await db.transaction(async (tx) => {
        const integration = found(await lockIntegration(tx, tenantId, integrationId), 'integration')
        const present = await listKeys(tx, tenantId, [integrationId])
        if (livingKeys(present, now).length >= MAX_LIVING_KEYS) {
          throw new PosternError('CONFLICT', `An integration has at most ${MAX_LIVING_KEYS} keys; remove one first.`)
        }
        const key = { id, tenantId, integrationId, ...stored, notBefore: notBefore ?? null, notAfter: notAfter ?? null }
        await insertKey(tx, key)
        if (integration.status === 'pending') await updateIntegration(tx, integration, { status: 'active' })
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'key.added',
          entityType: 'key',
          entityId: id,
          details: {
            integrationId: publicId('integration', integrationId),
            form: stored.reference === null ? 'sealed' : 'reference',
            ...(stored.slot === null ? {} : { slot: stored.slot }),
            ...(notBefore === undefined ? {} : { notBefore }),
            ...(notAfter === undefined ? {} : { notAfter }),
            ...(integration.status === 'pending' ? { activated: true } : {}),
          },
        })
        await notifyIntegrationsChanged(tx)
        return await listKeys(tx, tenantId, [integrationId])
      })
      await deps.integrationsChanged()
      return reply.code(201).send(
        keyView(
          found(
            keys.find((key) => key.id === id),
            'key',
          ),
        ),
      )
    },
  )

  app.delete(
    `${PREFIX}/integrations/:integrationId/keys/:keyId`,
    {
      config: { access: 'integrations:write' },
      schema: {
        operationId: 'removeKey',
        summary: 'Removes a key; requests signed with it are refused from now on',
        description: 'The last active key of an active integration stays: disable the integration instead.',
        tags,
        params: z.object({ integrationId: z.string(), keyId: z.string() }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const integrationId = requireId('integration', request.params.integrationId)
      const id = requireId('key', request.params.keyId)
      await db.transaction(async (tx) => {
        // Held, so that two removals cannot each leave the key that the other removes.
        const integration = found(await lockIntegration(tx, tenantId, integrationId), 'integration')
        const keys = await listKeys(tx, tenantId, [integrationId])
        const active = activeKeys(keys, new Date())
        if (integration.status === 'active' && active.length === 1 && active[0]?.id === id) {
          throw new PosternError(
            'CONFLICT',
            'This is the last active key; add another one first, or disable the integration.',
          )
        }
        if (!(await revokeKey(tx, tenantId, integrationId, id))) found(undefined, 'key')
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'key.removed',
          entityType: 'key',
          entityId: id,
          details: { integrationId: publicId('integration', integrationId) },
        })
        await notifyIntegrationsChanged(tx)
      })
      await deps.integrationsChanged()
      return reply.code(204).send(undefined)
    },
  )
}
