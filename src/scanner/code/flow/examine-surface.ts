/**
 * One surface through the interpreter: its chain step by step, each on the paths that the one before let through.
 *
 * A middleware lets through those paths that called `next`; a hook, dependency or guard those that returned; a handler
 * ends the request. For a socket, message handlers run after the connection handler, on what it knew when it
 * registered them.
 */
import { isGuardName, isNeutralName, isVerifierName } from '../knowledge/names.ts'
import { VERIFYING_WRAPPERS } from '../knowledge/verifiers.ts'
import type { FunctionIr } from '../parse/ir.ts'
import { pathOf } from '../parse/walk.ts'
import type { Program } from '../project/program.ts'
import type { ChainStep, DiscoveredSurface, ParamRole } from '../surface.ts'
import { onNext, passGuard, respond } from './calls.ts'
import type { FreshnessCheck, SurfaceFacts } from './facts.ts'
import { Interpreter } from './interpret.ts'
import type { Frame, Outcome } from './machine.ts'
import { IDENTITY, PARSED, RAW } from './requests.ts'
import { State } from './state.ts'
import { originKey, UNKNOWN, type Value } from './value.ts'

export function examineSurface(program: Program, surface: DiscoveredSurface, now: () => number): SurfaceFacts {
  const interpreter = new Interpreter(program, surface, now)
  let states = [new State(interpreter.globals)]
  for (const guard of surface.guards)
    for (const state of states) passGuard(interpreter, guard.name, state, { file: surface.module.file, ...guard.at })
  for (const step of surface.chain) {
    if (states.length === 0) break
    interpreter.phase = step.role === 'message' ? 'message' : 'request'
    states = interpreter.merge(
      states.flatMap((state) => runStep(interpreter, step, state)),
      undefined,
    )
  }
  const { record } = interpreter
  for (const state of states) record.ended(state)
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
    guards: [...record.guards],
    incomplete: record.incomplete,
  }
}

/** A timestamp is signed when it is among what was hashed, or stands in a body that was. */
function withSigned(check: FreshnessCheck, signed: readonly string[], rawSigned: boolean): FreshnessCheck {
  if (signed.length === 0) return check
  const isSigned = check.timestamp.some(
    (origin) => signed.includes(originKey(origin)) || (rawSigned && origin.kind === 'parsed-body'),
  )
  return { ...check, signed: isSigned }
}

function runStep(interpreter: Interpreter, step: ChainStep, state: State): State[] {
  const { surface } = interpreter
  const frame = scopeOf(interpreter, step, state)
  const callee = calleeOf(interpreter, step, state, frame)
  if (callee === undefined) return [state]
  const path = step.run.expression === undefined ? (step.run.fn?.name ?? '') : pathOf(step.run.expression)
  if (callee.value.closures === undefined) return [outOfSight(interpreter, step, callee.state, path, frame)]
  const continued: State[] = []
  onNext.set(interpreter, (after, refuses) => {
    if (!refuses) continued.push(after.fork())
  })
  const outcomes = callee.value.closures.flatMap((closure) => {
    const args = argumentsFor(interpreter, step, closure.fn, callee.state)
    return interpreter.contained(() =>
      interpreter.enter(closure, args, new Map(), callee.state.fork(), frame, {
        ...CALLED,
        at: interpreter.place(frame, surface.at),
      }),
    )
  })
  onNext.delete(interpreter)
  if (step.role === 'handler' || step.role === 'connection' || step.role === 'message') {
    for (const outcome of outcomes) answered(interpreter, outcome, frame)
    return [...continued, ...outcomes.map((outcome) => outcome.state)]
  }
  return letThrough(interpreter, step, outcomes, continued)
}

