/**
 * 405 with `Allow` where a path exists for other methods (RFC 9110 section 15.5.6), by the router's own matching:
 * each path gets a route for the methods nobody declared, so no second reading of paths can disagree.
 *
 * It tells nothing that the public description of the interface does not.
 */
import type { HTTPMethods } from 'fastify'
import { PosternError } from '../../base/model/errors.ts'
import type { Api } from './deps.ts'

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** To be called before any route is added, and `complete` after the last one. */
export function refuseOtherMethods(app: Api): { complete(): void } {
  const declared = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = declared.get(url) ?? new Set()
    for (const each of [method].flat()) methods.add(each)
    declared.set(url, methods)
  })
  return {
    complete() {
      for (const [url, methods] of [...declared]) {
        const others = METHODS.filter((method) => !methods.has(method))
        if (others.length === 0) continue
        const allow = METHODS.filter((method) => methods.has(method)).join(', ')
        app.route({
          method: others,
          url,
          config: { access: 'public', refusesMethod: true },
          schema: { hide: true },
          // Before any body is read: it would be read for nothing.
          onRequest: async (_request, reply) => {
            reply.header('allow', allow)
            throw new PosternError('METHOD_NOT_ALLOWED', `This address answers ${allow}.`)
          },
          handler: async () => undefined,
        })
      }
    },
  }
}
