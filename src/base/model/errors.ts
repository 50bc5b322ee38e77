/**
 * What can go wrong that a caller can act on. Surfaces translate `kind`: interfaces/api to a status,
 * interfaces/cli to an exit code; nothing below them knows HTTP.
 */

export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'gone'
  | 'method_not_allowed'
  | 'timeout'
  | 'conflict'
  | 'too_large'
  | 'unsupported_media_type'
  | 'limited'
  | 'unavailable'
  | 'internal'

interface ErrorEntry {
  readonly kind: ErrorKind
  readonly title: string
  /** What the caller does next; printed in docs/errors.md and by the CLI. */
  readonly next: string
}

/** Public: in HTTP bodies, CLI output and docs/errors.md. A code is never reused for another meaning. */
export const ERROR_CODES = {
  VALIDATION_ERROR: {
    kind: 'invalid',
    title: 'The request is not valid',
    next: 'Correct what `errors` lists and send it again.',
  },
  ADDRESS_BLOCKED: {
    kind: 'invalid',
    title: 'The address is not allowed as a destination',
    next: 'Use a public https address, or list the private range in the destination’s `allowCidrs`.',
  },
  UNAUTHORIZED: {
    kind: 'unauthenticated',
    title: 'The request is not authenticated',
    next: 'Webhooks: check the signing secret of the integration. Management: send `x-internal-api-key`.',
  },
  FORBIDDEN: {
    kind: 'forbidden',
    title: 'The credential does not allow this',
    next: 'Use a credential with the scope that the route names.',
  },
  CONSENT_REQUIRED: {
    kind: 'forbidden',
    title: 'Nobody has allowed this target to be probed',
    next: 'Probe this machine, a host that shows your token, or one that you answer for with `--authorized-by`.',
  },
  NOT_FOUND: { kind: 'not_found', title: 'There is nothing here', next: 'Check the address and the id.' },
  PAYLOAD_PURGED: {
    kind: 'gone',
    title: 'The payload was removed by age',
    next: 'What is left of the event can be read; its bytes can be neither shown nor delivered again. `postern retention show` says how long payloads are kept.',
  },
  METHOD_NOT_ALLOWED: {
    kind: 'method_not_allowed',
    title: 'The method is not allowed here',
    next: 'Use a method that the `Allow` header names.',
  },
  REQUEST_TIMEOUT: {
    kind: 'timeout',
    title: 'The request took too long to arrive',
    next: 'Send headers and body without pauses.',
  },
  CONFLICT: {
    kind: 'conflict',
    title: 'The request conflicts with the present state',
    next: 'Read the resource again and decide from what it is now.',
  },
  PAYLOAD_TOO_LARGE: {
    kind: 'too_large',
    title: 'The body is larger than allowed',
    next: 'Send less, or raise the integration’s `maxBodyBytes`.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    kind: 'unsupported_media_type',
    title: 'The content type or encoding is not supported',
    next: 'Send the content type that the provider uses, without Content-Encoding.',
  },
  RATE_LIMITED: {
    kind: 'limited',
    title: 'Too many requests',
    next: 'Wait for the seconds that `Retry-After` names.',
  },
  DEPENDENCY_UNAVAILABLE: {
    kind: 'unavailable',
    title: 'Something this request needs is not available',
    next: 'Retry after the seconds that `Retry-After` names; nothing was stored.',
  },
  INTERNAL_ERROR: {
    kind: 'internal',
    title: 'Something went wrong inside',
    next: 'Look up the correlation id in the log; report it if it is new.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERROR_CODES

/** One thing wrong with one field; `path` in dotted form, empty for the whole. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

interface ErrorOptions {
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** An error somebody outside can act on. `detail` holds no secret, body or SQL: it is shown as it is. */
export class PosternError extends Error {
  readonly code: ErrorCode
  readonly detail: string
  readonly errors: readonly FieldError[]
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, detail: string, options: ErrorOptions = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'PosternError'
    this.code = code
    this.detail = detail
    this.errors = options.errors ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  get kind(): ErrorKind {
    return ERROR_CODES[this.code].kind
  }
}

/** What can neither be shown nor delivered any more. */
export function payloadPurged(at: Date): PosternError {
  return new PosternError('PAYLOAD_PURGED', `The payload was purged on ${at.toISOString()}; its digest is kept.`)
}
