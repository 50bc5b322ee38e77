/**
 * What went wrong on the way out, as an outcome an attempt can have. Details are codes, never messages of the
 * far side and never the address a name resolved to: they are shown to whoever owns the destination.
 */
import { errors } from 'undici'
import type { AttemptOutcome } from '../../base/model/event.ts'

export type OutboundOutcome = Extract<
  AttemptOutcome,
  | 'timeout'
  | 'connection_refused'
  | 'connection_reset'
  | 'dns_failed'
  | 'tls_failed'
  | 'address_blocked'
  | 'interrupted'
  | 'internal'
  | 'auth_failed'
  | 'broker_refused'
>

export class OutboundFailure extends Error {
  readonly outcome: OutboundOutcome
  readonly detail: string

  constructor(outcome: OutboundOutcome, detail: string, cause?: unknown) {
    super(`${outcome}: ${detail}`, cause === undefined ? undefined : { cause })
    this.name = 'OutboundFailure'
    this.outcome = outcome
    this.detail = detail
  }
}

const BY_CODE: Readonly<Record<string, OutboundOutcome>> = {
  ECONNREFUSED: 'connection_refused',
  // No way there: for whoever reads the attempt the same as nobody listening; the detail tells them apart.
  EHOSTUNREACH: 'connection_refused',
  ENETUNREACH: 'connection_refused',
  EACCES: 'connection_refused',
  EPERM: 'connection_refused',
  ECONNRESET: 'connection_reset',
  ECONNABORTED: 'connection_reset',
  EPIPE: 'connection_reset',
  UND_ERR_SOCKET: 'connection_reset',
  // The far side broke HTTP: what came before the break cannot be trusted as an answer.
  UND_ERR_HEADERS_OVERFLOW: 'connection_reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'connection_reset',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  // Ours: out of descriptors, ports or buffers.
  EMFILE: 'internal',
  ENFILE: 'internal',
  ENOBUFS: 'internal',
  EADDRNOTAVAIL: 'internal',
}

/** While connecting: over TLS, what is not a matter of the network is a matter of the handshake. */
export function connectFailure(error: unknown, protocol: string): OutboundFailure {
  if (error instanceof OutboundFailure) return error
  const code = codeOf(error)
  return new OutboundFailure(BY_CODE[code] ?? (protocol === 'https:' ? 'tls_failed' : 'internal'), code, error)
}

/** After connecting. */
export function exchangeFailure(error: unknown): OutboundFailure {
  if (error instanceof OutboundFailure) return error
  const code = codeOf(error)
  if (error instanceof errors.HTTPParserError) return new OutboundFailure('connection_reset', 'not_http', error)
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') return new OutboundFailure('tls_failed', code, error)
  return new OutboundFailure(BY_CODE[code] ?? 'internal', code, error)
}

/** The machine-readable part of any error; `unknown` when it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}
