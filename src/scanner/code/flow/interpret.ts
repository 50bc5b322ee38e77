/**
 * Runs a handler over abstract values: every branch both ways, every followed call inline, every effect noted with
 * what was known on the way to it.
 *
 * Long because it is one thing: the meaning of each statement and expression of the IR. What names and members mean is
 * in `members.ts`, what is written where in `binding.ts`, what calls mean in `calls.ts`, what a framework's objects hold
 * in `requests.ts`. Bounds (steps, depth, states, time) end the run early and leave a note, so that a rule which would
 * say "missing" stays silent.
 */

import { CONFLICT_METHODS } from '../knowledge/effects.ts'
import { ASSERTIONS } from '../knowledge/endings.ts'
import { isTyped } from '../knowledge/framework-objects.ts'
import { meaningOf, shortName } from '../knowledge/libraries.ts'
import type {
  Argument,
  CallExpression,
  ClassIr,
  Expression,
  FunctionIr,
  LoopStatement,
  MemberExpression,
  Module,
  Pattern,
  Position,
  Statement,
  SwitchStatement,
  TryStatement,
} from '../parse/ir.ts'
import { BLOCK, pathOf, plainMember, plainName } from '../parse/walk.ts'
import { boundNames, type Program } from '../project/program.ts'
import type { DiscoveredSurface } from '../surface.ts'
import { Binding } from './binding.ts'
import type { Called } from './called.ts'
import { callOutside } from './calls.ts'
import { bareCheck } from './checks.ts'
import { Classes } from './classes.ts'
import { BYTE_BY_BYTE, comparesBits, compareValues, differingBits } from './comparisons.ts'
import { withoutEmpty } from './containers.ts'
import type { Place } from './facts.ts'
import { fill } from './fill.ts'
import { libraryCall } from './library-calls.ts'
import { type Frame, freshFrame, type Machine, type Outcome } from './machine.ts'
import { Members } from './members.ts'
import { type ModuleValues, moduleValuesFor } from './module-values.ts'
import { constructOutside } from './out-of-sight.ts'
import { Recorder } from './recorder.ts'
import { asked, onlyVerifies, refusesSender, SHOWS_STACK } from './refusals.ts'
import { inputField } from './request-parts.ts'
import { respond } from './respond.ts'
import {
  addsToStored,
  arithmetic,
  basesOf,
  CALLERS_DOING,
  CATCH_ALL,
  DATA_ERRORS,
  expectsConflict,
  isBodyStream,
  isContext,
  isGiven,
  KEEPS_JOBS,
  others,
  pathFor,
  settled,
  shapeOf,
  turnsAway,
} from './shapes.ts'
import { required } from './startup.ts'
import { mergeStates, OWN_ERROR, type State } from './state.ts'
import { typedCall } from './typed-objects.ts'
import {
  type ClassRef,
  type Closure,
  derived,
  fromRequest,
  has,
  join,
  literal,
  numberOf,
  originKey,
  outside,
  textOf,
  truthOf,
  UNKNOWN,
  unionOrigins,
  type Value,
} from './value.ts'

interface Thrown {
  readonly state: State
  readonly value: Value | undefined
  /** `certain`: thrown on purpose or by a failing check; `possible`: whatever might go wrong. */
  readonly sure: boolean
}

/** Flags of a user that stand above ownership. */
const MAY_ALL = /[.:](?:is_?)?(?:super_?user|admin|staff|moderator|root|operator)\??$/i

/**
 * Steps bound a run, so that it ends alike everywhere; the clock is for what takes long in a single one, and nothing is
 * kept of that. Real handlers in excerpts need at most 422; one service that leads far must not use up what the handler
 * that calls it needs, so that each call has a share.
 */
const LIMITS = { steps: 3_000, callSteps: 1_000, depth: 12, ms: 4000, outcomes: 16 }

export class Interpreter implements Machine {
  readonly program: Program
  readonly surface: DiscoveredSurface
  readonly record: Recorder
  readonly classes: Classes
  readonly modules: ModuleValues
  tryDepth = 0
  private readonly now: () => number
  private readonly deadline: number
  private steps = 0
  /** Where the innermost call that is followed has used up what one call may use. */
  private allowed = LIMITS.steps
  private catchers: Thrown[][] = []
  readonly running: FunctionIr[] = []
  private readonly members: Members
  private readonly binding: Binding
  /** Something was left out. */
  exhausted = false
  /** The clock stopped it, not the code's own size. */
  hurried = false
  /** The files whose code was run. */
  readonly visited = new Set<string>()
  private visiting: Module | undefined
  /** Inside a chain that says what happens on a conflict: `insert(…).onConflict(…).ignore()`. */
  settlesConflict = false
  turnsAway = false
  /** The expression whose value nobody takes. */
  private discarded: Expression | undefined
  /** The expression that an `await` stands before. */
  private awaited: Expression | undefined

  constructor(program: Program, surface: DiscoveredSurface, now: () => number) {
    this.program = program
    this.surface = surface
    this.now = now
    this.deadline = now() + LIMITS.ms
    this.modules = moduleValuesFor(program, surface)
    this.record = new Recorder()
    this.classes = new Classes(program)
    this.members = new Members(this)
    this.binding = new Binding(this, this.members)
  }

  freshId(): number {
    return this.modules.nextId++
  }

  get phase(): 'request' | 'message' {
    return this.record.phase
  }

  set phase(phase: 'request' | 'message') {
    this.record.phase = phase
  }

  enterMessages(): void {
    this.phase = 'message'
  }

  inMessage<T>(work: () => T): T {
    const { phase } = this
    this.phase = 'message'
    try {
      return work()
    } finally {
      this.phase = phase
    }
  }

  place(frame: Frame, at: Position): Place {
    return { file: frame.module.file, line: at.line, column: at.column }
  }

  merge(states: readonly State[], flags: number | undefined): State[] {
    return mergeStates(states, flags, () => this.giveUp())
  }

  giveUp(): void {
    if (this.exhausted) return
    this.exhausted = true
    this.record.incomplete.push({
      file: this.surface.module.file,
      ...this.surface.at,
      message: 'The code has more branches than were followed.',
    })
  }

  private tick(): boolean {
    this.steps++
    if (this.steps % 256 === 0 && this.now() > this.deadline) this.hurried = true
    if (!this.hurried && this.steps <= this.allowed) return true
    this.giveUp()
    return false
  }

  // ── statements ────────────────────────────────────────────────────────────────────────────────────────────────

  run(body: readonly Statement[], states: readonly State[], frame: Frame): State[] {
    let current = [...states]
    for (const statement of body) if (statement.kind === 'function') this.declareFunction(statement.fn, current, frame)
    for (const statement of body) {
      if (current.length === 0) return []
      const next: State[] = []
      for (const state of current) {
        if (!this.tick()) return current
        this.mayThrow(statement, state)
        next.push(...this.statement(statement, state, frame))
      }
      current = this.merge(next, frame.env)
    }
    return current
  }

  private declareFunction(fn: FunctionIr, states: readonly State[], frame: Frame): void {
    if (fn.decorators.length > 0) return
    for (const state of states) state.set(frame.env, fn.name, { origins: [], closures: [this.closure(fn, frame)] })
  }

