/**
 * Whether the gateway works: one word, for balancers and for the public.
 *
 * What exactly does not work is in the log; told here, it would tell everybody where the database is.
 */
import { z } from 'zod'
import type { Api, ApiDeps } from '../deps.ts'
import { PREFIX } from '../fields.ts'
import { shareHealth } from '../shared-health.ts'

const Status = z.object({ status: z.enum(['ok', 'degraded']) })

export function healthRoutes(app: Api, deps: ApiDeps): void {
  const health = shareHealth(deps.health)
  const answers = { 200: Status, 503: Status.meta({ description: 'Not fully working' }) }

  for (const { url, operationId, summary } of [
    { url: `${PREFIX}/health`, operationId: 'getHealth', summary: 'Whether everything the gateway needs works' },
    { url: '/readyz', operationId: 'getReadiness', summary: 'Whether to send requests here' },
  ]) {
    app.get(
      url,
      { config: { access: 'public' }, schema: { operationId, summary, tags: ['health'], response: answers } },
      async (_request, reply) => {
        const status = await health()
        return reply.code(status === 'ok' ? 200 : 503).send({ status })
      },
    )
  }

  app.get(
    '/livez',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getLiveness',
        summary: 'Whether the process answers at all',
        tags: ['health'],
        response: { 200: Status },
      },
    },
    async () => ({ status: 'ok' as const }),
  )
}
