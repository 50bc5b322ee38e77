/** The counters, for Prometheus. They are those of the whole process, so that they are for its operator alone. */
import { z } from 'zod'
import { ROOT } from '../../../access/principal.ts'
import { PosternError } from '../../../base/model/errors.ts'
import type { Api, ApiDeps } from '../deps.ts'

export function metricsRoutes(app: Api, { metrics }: ApiDeps): void {
  app.get(
    '/metrics',
    {
      config: { access: 'metrics:read' },
      schema: {
        operationId: 'getMetrics',
        summary: 'Counters of this process in the text format of Prometheus',
        tags: ['health'],
        produces: ['text/plain'],
        response: { 200: z.string() },
      },
    },
    async ({ principal }, reply) => {
      // Tenants share the process: what is counted over all of them is none of theirs.
      if (principal?.tenantId !== ROOT.tenantId)
        throw new PosternError('NOT_FOUND', 'There is nothing at this address.')
      return reply.type(metrics.contentType).send(await metrics.text())
    },
  )
}
