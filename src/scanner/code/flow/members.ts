/**
 * What names and members mean: variables of scopes, declarations of modules and what was imported, fields of objects,
 * of classes and of settings, the elements of what is indexed. Long because one leads to the other: a field may be a
 * declaration of a module, and that a field again.
 */

import { isTyped, roleOfType, SETTING_ANNOTATIONS } from '../knowledge/framework-objects.ts'
import { CONTAINERS } from '../knowledge/known-calls.ts'
import { canBeSecret, isImportedSecret, isSecretName } from '../knowledge/names.ts'
import type { ClassIr, Expression, FunctionIr, Module, Pattern, Position } from '../parse/ir.ts'
import { pathOf, plainMember, plainName } from '../parse/walk.ts'
import type { Declaration, Program } from '../project/program.ts'
import type { Classes } from './classes.ts'
import type { Origin, Place } from './facts.ts'
import { FILLED, filled } from './fill.ts'
import { libraryConstant } from './library-calls.ts'
import { type Frame, freshFrame, type Machine, type Outcome } from './machine.ts'
import type { ModuleValues } from './module-values.ts'
import { globalValue } from './request-parts.ts'
import { roleMember } from './requests.ts'
import {
  beanName,
  FRAMEWORK_GLOBALS,
  isSecretOnlyByName,
  isSettingsClass,
  isTextType,
  KEEPS_JOBS,
  others,
  secretNamed,
} from './shapes.ts'
import { isFoundSet, required, stopsWithout } from './startup.ts'
import type { State } from './state.ts'
import { typedMember } from './typed-objects.ts'
import {
  type Closure,
  derived,
  fromRequest,
  has,
  join,
  literal,
  numberOf,
  originsOf,
  outside,
  textOf,
  UNKNOWN,
  unionOrigins,
  type Value,
} from './value.ts'

/** What the meaning of names asks of the interpreter: values of other expressions, and where it stands. */
export interface MemberHost extends Machine {
  readonly program: Program
  readonly classes: Classes
  readonly modules: ModuleValues
  /** Something was left out so far. */
  readonly exhausted: boolean
  /** The functions that are being followed, the innermost last. */
  readonly running: readonly FunctionIr[]
  evaluate: (expression: Expression, state: State, frame: Frame) => Outcome[]
  bind: (pattern: Pattern, value: Value, state: State, frame: Frame) => void
  /** Runs code whose effects are nobody's. */
  quietly: <T>(work: () => T) => T
}

/** `new URL(…).password`: what an address of elsewhere is asked with. */
const IS_ADDRESS = /(?:^|\.)(?:URL|urlparse|urlsplit|url\.parse)\(\)$/
/** A token of a session is not the one of the configuration. */
const IS_SETTINGS = /(?:^|\.)(?:config|settings|options|opts)$/i
/** A secret that stands in the code. */
function writtenSecret(name: string, literal: string, at: Place): Origin {
  return { kind: 'secret', secret: { from: 'literal', name, literal, at } }
}

const OF_VALIDATION = /^(?:record|errors|normalized_messages|messages_dict|message_dict|error_dict)$/
/** `flask.request` is the `request` of `from flask import request`. */
const FRAMEWORK_MODULE = /^(?:flask|quart|bottle)$/

export class Members {
  private readonly host: MemberHost
  /** Those that hold for this surface only. */
  private readonly own = new Map<string, Value>()
  private readonly evaluating = new Set<string>()
  /** How often a value was asked for while it was being worked out. */
  private circles = 0

  constructor(host: MemberHost) {
    this.host = host
  }

  lookup(name: string, state: State, frame: Frame, at: Position): Value {
    const scope = state.scopeOf(frame.env, name)
    if (scope !== undefined) return filled(state, state.get(scope, name) ?? UNKNOWN)
    if (name === 'this' || name === 'self') return frame.self ?? UNKNOWN
    if (name === 'super') return this.inherited(frame) ?? frame.self ?? UNKNOWN
    const own = frame.module.language === 'ruby' ? this.ofSelf(name, state, frame) : undefined
    return own ?? this.topLevel(name, frame.module, at)
  }

  /** A bare word that is no variable is a method or attribute of `self`. */
  private ofSelf(name: string, state: State, frame: Frame): Value | undefined {
    const { self } = frame
    if (self === undefined) return undefined
    if (name === 'new' && self.cls !== undefined) return { origins: [], cls: self.cls }
    if (self.object !== undefined && !/^[A-Z]/.test(name)) {
      const field = state.get(self.object, name)
      if (field !== undefined) return field
    }
    return this.classMember(self, name, state)
  }

