/** What `Rails.application.routes.draw` declares: each route with its controller and action, prefixes and modules resolved. */
import type { CallExpression, Expression, FunctionIr, Module, Statement } from '../parse/ir.ts'
import { BLOCK, literalText, namedArg, positional } from '../parse/walk.ts'
import { joinPath } from './framework.ts'

export interface RailsRoute {
  /** As in a path: `api/v1/hooks`. */
  readonly controller: string
  readonly action: string
  readonly path: string
  readonly methods: readonly string[]
}

interface Drawing {
  readonly path: string
  readonly module: string
  readonly controller: string | undefined
  /** Inside `resources`: the path of one of them, for `member`. */
  readonly member: string | undefined
  readonly collection: string | undefined
  readonly concerns: ReadonlyMap<string, readonly CallExpression[]>
}

const VERBS = /^(?:get|post|put|patch|delete|match)$/
const COLLECTION: readonly (readonly [string, string, string])[] = [
  ['index', 'GET', ''],
  ['create', 'POST', ''],
  ['new', 'GET', '/new'],
]
const MEMBER: readonly (readonly [string, string, string])[] = [
  ['show', 'GET', ''],
  ['update', 'PATCH', ''],
  ['destroy', 'DELETE', ''],
  ['edit', 'GET', '/edit'],
]

export function railsRoutes(module: Module): readonly RailsRoute[] {
  const calls = module.body.flatMap(callsIn)
  const drawn = calls.filter((call) => call.callee.kind === 'member' && call.callee.property === 'draw')
  const start: Drawing = {
    path: '',
    module: '',
    controller: undefined,
    member: undefined,
    collection: undefined,
    concerns: new Map(),
  }
  // A file under config/routes/ is drawn into the main one.
  if (drawn.length === 0) return draw(calls, start, 0)
  return drawn.flatMap((call) => draw(bodyOf(call), start, 0))
}

function callsIn(statement: Statement): readonly CallExpression[] {
  switch (statement.kind) {
    case 'expression':
    case 'return':
      return statement.value?.kind === 'call' ? [statement.value] : []
    case 'if':
      return [...statement.then, ...statement.otherwise].flatMap(callsIn)
    case 'block':
    case 'loop':
      return statement.body.flatMap(callsIn)
    default:
      return []
  }
}

function bodyOf(call: CallExpression): readonly CallExpression[] {
  return blockOf(call)?.body.flatMap(callsIn) ?? []
}

function blockOf(call: CallExpression): FunctionIr | undefined {
  const block = call.args.find((arg) => arg.name === BLOCK)?.value
  return block?.kind === 'lambda' ? block.fn : undefined
}

function draw(calls: readonly CallExpression[], at: Drawing, depth: number): readonly RailsRoute[] {
  if (depth > 12) return []
  const concerns = new Map(at.concerns)
  for (const call of calls) {
    const name = firstText(call)
    if (nameOf(call) === 'concern' && name !== undefined) concerns.set(name, bodyOf(call))
  }
  const here: Drawing = { ...at, concerns }
  return calls.flatMap((call) => drawOne(call, here, depth))
}

function drawOne(call: CallExpression, at: Drawing, depth: number): readonly RailsRoute[] {
  const name = nameOf(call)
  const inner = (into: Drawing): readonly RailsRoute[] => draw(bodyOf(call), into, depth + 1)
  const first = firstText(call)
  const option = (key: string): string | undefined => literalText(namedArg(call, key))
  if (VERBS.test(name)) return verb(call, name, at)
  switch (name) {
    case 'root':
      return target(option('to') ?? first, '/', ['GET'], at)
    case 'namespace': {
      if (first === undefined) return []
      const path = option('path') ?? first
      const module = option('module') ?? first
      return inner({ ...at, path: joinPath(at.path, path), module: joined(at.module, module), controller: undefined })
    }
    case 'scope': {
      const path = option('path') ?? first ?? ''
      return inner({
        ...at,
        path: joinPath(at.path, path),
        module: joined(at.module, option('module') ?? ''),
        controller: option('controller') ?? at.controller,
      })
    }
    case 'controller':
      return inner({ ...at, controller: first ?? at.controller })
    case 'resources':
    case 'resource':
      return positional(call).flatMap((arg) => {
        const plural = literalText(arg)
        return plural === undefined ? [] : resource(call, plural, name === 'resource', at, depth)
      })
    case 'member':
      return inner({ ...at, path: at.member ?? at.path })
    case 'collection':
      return inner({ ...at, path: at.collection ?? at.path })
    case 'concerns':
      return positional(call)
        .flatMap((arg) => (arg.kind === 'list' ? arg.items : [arg]))
        .flatMap((arg) => draw(at.concerns.get(literalText(arg) ?? '') ?? [], at, depth + 1))
    case 'constraints':
    case 'defaults':
    case 'authenticate':
    case 'authenticated':
    case 'unauthenticated':
    case 'with_options':
    case 'devise_scope':
    case 'shallow':
    case 'direct':
      return inner(at)
    default:
      return []
  }
}

