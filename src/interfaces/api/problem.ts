/**
 * Every error of the management surface becomes one of ours here, and is answered and logged once.
 *
 * What a client did wrong stays a 4xx, whoever noticed it (schema, parser or router); what nobody can act on is
 * a 500 whose cause goes to the log alone.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { problemOf } from '../../base/lib/problem.ts'
import { type ErrorCode, type FieldError, PosternError } from '../../base/model/errors.ts'
import type { Logger } from '../../observability/log.ts'
import { isUnavailable } from '../../resources/store/database.ts'

/** A body with ten thousand mistakes gets the first of them. */
const MAX_FIELD_ERRORS = 32

export function answerProblem(log: Logger, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  // Who hangs up in the middle of a body: no fault of ours, and a reset that is not the database's.
  const known = error === request.raw.errored ? incomplete() : asPosternError(error)
  const problem = problemOf(known, request.id)
  if (problem.status >= 500) log.error({ err: error, correlationId: request.id }, 'a request failed')
  if (problem.status === 401) reply.header('www-authenticate', 'ApiKey realm="postern", header="x-internal-api-key"')
  // As bytes: for text the framework would add a charset that problem+json does not have.
  reply.code(problem.status).headers(problem.headers).send(Buffer.from(problem.body))
}

function incomplete(): PosternError {
  return new PosternError('REQUEST_TIMEOUT', 'The body did not arrive completely.')
}

/** @returns A PosternError when a caller can act on it; else the error as it was. */
export function asPosternError(error: unknown): unknown {
  if (error instanceof PosternError) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.flatMap(fieldErrorsOf).slice(0, MAX_FIELD_ERRORS)
    return new PosternError('VALIDATION_ERROR', 'The request does not have the shape this route expects.', { errors })
  }
  if (isFrameworkError(error)) {
    const [code, detail] = FRAMEWORK_ERRORS[error.code] ?? BY_STATUS[error.statusCode] ?? UNREADABLE
    return new PosternError(code, detail, { cause: error })
  }
  if (isUnavailable(error)) {
    return new PosternError('DEPENDENCY_UNAVAILABLE', 'The database does not answer at this moment.', { cause: error })
  }
  return error
}

type Answer = readonly [ErrorCode, string]

const UNREADABLE: Answer = ['VALIDATION_ERROR', 'The request could not be read.']

const FRAMEWORK_ERRORS: Readonly<Record<string, Answer>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['VALIDATION_ERROR', 'The body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['VALIDATION_ERROR', 'The body is empty; a JSON object was expected.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'VALIDATION_ERROR',
    'The body does not have the length that Content-Length says.',
  ],
  FST_ERR_BAD_URL: ['VALIDATION_ERROR', 'The path is not validly encoded.'],
}

const BY_STATUS: Readonly<Record<number, Answer>> = {
  404: ['NOT_FOUND', 'There is nothing at this address.'],
  408: ['REQUEST_TIMEOUT', 'The request did not arrive in time.'],
  413: ['PAYLOAD_TOO_LARGE', 'The body is larger than this route accepts.'],
  414: ['NOT_FOUND', 'There is nothing at this address.'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'Send a body of type application/json.'],
}

/** The router's and the parsers' own, which carry a status of the 400s; any other error with a status is none of theirs. */
function isFrameworkError(error: unknown): error is Error & { code: string; statusCode: number } {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return false
  const { code, statusCode } = error
  if (typeof code !== 'string' || typeof statusCode !== 'number') return false
  return code.startsWith('FST_') && statusCode >= 400 && statusCode < 500
}

interface Issue {
  readonly keyword: string
  readonly instancePath: string
  readonly message?: string | undefined
  readonly params: object
}

function fieldErrorsOf(issue: Issue): FieldError[] {
  const path = issue.instancePath
    .split('/')
    .filter((part) => part !== '')
    .join('.')
  const unknown = 'keys' in issue.params && Array.isArray(issue.params.keys) ? issue.params.keys : []
  if (issue.keyword === 'unrecognized_keys') {
    return unknown.map((key) => ({ path: path === '' ? String(key) : `${path}.${key}`, message: 'is not known here' }))
  }
  return [{ path, message: issue.message ?? 'is not valid' }]
}
