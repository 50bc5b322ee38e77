/**
 * What a step of the chain runs with: the scope around its code, the object it is a method of, its arguments, and what its
 * dependencies gave.
 */

import { isTyped, roleOfType } from '../knowledge/framework-objects.ts'
import { isCallerType, isGuardName, isVerifierName } from '../knowledge/names.ts'
import { VERIFYING_WRAPPERS } from '../knowledge/verifiers.ts'
import type { ClassIr, FunctionIr } from '../parse/ir.ts'
import { pathOf } from '../parse/walk.ts'
import { modelAsksAddress, type Spelled, spelledOut } from '../project/annotated.ts'
import type { ChainStep, ParamRole } from '../surface.ts'
import { passGuard } from './guards.ts'
import type { Interpreter } from './interpret.ts'
import { type Frame, freshFrame, type Outcome } from './machine.ts'
import { IDENTITY, PARSED, RAW } from './requests.ts'
import { isSecretOnlyByName, secretNamed } from './shapes.ts'
import type { State } from './state.ts'
import { UNKNOWN, type Value } from './value.ts'

export const NEXT: Value = { origins: [], role: 'next', ref: 'next' }

const NO_PARAM: FunctionIr['params'][number] = {
  pattern: { kind: 'name', name: '', at: { line: 1, column: 1 } },
  decorators: [],
}

