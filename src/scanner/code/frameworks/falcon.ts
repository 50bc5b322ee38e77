/** Falcon: resources whose methods are named after verbs, the hooks before them and the middleware of the application. */
import type { CallExpression, ClassIr, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { literalText, namedArg, pathOf, positional, walk } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface, ParamRole } from '../surface.ts'
import { type Discover, importsFrom, type Project } from './framework.ts'
import { declarationOf } from './python-names.ts'

export const discoverFalcon: Discover = (module, project) => {
  if (module.language !== 'python' || !importsFrom(module, /^falcon/)) return []
  const application = applicationOf(project)
  return module.body.flatMap((statement) =>
    statement.kind === 'class' ? resourceSurfaces(statement.cls, module, application) : [],
  )
}

interface Application {
  /** By the class of the resource. */
  readonly routes: ReadonlyMap<ClassIr, { readonly path: string | undefined; readonly suffix: string }>
  readonly middleware: readonly ChainStep[]
}

function resourceSurfaces(
  cls: ClassIr,
  module: Module,
  { routes, middleware }: Application,
): readonly DiscoveredSurface[] {
  const route = routes.get(cls)
  const ofClass = cls.decorators.flatMap((decorator) => hookIn(decorator, module))
  return cls.methods.flatMap((fn): readonly DiscoveredSurface[] => {
    const verb = /^on_(get|post|put|patch|delete|websocket)(?:_(\w+))?$/.exec(fn.name)
    if (verb === null || fn.params.length < 3) return []
    const isSocket = verb[1] === 'websocket'
    const own = fn.decorators.flatMap((decorator) => hookIn(decorator, module))
    const others = fn.decorators.filter((decorator) => hookIn(decorator, module).length === 0 && !isAfter(decorator))
    const fields = fn.params.slice(3).flatMap(({ pattern }) => (pattern.kind === 'name' ? [pattern.name] : []))
    return [
      {
        kind: isSocket ? 'socket' : 'route',
        framework: 'falcon',
        path: route?.path,
        methods: isSocket ? [] : [(verb[1] ?? '').toUpperCase()],
        name: `${cls.name}.${fn.name}`,
        module,
        at: fn.at,
        chain: [
          ...middleware,
          ...ofClass,
          ...own,
          {
            role: isSocket ? 'connection' : 'handler',
            run: { module, fn: { ...fn, decorators: others }, cls },
            binds: ['request', isSocket ? 'socket' : 'response'],
            bindsByName: Object.fromEntries(
              fields.map((name): readonly [string, ParamRole] => [name, { field: 'path', name }]),
            ),
          },
        ],
        // The server in front decides.
        body: { body: 'raw', limit: undefined },
        mountSeen: route !== undefined,
        guards: [],
        ...(isSocket
          ? { socket: { origin: 'default', maxPayload: undefined, hasRateLimit: false, serverAt: fn.at } as const }
          : {}),
      },
    ]
  })
}

/** `@falcon.before(verify)` */
function hookIn(decorator: Expression, module: Module): readonly ChainStep[] {
  if (decorator.kind !== 'call' || !/(?:^|\.)before$/.test(pathOf(decorator.callee))) return []
  const [hook] = positional(decorator)
  return hook === undefined
    ? []
    : [{ role: 'dependency', run: { module, expression: hook }, binds: ['request', 'response', 'unknown', 'path'] }]
}

function isAfter(decorator: Expression): boolean {
  return decorator.kind === 'call' && /(?:^|\.)after$/.test(pathOf(decorator.callee))
}

const applications = new WeakMap<Project, Application>()

function applicationOf(project: Project): Application {
  const known = applications.get(project)
  if (known !== undefined) return known
  const routes = new Map<ClassIr, { path: string | undefined; suffix: string }>()
  const middleware: ChainStep[] = []
  for (const module of project.modules) {
    if (module.language !== 'python' || !importsFrom(module, /^falcon/)) continue
    walk(module, {
      call: (call) => {
        if (call.callee.kind === 'member' && call.callee.property === 'add_route') {
          const cls = classOf(positional(call)[1], module, project)
          if (cls !== undefined)
            routes.set(cls.cls, {
              path: literalText(positional(call)[0]),
              suffix: literalText(namedArg(call, 'suffix')) ?? '',
            })
        } else middleware.push(...middlewareIn(call, module, project))
      },
    })
  }
  const application = { routes, middleware }
  applications.set(project, application)
  return application
}

/** `falcon.App(middleware=[Signed()])` with a class that has `process_request`. */
function middlewareIn(call: CallExpression, module: Module, project: Project): readonly ChainStep[] {
  if (!/(?:^|\.)(?:App|API)$/.test(pathOf(call.callee))) return []
  const given = namedArg(call, 'middleware')
  const items = given?.kind === 'list' ? given.items : given === undefined ? [] : [given]
  return items.flatMap((item): readonly ChainStep[] => {
    const found = classOf(item, module, project)
    if (found === undefined)
      return [{ role: 'middleware', run: { module, expression: item }, binds: ['request', 'response'] }]
    return found.cls.methods.flatMap((fn: FunctionIr): readonly ChainStep[] =>
      fn.name === 'process_request' || fn.name === 'process_resource'
        ? [{ role: 'dependency', run: { module: found.module, fn, cls: found.cls }, binds: ['request', 'response'] }]
        : [],
    )
  })
}

function classOf(
  value: Expression | undefined,
  module: Module,
  project: Project,
): { readonly cls: ClassIr; readonly module: Module } | undefined {
  if (value?.kind === 'name') {
    const made = project.program.declaration(module, value.name)
    return made?.kind === 'value' && made.value.kind === 'call' ? classOf(made.value, made.module, project) : undefined
  }
  if (value?.kind !== 'call') return undefined
  const found = declarationOf(value.callee, module, project)
  return found?.kind === 'class' ? { cls: found.cls, module: found.module } : undefined
}
