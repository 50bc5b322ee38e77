/**
 * A destination to try deliveries on, outside production. It keeps nothing.
 *
 * In production the route does not exist: anybody may call it, and it would answer for a destination that is not one.
 */
import { z } from 'zod'
import { PosternError } from '../../../base/model/errors.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { PREFIX } from '../fields.ts'

const MAX_SINK_BYTES = 1024 * 1024

export function deliverySinkRoutes(app: Api, { config }: ApiDeps): void {
  if (config.NODE_ENV === 'production') return
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.post(
    `${PREFIX}/internal/delivery-sink/:provider`,
    {
      config: {
        access: 'public',
        publicReason: 'For trying deliveries out: it keeps nothing, and production does not have it.',
      },
      bodyLimit: MAX_SINK_BYTES,
      schema: {
        operationId: 'receiveDelivery',
        summary: 'Accepts a delivery and forgets it; not there in production',
        description: '`simulateFailure: true`, at the top or under `data`, asks for a 500.',
        tags: ['trying it'],
        params: z.object({ provider: z.string() }),
        response: { 202: z.object({ status: z.literal('accepted') }) },
      },
    },
    async (request, reply) => {
      if (wantsFailure(request.body)) throw new PosternError('INTERNAL_ERROR', 'The delivery asked for this failure.')
      return reply.code(202).send({ status: 'accepted' })
    },
  )
}

function wantsFailure(body: unknown): boolean {
  if (!Buffer.isBuffer(body)) return false
  try {
    const wish = z.object({ simulateFailure: z.literal(true) })
    return z.union([wish, z.object({ data: wish })]).safeParse(JSON.parse(body.toString('utf8'))).success
  } catch {
    return false
  }
}
