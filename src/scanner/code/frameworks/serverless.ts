/**
 * Functions that a platform calls: AWS Lambda, Netlify, Vercel, Cloudflare Workers, Google Cloud and Firebase, Azure.
 *
 * A platform is told from what it imports, from the folder it looks in, or from the shape of what is exported: an event
 * in and `{ statusCode }` out, a web request in and a `Response` out, or `(req, res)` that no router of the project uses.
 */
import type { Expression, FunctionIr, Module, Position } from '../parse/ir.ts'
import { entryOf, literalText, pathOf, positional, walk, walkFunction } from '../parse/walk.ts'
import type { BodyHandling, DiscoveredSurface, Framework, ParamRole } from '../surface.ts'
import { type ExportedHandler, exportedHandler, unwrapped } from './exported-handler.ts'
import { type Discover, importsFrom, type Project } from './framework.ts'
import { isImported } from './imported.ts'
import { MIDDLEWARE } from './loose-controllers.ts'
import { pageBody } from './next-routes.ts'
import { testedPaths } from './tested-paths.ts'

/** The platform refuses more than a few megabytes before the function is called. */
const PLATFORM: BodyHandling = { body: 'raw', limit: undefined }

export const discoverServerless: Discover = (module, project) => {
  if (module.language !== 'javascript' && module.language !== 'typescript') return []
  return [...registered(module, project), ...exported(module, project)]
}

// ── registered by a call ─────────────────────────────────────────────────────────────────────────────────────────

function registered(module: Module, project: Project): readonly DiscoveredSurface[] {
  const azure = importsFrom(module, /^@azure\/functions$/)
  const azureApp =
    module.imports.find(({ source, imported }) => source === '@azure/functions' && imported === 'app')?.local ?? 'app'
  const google = importsFrom(module, /^@google-cloud\/functions-framework$/)
  const convex = importsFrom(module, /^convex\/server$/)
  const found: DiscoveredSurface[] = []
  walk(module, {
    call: (call) => {
      const path = pathOf(call.callee)
      const [first, second] = positional(call)
      const name = literalText(first)
      if (azure && path === `${azureApp}.http` && name !== undefined) {
        const handler = entryOf(second, 'handler')
        if (handler === undefined) return
        const methods = entryOf(second, 'methods')
        found.push(
          ...surfaces(
            handler,
            call.at,
            module,
            project,
            {
              path: `/api/${(literalText(entryOf(second, 'route')) ?? name).replace(/^\//, '')}`,
              methods: methods?.kind === 'list' ? methods.items.flatMap((item) => literalText(item) ?? []) : [],
              binds: ['request', 'unknown'],
              name,
            },
            PLATFORM,
          ),
        )
      }
      // `http.route({ path: '/stripe', method: 'POST', handler: httpAction(async (ctx, request) => …) })`
      const action = convex && /\.route$/.test(path) ? entryOf(first, 'handler') : undefined
      if (action !== undefined)
        found.push(
          ...surfaces(
            action,
            call.at,
            module,
            project,
            {
              path: literalText(entryOf(first, 'path') ?? entryOf(first, 'pathPrefix')),
              methods: [literalText(entryOf(first, 'method')) ?? []].flat(),
              binds: ['unknown', 'request'],
              name: 'httpAction',
            },
            PLATFORM,
          ),
        )
      if (google && /(?:^|\.)http$/.test(path) && name !== undefined && second !== undefined)
        found.push(
          ...surfaces(
            second,
            call.at,
            module,
            project,
            { path: `/${name}`, methods: [], binds: ['request', 'response'], name },
            { body: 'parsed', rawField: 'rawBody', limit: 10_485_760 },
          ),
        )
      if (path === 'addEventListener' && name === 'fetch' && second !== undefined)
        found.push(
          ...surfaces(
            second,
            call.at,
            module,
            project,
            { path: undefined, methods: [], binds: ['event'], name: 'fetch' },
            PLATFORM,
          ),
        )
    },
  })
  return found
}

