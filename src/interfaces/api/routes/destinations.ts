/** Destinations: the secret they check our signature with. */
import { z } from 'zod'
import { publicId, requireId } from '../../../base/model/ids.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import { replaceSigningKey } from '../../../resources/store/destinations.ts'
import { notifyIntegrationsChanged } from '../../../resources/store/integrations.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { found, idField, idParams, PREFIX } from '../fields.ts'
import { makeSigningSecret, sealSigningSecret } from '../new-destination.ts'

export function destinationRoutes(app: Api, deps: ApiDeps): void {
  app.post(
    `${PREFIX}/destinations/:destinationId/signing-secret`,
    {
      config: { access: 'destinations:write' },
      schema: {
        operationId: 'rotateSigningSecret',
        summary: 'Makes a new signing secret and shows it this once',
        description: 'Deliveries are signed with it from now on, those that are being retried too.',
        tags: ['destinations'],
        params: idParams('destinationId'),
        response: { 201: z.object({ id: idField('destination'), secret: z.string() }) },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('destination', request.params.destinationId)
      const secret = makeSigningSecret()
      const sealed = sealSigningSecret(deps.secrets, { id, tenantId }, secret)
      await deps.db.transaction(async (tx) => {
        if (!(await replaceSigningKey(tx, tenantId, id, sealed))) found(undefined, 'destination')
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'destination.signing_secret_rotated',
          entityType: 'destination',
          entityId: id,
          details: {},
        })
        await notifyIntegrationsChanged(tx)
      })
      await deps.integrationsChanged()
      return reply.code(201).send({ id: publicId('destination', id), secret })
    },
  )
}
