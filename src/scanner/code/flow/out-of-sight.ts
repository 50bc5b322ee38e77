/**
 * Calls that lead out of sight: what is assumed of them from their names and from what they are given.
 *
 * Long because it is one list of assumptions, and their order decides which one a call meets.
 */

import {
  CONFLICT_OPTIONS,
  effectOfCommand,
  effectOfMethod,
  effectOfSql,
  isCostlyName,
  type KnownEffect,
} from '../knowledge/effects.ts'
import { ENDS_REQUEST, LOOKUP_METHODS, STORES } from '../knowledge/known-calls.ts'
import { failuresAreValues } from '../knowledge/libraries.ts'
import { isAuthorizationName, isFinderName, isPureName, tellsOfTrouble, wordsOf } from '../knowledge/names.ts'
import { isVerifierClass, VERIFYING_WRAPPERS } from '../knowledge/verifiers.ts'
import { isEventStream } from './answers.ts'
import { isActing } from './authorisation.ts'
import {
  handsOnRequest,
  isEffectful,
  isGivenRequest,
  isMadeOutside,
  isOutgoing,
  isSubscription,
  isUrlValidator,
  isValidation,
  JUDGES,
  namesStream,
  procedureOf,
  RESOLVES,
  runsService,
} from './call-words.ts'
import type { Called } from './called.ts'
import { uncapitalised } from './calls.ts'
import { bareCheck } from './checks.ts'
import { HOST_FIELD } from './comparisons.ts'
import { notesKeptSocket } from './containers.ts'
import { keyOf } from './digests.ts'
import type { Check, Origin } from './facts.ts'
import { foundByToken, ofOwnRecord, ownRecord } from './found-by-token.ts'
import { delegated, noteGuard } from './guards.ts'
import type { Frame, Machine, Outcome } from './machine.ts'
import { deep, effect, identityOf } from './noting.ts'
import { isSchemeOnly } from './refusals.ts'
import { onNext } from './respond.ts'
import { isEventId, isKeyed, seenBefore, tellsCopies } from './seen-before.ts'
import { noteModelChecks, sqlOfCall } from './standard-calls.ts'
import type { State } from './state.ts'
import {
  derived,
  fromRequest,
  has,
  originsOf,
  textOf,
  UNKNOWN,
  unionOrigins,
  type Value,
  withOrigins,
} from './value.ts'

export function constructOutside(interpreter: Machine, called: Called, state: State, frame: Frame): Outcome[] {
  const { args, named, path, at, object, property, written } = called
  const all = [...args, ...named.values()]
  const given = derived(...all)
  const whole = derived(given, ...(object === undefined || object.role !== undefined ? [] : [object]))
  const last = uncapitalised(property ?? path.replace(/\(\)/g, '').split('.').at(-1) ?? '', property !== undefined)
  const ref = `${path}()`

  // `@wraps(view)` copies a name and runs nothing.
  if (/(?:^|\.)(?:wraps|update_wrapper)$/.test(path)) return [{ state, value: { ...UNKNOWN, ref } }]
  // Wrappers and decorators of packages: what they wrap is what runs.
  const wrapped = all.find((arg) => arg.closures !== undefined)
  if (
    called.decorating === true ||
    (wrapped !== undefined && args.length === 1 && called.object === undefined && VERIFYING_WRAPPERS.test(path))
  ) {
    noteGuard(interpreter, path, state, at)
    const inner = args[0] ?? UNKNOWN
    // `@decorator(args)` is applied to what its call returned.
    return [{ state, value: inner.closures === undefined ? { ...UNKNOWN, ref } : inner }]
  }

  const goesOn = passedOn(interpreter, called, state)
  if (goesOn !== undefined) return goesOn
  const verifying = delegated(interpreter, called, whole, state)
  if (verifying !== undefined) return verifying

  if (ENDS_REQUEST.test(path) && /abort|exit|notFound|throw|^not_/.test(path)) {
    interpreter.record.thrown({ ...given, ref: 'HTTPException' }, at, state)
    interpreter.throwIn(state, { ...UNKNOWN, ref: 'HTTPException()' }, true)
    return []
  }

  if (/Response$/.test(path) && all.some((arg) => isEventStream(arg, state))) state.guard('event-stream')
  let current: State[] = [state]
  // Callbacks run once, after what came before them.
  for (const arg of all) {
    if (arg.closures === undefined) continue
    if (property === 'on' && object?.role === 'request' && textOf(args[0]) === 'data') interpreter.record.reads(at)
    const parameters: Value[] = callbackArguments(path, property, whole, object)
    current = current.flatMap((one) => [
      ...(isInline(arg)
        ? interpreter.apply(arg, parameters, one, frame, at, path)
        : interpreter.contained(() => interpreter.apply(arg, parameters, one, frame, at, path))
      ).map((outcome) => outcome.state),
    ])
    current = interpreter.merge(current, frame.env)
  }
  for (const arg of all) {
    if (arg.object === undefined) continue
    for (const one of current)
      for (const name of one.namesOf(arg.object).slice(0, 20)) {
        const member = one.get(arg.object, name)
        if (
          member?.closures === undefined ||
          !/^(?:on|handler|verify|callback|success|error|start|async_?|fetch|load|get|should)/i.test(name)
        )
          continue
        interpreter.contained(() => interpreter.apply(member, [whole], one, frame, at, path))
      }
  }
  for (const one of current) noteModelChecks(interpreter, called, one, frame)
  return current.flatMap((one) => outcomesOf(interpreter, called, one, whole, last, written, ref))
}