export const CALLED = {
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

/** The local names around the code: what an enclosing factory or plugin function defines. */
export function scopeOf(interpreter: Interpreter, step: ChainStep, state: State): Frame {
  let env: number | undefined
  const { module, within = [], cls } = step.run
  const self: Value | undefined = cls === undefined ? undefined : instanceOf(interpreter, step, state)
  const { depth } = interpreter.record
  interpreter.record.depth = depth + 1
  for (const fn of within) {
    const inner = interpreter.freshId()
    state.create(inner, env)
    env = inner
    const frame = freshFrame(inner, module, self)
    if (fn.receiver !== undefined) state.set(inner, fn.receiver, self ?? UNKNOWN)
    for (const param of fn.params)
      if (param.pattern.kind === 'name')
        state.set(
          inner,
          param.pattern.name,
          step.bindsByName?.[param.pattern.name] === 'next'
            ? NEXT
            : isSecretOnlyByName(param.pattern.name, UNKNOWN)
              ? secretNamed(param.pattern.name, { file: module.file, ...param.pattern.at })
              : param.annotation === undefined
                ? { origins: [], ref: param.pattern.name }
                : (interpreter.configured(param.decorators, {
                    file: module.file,
                    ...(param.decorators[0]?.at ?? fn.at),
                  }) ?? {
                    ref: param.pattern.name,
                    ...interpreter.injected(param.annotation, module),
                  }),
        )
    const definitions = fn.body.filter(
      (statement) =>
        statement.kind === 'assign' ||
        statement.kind === 'function' ||
        statement.kind === 'class' ||
        (statement.kind === 'if' && statement.otherwise.length === 0 && isTyped(module.language)),
    )
    const [settled, ...others] = interpreter.contained(() => interpreter.run(definitions, [state], frame))
    if (settled !== undefined && settled !== state) state.become(weakest([settled, ...others]))
  }
  interpreter.record.depth = depth
  const last = interpreter.freshId()
  state.create(last, env)
  return freshFrame(last, module, self)
}

const instances = new WeakMap<Interpreter, Map<ClassIr, number>>()

function instanceOf(interpreter: Interpreter, step: ChainStep, state: State): Value | undefined {
  const { cls } = step.run
  const module = step.run.clsModule ?? step.run.module
  if (cls === undefined) return undefined
  // Steps of one class run on one instance: what a filter sets, the handler reads.
  const known = instances.get(interpreter)?.get(cls)
  const object = known ?? interpreter.freshId()
  if (known !== undefined && state.namesOf(known).length > 0)
    return { origins: [], instance: { cls, module }, object, ref: cls.name }
  instances.set(interpreter, (instances.get(interpreter) ?? new Map()).set(cls, object))
  state.create(object, undefined)
  state.set(object, '#class', { origins: [], literal: { value: cls.name } })
  const self: Value = { origins: [], instance: { cls, module }, object, ref: cls.name }
  const bound = Object.entries(step.selfBinds ?? {})
  const bindSelf = (): void => {
    for (const [name, role] of bound) state.set(object, name, valueFor(interpreter, role, NO_PARAM, step, state))
  }
  const init =
    interpreter.classes.findMethod({ cls, module }, 'constructor') ??
    interpreter.classes.findMethod({ cls, module }, '__init__')
  bindSelf()
  if (init === undefined) return self
  const frame = freshFrame(interpreter.freshId(), module, self)
  state.create(frame.env, undefined)
  const { depth } = interpreter.record
  interpreter.record.depth = depth + 1
  const made = interpreter.contained(() =>
    interpreter.enter({ fn: init.fn, module: init.module, env: undefined, self }, [], new Map(), state, frame),
  )
  // Where it throws there is no object, so that what it asks for is there.
  const [one, ...more] = made.map((outcome) => outcome.state)
  if (one !== undefined && one !== state) state.become(weakest([one, ...more]))
  interpreter.record.depth = depth
  bindSelf()
  return self
}

export function calleeOf(interpreter: Interpreter, step: ChainStep, state: State, frame: Frame): Outcome | undefined {
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
  // Making a middleware is no part of the request.
  const { depth } = interpreter.record
  interpreter.record.depth = depth + 1
  const [outcome] = interpreter.contained(() => interpreter.evaluate(expression, state, frame))
  interpreter.record.depth = depth
  if (outcome === undefined) return undefined
  // A dependency may be an object with `__call__`, a class to be made, or a Nest guard with `canActivate`.
  const target = outcome.value.instance ?? outcome.value.cls
  if (target === undefined) return outcome
  const self: Value =
    outcome.value.instance === undefined
      ? (instanceOf(interpreter, { ...step, run: { module: target.module, cls: target.cls } }, state) ?? outcome.value)
      : outcome.value
  const method = [
    'ServeHTTP',
    'doFilterInternal',
    'doFilter',
    'preHandle',
    'canActivate',
    'use',
    'dispatch',
    '__call__',
    'intercept',
    'process_request',
    'handle',
    '__invoke',
    'process',
    'call',
    '__init__',
  ].flatMap((name) => interpreter.classes.findMethod(target, name) ?? [])[0]
  if (method === undefined) return outcome
  return {
    state: outcome.state,
    value: { origins: [], closures: [{ fn: method.fn, module: method.module, env: undefined, self }] },
  }
}

export function argumentsFor(interpreter: Interpreter, step: ChainStep, fn: FunctionIr, state: State): Value[] {
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
    const typed =
      isTyped(step.run.module.language) && param.annotation !== undefined
        ? roleOfType(pathOf(param.annotation))
        : undefined
    if (
      step.run.module.language === 'python' &&
      modelAsksAddress(param.annotation, step.run.module, interpreter.program)
    )
      state.guard('url-validated')
    const role = named ?? typed ?? step.binds[index] ?? (step.role === 'dependency' ? dependencyRole(param) : 'unknown')
    return valueFor(interpreter, role, param, step, state)
  })
}

type Param = FunctionIr['params'][number]