  /** The method of the same name further up, for `super`. */
  private inherited(frame: Frame): Value | undefined {
    const running = this.host.running.at(-1)
    const ref = frame.self?.instance ?? frame.self?.cls
    if (running === undefined || ref === undefined || frame.module.language !== 'ruby') return undefined
    const found = this.host.classes.methodsNamed(ref, running.name)
    const above = found[found.findIndex(({ fn }) => fn === running) + 1]
    if (above === undefined) return { origins: [], ref: `super.${running.name}` }
    return { origins: [], closures: [{ ...above, env: undefined, self: frame.self ?? UNKNOWN }] }
  }

  topLevel(name: string, module: Module, at: Position): Value {
    return this.once(`${module.file}\n${name}`, () => {
      const declaration = this.host.program.declaration(module, name)
      return declaration === undefined
        ? { value: this.undeclared(name, module, at), shared: false }
        : { value: this.declared(declaration, name), shared: true }
    })
  }

  /** What was worked out in a circle or in part, or holds a check of this surface, is not for the others. */
  private once(key: string, work: () => { readonly value: Value; readonly shared: boolean }): Value {
    const { modules } = this.host
    const known = this.own.get(key) ?? modules.values.get(key)
    if (known !== undefined) return known
    if (this.evaluating.has(key)) {
      this.circles++
      return UNKNOWN
    }
    const { circles } = this
    this.evaluating.add(key)
    const { value, shared } = work()
    this.evaluating.delete(key)
    const isWhole = circles === this.circles && !this.host.exhausted
    const forAll = shared && isWhole && value.check === undefined && value.claim === undefined
    const kept = forAll ? modules.values : this.own
    kept.set(key, value)
    return value
  }

  private undeclared(name: string, module: Module, at: Position): Value {
    if (name === 'undefined' || name === 'None') return literal(undefined)
    if (FRAMEWORK_GLOBALS[this.host.surface.framework]?.[name] !== undefined)
      return { origins: [], ref: name, role: FRAMEWORK_GLOBALS[this.host.surface.framework]?.[name] as never }
    const given = globalValue(this.host.surface.framework, module.language, name)
    if (given !== undefined) return given
    const place = { file: module.file, ...at }
    const known = module.language === 'go' ? libraryConstant('go', name) : undefined
    if (known !== undefined) return known
    const constant = name.split('::').at(-1) ?? name
    if (/^[A-Z][A-Z0-9_]*$/.test(constant) && isSecretName(constant) && (constant === name || constant !== 'HMAC'))
      return {
        origins: [{ kind: 'secret', secret: { from: 'config', name, at: place } }],
        ref: name,
        symbol: `global:${name}`,
      }
    return outside(plainName(name))
  }

  declared(declaration: Declaration, name: string): Value {
    switch (declaration.kind) {
      case 'function': {
        const closure: Closure = { fn: declaration.fn, module: declaration.module, env: undefined }
        if (declaration.fn.decorators.length === 0) return { origins: [], closures: [closure] }
        // Route decorators say nothing about what the function is to those who call it.
        return { origins: [], closures: [closure] }
      }
      case 'class':
        return { origins: [], cls: { cls: declaration.cls, module: declaration.module } }
      case 'module':
        return {
          origins: [],
          namespace: declaration.module,
          ref:
            declaration.module.file
              .replace(/\.\w+$/, '')
              .split('/')
              .at(-1) ?? '',
        }
      case 'outside':
        return this.outsideValue(declaration.ref, name)
      case 'value':
        return this.initial(declaration, name)
    }
  }

  outsideValue(ref: string, name: string): Value {
    const global = FRAMEWORK_GLOBALS[this.host.surface.framework]?.[name]
    if (global !== undefined && /flask|bottle|quart|g$/.test(ref)) return { origins: [], ref, role: global as never }
    if (
      /^(?:django\.conf\.settings|.*[./](?:config|settings|env)(?:\.(?:config|settings|env|default))?)$/i.test(ref) ||
      /^(?:settings|config|env)$/i.test(name)
    )
      return { origins: [], ref, role: 'settings' }
    if (isImportedSecret(name))
      return {
        origins: [
          {
            kind: 'secret',
            secret: { from: 'config', name, at: { file: this.host.surface.module.file, line: 1, column: 1 } },
          },
        ],
        ref,
        symbol: `global:${name}`,
      }
    return outside(ref)
  }

