/** A `try` around a verifier and nothing else: what it catches is why the sender was refused, not what broke inside. */
import type { CheckKind } from './facts.ts'
import type { State } from './state.ts'

const VERIFIES: ReadonlySet<CheckKind> = new Set(['signature', 'token', 'verifier', 'delegated'])

/**
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
