/** What `postern scan --init-live` writes: a commented probe plan that is complete as it stands, to be made true. */

export const LIVE_STARTER_NAME = 'postern.probe.yaml'

export function liveInit(): string {
  return `# A probe plan for Postern: which of your live back gates are probed, and with what.
#
#   postern scan --live-config ${LIVE_STARTER_NAME} --dry-run    what would be sent; sends nothing
#   postern scan --live-config ${LIVE_STARTER_NAME}
#
# Secrets stand here by reference: env:NAME or file:PATH.
# yaml-language-server: $schema=https://unpkg.com/postern/docs/schemas/probe-plan.schema.json
version: 1

targets:
  # A webhook receiver. Postern signs as the provider does (\`postern providers list\`), so it can send what is
  # genuine, and what is wrong in exactly one way.
  - url: http://127.0.0.1:5000/webhooks/stripe
    provider: stripe
    secret: env:STRIPE_WEBHOOK_SECRET
    # public_url: https://hooks.example.com/webhooks/stripe   # where the address is part of what is signed
    # event:
    #   type: invoice.paid
    #   body_file: ./sample-event.json      # {{id}}, {{type}}, {{seconds}} and {{iso}} are filled in
    #   id: body:$.id                       # or header:X-Event-Id
    # url_fields: [$.data.object.receipt_url]
    # object_ids: [$.data.object.number]

    # What counts effects. Without one nobody can tell whether a second copy acted again. One of:
    oracle:
      status:
        url: http://127.0.0.1:5000/_effects?id={id}
        path: $.count                       # JSONPath; {id} is the event's id
        # headers: { Authorization: env:STATUS_TOKEN }
      # sink: { port: 9000 }                # the target delivers to http://127.0.0.1:9000/sink
      # hook: psql -Atc "select count(*) from orders where event_id = '$POSTERN_EVENT_ID'"

    # other_tenant:                         # a second tenant or integration: must not be reachable from this one
    #   secret: env:OTHER_WEBHOOK_SECRET
    #   fields: { $.account: acct_of_the_other }
    # rotation: { also: env:NEXT_SECRET, retired: env:OLD_SECRET }

  # A sender with a scheme of its own.
  # - url: http://127.0.0.1:5000/hooks/partner
  #   custom:
  #     family: hmac                        # or token, basic
  #     algorithm: sha256
  #     header: X-Partner-Signature
  #     prefix: sha256=
  #     signed: "{ts}.{body}"
  #     timestamp: { header: X-Partner-Timestamp, tolerance_seconds: 300 }
  #   secret: env:PARTNER_SECRET

  # A socket, and an event stream: docs/scan-live.md has the rest of the script.
  # - kind: socket
  #   url: ws://127.0.0.1:3000/ws
  #   protocol: json                        # or text, socket.io, graphql-transport-ws, graphql-ws
  #   identities:
  #     alice: { headers: { Authorization: env:ALICE }, tenant: a, values: { object: "1" } }
  #     bob: { headers: { Authorization: env:BOB }, tenant: b, values: { object: "2" } }
  #   messages:
  #     ask: { send: { type: read, id: "{{object}}" }, expect: { type: object, id: "{{object}}" } }
  # - kind: stream
  #   url: http://127.0.0.1:3000/events
  #   identities: { alice: { headers: { Authorization: env:ALICE } } }

# limits:
#   requests: 1000          # in all
#   per_second: 100
#   seconds: 120            # for the whole run
#   oversized_bytes: 12000000
#   parallel_copies: 50

# Targets that are not this machine need consent: serve the token that \`postern scan\` shows, or answer for it.
# consent:
#   token: env:POSTERN_CONSENT_TOKEN
#   authorized_by: "Ada Lovelace, quarterly test of our staging"
#   allow_cidrs: [10.20.0.0/16]

# callback_base: http://scanner.example.com:9100   # how targets elsewhere reach this machine's listener
# destructive: false        # whether PUT, PATCH, DELETE and cancelling may be tried
`
}
