/**
 * Who may enter, decided once, after routing.
 *
 * The check reads what the matched route declares, never the path: however a path is spelt, the router has
 * already decided which route it means (a check by path prefix let `%69ntegrations` through). A route that
 * declares nothing stops the start, and one that slipped past that would be refused here.
 */
import type { FastifyRequest } from 'fastify'
import type { Authenticate } from '../../access/authenticate.ts'
import type { Principal } from '../../access/principal.ts'
import { type Access, isAccess } from '../../access/scopes.ts'
import { PosternError } from '../../base/model/errors.ts'
import type { Api } from './deps.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** Why it is public, for the description, where its name does not say it. */
    publicReason?: string
    /** Answers 405 and nothing else; no route of anybody's. */
    refusesMethod?: true
  }
  interface FastifyRequest {
    principal: Principal | null
  }
  interface FastifyInstance {
    /** Every route that answers, with what it declares, whether it is described or not. */
    readonly accessTable: readonly DeclaredRoute[]
  }
}

export interface DeclaredRoute {
  readonly method: string
  readonly url: string
  readonly access: Access
  /** What it is for; of a public one, why it is. */
  readonly summary: string
}

/** To be called before any route is added. */
export function checkAccess(app: Api, authenticate: Authenticate): void {
  const table: DeclaredRoute[] = []
  app.decorate('accessTable', table)
  app.decorateRequest('principal', null)

  app.addHook('onRoute', ({ method, url, config, schema }) => {
    const access = config?.access
    if (!isAccess(access)) throw new Error(`${String(method)} ${url} declares no access`)
    if (config?.refusesMethod === true) return
    const summary = config?.publicReason ?? schema?.summary ?? ''
    for (const each of [method].flat()) table.push({ method: each, url, access, summary })
  })

  app.addHook('onRequest', async (request) => {
    // Nothing was matched; the answer is the same for everybody.
    if (request.is404) return
    const access = request.routeOptions.config.access
    if (access === 'public') return
    const principal = await authenticate(request.raw.rawHeaders)
    if (principal === undefined) throw new PosternError('UNAUTHORIZED', 'A valid management key is required.')
    if (!isAccess(access) || !principal.scopes.has(access)) {
      throw new PosternError('FORBIDDEN', `This needs the scope ${access ?? 'of an undeclared route'}.`)
    }
    request.principal = principal
  })
}

/** The principal of a route that is not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new Error('a public route asked for its principal')
  return request.principal
}
