/**
 * Controllers whose routes are not in sight: methods of a class and entries of an exported object that take a request
 * and a response, in a module that nothing at hand imports. Functions exported one by one are told with the platforms'.
 */
import type { ClassIr, Expression, FunctionIr, Module, Position } from '../parse/ir.ts'
import { pathOf, positional, walk } from '../parse/walk.ts'
import type { Callable, ChainStep, DiscoveredSurface } from '../surface.ts'
import { exportedHandler } from './exported-handler.ts'
import { type Discover, importsFrom, type Project } from './framework.ts'
import { isImported } from './imported.ts'

export const discoverLooseControllers: Discover = (module, project) => {
  if (module.language !== 'javascript' && module.language !== 'typescript') return []
  if (importsFrom(module, /^@nestjs\/|^routing-controllers|^@tsed\//)) return []
  const found = [
    ...classesIn(module).flatMap((cls) => (isEgg(cls, module) ? eggMethods(cls, module) : methodsOf(cls, module))),
    ...entriesOf(module),
    ...functionsOf(module, project),
  ]
  return found.length === 0 || isImported(module, project) ? [] : found
}

function classesIn(module: Module): readonly ClassIr[] {
  const declared = module.body.flatMap((statement) => (statement.kind === 'class' ? [statement.cls] : []))
  const values = module.exports.flatMap(({ value }) => (value?.kind === 'class' ? [value.cls] : []))
  return [...new Set([...declared, ...values])].filter(({ decorators }) => decorators.length === 0)
}

function methodsOf(cls: ClassIr, module: Module): readonly DiscoveredSurface[] {
  const arrows = cls.fields.flatMap(({ name, value, at }) =>
    lambdasOf(value).map((lambda) => ({ fn: { ...lambda.fn, name }, at })),
  )
  const methods = cls.methods.filter(({ decorators }) => decorators.length === 0).map((fn) => ({ fn, at: fn.at }))
  const handedOn = handedRequests(cls, module)
  return [...methods, ...arrows]
    .filter(({ fn }) => serves(fn, module) && !handedOn.has(fn.name))
    .map(({ fn, at }) => surface(fn, `${cls.name}.${fn.name}`, at, module, { module, fn, cls }))
}

/** `this.post(req, res)`, `hooks.post(req, res)`: the surface is whoever calls that, and what it does is seen from there. */
function handedRequests(cls: ClassIr, module: Module): ReadonlySet<string> {
  const made = new Set<string>()
  const names = new Set<string>()
  walk(module, {
    assign: (target, value) => {
      const isOne = value.kind === 'call' && value.isNew && pathOf(value.callee) === cls.name
      if (isOne && target.kind === 'name') made.add(target.name)
    },
    call: ({ callee, args }, inside) => {
      const [first, second] = args.map(({ value }) => (value.kind === 'name' ? value.name : ''))
      if (callee.kind !== 'member' || callee.object.kind !== 'name' || !isExchange(first, second)) return
      const owner = callee.object.name
      const isOurs = owner === 'this' ? inside.cls === cls : made.has(owner)
      if (isOurs && inside.functions.at(-1)?.name !== callee.property) names.add(callee.property)
    },
  })
  return names
}

function isExchange(first: string | undefined, second: string | undefined): boolean {
  return /^_?req(?:uest)?$/.test(first ?? '') && /^_?res(?:ponse)?$/.test(second ?? '')
}

/** Egg and its heirs: methods of a `Controller` find the request in `this.ctx`. */
function isEgg({ bases }: ClassIr, module: Module): boolean {
  return (
    bases.some((base) => /(?:^|\.)\w*Controller$/.test(pathOf(base).replaceAll('()', ''))) &&
    (importsFrom(module, /^egg$/) || /(?:^|\/)app\/controller\//.test(module.file))
  )
}

function eggMethods(cls: ClassIr, module: Module): readonly DiscoveredSurface[] {
  return cls.methods
    .filter(({ name, params, isStatic }) => name !== 'constructor' && isStatic !== true && params.length < 2)
    .filter((fn) => !MIDDLEWARE.test(fn.name) && takesContext(fn))
    .map((fn): DiscoveredSurface => {
      const made = surface(fn, `${cls.name}.${fn.name}`, fn.at, module, { module, fn, cls }, 'koa')
      return {
        ...made,
        chain: made.chain.map((step) => ({ ...step, selfBinds: { ctx: 'context' as const } })),
        body: { body: 'parsed', rawField: 'rawBody', limit: 102_400 },
      }
    })
}

/** `const { ctx } = this`, `this.ctx.request`, or a context that is handed in. */
function takesContext({ params, body }: FunctionIr): boolean {
  const [first] = params
  if (first !== undefined) return first.pattern.kind === 'name' && first.pattern.name === 'ctx'
  return /"(?:key|property)":"ctx"/.test(JSON.stringify(body))
}

/** `export const hooks = { async stripe(req, res) { … } }`, `module.exports = { stripe: (req, res) => … }` */
function entriesOf(module: Module): readonly DiscoveredSurface[] {
  const values = module.exports.flatMap(({ value }): readonly Expression[] => {
    if (value?.kind !== 'name') return value === undefined ? [] : [value]
    return module.body.flatMap((statement) =>
      statement.kind === 'assign' && statement.target.kind === 'name' && statement.target.name === value.name
        ? [statement.value]
        : [],
    )
  })
  return [...new Set(values)].flatMap((value) => {
    const { object, within } = tableIn(value)
    return (object?.entries ?? []).flatMap(({ key, value: entry }) => {
      // `{ post: [parseJson, (req, res) => …] }` of routers that read folders: the last is the handler.
      const [last, ...before] = entry.kind === 'list' ? entry.items.toReversed() : [entry]
      return lambdasOf(last)
        .filter(({ fn }) => key !== undefined && serves({ ...fn, name: key }, module))
        .map((lambda): DiscoveredSurface => {
          const made = surface(lambda.fn, key ?? '', entry.at, module, { module, expression: lambda, within })
          const steps = before.toReversed().map(
            (expression): ChainStep => ({
              role: 'middleware',
              run: { module, expression, within },
              binds: ['request', 'response', 'next'],
            }),
          )
          return { ...made, chain: [...steps, ...made.chain] }
        })
    })
  })
}

/** The object itself, or what a factory makes of it: `module.exports = (deps) => ({ … })`. */
function tableIn(value: Expression): {
  readonly object: Extract<Expression, { kind: 'object' }> | undefined
  readonly within: readonly FunctionIr[]
} {
  if (value.kind === 'object') return { object: value, within: [] }
  const last = value.kind === 'lambda' ? value.fn.body.at(-1) : undefined
  const made = last?.kind === 'return' ? last.value : undefined
  return value.kind === 'lambda' && made?.kind === 'object'
    ? { object: made, within: [value.fn] }
    : { object: undefined, within: [] }
}

type Lambda = Extract<Expression, { kind: 'lambda' }>

/** A function, alone or in a wrapper such as `asyncHandler(…)`. */
function lambdasOf(value: Expression | undefined): readonly Lambda[] {
  if (value?.kind === 'lambda') return [value]
  return value?.kind === 'call' ? positional(value).flatMap((arg) => (arg.kind === 'lambda' ? [arg] : [])) : []
}

/** `exports.github = async (ctx) => …` of Koa; those of Express are told with the platforms'. */
function functionsOf(module: Module, project: Project): readonly DiscoveredSurface[] {
  const names = [...new Set(module.exports.map(({ name }) => name))].filter((name) => name !== '*')
  return names.flatMap((name) => {
    const handler = exportedHandler(module, name, project)
    if (handler?.fn === undefined || handler.run.module !== module) return []
    return /^(?:koa|hono)$/.test(servedBy({ ...handler.fn, name }, module) ?? '')
      ? [surface({ ...handler.fn, name }, name, handler.at, module, handler.run)]
      : []
  })
}

function surface(
  fn: FunctionIr,
  name: string,
  at: Position,
  module: Module,
  run: Callable,
  framework: NonNullable<ReturnType<typeof servedBy>> = servedBy(fn, module) ?? 'express',
): DiscoveredSurface {
  return {
    kind: 'route',
    framework,
    path: undefined,
    methods: [],
    name,
    module,
    at,
    chain: [{ role: 'handler', run, binds: framework === 'express' ? ['request', 'response', 'next'] : ['context'] }],
    body: { body: framework === 'hono' ? 'raw' : 'unknown', limit: undefined },
    mountSeen: false,
    guards: [],
  }
}

function serves(fn: FunctionIr, module: Module): boolean {
  return servedBy(fn, module) !== undefined
}

/** Told from how parameters are called: `(req, res)`, or a lone `ctx`. */
function servedBy({ name, params }: FunctionIr, module: Module): 'express' | 'koa' | 'hono' | 'adonis' | undefined {
  if (MIDDLEWARE.test(name)) return undefined
  const [first, second] = params.map(({ pattern }) => (pattern.kind === 'name' ? pattern.name : ''))
  const types = params.map(({ annotation }) => (annotation === undefined ? '' : pathOf(annotation)))
  if (/^(?:Fastify|Hono|Next)/.test(types[0] ?? '')) return undefined
  if (params.length === 1 && (/^HttpContext(?:Contract)?$/.test(types[0] ?? '') || takesBoth(params[0], module)))
    return 'adonis'
  const isHono = importsFrom(module, /^hono(?:\/|$)/)
  if (isHono) return params.length === 1 && /^(?:c|ctx|context)$/.test(first ?? '') ? 'hono' : undefined
  if (first === 'ctx' && params.length === 1) return 'koa'
  return isExchange(first, second) ? 'express' : undefined
}

/** `({ request, response })` in an application of Adonis. */
function takesBoth(param: FunctionIr['params'][number] | undefined, module: Module): boolean {
  const keys = param?.pattern.kind === 'object' ? param.pattern.entries.map(({ key }) => key) : []
  return keys.includes('request') && importsFrom(module, /^@ioc:|^@adonisjs\/|^App\/|^#(?:models|services|start)/)
}

/** Steps on the way to a handler, by how they are usually called. */
export const MIDDLEWARE = /^(?:middleware|verify|auth|require|ensure|validate|error|notFound|check|is|protect)/i