  closure(fn: FunctionIr, frame: Frame): Closure {
    const closure: Closure = {
      fn,
      module: frame.module,
      env: frame.env,
      ...(frame.self === undefined ? {} : { self: frame.self }),
    }
    if (fn.isBlock === true) this.modules.homes.set(closure, frame.home ?? frame)
    return closure
  }

  private statement(statement: Statement, state: State, frame: Frame): State[] {
    switch (statement.kind) {
      case 'expression': {
        const value = statement.value.kind === 'await' ? statement.value.value : statement.value
        this.discarded = value
        const outcomes = this.evaluate(statement.value, state, frame)
        for (const outcome of outcomes)
          if (outcome.value.check !== undefined)
            this.record.dropped(outcome.value.check.check, this.place(frame, value.at))
        return this.statesOf(outcomes)
      }
      case 'assign':
        return this.binding
          .assign(statement.target, statement.value, statement.operator, state, frame)
          .map((one) => one.state)
      case 'if': {
        const { yes, no } = this.branch(statement.test, state, frame)
        if (refusesSender(statement, [...yes, ...no]))
          this.record.missed({
            ...this.place(frame, statement.at),
            message: 'What decides here whether the sender is refused could not be followed.',
          })
        return [...this.run(statement.then, yes, frame), ...this.run(statement.otherwise, no, frame)]
      }
      case 'loop':
        return this.loop(statement, state, frame)
      case 'switch':
        return this.switched(statement, state, frame)
      case 'try':
        return this.tried(statement, state, frame)
      case 'return': {
        const outcomes =
          statement.value === undefined
            ? [{ state, value: literal(undefined) }]
            : this.evaluate(statement.value, state, frame)
        const left = statement.outer === true ? (frame.home ?? frame) : frame
        const at = this.place(frame, statement.at)
        left.returns.push(
          ...outcomes.map((outcome) => ({ ...outcome, value: this.binding.givenText(outcome.value, at), at })),
        )
        return []
      }
      case 'throw': {
        const outcomes =
          statement.value === undefined ? [{ state, value: undefined }] : this.evaluate(statement.value, state, frame)
        for (const outcome of outcomes) {
          if (outcome.value !== undefined)
            this.record.thrown(outcome.value, this.place(frame, statement.at), outcome.state)
          this.throwIn(outcome.state, outcome.value, true)
        }
        return []
      }
      case 'break':
        frame.breaks.push(state)
        return []
      case 'continue':
        frame.continues.push(state)
        return []
      case 'block':
        return this.run(statement.body, [state], frame)
      case 'with': {
        let states = [state]
        for (const item of statement.items) {
          states = states.flatMap((one) =>
            this.evaluate(item.value, one, frame).flatMap(({ state: after, value }) => {
              if (item.target !== undefined) this.bind(item.target, value, after, frame)
              return [after]
            }),
          )
        }
        return this.run(statement.body, states, frame)
      }
      case 'function': {
        if (statement.fn.decorators.length === 0) return [state]
        const made = this.decorated(statement.fn, this.closure(statement.fn, frame), state, frame)
        for (const outcome of made) outcome.state.set(frame.env, statement.fn.name, outcome.value)
        return this.statesOf(made)
      }
      case 'class':
        state.set(frame.env, statement.cls.name, { origins: [], cls: { cls: statement.cls, module: frame.module } })
        return [state]
    }
  }

  /** What a definition is once its decorators, innermost first, have had it. */
  decorated(fn: FunctionIr, closure: Closure, state: State, frame: Frame): Outcome[] {
    let outcomes: Outcome[] = [{ state, value: { origins: [], closures: [closure] } }]
    for (const decorator of [...fn.decorators].reverse()) {
      outcomes = outcomes.flatMap((outcome) =>
        // `@atomic()` makes a decorator and changes nothing.
        this.quietly(() => this.evaluate(decorator, outcome.state, frame)).flatMap((decorating) =>
          this.apply(decorating.value, [outcome.value], decorating.state, frame, decorator.at, pathOf(decorator), true),
        ),
      )
    }
    return outcomes
  }

  private loop(statement: LoopStatement, state: State, frame: Frame): State[] {
    const outer = { breaks: frame.breaks, continues: frame.continues }
    frame.breaks = []
    frame.continues = []
    let entered: State[] = []
    let skipped: State[] = []
    if (statement.over !== undefined) {
      for (const { state: after, value } of this.evaluate(statement.over, state, frame)) {
        // What was empty in an earlier loop is empty in this one.
        const empty = value.symbol === undefined ? undefined : `empty:${value.symbol}`
        const known = empty === undefined ? undefined : after.truths.get(empty)
        if (known === true) {
          skipped.push(after)
          continue
        }
        const inside = after.fork()
        if (empty !== undefined) {
          inside.learn(empty, false)
          after.learn(empty, true)
        }
        if (isBodyStream(value)) this.record.reads(this.place(frame, statement.at))
        if (statement.target !== undefined) this.bind(statement.target, this.elementOf(value, inside), inside, frame)
        entered.push(inside)
        if (known === undefined && (value.items === undefined || value.items.length === 0)) skipped.push(after)
      }
    } else if (statement.test !== undefined) {
      const { yes, no } = this.branch(statement.test, state, frame)
      entered = yes
      skipped = no
    } else entered = [state]
    // Texts that are compared bit by bit are not empty.
    if (entered.length > 0 && comparesBits(statement)) skipped = []
    const after = this.run(statement.body, entered, frame)
    const left = [...skipped, ...after, ...frame.breaks, ...frame.continues]
    frame.breaks = outer.breaks
    frame.continues = outer.continues
    return this.merge(left, frame.env)
  }

  elementOf(value: Value, state: State): Value {
    // `async for message in websocket`
    if (value.role === 'socket') {
      this.enterMessages()
      return { origins: [{ kind: 'message', name: '*' }], symbol: 'message' }
    }
    if (isBodyStream(value)) return { origins: [{ kind: 'raw-body' }] }
    if (value.items !== undefined && value.items.length > 0) return others(value.items.reduce(join))
    const field = value.object === undefined ? undefined : state.get(value.object, '*')
    if (field !== undefined) return others(field)
    return { ...derived(value), ...(value.shared === true ? { shared: true } : {}) }
  }