  private initial(declaration: Extract<Declaration, { kind: 'value' }>, name: string): Value {
    const { modules } = this.host
    modules.visited.add(declaration.module.file)
    const env = this.host.freshId()
    modules.globals.create(env, undefined)
    const frame = freshFrame(env, declaration.module, undefined)
    const outcomes = this.host.contained(() =>
      this.host.quietly(() => this.host.evaluate(declaration.value, modules.globals, frame)),
    )
    const [outcome] = outcomes
    if (outcome === undefined) return UNKNOWN
    // Empty until something starts it up: requests come later.
    const { literal: begins } = outcome.value
    if (begins !== undefined && !begins.value && declaration.module.reassigned?.has(name) === true)
      return isSecretOnlyByName(name, UNKNOWN)
        ? secretNamed(name, { file: declaration.module.file, ...declaration.target.at })
        : outside(plainName(name))
    if (declaration.target.kind === 'name') {
      const value: Value =
        stopsWithout(name, declaration.module) || outcomes.every(isFoundSet)
          ? { ...required(outcome.value), certain: true }
          : outcome.value
      return this.shareable(value, name, declaration)
    }
    this.host.bind(declaration.target, outcome.value, modules.globals, frame)
    return modules.globals.get(env, name) ?? UNKNOWN
  }

  /** A constant stays one; a container made once outlives every request. */
  private shareable(value: Value, name: string, declaration: Extract<Declaration, { kind: 'value' }>): Value {
    const { at, file } = { at: declaration.target.at, file: declaration.module.file }
    if (typeof value.literal?.value === 'string' && canBeSecret(value.literal.value) && isSecretName(name))
      return {
        ...value,
        symbol: `global:${name}`,
        origins: [writtenSecret(name, value.literal.value, { file, ...at })],
      }
    if (value.literal !== undefined) return value
    if (isSecretOnlyByName(name, value)) return secretNamed(name, { file, ...at })
    const container =
      declaration.value.kind === 'object' || declaration.value.kind === 'list' || CONTAINERS.test(value.ref ?? '')
    return {
      ...value,
      ...(container ? { shared: true } : {}),
      ...(value.symbol === undefined && value.origins.length > 0 ? { symbol: `global:${name}` } : {}),
    }
  }

  member(object: Value, property: string, state: State, frame: Frame, at: Position): Value {
    if (object.object !== undefined) {
      const field = state.get(object.object, property)
      if (field !== undefined) return field
      const whole = state.get(object.object, FILLED)
      if (whole !== undefined && property !== 'length' && this.methodOf(object, property) === undefined)
        return this.plainMember(
          { ...whole, ...(object.ref === undefined ? {} : { ref: object.ref }) },
          property,
          frame,
          at,
        )
      // Put there under names that are not in sight.
      const other = state.get(object.object, '*')
      if (
        other !== undefined &&
        property !== 'length' &&
        object.role === undefined &&
        this.methodOf(object, property) === undefined
      )
        return { origins: other.origins }
    }
    if (object.namespace !== undefined) {
      const declaration = this.host.program.exported(object.namespace, property)
      if (declaration !== undefined)
        return declaration.kind === 'value' || declaration.kind === 'function'
          ? this.topLevelOf(declaration, property)
          : this.declared(declaration, property)
      const fallback = property === 'default' ? { ...object } : undefined
      return fallback ?? outside(`${object.ref ?? ''}.${property}`)
    }
    const given = FRAMEWORK_MODULE.test(object.ref ?? '')
      ? FRAMEWORK_GLOBALS[this.host.surface.framework]?.[property]
      : undefined
    if (given !== undefined) return { origins: [], ref: property, role: given as never }
    // Chalice
    if (property === 'current_request' && frame.module.language === 'python')
      return { origins: [], role: 'request', ref: 'request' }
    const ofSettings = this.settingOf(object, property)
    if (ofSettings !== undefined) return ofSettings
    const typed = typedMember(this.host, frame.module.language, object, property, this.host.place(frame, at))
    if (typed !== undefined) return typed
    const ofRole = roleMember(this.host, object, plainMember(property), this.host.place(frame, at))
    if (ofRole !== undefined) return ofRole
    const ofClass = this.classMember(object, property, state)
    if (ofClass !== undefined) return ofClass
    if (property === 'length' || property === 'byteLength' || property === 'size' || property === 'rowCount')
      return { ...derived(object), length: true, measured: object }
    const field = this.plainMember(object, plainMember(property), frame, at)
    // Whether rows were found is whether the question was answered with yes.
    return property === 'rows' && object.check !== undefined ? { ...field, check: object.check } : field
  }