/** `post '/x', to: 'a#b'`, `post 'x' => 'a#b'`, `post :x`, `post 'a/b'`, `match '/x', via: [:post]`. */
function verb(call: CallExpression, name: string, at: Drawing): readonly RailsRoute[] {
  const rocket = call.args.find(
    (arg) => arg.name !== undefined && !OPTIONS.has(arg.name) && literalText(arg.value)?.includes('#') === true,
  )
  const names = positional(call).flatMap((arg) => literalText(arg) ?? [])
  const paths = rocket?.name === undefined ? names : [rocket.name]
  const on = literalText(namedArg(call, 'on'))
  const base = on === 'member' ? (at.member ?? at.path) : on === 'collection' ? (at.collection ?? at.path) : at.path
  const via = namedArg(call, 'via')
  const methods = name === 'match' ? viaOf(via) : [name.toUpperCase()]
  const module = literalText(namedArg(call, 'module'))
  const into: Drawing = module === undefined ? at : { ...at, module: joined(at.module, module) }
  return paths.flatMap((path) => {
    const to = rocket === undefined ? literalText(namedArg(call, 'to')) : literalText(rocket.value)
    const controller = literalText(namedArg(call, 'controller'))
    const action = literalText(namedArg(call, 'action'))
    const full = joinPath(base, path)
    if (to?.includes('#') === true) return target(to, full, methods, into)
    if (action !== undefined || controller !== undefined)
      return target(`${controller ?? at.controller ?? ''}#${action ?? lastOf(path)}`, full, methods, into)
    if (to !== undefined) return target(`${at.controller ?? ''}#${to}`, full, methods, into)
    if (namedArg(call, 'to') !== undefined) return []
    // `post 'hooks/github'` leads to hooks#github, `post :sync` in a resource to its own controller.
    if (at.controller !== undefined) return target(`${at.controller}#${lastOf(path)}`, full, methods, into)
    const parts = path.replace(/^\/|\(.*\)$/g, '').split('/')
    return parts.length < 2 ? [] : target(`${parts.slice(0, -1).join('/')}#${parts.at(-1) ?? ''}`, full, methods, into)
  })
}

const OPTIONS: ReadonlySet<string> = new Set(['to', 'as', 'via', 'on', 'controller', 'action', 'format', 'module'])

function viaOf(via: Expression | undefined): readonly string[] {
  const items = via?.kind === 'list' ? via.items : via === undefined ? [] : [via]
  const methods = items.flatMap((item) => literalText(item)?.toUpperCase() ?? [])
  return methods.includes('ALL') ? [] : methods
}

function lastOf(path: string): string {
  return (
    path
      .replace(/\(.*\)$/, '')
      .split('/')
      .at(-1) ?? path
  ).replaceAll('-', '_')
}

function target(to: string | undefined, path: string, methods: readonly string[], at: Drawing): readonly RailsRoute[] {
  const [controller, action] = to?.split('#') ?? []
  if (controller === undefined || action === undefined || controller === '') return []
  return [
    {
      controller: controller.startsWith('/') ? controller : joined(at.module, controller),
      action,
      path: joinPath(path.replace(/\(\.?:?\w*\)$/, '')),
      methods,
    },
  ]
}

function resource(
  call: CallExpression,
  name: string,
  single: boolean,
  at: Drawing,
  depth: number,
): readonly RailsRoute[] {
  const path = joinPath(at.path, literalText(namedArg(call, 'path')) ?? name)
  const module = joined(at.module, literalText(namedArg(call, 'module')) ?? '')
  const controller = literalText(namedArg(call, 'controller')) ?? (single ? pluralOf(name) : name)
  const key = literalText(namedArg(call, 'param')) ?? 'id'
  const only = textsOf(namedArg(call, 'only'))
  const except = textsOf(namedArg(call, 'except')) ?? []
  const member = single ? path : joinPath(path, `:${key}`)
  const wanted = (action: string): boolean => (only === undefined ? !except.includes(action) : only.includes(action))
  const into: Drawing = { ...at, module }
  const own = [
    ...COLLECTION.filter(([action]) => !(single && action === 'index')).map((row) => ({ row, base: path })),
    ...MEMBER.map((row) => ({ row, base: member })),
  ].flatMap(({ row: [action, method, suffix], base }) =>
    wanted(action)
      ? target(`${controller}#${action}`, `${base}${suffix}`, action === 'update' ? ['PATCH', 'PUT'] : [method], into)
      : [],
  )
  const singular = name.replace(/ies$/, 'y').replace(/s$/, '')
  const nested: Drawing = {
    ...into,
    path: single ? path : joinPath(path, `:${singular}_${key}`),
    controller,
    member,
    collection: path,
  }
  const concerns = textsOf(namedArg(call, 'concerns')) ?? []
  return [
    ...own,
    ...draw(bodyOf(call), nested, depth + 1),
    ...concerns.flatMap((one) => draw(at.concerns.get(one) ?? [], nested, depth + 1)),
  ]
}

function textsOf(value: Expression | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (value.kind === 'list') return value.items.flatMap((item) => literalText(item) ?? [])
  const text = literalText(value)
  return text === undefined ? undefined : [text]
}

function pluralOf(name: string): string {
  if (/(?:s|x|ch|sh)$/.test(name)) return `${name}es`
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`
}

function joined(module: string, name: string): string {
  return [module, name].filter((part) => part !== '').join('/')
}

function nameOf(call: CallExpression): string {
  return call.callee.kind === 'name' ? call.callee.name : ''
}

function firstText(call: CallExpression): string | undefined {
  return literalText(positional(call)[0])
}
