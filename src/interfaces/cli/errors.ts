/**
 * Errors as the command line shows them: what happened, what to do next, and an exit code.
 */
import { ERROR_CODES, type ErrorKind, PosternError } from '../../base/model/errors.ts'
import type { CommandContext, ExitCode } from './context.ts'

const EXIT_CODES: Readonly<Record<ErrorKind, ExitCode>> = {
  invalid: 2,
  unauthenticated: 2,
  forbidden: 2,
  unsupported_media_type: 2,
  method_not_allowed: 2,
  too_large: 1,
  not_found: 1,
  gone: 1,
  conflict: 1,
  limited: 3,
  timeout: 3,
  unavailable: 3,
  internal: 3,
}

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof PosternError ? EXIT_CODES[error.kind] : 3
}

/** With --json the error is a JSON object on stderr; stdout stays empty. */
export function printError(context: CommandContext, error: unknown): void {
  if (!(error instanceof PosternError)) {
    context.stderr.write(
      `postern: an internal error, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
    )
    return
  }
  if (context.json) {
    context.stderr.write(`${JSON.stringify({ code: error.code, detail: error.detail, errors: error.errors })}\n`)
    return
  }
  const lines = [
    `postern: ${error.detail}`,
    ...error.errors.map(({ path, message }) => `  ${path === '' ? '' : `${path}: `}${message}`),
    `  ${error.code}. ${ERROR_CODES[error.code].next}`,
  ]
  context.stderr.write(`${lines.join('\n')}\n`)
}
