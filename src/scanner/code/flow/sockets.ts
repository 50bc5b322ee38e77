/**
 * Sockets: handlers of messages, what counts as a proof in a handshake, and what limits a client that is connected.
 *
 * A message handler runs where it is registered, on a copy of what was known there, for messages come when they like.
 */
import { isVerifierName } from '../knowledge/names.ts'
import type { Expression, FunctionIr } from '../parse/ir.ts'
import { authorisationCall, demanded, redeemed } from './authorisation.ts'
import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import type { Frame, Machine, Outcome } from './machine.ts'
import { IDENTITY } from './requests.ts'
import { onNext, respond } from './respond.ts'
import type { State } from './state.ts'
import {
  type Closure,
  derived,
  fromRequest,
  has,
  numberOf,
  originsOf,
  textOf,
  UNKNOWN,
  unionOrigins,
  type Value,
} from './value.ts'

const CLOSED = '#closed'
const LIFECYCLE = /^(?:close|error|disconnect|disconnecting|ping|pong|open|connect|connection|drain|upgrade|headers)$/

export function isClosed(state: State): boolean {
  return state.guards.includes(CLOSED)
}

export function socketCall(interpreter: Machine, called: Called, state: State, frame: Frame): Outcome[] | undefined {
  // Who is in the room was let into it.
  if (called.object?.ref === 'socket.rooms' && called.property === 'has') {
    const check = interpreter.record.check(bareCheck('identity', 'role check', called.at))
    state.ask(check)
    return [{ state, value: { origins: [], check: { check, positive: true } } }]
  }
  const { object, property, args, at, path } = called
  if (property === 'handleUpgrade') return upgraded(interpreter, called, state, frame)
  if (property === 'upgrade' && interpreter.surface.kind === 'socket') {
    // `res.upgrade(…)` of uWebSockets.js and `server.upgrade(req)` of Bun: the client is let in here.
    onNext.get(interpreter)?.(state, false)
    return [{ state, value: UNKNOWN }]
  }
  if (property === 'emit' && interpreter.surface.kind === 'socket' && textOf(args[0]) === 'connection') {
    // `wss.emit('connection', ws, request)` after an upgrade of one's own: who is let in meets the connection handler.
    onNext.get(interpreter)?.(state, false)
    return [{ state, value: UNKNOWN }]
  }
  if (/(?:^|\.)WebSocketResponse$/.test(path)) return [{ state, value: { origins: [], role: 'socket', ref: 'socket' } }]
  if (object?.role !== 'socket' || property === undefined) return undefined
  const one = (value: Value = UNKNOWN): Outcome[] => [{ state, value }]
  switch (property) {
    // A loop that waits for messages: from the first on, what runs is run by the client.
    case 'receive':
    case 'receive_text':
    case 'receive_json':
    case 'receive_bytes':
    case 'receive_str':
    case 'recv':
      interpreter.enterMessages()
      return one(message('*'))
    case 'iter_text':
    case 'iter_json':
    case 'iter_bytes':
      interpreter.enterMessages()
      return one({ ...message('*'), items: [message('*')] })
    case 'accept':
    case 'prepare':
      return one()
    case 'on':
    case 'once':
    case 'addListener':
    case 'addEventListener':
    case 'onAny':
      return listened(interpreter, called, state, frame)
    case 'use':
      if (
        /rate|limit|throttl|bucket/i.test(args[0]?.ref ?? '') ||
        args[0]?.closures?.some(({ fn }) => countsPackets(fn))
      )
        state.guard('rate-limited')
      return one()
    case 'join':
    case 'subscribe':
      interpreter.record.effect(state, {
        kind: 'write',
        name: path,
        at,
        uses: unionOrigins(args.map((arg) => arg.origins)),
        opaque: undefined,
        repeatable: true,
      })
      return one()
    case 'to':
    case 'in':
    case 'except':
    case 'of':
      return one({ ...object, origins: unionOrigins([object.origins, ...args.map((arg) => arg.origins)]), ref: 'room' })
    case 'close':
    case 'terminate':
    case 'disconnect':
    case 'end':
    case 'destroy':
      state.guard(CLOSED)
      return one()
    case 'publish':
    case 'emit':
    case 'send':
    case 'send_text':
    case 'send_json':
    case 'send_bytes':
    case 'send_str':
    case 'write_message':
    case 'write': {
      const uses = unionOrigins([object.origins, ...args.map((arg) => arg.origins)])
      if (object.ref === 'room' || property === 'publish' || /broadcast/.test(path))
        interpreter.record.effect(state, {
          kind: 'broadcast',
          name: path,
          at,
          uses,
          opaque: undefined,
          repeatable: true,
        })
      else respond(interpreter, state, { origins: uses }, at, path)
      return one()
    }
    default:
      return undefined
  }
}

/** `wss.handleUpgrade(req, socket, head, (ws) => …)`: from here on there is a socket. */
function upgraded(interpreter: Machine, called: Called, state: State, frame: Frame): Outcome[] {
  const callback = called.args.find((arg) => arg.closures !== undefined)
  if (callback === undefined) return [{ state, value: UNKNOWN }]
  return interpreter.apply(
    callback,
    [{ origins: [], role: 'socket', ref: 'socket' }, called.args[0] ?? UNKNOWN],
    state,
    frame,
    called.at,
    called.path,
  )
}

