/** What `postern review --init` writes: a commented manifest that is complete as it stands, to be made true line by line. */

export function reviewInit(): string {
  return `# Evidence manifest for Postern: what is true about your back gates, one surface at a time.
#
# true, false, null, an empty list and a missing key are five different statements:
#   true     it is so (a number or a name may say how)
#   false    it is known not to be so            -> a finding
#   null, [] it is known that there is none      -> a finding
#   missing  nobody looked                       -> named as missing, never as a failure
# Any value may say where it holds and how you know:
#   per_message_authorization: { value: true, place: application, verification: test/socket/authz.test.ts }
# Places: application, gateway, platform. What only a gateway does counts once origin_bypass_blocked is true.
#
# Review it:  postern review ${STARTER_NAME}
# yaml-language-server: $schema=https://unpkg.com/postern/docs/schemas/manifest.schema.json
version: 1
surfaces:
  # A socket. Styles: rest, graphql, graphql-subscription, grpc, websocket, sse, webhook, callback, async-job,
  # export-url, llm-tool, operation, hybrid.
  - id: realtime
    style: websocket
    endpoint: wss://api.example.com/realtime
    inventory_source: websocket_route_table   # the artefact that proves it exists; null when there is none
    auth_session:
      authenticated_handshake: true
      cookie_backed_auth: true                # then the upgrade needs a cross-site token
      origin_allowlist: [https://app.example.com]
      csrf_token_required_on_upgrade: true
      session_revalidated_every_minutes: 15   # at most 60
      disconnect_on_logout: true
    authorization:
      per_message_authorization: true
      tenant_binding: true
    message_controls:
      schema_validation: true
      max_payload_bytes: 65536
      per_user_message_rate_limit: 100/min
      replay_nonce_required_for_mutations: true
    logging:
      connection_events: true
      authz_failures: true
      validation_failures: true
      payloads_redacted: true

  # A receiver of somebody's webhooks.
  - id: payments-webhook
    style: webhook
    endpoint: POST /webhooks/payments
    inventory_source: webhook_registry
    auth_session:
      sender_identity_bound: true
    integrity_freshness:
      verifies_signature_over_raw_body: true
      timestamp_tolerance_seconds: 300        # at most 600
      nonce_or_event_id_replay_cache: true
      idempotency_before_side_effects: true
      key_rotation_supported: true
    authorization:
      event_allowlist: [payment.succeeded, payment.failed]
      tenant_mapping_verified: true
    logging:
      signature_failures: true
      replay_rejects: true
      payloads_redacted: true

  # A job with a result.
  - id: exports
    style: async-job
    create_endpoint: POST /exports
    status_endpoint: GET /exports/{id}
    result_endpoint: GET /exports/{id}/result
    inventory_source: worker_manifest
    auth_session:
      create_requires_auth: true
    authorization:
      job_owner_bound_on_create: true
      status_owner_check: true
      result_owner_check: true
      worker_side_auth_context: propagated
    resource_controls:
      job_ttl_minutes: 60
      result_url_ttl_minutes: 5               # at most 60
      queue_limit_per_user: 3
      revoke_on_role_change: true
    logging:
      result_access_failures: true
      payloads_redacted: true

  # Public on purpose: say why, and that it changes nothing.
  - id: status-stream
    style: sse
    endpoint: https://status.example.com/events
    inventory_source: route_table
    public: true
    public_reason: The public status page; the same for everyone.
`
}

export const STARTER_NAME = 'postern.manifest.yaml'