  private switched(statement: SwitchStatement, state: State, frame: Frame): State[] {
    const outer = frame.breaks
    frame.breaks = []
    const exits: State[] = []
    for (const { state: after, value } of this.evaluate(statement.on, state, frame)) {
      if (fromRequest(value)) this.record.tested(value)
      let falling: State[] = []
      let rest: State[] = [after]
      let hasDefault = false
      for (const one of statement.cases) {
        const isDefault = one.tests.length === 0
        hasDefault ||= isDefault
        const entering: State[] = []
        const missed: State[] = []
        for (const current of rest) {
          if (isDefault) {
            entering.push(current.fork())
            if (one !== statement.cases.at(-1)) missed.push(current)
            continue
          }
          const known = value.symbol === undefined ? undefined : current.equals.get(value.symbol)
          const texts = one.tests.map((test) => (test.kind === 'literal' ? test.value : undefined))
          const decided =
            value.literal !== undefined
              ? texts.includes(value.literal.value as string)
              : known === undefined
                ? undefined
                : texts.includes(known)
          if (decided !== false) {
            const inside = current.fork()
            const [text] = texts
            if (value.symbol !== undefined && typeof text === 'string' && texts.length === 1)
              inside.learnText(value.symbol, text)
            entering.push(inside)
          }
          if (decided !== true) missed.push(current)
        }
        const end = this.run(one.body, this.merge([...entering, ...falling], frame.env), frame)
        falling = one.falls ? end : []
        if (!one.falls) exits.push(...end)
        rest = missed
      }
      exits.push(...falling, ...(hasDefault ? [] : rest))
    }
    const left = [...exits, ...frame.breaks]
    frame.breaks = outer
    return this.merge(left, frame.env)
  }

  private tried(statement: TryStatement, state: State, frame: Frame): State[] {
    if (statement.handlers.length === 0 && statement.last.length === 0) return this.run(statement.body, [state], frame)
    const thrown: Thrown[] = []
    this.catchers.push(thrown)
    const { settlesConflict, turnsAway: within } = this
    this.settlesConflict ||= statement.handlers.some(expectsConflict)
    this.turnsAway ||= statement.handlers.some(turnsAway)
    if (statement.handlers.length > 0) this.tryDepth++
    const after = this.run(statement.otherwise, this.run(statement.body, [state.fork()], frame), frame)
    if (statement.handlers.length > 0) this.tryDepth--
    this.settlesConflict = settlesConflict
    this.turnsAway = within
    this.catchers.pop()
    const refuses = onlyVerifies(state, [...after, ...thrown.map((one) => one.state)])
    const handled: State[] = []
    const types = statement.handlers.map((handler) => handler.types.map((type) => pathOf(type).split('.').at(-1) ?? ''))
    const catching = thrown.map((one) => this.handlersFor(one, types))
    statement.handlers.forEach((handler, index) => {
      const entering = thrown
        .filter((_, which) => catching[which]?.includes(index) === true)
        .map((one) => {
          const inside = one.state.fork()
          inside.assume({
            kind: 'exception-swallowed',
            subject: one.sure ? 'check' : 'any',
            at: this.place(frame, handler.at),
          })
          return inside
        })
      for (const inside of entering)
        if (handler.target !== undefined)
          this.bind(
            handler.target,
            (refuses && !SHOWS_STACK.test(JSON.stringify(handler.body))) ||
              (handler.types.length > 0 && handler.types.every((type) => this.isWrittenForCallers(type, frame.module)))
              ? UNKNOWN
              : { origins: [{ kind: 'exception' }] },
            inside,
            frame,
          )
      handled.push(...this.run(handler.body, this.merge(entering, frame.env), frame))
    })
    thrown.forEach((one, which) => {
      if (catching[which]?.length === 0) this.throwIn(one.state, one.value, one.sure)
    })
    return this.run(statement.last, this.merge([...after, ...handled], frame.env), frame)
  }

  /** A class of errors of the application itself, or one whose text speaks of what was sent. */
  private isWrittenForCallers(type: Expression, module: Module): boolean {
    const path = pathOf(type)
    if (CALLERS_DOING.test(path.split('.').at(-1) ?? '')) return true
    const root = path.split('.')[0] ?? ''
    if (this.program.declaration(module, path)?.kind === 'class') return true
    return module.imports.some(({ local, source }) => local === root && /^(?:\.|@\/|~\/)/.test(source))
  }

  /** Which handlers may get it; a handler for broken JSON does not catch a bad signature. */
  private handlersFor(thrown: Thrown, types: readonly (readonly string[])[]): readonly number[] {
    const all = types.map((_, index) => index)
    if (!thrown.sure) return all
    const cls = thrown.value?.ref?.replace(/\(\)$/, '').split('.').at(-1) ?? thrown.value?.instance?.cls.name
    const caught = all.filter((index) => {
      const names = types[index] ?? []
      if (names.length === 0) return true
      if (cls !== undefined)
        return names.some(
          (name) => name === cls || CATCH_ALL.test(name) || basesOf(thrown.value?.instance).includes(name),
        )
      return names.some((name) => !DATA_ERRORS.test(name))
    })
    return caught.slice(0, 1)
  }

  /** Anything that is called inside a `try` may end it; that way keeps what was known before the statement. */
  private mayThrow(statement: Statement, state: State): void {
    const catcher = this.catchers.at(-1)
    if (catcher === undefined || this.tryDepth === 0) return
    if (
      statement.kind === 'expression' ||
      statement.kind === 'assign' ||
      statement.kind === 'return' ||
      statement.kind === 'with'
    ) {
      const key = state.key(undefined)
      const known = catcher.find((one) => !one.sure && one.state.key(undefined) === key)
      if (known === undefined) catcher.push({ state: state.fork(), value: undefined, sure: false })
      else known.state.absorb(state)
    }
  }

  /** Ends this way: to the nearest handler, or out of the request. */
  throwIn(state: State, value: Value | undefined, sure: boolean): void {
    this.catchers.at(-1)?.push({ state: state.fork(), value, sure })
  }

  /** Runs something whose exceptions end there, such as the callback of a promise. */
  contained<T>(work: () => T): T {
    this.catchers.push([])
    try {
      return work()
    } finally {
      this.catchers.pop()
    }
  }

  // ── binding: what is written where is in `binding.ts` ──────────────────────────────────────────────────────────

  bind(pattern: Pattern, value: Value, state: State, frame: Frame): void {
    this.binding.bind(pattern, value, state, frame)
  }

  withDefault(given: Value, initial: Value): Value {
    return this.binding.withDefault(given, initial)
  }

  // ── conditions ────────────────────────────────────────────────────────────────────────────────────────────────

  branch(test: Expression, state: State, frame: Frame): { yes: State[]; no: State[] } {
    if (test.kind === 'unary' && test.operator === 'not') {
      const { yes, no } = this.branch(test.operand, state, frame)
      return { yes: no, no: yes }
    }
    if (test.kind === 'binary' && (test.operator === 'and' || test.operator === 'or')) {
      const left = this.branch(test.left, state, frame)
      const go = test.operator === 'and' ? left.yes : left.no
      const yes: State[] = test.operator === 'and' ? [] : [...left.yes]
      const no: State[] = test.operator === 'and' ? [...left.no] : []
      for (const one of go) {
        const right = this.branch(test.right, one, frame)
        yes.push(...right.yes)
        no.push(...right.no)
      }
      return { yes: this.merge(yes, frame.env), no: this.merge(no, frame.env) }
    }
    const yes: State[] = []
    const no: State[] = []
    for (const { state: after, value } of this.evaluate(test, state, frame)) {
      const split = this.split(after, value, this.place(frame, test.at))
      yes.push(...split.yes)
      no.push(...split.no)
    }
    return { yes: this.merge(yes, frame.env), no: this.merge(no, frame.env) }
  }

