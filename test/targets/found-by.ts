/** Which probe must find each fault, on every target that has it. */
import type { AGENT_FAULTS, JOB_FAULTS, REST_FAULTS, SOCKET_FAULTS, STREAM_FAULTS, WEBHOOK_FAULTS } from './faults.ts'

/**
 * `told`: no fault in itself, for this reason, so nobody may be accused of it; but what the target does must stand in the
 * record of that probe, in words that it does not use of the sound one.
 */
export type Finder = string | Told

export interface Told {
  readonly told: string
  readonly by: string
  readonly says: RegExp
}

export const WEBHOOK_FINDERS: Readonly<Record<keyof typeof WEBHOOK_FAULTS, Finder>> = {
  'no-signature': 'unsigned',
  'signature-optional': 'signed-header-missing',
  'crash-on-missing-signature': 'unsigned',
  'presence-only': 'wrong-key',
  'prefix-compare': 'signature-shape',
  'overlong-compare': 'signature-shape',
  'empty-key': 'empty-key',
  'weak-algorithm': 'wrong-algorithm',
  'version-downgrade': 'version-downgrade',
  'parsed-body': 'reordered-json',
  'lossy-utf8': 'invalid-utf8',
  'no-freshness': 'stale',
  'stale-accepted': 'stale',
  'future-accepted': 'future',
  'no-dedupe': 'exact-replay',
  'racy-dedupe': 'parallel-copies',
  'unsigned-dedupe': 'replay-new-id',
  'id-conflict': 'same-id-other-body',
  'duplicate-headers': 'duplicate-headers',
  'any-content-type': {
    told: 'the signature covers the bytes, whatever they are called',
    by: 'wrong-content-type',
    says: /^A genuine event as text\/plain was dealt with \(status 200\)/,
  },
  'malformed-500': 'odd-payload',
  'malformed-accepted': {
    told: 'what is thanked for and has no effect does no harm',
    by: 'odd-payload',
    says: /^A signed body that is no JSON was dealt with \(status 200\)/,
  },
  'no-limit': 'oversized-length',
  'chunked-no-limit': 'oversized-chunked',
  'slow-body': 'slow-body',
  'unknown-type': 'unknown-event-type',
  'tenant-from-body': 'other-tenant-ids',
  'object-from-body': 'sequential-ids',
  'fetch-callback': 'payload-url-fetch',
  'fetch-callback-late': 'payload-url-fetch',
  'callback-not-public': 'payload-url-forbidden',
  'open-redirect': 'payload-redirect',
  'any-method': 'methods',
  'always-200': {
    told: 'nothing that is refused has an effect, and the oracle sees that',
    by: 'wrong-key',
    says: /was answered 200 and had no effect/,
  },
  'stack-trace': 'odd-payload',
  'other-key': 'other-integration-key',
  'retired-key': 'rotation',
  'one-key': 'rotation',
  'raw-path-guard': 'route-variants',
  'charset-500': 'wrong-content-type',
  'webhook-no-rate-limit': 'burst',
  'webhook-forged-sender': 'burst',
}

export const SOCKET_FINDERS: Readonly<Record<keyof typeof SOCKET_FAULTS, Finder>> = {
  'ws-no-auth': 'socket-no-credential',
  'ws-expired-accepted': 'socket-expired-credential',
  'ws-any-origin': 'socket-foreign-origin',
  'ws-null-origin': 'socket-foreign-origin',
  'ws-no-csrf': 'socket-cookie-only',
  'ws-query-token': 'socket-query-token',
  'ws-object-swap': 'socket-object-swap',
  'ws-room-join': 'socket-room-join',
  'ws-broadcast-leak': 'socket-broadcast-leak',
  'ws-no-validation': 'socket-malformed-message',
  'ws-no-size-limit': 'socket-oversized-message',
  'ws-no-rate-limit': 'socket-message-flood',
  'ws-nonce-replay': 'socket-replayed-message',
  'ws-outlives-session': 'socket-logout',
}

export const STREAM_FINDERS: Readonly<Record<keyof typeof STREAM_FAULTS, Finder>> = {
  'sse-no-auth': 'stream-no-credential',
  'sse-unbound': 'stream-filter-binding',
  'sse-query-token': 'stream-query-token',
  'sse-cacheable': 'stream-cache-headers',
  'sse-any-page': 'stream-foreign-page',
  'sse-outlives-session': 'stream-logout',
}

export const REST_FINDERS: Readonly<Record<keyof typeof REST_FAULTS, Finder>> = {
  'rest-no-auth': 'rest-no-credential',
  'rest-bola': 'rest-other-identity',
  'rest-methods': 'rest-methods',
  'rest-pii': 'rest-exposure',
  'cors-reflected': 'rest-cors',
  'no-rate-headers': {
    told: 'a limit need not be told in headers',
    by: 'rest-exposure',
    says: /^No answer names a rate limit/,
  },
  'rest-no-rate-limit': 'rest-burst',
  'rest-forged-sender': 'rest-burst',
  'cookie-flags': 'rest-hardening',
  fingerprint: 'rest-hardening',
}

export const JOB_FINDERS: Readonly<Record<keyof typeof JOB_FAULTS, Finder>> = {
  'job-open-create': 'job-create',
  'job-no-auth': 'job-status',
  'job-status-owner': 'job-status',
  'job-cancel-owner': 'job-cancel',
  'job-result-owner': 'job-result',
  'job-callback-owner': 'job-callback-owner',
  'job-callback-target': 'job-callback',
  'job-result-ttl': 'job-result-expiry',
  'job-result-reuse': 'job-result-url',
  'job-result-shared': 'job-result-url',
  'job-role-change': 'job-role-change',
  'job-kept-on': 'job-kept',
}

export const AGENT_FINDERS: Readonly<Record<keyof typeof AGENT_FAULTS, Finder>> = {
  'agent-open': 'llm-no-credential',
  'agent-obeys': 'llm-injection',
  'agent-leaks-prompt': 'llm-leak',
  'agent-leaks-data': 'llm-leak',
  'agent-acts': 'llm-agency',
  'agent-unbounded': 'llm-cost',
}
