import { defineProvider } from '../definition.ts'

export const calendly = defineProvider({
  id: 'calendly',
  name: 'Calendly',
  category: 'scheduling',
  docs: 'https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures',
  schemes: [
    {
      family: 'hmac',
      name: 'v1',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: {
        header: 'Calendly-Webhook-Signature',
        parse: { kind: 'pairs', itemSeparator: ',', valueSeparator: '=', signatureKey: 'v1', timestampKey: 't' },
        encoding: 'hex',
      },
      signed: [{ templates: ['{ts}.{body}'] }],
      timestamp: { in: 'signature', unit: 's', toleranceSeconds: 180, toleranceDocumented: true },
    },
  ],
  keyForm:
    'The signing key, as text: given as `signing_key` with the subscription, or shown when the OAuth application was made.',
  setup: [
    'Make a personal access token or an OAuth application in Calendly’s developer settings.',
    'Make up a long random signing key and paste it here; with an OAuth application paste the key that it was given.',
    'Create the subscription: POST /webhook_subscriptions with the address of this integration as `url`, `events`, `organization`, `scope`, and `signing_key`.',
    'Book a test meeting and look for `invitee.created`.',
  ],
  rotation:
    'A subscription keeps its key. Create a second one with the new key and the same address, keep both keys active here, then delete the first. What arrives twice has one id.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The URI names the invitee, who is created once and cancelled once.
  event: {
    id: 'body:$.payload.uri + body:$.event',
    type: 'body:$.event',
    tenant: 'body:$.created_by',
    subject: 'body:$.payload.scheduled_event.uri | body:$.payload.uri',
    occurredAt: 'body:$.created_at',
  },
  delivery: { success: '2xx', retries: 'for 24 hours with growing pauses, then the subscription is disabled' },
  pitfalls: [
    'The window is three minutes: the receiver’s clock must be right.',
    'A subscription made without a signing key is not signed and is refused here.',
    'Moving a meeting sends `invitee.canceled` and `invitee.created`.',
  ],
  sample: {
    type: 'invitee.created',
    contentType: 'application/json',
    body: '{"created_at":"{{iso}}","created_by":"https://api.calendly.com/users/POSTERN","event":"{{type}}","payload":{"uri":"https://api.calendly.com/scheduled_events/EV1/invitees/{{id}}","email":"jon@example.com","name":"Jon Sample","status":"active","scheduled_event":{"uri":"https://api.calendly.com/scheduled_events/EV1","name":"15 Minute Meeting"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          [
            'Calendly-Webhook-Signature',
            't=1767225600,v1=0cdbe816c5c562719ccf68caac9ffb244de21aa184fdf0c8844296741644105d',
          ],
        ],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [
          [
            'Calendly-Webhook-Signature',
            't=1767225600,v1=3542a3e81a8e021f58d5adbcf6d7549eea89dac85fb8c8cb14b0226c015039b8',
          ],
        ],
        body: '{\n  "event": "invitee.created",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'calendly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'two signatures, the second is right',
        headers: [
          [
            'Calendly-Webhook-Signature',
            't=1767225600,v1=b55439cb2b1641ebacd01d2fe882e08631d949512c8846416302800559fb3f1a,v1=0cdbe816c5c562719ccf68caac9ffb244de21aa184fdf0c8844296741644105d',
          ],
        ],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          [
            'Calendly-Webhook-Signature',
            't=1767225600,v1=0cdbe816c5c562719ccf68caac9ffb244de21aa184fdf0c8844296741644105d',
          ],
        ],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225780,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          [
            'Calendly-Webhook-Signature',
            't=1767225600,v1=0cdbe816c5c562719ccf68caac9ffb244de21aa184fdf0c8844296741644105d',
          ],
        ],
        body: '{"event":"invitee.removed","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'signed with another key',
        headers: [
          [
            'Calendly-Webhook-Signature',
            't=1767225600,v1=b55439cb2b1641ebacd01d2fe882e08631d949512c8846416302800559fb3f1a',
          ],
        ],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          [
            'Calendly-Webhook-Signature',
            't=1767225601,v1=0cdbe816c5c562719ccf68caac9ffb244de21aa184fdf0c8844296741644105d',
          ],
        ],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/json']],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'an empty signature',
        headers: [['Calendly-Webhook-Signature', '']],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'another version with the right digest',
        headers: [
          [
            'Calendly-Webhook-Signature',
            't=1767225600,v0=0cdbe816c5c562719ccf68caac9ffb244de21aa184fdf0c8844296741644105d',
          ],
        ],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'the timestamp is missing',
        headers: [
          ['Calendly-Webhook-Signature', 'v1=0cdbe816c5c562719ccf68caac9ffb244de21aa184fdf0c8844296741644105d'],
        ],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'base64 in place of hex',
        headers: [['Calendly-Webhook-Signature', 't=1767225600,v1=DNvoFsXFYnGcz2jKrJ/7JE3iGqGE/fDIhEKWdBZEEF0=']],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'signed over the body alone',
        headers: [
          [
            'Calendly-Webhook-Signature',
            't=1767225600,v1=d1ba62a817bd3b30904c9182f42da6aa06c6486d6aca7a5fc740aeca6f0d11ce',
          ],
        ],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          [
            'Calendly-Webhook-Signature',
            't=1767225600,v1=0cdbe816c5c562719ccf68caac9ffb244de21aa184fdf0c8844296741644105d',
          ],
        ],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225781,
      },
      {
        why: 'one second too early',
        headers: [
          [
            'Calendly-Webhook-Signature',
            't=1767225600,v1=0cdbe816c5c562719ccf68caac9ffb244de21aa184fdf0c8844296741644105d',
          ],
        ],
        body: '{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/e1/invitees/i1"}}',
        key: 'calendly_test_signing_key',
        at: 1767225419,
      },
    ],
  },
})