  split(state: State, value: Value, at: Place): { yes: State[]; no: State[] } {
    if (value.promise === true && value.check !== undefined) {
      this.record.dropped(value.check.check, at)
      return { yes: [state], no: [] }
    }
    const known =
      truthOf(value) ??
      (value.symbol === undefined ? undefined : state.truths.get(value.symbol)) ??
      (value.check === undefined ? undefined : saidBefore(value.check, state))
    if (known === true) return { yes: [state], no: [] }
    if (known === false) return { yes: [], no: [state] }
    const yes = state.fork()
    const no = state
    this.assume(yes, value, true, at)
    this.assume(no, value, false, at)
    return { yes: [yes], no: [no] }
  }

  assume(state: State, value: Value, truth: boolean, at: Place): void {
    if (value.symbol === OWN_ERROR) {
      if (truth) state.guard(OWN_ERROR)
    } else if (value.symbol !== undefined) state.learn(value.symbol, truth)
    // `user.is_superuser`: whoever that is may see what is not theirs.
    if (truth && has(value, 'identity') && MAY_ALL.test(value.ref ?? value.symbol ?? '')) {
      state.pass(this.record.check(bareCheck('identity', 'role check', at)))
      state.guard('authorized')
    }
    if (value.check !== undefined) {
      if (value.check.positive === truth) state.pass(value.check.check)
      else state.fail(value.check.check)
      return
    }
    if (this.surface.kind === 'route' && SIGNED_IN.test(value.symbol ?? '')) {
      const check = this.record.check({ ...bareCheck('identity', 'session', at), byCookie: true })
      if (truth) state.pass(check)
      else state.fail(check)
    }
    if (value.saidOf !== undefined) asked(state, value.saidOf)
    const equal = /^eq:(.*)=([^=]*)$/.exec(value.symbol ?? '')
    if (truth && equal?.[1] !== undefined && equal[2] !== undefined) state.learnText(equal[1], equal[2])
    // What was found in the store, or was not, decides how it goes on.
    if (has(value, 'stored') || value.claim !== undefined) state.guard('stored-tested')
    for (const origin of value.origins) {
      if (truth && equal !== null && origin.kind === 'message') state.guard(`listed:${originKey(origin)}`)
      // Of a secret that was looked up, what it was found by is told too.
      if (origin.kind === 'secret' && truth && equal === null && value.origins.length === 1)
        state.learn(`env:${origin.secret.name}`, true)
      if (origin.kind === 'secret' && !truth && equal === null && isMostlySecret(value.origins))
        state.assume({ kind: 'secret-missing', subject: origin.secret.name, at })
      if (origin.kind === 'header' && !truth && equal === null && value.origins.length <= 2)
        state.assume({ kind: 'header-missing', subject: origin.name, at })
      if (origin.kind === 'env') state.assume({ kind: 'environment', subject: `${origin.name} ${truth}`, at })
    }
    if (asksEnvironment(value))
      state.assume({ kind: 'environment', subject: `${value.ref?.split('/').at(-1)} ${truth}`, at })
  }

  // ── expressions ───────────────────────────────────────────────────────────────────────────────────────────────

  statesOf(outcomes: readonly Outcome[]): State[] {
    return outcomes.map((outcome) => outcome.state)
  }

  evaluate(expression: Expression, state: State, frame: Frame): Outcome[] {
    const one = (value: Value): Outcome[] => [{ state, value }]
    if (frame.module !== this.visiting) {
      this.visiting = frame.module
      const visited = this.record.depth > 0 ? this.modules.visited : this.visited
      visited.add(frame.module.file)
    }
    switch (expression.kind) {
      case 'literal':
        return one(literal(expression.value))
      case 'regex':
        return one({ origins: [], ref: 'RegExp()', sketch: expression.source })
      case 'name':
        return one(this.members.lookup(expression.name, state, frame, expression.at))
      case 'lambda':
        return one({ origins: [], closures: [this.closure(expression.fn, frame)] })
      case 'class':
        return one({ origins: [], cls: { cls: expression.cls, module: frame.module } })
      case 'await':
        this.awaited = expression.value
        return this.evaluate(expression.value, state, frame).map((outcome) => ({
          ...outcome,
          value: settled(outcome.value),
        }))
      case 'yield':
        return this.evaluate(expression.value, state, frame).map((outcome) => {
          frame.yields.push(outcome.value)
          this.record.yielded(outcome.value, this.place(frame, expression.at), outcome.state)
          return outcome
        })
      case 'spread':
        return this.evaluate(expression.value, state, frame).map((outcome) =>
          outcome.value.role === 'headers'
            ? { ...outcome, value: { ...outcome.value, origins: [{ kind: 'header', name: '*' }] } }
            : outcome,
        )
      case 'template':
        return this.all(expression.parts, state, frame).map(({ state: after, values }) => ({
          state: after,
          value: this.text(values),
        }))
      case 'member':
        return this.evaluate(expression.object, state, frame).map((outcome) => ({
          state: outcome.state,
          value: isMagicField(outcome.value, expression.property, this.surface.framework)
            ? inputField(this, expression.property)
            : this.member(outcome.value, expression.property, outcome.state, frame, expression.at),
        }))
      case 'index':
        return this.evaluate(expression.object, state, frame).flatMap((object) =>
          this.evaluate(expression.index, object.state, frame).map((index) => ({
            state: index.state,
            value: this.members.indexed(
              asWritten(object.value, expression.object),
              index.value,
              index.state,
              frame,
              expression.at,
            ),
          })),
        )
      case 'call':
        return this.bounded(this.call(expression, state, frame))
      case 'binary': {
        const outcomes = this.binary(expression, state, frame)
        return outcomes.length > LIMITS.outcomes ? this.bounded(outcomes) : outcomes
      }
      case 'unary':
        return this.unary(expression, state, frame)
      case 'conditional': {
        const { yes, no } = this.branch(expression.test, state, frame)
        return this.bounded([
          ...yes.flatMap((after) => this.evaluate(expression.then, after, frame)),
          ...no.flatMap((after) => this.evaluate(expression.otherwise, after, frame)),
        ])
      }
      case 'object': {
        const id = this.freshId()
        let states = [state]
        state.create(id, undefined)
        const origins: Value[] = []
        for (const entry of expression.entries) {
          states = states.flatMap((current) =>
            this.evaluate(entry.value, current, frame).map((outcome) => {
              origins.push(outcome.value)
              if (entry.key !== undefined && outcome.value.role === 'headers' && outcome.value.origins.length === 0)
                origins.push({ origins: [{ kind: 'header', name: '*' }] })
              if (entry.key !== undefined) outcome.state.set(id, entry.key, outcome.value)
              else if (outcome.value.role === 'headers') origins.push({ origins: [{ kind: 'header', name: '*' }] })
              else if (outcome.value.object !== undefined)
                for (const name of outcome.state.namesOf(outcome.value.object))
                  outcome.state.set(id, name, outcome.state.get(outcome.value.object, name) ?? UNKNOWN)
              return outcome.state
            }),
          )
          // Every member that may be one of two things doubles them.
          if (states.length > LIMITS.outcomes) states = this.merge(states, undefined)
        }
        // An empty one is nothing in Python, Ruby and PHP.
        const certain = expression.entries.some(({ key }) => key !== undefined) ? { certain: true as const } : {}
        return states.map((after) => ({ state: after, value: { ...derived(...origins), ...certain, object: id } }))
      }
      case 'list':
        return this.all(expression.items, state, frame).map(({ state: after, values }) => {
          const id = this.freshId()
          after.create(id, undefined)
          const certain = values.length > 0 ? { certain: true as const } : {}
          return { state: after, value: { ...derived(...values), ...certain, items: values, object: id } }
        })
      case 'comprehension':
        return this.comprehension(expression, state, frame)
      case 'assign':
        return this.binding.assign(expression.target, expression.value, expression.operator, state, frame)
      case 'unknown':
        return this.all(expression.parts, state, frame).map(({ state: after, values }) => ({
          state: after,
          value: values.at(-1) !== undefined && values.length === 1 ? (values[0] ?? UNKNOWN) : derived(...values),
        }))
    }
  }

