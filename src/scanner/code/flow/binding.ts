/** What assignments, patterns and parameters write, and where: variables, fields of objects, elements, defaults. */

import { isSecretName, namesFile } from '../knowledge/names.ts'
import type { Expression, Pattern } from '../parse/ir.ts'
import { pathOf, plainName } from '../parse/walk.ts'
import { BYTE_BY_BYTE } from './comparisons.ts'
import { notesKeptSocket } from './containers.ts'
import type { Place } from './facts.ts'
import type { Frame, Outcome } from './machine.ts'
import type { MemberHost, Members } from './members.ts'
import { identityOf } from './noting.ts'
import { respond } from './respond.ts'
import { OR_NULL } from './role-calls.ts'
import { holdsAnswer, isAnswer, isSecretOnlyByName, secretNamed } from './shapes.ts'
import type { State } from './state.ts'
import { derived, fromRequest, has, join, textOf, UNKNOWN, unionOrigins, type Value } from './value.ts'

export class Binding {
  private readonly host: MemberHost
  private readonly members: Members

  constructor(host: MemberHost, members: Members) {
    this.host = host
    this.members = members
  }

  assign(target: Pattern, expression: Expression, operator: string | undefined, state: State, frame: Frame): Outcome[] {
    if (operator === 'or' || operator === '??' || operator === 'and') {
      return this.host.evaluate(expression, state, frame).map((outcome) => {
        const before = this.read(target, outcome.state, frame)
        const value = join(before, outcome.value)
        this.bind(target, value, outcome.state, frame)
        return { state: outcome.state, value }
      })
    }
    return this.host.evaluate(expression, state, frame).map((outcome) => {
      const before = operator === undefined ? undefined : this.read(target, outcome.state, frame)
      const value = before === undefined ? outcome.value : this.combine(operator ?? '+', before, outcome.value)
      if (target.kind === 'name' && target.name === '_' && value.check !== undefined)
        this.host.record.dropped(value.check.check, this.host.place(frame, target.at))
      if (target.kind === 'place') this.writes(target.target, value, operator, outcome.state, frame)
      const empty = expression.kind === 'call' && value.literal?.value === ''
      const named = this.namedText(target, empty && isSecretNamed(target) ? UNKNOWN : value, frame)
      this.bind(target, named, outcome.state, frame)
      return { state: outcome.state, value: named }
    })
  }

  /** A text in the code remembers the variable that was given it first. */
  private namedText(target: Pattern, value: Value, frame: Frame): Value {
    if (target.kind === 'name' && isSecretOnlyByName(target.name, value))
      return secretNamed(plainName(target.name), this.host.place(frame, target.at))
    if (typeof value.literal?.value !== 'string' || value.named !== undefined || target.kind !== 'name') return value
    return { ...value, named: { name: plainName(target.name), at: this.host.place(frame, target.at) } }
  }

  /** `function getSecret() { return 'x' }` names the text as a variable would. */
  givenText(value: Value, at: Place): Value {
    const name = this.host.running.at(-1)?.name ?? ''
    return typeof value.literal?.value === 'string' && value.named === undefined && isSecretName(name)
      ? { ...value, named: { name, at } }
      : value
  }

  private read(target: Pattern, state: State, frame: Frame): Value {
    if (target.kind === 'name') return this.members.lookup(target.name, state, frame, target.at)
    if (target.kind === 'place') return this.host.evaluate(target.target, state, frame)[0]?.value ?? UNKNOWN
    return UNKNOWN
  }

  private combine(operator: string, a: Value, b: Value): Value {
    const bits = b.check ?? a.check
    if ((operator === '|' || operator === '+') && bits?.check.name === BYTE_BY_BYTE) return { origins: [], check: bits }
    const both = derived(a, b)
    if (a.object !== undefined && a.items === undefined) return { ...both, object: a.object }
    return operator === '+' && (a.length === true || b.length === true) ? { ...both, length: true } : both
  }

  /** Writing into something that outlives the request is an effect. */
  writes(target: Expression, value: Value, operator: string | undefined, state: State, frame: Frame): void {
    if (target.kind !== 'member' && target.kind !== 'index') return
    const [base] = this.host.evaluate(target.object, state.fork(), frame)
    if (base === undefined) return
    const object = base.value
    if (target.kind === 'index' && this.host.surface.kind === 'socket' && value.role === 'socket') {
      const key = this.host.evaluate(target.index, state.fork(), frame)[0]?.value ?? UNKNOWN
      notesKeptSocket(this.host, state, [key], [value], pathOf(target), this.host.place(frame, target.at))
    }
    // A field of the caller's own record is kept with it.
    const lasting = object.shared === true || has(object, 'stored') || has(object, 'identity')
    if (!lasting || object.role !== undefined) return
    const name = pathOf(target)
    const index = target.kind === 'index' ? this.host.evaluate(target.index, state.fork(), frame)[0]?.value : undefined
    const at = this.host.place(frame, target.at)
    if (object.shared === true && index !== undefined && identityOf(index, this.host.surface)) {
      this.host.record.claim(state, { kind: 'store', at, key: index.origins, name })
      state.claim(this.host.record.claimAt(at, 'store', index.origins, name))
    }
    const grows =
      operator === '+' ||
      operator === '-' ||
      (has(value, 'stored') && value.literal === undefined && fromRequest(value))
    this.host.record.effect(state, {
      kind: grows ? 'increment' : 'write',
      name,
      at,
      uses: unionOrigins([value.origins, object.origins, index?.origins ?? []]),
      opaque: undefined,
      repeatable: !grows,
    })
  }

