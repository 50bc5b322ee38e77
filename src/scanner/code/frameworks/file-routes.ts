/**
 * Endpoints that a framework finds by where their file lies: SvelteKit, Remix and React Router, Astro, Nuxt and Nitro,
 * TanStack Start and SolidStart. Next.js has a file of its own.
 */
import type { Expression, Module } from '../parse/ir.ts'
import { entryOf, literalText, pathOf, positional, walk } from '../parse/walk.ts'
import type { BodyHandling, DiscoveredSurface, Framework, ParamRole } from '../surface.ts'
import { type ExportedHandler, exportedHandler, unwrapped } from './exported-handler.ts'
import { type Discover, importsFrom, type Project } from './framework.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** All of them hand over a web request, read when the handler asks; what bounds it is the server or platform around. */
const WEB: BodyHandling = { body: 'raw', limit: undefined }

export const discoverFileRoutes: Discover = (module, project) => {
  if (module.language !== 'javascript' && module.language !== 'typescript') return []
  return (
    svelteKit(module, project) ??
    nitro(module, project) ??
    astro(module, project) ??
    remix(module, project) ??
    solidStart(module, project) ??
    tanStack(module, project)
  )
}

/** One export per method, each given an object that holds the request. */
function perMethod(module: Module, project: Project, framework: Framework, path: string): readonly DiscoveredSurface[] {
  return METHODS.flatMap((method) => {
    const handler = exportedHandler(module, method, project)
    return handler === undefined ? [] : [surface(handler, module, framework, path, [method], ['context'])]
  })
}

function surface(
  { name, fn, run, guards, at }: ExportedHandler,
  module: Module,
  framework: Framework,
  path: string | undefined,
  methods: readonly string[],
  binds: readonly ParamRole[],
): DiscoveredSurface {
  return {
    kind: 'route',
    framework,
    path,
    methods,
    name: name === 'default' ? fn?.name || 'handler' : name,
    module,
    at,
    chain: [{ role: 'handler', run, binds }],
    body: WEB,
    mountSeen: true,
    guards,
  }
}

/** `src/routes/hooks/stripe/+server.ts` */
function svelteKit(module: Module, project: Project): readonly DiscoveredSurface[] | undefined {
  const folder = /(?:^|\/)routes\/((?:.*\/)?)\+server\.[cm]?[jt]s$/.exec(module.file)?.[1]
  return folder === undefined ? undefined : perMethod(module, project, 'sveltekit', segmented(folder))
}

/** `src/pages/hooks/stripe.ts` whose exports are named after methods; a page is no `.ts` file. */
function astro(module: Module, project: Project): readonly DiscoveredSurface[] | undefined {
  const page = /(?:^|\/)pages\/(.+)\.[cm]?[jt]s$/.exec(module.file)?.[1]
  if (page === undefined) return undefined
  const isAstro =
    importsFrom(module, /^astro(?:$|:)/) || project.modules.every((one) => !importsFrom(one, /^next(?:\/|$)/))
  const handlers = isAstro ? perMethod(module, project, 'astro', segmented(page)) : []
  // `export async function POST(request: Request)` is a handler of Next.js.
  const taken = handlers.filter(({ chain }) => takesContext(chain[0]?.run.fn ?? lambdaOf(chain[0]?.run.expression)))
  return taken.length > 0 ? taken : undefined
}

function lambdaOf(value: Expression | undefined): { readonly params: readonly Param[] } | undefined {
  return value?.kind === 'lambda' ? value.fn : undefined
}

type Param = Extract<Expression, { kind: 'lambda' }>['fn']['params'][number]

function takesContext(fn: { readonly params: readonly Param[] } | undefined): boolean {
  const [first] = fn?.params ?? []
  if (first === undefined) return false
  if (first.pattern.kind === 'object') return true
  const type = first.annotation === undefined ? '' : pathOf(first.annotation)
  return /^APIContext$/.test(type) || (first.pattern.kind === 'name' && /^(?:context|ctx)$/.test(first.pattern.name))
}

