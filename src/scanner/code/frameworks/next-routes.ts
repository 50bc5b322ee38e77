/**
 * Next.js: `app/…/route.ts` with one export per method, and `pages/api/…` with one default export for all methods.
 * The route is the file's path. `middleware.ts` runs before both where its matcher says so.
 */
import type { Expression, Module } from '../parse/ir.ts'
import { bytesOf, entryOf, literalText } from '../parse/walk.ts'
import type { BodyHandling, ChainStep, DiscoveredSurface } from '../surface.ts'
import { exportedHandler } from './exported-handler.ts'
import type { Discover, Project } from './framework.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const
const APP_ROUTE = /(?:^|\/)(?:src\/)?app\/((?:.*\/)?)route\.[cm]?[jt]sx?$/
const PAGES_ROUTE = /(?:^|\/)(?:src\/)?pages\/(api(?:\/.*)?)\.[cm]?[jt]sx?$/

export const discoverNextRoutes: Discover = (module, project) => {
  if (module.language !== 'javascript' && module.language !== 'typescript') return []
  const file = module.file.replace(/^.*\/src\/(?=(?:app|pages)\/)/, 'src/')
  const app = APP_ROUTE.exec(file)?.[1]
  if (app !== undefined) return appRoutes(module, project, `/${segments(app)}`)
  const page = PAGES_ROUTE.exec(file)?.[1]
  if (page === undefined) return []
  const path = `/${page.replace(/\/index$/, '')}`
  return module.exports.some(({ name }) => name === 'default')
    ? pageRoute(module, project, path)
    : appRoutes(module, project, path)
}

/** `(group)` and `@slot` folders are no part of the address. */
function segments(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && !/^(?:\(.*\)|@.*)$/.test(part))
    .join('/')
}

function appRoutes(module: Module, project: Project, path: string): readonly DiscoveredSurface[] {
  const found = METHODS.flatMap((method) => {
    const handler = exportedHandler(module, method, project)
    return handler === undefined ? [] : [{ method, handler }]
  })
  const before = middlewareFor(path, project)
  return found.map(
    ({ method, handler }): DiscoveredSurface => ({
      kind: 'route',
      framework: 'next.js',
      path,
      methods: [method],
      name: method,
      module,
      at: handler.at,
      chain: [...before, { role: 'handler', run: handler.run, binds: ['request', 'context'] }],
      body: { body: 'raw', limit: undefined },
      mountSeen: true,
      guards: handler.guards,
    }),
  )
}

function pageRoute(module: Module, project: Project, path: string): readonly DiscoveredSurface[] {
  const handler = exportedHandler(module, 'default', project)
  if (handler === undefined) return []
  const isEdge = handler.fn !== undefined && handler.fn.params.length < 2
  return [
    {
      kind: 'route',
      framework: 'next.js',
      path,
      methods: [],
      name: handler.fn?.name === undefined || handler.fn.name === '' ? 'handler' : handler.fn.name,
      module,
      at: handler.at,
      chain: [
        ...middlewareFor(path, project),
        { role: 'handler', run: handler.run, binds: ['request', isEdge ? 'context' : 'response'] },
      ],
      body: isEdge ? { body: 'raw', limit: undefined } : pageBody(module, project),
      mountSeen: true,
      guards: handler.guards,
    },
  ]
}

/** `export const config = { api: { bodyParser: false } }` */
export function pageBody(module: Module, project: Project): BodyHandling {
  const declaration = project.program.exported(module, 'config')
  const parser = declaration?.kind === 'value' ? entryOf(entryOf(declaration.value, 'api'), 'bodyParser') : undefined
  if (parser?.kind === 'literal' && parser.value === false) return { body: 'raw', limit: null }
  const limit = entryOf(parser, 'sizeLimit')
  return limit === undefined
    ? { body: 'parsed', limit: 1_048_576 }
    : { body: 'parsed', limit: bytesOf(limit), limitAt: limit.at }
}

/** A middleware that has something to say about the route; most only deal with pages. */
function middlewareFor(path: string, project: Project): readonly ChainStep[] {
  const module = project.modules.find(({ file }) => /(?:^|\/)(?:src\/)?(?:middleware|proxy)\.[cm]?[jt]s$/.test(file))
  if (module === undefined) return []
  const name = module.exports.some((one) => one.name === 'middleware') ? 'middleware' : 'default'
  const handler = exportedHandler(module, name, project)
  if (handler?.fn === undefined || !matches(module, path, project)) return []
  return [{ role: 'middleware', run: handler.run, binds: ['request', 'unknown'] }]
}

function matches(module: Module, path: string, project: Project): boolean {
  const config = project.program.exported(module, 'config')
  const matcher = config?.kind === 'value' ? entryOf(config.value, 'matcher') : undefined
  if (matcher === undefined) return true
  const patterns = (matcher.kind === 'list' ? matcher.items : [matcher]).map(patternText)
  return patterns.some((pattern) => pattern !== undefined && isMatch(pattern, path))
}

function patternText(matcher: Expression): string | undefined {
  return literalText(matcher) ?? literalText(entryOf(matcher, 'source'))
}

/** `/api/:path*`; a pattern with a lookahead is a regular expression already. */
function isMatch(pattern: string, path: string): boolean {
  const source = pattern.replace(/\/:\w+\*/g, '(?:/.*)?').replace(/:\w+\+?/g, '[^/]+')
  try {
    return new RegExp(`^${source}/?$`).test(path)
  } catch {
    return false
  }
}
