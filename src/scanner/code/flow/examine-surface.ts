/**
 * One surface through the interpreter: its chain step by step, each on the paths that the one before let through.
 *
 * A middleware lets through those paths that called `next`; a hook, dependency or guard those that returned; a handler
 * ends the request. For a socket, message handlers run after the connection handler, on what it knew when it
 * registered them.
 */

import { failuresAreValues } from '../knowledge/libraries.ts'
import { isGuardName, isNeutralName, isVerifierName } from '../knowledge/names.ts'
import { POSTERN_GUARD, VERIFYING_WRAPPERS } from '../knowledge/verifiers.ts'
import type { FunctionIr } from '../parse/ir.ts'
import { pathOf } from '../parse/walk.ts'
import type { Program } from '../project/program.ts'
import type { ChainStep, DiscoveredSurface, Framework } from '../surface.ts'
import { argumentsFor, CALLED, calleeOf, NEXT, scopeOf, weakest } from './chain-step.ts'
import type { FreshnessCheck, SurfaceFacts } from './facts.ts'
import { passGuard, passPosternGuard } from './guards.ts'
import { Interpreter } from './interpret.ts'
import type { Frame, Outcome } from './machine.ts'
import { onNext, respond } from './respond.ts'
import { isClosed } from './sockets.ts'
import { State } from './state.ts'
import { originKey, type Value } from './value.ts'

export function examineSurface(program: Program, surface: DiscoveredSurface, now: () => number): SurfaceFacts {
  const interpreter = new Interpreter(program, surface, now)
  let states = [new State(interpreter.modules.globals)]
  for (const guard of surface.guards)
    for (const state of states) passGuard(interpreter, guard.name, state, { file: surface.module.file, ...guard.at })
  const ended: State[] = []
  states = runChain(interpreter, surface.chain, states, ended)
  const { record } = interpreter
  for (const state of [...states, ...ended]) record.ended(state)
  return {
    surface,
    checks: record.checks,
    digests: record.digests,
    freshness: record.freshness.map((check) =>
      withSigned(
        check,
        record.digests.flatMap((digest) => digest.input.map(originKey)),
        record.checks.some((one) => one.over === 'raw'),
      ),
    ),
    claims: record.claims,
    effects: record.effects,
    uses: record.uses,
    headersRead: [...record.headersRead],
    fieldsRead: [...record.fieldsRead],
    testedFields: record.testedOrigins.flatMap((origin) => (origin.kind === 'parsed-body' ? [origin.path] : [])),
    readsBody: record.readsBody,
    readAt: record.readAt,
    messagesParsedAt: record.messagesParsedAt,
    unboundedAt: record.unboundedAt,
    guards: [...record.guards],
    incomplete: record.incomplete,
    visited: new Set([...interpreter.visited, ...interpreter.modules.visited]),
    hurried: interpreter.hurried,
  }
}

/** The steps one after the other. A middleware that verifies after `next()` runs around those that follow it. */
function runChain(
  interpreter: Interpreter,
  chain: readonly ChainStep[],
  from: readonly State[],
  ended: State[],
): State[] {
  let states = [...from]
  for (const [index, step] of chain.entries()) {
    if (states.length === 0) break
    interpreter.phase = step.role === 'message' ? 'message' : 'request'
    if (step.role === 'message') {
      // Messages come in any order: each handler starts from what the connection left.
      ended.push(...runMessage(interpreter, step, states))
      continue
    }
    const rest = (after: State): void => {
      const inner = runChain(interpreter, chain.slice(index + 1), [after.fork()], ended)
      const [first, ...others] = inner
      if (first !== undefined) after.become(weakest([first, ...others]))
    }
    states = interpreter.merge(
      states.flatMap((state) => runStep(interpreter, step, state, rest)),
      undefined,
    )
  }
  return states
}

/** What stands below the call of `next`, or in what is made of its answer, looks like a verification. */
function verifiesAfterNext({ body, params }: FunctionIr): boolean {
  const next = params.at(-1)?.pattern
  if (next?.kind !== 'name') return false
  const text = JSON.stringify(body)
  const called = text.indexOf(`"name":"${next.name}"`)
  return called >= 0 && /"(?:timingSafeEqual|createHmac|constructEvent|verify\w*)"/i.test(text.slice(called))
}

function runMessage(interpreter: Interpreter, step: ChainStep, connected: readonly State[]): State[] {
  let states = connected.filter((state) => !isClosed(state)).map((state) => state.fork())
  for (const note of step.notes ?? []) for (const state of states) state.guard(note)
  for (const before of [...(step.before ?? []), step])
    states = interpreter.merge(
      states.flatMap((state) => runStep(interpreter, before, state)),
      undefined,
    )
  return states
}

