/** What a refusal tells of the question before it. */
import { OUTGOING_FIELD } from '../knowledge/names.ts'
import type { Statement } from '../parse/ir.ts'
import type { CheckKind, Origin } from './facts.ts'
import type { State } from './state.ts'
import type { Value } from './value.ts'

const VERIFIES: ReadonlySet<CheckKind> = new Set(['signature', 'token', 'verifier', 'delegated'])

/**
 * A `try` around a verifier and nothing else: what it catches is why the sender was refused, not what broke inside.
 *
 * @param before As the `try` was entered.
 * @param ways All that left its body, with or without an exception.
 */
export function onlyVerifies(before: State, ways: readonly State[]): boolean {
  return (
    ways.every(({ done }) => done.length === before.done.length) &&
    ways.some(({ evaluated }) =>
      evaluated.some((check) => VERIFIES.has(check.kind) && !before.evaluated.includes(check)),
    )
  )
}

/** More than a text: files and lines of the program. */
export const SHOWS_STACK = /"(?:stack|backtrace|full_message|getTraceAsString|printStackTrace|traceback|format_exc)"/

/** The code branches on what code out of sight said of a payload or an address. */
export function asked(state: State, about: readonly Origin[]): void {
  const fields = about.flatMap((origin) => (origin.kind === 'parsed-body' ? [origin.path] : []))
  if (fields.some((field) => OUTGOING_FIELD.test(field) || HOST_OF_ADDRESS.test(field))) state.guard('url-validated')
  const whole = fields.length === 0 ? about.some(({ kind }) => kind === 'raw-body') : fields.includes('')
  if (whole) state.guard(ASKED_ELSEWHERE)
}

/** `/^https?:\/\//`: where the address leads is not asked. */
export function isSchemeOnly(object: Value | undefined): boolean {
  if (object?.ref !== 'RegExp()' || object.sketch === undefined) return false
  return /^\^?(?:\(\?:|\()?(?:https\??|http\|https|https\|http|wss?\??)\)?:?(?:\\?\/){0,2}(?:(?:\.|\\S|\[\^\\s\])[*+])?\$?$/.test(
    object.sketch,
  )
}

/** `new URL(body.url).hostname` */
const HOST_OF_ADDRESS = /(?:url|uri|endpoint|callback|target)\.(?:host|hostname|origin)$/i

/** Code out of sight was asked about the whole payload, and one of the answers is that the sender may not. */
export function refusesSender(
  { then, otherwise }: Extract<Statement, { kind: 'if' }>,
  ways: readonly State[],
): boolean {
  return ways.some(({ guards }) => guards.includes(ASKED_ELSEWHERE)) && REFUSES.test(JSON.stringify([then, otherwise]))
}

const ASKED_ELSEWHERE = '#asked-elsewhere'
const REFUSES = /"value":"?40[13]\b|nauthori[sz]ed|orbidden|PermissionDenied|AccessDenied/
