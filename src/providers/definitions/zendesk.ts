import { defineProvider } from '../definition.ts'

export const zendesk = defineProvider({
  id: 'zendesk',
  name: 'Zendesk',
  category: 'support',
  docs: 'https://developer.zendesk.com/documentation/webhooks/verifying/',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      // Looks like base64 and is used as text.
      key: { decode: 'utf8' },
      signature: { header: 'X-Zendesk-Webhook-Signature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{ts}{body}'] }],
      timestamp: {
        in: { header: 'X-Zendesk-Webhook-Signature-Timestamp' },
        unit: 'iso8601',
        toleranceSeconds: 300,
        toleranceDocumented: false,
      },
    },
  ],
  keyForm: 'The signing secret of the webhook, as shown; it looks like base64 and is used as text.',
  setup: [
    'In the Admin Center open Apps and integrations, Webhooks, and create a webhook with the address of this integration, method POST and format JSON.',
    'Subscribe it to Zendesk events, or connect it to a trigger or automation.',
    'On the webhook’s page reveal the signing secret and paste it here.',
    'Send a test from the saved webhook. A test before saving is signed with a secret that everybody knows, and is refused.',
  ],
  rotation:
    'Resetting the secret takes effect at once and shows the new one. Create a second webhook and move the subscriptions over, or reset, paste the new secret here without delay, and leave the old one active until its last retries are in.',
  payload: [{ kind: 'json' }, { kind: 'form' }, { kind: 'opaque', contentTypes: ['application/xml', 'text/xml'] }],
  methods: ['POST', 'PUT'],
  // A trigger’s body is the operator’s own: its `id` is mostly a ticket’s. The invocation id is not signed.
  event: {
    id: 'header:X-Zendesk-Webhook-Invocation-Id | body:$.id',
    type: 'body:$.type',
    tenant: 'header:X-Zendesk-Account-Id | body:$.account_id',
    subject: 'body:$.subject | body:$.detail.id',
    occurredAt: 'body:$.time',
    dedupe: 'signed',
  },
  delivery: {
    success: '2xx',
    timeoutSeconds: 12,
    retries: '5 after a timeout, 3 after 409; after 429 and 503 as Retry-After says',
  },
  pitfalls: [
    'The secret looks like base64: decoding it first gives signatures that never match.',
    'Never configure the published test secret `dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==`: anybody can sign with it.',
    'The time is ISO 8601 text and signed as it stands, directly before the body. No window is documented; 300 seconds is ours.',
    'GET and DELETE webhooks have no body and so bring no event; choose POST or PUT.',
    'A trigger’s body may never change: events are told apart by the signed time, so a retry signed anew counts twice.',
  ],
  sample: {
    type: 'zen:event-type:ticket.created',
    contentType: 'application/json',
    headers: [['X-Zendesk-Account-Id', '123456']],
    body: '{"account_id":123456,"detail":{"id":"5158","subject":"Sample","status":"NEW"},"event":{},"id":"{{id}}","subject":"zen:ticket:5158","time":"{{iso}}","type":"{{type}}","zendesk_event_version":"2022-11-06"}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z'],
          ['X-Zendesk-Webhook-Signature', 'SGx+smOq8YA+HRObqJE7OzNmaJc3nY4gSIekSt8U7uE='],
        ],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a1"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225605,
      },
      {
        why: 'the exact bytes: line breaks, UTF-8, escapes and `$&`',
        headers: [
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z'],
          ['X-Zendesk-Webhook-Signature', 'u9VJUfvnzsdbKHBjfajDIBOqgkeVrmFl0JxbTetclo0='],
        ],
        body: '{\n  "id": "evt-2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225605,
      },
      {
        why: 'a body of another kind',
        headers: [
          ['Content-Type', 'application/xml'],
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z'],
          ['X-Zendesk-Webhook-Signature', 'JUn6ZwLtgVyF3WDjES4mn2Ps0wI8uCDjbo4vX4R8WjQ='],
        ],
        body: '<ticket><id>1</id></ticket>',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z'],
          ['X-Zendesk-Webhook-Signature', 'SGx+smOq8YA+HRObqJE7OzNmaJc3nY4gSIekSt8U7uE='],
        ],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a1"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z'],
          ['X-Zendesk-Webhook-Signature', 'SGx+smOq8YA+HRObqJE7OzNmaJc3nY4gSIekSt8U7uE='],
        ],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a2"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225605,
      },
      {
        why: 'signed with another key',
        headers: [
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z'],
          ['X-Zendesk-Webhook-Signature', 'Zo0UKBfxN5WuKweoBIaPrcDapL6KIyxjild+tL7VqGo='],
        ],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a1"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225605,
      },
      {
        why: 'the same instant in another spelling',
        headers: [
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00+00:00'],
          ['X-Zendesk-Webhook-Signature', 'SGx+smOq8YA+HRObqJE7OzNmaJc3nY4gSIekSt8U7uE='],
        ],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a1"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [['X-Zendesk-Webhook-Signature', 'SGx+smOq8YA+HRObqJE7OzNmaJc3nY4gSIekSt8U7uE=']],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a1"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z']],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a1"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225605,
      },
      {
        why: 'an empty signature',
        headers: [
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z'],
          ['X-Zendesk-Webhook-Signature', ''],
        ],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a1"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225605,
      },
      {
        why: 'the secret decoded from base64 first',
        headers: [
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z'],
          ['X-Zendesk-Webhook-Signature', 'edcE0ijYhbnBNrhNpEDyjn4U0paHEFi0NL6am1IH2WU='],
        ],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a1"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225605,
      },
      {
        why: 'the body before the timestamp',
        headers: [
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z'],
          ['X-Zendesk-Webhook-Signature', 'k4Tl4qahBli+mRg6Z9GjmX6QFNgFG4L6Co5DYrIe5EI='],
        ],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a1"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225605,
      },
      {
        why: 'hex in place of base64',
        headers: [
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z'],
          ['X-Zendesk-Webhook-Signature', '486c7eb263aaf1803e1d139ba8913b3b33666897379d8e204887a44adf14eee1'],
        ],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a1"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z'],
          ['X-Zendesk-Webhook-Signature', 'SGx+smOq8YA+HRObqJE7OzNmaJc3nY4gSIekSt8U7uE='],
        ],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a1"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['X-Zendesk-Webhook-Signature-Timestamp', '2026-01-01T00:00:00Z'],
          ['X-Zendesk-Webhook-Signature', 'SGx+smOq8YA+HRObqJE7OzNmaJc3nY4gSIekSt8U7uE='],
        ],
        body: '{"id":"evt-1","type":"zen:event-type:ticket.created","account_id":"a1"}',
        key: 'cG9zdGVybi16ZW5kZXNrLXRlc3Qtc2VjcmV0',
        at: 1767225299,
      },
    ],
  },
})
