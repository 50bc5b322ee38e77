/**
 * "May this caller touch that?", asked of code nobody can follow: it is given the principal and what the caller named,
 * and its answer is taken. Also questions about the principal itself, such as its roles.
 */
import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import type { Machine, Outcome } from './machine.ts'
import type { State } from './state.ts'
import { derived, has, originsOf, UNKNOWN, type Value } from './value.ts'

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
  return asks('authorisation')
}

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
