/**
 * Plain `node:http`, `https` and `http2` servers, `Deno.serve` and `Bun.serve`: one function for every address.
 *
 * Also what else a single call tells: receivers that SDKs make, and senders of webhooks.
 */
import type { CallExpression, Expression, Module } from '../parse/ir.ts'
import { entryOf, type Inside, literalText, pathOf, positional, walk } from '../parse/walk.ts'
import type { DiscoveredSurface, ParamRole } from '../surface.ts'
import { unwrapped } from './exported-handler.ts'
import { type Discover, importsFrom, type Project } from './framework.ts'
import { scriptDispatcher } from './script-dispatch.ts'
import { sdkReceivers } from './sdk-receivers.ts'
import { testedPaths } from './tested-paths.ts'

export const discoverNodeHttp: Discover = (module, project) => {
  if (module.language !== 'javascript' && module.language !== 'typescript') return []
  const found: DiscoveredSurface[] = []
  walk(module, {
    call: (call, inside) => {
      found.push(
        ...surfacesOf(call, inside, module, project),
        ...sdkReceivers(call, inside, module, project),
        ...scriptDispatcher(call, inside, module),
      )
    },
  })
  return found
}

function surfacesOf(
  call: CallExpression,
  inside: Inside,
  module: Module,
  project: Project,
): readonly DiscoveredSurface[] {
  const path = pathOf(call.callee).replaceAll('()', '')
  const args = positional(call)
  if (/(?:^|\.)create(?:Secure)?Server$/.test(path) && importsFrom(module, /^(?:node:)?https?2?$/))
    return server(args.at(-1), call, inside, module, project)
  if (
    /(?:^|\.)(?:server|httpServer)\.on$/i.test(path) &&
    literalText(args[0]) === 'request' &&
    importsFrom(module, /^(?:node:)?https?2?$/)
  )
    return server(args[1], call, inside, module, project)
  const isDeno = path === 'Deno.serve' || (path === 'serve' && importsFrom(module, /deno\.land|^@?std\/|jsr:@std/))
  if (!isDeno && path !== 'Bun.serve') return []
  const option = args.flatMap((arg) => entryOf(arg, 'fetch') ?? entryOf(arg, 'handler') ?? [])
  return fetchServer(option[0] ?? args.find((arg) => arg.kind !== 'object'), call, inside, module, project)
}

function server(
  handler: Expression | undefined,
  call: CallExpression,
  inside: Inside,
  module: Module,
  project: Project,
): readonly DiscoveredSurface[] {
  return surfaces(handler, call, inside, module, project, ['request', 'response'], {
    framework: 'node:http',
    body: { body: 'raw', limit: null },
  })
}

/** The platform of Deno Deploy and the edge functions built on it cap a body; a server of one's own does not. */
function fetchServer(
  handler: Expression | undefined,
  call: CallExpression,
  inside: Inside,
  module: Module,
  project: Project,
): readonly DiscoveredSurface[] {
  const folder = /(?:^|\/)functions\/([\w-]+)\/index\.[jt]s$/.exec(module.file)?.[1]
  return surfaces(
    handler,
    call,
    inside,
    module,
    project,
    ['request', 'unknown'],
    { framework: 'serverless', body: { body: 'raw', limit: undefined } },
    folder === undefined ? undefined : `/${folder}`,
  )
}

function surfaces(
  handler: Expression | undefined,
  call: CallExpression,
  inside: Inside,
  module: Module,
  project: Project,
  binds: readonly ParamRole[],
  fixed: Pick<DiscoveredSurface, 'framework' | 'body'>,
  fallback?: string,
): readonly DiscoveredSurface[] {
  if (handler === undefined || (handler.kind !== 'lambda' && handler.kind !== 'name' && handler.kind !== 'call'))
    return []
  const { fn, run, guards } = unwrapped(handler, module, project)
  // `createServer(app)`: the routes are the application's.
  if (fn === undefined) return []
  const paths = testedPaths(fn, run.module, project)
  const routes = paths.length === 0 ? [{ path: fallback, methods: [] }] : paths
  return routes.map(({ path, methods }) => ({
    kind: 'route',
    ...fixed,
    path,
    methods,
    name: fn.name === '' ? 'server' : fn.name,
    module,
    at: handler.kind === 'name' && run.module === module ? fn.at : call.at,
    chain: [
      {
        role: 'handler',
        run: {
          ...run,
          within: run.expression === handler ? inside.functions : [],
          ...(inside.cls === undefined ? {} : { cls: inside.cls }),
        },
        binds,
      },
    ],
    mountSeen: true,
    guards,
    ...(paths.length > 0 ? { comparesAddress: true } : {}),
  }))
}
