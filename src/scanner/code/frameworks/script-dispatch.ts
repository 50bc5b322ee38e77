/**
 * Functions that call the addresses which others registered: the sending side of webhooks, mostly in services, workers
 * and jobs. No route leads to them; what they are is told from the address that they call.
 *
 * Only a field of a record counts (`hook.url`, `job.data.callbackUrl`). An address that is a parameter may as well come
 * from the configuration, as that of a chat channel does.
 */
import type { CallExpression, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { entryOf, type Inside, pathOf, positional, rootName } from '../parse/walk.ts'
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
  if (functions.length === 0 || /\.[jt]sx$/.test(module.file)) return []
  const roots = targetsOf(call, module).flatMap((target) => registeredIn(target, functions) ?? [])
  if (roots.length === 0) return []
  if (
    functions.some(({ params }) => params.some(({ pattern }) => pattern.kind === 'name' && ROUTED.test(pattern.name)))
  )
    return []
  // `queue.process(async (job) => …)`: what is run is the function that is given the record.
  const given = functions.findLastIndex(({ params }) =>
    params.some(({ pattern }) => pattern.kind === 'name' && roots.includes(pattern.name)),
  )
  const named = functions.findLastIndex(({ name }) => name !== '')
  const index = given >= 0 ? given : named >= 0 ? named : functions.length - 1
  const fn = functions[index]
  const name = functions.findLast((one, at) => at <= index && one.name !== '')?.name ?? 'dispatch'
  return fn === undefined ? [] : [surfaceOf({ ...fn, name }, functions.slice(0, index), module, cls)]
}

/** What is called, or handed to a function beside it that calls. */
function targetsOf(call: CallExpression, module: Module): readonly Expression[] {
  const written = pathOf(call.callee)
  const args = positional(call)
  const [first] = args
  if (SENDING.test(written)) return [first, entryOf(first, 'url'), entryOf(first, 'uri')].flatMap((one) => one ?? [])
  if (!HANDS_ON.test(written) || !isBeside(call.callee, module)) return []
  return args.filter((arg) => arg.kind === 'member' && FIELD.test(arg.property))
}
const HANDS_ON = /(?:callback|hook|notif\w*|send\w*|post\w*|report\w*|deliver\w*|dispatch\w*|ping)\w*$/i

function isBeside(callee: Expression, { body }: Module): boolean {
  if (callee.kind === 'member') return callee.object.kind === 'name' && callee.object.name === 'this'
  return (
    callee.kind === 'name' &&
    body.some(
      (statement) =>
        (statement.kind === 'function' && statement.fn.name === callee.name) ||
        (statement.kind === 'assign' &&
          statement.value.kind === 'lambda' &&
          statement.target.kind === 'name' &&
          statement.target.name === callee.name),
    )
  )
}

/** The record's name in `endpoint.url`, `job.data.callbackUrl`, or a name that was just given one of these. */
function registeredIn(target: Expression, functions: readonly FunctionIr[], hops = 0): string | undefined {
  if (hops > 2) return undefined
  if (target.kind === 'member') {
    if (isOwn(target.object)) return undefined
    const isAddress =
      FIELD.test(target.property) || (PLAIN_FIELD.test(target.property) && RECORD.test(lastName(target.object)))
    return isAddress ? rootName(target.object) : undefined
  }
  if (target.kind !== 'name') return undefined
  const given = functions
    .flatMap(({ body }) => body)
    .find((one) => one.kind === 'assign' && gives(one.target, target.name))
  if (given?.kind !== 'assign') return undefined
  if (given.target.kind !== 'object') return registeredIn(given.value, functions, hops + 1)
  // `const { callbackUrl } = job.data`
  const isField = FIELD.test(target.name) && !isOwn(given.value) && given.value.kind === 'member'
  return isField ? rootName(given.value) : undefined
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
