/**
 * Sockets whose handlers stand in one object: uWebSockets.js and Elysia (`app.ws(path, { open, message })`), Bun
 * (`Bun.serve({ websocket })`), h3 and Nitro (`defineWebSocketHandler({ open, message })`).
 *
 * What lets a client in stands beside them: `upgrade`, or Bun's `fetch`, which hands over by a call of that name.
 */
import type { CallExpression, Expression, Module } from '../parse/ir.ts'
import { bytesOf, entryOf, type Inside, literalText, pathOf, positional } from '../parse/walk.ts'
import type { ChainStep, DiscoveredSurface, ParamRole } from '../surface.ts'
import { importsFrom, joinPath } from './framework.ts'

interface Shape {
  readonly handlers: Expression
  readonly path: string | undefined
  readonly gate: Expression | undefined
  readonly gateBinds: readonly ParamRole[]
  /** Of a message when nothing is said, in bytes. */
  readonly maxPayload: number | undefined
}

export function objectSocket(call: CallExpression, inside: Inside, module: Module): DiscoveredSurface | undefined {
  const shape = shapeOf(call, module)
  if (shape === undefined) return undefined
  const { handlers, path, gate, gateBinds } = shape
  const message = entryOf(handlers, 'message')
  if (message === undefined) return undefined
  const open = entryOf(handlers, 'open')
  const size = entryOf(handlers, 'maxPayloadLength') ?? entryOf(handlers, 'maxPayload')
  const step = (role: ChainStep['role'], expression: Expression, binds: readonly ParamRole[]): ChainStep => ({
    role,
    run: {
      module,
      expression,
      within: inside.functions,
      ...(inside.cls === undefined ? {} : { cls: inside.cls }),
    },
    binds,
  })
  const guard = entryOf(handlers, 'beforeHandle')
  return {
    kind: 'socket',
    framework: 'ws',
    path: path === undefined ? undefined : joinPath(path),
    methods: [],
    name: 'message',
    module,
    at: call.at,
    chain: [
      ...(gate === undefined ? [] : [step('middleware', gate, gateBinds)]),
      ...(open === undefined ? [] : [step('connection', open, ['socket', 'request'])]),
      {
        ...step('message', message, ['socket', 'message', 'unknown']),
        event: 'message',
        // Elysia refuses what does not fit.
        ...(entryOf(handlers, 'body') === undefined ? {} : { notes: ['schema-validated'] }),
      },
    ],
    body: { body: 'unknown', limit: undefined },
    mountSeen: true,
    guards: guard === undefined ? [] : [{ name: 'beforeHandle', at: guard.at }],
    socket: {
      origin: 'default',
      maxPayload: size === undefined ? shape.maxPayload : (bytesOf(size) ?? 1_000_000),
      hasRateLimit: false,
      serverAt: call.at,
    },
  }
}

function shapeOf(call: CallExpression, module: Module): Shape | undefined {
  const written = pathOf(call.callee).replaceAll('()', '')
  const args = positional(call)
  const [first, second] = args
  if (/\.ws$/.test(written) && second?.kind === 'object' && importsFrom(module, /uWebSockets\.js|^elysia/))
    return {
      handlers: second,
      path: literalText(first),
      gate: entryOf(second, 'upgrade'),
      gateBinds: ['response', 'request', 'unknown'],
      maxPayload: importsFrom(module, /uWebSockets\.js/) ? 16_384 : undefined,
    }
  const bun = written === 'Bun.serve' ? entryOf(first, 'websocket') : undefined
  if (bun !== undefined)
    return {
      handlers: bun,
      path: undefined,
      gate: entryOf(first, 'fetch'),
      gateBinds: ['request', 'unknown'],
      maxPayload: undefined,
    }
  if (/(?:^|\.)defineWebSocketHandler$/.test(written) && first?.kind === 'object')
    return {
      handlers: first,
      path: undefined,
      gate: undefined,
      gateBinds: [],
      maxPayload: 1_000_000,
    }
  return undefined
}