  /** Outcomes that cannot be told apart any more are one. */
  private bounded(outcomes: Outcome[]): Outcome[] {
    if (outcomes.length < 2) return outcomes
    const groups = new Map<string, { state: State; value: Value; at?: Place }>()
    for (const { state, value, at } of outcomes) {
      const key = `${shapeOf(value)}${state.key(undefined)}|${value.check === undefined ? '' : `${value.check.check.id}${value.check.positive}`}|${value.literal === undefined ? '' : String(value.literal.value)}|${has(value, 'exception') ? 'exception' : ''}`
      const same = groups.get(key)
      if (same === undefined) groups.set(key, { state, value, ...(at === undefined ? {} : { at }) })
      else {
        if (same.state !== state) same.state.absorb(state)
        same.value = join(same.value, value)
      }
    }
    const merged = [...groups.values()]
    if (merged.length > LIMITS.outcomes) this.giveUp()
    return merged.slice(0, LIMITS.outcomes)
  }

  all(expressions: readonly Expression[], state: State, frame: Frame): { state: State; values: Value[] }[] {
    let sofar: { state: State; values: Value[] }[] = [{ state, values: [] }]
    for (const expression of expressions) {
      sofar = sofar.flatMap(({ state: current, values }) =>
        this.evaluate(expression, current, frame).map((outcome) => ({
          state: outcome.state,
          values: [...values, outcome.value],
        })),
      )
      if (sofar.length > LIMITS.outcomes) sofar = sofar.slice(0, LIMITS.outcomes)
    }
    return sofar
  }

  private text(values: readonly Value[]): Value {
    const parts = values.map((value) => value.literal?.value)
    if (parts.every((part) => typeof part === 'string' || typeof part === 'number')) return literal(parts.join(''))
    const [first] = values
    const anchored =
      first !== undefined &&
      (typeof first.literal?.value === 'string'
        ? /^(?:https?:\/\/[^/]+\/|\/[^/\\]|[\w-]+:[^/])/.test(first.literal.value)
        : first.anchored === true || (first.origins.length > 0 && !fromRequest(first) && !has(first, 'stored')))
    const sketch = values.map((value) => value.sketch ?? textOf(value) ?? '?').join('')
    return { ...derived(...values), sketch: sketch.slice(0, 400), ...(anchored ? { anchored: true } : {}) }
  }

  private comprehension(
    expression: Extract<Expression, { kind: 'comprehension' }>,
    state: State,
    frame: Frame,
  ): Outcome[] {
    const env = this.freshId()
    state.create(env, frame.env)
    const inner: Frame = { ...frame, env }
    for (const clause of expression.clauses) {
      const over = this.evaluate(clause.over, state, inner)[0]?.value ?? UNKNOWN
      for (const name of boundNames(clause.target)) state.set(env, name, UNKNOWN)
      this.bind(clause.target, this.elementOf(over, state), state, inner)
    }
    for (const condition of expression.conditions) this.evaluate(condition, state, inner)
    return this.evaluate(expression.element, state, inner).map((outcome) => ({
      state: outcome.state,
      value: listOf(expression.conditions.length > 0 ? withoutEmpty(outcome.value) : outcome.value),
    }))
  }

  private binary(expression: Extract<Expression, { kind: 'binary' }>, state: State, frame: Frame): Outcome[] {
    const { operator } = expression
    if (operator === 'and' || operator === 'or' || operator === '??') return this.shortCircuit(expression, state, frame)
    return this.evaluate(expression.left, state, frame).flatMap((left) =>
      this.evaluate(expression.right, left.state, frame).flatMap((right): Outcome[] => {
        if (
          operator === '==' ||
          operator === '!=' ||
          operator === '<' ||
          operator === '>' ||
          operator === '<=' ||
          operator === '>=' ||
          operator === 'in' ||
          operator === 'not in'
        )
          return compareValues(this, operator, left.value, right.value, right.state, frame, expression)
        const a = numberOf(left.value)
        const b = numberOf(right.value)
        if (a !== undefined && b !== undefined)
          return [{ state: right.state, value: literal(arithmetic(operator, a, b)) }]
        if (operator === 'instanceof') {
          const own = has(left.value, 'exception') && this.isWrittenForCallers(expression.right, frame.module)
          return [{ state: right.state, value: own ? { ...UNKNOWN, symbol: OWN_ERROR } : UNKNOWN }]
        }
        if (operator === '^') {
          const differing = differingBits(this, left.value, right.value, right.state, this.place(frame, expression.at))
          if (differing !== undefined) return [{ state: right.state, value: differing }]
        }
        // Bits of a comparison gathered in one number.
        const gathered = operator === '|' || operator === '+' ? (right.value.check ?? left.value.check) : undefined
        if (gathered !== undefined && gathered.check.name === BYTE_BY_BYTE)
          return [{ state: right.state, value: { origins: [], check: gathered } }]
        const grown = (operator === '+' || operator === '-') && addsToStored(left.value, right.value)
        return [{ state: right.state, value: { ...derived(left.value, right.value), ...(grown ? { grown } : {}) } }]
      }),
    )
  }

  private shortCircuit(expression: Extract<Expression, { kind: 'binary' }>, state: State, frame: Frame): Outcome[] {
    const outcomes: Outcome[] = []
    for (const left of this.evaluate(expression.left, state, frame)) {
      const at = this.place(frame, expression.at)
      // `secret || 'dev'` is one value with a fallback, `raw || JSON.stringify(body)` one with two origins.
      if (expression.operator !== 'and' && left.value.check === undefined && truthOf(left.value) === undefined) {
        const untouched = left.state.fork()
        const rights = this.evaluate(expression.right, left.state, frame)
        // `secret ?? throw new Error()`: what goes on has a value.
        if (rights.length === 0)
          outcomes.push(
            ...this.split(untouched, left.value, at).yes.map((one) => ({ state: one, value: required(left.value) })),
          )
        for (const right of rights)
          outcomes.push({
            state: right.state,
            value: right.value.check === undefined ? this.withDefault(left.value, right.value) : right.value,
          })
        continue
      }
      const { yes, no } = this.split(left.state, left.value, at)
      const [stop, go] = expression.operator === 'and' ? [no, yes] : [yes, no]
      const decided = literal(expression.operator !== 'and')
      // `session.username || 'guest'` is still whoever the session says.
      const isWho = expression.operator !== 'and' && left.value.check?.check.kind === 'identity'
      const stopValue = isWho
        ? { origins: left.value.origins, ...(left.value.symbol === undefined ? {} : { symbol: left.value.symbol }) }
        : left.value.check !== undefined || left.value.literal === undefined
          ? decided
          : left.value
      outcomes.push(...stop.map((one) => ({ state: one, value: stopValue })))
      for (const one of go) outcomes.push(...this.evaluate(expression.right, one, frame))
    }
    return this.bounded(outcomes)
  }