  /** A name of the project's own settings modules; a mere switch differs from deployment to deployment. */
  private settingOf(object: Value, property: string): Value | undefined {
    if (object.role !== 'settings' || object.object !== undefined) return undefined
    for (const module of this.host.surface.settings ?? []) {
      const declaration = this.host.program.exported(module, property)
      if (declaration?.kind !== 'value') continue
      const value = this.topLevelOf(declaration, property)
      return typeof value.literal?.value === 'boolean' || value.literal?.value === null ? undefined : value
    }
    return undefined
  }

  private topLevelOf(declaration: Extract<Declaration, { kind: 'value' | 'function' }>, property: string): Value {
    return this.once(`${declaration.module.file}\n#${property}`, () => ({
      value: this.declared(declaration, property),
      shared: true,
    }))
  }

  plainMember(object: Value, property: string, frame: Frame, at: Position): Value {
    const owner = object.ref ?? (has(object, 'stored') ? 'record' : undefined)
    const ref = owner === undefined ? undefined : `${owner}.${plainMember(property)}`
    const constant = ref === undefined ? undefined : libraryConstant(frame.module.language, ref)
    if (constant !== undefined) return constant
    const field = frame.module.language === 'java' ? beanName(property) : property
    // `error.record`, `error.errors`: what was wrong with what was sent, field by field.
    const parsed = object.role === undefined && has(object, 'raw-body', 'parsed-body')
    const own = object.origins.filter(
      (origin) =>
        !(origin.kind === 'exception' && OF_VALIDATION.test(property)) &&
        // One field of what was made of the whole request is not all its headers.
        !(origin.kind === 'header' && origin.name === '*' && parsed),
    )
    const origins = own.map((origin) =>
      origin.kind === 'parsed-body' && !/^(?:get|body|data|json)$/.test(property)
        ? { ...origin, path: origin.path === '' ? field : `${origin.path}.${field}`.slice(-80) }
        : origin.kind === 'message'
          ? { ...origin, name: field }
          : origin.kind === 'exception'
            ? { ...origin, at: this.host.place(frame, at) }
            : origin.kind === 'header' && parsed && object.ref?.endsWith('()') === true
              ? { ...origin, inside: true as const }
              : origin,
    )
    // What a job keeps of its failure is the text of an exception.
    if (has(object, 'stored', 'fetched') && /^(?:exc_info|traceback|stack_?trace|exc_string)$/.test(property))
      return { origins: [...origins, { kind: 'exception' }] }
    const request = fromRequest(object) && !has(object, 'stored')
    if (
      !request &&
      !has(object, 'digest') &&
      isSecretName(property) &&
      object.role === undefined &&
      !IS_ADDRESS.test(object.ref ?? '') &&
      (property !== 'token' || IS_SETTINGS.test(object.ref ?? ''))
    ) {
      const from = has(object, 'stored') ? ('lookup' as const) : ('config' as const)
      const secret = {
        from,
        name: property,
        at: this.host.place(frame, at),
        ...(from === 'lookup' ? { chosenBy: origins } : {}),
      }
      return {
        origins: unionOrigins([[{ kind: 'secret', secret }], from === 'lookup' ? origins : []]),
        ...(ref === undefined ? {} : { ref: ref.slice(0, 160) }),
        symbol: `member:${ref ?? ''}.${property}`,
      }
    }
    for (const origin of origins) if (origin.kind === 'parsed-body') this.host.record.field(origin.path)
    const path = originsOf({ origins }, 'parsed-body')[0]?.path
    return {
      origins,
      ...(ref === undefined ? {} : { ref: ref.slice(0, 160) }),
      ...(object.shared === true ? { shared: true } : {}),
      ...(path === undefined
        ? object.symbol === undefined
          ? {}
          : { symbol: `${object.symbol}.${property}` }
        : { symbol: `body:${path}` }),
      // Whether `session.user.id` is there says what the session itself would.
      ...(object.check !== undefined &&
      (object.check.check.byCookie === true || /^(?:valid|ok|success|verified|isValid|is_valid|passed)$/.test(property))
        ? { check: object.check }
        : {}),
    }
  }