/** `tasks.add_task(log_rejected, …)`: what runs later writes a log. `this.emit('webhook-error', …)` tells of trouble. */
function onlyTells(last: string, [task]: readonly Value[]): boolean {
  if (last === 'emit') return tellsOfTrouble(textOf(task) ?? '')
  return /^(?:log|audit)$/.test(wordsOf(task?.ref?.split('.').at(-1) ?? '')[0] ?? '') && /_/.test(task?.ref ?? '')
}

/** A middleware of a package, called by one of the project: `json(req, res, next)`. It does what its name says and goes on. */
function passedOn(
  interpreter: Machine,
  { args, callee, path, written, at, isNew }: Called,
  state: State,
): Outcome[] | undefined {
  const next = args.at(-1)
  if (next?.role !== 'next' || args.length < 2 || isNew) return undefined
  const name = (callee.ref ?? written).replaceAll('()', '')
  if (interpreter.surface.kind === 'socket' && /session|passport/i.test(name)) {
    state.ask(interpreter.record.check({ ...bareCheck('identity', name, at), byCookie: true }))
  } else noteGuard(interpreter, path, state, at)
  onNext.get(interpreter)?.(state, false)
  return [{ state, value: UNKNOWN }]
}

/** A block, or a closure of a language without promises, runs where it stands: what it throws goes on from there. */
function isInline({ closures = [] }: Value): boolean {
  return closures.some(({ fn, module }) => fn.isBlock === true || module.language === 'php')
}

function callbackArguments(
  path: string,
  property: string | undefined,
  whole: Value,
  object: Value | undefined,
): Value[] {
  if (property === 'on' || property === 'once' || property === 'addEventListener') {
    const source = object?.role === 'request' ? withOrigins({ kind: 'raw-body' }) : (object ?? UNKNOWN)
    return [source.role === undefined ? source : UNKNOWN, UNKNOWN]
  }
  if (/transaction|begin|atomic|session|withTransaction|acquire|connect/i.test(path))
    return [{ origins: [], ref: 'tx' }]
  return [whole.origins.length > 0 ? { origins: whole.origins } : UNKNOWN, UNKNOWN]
}

