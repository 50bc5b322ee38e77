/** Our own back gates, as a manifest that `postern scan` reviews. */
import { z } from 'zod'
import { listIntegrations } from '../../../resources/store/integrations.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { PREFIX } from '../fields.ts'
import { surfaceManifest } from '../surface-manifest.ts'

/** Beyond that nobody reads it; whoever has more integrations asks for those of a provider. */
const MAX_INTEGRATIONS = 10_000

export function surfaceRoutes(app: Api, { db, providers }: ApiDeps): void {
  app.get(
    `${PREFIX}/surfaces`,
    {
      config: { access: 'integrations:read' },
      schema: {
        operationId: 'getSurfaces',
        summary: 'An evidence manifest of this gateway: its receivers and management routes, and what holds at each',
        tags: ['surfaces'],
        querystring: z.strictObject({ provider: z.string().max(64).optional() }),
        response: {
          200: z.object({
            version: z.literal(1),
            surfaces: z.array(z.record(z.string(), z.unknown())).meta({
              description: 'As docs/schemas/manifest.schema.json describes them.',
            }),
          }),
        },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request)
      const { provider } = request.query
      const filter = { activeOnly: true, ...(provider === undefined ? {} : { provider }) }
      const integrations = await listIntegrations(db, tenantId, filter, { offset: 0, limit: MAX_INTEGRATIONS })
      const { version, surfaces } = surfaceManifest(integrations, providers, app.accessTable)
      return { version, surfaces: surfaces.map((surface) => ({ ...surface })) }
    },
  )
}