  bind(pattern: Pattern, value: Value, state: State, frame: Frame): void {
    switch (pattern.kind) {
      case 'name': {
        const scope = state.scopeOf(frame.env, pattern.name) ?? frame.env
        state.set(scope, pattern.name, pattern.holds === undefined ? value : this.answerOf(pattern.holds, value))
        return
      }
      case 'place': {
        const target = pattern.target
        if (target.kind !== 'member' && target.kind !== 'index') return
        const [base] = this.host.evaluate(target.object, state, frame)
        if (target.kind === 'member' && isAnswer(base?.value, target.property, this.host.surface.framework))
          respond(this.host, state, value, this.host.place(frame, target.at), pathOf(target))
        if (base?.value.object === undefined) return
        const key =
          target.kind === 'member'
            ? target.property
            : (textOf(this.host.evaluate(target.index, state, frame)[0]?.value) ?? '*')
        state.set(base.value.object, key, value)
        return
      }
      case 'object': {
        for (const entry of pattern.entries) {
          // `const { data, error } = await supabase.from('orders').select()`
          const fails = entry.key === 'error' && has(value, 'stored') && (value.ref ?? '').endsWith('()')
          const member = fails
            ? this.answerOf('failure', { origins: [] })
            : this.host.member(value, entry.key, state, frame, pattern.at)
          const initial =
            entry.initial === undefined || isEmptyObject(entry.initial)
              ? undefined
              : this.host.evaluate(entry.initial, state, frame)[0]?.value
          this.bind(entry.target, initial === undefined ? member : this.withDefault(member, initial), state, frame)
        }
        if (pattern.rest !== undefined) this.bind(pattern.rest, value, state, frame)
        return
      }
      case 'list':
        pattern.items.forEach((item, index) => {
          const known = value.items?.[index]
          // The first of several results is what the call is about, the last says how it went; both keep what is known.
          const whole = index === 0 ? pattern.items.some(holdsAnswer) : holdsAnswer(item)
          const part = value.check === undefined && !whole ? this.host.elementOf(value, state) : value
          if (known !== undefined && item.kind === 'name') {
            const { holds: _, ...plain } = item
            this.bind(plain, known, state, frame)
          } else this.bind(item, known ?? part, state, frame)
        })
    }
  }

  /** What a call says of itself: an error that is nil when all went well, or an `ok`. */
  private answerOf(holds: 'failure' | 'success', value: Value): Value {
    if (value.literal !== undefined || value.certain === true || (has(value, 'exception') && value.fills === undefined))
      return value
    if (value.check !== undefined) {
      const { check, positive } = value.check
      return holds === 'success'
        ? { origins: [], check: value.check }
        : { origins: [{ kind: 'exception' }], check: { check, positive: !positive } }
    }
    if (holds === 'failure') return { origins: [{ kind: 'exception' }], symbol: `failure:${this.host.freshId()}` }
    return {
      origins: value.origins,
      ...(value.claim === undefined ? {} : { claim: value.claim }),
      ...(value.symbol === undefined ? {} : { symbol: `has:${value.symbol}` }),
    }
  }

  withDefault(given: Value, initial: Value): Value {
    const { ref, ...rest } = given
    const value = ref === OR_NULL ? rest : given
    const fallback = textOf(initial)
    if (fallback === undefined || !has(value, 'secret')) return join(value, initial)
    // `options.credentials || 'credentials.json'`: the file that holds them.
    if (namesFile(fallback)) return { origins: value.origins.filter(({ kind }) => kind !== 'secret') }
    return {
      ...value,
      origins: value.origins.map((origin) =>
        origin.kind === 'secret' && origin.secret.fallback === undefined
          ? { kind: 'secret', secret: { ...origin.secret, fallback } }
          : origin,
      ),
    }
  }
}

/** `const { user: { id } = {} } = session`: what is missing then is still the session's. */
function isEmptyObject(initial: Expression): boolean {
  return initial.kind === 'object' && initial.entries.length === 0
}

/** A function that gives the secret of whom it knows gives nothing for the others. */
function isSecretNamed(target: Pattern): boolean {
  return target.kind === 'name' && isSecretOnlyByName(target.name, UNKNOWN)
}
