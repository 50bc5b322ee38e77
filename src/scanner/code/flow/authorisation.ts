/**
 * "May this caller touch that?", asked of code nobody can follow: it is given the principal and what the caller named,
 * and its answer is taken. Also questions about the principal itself, such as its roles.
 */
import { failuresAreValues } from '../knowledge/libraries.ts'
import { wordsOf } from '../knowledge/names.ts'
import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import type { Machine, Outcome } from './machine.ts'
import type { State } from './state.ts'
import { derived, has, originsOf, UNKNOWN, unionOrigins, type Value } from './value.ts'

export function authorisationCall(interpreter: Machine, called: Called, state: State): Outcome[] | undefined {
  const { args, named, at, path, isNew, used, written, object, callee } = called
  if (!used || isNew || callee.closures !== undefined || object?.role !== undefined) return undefined
  const all = [...args, ...named.values()]
  const asks = (name: string): Outcome[] => {
    const check = interpreter.record.check(bareCheck('identity', name, at))
    state.ask(check)
    return [
      {
        state,
        value: {
          origins: [{ kind: 'identity' }, { kind: 'stored' }],
          check: { check, positive: true },
          ref: `${path}()`,
        },
      },
    ]
  }
  const last = written.split('.').at(-1) ?? ''
  // What is made with a capital letter is a record, not a question.
  if (/^[A-Z][a-z]/.test(last)) return undefined
  // A record looked up within the caller's own is found or not: that is a question to the store.
  if (/^(?:a?get_object_or_404|a?get_list_or_404|get_or_404|filter|filter_by|find_by|where)$/.test(last))
    return undefined
  if (object !== undefined && has(object, 'identity') && /^(?:includes|has|some|contains|hasRole|is|can)$/.test(last)) {
    // The hosts that belong to the caller.
    if (
      args.some((arg) =>
        originsOf(arg, 'parsed-body').some((origin) => /(?:^|\.)(?:host|hostname|origin)$/.test(origin.path)),
      )
    )
      state.guard('url-validated')
    return asks('role check')
  }
  // `Conversation.exists({ _id: id, participants: me })`
  if (
    last === 'exists' &&
    all.some((arg) => has(arg, 'identity') && has(arg, 'message', 'path', 'query', 'parsed-body'))
  )
    return asks('authorisation')
  const mine = all.filter((arg) => has(arg, 'identity'))
  const theirs = all.filter((arg) => !has(arg, 'identity') && has(arg, 'message', 'path', 'query', 'parsed-body'))
  if (mine.length === 0 || theirs.length === 0 || isActing(last)) return undefined
  if (has(derived(...all, object ?? UNKNOWN), 'raw-body', 'digest')) return undefined
  if (!interpreter.turnsAway) return asks('authorisation')
  const found: Value = { origins: [{ kind: 'identity' }, { kind: 'stored' }], ref: `${path}()` }
  return passesOrThrows(interpreter, at, state).map((outcome) => ({ ...outcome, value: found }))
}

/** What raises where the one may not touch the other has let him pass where the way goes on. */
function passesOrThrows(interpreter: Machine, at: Called['at'], state: State): Outcome[] {
  const check = interpreter.record.check(bareCheck('identity', 'authorisation', at))
  state.ask(check)
  const refused = state.fork()
  refused.fail(check)
  interpreter.throwIn(refused, undefined, false)
  state.pass(check)
  if (interpreter.phase === 'message') state.guard('authorized')
  return [{ state, value: UNKNOWN }]
}