function outcomesOf(
  interpreter: Machine,
  called: Called,
  state: State,
  whole: Value,
  last: string,
  written: string,
  ref: string,
): Outcome[] {
  const { args, named, path, at, object } = called
  const all = [...args, ...named.values()]
  const sql = sqlOfCall(called, state)
  const built = RUNS_STATEMENT.test(last) ? builtStatement(all) : undefined
  const command = last === 'send' ? args.find((arg) => /Command\(\)$/.test(arg.ref ?? '')) : undefined
  const stated =
    command?.ref !== undefined
      ? effectOfCommand(command.ref)
      : sql === undefined
        ? (built?.effect ?? effectOfMethod(last, path, object !== undefined))
        : effectOfSql(sql)
  const known =
    stated?.kind === 'insert' && (interpreter.settlesConflict || all.some((arg) => saysOnConflict(arg, state)))
      ? ({ kind: 'upsert', repeatable: true } as const)
      : stated
  if (path.endsWith('Command') && called.isNew && all.some((arg) => holdsText(arg, 'attribute_not_exists', state)))
    interpreter.record.claim(state, { kind: 'atomic', at, key: whole.origins, name: path })
  const bound = object?.object === undefined ? undefined : state.get(object.object, '#bound')
  const uses = unionOrigins([
    ...all.map((arg) => deep(arg, state)),
    ...(bound === undefined ? [] : [bound.origins]),
    ...(object !== undefined && (has(object, 'stored', 'identity') || fromRequest(object)) ? [object.origins] : []),
  ])
  const judges = JUDGES.test(last) && all.some(isOutgoing)
  if (judges) state.guard('url-validated')
  if (isAuthorizationName(written) && !judges && !called.isNew) {
    const check = interpreter.record.check(bareCheck('identity', 'authorisation', at))
    state.ask(check)
    if (interpreter.phase === 'message') state.guard('authorized')
    // Its answer is not taken: it throws where the one may not.
    if (!called.used && !failuresAreValues(interpreter.surface.module.language)) state.pass(check)
    return [{ state, value: { origins: [], check: { check, positive: true }, ref } }]
  }
  if (isUrlValidator(written)) {
    state.guard('url-validated')
    return [{ state, value: { origins: whole.origins, ref } }]
  }
  if (RESOLVES.test(path) && (fromRequest(whole) || has(whole, 'stored'))) state.guard('url-validated')
  if (
    /^(?:has|includes|test|some|contains|get|endsWith|startsWith|match)$/.test(last) &&
    args.some((arg) => originsOf(arg, 'parsed-body').some(({ path: field }) => HOST_FIELD.test(field)))
  )
    state.guard('url-validated')
  if (/^(?:urlparse|urllib\.parse\.(?:urlparse|urlsplit)|URL|new_url|url\.parse)$/.test(path)) state.guard('url-parsed')
  if (isValidation(path, last)) {
    state.guard('schema-validated')
    if (sql === undefined && object?.instance === undefined && /^model_validate/.test(last))
      return [{ state, value: { origins: whole.origins, ref } }]
  }
  // `schemas.Message(**data)`: Pydantic raises where it does not fit.
  if (MAKES_MODEL.test(path) && object !== undefined && fromRequest(whole)) {
    state.guard('schema-validated')
    return [{ state, value: { origins: whole.origins, ref } }]
  }
  if (limitsRate(written)) state.guard('rate-limited')

  const grows =
    known?.repeatable === true && /^(?:write|upsert)$/.test(known.kind) && all.some((arg) => adds(arg, state))
  if (
    (known !== undefined && !isPureName(path) && !onlyTells(last, args)) ||
    (known !== undefined && (sql !== undefined || built !== undefined)) ||
    known?.kind === 'execute'
  ) {
    if (known.kind === 'upsert' || (known.kind === 'insert' && isEventId(uses)))
      interpreter.record.claim(state, {
        kind: known.kind === 'upsert' ? 'upsert' : 'insert',
        at,
        key: uses,
        name: entityOf(path, sql, all),
      })
    const own = known.kind === 'write' || known.kind === 'delete' ? ofOwnRecord(interpreter, called, state) : state
    effect(
      interpreter,
      own,
      grows ? 'increment' : known.kind,
      path,
      at,
      uses,
      undefined,
      (known.repeatable && !grows) ||
        hasJobId(called, state, interpreter) ||
        (known.kind === 'insert' && isKeyed(uses)) ||
        (known.kind === 'enqueue' && tellsCopies(uses)),
    )
    const stored: readonly Origin[] = known.kind === 'insert' || known.kind === 'upsert' ? [{ kind: 'stored' }] : []
    return [
      {
        state,
        value: { origins: unionOrigins([stored, whole.origins.filter((origin) => origin.kind !== 'secret')]), ref },
      },
    ]
  }
  if (built?.selects === true || isLookup(last, `${path} ${written}`, sql, object)) {
    const key = { origins: uses }
    const scoped = all.some((arg) => has(arg, 'identity')) || has({ origins: uses } as Value, 'identity')
    if (
      identityOf({ origins: uses }, interpreter.surface) &&
      /event|webhook|deliver|processed|idempot|seen|log|message|payment|transaction|order/i.test(path + (sql ?? '')) &&
      interpreter.surface.kind === 'route'
    )
      interpreter.record.claim(state, { kind: 'lookup', at, key: uses, name: entityOf(path, sql, all) })
    // One's own record or an end: to find it is to be allowed.
    if (scoped && /or_?404$|Or(?:Throw|Fail)$/i.test(last) && fromRequest(key as Value)) {
      const check = interpreter.record.check(bareCheck('identity', 'owner check', at))
      state.ask(check)
      state.pass(check)
    }
    const check = scoped
      ? (ownRecord(interpreter, key, at, state) ?? within(interpreter, called, state))
      : (foundByToken(interpreter, called, last, sql, state) ??
        narrowed(object) ??
        (built?.selects === true ? narrowed(args[0]) : undefined))
    const entity = entityOf(path, sql, all)
    interpreter.record.use(state, {
      kind: 'lookup',
      name: written,
      at,
      origins: key.origins,
      guarded: scoped || handsOnRequest(all, state),
      ...(/job|task|export|report|result/i.test(entity) ? { detail: entity } : {}),
    })
    return [
      {
        state,
        value: {
          origins:
            check === undefined
              ? unionOrigins([[{ kind: 'stored' }], uses.filter((origin) => origin.kind !== 'secret')])
              : [{ kind: 'stored' }],
          ref,
          ...(check === undefined ? {} : { check: { check, positive: true } }),
        },
      },
    ]
  }
  const seen =
    !called.isNew && isEventId(unionOrigins(all.map((arg) => arg.origins)))
      ? seenBefore(written, called.used)
      : undefined
  if (seen !== undefined) interpreter.record.claim(state, { kind: seen, at, key: uses, name: written })
  if (isSubscription(last, path) || namesStream(called, { origins: uses }))
    interpreter.record.use(state, {
      kind: 'response',
      name: 'subscribe',
      at,
      origins: uses,
      guarded: has({ origins: uses } as Value, 'identity'),
      detail: 'subscribe',
    })
  if (LETS_IN.test(last) && interpreter.surface.kind === 'socket' && interpreter.phase !== 'message')
    notesKeptSocket(interpreter, state, [{ origins: uses }], all, written, at)
  const pure = isPureName(path) && !runsService(called)
  if (!pure && !called.isNew && !isValidation(path, last) && isEffectful(called, whole, last)) {
    const opaque =
      object === undefined
        ? called.callee.ref !== undefined && called.callee.ref !== written
          ? 'imported'
          : 'undefined'
        : 'member'
    const procedure = procedureOf(last, args)
    const repeatable = !isCostlyName(procedure ?? written) || tellsCopies(uses)
    interpreter.record.effect(state, {
      kind: 'opaque',
      name: written === '' ? path : written,
      at,
      uses,
      opaque,
      repeatable,
      ...(called.used && !isActing(last) && !isCostlyName(written) ? { asks: true } : {}),
    })
  }
  if (isGivenRequest(all) && (!isPureName(path) || isMadeOutside(object)) && !called.isNew)
    interpreter.record.missed({
      ...at,
      message: `${written === '' ? path : written} is given the whole request and could not be followed.`,
    })
  const finds =
    called.used &&
    isFinderName(last) &&
    !called.isNew &&
    object !== undefined &&
    fromRequest({ origins: uses }) &&
    !fromRequest(object) &&
    object.role === undefined &&
    object.ref !== 'text()'
  // `await getWebhookSecret()`: what it gives is what its name says.
  if (called.used && !called.isNew && object?.role === undefined && GIVES_SECRET.test(last)) {
    const chosen = uses.filter((origin) => origin.kind !== 'env')
    return [
      {
        state,
        value: {
          origins: [
            {
              kind: 'secret',
              secret:
                chosen.length === 0
                  ? { from: 'config', name: written, at }
                  : { from: 'lookup', name: written, chosenBy: chosen, at },
            },
          ],
          symbol: `secret:${written}`,
          ref,
        },
      },
    ]
  }
  // `cancel_job(job_id)` of a module that is not in sight.
  const acts = !called.isNew && ACTS_ON_JOB.test(wordsOf(last).join('_'))
  // `runs.get_run(run_id)` of a module that is not in sight.
  if ((finds || acts) && !has({ origins: uses }, 'parsed-body', 'message') && has({ origins: uses }, 'path', 'query'))
    interpreter.record.use(state, {
      kind: 'lookup',
      name: written,
      at,
      origins: uses,
      guarded: has({ origins: uses }, 'identity', 'secret') || handsOnRequest(all, state),
    })
  // An answer holds what was put into its data since that was made.
  const answered = MAKES_ANSWER.test(written) ? all.flatMap((arg) => deep(arg, state)) : []
  const rest: readonly Origin[] = [
    ...answered.filter(({ kind }) => kind === 'exception'),
    ...(finds || seen === 'lookup' ? [{ kind: 'stored' } as const] : []),
    ...(isVerifierClass(path) ? keyOf(args[0], at) : []),
    ...whole.origins.filter(
      ({ kind }) =>
        (kind !== 'secret' || called.isNew || /^[A-Z]\w*[a-z]/.test(written.split('.').at(-1) ?? '')) &&
        !(kind === 'exception' && HANDLES_ERRORS.test(last)),
    ),
  ]
  const ours = object === undefined ? isOfProject(called) : object.role === undefined && !fromRequest(object)
  const isOwn = has({ origins: uses }, 'identity')
  const check = !finds
    ? undefined
    : isOwn
      ? ownRecord(interpreter, { origins: uses }, at, state)
      : foundByToken(interpreter, called, last, undefined, state)
  const said = check === undefined && ours && called.used && !isSchemeOnly(object) ? { saidOf: uses } : {}
  const checked = check === undefined ? {} : { check: { check, positive: true } }
  return [{ state, value: { origins: rest, ref, ...said, ...checked } }]
}