interface Shape {
  readonly path: string | undefined
  readonly methods: readonly string[]
  readonly binds: readonly ParamRole[]
  readonly name: string
}

function surfaces(
  handler: Expression,
  at: Position,
  module: Module,
  project: Project,
  shape: Shape,
  body: BodyHandling,
): readonly DiscoveredSurface[] {
  const { fn, run, guards } = unwrapped(handler, module, project)
  return surfacesOf({ name: shape.name, fn, run, guards, at }, module, project, shape, body)
}

function surfacesOf(
  { fn, run, guards, at }: ExportedHandler,
  module: Module,
  project: Project,
  { path, methods, binds, name }: Shape,
  body: BodyHandling,
  framework: Framework = 'serverless',
): readonly DiscoveredSurface[] {
  const tested = fn === undefined || path !== undefined ? [] : testedPaths(fn, run.module, project)
  const routes = tested.length === 0 ? [{ path, methods }] : tested
  return routes.map((route) => ({
    kind: 'route',
    framework,
    path: route.path,
    methods: route.methods,
    name,
    module,
    at,
    chain: [{ role: 'handler', run, binds }],
    body,
    mountSeen: framework === 'serverless',
    guards,
    ...(tested.length > 0 ? { comparesAddress: true } : {}),
  }))
}

// ── exported ─────────────────────────────────────────────────────────────────────────────────────────────────────

const FRAMEWORK_PAGES = /(?:^|\/)(?:app\/(?:.*\/)?route|pages\/api\/.+|routes\/(?:.*\/)?\+server)\.[cm]?[jt]sx?$/

/** Nitro's own folders are ordinary ones elsewhere; what it serves is a default export. */
const NITRO_PAGES = /(?:^|\/)server\/(?:api|routes)\/.+\.[cm]?[jt]sx?$/

function exported(module: Module, project: Project): readonly DiscoveredSurface[] {
  if (FRAMEWORK_PAGES.test(module.file)) return []
  if (NITRO_PAGES.test(module.file) && module.exports.some(({ name }) => name === 'default')) return []
  const worker = workerHandler(module, project)
  if (worker.length > 0) return worker
  const written = [...new Set(module.exports.map(({ name }) => name))].filter((name) => name !== '*')
  // Folders of functions take the default export, whatever else it is called.
  const names = /(?:^|\/)(?:api|functions)\//.test(module.file)
    ? written.toSorted((a, b) => Number(b === 'default') - Number(a === 'default'))
    : written
  const handlers = names.flatMap((name) => exportedHandler(module, name, project) ?? [])
  // `module.exports = handler` and `exports.handler = handler` are one function.
  const seen = new Set<FunctionIr>()
  return handlers.flatMap((handler) => {
    if (handler.fn === undefined || seen.has(handler.fn)) return []
    seen.add(handler.fn)
    return exportedSurface(handler, handler.fn, module, project)
  })
}

/** `export default { async fetch(request, env, ctx) { … } }` */
function workerHandler(module: Module, project: Project): readonly DiscoveredSurface[] {
  const declaration = project.program.exported(module, 'default')
  const value = declaration?.kind === 'value' ? declaration.value : undefined
  const handler = entryOf(value, 'fetch')
  if (handler === undefined || declaration?.kind !== 'value') return []
  if (handler.kind !== 'lambda' && handler.kind !== 'name') return []
  const { fn, run, guards } = unwrapped(handler, declaration.module, project)
  if (fn === undefined) return []
  const name = fn.name === '' ? 'fetch' : fn.name
  return surfacesOf(
    { name, fn, run, guards, at: handler.kind === 'lambda' ? handler.at : fn.at },
    module,
    project,
    { path: undefined, methods: [], binds: ['request', 'environment', 'unknown'], name },
    PLATFORM,
  )
}