  indexed(object: Value, index: Value, state: State, frame: Frame, at: Position): Value {
    const key = textOf(index)
    if (key !== undefined) {
      const member = this.member(object, key, state, frame, at)
      if (frame.module.language !== 'python') return member
      return object.role === 'environment' ? required(member) : { ...member, present: true }
    }
    const position = numberOf(index)
    if (position !== undefined && object.items?.[position] !== undefined) return object.items[position] ?? UNKNOWN
    const any =
      object.object === undefined ? undefined : (state.get(object.object, '*') ?? state.get(object.object, FILLED))
    if (any !== undefined && object.shared !== true) return others(any)
    if (object.shared === true && object.object !== undefined && state.namesOf(object.object).length > 0)
      return state
        .namesOf(object.object)
        .map((name) => state.get(object.object ?? 0, name) ?? UNKNOWN)
        .reduce(join)
    if (object.shared === true) {
      this.host.record.lookup(state, {
        name: object.ref ?? 'a module-level container',
        at: this.host.place(frame, at),
        key: index,
        scope: [index],
        memory: true,
      })
      return { origins: [...index.origins, { kind: 'stored' }], shared: true }
    }
    // `jobs[job_id]`, kept by a module that is not in sight.
    if (KEEPS_JOBS.test(object.ref ?? '') && object.origins.length === 0 && has(index, 'path', 'query')) {
      const name = object.ref?.split('.').at(-1) ?? ''
      this.host.record.lookup(state, { name, at: this.host.place(frame, at), key: index, scope: [index], memory: true })
      return { origins: [...index.origins, { kind: 'stored' }], shared: true }
    }
    if (object.role === 'headers')
      return roleMember(this.host, object, '', this.host.place(frame, at)) ?? derived(object)
    // A table of functions: whichever it is.
    const entries =
      object.object === undefined || object.instance !== undefined
        ? []
        : state.namesOf(object.object).flatMap((name) => state.get(object.object ?? 0, name) ?? [])
    if (entries.some(({ closures }) => closures !== undefined)) return entries.reduce(join)
    // One field of the body, whichever: not the body.
    if (position === undefined && !fromRequest(index) && has(object, 'parsed-body'))
      return {
        origins: unionOrigins([
          object.origins.map((origin) =>
            origin.kind === 'parsed-body' && origin.path === '' ? { ...origin, path: '*' } : origin,
          ),
          index.origins,
        ]),
      }
    return { ...derived(object, index), ...(object.closures === undefined ? {} : { closures: object.closures }) }
  }

  private classMember(object: Value, property: string, state: State): Value | undefined {
    const ref = object.instance ?? object.cls
    if (ref === undefined) return undefined
    const found = this.host.classes.findMethod(ref, property, {
      after: object.behind,
      ofClass: object.cls !== undefined,
    })
    const overloads = found === undefined ? [] : ref.cls.methods.filter(({ name }) => name === property)
    if (found !== undefined) {
      const { behind: _, ...self } = object
      const fns = overloads.length > 1 && isTyped(found.module.language) ? overloads : [found.fn]
      return { origins: [], closures: fns.map((fn) => ({ fn, module: found.module, env: undefined, self })) }
    }
    const field = this.host.classes.findField(ref, property)
    if (field === undefined) return undefined
    if (field.value !== undefined) {
      const frame = freshFrame(this.host.freshId(), field.module, object)
      state.create(frame.env, undefined)
      const [outcome] = this.host.contained(() =>
        this.host.quietly(() => this.host.evaluate(field.value as Expression, state, frame)),
      )
      const value = outcome?.value ?? UNKNOWN
      const container =
        field.value.kind === 'object' || field.value.kind === 'list' || /^(?:Map|Set)\(\)$/.test(value.ref ?? '')
      const shared = container && value.literal === undefined
      if (
        typeof value.literal?.value === 'string' &&
        isSecretName(property) &&
        (value.literal.value === '' || isSettingsClass(ref))
      )
        return {
          origins: [
            {
              kind: 'secret',
              secret: {
                from: 'env',
                name: property,
                fallback: value.literal.value,
                at: { file: field.module.file, ...field.value.at },
              },
            },
          ],
          symbol: `env:${property}`,
        }
      if (typeof value.literal?.value === 'string' && canBeSecret(value.literal.value) && isSecretName(property))
        return {
          ...value,
          origins: [
            writtenSecret(property, value.literal.value, {
              file: field.module.file,
              ...(field.value as Expression).at,
            }),
          ],
        }
      return shared ? { ...value, shared: true } : value
    }
    if (isSettingsClass(ref) && isSecretName(property))
      return {
        origins: [
          {
            kind: 'secret',
            secret: {
              from: 'env',
              name: property,
              required: true,
              at: { file: field.module.file, ...(field.annotation?.at ?? ref.cls.at) },
            },
          },
        ],
        symbol: `env:${property}`,
      }
    const configured = this.configured(field.decorators, {
      file: field.module.file,
      ...(field.decorators[0]?.at ?? ref.cls.at),
    })
    if (configured !== undefined) return configured
    // A text that whoever makes the object puts there: its name says what it is.
    if (isSecretName(property) && property !== 'token' && isTextType(field.annotation))
      return secretNamed(property, { file: field.module.file, ...(field.annotation?.at ?? ref.cls.at) })
    return field.annotation === undefined ? undefined : this.injected(field.annotation, field.module)
  }