/** `app/routes/webhooks.stripe.tsx` with `action` for what changes and `loader` for what reads. */
function remix(module: Module, project: Project): readonly DiscoveredSurface[] | undefined {
  const route = /(?:^|\/)routes\/(.+?)(?:\/(?:route|index))?\.[cm]?[jt]sx?$/.exec(module.file)?.[1]
  if (route === undefined || !module.exports.some(({ name }) => name === 'action' || name === 'loader'))
    return undefined
  const path = `/${route
    .split(/[./]/)
    .filter((part) => part !== '' && !/^_/.test(part) && !/^\(.*\)$/.test(part))
    .map((part) =>
      part
        .replace(/^\$(.*)$/, ':$1')
        .replace(/_$/, '')
        .replace(/^\[(.*)\]$/, '$1'),
    )
    .join('/')}`
  return (['action', 'loader'] as const).flatMap((name) => {
    const handler = exportedHandler(module, name, project)
    const methods = name === 'action' ? ['POST'] : ['GET']
    return handler === undefined ? [] : [surface(handler, module, 'remix', path, methods, ['context'])]
  })
}

/** `server/api/hooks/stripe.post.ts`, `server/routes/…`: `export default defineEventHandler(…)`. */
function nitro(module: Module, project: Project): readonly DiscoveredSurface[] | undefined {
  const [, kind, file] = /(?:^|\/)server\/(api|routes)\/(.+)\.[cm]?[jt]s$/.exec(module.file) ?? []
  const handler = exportedHandler(module, 'default', project)
  if (file === undefined || handler === undefined || !isEventHandler(module, project)) return undefined
  const method = /\.(get|post|put|patch|delete)$/.exec(file)?.[1]
  const path = `${kind === 'api' ? '/api' : ''}${segmented(file.replace(/\.(?:get|post|put|patch|delete)$/, ''))}`
  return [surface(handler, module, 'nuxt', path, method === undefined ? [] : [method.toUpperCase()], ['request'])]
}

function isEventHandler(module: Module, project: Project): boolean {
  const declaration = project.program.exported(module, 'default')
  const value = declaration?.kind === 'value' ? declaration.value : undefined
  return value?.kind === 'call' && /^(?:define\w*Handler|eventHandler|lazyEventHandler)$/.test(pathOf(value.callee))
}

/** `src/routes/api/hook.ts` that exports methods, in a project of SolidStart. */
function solidStart(module: Module, project: Project): readonly DiscoveredSurface[] | undefined {
  const file = /(?:^|\/)routes\/(.+)\.[cm]?[jt]sx?$/.exec(module.file)?.[1]
  if (file === undefined || !importsFrom(module, /^(?:@solidjs\/start|solid-start)/)) return undefined
  const found = perMethod(module, project, 'other', segmented(file))
  return found.length === 0 ? undefined : found
}

/** `createFileRoute('/api/hook')({ server: { handlers: { POST: … } } })` and the older `createAPIFileRoute`. */
function tanStack(module: Module, project: Project): readonly DiscoveredSurface[] {
  if (!importsFrom(module, /^@tanstack\/(?:react|solid)?-?(?:router|start)/)) return []
  const found: DiscoveredSurface[] = []
  walk(module, {
    call: (call) => {
      if (call.callee.kind !== 'call') return
      const maker = pathOf(call.callee.callee)
      if (!/^(?:createFileRoute|createAPIFileRoute|createServerFileRoute)$/.test(maker)) return
      const path = literalText(positional(call.callee)[0])
      const [options] = positional(call)
      const handlers = entryOf(entryOf(options, 'server'), 'handlers') ?? options
      for (const method of METHODS) {
        const handler = entryOf(handlers, method)
        if (handler === undefined) continue
        const inner = unwrapped(handler, module, project)
        found.push(surface({ name: method, at: handler.at, ...inner }, module, 'other', path, [method], ['context']))
      }
    },
  })
  return found
}

/** `(group)` folders are no part of the address, `[id]` is a parameter of it. */
function segmented(path: string): string {
  const parts = path
    .split('/')
    .filter((part) => part !== '' && part !== 'index' && !/^\(.*\)$/.test(part))
    .map((part) => part.replace(/\[+(?:\.\.\.)?(\w+)(?:=\w+)?\]+/g, ':$1'))
  return `/${parts.join('/')}`
}