/** `{ credits: record.credits + n }`, `{ $inc: { credits: n } }`, `{ credits: { increment: n } }` */
function adds(value: Value, state: State, hops = 0): boolean {
  if (value.grown === true) return true
  const { object } = value
  if (object === undefined || hops > 3 || value.role !== undefined) return false
  return state
    .namesOf(object)
    .some((name) => ADDS.test(name) || adds(state.get(object, name) ?? UNKNOWN, state, hops + 1))
}
const ADDS = /^(?:\$inc|\$push|increment|decrement)$/

/** What keeps a connection, and under what it is found again. */
const LETS_IN =
  /^(?:register|add|join|connect|subscribe|attach|enter)(?:_?(?:connection|client|socket|user|member|session|peer|room|conn))?$/i
const ACTS_ON_JOB =
  /^(?:cancel|abort|stop|kill|terminate|revoke|pause|resume|retry|delete|remove)_(?:\w+_)?(?:jobs?|tasks?)(?:_\w+)?$/

/** `team.members.filter(id=user.id)`: whoever asks is among those of the record, or is not. */
function within(interpreter: Machine, { args, named, object, at }: Called, state: State): Check | undefined {
  if (object === undefined || !has(object, 'stored') || has(object, 'identity')) return narrowed(object)
  if (![...args, ...named.values()].some((arg) => has(arg, 'identity'))) return narrowed(object)
  const check = interpreter.record.check(bareCheck('identity', 'owner check', at))
  state.ask(check)
  return check
}