function listened(interpreter: Machine, called: Called, state: State, frame: Frame): Outcome[] {
  const { args, property, at, path, object } = called
  const handler = args.find((arg) => arg.closures !== undefined)
  const after: Outcome[] = [{ state, value: object ?? UNKNOWN }]
  const event = textOf(args[0])
  if (handler?.closures === undefined || isClosed(state)) return after
  if (event !== undefined && LIFECYCLE.test(event)) return after
  interpreter.inMessage(() =>
    interpreter.contained(() => {
      for (const closure of handler.closures ?? []) {
        const inside = state.fork()
        const given =
          property === 'addEventListener' ? [dataEvent(interpreter, inside)] : messageArguments(interpreter, closure)
        const only: Value = { origins: [], closures: [closure] }
        for (const outcome of interpreter.apply(only, given, inside, frame, at, path)) {
          interpreter.record.ended(outcome.state)
        }
      }
    }),
  )
  return after
}

/** What a handler of messages is given. `ws` hands over one payload; Socket.IO what the client sent, and a way to answer. */
export function messageArguments({ surface }: Machine, { fn }: Closure): Value[] {
  const single = surface.framework === 'ws' || surface.framework === 'express' || surface.framework === 'fastify'
  return fn.params.map((param, index): Value => {
    const name = param.pattern.kind === 'name' ? param.pattern.name : ''
    if (single) return index === 0 ? message('') : UNKNOWN
    if (/^(?:ack|cb|callback|done|fn|reply|respond|next|acknowledge)$/.test(name) && index > 0)
      return { origins: [], role: 'response', ref: 'response.ack' }
    return message(name === '' || isWhole(name) ? '' : name)
  })
}

function isWhole(name: string): boolean {
  return /^(?:data|msg|message|payload|input|event|args?|params|body|raw|packet|evt|e|d|p|obj|options|opts|req|request|command|content)$/i.test(
    name,
  )
}

function message(name: string): Value {
  return { origins: [{ kind: 'message', name: name === '' ? '*' : name }], symbol: `message:${name}` }
}

/** The event of a browser-like socket, with the payload in `data`. */
export function dataEvent(interpreter: Machine, state: State): Value {
  const id = interpreter.freshId()
  state.create(id, undefined)
  state.set(id, 'data', { origins: [{ kind: 'message', name: '' }], symbol: 'message' })
  return { origins: [], object: id, ref: 'event' }
}

// ── proof in a handshake ─────────────────────────────────────────────────────────────────────────────────────────

const CREDENTIAL_HEADER = /^(?:cookie|authorization|sec-websocket-protocol|x-.*(?:token|key|auth).*)$/
const CREDENTIAL_FIELD = /token|ticket|jwt|^auth|^key$|api_?key|session|^code$|secret|password|credential/i

/**
 * Somebody's code is given a credential of the handshake and hands back who that is. In a message handler the same
 * code, given the principal and what the message names, says whether the one may touch the other.
 */
export function credentialCall(interpreter: Machine, called: Called, state: State): Outcome[] | undefined {
  const { surface } = interpreter
  const { args, named, at, path, isNew, used, written, object, callee } = called
  if (callee.closures !== undefined) return undefined
  if (surface.kind !== 'socket')
    return (
      authorisationCall(interpreter, called, state) ??
      demanded(interpreter, called, state) ??
      redeemed(interpreter, called, state) ??
      loginCall(interpreter, called, state)
    )
  const all = [...args, ...named.values()]
  if (
    originGiven(all) &&
    /^(?:has|includes|test|match|some|indexOf)$|origin|allowed|trusted/i.test(written.split('.').at(-1) ?? '')
  )
    state.guard('origin-checked')
  if (isNew) return undefined
  const given = derived(...all)
  if (interpreter.phase === 'message') {
    // What a record says of itself that the message only named says nothing of the message.
    const looked = object === undefined || has(object, 'stored') ? given : derived(given, object)
    if (
      has(looked, 'message') &&
      /(?:^|\.)(?:is[A-Z]\w*|isinstance|isNaN|test|match|every|has|includes|startsWith)$/.test(path)
    ) {
      state.guard('value-compared')
      if (/(?:^|\.)(?:Number|Array|Object)\.|isNaN|\.(?:test|match|every|startsWith)$/.test(path)) return undefined
    }
    if (
      /rate|limit|throttl|consume|slow_?down|bucket|(?:^|[.\s])(?:try_?)?take(?:_?Token|_?Slot)?$/i.test(
        `${path} ${written}`,
      ) &&
      used
    )
      state.guard('rate-limited')
    return (
      authorisationCall(interpreter, called, state) ??
      demanded(interpreter, called, state) ??
      messageLogin(interpreter, called, state)
    )
  }
  const last = written.split('.').at(-1) ?? ''
  if (!used) return demanded(interpreter, called, state)
  if (/parse|decode|split|unsign|serialize|^cookie$|json/i.test(last) && !/token|jwt|claims/i.test(last))
    return undefined
  const asked = authorisationCall(interpreter, called, state)
  if (asked !== undefined) return asked
  const headers = originsOf(given, 'header').map(({ name }) => name)
  const credential =
    headers.some((name) => CREDENTIAL_HEADER.test(name)) ||
    has(given, 'cookie') ||
    originsOf(given, 'query').some(({ name }) => CREDENTIAL_FIELD.test(name))
  const whole =
    all.some((arg) => arg.role === 'request' || arg.role === 'handshake' || arg.role === 'socket') &&
    /auth|user|session|token|verif|identi|principal|login|account|claims/i.test(written)
  if (!credential && !whole) return undefined
  const check = interpreter.record.check({
    ...bareCheck('identity', path, at),
    headers,
    byCookie:
      headers.includes('cookie') ||
      has(given, 'cookie') ||
      (whole && headers.length === 0 && /session|cookie/i.test(written)),
  })
  state.ask(check)
  return [
    { state, value: { ...IDENTITY, check: { check, positive: true }, symbol: `identity:${path}`, ref: `${path}()` } },
  ]
}

