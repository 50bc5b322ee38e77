/**
 * The other ways in which Python answers HTTP: aiohttp, Tornado's request handlers, and functions that a platform calls
 * (AWS Lambda, Google Cloud Functions, Azure Functions).
 */
import type { CallExpression, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { bytesOf, type Inside, literalText, namedArg, pathOf, positional, walk } from '../parse/walk.ts'
import type { BodyHandling, ChainStep, DiscoveredSurface, Framework, ParamRole } from '../surface.ts'
import { type Discover, functionName, importsFrom, type Project } from './framework.ts'
import { type ClassInProject, declarationOf, definedInside, lineageOf, methodIn } from './python-names.ts'
import { routeOfClass } from './python-sockets.ts'

const VERBS = ['get', 'post', 'put', 'patch', 'delete']

export const discoverPythonWeb: Discover = (module, project) =>
  module.language === 'python'
    ? [
        ...aiohttpRoutes(module, project),
        ...tornadoHandlers(module, project),
        ...standardHandlers(module),
        ...functions(module),
      ]
    : []

interface Parts {
  readonly framework: Framework
  readonly path: string | undefined
  readonly methods: readonly string[]
  readonly fn: FunctionIr
  readonly module: Module
  readonly inside?: Inside
  readonly chain: readonly ChainStep[]
  readonly body: BodyHandling
  readonly name?: string
}

function surface({ framework, path, methods, fn, module, chain, body, name }: Parts): DiscoveredSurface {
  const isSocket = framework === 'aiohttp' && /"WebSocketResponse"/.test(JSON.stringify(fn.body))
  return {
    kind: isSocket ? 'socket' : 'route',
    framework,
    path,
    methods: isSocket ? [] : methods,
    name: name ?? functionName(fn),
    module,
    at: fn.at,
    chain: isSocket ? chain.map((step) => (step.role === 'handler' ? { ...step, role: 'connection' } : step)) : chain,
    body,
    mountSeen: path !== undefined,
    guards: [],
    ...(isSocket ? { socket: { origin: 'default', maxPayload: undefined, hasRateLimit: false, serverAt: fn.at } } : {}),
  }
}

// ── aiohttp ──────────────────────────────────────────────────────────────────────────────────────────────────────

function aiohttpRoutes(module: Module, project: Project): readonly DiscoveredSurface[] {
  if (!importsFrom(module, /^aiohttp/)) return []
  const found: DiscoveredSurface[] = []
  const add = (verb: string, path: string | undefined, target: Expression | FunctionIr, inside: Inside): void => {
    const methods = verb === 'view' || verb === '*' ? [] : [verb.toUpperCase()]
    const body: BodyHandling = { body: 'raw', ...clientMaxSize(project) }
    const make = (fn: FunctionIr, home: Module, cls?: ClassInProject): DiscoveredSurface =>
      surface({
        framework: 'aiohttp',
        path,
        methods,
        fn,
        module: home,
        chain: [
          ...middlewares(project),
          {
            role: 'handler',
            run: {
              module: home,
              fn: { ...fn, decorators: fn.decorators.filter((one) => routeDecorator(one) === undefined) },
              within: inside.functions,
              ...(cls === undefined ? {} : { cls: cls.cls }),
            },
            binds: ['request'],
            ...(cls === undefined ? {} : { selfBinds: { request: 'request' as const } }),
          },
        ],
        body,
      })
    if (!('kind' in target)) return void found.push(make(target, module, inside.cls && { cls: inside.cls, module }))
    const bound =
      target.kind === 'member' && target.object.kind === 'name' && target.object.name === 'self'
        ? target.property
        : undefined
    const method = bound === undefined ? undefined : inside.cls?.methods.find((one) => one.name === bound)
    if (method !== undefined && inside.cls !== undefined)
      return void found.push(make(method, module, { cls: inside.cls, module }))
    const inner = target.kind === 'name' ? definedInside(target.name, inside) : undefined
    if (inner !== undefined) return void found.push(make(inner, module))
    const declaration = declarationOf(target, module, project)
    if (declaration?.kind === 'function') found.push(make(declaration.fn, declaration.module))
    if (declaration?.kind === 'class')
      for (const one of VERBS) {
        const own = methodIn(lineageOf(declaration, project), one)
        if (own === undefined) continue
        found.push({ ...make(own.fn, own.owner.module, declaration), methods: [one.toUpperCase()] })
      }
  }
  walk(module, {
    fn: (fn, inside) => {
      for (const decorator of fn.decorators) {
        const route = routeDecorator(decorator)
        if (route !== undefined) add(route.verb, route.path, fn, inside)
      }
    },
    call: (call, inside) => {
      const last = pathOf(call.callee).split('.').at(-1) ?? ''
      const verb = /^add_(get|post|put|patch|delete|view|route)$/.exec(last)?.[1] ?? (isWeb(call) ? last : undefined)
      if (verb === undefined) return
      const args = [...positional(call)]
      const method = verb === 'route' ? (literalText(args.shift()) ?? '*') : verb
      const [path, handler] = args
      if (handler !== undefined && literalText(path) !== undefined)
        add(method.toLowerCase(), literalText(path), handler, inside)
    },
  })
  return found
}

function isWeb({ callee }: CallExpression): boolean {
  return (
    callee.kind === 'member' &&
    callee.object.kind === 'name' &&
    callee.object.name === 'web' &&
    /^(?:get|post|put|patch|delete|view|route)$/.test(callee.property)
  )
}

/** `@routes.post('/x')` */
function routeDecorator(decorator: Expression): { verb: string; path: string | undefined } | undefined {
  if (decorator.kind !== 'call' || decorator.callee.kind !== 'member') return undefined
  const { property, object } = decorator.callee
  if (!/route/i.test(pathOf(object)) || !/^(?:get|post|put|patch|delete|view|route)$/.test(property)) return undefined
  const args = positional(decorator)
  const [first, second] = args
  return property === 'route'
    ? { verb: (literalText(first) ?? '*').toLowerCase(), path: literalText(second) }
    : { verb: property, path: literalText(first) }
}

/** One megabyte unless the application says otherwise; 0 means no limit. */
function clientMaxSize(project: Project): Pick<BodyHandling, 'limit' | 'limitAt' | 'file'> {
  let found: Pick<BodyHandling, 'limit' | 'limitAt' | 'file'> = { limit: 1_048_576 }
  for (const module of project.modules)
    if (module.language === 'python' && importsFrom(module, /^aiohttp/))
      walk(module, {
        call: (call) => {
          const size = namedArg(call, 'client_max_size')
          if (size === undefined || !/Application$/.test(pathOf(call.callee))) return
          const bytes = bytesOf(size)
          found = { limit: bytes === 0 ? null : bytes, limitAt: size.at, file: module.file }
        },
      })
  return found
}

/** `web.Application(middlewares=[signed])` with `async def signed(request, handler)`. */
function middlewares(project: Project): readonly ChainStep[] {
  const steps: ChainStep[] = []
  for (const module of project.modules)
    if (module.language === 'python' && importsFrom(module, /^aiohttp/))
      walk(module, {
        call: (call) => {
          const list = namedArg(call, 'middlewares')
          if (list?.kind !== 'list' || !/Application$/.test(pathOf(call.callee))) return
          for (const item of list.items) {
            const declaration = declarationOf(item, module, project)
            if (declaration?.kind !== 'function') continue
            steps.push({
              role: 'middleware',
              run: { module: declaration.module, fn: { ...declaration.fn, decorators: [] } },
              binds: ['request', 'next'],
            })
          }
        },
      })
  return steps
}

// ── Tornado ──────────────────────────────────────────────────────────────────────────────────────────────────────

function tornadoHandlers(module: Module, project: Project): readonly DiscoveredSurface[] {
  if (!importsFrom(module, /^tornado/)) return []
  return module.body.flatMap((statement): readonly DiscoveredSurface[] => {
    if (statement.kind !== 'class') return []
    const { cls } = statement
    const lineage = lineageOf({ cls, module }, project)
    if (!lineage.outside.some((base) => /(?:^|\.)RequestHandler$/.test(base))) return []
    const path = routeOfClass(cls, module, project)
    const selfBinds: Readonly<Record<string, ParamRole>> = { request: 'request', current_user: 'identity' }
    const prepare = methodIn(lineage, 'prepare')
    return VERBS.flatMap((verb): readonly DiscoveredSurface[] => {
      const found = cls.methods.find((method) => method.name === verb)
      if (found === undefined) return []
      return [
        surface({
          framework: 'tornado',
          path,
          methods: [verb.toUpperCase()],
          fn: found,
          module,
          chain: [
            ...(prepare === undefined
              ? []
              : [
                  {
                    role: 'dependency' as const,
                    run: { module: prepare.owner.module, fn: prepare.fn, cls },
                    binds: [],
                    selfBinds,
                  },
                ]),
            { role: 'handler', run: { module, fn: found, cls }, binds: [{ field: 'path', name: '1' }], selfBinds },
          ],
          // `max_body_size` of the server is 100 MB; what stands in front is not in view.
          body: { body: 'raw', limit: undefined },
        }),
      ]
    })
  })
}

// ── the standard library ─────────────────────────────────────────────────────────────────────────────────────────

/** `do_POST` of a `BaseHTTPRequestHandler`, as small deployment hooks have it. */
function standardHandlers(module: Module): readonly DiscoveredSurface[] {
  if (!importsFrom(module, /^http\.server$|^http$/)) return []
  return module.body.flatMap((statement): readonly DiscoveredSurface[] => {
    if (statement.kind !== 'class') return []
    const { cls } = statement
    if (!cls.bases.some((base) => /(?:^|\.)(?:Base|Simple)HTTPRequestHandler$/.test(pathOf(base)))) return []
    return cls.methods.flatMap((fn) =>
      fn.name !== 'do_POST' && fn.name !== 'do_PUT'
        ? []
        : [
            surface({
              framework: 'other',
              path: undefined,
              methods: [fn.name.slice(3)],
              // One such class is most often the whole program, which its file is named after.
              name: `${module.file.split('/').at(-1)?.replace(/\.py$/, '') ?? ''} ${cls.name}.${fn.name}`,
              fn,
              module,
              chain: [
                {
                  role: 'handler',
                  run: { module, fn, cls },
                  binds: [],
                  selfBinds: { headers: 'headers', rfile: 'request' },
                },
              ],
              body: { body: 'raw', limit: undefined },
            }),
          ],
    )
  })
}

// ── functions of a platform ──────────────────────────────────────────────────────────────────────────────────────

/** The platform refuses bodies of more than a few megabytes itself. */
const PLATFORM: BodyHandling = { body: 'raw', limit: undefined }

function functions(module: Module): readonly DiscoveredSurface[] {
  const google = importsFrom(module, /^(?:functions_framework|firebase_functions)/)
  const powertools = importsFrom(module, /^aws_lambda_powertools/)
  const deployed = deployedByName(module)
  return module.body.flatMap((statement): readonly DiscoveredSurface[] => {
    if (statement.kind !== 'function') return []
    const { fn } = statement
    const decorated = fn.decorators.map((one) => pathOf(one.kind === 'call' ? one.callee : one))
    const azure = azureRoute(fn, module)
    const role: ParamRole | undefined =
      azure !== undefined ||
      deployed.has(fn) ||
      (google && decorated.some((name) => /(?:^|\.)(?:http|on_request)$/.test(name)))
        ? 'request'
        : isEventHandler(fn) && (powertools || answersHttp(fn))
          ? 'event'
          : undefined
    if (role === undefined) return []
    return [
      surface({
        framework: 'serverless',
        path: azure?.path,
        methods: azure?.methods ?? [],
        fn,
        module,
        chain: [
          {
            role: 'handler',
            run: {
              module,
              fn: {
                ...fn,
                decorators: fn.decorators.filter(
                  (one) => !PLATFORM_DECORATOR.test(pathOf(one.kind === 'call' ? one.callee : one)),
                ),
              },
            },
            binds: [role, 'unknown'],
          },
        ],
        body: PLATFORM,
      }),
    ]
  })
}

/** `main.py` of Google Cloud Functions: a bare function that is given Flask's request, and that nothing here calls. */
function deployedByName(module: Module): ReadonlySet<FunctionIr> {
  if (!/(?:^|\/)main\.py$/.test(module.file) || importsFrom(module, SERVES_ITSELF)) return new Set()
  if (module.imports.some(({ imported }) => /^(?:Flask|Blueprint)$/.test(imported))) return new Set()
  const candidates = module.body.flatMap((statement) =>
    statement.kind === 'function' &&
    statement.fn.params.length === 1 &&
    statement.fn.decorators.length === 0 &&
    statement.fn.params[0]?.pattern.kind === 'name' &&
    /^(?:request|req)$/.test(statement.fn.params[0].pattern.name) &&
    /"(?:get_json|get_data)"/.test(JSON.stringify(statement.fn.body))
      ? [statement.fn]
      : [],
  )
  if (candidates.length === 0) return new Set()
  const text = JSON.stringify(module.body)
  return new Set(candidates.filter(({ name }) => !text.includes(`{"kind":"name","name":"${name}"`)))
}
const SERVES_ITSELF = /^(?:django|fastapi|starlette|sanic|aiohttp|quart|bottle|falcon|tornado|rest_framework)/

/**
 * Azure Functions: a function that is given an `HttpRequest`, under the name of its folder or the route it is decorated
 * with.
 */
function azureRoute(
  fn: FunctionIr,
  module: Module,
): { readonly path: string; readonly methods: readonly string[] } | undefined {
  const [first] = fn.params
  const type = first?.annotation === undefined ? '' : pathOf(first.annotation)
  if (!/(?:^|\.)HttpRequest$/.test(type) || !importsFrom(module, /^azure/)) return undefined
  for (const decorator of fn.decorators) {
    if (decorator.kind !== 'call' || !/\.(?:route|function_name)$/.test(pathOf(decorator.callee))) continue
    const route = literalText(namedArg(decorator, 'route')) ?? literalText(positional(decorator)[0])
    const methods = namedArg(decorator, 'methods')
    return {
      path: `/api/${route ?? fn.name}`,
      methods: methods?.kind === 'list' ? methods.items.flatMap((item) => literalText(item)?.toUpperCase() ?? []) : [],
    }
  }
  return fn.name === 'main' ? { path: `/api/${module.file.split('/').at(-2) ?? ''}`, methods: [] } : undefined
}

const PLATFORM_DECORATOR =
  /(?:^|\.)(?:http|route|function_name|auth_level|on_request|logger\.inject_lambda_context|tracer\.capture_lambda_handler|metrics\.log_metrics|event_source|xray_recorder\.capture)$/

function isEventHandler({ params }: FunctionIr): boolean {
  const [first, second] = params.map(({ pattern }) => (pattern.kind === 'name' ? pattern.name : ''))
  return params.length >= 2 && /^_?event$/.test(first ?? '') && /^_*(?:context|ctx|_)?$/.test(second ?? '')
}

/** It reads what a request has, or answers with a status: a function of a queue or a timer does neither. */
function answersHttp({ body }: FunctionIr): boolean {
  return /"(?:statusCode|httpMethod|queryStringParameters|pathParameters|isBase64Encoded|rawQueryString)"/.test(
    JSON.stringify(body),
  )
}
