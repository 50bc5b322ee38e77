/**
 * What the outside is told when something goes wrong: one problem document (RFC 9457) for every door.
 *
 * Pure and shared by the management surface and the receivers. A `PosternError` is shown as it is; anything
 * else is a bug and is shown as INTERNAL_ERROR without a word of its cause, which belongs into the log.
 */
import { ERROR_CODES, type ErrorCode, type ErrorKind, type FieldError, PosternError } from '../model/errors.ts'

export interface Problem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const PROBLEM_TYPE = 'application/problem+json'

/** The one place where a kind of error becomes a status. */
export const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  timeout: 408,
  conflict: 409,
  gone: 410,
  too_large: 413,
  unsupported_media_type: 415,
  limited: 429,
  internal: 500,
  unavailable: 503,
}

/** Seconds a caller waits before it asks again when the error does not say; RFC 9110 section 10.2.3. */
const DEFAULT_RETRY_AFTER_SECONDS = 5

/**
 * @param correlationId As shown outside; the same one stands in the log.
 * @param status Replaces the status of the error's kind, for the few answers HTTP is finer about (431).
 */
export function problemOf(error: unknown, correlationId: string, status?: number): Problem {
  const shown = error instanceof PosternError ? error : internalError()
  const code = status ?? STATUS_OF_KIND[shown.kind]
  return {
    status: code,
    headers: { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store', ...retryAfter(shown) },
    body: JSON.stringify({
      type: typeOf(shown.code),
      title: ERROR_CODES[shown.code].title,
      status: code,
      code: shown.code,
      detail: shown.detail,
      correlationId,
      errors: shown.errors.map(({ path, message }: FieldError) => ({ path, message })),
    }),
  }
}

/** A relative reference (RFC 9457 section 3.1.1) to the entry in docs/errors.md. */
function typeOf(code: ErrorCode): string {
  return `/docs/errors#${code.toLowerCase()}`
}

function retryAfter(error: PosternError): Record<string, string> {
  if (error.kind !== 'limited' && error.kind !== 'unavailable') return {}
  return { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterSeconds ?? DEFAULT_RETRY_AFTER_SECONDS))) }
}

function internalError(): PosternError {
  return new PosternError('INTERNAL_ERROR', 'The request could not be completed because of a fault in the gateway.')
}