/** A timestamp is signed when it is among what was hashed, or stands in a body that was. */
function withSigned(check: FreshnessCheck, signed: readonly string[], rawSigned: boolean): FreshnessCheck {
  if (signed.length === 0) return check
  const isSigned = check.timestamp.some(
    (origin) => signed.includes(originKey(origin)) || (rawSigned && origin.kind === 'parsed-body'),
  )
  return { ...check, signed: isSigned }
}

function runStep(
  interpreter: Interpreter,
  step: ChainStep,
  state: State,
  rest: (after: State) => void = () => {},
): State[] {
  const { surface } = interpreter
  const frame = scopeOf(interpreter, step, state)
  const callee = calleeOf(interpreter, step, state, frame)
  if (callee === undefined) return [state]
  if (step.wraps === true) return runWrapper(interpreter, step, callee, frame)
  const path = step.run.expression === undefined ? (step.run.fn?.name ?? '') : pathOf(step.run.expression)
  if (POSTERN_GUARD.test(callee.value.ref ?? '')) {
    passPosternGuard(interpreter, path.replaceAll('()', ''), callee.state, interpreter.place(frame, surface.at))
    return [callee.state]
  }
  if (callee.value.closures === undefined) return [outOfSight(interpreter, step, callee.state, path, frame)]
  const continued: State[] = []
  const isAround = step.role === 'middleware' && callee.value.closures.some(({ fn }) => verifiesAfterNext(fn))
  const next = (after: State, refuses: boolean): void => {
    if (refuses) return
    if (isAround) {
      rest(after)
      onNext.set(interpreter, next)
    } else continued.push(after.fork())
  }
  onNext.set(interpreter, next)
  const outcomes = callee.value.closures.flatMap((closure) => {
    const args = argumentsFor(interpreter, step, closure.fn, callee.state)
    return interpreter.contained(() =>
      interpreter.enter(closure, args, new Map(), callee.state.fork(), frame, {
        ...CALLED,
        at: { file: surface.module.file, ...surface.at },
      }),
    )
  })
  onNext.delete(interpreter)
  if (step.role === 'handler' || step.role === 'connection' || step.role === 'message') {
    if (!ANSWERS_TO_STOP.has(surface.framework)) for (const outcome of outcomes) answered(interpreter, outcome, frame)
    return [...continued, ...outcomes.map((outcome) => outcome.state)]
  }
  if (isAround) return []
  // A hook that is given `done` lets through by calling it, and by nothing else.
  const callsBack = callee.value.closures.every(({ fn }) => fn.params.length > 2 && !fn.isAsync)
  if (surface.framework === 'fastify' && step.role === 'middleware' && callsBack && continued.length > 0)
    return continued
  return letThrough(interpreter, step, outcomes, continued)
}

/** A function that is given the next handler and returns the one that runs in its place. */
function runWrapper(interpreter: Interpreter, step: ChainStep, callee: Outcome, frame: Frame): State[] {
  const path = step.run.expression === undefined ? (step.run.fn?.name ?? '') : pathOf(step.run.expression)
  const made =
    callee.value.closures === undefined
      ? []
      : interpreter.contained(() =>
          interpreter.apply(callee.value, [NEXT], callee.state, frame, interpreter.surface.at, path),
        )
  const inner = made.flatMap((outcome) =>
    (serving(interpreter, outcome.value)?.closures ?? []).map((closure) => ({ state: outcome.state, closure })),
  )
  if (inner.length === 0) return [outOfSight(interpreter, step, callee.state, path, frame)]
  const continued: State[] = []
  onNext.set(interpreter, (after, refuses) => {
    if (!refuses) continued.push(after.fork())
  })
  for (const { state, closure } of inner) {
    const args = argumentsFor(interpreter, step, closure.fn, state)
    interpreter.contained(() =>
      interpreter.enter(closure, args, new Map(), state.fork(), frame, {
        ...CALLED,
        at: interpreter.place(frame, interpreter.surface.at),
      }),
    )
  }
  onNext.delete(interpreter)
  return continued
}

/** A function, or an object with the method that serves. */
function serving(interpreter: Interpreter, value: Value): Value | undefined {
  if (value.closures !== undefined) return value
  if (value.instance === undefined) return undefined
  const method = interpreter.classes.findMethod(value.instance, 'ServeHTTP')
  if (method === undefined) return undefined
  return { origins: [], closures: [{ fn: method.fn, module: method.module, env: undefined, self: value }] }
}