/** `filter_by(token=…).first()`: what takes one of those that were found by their secret. */
function narrowed(object: Value | undefined): Check | undefined {
  const asked = object?.check
  return asked?.positive === true && (asked.check.kind === 'token' || asked.check.name === 'owner check')
    ? asked.check
    : undefined
}

const GIVES_SECRET =
  /^_*(?:get|load|fetch|read|resolve|find|retrieve|require|lookup)\w*(?:[sS]ecret|_?[sS]igning_?[kK]ey|_?[wW]ebhook_?[tT]oken|_?[vV]erify_?[tT]oken|_?[hH]mac_?[kK]ey)$/
const MAKES_MODEL = /(?:^|\.)(?:schemas?|dtos?)\.[A-Z]\w*$/

/** SQLAlchemy's statements are built first and run by whoever has the connection. */
function builtStatement(args: readonly Value[]): { effect?: KnownEffect; selects: boolean } | undefined {
  for (const { ref = '' } of args) {
    const verb = /^sqlalchemy[\w.]*\.(insert|update|delete|select)\(\)/.exec(ref)?.[1]
    if (verb === 'select') return { selects: true }
    const effect =
      verb === undefined ? undefined : effectOfSql(/\.on_conflict/.test(ref) ? `${verb} on conflict` : verb)
    if (effect !== undefined) return { effect, selects: false }
  }
  return undefined
}
const RUNS_STATEMENT = /^(?:execute|scalars?|exec)$/