  private unary(expression: Extract<Expression, { kind: 'unary' }>, state: State, frame: Frame): Outcome[] {
    return this.evaluate(expression.operand, state, frame).map((outcome) => {
      const { value } = outcome
      if (expression.operator === 'delete') {
        if (expression.operand.kind === 'index' || expression.operand.kind === 'member')
          this.binding.writes(expression.operand, UNKNOWN, undefined, outcome.state, frame)
        return { state: outcome.state, value: literal(true) }
      }
      // `void (async () => { … })()`: run for what it does.
      if (expression.operator === 'void') {
        if (value.check !== undefined) this.record.dropped(value.check.check, this.place(frame, expression.operand.at))
        return { state: outcome.state, value: literal(undefined) }
      }
      if (expression.operator === 'typeof')
        return {
          state: outcome.state,
          value: fromRequest(value) ? { ...derived(value), symbol: `typeof:${value.symbol ?? ''}` } : UNKNOWN,
        }
      if (expression.operator !== 'not') return { state: outcome.state, value: derived(value) }
      const truth = truthOf(value)
      if (truth !== undefined) return { state: outcome.state, value: literal(!truth) }
      if (value.check !== undefined)
        return {
          state: outcome.state,
          value: { origins: value.origins, check: { check: value.check.check, positive: !value.check.positive } },
        }
      // A bare `!x` as a value forks, so that what is learnt of x is not lost.
      return {
        state: outcome.state,
        value: {
          origins: value.origins,
          isFlag: true,
          ...(value.claim === undefined ? {} : { claim: value.claim }),
          ...(value.symbol === undefined ? {} : { symbol: `not:${value.symbol}` }),
        },
      }
    })
  }

  // ── names and members: what they mean is in `members.ts` ───────────────────────────────────────────────────────

  member(object: Value, property: string, state: State, frame: Frame, at: Position): Value {
    return this.members.member(object, property, state, frame, at)
  }

  plainMember(object: Value, property: string, frame: Frame, at: Position): Value {
    return this.members.plainMember(object, property, frame, at)
  }

  configured(decorators: readonly Expression[], at: Place): Value | undefined {
    return this.members.configured(decorators, at)
  }

  injected(annotation: Expression, module: Module): Value {
    return this.members.injected(annotation, module)
  }

  methodOf(object: Value, name: string): Value | undefined {
    return this.members.methodOf(object, name)
  }

  classNamed(name: string, frame: Frame): ClassIr | undefined {
    return this.members.classNamed(name, frame)
  }

  quietly<T>(work: () => T): T {
    const { depth } = this.record
    this.record.depth = depth + 1
    try {
      return work()
    } finally {
      this.record.depth = depth
    }
  }

  // ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private call(expression: CallExpression, state: State, frame: Frame): Outcome[] {
    if (!this.tick()) return [{ state, value: UNKNOWN }]
    const { callee } = expression
    const required = this.required(expression, frame)
    if (required !== undefined) return [{ state, value: required }]
    if (callee.kind === 'name' && callee.name === 'super' && frame.module.language === 'python')
      return [{ state, value: this.members.superOf(frame) }]
    const stopped = this.stopping(expression, state, frame)
    if (stopped !== undefined) return stopped
    const receivers: { state: State; object: Value | undefined; value: Value }[] =
      callee.kind === 'member'
        ? this.chained(callee, state, frame).map((outcome) => ({
            state: outcome.state,
            object: outcome.value,
            value: this.member(outcome.value, callee.property, outcome.state, frame, callee.at),
          }))
        : this.evaluate(callee, state, frame).map((outcome) => ({
            state: outcome.state,
            object: undefined,
            value: outcome.value,
          }))
    return receivers.flatMap((receiver) =>
      this.arguments(expression.args, receiver.state, frame).flatMap(({ state: ready, args, named }) => {
        const block = named.get(BLOCK)
        if (block !== undefined && receiver.value.closures === undefined && receiver.value.cls === undefined) {
          named.delete(BLOCK)
          args.push(block)
        }
        const called: Called = {
          callee: receiver.value,
          object: receiver.object,
          property: callee.kind === 'member' ? plainMember(callee.property) : undefined,
          ...(frame.module.language === 'ruby' && !expression.isNew
            ? {
                bare: args.length === 0 && named.size === 0,
                bang: callee.kind === 'member' && callee.property.endsWith('!'),
              }
            : {}),
          path: pathFor(receiver.value, callee),
          written: pathOf(callee),
          args,
          named,
          isNew: expression.isNew,
          used: expression !== this.discarded,
          at: this.place(frame, expression.at),
        }
        if (called.bare === true && isGiven(called)) return [{ state: ready, value: called.callee }]
        return called.callee.closures?.some(({ fn }) => fn.isAsync && !fn.isGenerator) === true &&
          expression !== this.awaited
          ? this.unawaited(called, ready, frame)
          : this.filling(expression, called, this.dispatch(called, ready, frame), frame)
      }),
    )
  }

  /** `&x` among the arguments of a call that cannot be followed: it may have filled x, and answers how that went. */
  private filling(
    { args }: CallExpression,
    { args: given, callee, path }: Called,
    outcomes: Outcome[],
    frame: Frame,
  ): Outcome[] {
    const outs = args.flatMap(({ out }, index) => (out === undefined ? [] : [{ out, value: given[index] ?? UNKNOWN }]))
    if (outs.length === 0 || callee.closures !== undefined) return outcomes
    const { language } = frame.module
    const isKnown = meaningOf(language, shortName(language, path)) !== undefined
    return outcomes.map(({ state, value, ...rest }) => {
      const what = value.fills ?? {
        origins: value.origins.filter(({ kind }) => kind !== 'exception' && kind !== 'secret'),
      }
      for (const { out, value: before } of outs) {
        if (value.fills === undefined) fill(state, before, what)
        const { literal: _, symbol: __, ...kept } = before
        const symbol = what.symbol === undefined ? {} : { symbol: what.symbol }
        if (before.object === undefined || out.kind === 'name')
          this.bind(out, { ...kept, ...symbol, origins: unionOrigins([before.origins, what.origins]) }, state, frame)
      }
      const { fills: ___, ...answer } = value
      const said = isKnown && value.fills === undefined ? value.origins : [{ kind: 'exception' as const }]
      return { state, value: { ...answer, origins: said }, ...rest }
    })
  }

  /** Calls that end this way through: `throw` as an expression, `exit`, `abort_unless(x)`. */
  private stopping(expression: CallExpression, state: State, frame: Frame): Outcome[] | undefined {
    const { callee, args } = expression
    if (callee.kind !== 'name') return undefined
    const name = plainName(callee.name)
    const at = this.place(frame, expression.at)
    const wanted = ASSERTIONS[name]
    const [first] = args
    if (wanted !== undefined && first !== undefined && frame.module.language !== 'python') {
      const { yes, no } = this.branch(first.value, state, frame)
      return (wanted ? yes : no).map((one) => ({ state: one, value: UNKNOWN }))
    }
    if (callee.name === 'throw') {
      for (const outcome of this.all(
        args.map((arg) => arg.value),
        state,
        frame,
      )) {
        const [value] = outcome.values
        if (value !== undefined) this.record.thrown(value, at, outcome.state)
        this.throwIn(outcome.state, value, true)
      }
      return []
    }
    if (callee.name === 'exit' && frame.module.language === 'php') {
      for (const outcome of this.all(
        args.map((arg) => arg.value),
        state,
        frame,
      ))
        for (const value of outcome.values) respond(this, outcome.state, value, at, 'exit')
      return []
    }
    return undefined
  }

  /** An asynchronous function without `await`: what it throws stays in its promise, and nobody waits for its answer. */
  private unawaited(called: Called, state: State, frame: Frame): Outcome[] {
    if (called.used)
      return this.dispatch(called, state, frame).map((outcome) => ({
        ...outcome,
        value: outcome.value.check === undefined ? outcome.value : { ...outcome.value, promise: true },
      }))
    const before = state.evaluated.length
    const thrown: Thrown[] = []
    this.catchers.push(thrown)
    const outcomes = this.dispatch(called, state.fork(), frame)
    this.catchers.pop()
    const decides = this.record.effects.flatMap(({ reaches }) => reaches.flatMap(({ passed }) => passed))
    for (const after of [...outcomes, ...thrown])
      for (const check of after.state.evaluated.slice(before)) {
        state.ask(check)
        // What the function itself does only after a yes is guarded, whoever waits for it.
        if (!decides.includes(check)) this.record.dropped(check, called.at)
      }
    return [{ state, value: UNKNOWN }]
  }

  private chained({ object, property }: MemberExpression, state: State, frame: Frame): Outcome[] {
    if (!CONFLICT_METHODS.test(property)) return this.evaluate(object, state, frame)
    const { settlesConflict } = this
    this.settlesConflict = true
    const outcomes = this.evaluate(object, state, frame)
    this.settlesConflict = settlesConflict
    return outcomes
  }

  private required({ callee, args }: CallExpression, frame: Frame): Value | undefined {
    if (callee.kind !== 'name' || (callee.name !== 'require' && callee.name !== 'import')) return undefined
    const source = args[0]?.value
    if (source?.kind !== 'literal' || typeof source.value !== 'string') return undefined
    const module = this.program.resolve(frame.module, source.value)
    if (module === undefined) return this.members.outsideValue(source.value.replace(/^node:/, ''), '')
    const whole = this.program.exported(module, 'default')
    const value =
      whole === undefined || (whole.kind === 'value' && whole.value.kind === 'object')
        ? undefined
        : this.members.declared(whole, 'default')
    return {
      ...(value ?? UNKNOWN),
      namespace: module,
      ...(value?.ref === undefined ? { ref: source.value.split('/').at(-1) ?? '' } : {}),
    }
  }

  private arguments(
    args: readonly Argument[],
    state: State,
    frame: Frame,
  ): { state: State; args: Value[]; named: Map<string, Value> }[] {
    return this.all(
      args.map((arg) => arg.value),
      state,
      frame,
    ).map(({ state: after, values }) => {
      const positional: Value[] = []
      const named = new Map<string, Value>()
      args.forEach((arg, index) => {
        const value = values[index] ?? UNKNOWN
        if (arg.name !== undefined) named.set(arg.name, value)
        else if (arg.spread === true && value.items !== undefined) positional.push(...value.items)
        else if (
          arg.spread !== true ||
          value.role !== undefined ||
          value.origins.length > 0 ||
          value.closures !== undefined
        )
          positional.push(value)
      })
      return { state: after, args: positional, named }
    })
  }

  dispatch(called: Called, state: State, frame: Frame): Outcome[] {
    const { language } = frame.module
    if (called.path === 'getattr' && language === 'python') {
      const [object, name, fallback] = called.args
      const property = textOf(name ?? UNKNOWN)
      if (object !== undefined && property !== undefined) {
        const value = this.member(object, property, state, frame, called.at)
        return [
          {
            state,
            value: textOf(fallback ?? UNKNOWN) === undefined ? value : this.withDefault(value, fallback ?? UNKNOWN),
          },
        ]
      }
    }
    const library = typedCall(this, language, called, state) ?? libraryCall(this, language, called, state)
    if (library !== undefined) return library
    if (called.callee.closures === undefined && called.callee.cls === undefined && isContext(called.args[0]))
      return this.dispatch({ ...called, args: called.args.slice(1) }, state, frame)
    const known = callOutside(this, called, state, frame)
    if (known !== undefined) return known
    if (called.callee.closures !== undefined) {
      const fitting = called.callee.closures.filter(({ fn }) => fn.params.length === called.args.length)
      const overloaded = isTyped(language) && fitting.length > 0 && called.callee.closures.length > 1
      return this.bounded(
        (overloaded ? fitting.slice(0, 1) : called.callee.closures).flatMap((closure, index) =>
          this.enter(closure, called.args, called.named, index === 0 ? state : state.fork(), frame, called),
        ),
      )
    }
    if (called.callee.cls !== undefined) return this.construct(called.callee.cls, called, state, frame)
    const outcomes = constructOutside(this, called, state, frame)
    return called.isNew && isTyped(language) ? outcomes.map((outcome) => this.asObject(outcome, called)) : outcomes
  }

  /** Something made of a type outside the project: what is put into it is found again. */
  private asObject(outcome: Outcome, { named }: Called): Outcome {
    if (outcome.value.object !== undefined) return outcome
    const object = this.freshId()
    outcome.state.create(object, undefined)
    for (const [name, value] of named) outcome.state.set(object, name, value)
    return { ...outcome, value: { ...outcome.value, object } }
  }

  apply(
    fn: Value,
    args: readonly Value[],
    state: State,
    frame: Frame,
    at: Position,
    path: string,
    decorating = false,
  ): Outcome[] {
    return this.dispatch(
      {
        callee: fn,
        object: undefined,
        property: undefined,
        path: fn.ref ?? path,
        written: path,
        args,
        named: new Map(),
        isNew: false,
        used: true,
        at: this.place(frame, at),
        decorating,
      },
      state,
      frame,
    )
  }

  private construct(ref: ClassRef, called: Called, state: State, frame: Frame): Outcome[] {
    const object = this.freshId()
    state.create(object, undefined)
    const self: Value = {
      origins: derived(...called.args, ...called.named.values()).origins,
      instance: ref,
      object,
      ref: ref.cls.name,
    }
    const init = this.classes.findMethod(ref, 'constructor') ?? this.classes.findMethod(ref, '__init__')
    if (init === undefined) {
      for (const [name, value] of called.named) state.set(object, name, value)
      // A conversion to a type of functions that has methods: both the function and an object.
      const [only] = called.args
      const converted = called.args.length === 1 && only?.closures !== undefined ? { closures: only.closures } : {}
      return [{ state, value: { ...self, ...converted } }]
    }
    return this.enter(
      { fn: init.fn, module: init.module, env: undefined, self },
      called.args,
      called.named,
      state,
      frame,
      called,
    ).map((outcome) => ({ state: outcome.state, value: self }))
  }

  /** Runs a function of the project inline. */
  enter(
    closure: Closure,
    given: readonly Value[],
    named: ReadonlyMap<string, Value>,
    state: State,
    frame: Frame,
    called?: Called,
  ): Outcome[] {
    const { fn, module } = closure
    const times = this.running.filter((one) => one === fn).length
    if (frame.depth >= LIMITS.depth || times > 1) {
      return [{ state, value: derived(...given) }]
    }
    const env = this.freshId()
    state.create(env, closure.env)
    const inner = freshFrame(env, module, closure.self, frame.depth + 1, this.modules.homes.get(closure))
    this.bindParams(closure, [...(closure.bound ?? []), ...given], named, state, inner, called)
    this.running.push(fn)
    const call = called === undefined ? undefined : { ...called.at, answers: false }
    if (call !== undefined) this.record.calls.push(call)
    const { allowed } = this
    if (frame.depth > 1) this.allowed = Math.min(allowed, this.steps + LIMITS.callSteps)
    const fell = this.run(fn.body, [state], inner)
    this.allowed = allowed
    this.running.pop()
    if (call !== undefined) {
      this.record.calls.pop()
      call.answers = inner.returns.some(({ value }) => value.literal === undefined || value.literal.value !== undefined)
    }
    const outcomes = [...inner.returns, ...fell.map((after) => ({ state: after, value: literal(undefined) }))]
    if (inner.yields.length === 0) return this.bounded(outcomes)
    const yielded = inner.yields.reduce(join)
    return this.bounded(
      outcomes.map((outcome) => ({
        state: outcome.state,
        value: { ...yielded, ...(yielded.ref === undefined ? { ref: 'generator()' } : {}) },
      })),
    )
  }

  private bindParams(
    closure: Closure,
    given: readonly Value[],
    named: ReadonlyMap<string, Value>,
    state: State,
    frame: Frame,
    called: Called | undefined,
  ): void {
    const params = [...closure.fn.params]
    const [first] = params
    if (closure.fn.receiver !== undefined) state.set(frame.env, closure.fn.receiver, closure.self ?? UNKNOWN)
    const isMethod = closure.self !== undefined && closure.module.language === 'python'
    if (isMethod && first?.pattern.kind === 'name' && /^(?:self|cls)$/.test(first.pattern.name)) {
      state.set(frame.env, first.pattern.name, closure.self ?? UNKNOWN)
      params.shift()
    }
    let position = 0
    for (const param of params) {
      const name = param.pattern.kind === 'name' ? param.pattern.name : undefined
      for (const one of boundNames(param.pattern)) state.set(frame.env, one, UNKNOWN)
      if (param.rest === 'list') {
        const items = given.slice(position)
        position = given.length
        this.bind(param.pattern, { ...derived(...items), items }, state, frame)
        continue
      }
      if (param.rest === 'map') {
        const object = this.freshId()
        state.create(object, undefined)
        for (const [key, value] of named) state.set(object, key, value)
        this.bind(param.pattern, { ...derived(...named.values()), object }, state, frame)
        continue
      }
      const value = (name === undefined ? undefined : named.get(name)) ?? given[position]
      if (name === undefined || !named.has(name)) position++
      if (
        value !== undefined &&
        !(value.literal?.value === undefined && value.literal !== undefined && param.initial !== undefined)
      )
        this.bind(param.pattern, value, state, frame)
      else if (param.initial !== undefined)
        this.bind(param.pattern, this.evaluate(param.initial, state, frame)[0]?.value ?? UNKNOWN, state, frame)
      else if (called === undefined && param.annotation !== undefined)
        this.bind(
          param.pattern,
          this.configured(param.decorators, this.place(frame, param.decorators[0]?.at ?? closure.fn.at)) ??
            this.injected(param.annotation, closure.module),
          state,
          frame,
        )
      else if (name !== undefined) state.set(frame.env, name, called === undefined ? outside(name) : UNKNOWN)
    }
  }
}

