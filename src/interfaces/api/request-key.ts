/** `Idempotency-Key`: the same key and request have one effect, however often they come. */
import type { FastifyRequest } from 'fastify'
import { PosternError } from '../../base/model/errors.ts'

/** @throws PosternError `VALIDATION_ERROR` */
export function requestKeyOf(request: Pick<FastifyRequest, 'headers'>): string | undefined {
  const given = request.headers['idempotency-key']
  if (given === undefined) return undefined
  if (typeof given === 'string' && /^[\x21-\x7e]{1,255}$/.test(given)) return given
  throw new PosternError('VALIDATION_ERROR', 'The request cannot be used.', {
    errors: [{ path: 'Idempotency-Key', message: 'must be 1 to 255 visible characters' }],
  })
}