function exportedSurface(
  handler: ExportedHandler,
  fn: FunctionIr,
  module: Module,
  project: Project,
): readonly DiscoveredSurface[] {
  const { name } = handler
  const named = name === 'default' ? fn.name || 'handler' : name
  if (isLambda(fn, name, module))
    return surfacesOf(
      handler,
      module,
      project,
      { path: netlifyPath(module), methods: [], binds: ['event', 'unknown', 'unknown'], name: named },
      PLATFORM,
    )
  const page = cloudflarePage(name, module)
  if (page !== undefined)
    return surfacesOf(handler, module, project, { ...page, binds: ['context'], name: named }, PLATFORM)
  const [first, second] = fn.params.map(({ pattern }) => (pattern.kind === 'name' ? pattern.name : ''))
  const types = fn.params.map(({ annotation }) => (annotation === undefined ? '' : pathOf(annotation)))
  const vercel = /(?:^|\/)api\/(.+?)(?:\/index)?\.[cm]?[jt]s$/.exec(module.file)?.[1]
  const path = vercel !== undefined && !/(?:^|\/)src\//.test(module.file) ? `/api/${vercel}` : netlifyPath(module)
  const isWeb =
    (/^(?:Request|NextRequest)$/.test(types[0] ?? '') ||
      (path !== undefined && fn.params.length > 0 && fn.params.length < 3 && /^req(?:uest)?$/.test(first ?? ''))) &&
    !/^res(?:ponse)?$|^reply$/.test(second ?? '')
  const method = /^(?:GET|POST|PUT|PATCH|DELETE)$/.test(name) ? [name] : []
  // `serveStripeWebhook(request: Request): Promise<Response>`, for a router that is not in sight.
  const isLoose = /hook/i.test(name) && /^(?:Next)?Request$/.test(types[0] ?? '') && !isImported(module, project)
  if (isWeb && (name === 'default' || method.length > 0 || name === 'handler' || isLoose) && answersWithResponse(fn))
    return surfacesOf(
      handler,
      module,
      project,
      { path, methods: method, binds: ['request', 'unknown'], name: named },
      PLATFORM,
    )
  if (
    name === 'default' &&
    vercel !== undefined &&
    path !== undefined &&
    /^req/.test(first ?? '') &&
    /^res/.test(second ?? '')
  ) {
    const body = pageBody(module, project)
    return surfacesOf(
      handler,
      module,
      project,
      { path, methods: [], binds: ['request', 'response'], name: named },
      body.limit === null ? { body: 'raw', limit: undefined } : { body: 'parsed', limit: 4_718_592 },
    )
  }
  const firebase = firebaseMaker(handler, module, project)
  if (firebase)
    return surfacesOf(
      handler,
      module,
      project,
      { path: `/${name}`, methods: [], binds: ['request', 'response'], name: named },
      { body: 'parsed', rawField: 'rawBody', limit: 10_485_760 },
    )
  if (first === 'context' && /^req(?:uest)?$/.test(second ?? '') && name === 'default')
    return surfacesOf(
      handler,
      module,
      project,
      { path: undefined, methods: [], binds: ['unknown', 'request'], name: named },
      { body: 'parsed', rawField: 'rawBody', limit: undefined },
    )
  return looseHandler(handler, first, second, named, module, project)
}

/** `exports.x = (req, res) => …` that nobody in the project mounts: a cloud function, or a controller alone. */
function looseHandler(
  handler: ExportedHandler,
  first: string | undefined,
  second: string | undefined,
  name: string,
  module: Module,
  project: Project,
): readonly DiscoveredSurface[] {
  const plain = /^_?req(?:uest)?$/.test(first ?? '') && /^_?res(?:ponse)?$/.test(second ?? '')
  if (!plain || isImported(module, project) || handler.run.module !== module) return []
  const express =
    (handler.fn?.params.length ?? 0) > 2 ||
    importsFrom(module, /^express/) ||
    !/(?:^|\/)index\.[cm]?[jt]s$/.test(module.file)
  if (express && MIDDLEWARE.test(name)) return []
  return surfacesOf(
    handler,
    module,
    project,
    { path: undefined, methods: [], binds: ['request', 'response', 'next'], name },
    express ? { body: 'unknown', limit: undefined } : { body: 'parsed', rawField: 'rawBody', limit: 10_485_760 },
    express ? 'express' : 'serverless',
  )
}