function listOf(element: Value): Value {
  return { ...derived(element), items: [element] }
}

/** `$request->url` without a call is what was sent under that name. */
function isMagicField({ role }: Value, property: string, framework: string): boolean {
  return role === 'request' && framework === 'laravel' && /^(?:url|path|method|ip|host|root)$/.test(property)
}

/** `ok` tested once more, after a line that only logs it. */
function saidBefore({ check, positive }: NonNullable<Value['check']>, { passed, failed }: State): boolean | undefined {
  if (passed.includes(check)) return positive
  return failed.includes(check) ? !positive : undefined
}

/** `isDev()`: nothing about the request decides. */
function asksEnvironment({ origins, ref }: Value): boolean {
  return origins.length === 0 && (ENVIRONMENT_ASKED.test(ref ?? '') || VERIFYING_ASKED.test(ref ?? ''))
}
/** `config.WebhookAuth.Enabled`, `settings.verify_signatures` */
const VERIFYING_ASKED =
  /(?:conf(?:ig)?|settings|options|opts|cfg|env)\w*(?:\(\))?\.(?:\w+\.)*(?:\w*(?:auth(?:entication)?|signatures?|verification|signing)[._]?(?:is_?)?(?:enabled?|required)|(?:verify|check|require|validate|enable)_?(?:web_?hook_?)?(?:signatures?|auth(?:entication)?)|\w*(?:audience|project_?number|public_?key|issuer|jwks_?ur[il]))$/i
const ENVIRONMENT_ASKED =
  /(?:^|\.)(?:is_?(?:dev|development|local|debug|mock|mock_?mode|simulation_?mode|sandbox_?mode|test|testing|test_?mode|prod|production|staging)(?:_?(?:env|environment|mode))?|running_?unit_?tests|(?:development|production|test|local)\?)(?:\(\))?$/i

/** `s.jobs`, of whose class nothing is known: what it holds is told by its name. */
function asWritten(value: Value, written: Expression): Value {
  const path = value === UNKNOWN || Object.keys(value).length === 1 ? pathOf(written) : ''
  return value.origins.length === 0 && KEEPS_JOBS.test(path) ? { ...value, ref: path } : value
}

/** Of a session only who is signed in is told by being there: a basket or a language is not. */
const SIGNED_IN =
  /^session:\w*(?:user|log(?:ged)?_?in|auth|admin|account|uid|member|email|role|staff|customer|employee)\w*$/i

/** A secret, or one of several of which the sender's kind decides; not something that one is part of. */
function isMostlySecret(origins: Value['origins']): boolean {
  const own = origins.filter(({ kind }) => !FOUND_BY.has(kind))
  return own.length <= 2 || own.every(({ kind }) => kind === 'secret')
}

const FOUND_BY: ReadonlySet<string> = new Set(['stored', 'path', 'query', 'parsed-body'])
