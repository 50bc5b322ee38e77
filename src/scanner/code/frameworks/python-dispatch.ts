/**
 * Functions that call the addresses which others registered: the sending side of webhooks and callbacks, mostly in
 * workers and tasks. No route leads to them; what they are is told from the address that they call. A worker that gives
 * its result to everybody is found here too.
 */
import type { CallExpression, Expression, FunctionIr, Module } from '../parse/ir.ts'
import { namedArg, pathOf, positional, rootName, walk } from '../parse/walk.ts'
import type { DiscoveredSurface, ParamRole } from '../surface.ts'
import { type Discover, importsFrom } from './framework.ts'

const CLIENT = /^(?:requests|httpx|aiohttp|urllib|urllib3)(?:\.|$)/
const STORAGE = /^(?:boto3|aioboto3|aiobotocore|google\.cloud|minio|storages?)(?:\.|$)/
const UPLOADING = /(?:^|\.)(?:put_object|upload_file|upload_fileobj)$/
const SENDING = /(?:^|\.)(?:post|put|patch|request|urlopen|send|stream)$/
/** The field of a record, or the parameter, that holds where to send. */
const FIELD =
  /^(?:(?:target|callback|webhook|hook|endpoint|destination|delivery|notify|notification|subscriber|post_?back)_?(?:url|uri|endpoint)|url|uri|endpoint|callback)$/i
const PARAMETER = /^(?:target|callback|webhook|hook|endpoint|destination|subscriber)_?(?:url|uri)$/i
const ABOUT =
  /web_?hook|callback|subscri|deliver|dispatch|endpoint|(?:^|_)hooks?(?:_|$)|fan_?out|notify|postback|outbound/i
/** Addresses of our own configuration, and of the object that sends. */
const OWN = /^(?:self|cls|settings|config|app|conf|env|options|client|session|request|response|resp|res)$/i

export const discoverPythonDispatch: Discover = (module) => {
  if (module.language !== 'python') return []
  const uploads = importsFrom(module, STORAGE)
  if (!uploads && !importsFrom(module, CLIENT)) return []
  const found: DiscoveredSurface[] = []
  const seen = new Set<FunctionIr>()
  walk(module, {
    call: (call, { functions, cls }) => {
      const [fn] = functions
      if (fn === undefined || seen.has(fn) || fn.decorators.some(isRoute)) return
      if (uploads && /public-read/.test(JSON.stringify(call.args)) && UPLOADING.test(pathOf(call.callee))) {
        seen.add(fn)
        return void found.push(surfaceOf(fn, module, cls, 'async-job'))
      }
      if (!sends(call, functions, fn)) return
      if (
        !ABOUT.test(`${fn.name} ${targetName(call)}`) &&
        !ABOUT.test(module.file) &&
        !/subscri|webhook|endpoint/i.test(cls?.name ?? '')
      )
        return
      seen.add(fn)
      found.push(surfaceOf(fn, module, cls, 'callback'))
    },
  })
  return found
}

function sends(call: CallExpression, functions: readonly FunctionIr[], fn: FunctionIr): boolean {
  const { callee } = call
  if (callee.kind !== 'member' && callee.kind !== 'name') return false
  if (!SENDING.test(pathOf(callee))) return false
  return targets(call).some((target) => isRegistered(target, functions, fn))
}

function targets(call: CallExpression): readonly Expression[] {
  const named = namedArg(call, 'url')
  return [...(named === undefined ? [] : [named]), ...positional(call).slice(0, 2)]
}

function targetName(call: CallExpression): string {
  return targets(call).map(pathOf).join(' ')
}

/** `endpoint.url`, `row["callback_url"]`, a parameter `callback_url`, or a name that was just given one of these. */
function isRegistered(target: Expression, functions: readonly FunctionIr[], fn: FunctionIr, hops = 0): boolean {
  if (hops > 2) return false
  if (target.kind === 'member') return FIELD.test(target.property) && !OWN.test(rootName(target.object))
  if (target.kind === 'index')
    return (
      target.index.kind === 'literal' &&
      typeof target.index.value === 'string' &&
      FIELD.test(target.index.value) &&
      !OWN.test(rootName(target.object))
    )
  if (target.kind === 'call' && /^(?:str|text_type)$/.test(pathOf(target.callee)))
    return positional(target).some((arg) => isRegistered(arg, functions, fn, hops + 1))
  if (target.kind !== 'name') return false
  const assigned = functions
    .flatMap(({ body }) => body)
    .find((one) => one.kind === 'assign' && one.target.kind === 'name' && one.target.name === target.name)
  if (assigned?.kind === 'assign') return isRegistered(assigned.value, functions, fn, hops + 1)
  const isParameter = fn.params.some(({ pattern }) => pattern.kind === 'name' && pattern.name === target.name)
  return isParameter && (PARAMETER.test(target.name) || (target.name === 'url' && /web_?hook|callback/i.test(fn.name)))
}

/** Found by another discovery. */
function isRoute(decorator: Expression): boolean {
  return (
    decorator.kind === 'call' &&
    decorator.callee.kind === 'member' &&
    /^(?:route|get|post|put|patch|delete|websocket|api_route)$/.test(decorator.callee.property)
  )
}

function surfaceOf(
  fn: FunctionIr,
  module: Module,
  cls: { readonly name: string } | undefined,
  style: 'callback' | 'async-job',
): DiscoveredSurface {
  const params = fn.params.filter(({ pattern }) => !(pattern.kind === 'name' && /^(?:self|cls)$/.test(pattern.name)))
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
        run: { module, fn: { ...fn, decorators: [] } },
        binds: params.map((): ParamRole => 'stored'),
      },
    ],
    body: { body: 'unknown', limit: undefined },
    mountSeen: false,
    guards: [],
    style,
  }
}
