import { defineProvider } from '../definition.ts'

export const mailgun = defineProvider({
  id: 'mailgun',
  name: 'Mailgun',
  category: 'email',
  docs: 'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha256',
      key: { decode: 'utf8' },
      signature: { body: '$.signature.signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body:$.signature.timestamp}{body:$.signature.token}'] }],
      timestamp: {
        in: { body: '$.signature.timestamp' },
        unit: 's',
        // A retry repeats the first attempt's time, for eight hours. The signed token, which is the identity, bars replays.
        toleranceSeconds: 29_100,
        toleranceDocumented: false,
      },
      weakness:
        'Only the timestamp and the token are signed, not the event: while they are fresh, one captured pair authenticates any body.',
    },
  ],
  keyForm: 'The HTTP webhook signing key of the account, whole. It is not the API key.',
  setup: [
    'Copy the HTTP webhook signing key: Settings, API security.',
    'Open Sending, Webhooks, choose the domain and add the receive URL for each event type that you want.',
    'Send a test from the same page and look for it among the events here.',
  ],
  rotation:
    'Regenerating the key at Mailgun replaces it at once. Read the new one, add it here beside the old one, and end the old one after the eight hours in which retries may still carry it.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The token is used once per event and a retry repeats it. Signed, it is the identity: the same token with another
  // body is no new event but a forgery.
  event: {
    id: 'body:$.event-data.id',
    type: 'body:$.event-data.event',
    tenant: 'body:$.event-data.domain.name',
    subject: 'body:$.event-data.message.headers.message-id',
    occurredAt: 'body:$.event-data.timestamp',
    dedupe: 'content',
  },
  delivery: { success: '200; 406 ends the retries', retries: 'over 8 hours' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'The event itself is not signed. The token must count once and the window must be short.',
    'A retry repeats timestamp and token of the first attempt for up to eight hours, so the window is that long; the token makes each event count once.',
    'No window is documented; eight hours and five minutes is ours.',
    'Legacy webhooks are forms with the three values at the top level. They are not read here.',
    'Events of subaccounts also carry a parent-signature; the one read here is made with the key of the account that sent the mail.',
  ],
  sample: {
    type: 'delivered',
    contentType: 'application/json',
    body: '{"signature":{"timestamp":"{{seconds}}","token":"{{id}}","signature":""},"event-data":{"id":"{{id}}","event":"{{type}}","timestamp":{{seconds}}.125,"recipient":"alice@example.com","domain":{"name":"mail.example.com"},"message":{"headers":{"message-id":"20260101000000.1@mail.example.com"}}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the three values in the JSON body',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"1767225600","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"69dd7b898063055554c78bc4196eded587c93e67635ca58842d76416f5de1bf4"},"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","event":"delivered"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, with text that a template must not expand',
        headers: [['Content-Type', 'application/json']],
        body: '{\n  "signature": {\n    "timestamp": "1767225600",\n    "token": "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0",\n    "signature": "69dd7b898063055554c78bc4196eded587c93e67635ca58842d76416f5de1bf4"\n  },\n  "event-data": {\n    "id": "CPgfbmQMTCKtHW6uIWtuVe",\n    "event": "$& {body} ü"\n  }\n}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'another event under the same pair: the signature does not cover it',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"1767225600","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"69dd7b898063055554c78bc4196eded587c93e67635ca58842d76416f5de1bf4"},"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","event":"failed"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"1767225600","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"69dd7b898063055554c78bc4196eded587c93e67635ca58842d76416f5de1bf4"},"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","event":"delivered"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'the token changed',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"1767225600","token":"a9ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"69dd7b898063055554c78bc4196eded587c93e67635ca58842d76416f5de1bf4"},"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","event":"delivered"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"1767225601","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"69dd7b898063055554c78bc4196eded587c93e67635ca58842d76416f5de1bf4"},"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","event":"delivered"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'signed with another key',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"1767225600","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"9f2e0e500ddaf9e19c8ecbefee18fc6051b3179d49a352010353949c84fb6afd"},"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","event":"delivered"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'no signature object',
        headers: [['Content-Type', 'application/json']],
        body: '{"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","event":"delivered"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'no token: the timestamp alone signed',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"1767225600","signature":"0dcb83654a9015aa321b36c6021419fb7dc0b416bd42546e522f6f9fc338bad7"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'the signature is a list',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"1767225600","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":["69dd7b898063055554c78bc4196eded587c93e67635ca58842d76416f5de1bf4"]}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'base64 in place of hex',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"1767225600","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"ad17iYBjBVVUx4vEGW7e1YfJPmdjXKWIQtdkFvXeG/Q="},"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","event":"delivered"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'SHA-1',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"1767225600","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"cf3798545de9d93ad42b1286387aae6edbd18c2e"},"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","event":"delivered"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'a digit moved from the timestamp to the token',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"176722560","token":"0a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"69dd7b898063055554c78bc4196eded587c93e67635ca58842d76416f5de1bf4"},"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","event":"delivered"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'the body is not JSON',
        headers: [['Content-Type', 'application/json']],
        body: 'not json',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"1767225600","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"69dd7b898063055554c78bc4196eded587c93e67635ca58842d76416f5de1bf4"},"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","event":"delivered"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [['Content-Type', 'application/json']],
        body: '{"signature":{"timestamp":"1767225600","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"69dd7b898063055554c78bc4196eded587c93e67635ca58842d76416f5de1bf4"},"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","event":"delivered"}}',
        key: 'mailgun_test_http_webhook_signing_key',
        at: 1767225299,
      },
    ],
  },
})