const MAKES_ANSWER = /(?:Response|jsonify|make_response)$/

/** Imported from beside it, or from nowhere that is in sight; not from a package that everybody knows. */
function isOfProject({ callee, written }: Called): boolean {
  const { ref } = callee
  return ref !== undefined && (ref === written || /^[.~@]|^\w+(?:\.\w+){2,}/.test(ref) || ref.includes('/'))
}

/** `limiter.consume(ip)`, `rateLimit(user)`; `generate` and `setTimeLimit` are none. */
function limitsRate(name: string): boolean {
  const words = wordsOf(name)
  return (
    words.some((word) => /^(?:rate|ratelimit\w*|limit|limiter|throttl\w*|consume|slowdown)$/.test(word)) &&
    !/time|limits?\.(?:get|max)/i.test(name)
  )
}

/** What `handleError(error)` gives is for the caller, or so one hopes; its text is not in sight. */
const HANDLES_ERRORS =
  /^(?:handle|report|process|log)_?\w*(?:err(?:or)?|exception)s?$|^(?:safe|saniti[sz]e|clean|redact|public|friendly|user)_?\w*(?:err(?:or)?|exception|message)s?\w*$/i

/** What is looked for or stored, as far as names tell: `prisma.webhookEvent.create`, `session.add WebhookEvent`. */
function entityOf(path: string, sql: string | undefined, args: readonly Value[]): string {
  const table = /\b(?:from|into|update)\s+"?([\w.]+)/i.exec(sql ?? '')?.[1]
  const made = args.flatMap(({ ref }) =>
    ref === undefined ? [] : (/(?:^|\.)(\w+)\(\)$|(?:^|\.)([A-Z]\w+)$/.exec(ref)?.slice(1).find(Boolean) ?? []),
  )
  return [table ?? path, ...made].join(' ')
}

function saysOnConflict(value: Value, state: State): boolean {
  return (
    value.object !== undefined &&
    state
      .namesOf(value.object)
      .some((name) => CONFLICT_OPTIONS.test(name) && state.get(value.object ?? 0, name)?.literal?.value !== false)
  )
}

/** Somewhere in nested options, such as the condition of a write. */
function holdsText(value: Value, text: string, state: State, hops = 0): boolean {
  if (textOf(value)?.includes(text) === true) return true
  if (hops > 5) return false
  if (value.items?.some((item) => holdsText(item, text, state, hops + 1)) === true) return true
  const { object } = value
  if (object === undefined) return false
  return state.namesOf(object).some((name) => {
    const field = state.get(object, name)
    return field !== undefined && holdsText(field, text, state, hops + 1)
  })
}

/** A job that carries the event's id as its own is not queued twice. */
function hasJobId({ args, named }: Called, state: State, interpreter: Machine): boolean {
  const candidates = [named.get('job_id'), named.get('task_id'), named.get('_job_id'), named.get('idempotency_key')]
  for (const arg of args) {
    if (arg.object === undefined) continue
    for (const name of ['jobId', 'deduplicationId', 'MessageDeduplicationId', 'idempotencyKey', 'deduplication', 'id'])
      candidates.push(state.get(arg.object, name))
  }
  return candidates.some((value) => value !== undefined && identityOf(value, interpreter.surface))
}

function isLookup(last: string, path: string, sql: string | undefined, object: Value | undefined): boolean {
  if (sql !== undefined) return /^\s*(?:select|with)\b/i.test(sql)
  if (object === undefined)
    return /^(?:a?get_object_or_404|a?get_list_or_404|get_or_404|find_one|find_by_id|get_user|find_user|load_user)$/.test(
      last,
    )
  if (object.role !== undefined) return false
  return FINDS_RECORDS.test(last) || (LOOKUP_METHODS.test(last) && STORES.test(path))
}

/** Whatever it is called on, lists and maps have no such methods. */
const FINDS_RECORDS = /^find(?:Many|Unique|First|ById|ByPk|OneBy)(?:Or(?:Throw|Fail))?$/