/** `members.contains(user)`, `slices.Contains(job.Viewers, user.ID)`: the record says who belongs to it. */
export function belongs(
  interpreter: Machine,
  { args, named, object, written, at, isNew, used }: Called,
  state: State,
): Outcome[] | undefined {
  const last = wordsOf(written.split('.').at(-1) ?? '').join('_')
  if (isNew || !used) return undefined
  // `team.members.filter(id=user.id).exists()`
  if (object?.check?.check.name === 'owner check' && args.length === 0 && TAKES_ONE.test(last))
    return [{ state, value: object }]
  const narrows = NARROWS.test(last)
  if (!narrows && !ASKS_AMONG.test(last)) return undefined
  const [first, second] = args
  const mine = (value: Value | undefined): boolean =>
    value !== undefined && has(value, 'identity') && !has(value, 'stored', 'fetched')
  const held = (value: Value | undefined): boolean =>
    value !== undefined && has(value, 'stored', 'fetched') && !has(value, 'identity')
  const all = [...args, ...named.values()]
  // `user.clubs.filter(pk=club_id)`: of what is the caller's own.
  const own = object !== undefined && has(object, 'identity') && all.some((arg) => has(arg, 'path', 'query', 'message'))
  const asked = narrows
    ? own || (held(object) && all.some(mine))
    : object !== undefined && held(object)
      ? args.length === 1 && mine(first)
      : (held(first) && mine(second)) || (mine(first) && held(second))
  if (!asked) return undefined
  const check = interpreter.record.check(bareCheck('identity', 'owner check', at))
  state.ask(check)
  const origins = narrows ? ([{ kind: 'stored' }, ...(own ? [{ kind: 'identity' } as const] : [])] as const) : []
  if (narrows && own)
    interpreter.record.use(state, {
      kind: 'lookup',
      name: written,
      at,
      origins: unionOrigins([origins, ...all.map((arg) => arg.origins)]),
      guarded: true,
    })
  return [{ state, value: { origins, check: { check, positive: true } } }]
}
const NARROWS = /^(?:filter|filter_by|where|find_by|get|aget|where_(?:key|id|in))$/
const TAKES_ONE = /^(?:exists|aexists|first|afirst|count|acount|any|one|one_or_none|get|all|empty|present|take)$/
const ASKS_AMONG = /^(?:contains|includes?|has|member|in_array|contains_(?:key|value)|array_search)$/

/** `ensure_owner(user, device_id)`, its answer not taken: it throws where the one may not touch the other. */
export function demanded(
  interpreter: Machine,
  { args, named, at, isNew, used, written, object, callee }: Called,
  state: State,
): Outcome[] | undefined {
  if (used || isNew || callee.closures !== undefined || object?.role !== undefined) return undefined
  if (failuresAreValues(interpreter.surface.module.language)) return undefined
  if (!DEMANDS.test(wordsOf(written.split('.').at(-1) ?? '')[0] ?? '')) return undefined
  const all = [...args, ...named.values(), ...(object === undefined ? [] : [object])]
  const mine = all.some((arg) => has(arg, 'identity'))
  const theirs = all.some(
    (arg) => !has(arg, 'identity') && has(arg, 'message', 'path', 'query', 'parsed-body', 'stored'),
  )
  if (!mine || !theirs || has(derived(...all), 'raw-body', 'digest')) return undefined
  return passesOrThrows(interpreter, at, state)
}
const DEMANDS =
  /^(?:ensure|require|assert|check|verify|validate|must|guard|enforce|authorize|authorise|deny|forbid|raise|abort|confirm)$/

/** `tickets.consume(ticket, jobId)`: a ticket was made out for one subject to one who may have it. */
export function redeemed(
  interpreter: Machine,
  { args, named, at, path, isNew, used, written, callee }: Called,
  state: State,
): Outcome[] | undefined {
  if (!used || isNew || callee.closures !== undefined) return undefined
  const all = [...args, ...named.values()].filter((arg) => has(arg, 'path', 'query', 'header', 'parsed-body'))
  if (all.length < 2 || has(derived(...all), 'raw-body', 'digest', 'identity')) return undefined
  const words = wordsOf(written)
  if (
    !words.some((word) => /^tickets?$/.test(word)) ||
    !REDEEMS.test(wordsOf(written.split('.').at(-1) ?? '')[0] ?? '')
  )
    return undefined
  const check = interpreter.record.check(bareCheck('identity', 'authorisation', at))
  state.ask(check)
  return [{ state, value: { origins: [{ kind: 'stored' }], check: { check, positive: true }, ref: `${path}()` } }]
}
const REDEEMS = /^(?:consume|redeem|take|use|burn|claim|validate|verify|check|accept|spend|resolve|is|matches)$/

/** It does something rather than answering a question. */
export function isActing(name: string): boolean {
  return /^_?(?:set|save|add|put|update|insert|append|create|delete|remove|send|emit|publish|mark|move|post|write|store|broadcast|join|leave|cancel|push|record|apply|upsert|replace|handle|process|execute|run|start|stop|on|off|subscribe|log|enqueue|queue|schedule|submit|dispatch|register|make|generate|build|render|issue|trigger|notify|charge|pay|book)(?![a-z])/.test(
    name,
  )
}

/** What was made of the event sets to work: `HandleOrder.new(event).process`. */
export function setsToWork(made: Value, method: string): boolean {
  return (
    /(?:^|[.:\\])[A-Z]\w*\(\)$/.test(made.ref ?? '') &&
    (isActing(method) || /^(?:call|perform|invoke|fulfill|work)$/.test(method))
  )
}
