/** Sinatra, classic and modular: routes with their `before` filters, helpers and what `use` puts in front. */
import type { CallExpression, ClassIr, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { literalText, positional } from '../parse/walk.ts'
import type { DiscoveredSurface, NamedGuard } from '../surface.ts'
import { joinPath, type Project } from './framework.ts'
import { blocksOf, callIn, type InModule, lineage, step } from './ruby-handlers.ts'

const VERBS: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'delete', 'options', 'link', 'unlink'])

interface Application {
  readonly cls: ClassIr
  readonly module: Module
  readonly calls: readonly CallExpression[]
}

export function sinatraSurfaces(module: Module, project: Project): readonly DiscoveredSurface[] {
  return applicationsIn(module, project).flatMap((application) =>
    routesIn(application.calls, '').flatMap((route) => sinatraSurface(application, route, project)),
  )
}

/** Classes below Sinatra::Base (or Grape, Padrino: their routes look alike), and a file that calls `post '/x' do` itself. */
function applicationsIn(module: Module, project: Project): readonly Application[] {
  const classes = module.body.flatMap((statement): Application[] => {
    if (statement.kind !== 'class') return []
    const { cls } = statement
    const line = lineage({ cls, module }, project)
    const isSinatra = line.some((one) =>
      one.cls.bases.some(
        (base) =>
          base.kind === 'name' && /^(?:Sinatra::(?:Base|Application)|Padrino::Application|Roda)$/.test(base.name),
      ),
    )
    if (!isSinatra) return []
    const calls = [...line]
      .reverse()
      .flatMap((one) => one.cls.decorators.flatMap((call) => (call.kind === 'call' ? [call] : [])))
    return [{ cls: withHelpers(cls, calls), module, calls }]
  })
  const loose = module.body.flatMap((statement) =>
    statement.kind === 'expression' && statement.value.kind === 'call' ? [statement.value] : [],
  )
  if (!module.imports.some(({ source }) => /^sinatra(?:\/|$)/.test(source)) && !loose.some((call) => isRoute(call)))
    return classes
  if (/(?:^|\/)config\/[^/]+\.rb$/.test(module.file) || !loose.some((call) => isRoute(call))) return classes
  const cls: ClassIr = {
    name: 'Sinatra::Application',
    bases: [],
    decorators: [],
    methods: module.body.flatMap((statement) => (statement.kind === 'function' ? [statement.fn] : [])),
    fields: [],
    at: { line: 1, column: 1 },
  }
  return [...classes, { cls: withHelpers(cls, loose), module, calls: loose }]
}

/** What `helpers do … end` and `helpers Signed` add. */
function withHelpers(cls: ClassIr, calls: readonly CallExpression[]): ClassIr {
  const helping = calls.filter((call) => call.callee.kind === 'name' && /^(?:helpers|register)$/.test(call.callee.name))
  const methods = helping.flatMap((call) =>
    blocksOf(call).flatMap((block) => block.body.flatMap((one) => (one.kind === 'function' ? [one.fn] : []))),
  )
  const mixed = helping.flatMap((call) => positional(call).filter((arg) => arg.kind === 'name'))
  return { ...cls, methods: [...cls.methods, ...methods], bases: [...mixed, ...cls.bases] }
}

function isRoute(call: CallExpression): boolean {
  if (call.callee.kind !== 'name' || !VERBS.has(call.callee.name) || blocksOf(call).length === 0) return false
  const [path] = positional(call)
  return path !== undefined && (literalText(path) !== undefined || path.kind === 'regex')
}

interface SinatraRoute {
  readonly call: CallExpression
  readonly path: string
  readonly within: readonly FunctionIr[]
  readonly calls: readonly CallExpression[]
}

function routesIn(
  calls: readonly CallExpression[],
  prefix: string,
  within: readonly FunctionIr[] = [],
): readonly SinatraRoute[] {
  return calls.flatMap((call): readonly SinatraRoute[] => {
    const [first] = positional(call)
    if (isRoute(call) && first !== undefined)
      return [
        {
          call,
          path: joinPath(prefix, literalText(first) ?? (first.kind === 'regex' ? first.source : '')),
          within,
          calls,
        },
      ]
    if (call.callee.kind !== 'name' || call.callee.name !== 'namespace') return []
    return blocksOf(call).flatMap((block) =>
      routesIn(block.body.flatMap(callIn), joinPath(prefix, literalText(first) ?? ''), [...within, block]),
    )
  })
}

function sinatraSurface(
  { cls, module, calls }: Application,
  route: SinatraRoute,
  _project: Project,
): readonly DiscoveredSurface[] {
  const [handler] = blocksOf(route.call)
  if (handler === undefined) return []
  const self: InModule = { cls, module }
  const around = [...calls, ...(route.calls === calls ? [] : route.calls)]
  const filters = around
    .filter((call) => call.callee.kind === 'name' && call.callee.name === 'before')
    .filter((call) => {
      const [pattern] = positional(call)
      return pattern === undefined || covers(pattern, route.path)
    })
    .flatMap(blocksOf)
    .map((fn) => step('middleware', { fn, module }, self))
  const verb = route.call.callee.kind === 'name' ? route.call.callee.name : 'post'
  return [
    {
      kind: 'route',
      framework: 'sinatra',
      path: route.path,
      methods: [verb.toUpperCase()],
      name: `${verb.toUpperCase()} ${route.path}`,
      module,
      at: route.call.at,
      chain: [
        ...filters,
        {
          ...step(
            'handler',
            { fn: handler, module },
            self,
            handler.params.map(() => 'path' as const),
          ),
        },
      ],
      body: { body: 'raw', limit: undefined },
      mountSeen: true,
      guards: middlewareOf(around),
    },
  ]
}

/** `use VerifySignature`: a Rack middleware of the project is followed no further than its name. */
function middlewareOf(calls: readonly CallExpression[]): readonly NamedGuard[] {
  return calls
    .filter((call) => call.callee.kind === 'name' && call.callee.name === 'use')
    .flatMap((call): NamedGuard[] => {
      const [name] = positional(call)
      return name?.kind === 'name' && /auth|sign|verif|hmac|webhook/i.test(name.name)
        ? [{ name: name.name, at: call.at }]
        : []
    })
}

/** `before '/hooks/*'` against the path of a route. */
function covers(pattern: Expression, path: string): boolean {
  if (pattern.kind === 'regex') return safely(pattern.source, path)
  const text = literalText(pattern)
  if (text === undefined) return true
  const source = text
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/:\w+/g, '[^/]+')
    .replace(/\?/g, '.?')
  return safely(`^${source}$`, path)
}

function safely(source: string, path: string): boolean {
  try {
    return source.length < 200 && new RegExp(source.replace(/\\[Az]/g, '')).test(path)
  } catch {
    return true
  }
}