const CALLED = {
  callee: UNKNOWN,
  object: undefined,
  property: undefined,
  path: '',
  written: '',
  args: [],
  named: new Map<string, Value>(),
  isNew: false,
  used: true,
}

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
      const { yes } = interpreter.split(state, value, { file: step.run.module.file, line: 1, column: 1 })
      return yes
    })
  if (step.role === 'dependency') return outcomes.map((outcome) => outcome.state)
  if (framework === 'flask' || framework === 'django')
    // A hook that returns something has answered.
    return outcomes
      .filter(
        ({ value }) =>
          value.literal !== undefined && (value.literal.value === undefined || value.literal.value === null),
      )
      .map((one) => one.state)
  if (framework === 'fastify')
    return [
      ...continued,
      ...outcomes
        .filter(({ value, state }) => value.role !== 'response' && !state.guards.includes('#ended'))
        .map((one) => one.state),
    ]
  return [...continued]
}

function answered(interpreter: Interpreter, { state, value, at: returned }: Outcome, frame: Frame): void {
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
  respond(interpreter, state, { origins: [...value.origins, ...fields, ...items] }, at, 'return')
}

/** The local names around the code: what an enclosing factory or plugin function defines. */
function scopeOf(interpreter: Interpreter, step: ChainStep, state: State): Frame {
  let env: number | undefined
  const { module, within = [], cls } = step.run
  const self: Value | undefined = cls === undefined ? undefined : instanceOf(interpreter, step, state)
  const { depth } = interpreter.record
  interpreter.record.depth = depth + 1
  for (const fn of within) {
    const inner = interpreter.freshId()
    state.create(inner, env)
    env = inner
    const frame: Frame = { env: inner, module, self, depth: 1, returns: [], yields: [], breaks: [], continues: [] }
    for (const param of fn.params)
      if (param.pattern.kind === 'name')
        state.set(
          inner,
          param.pattern.name,
          param.annotation === undefined
            ? { origins: [], ref: param.pattern.name }
            : { ref: param.pattern.name, ...interpreter.injected(param.annotation, module) },
        )
    const definitions = fn.body.filter(
      (statement) => statement.kind === 'assign' || statement.kind === 'function' || statement.kind === 'class',
    )
    interpreter.contained(() => interpreter.run(definitions, [state], frame))
  }
  interpreter.record.depth = depth
  const last = interpreter.freshId()
  state.create(last, env)
  return { env: last, module, self, depth: 1, returns: [], yields: [], breaks: [], continues: [] }
}

function instanceOf(interpreter: Interpreter, step: ChainStep, state: State): Value | undefined {
  const { cls, module } = step.run
  if (cls === undefined) return undefined
  const object = interpreter.freshId()
  state.create(object, undefined)
  const self: Value = { origins: [], instance: { cls, module }, object, ref: cls.name }
  const init =
    interpreter.findMethod({ cls, module }, 'constructor') ?? interpreter.findMethod({ cls, module }, '__init__')
  if (init === undefined) return self
  const frame: Frame = {
    env: interpreter.freshId(),
    module,
    self,
    depth: 1,
    returns: [],
    yields: [],
    breaks: [],
    continues: [],
  }
  state.create(frame.env, undefined)
  const { depth } = interpreter.record
  interpreter.record.depth = depth + 1
  interpreter.contained(() =>
    interpreter.enter({ fn: init.fn, module: init.module, env: undefined, self }, [], new Map(), state, frame),
  )
  interpreter.record.depth = depth
  return self
}

