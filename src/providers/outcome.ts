/**
 * How verification ends. The reason of a refusal is for the private log and the metrics, never for the sender.
 */
import type { Coverage } from '../base/model/event.ts'
import type { Uuid } from '../base/model/ids.ts'
import type { Covers } from './compile.ts'
import type { RemoteNeed } from './remote.ts'

/** Every way verification can end badly; a closed list, so that dashboards and alerts can count them. */
export const REFUSALS = [
  'signature_missing',
  'signature_malformed',
  'signature_version_unknown',
  'signature_mismatch',
  'signature_stale',
  'signature_future',
  'too_many_signatures',
  'timestamp_missing',
  'timestamp_malformed',
  'id_missing',
  'id_malformed',
  'header_duplicated',
  'requirement_failed',
  'content_incomplete',
  'no_active_key',
  'algorithm_refused',
  'claim_missing',
  'claim_mismatch',
  'certificate_expired',
  'key_source_refused',
  'key_unknown',
  'key_unavailable',
  'confirmation_refused',
  'remote_pending',
] as const
export type Refusal = (typeof REFUSALS)[number]

export interface Refused {
  readonly ok: false
  readonly reason: Refusal
  /** With `remote_pending`: what must be asked of the provider before this request can be judged. */
  readonly need?: RemoteNeed
}

export interface Verified {
  readonly ok: true
  readonly scheme: string
  readonly keyId: Uuid
  readonly coverage: Coverage
  readonly covers: Covers
  /** Milliseconds since the epoch; absent when the scheme signs no time. */
  readonly signedAt?: number
  /** The id header inside the signed bytes. */
  readonly signedId?: string
  /** Of a JWT, once its signature and every check on it held. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** What was signed apart from time and id: the body alone, or the SHA-256 of something more (see identity.ts). */
  readonly content: 'body' | Buffer
}

export function refuse(reason: Refusal): Refused {
  return { ok: false, reason }
}

export function pending(need: RemoteNeed): Refused {
  return { ok: false, reason: 'remote_pending', need }
}