  /** What an annotation reads from the configuration: `@Value("${name:default}")`. */
  configured(decorators: readonly Expression[], at: Place): Value | undefined {
    const marker = decorators.find((one) => one.kind === 'call' && SETTING_ANNOTATIONS.has(pathOf(one.callee)))
    if (marker?.kind !== 'call') return undefined
    const texts = marker.args.map(({ value }) => (value.kind === 'literal' ? String(value.value) : ''))
    const placeholder = /^\$\{([^:}]+)(?::([^}]*))?\}$/.exec(texts[0] ?? '')
    // `@Value("whsec_…")` is the value itself; a name of a setting has dots.
    const written = texts[0] ?? ''
    if (placeholder === null && /^(?=.*\d)[\w+/=-]{12,}$/.test(written))
      return { ...literal(written), named: { name: 'the key', at } }
    const [name, fallback] = placeholder?.slice(1) ?? [texts[0], texts[1]]
    if (name === undefined || name === '') return UNKNOWN
    const secret = isSecretName(name.replaceAll('-', '_'))
    const value: Value = secret
      ? { origins: [{ kind: 'secret', secret: { from: 'env', name, at } }], symbol: `env:${name}` }
      : { origins: [{ kind: 'env', name }], symbol: `env:${name}` }
    if (fallback === undefined) return secret ? required(value) : value
    return /^#\{/.test(fallback) ? value : this.host.withDefault(value, literal(fallback))
  }

  /** What a constructor or dependency container puts where a type is named. */
  injected(annotation: Expression, module: Module): Value {
    const role = isTyped(module.language) ? roleOfType(pathOf(annotation)) : undefined
    if (role !== undefined) return { origins: [], role, ref: role }
    if (annotation.kind === 'member' && annotation.object.kind === 'name') {
      const owner = this.host.program.declaration(module, annotation.object.name)
      if (owner?.kind === 'module') {
        const found = this.host.program.exported(owner.module, annotation.property)
        if (found?.kind === 'class')
          return { origins: [], instance: { cls: found.cls, module: found.module }, ref: annotation.property }
      }
      return outside(`${owner?.kind === 'outside' ? owner.ref : annotation.object.name}.${annotation.property}()`)
    }
    const name =
      annotation.kind === 'name'
        ? annotation.name
        : annotation.kind === 'index' && annotation.object.kind === 'name'
          ? annotation.object.name
          : undefined
    if (name === undefined) return UNKNOWN
    const declaration = this.host.program.declaration(module, name)
    if (declaration?.kind === 'class')
      return { origins: [], instance: { cls: declaration.cls, module: declaration.module }, ref: name }
    if (/config/i.test(name)) return { origins: [], ref: name, role: 'settings' }
    return outside(`${declaration?.kind === 'outside' ? declaration.ref : name}()`)
  }

  methodOf(object: Value, name: string): Value | undefined {
    const ref = object.instance ?? object.cls
    const found = ref === undefined ? undefined : this.host.classes.findMethod(ref, name)
    return found === undefined ? undefined : { origins: [], closures: [{ ...found, env: undefined, self: object }] }
  }

  classNamed(name: string, frame: Frame): ClassIr | undefined {
    const declaration = this.host.program.declaration(frame.module, name)
    return declaration?.kind === 'class' ? declaration.cls : undefined
  }

  /** `super()` is the instance seen from behind the class whose method runs. */
  superOf(frame: Frame): Value {
    const { self } = frame
    const ref = self?.instance ?? self?.cls
    if (self === undefined || ref === undefined) return UNKNOWN
    const running = this.host.running.at(-1)
    const owner = this.host.classes
      .lineage(ref)
      .find(({ cls }) =>
        cls.methods.some((method) => method === running || (running !== undefined && method.body === running.body)),
      )
    return owner === undefined ? self : { ...self, behind: owner.cls }
  }
}
