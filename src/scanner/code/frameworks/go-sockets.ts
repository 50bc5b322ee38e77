/** Sockets of Go: which handlers upgrade, and what their upgrader says of origins and sizes. */
import type { Expression, FunctionIr, Module } from '../parse/ir.ts'
import { bytesOf, pathOf, positional, walk } from '../parse/walk.ts'
import type { DiscoveredSurface } from '../surface.ts'
import type { Project } from './framework.ts'
import { methodsNamed, sameFolder } from './go-calls.ts'

const UPGRADE = /\.Upgrade$|^websocket\.(?:Accept|Upgrade|Handler|New)$|^ws\.UpgradeHTTP$/

/** It or a function it calls makes a socket of the request. */
export function upgrades(fn: FunctionIr, module: Module, project: Project, hops = 0): boolean {
  const called: string[] = []
  let found = false
  walk(
    { ...module, body: [{ kind: 'function', fn, at: fn.at }], exports: [] },
    {
      call: (call) => {
        const name = pathOf(call.callee)
        if (UPGRADE.test(name) && module.imports.some(({ source }) => SOCKET_PACKAGES.test(source))) found = true
        called.push(name)
      },
    },
  )
  if (found || hops > 1) return found
  return called.some((name) => {
    const declaration = /^\w+$/.test(name) ? project.program.declaration(module, name) : undefined
    if (declaration?.kind === 'function') return upgrades(declaration.fn, declaration.module, project, hops + 1)
    const method = /^\w+\.(\w+)$/.exec(name)?.[1]
    const near = project.modules.filter((one) => one.language === 'go' && sameFolder(one, module))
    const [only, ...others] = method === undefined ? [] : methodsNamed(method, near)
    return only !== undefined && others.length === 0 && upgrades(only.fn, only.module, project, hops + 1)
  })
}
const SOCKET_PACKAGES = /websocket|gobwas\/ws|melody/

/** Defaults of gorilla/websocket and coder/websocket: the Origin must match the host, unless code says otherwise. */
export function socketOf(module: Module, project: Project): NonNullable<DiscoveredSurface['socket']> {
  let origin: 'checked' | 'open' | 'default' | 'unknown' = 'checked'
  let originAt: Expression['at'] | undefined
  let serverAt: Expression['at'] | undefined
  let maxPayload: number | undefined
  const coder = module.imports.some(({ source }) => /nhooyr\.io|coder\/websocket/.test(source))
  if (coder) maxPayload = 32_768
  for (const one of project.modules.filter((other) => other.language === 'go' && sameFolder(other, module)))
    walk(one, {
      call: (call) => {
        const name = pathOf(call.callee)
        if (UPGRADE.test(name)) serverAt ??= call.at
        if (/\.SetReadLimit$/.test(name)) maxPayload = bytesOf(positional(call)[0]) ?? 65_536
        const check = call.args.find((arg) => arg.name === 'CheckOrigin')?.value
        if (check !== undefined) {
          origin = alwaysAgrees(check) ? 'open' : 'checked'
          originAt = check.at
        }
        const skip = call.args.find((arg) => arg.name === 'InsecureSkipVerify' && /AcceptOptions/.test(name))?.value
        if (skip?.kind === 'literal' && skip.value === true) {
          origin = 'open'
          originAt = skip.at
        }
      },
      assign: (target, value) => {
        if (target.kind !== 'place' || target.target.kind !== 'member' || target.target.property !== 'CheckOrigin')
          return
        origin = alwaysAgrees(value) ? 'open' : 'checked'
        originAt = value.at
      },
    })
  return {
    origin,
    ...(originAt === undefined ? {} : { originAt }),
    maxPayload,
    hasRateLimit: false,
    serverAt: serverAt ?? { line: 1, column: 1 },
  }
}

function alwaysAgrees(value: Expression): boolean {
  if (value.kind !== 'lambda') return false
  const [first] = value.fn.body
  return (
    value.fn.body.length === 1 &&
    first?.kind === 'return' &&
    first.value?.kind === 'literal' &&
    first.value.value === true
  )
}
