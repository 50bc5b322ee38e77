/** Faults that do not hide one another share a process: one start for many. */
import type { JOB_FAULTS, REST_FAULTS, SOCKET_FAULTS, STREAM_FAULTS, WEBHOOK_FAULTS } from './faults.ts'

type RestFault = keyof typeof REST_FAULTS | keyof typeof JOB_FAULTS | keyof typeof STREAM_FAULTS

export const WEBHOOK_SHARES: readonly (readonly (keyof typeof WEBHOOK_FAULTS)[])[] = [
  [
    'signature-optional',
    'prefix-compare',
    'overlong-compare',
    'empty-key',
    'weak-algorithm',
    'version-downgrade',
    'parsed-body',
    'lossy-utf8',
    'stale-accepted',
    'duplicate-headers',
    'any-content-type',
    'chunked-no-limit',
    'unknown-type',
    'object-from-body',
    'unsigned-dedupe',
    'id-conflict',
    'fetch-callback',
    'other-key',
    'retired-key',
  ],
  [
    'no-signature',
    'racy-dedupe',
    'malformed-500',
    'no-limit',
    'slow-body',
    'tenant-from-body',
    'callback-not-public',
    'open-redirect',
    'charset-500',
    'webhook-no-rate-limit',
  ],
  [
    'presence-only',
    'any-method',
    'no-freshness',
    'no-dedupe',
    'malformed-accepted',
    'fetch-callback-late',
    'raw-path-guard',
    'webhook-forged-sender',
  ],
  ['crash-on-missing-signature', 'future-accepted', 'always-200', 'stack-trace', 'one-key'],
]

export const REST_SHARES: readonly (readonly RestFault[])[] = [
  [
    'rest-bola',
    'rest-methods',
    'rest-pii',
    'cors-reflected',
    'no-rate-headers',
    'rest-no-rate-limit',
    'cookie-flags',
    'fingerprint',
    'job-status-owner',
    'job-cancel-owner',
    'job-result-owner',
    'job-callback-owner',
    'job-callback-target',
    'job-result-ttl',
    'job-role-change',
    'sse-unbound',
    'sse-query-token',
    'sse-cacheable',
    'sse-outlives-session',
  ],
  ['rest-no-auth', 'rest-forged-sender', 'job-no-auth', 'job-result-reuse', 'sse-no-auth'],
  ['job-result-shared', 'job-open-create'],
]

export const SOCKET_SHARES: readonly (readonly (keyof typeof SOCKET_FAULTS)[])[] = [
  [
    'ws-any-origin',
    'ws-query-token',
    'ws-object-swap',
    'ws-broadcast-leak',
    'ws-no-validation',
    'ws-no-size-limit',
    'ws-no-rate-limit',
    'ws-nonce-replay',
    'ws-outlives-session',
  ],
  ['ws-null-origin', 'ws-no-csrf', 'ws-room-join', 'ws-expired-accepted'],
  ['ws-no-auth'],
]
