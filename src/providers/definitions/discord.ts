import { defineProvider } from '../definition.ts'

export const discord = defineProvider({
  id: 'discord',
  name: 'Discord',
  category: 'communication',
  docs: 'https://docs.discord.com/developers/events/webhook-events',
  schemes: [
    {
      family: 'asymmetric',
      name: 'ed25519',
      algorithm: 'ed25519',
      key: { format: 'raw-hex' },
      signature: { header: 'X-Signature-Ed25519', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{ts}{body}'] }],
      timestamp: {
        in: { header: 'X-Signature-Timestamp' },
        unit: 's',
        toleranceSeconds: 300,
        toleranceDocumented: false,
      },
    },
  ],
  keyForm: 'The application’s public key, 64 hex digits.',
  setup: [
    'In the Discord Developer Portal open the application and copy its public key (64 hex digits) into the integration.',
    'Under Webhooks enter the receive path; Discord sends signed and badly signed pings, which are answered here.',
    'Switch on the events.',
  ],
  rotation:
    'The key belongs to the application and is changed only with it. Add the new key here before the address is moved to another application.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // Interactions have an id in the signed body. Webhook events have none: their body, which holds the event’s own
  // timestamp, is their identity.
  event: {
    id: 'body:$.id',
    type: 'body:$.event.type | body:$.type',
    tenant: 'body:$.application_id',
    subject: 'body:$.event.data.user.id | body:$.guild_id',
    occurredAt: 'body:$.event.timestamp',
  },
  handshakes: [
    {
      name: 'ping',
      when: { methods: ['POST'], match: { 'body:$.type': 0 } },
      signed: true,
      respond: { status: 204 },
    },
    {
      name: 'interaction-ping',
      // Type 1 is a ping among interactions and "an event" among webhook events, which alone name one.
      when: { methods: ['POST'], match: { 'body:$.type': 1, 'body:$.event.type': false } },
      signed: true,
      respond: { status: 200, json: { object: { type: { number: 1 } } } },
    },
  ],
  delivery: { success: '204 within 3 seconds', timeoutSeconds: 3, retries: 'growing pauses up to 10 minutes' },
  answers: { accepted: { status: 204 }, unauthorized: { status: 401 } },
  pitfalls: [
    'Discord sends requests with bad signatures on purpose and removes endpoints that do not answer 401.',
    'No window is documented; 300 seconds is ours.',
    'Type 1 is a ping for interactions and an event for webhook events.',
    'An interaction wants its reply in the answer; a gateway that only acknowledges suits webhook events.',
  ],
  sample: {
    type: 'APPLICATION_AUTHORIZED',
    contentType: 'application/json',
    body: '{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"{{type}}","timestamp":"{{iso}}","data":{"integration_type":1,"scopes":["applications.commands"],"user":{"id":"{{id}}","username":"postern"}}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'a webhook event',
        headers: [
          ['X-Signature-Timestamp', '1767225600'],
          [
            'X-Signature-Ed25519',
            '48e56a75b0cf8c72f3a48310535541e2f6b065f69de0bbbe2fab5113c4244c08f8ee27033dc3565383516e750e7bd593c064590fce9c645a8e108906d7d6b80b',
          ],
        ],
        body: '{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2026-01-01T00:00:00.000000","data":{"user":{"id":"42"}}}}',
        key: 'd5737f22ac55a5273344a7b45ba26d8abb7cf2fa1f077b4ce1d892af5ba0abe2',
        at: 1767225605,
      },
      {
        why: 'no clock, no window',
        headers: [
          ['X-Signature-Timestamp', '1767225600'],
          [
            'X-Signature-Ed25519',
            '48e56a75b0cf8c72f3a48310535541e2f6b065f69de0bbbe2fab5113c4244c08f8ee27033dc3565383516e750e7bd593c064590fce9c645a8e108906d7d6b80b',
          ],
        ],
        body: '{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2026-01-01T00:00:00.000000","data":{"user":{"id":"42"}}}}',
        key: 'd5737f22ac55a5273344a7b45ba26d8abb7cf2fa1f077b4ce1d892af5ba0abe2',
      },
      {
        why: 'hex in upper case',
        headers: [
          ['X-Signature-Timestamp', '1767225600'],
          [
            'X-Signature-Ed25519',
            '48E56A75B0CF8C72F3A48310535541E2F6B065F69DE0BBBE2FAB5113C4244C08F8EE27033DC3565383516E750E7BD593C064590FCE9C645A8E108906D7D6B80B',
          ],
        ],
        body: '{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2026-01-01T00:00:00.000000","data":{"user":{"id":"42"}}}}',
        key: 'd5737f22ac55a5273344a7b45ba26d8abb7cf2fa1f077b4ce1d892af5ba0abe2',
        at: 1767225605,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-Signature-Timestamp', '1767225600'],
          [
            'X-Signature-Ed25519',
            '48e56a75b0cf8c72f3a48310535541e2f6b065f69de0bbbe2fab5113c4244c08f8ee27033dc3565383516e750e7bd593c064590fce9c645a8e108906d7d6b80b',
          ],
        ],
        body: '{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2026-01-01T00:00:00.000000","data":{"user":{"id":"43"}}}}',
        key: 'd5737f22ac55a5273344a7b45ba26d8abb7cf2fa1f077b4ce1d892af5ba0abe2',
        at: 1767225605,
      },
      {
        why: '63 bytes of signature',
        headers: [
          ['X-Signature-Timestamp', '1767225600'],
          [
            'X-Signature-Ed25519',
            '48e56a75b0cf8c72f3a48310535541e2f6b065f69de0bbbe2fab5113c4244c08f8ee27033dc3565383516e750e7bd593c064590fce9c645a8e108906d7d6b8',
          ],
        ],
        body: '{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2026-01-01T00:00:00.000000","data":{"user":{"id":"42"}}}}',
        key: 'd5737f22ac55a5273344a7b45ba26d8abb7cf2fa1f077b4ce1d892af5ba0abe2',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [
          [
            'X-Signature-Ed25519',
            '48e56a75b0cf8c72f3a48310535541e2f6b065f69de0bbbe2fab5113c4244c08f8ee27033dc3565383516e750e7bd593c064590fce9c645a8e108906d7d6b80b',
          ],
        ],
        body: '{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2026-01-01T00:00:00.000000","data":{"user":{"id":"42"}}}}',
        key: 'd5737f22ac55a5273344a7b45ba26d8abb7cf2fa1f077b4ce1d892af5ba0abe2',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['X-Signature-Timestamp', '1767225601'],
          [
            'X-Signature-Ed25519',
            '48e56a75b0cf8c72f3a48310535541e2f6b065f69de0bbbe2fab5113c4244c08f8ee27033dc3565383516e750e7bd593c064590fce9c645a8e108906d7d6b80b',
          ],
        ],
        body: '{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2026-01-01T00:00:00.000000","data":{"user":{"id":"42"}}}}',
        key: 'd5737f22ac55a5273344a7b45ba26d8abb7cf2fa1f077b4ce1d892af5ba0abe2',
        at: 1767225605,
      },
      {
        why: 'algorithm confusion: HMAC keyed with the public key',
        headers: [
          ['X-Signature-Timestamp', '1767225600'],
          [
            'X-Signature-Ed25519',
            '223273fb29aa82838bc47d80eacb08a106b7607956991d6c7b258a1c69d2903fad88dcf13d30f6184776544384a4dec9b66e4e5e5c0b329d28a6aeae6370fc01',
          ],
        ],
        body: '{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2026-01-01T00:00:00.000000","data":{"user":{"id":"42"}}}}',
        key: 'd5737f22ac55a5273344a7b45ba26d8abb7cf2fa1f077b4ce1d892af5ba0abe2',
        at: 1767225605,
      },
      {
        why: 'a digit moved from the body into the timestamp',
        headers: [
          ['X-Signature-Timestamp', '17672256001'],
          [
            'X-Signature-Ed25519',
            '673c648d3fc1eacf4330f2ccecc8f5ae7994f0a158e04cd8505a231a808f34739167648bd05cb183a3b1fcfb5e7d979b689af31c83ef61250a6fbbf4e483b303',
          ],
        ],
        body: '{"type":2}',
        key: 'd5737f22ac55a5273344a7b45ba26d8abb7cf2fa1f077b4ce1d892af5ba0abe2',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['X-Signature-Timestamp', '1767225600'],
          [
            'X-Signature-Ed25519',
            '48e56a75b0cf8c72f3a48310535541e2f6b065f69de0bbbe2fab5113c4244c08f8ee27033dc3565383516e750e7bd593c064590fce9c645a8e108906d7d6b80b',
          ],
        ],
        body: '{"version":1,"application_id":"1234560123453231555","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2026-01-01T00:00:00.000000","data":{"user":{"id":"42"}}}}',
        key: 'd5737f22ac55a5273344a7b45ba26d8abb7cf2fa1f077b4ce1d892af5ba0abe2',
        at: 1767225901,
      },
    ],
  },
})