/** `Depends(f)` runs `f` first; what it returns is the argument. */
function dependencyValue(interpreter: Interpreter, param: Param, step: ChainStep, state: State): Value | undefined {
  const spelled = spelledOut(param.annotation, step.run.module, interpreter.program)
  const inType = annotated(spelled.annotation)
  const marker = [param.initial, inType].find(
    (one) => one?.kind === 'call' && /(?:^|\.)(?:Depends|Security)$/.test(pathOf(one.callee)),
  )
  if (marker?.kind !== 'call') return namedForCaller(interpreter, param, spelled, step, state)
  const module = marker === param.initial ? step.run.module : spelled.module
  const target = marker.args[0]?.value
  if (target === undefined) return UNKNOWN
  const frame = scopeOf(interpreter, { ...step, run: { ...step.run, module }, role: 'dependency' }, state)
  const inner: ChainStep = {
    role: 'dependency',
    run: {
      module,
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
  const [first, ...rest] = outcomes
  if (first === undefined) {
    state.guard('#ended')
    return UNKNOWN
  }
  // Value and state of one way: an object lives in the state that made it.
  const { value, state: after } = rest.reduce(weaker, first)
  state.become(after)
  return isGuardName(name) && !isVerifierName(name)
    ? { ...value, origins: [...value.origins, { kind: 'identity' }] }
    : value
}

/** `user: CurrentUser`, of a module that is not in sight: FastAPI asks who calls before it makes one. */
function namedForCaller(
  interpreter: Interpreter,
  { initial }: Param,
  { annotation, outside }: Spelled,
  step: ChainStep,
  state: State,
): Value | undefined {
  if (annotation === undefined || outside === undefined || initial !== undefined || !isCallerType(outside))
    return undefined
  passGuard(interpreter, outside, state, { file: step.run.module.file, ...annotation.at })
  return IDENTITY
}

/** The way that proved less; of equal ones that whose answer holds more of the request. */
function weaker(a: Outcome, b: Outcome): Outcome {
  const by = b.state.passed.length - a.state.passed.length
  return by < 0 || (by === 0 && b.value.origins.length > a.value.origins.length) ? b : a
}

/** Of several ways through a dependency the one that proved least is what the handler must reckon with. */
export function weakest(states: readonly State[]): State {
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
    if (field === 'body') {
      interpreter.record.reads({ file: step.run.module.file, ...(step.run.fn?.at ?? interpreter.surface.at) })
      const isThere = step.run.module.language === 'python' && requiredParam(param)
      return {
        origins: [{ kind: 'parsed-body', path: name }],
        symbol: `body:${name}`,
        ...(isThere ? { ref: 'defaulted' } : {}),
      }
    }
    return { origins: [{ kind: field, name }], symbol: `${field}:${name}` }
  }
  switch (role) {
    case 'request':
    case 'response':
    case 'context':
    case 'execution-context':
    case 'handshake':
    case 'decide':
    case 'next':
    case 'socket':
    case 'event':
    case 'headers':
    case 'query':
    case 'path':
      return { origins: [], role, ref: role, object: sharedObject(interpreter, role, state) }
    case 'environment':
      return { origins: [], role, ref: 'env' }
    case 'body-parsed':
      interpreter.record.reads({ file: step.run.module.file, ...(step.run.fn?.at ?? interpreter.surface.at) })
      return PARSED
    case 'body-raw':
      interpreter.record.reads({ file: step.run.module.file, ...(step.run.fn?.at ?? interpreter.surface.at) })
      return RAW
    case 'stored':
      return {
        origins: [{ kind: 'stored' }],
        symbol: `stored:${param.pattern.kind === 'name' ? param.pattern.name : ''}`,
      }
    case 'receive':
      return { origins: RAW.origins, role: 'request', ref: 'request.receive', symbol: 'raw-body' }
    case 'identity':
      return IDENTITY
    case 'message':
      return { origins: [{ kind: 'message', name: '' }], symbol: 'message' }
    case 'error':
      return { origins: [{ kind: 'exception' }] }
    case 'injected':
      return param.annotation === undefined ? UNKNOWN : interpreter.injected(param.annotation, step.run.module)
    default:
      if (param.pattern.kind === 'name' && isSecretOnlyByName(param.pattern.name, UNKNOWN))
        return secretNamed(param.pattern.name, { file: step.run.module.file, ...param.pattern.at })
      return param.annotation === undefined ? UNKNOWN : interpreter.injected(param.annotation, step.run.module)
  }
}

/** Never None: demanded, or with a default that is something. */
function requiredParam({ initial }: Param): boolean {
  if (initial === undefined) return true
  const given =
    initial.kind === 'call' ? initial.args.find(({ name }) => name === undefined || name === 'default')?.value : initial
  return given?.kind !== 'literal' || given.value !== null
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