function calleeOf(interpreter: Interpreter, step: ChainStep, state: State, frame: Frame): Outcome | undefined {
  const { fn, expression } = step.run
  if (fn !== undefined) {
    const closure = interpreter.closure(fn, frame)
    const [made] =
      fn.decorators.length === 0
        ? [{ state, value: { origins: [], closures: [closure] } as Value }]
        : interpreter.decorated(fn, closure, state, frame)
    return made
  }
  if (expression === undefined) return undefined
  const [outcome] = interpreter.contained(() => interpreter.evaluate(expression, state, frame))
  if (outcome === undefined) return undefined
  // A dependency may be an object with `__call__`, a class to be made, or a Nest guard with `canActivate`.
  const target = outcome.value.instance ?? outcome.value.cls
  if (target === undefined) return outcome
  const self: Value =
    outcome.value.instance === undefined
      ? (instanceOf(interpreter, { ...step, run: { module: target.module, cls: target.cls } }, state) ?? outcome.value)
      : outcome.value
  const method = ['canActivate', 'use', '__call__', 'intercept', 'process_request', '__init__'].flatMap(
    (name) => interpreter.findMethod(target, name) ?? [],
  )[0]
  if (method === undefined) return outcome
  return {
    state: outcome.state,
    value: { origins: [], closures: [{ fn: method.fn, module: method.module, env: undefined, self }] },
  }
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

function argumentsFor(interpreter: Interpreter, step: ChainStep, fn: FunctionIr, state: State): Value[] {
  const params = fn.params.filter(
    (param) =>
      !(
        param.pattern.kind === 'name' &&
        /^(?:self|cls)$/.test(param.pattern.name) &&
        step.run.module.language === 'python'
      ),
  )
  return params.map((param, index) => {
    const name = param.pattern.kind === 'name' ? param.pattern.name : undefined
    const named = name === undefined ? undefined : step.bindsByName?.[name]
    const dependency =
      step.role === 'dependency' ||
      interpreter.surface.framework === 'fastapi' ||
      interpreter.surface.framework === 'starlette'
        ? dependencyValue(interpreter, param, step, state)
        : undefined
    if (dependency !== undefined) return dependency
    const role = named ?? step.binds[index] ?? (step.role === 'dependency' ? dependencyRole(param) : 'unknown')
    return valueFor(interpreter, role, param, step, state)
  })
}

type Param = FunctionIr['params'][number]

/** `Depends(f)` runs `f` first; what it returns is the argument. */
function dependencyValue(interpreter: Interpreter, param: Param, step: ChainStep, state: State): Value | undefined {
  const marker = [param.initial, annotated(param.annotation)].find(
    (one) => one?.kind === 'call' && /(?:^|\.)(?:Depends|Security)$/.test(pathOf(one.callee)),
  )
  if (marker?.kind !== 'call') return undefined
  const target = marker.args[0]?.value
  if (target === undefined) return UNKNOWN
  const frame = scopeOf(interpreter, { ...step, role: 'dependency' }, state)
  const inner: ChainStep = {
    role: 'dependency',
    run: {
      module: step.run.module,
      expression: target,
      ...(step.run.within === undefined ? {} : { within: step.run.within }),
    },
    binds: [],
  }
  const callee = calleeOf(interpreter, inner, state, frame)
  const name = pathOf(target).replaceAll('()', '')
  if (callee?.value.closures === undefined) {
    if (isVerifierName(name) || isGuardName(name) || VERIFYING_WRAPPERS.test(name))
      passGuard(interpreter, name, state, interpreter.place(frame, target.at))
    return isGuardName(name) ? IDENTITY : { origins: [], ref: `${name}()` }
  }
  const [closure] = callee.value.closures
  if (closure === undefined) return UNKNOWN
  const args = argumentsFor(interpreter, inner, closure.fn, state)
  const outcomes = interpreter.contained(() =>
    interpreter.enter(closure, args, new Map(), state.fork(), frame, {
      ...CALLED,
      at: interpreter.place(frame, target.at),
    }),
  )
  // The request goes on only where the dependency returned; those paths take the place of this one.
  const [first, ...rest] = interpreter.merge(
    outcomes.map((outcome) => outcome.state),
    undefined,
  )
  if (first === undefined) {
    state.guard('#ended')
    return UNKNOWN
  }
  state.become(weakest([first, ...rest]))
  const value = outcomes
    .map((outcome) => outcome.value)
    .reduce((a, b) => (a.origins.length >= b.origins.length ? a : b), UNKNOWN)
  return isGuardName(name) && !isVerifierName(name)
    ? { ...value, origins: [...value.origins, { kind: 'identity' }] }
    : value
}

/** Of several ways through a dependency the one that proved least is what the handler must reckon with. */
function weakest(states: readonly State[]): State {
  return states.reduce((a, b) => (b.passed.length < a.passed.length ? b : a))
}

function annotated(annotation: Param['annotation']): Param['annotation'] {
  if (annotation?.kind !== 'index') return undefined
  const items = annotation.index.kind === 'list' ? annotation.index.items : [annotation.index]
  return items.find((item) => item.kind === 'call')
}

function dependencyRole(param: Param): ParamRole {
  const name = param.pattern.kind === 'name' ? param.pattern.name : ''
  const maker = [param.initial, annotated(param.annotation)].find((one) => one?.kind === 'call')
  const kind = maker?.kind === 'call' ? (pathOf(maker.callee).split('.').at(-1) ?? '') : ''
  if (kind === 'Header') {
    const alias = maker?.kind === 'call' ? maker.args.find((arg) => arg.name === 'alias')?.value : undefined
    return { header: alias?.kind === 'literal' ? String(alias.value) : name.replaceAll('_', '-') }
  }
  if (kind === 'Body') return 'body-parsed'
  if (/request/i.test(name) || (param.annotation !== undefined && pathOf(param.annotation).endsWith('Request')))
    return 'request'
  if (/websocket|^ws$/.test(name)) return 'socket'
  if (/credentials|token|auth/i.test(name)) return { header: 'authorization' }
  return { field: 'query', name }
}

function valueFor(interpreter: Interpreter, role: ParamRole, param: Param, step: ChainStep, state: State): Value {
  if (typeof role === 'object') {
    if ('header' in role) {
      const name = role.header.toLowerCase()
      interpreter.record.header(name)
      return {
        origins: [{ kind: 'header', name }],
        symbol: `header:${name}`,
        ...(requiredParam(param) ? { ref: 'defaulted' } : {}),
      }
    }
    const { field, name } = role
    if (field === 'body') return { origins: [{ kind: 'parsed-body', path: name }], symbol: `body:${name}` }
    return { origins: [{ kind: field, name }], symbol: `${field}:${name}` }
  }
  switch (role) {
    case 'request':
    case 'response':
    case 'context':
    case 'next':
    case 'socket':
    case 'event':
    case 'headers':
    case 'query':
    case 'path':
      return { origins: [], role, ref: role, object: sharedObject(interpreter, role, state) }
    case 'body-parsed':
      interpreter.record.reads({ file: step.run.module.file, ...(step.run.fn?.at ?? interpreter.surface.at) })
      return PARSED
    case 'body-raw':
      interpreter.record.reads({ file: step.run.module.file, ...(step.run.fn?.at ?? interpreter.surface.at) })
      return RAW
    case 'identity':
      return IDENTITY
    case 'message':
      return { origins: [{ kind: 'message', name: '' }], symbol: 'message' }
    case 'error':
      return { origins: [{ kind: 'exception' }] }
    case 'injected':
      return param.annotation === undefined ? UNKNOWN : interpreter.injected(param.annotation, step.run.module)
    default:
      return param.annotation === undefined ? UNKNOWN : interpreter.injected(param.annotation, step.run.module)
  }
}

function requiredParam(param: Param): boolean {
  return (
    param.initial === undefined || (param.initial.kind === 'call' && param.initial.args[0]?.value.kind !== 'literal')
  )
}

/** What one step hangs on the request is there for the next. */
const objects = new WeakMap<Interpreter, Map<string, number>>()
function sharedObject(interpreter: Interpreter, role: string, state: State): number {
  const known = objects.get(interpreter) ?? new Map<string, number>()
  objects.set(interpreter, known)
  const id = known.get(role) ?? interpreter.freshId()
  if (!known.has(role)) {
    known.set(role, id)
    state.create(id, undefined)
  }
  return id
}
