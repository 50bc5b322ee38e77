/**
 * The structured log: one JSON line an entry on stderr, secrets removed before they are written.
 *
 * Bodies are never logged. `redact` is a second fence: callers are expected not to pass secrets at all.
 */
import pino from 'pino'

export type Logger = pino.Logger

const SECRET_FIELDS = [
  'secret',
  'password',
  'token',
  'authorization',
  'cookie',
  'apiKey',
  'key',
  'material',
  'signature',
]

export interface LogOptions {
  readonly level: string
  /** Where lines go; stderr when absent, so that stdout stays for what a command prints. */
  readonly destination?: pino.DestinationStream
}

export function createLogger(options: LogOptions): Logger {
  return pino(
    {
      level: options.level,
      base: { app: 'postern' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
      serializers: { err: serializeError },
    },
    options.destination ?? pino.destination(2),
  )
}

/** Keeps what helps to find the fault; drops driver fields that may quote row values (`detail`, `where`, `query`). */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: 'not an Error', type: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const cause = error.cause === undefined ? {} : { cause: serializeError(error.cause) }
  return { type: error.name, message: error.message, ...code, stack: error.stack, ...cause }
}