/** `functions/api/hook.js` that exports `onRequestPost`: Pages of Cloudflare. */
function cloudflarePage(name: string, module: Module): Pick<Shape, 'path' | 'methods'> | undefined {
  const method = /^onRequest(Get|Post|Put|Patch|Delete)?$/.exec(name)
  const path = /(?:^|\/)functions\/(.+?)(?:\/index)?\.[cm]?[jt]sx?$/.exec(module.file)?.[1]
  if (method === null || path === undefined || /(?:^|\/)_middleware$/.test(path)) return undefined
  return {
    path: `/${path.replaceAll(/\[+([\w-]+)\]+/g, ':$1')}`,
    methods: method[1] === undefined ? [] : [method[1].toUpperCase()],
  }
}

function netlifyPath(module: Module): string | undefined {
  const name = /(?:^|\/)(?:netlify\/(?:edge-)?functions)\/([\w-]+?)(?:\/index|\/\1)?\.[cm]?[jt]s$/.exec(
    module.file,
  )?.[1]
  return name === undefined ? undefined : `/.netlify/functions/${name}`
}

function firebaseMaker(handler: ExportedHandler, module: Module, project: Project): boolean {
  if (!importsFrom(module, /^firebase-functions/)) return false
  const declaration = project.program.exported(module, handler.name)
  return declaration?.kind === 'value' && /onRequest$/.test(innermostPath(declaration.value))
}

function innermostPath(value: Expression): string {
  return value.kind === 'call' ? pathOf(value.callee) : ''
}

/** An event of API Gateway, a function URL or Netlify comes in; a status code, headers and a text go out. */
function isLambda(fn: FunctionIr, name: string, module: Module): boolean {
  const [first] = fn.params
  if (first === undefined || fn.params.length > 3) return false
  const second = fn.params[1]?.pattern
  if (second?.kind === 'name' && /^_?(?:reply|res|response|next|done|socket)$/.test(second.name)) return false
  const type = first.annotation === undefined ? '' : pathOf(first.annotation)
  if (/^(?:Next)?Request$/.test(type)) return false
  if (/^(?:APIGatewayProxy\w*|APIGatewayEvent|LambdaFunctionURLEvent|ALBEvent|HandlerEvent)$/.test(type)) return true
  if (
    type !== '' &&
    /^(?:SQS|SNS|S3|DynamoDB|Scheduled|EventBridge|Kinesis|Cognito|APIGateway\w*Authorizer)\w*/.test(type)
  )
    return false
  const isNamed = first.pattern.kind === 'name' && /^_?(?:event|evt|e|request|req|input)$/.test(first.pattern.name)
  const isTaken =
    first.pattern.kind === 'object' && first.pattern.entries.some(({ key }) => /^(?:headers|body|rawBody)$/.test(key))
  if (!isNamed && !isTaken) return false
  const answers = returnsStatusCode(fn)
  if (name === 'handler' || /Handler$/.test(name)) return answers || readsEvent(fn)
  return (
    answers &&
    (readsEvent(fn) || isTaken || importsFrom(module, /aws-lambda|@netlify\/functions|@aws-lambda-powertools/))
  )
}

function returnsStatusCode(fn: FunctionIr): boolean {
  const text = JSON.stringify(fn.body)
  return text.includes('"statusCode"') || /"(?:respond|response|json|reply|ok|formatJSONResponse)\w*"/i.test(text)
}

function readsEvent(fn: FunctionIr): boolean {
  return /"property":"(?:body|headers|rawBody|queryStringParameters|pathParameters|isBase64Encoded)"|"key":"(?:body|headers)"/.test(
    JSON.stringify(fn.body),
  )
}

function answersWithResponse(fn: FunctionIr): boolean {
  let found = false
  walkFunction(fn, {
    call: (call) => {
      const path = pathOf(call.callee)
      if (/^(?:Response|NextResponse)(?:\.|$)/.test(path) || /^(?:json|respond|response)$/i.test(path)) found = true
    },
  })
  return found
}
