/** The published evidence gates, whose ids our controls carry as references; what each one asks for, in our words. */

export const GATES = {
  'API-RT-01': 'The surface is inventoried: style, route or event, owner and the artefact that proves it exists',
  'API-RT-02':
    'TLS, an authenticated handshake, an Origin allowlist and a cross-site defence when cookies authenticate',
  'API-RT-03':
    'A persistent session is re-validated, and ends with its token, at logout and at a change of role or tenant',
  'API-RT-04': 'Each message or action is authorised against owner, tenant, role and function',
  'API-RT-05': 'Messages are validated, capped in size and rate, and state-changing ones cannot be replayed',
  'API-RT-06':
    'A receiver verifies exact bytes, binds the sender, enforces freshness, refuses replays and is idempotent',
  'API-RT-07': 'Event allowlist, secret rotation, safe failure, payload validation and source-to-tenant mapping',
  'API-RT-08': 'Every step of a job is bound to principal, tenant and owner, and its result address is short-lived',
  'API-RT-09': 'Connections, refusals, replays and failures are logged, with sensitive content redacted',
  'API-REPLAY-01': 'A state-changing operation has an idempotency key, event id, nonce, version check or equivalent',
  'API-REPLAY-02': 'The key is bound to actor, tenant, operation, resource and payload',
  'API-REPLAY-03': 'The duplicate check is atomic across replicas, queues, retries and failover',
  'API-REPLAY-04': 'A retry yields the original result, a conflict or a refusal, never a second effect',
  'API-REPLAY-05': 'Event ids are tracked durably, so that a redelivered event is not handled twice',
  'API-REPLAY-06': 'The window for signature, timestamp or nonce is bounded and suits the risk',
  'API-REPLAY-07': 'Operations on balances, stock, quotas or approvals have proof of safety under concurrency',
  'API-REPLAY-08': 'Refused duplicates and retry storms are logged and alerted on',
  'API-CONTRACT-01': 'Routes are normalised the same way on both sides and both sides are inventoried',
  'API-CONTRACT-02': 'No route exists that the contract does not know',
  'API-CONTRACT-03': 'No operation stands in the contract that the code does not serve',
  'API-CONTRACT-04': 'Documented security equals implemented authentication',
  'API-CONTRACT-05': 'No operation overrides security with nothing, unless an allowlist gives the reason',
  'API-CONTRACT-06': 'No scheme is weaker than documented: optional, in the query, legacy or wider in scope',
  'API-CONTRACT-07': 'Every operation has a unique and stable operationId',
  'API-CONTRACT-08': 'Request and response schemas of sensitive fields match what is served',
  'API-CONTRACT-09': 'CI proves that drift is prevented',
  'API-CONTRACT-10': 'The severity of drift follows exposure',
  'WS-SCOPE-01': 'Every endpoint and event handler is in the inventory',
  'WS-AUTH-01': 'A channel that is not public is authenticated',
  'WS-AUTH-02': 'Identity and tenant come from the server, never from the client',
  'WS-AUTH-03': 'Tokens are checked for signature, expiry, audience and issuer',
  'WS-ORIGIN-01': 'No wildcard Origin on a socket that cookies authenticate',
  'WS-ORIGIN-02': 'Origin decisions do not rest on proxy headers that a client can set',
  'WS-ORIGIN-03': 'Privileged namespaces are not reachable publicly',
  'WS-ROOM-01': 'Joining a room is checked afresh',
  'WS-ROOM-02': 'A room id is never enough: the tenant is checked',
  'WS-ROOM-03': 'Leaving, disconnecting and reconnecting end a membership',
  'WS-EVENT-01': 'Privileged events check the role',
  'WS-EVENT-02': 'Object ids in events are checked against the sender',
  'WS-EVENT-03': 'A cheap event cannot start a costly action without limit',
  'WS-BCAST-01': 'Broadcasts stay in their tenant',
  'WS-BCAST-02': 'Fan-out workers keep the tenant’s scope',
  'WS-BCAST-03': 'Presence reveals nothing to strangers',
  'WS-SESSION-01': 'A socket does not outlive its token or logout',
  'WS-SESSION-02': 'A change of role takes effect on open sockets',
  'WS-SESSION-03': 'A reconnect restores only what is still allowed',
  'WS-AUDIT-01': 'Decisions on the socket can be audited',
  'WS-ABUSE-01': 'Rate, fan-out and payload are limited',
} as const

export type GateId = keyof typeof GATES

export function isGateId(text: string): text is GateId {
  return Object.hasOwn(GATES, text)
}
