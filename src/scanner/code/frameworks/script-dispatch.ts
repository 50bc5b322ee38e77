/**
 * Functions that call the addresses which others registered: the sending side of webhooks, mostly in services, workers
 * and jobs. No route leads to them; what they are is told from the address that they call.
 *
 * Only a field of a record counts (`hook.url`, `job.data.callbackUrl`). An address that is a parameter may as well come
 * from the configuration, as that of a chat channel does.
 */
import type { CallExpression, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { entryOf, type Inside, pathOf, positional } from '../parse/walk.ts'
import type { DiscoveredSurface, ParamRole } from '../surface.ts'

const SENDING =
  /^(?:fetch|axios|got|ky|needle|request|superagent|\$fetch|ofetch|nodeFetch|node_fetch)$|^(?:axios|got|ky|needle|request|superagent|https?|undici)\.(?:post|put|patch|request|fetch|default)$|(?:^|\.)(?:http|httpService|httpClient|axiosRef|client)\.(?:post|put|patch|request)$/
/** Fields that hold nothing but an address that somebody gave. */
const FIELD =
  /^(?:(?:target|callback|webhook|hook|endpoint|destination|delivery|subscriber|postback)_?(?:url|uri|endpoint))$/i
const PLAIN_FIELD = /^(?:url|uri|endpoint|target|address)$/i
const RECORD = /hook|subscri|endpoint|callback|destination|target|deliver|listener/i
/** Addresses of our own configuration. */
const OWN = /^(?:this|settings|config|conf|env|process|options|opts|import|props|constants)$/i
const ROUTED = /^_?(?:req(?:uest)?|res(?:ponse)?|reply|ctx|context|c|socket|ws|fastify|app|router|server)$/

/** Asked of every call of a module, by a walk that another discovery makes anyway. */
export function scriptDispatcher(
  call: CallExpression,
  { functions, cls }: Inside,
  module: Module,
): DiscoveredSurface[] {
  if (functions.length === 0 || /\.[jt]sx$/.test(module.file) || !SENDING.test(pathOf(call.callee))) return []
  const [first] = positional(call)
  const targets = [first, entryOf(first, 'url'), entryOf(first, 'uri')].flatMap((one) => one ?? [])
  if (!targets.some((target) => isRegistered(target, functions))) return []
  if (
    functions.some(({ params }) => params.some(({ pattern }) => pattern.kind === 'name' && ROUTED.test(pattern.name)))
  )
    return []
  const index = functions.findLastIndex(({ name }) => name !== '')
  const fn = functions[index]
  return fn === undefined ? [] : [surfaceOf(fn, functions.slice(0, index), module, cls)]
}

/** `endpoint.url`, `row.callback_url`, `job.data.callbackUrl`, or a name that was just given one of these. */
function isRegistered(target: Expression, functions: readonly FunctionIr[], hops = 0): boolean {
  if (hops > 2) return false
  if (target.kind === 'member') {
    if (isOwn(target.object)) return false
    return FIELD.test(target.property) || (PLAIN_FIELD.test(target.property) && RECORD.test(lastName(target.object)))
  }
  if (target.kind !== 'name') return false
  const given = functions
    .flatMap(({ body }) => body)
    .find((one) => one.kind === 'assign' && gives(one.target, target.name))
  if (given?.kind !== 'assign') return false
  if (given.target.kind !== 'object') return isRegistered(given.value, functions, hops + 1)
  // `const { callbackUrl } = job.data`
  return FIELD.test(target.name) && !isOwn(given.value) && given.value.kind === 'member'
}

function isOwn(value: Expression): boolean {
  const root = rootName(value)
  return OWN.test(root) || /^[A-Z][A-Z_\d]+$/.test(root)
}

function gives(target: Extract<FunctionIr['body'][number], { kind: 'assign' }>['target'], name: string): boolean {
  if (target.kind === 'name') return target.name === name
  return (
    target.kind === 'object' && target.entries.some((one) => one.target.kind === 'name' && one.target.name === name)
  )
}

function rootName(value: Expression): string {
  if (value.kind === 'member' || value.kind === 'index') return rootName(value.object)
  if (value.kind === 'call') return rootName(value.callee)
  return value.kind === 'name' ? value.name : ''
}

function lastName(value: Expression): string {
  if (value.kind === 'member') return value.property
  if (value.kind === 'index') return lastName(value.object)
  return value.kind === 'name' ? value.name : ''
}

function surfaceOf(
  fn: FunctionIr,
  within: readonly FunctionIr[],
  module: Module,
  cls: Inside['cls'],
): DiscoveredSurface {
  return {
    kind: 'route',
    framework: 'other',
    path: undefined,
    methods: [],
    name: cls === undefined ? fn.name : `${cls.name}.${fn.name}`,
    module,
    at: fn.at,
    chain: [
      {
        role: 'handler',
        run: { module, fn: { ...fn, decorators: [] }, within, ...(cls === undefined ? {} : { cls }) },
        binds: fn.params.map((): ParamRole => 'stored'),
      },
    ],
    body: { body: 'unknown', limit: undefined },
    mountSeen: false,
    guards: [],
    style: 'callback',
  }
}