/** A filter stops the request by leaving (`halt`), or by having answered (`head :unauthorized`). */
const LEAVES_TO_STOP: ReadonlySet<Framework> = new Set(['sinatra', 'php'])

const ANSWERS_TO_STOP: ReadonlySet<Framework> = new Set(['rails', 'actioncable'])

/** Which paths go on to the next step. */
function letThrough(
  interpreter: Interpreter,
  step: ChainStep,
  outcomes: readonly Outcome[],
  continued: readonly State[],
): State[] {
  const { framework } = interpreter.surface
  if (step.role === 'guard')
    return outcomes.flatMap(({ state, value }) => {
      if (REFUSAL.test(value.ref ?? '')) return []
      const { yes } = interpreter.split(state, value, { file: step.run.module.file, line: 1, column: 1 })
      return yes
    })
  if (step.role === 'dependency') return outcomes.map((outcome) => outcome.state)
  if (LEAVES_TO_STOP.has(framework)) return outcomes.map((outcome) => outcome.state)
  if (ANSWERS_TO_STOP.has(framework))
    return outcomes.filter(({ state }) => !state.guards.includes('#ended')).map((outcome) => outcome.state)
  if (framework === 'flask' || framework === 'django' || framework === 'drf' || framework === 'elysia')
    // A hook that returns something has answered; one that calls the next handler has let through.
    return [
      ...continued,
      ...outcomes
        .filter(
          ({ value }) =>
            value.literal !== undefined && (value.literal.value === undefined || value.literal.value === null),
        )
        .map((one) => one.state),
    ]
  if (framework === 'gin')
    // Only an abort keeps the handlers that follow from running.
    return outcomes.filter(({ state }) => !state.guards.includes('#ended')).map((one) => one.state)
  if (framework === 'fastify')
    return [
      ...continued,
      ...outcomes
        .filter(({ value, state }) => value.role !== 'response' && !state.guards.includes('#ended'))
        .map((one) => one.state),
    ]
  if (framework === 'next.js')
    // `middleware.ts` answers by returning a response; these let the request go on.
    return outcomes
      .filter(
        ({ value }) =>
          (value.literal !== undefined && value.literal.value == null) ||
          /NextResponse\.(?:next|rewrite)\(\)/.test(value.ref ?? ''),
      )
      .map((one) => one.state)
  return [...continued]
}

/** WordPress takes an error for a no. */
const REFUSAL = /(?:^|\.)WP_Error\(\)$/

function answered(interpreter: Interpreter, { state, value, at: returned }: Outcome, frame: Frame): void {
  // `return reply.send(…)`: noted where it was sent.
  const sent = value.role === 'response' && state.guards.includes('#ended')
  const at = returned ?? { file: frame.module.file, ...interpreter.surface.at }
  const fields =
    value.object === undefined
      ? []
      : state.namesOf(value.object).flatMap((name) => state.get(value.object ?? 0, name)?.origins ?? [])
  const items = (value.items ?? []).flatMap((item) => [
    ...item.origins,
    ...(item.object === undefined
      ? []
      : state.namesOf(item.object).flatMap((name) => state.get(item.object ?? 0, name)?.origins ?? [])),
  ])
  const origins = sent ? [] : [...value.origins, ...fields, ...items]
  // An error that a handler returns goes to the framework, which answers for it.
  const shown = failuresAreValues(frame.module.language) ? origins.filter(({ kind }) => kind !== 'exception') : origins
  respond(interpreter, state, { origins: shown }, at, 'return')
}

/** A middleware of a package: what its name says. */
function outOfSight(interpreter: Interpreter, step: ChainStep, state: State, path: string, frame: Frame): State {
  const name = path.replaceAll('()', '')
  const at = interpreter.place(frame, step.run.expression?.at ?? interpreter.surface.at)
  if (step.role === 'handler' || step.role === 'connection') {
    if (VERIFYING_WRAPPERS.test(name)) passGuard(interpreter, name, state, at)
    interpreter.record.incomplete.push({
      ...at,
      message: `The handler ${name === '' ? '' : `${name} `}could not be followed.`,
    })
    return state
  }
  if (name === '' || (isNeutralName(name) && !isVerifierName(name) && !isGuardName(name))) {
    if (/rate|limit|throttl|slow/i.test(name)) state.guard('rate-limited')
    return state
  }
  passGuard(interpreter, name, state, at)
  return state
}
