/** Everything that can be wrong with a target, by the name it is switched on with. */

/** Of the webhook receiver. */
export const WEBHOOK_FAULTS = {
  'no-signature': 'nothing is verified',
  'signature-optional': 'no signature header, no check',
  'crash-on-missing-signature': 'a missing header reaches the comparison, which throws',
  'presence-only': 'any signature of the right form passes',
  'prefix-compare': 'compared up to the length of what was given',
  'overlong-compare': 'what follows the right signature is not looked at',
  'empty-key': 'a signature under the empty key passes',
  'weak-algorithm': 'SHA-1, MD5 and SHA-512 pass, too',
  'version-downgrade': 'a signature of another version counts',
  'parsed-body': 'the signature may fit the re-serialised JSON',
  'lossy-utf8': 'the signature may fit the body read as text',
  'no-freshness': 'the timestamp is signed and never compared',
  'stale-accepted': 'old timestamps pass',
  'future-accepted': 'timestamps of the future pass',
  'no-dedupe': 'each copy has its effect',
  'racy-dedupe': 'asked first and told later',
  'unsigned-dedupe': 'copies are told by an unsigned header',
  'id-conflict': 'the same id with another body is another event',
  'duplicate-headers': 'of two signature headers one need be right',
  'any-content-type': 'JSON under any content type',
  'malformed-500': 'what cannot be read ends in a 500',
  'malformed-accepted': 'what cannot be read is thanked for',
  'no-limit': 'a body of any size is read',
  'chunked-no-limit': 'only Content-Length is looked at',
  'slow-body': 'a body may take for ever',
  'unknown-type': 'any event type has an effect',
  'tenant-from-body': 'the account is the one the body names',
  'object-from-body': 'any customer the body names is changed',
  'fetch-callback': 'a URL of the body is fetched',
  'fetch-callback-late': 'a URL of the body is fetched a second later',
  'callback-not-public':
    'a URL of the body is fetched wherever it leads but to loopback, and what that comes to is told',
  'open-redirect': 'the answer redirects to a URL of the body',
  'any-method': 'by another method than POST nothing is verified',
  'always-200': 'refused or not, the answer is 200',
  'stack-trace': 'an error is answered with its trace',
  'other-key': 'the key of another account passes',
  'retired-key': 'a key that was replaced long ago passes',
  'one-key': 'there is one key at a time, so that a change loses events',
  'raw-path-guard': 'verified only at the address as it is usually written',
  'charset-500': 'an unknown charset ends in a 500',
  'webhook-no-rate-limit': 'any number of requests is looked at',
  'webhook-forged-sender': 'the limit counts for whom a header names',
} as const

/** Of plain HTTP around it. */
export const REST_FAULTS = {
  'rest-no-auth': 'orders are shown to anybody',
  'rest-bola': 'orders are shown to any account',
  'rest-methods': 'orders answer to TRACE, PUT and DELETE',
  'rest-pii': 'an order shows card, social security number and a key',
  'cors-reflected': 'any origin may read with credentials',
  'no-rate-headers': 'no limit is told',
  'rest-no-rate-limit': 'any number of requests is answered',
  'rest-forged-sender': 'the limit counts for whom a header names',
  'cookie-flags': 'the session cookie has no flags',
  fingerprint: 'the answer tells the software and its version',
} as const

/** Of export jobs. */
export const JOB_FAULTS = {
  'job-open-create': 'anybody creates a job',
  'job-no-auth': 'jobs are for anybody',
  'job-status-owner': 'the status is shown to any account',
  'job-cancel-owner': 'any account cancels',
  'job-result-owner': 'any account gets a result link',
  'job-callback-owner': 'any account sets the callback',
  'job-callback-target': 'a callback may lead anywhere',
  'job-result-ttl': 'a result link never ends',
  'job-result-reuse': 'a result link works twice',
  'job-result-shared': 'a result link works for anybody',
  'job-role-change': 'a lost role changes nothing',
  'job-kept-on': 'a finished job is never removed',
} as const

/** Of the event stream. */
export const STREAM_FAULTS = {
  'sse-no-auth': 'anybody may listen',
  'sse-unbound': 'the account is the one the query names',
  'sse-query-token': 'the token may stand in the URL',
  'sse-cacheable': 'caches may keep the stream',
  'sse-any-page': 'any page may read the stream with credentials',
  'sse-outlives-session': 'the stream goes on after the logout',
} as const

/** Of sockets, whatever they speak. */
export const SOCKET_FAULTS = {
  'ws-no-auth': 'anybody may connect',
  'ws-expired-accepted': 'an ended session may connect',
  'ws-any-origin': 'pages of any origin may connect with the cookie',
  'ws-null-origin': 'a sandboxed page may connect with the cookie',
  'ws-no-csrf': 'the cookie alone opens the socket from a page of ours',
  'ws-query-token': 'the token may stand in the URL',
  'ws-object-swap': 'orders of any account are read and paid',
  'ws-room-join': 'any room may be joined',
  'ws-broadcast-leak': 'what is said in a room reaches everybody',
  'ws-no-validation': 'what is no message is thanked for',
  'ws-no-size-limit': 'a message of any size is read',
  'ws-no-rate-limit': 'any number of messages is answered',
  'ws-nonce-replay': 'a nonce works twice',
  'ws-outlives-session': 'the socket lives on after the logout',
} as const

/** Of the stub agent. */
export const AGENT_FAULTS = {
  'agent-open': 'who signs nothing is answered, too',
  'agent-obeys': 'instructions inside the payload are followed',
  'agent-leaks-prompt': 'the system prompt is told to whoever asks',
  'agent-leaks-data': 'the answer carries personal data and a key',
  'agent-acts': 'tools are used that the event did not ask for',
  'agent-unbounded': 'one event may cause any number of model calls',
} as const

export type FaultName =
  | keyof typeof WEBHOOK_FAULTS
  | keyof typeof REST_FAULTS
  | keyof typeof JOB_FAULTS
  | keyof typeof STREAM_FAULTS
  | keyof typeof SOCKET_FAULTS
  | keyof typeof AGENT_FAULTS