/** The credential that browsers and clients of our own send is turned into whoever it belongs to. */
function loginCall(
  interpreter: Machine,
  { args, at, path, used, isNew, written }: Called,
  state: State,
): Outcome[] | undefined {
  const last = written.split('.').at(-1) ?? ''
  if (!used || isNew || args.length === 0 || isVerifierName(written)) return undefined
  if (/parse|decode|split|unsign|serialize|cookie|json|match|test|replace|startsWith|header|^get$/i.test(last))
    return undefined
  const given = derived(...args)
  const headers = originsOf(given, 'header').map(({ name }) => name)
  if (headers.length !== 1 || !/^(?:authorization|cookie|x-api-key)$/.test(headers[0] ?? '')) return undefined
  if (has(given, 'secret', 'raw-body', 'parsed-body', 'reserialised', 'digest')) return undefined
  const check = interpreter.record.check({
    ...bareCheck('identity', path, at),
    headers,
    byCookie: headers[0] === 'cookie',
  })
  state.ask(check)
  return [
    { state, value: { ...IDENTITY, check: { check, positive: true }, symbol: `identity:${path}`, ref: `${path}()` } },
  ]
}

/** The first message may hold the credential: no browser sends that by itself. */
function messageLogin(
  interpreter: Machine,
  { args, at, path, used, written }: Called,
  state: State,
): Outcome[] | undefined {
  const last = written.split('.').at(-1) ?? ''
  if (!used || !has(derived(...args), 'message')) return undefined
  if (!/auth|token|jwt|session|login|claims/i.test(last)) return undefined
  if (/refresh|delete|revoke|create|issue|save|store|^set/i.test(last)) return undefined
  const check = interpreter.record.check(bareCheck('identity', path, at))
  state.ask(check)
  return [
    { state, value: { ...IDENTITY, check: { check, positive: true }, symbol: `identity:${path}`, ref: `${path}()` } },
  ]
}

function originGiven(all: readonly Value[]): boolean {
  return all.some((arg) => originsOf(arg, 'header').some(({ name }) => name === 'origin'))
}

// ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Notes what a comparison says about origin and rate, whatever its outcome is. */
export function noteComparison(
  interpreter: Machine,
  left: Value,
  right: Value,
  state: State,
  expression: Extract<Expression, { kind: 'binary' }>,
): void {
  const isEquality = expression.operator === '==' || expression.operator === '!='
  if (isEquality && originGiven([left, right]) && !isNothingLike(left) && !isNothingLike(right))
    state.guard('origin-checked')
  if (interpreter.phase !== 'message') return
  if (has(left, 'message') || has(right, 'message')) {
    if (!isEquality || typeofCompared(left, right)) state.guard('value-compared')
    return
  }
  if (isEquality || fromRequest(left) || fromRequest(right)) return
  const counts = [expression.left, expression.right].some(
    (side) =>
      side.kind === 'assign' || (side.kind === 'name' && !/^[A-Z_\d]+$/.test(side.name)) || side.kind === 'member',
  )
  const numbers = numberOf(left) !== undefined || numberOf(right) !== undefined
  if ((counts && (numbers || left.length === true || right.length === true)) || has(left, 'now') || has(right, 'now'))
    state.guard('rate-limited')
}

function typeofCompared(left: Value, right: Value): boolean {
  return [left, right].some((value) => value.symbol?.startsWith('typeof:') === true)
}

function isNothingLike(value: Value): boolean {
  return value.literal !== undefined && (value.literal.value == null || value.literal.value === '')
}

/** `socket.use((packet, next) => …)` that asks a limiter before each message. */
function countsPackets({ body }: FunctionIr): boolean {
  return /"(?:name|property)":"\w*(?:[rR]ate_?[lL]imit|[lL]imiter|[tT]hrottl|[bB]ucket)\w*"/.test(JSON.stringify(body))
}
